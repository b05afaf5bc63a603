"""Is this text a copy of one already seen?

A text is sketched by the smallest hashes of its three-word runs, with every number masked, so that a reprint with
a changed number still counts as a copy. Two sketches estimate how much of two texts is the same; the few smallest
hashes are the keys under which the archive finds candidates, so nothing is ever compared with everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from zlib import crc32

from model import Article, KnownText

SKETCH_SIZE = 64  # estimates a share of common runs to about ±6 %
KEY_COUNT = 8  # two texts at COPY_SHARE have fewer than two of them in common once in thirty, nearer ones never
LEAST_RUNS = 12  # below this a text says too little to be called a copy
COPY_SHARE = 0.5  # wire copies lie at 0.6 and above, two reports of one event below 0.2
FIRST_COPIED = 3  # of the texts that one copies: a figure that none of these has is its own
VERBATIM_SHARE = 0.8  # a copy that is nearer than this need not be found again: its first will be
WINDOW = timedelta(days=14)  # a copy is printed within days

_SALT = crc32(b"tollwatch")
# A run's hash is a sum of its words' hashes, each times a number of its own, cut to 58 bits: faster than to hash the
# run's text, and as even. Runs come by their first word's bucket first, so that of a long text only those of the
# lowest buckets need be made.
_MIX, _MIX_AGAIN, _BITS = 0x9E3779B1, 0x85EBCA6B, 58
_MASK = (1 << _BITS) - 1
_BUCKETS = 3  # of which the first has enough runs of a text with as many words as are looked at
_SKETCHED = 320  # words of a text that are looked at, its first: a copy may be cut, and its end be another's
_WORDS_KEPT = 50_000  # of which the hash is remembered: most words of a text were in others


class _Hashes(dict[str, int]):
    """The hash of each word that was met; all numbers are one word."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        number = self[word] = crc32(("0" if word[0].isdigit() else word).encode(), _SALT)
        return number


_HASHES = _Hashes()


def _runs(text: str) -> Iterator[set[int]]:
    """The distinct hashes of a text's runs, bucket by bucket: every hash of one lies below those of the next."""
    first = [*map(_HASHES.__getitem__, text.lower().split(None, _SKETCHED)[:_SKETCHED])]
    second, third = first[1:], first[2:]
    for bucket in range(_BUCKETS):
        lowest = bucket << _BITS
        yield {
            lowest + ((a * _MIX + b * _MIX_AGAIN + c) & _MASK)
            for a, b, c in zip(first, second, third, strict=False)
            if a % _BUCKETS == bucket
        }


def sketch(article: Article) -> tuple[int, ...]:
    """The smallest distinct hashes of an article's runs, ascending; empty where it is too short to judge."""
    smallest: list[int] = []
    for runs in _runs(article.reading_text):
        smallest += sorted(runs)
        if len(smallest) >= SKETCH_SIZE:
            break
    return tuple(smallest[:SKETCH_SIZE]) if len(smallest) >= LEAST_RUNS else ()


def keys(sketched: Sequence[int]) -> tuple[int, ...]:
    """The keys under which a sketch is found again."""
    return tuple(sketched[:KEY_COUNT])


def share(a: Sequence[int], b: Sequence[int]) -> float:
    """An estimate of how much of two texts is the same, 0 to 1 (Jaccard, bottom-k)."""
    if not a or not b:
        return 0.0
    both = set(a).intersection(b)
    if not both:
        return 0.0
    smallest = [*dict.fromkeys(sorted((*a, *b)))][:SKETCH_SIZE]  # two rising runs are sorted at one go
    return len(both.intersection(smallest)) / len(smallest)


def copied_by(sketched: Sequence[int], candidates: Sequence[KnownText]) -> tuple[KnownText, ...]:
    """The first texts that this one copies, the earliest published first; none where it is an original."""
    copied = [known for known in candidates if share(sketched, known.sketch) >= COPY_SHARE]
    return tuple(sorted(copied, key=lambda known: (known.stated, known.url))[:FIRST_COPIED])


def is_verbatim(sketched: Sequence[int], copied: Sequence[KnownText]) -> bool:
    """Whether a text is so near the first that it copies that whatever copies it is found as a copy of that one."""
    return bool(copied) and share(sketched, copied[0].sketch) >= VERBATIM_SHARE

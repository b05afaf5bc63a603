"""Is this text a copy of one already seen?

A text is sketched by the smallest hashes of its three-word runs, with every number masked, so that a reprint with
a changed number still counts as a copy. Two sketches estimate how much of two texts is the same; the few smallest
hashes are the keys under which the archive finds candidates, so nothing is ever compared with everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from zlib import crc32

from model import Article, KnownText

SKETCH_SIZE = 64  # estimates a share of common runs to about ±6 %
KEY_COUNT = 12  # two texts with half their runs in common share none of 12 keys once in some thousand cases
LEAST_RUNS = 12  # below this a text says too little to be called a copy
COPY_SHARE = 0.5  # wire copies lie at 0.6 and above, two reports of one event below 0.2
WINDOW = timedelta(days=14)  # a copy is printed within days

_WORD = re.compile(r"\w+")
_SALT = crc32(b"tollwatch")


def _runs(text: str) -> Iterable[int]:
    words = ["0" if word[0].isdigit() else word for word in _WORD.findall(text.lower())]
    for i in range(len(words) - 2):
        yield crc32(f"{words[i]} {words[i + 1]} {words[i + 2]}".encode(), _SALT)


def sketch(article: Article) -> tuple[int, ...]:
    """The smallest distinct hashes of an article's runs, ascending; empty where it is too short to judge."""
    runs = set(_runs(article.reading_text))
    return tuple(sorted(runs)[:SKETCH_SIZE]) if len(runs) >= LEAST_RUNS else ()


def keys(sketched: Sequence[int]) -> tuple[int, ...]:
    """The keys under which a sketch is found again."""
    return tuple(sketched[:KEY_COUNT])


def share(a: Sequence[int], b: Sequence[int]) -> float:
    """An estimate of how much of two texts is the same, 0 to 1 (Jaccard, bottom-k)."""
    if not a or not b:
        return 0.0
    smallest = sorted({*a, *b})[:SKETCH_SIZE]
    both = set(a) & set(b)
    return sum(value in both for value in smallest) / len(smallest)


def copied_by(sketched: Sequence[int], candidates: Sequence[KnownText]) -> tuple[KnownText, ...]:
    """The texts that this one copies, the earliest published first; none where it is an original."""
    copied = [known for known in candidates if share(sketched, known.sketch) >= COPY_SHARE]
    return tuple(sorted(copied, key=lambda known: (known.stated, known.url)))

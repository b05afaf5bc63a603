"""What an edit changed: the sentences of two revisions side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’]?\s+|\n+")
_NUMBER = re.compile(r"\d[\d.,\u00a0\u202f]*")
_TEMPLATE = 6  # words that a sentence must have to be known again
_SAME = 0.8  # of two sentences' words, from which on they are one template
_ALIKE = 0.5  # of two sentences' words from which on one is the other, changed


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One sentence that was changed, struck (`new` is empty) or added (`old` is empty)."""

    old: str
    new: str


def masked(sentence: str) -> str:
    """A sentence without its numbers: what stays when only they are changed."""
    return _NUMBER.sub("0", sentence).strip()


def is_same_sentence(a: str, b: str) -> bool:
    """Whether two sentences are one template, whatever its numbers and the few words that an editor changed."""
    ours, theirs = (frozenset(masked(sentence).casefold().split()) for sentence in (a, b))
    return len(ours) >= _TEMPLATE and len(ours & theirs) >= _SAME * len(ours | theirs)


def edits(old: str, new: str) -> Iterator[Edit]:
    """The sentences in which two texts differ, in the order of the new one."""
    before, after = ([s for s in _SENTENCE_END.split(text) if s.strip()] for text in (old, new))
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _paired(before[a:b], after[c:d])


def _paired(struck: list[str], added: list[str]) -> Iterator[Edit]:
    left = list(struck)
    for sentence in added:
        best = max(left, key=lambda old: _alike(old, sentence), default="")
        if best and _alike(best, sentence) >= _ALIKE:
            left.remove(best)
            yield Edit(old=best, new=sentence)
        else:
            yield Edit(old="", new=sentence)
    yield from (Edit(old=sentence, new="") for sentence in left)


def _alike(a: str, b: str) -> float:
    return SequenceMatcher(None, masked(a).split(), masked(b).split(), autojunk=False).ratio()

"""What people type into a search box, as the full-text index takes it."""

from __future__ import annotations

import re
import unicodedata

from model import InputError

_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')
_MOST_TERMS, _LONGEST = 50, 2_000  # more is no question; the index would take minutes over it
_WORDS = ("L", "N", "Co")  # categories of what the index takes for words; all else parts them


def match(words: str) -> str | None:
    """The index's expression for texts that hold every word of `words`, every "phrase in quotes" and every prefix*.

    None where there is no word in it. Raises InputError where it is too long.
    """
    terms = [
        _quoted(phrase or word, prefix=word.endswith("*"))
        for phrase, word in _TERM.findall(words[: _LONGEST + 1])
        if _has_word(phrase or word)
    ]
    if len(words) > _LONGEST or len(terms) > _MOST_TERMS:
        what, remedy = "is too long to search for", f"give at most {_MOST_TERMS} words"
        raise InputError(where=f"{words[:20]} …", what=what, remedy=remedy)
    return " ".join(terms) or None


def _quoted(term: str, *, prefix: bool) -> str:
    """A term without any syntax of the index's own."""
    plain = "".join(letter if letter.isprintable() else " " for letter in term)
    return f'"{plain}"{"*" if prefix else ""}'


def _has_word(term: str) -> bool:
    return any(unicodedata.category(letter).startswith(_WORDS) for letter in term)

"""The languages that claims can be read in. A language is a data file; this module lists and loads them.

To add one: a data file beside en.toml with its sections and keys, a line in `REGISTRY`, its table in
extract/words.toml, and a corpus of sentences for the tests, which name whatever is missing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from extract.lexicon import Lexicon

# ISO 639-1 -> data file beside this module. A new language is a file and a line here.
REGISTRY = {"en": "en.toml", "fr": "fr.toml", "es": "es.toml"}
# A text is told by its function words: enough of them, in enough words to judge by. Of 124 real articles those in
# English have at least 27 % of theirs, in French 24 %, in Spanish 20 %, none 10 % of another's; short texts scatter.
SAMPLE = 4000
FEWEST_WORDS = 6
SHARE = 0.16

_WORD = re.compile(r"[^\W\d_]+")


def available() -> frozenset[str]:
    """The languages (ISO 639-1) whose claims can be read."""
    return frozenset(REGISTRY)


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of `language`; KeyError where there is none."""
    return Lexicon(tomllib.loads((Path(__file__).parent / REGISTRY[language]).read_text(encoding="utf-8")))


def guess(text: str) -> str | None:
    """The language of `text` among the available ones, by the share of function words; None where unsure."""
    found = shares(text, fewest=FEWEST_WORDS)
    best = max(found, key=lambda language: found[language], default=None)
    return best if best is not None and found[best] >= SHARE else None


def shares(text: str, *, fewest: int) -> dict[str, float]:
    """The share of each available language's function words in the beginning of `text`; none of too few words."""
    words = _WORD.findall(text[:SAMPLE].lower())
    if len(words) < fewest:
        return {}
    return {language: _share(lexicon(language).function_words, words) for language in REGISTRY}


def _share(known: frozenset[str], words: Sequence[str]) -> float:
    return sum(word in known for word in words) / len(words)

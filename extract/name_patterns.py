"""What is taken off the name of a source, or tells its parts apart: articles, titles, `spokesman for`, `X's count`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from extract.spelling import spelled, spelled_set

NOTHING = re.compile(r"(?!)")


class NamePatterns:
    """One language's patterns of names, made of the words in `[names]` and `[sources]` of its data file.

    The noun that heads a phrase stands last (`the army's spokesman`, `the police count`) or first (`le porte-parole de
    l'armée`, `el recuento de la policía`); what follows from that is here, and nowhere else.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        names, sources = data["names"], data["sources"]
        heads_first = bool(data["grammar"]["heads_first"])
        article, definite, this = (_before(names[key]) for key in ("articles", "definite", "this"))
        self.courtesy = re.compile(rf"^(?:{_either(names['courtesy'])})\.?\s+")
        self.article = re.compile(rf"^(?:{article})", re.IGNORECASE)
        self.definite = re.compile(rf"^(?:{definite})", re.IGNORECASE)
        self.indefinite = re.compile(rf"^(?:{article}|{this})")
        self.described = re.compile(rf"(?:{this})(.*)$")
        self.aside = re.compile(rf"(?:{definite})?[\w\s-]+?\s(?:{_before(names['heads_of'])})(.+)$")
        self.owned = tuple(f"{word} " for word in spelled_set(names["owners"]))
        self.based = _based(sources["based"], heads_first=heads_first)
        self.monitor = _monitor(sources["monitor_names"], heads_first=heads_first)
        self._offices(names, _either(sources["spokes"]), _either(sources["own_count"]), heads_first=heads_first)

    def _offices(self, names: Mapping[str, str], spokes: str, counts: str, *, heads_first: bool) -> None:
        """`spokesman for X`, `X's spokesman`; `X's count`, `the X count`, `le bilan de X`."""
        article, of, owner = _before(names["articles"]), _before(names["speaks_for"]), names["possessive"]
        spoken = rf"(?:{article})?\s*(?:[\w-]+\s+)?(?:{spokes})\s+(?:{of})(.+)$"
        self.spoken_for = re.compile(spoken, re.IGNORECASE)
        self.speaks = self.count_owner = self.count = self.count_of = NOTHING
        if heads_first:
            own = rf"(?:{article})?(?:\w+\s)?(?:{counts})\s(?:\w+\s)?(?:{of})(.+)$"
            self.count_of = re.compile(own, re.IGNORECASE)
            return
        self.count_of = re.compile(rf"(?:{article})(?:\w+\s)?(?:{counts})\s(?:{of})(?:{article})?(.+)$", re.IGNORECASE)
        self.speaks = re.compile(rf"(?:{article})?(.+?)(?:{owner})?\s+(?:{spokes})(?:,?\s+[A-Z].*)?$")
        self.count_owner = re.compile(rf"(.+){owner}\s(?:\w+\s){{0,2}}(?:{counts})$", re.IGNORECASE)
        self.count = re.compile(rf"(?:{article})?(.*?)(?:{owner})?\s*\b(?:{counts})\b", re.IGNORECASE)

    def bare(self, name: str) -> str:
        """`name` without its article."""
        return self.article.sub("", name)


def _longest_first(words: str) -> list[str]:
    return sorted(spelled_set(words), key=lambda word: (-len(word), word))


def _either(words: str) -> str:
    return "|".join(map(re.escape, _longest_first(words)))


def _before(words: str) -> str:
    """A pattern of one of `words` before a name: with space after it, save where an apostrophe binds it."""
    return "|".join(
        re.escape(word).replace("'", "[’']") + ("" if word.endswith("'") else r"\s+") for word in words.split("|")
    )


def _based(words: str, *, heads_first: bool) -> re.Pattern[str]:
    """`London-based`, `basée à Londres`: where a body is, which tells it from no other."""
    words = _either(words)
    return re.compile(rf"\s+(?:{words})\s.*$" if heads_first else rf"^.*?-\s?(?:{words})\s+")


def _monitor(words: str, *, heads_first: bool) -> re.Pattern[str]:
    """A name in which one of `words` says that the body watches and counts."""
    words = "|".join(map(re.escape, spelled(words)))  # the first that fits
    if heads_first:
        return re.compile(rf"\b(?:{words})(?:\s(?:\w{{1,3}}\s|\w[’'])*[^\W\d_a-zß-ÿ][\w’'-]+){{1,5}}")
    return re.compile(rf"(?:[A-Z][\w’'-]+\s){{1,5}}(?:{words})\b(?!\s[A-Z])")

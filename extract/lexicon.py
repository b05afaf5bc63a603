"""A language's data, made ready: phrases by their first word, each with tags, and the patterns of clause words.

A tag says what a phrase can be; its value says which. A phrase can have several.

    num, scale            a number word and its value            qual, qual_after      a qualifier and its class
    vague                 a vague word (its table entry)         increment             `another`, `more`
    harm.F, undergo.F     an outcome's verb in form F            state                 `dead`, `in hospital`: an outcome
    counted, whose, toll  an outcome's nouns                     person, modifier      a group of people
    thing, animal         what is not people                     unit, identifier      what makes a number no count
    month, weekday        the calendar                           word tags             `be`, `have`, `prep` … as named
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from extract.tokens import Token, tokenize

Tags = dict[str, Any]
FORMS = ("base", "s", "past", "part", "ing")
PLAIN: Tags = {}
# Sections whose keys are the values of one tag.
VALUED = {
    "vague": "vague",
    "vague_figures": "vague",
    "qualifiers": "qual",
    "qualifiers_after": "qual_after",
    "people": "person",
    "people_by_modifier": "modifier",
    "calendar": "month",
    "weekdays": "weekday",
    "units": "unit",
    "increment": "increment",
    "range": "range",
    "time": "time",
    "say": "say",
    "pronouns": "pronoun",
    "movement": "move",
}
CLAUSES = ("previous", "background", "part", "hedges", "traps")  # read as patterns over the sentence, not as tokens


class Lexicon:
    """What one language's data file says, by phrase. Read only."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.function_words = frozenset(data["function_words"].split("|"))
        self.abbreviations = frozenset(data["abbreviations"].split("|"))
        self.heads = frozenset(data["sources"]["heads"].split("|"))
        self.phrases: dict[str, list[tuple[tuple[str, ...], Tags]]] = {}
        self.triggers: set[str] = set()
        self.number_words: set[str] = set()
        self._fill()
        for phrases in self.phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))

    def pattern(self, section: str, key: str) -> re.Pattern[str]:
        """The phrases of `section.key` as one pattern over lower-case text."""
        phrases = sorted(self.data[section][key].split("|"), key=len, reverse=True)
        return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in phrases) + r")(?!\w)")

    def words(self, section: str, key: str) -> frozenset[str]:
        """The phrases of `section.key` as a set."""
        return frozenset(self.data[section][key].split("|"))

    def match(self, tokens: list[Token], at: int) -> tuple[int, Tags]:
        """How many tokens from `at` on are the longest known phrase (at least 1), and its tags."""
        for words, tags in self.phrases.get(tokens[at].low, ()):
            size = len(words)
            if size == 1 or tuple(token.low for token in tokens[at : at + size]) == words:
                return size, tags
        return 1, PLAIN

    def _fill(self) -> None:
        for section, key, tag, value in self._rows():
            for phrase in self.data[section][key].split("|"):
                self._add(phrase, tag, value)
        for outcome, words in self.data["outcome"].items():
            self._fill_outcome(outcome, words)
        for word, number in self.data["numbers"].items():
            self._add(word, "num", number)
        for word, number in self.data["scales"].items():
            self._add(word, "scale", number)
        self._fill_number_words()

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        for section, tag in VALUED.items():
            for key in self.data[section]:
                yield section, key, tag, key
        for key in self.data["words"]:
            yield "words", key, key, key
        yield "things", "nouns", "thing", "thing"
        yield "things", "animals", "thing", "animal"
        yield "things", "identifiers", "identifier", "identifier"
        yield "previous", "before", "older", "older"
        yield "total_words", "count", "total", "total"
        yield "say", "according", "according", "according"

    def _fill_outcome(self, outcome: str, words: Mapping[str, Any]) -> None:
        for kind in ("harm", "undergo"):
            for line in words[kind]:
                for form, phrase in zip(FORMS, line.split("|"), strict=True):
                    self._add(phrase, f"{kind}.{form}", outcome)
                    self._trigger(phrase)
        for kind in ("state", "counted", "of", "toll"):
            for phrase in words[kind].split("|"):
                self._add(phrase, "whose" if kind == "of" else kind, outcome)
                self._trigger(phrase)

    def _fill_number_words(self) -> None:
        for words, tags in (row for rows in self.phrases.values() for row in rows):
            if tags.keys() & {"num", "scale", "vague"}:
                self.number_words.update(word for word in words if word not in self.function_words)

    def _trigger(self, phrase: str) -> None:
        """The rarest word of an outcome's phrase, by length: a sentence without any of these states no outcome."""
        self.triggers.add(max((token.low for token in tokenize(phrase, 0, len(phrase))), key=len))

    def _add(self, phrase: str, tag: str, value: object) -> None:
        words = tuple(token.low for token in tokenize(phrase, 0, len(phrase)))
        rows = self.phrases.setdefault(words[0], [])
        tags = next((tags for known, tags in rows if known == words), None)
        if tags is None:
            tags = {}
            rows.append((words, tags))
        tags.setdefault(tag, value)

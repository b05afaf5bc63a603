"""The pieces of a sentence: words and known phrases, numbers with their bound, numbers with what they count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from model import Qualifier, Vague, Who

Tags = dict[str, Any]  # what extract/lexicon.py says of a phrase
PLAIN: Tags = {}


class NumberKind(StrEnum):
    """What a number is; only a COUNT can be a claim."""

    COUNT = "count"
    DATE = "date"
    CLOCK = "clock"
    AGE = "age"
    MONEY = "money"
    RATIO = "ratio"
    MEASURE = "measure"
    DURATION = "duration"
    ORDINAL = "ordinal"
    SCORE = "score"
    IDENTIFIER = "identifier"


@dataclass(slots=True, kw_only=True)
class Quantity:
    """A number as the words put it. `start`, `end`: the bare phrase; `low`, `high`: what the words assert."""

    start: int
    end: int
    low: int | None
    high: int | None
    qualifier: Qualifier = Qualifier.EXACT
    vague: Vague | None = None
    kind: NumberKind = NumberKind.COUNT
    increment: bool = False
    hedged: bool = False
    moved: bool = False  # its qualifier is a toll's verb (`topped 40`)


class Noun(StrEnum):
    """What stands after a number."""

    PERSON = "person"
    COUNTED = "counted"  # deaths, bodies, injuries: the noun has the outcome
    BARE = "bare"
    UNKNOWN = "unknown"  # a noun that no list knows
    THING = "thing"


@dataclass(slots=True, kw_only=True)
class Count:
    """A number with what it counts: the noun phrase that a claim is read from."""

    quantity: Quantity
    noun: Noun = Noun.BARE
    who: Who | None = None
    who_text: str = ""
    outcome: str | None = None  # that its own noun or adjective gives (`31 dead servicemen`, `12 deaths`)
    partitive: bool = False  # `of them`, `of the 48 dead`
    of_them: bool = False  # of those counted before (`of them`, `of the dead`), not of a noun of its own
    other: bool = False  # `nine others`
    all: bool = False


@dataclass(slots=True)
class Unit:
    """One word or known phrase of a sentence, with its tags; a number with its modifiers is one unit."""

    text: str
    low: str
    start: int
    end: int
    tags: Tags
    glued: bool = False
    digits: bool = False
    quantity: Quantity | None = None
    count: Count | None = None

    @property
    def group(self) -> str | None:
        """The group of people that it names as a noun or a modifier (`people` where neutral), None where none."""
        return self.tags.get("person") or self.tags.get("modifier")

    def has(self, *tags: str) -> bool:
        """Whether it has one of `tags`."""
        own = self.tags
        if own:  # most words have none, and for the few tags that are asked for a loop is quicker than a set
            for tag in tags:
                if tag in own:
                    return True
        return False


QUOTES = "“”\"'‘’«»"
END = Unit("", "\0", -1, -1, PLAIN)

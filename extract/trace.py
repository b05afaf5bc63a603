"""What the reader did with a text, sentence by sentence: kept only where somebody asks why (`explain.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from extract.attribution import Frame
from extract.clause_view import Found, View
from extract.units import Unit


class Passed(StrEnum):
    """Why the reader took no claim from a sentence, or from a whole line."""

    NO_NUMBER = "the sentence has no word of a number that is looked for"
    NO_OUTCOME = "no word of an outcome in its sentence"
    QUESTION = "the sentence is a question"
    FICTION = "the sentence speaks of no real event"
    NO_COUNT = "no number of the sentence is a count"
    TABLE = "the sentence has too many counts to be prose"
    NOTHING_BOUND = "no number of the sentence has an outcome"


@dataclass(slots=True, kw_only=True)
class Evidence:
    """What a claim was read from: the unit `units[at]`, its outcome, who says so."""

    units: list[Unit]
    at: int
    found: Found
    frame: Frame | None


@dataclass(slots=True)
class Trace:
    """The record of one reading."""

    passed: dict[int, tuple[int, Passed]] = field(default_factory=dict)  # start of a sentence or line: its end, and why
    rows: dict[int, int] = field(default_factory=dict)  # start of a table's row: its end
    judged: dict[int, View] = field(default_factory=dict)  # start of a sentence: its counts with what was found
    evidence: dict[int, Evidence] = field(default_factory=dict)  # start of a claim's number
    scopes: dict[int, str] = field(default_factory=dict)  # start of a claim's number: why it has its scope

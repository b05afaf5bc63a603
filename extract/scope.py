"""What a figure covers and how it moved: total, increment, part, previous or background; the cue, the hedge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from extract.languages import lexicon
from extract.outcomes import Found
from extract.units import Count, NumberKind, Unit
from model import Cue, Scope, Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """The words around one count: the part of the sentence between strong breaks, and the place of the count in it."""

    text: str  # lower case
    at: int  # offset of the count in `text`
    units: list[Unit]
    first: int  # the clause's units are units[first:stop]
    stop: int
    place: int  # the count's unit


@cache
def _pattern(language: str, section: str, key: str) -> re.Pattern[str]:
    return lexicon(language).pattern(section, key)


def clause_of(text: str, units: list[Unit], place: int) -> Clause:
    """The clause of the count at `place`: to the nearest semicolon or bar on either side."""
    first, stop = place, place + 1
    while first > 0 and units[first - 1].low not in (";", "|"):
        first -= 1
    while stop < len(units) and units[stop].low not in (";", "|"):
        stop += 1
    begin, end = units[first].start, units[stop - 1].end
    low = text[begin:end].lower().replace("’", "'")
    return Clause(text=low, at=units[place].start - begin, units=units, first=first, stop=stop, place=place)


def scope_of(clause: Clause, found: Found, count: Count, published: datetime | None, language: str) -> Scope:
    """The scope of the count at `clause.place`."""
    if found.previous:
        return Scope.PREVIOUS
    if _is_background(clause, published, language):
        return Scope.BACKGROUND
    if _pattern(language, "previous", "clause").search(clause.text[: clause.at]) and found.rule != "noun-total":
        return Scope.PREVIOUS
    if found.increment or (count.quantity.increment and not count.other and not _other_group(clause, count, language)):
        return Scope.INCREMENT
    if found.part or _is_part(clause, language):
        return Scope.PART
    return Scope.TOTAL


def _other_group(clause: Clause, count: Count, language: str) -> bool:
    """`an additional 231 security personnel` beside civilians is a total of that group."""
    return count.who not in (None, Who.PEOPLE, Who.CIVILIANS) and bool(
        _pattern(language, "scope_words", "also").search(clause.text)
    )


def _is_background(clause: Clause, published: datetime | None, language: str) -> bool:
    if _pattern(language, "background", "clause").search(clause.text):
        return True
    for at in range(clause.first, clause.stop):
        quantity = clause.units[at].quantity
        if quantity is None or quantity.kind is not NumberKind.DATE or (quantity.low or 0) < 1000:
            continue
        year = quantity.low or 0
        if published is None or year < published.year:
            return True
    return False


def _is_part(clause: Clause, language: str) -> bool:
    return bool(_pattern(language, "part", "clause").search(clause.text))


def cue_of(clause: Clause, scope: Scope, language: str) -> Cue:
    """What the words say of the number's movement."""
    if scope in (Scope.PREVIOUS, Scope.BACKGROUND):
        withdrawn = _pattern(language, "movement", "withdrawn").search(clause.text)
        return Cue.WITHDRAWN if withdrawn else Cue.NONE
    for cue in (Cue.LOWERED, Cue.CORRECTED, Cue.RAISED, Cue.NEWER):
        if _pattern(language, "movement", cue.value).search(clause.text):
            return cue
    return Cue.NONE


def is_hedged(clause: Clause, language: str) -> bool:
    """Whether the clause doubts its number."""
    return bool(_pattern(language, "hedges", "clause").search(clause.text))

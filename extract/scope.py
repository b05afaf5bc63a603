"""What a figure covers and how it moved: total, increment, part, previous or background; the cue, the hedge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import NamedTuple

from extract.languages import lexicon
from extract.lexicon import Lexicon
from extract.outcomes import Found
from extract.units import Count, Noun, NumberKind, Unit
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


STRONG = (";", "|")
YEAR_NEAR = 12  # words after a conjunction in which a year still dates what is before it
SINCE_NEAR = 18  # words from a count to the end of a clause that says since when it runs
BEFORE_NAME = 5  # words from `in` to the name of the place (`in the northern port city of Osk`)
OPENING = 6  # units in which a sentence's place stands before its comma
ANTECEDENT = (
    4  # words before a conjunction that a relative clause after it still hangs on (`came a week after a raid that`)
)


class Ruling(NamedTuple):
    """A scope, and in a few words why."""

    scope: Scope
    why: str


YEAR = re.compile(r"(?<![\d,.])(?:19|20)\d\d(?![\d,])")


class Present:
    """The year that a text speaks in: its publication's, else the latest that it names, and then not `known`."""

    def __init__(self, text: str, published: datetime | None) -> None:
        self.text = text
        self.published = published
        self.known = published is not None

    @cached_property
    def year(self) -> int:
        """The year, 0 where the text names none."""
        if self.published is not None:
            return self.published.year
        return max(map(int, YEAR.findall(self.text)), default=0)


@cache
def _pattern(language: str, section: str, key: str) -> re.Pattern[str]:
    return lexicon(language).pattern(section, key)


def clause_of(text: str, units: list[Unit], place: int, verb: int, language: str) -> Clause:
    """The clause of the count at `place`, between breaks, with what a relative clause hangs on.

    `verb`: what licenses the count; `the 116 who died in 1936` has its verb in a clause that is its own.
    """
    words = lexicon(language)
    first, stop = _left_end(units, place, words), place + 1
    own = place + 1 if verb > place else -1
    while stop < len(units) and (stop == own or not _ends_clause(units, stop, words)):
        stop += 1
    begin, end = units[first].start, units[stop - 1].end
    low = text[begin:end].lower().replace("’", "'")
    return Clause(text=low, at=units[place].start - begin, units=units, first=first, stop=stop, place=place)


def _left_end(units: list[Unit], place: int, words: Lexicon) -> int:
    grammar, breakers = words.grammar, words.words("words", "breaker")
    first, relative = place, False
    while first > 0:
        unit = units[first - 1]
        if unit.low in STRONG:
            break
        if unit.low in grammar.relative and first > 1 and units[first - 2].low == ",":
            relative, first = True, first - 1
            continue
        if unit.low in breakers and not _hangs_on(units, first - 2, place, grammar.ing):
            return max(0, first - ANTECEDENT) if relative else first
        if unit.low == "," and _is_ing(units[first], words) and units[first].has("move"):
            return first  # `…, bringing the total to 40`
        relative = relative or (unit.has("who") and not (first > 1 and units[first - 2].has("say")))
        first -= 1
    return first


def _hangs_on(units: list[Unit], at: int, place: int, ing: tuple[str, ...]) -> bool:
    """Whether the word before a conjunction makes what follows another event's: `a day after`, `the war erupted when`.

    A count behind a comma is the main clause's again: `three days after the dam broke, 12 are missing`.
    """
    if at < 0:
        return False
    for unit, after in zip(units[at:place], units[at + 1 : place + 1], strict=True):
        if unit.low == "," and not (after.low.endswith(ing) or after.has("where")):
            return False
    return units[at].tags.get("unit") == "duration" or units[at].has("erupt")


def _is_year(unit: Unit) -> bool:
    quantity = unit.quantity
    return quantity is not None and quantity.kind is NumberKind.DATE and (quantity.low or 0) >= 1000


def _ends_clause(units: list[Unit], at: int, words: Lexicon) -> bool:
    breakers = words.words("words", "breaker")
    unit = units[at]
    near = units[at + 1 : at + YEAR_NEAR]
    if unit.low in breakers and any(_is_year(unit) or (unit.has("month") and unit.text[:1].isupper()) for unit in near):
        return False  # `killed 200 people after a cyclone in 2016`
    if unit.low in STRONG or unit.low in breakers or unit.has("who", "where"):
        return True
    after = units[at + 1] if at + 1 < len(units) else unit
    return unit.low == "," and _is_ing(after, words) and not after.has("subset")


def _is_ing(unit: Unit, words: Lexicon) -> bool:
    """Whether a participle begins there: `bringing`, `taking the`."""
    return unit.low.split(maxsplit=1)[0].endswith(words.grammar.ing)


def scope_of(
    clause: Clause, found: Found, count: Count, present: Present, language: str, *, contrasted: bool
) -> Ruling:
    """The scope of the count at `clause.place`; `contrasted`: the count before it is of another outcome."""
    if found.previous:
        return Ruling(Scope.PREVIOUS, "its rule reads an older figure")
    if (cue := _background_cue(clause, found, present, language)) is not None:
        return Ruling(Scope.BACKGROUND, f"“{cue}” makes it another event's")
    if (cue := _previous_cue(clause, language)) is not None:
        return Ruling(Scope.PREVIOUS, f"“{cue}” makes it an older figure")
    if found.increment or _is_increment(clause, found, count, language, contrasted=contrasted):
        return Ruling(Scope.INCREMENT, "it is added to those counted before")
    if found.part:
        return Ruling(Scope.PART, "it has a place, a day or a severity of its own")
    if (cue := _part_cue(clause, found, language)) is not None:
        return Ruling(Scope.PART, f"“{cue}” leaves out others")
    return Ruling(Scope.TOTAL, "nothing says that it covers less than the whole")


def _previous_cue(clause: Clause, language: str) -> str | None:
    """The words before the count, with no other count between, that call it an earlier one."""
    begin = clause.units[clause.first].start
    last = max(
        (unit.end - begin for unit in clause.units[clause.first : clause.place] if _counts_people(unit)), default=0
    )
    match = _pattern(language, "previous", "clause").search(clause.text, last, clause.at)
    return match and match.group()


def _counts_people(unit: Unit) -> bool:
    return unit.count is not None and unit.count.noun not in (Noun.UNKNOWN, Noun.THING)


def _is_increment(clause: Clause, found: Found, count: Count, language: str, *, contrasted: bool) -> bool:
    """`another 12` of the same; `wounding another nine` after the killed, or of another group, is none."""
    if (
        found.outcome == "killed"
        and count.partitive
        and _pattern(language, "words", "hurt_before").search(clause.units[clause.place].text.lower())
    ):
        return True
    if not count.quantity.increment or count.other or contrasted:
        return False
    return not _other_group(clause, count, language)


def _other_group(clause: Clause, count: Count, language: str) -> bool:
    """`an additional 231 security personnel` beside civilians is a total of that group."""
    return count.who not in (None, Who.PEOPLE, Who.CIVILIANS) and bool(
        _pattern(language, "scope_words", "also").search(clause.text)
    )


def _background_cue(clause: Clause, found: Found, present: Present, language: str) -> str | None:
    """The words or the year that make the count another event's."""
    cue = _cue_on(clause, "clause", language)
    if cue is not None and not _began(clause, found, language):
        return cue
    cue = _long_cue(clause, found, language)
    if cue is not None:
        return cue
    places = range(clause.first, clause.stop)
    year = next((clause.units[at] for at in places if _is_past_year(clause, at, present)), None)
    if year is None or year.start - clause.units[clause.first].start >= _compared_from(clause, language):
        return None
    return year.text


def _compared_from(clause: Clause, language: str) -> int:
    """The offset where the clause measures this count on others: `…, in the deadliest such raid since 2021`."""
    worst = _pattern(language, "background", "worst").search(clause.text, clause.at)
    return worst.start() if worst is not None else len(clause.text)


def _long_cue(clause: Clause, found: Found, language: str) -> str | None:
    """The words by which the count runs over a war or a year: no toll of one event."""
    if found.rule.startswith("toll"):
        return None
    since = _since_long(clause, lexicon(language))
    return since or _year_cue(clause, language) or _cue_on(clause, "cumulative", language)


def _since_long(clause: Clause, words: Lexicon) -> str | None:
    """`the deaths of 12,870 civilians since it invaded three years ago`: what the count has run for, after it."""
    opened = ""
    for unit in clause.units[clause.place + 1 : clause.place + 1 + SINCE_NEAR]:
        if unit.low in (",", *STRONG) or (unit.count is not None and unit.count.noun is not Noun.BARE):
            return None
        if opened and unit.has("long_ago"):
            return f"{opened} … {unit.low}"
        opened = unit.low if unit.low in words.words("words", "since") else opened
    return None


def _year_cue(clause: Clause, language: str) -> str | None:
    """`killed 40 people this year`; but not `hurt 40 in this year's run`."""
    after = _pattern(language, "background", "after").search(clause.text, clause.at)
    if after is None or clause.text.startswith("'", after.end()) or _count_between(clause, after.start()):
        return None
    if after.start() >= _compared_from(clause, language):
        return None  # `killing 23, in the worst attack this year`
    return after.group()


def _began(clause: Clause, found: Found, language: str) -> bool:
    """`the number killed since the protests began two weeks ago`: a toll's own beginning makes it no other event's."""
    since = clause.text.find(f" {lexicon(language).data['words']['since']} ", clause.at)
    if since < 0:
        return False
    return not _pattern(language, "background", "clause").search(clause.text, 0, since)


def _cue_on(clause: Clause, kind: str, language: str) -> str | None:
    """The cue of this kind that is about this count: before it, or after it with no other count between.

    The first match decides: a count that stands before it stands before all later ones.
    """
    match = _pattern(language, "background", kind).search(clause.text)
    if match is None or match.end() > _compared_from(clause, language):
        return None
    own = match.start() < clause.at or not _other_between(clause, match.start(), shares=False)
    return match.group() if own else None


def _other_between(clause: Clause, offset: int, *, shares: bool = True) -> bool:
    """Whether another count, be it a share of this one, stands after a comma between it and the cue at `offset`."""
    begin = clause.units[clause.first].start
    comma = False
    for unit in clause.units[clause.place + 1 : clause.stop]:
        if unit.start - begin >= offset:
            return False
        comma = comma or unit.low == "," or unit.has("from")  # `fell to 98 from 121 a week earlier`
        if unit.count is not None and comma and (shares or not unit.count.of_them):
            return True
    return False


def _is_past_year(clause: Clause, at: int, present: Present) -> bool:
    """Whether the date at `at` is a year before the text's own; of an undated text, one that no day stands before."""
    quantity = clause.units[at].quantity
    if quantity is None or not _is_year(clause.units[at]):
        return False
    place = at - 1 - (at > 0 and clause.units[at - 1].low == ",")  # `June 9, 2025`
    before = clause.units[place] if place >= 0 else None
    dated = before is not None and (before.has("month") or before.quantity is not None)
    return (quantity.low or 0) < present.year or (not present.known and not dated)


def _part_cue(clause: Clause, found: Found, language: str) -> str | None:
    """The clause's window; one before another count is no window of the toll that this one brings."""
    windows = list(_pattern(language, "part", "clause").finditer(clause.text))
    first = _first_count(clause)
    if found.rule.startswith("toll"):
        windows = [window for window in windows if first == clause.at or window.start() > clause.at]
    if _opens_main_clause(clause):
        windows = [window for window in windows if window.start() > clause.at]
    near = (window for window in windows if window.start() < clause.at or not _other_between(clause, window.start()))
    window = next(near, None)
    return window.group() if window is not None else loose_part_cue(clause, language)


def _opens_main_clause(clause: Clause) -> bool:
    """`died when it burned in the early hours, and two are in hospital`: what stands before is another clause's."""
    units, place = clause.units, clause.place
    return clause.first > 0 and place > 1 and units[place - 1].has("and") and units[place - 2].low == ","


def _first_count(clause: Clause) -> int:
    """The offset of the clause's first count of people."""
    begin = clause.units[clause.first].start
    counts = (unit.start - begin for unit in clause.units[clause.first : clause.place + 1] if _counts_people(unit))
    return next(counts, clause.at)


def is_loose(clause: Clause, language: str) -> bool:
    """Whether the clause's window is one that can be the time of the whole: `overnight`, `in the early hours`."""
    loose = _pattern(language, "part", "loose").search(clause.text) is not None
    return loose or loose_part_cue(clause, language) is not None


def loose_part_cue(clause: Clause, language: str) -> str | None:
    """The word of the clause that makes it a part only beside a whole (`overnight`)."""
    begin = clause.units[clause.first].start
    told = (unit.start - begin for unit in clause.units[clause.place + 1 : clause.stop] if unit.has("say"))
    stop = next(told, len(clause.text))  # `12 died, police said today`: the day of the words
    after = _pattern(language, "part", "after").search(clause.text, clause.at, stop)
    return after.group() if after is not None and not _count_between(clause, after.start()) else None


def _count_between(clause: Clause, offset: int) -> bool:
    begin = clause.units[clause.first].start
    return any(
        unit.count is not None and unit.start - begin < offset for unit in clause.units[clause.place + 1 : clause.stop]
    )


def opens_with_place(units: list[Unit]) -> bool:
    """Whether the sentence opens with a named place: `In Osk, `."""
    if not units or not units[0].has("at_place") or len(units) < OPENING:
        return False
    name = units[1]
    named = name.text[:1].isupper() and name.quantity is None and not name.has("month", "weekday")
    return named and any(unit.low == "," for unit in units[2:OPENING])


def places_of(units: list[Unit], clause: Clause) -> tuple[str, ...]:
    """The names after a preposition of place in the clause, else at the sentence's opening, in lower case."""
    told = range(clause.place, clause.stop)
    stop = next((at for at in told if units[at].has("say", "according")), clause.stop)
    found = [name for at in range(clause.place, stop) if (name := _place_at(units, at))]
    found += [name for at in range(clause.first, clause.place) if (name := _place_at(units, at))]
    return tuple(found)


def _place_at(units: list[Unit], at: int) -> str | None:
    """`in the northern town of Osk`: the name's first word, past what leads up to it."""
    if "located" not in units[at].tags:
        return None
    for unit in units[at + 1 : at + 1 + BEFORE_NAME]:
        if unit.text[:1].isupper() and not unit.has("month", "weekday", "say"):
            return unit.low
        joint = unit.low == "-"  # `al-Zahraa`
        if not (joint or unit.text[:1].islower()) or unit.quantity or unit.has("be", "have", "located", "who"):
            return None
    return None


def weak_background(clause: Clause, language: str) -> bool:
    """Whether the clause has a cue that makes it another event's only beside one of the text's own (`last week`)."""
    return _cue_on(clause, "weak", language) is not None


def speaks_of_war(clause: Clause, language: str) -> bool:
    """Whether the clause speaks of a war, or of what began with it."""
    return bool(_pattern(language, "background", "events").search(clause.text))


def is_cumulative(clause: Clause, present: Present, language: str) -> bool:
    """Whether only a count's long beginning (`since the war began`, `since 2022`) makes the clause background."""
    if _cue_on(clause, "clause", language) is not None:
        return bool(_pattern(language, "background", "yearly").search(clause.text, clause.at))
    if _year_cue(clause, language) is not None:
        return True
    years = [at for at in range(clause.first, clause.stop) if _is_past_year(clause, at, present)]
    since = lexicon(language).data["words"]["since"]
    began = [any(unit.low == since for unit in clause.units[max(clause.first, at - 5) : at]) for at in years]
    return all(began) if years else _cue_on(clause, "cumulative", language) is not None


def window_of(clause: Clause, language: str) -> str | None:
    """The period that a part covers, in the text's words (`in the past 24 hours`); None where it names none."""
    for key in ("clause", "after"):
        match = _pattern(language, "part", key).search(clause.text)
        if match is not None:
            return match.group()
    return None


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
    begin = clause.units[clause.first].start
    dates = {
        unit.start - begin
        for at, unit in enumerate(clause.units)
        if unit.has("month") and unit.text[:1].isupper() and _is_dated(clause.units, at)
    }
    found = _pattern(language, "hedges", "clause").finditer(clause.text)
    return any(match.start() not in dates for match in found)


def _is_dated(units: Sequence[Unit], at: int) -> bool:
    """Whether a month's name is one (`May 8`, `last May`), not the verb that begins a question or a wish."""
    after = units[at + 1] if at + 1 < len(units) else None
    return at > 0 or (after is not None and after.quantity is not None)

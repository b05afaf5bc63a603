"""When a figure was true, as the text says it: a stated day, a part of a day, a clock time -> aware UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from extract.units import END, NumberKind, Unit
from model import Precision

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAMED = ("today", "yesterday", "morning", "afternoon", "evening")
# Where a day begins first, it does so that much before UTC: `on Tuesday` may be told on Monday evening, in UTC.
EASTMOST = timedelta(hours=14)
PART_ENDS = {"morning": 12, "afternoon": 18, "evening": 24}  # a part of a day is its end


@dataclass(frozen=True, slots=True)
class AsOf:
    """A time with its precision."""

    at: datetime
    precision: Precision


def as_of(units: list[Unit], place: int, published: datetime | None, *, moving: bool) -> AsOf | None:
    """When the figure at `units[place]` was true, as its sentence says; None where it does not, or undated.

    A time dates the figure where it stands by the verb of saying (`said on Friday`), after `by` or `as of`, or, with
    `moving`, after a toll's own verb (`rose to 48 on Thursday`).
    """
    if published is None:
        return None
    published = published.astimezone(UTC)
    for start, stop in _spans(units):
        if _dates_figure(units, start, place, moving=moving):
            found = _resolve(units, start, stop, published)
            if found is not None:
                return found
    return None


def event_day(units: list[Unit], first: int, stop: int, place: int, published: datetime | None) -> date | None:
    """The day on which `units[first:stop]` put what befell the count at `place`, not the day on which it was told."""
    if published is None:
        return None
    published = published.astimezone(UTC)
    for start, end in _spans(units):
        beyond = any(unit.count is not None for unit in units[place + 1 : start])
        if first <= start < stop and not beyond and not _is_told(units, start) and not _is_since(units, start):
            # "97 were fighters of the president toppled in October": the month is the president's.
            aside = any(unit.text == "," for unit in units[place + 1 : start])
            month = None if aside else _month_start(units, start, end, published)
            day = _day(units, start, end, published) or month
            if day is not None and not _is_dateline(units, start, end):
                return day.date()
    return None


def _is_dateline(units: list[Unit], start: int, end: int) -> bool:
    """A day with its year is when the text was written, or history; what happened now is put on a day without one."""
    near = units[start : min(len(units), end + 2)]
    return any(unit.quantity is not None and (unit.quantity.low or 0) in range(1900, 2100) for unit in near)


def _spans(units: list[Unit]) -> list[tuple[int, int]]:
    """The runs of units that name a time: a month or weekday with its neighbours, a clock time, a part of a day."""
    spans: list[tuple[int, int]] = []
    for at, unit in enumerate(units):
        if not (unit.has("month", "weekday") or _is_clock(unit) or unit.tags.get("time") in NAMED):
            continue
        if spans and at - spans[-1][1] <= 2:
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((max(0, at - 1) if unit.has("month") else at, at + 1))
    return [(start, min(len(units), stop + 1)) for start, stop in spans]


def _is_clock(unit: Unit) -> bool:
    return unit.quantity is not None and unit.quantity.kind is NumberKind.CLOCK


def _is_told(units: list[Unit], start: int) -> bool:
    """Whether a verb of saying stands within a few words before."""
    for at in range(start - 1, max(-1, start - 5), -1):
        if units[at].has("say"):
            return True
        if units[at].count is not None or units[at].low in (",", ";"):
            return False
    return False


def _is_since(units: list[Unit], start: int) -> bool:
    return any(unit.has("since") for unit in units[max(0, start - 3) : start])


def _is_possessive(units: list[Unit], start: int) -> bool:
    """`the toll of Thursday's crash rose`: the day is the crash's."""
    return any(unit.low in ("'s", "’s") for unit in units[start + 1 : start + 2])


def _dates_figure(units: list[Unit], start: int, place: int, *, moving: bool) -> bool:
    if _is_since(units, start) or _is_possessive(units, start):
        return False
    stamped = any(unit.has("dating") for unit in units[max(0, start - 3) : start])
    return _is_told(units, start) or stamped or (moving and start > place)


def _resolve(units: list[Unit], start: int, stop: int, published: datetime) -> AsOf | None:
    day = _day(units, start, stop, published)
    clock = _clock(units, start, stop)
    part = _part(units, start, stop)
    if day is None and clock is None and part is None:
        return None
    midnight = datetime.combine((day or published).date(), time(), UTC)
    if clock is not None:
        return _capped(midnight + clock, Precision.INSTANT, published)
    if part is not None:
        return _capped(midnight + timedelta(hours=PART_ENDS[part]), Precision.PART_OF_DAY, published)
    return _capped(midnight + timedelta(hours=24), Precision.DAY, published)


def _capped(at: datetime, precision: Precision, published: datetime) -> AsOf:
    return AsOf(min(at, published), precision)


def _day(units: list[Unit], start: int, stop: int, published: datetime) -> datetime | None:
    for at in range(start, stop):
        unit = units[at]
        if "month" in unit.tags:
            found = _month_day(units, at, published)
            if found is not None:
                return found
        if "weekday" in unit.tags:
            latest = published + EASTMOST
            back = (latest.weekday() - WEEKDAYS.index(unit.tags["weekday"])) % 7
            return latest - timedelta(days=back)
        if unit.tags.get("time") == "yesterday":
            return published - timedelta(days=1)
        if unit.tags.get("time") == "today":
            return published
    return None


def _month_day(units: list[Unit], at: int, published: datetime) -> datetime | None:
    """`March 8`, `8 March 2025`: the latest such day that had begun somewhere at publication."""
    month = MONTHS.index(units[at].tags["month"]) + 1
    near = (units[at + 1] if at + 1 < len(units) else END, units[at - 1] if at else END)
    for unit in near:
        quantity = unit.quantity
        if quantity is None or quantity.kind is not NumberKind.DATE or not quantity.low or quantity.low > 31:
            continue
        try:
            day = datetime(published.year, month, quantity.low, tzinfo=UTC)
            return day if day <= published + EASTMOST else day.replace(year=published.year - 1)
        except ValueError:
            return None
    return None


def _month_start(units: list[Unit], start: int, stop: int, published: datetime) -> datetime | None:
    """`In January, six people were killed`: the first day of the latest such month."""
    for at in range(max(start, 1), stop):
        unit = units[at]
        if "month" in unit.tags and units[at - 1].has("at_place"):
            month = MONTHS.index(unit.tags["month"]) + 1
            first = datetime(published.year, month, 1, tzinfo=UTC)
            return first if first <= published else first.replace(year=published.year - 1)
    return None


def _clock(units: list[Unit], start: int, stop: int) -> timedelta | None:
    for at in range(start, stop):
        quantity = units[at].quantity
        if quantity is None or quantity.kind is not NumberKind.CLOCK:
            continue
        match = re.match(r"(\d{1,2})(?:[.:](\d{2}))?$", units[at].text)
        if match is None or int(match.group(1)) > 24:
            continue
        hours = int(match.group(1)) % 24
        half = units[at + 1].tags.get("time") if at + 1 < len(units) else None
        hours = hours % 12 + 12 * (half == "pm") if half in ("am", "pm") else hours
        return timedelta(hours=hours, minutes=int(match.group(2) or 0))
    return None


def _part(units: list[Unit], start: int, stop: int) -> str | None:
    for at in range(start, stop):
        name = units[at].tags.get("time")
        if name in PART_ENDS:
            return str(name)
    return None

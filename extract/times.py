"""When a figure was true, as the text says it: a stated day, a part of a day, a clock time -> aware UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from extract.lexicon import Lexicon
from extract.units import END, NumberKind, Unit
from model import Precision

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PART_ENDS = {"morning": 12, "afternoon": 18, "evening": 24}  # DOMAIN: a part of a day is its end


@dataclass(frozen=True, slots=True)
class AsOf:
    """A time with its precision."""

    at: datetime
    precision: Precision


def as_of(units: list[Unit], start: int, stop: int, published: datetime | None, words: Lexicon) -> AsOf | None:
    """The time that `units[start:stop]` name, None where they name none or nothing is known to count from."""
    if published is None:
        return None
    published = published.astimezone(UTC)
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
        if "month" in unit.tags and unit.text[:1].isupper():
            found = _month_day(units, at, published)
            if found is not None:
                return found
        if "weekday" in unit.tags and unit.text[:1].isupper():
            back = (published.weekday() - WEEKDAYS.index(unit.tags["weekday"])) % 7
            return published - timedelta(days=back)
        if unit.tags.get("time") == "yesterday":
            return published - timedelta(days=1)
        if unit.tags.get("time") == "today":
            return published
    return None


def _month_day(units: list[Unit], at: int, published: datetime) -> datetime | None:
    """`March 8`, `8 March 2025`: the latest such day that is not after publication."""
    month = MONTHS.index(units[at].tags["month"]) + 1
    near = (units[at + 1] if at + 1 < len(units) else END, units[at - 1] if at else END)
    for unit in near:
        quantity = unit.quantity
        if quantity is None or quantity.kind is not NumberKind.DATE or not quantity.low or quantity.low > 31:
            continue
        try:
            day = datetime(published.year, month, quantity.low, tzinfo=UTC)
            return day if day <= published else day.replace(year=published.year - 1)
        except ValueError:
            return None
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
        half = units[at + 1].tags.get("unit") == "clock" and units[at + 1].low[:1] if at + 1 < len(units) else ""
        hours = hours % 12 + 12 * (half == "p") if half in ("a", "p") else hours
        return timedelta(hours=hours, minutes=int(match.group(2) or 0))
    return None


def _part(units: list[Unit], start: int, stop: int) -> str | None:
    for at in range(start, stop):
        name = units[at].tags.get("time")
        if name in PART_ENDS:
            return str(name)
    return None

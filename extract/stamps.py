"""The times that pages put into their metadata, in the many ways they write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum

EARLIEST_YEAR = 1990  # no news page is older; 1970 is an empty field


class Sharpness(IntEnum):
    """What a time stamp says: a day, a clock time without its zone, or an instant."""

    DAY = 0
    LOCAL = 1
    INSTANT = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """A point in time, aware UTC; without a zone in the text UTC is assumed."""

    when: datetime
    sharpness: Sharpness


ISO = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})"
    r"(?:[T\s]+(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[A-Z]{2,4}T|[+-]\d{1,2}:?\d{0,2})?)?(?![\d])",
    re.IGNORECASE,
)
DAY_FIRST = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?[\s-]+(?P<month>[A-Z][a-z]{2})[a-z]*\.?,?"
MONTH_FIRST = r"(?P<month>[A-Z][a-z]{2})[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?"
YEAR = r"[\s-]+(?P<year>\d{4}),?"
CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
ZONE = r"\s*\(?(?P<zone>(?:GMT|UTC)?[+-]\d{1,2}:?\d{0,2}|Z|[A-Z]{2,5})?\b"
WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{DAY_FIRST}{YEAR}(?:\s*(?:at|-|–)?\s*{CLOCK}{ZONE})?",  # Mon, 18 Nov 2019 16:07:38 GMT
        rf"{MONTH_FIRST}{YEAR}(?:\s*(?:at|-|–)?\s*{CLOCK}{ZONE})?",  # November 19, 2019, 07:47 PM EST
        rf"{MONTH_FIRST}\s+{CLOCK}{ZONE}\s+(?P<year>\d{{4}})",  # Fri Apr 28 19:20:36 CEST 2023
    )
)
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
# Names that mean one offset to nearly all who write them (hours east of UTC); an unknown name leaves the time local.
ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2,
    "SAST": 2, "EEST": 3, "MSK": 3, "TRT": 3, "PKT": 5, "WIB": 7, "HKT": 8, "SGT": 8, "PHT": 8, "JST": 9, "KST": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "ET": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "CDT": -5, "BRT": -3, "ART": -3,
}  # fmt: skip
IN_ADDRESS = re.compile(
    r"[/-](?P<year>(?:19|20)\d{2})(?:[/-](?P<month>\d{1,2}|[a-z]{3})[/-](?P<day>\d{1,2})|(?P<both>\d{4}))(?![\d])", re.I
)
EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")


def read_stamp(text: str | None) -> Stamp | None:
    """The time that a metadata value states, or None where it states none that can be read without guessing.

    Orders that mean different days in different countries (`03/04/2025`) are not read.
    """
    text = (text or "").strip()[:80]
    stamp = _epoch(text) or _first_match(text)
    return stamp if stamp and stamp.when.year >= EARLIEST_YEAR else None


def stated_offset(text: str | None) -> timedelta | None:
    """How far east of UTC the clock of a metadata value is, None where it names no zone."""
    text = (text or "").strip()[:80]
    for pattern in (ISO, *WRITTEN):
        if match := pattern.search(text):
            zone = _zone(match["zone"])
            return None if zone is None else zone.utcoffset(None)
    return None


def best_stamp(texts: Iterable[str | None], *, not_after: datetime) -> Stamp | None:
    """The first readable time that is not later than `not_after`, made sharper by a later one of about the same day.

    The order is the order of trust: what the first says of the day holds, the others may only add the clock.
    """
    stamps = [stamp for text in texts if (stamp := read_stamp(text)) and stamp.when <= not_after]
    return sharpest(stamps)


def sharpest(stamps: list[Stamp]) -> Stamp | None:
    """The first of `stamps`, or one within a day of it that is sharper (the sharpest, then the first)."""
    near = [stamp for stamp in stamps if abs(stamp.when - stamps[0].when) <= timedelta(days=1)]
    return max(near, key=lambda stamp: stamp.sharpness, default=None)


def day_in_address(url: str) -> str | None:
    """The day that an address names (`/2024/11/3/`, `/2024/nov/03/`, `-20241103`), as `2024-11-03`."""
    for match in IN_ADDRESS.finditer(url):
        month, day = (match["both"][:2], match["both"][2:]) if match["both"] else (match["month"], match["day"])
        stamp = _stamp({"year": match["year"], "month": month.title(), "day": day})
        if stamp:
            return stamp.when.date().isoformat()
    return None


def _epoch(text: str) -> Stamp | None:
    if not EPOCH.match(text):
        return None
    return Stamp(when=datetime.fromtimestamp(int(text[:10]), tz=UTC), sharpness=Sharpness.INSTANT)


def _first_match(text: str) -> Stamp | None:
    for pattern in (ISO, *WRITTEN):
        match = pattern.search(text)
        if match and (stamp := _stamp(match.groupdict())):
            return stamp
    return None


def _stamp(said: dict[str, str | None]) -> Stamp | None:
    try:
        day = datetime(int(said["year"] or 0), _month(said["month"] or ""), int(said["day"] or 0), tzinfo=UTC)
        if said.get("hour") is None:
            return Stamp(when=day, sharpness=Sharpness.DAY)
        clock = day.replace(hour=_hour(said), minute=int(said["minute"] or 0), second=int(said.get("second") or 0))
        zone = _zone(said.get("zone"))
        if zone is None:
            return Stamp(when=clock, sharpness=Sharpness.LOCAL)
        return Stamp(when=clock.replace(tzinfo=zone).astimezone(UTC), sharpness=Sharpness.INSTANT)
    except (ValueError, OverflowError):
        return None


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS.get(text[:3], 0)


def _hour(said: dict[str, str | None]) -> int:
    hour, half = int(said["hour"] or 0), (said.get("half") or "").lower()
    if half.startswith("p") and hour < 12:
        return hour + 12
    return 0 if half.startswith("a") and hour == 12 else hour


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    text = text.upper()
    if text in ZONES:
        return timezone(timedelta(hours=ZONES[text]))
    match = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{0,2})", text)
    if match is None:
        return None
    # `+02:0` and `+2` occur; a digit that was cut off is a zero
    hours, minutes = (match[2], match[3]) if len(match[2]) < 3 else (match[2][:2], match[2][2:])
    offset = timedelta(hours=int(hours), minutes=int((minutes or "0").ljust(2, "0")))
    return timezone(-offset if match[1] == "-" else offset)

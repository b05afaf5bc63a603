"""When a channel may be told something: quiet hours, times of digests, messages in an hour. Pure: no clock.

Times of day are those on a wall of the channel's zone. Where the clock is put forward, a time that it skips is the
moment of the change; where it is put back, hours begin at the first of the two times and end at the second, and a
digest is sent at the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from model import Hours

HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_LONGEST_QUIET = timedelta(days=15)  # hours without an end must not hold a change for ever
_DAYS_TO_DIGEST = 9  # a weekly one whose time today has passed, and a day for the zone


def quiet_until(now: datetime, hours: Hours) -> datetime | None:
    """Return when the quiet hours end in which `now` lies, those that follow at once included; None outside them."""
    at = now
    while at < now + _LONGEST_QUIET:
        ends = max((end for begin, end in _quiet_about(at, hours) if begin <= at < end), default=None)
        if ends is None:
            break
        at = ends
    return at if at > now else None


def next_digest(now: datetime, hours: Hours) -> datetime:
    """Return the first time of a digest after `now`. Raises ValueError where there is none."""
    zone = ZoneInfo(hours.timezone)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=n) for n in range(-1, _DAYS_TO_DIGEST)]
    times = (_moment(day, one.at, zone) for one in hours.digests for day in days if day.weekday() in one.days)
    return min(moment for moment in times if moment > now)


def room_at(told: Sequence[datetime], most: int, now: datetime) -> datetime | None:
    """Return when a channel has room for a message that has none now; `told` are those of its last hour, in order."""
    return None if len(told) < most else min(told[-most], now) + HOUR


def _quiet_about(at: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """The quiet hours that begin on the day of `at` or the day before."""
    zone = ZoneInfo(hours.timezone)
    today = at.astimezone(zone).date()
    for quiet in hours.quiet:
        for day in (today - _DAY, today):
            if day.weekday() in quiet.days:
                last = day if quiet.ends > quiet.begins else day + _DAY
                yield _moment(day, quiet.begins, zone), _moment(last, quiet.ends, zone, last=True)


def _moment(day: date, at: time, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """When the clock on the wall first shows a time, or `last`; where it never does, when it is put past it."""
    wall = datetime.combine(day, at)
    moment = wall.replace(tzinfo=zone, fold=int(last)).astimezone(UTC)
    if _wall(moment, zone) == wall:
        return moment
    before, after = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    while after - before > timedelta(seconds=1):
        between = before + (after - before) // 2
        before, after = (between, after) if _wall(between, zone) < wall else (before, between)
    return after.replace(microsecond=0)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)

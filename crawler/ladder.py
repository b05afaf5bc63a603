"""When a fetched address is fetched again: articles that may still change, and failures that may pass. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from model import PageOutcome

_LONGEST_READ = timedelta(days=30)  # after a month nobody edits a piece of news
# How long ago the figures of its event moved -> pause until an article is read again.
_MOVING = (
    (timedelta(hours=3), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=6)),
    (_LONGEST_READ, timedelta(days=2)),
)
# How long ago the newest entry of a live page was written -> pause until the page is read again.
_LIVE = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=6), timedelta(minutes=20)),
    (timedelta(days=2), timedelta(hours=3)),
)
_ONCE_MORE = timedelta(hours=1)  # an article without figures may still get some
_RETRY = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
_PER_HOUR = 60  # addresses of one outlet that are read again within an hour; where more wait, each waits longer

PASSING = frozenset(
    {
        PageOutcome.RATE_LIMITED,
        PageOutcome.SERVER_ERROR,
        PageOutcome.TIMED_OUT,
        PageOutcome.UNREACHABLE,
        PageOutcome.READER_FAILED,
    }
)


def reread_at(
    *, stated: datetime, moved: datetime | None, now: datetime, first_time: bool, waiting: int = 0
) -> datetime | None:
    """When to read an article again, None for never.

    `stated` is when its newest text was published, `moved` when a figure of its event did last (None: it states none),
    `waiting` how many addresses of its outlet are to be read again within the next hour.
    """
    age = now - stated
    if moved is None:
        return now + _ONCE_MORE if first_time and age < timedelta(days=1) else None
    if age >= _LONGEST_READ:
        return None
    return _after(_pause(_MOVING, now - moved), now, waiting)


def reread_live_at(*, newest: datetime, now: datetime, waiting: int = 0) -> datetime | None:
    """When to read a live page again, whose newest entry is of `newest`; None once it has come to rest."""
    return _after(_pause(_LIVE, now - newest), now, waiting)


def retry_at(outcome: PageOutcome, *, attempts: int, now: datetime, retry_after: datetime | None) -> datetime | None:
    """When to try a failed address again, None where the failure is final or was tried often enough."""
    if outcome not in PASSING or attempts >= len(_RETRY):
        return None
    return max(now + _RETRY[attempts], retry_after or now)


def _pause(ladder: tuple[tuple[timedelta, timedelta], ...], age: timedelta) -> timedelta | None:
    return next((pause for until, pause in ladder if age < until), None)


def _after(pause: timedelta | None, now: datetime, waiting: int) -> datetime | None:
    return None if pause is None else now + pause * max(1.0, waiting / _PER_HOUR)

"""When a fetched address is fetched again: articles that may still change, and failures that may pass. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from model import PageOutcome

# Age of the text -> pause until it is read again. News is corrected within hours; after a month nobody edits it.
_MOVING = (
    (timedelta(hours=3), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(hours=6)),
    (timedelta(days=30), timedelta(days=2)),
)
_ONCE_MORE = timedelta(hours=1)  # an article without figures may still get some
_RETRY = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))

PASSING = frozenset(
    {
        PageOutcome.RATE_LIMITED,
        PageOutcome.SERVER_ERROR,
        PageOutcome.TIMED_OUT,
        PageOutcome.UNREACHABLE,
        PageOutcome.READER_FAILED,
    }
)


def reread_at(*, stated: datetime, now: datetime, has_figures: bool, first_time: bool) -> datetime | None:
    """When to read an article again, None for never. `stated` is when its newest text was published."""
    if not has_figures:
        return now + _ONCE_MORE if first_time and now - stated < timedelta(days=1) else None
    age = now - stated
    return next((now + pause for until, pause in _MOVING if age < until), None)


def retry_at(outcome: PageOutcome, *, attempts: int, now: datetime, retry_after: datetime | None) -> datetime | None:
    """When to try a failed address again, None where the failure is final or was tried often enough."""
    if outcome not in PASSING or attempts >= len(_RETRY):
        return None
    return max(now + _RETRY[attempts], retry_after or now)

"""How soon a listing is polled again. Pure: time and chance come in as arguments."""

from __future__ import annotations

from datetime import datetime, timedelta

from crawler.answers import max_age_of
from model import Listed, Listing, Page, PageOutcome

_HEEDED = timedelta(hours=3)  # a feed that asks for a day's pause is a template's default, and news does not wait
_LONGEST = timedelta(hours=24)  # however often it has failed, an outlet is tried once a day, for ever
_SPREAD = 0.1  # of the interval, so that what was started together does not stay together


def next_poll(
    listing: Listing, *, page: Page, listed: Listed | None, new_leads: int, now: datetime, jitter: float
) -> tuple[timedelta, datetime]:
    """The interval until the next poll of `listing` after `page`, and the moment that it is due.

    `listing` is as it was before this poll, `listed` what its body held (None where there was none to read), `jitter`
    a number from 0 to 1 by chance. Never faster than `listing.every`; what the server asks for is heeded up to some
    hours; each failure in a row adds one more interval, up to a day.
    """
    interval = _asked_for(listing, page, listed)
    if _failed(page, listed):
        interval = max(interval, min(interval * (listing.failures + 1), _LONGEST))
    pause = page.retry_after - now if page.retry_after is not None else timedelta(0)
    interval = max(interval, pause) * (1 + _SPREAD * jitter)
    return interval, now + interval


def _asked_for(listing: Listing, page: Page, listed: Listed | None) -> timedelta:
    wishes = [listed.ttl if listed else None, max_age_of(page.headers)]
    return max([listing.every, *(min(wish, _HEEDED) for wish in wishes if wish is not None)])


def _failed(page: Page, listed: Listed | None) -> bool:
    if page.failure is not None:
        return page.failure is not PageOutcome.NOT_MODIFIED
    return listed is not None and listed.problem is not None

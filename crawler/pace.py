"""How soon a listing is polled again. Pure: time and chance come in as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.answers import max_age_of
from model import Lead, Listed, Listing, Page, PageOutcome

_HEEDED = timedelta(hours=3)  # a feed that asks for a day's pause is a template's default, and news does not wait
_LONGEST = timedelta(hours=24)  # however often it has failed, an outlet is tried once a day, for ever
_SPREAD = 0.1  # of the interval, so that what was started together does not stay together
_GONE_FOR_GOOD = 410
_LOOKED_AT = 10  # the newest entries of a listing whose dates tell its pace
_FEWEST = 3  # dates that tell anything
_SHARE = 0.5  # of the usual time between two pieces of news: each is then found within about half of it
_SILENT = 8  # a silence this many times the interval is ordinary; one that grows longer slows the polling down


def gap_between(leads: Sequence[Lead], now: datetime) -> timedelta | None:
    """The usual time between two pieces of news, by the dates of a listing's newest entries; None where too few say."""
    dates = sorted((lead.published for lead in leads if lead.published and lead.published <= now), reverse=True)
    newest = dates[:_LOOKED_AT]
    return (now - newest[-1]) / len(newest) if len(newest) >= _FEWEST else None


def next_poll(
    listing: Listing, *, page: Page, listed: Listed | None, new_leads: int, now: datetime, jitter: float
) -> tuple[timedelta, datetime]:
    """The interval until the next poll of `listing` after `page`, and the moment that it is due.

    `listing` is as it was before this poll, `listed` what its body held (None where there was none to read), `jitter`
    a number from 0 to 1 by chance. As often as news comes, but not below `listing.every` nor, for want of news, above
    `listing.slowest`; what the server asks for is heeded up to some hours; each failure in a row adds one more
    interval, up to a day, and what is gone for good is looked for once a day.
    """
    interval = max(_learned(listing, listed, new_leads, now), _asked_for(page, listed))
    if page.failure is PageOutcome.GONE and page.status == _GONE_FOR_GOOD:
        interval = _LONGEST
    elif _failed(page, listed):
        interval = max(interval, min(interval * (listing.failures + 1), _LONGEST))
    pause = page.retry_after - now if page.retry_after is not None else timedelta(0)
    interval = max(interval, pause) * (1 + _SPREAD * jitter)
    return interval, now + interval


def _learned(listing: Listing, listed: Listed | None, new_leads: int, now: datetime) -> timedelta:
    gap = (gap_between(listed.leads, now) if listed else None) or listing.gap
    wished = gap * _SHARE if gap is not None else listing.every
    if not new_leads and listing.last_news is not None:
        wished = max(wished, (now - listing.last_news) / _SILENT)
    return max(listing.every, min(wished, listing.slowest))


def _asked_for(page: Page, listed: Listed | None) -> timedelta:
    wishes = [listed.ttl if listed else None, max_age_of(page.headers)]
    return max((min(wish, _HEEDED) for wish in wishes if wish is not None), default=timedelta(0))


def _failed(page: Page, listed: Listed | None) -> bool:
    if page.failure is not None:
        return page.failure is not PageOutcome.NOT_MODIFIED
    return listed is not None and listed.problem is not None

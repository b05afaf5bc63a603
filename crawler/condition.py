"""How an outlet does as a source: failing, blocked, yielding nothing, silent, without figures, well; and why. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from datetime import datetime, timedelta
from itertools import takewhile

from model import PAYWALLED, PageOutcome, PolledListing, SourceHealth, SourceRecord, SourceState, Visit

_IN_A_ROW = 2  # failed polls of an address that are more than a hiccup
_FEWEST = 5  # pages that tell anything of the outlet rather than of themselves
_NEARLY_ALL = 0.8
_SILENCE = timedelta(days=2)  # the shortest that is told of; weekends are quiet
_UNUSUAL = 10  # times the usual time between two pieces of news
_LATELY = 100  # articles of which the rate of figures is compared with that of those before
_TELLING = 15  # figures that the last articles usually have: that hardly one is left is then no chance (1 in 100,000)
_HARDLY_ANY = 0.1
_TRIED = timedelta(days=1)  # after which a listing that never named an address will not begin to

_SHUT_OUT = frozenset({PageOutcome.BLOCKED, PageOutcome.RATE_LIMITED, PageOutcome.REFUSED_BY_ROBOTS})
_FAILED = frozenset(
    {
        PageOutcome.TIMED_OUT, PageOutcome.UNREACHABLE, PageOutcome.SERVER_ERROR, PageOutcome.TOO_LARGE,
        PageOutcome.GONE, PageOutcome.REFUSED_ADDRESS,
    }
)  # fmt: skip
_EMPTY = frozenset({PageOutcome.NO_TEXT, PageOutcome.NOT_AN_ARTICLE, PageOutcome.NOT_HTML, PageOutcome.READER_FAILED})


def condition(record: SourceRecord, now: datetime) -> SourceHealth:
    """How the outlet of `record` does at `now`: the first of its troubles, in the order in which they hide another."""
    troubles = (_not_polled, _failing, _pages_shut, _pages_failing, _pages_empty, _names_nothing, _silent, _no_figures)
    for trouble in troubles:
        found = trouble(record, now)
        if found is not None:
            state, since, why = found
            return SourceHealth(outlet=record.outlet, name=record.name, state=state, since=since, why=why)
    return SourceHealth(outlet=record.outlet, name=record.name, state=SourceState.WELL)


_Trouble = tuple[SourceState, datetime | None, str]


def _not_polled(record: SourceRecord, _: datetime) -> _Trouble | None:
    if any(listing.last_outcome is not None for listing in record.listings):
        return None
    return SourceState.NEW, None, "not looked at yet"


def _failing(record: SourceRecord, _: datetime) -> _Trouble | None:
    failing = [listing for listing in record.listings if listing.failures >= _IN_A_ROW]
    if not failing:
        return None
    shut = all(listing.last_outcome in _SHUT_OUT for listing in failing)
    since = min((one.failing_since for one in failing if one.failing_since), default=None)
    worst = max(failing, key=lambda one: one.failures)
    share = "" if len(record.listings) == 1 else f"{len(failing)} of {len(record.listings)} addresses, such as "
    why = f"{share}{worst.url}: {_said(worst)}, {worst.failures} times in a row"
    return SourceState.BLOCKED if shut else SourceState.FAILING, since, why


def _said(listing: PolledListing) -> str:
    outcome = str(listing.last_outcome).replace("_", " ")
    return f"{outcome} ({listing.last_detail})" if listing.last_detail else outcome


def _pages_shut(record: SourceRecord, _: datetime) -> _Trouble | None:
    return _of_pages(record, SourceState.BLOCKED, _SHUT_OUT, paywall=True)


def _pages_failing(record: SourceRecord, _: datetime) -> _Trouble | None:
    return _of_pages(record, SourceState.FAILING, _FAILED)


def _pages_empty(record: SourceRecord, _: datetime) -> _Trouble | None:
    return _of_pages(record, SourceState.YIELDS_NOTHING, _EMPTY)


def _of_pages(
    record: SourceRecord, state: SourceState, outcomes: Set[PageOutcome], *, paywall: bool = False
) -> _Trouble | None:
    """The trouble that nearly all of the last pages had, since the first of them that had it."""

    def has_it(visit: Visit) -> bool:
        return visit.outcome in outcomes or (paywall and visit.detail == PAYWALLED)

    troubled = [visit for visit in record.visits if has_it(visit)]
    if len(troubled) < _FEWEST or len(troubled) < _NEARLY_ALL * len(record.visits):
        return None
    unbroken = list(takewhile(has_it, record.visits)) or troubled
    reasons = Counter(visit.detail or str(visit.outcome).replace("_", " ") for visit in troubled)
    why = f"{len(troubled)} of the last {len(record.visits)} pages: {reasons.most_common(1)[0][0]}"
    return state, unbroken[-1].at, why


def _names_nothing(record: SourceRecord, now: datetime) -> _Trouble | None:
    first = min((one.first_polled for one in record.listings if one.first_polled), default=None)
    if first is None or now - first < _TRIED or any(listing.last_news for listing in record.listings):
        return None
    return SourceState.YIELDS_NOTHING, first, "its addresses have never named an article"


def _silent(record: SourceRecord, now: datetime) -> _Trouble | None:
    heard = [listing for listing in record.listings if listing.last_news is not None]
    last = max((listing.last_news for listing in heard if listing.last_news), default=None)
    gap = min((listing.gap for listing in heard if listing.gap), default=timedelta(0))
    if last is None or now - last < max(_SILENCE, _UNUSUAL * gap):
        return None
    usual = f", usually every {_spoken(gap)}" if gap else ""
    return SourceState.SILENT, last, f"nothing new for {_spoken(now - last)}{usual}"


def _no_figures(record: SourceRecord, _: datetime) -> _Trouble | None:
    """News of what kills ebbs slowly: where the figures are gone at once, the texts are not what they were."""
    lately, before = record.figures[:_LATELY], record.figures[_LATELY:]
    if len(before) < _LATELY:
        return None
    usual = sum(before) / len(before) * len(lately)
    if usual < _TELLING or sum(lately) > _HARDLY_ANY * usual:
        return None
    why = f"{sum(lately)} of its last {len(lately)} articles have a figure, where {usual:.0f} would be usual"
    return SourceState.NO_FIGURES, None, why


def _spoken(time: timedelta) -> str:
    """A time as people say it: 3 days, 5 hours, 20 minutes."""
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if time >= unit:
            number = round(time / unit)
            return f"{number} {name}{'s' * (number != 1)}"
    return "minute"

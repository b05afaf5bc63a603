"""What the daemon does over and over: poll a listing, visit an address, deliver what is owed.

Each job ends in values that are kept; an error of one never ends another. The archive is used from one thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ParamSpec, Protocol, TypeVar

import structlog

from archive import Archive
from crawler.discovery import read_listing
from crawler.ladder import reread_at, reread_live_at, retry_at
from crawler.pace import gap_between, next_poll
from extract.addresses import canonical
from model import (
    Article,
    Attempt,
    Delivery,
    DeliveryState,
    Lead,
    Listed,
    Listing,
    ListingKind,
    Outlet,
    Page,
    PageOutcome,
    Polled,
    Reading,
    Via,
)
from monitor import Monitor, Taken, read

_SUB_SITEMAPS = 4  # maps of a sitemap index that are looked at: the first that it names

_BUDGETED = timedelta(hours=1)  # the time for which the reading anew of an outlet's articles has a budget
_SAME_TIME = timedelta(minutes=2)
_UNCONDITIONAL_SHARE = 0.04  # of polls: once in six hours at a poll every 15 minutes

P = ParamSpec("P")
T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Fetcher(Protocol):
    """What gets a page; the crawler is one."""

    async def fetch(
        self,
        url: str,
        *,
        outlet: str,
        lead: Lead | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Page:
        """Fetch one address; every failure is a Page."""


class Workers(Protocol):
    """What runs a function in another process."""

    async def run(self, outlet: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it in its outlet's turn, raising what it raises, or that its worker hung or died."""


class OnThread:
    """The archive behind its one thread: calls wait their turn, the event loop does not wait for the disk."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` on the archive's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(*args, **kwargs))

    async def owed(self, now: datetime, channel: str) -> Sequence[Delivery]:
        """What is due for delivery to a channel."""
        return await self(self.archive.outbox.owed, now, channel=channel)

    async def record(
        self, delivery: Delivery, attempt: Attempt, state: DeliveryState, next_try: datetime | None, at: datetime
    ) -> None:
        """Keep how an attempt ended."""
        await self(self.archive.outbox.record, delivery, attempt, state, next_try, at)

    async def rest(self, channel: str, until: datetime) -> None:
        """Let nothing of what is owed to a channel be due before `until`."""
        await self(self.archive.outbox.rest, channel, until)

    async def thread_of(self, channel: str, event: str) -> str | None:
        """What opened the thread of an event in a channel."""
        return await self(self.archive.outbox.thread_of, channel, event)

    async def open_thread(self, channel: str, event: str, opened_by: str) -> None:
        """Remember what opened the thread of an event."""
        await self(self.archive.outbox.open_thread, channel, event, opened_by)

    def close(self) -> None:
        """Let what is under way end, then close the archive."""
        self._thread.submit(self.archive.close).result()
        self._thread.shutdown()


class Jobs:
    """The jobs of one daemon. `now` is the clock; nothing here reads another."""

    def __init__(
        self,
        *,
        archive: OnThread,
        fetcher: Fetcher,
        workers: Workers,
        monitor: Monitor,
        outlets: Mapping[str, Outlet],
        now: Callable[[], datetime],
    ) -> None:
        self._archive = archive
        self._fetcher = fetcher
        self._workers = workers
        self._monitor = monitor
        self._outlets = outlets
        self._now = now

    # --------------------------------------------------------------------------------------------------- poll

    async def poll(self, listing: Listing) -> Polled:
        """Look at one listing: write down the addresses that are new, and when to look again."""
        # Some servers answer 304 to validators that they should no longer honour, or take back that a feed has moved
        # for good: now and then what they said is not counted on.
        trusts = random.random() > _UNCONDITIONAL_SHARE  # noqa: S311
        # A map that only names other maps may stay as it is while those grow: maps are always read.
        asks = trusts and listing.kind is not ListingKind.SITEMAP
        etag, last_modified = (listing.etag, listing.last_modified) if asks else (None, None)
        asked = listing.moved_to if listing.moved_to and trusts else listing.url
        page = await self._fetcher.fetch(asked, outlet=listing.outlet, etag=etag, last_modified=last_modified)
        page = replace(page, url=listing.url, fetched=self._now())
        body_hash = hashlib.sha256(page.body).hexdigest() if page.failure is None else listing.body_hash
        listed: Listed | None = None
        if page.failure is None and (body_hash != listing.body_hash or listing.kind is ListingKind.SITEMAP):
            listed = await self._read_listing(page, listing)
        outcome, detail = _listing_outcome(page, listed)
        polled = await self._archive(
            self._record_poll,
            listing,
            page,
            listed,
            outcome,
            detail,
            body_hash=body_hash if outcome is not PageOutcome.BROKEN_LISTING else None,
            moved_to=_moved_to(listing, page, outcome, asked),
        )
        _log.info("polled", outlet=listing.outlet, url=listing.url, outcome=str(outcome), new=polled.new_leads)
        return polled

    async def _read_listing(self, page: Page, listing: Listing) -> Listed:
        listed = await self._listed(page, listing)
        for url in listed.sub_listings[:_SUB_SITEMAPS]:
            below = replace(await self._fetcher.fetch(url, outlet=listing.outlet), fetched=self._now())
            outcome = below.failure or PageOutcome.LISTED
            await self._archive(self._archive.archive.polling.record_fetch, below, outcome, below.detail, listing=True)
            if below.failure is None:
                more = await self._listed(below, replace(listing, url=url))
                listed = replace(listed, leads=(*listed.leads, *more.leads), problem=listed.problem and more.problem)
        return listed

    async def _listed(self, page: Page, listing: Listing) -> Listed:
        try:
            return await self._workers.run(
                listing.outlet,
                read_listing,
                page.body,
                listing,
                base_url=page.final_url,
                headers=page.headers,
                now=self._now(),
            )
        except Exception as error:  # the border of a page: whatever a body does to a reader costs that page
            return Listed(problem=f"the reader failed: {error}"[:200])

    def _record_poll(
        self,
        listing: Listing,
        page: Page,
        listed: Listed | None,
        outcome: PageOutcome,
        detail: str,
        *,
        body_hash: str | None,
        moved_to: str | None,
    ) -> Polled:
        polling, now = self._archive.archive.polling, self._now()
        with self._archive.archive.atomic():
            baseline = listing.first_polled is None
            new = polling.add_leads(_addresses(listed, listing), now, baseline=baseline) if listed else 0
            interval, due = next_poll(
                listing,
                page=page,
                listed=listed,
                new_leads=new,
                now=now,
                jitter=random.random(),  # noqa: S311
            )
            polled = Polled(
                outcome=outcome,
                detail=detail,
                new_leads=new,
                interval=interval,
                due=due,
                body_hash=body_hash,
                validators=_validators(page, listing, outcome),
                moved_to=moved_to,
                gap=(gap_between(listed.leads, now) if listed else None) or listing.gap,
            )
            polling.record_fetch(page, outcome, detail, listing=True)
            polling.record_poll(listing, polled, page.fetched)
        return polled

    # -------------------------------------------------------------------------------------------------- visit

    async def visit_all(self, leads: Sequence[Lead]) -> list[Taken]:
        """Visit addresses at one time, and take what they hold in the order in which it was published.

        So the one who reported first is the one that is quoted, whoever answered first.
        """
        read = await asyncio.gather(*(self._fetch_and_read(lead) for lead in leads))
        read.sort(key=lambda one: _published(one[1]) or one[0].fetched)
        return [await self._finish(page, reading) for page, reading in read]

    async def visit(self, lead: Lead) -> Taken:
        """Fetch, read and take one address; however it ends, the end is counted."""
        return await self._finish(*await self._fetch_and_read(lead))

    async def _fetch_and_read(self, lead: Lead) -> tuple[Page, Reading]:
        page = await self._fetcher.fetch(lead.url, outlet=lead.outlet, lead=lead)
        page = replace(page, fetched=self._now(), lead=lead)
        reading = Reading(page_url=lead.url, outcome=page.failure, detail=page.detail)
        if page.failure is None:
            reading = await self._read(page)
        return page, reading

    async def _finish(self, page: Page, reading: Reading) -> Taken:
        lead = page.lead or Lead(url=page.url, key=page.url, outlet=page.outlet, via=Via.HAND, found=page.fetched)
        taken = await self._taken(lead, page, reading)
        _log.info("visited", outlet=lead.outlet, url=lead.url, outcome=str(taken.outcome), changes=len(taken.changes))
        return taken

    async def _read(self, page: Page) -> Reading:
        outlet = self._outlets.get(page.outlet)
        try:
            language = outlet.language if outlet else None
            return await self._workers.run(page.outlet, read, replace(page, sent=None), language)
        except Exception as error:  # the border of a page: whatever a body does to a reader costs that page
            detail = f"{type(error).__name__}: {error}"[:200]
            return Reading(page_url=page.url, outcome=PageOutcome.READER_FAILED, detail=detail)

    async def _taken(self, lead: Lead, page: Page, reading: Reading) -> Taken:
        try:
            return await self._archive(self._take, lead, page, reading)
        except Exception as error:  # the border of a page: a text that cannot be compared must not be tried for ever
            _log.exception("a page could not be taken", url=lead.url)
            detail = f"{type(error).__name__}: {error}"[:200]
            failed = Reading(page_url=page.url, outcome=PageOutcome.READER_FAILED, detail=detail)
            return await self._archive(self._take, lead, page, failed)

    def _take(self, lead: Lead, page: Page, reading: Reading) -> Taken:
        """One page, one transaction: the text, its figures, the alerts that it earns, and that it was fetched."""
        archive, now = self._archive.archive, page.fetched
        with archive.atomic():
            reading = self._as_known(lead, reading)
            if reading.article is None:
                taken = Taken(outcome=reading.outcome or PageOutcome.READER_FAILED, detail=reading.detail)
            else:
                taken = self._monitor.take(reading, fetched=now, baseline=archive.polling.is_baseline(lead.key))
            archive.captures.keep(page, taken.revisions)
            archive.polling.record_fetch(page, taken.outcome, taken.detail, listing=False)
            archive.polling.settle_lead(
                lead.key,
                outcome=taken.outcome,
                article=None if reading.article is None else reading.article.url,
                failed=page.failure is not None or taken.outcome is PageOutcome.READER_FAILED,
                due=self._next_visit(lead, page, reading, taken),
            )
        return taken

    def _as_known(self, lead: Lead, reading: Reading) -> Reading:
        """The reading under the address by which its article is known, where an outlet has given it a new one."""
        archive, article = self._archive.archive, reading.article
        before = archive.polling.article_of(lead.key)
        if article is None or before is None or before == article.url or archive.texts.article(article.url) is not None:
            return reading
        known = archive.texts.article(before)
        if known is None or not _is_the_same(article, archive.texts.text(known.revision_id).article):
            return reading
        return replace(reading, article=replace(article, url=before))

    def _next_visit(self, lead: Lead, page: Page, reading: Reading, taken: Taken) -> datetime | None:
        archive, now = self._archive.archive, page.fetched
        if reading.article is None:
            attempts = archive.polling.attempts(lead.key)
            return retry_at(taken.outcome, attempts=attempts, now=now, retry_after=page.retry_after)
        known = archive.texts.article(reading.article.url)
        if known is None:
            return None
        waiting = archive.polling.waiting_until(lead.outlet, now + _BUDGETED)
        if taken.outcome is PageOutcome.LIVE_PAGE:
            return reread_live_at(newest=reading.newest_entry or known.stated, now=now, waiting=waiting)
        moved = None if taken.event is None else archive.knowledge.last_moved(taken.event) or known.stated
        first_time = taken.outcome is PageOutcome.NEW_ARTICLE
        return reread_at(stated=known.stated, moved=moved, now=now, first_time=first_time, waiting=waiting)


def _published(reading: Reading) -> datetime | None:
    return None if reading.article is None else reading.article.published


def _listing_outcome(page: Page, listed: Listed | None) -> tuple[PageOutcome, str]:
    if page.failure is not None:
        return page.failure, page.detail
    if listed is None:
        return PageOutcome.UNCHANGED, "the same body as before"
    if listed.problem is not None and not listed.leads:
        return PageOutcome.BROKEN_LISTING, listed.problem
    return PageOutcome.LISTED, ""


def _moved_to(listing: Listing, page: Page, outcome: PageOutcome, asked: str) -> str | None:
    """Where to ask for the listing next time, None for its own address: what a move led to must keep being good."""
    good = outcome in (PageOutcome.LISTED, PageOutcome.UNCHANGED, PageOutcome.NOT_MODIFIED)
    if asked == listing.url:
        return page.moved_to if good else listing.moved_to
    return (page.moved_to or listing.moved_to) if good else None


def _is_the_same(article: Article, known: Article) -> bool:
    """Whether two articles at two addresses are one, by what an outlet leaves as it was when it changes an address."""
    if article.published is not None and known.published is not None:
        return abs(article.published - known.published) < _SAME_TIME
    return article.title == known.title


def _validators(page: Page, listing: Listing, outcome: PageOutcome) -> tuple[str | None, str | None]:
    """What to send back next time: of the body that was read last; none after a body that could not be read."""
    if outcome is PageOutcome.BROKEN_LISTING:
        return None, None
    if page.failure is not None:
        return listing.etag, listing.last_modified
    headers = {name.lower(): value for name, value in page.headers}
    return headers.get("etag"), headers.get("last-modified")


def _addresses(listed: Listed, listing: Listing) -> list[Lead]:
    """The leads under the addresses by which articles are known, each once."""
    found: dict[str, Lead] = {}
    for lead in listed.leads:
        key = canonical(lead.url)
        found.setdefault(key, replace(lead, key=key, outlet=listing.outlet))
    return list(found.values())


async def gather_bounded(jobs: Sequence[Callable[[], Awaitable[T]]], *, at_once: int) -> list[T]:
    """Run jobs, at most `at_once` at a time; results in their order."""
    places = asyncio.Semaphore(at_once)

    async def one(job: Callable[[], Awaitable[T]]) -> T:
        async with places:
            return await job()

    return list(await asyncio.gather(*map(one, jobs)))

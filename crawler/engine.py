"""Fetching: an address in, a Page out, whatever happens in between.

fetch ─ for each hop: what address is it ─ what does its name resolve to ─ does robots.txt let us ─ is it its
host's turn ─ Scrapy ─ what does the answer mean ─ the next hop of a redirect, or the Page
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from time import monotonic
from types import MappingProxyType

import structlog
from scrapy import exceptions as scrapy_errors
from scrapy.crawler import Crawler as ScrapyCrawler
from scrapy.utils.reactor import is_asyncio_reactor_installed, is_reactor_installed
from twisted.web.client import ResponseFailed

from config import CrawlSettings, Credentials
from crawler.addresses import Target, networks, parse_target
from crawler.answers import Answer, Failed, charset_of, failure_of, redirect_of
from crawler.credentials import Keys
from crawler.gate import Gate
from crawler.resolver import GuardedResolver
from crawler.robots import MOST_BYTES, TOKEN, Robots
from crawler.spider import Courier, HeadTooLarge, SpiderEnded, Ticket, Tickets, scrapy_settings
from model import Lead, Page, PageOutcome

_FOR_GOOD = {301, 308}
_ROBOTS_REDIRECTS = 5  # RFC 9309 asks for at least five
_SHORTEST_RESTART, _LONGEST_RESTART = 0.2, 60.0  # seconds before a spider that ended is replaced
_LONGEST_START = 10.0  # seconds; it takes a few milliseconds
_LAST_WORD = 1.0  # seconds that Scrapy gets to close its connections once the grace is over

_log = structlog.get_logger(__name__)

_FAILURES: tuple[tuple[type[BaseException], PageOutcome, str], ...] = (
    (scrapy_errors.DownloadTimeoutError, PageOutcome.TIMED_OUT, "no answer in time"),
    (TimeoutError, PageOutcome.TIMED_OUT, "no answer in time"),
    # Nothing but the limit on size cancels a download, and nothing but the limit on unpacked size ignores one.
    (scrapy_errors.DownloadCancelledError, PageOutcome.TOO_LARGE, "larger than the limit"),
    (scrapy_errors.IgnoreRequest, PageOutcome.TOO_LARGE, "larger than the limit once unpacked"),
    (scrapy_errors.DownloadConnectionRefusedError, PageOutcome.UNREACHABLE, "connection refused"),
    (scrapy_errors.ResponseDataLossError, PageOutcome.UNREACHABLE, "the answer broke off"),
    (HeadTooLarge, PageOutcome.TOO_LARGE, "headers larger than the limit"),
    (SpiderEnded, PageOutcome.UNREACHABLE, "the crawler was interrupted"),
)


@dataclass(eq=False, slots=True)
class _Walk:
    """What is known of one fetch while it goes from hop to hop."""

    at: str
    outlet: str | None = None  # whose credentials may go along
    milliseconds: float = 0.0
    hops: int = 0
    for_good: bool = True  # whether all hops so far were permanent


class Crawler:
    """One persistent Scrapy spider under supervision, with manners and guards before it.

    `next_allowed` tells from when on each host may be asked again, as it was kept over a restart. One crawler at a
    time in a process: the guard over names is the reactor's.
    """

    def __init__(
        self,
        settings: CrawlSettings,
        *,
        version: str,
        next_allowed: Mapping[str, datetime] = MappingProxyType({}),
        credentials: Mapping[str, Credentials] = MappingProxyType({}),
        resolver: GuardedResolver | None = None,
        spider: type[Courier] = Courier,
    ) -> None:
        self._settings = settings
        self._user_agent = f"{TOKEN}/{version} (+{settings.contact})"
        self._spider = spider
        self._keys = Keys(credentials)
        self._tickets = Tickets()
        self._gate = Gate(spacing=settings.spacing, concurrency=settings.concurrency, held=next_allowed)
        self._resolver = resolver or GuardedResolver(networks(settings.allow_networks))
        self._robots = Robots(self._ask_robots)
        self._crawling: ScrapyCrawler | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def next_allowed(self) -> Mapping[str, datetime]:
        """From when on each host (`host:port`) may be asked again, where that lies ahead; to be kept over a restart."""
        return self._gate.next_allowed()

    async def start(self) -> None:
        """Put the guard over the reactor's names and set the spider to work. Call inside `crawler.loop.run`."""
        if not (is_reactor_installed() and is_asyncio_reactor_installed()):
            raise RuntimeError("the crawler lives in the loop of crawler.loop.run, and nowhere else")
        # What Scrapy has to say of a single page stands in that page's outcome.
        logging.getLogger("scrapy").setLevel(logging.ERROR)
        import_module("twisted.internet.reactor").installNameResolver(self._resolver)
        self._supervisor = asyncio.ensure_future(self._supervise())
        with contextlib.suppress(TimeoutError):  # a spider that does not come up is the supervisor's to tell
            async with asyncio.timeout(_LONGEST_START):
                await self._tickets.wanted.wait()

    async def stop(self, grace: timedelta) -> None:
        """End: waiting fetches at once, those under way within `grace`. Every one of them still yields its Page."""
        self._gate.close()
        try:
            async with asyncio.timeout(grace.total_seconds()):
                await self._tickets.settled()
        except TimeoutError:
            _log.info("crawler.cut_short")
        self._stopping = True
        self._tickets.abandon()
        await self._dismiss_spider()

    async def fetch(
        self,
        url: str,
        *,
        outlet: str,
        lead: Lead | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Page:
        """Fetch `url` and say what came of it; never raises but CancelledError. Validators make it conditional."""
        now = datetime.now(UTC)
        asked = Page(url=url, final_url=url, outlet=outlet, fetched=now, milliseconds=0, lead=lead)
        walk = _Walk(at=url, outlet=outlet)
        end: Answer | Failed
        try:
            end = await self._follow(walk, _conditions(etag, last_modified))
        except Failed as failed:
            end = failed
        except Exception as error:  # the border of a page: whatever one address provokes ends with that address
            _log.exception("crawler.fetch_failed", url=url, outlet=outlet)
            end = Failed(PageOutcome.UNREACHABLE, f"{type(error).__name__}: {error}"[:200])
        page = _page(asked, walk, end)
        target = parse_target(walk.at)
        if isinstance(target, str):
            return page
        until = self._gate.pause_of(target.key)
        return page if until is None else replace(page, hold=(target.key, until))

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of the host of `url` names, as it writes them; none where there is none."""
        target = parse_target(url)
        return () if isinstance(target, str) else (await self._robots.rules(target.origin)).sitemaps

    async def _follow(self, walk: _Walk, headers: Mapping[str, str]) -> Answer:
        """The answer at the end of the redirects from where `walk` stands."""
        been: set[str] = set()
        for _ in range(self._settings.max_redirects + 1):
            target = _target(walk.at)
            if target.url in been:
                raise Failed(PageOutcome.UNREACHABLE, "redirected in a circle")
            been.add(target.url)
            walk.at = target.url
            await self._keep_outside(target.host)
            await self._keep_to_robots(target)
            answer = await self._ask(target, headers, walk)
            onward = redirect_of(answer)
            if onward is None:
                return answer
            walk.at = onward
            walk.hops += 1
            walk.for_good = walk.for_good and answer.status in _FOR_GOOD
        raise Failed(PageOutcome.UNREACHABLE, f"more than {self._settings.max_redirects} redirects")

    async def _keep_to_robots(self, target: Target) -> None:
        rules = await self._robots.rules(target.origin)
        self._gate.space(target.key, rules.delay)
        failure = rules.failure_for(target.url)
        if failure is not None:
            raise Failed(failure.outcome, failure.detail, retry_after=failure.retry_after)

    async def _ask_robots(self, url: str) -> Answer:
        walk = _Walk(at=url)
        answer = await self._ask(_target(url), _FOR_ROBOTS, walk, cut_at=MOST_BYTES)
        for _ in range(_ROBOTS_REDIRECTS):
            onward = redirect_of(answer)
            if onward is None:
                break
            answer = await self._ask(_target(onward), _FOR_ROBOTS, walk, cut_at=MOST_BYTES)
        return answer  # also one that still redirects: RFC 9309 counts that as no robots.txt

    async def _ask(
        self, target: Target, headers: Mapping[str, str], walk: _Walk, *, cut_at: int | None = None
    ) -> Answer:
        """One request in its host's turn. Raises Failed where no answer comes of it."""
        await self._keep_outside(target.host)
        sent_to = target.url
        if walk.outlet is not None:
            headers = {**headers, **self._keys.headers(walk.outlet, target)}
            sent_to = self._keys.address(walk.outlet, target)
            walk.for_good = walk.for_good and sent_to == target.url  # an address with a key in it is not to be kept
        async with self._gate.turn(target.key):
            begun = monotonic()
            try:
                answer = await self._carry(target, sent_to, headers, cut_at)
            finally:
                walk.milliseconds += (monotonic() - begun) * 1000
        failure = failure_of(answer, datetime.now(UTC))
        if failure is not None and failure.retry_after is not None:
            self._gate.hold(target.key, failure.retry_after)
            raise failure
        return answer

    async def _keep_outside(self, host: str) -> None:
        resolved = await self._resolver.resolve(host)
        if resolved.refused is not None:
            raise Failed(PageOutcome.REFUSED_ADDRESS, resolved.refused)
        if resolved.failed is not None:
            outcome = PageOutcome.TIMED_OUT if resolved.timed_out else PageOutcome.UNREACHABLE
            raise Failed(outcome, resolved.failed)

    async def _carry(self, target: Target, sent_to: str, headers: Mapping[str, str], cut_at: int | None) -> Answer:
        ticket = Ticket(
            url=sent_to,
            slot=target.key,
            headers={"User-Agent": self._user_agent, "Accept": _ACCEPT, "Accept-Encoding": _CODINGS, **headers},
            cut_at=cut_at,
        )
        self._tickets.put(ticket)
        try:
            # Scrapy keeps the time itself; this bound is for the case that the spider ends and takes long about it.
            async with asyncio.timeout(3 * self._settings.timeout.total_seconds() + _LONGEST_RESTART):
                return await ticket.answer
        except Exception as error:  # the border of a page again: Scrapy hands on whatever a handler raises
            raise await self._failure(target.host, error) from error

    async def _failure(self, host: str, error: Exception) -> Failed:
        if isinstance(error, scrapy_errors.CannotResolveHostError):
            try:
                await self._keep_outside(host)
            except Failed as failed:
                return failed
        causes = (error, _cause(error))
        for kind, outcome, detail in _FAILURES:
            if any(isinstance(cause, kind) for cause in causes):
                return Failed(outcome, detail)
        return Failed(PageOutcome.UNREACHABLE, f"{type(causes[1]).__name__}: {causes[1]}".replace("\n", " ")[:200])

    async def _supervise(self) -> None:
        pause = _SHORTEST_RESTART
        while True:
            begun = monotonic()
            await self._crawl()
            if self._stopping:
                return
            self._tickets.put_back()
            pause = _SHORTEST_RESTART if monotonic() - begun > _LONGEST_RESTART else pause
            _log.error("crawler.spider_ended", again_in_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_RESTART)

    async def _crawl(self) -> None:
        self._crawling = ScrapyCrawler(self._spider, scrapy_settings(self._settings, user_agent=self._user_agent))
        try:
            await self._crawling.crawl_async(tickets=self._tickets)
        except Exception:  # the border of a job: the daemon outlives its spider
            _log.exception("crawler.spider_failed")

    async def _dismiss_spider(self) -> None:
        """Close Scrapy; it waits for its downloads, so not for long. Cancelling alone it would swallow."""
        if self._supervisor is None:
            return
        try:
            async with asyncio.timeout(_LAST_WORD):
                if self._crawling is not None:
                    await self._crawling.stop_async()
                await self._supervisor
        except TimeoutError:
            self._supervisor.cancel()


_CODINGS = "gzip, deflate, br"  # what a reader of WARC files unpacks
_FOR_ROBOTS = MappingProxyType({"Accept-Encoding": "identity"})  # what is cut off cannot be unpacked
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in conditions.items() if value and value.isprintable()}


def _target(url: str) -> Target:
    target = parse_target(url)
    if isinstance(target, str):
        raise Failed(PageOutcome.REFUSED_ADDRESS, target)
    return target


def _page(asked: Page, walk: _Walk, end: Answer | Failed) -> Page:
    now = datetime.now(UTC)
    failed = end if isinstance(end, Failed) else failure_of(end, now)
    answer = end if isinstance(end, Answer) else end.answer
    page = replace(asked, final_url=walk.at, fetched=now, milliseconds=round(walk.milliseconds))
    if answer is not None:
        moved_to = walk.at if walk.hops and walk.for_good else None
        encoding = charset_of(answer)
        page = replace(page, status=answer.status, headers=answer.headers, encoding=encoding, moved_to=moved_to)
    if failed is not None:
        return replace(page, failure=failed.outcome, detail=failed.detail, retry_after=failed.retry_after)
    return page if answer is None else replace(page, body=answer.body, sent=answer.sent)


def _cause(error: BaseException) -> BaseException:
    """The innermost reason that Twisted gives."""
    cause = error.__cause__ if error.__cause__ is not None else error
    if isinstance(cause, ResponseFailed) and cause.reasons:
        cause = cause.reasons[-1].value
    return cause

"""The one spider that lives as long as the daemon, and the settings under which Scrapy runs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import scrapy
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler as ScrapyCrawler
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from config import CrawlSettings
from crawler.answers import Answer
from crawler.loop import ASYNCIO_REACTOR

_HANDLER = f"{__name__}.Handler"
_IDLE = 15  # seconds; Twisted's 240 would hold a socket for each of thousands of hosts until their next poll
_IDLE_PER_HOST = 2  # as many as are ever under way to one host
_TRIES = 2  # a spider that ends takes what it had in hand along; once more on the next one, then never


class SpiderEnded(Exception):  # noqa: N818 (told as the reason of a failed fetch)
    """The spider that had the request in hand ended, twice."""


@dataclass(eq=False, kw_only=True, slots=True)
class Ticket:
    """One request on its way through Scrapy. `answer` gets the Answer, or the exception that Scrapy made of it."""

    url: str
    slot: str
    headers: dict[str, str]
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    tries: int = 0

    def succeed(self, answer: Answer) -> None:
        """Hand the answer to whoever still waits for it."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: BaseException) -> None:
        """Hand the failure to whoever still waits for the answer."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Tickets:
    """The queue that feeds the spider: the seam where another source of requests could stand one day."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Ticket] = asyncio.Queue()
        self._out: set[Ticket] = set()
        self.wanted = asyncio.Event()  # set once a spider has come for its first ticket

    def put(self, ticket: Ticket) -> None:
        """Queue `ticket`; its `answer` settles sooner or later."""
        self._waiting.put_nowait(ticket)

    async def take(self) -> Ticket:
        """The next ticket that somebody still waits for."""
        self.wanted.set()
        while True:
            ticket = await self._waiting.get()
            if not ticket.answer.done():
                ticket.tries += 1
                self._out.add(ticket)
                ticket.answer.add_done_callback(partial(self._settle, ticket))
                return ticket

    def _settle(self, ticket: Ticket, _: asyncio.Future[Answer]) -> None:
        self._out.discard(ticket)

    def put_back(self) -> None:
        """Queue again what an ended spider had in hand."""
        for ticket in tuple(self._out):
            self._out.discard(ticket)
            if ticket.tries < _TRIES:
                self.put(ticket)
            else:
                ticket.fail(SpiderEnded("the spider ended"))

    async def settled(self) -> None:
        """Wait until nothing is out."""
        if self._out:
            await asyncio.wait([ticket.answer for ticket in self._out])

    def abandon(self) -> None:
        """Fail whatever is still waiting or out."""
        while not self._waiting.empty():
            self._out.add(self._waiting.get_nowait())
        for ticket in tuple(self._out):
            ticket.fail(SpiderEnded("the crawler has stopped"))


class Handler(HTTP11DownloadHandler):
    """Scrapy's own, but that connections which nobody uses are soon let go."""

    def __init__(self, crawler: ScrapyCrawler) -> None:
        super().__init__(crawler)
        self._pool.cachedConnectionTimeout = _IDLE
        self._pool.maxPersistentPerHost = _IDLE_PER_HOST


class Courier(scrapy.Spider):
    """Carries tickets to servers and answers back; it is never idle, so Scrapy never closes it."""

    name = "tollwatch"

    def __init__(self, *, tickets: Tickets) -> None:
        super().__init__()
        self.tickets = tickets

    async def start(self) -> AsyncIterator[Request]:
        """Every ticket as a request, for ever."""
        while True:
            ticket = await self.tickets.take()
            request = self._request(ticket)
            if request is not None:
                yield request

    def _request(self, ticket: Ticket) -> Request | None:
        try:
            return Request(
                ticket.url,
                headers=ticket.headers,
                callback=self.arrived,
                errback=self.failed,
                dont_filter=True,
                cb_kwargs={"ticket": ticket},
                meta={"download_slot": ticket.slot, "download_timeout": self.settings.getfloat("DOWNLOAD_TIMEOUT")},
            )
        except (ValueError, TypeError) as error:  # raised out of start() it would end the spider
            ticket.fail(error)
            return None

    def arrived(self, response: Response, ticket: Ticket) -> None:
        """Scrapy's callback."""
        ticket.succeed(
            Answer(url=response.url, status=response.status, headers=_headers(response), body=bytes(response.body))
        )

    def failed(self, failure: Failure) -> None:
        """Scrapy's errback."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy's addition
        request.cb_kwargs["ticket"].fail(failure.value)


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )


def scrapy_settings(settings: CrawlSettings, *, user_agent: str) -> dict[str, Any]:
    """What Scrapy runs under. The `*_BASE` tables are emptied, so that nothing is on which is not named here.

    Off by that: telnet, remote control (a code-execution server), file:, data:, ftp: and s3: addresses, cookies, meta
    refresh, retries, proxies from the environment, and Scrapy's own redirects and robots.txt, which are ours to judge.
    """
    return {
        "TWISTED_REACTOR": ASYNCIO_REACTOR,
        "EXTENSIONS_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590},
        "DOWNLOAD_HANDLERS_BASE": {"http": _HANDLER, "https": _HANDLER},
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "USER_AGENT": user_agent,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_TIMEOUT": settings.timeout.total_seconds(),
        "DOWNLOAD_MAXSIZE": settings.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_DELAY": 0,
        # Scrapy starts that many tasks for the items of each response, and ours have none: 1 halves the CPU of a poll.
        "CONCURRENT_ITEMS": 1,
        "CONCURRENT_REQUESTS": settings.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": settings.concurrency,
        "LOG_ENABLED": False,
        "STATS_DUMP": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
    }

"""The one spider that lives as long as the daemon, what stands between it and the wire, and Scrapy's settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import scrapy
from scrapy import signals
from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler as ScrapyCrawler
from scrapy.exceptions import StopDownload
from scrapy.http import Request, Response
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from config import CrawlSettings
from crawler.answers import Answer
from crawler.loop import ASYNCIO_REACTOR
from model import Sent

_HANDLER = f"{__name__}.Handler"
_WIRE = f"{__name__}.Wire"
_IDLE = 15  # seconds; Twisted's 240 would hold a socket for each of thousands of hosts until their next poll
_IDLE_PER_HOST = 2  # as many as are ever under way to one host
_MOST_OF_HEAD = 256 * 1024  # bytes of status and headers; the longest of real outlets have 20 KB, mostly their policies
_TRIES = 2  # a spider that ends takes what it had in hand along; once more on the next one, then never


class SpiderEnded(Exception):  # noqa: N818 (told as the reason of a failed fetch)
    """The spider that had the request in hand ended, twice."""


class HeadTooLarge(Exception):  # noqa: N818 (told as the reason of a failed fetch)
    """The headers of an answer do not end."""


@dataclass(eq=False, kw_only=True, slots=True)
class Ticket:
    """One request on its way through Scrapy. `answer` gets the Answer, or the exception that Scrapy made of it.

    Of a body that is longer than `cut_at` bytes only the beginning is taken, instead of failing for its size.
    """

    url: str
    slot: str
    headers: dict[str, str]
    cut_at: int | None = None
    received: int = 0
    sent: Sent | None = None
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


class Protocol(http11._LenientHTTP11ClientProtocol):
    """Scrapy's own, but that headers have an end: Twisted keeps them all, and no limit on size counts them."""

    _head = 0  # bytes of an answer's head that have come so far

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (the interface's name)
        """As the parent's, but gives up on headers without end."""
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is None or self._parser.state not in (STATUS, HEADER):
            self._head = 0
            return
        self._head += len(data)
        if self._head > _MOST_OF_HEAD and self.transport is not None:
            self._giveUp(Failure(HeadTooLarge("headers larger than the limit")))  # type: ignore[no-untyped-call]
            self.transport.abortConnection()


class Factory(http11._LenientHTTP11ClientFactory):
    """Makes a Protocol for each connection."""

    def buildProtocol(self, addr: IAddress | None) -> Protocol:  # noqa: N802 (the interface's name)
        """See `twisted.internet.interfaces.IProtocolFactory`."""
        return Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class Handler(http11.HTTP11DownloadHandler):
    """Scrapy's own, but that connections which nobody uses are soon let go, and headers have an end."""

    def __init__(self, crawler: ScrapyCrawler) -> None:
        super().__init__(crawler)
        self._pool._factory = Factory
        self._pool.cachedConnectionTimeout = _IDLE
        self._pool.maxPersistentPerHost = _IDLE_PER_HOST


class Wire:
    """The downloader middleware next to the wire: keeps what was sent before it is unpacked, cuts what may be cut."""

    def __init__(self, crawler: ScrapyCrawler) -> None:
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self._received, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: ScrapyCrawler) -> Wire:
        """Scrapy's way of making one."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep status, headers and body as they came."""
        ticket: Ticket = request.cb_kwargs["ticket"]
        ticket.sent = Sent(
            protocol=response.protocol or "HTTP/1.1",
            status=response.status,
            headers=_headers(response),
            body=response.body,
        )
        request.meta["download_maxsize"] = self._max_bytes  # for what it unpacks to, also where the wire had no limit
        return response

    def _received(self, data: bytes, request: Request) -> None:
        ticket: Ticket = request.cb_kwargs["ticket"]
        if ticket.cut_at is None:
            return
        ticket.received += len(data)
        if ticket.received >= ticket.cut_at:
            raise StopDownload(fail=False)


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
        meta = {"download_slot": ticket.slot, "download_timeout": self.settings.getfloat("DOWNLOAD_TIMEOUT")}
        if ticket.cut_at is not None:
            meta["download_maxsize"] = 0
        try:
            return Request(
                ticket.url,
                headers=ticket.headers,
                callback=self.arrived,
                errback=self.failed,
                dont_filter=True,
                cb_kwargs={"ticket": ticket},
                meta=meta,
            )
        except (ValueError, TypeError) as error:  # raised out of start() it would end the spider
            ticket.fail(error)
            return None

    def arrived(self, response: Response, ticket: Ticket) -> None:
        """Scrapy's callback."""
        ticket.succeed(
            Answer(
                url=response.url,
                status=response.status,
                headers=_headers(response),
                body=response.body,
                sent=ticket.sent,
            )
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
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
            _WIRE: 600,
        },
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

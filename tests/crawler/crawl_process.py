"""The crawler in a process of its own, since a reactor starts once in the life of a process.

Reads pickled commands from standard input, one after another, and writes what came of each to standard output:
`Open` replaces the crawler by a new one, `Fetch` fetches all its requests at once, `Held` and `StopWhile` say what they
do; the end of the input ends the process.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

import structlog

from config import CrawlSettings, Credentials
from crawler.addresses import networks
from crawler.answers import Answer
from crawler.engine import Crawler
from crawler.loop import run
from crawler.resolver import GuardedResolver, system_lookup
from crawler.spider import Courier
from model import Page


@dataclass(frozen=True, kw_only=True)
class Open:
    settings: CrawlSettings
    next_allowed: Mapping[str, datetime] = field(default_factory=dict)
    mortal: bool = False
    credentials: Mapping[str, Credentials] = field(default_factory=dict)
    names: Mapping[str, tuple[tuple[str, ...], ...]] | None = None  # answers of a name server, the last one stays
    dry: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    url: str
    outlet: str = "an-outlet"
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fetch:
    requests: tuple[Request, ...]


@dataclass(frozen=True, kw_only=True)
class Held:
    """Asks for `next_allowed`."""


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Asks how many sockets the process listens on."""


@dataclass(frozen=True, kw_only=True)
class StopWhile:
    """Stops the crawler `after` seconds into fetching `requests`; answers the pages and the stop's duration."""

    requests: tuple[Request, ...]
    after: float
    grace: timedelta


class MortalCourier(Courier):
    """A spider that dies of every address with `kill-the-spider` in it."""

    async def start(self) -> AsyncIterator[Any]:
        async for request in super().start():
            if "kill-the-spider" in request.url:
                raise RuntimeError("killed by a test")
            yield request


class DryCourier(Courier):
    """A spider that sends nothing: every request that would have been sent is answered `sent`, or by a redirect.

    So a hole in the guard shows without a packet; `http://redirects.example/?ADDRESS` redirects to ADDRESS.
    """

    async def start(self) -> AsyncIterator[Any]:
        while True:
            ticket = await self.tickets.take()
            base, _, onward = ticket.url.partition("?")
            there = base == "http://redirects.example/" and onward
            headers = (("Location", unquote(onward)),) if there else ()
            ticket.succeed(Answer(url=ticket.url, status=302 if there else 200, headers=headers, body=b"sent"))
            if not ticket.url:
                yield


class NameServer:
    """Answers by table; each name's answers in turn, the last one again and again."""

    def __init__(self, names: Mapping[str, tuple[tuple[str, ...], ...]]) -> None:
        self._names = names
        self._asked: Counter[str] = Counter()

    def __call__(self, host: str) -> tuple[str, ...]:
        if host not in self._names:
            return tuple(system_lookup(host)) if _is_a_number(host) else ()
        answers = self._names[host]
        self._asked[host] += 1
        return answers[min(self._asked[host], len(answers)) - 1]


def _is_a_number(host: str) -> bool:
    """Whether the system takes a name for an address, in whatever form, and so asks no name server for it."""
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


class Host:
    """Carries out one command after another."""

    def __init__(self) -> None:
        self._crawler: Crawler | None = None

    async def carry_out(self, command: object) -> object:
        match command:
            case Open():
                await self._open(command)
                return None
            case Fetch():
                return await self._fetch(command.requests)
            case Held():
                return dict(self.crawler.next_allowed)
            case Listening():
                return listening()
            case StopWhile():
                return await self._stop_while(command)
        raise TypeError(command)

    @property
    def crawler(self) -> Crawler:
        if self._crawler is None:
            raise RuntimeError("open a crawler first")
        return self._crawler

    async def close(self) -> None:
        if self._crawler is not None:
            await self._crawler.stop(timedelta(0))

    async def _open(self, command: Open) -> None:
        await self.close()
        spider = DryCourier if command.dry else MortalCourier if command.mortal else Courier
        allowed = networks(command.settings.allow_networks)
        resolver = None
        if command.names is not None:
            resolver = GuardedResolver(allowed, ttl=0, lookup=NameServer(command.names))
        self._crawler = Crawler(
            command.settings,
            version="0.0",
            next_allowed=command.next_allowed,
            credentials=command.credentials,
            resolver=resolver,
            spider=spider,
        )
        await self._crawler.start()

    async def _fetch(self, requests: tuple[Request, ...]) -> list[Page]:
        return await asyncio.gather(
            *(
                self.crawler.fetch(one.url, outlet=one.outlet, etag=one.etag, last_modified=one.last_modified)
                for one in requests
            )
        )

    async def _stop_while(self, command: StopWhile) -> tuple[list[Page], float]:
        fetching = asyncio.ensure_future(self._fetch(command.requests))
        await asyncio.sleep(command.after)
        begun = time.monotonic()
        await self.crawler.stop(command.grace)
        took = time.monotonic() - begun
        return await fetching, took


async def serve() -> int:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # the answers own standard output
    host = Host()
    loop = asyncio.get_running_loop()
    while (command := await loop.run_in_executor(None, _receive, sys.stdin.buffer)) is not None:
        try:
            answer = await host.carry_out(command)
        except Exception as error:  # told to the test, which fails with it
            answer = error
        _send(sys.stdout.buffer, answer)
    await host.close()
    return 0


def listening() -> int:
    """How many of this process's descriptors are listening TCP sockets (Linux)."""
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    listeners = {f"socket:[{columns[9]}]" for columns in lines if columns[3] == "0A"}
    return sum(str(link.readlink()) in listeners for link in Path("/proc/self/fd").iterdir() if link.is_symlink())


def _receive(stream: BinaryIO) -> object:
    try:
        return pickle.load(stream)
    except EOFError:
        return None


def _send(stream: BinaryIO, answer: object) -> None:
    pickle.dump(answer, stream)
    stream.flush()


if __name__ == "__main__":
    from tests.crawler import crawl_process  # commands come pickled under this name, not as __main__

    sys.exit(run(crawl_process.serve))

"""An internet of its own on loopback: good outlets that publish by a schedule, and bad ones, each with a fault.

    async with Loopback(Plan(...), folder) as internet:
        internet.outlets          # for a configuration
        internet.requests()       # what the servers were asked, when

All hosts live in one process beside the caller's (`python -m bench.loopback`, which reads its plan from standard input
and ends when that is closed), each on an address of its own in 127.77.0.0/16 or 127.78.0.0/16, all on one free port.
A bad outlet publishes as a good one does, except where its fault says otherwise.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Self, TextIO

from bench.answers import Asked, hang_up, html, rss, whole
from bench.faults import FAULTS, FEED, FRONT_PAGE, ROBOTS, SITEMAP, Fault
from bench.stories import Newsroom
from model import Outlet

ROOT = Path(__file__).resolve().parents[1]
EVENTS = 40  # that the articles are about
AGE_S = 600.0  # of what was published before the beginning
IN_FEED = 30
READY_S = 30.0
WHOLE = struct.pack("ii", 1, 0)  # SO_LINGER: what was not sent yet is dropped, and the connection reset


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is served: `articles` of the good outlets spread over `seconds` from `begins` (Unix time).

    `backlog` articles of each outlet are older. `faults` names the bad outlets' faults. All of it follows from `seed`.
    """

    good: int
    faults: tuple[str, ...]
    articles: int
    begins: float
    seconds: float
    backlog: int = 1
    seed: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """One article: its outlet's id, its path there and its moment (Unix time)."""

    outlet: str
    path: str
    moment: float
    title: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as a server saw it; `at` is Unix time."""

    at: float
    outlet: str
    path: str


@dataclass(eq=False, kw_only=True, slots=True)
class Host:
    """One outlet's server."""

    id: str
    address: str
    port: int = 0
    fault: Fault | None = None
    articles: list[Publication] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def base(self) -> str:
        """Its address without a slash at the end."""
        return f"http://{self.address}:{self.port}"

    @property
    def outlet(self) -> Outlet:
        """It as a configuration names it: with one listing, the one that the fault is at if it is at one."""
        at = self.fault.at if self.fault else FEED
        return Outlet(
            id=self.id,
            name=self.id,
            homepage=self.base + "/",
            language="en",
            feeds=() if at in (SITEMAP, FRONT_PAGE) else (self.base + FEED,),
            sitemaps=(self.base + SITEMAP,) if at == SITEMAP else (),
            front_pages=(self.base + FRONT_PAGE,) if at == FRONT_PAGE else (),
        )

    def answer(self, path: str, etag: str | None) -> AsyncIterator[bytes]:
        """What is sent for `path` now."""
        self.asked[path] += 1
        asked = Asked(base=self.base, path=path, times=self.asked[path], etag=etag)
        if self.fault is not None and path.startswith(self.fault.at):
            return self.fault.serve(asked) if self.fault.serve else hang_up(asked)
        return self._sane(asked)

    async def _sane(self, asked: Asked) -> AsyncIterator[bytes]:
        out = [one for one in self.articles if one.moment <= time.time()]
        if asked.path == ROBOTS:
            yield whole(b"User-agent: *\nDisallow: /private/", type_="text/plain")
        elif asked.path == FEED:
            yield self._feed(out, asked.etag)
        else:
            found = next((one for one in out if one.path == asked.path), None)
            yield whole(page(found)) if found else whole(b"", 404)

    def _feed(self, out: list[Publication], etag: str | None) -> bytes:
        tag = f'"{len(out)}"'
        if etag == tag:
            return whole(b"", 304, {"ETag": tag})
        entries = [(self.base + one.path, one.title, datetime.fromtimestamp(one.moment, UTC)) for one in out]
        return whole(rss(entries[: -IN_FEED - 1 : -1]), 200, {"ETag": tag}, type_="application/rss+xml")


def hosts(plan: Plan, port: int = 0) -> list[Host]:
    """All hosts of `plan`, the good ones first."""
    good = [Host(id=f"good-{n:03}", address=_address(77, n), port=port) for n in range(plan.good)]
    bad = [
        Host(id=f"bad-{n:03}", address=_address(78, n), port=port, fault=FAULTS[name])
        for n, name in enumerate(plan.faults)
    ]
    share = plan.articles / max(1, plan.good)
    _publish(good, plan, articles=plan.articles, seed=plan.seed)
    _publish(bad, plan, articles=round(share * len(bad)), seed=plan.seed + 1)
    return [*good, *bad]


def _address(net: int, number: int) -> str:
    return f"127.{net}.{number // 250}.{number % 250 + 1}"


def _publish(among: Sequence[Host], plan: Plan, *, articles: int, seed: int) -> None:
    """Deal articles to hosts in rounds, each round in another order; the moments lie evenly, but not regularly."""
    if not among:
        return
    chance = random.Random(seed)
    older = plan.backlog * len(among)
    stories = Newsroom(events=EVENTS, seed=seed).stories(older + articles)
    turn: list[Host] = []
    for number, story in enumerate(stories):
        turn = turn or chance.sample(among, len(among))
        host = turn.pop()
        if number < older:
            moment = plan.begins - AGE_S * chance.uniform(0.5, 1)
        else:
            moment = plan.begins + plan.seconds * (number - older + chance.random()) / articles
        path = f"/news/{number:06}-story"
        title, text = story.article.title, story.article.text
        host.articles.append(Publication(outlet=host.id, path=path, moment=moment, title=title, text=text))
    for host in among:
        host.articles.sort(key=lambda one: one.moment)


def page(article: Publication) -> bytes:
    """The page of an article, as its outlet serves it."""
    stated = datetime.fromtimestamp(article.moment, UTC).isoformat()
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in article.text.split("\n"))
    marks = f'<meta property="article:published_time" content="{stated}"><meta property="og:type" content="article">'
    return html(f"<article><h1>{escape(article.title)}</h1>{paragraphs}</article>", marks=marks)


# ------------------------------------------------------------------------------------------------- the caller's side


class Loopback:
    """The internet of `plan`, served by a process of its own from entry to exit; its log of requests is in `folder`."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._log = folder / "requests.jsonl"
        self._process: asyncio.subprocess.Process | None = None
        self.hosts: list[Host] = []

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.loopback", str(self._log), cwd=ROOT, stdin=pipe, stdout=pipe
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(self._plan)).encode() + b"\n")
        async with asyncio.timeout(READY_S):
            line = await self._process.stdout.readline()
        self.hosts = hosts(self._plan, port=int(line))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    @property
    def outlets(self) -> list[Outlet]:
        """All outlets as a configuration names them."""
        return [host.outlet for host in self.hosts]

    def requests(self) -> list[Request]:
        """What was asked so far."""
        return [Request(**json.loads(line)) for line in self._log.read_text(encoding="utf-8").splitlines()]


# ------------------------------------------------------------------------------------------------ the server's side


async def serve(plan: Plan, log: TextIO) -> None:
    """Serve until standard input is closed; prints the port once all hosts listen."""
    port = await _listen(plan, log)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _listen(plan: Plan, log: TextIO) -> int:
    all_hosts = hosts(plan)
    port = 0
    for host in all_hosts:
        if host.fault is None or host.fault.serve is not None:
            server = await asyncio.start_server(partial(_converse, host, log), host.address, port, backlog=64)
            port = port or server.sockets[0].getsockname()[1]
        host.port = port
    for host in all_hosts:
        host.port = port
        if host.fault is not None and host.fault.queues:
            _listen_in_vain(host.address, port)
    return port


_deaf: list[socket.socket] = []


def _listen_in_vain(address: str, port: int) -> None:
    """Listen with a queue that is full: whoever connects hears nothing at all."""
    listener = socket.create_server((address, port), backlog=0)
    _deaf.append(listener)
    for _ in range(2):
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex((address, port))
        _deaf.append(waiting)


async def _converse(host: Host, log: TextIO, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request on one connection; ends when the answer does or the client leaves, whichever is first."""
    try:
        path, etag = request(await reader.readuntil(b"\r\n\r\n"))
        log.write(json.dumps({"at": time.time(), "outlet": host.id, "path": path}) + "\n")
        sending = asyncio.ensure_future(_send(writer, host.answer(path, etag)))
        leaving = asyncio.ensure_future(reader.read())
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, leaving):
            task.cancel()
        await sending
    except ConnectionResetError:
        _reset(writer)
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
        pass  # the client is gone, which is how most of these conversations end
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def request(head: bytes) -> tuple[str, str | None]:
    """The path that is asked for and the validator that is sent along."""
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return first.split(" ")[1], headers.get("if-none-match")


async def _send(writer: asyncio.StreamWriter, pieces: AsyncIterator[bytes]) -> None:
    async with aclosing(pieces) as sent:  # type: ignore[type-var]  # every one of them is a generator
        async for piece in sent:
            writer.write(piece)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, WHOLE)
    writer.transport.abort()


def main() -> None:
    """Reads a plan and serves it; see the module's docstring."""
    given = json.loads(sys.stdin.readline())
    plan = Plan(**given | {"faults": tuple(given["faults"])})
    with Path(sys.argv[1]).open("w", encoding="utf-8", buffering=1) as log:
        asyncio.run(serve(plan, log))


if __name__ == "__main__":
    main()

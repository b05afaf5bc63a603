"""How long a change takes from the poll that saw it to its receivers: the real daemon, real servers, loopback.

`python -m bench.alerts [--json] [--changes 500] [--minutes 6] [--folder DIR]` runs `tollwatch run` over outlets that
publish N articles, evenly spread over the minutes. Each tells of a new event or of a figure that has grown by half or
more, which is told at once (`bench.stories`), and each next figure of an event comes through another outlet. A mailbox,
a signed webhook and a Slack webhook take what is told.

The clock starts when the server makes the first answer to a poll in which an article is listed, and ends when a
receiver has read the whole alert about it, the last of the three for `latency_*_ms`; `channels` has each by itself, and
`until_asked_*_ms` ends when the article's page is asked for. Servers, receivers and clock are one process beside the
daemon. An alert that never came is counted in `lost`, and with the time that was waited for it.

All of the daemon's settings are those that it has by itself, except that outlets are polled every ten seconds, so that
there are polls enough. One of them are the two seconds between two requests to one host. So each outlet serves its feed
and its pages from two hosts, as many do, and publishes one article at a time; where both come from one host, the page
waits for those two seconds, which this does not measure. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import Progress

from bench.answers import rss, whole
from bench.daemon import Daemon
from bench.loopback import Publication, page, request
from bench.post_office import CHANNELS, Arrival, PostOffice
from bench.stories import Newsroom, Story
from model import Outlet

EVERY_S = 10.0
APART_S = 2.5 * EVERY_S  # at least, between two figures of an event: the later one must not be seen first
MOST_FIGURES = 8  # of an event: the last of them are some thousands
AGE_S = 3600.0  # of the article that each outlet has at the beginning
SETTLING_S = 5.0
LOOK_S = 0.2
PATIENCE_S = 120.0
FEED = "/feed.xml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Latency:
    """Milliseconds."""

    p50_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What one run came to; `alerts` are the changes that all receivers were told of."""

    changes: int
    alerts: int
    lost: int
    events: int
    latency_p50_ms: float
    latency_p99_ms: float
    latency_max_ms: float
    until_asked_p50_ms: float
    until_asked_p99_ms: float
    channels: Mapping[str, Latency]
    errors: tuple[str, ...]


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.alerts", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--changes", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=6, help="over which the changes are spread")
    parser.add_argument("--folder", type=Path, help="where to leave configuration, archive and log")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        figures = asyncio.run(trial(folder, changes=arguments.changes, seconds=arguments.minutes * 60))
    if not arguments.json:
        for name, value in asdict(figures).items():
            sys.stdout.write(f"{name:20} {value}\n")
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


async def trial(folder: Path, *, changes: int, seconds: float) -> Figures:
    """Publish so many changes over so many seconds, and time what the receivers take."""
    times = max(1, min(MOST_FIGURES, int(seconds // APART_S)))
    events = math.ceil(changes / times)
    async with (
        PostOffice(random.Random(1), failing=0.0, longest_answer_s=0.0) as office,
        Site(events) as site,
        Daemon(folder, site.outlets, every_s=EVERY_S, crawl={}, channels=office.addresses.tables(folder)) as daemon,
    ):
        # One old article each: after it the daemon knows every host, as one does that has run for an hour.
        site.publish(Newsroom(events=events, seed=2).stories(events), begins=time.time() - AGE_S, apart_s=1)
        async with asyncio.timeout(PATIENCE_S):
            while len(site.asked) < events:
                await asyncio.sleep(LOOK_S)
        await asyncio.sleep(SETTLING_S)
        stories = islice(Newsroom(events=events, seed=1).growing(times, datetime.now(UTC)), changes)
        paths = site.publish(stories, begins=time.time(), apart_s=seconds / changes)
        await _arrived(office, paths, until=time.time() + seconds + EVERY_S + PATIENCE_S)
        return _figures(site, paths, office.taken, events=events, errors=tuple(daemon.errors()))


async def _arrived(office: PostOffice, paths: Sequence[str], *, until: float) -> None:
    """Wait until everything has arrived everywhere, but no longer than `until`."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("changes", total=len(paths))
        while time.time() < until and any(len(office.taken[name]) < len(paths) for name in CHANNELS):
            progress.update(task, completed=min(map(len, office.taken.values())))
            await asyncio.sleep(LOOK_S)


# ------------------------------------------------------------------------------------------------------- the outlets


class Site:
    """The servers of all outlets, from entry to exit; an outlet's feed is on one host, its pages are on another.

    `listed` has when each path was first in the answer to a poll, `asked` when each page was asked for (Unix time).
    """

    def __init__(self, outlets: int) -> None:
        self.listed: dict[str, float] = {}
        self.asked: dict[str, float] = {}
        self._port = 0
        self._number = 0
        self._outlets = range(outlets)
        self._articles: list[list[Publication]] = [[] for _ in self._outlets]

    async def __aenter__(self) -> Self:
        self._closing = AsyncExitStack()
        for outlet in self._outlets:
            for address, answer in ((_feeds(outlet), self._feed), (_pages(outlet), self._page)):
                converse = partial(self._converse, outlet, answer)
                server = await asyncio.start_server(converse, address, self._port)
                self._closing.callback(server.close)
                self._port = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()

    @property
    def outlets(self) -> list[Outlet]:
        """All outlets as a configuration names them."""
        return [
            Outlet(
                id=f"outlet-{outlet:03}",
                name=f"outlet-{outlet:03}",
                homepage=f"http://{_pages(outlet)}:{self._port}/",
                language="en",
                feeds=(f"http://{_feeds(outlet)}:{self._port}{FEED}",),
            )
            for outlet in self._outlets
        ]

    def publish(self, stories: Iterable[Story], *, begins: float, apart_s: float) -> list[str]:
        """Let the outlets publish, one after the other and from the second round on each by one later; the paths."""
        paths = []
        for number, story in enumerate(stories):
            turn, place = divmod(number, len(self._outlets))
            outlet = (place + turn) % len(self._outlets)
            self._number += 1
            article = Publication(
                outlet=str(outlet),
                path=f"/news/{self._number:06}-story",
                moment=begins + number * apart_s,
                title=story.article.title,
                text=story.article.text,
            )
            self._articles[outlet].append(article)
            paths.append(article.path)
        return paths

    async def _converse(
        self,
        outlet: int,
        answer: Callable[[int, str, str | None], bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """One request on one connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            writer.write(answer(outlet, *request(await reader.readuntil(b"\r\n\r\n"))))
            await writer.drain()
        writer.close()

    def _feed(self, outlet: int, path: str, etag: str | None) -> bytes:
        if path != FEED:
            return whole(b"", 404)
        now = time.time()
        out = [article for article in self._articles[outlet] if article.moment <= now]
        tag = f'"{len(out)}"'
        if etag == tag:
            return whole(b"", 304, {"ETag": tag})
        for article in out:
            self.listed.setdefault(article.path, now)
        base = f"http://{_pages(outlet)}:{self._port}"
        entries = [(base + one.path, one.title, datetime.fromtimestamp(one.moment, UTC)) for one in reversed(out)]
        return whole(rss(entries), 200, {"ETag": tag}, type_="application/rss+xml")

    def _page(self, outlet: int, path: str, _: str | None) -> bytes:
        for article in self._articles[outlet]:
            if article.path == path:
                self.asked.setdefault(path, time.time())
                return whole(page(article))
        return whole(b"", 404)


def _feeds(outlet: int) -> str:
    return f"127.79.{outlet // 250}.{outlet % 250 + 1}"


def _pages(outlet: int) -> str:
    return f"127.80.{outlet // 250}.{outlet % 250 + 1}"


# ----------------------------------------------------------------------------------------------------------- figures


def _figures(
    site: Site,
    paths: Sequence[str],
    taken: Mapping[str, Sequence[Arrival]],
    *,
    events: int,
    errors: tuple[str, ...],
) -> Figures:
    ended = time.time()
    about = {arrival.id: urlsplit(json.loads(arrival.content)["data"]["url"]).path for arrival in taken["hook"]}
    at: dict[str, dict[str, float]] = {name: {} for name in CHANNELS}
    for name in CHANNELS:
        for arrival in taken[name]:
            at[name].setdefault(about.get(arrival.id, ""), arrival.at)
    waited = {name: [at[name].get(path, ended) - site.listed.get(path, ended) for path in paths] for name in CHANNELS}
    told = sum(all(path in at[name] for name in CHANNELS) for path in paths)
    last = _latency([max(of_change) for of_change in zip(*waited.values(), strict=True)])
    until_asked = _latency([site.asked.get(path, ended) - site.listed.get(path, ended) for path in paths])
    return Figures(
        changes=len(paths),
        alerts=told,
        lost=len(paths) - told,
        events=events,
        latency_p50_ms=last.p50_ms,
        latency_p99_ms=last.p99_ms,
        latency_max_ms=last.max_ms,
        until_asked_p50_ms=until_asked.p50_ms,
        until_asked_p99_ms=until_asked.p99_ms,
        channels={name: _latency(seconds) for name, seconds in waited.items()},
        errors=errors,
    )


def _latency(seconds: Sequence[float]) -> Latency:
    """Of the fastest so many percent the slowest, so that no figure lies between two that were seen."""
    ordered = sorted(seconds)
    p50, p99, longest = (ordered[math.ceil(len(ordered) * share) - 1] for share in (0.5, 0.99, 1))
    return Latency(p50_ms=_ms(p50), p99_ms=_ms(p99), max_ms=_ms(longest))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    main()

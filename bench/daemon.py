"""The real daemon as a process of its own, on a configuration written for it, watched from outside."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TextIO
from urllib.parse import urlsplit

import aiohttp

from bench.meters import below, memory_mb
from model import Outlet

ROOT = Path(__file__).resolve().parents[1]
LONGEST_STOP_S = 10.0  # what a container is given
LONGEST_HEALTH_S = 10.0
SCREEN: Mapping[str, str] = {"screen": 'kind = "print"'}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """The daemon at one moment: resident MB of its main process and of all others, milliseconds that /healthz took."""

    main_mb: float
    workers_mb: float
    health_ms: float


class Daemon:
    """`tollwatch run` over `outlets` from entry to exit; its files are in `folder`.

    `crawl` are keys of the table [crawl], as text; `channels` are tables of [[channels]], as TOML, by their names.
    """

    def __init__(
        self,
        folder: Path,
        outlets: Sequence[Outlet],
        *,
        every_s: float,
        crawl: Mapping[str, str],
        channels: Mapping[str, str] = SCREEN,
    ) -> None:
        self._folder = folder
        self._archive = folder / "tollwatch.db"
        self._port = _free_port()
        self._last_article = 0
        self._process: asyncio.subprocess.Process | None = None
        self._files: list[TextIO] = []
        config = _config(outlets, every_s=every_s, crawl=crawl, channels=channels, port=self._port)
        (folder / "config.toml").write_text(config, encoding="utf-8")

    async def __aenter__(self) -> Self:
        self._files = [(self._folder / name).open("w", encoding="utf-8") for name in ("told.txt", "daemon.jsonl")]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", "run", "--config", str(self._folder / "config.toml")),
            cwd=ROOT,
            stdout=self._files[0],
            stderr=self._files[1],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(LONGEST_STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        for file in self._files:
            file.close()

    async def sample(self) -> Sample:
        """How it is now."""
        assert self._process is not None
        pids = [self._process.pid, *below(self._process.pid)]
        main, *others = (round(memory_mb(pid, "status", "VmRSS"), 1) for pid in pids)
        began = time.monotonic()
        with suppress(aiohttp.ClientError, TimeoutError):  # it does not answer yet, or no more
            async with aiohttp.ClientSession() as session, asyncio.timeout(LONGEST_HEALTH_S):
                await session.get(f"http://127.0.0.1:{self._port}/healthz")
        taken = round((time.monotonic() - began) * 1000, 1)
        return Sample(main_mb=main, workers_mb=round(sum(others), 1), health_ms=taken)

    def new_articles(self) -> list[tuple[str, str]]:
        """Outlet and path of the articles that were committed since the last call."""
        rows = self._asked("SELECT id, outlet, url FROM articles WHERE id > ? ORDER BY id", self._last_article)
        self._last_article = max([self._last_article, *(row[0] for row in rows)])
        return [(outlet, urlsplit(url).path) for _, outlet, url in rows]

    def fetches(self) -> dict[tuple[str, str, str], int]:
        """(outlet, address, outcome) -> how many fetches ended so."""
        rows = self._asked("SELECT outlet, url, outcome, COUNT(*) FROM fetches GROUP BY 1, 2, 3")
        return {(outlet, url, outcome): times for outlet, url, outcome, times in rows}

    def errors(self) -> Iterator[str]:
        """What it logged as an error, and what it wrote that is no event at all."""
        for line in (self._folder / "daemon.jsonl").read_text(encoding="utf-8").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                yield line[:300]
                continue
            if event["level"] not in ("info", "debug"):
                yield line[:300]

    def _asked(self, sql: str, *values: object) -> list[Any]:
        if not self._archive.exists():
            return []
        with closing(sqlite3.connect(f"{self._archive.as_uri()}?mode=ro", uri=True)) as connection:
            try:
                return connection.execute(sql, values).fetchall()
            except sqlite3.OperationalError:  # the schema is not there yet
                return []


def _config(
    outlets: Sequence[Outlet], *, every_s: float, crawl: Mapping[str, str], channels: Mapping[str, str], port: int
) -> str:
    keys = "\n".join(f'{key} = "{value}"' for key, value in crawl.items())
    return f"""
archive = "tollwatch.db"
[crawl]
contact = "https://example.org/bench"
allow_networks = ["127.0.0.0/8"]
{keys}
[health]
listen = "127.0.0.1:{port}"
[[watches]]
id = "all"
name = "Everything"
since = {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}
[[rules]]
name = "all"
channels = {json.dumps(list(channels))}
{"".join(_channel(name, table) for name, table in channels.items())}
{"".join(_outlet(outlet, every_s) for outlet in outlets)}"""


def _channel(name: str, table: str) -> str:
    return f"""
[[channels]]
name = "{name}"
{table}
"""


def _outlet(outlet: Outlet, every_s: float) -> str:
    interval = f'every = "{every_s:g}s"\nslowest = "{every_s:g}s"'
    return f"""
[[outlets]]
id = "{outlet.id}"
name = "{outlet.name}"
homepage = "{outlet.homepage}"
language = "{outlet.language}"
feeds = {json.dumps(outlet.feeds)}
sitemaps = {json.dumps(outlet.sitemaps)}
front_pages = {json.dumps(outlet.front_pages)}
{interval}
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

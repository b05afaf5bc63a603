"""A real Tollwatch in a process of its own, on a configuration written for it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import aiohttp

from model import Outlet

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of the standard, for tests only
ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _outlet_table(outlet: Outlet, language: str | None) -> str:
    return f"""
[[outlets]]
id = "{outlet.id}"
name = "{outlet.name}"
homepage = "{outlet.homepage}"
{f'language = "{language}"' if language else ""}
feeds = {list(outlet.feeds)!r}
sitemaps = {list(outlet.sitemaps)!r}
front_pages = {list(outlet.front_pages)!r}
every = "{outlet.every.total_seconds():.0f}s"
slowest = "{max(outlet.every, outlet.slowest).total_seconds():.0f}s"
""" + (f"link_pattern = '{outlet.link_pattern}'\n" if outlet.link_pattern else "")


def write_config(
    folder: Path,
    outlets: tuple[Outlet, ...],
    *,
    channels: str,
    names: list[str],
    since: datetime,
    port: int = 0,
    language: str | None = "en",
    spacing: int = 0,
) -> Path:
    """A configuration that crawls `outlets` on loopback, `spacing` seconds apart, and tells all to all `names`."""
    file = folder / "config.toml"
    file.write_text(
        f"""
archive = "tollwatch.db"
[crawl]
contact = "https://example.org/tests"
spacing = "{spacing}s"
allow_networks = ["127.0.0.0/8"]
[health]
listen = "127.0.0.1:{port}"
{"".join(_outlet_table(outlet, language) for outlet in outlets)}
[[watches]]
id = "all"
name = "Everything"
since = {since:%Y-%m-%dT%H:%M:%SZ}
[[rules]]
name = "all"
channels = {names!r}
{channels}
""",
        encoding="utf-8",
    )
    return file


def email_channel(port: int) -> str:
    """The table of a mailbox on loopback."""
    return f"""
[[channels]]
name = "mail"
kind = "email"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "tollwatch@desk.example"
to = ["editor@desk.example"]
"""


def webhook_channel(url: str) -> str:
    """The table of a signed webhook on loopback."""
    return f"""
[[channels]]
name = "hook"
kind = "webhook"
url = "{url}/hook"
secret_envs = ["TEST_WEBHOOK_SECRET"]
"""


class Running:
    """`tollwatch ARGUMENTS` (or a `program` of Python) as a process, from entry until it ends or the block does."""

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = ("-m", "cli"),
    ) -> None:
        self._command = (*program, *arguments)
        self._environment = {
            **os.environ,
            "TEST_WEBHOOK_SECRET": SECRET,
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        }
        self.process: asyncio.subprocess.Process | None = None
        self.errors = ""

    async def __aenter__(self) -> Running:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process is not None and self.process.returncode is None:
            await self.end(signal.SIGKILL)

    async def end(self, with_signal: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(with_signal)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the end; returns the exit code. What it wrote to standard error is in `errors`."""
        assert self.process is not None
        _, errors = await self.process.communicate()
        self.errors = errors.decode()
        assert self.process.returncode is not None
        return self.process.returncode


async def run_once(file: Path) -> int:
    """`tollwatch once`, to its end."""
    async with Running("once", "--config", str(file)) as running:
        return await running.ended()


async def status_of(port: int, path: str = "/healthz") -> tuple[int, dict[str, object]]:
    """What the daemon answers on a path."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.json()

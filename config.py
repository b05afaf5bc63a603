"""config.toml -> values. A mistake names file, key, value and remedy, and all mistakes are told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from model import Outlet, Rule, Watch


class Secret:
    """A value that hides itself wherever it is printed; only `reveal()` gives it away."""

    __slots__ = ("_value", "origin")

    def __init__(self, value: str, *, origin: str) -> None:
        self._value = value
        self.origin = origin  # the environment variable or file that it came from

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret(from {self.origin})"

    __str__ = __repr__


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintChannel:
    """Alerts on standard output."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailChannel:
    """Alerts by SMTP. `ca_file` adds a private authority for a server of one's own."""

    name: str
    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    to: tuple[str, ...]
    username: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlackChannel:
    """Alerts to a Slack channel by incoming webhook; the address is the secret."""

    name: str
    url: Secret
    timeout: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookChannel:
    """Alerts as signed JSON (Standard Webhooks). Each secret signs, so that one can be rotated out."""

    name: str
    url: str
    secrets: tuple[Secret, ...]
    timeout: timedelta = timedelta(seconds=15)


Channel = PrintChannel | EmailChannel | SlackChannel | WebhookChannel


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlSettings:
    """The crawler's manners. `allow_networks` opts addresses in that are refused by default (loopback, private)."""

    contact: str
    spacing: timedelta = timedelta(seconds=2)  # between two requests to one host
    concurrency: int = 64  # requests under way over all hosts
    timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 4 * 1024 * 1024  # the largest real news page measured is 2.2 MB
    max_redirects: int = 5
    allow_networks: tuple[str, ...] = ()
    workers: int = 2
    read_timeout: timedelta = timedelta(seconds=20)  # a worker's time for one page


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Everything that stands in one config.toml, checked."""

    file: Path
    archive: Path
    health_listen: str
    crawl: CrawlSettings
    outlets: tuple[Outlet, ...]
    watches: tuple[Watch, ...]
    rules: tuple[Rule, ...]
    channels: tuple[Channel, ...]


def load(file: Path, environ: Mapping[str, str]) -> Config:
    """Read and check `file`; secrets come out of `environ`. Raises ConfigError with every problem found."""
    raise NotImplementedError

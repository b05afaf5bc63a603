"""Whose turn it is: spacing and pauses per host, a bound on all requests under way.

A request enters Scrapy only when it may be sent at once. Waiting outside keeps a slow or paused host from filling the
places of the others (measured: 3.4 s for a page of another host when they waited inside, 0.3 s when not).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic

from crawler.answers import Failed
from model import PageOutcome

_PER_HOST = 2  # requests to one host under way at a time, however slowly it answers
_SLOW = 5.0  # seconds until an answer is there; the slowest outlets take two
_SLOW_SHARE = 4  # the part of all places that hosts may fill which are slow or do not answer at all
_PATIENCE = timedelta(seconds=60)  # a longer pause is told to the caller instead of being waited out
_WORTH_KEEPING = timedelta(seconds=5)  # a restart takes nearly as long
_MANY = 4000  # hosts that are remembered before those with nothing to remember are dropped


@dataclass(eq=False, slots=True)
class _Host:
    spacing: float
    sent: float = -inf  # when it was asked last, on the monotonic clock
    held_until: datetime | None = None
    users: int = 0
    slow: bool = False  # its last answer was long in coming
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_PER_HOST))


class Gate:
    """Lets one request after another through to each host."""

    def __init__(
        self,
        *,
        spacing: timedelta,
        concurrency: int,
        held: Mapping[str, datetime],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._spacing = spacing.total_seconds()
        self._all = asyncio.Semaphore(concurrency)
        self._for_slow = asyncio.Semaphore(max(1, concurrency // _SLOW_SHARE))
        self._now = now
        self._closed = asyncio.Event()
        self._hosts = {key: _Host(spacing=self._spacing, held_until=until) for key, until in held.items()}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait until the host `key` may be asked, and hold a place while the request is under way.

        Raises Failed (rate limited) where the host has asked for a pause that is not worth waiting for, and Failed
        (unreachable) once the gate is closed.
        """
        host = self._host(key)
        host.users += 1
        try:
            async with host.places, self._for_slow if host.slow else nullcontext():
                await self._wait_for_turn(host)
                begun = monotonic()
                try:
                    yield
                finally:
                    self._all.release()
                    host.slow = monotonic() - begun > _SLOW
        finally:
            host.users -= 1

    def hold(self, key: str, until: datetime) -> None:
        """Send nothing more to the host `key` before `until`."""
        host = self._host(key)
        host.held_until = max(until, host.held_until or until)

    def space(self, key: str, delay: float) -> None:
        """Keep at least `delay` seconds between two requests to the host `key`, the last one counted (never less than
        the configured).
        """
        self._host(key).spacing = max(self._spacing, delay)

    def close(self) -> None:
        """End every wait, now and later."""
        self._closed.set()

    def next_allowed(self) -> Mapping[str, datetime]:
        """From when on each host may be asked again, for those that may not be asked now."""
        now = self._now()
        times = {key: now + self._delay(host, now) for key, host in self._hosts.items()}
        return {key: time for key, time in times.items() if time > now}

    def pause_of(self, key: str) -> datetime | None:
        """From when on the host `key` may be asked again, where it is to be left alone for so long that a restart of
        the daemon must not forget it.
        """
        host, now = self._hosts.get(key), self._now()
        delay = self._delay(host, now) if host is not None else timedelta(0)
        return now + delay if delay > _WORTH_KEEPING else None

    async def _wait_for_turn(self, host: _Host) -> None:
        async with host.turn:
            while delay := self._delay_worth_waiting(host):
                await self._sleep(delay)
            await self._all.acquire()
            if self._closed.is_set():
                self._all.release()
                raise Failed(PageOutcome.UNREACHABLE, "the crawler is stopping")
            host.sent = monotonic()

    def _delay_worth_waiting(self, host: _Host) -> float:
        if self._closed.is_set():
            raise Failed(PageOutcome.UNREACHABLE, "the crawler is stopping")
        now = self._now()
        if host.held_until is not None and host.held_until - now > _PATIENCE:
            raise Failed(
                PageOutcome.RATE_LIMITED, f"asked to wait until {host.held_until:%H:%M:%S}", retry_after=host.held_until
            )
        return self._delay(host, now).total_seconds()

    def _delay(self, host: _Host, now: datetime) -> timedelta:
        delay = timedelta(seconds=max(0.0, host.sent + host.spacing - monotonic()))
        return max(delay, host.held_until - now) if host.held_until is not None else delay

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return

    def _host(self, key: str) -> _Host:
        host = self._hosts.get(key)
        if host is None:
            if len(self._hosts) >= _MANY and not len(self._hosts) % 500:
                self._forget()
            host = self._hosts[key] = _Host(spacing=self._spacing)
        return host

    def _forget(self) -> None:
        now = self._now()
        kept = {key: host for key, host in self._hosts.items() if host.users or self._delay(host, now) > timedelta(0)}
        self._hosts = kept

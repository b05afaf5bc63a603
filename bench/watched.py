"""The real daemon in a process of its own, with a clock on its CPU, its memory and its event loop (Linux).

It learns how far the daemon has come from the events that the daemon logs.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.meters import below, cpu, memory_mb
from config import Config

_STEP = 0.005  # seconds between two looks at the event loop's clock
_SETTLED = 0.5  # seconds in which workers that are warm use no CPU
_SETTLING = 5.0  # seconds that what fell due meanwhile gets to be polled, before an idle daemon is measured
_LONGEST = 3_600  # seconds; a daemon that takes longer does not get on


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawl:
    """Run the daemon until it has visited so many pages."""

    config: Config
    pages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Idle:
    """Run the daemon until it has polled each of so many hosts, then look at it for `seconds`."""

    config: Config
    hosts: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What was seen: seconds of the CPU and of the clock, when it ended, MB, and how late the loop was, in seconds."""

    main_cpu: float
    workers_cpu: float
    wall: float
    ended: float
    startup: float
    polls: int
    main_mb: float
    peak_mb: float
    all_mb: float  # memory that processes share counts once
    lateness: tuple[float, ...] = ()


def measure(task: Crawl | Idle) -> Measured:
    """Carry out `task` in a fresh process. Raises RuntimeError with its last words where it fails."""
    command = [sys.executable, "-c", "from bench.watched import main; main()"]
    done = subprocess.run(command, input=pickle.dumps(task), capture_output=True, check=False, timeout=_LONGEST)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    measured: Measured = pickle.loads(done.stdout)
    return measured


# ------------------------------------------------------------------------------------------------ its own process


class _Events:
    """Counts the events that the daemon logs. A processor of structlog."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._awaited: tuple[str, int, asyncio.Event] | None = None

    def __call__(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        self.counts[event["event"]] += 1
        if self._awaited is not None and self.counts[self._awaited[0]] >= self._awaited[1]:
            self._awaited[2].set()
        return event

    async def reached(self, name: str, count: int) -> None:
        """Wait until an event has been logged so often."""
        self._awaited = (name, count, asyncio.Event())
        if self.counts[name] < count:
            await self._awaited[2].wait()


@dataclass(frozen=True, slots=True)
class _Reading:
    """The meters at one moment."""

    main: float
    workers: float
    at: float


def _read_meters() -> _Reading:
    return _Reading(main=time.process_time(), workers=sum(map(cpu, below(os.getpid()))), at=time.monotonic())


async def _warm() -> None:
    """Wait until the workers have imported what they need."""
    before = 0.0
    while not (spent := _read_meters().workers) or spent != before:
        before = spent
        await asyncio.sleep(_SETTLED)


@contextmanager
def _lateness() -> Iterator[list[float]]:
    """How late the event loop wakes who asked to be woken, while the block runs."""
    late: list[float] = []

    async def look() -> None:
        while True:
            due = time.monotonic() + _STEP
            await asyncio.sleep(_STEP)
            late.append(time.monotonic() - due)

    task = asyncio.ensure_future(look())
    try:
        yield late
    finally:
        task.cancel()


def _measured(before: _Reading, events: _Events, *, startup: float, polls: int, late: list[float]) -> Measured:
    after = _read_meters()
    processes = [os.getpid(), *below(os.getpid())]
    return Measured(
        main_cpu=after.main - before.main,
        workers_cpu=after.workers - before.workers,
        wall=after.at - before.at,
        ended=after.at,
        startup=startup,
        polls=events.counts["polled"] - polls,
        main_mb=memory_mb(os.getpid(), "status", "VmRSS"),
        peak_mb=memory_mb(os.getpid(), "status", "VmHWM"),
        all_mb=sum(memory_mb(pid, "smaps_rollup", "Pss") for pid in processes),
        lateness=tuple(late),
    )


async def _carry_out(task: Crawl | Idle, events: _Events, *, began: float) -> Measured:
    from scheduler import Daemon  # noqa: PLC0415 - what it takes to load belongs to the daemon's start

    async with Daemon(task.config) as daemon:
        await _warm()
        startup, stop = time.monotonic() - began, asyncio.Event()
        before = _read_meters()
        running = asyncio.ensure_future(daemon.run(stop))
        if isinstance(task, Crawl):
            with _lateness() as late:
                await events.reached("visited", task.pages)
            measured = _measured(before, events, startup=startup, polls=0, late=late)
        else:
            measured = await _look_at(task, events, startup=startup)
        stop.set()
        await running
    if events.counts["a job failed"]:
        raise RuntimeError("a job of the daemon failed; what was measured is no whole walk")
    return measured


async def _look_at(task: Idle, events: _Events, *, startup: float) -> Measured:
    await events.reached("polled", task.hosts)
    await asyncio.sleep(min(_SETTLING, task.seconds))
    before, polls = _read_meters(), events.counts["polled"]
    await asyncio.sleep(task.seconds)
    return _measured(before, events, startup=startup, polls=polls, late=[])


def main() -> None:
    """Read a task from standard input, carry it out, and write what was measured."""
    began = time.monotonic()
    task: Crawl | Idle = pickle.load(sys.stdin.buffer)
    import structlog  # noqa: PLC0415

    import crawler.loop  # noqa: PLC0415
    from cli.logs import to_stderr  # noqa: PLC0415

    events = _Events()
    to_stderr()
    structlog.configure(processors=[events, *structlog.get_config()["processors"]])
    found: list[Measured] = []

    async def carry_out() -> int:
        found.append(await _carry_out(task, events, began=began))
        return 0

    crawler.loop.run(carry_out)
    pickle.dump(found[0], sys.stdout.buffer)

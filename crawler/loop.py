"""The one event loop: asyncio and Twisted's reactor as one, so that Scrapy lives beside everything else."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from scrapy.utils.reactor import install_reactor, verify_installed_reactor
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

_TIDY_UP = 3.0  # seconds that tasks which `main` left behind get to end; a container's grace is 10 in all


def run(main: Callable[[], Awaitable[int]]) -> int:
    """Run `main` in the asyncio loop of a fresh Twisted reactor and return its value.

    What `main` raises is raised here. A reactor cannot be started twice: call this once in the life of a process.
    A Ctrl-C cancels `main` and is raised as KeyboardInterrupt, unless `main` sets handlers of its own.
    """
    install_reactor(ASYNCIO_REACTOR)
    verify_installed_reactor(ASYNCIO_REACTOR)
    _log_what_is_critical()
    reactor: Any = import_module("twisted.internet.reactor")  # not before: importing it installs the default one
    ended: asyncio.Future[int] | None = None

    def begin() -> None:
        nonlocal ended
        ended = asyncio.ensure_future(_to_the_end(main))
        ended.add_done_callback(lambda _: reactor.callLater(0, reactor.stop))

    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    if ended is None or not ended.done() or ended.cancelled():
        raise KeyboardInterrupt
    return ended.result()


def _log_what_is_critical() -> None:
    # Until it is told where to write, Twisted keeps its last 65,536 events and all that they refer to, and a server can
    # provoke one with every 20 bytes.
    critical: Any = LogLevelFilterPredicate(LogLevel.critical)
    to_logging: Any = STDLibLogObserver()
    observer: Any = FilteringLogObserver(to_logging, [critical])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)


async def _to_the_end(main: Callable[[], Awaitable[int]]) -> int:
    task = asyncio.current_task()
    if task is not None:
        # Left to Python, a Ctrl-C could be raised inside one of the reactor's callbacks and be swallowed there.
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return await main()
    finally:
        await _end({task for task in asyncio.all_tasks() if task is not asyncio.current_task()})


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_TIDY_UP)

"""Fair shares of the workers: an outlet whose pages take long to read holds up nobody but itself.

Else two workers and a few outlets whose pages take them the whole time that a page is given keep all others waiting for
minutes.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from multiprocessing import parent_process
from typing import ParamSpec, Protocol, TypeVar

from crawler.workers import WorkerDied, WorkerTimeout

_SLOW = 2.0  # seconds of CPU; one real page in 300 takes more than one

P = ParamSpec("P")
T = TypeVar("T")


class Pool(Protocol):
    """What runs a function in another process; `crawler.workers.WorkerPool` is one."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it, raising what it raises, or that its worker hung or died."""


class Lanes:
    """Lets one call of each outlet at a time into `pool`.

    A call that takes long is broken off and run once more in `slow`, which all slow outlets share. Its outlet stays
    there until a call of it is quick.
    """

    def __init__(self, pool: Pool, slow: Pool) -> None:
        self._pool = pool
        self._slow_pool = slow
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slow: set[str] = set()

    async def run(self, outlet: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in the pool in its outlet's turn; raises what the pool's `run` raises."""
        call = partial(function, *args, **kwargs)
        async with self._turns[outlet]:
            if outlet not in self._slow:
                try:
                    return (await self._pool.run(_timed, call, _SLOW))[1]
                except (WorkerTimeout, WorkerDied, MemoryError):
                    self._slow.add(outlet)
            seconds, result = await self._slow_pool.run(_timed, call, 0.0)
            if seconds <= _SLOW:
                self._slow.discard(outlet)
            return result


def _timed(call: Callable[[], T], longest: float) -> tuple[float, T]:
    """The seconds of CPU that `call` took and what it returned; a worker dies of more than `longest` (0: no limit).

    The CPU's time does not depend on what else runs; and the kernel can end a loop in C, which Python could not.
    """
    began = time.process_time()
    in_worker = parent_process() is not None
    if in_worker:
        signal.setitimer(signal.ITIMER_PROF, longest)
    try:
        result = call()
    finally:
        if in_worker:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
    return time.process_time() - began, result

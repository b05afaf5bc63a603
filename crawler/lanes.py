"""Fair shares of the workers: an outlet whose pages take long to read holds up nobody but itself.

Else two workers and a few outlets whose pages take them the whole time that a page is given keep all others waiting for
minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from crawler.workers import WorkerDied, WorkerTimeout

_SLOW = 2.0  # seconds of CPU; one real page in 300 takes more than one
_SLOW_AT_ONCE = 1  # calls of all slow outlets together, so that the other workers stay free for the rest

P = ParamSpec("P")
T = TypeVar("T")


class Pool(Protocol):
    """What runs a function in another process; `crawler.workers.WorkerPool` is one."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it, raising what it raises, or that its worker hung or died."""


class Lanes:
    """Lets one call of each outlet at a time into `pool`, and of those whose last call was slow one altogether."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slow: set[str] = set()
        self._slow_places = asyncio.Semaphore(_SLOW_AT_ONCE)

    async def run(self, outlet: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in the pool in its outlet's turn; raises what the pool's `run` raises."""
        async with self._turns[outlet], self._slow_places if outlet in self._slow else nullcontext():
            return await self._timed(outlet, partial(function, *args, **kwargs))

    async def _timed(self, outlet: str, call: Callable[[], T]) -> T:
        try:
            seconds, result = await self._pool.run(_timed, call)
        except (WorkerTimeout, WorkerDied, MemoryError):
            self._slow.add(outlet)
            raise
        if seconds > _SLOW:
            self._slow.add(outlet)
        else:
            self._slow.discard(outlet)
        return result


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    """The CPU's seconds that `call` took, which do not depend on what else runs, and what it returned."""
    began = time.process_time()
    result = call()
    return time.process_time() - began, result

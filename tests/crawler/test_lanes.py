"""An outlet that is slow to read waits for itself; the others do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from crawler.lanes import Lanes
from crawler.workers import WorkerPool, WorkerTimeout

T = TypeVar("T")


class Pool:
    """Runs calls here, each once it is let go by `go`; `under_way` names those that wait for that."""

    def __init__(self) -> None:
        self.under_way: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}

    def go(self, name: str) -> None:
        self._gates[name].set()

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        name = args[0].args[0]
        self.under_way.append(name)
        gate = self._gates[name] = asyncio.Event()
        await gate.wait()
        self.under_way.remove(name)
        return function(*args, **kwargs)


def read(name: str) -> str:
    return name


def hang(name: str) -> str:
    raise WorkerTimeout(name)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def finished(call: asyncio.Future[str], name: str, *pools: Pool) -> None:
    while not call.done():
        await settle()
        for pool in pools:
            if name in pool.under_way:
                pool.go(name)
    await settle()


async def test_calls_of_one_outlet_run_one_after_the_other() -> None:
    pool = Pool()
    shared = Lanes(pool, Pool())
    calls = [asyncio.ensure_future(shared.run("slow", read, name)) for name in "ab"]
    other = asyncio.ensure_future(shared.run("quick", read, "c"))
    await settle()
    assert pool.under_way == ["a", "c"]
    for call, name in zip([*calls, other], "abc", strict=True):
        await finished(call, name, pool)
    assert [call.result() for call in calls] == ["a", "b"]


async def test_outlets_whose_pages_hang_are_read_apart_from_the_others() -> None:
    pool, slow = Pool(), Pool()
    shared = Lanes(pool, slow)
    for outlet in ("x", "y"):
        call = asyncio.ensure_future(shared.run(outlet, hang, outlet))
        await finished(call, outlet, pool, slow)
        assert isinstance(call.exception(), WorkerTimeout)
    calls = [asyncio.ensure_future(shared.run(outlet, read, outlet)) for outlet in ("x", "y", "good")]
    await settle()
    assert (pool.under_way, slow.under_way) == (["good"], ["x", "y"])
    for call, name in zip(calls, ("x", "y", "good"), strict=True):
        await finished(call, name, pool, slow)


async def test_an_outlet_that_is_quick_again_is_like_any_other() -> None:
    pool, slow = Pool(), Pool()
    shared = Lanes(pool, slow)
    for function in (hang, read):
        await finished(asyncio.ensure_future(shared.run("x", function, "x")), "x", pool, slow)
    call = asyncio.ensure_future(shared.run("x", read, "x"))
    await settle()
    assert (pool.under_way, slow.under_way) == (["x"], [])
    await finished(call, "x", pool)


def busy(file: str) -> str:
    """Takes longer than an outlet may that is not known to be slow; writes a line for each time that it began."""
    with Path(file).open("a", encoding="utf-8") as log:
        log.write("begun\n")
    until = time.process_time() + 2.5
    while time.process_time() < until:
        pass
    return "done"


async def test_what_takes_long_is_broken_off_and_run_once_more_apart(tmp_path: Path) -> None:
    pool, slow = (WorkerPool(1, timeout=timedelta(seconds=30), eager=eager) for eager in (True, False))
    shared, log = Lanes(pool, slow), tmp_path / "log"
    assert await shared.run("x", busy, str(log)) == "done"
    assert await shared.run("x", busy, str(log)) == "done"  # known to be slow: at once in the place apart
    assert log.read_text(encoding="utf-8").splitlines() == ["begun"] * 3
    pool.stop()
    slow.stop()

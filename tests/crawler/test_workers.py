"""A call that hangs, dies or eats memory costs that call only."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.workers import WorkerDied, WorkerPool, WorkerTimeout

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    made = WorkerPool(2, timeout=timedelta(seconds=1.5), preload=("json",))
    yield made
    made.stop()


class UnloadableError(Exception):
    """An exception that pickles but does not unpickle."""

    def __init__(self, one: str, *, other: str) -> None:
        super().__init__(one)


def raise_unloadable() -> None:
    raise UnloadableError("one", other="two")


def make_lambda() -> object:
    return lambda: None


async def test_a_call_runs_in_another_process(pool: WorkerPool) -> None:
    assert await pool.run(os.getpid) not in (os.getpid(), os.getppid())
    assert await pool.run(divmod, 7, 2) == (3, 1)


async def test_workers_do_not_load_the_program_that_started_them(pool: WorkerPool) -> None:
    modules = await pool.run(eval, "list(__import__('sys').modules)")
    assert "json" in modules
    assert not {"scrapy", "pytest", "twisted"} & set(modules)


async def test_what_a_call_raises_is_raised_here(pool: WorkerPool) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await pool.run(int, "many")


async def test_an_exception_that_cannot_travel_is_told_by_its_name(pool: WorkerPool) -> None:
    with pytest.raises(RuntimeError, match="UnloadableError: one"):
        await pool.run(raise_unloadable)


async def test_a_result_that_cannot_travel_is_an_exception(pool: WorkerPool) -> None:
    with pytest.raises(Exception, match=r"lambda"):
        await pool.run(make_lambda)


async def test_a_call_that_hangs_is_cut_and_the_others_go_on(pool: WorkerPool) -> None:
    hanging = asyncio.ensure_future(pool.run(time.sleep, 60))
    others = await asyncio.gather(*(pool.run(abs, -n) for n in range(50)))
    assert others == list(range(50))
    with pytest.raises(WorkerTimeout):
        await hanging
    assert await asyncio.gather(*(pool.run(abs, -n) for n in range(10))) == list(range(10))


HELD: list[bytes] = []


def hold(size: int) -> int:
    """Keep so many bytes, and say which process does."""
    HELD.append(b"x" * size)
    return os.getpid()


async def test_a_worker_that_holds_much_memory_is_replaced(pool: WorkerPool) -> None:
    heavy = {await pool.run(hold, 400_000_000) for _ in range(3)}
    assert len(heavy) == 3
    light = {await pool.run(hold, 1_000) for _ in range(10)}
    assert len(light) <= 2


async def test_a_call_that_kills_its_worker_costs_that_call_only(pool: WorkerPool) -> None:
    calls = [pool.run(os._exit, 3), *(pool.run(abs, -n) for n in range(20)), pool.run(os.abort)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(results[0], WorkerDied)
    assert isinstance(results[-1], WorkerDied)
    assert results[1:-1] == list(range(20))


async def test_a_worker_that_is_killed_from_outside_is_replaced(pool: WorkerPool) -> None:
    killed = [await pool.run(os.getpid) for _ in range(2)]
    for pid in set(killed):
        os.kill(pid, signal.SIGKILL)
    assert gone(killed)
    assert await asyncio.gather(*(pool.run(abs, -n) for n in range(8))) == list(range(8))


async def test_a_call_that_eats_memory_gets_a_memory_error(pool: WorkerPool) -> None:
    with pytest.raises(MemoryError):
        await pool.run(bytearray, 3_000_000_000)
    assert await pool.run(len, b"abc") == 3


async def test_large_arguments_and_results_travel(pool: WorkerPool) -> None:
    body = os.urandom(8_000_000)
    assert await pool.run(bytes.upper, body) == body.upper()


async def test_workers_shrug_off_the_signals_of_the_group(pool: WorkerPool) -> None:
    pid = await pool.run(os.getpid)
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    assert await asyncio.gather(*(pool.run(abs, -n) for n in range(8))) == list(range(8))


async def test_workers_are_nicer_than_their_parent(pool: WorkerPool) -> None:
    assert await pool.run(os.nice, 0) == min(os.nice(0) + 5, 19)


async def test_a_stopped_pool_says_so() -> None:
    pool = WorkerPool(1, timeout=timedelta(seconds=60))
    hanging, waiting = asyncio.ensure_future(pool.run(time.sleep, 60)), asyncio.ensure_future(pool.run(abs, -1))
    await asyncio.sleep(0.3)
    pool.stop()
    results = await asyncio.gather(hanging, waiting, return_exceptions=True)
    assert [type(result) for result in results] == [WorkerDied, WorkerDied]
    with pytest.raises(WorkerDied):
        await pool.run(abs, -1)


PARENT = """
import asyncio, os, re, sys
from datetime import timedelta
from crawler.workers import WorkerPool

async def main():
    pool = WorkerPool(2, timeout=timedelta(seconds=60))
    pids = set()
    while len(pids) < 2:
        pids.update(await asyncio.gather(pool.run(os.getpid), pool.run(os.getpid)))
    stuck = asyncio.ensure_future(pool.run(re.match, "(a+)+$", "a" * 60 + "b"))
    await asyncio.sleep(0.3)
    print(*pids, flush=True)
    await stuck

asyncio.run(main())
"""


def test_workers_die_with_a_parent_that_is_killed_even_inside_a_c_loop() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert parent.stdout is not None
    with parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    assert len(pids) == 2
    assert gone(pids)


def gone(pids: list[int]) -> bool:
    """Whether all of `pids` end within ten seconds."""
    for _ in range(100):
        if not any(is_running(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"

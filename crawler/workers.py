"""A pool of processes for work that is long, or hostile: a call that hangs or kills its worker costs that call only.

Each worker has one thread here that hands it calls and waits for it, so the event loop neither waits nor pickles.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from model import TollwatchError

T = TypeVar("T")
P = ParamSpec("P")

_MEMORY = 1_500_000_000  # bytes of address space; the heaviest real page needs a fifth of it
_HEAVY = 350_000_000  # bytes that a worker holds on to after a heavy page; the next call gets a fresh one
_NICE = 5  # reading pages yields to fetching them
_PR_SET_PDEATHSIG = 1  # Linux: <sys/prctl.h>

# Starting a process hides __main__ for a moment (see _without_main); no two threads may do that at once.
_starting = threading.Lock()


class WorkerTimeout(TollwatchError):  # noqa: N818
    """A call took longer than the pool's limit; its worker was killed and replaced."""


class WorkerDied(TollwatchError):  # noqa: N818
    """The worker ended in the middle of the call (killed, out of memory, crashed); it was replaced."""


class WorkerPool:
    """`workers` processes that each run one call at a time, at most `timeout` long.

    `preload` names modules that workers import before their first call; they start at once, or where `eager` is false
    at their first call. `nice` is how far they yield to others. Functions and their arguments travel by pickle:
    top-level functions of importable modules.
    """

    def __init__(
        self,
        workers: int,
        *,
        timeout: timedelta,
        preload: tuple[str, ...] = (),
        nice: int = _NICE,
        eager: bool = True,
    ) -> None:
        self._timeout = timeout.total_seconds()
        self._preload = preload
        self._nice = nice
        self._stopped = threading.Event()
        self._of_thread = threading.local()
        self._workers: set[_Worker] = set()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        ready = threading.Barrier(workers)
        for _ in range(workers if eager else 0):
            self._threads.submit(self._warm_up, ready)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in a worker.

        Raises WorkerTimeout, WorkerDied, or what the function itself raised. The time counts from when a worker takes
        the call up. A caller that is cancelled leaves its call to run to its end.
        """
        if self._stopped.is_set():
            raise WorkerDied("the pool has been stopped")
        loop = asyncio.get_running_loop()
        succeeded, result = await loop.run_in_executor(self._threads, self._call, (function, args, kwargs))
        if succeeded:
            return result  # type: ignore[no-any-return]
        raise result

    def stop(self) -> None:
        """Kill the workers; calls under way and those still waiting raise WorkerDied."""
        self._stopped.set()
        for worker in tuple(self._workers):
            worker.kill()
        self._threads.shutdown(wait=False)

    def _warm_up(self, ready: threading.Barrier) -> None:
        ready.wait()  # so that each thread warms up one worker, and no thread two
        with contextlib.suppress(WorkerDied):
            self._worker()

    def _call(self, call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> tuple[bool, Any]:
        worker = self._worker()
        job = pickle.dumps(call, pickle.HIGHEST_PROTOCOL)  # not before: hundreds of pages may wait, each held twice
        try:
            succeeded, result = worker.call(job, self._timeout)
        except (WorkerTimeout, WorkerDied):
            self._discard(worker)
            raise
        if isinstance(result, MemoryError) or _resident(worker.pid) > _HEAVY:
            self._discard(worker)  # what is left of its address space is in pieces
        return succeeded, result

    def _worker(self) -> _Worker:
        worker: _Worker | None = getattr(self._of_thread, "worker", None)
        if worker is not None and worker.line.poll():  # it said something unasked: the end of its line
            self._discard(worker)
            worker = None
        if worker is None:
            if self._stopped.is_set():
                raise WorkerDied("the pool has been stopped")
            worker = self._of_thread.worker = _start_worker(self._preload, self._nice)
            self._workers.add(worker)
            if self._stopped.is_set():
                worker.kill()
        return worker

    def _discard(self, worker: _Worker) -> None:
        self._of_thread.worker = None
        self._workers.discard(worker)
        worker.kill()
        worker.close()


@dataclass(eq=False, slots=True)
class _Worker:
    pid: int
    line: Connection

    def call(self, job: bytes, timeout: float) -> tuple[bool, Any]:
        try:
            self.line.send_bytes(job)
            if not self.line.poll(timeout):
                raise WorkerTimeout(f"no result after {timeout:g} seconds")
            answer = pickle.loads(self.line.recv_bytes())  # noqa: S301 (from our own worker)
        except (OSError, EOFError) as error:
            raise WorkerDied("the worker died during the call") from error
        return bool(answer[0]), answer[1]

    def kill(self) -> None:
        # Not Process.kill(): its bookkeeping takes a worker for dead once the fork server is.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.line.close()


def _start_worker(preload: tuple[str, ...], nice: int) -> _Worker:
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, preload, nice), daemon=True)
    with _starting, _without_main():
        context.set_forkserver_preload(list(preload))
        process.start()
    theirs.close()
    if process.pid is None:
        raise WorkerDied("the worker did not start")
    return _Worker(pid=process.pid, line=ours)


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Hide the program's own module: else every worker would import the command line, and Scrapy with it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(line: Connection, preload: tuple[str, ...], nice: int) -> None:
    """A worker's life: calls, one after another, until the other end of `line` is closed."""
    _behave(nice)
    for module in preload:
        import_module(module)
    while True:
        try:
            job = line.recv_bytes()
        except EOFError:
            return
        line.send_bytes(_result(job))


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _behave(nice: int) -> None:
    # The parent decides when we end. A Ctrl-C or a stop of the whole group must not tear a page in two.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(nice)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _die_with_parent()


def _die_with_parent() -> None:
    # The parent is the fork server, which ends once nobody holds this descriptor: we let go of it, so that it ends when
    # the program does, even by kill -9. Us the kernel ends then, since a worker inside a C loop that holds the
    # interpreter could not do so itself. (Elsewhere than on Linux only idle workers end.)
    alive = getattr(forkserver._forkserver, "_forkserver_alive_fd", None)
    if alive is not None:
        os.close(alive)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _result(job: bytes) -> bytes:
    try:
        function, args, kwargs = pickle.loads(job)  # noqa: S301 (from our own parent)
        return pickle.dumps((True, function(*args, **kwargs)), pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # the border of a page: the caller gets to see it
        return _told(error)


def _told(error: BaseException) -> bytes:
    try:
        told = pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(told)  # noqa: S301 (an exception with fields of its own may dump and yet not load)
    except Exception:  # an exception that cannot travel is told by its name
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return told

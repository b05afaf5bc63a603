"""Processes that run foreign SQL (`archive/console.py`): a few, started when needed, replaced when they die."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WORKERS = 3
MOST_WAITING = 30  # beyond it, who asks is told to come back: a queue of that length already takes 15 s
_UNBROKEN_S = 3.0  # the longest that statements may follow each other without a moment at which none reads
_BREATH_S = 0.3  # such a moment: the daemon can then empty its log of writes, which takes two commits and an fsync

Values = Mapping[str, Any] | Sequence[Any]


class TooLateError(Exception):
    """A statement that took longer than it may."""


class Workers:
    """Runs statements on one archive, at most `WORKERS` at a time. All methods run on one event loop."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: list[asyncio.subprocess.Process] = []
        self._places = asyncio.Semaphore(WORKERS)
        self._waiting = 0
        self._reading = 0
        self._since = 0.0  # when the reading began that has not paused since
        self._paused = asyncio.Condition()

    async def run(
        self, sql: str, values: Values, *, milliseconds: int, most_rows: int
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Columns and rows, up to `most_rows` (all where it is negative).

        Raises TooLateError, and console.RefusedError where the statement is refused or its process died of it.
        """
        if self._waiting >= MOST_WAITING:
            raise console.RefusedError("too many statements are waiting; try again in a few seconds")
        self._waiting += 1
        try:
            async with self._places, self._breathing():
                answer = await self._ask(sql, values, milliseconds, most_rows)
        finally:
            self._waiting -= 1
        if answer[0] == "late":
            raise TooLateError
        if answer[0] == "refused":
            raise console.RefusedError(answer[1])
        return answer[1], answer[2]

    @asynccontextmanager
    async def _breathing(self) -> AsyncIterator[None]:
        """Reading that lets go of the archive all together now and then.

        A log of writes starts anew only at a moment when nobody reads from it: readers that take turns without a gap
        would let it grow for ever.
        """
        async with self._paused:
            await self._paused.wait_for(lambda: not self._reading or time.monotonic() - self._since < _UNBROKEN_S)
            if not self._reading:
                if time.monotonic() - self._since >= _UNBROKEN_S:
                    await asyncio.sleep(_BREATH_S)
                self._since = time.monotonic()
            self._reading += 1
        try:
            yield
        finally:
            async with self._paused:
                self._reading -= 1
                self._paused.notify_all()

    async def _ask(self, sql: str, values: Values, milliseconds: int, most_rows: int) -> tuple[Any, ...]:
        worker = self._idle.pop() if self._idle else await self._start()
        plain = dict(values) if isinstance(values, Mapping) else list(values)
        try:
            _to(worker).write(console.pack((sql, plain, milliseconds, most_rows)))
            answer = await self._answer(worker)
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError):
            await worker.wait()
            return ("late", "")  # the clock ended it in the middle of one long call
        except BaseException:  # whoever asked has gone: what was asked is not needed any more
            worker.kill()
            raise
        self._idle.append(worker)
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", console.__file__, str(self._file)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            await self._answer(worker)
        except asyncio.IncompleteReadError as error:
            raise console.RefusedError("the archive cannot be read now") from error
        return worker

    async def _answer(self, worker: asyncio.subprocess.Process) -> tuple[Any, ...]:
        if worker.stdout is None:  # never: it is a pipe
            raise AssertionError
        head = await worker.stdout.readexactly(console.HEAD)
        return console.unpack(await worker.stdout.readexactly(console.length_of(head)))


def _to(worker: asyncio.subprocess.Process) -> asyncio.StreamWriter:
    if worker.stdin is None:  # never: it is a pipe
        raise AssertionError
    return worker.stdin

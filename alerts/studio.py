"""A process of its own for what is heavy or may run wild: pictures (60 MB of library), and templates that users write.

    channel ── Work ──> studio ── pipe ──> painting.py: matplotlib, the user's templates ──> Made

It starts with the first work and ends when there was none for a while; over work that takes too long it is killed.
Nothing that goes wrong in it is more than a letter without a picture, or in its built-in form.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from model import Alert, Timeline

LENGTH = 4  # bytes of the number that stands before each message
_LIMIT = timedelta(seconds=20)  # to start takes one or two, to draw a tenth; a busy machine takes longer
_IDLE = timedelta(hours=1)  # while an event moves, its next letter need not wait for another start
_LARGEST = 8 * 1024 * 1024  # bytes of an answer
_KEPT = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")  # no secret goes along


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What is asked for: a picture of `timeline`, or the files of `templates` filled with `alert`, or both.

    `templates` are all files of the user's directory, `names` those to be filled. `picture` is the address under which
    a letter shows the picture.
    """

    timeline: Timeline | None = None
    alert: Alert | None = None
    templates: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    picture: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What came of it: a PNG and texts by the name of their template; `problems` say what did not and why."""

    picture: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Studio:
    """One process for all channels of a daemon."""

    def __init__(self, *, limit: timedelta = _LIMIT, idle: timedelta = _IDLE) -> None:
        self._limit = limit.total_seconds()
        self._idle = idle.total_seconds()
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._killed: list[asyncio.subprocess.Process] = []  # and maybe not gone yet
        self._closing: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int | None:
        """The process' id, None while there is none."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def make(self, work: Work) -> Made:
        """Have it made; whatever goes wrong is a problem of what is returned, never an error."""
        async with self._lock:
            self._stay()
            try:
                async with asyncio.timeout(self._limit):
                    made = await self._ask(work)
            except TimeoutError:
                self._kill()
                made = Made(problems=(f"not made within {self._limit:g} s",))
            except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError) as error:
                self._kill()
                made = Made(problems=(f"the process that makes it ended: {type(error).__name__}",))
            except asyncio.CancelledError:
                self._kill()  # its answer would be taken for the next one's
                raise
            self._closing = asyncio.get_running_loop().call_later(self._idle, self._kill)
            return made

    async def close(self) -> None:
        """End the process."""
        self._stay()
        self._kill()
        while self._killed:
            await self._killed.pop().wait()

    async def _ask(self, work: Work) -> Made:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "painting",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
            )  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise BrokenPipeError
        body = msgspec.msgpack.encode(work)
        process.stdin.write(len(body).to_bytes(LENGTH) + body)
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(LENGTH))
        if length > _LARGEST:
            raise OSError(length)
        return msgspec.msgpack.decode(await process.stdout.readexactly(length), type=Made)

    def _stay(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None

    def _kill(self) -> None:
        process, self._process = self._process, None
        self._killed = [killed for killed in self._killed if killed.returncode is None]
        if process is not None:
            self._killed.append(process)
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # One thread for sums: each would reserve memory, and there are none that are long.
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}

"""Is the daemon well? `GET /healthz` answers 200 or 503 with the reasons, for a container's health check.

Healthy means: the event loop turns, the archive takes writes, the scheduler ticks. Outlets and channels that fail are
told of elsewhere: restarting the daemon would not mend them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from aiohttp import web

from model import ConfigError, Problem

_TICK_LIMIT = timedelta(seconds=30)  # the scheduler ticks every second
_ARCHIVE_LIMIT_S = 5.0


class Pulse:
    """When the scheduler ticked last."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = now()

    def beat(self) -> None:
        """The scheduler has ticked."""
        self._last = self._now()

    def problem(self) -> str | None:
        """Why the scheduler is not well, None where it is."""
        late = self._now() - self._last
        return f"the scheduler has not ticked for {late.seconds} s" if late > _TICK_LIMIT else None


async def _archive_problem(is_writable: Callable[[], Awaitable[bool]]) -> str | None:
    try:
        async with asyncio.timeout(_ARCHIVE_LIMIT_S):
            return None if await is_writable() else "the archive takes no writes"
    except TimeoutError:
        return f"the archive did not answer within {_ARCHIVE_LIMIT_S:.0f} s"


async def serve(listen: str, *, pulse: Pulse, is_writable: Callable[[], Awaitable[bool]]) -> web.AppRunner:
    """Serve /healthz on `host:port`; `cleanup()` of what is returned ends it.

    Raises ConfigError where it cannot listen there.
    """

    async def healthz(_: web.Request) -> web.Response:
        reasons = [reason for reason in (pulse.problem(), await _archive_problem(is_writable)) if reason]
        return web.json_response({"healthy": not reasons, "reasons": reasons}, status=503 if reasons else 200)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    except OSError as error:
        await runner.cleanup()
        what, remedy = f"cannot listen on {listen} ({error.strerror})", "give a free address, or end what listens there"
        raise ConfigError([Problem(file="config.toml", key="health.listen", what=what, remedy=remedy)]) from error
    return runner

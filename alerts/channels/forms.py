"""What a channel has made in the studio: its picture, and its messages by the user's own templates."""

from __future__ import annotations

from pathlib import Path

import structlog

from alerts.studio import Made, Studio, Work
from alerts.templates import load
from model import Alert, Timeline

_log = structlog.get_logger()


class Forms:
    """The templates of one channel; where one is broken, or there is none, the built-in form stands."""

    def __init__(self, channel: str, folder: Path | None, names: tuple[str, ...], studio: Studio | None) -> None:
        """Raises ChannelError where a template in `folder` cannot be used; `names` are those that are filled."""
        self._channel = channel
        self._templates = load(folder, channel=channel, names=names) if folder else {}
        self._names = tuple(name for name in names if name in self._templates)
        self._studio = studio or Studio()

    async def made(self, alert: Alert, *, timeline: Timeline | None = None, picture: str = "") -> Made:
        """Return what could be made; what could not is in the log, and among its problems."""
        if timeline is None and not self._names:
            return Made()
        made = await self._studio.make(
            Work(timeline=timeline, alert=alert, templates=self._templates, names=self._names, picture=picture)
        )
        for problem in made.problems:
            _log.warning("told in a plainer form", channel=self._channel, alert=alert.key, why=problem)
        return made

    async def close(self) -> None:
        """End the studio."""
        await self._studio.close()

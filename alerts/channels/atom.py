"""Alerts as an Atom feed in a file, for a feed reader or a web server beside Tollwatch."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path

import structlog

from alerts.atom import BrokenFeedError, add
from alerts.channels.secrecy import detail
from config import AtomChannel
from model import Alert, Attempt, AttemptResult, Delivery

_log = structlog.get_logger()


class Atom:
    """Puts each alert at the head of the feed. The file itself is the memory, so it survives a restart."""

    def __init__(self, settings: AtomChannel) -> None:
        self.name = settings.name
        self._settings = settings

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Write the feed anew with the alert in it; a disk that is full or not writable is a failed attempt."""
        try:
            await asyncio.to_thread(self._write, delivery.alert)
        except OSError as error:
            return Attempt(result=AttemptResult.FAILED, detail=detail(f"cannot write the feed: {error}"))
        return Attempt(result=AttemptResult.DELIVERED, detail="written")

    async def close(self) -> None:
        """Do nothing: the file is open only while it is written."""

    def _write(self, alert: Alert) -> None:
        file = self._settings.file
        file.parent.mkdir(parents=True, exist_ok=True)
        known = file.read_bytes() if file.exists() else None
        try:
            feed = self._with(alert, known)
        except BrokenFeedError as error:
            aside = file.with_name(f"{file.name}.broken")
            file.replace(aside)
            _log.warning("feed moved aside", channel=self.name, file=str(file), to=str(aside), why=str(error))
            feed = self._with(alert, None)
        _replace(file, feed)

    def _with(self, alert: Alert, known: bytes | None) -> bytes:
        return add(alert, known, name=self.name, keep=self._settings.keep)


def _replace(file: Path, content: bytes) -> None:
    """Write `file` so that whoever reads it meanwhile, or after a loss of power, finds the old or the new one whole."""
    beside = file.with_name(f"{file.name}.new")
    with beside.open("wb") as new:
        new.write(content)
        new.flush()
        os.fsync(new.fileno())
    beside.replace(file)

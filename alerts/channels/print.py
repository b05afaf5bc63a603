"""Alerts on standard output, or on any other text stream."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TextIO

from alerts.channels.forms import Forms
from alerts.studio import Studio
from alerts.templates import MESSAGE
from alerts.text import render
from config import PrintChannel
from model import Attempt, AttemptResult, Delivery

TEMPLATES = (MESSAGE,)


class Print:
    """Prints each alert, followed by an empty line."""

    def __init__(self, settings: PrintChannel, studio: Studio | None = None, *, stream: TextIO | None = None) -> None:
        self.name = settings.name
        self._forms = Forms(self.name, settings.templates, TEMPLATES, studio)
        self._stream = stream

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Print the alert; a closed or broken stream is a failed attempt."""
        alert = delivery.alert
        words = (await self._forms.made(alert)).texts.get(MESSAGE) or render(alert)
        # Looked up late: standard output may have been redirected since the channel was made.
        stream = self._stream or sys.stdout
        try:
            stream.write(_printable(words, stream) + "\n")
            stream.flush()
        except (OSError, ValueError) as error:
            return Attempt(result=AttemptResult.FAILED, detail=f"cannot print: {error}")
        return Attempt(result=AttemptResult.DELIVERED, detail="printed")

    async def close(self) -> None:
        """Leave the stream, which belongs to the process."""
        await self._forms.close()


def _printable(text: str, stream: TextIO) -> str:
    """Return `text` as far as the stream's encoding goes: a terminal in the C locale has no arrows."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)

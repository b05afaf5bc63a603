"""Alerts on standard output, or on any other text stream."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TextIO

from alerts.text import render
from config import PrintChannel
from model import Attempt, AttemptResult, Delivery


class Print:
    """Prints each alert, followed by an empty line."""

    def __init__(self, settings: PrintChannel, *, stream: TextIO | None = None) -> None:
        self.name = settings.name
        self._stream = stream

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Print the alert; a closed or broken stream is a failed attempt."""
        # Looked up late: standard output may have been redirected since the channel was made.
        stream = self._stream or sys.stdout
        try:
            stream.write(_printable(render(delivery.alert), stream) + "\n")
            stream.flush()
        except (OSError, ValueError) as error:
            return Attempt(result=AttemptResult.FAILED, detail=f"cannot print: {error}")
        return Attempt(result=AttemptResult.DELIVERED, detail="printed")

    async def close(self) -> None:
        """Do nothing: the stream belongs to the process."""


def _printable(text: str, stream: TextIO) -> str:
    """Return `text` as far as the stream's encoding goes: a terminal in the C locale has no arrows."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)

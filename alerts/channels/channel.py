"""What a channel is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from model import Attempt, Delivery


class Channel(Protocol):
    """A way to somebody's attention; `name` as in the configuration."""

    @property
    def name(self) -> str:
        """The name in the configuration."""

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Try once to hand the alert over. Never raises; the attempt's detail never holds a secret."""

    async def close(self) -> None:
        """Let go of connections; the channel is not used afterwards."""

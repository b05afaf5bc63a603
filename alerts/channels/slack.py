"""Alerts in a Slack channel, by its incoming webhook. The address is the secret."""

from __future__ import annotations

from datetime import datetime

import msgspec

from alerts.channels.post import Poster
from alerts.slack import render
from config import SlackChannel
from model import Attempt, Delivery

_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class Slack:
    """Posts each alert as Block Kit."""

    def __init__(self, settings: SlackChannel) -> None:
        self.name = settings.name
        self._poster = Poster(settings.url.reveal(), timeout=settings.timeout, secrets=[settings.url])

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Post the alert."""
        return await self._poster.post(msgspec.json.encode(render(delivery.alert)), _HEADERS, now)

    async def close(self) -> None:
        """Close the connection."""
        await self._poster.close()

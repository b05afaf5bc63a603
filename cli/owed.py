"""The outbox by hand: deliver what is owed, send a test alert."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

from alerts.channels import open_channel, open_channels
from alerts.message import notice
from alerts.outbox import Courier
from archive import Archive
from cli.previewing import channel_of
from config import Config
from jobs import OnThread
from model import AlertType, Attempt, Delivery


def _now() -> datetime:
    return datetime.now(UTC)


def deliver(config: Config) -> tuple[int, list[dict[str, Any]]]:
    """Try every owed delivery once; returns how many were delivered, and what is still owed and why."""

    async def main() -> tuple[int, list[dict[str, Any]]]:
        archive = OnThread(Archive.open(config.archive))
        channels = open_channels(config.channels, threads=archive)
        try:
            await archive(archive.archive.outbox.hurry, _now())
            delivered = await Courier(archive, channels, now=_now, jitter=random.random).deliver()
            return delivered, await archive(archive.archive.queries.owed)
        finally:
            for channel in channels.values():
                await channel.close()
            archive.close()

    return asyncio.run(main())


def send_test(config: Config, name: str) -> Attempt:
    """Send a test alert through one channel. Raises InputError where the configuration has no such channel."""
    settings = channel_of(config, name)
    now = _now()
    alert = notice(
        AlertType.TEST,
        about=f"{name} {now.isoformat()}",
        headline="Tollwatch test alert",
        body=f"The channel {name} works. No figure has changed.",
        created=now,
    )

    async def main() -> Attempt:
        channel = open_channel(settings)
        try:
            return await channel.send(Delivery(id=0, channel=name, alert=alert, attempts=0, owed_since=now), now)
        finally:
            await channel.close()

    return asyncio.run(main())

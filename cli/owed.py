"""The outbox by hand: deliver what is owed, send a test alert."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from alerts.channels import open_channel, open_channels
from alerts.message import notice
from alerts.outbox import Courier
from archive import Archive
from cli.previewing import channel_of
from config import Config
from jobs import OnThread
from model import AlertType, Attempt, Delivery, DeliveryState, InputError


def _now() -> datetime:
    return datetime.now(UTC)


def deliver(config: Config) -> tuple[int, int, list[dict[str, Any]]]:
    """Try every owed delivery once; returns how many were delivered, how many are still owed, and why the oldest."""

    Archive.open_read_only(config.archive).close()  # an archive that is not there has nothing to deliver: say so

    async def main() -> tuple[int, int, list[dict[str, Any]]]:
        archive = OnThread(Archive.open(config.archive))
        channels = open_channels(config.channels, threads=archive)
        try:
            await archive(archive.archive.outbox.hurry, _now())
            delivered = await Courier(archive, channels, now=_now, jitter=random.random).deliver()
            owed = (await archive(archive.archive.queries.health)).owed
            return delivered, owed, await archive(archive.archive.queries.owed)
        finally:
            for channel in channels.values():
                await channel.close()
            archive.close()

    return asyncio.run(main())


def retry(config: Config, key: str, channel: str | None) -> list[dict[str, Any]]:
    """Owe again what died of one alert (the beginning of its key), or of all of them, in one channel or in each.

    Beside a daemon too, which then tries it. Returns what is owed again. Raises InputError where there is nothing.
    """
    names = [channel_of(config, channel).name] if channel else [each.name for each in config.channels]
    with closing(Archive.open_beside(config.archive)) as archive, archive.atomic():
        found = archive.queries.deliveries(key)
        keys = {row["key"] for row in found}
        if key and len(keys) > 1:
            raise InputError(where=key, what=f"begins the keys of {len(keys)} alerts", remedy="give more of it")
        dead = [row for row in found if row["state"] == DeliveryState.DEAD and row["channel"] in names]
        if not dead:
            raise InputError(where=key or str(channel), what=_why_none(found), remedy=_WHERE_ALERTS_ARE)
        archive.outbox.owe_again([row["id"] for row in dead], _now())
    return dead


_WHERE_ALERTS_ARE = "`tollwatch alerts` shows how each stands"


def _why_none(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return "is the beginning of no alert's key"
    states = Counter(str(row["state"]) for row in found)
    return f"has nothing undeliverable ({', '.join(f'{n} {state}' for state, n in states.items())})"


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

"""A receiver that is down for two days gets all that it missed when it is back: every channel, on real servers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from alerts.channels.channel import Channel
from alerts.outbox import Courier
from archive import Archive
from jobs import OnThread
from model import Alert
from tests.alerts.rigs import RIGS, opened
from tests.alerts.samples import NOON, composed, harbour_changes

STEP = timedelta(minutes=15)
OUTAGE = timedelta(days=2)
GIVEN_UP = timedelta(days=3)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def alerts() -> list[Alert]:
    """Two alerts of each of two events."""
    return [composed(harbour_changes()[n:], event=event, event_name=event) for n in (0, 1) for event in ("one", "two")]


@pytest.mark.parametrize("kind", RIGS, ids=lambda kind: kind.__name__)
async def test_what_was_owed_through_an_outage_of_two_days_is_delivered_within_three(kind: type) -> None:
    clock, channels, archive = Clock(), dict[str, Channel](), OnThread(Archive.in_memory())
    for alert in alerts():
        archive.archive.outbox.owe(alert, ["desk"], clock())
    courier = Courier(archive, channels, now=clock, jitter=lambda: 0.5)

    async def deliver_until(over: Callable[[], bool]) -> int:
        delivered = 0
        while not over():
            delivered += await courier.deliver()
            clock.time += STEP
        return delivered

    async with RIGS[kind]["delivers"]() as (working, arrived):
        async with RIGS[kind]["breaks"]() as (broken, _):
            channels["desk"] = opened(broken)
            assert await deliver_until(lambda: clock.time >= NOON + OUTAGE) == 0
            await channels["desk"].close()
        channels["desk"] = opened(working)
        owed = archive.archive.queries.health
        assert await deliver_until(lambda: owed().owed == 0 or clock.time > NOON + GIVEN_UP) == len(alerts())
        await channels["desk"].close()
        assert clock.time <= NOON + GIVEN_UP
        assert arrived()
    states = {row["state"] for row in archive.archive.queries.alerts(9)}
    archive.close()
    assert states == {"delivered"}

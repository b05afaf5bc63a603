"""What is owed and how it is paid: at least once, under one id, each channel in its own order and at its own pace.

    owed (archive) ─> one lane a channel ─> Channel.send ─> Attempt ─> settle ─> record (archive)

A crash between send and record sends once more under the same id. Nothing is dropped: an alert ends delivered, or
dead and visible.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from alerts.channels.channel import Channel
from model import Attempt, AttemptResult, Delivery, DeliveryState

FIRST_PAUSE = timedelta(seconds=10)  # long enough for a restart of the receiver
GROWTH = 3
LONGEST_PAUSE = timedelta(hours=6)
SPREAD = 0.25  # jitter: a quarter to either side, so that receivers are not hit by all senders at once
GIVE_UP_AFTER = timedelta(days=3)  # a receiver that breaks on a Friday evening is mended on a Monday
FEWEST_ATTEMPTS = 5  # before giving up, so that a daemon that was down for a week still tries properly
LONGEST_RETRY_AFTER = timedelta(hours=24)  # a receiver's slip in units must not silence it for months
STRIKES = 3  # failures in a row that end a lane: the receiver is down, not the message at fault
REST = timedelta(seconds=30)


class Outbox(Protocol):
    """Where deliveries are owed; the archive is one."""

    async def owed(self, now: datetime, channel: str) -> Sequence[Delivery]:
        """Return what is due to a channel at `now`, the oldest first.

        A delivery whose event has an earlier one that is still owed to the same channel is not due before that one.
        """

    async def record(
        self, delivery: Delivery, attempt: Attempt, state: DeliveryState, next_try: datetime | None, at: datetime
    ) -> None:
        """Write one attempt down, in one transaction."""

    async def rest(self, channel: str, until: datetime) -> None:
        """Let nothing of what is owed to a channel be due before `until`."""


def settle(
    attempt: Attempt, *, attempts: int, owed_since: datetime, now: datetime, jitter: float
) -> tuple[DeliveryState, datetime | None]:
    """Decide what follows an attempt: the delivery's state, and the next try where it is still owed.

    `attempts` counts this one too (1 at the first); `jitter` is in [0, 1).
    """
    if attempt.result is AttemptResult.DELIVERED:
        return DeliveryState.DELIVERED, None
    if attempt.result is AttemptResult.REFUSED:
        return DeliveryState.DEAD, None
    if attempts >= FEWEST_ATTEMPTS and now - owed_since >= GIVE_UP_AFTER:
        return DeliveryState.DEAD, None
    return DeliveryState.OWED, now + max(_pause(attempts, jitter), _asked_for(attempt))


def _pause(attempts: int, jitter: float) -> timedelta:
    # The exponent is bounded first: 3 ** 1,000 days is more than a timedelta holds.
    factor: int = GROWTH ** min(attempts - 1, 20)
    grown = min(FIRST_PAUSE * factor, LONGEST_PAUSE)
    return grown * (1 - SPREAD + 2 * SPREAD * jitter)


def _asked_for(attempt: Attempt) -> timedelta:
    return min(attempt.retry_after or timedelta(0), LONGEST_RETRY_AFTER)


class Courier:
    """Delivers what is owed, over and over; `deliver` may run several times at once.

    Each channel has one lane, walked in order by one runner at a time until nothing in it is due; a later `deliver`
    leaves a lane alone that is still walked. So a receiver that hangs holds up its own lane and no other.
    """

    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        *,
        now: Callable[[], datetime],
        jitter: Callable[[], float],
    ) -> None:
        self._outbox = outbox
        self._channels = channels
        self._now = now
        self._jitter = jitter
        self._busy: set[str] = set()
        self._resting: dict[str, datetime] = {}

    async def deliver(self) -> int:
        """Try each due delivery of each free channel once, return how many were delivered.

        What is owed to a channel that is not here stays owed. An error of the outbox is raised after all lanes ended.
        """
        lanes = [name for name in self._channels if name not in self._busy and not self._rests(name)]
        self._busy.update(lanes)
        ends = await asyncio.gather(*map(self._walk, lanes), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return sum(end for end in ends if isinstance(end, int))

    async def _walk(self, name: str) -> int:
        """Walk a lane, and again while something came to be due meanwhile."""
        delivered = 0
        try:
            while not self._rests(name) and (owed := await self._outbox.owed(self._now(), name)):
                delivered += await self._pay(name, owed)
        finally:
            self._busy.discard(name)
        return delivered

    async def _pay(self, name: str, owed: Sequence[Delivery]) -> int:
        delivered = strikes = 0
        # Events whose earlier alert failed: the later one waits, so that a story stays in order.
        waiting: set[str] = set()
        for delivery in owed:
            if delivery.alert.event in waiting:
                continue
            attempt = await self._attempt(delivery)
            delivered += attempt.result is AttemptResult.DELIVERED
            strikes = strikes + 1 if attempt.result is AttemptResult.FAILED else 0
            if attempt.result is AttemptResult.FAILED and delivery.alert.event:
                waiting.add(delivery.alert.event)
            if attempt.result is AttemptResult.FAILED and (attempt.retry_after or strikes >= STRIKES):
                await self._rest(name, self._now() + (_asked_for(attempt) or REST))
                break
        return delivered

    async def _attempt(self, delivery: Delivery) -> Attempt:
        attempt = await _send(self._channels[delivery.channel], delivery, self._now())
        at = self._now()
        state, next_try = settle(
            attempt, attempts=delivery.attempts + 1, owed_since=delivery.owed_since, now=at, jitter=self._jitter()
        )
        await self._outbox.record(delivery, attempt, state, next_try, at)
        return attempt

    async def _rest(self, name: str, until: datetime) -> None:
        """Leave a receiver alone that asked for it or failed too often in a row, over a restart too."""
        self._resting[name] = until  # what comes to be owed meanwhile waits as well
        await self._outbox.rest(name, until)

    def _rests(self, name: str) -> bool:
        return name in self._resting and self._now() < self._resting[name]


async def _send(channel: Channel, delivery: Delivery, now: datetime) -> Attempt:
    try:
        return await channel.send(delivery, now)
    except Exception as error:  # the border "channel": whatever breaks in one must not reach another
        # Only the kind of error is kept, since its message may hold an address that is a secret.
        return Attempt(result=AttemptResult.FAILED, detail=f"the channel broke: {type(error).__name__}")

"""What is owed is paid: in order, at its pace, and never one channel at another's cost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.outbox import REST, Courier, settle
from archive import Archive
from jobs import OnThread
from model import Alert, Attempt, AttemptResult, Delivery, DeliveryState
from tests.alerts.samples import NOON, composed, delivery, raised

DELIVERED = Attempt(result=AttemptResult.DELIVERED)
FAILED = Attempt(result=AttemptResult.FAILED)
REFUSED = Attempt(result=AttemptResult.REFUSED)


def asked(seconds: float) -> Attempt:
    return Attempt(result=AttemptResult.FAILED, retry_after=timedelta(seconds=seconds))


# -------------------------------------------------------------------------------------------------------- settle

PAUSES = [10, 30, 90, 270, 810, 2430, 7290, 21600, 21600, 21600]


def test_the_pauses_grow_to_six_hours() -> None:
    for attempts, pause in enumerate(PAUSES, start=1):
        state, next_try = settle(FAILED, attempts=attempts, owed_since=NOON, now=NOON, jitter=0.5)
        assert (state, next_try) == (DeliveryState.OWED, NOON + timedelta(seconds=pause))


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 7.5), (0.5, 10), (1.0, 12.5)])
def test_jitter_spreads_a_pause_by_a_quarter(jitter: float, seconds: float) -> None:
    assert settle(FAILED, attempts=1, owed_since=NOON, now=NOON, jitter=jitter)[1] == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attempt", "attempts", "age", "state", "wait"),
    [
        (DELIVERED, 1, timedelta(0), DeliveryState.DELIVERED, None),
        (DELIVERED, 99, timedelta(days=9), DeliveryState.DELIVERED, None),
        (REFUSED, 1, timedelta(0), DeliveryState.DEAD, None),
        (asked(90), 1, timedelta(0), DeliveryState.OWED, timedelta(seconds=90)),
        (asked(1), 3, timedelta(0), DeliveryState.OWED, timedelta(seconds=90)),
        (asked(10**7), 1, timedelta(0), DeliveryState.OWED, timedelta(hours=24)),
        (FAILED, 20, timedelta(days=3) - timedelta(seconds=1), DeliveryState.OWED, timedelta(hours=6)),
        (FAILED, 20, timedelta(days=3), DeliveryState.DEAD, None),
        (FAILED, 4, timedelta(days=9), DeliveryState.OWED, timedelta(seconds=270)),
        (FAILED, 5, timedelta(days=9), DeliveryState.DEAD, None),
        (FAILED, 100_000, timedelta(0), DeliveryState.OWED, timedelta(hours=6)),
    ],
)
def test_an_attempt_is_settled(
    attempt: Attempt, attempts: int, age: timedelta, state: DeliveryState, wait: timedelta | None
) -> None:
    settled = settle(attempt, attempts=attempts, owed_since=NOON - age, now=NOON, jitter=0.5)
    assert settled == (state, None if wait is None else NOON + wait)


def test_a_receiver_that_is_down_for_good_is_tried_some_twenty_times_in_three_days() -> None:
    now, attempts = NOON, 0
    next_try: datetime | None = now
    while next_try is not None:
        now, attempts = next_try, attempts + 1
        _, next_try = settle(FAILED, attempts=attempts, owed_since=NOON, now=now, jitter=0.5)
    assert attempts == 20
    assert timedelta(days=3) <= now - NOON <= timedelta(days=3, hours=6)


# --------------------------------------------------------------------------------------------------------- lanes


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@dataclass
class Ledger:
    """An outbox in memory."""

    deliveries: list[Delivery]
    due: dict[int, datetime] = field(default_factory=dict)
    ends: dict[int, DeliveryState] = field(default_factory=dict)
    written: list[tuple[str, int, AttemptResult]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def owed(self, now: datetime, channel: str) -> Sequence[Delivery]:
        self.asked.append(channel)
        held: set[str | None] = set()
        due = []
        for each in self.deliveries:
            if each.channel != channel or each.id in self.ends:
                continue
            if self.due.get(each.id, each.owed_since) > now:
                held.add(each.alert.event)
            elif each.alert.event not in held:
                due.append(each)
        return due

    async def record(
        self, delivery: Delivery, attempt: Attempt, state: DeliveryState, next_try: datetime | None, at: datetime
    ) -> None:
        self.written.append((delivery.channel, delivery.id, attempt.result))
        if next_try is None:
            self.ends[delivery.id] = state
        else:
            self.due[delivery.id] = next_try

    async def rest(self, channel: str, until: datetime) -> None:
        for each in self.deliveries:
            if each.channel == channel:
                self.due[each.id] = max(until, self.due.get(each.id, until))


class Scripted:
    """A channel that answers as it is told, the last answer for ever."""

    def __init__(self, name: str, *answers: Attempt | Exception) -> None:
        self.name = name
        self.answers = list(answers)
        self.seen: list[int] = []
        self.gate: asyncio.Event | None = None

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        self.seen.append(delivery.id)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        pass


def alert_of(event: str) -> Alert:
    return composed([raised()], event=event)


def owed(*entries: tuple[str, str]) -> Ledger:
    """A ledger of deliveries, each (channel, event), numbered from 1."""
    return Ledger([delivery(alert_of(event), channel, number=n) for n, (channel, event) in enumerate(entries, start=1)])


def courier(ledger: Ledger, *channels: Scripted, clock: Clock | None = None) -> Courier:
    return Courier(ledger, {each.name: each for each in channels}, now=clock or Clock(), jitter=lambda: 0.5)


async def test_a_channel_gets_its_deliveries_in_order() -> None:
    ledger, desk = owed(("desk", "a"), ("desk", "b"), ("desk", "a")), Scripted("desk", DELIVERED)
    assert await courier(ledger, desk).deliver() == 3
    assert desk.seen == [1, 2, 3]
    assert set(ledger.ends.values()) == {DeliveryState.DELIVERED}


async def test_after_a_failure_the_same_event_waits_and_others_do_not() -> None:
    ledger, desk = owed(("desk", "a"), ("desk", "b"), ("desk", "a")), Scripted("desk", FAILED, DELIVERED)
    assert await courier(ledger, desk).deliver() == 1
    assert desk.seen == [1, 2]


async def test_after_a_refusal_the_same_event_goes_on() -> None:
    ledger, desk = owed(("desk", "a"), ("desk", "a")), Scripted("desk", REFUSED, DELIVERED)
    assert await courier(ledger, desk).deliver() == 1
    assert ledger.ends == {1: DeliveryState.DEAD, 2: DeliveryState.DELIVERED}


async def test_a_channel_that_hangs_delays_no_other() -> None:
    ledger = owed(("hung", "a"), ("desk", "a"), ("hung", "b"))
    hung, desk, clock = Scripted("hung", DELIVERED), Scripted("desk", DELIVERED), Clock()
    hung.gate = asyncio.Event()
    running = courier(ledger, hung, desk, clock=clock)
    first = asyncio.create_task(running.deliver())
    while not ledger.ends:
        await asyncio.sleep(0)
    ledger.deliveries.append(delivery(alert_of("c"), "desk", number=4))
    assert await running.deliver() == 1
    assert (desk.seen, hung.seen) == ([2, 4], [1])
    hung.gate.set()
    assert await first == 3
    assert [number for channel, number, _ in ledger.written if channel == "hung"] == [1, 3]


async def test_a_lane_that_is_walked_is_not_asked_for_and_takes_along_what_comes_to_be_owed_meanwhile() -> None:
    ledger, desk = owed(("desk", "a")), Scripted("desk", DELIVERED)
    desk.gate = asyncio.Event()
    running = courier(ledger, desk)
    first = asyncio.create_task(running.deliver())
    while not desk.seen:
        await asyncio.sleep(0)
    ledger.deliveries.append(delivery(alert_of("b"), "desk", number=2))
    assert await running.deliver() == 0
    assert ledger.asked == ["desk"]
    desk.gate.set()
    assert await first == 2


async def test_a_channel_that_breaks_is_a_failed_attempt_and_keeps_its_words_to_itself() -> None:
    ledger = owed(("broken", "a"), ("desk", "a"))
    assert await courier(ledger, Scripted("broken", RuntimeError("token")), Scripted("desk", DELIVERED)).deliver() == 1
    assert ("broken", 1, AttemptResult.FAILED) in ledger.written


async def test_a_receiver_that_asks_to_wait_is_left_alone_so_long() -> None:
    clock, desk = Clock(), Scripted("desk", asked(90), DELIVERED)
    ledger = owed(("desk", "a"), ("desk", "b"))
    running = courier(ledger, desk, clock=clock)
    await running.deliver()
    clock.time += timedelta(seconds=89)
    await running.deliver()
    assert desk.seen == [1]
    clock.time += timedelta(seconds=1)
    assert await running.deliver() == 2


async def test_a_receiver_that_is_down_is_not_tried_with_everything_that_is_owed() -> None:
    clock, desk = Clock(), Scripted("desk", FAILED)
    ledger = owed(*(("desk", str(n)) for n in range(20)))
    running = courier(ledger, desk, clock=clock)
    await running.deliver()
    await running.deliver()
    assert len(desk.seen) == 3
    clock.time += REST
    await running.deliver()
    assert len(desk.seen) == 6


async def test_a_receiver_that_is_to_be_left_alone_is_left_alone_over_a_restart() -> None:
    clock, desk = Clock(), Scripted("desk", asked(90), DELIVERED)
    ledger = owed(("desk", "a"), ("desk", "b"))
    await courier(ledger, desk, clock=clock).deliver()
    clock.time += timedelta(seconds=89)
    assert await courier(ledger, desk, clock=clock).deliver() == 0
    clock.time += timedelta(seconds=1)
    assert await courier(ledger, desk, clock=clock).deliver() == 2


async def test_what_is_owed_to_a_channel_that_is_gone_stays_owed() -> None:
    ledger = owed(("gone", "a"))
    assert await courier(ledger, Scripted("desk", DELIVERED)).deliver() == 0
    assert ledger.ends == {}


async def test_an_outbox_that_fails_is_told_after_the_other_lanes_ended() -> None:
    class Broken(Ledger):
        async def record(
            self, delivery: Delivery, attempt: Attempt, state: DeliveryState, next_try: datetime | None, at: datetime
        ) -> None:
            if delivery.channel == "one":
                raise OSError("disk full")
            await super().record(delivery, attempt, state, next_try, at)

    ledger = Broken(owed(("one", "a"), ("two", "a")).deliveries)
    running = courier(ledger, Scripted("one", DELIVERED), Scripted("two", DELIVERED))
    with pytest.raises(OSError, match="disk full"):
        await running.deliver()
    assert ledger.ends == {2: DeliveryState.DELIVERED}
    with pytest.raises(OSError, match="disk full"):
        await running.deliver()


async def test_an_outbox_that_cannot_be_read_leaves_the_lanes_free() -> None:
    class Unreadable(Ledger):
        broken = True

        async def owed(self, now: datetime, channel: str) -> Sequence[Delivery]:
            if self.broken:
                raise OSError("locked")
            return await super().owed(now, channel)

    ledger = Unreadable(owed(("desk", "a")).deliveries)
    running = courier(ledger, Scripted("desk", DELIVERED))
    with pytest.raises(OSError, match="locked"):
        await running.deliver()
    ledger.broken = False
    assert await running.deliver() == 1


# ------------------------------------------------------------------------------------------------ in the archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[OnThread]:
    kept = OnThread(Archive.open(tmp_path / "tollwatch.db"))
    yield kept
    kept.close()


def keep(archive: OnThread, *events: str, channels: Sequence[str] = ("desk",)) -> None:
    for event in events:
        archive.archive.outbox.owe(alert_of(event), channels, NOON)


async def test_an_alert_that_cannot_be_read_is_given_up_visibly_and_holds_up_no_other(
    archive: OnThread, tmp_path: Path
) -> None:
    keep(archive, "a", "b", channels=("desk", "other"))
    with closing(sqlite3.connect(tmp_path / "tollwatch.db")) as connection, connection:
        connection.execute("UPDATE alerts SET data = '{\"type\": \"unheard of\"}' WHERE event = 'a'")
    desk, other = Scripted("desk", DELIVERED), Scripted("other", DELIVERED)
    assert await Courier(archive, {"desk": desk, "other": other}, now=Clock(), jitter=lambda: 0.5).deliver() == 2
    queries = archive.archive.queries
    dead = [row for row in queries.alerts(9) if row["state"] == "dead"]
    assert len(dead) == 2
    assert all("cannot read the alert" in row["last_error"] for row in dead)
    assert [(row["dead"], row["delivered"], "cannot read" in row["last_error"]) for row in queries.channels()] == [
        (1, 1, True)
    ] * 2


async def test_a_rest_is_kept_for_all_that_its_channel_is_owed_and_for_no_other(archive: OnThread) -> None:
    keep(archive, "a", "b", channels=("desk", "other"))
    await archive.rest("desk", NOON + timedelta(minutes=1))
    assert await archive.owed(NOON, "desk") == []
    assert len(await archive.owed(NOON, "other")) == 2
    assert len(await archive.owed(NOON + timedelta(minutes=1), "desk")) == 2


async def test_a_story_stays_in_order_where_its_earlier_alert_waits_longer(archive: OnThread) -> None:
    for number in range(2):
        archive.archive.outbox.owe(replace(alert_of("a"), key=f"a{number}"), ["desk"], NOON)
    keep(archive, "b")
    first, *_ = await archive.owed(NOON, "desk")
    await archive.record(first, FAILED, DeliveryState.OWED, NOON + timedelta(minutes=1), NOON)
    assert [each.alert.event for each in await archive.owed(NOON, "desk")] == ["b"]
    due = await archive.owed(NOON + timedelta(minutes=1), "desk")
    assert [each.alert.event for each in due] == ["a", "a", "b"]

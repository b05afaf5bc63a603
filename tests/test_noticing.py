"""What is not well is told: once, to whom it concerns, and of outlets again when they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from alerts.outbox import Courier
from archive import Archive
from crawler.condition import condition
from jobs import OnThread
from model import (
    Alert,
    AlertType,
    Attempt,
    AttemptResult,
    Delivery,
    Hours,
    Outlet,
    Page,
    PageOutcome,
    Polled,
    Quiet,
)
from noticing import EVERY, SETTLING, Noticer
from tests.alerts.samples import NOON, harbour_fire
from tests.desk import dead, desk, reading

HOUR = timedelta(hours=1)
NIGHT = Hours(quiet=(Quiet(begins=time(22), ends=time(7)),))
LAMP, HERALD = (
    Outlet(
        id=name.lower(),
        name=f"The {name}",
        homepage=f"https://{name.lower()}.example",
        feeds=(f"https://{name.lower()}.example/rss",),
    )
    for name in ("Lamp", "Herald")
)


class Watch:
    """An archive with two outlets, and a noticer over it; `at` is in hours after noon."""

    def __init__(self, archive: OnThread, hours: dict[str, Hours]) -> None:
        self.archive = archive
        self.hours = hours
        self.noticer = Noticer(archive, hours, started=NOON)
        archive.archive.polling.sync([LAMP, HERALD], NOON)

    def polled(self, outlet: Outlet, at: float, outcome: PageOutcome, *, news: int = 1) -> None:
        url, now = outlet.feeds[0], NOON + at * HOUR
        (known,) = [one for one in self.archive.archive.polling.due_listings(NOON + 9999 * HOUR) if one.url == url]
        result = Polled(outcome=outcome, detail="", new_leads=news, interval=HOUR, due=now, body_hash=None)
        self.archive.archive.polling.record_poll(known, result, now)

    async def look(self, at: float) -> None:
        await self.noticer.look_at_channels(NOON + at * HOUR)
        await self.noticer.look_at_outlets(NOON + at * HOUR)

    def told(self, channel: str = "desk") -> list[Alert]:
        owed = self.archive.archive.outbox.owed(NOON + 9999 * HOUR)
        return [one.alert for one in owed if one.channel == channel and one.alert.type is not AlertType.FIGURE_CHANGED]

    def heard(self, channel: str = "desk") -> list[str]:
        return [alert.headline for alert in self.told(channel)]


@pytest.fixture
def archive() -> Iterator[OnThread]:
    archive = OnThread(Archive.in_memory())
    yield archive
    archive.close()


@pytest.fixture
def watch(archive: OnThread) -> Watch:
    return Watch(archive, {"desk": Hours()})


def fails(watch: Watch, *outlets: Outlet, at: float) -> None:
    for outlet in outlets:
        watch.polled(outlet, at, PageOutcome.SERVER_ERROR, news=0)
        watch.polled(outlet, at + 0.1, PageOutcome.SERVER_ERROR, news=0)


def answers(watch: Watch, *outlets: Outlet, at: float) -> None:
    for outlet in outlets:
        watch.polled(outlet, at, PageOutcome.LISTED)


# ------------------------------------------------------------------------------------------------------- outlets


async def test_an_outlet_that_does_not_answer_is_told_once_and_again_when_it_does(watch: Watch) -> None:
    answers(watch, LAMP, HERALD, at=0)
    fails(watch, LAMP, at=1)
    for at in (1.2, 2, 3, 9):
        await watch.look(at)
    assert watch.heard() == ["The Lamp does not answer"]
    answers(watch, LAMP, at=10)
    for at in (10, 10.6, 11, 20):
        await watch.look(at)
    assert watch.heard() == ["The Lamp does not answer", "The Lamp is well again"]
    down, up = watch.told()
    assert (down.type, down.outlet, down.outlet_name) == (AlertType.OUTLET_DEGRADED, "lamp", "The Lamp")
    assert "since 4 May, 13:00 UTC: https://lamp.example/rss: server error, 2 times in a row" in down.body
    assert (up.type, up.body) == (AlertType.OUTLET_RECOVERED, "The Lamp was not well since 4 May, 14:00 UTC.")


async def test_what_lasts_less_than_half_an_hour_is_not_told(watch: Watch) -> None:
    answers(watch, LAMP, HERALD, at=0)
    fails(watch, LAMP, at=1)
    await watch.look(1.4)
    answers(watch, LAMP, at=1.45)
    await watch.look(2)
    assert watch.heard() == []


async def test_an_outlet_that_comes_and_goes_is_not_told_each_time(watch: Watch) -> None:
    answers(watch, LAMP, HERALD, at=0)
    for at in (1, 3, 5, 7):
        fails(watch, LAMP, at=at)
        await watch.look(at + 1)
        answers(watch, LAMP, at=at + 1.5)
        await watch.look(at + 1.6)
    assert watch.heard() == ["The Lamp does not answer"]


async def test_many_outlets_that_fail_together_are_one_notice(watch: Watch) -> None:
    fails(watch, LAMP, HERALD, at=1)
    await watch.look(2)
    (told,) = watch.told()
    assert told.headline == "2 outlets are not well"
    assert [line.split(" since")[0] for line in told.body.splitlines()[:2]] == [
        "The Herald does not answer", "The Lamp does not answer",
    ]  # fmt: skip
    answers(watch, LAMP, HERALD, at=3)
    await watch.look(3)
    await watch.look(4)
    assert watch.heard()[1:] == ["2 outlets are well again"]


async def test_an_outlet_that_falls_silent_is_told(watch: Watch) -> None:
    answers(watch, LAMP, HERALD, at=0)
    watch.polled(LAMP, 47, PageOutcome.UNCHANGED, news=0)
    answers(watch, HERALD, at=47)
    await watch.look(47)
    await watch.look(48.1)
    assert watch.heard() == ["The Lamp has fallen silent"]


async def test_an_outlet_whose_pages_yield_no_text_any_more_is_told(watch: Watch) -> None:
    answers(watch, LAMP, HERALD, at=0)
    for n in range(20):
        url = f"https://lamp.example/{n}"
        page = Page(url=url, final_url=url, outlet="lamp", fetched=NOON + n * HOUR / 60, milliseconds=1)
        watch.archive.archive.polling.record_fetch(page, PageOutcome.NO_TEXT, "", listing=False)
    await watch.look(1)
    assert watch.heard() == ["The Lamp yields no article"]


async def test_an_outlet_whose_figures_collapse_is_told(watch: Watch) -> None:
    answers(watch, LAMP, HERALD, at=0)
    records = watch.archive.archive.queries.source_records()
    gone = tuple(n >= 100 for n in range(400))
    found = [condition(replace(one, figures=gone if one.outlet == "lamp" else gone[::-1]), NOON) for one in records]
    watch.noticer._tell_of_outlets(found, NOON)
    (told,) = watch.told()
    assert told.headline == "The Lamp has hardly a figure any more"
    assert "0 of its last 100 articles have a figure, where 100 would be usual" in told.body


def test_which_of_an_outlets_last_articles_hold_a_figure_is_known() -> None:
    at = desk()
    at.archive.polling.sync([replace(LAMP, id="one.example")], NOON)
    at.take(reading(dead(20), url="https://one.example/a", at=0))
    at.take(reading(url="https://one.example/b", at=1, lead="A ferry was christened at Port Vessel on Monday morning."))
    (record,) = at.archive.queries.source_records()
    assert record.figures == (False, True)
    at.archive.close()


async def test_a_notice_of_an_outlet_waits_for_the_end_of_quiet_hours(archive: OnThread) -> None:
    watch = Watch(archive, {"desk": NIGHT, "radio": Hours()})
    fails(watch, LAMP, HERALD, at=10)
    await watch.look(11)
    assert (watch.heard("desk"), watch.heard("radio")) == ([], ["2 outlets are not well"])
    answers(watch, HERALD, at=12)
    await watch.look(18.9)
    await watch.look(19)
    assert watch.heard("desk") == ["The Lamp does not answer"]


async def test_a_channel_that_wants_no_notices_is_told_none(archive: OnThread) -> None:
    watch = Watch(archive, {"desk": Hours(notices=False), "radio": Hours()})
    fails(watch, LAMP, at=1)
    await watch.look(3)
    assert (len(watch.heard("desk")), len(watch.heard("radio"))) == (0, 1)


async def test_a_restart_repeats_nothing(watch: Watch) -> None:
    fails(watch, LAMP, at=1)
    await watch.look(2)
    await Watch(watch.archive, watch.hours).look(3)
    assert len(watch.heard()) == 1


async def test_an_outlet_that_was_taken_out_is_forgotten(watch: Watch) -> None:
    fails(watch, LAMP, at=1)
    await watch.look(2)
    watch.archive.archive.polling.sync([HERALD], NOON + 3 * HOUR)
    await watch.look(4)
    assert watch.archive.archive.notices.of("desk") == {}
    assert len(watch.heard()) == 1


async def test_nothing_is_said_of_outlets_before_they_were_looked_at_after_a_start(watch: Watch) -> None:
    fails(watch, LAMP, at=-5)
    await watch.noticer.look(NOON)
    assert watch.heard() == []
    await watch.noticer.look(NOON + SETTLING)
    assert len(watch.heard()) == 1


async def test_a_clock_that_is_put_back_stops_no_notice(watch: Watch) -> None:
    await watch.noticer.look(NOON + 99 * HOUR)
    fails(watch, LAMP, at=1)
    await watch.noticer.look(NOON + 2 * HOUR)
    await watch.noticer.look(NOON + 2 * HOUR + EVERY)
    assert len(watch.heard()) == 1


# ------------------------------------------------------------------------------------------------------ channels


class Scripted:
    """A channel that answers as it is told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.answer = AttemptResult.DELIVERED

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        return Attempt(result=self.answer, detail="" if self.answer is AttemptResult.DELIVERED else "410 gone")

    async def close(self) -> None:
        pass


class Office:
    """A watch with a channel `mail` that does as it is told, and `desk`."""

    def __init__(self, archive: OnThread, hours: Hours | None = None) -> None:
        self.watch = Watch(archive, {"mail": Hours(), "desk": hours or Hours()})
        self.mail, self.at = Scripted("mail"), 0.0
        self.courier = Courier(archive, {"mail": self.mail}, now=lambda: NOON + self.at * HOUR, jitter=lambda: 0.5)
        self.number = 0

    async def sends(self, answer: AttemptResult, at: float) -> None:
        """One more alert, that ends so; then the noticer looks."""
        self.mail.answer, self.at, self.number = answer, at, self.number + 1
        alert = replace(harbour_fire(), key=f"alert_{self.number}", event=None)
        self.watch.archive.archive.outbox.owe(alert, ["mail"], NOON + at * HOUR)
        await self.courier.deliver()
        await self.watch.look(at)


async def test_a_channel_that_refuses_is_told_through_another_once(archive: OnThread) -> None:
    office = Office(archive)
    for at in (0, 0.1, 2, 5):
        await office.sends(AttemptResult.REFUSED, at)
    (told,) = office.watch.told()
    assert (told.type, told.headline) == (AlertType.CHANNEL_FAILED, "The channel mail has lost 1 alert")
    assert "It said: 410 gone" in told.body
    assert office.watch.heard("mail") == []


async def test_a_channel_that_got_through_since_and_fails_again_is_told_again(archive: OnThread) -> None:
    office = Office(archive)
    await office.sends(AttemptResult.REFUSED, 0)
    await office.sends(AttemptResult.DELIVERED, 0.5)
    await office.sends(AttemptResult.REFUSED, 0.6)
    assert len(office.watch.heard()) == 1
    await office.sends(AttemptResult.REFUSED, 1.1)
    assert office.watch.heard()[1:] == ["The channel mail has lost 2 alerts"]


async def test_a_channel_that_does_not_get_through_for_an_hour_is_told_though_it_is_still_tried(
    archive: OnThread,
) -> None:
    office = Office(archive)
    for at in (0, 0.1, 0.2, 0.9):
        await office.sends(AttemptResult.FAILED, at)
    assert office.watch.heard() == []
    await office.sends(AttemptResult.FAILED, 1.1)
    (told,) = office.watch.told()
    assert told.headline == "The channel mail does not get through"
    assert "waiting since 4 May, 12:00 UTC. It said: 410 gone" in told.body


async def test_a_failed_channel_is_told_in_quiet_hours_too(archive: OnThread) -> None:
    office = Office(archive, NIGHT)
    await office.sends(AttemptResult.REFUSED, 12)
    assert office.watch.heard() == ["The channel mail has lost 1 alert"]


async def test_a_failed_channel_is_not_told_to_itself(archive: OnThread) -> None:
    office = Office(archive)
    office.watch.noticer = Noticer(archive, {"mail": Hours()}, started=NOON)
    await office.sends(AttemptResult.REFUSED, 0)
    assert office.watch.heard("mail") == []

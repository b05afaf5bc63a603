"""When a desk is told: quiet hours, digests, and what comes above the most an hour. The story begins at 12:00 UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import AlertType, Cue, DailyTime, Delivery, Hours, Kind, Outcome, Quiet, Rule
from monitor import Monitor
from telling import Teller
from tests.build import hour
from tests.desk import RULE, TITLE, WATCH, Desk, dead, desk, reading

NIGHT = Hours(quiet=(Quiet(begins=time(22), ends=time(7)),))  # from hour 10 to hour 19
LOUD = Hours(quiet=NIGHT.quiet, override_step=50, override_share=1.0)
PLACES = ("Arlen", "Bergo", "Castell", "Dunmor", "Esker", "Farrow")


def told_numbers(deliveries: list[Delivery]) -> list[list[int]]:
    return [[told.value.anchor for told in delivery.alert.changes] for delivery in deliveries]


def take(at: Desk, n: int, hours: float, **fields: object) -> None:
    at.take(reading(dead(n, **fields), url=f"https://two.example/{n}/{hours}", at=hours))  # type: ignore[arg-type]


def elsewhere(at: Desk, place: str, n: int, hours: float, **fields: object) -> None:
    """A toll of an event of its own."""
    lead = f"A mine near {place} collapsed in {place} district, the {place} prefect told {place} radio at {place}."
    told = reading(dead(n, **fields), url=f"https://{place}.example/{n}/{hours}", at=hours, lead=lead)  # type: ignore[arg-type]
    assert told.article is not None
    title = f"{place} mine falls in".ljust(len(TITLE), "!")
    at.take(replace(told, article=replace(told.article, title=title)))


# ------------------------------------------------------------------------------------------------- quiet hours


def test_what_falls_into_quiet_hours_is_told_in_one_message_when_they_end() -> None:
    at = desk(hours=NIGHT)
    take(at, 20, 9)
    take(at, 40, 11)
    take(at, 60, 13)
    assert told_numbers(at.owed()) == [[20]]
    assert at.teller.release(hour(18.9)) == 0
    assert at.teller.release(hour(19)) == 2
    (told,) = at.owed()[-1].alert.changes
    assert (told.kind, told.value.anchor, told.previous and told.previous.anchor) == (Kind.RAISED, 60, 20)


def test_what_a_step_that_is_not_told_has_overtaken_is_told_as_it_stands() -> None:
    at = desk(hours=NIGHT, rules=[Rule(name="large", channels=("desk",), minimum_step=10)])
    take(at, 20, 9)
    take(at, 40, 11)
    take(at, 45, 13)
    at.teller.release(hour(19))
    assert told_numbers(at.owed()) == [[20], [45]]


def test_a_figure_withdrawn_in_the_same_night_is_told_as_withdrawn_only() -> None:
    at = desk(hours=NIGHT)
    take(at, 20, 9)
    take(at, 40, 11)
    take(at, 40, 13, cue=Cue.WITHDRAWN)
    at.teller.release(hour(19))
    assert [told.kind for told in at.owed()[-1].alert.changes] == [Kind.WITHDRAWN]


def test_a_jump_is_told_in_quiet_hours_and_what_it_overtakes_is_not_told_after_them() -> None:
    at = desk(hours=LOUD)
    take(at, 20, 9)
    take(at, 40, 11)
    take(at, 110, 13)
    assert told_numbers(at.owed()) == [[20], [110]]
    assert at.teller.release(hour(19)) == 0


@pytest.mark.parametrize(("n", "is_told"), [(49, False), (50, True)])
def test_a_large_first_figure_is_told_in_quiet_hours(n: int, is_told: bool) -> None:
    at = desk(hours=LOUD)
    take(at, n, 11)
    assert bool(at.owed()) is is_told


@pytest.mark.parametrize(("before", "after", "is_told"), [(20, 60, False), (90, 150, False), (50, 100, True)])
def test_a_step_must_reach_both_number_and_share(before: int, after: int, is_told: bool) -> None:
    at = desk(hours=LOUD)
    take(at, before, 9)
    take(at, after, 11)
    assert (len(at.owed()) == 2) is is_told


def test_a_digest_that_falls_into_quiet_hours_waits_for_their_end() -> None:
    at = desk(hours=Hours(quiet=NIGHT.quiet, digests=(DailyTime(at=time(23)),)))
    take(at, 5, 8, outcome=Outcome.DISPLACED)
    assert at.teller.release(hour(11)) == 0
    assert at.teller.release(hour(19)) == 1
    assert at.owed()[-1].alert.type is AlertType.DIGEST


def test_what_waits_for_the_gathering_time_does_not_slip_into_quiet_hours() -> None:
    at = desk(hours=NIGHT)
    take(at, 40, 9.7)
    take(at, 46, 9.8)
    assert at.teller.release(hour(10.3)) == 0
    assert at.teller.release(hour(19)) == 1


# ----------------------------------------------------------------------------------------------------- digests


def test_a_digest_goes_out_at_the_channels_own_times() -> None:
    at = desk(hours=Hours(timezone="Europe/Kyiv", digests=(DailyTime(at=time(8)), DailyTime(at=time(18)))))
    take(at, 5, 1, outcome=Outcome.DISPLACED)
    assert at.teller.release(hour(3.9)) == 0
    assert at.teller.release(hour(4)) == 1


def test_a_digest_with_nothing_in_it_is_not_sent() -> None:
    at = desk()
    at.teller.release(hour(20))
    assert at.owed() == []


# ------------------------------------------------------------------------------------------------ most an hour


def test_what_comes_above_the_most_an_hour_is_one_digest_when_the_hour_is_over() -> None:
    at = desk(hours=Hours(most_per_hour=2))
    for n, place in enumerate(PLACES):
        elsewhere(at, place, 20 + n, n / 10)
    assert told_numbers(at.owed()) == [[20], [21]]
    assert at.teller.release(hour(0.9)) == 0
    assert at.teller.release(hour(1)) == 4
    gathered = at.owed()[-1].alert
    assert gathered.type is AlertType.DIGEST
    assert gathered.headline == "Gathered, as more than 2 messages came in an hour · 4 changes in 4 events"


def test_a_correction_is_not_held_back_by_the_most_an_hour() -> None:
    at = desk(hours=Hours(most_per_hour=1))
    elsewhere(at, "Arlen", 40, 0)
    elsewhere(at, "Arlen", 30, 0.1, cue=Cue.LOWERED)
    assert told_numbers(at.owed()) == [[40], [30]]


def test_a_night_of_many_events_is_not_above_the_most_an_hour_in_the_morning() -> None:
    at = desk(hours=Hours(quiet=NIGHT.quiet, most_per_hour=2))
    for n, place in enumerate(PLACES):
        elsewhere(at, place, 20 + n, 11 + n)
    at.teller.release(hour(19))
    assert len(at.owed()) == 2
    at.teller.release(hour(20))
    assert [len(numbers) for numbers in told_numbers(at.owed())] == [1, 1, 4]


# ------------------------------------------------------------------------------------------- nothing is ever lost

HOURS = st.builds(
    Hours,
    timezone=st.sampled_from(["UTC", "Europe/Kyiv", "America/St_Johns"]),
    digests=st.sampled_from([(DailyTime(at=time(8)),), (DailyTime(at=time(2, 30)), DailyTime(at=time(18)))]),
    quiet=st.sampled_from([(), NIGHT.quiet, (*NIGHT.quiet, Quiet(begins=time(), ends=time(), days=frozenset({5, 6})))]),
    override_step=st.sampled_from([None, 20]),
    override_share=st.sampled_from([None, 1.0]),
    most_per_hour=st.sampled_from([None, 1, 3]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["text", "text", "text", "release", "restart"]),
        st.sampled_from([0.01, 0.2, 0.7, 3, 9, 26]),  # hours that the clock moves on
        st.integers(0, 2),  # the event
        st.sampled_from([-12, -3, 1, 2, 6, 15, 70]),  # by how much its figure moves
    ),
    max_size=14,
)


@settings(max_examples=20, deadline=None)
@given(hours=HOURS, steps=STEPS)
def test_what_stands_in_the_end_was_told(hours: Hours, steps: list[tuple[str, float, int, int]]) -> None:
    at = desk(hours=hours)
    clock, figures = 0.0, [30, 60, 90]
    for kind, moves, event, step in steps:
        clock += moves
        if kind == "release":
            at.teller.release(hour(clock))
        elif kind == "restart":
            at = restarted(at, hours)
        else:
            figures[event] = max(1, figures[event] + step)
            elsewhere(at, PLACES[event], figures[event], clock, cue=Cue.LOWERED if step < 0 else Cue.NONE)
    for half_day in range(1, 20):
        at.teller.release(hour(clock + 12 * half_day))
    assert at.archive.outbox.due_pending(hour(100_000)) == []
    told = {(t.event, t.value.anchor) for one in at.owed(100_000) for t in one.alert.changes}
    events = [event["id"] for event in at.archive.queries.events()]
    assert {(event, row["number"]) for event in events for row in at.archive.queries.current(event)} <= told
    at.archive.close()


def restarted(at: Desk, hours: Hours) -> Desk:
    """Everything but the archive anew."""
    teller = Teller(at.archive, watches=[WATCH], rules=[RULE], outlet_names={}, hours={"desk": hours})
    return Desk(at.archive, Monitor(at.archive, watches=[WATCH], teller=teller, since=lambda _: None), teller)

"""When a channel may be told something, on the nights when clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.hours import next_digest, quiet_until, room_at
from model import DailyTime, Hours, Quiet

KYIV = "Europe/Kyiv"  # in 2026 forward on 29 March at 01:00 UTC, back on 25 October at 01:00 UTC
NIGHT = Quiet(begins=time(22), ends=time(7))
WEEKEND = Quiet(begins=time(), ends=time(), days=frozenset({5, 6}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def until(now: str, *quiet: Quiet, timezone: str = "UTC") -> datetime | None:
    return quiet_until(at(now), Hours(timezone=timezone, quiet=quiet))


def digest(now: str, *times: DailyTime, timezone: str = "UTC") -> datetime:
    return next_digest(at(now), Hours(timezone=timezone, digests=times))


def test_quiet_hours_hold_from_their_first_moment_to_before_their_last() -> None:
    assert until("06-03T21:59:59", NIGHT) is None
    assert until("06-03T22:00", NIGHT) == at("06-04T07:00")
    assert until("06-04T06:59:59", NIGHT) == at("06-04T07:00")
    assert until("06-04T07:00", NIGHT) is None


def test_quiet_hours_that_follow_at_once_are_one_time() -> None:
    assert until("06-05T23:00", NIGHT, WEEKEND) == at("06-08T07:00")


def test_days_are_those_on_which_quiet_hours_begin() -> None:
    friday = Quiet(begins=time(22), ends=time(7), days=frozenset({4}))
    assert until("06-06T06:00", friday) == at("06-06T07:00")
    assert until("06-06T23:00", friday) is None


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [("03-28T20:00", "03-29T04:00", 8), ("10-24T19:00", "10-25T05:00", 10), ("06-03T19:00", "06-04T04:00", 9)],
    ids=["a day of 23 hours", "a day of 25 hours", "a usual day"],
)
def test_a_night_lasts_as_long_as_its_clocks_say(begins: str, ends: str, hours: int) -> None:
    assert until(begins, NIGHT, timezone=KYIV) == at(ends) == at(begins) + timedelta(hours=hours)


def test_quiet_hours_that_end_in_the_hour_that_does_not_exist_end_when_the_clock_passes_them() -> None:
    assert until("03-29T00:30", Quiet(begins=time(22), ends=time(3, 30)), timezone=KYIV) == at("03-29T01:00")


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_at_its_second() -> None:
    assert until("10-25T00:45", Quiet(begins=time(22), ends=time(3, 30)), timezone=KYIV) == at("10-25T01:30")


def test_a_digest_is_sent_at_its_time_on_the_wall() -> None:
    morning, evening = DailyTime(at=time(8)), DailyTime(at=time(18))
    assert digest("03-28T06:00", morning, evening, timezone=KYIV) == at("03-28T16:00")
    assert digest("03-28T16:00", morning, evening, timezone=KYIV) == at("03-29T05:00")


def test_a_digest_in_the_hour_that_does_not_exist_is_sent_when_the_clock_passes_it() -> None:
    assert digest("03-29T00:59", DailyTime(at=time(3, 30)), timezone=KYIV) == at("03-29T01:00")


def test_a_digest_in_the_hour_that_comes_twice_is_sent_once() -> None:
    half_past = DailyTime(at=time(3, 30))
    assert digest("10-25T00:00", half_past, timezone=KYIV) == at("10-25T00:30")
    assert digest("10-25T00:30", half_past, timezone=KYIV) == at("10-26T01:30")


def test_a_weekly_digest_waits_for_its_day() -> None:
    assert digest("06-08T08:00", DailyTime(at=time(8), days=frozenset({0}))) == at("06-15T08:00")


def test_room_is_there_when_an_hour_has_passed_since_the_first_of_the_last() -> None:
    told = [at("06-03T10:00"), at("06-03T10:20"), at("06-03T10:40")]
    assert room_at(told, 4, at("06-03T10:50")) is None
    assert room_at(told, 2, at("06-03T10:50")) == at("06-03T11:20")


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=1461)).map(lambda since: datetime(2024, 1, 1, tzinfo=UTC) + since)
ZONES = st.sampled_from(
    ["UTC", KYIV, "America/St_Johns", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"]
)


@given(now=MOMENTS, zone=ZONES, quiet=st.lists(st.builds(Quiet, begins=TIMES, ends=TIMES, days=DAYS), max_size=3))
def test_quiet_hours_end_later_and_are_over_then(now: datetime, zone: str, quiet: list[Quiet]) -> None:
    hours = Hours(timezone=zone, quiet=tuple(quiet))
    ends = quiet_until(now, hours)
    assert ends is None or (ends > now and (ends - now > timedelta(days=14) or quiet_until(ends, hours) is None))


@given(now=MOMENTS, zone=ZONES, times=st.lists(st.builds(DailyTime, at=TIMES, days=DAYS), min_size=1, max_size=3))
def test_a_digest_comes_within_eight_days(now: datetime, zone: str, times: list[DailyTime]) -> None:
    due = next_digest(now, Hours(timezone=zone, digests=tuple(times)))
    assert now < due <= now + timedelta(days=8)

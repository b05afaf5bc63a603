"""When a fetched address is fetched again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.ladder import reread_at, reread_live_at, retry_at
from model import PageOutcome

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def pause(
    age: timedelta, *, moved: timedelta | None = timedelta(0), first_time: bool = True, waiting: int = 0
) -> timedelta | None:
    """The pause for an article of an `age` whose event moved so long ago."""
    last = None if moved is None else NOW - moved
    again = reread_at(stated=NOW - age, moved=last, now=NOW, first_time=first_time, waiting=waiting)
    return None if again is None else again - NOW


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        (timedelta(minutes=10), timedelta(minutes=15)),
        (timedelta(hours=5), timedelta(hours=1)),
        (timedelta(days=3), timedelta(hours=6)),
        (timedelta(days=20), timedelta(days=2)),
        (timedelta(days=40), None),
    ],
)
def test_an_article_is_read_again_the_more_rarely_the_longer_its_event_stands_still(
    moved: timedelta, expected: timedelta | None
) -> None:
    assert pause(timedelta(days=2), moved=moved) == expected


def test_an_article_of_last_month_is_never_read_again_however_its_event_moves() -> None:
    assert pause(timedelta(days=31), moved=timedelta(minutes=1)) is None


def test_where_many_of_an_outlet_wait_to_be_read_again_each_waits_longer() -> None:
    assert pause(timedelta(hours=1), waiting=60) == timedelta(minutes=15)
    assert pause(timedelta(hours=1), waiting=240) == timedelta(hours=1)


def test_an_article_without_figures_is_read_once_more_at_most() -> None:
    assert pause(timedelta(minutes=10), moved=None) == timedelta(hours=1)
    assert pause(timedelta(hours=2), moved=None, first_time=False) is None
    assert pause(timedelta(days=2), moved=None) is None


def test_a_live_page_is_read_every_few_minutes_until_it_comes_to_rest() -> None:
    ages = (timedelta(minutes=5), timedelta(hours=3), timedelta(days=1), timedelta(days=3))
    pauses = [reread_live_at(newest=NOW - age, now=NOW) for age in ages]
    assert pauses == [NOW + timedelta(minutes=5), NOW + timedelta(minutes=20), NOW + timedelta(hours=3), None]


@pytest.mark.parametrize(
    "outcome", [PageOutcome.GONE, PageOutcome.BLOCKED, PageOutcome.REFUSED_ADDRESS, PageOutcome.TOO_LARGE]
)
def test_a_final_failure_is_not_tried_again(outcome: PageOutcome) -> None:
    assert retry_at(outcome, attempts=0, now=NOW, retry_after=None) is None


def test_a_passing_failure_is_tried_again_ever_later_and_not_for_ever() -> None:
    tries = [retry_at(PageOutcome.TIMED_OUT, attempts=n, now=NOW, retry_after=None) for n in range(5)]
    pauses = [again - NOW for again in tries if again is not None]
    assert pauses == sorted(pauses)
    assert tries[-1] is None


def test_a_host_that_asks_for_a_longer_pause_gets_it() -> None:
    asked = NOW + timedelta(hours=6)
    assert retry_at(PageOutcome.RATE_LIMITED, attempts=0, now=NOW, retry_after=asked) == asked

"""When a fetched address is fetched again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.ladder import reread_at, retry_at
from model import PageOutcome

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def pause(age: timedelta, *, has_figures: bool = True, first_time: bool = True) -> timedelta | None:
    again = reread_at(stated=NOW - age, now=NOW, has_figures=has_figures, first_time=first_time)
    return None if again is None else again - NOW


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(minutes=10), timedelta(minutes=15)),
        (timedelta(hours=5), timedelta(hours=1)),
        (timedelta(days=3), timedelta(hours=6)),
        (timedelta(days=20), timedelta(days=2)),
        (timedelta(days=40), None),
    ],
)
def test_an_article_with_figures_is_read_again_ever_more_rarely_and_never_after_a_month(
    age: timedelta, expected: timedelta | None
) -> None:
    assert pause(age) == expected


def test_an_article_without_figures_is_read_once_more_at_most() -> None:
    assert pause(timedelta(minutes=10), has_figures=False) == timedelta(hours=1)
    assert pause(timedelta(hours=2), has_figures=False, first_time=False) is None


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

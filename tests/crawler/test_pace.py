"""How soon a listing is polled again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.pace import gap_between, next_poll
from model import Lead, Listed, Listing, ListingKind, Page, PageOutcome, Via

NOW = datetime(2025, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def interval(
    *,
    every: timedelta = 10 * MINUTE,
    slowest: timedelta = 60 * MINUTE,
    gap: timedelta | None = None,
    silence: timedelta | None = None,
    new_leads: int = 0,
    status: int | None = None,
    failures: int = 0,
    failure: PageOutcome | None = None,
    cache: str | None = None,
    pause: timedelta | None = None,
    listed: Listed | None = None,
    jitter: float = 0.0,
) -> timedelta:
    listing = Listing(
        url="http://a.example/",
        outlet="a",
        kind=ListingKind.FEED,
        every=every,
        slowest=slowest,
        gap=gap,
        last_news=NOW - silence if silence else None,
        failures=failures,
    )
    page = Page(
        url=listing.url,
        final_url=listing.url,
        outlet="a",
        fetched=NOW,
        milliseconds=5,
        status=status,
        failure=failure,
        headers=(("Cache-Control", cache),) if cache else (),
        retry_after=NOW + pause if pause else None,
    )
    wait, due = next_poll(listing, page=page, listed=listed, new_leads=new_leads, now=NOW, jitter=jitter)
    assert due == NOW + wait
    return wait


def test_a_listing_is_polled_as_often_as_configured() -> None:
    assert interval(listed=Listed()) == 10 * MINUTE


@pytest.mark.parametrize("jitter", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("ttl", [None, MINUTE, timedelta(days=2)])
def test_never_faster_than_configured(jitter: float, ttl: timedelta | None) -> None:
    assert interval(listed=Listed(ttl=ttl), jitter=jitter) >= 10 * MINUTE


def test_chance_spreads_by_a_tenth() -> None:
    assert interval(jitter=1.0) == 11 * MINUTE


@pytest.mark.parametrize(("ttl", "expected"), [(5, 10), (30, 30), (1440, 180)])
def test_a_ttl_is_heeded_up_to_three_hours(ttl: int, expected: int) -> None:
    assert interval(listed=Listed(ttl=ttl * MINUTE)) == expected * MINUTE


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ("max-age=60", 10),
        ("public, max-age=1800", 30),
        ("Max-Age=1800", 30),
        ("max-age=86400", 180),
        ("no-cache, max-age=1800", 10),
        ("no-store", 10),
        ("max-age=soon", 10),
        ("s-maxage=1800", 10),
    ],
)
def test_cache_control_is_heeded_up_to_three_hours(cache: str, expected: int) -> None:
    assert interval(cache=cache) == expected * MINUTE


def test_not_modified_is_no_failure() -> None:
    assert interval(failures=5, failure=PageOutcome.NOT_MODIFIED) == 10 * MINUTE


@pytest.mark.parametrize(("failures", "expected"), [(0, 10), (1, 20), (5, 60), (100_000, 24 * 60)])
def test_failures_back_off_step_by_step_and_never_give_up(failures: int, expected: int) -> None:
    assert interval(failures=failures, failure=PageOutcome.TIMED_OUT) == expected * MINUTE


def test_a_broken_listing_is_a_failure() -> None:
    assert interval(failures=2, listed=Listed(problem="not a feed")) == 30 * MINUTE


def test_a_pause_that_the_server_asks_for_is_kept() -> None:
    assert interval(failure=PageOutcome.RATE_LIMITED, pause=timedelta(hours=5)) == timedelta(hours=5)


def test_a_slow_listing_stays_slow_when_it_fails() -> None:
    slow = timedelta(days=2)
    assert interval(every=slow, slowest=slow, failure=PageOutcome.TIMED_OUT) == slow


def leads(*ages: timedelta | None) -> tuple[Lead, ...]:
    return tuple(
        Lead(
            url=f"http://a.example/{n}",
            outlet="a",
            via=Via.FEED,
            found=NOW,
            published=None if age is None else NOW - age,
        )
        for n, age in enumerate(ages)
    )


def test_the_dates_of_a_listing_tell_how_often_news_comes() -> None:
    assert gap_between(leads(10 * MINUTE, 30 * MINUTE, 90 * MINUTE, None), NOW) == 30 * MINUTE
    assert gap_between(leads(10 * MINUTE, 30 * MINUTE), NOW) is None
    assert gap_between(leads(*(n * MINUTE for n in range(500))), NOW) == 0.9 * MINUTE


@pytest.mark.parametrize(("gap", "expected"), [(5, 10), (40, 20), (100, 50), (10_000, 60)])
def test_polls_follow_the_pace_of_the_news_between_the_floor_and_the_ceiling(gap: int, expected: int) -> None:
    assert interval(gap=gap * MINUTE) == expected * MINUTE


def test_a_listing_that_speeds_up_is_polled_faster_at_once() -> None:
    newer = Listed(leads=leads(*(n * 4 * MINUTE for n in range(20))))
    assert interval(gap=100 * MINUTE, listed=newer, new_leads=5) == 10 * MINUTE


@pytest.mark.parametrize(("silence", "expected"), [(30, 10), (160, 20), (320, 40), (10_000, 60)])
def test_a_listing_that_falls_silent_is_polled_more_slowly(silence: int, expected: int) -> None:
    assert interval(gap=MINUTE, silence=silence * MINUTE) == expected * MINUTE


def test_where_floor_and_ceiling_are_one_the_pace_is_fixed() -> None:
    assert interval(slowest=10 * MINUTE, gap=500 * MINUTE, silence=900 * MINUTE) == 10 * MINUTE


def test_what_is_gone_for_good_is_looked_for_once_a_day() -> None:
    assert interval(failure=PageOutcome.GONE, status=410) == timedelta(days=1)
    assert interval(failure=PageOutcome.GONE, status=404) == 10 * MINUTE

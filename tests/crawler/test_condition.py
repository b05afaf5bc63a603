"""How an outlet does as a source of news, since when, and why."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive import Archive
from crawler import condition as conditions
from crawler.condition import condition
from model import (
    PAYWALLED,
    WELL,
    Outlet,
    Page,
    PageOutcome,
    PolledListing,
    SourceHealth,
    SourceRecord,
    SourceState,
    Visit,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = PolledListing(
    url="https://daily.example/rss",
    last_outcome=PageOutcome.LISTED,
    first_polled=NOW - 400 * HOUR,
    last_news=NOW - HOUR,
    gap=HOUR,
)


def health(*listings: PolledListing, visits: tuple[Visit, ...] = ()) -> SourceHealth:
    record = SourceRecord(outlet="daily", name="The Daily", listings=listings or (FEED,), visits=visits)
    return condition(record, NOW)


def visits(outcome: PageOutcome, number: int, detail: str = "") -> tuple[Visit, ...]:
    """Pages that ended alike, the newest first, an hour apart."""
    return tuple(Visit(at=NOW - n * HOUR, outcome=outcome, detail=detail) for n in range(1, number + 1))


def test_an_outlet_with_news_and_articles_is_well() -> None:
    assert health(visits=visits(PageOutcome.NEW_ARTICLE, 20)).state is SourceState.WELL


def test_an_outlet_that_was_never_looked_at_is_new() -> None:
    assert health(PolledListing(url=FEED.url)).state is SourceState.NEW


def test_an_address_that_fails_twice_in_a_row_is_failing_since_the_first_time_and_says_how() -> None:
    failing = replace(
        FEED, failures=4, failing_since=NOW - 3 * HOUR, last_outcome=PageOutcome.SERVER_ERROR, last_detail="status 500"
    )
    found = health(failing)
    assert (found.state, found.since) == (SourceState.FAILING, NOW - 3 * HOUR)
    assert found.why == "https://daily.example/rss: server error (status 500), 4 times in a row"
    assert health(replace(failing, failures=1)).state is SourceState.WELL


def test_one_address_of_several_is_named() -> None:
    failing = replace(FEED, url="https://daily.example/b", failures=2, last_outcome=PageOutcome.TIMED_OUT)
    assert health(FEED, failing).why == (
        "1 of 2 addresses, such as https://daily.example/b: timed out, 2 times in a row"
    )


@pytest.mark.parametrize("outcome", [PageOutcome.BLOCKED, PageOutcome.RATE_LIMITED, PageOutcome.REFUSED_BY_ROBOTS])
def test_an_address_that_shuts_us_out_is_blocked(outcome: PageOutcome) -> None:
    assert health(replace(FEED, failures=3, last_outcome=outcome)).state is SourceState.BLOCKED


def test_pages_that_shut_us_out_are_a_block_though_the_feed_is_well() -> None:
    found = health(visits=visits(PageOutcome.BLOCKED, 6, "status 403"))
    assert (found.state, found.since) == (SourceState.BLOCKED, NOW - 6 * HOUR)
    assert found.why == "6 of the last 6 pages: status 403"


def test_pages_of_which_only_the_beginning_is_given_are_a_block() -> None:
    found = health(visits=visits(PageOutcome.NEW_ARTICLE, 8, PAYWALLED))
    assert (found.state, found.why) == (SourceState.BLOCKED, f"8 of the last 8 pages: {PAYWALLED}")


def test_pages_that_do_not_answer_are_failing() -> None:
    assert health(visits=visits(PageOutcome.TIMED_OUT, 10)).state is SourceState.FAILING


def test_pages_without_a_text_yield_nothing() -> None:
    assert health(visits=visits(PageOutcome.NO_TEXT, 10)).state is SourceState.YIELDS_NOTHING


def test_a_few_bad_pages_among_good_ones_are_no_trouble() -> None:
    mixed = (*visits(PageOutcome.NO_TEXT, 6), *visits(PageOutcome.NEW_ARTICLE, 6))
    assert health(visits=mixed).state is SourceState.WELL
    assert health(visits=visits(PageOutcome.NO_TEXT, 4)).state is SourceState.WELL


def test_addresses_that_never_named_an_article_yield_nothing() -> None:
    assert health(replace(FEED, last_news=None)).state is SourceState.YIELDS_NOTHING
    assert health(replace(FEED, last_news=None, first_polled=NOW - HOUR)).state is SourceState.WELL


def test_an_outlet_without_news_for_unusually_long_is_silent_since_the_last() -> None:
    found = health(replace(FEED, last_news=NOW - 72 * HOUR))
    assert (found.state, found.since) == (SourceState.SILENT, NOW - 72 * HOUR)
    assert found.why == "nothing new for 3 days, usually every 1 hour"
    assert health(replace(FEED, last_news=NOW - 72 * HOUR, gap=24 * HOUR)).state is SourceState.WELL


def test_one_address_with_news_keeps_the_outlet_from_being_silent() -> None:
    assert health(replace(FEED, last_news=NOW - 72 * HOUR), FEED).state is SourceState.WELL


def figures(lately: int, before: int) -> tuple[bool, ...]:
    """Of 100 articles and of the 300 before them, so many that hold a figure."""
    return tuple(n < lately for n in range(100)) + tuple(n < before for n in range(300))


@pytest.mark.parametrize(
    ("lately", "before", "state"),
    [
        (0, 60, SourceState.NO_FIGURES),
        (2, 60, SourceState.NO_FIGURES),
        (3, 60, SourceState.WELL),  # more than a tenth of the usual 20
        (0, 44, SourceState.WELL),  # of so few, none is a chance
    ],
)
def test_an_outlet_whose_articles_have_hardly_a_figure_any_more_is_told_so(
    lately: int, before: int, state: SourceState
) -> None:
    record = SourceRecord(outlet="daily", name="The Daily", listings=(FEED,), figures=figures(lately, before))
    assert condition(record, NOW).state is state
    assert condition(replace(record, figures=record.figures[:150]), NOW).state is SourceState.WELL


def test_every_outcome_of_a_page_is_a_trouble_or_none() -> None:
    troubles = conditions._SHUT_OUT | conditions._FAILED | conditions._EMPTY
    of_listings = {PageOutcome.LISTED, PageOutcome.BROKEN_LISTING}
    assert troubles | WELL | of_listings == set(PageOutcome)
    assert not troubles & WELL


@pytest.mark.parametrize("seed", range(40))
def test_the_archive_reads_as_many_pages_as_it_takes_to_know(seed: int) -> None:
    chance = random.Random(seed)
    kinds = chance.sample([PageOutcome.NEW_ARTICLE, PageOutcome.BLOCKED, PageOutcome.TIMED_OUT, PageOutcome.NO_TEXT], 2)
    paywall = PAYWALLED if chance.random() < 0.3 else ""
    share = chance.random()
    archive = Archive.in_memory()
    archive.polling.sync([Outlet(id="daily", name="The Daily", homepage="https://daily.example/")], NOW - 99 * HOUR)
    all_of_them: list[Visit] = []
    for n in range(chance.choice([3, 8, 20, 25]), 0, -1):
        visit = Visit(at=NOW - n * HOUR, outcome=kinds[chance.random() < share], detail=chance.choice(["", paywall]))
        all_of_them.insert(0, visit)
        page = Page(url=FEED.url, final_url=FEED.url, outlet="daily", fetched=visit.at, milliseconds=1)
        archive.polling.record_fetch(page, visit.outcome, visit.detail, listing=False)
    (record,) = archive.queries.source_records()
    archive.close()
    told = condition(replace(record, listings=(FEED,)), NOW)
    assert told == condition(replace(record, listings=(FEED,), visits=tuple(all_of_them[:20])), NOW)

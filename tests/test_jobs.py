"""What polls and visits keep, with a web made by hand: each ends in one counted outcome, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

import pytest

from archive import Archive
from jobs import Jobs, OnThread
from model import AlertType, Kind, Lead, Outlet, Page, PageOutcome, Rule, Watch
from monitor import Monitor
from telling import Teller
from tests.build import hour

P = ParamSpec("P")
T = TypeVar("T")

FEED = "https://daily.example/feed"
STORY = "https://daily.example/2026/03/08/ferry-sinks-off-port-vessel"
OUTLET = Outlet(id="daily", name="The Daily", homepage="https://daily.example/", language="en", feeds=(FEED,))
WATCH = Watch(id="all", name="All", since=hour(-24))
WATCH_ALL = Watch(id="all", name="All")


def feed(*links: str) -> bytes:
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


def story(toll: str = "At least 23 people were killed") -> bytes:
    filler = (
        "<p>Relatives waited on the quay while the harbour master read out names from a list that grew longer.</p>" * 4
    )
    return (
        '<!doctype html><html lang="en"><head><title>Ferry sinks off Port Vessel</title>'
        '<meta property="article:published_time" content="2026-03-08T11:30:00Z"></head><body><article>'
        f"<h1>Ferry sinks off Port Vessel</h1><p>{toll} when a ferry sank off Port Vessel, the coastguard said.</p>"
        f"{filler}</article></body></html>"
    ).encode()


@dataclass
class Web:
    """Answers by address; an address that is missing is gone. `asked` remembers the validators that were sent."""

    pages: dict[str, bytes | PageOutcome] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def fetch(
        self,
        url: str,
        *,
        outlet: str,
        lead: Lead | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Page:
        self.asked.append((url, etag))
        final_url = self.moved.get(url, url)
        answer = self.pages.get(final_url, PageOutcome.GONE)
        failure = answer if isinstance(answer, PageOutcome) else None
        return Page(
            url=url,
            final_url=final_url,
            moved_to=self.moved.get(url),
            outlet=outlet,
            fetched=hour(0),
            milliseconds=1,
            headers=(("ETag", '"one"'),),
            body=b"" if isinstance(answer, PageOutcome) else answer,
            failure=failure,
            detail="as the test has it" if failure else "",
            lead=lead,
        )


class Here:
    """Runs what workers would run, in this process; `breaks` makes it fail as a worker that died would."""

    breaks = False

    async def run(self, outlet: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.breaks:
            raise RuntimeError("the worker died")
        return function(*args, **kwargs)


@dataclass
class Day:
    """One archive, one web, and a clock that the test moves."""

    web: Web
    workers: Here
    archive: OnThread
    hours: float = 0
    since: datetime | None = WATCH.since

    def now(self) -> datetime:
        return hour(self.hours)

    def jobs(self) -> Jobs:
        archive = self.archive.archive
        watch = replace(WATCH, since=self.since)
        teller = Teller(archive, watches=[watch], rules=[Rule(name="r", channels=("desk",))], outlet_names={})
        monitor = Monitor(archive, watches=[watch], teller=teller, since=archive.polling.first_polled)
        return Jobs(
            archive=self.archive,
            fetcher=self.web,
            workers=self.workers,
            monitor=monitor,
            outlets={OUTLET.id: OUTLET},
            now=self.now,
        )

    async def poll(self) -> PageOutcome:
        (listing,) = self.archive.archive.polling.due_listings(self.now())
        return (await self.jobs().poll(listing)).outcome

    async def visit(self) -> PageOutcome:
        (lead,) = self.archive.archive.polling.due_leads(self.now(), limit=9)
        return (await self.jobs().visit(lead)).outcome


@pytest.fixture
def day() -> Iterator[Day]:
    archive = Archive.in_memory()
    archive.polling.sync([OUTLET], hour(0))
    made = Day(web=Web({FEED: feed(STORY), STORY: story()}), workers=Here(), archive=OnThread(archive))
    yield made
    made.archive.close()


async def test_a_new_address_is_written_down_before_it_is_fetched(day: Day) -> None:
    assert await day.poll() is PageOutcome.LISTED
    assert [url for url, _ in day.web.asked] == [FEED]
    assert [lead.url for lead in day.archive.archive.polling.due_leads(hour(0), limit=9)] == [STORY]


async def test_a_visit_tells_the_first_figure(day: Day) -> None:
    await day.poll()
    assert await day.visit() is PageOutcome.NEW_ARTICLE
    (delivery,) = day.archive.archive.outbox.owed(hour(1))
    assert "at least 23" in delivery.alert.headline


async def test_a_listing_with_the_same_body_is_not_read_again(day: Day) -> None:
    await day.poll()
    day.hours = 1
    assert await day.poll() is PageOutcome.UNCHANGED


async def test_an_address_is_fetched_as_it_was_found_and_known_by_its_canonical_form(day: Day) -> None:
    mobile = STORY.replace("daily.example", "m.daily.example")
    day.web.pages |= {FEED: feed(mobile), mobile: story()}
    await day.poll()
    assert await day.visit() is PageOutcome.NEW_ARTICLE
    assert day.web.asked[-1][0] == mobile
    known = day.archive.archive.texts.article(STORY.replace("daily.example", "www.daily.example"))
    assert known is not None


async def test_a_broken_feed_is_counted_and_its_body_is_read_again_next_time(day: Day) -> None:
    day.web.pages[FEED] = b"this is no feed"
    assert await day.poll() is PageOutcome.BROKEN_LISTING
    day.hours = 5
    assert await day.poll() is PageOutcome.BROKEN_LISTING


async def test_a_feed_that_fails_is_polled_again_later_and_its_failures_are_counted(day: Day) -> None:
    day.web.pages[FEED] = PageOutcome.SERVER_ERROR
    await day.poll()
    assert day.archive.archive.polling.due_listings(hour(0.2)) == []
    (again,) = day.archive.archive.polling.due_listings(hour(24))
    assert again.failures == 1


async def test_a_reader_that_dies_costs_that_page_only_and_the_page_is_tried_again(day: Day) -> None:
    await day.poll()
    day.workers.breaks = True
    assert await day.visit() is PageOutcome.READER_FAILED
    day.workers.breaks = False
    day.hours = 1
    assert await day.visit() is PageOutcome.NEW_ARTICLE


async def test_an_article_that_is_gone_is_not_asked_for_again(day: Day) -> None:
    day.web.pages[STORY] = PageOutcome.GONE
    await day.poll()
    assert await day.visit() is PageOutcome.GONE
    assert day.archive.archive.polling.due_leads(hour(10_000), limit=9) == []


async def test_an_article_with_figures_is_read_again_and_an_edit_becomes_a_revision(day: Day) -> None:
    await day.poll()
    await day.visit()
    day.hours = 1
    day.web.pages[STORY] = story("At least 41 people were killed")
    assert await day.visit() is PageOutcome.NEW_REVISION
    assert len(day.archive.archive.outbox.owed(hour(2))) == 2


async def test_a_page_that_yields_no_article_is_counted(day: Day) -> None:
    day.web.pages[STORY] = b"<html><body></body></html>"
    await day.poll()
    assert await day.visit() in (PageOutcome.NO_TEXT, PageOutcome.NOT_AN_ARTICLE)
    assert dict(day.archive.archive.queries.health().outcomes)["listed"] == 1


async def test_what_was_listed_at_the_first_look_and_has_no_date_is_baseline(day: Day) -> None:
    undated = story().replace(b'<meta property="article:published_time" content="2026-03-08T11:30:00Z">', b"")
    day.web.pages |= {FEED: feed("https://daily.example/ferry"), "https://daily.example/ferry": undated}
    await day.poll()
    await day.visit()
    assert day.archive.archive.polling.is_baseline("https://daily.example/ferry")
    assert day.archive.archive.outbox.owed(hour(1)) == []


async def test_the_pause_between_polls_is_at_least_the_configured_one(day: Day) -> None:
    await day.poll()
    assert day.archive.archive.polling.due_listings(hour(0) + OUTLET.every - timedelta(seconds=1)) == []
    assert len(day.archive.archive.polling.due_listings(hour(0) + 2 * OUTLET.every)) == 1


async def test_the_summary_of_what_was_there_before_comes_though_its_articles_are_read_again_for_weeks(
    day: Day,
) -> None:
    dated = story().replace(b"2026-03-08", b"2026-03-05")
    day.web.pages[STORY] = dated
    archive = day.archive.archive
    day.since = None
    await day.poll()
    await day.visit()
    teller = Teller(archive, watches=[WATCH_ALL], rules=[Rule(name="r", channels=("desk",))], outlet_names={})
    assert archive.polling.baseline_waiting() == 0
    assert teller.release(hour(1)) == 1
    (summary,) = archive.outbox.owed(hour(1))
    assert summary.alert.type is AlertType.BASELINE


async def test_addresses_that_answer_together_are_taken_in_the_order_of_publication(day: Day) -> None:
    early, late = f"{STORY}-first", f"{STORY}-second"
    day.web.pages |= {
        FEED: feed(late, early),
        late: story().replace(b"11:30", b"11:45"),
        early: story().replace(b"11:30", b"08:15"),
    }
    await day.poll()
    leads = day.archive.archive.polling.due_leads(hour(0), limit=9)
    taken = await day.jobs().visit_all(leads)
    assert [change.kind for one in taken for change in one.changes] == [Kind.NEW, Kind.REPEAT]
    (delivery,) = day.archive.archive.outbox.owed(hour(1))
    assert delivery.alert.url == early


async def test_a_map_of_maps_is_read_though_it_does_not_change_itself(day: Day) -> None:
    index, below = "https://daily.example/sitemap.xml", "https://daily.example/news.xml"
    one, two = f"{STORY}-one", f"{STORY}-two"
    day.web.pages |= {
        index: f"<sitemapindex><sitemap><loc>{below}</loc></sitemap></sitemapindex>".encode(),
        below: f"<urlset><url><loc>{one}</loc></url></urlset>".encode(),
    }
    day.archive.archive.polling.sync([replace(OUTLET, feeds=(), sitemaps=(index,))], hour(0))
    await day.poll()
    day.web.pages[below] = f"<urlset><url><loc>{one}</loc></url><url><loc>{two}</loc></url></urlset>".encode()
    day.hours = 1
    await day.poll()
    assert {lead.url for lead in day.archive.archive.polling.due_leads(hour(1), limit=9)} == {one, two}


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """No poll is one that trusts nothing (those come by chance)."""
    monkeypatch.setattr("jobs.random.random", lambda: 0.5)


@pytest.mark.usefixtures("steady")
async def test_a_feed_that_has_moved_for_good_is_asked_for_at_its_new_address(day: Day) -> None:
    new = "https://daily.example/rss"
    day.web.moved[FEED] = new
    day.web.pages[new] = day.web.pages.pop(FEED)
    for day.hours in (0, 5, 10):
        assert await day.poll() in (PageOutcome.LISTED, PageOutcome.UNCHANGED)
    assert [url for url, _ in day.web.asked] == [FEED, new, new]


@pytest.mark.usefixtures("steady")
async def test_a_new_address_that_fails_gives_way_to_the_configured_one(day: Day) -> None:
    new = "https://daily.example/rss"
    day.web.moved[FEED] = new
    day.web.pages[new] = day.web.pages[FEED]
    await day.poll()
    del day.web.pages[new], day.web.moved[FEED]
    day.hours = 5
    assert await day.poll() is PageOutcome.GONE
    day.hours = 40
    assert await day.poll() is PageOutcome.UNCHANGED
    assert [url for url, _ in day.web.asked] == [FEED, new, FEED]


@pytest.mark.parametrize("by", ["guid", "redirect"])
async def test_an_article_whose_address_was_changed_stays_the_article_that_it_was(day: Day, by: str) -> None:
    def listed(link: str) -> bytes:
        return feed(link).replace(b"</link></item>", b"</link><guid>daily:17</guid></item>")

    renamed = f"{STORY}-at-least-41-dead"
    day.web.pages[FEED] = listed(STORY)
    await day.poll()
    await day.visit()
    day.hours = 1
    day.web.pages[renamed] = story("At least 41 people were killed")
    if by == "guid":
        day.web.pages[FEED] = listed(renamed)
        assert await day.poll() is PageOutcome.LISTED
    else:
        day.web.moved[STORY] = renamed
    assert await day.visit() is PageOutcome.NEW_REVISION
    assert day.archive.archive.queries.health().articles == 1
    kinds = [kind for kind, _ in day.archive.archive.queries.verdicts()]
    assert sorted(kinds) == [Kind.NEW, Kind.RAISED]


async def test_an_address_that_leads_to_another_article_now_is_that_article(day: Day) -> None:
    await day.poll()
    await day.visit()
    day.hours = 1
    other = "https://daily.example/2026/03/09/bridge-falls-in-hask"
    day.web.moved[STORY] = other
    day.web.pages[other] = (
        story().replace(b"Ferry sinks off Port Vessel", b"Bridge falls in Hask").replace(b"03-08T11", b"03-09T07")
    )
    await day.visit()
    assert day.archive.archive.queries.health().articles == 2


async def test_a_pause_that_a_host_asked_for_is_kept_with_the_fetch(day: Day) -> None:
    page = await day.web.fetch(FEED, outlet="daily")
    held = replace(page, hold=("daily.example:443", hour(7)))
    day.archive.archive.polling.record_fetch(held, PageOutcome.RATE_LIMITED, "status 429", listing=True)
    assert day.archive.archive.polling.hosts() == {"daily.example:443": hour(7)}

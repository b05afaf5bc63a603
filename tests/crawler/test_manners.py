"""robots.txt, spacing and pauses, and what a slow, dead or stopping part does to the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import pairwise

import pytest

from model import PageOutcome
from tests.crawler.conftest import Crawl
from tests.crawler.crawl_process import Request
from tests.crawler.site import Answer, Script, Site

Serve = Callable[[Mapping[str, Script]], Site]


def robots(text: str) -> Answer:
    return Answer(headers={"Content-Type": "text/plain"}, body=text.encode())


def test_what_robots_disallows_is_not_asked_for(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/robots.txt": robots("User-agent: *\nDisallow: /private\n"), "/private/a": Answer(), "/b": Answer()})
    refused, allowed = crawl.fetch_all(site.url("/private/a"), site.url("/b"))
    assert (refused.failure, refused.detail) == (PageOutcome.REFUSED_BY_ROBOTS, "robots.txt disallows it")
    assert allowed.failure is None
    assert site.paths() == ["/b"]


def test_robots_may_name_us(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/robots.txt": robots("User-agent: *\nDisallow:\n\nUser-agent: tollwatch\nDisallow: /\n")})
    assert crawl.fetch(site.url("/")).failure is PageOutcome.REFUSED_BY_ROBOTS


def test_robots_is_read_once_for_many_pages(crawl: Crawl, serve: Serve) -> None:
    site = serve({f"/{n}": Answer() for n in range(10)})
    crawl.fetch_all(*(site.url(f"/{n}") for n in range(10)))
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_missing_robots_allows_all(crawl: Crawl, serve: Serve, status: int) -> None:
    site = serve({"/robots.txt": Answer(status=status), "/a": Answer(body=b"x")})
    assert crawl.fetch(site.url("/a")).failure is None


def test_a_failing_robots_disallows_all(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/robots.txt": Answer(status=500, body=b"User-agent: *\nAllow: /"), "/a": Answer()})
    page = crawl.fetch(site.url("/a"))
    assert (page.failure, page.detail) == (PageOutcome.REFUSED_BY_ROBOTS, "robots.txt answers 500")
    assert site.paths() == []


def test_a_robots_that_breaks_off_ends_the_page_with_its_own_failure(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/robots.txt": Answer(raw=b""), "/a": Answer()})
    page = crawl.fetch(site.url("/a"))
    assert page.failure is PageOutcome.UNREACHABLE
    assert page.detail.startswith("robots.txt: ")


def test_a_robots_that_asks_for_a_pause_pauses_the_host(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/robots.txt": Answer(status=429, headers={"Retry-After": "600"}), "/a": Answer()})
    page = crawl.fetch(site.url("/a"))
    assert page.failure is PageOutcome.RATE_LIMITED
    assert crawl.held() == {site.host: page.retry_after}


def test_a_robots_without_end_is_read_as_far_as_it_must_be(crawl: Crawl, serve: Serve) -> None:
    crawl.open(max_bytes=1_000_000)
    rules = b"User-agent: *\nDisallow: /a\n" + b"# and so on, and so on, and so on\n" * 1_000_000
    site = serve({"/robots.txt": Answer(body=rules), "/a": Answer(), "/b": Answer(body=b"x")})
    refused, allowed = crawl.fetch_all(site.url("/a"), site.url("/b"))
    assert (refused.failure, allowed.failure) == (PageOutcome.REFUSED_BY_ROBOTS, None)


def test_a_pause_that_outlasts_a_restart_comes_with_the_page(crawl: Crawl, serve: Serve) -> None:
    slow = serve({"/robots.txt": robots("User-agent: *\nCrawl-delay: 40\n"), "/a": Answer()})
    quick = serve({"/a": Answer()})
    crawl.open(next_allowed={}, spacing=timedelta(seconds=0))
    page, other = crawl.fetch_all(slow.url("/robots.txt"), quick.url("/a"))
    assert page.hold is not None
    assert page.hold[0] == slow.host
    assert timedelta(seconds=30) < page.hold[1] - page.fetched <= timedelta(seconds=40)
    assert other.hold is None


def test_a_redirected_robots_is_followed_and_speaks_for_the_first_host(crawl: Crawl, serve: Serve) -> None:
    other = serve({"/robots.txt": robots("User-agent: *\nDisallow: /a\n")})
    site = serve({"/robots.txt": Answer(status=301, headers={"Location": other.url("/robots.txt")}), "/a": Answer()})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.REFUSED_BY_ROBOTS


def test_a_robots_that_redirects_for_ever_counts_as_none(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/robots.txt": Answer(status=301, headers={"Location": "/robots.txt"}), "/a": Answer()})
    assert crawl.fetch(site.url("/a")).failure is None


def test_the_target_of_a_redirect_has_its_own_robots(crawl: Crawl, serve: Serve) -> None:
    other = serve({"/robots.txt": robots("User-agent: *\nDisallow: /\n"), "/new": Answer()})
    site = serve({"/old": Answer(status=301, headers={"Location": other.url("/new")})})
    assert crawl.fetch(site.url("/old")).failure is PageOutcome.REFUSED_BY_ROBOTS
    assert other.paths() == []


def gaps(site: Site) -> list[float]:
    times = sorted(asked.at for asked in site.log)
    return [later - earlier for earlier, later in pairwise(times)]


def test_requests_to_a_host_keep_their_distance_whatever_the_outlet(crawl: Crawl, serve: Serve) -> None:
    crawl.open(spacing=timedelta(seconds=0.2))
    site = serve({"/a": Answer(), "/b": Answer(), "/c": Answer(), "/d": Answer()})
    crawl.fetch_all(
        *(
            Request(url=site.url(path), outlet=outlet)
            for path, outlet in zip(["/a", "/b", "/c", "/d"], "xyxy", strict=True)
        )
    )
    assert len(site.log) == 5
    assert min(gaps(site)) > 0.15  # on the server's side; 0.2 between the starts, less what travelling varies by


def test_a_crawl_delay_widens_the_distance(crawl: Crawl, serve: Serve) -> None:
    site = serve(
        {"/robots.txt": robots("User-agent: *\nCrawl-delay: 0.3\n"), "/a": Answer(), "/b": Answer(), "/c": Answer()}
    )
    crawl.fetch_all(site.url("/a"), site.url("/b"), site.url("/c"))
    assert min(gaps(site)) > 0.25  # from the robots.txt that asked for it on


def test_a_slow_host_does_not_delay_another(crawl: Crawl, serve: Serve) -> None:
    crawl.open(concurrency=4)
    slow = serve({f"/{n}": Answer(wait=0.6, body=b"slow") for n in range(12)})
    quick = serve({f"/{n}": Answer(body=b"quick") for n in range(12)})
    pages = crawl.fetch_all(*(slow.url(f"/{n}") for n in range(12)), *(quick.url(f"/{n}") for n in range(12)))
    assert all(page.failure is None for page in pages)
    assert max(page.fetched for page in pages[12:]) < sorted(page.fetched for page in pages[:12])[3]


def test_hosts_that_do_not_answer_leave_most_places_to_the_others(crawl: Crawl, serve: Serve) -> None:
    crawl.open(concurrency=8, timeout=timedelta(seconds=6))
    hanging = [serve({"/robots.txt": Answer(status=404), "/a": Answer(wait=30)}) for _ in range(6)]
    crawl.fetch_all(*(site.url("/a") for site in hanging))  # now they are known to be slow
    quick = serve({f"/{n}": Answer(body=b"quick") for n in range(12)})
    pages = crawl.fetch_all(*(site.url("/a") for site in hanging * 2), *(quick.url(f"/{n}") for n in range(12)))
    assert max(page.fetched for page in pages[12:]) < min(page.fetched for page in pages[:12])


def test_no_more_requests_are_under_way_than_allowed(crawl: Crawl, serve: Serve) -> None:
    crawl.open(concurrency=2)
    sites = [serve({"/a": Answer(wait=0.2), "/robots.txt": Answer(status=404)}) for _ in range(6)]
    crawl.fetch_all(*(site.url("/a") for site in sites))
    times = sorted(asked.at for site in sites for asked in site.asked("/a"))
    assert all(times[n + 2] - times[n] > 0.15 for n in range(4))


def test_a_spider_that_dies_is_replaced_and_nothing_else_is_lost(crawl: Crawl, serve: Serve) -> None:
    crawl.open(mortal=True)
    site = serve({"/a": Answer(body=b"x", wait=0.2), "/b": Answer(body=b"y")})
    first, killer, second = crawl.fetch_all(site.url("/a"), site.url("/kill-the-spider"), site.url("/b"))
    assert (first.body, second.body) == (b"x", b"y")
    assert (killer.failure, killer.detail) == (PageOutcome.UNREACHABLE, "the crawler was interrupted")
    assert crawl.fetch(site.url("/b")).body == b"y"


def test_no_door_is_left_open(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(body=b"x")})
    assert crawl.fetch(site.url("/a")).failure is None
    assert crawl.listening() == 0  # Scrapy's telnet and remote control would be two


def test_stopping_lets_what_is_under_way_end_and_ends_what_waits(crawl: Crawl, serve: Serve) -> None:
    crawl.open(spacing=timedelta(seconds=30))
    site = serve({"/robots.txt": Answer(wait=0.5, status=404), "/a": Answer(body=b"x")})
    pages, took = crawl.stop_while(site.url("/a"), site.url("/b"), after=0.2, grace=5)
    assert [page.failure for page in pages] == [PageOutcome.UNREACHABLE] * 2
    assert all("stopping" in page.detail for page in pages)
    assert took < 3


def test_stopping_does_not_wait_longer_than_its_grace(crawl: Crawl, serve: Serve) -> None:
    crawl.open(timeout=timedelta(seconds=30))
    site = serve({"/a": Answer(wait=20)})
    pages, took = crawl.stop_while(site.url("/a"), after=0.3, grace=0.3)
    assert (pages[0].failure, pages[0].detail) == (PageOutcome.UNREACHABLE, "the crawler was interrupted")
    assert took < 5  # the bound is what is promised here: 0.3 s and Scrapy's last word

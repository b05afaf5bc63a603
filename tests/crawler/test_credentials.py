"""A subscriber's key or cookie goes to its outlet's own hosts, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config import Credentials, Secret
from model import Page
from tests.crawler.conftest import Crawl
from tests.crawler.crawl_process import Request
from tests.crawler.site import Answer, Script, Site

Serve = Callable[[Mapping[str, Script]], Site]

COOKIE = Secret("session=c0ffee", origin="PAPER_COOKIE")
KEY = Secret("k&y=1", origin="PAPER_KEY")


def subscribe(crawl: Crawl, *addresses: str) -> None:
    known = Credentials(addresses=addresses, headers=(("Cookie", COOKIE),), query=(("api_key", KEY),))
    crawl.open(credentials={"paper": known})


def fetch(crawl: Crawl, url: str, outlet: str = "paper") -> Page:
    return crawl.fetch_all(Request(url=url, outlet=outlet))[0]


def test_a_feed_is_asked_for_with_its_key_and_its_pages_with_the_cookie(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/feed?all=1&api_key=k%26y%3D1": Answer(body=b"news"), "/story": Answer(body=b"all of it")})
    subscribe(crawl, site.url("/feed?all=1"))
    page = fetch(crawl, site.url("/feed?all=1"))
    assert (page.body, page.url, page.final_url) == (b"news", site.url("/feed?all=1"), site.url("/feed?all=1"))
    assert fetch(crawl, site.url("/story")).body == b"all of it"
    asked = {one.path: one.headers.get("cookie") for one in site.log}
    assert asked.pop("/robots.txt") is None
    assert set(asked.values()) == {"session=c0ffee"}


def test_another_outlet_and_another_host_get_neither(crawl: Crawl, serve: Serve) -> None:
    other = serve({"/feed": Answer(body=b"x")})
    site = serve({"/feed": Answer(body=b"x"), "/away": Answer(status=302, headers={"Location": other.url("/feed")})})
    subscribe(crawl, site.url("/feed"))
    fetch(crawl, site.url("/feed"), outlet="somebody")
    fetch(crawl, site.url("/away"))
    assert [one.headers.get("cookie") for one in site.asked("/feed")] == [None]
    assert [one.headers.get("cookie") for one in other.log] == [None, None]


def test_an_address_that_echoes_the_key_is_not_remembered(crawl: Crawl, serve: Serve) -> None:
    site = serve(
        {
            "/feed?api_key=k%26y%3D1": Answer(status=301, headers={"Location": "/rss?api_key=k%26y%3D1"}),
            "/rss?api_key=k%26y%3D1": Answer(body=b"news"),
        }
    )
    subscribe(crawl, site.url("/feed"))
    page = fetch(crawl, site.url("/feed"))
    assert (page.body, page.moved_to) == (b"news", None)

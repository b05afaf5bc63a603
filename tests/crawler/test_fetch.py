"""Every fetch ends in one Page with one outcome, over real sockets."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from model import PageOutcome
from tests.crawler.conftest import Crawl
from tests.crawler.site import Answer, Script, Site

Serve = Callable[[Mapping[str, Script]], Site]


def test_a_page_arrives_with_body_headers_and_charset(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(headers={"Content-Type": "text/html; charset=ISO-8859-1"}, body=b"caf\xe9")})
    page = crawl.fetch(site.url("/a#part"))
    assert (page.failure, page.status, page.body, page.encoding) == (None, 200, b"caf\xe9", "iso8859-1")
    assert page.url == site.url("/a#part")
    assert page.final_url == site.url("/a")
    assert ("Content-Type", "text/html; charset=ISO-8859-1") in page.headers
    assert page.fetched.tzinfo is UTC


@pytest.mark.parametrize("charset", ["", "; charset=", "; charset=klingon", '; charset="'])
def test_an_unknown_charset_is_none(crawl: Crawl, serve: Serve, charset: str) -> None:
    site = serve({"/a": Answer(headers={"Content-Type": f"text/html{charset}"}, body=b"x")})
    page = crawl.fetch(site.url("/a"))
    assert (page.failure, page.encoding) == (None, None)


def test_the_crawler_says_who_it_is(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer()})
    crawl.fetch(site.url("/a"))
    assert {asked.headers["user-agent"] for asked in site.log} == {"Tollwatch/0.0 (+mailto:desk@monitor.example)"}
    assert not any("cookie" in asked.headers or "referer" in asked.headers for asked in site.log)


def test_cookies_are_not_kept(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(headers={"Set-Cookie": "id=7"})})
    crawl.fetch(site.url("/a"))
    crawl.fetch(site.url("/a"))
    assert "cookie" not in site.asked("/a")[1].headers


def test_validators_go_out_and_304_comes_back_as_not_modified(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/feed": Answer(status=304)})
    page = crawl.fetch(site.url("/feed"), etag='"v1"', last_modified="Mon, 10 Mar 2025 10:00:00 GMT")
    assert page.failure is PageOutcome.NOT_MODIFIED
    asked = site.asked("/feed")[0].headers
    assert asked["if-none-match"] == '"v1"'
    assert asked["if-modified-since"] == "Mon, 10 Mar 2025 10:00:00 GMT"


def test_a_validator_with_a_line_break_is_not_sent(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/feed": Answer(body=b"x")})
    assert crawl.fetch(site.url("/feed"), etag='"v1"\r\nX-Evil: 1').failure is None
    assert "x-evil" not in site.asked("/feed")[0].headers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, PageOutcome.BLOCKED),
        (402, PageOutcome.BLOCKED),
        (403, PageOutcome.BLOCKED),
        (451, PageOutcome.BLOCKED),
        (404, PageOutcome.GONE),
        (410, PageOutcome.GONE),
        (400, PageOutcome.SERVER_ERROR),
        (500, PageOutcome.SERVER_ERROR),
        (503, PageOutcome.SERVER_ERROR),
        (300, PageOutcome.UNREACHABLE),
    ],
)
def test_a_status_has_its_outcome(crawl: Crawl, serve: Serve, status: int, outcome: PageOutcome) -> None:
    site = serve({"/a": Answer(status=status, body=b"sorry")})
    page = crawl.fetch(site.url("/a"))
    assert (page.failure, page.status, page.detail, page.body) == (outcome, status, f"status {status}", b"")


def test_a_bot_wall_is_told_as_such_whatever_its_status(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(status=202, headers={"x-amzn-waf-action": "challenge"}, body=b"<script>")})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.BLOCKED


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_heeded(crawl: Crawl, serve: Serve, status: int) -> None:
    site = serve({"/a": Answer(status=status, headers={"Retry-After": "1800"})})
    page = crawl.fetch(site.url("/a"))
    assert page.failure is PageOutcome.RATE_LIMITED
    assert page.retry_after is not None
    assert timedelta(minutes=29) < page.retry_after - page.fetched <= timedelta(minutes=30)


def test_retry_after_as_a_date_is_heeded(crawl: Crawl, serve: Serve) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    site = serve({"/a": Answer(status=429, headers={"Retry-After": format_datetime(until, usegmt=True)})})
    assert crawl.fetch(site.url("/a")).retry_after == until


def test_retry_after_is_heeded_for_a_day_at_most(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(status=429, headers={"Retry-After": "999999999"})})
    page = crawl.fetch(site.url("/a"))
    assert page.retry_after is not None
    assert page.retry_after - page.fetched <= timedelta(hours=24)


def test_a_paused_host_is_not_asked_again_and_its_pause_outlives_the_crawler(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(status=429, headers={"Retry-After": "3600"}), "/b": Answer()})
    first = crawl.fetch(site.url("/a"))
    held = crawl.held()
    assert held == {site.host: first.retry_after}
    crawl.open(next_allowed=held)
    page = crawl.fetch(site.url("/b"))
    assert (page.failure, page.retry_after) == (PageOutcome.RATE_LIMITED, first.retry_after)
    assert site.paths() == ["/a"]


def test_a_server_that_says_nothing_times_out(crawl: Crawl, serve: Serve) -> None:
    crawl.open(timeout=timedelta(seconds=0.5))
    site = serve({"/a": Answer(wait=3)})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.TIMED_OUT


def test_a_server_that_trickles_times_out(crawl: Crawl, serve: Serve) -> None:
    crawl.open(timeout=timedelta(seconds=0.5))
    site = serve({"/a": Answer(body=b"x" * 30, trickle=0.1)})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.TIMED_OUT


def test_a_body_beyond_the_limit_is_too_large(crawl: Crawl, serve: Serve) -> None:
    crawl.open(max_bytes=10_000)
    site = serve({"/a": Answer(body=b"x" * 1_000_000)})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.TOO_LARGE


def test_a_body_of_unknown_length_beyond_the_limit_is_too_large(crawl: Crawl, serve: Serve) -> None:
    crawl.open(max_bytes=10_000)
    site = serve({"/a": Answer(raw=b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1_000_000)})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.TOO_LARGE


def test_a_gzip_bomb_is_too_large(crawl: Crawl, serve: Serve) -> None:
    crawl.open(max_bytes=100_000)
    site = serve({"/a": Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"x" * 50_000_000))})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.TOO_LARGE


def test_a_packed_body_is_unpacked(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"hello"))})
    assert crawl.fetch(site.url("/a")).body == b"hello"
    assert "gzip" in site.asked("/a")[0].headers["accept-encoding"]


def test_a_redirect_is_followed_to_its_end(crawl: Crawl, serve: Serve) -> None:
    other = serve({"/new": Answer(body=b"here")})
    site = serve(
        {
            "/old": Answer(status=301, headers={"Location": "/newer"}),
            "/newer": Answer(status=302, headers={"Location": other.url("/new")}),
        }
    )
    page = crawl.fetch(site.url("/old"))
    assert (page.failure, page.body, page.url, page.final_url) == (None, b"here", site.url("/old"), other.url("/new"))


def test_a_redirect_may_forget_to_escape_its_address(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/old": Answer(status=301, headers={"Location": "/é b"}), "/%C3%A9%20b": Answer(body=b"here")})
    assert crawl.fetch(site.url("/old")).body == b"here"


@pytest.mark.parametrize(
    "location", ["http://[", "http://a:port/", "http://:80/", "ftp://127.0.0.1/", "file:///etc/passwd", "data:,x"]
)
def test_a_redirect_to_no_web_address_is_refused(crawl: Crawl, serve: Serve, location: str) -> None:
    site = serve({"/old": Answer(status=301, headers={"Location": location})})
    assert crawl.fetch(site.url("/old")).failure is PageOutcome.REFUSED_ADDRESS


def test_a_redirect_loop_ends(crawl: Crawl, serve: Serve) -> None:
    site = serve(
        {"/a": Answer(status=302, headers={"Location": "/b"}), "/b": Answer(status=302, headers={"Location": "/a"})}
    )
    page = crawl.fetch(site.url("/a"))
    assert (page.failure, page.detail) == (PageOutcome.UNREACHABLE, "redirected in a circle")
    assert site.paths() == ["/a", "/b"]


def test_redirects_without_end_are_cut(crawl: Crawl, serve: Serve) -> None:
    site = serve({f"/{n}": Answer(status=302, headers={"Location": f"/{n + 1}"}) for n in range(20)})
    page = crawl.fetch(site.url("/0"))
    assert (page.failure, page.detail) == (PageOutcome.UNREACHABLE, "more than 5 redirects")
    assert len(site.paths()) == 6


def test_a_refused_connection_is_unreachable(crawl: Crawl) -> None:
    page = crawl.fetch("http://127.0.0.1:9/")
    assert (page.failure, page.detail) == (PageOutcome.UNREACHABLE, "robots.txt: connection refused")


def test_a_name_without_address_is_unreachable(crawl: Crawl) -> None:
    page = crawl.fetch("http://" + "a" * 64 + ".invalid/")
    assert page.failure is PageOutcome.UNREACHABLE
    assert "has no address" in page.detail


@pytest.mark.parametrize(
    "raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200", b"HTTP/1.1 two hundred\r\n\r\n", b"\x16\x03\x01"]
)
def test_broken_http_is_unreachable(crawl: Crawl, serve: Serve, raw: bytes) -> None:
    site = serve({"/a": Answer(raw=raw)})
    page = crawl.fetch(site.url("/a"))
    assert page.failure is PageOutcome.UNREACHABLE
    assert page.detail


def test_an_answer_that_breaks_off_is_no_page(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(body=b"half of it", short_by=1000)})
    page = crawl.fetch(site.url("/a"))
    assert (page.failure, page.detail) == (PageOutcome.UNREACHABLE, "the answer broke off")


def test_a_body_that_is_not_packed_as_said_is_unreachable(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/a": Answer(headers={"Content-Encoding": "gzip"}, body=b"not gzip")})
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.UNREACHABLE


def test_sloppy_headers_are_no_obstacle(crawl: Crawl, serve: Serve) -> None:
    raw = b"HTTP/1.1 200 OK\r\nX-Latin: caf\xe9\r\nno colon here\r\nX-Long: " + b"a" * 12_000 + b"\r\n\r\nbody"
    site = serve({"/a": Answer(raw=raw)})
    page = crawl.fetch(site.url("/a"))
    assert (page.failure, page.body) == (None, b"body")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://",
        "javascript:1",
        "http://u:p@127.0.0.1/",
        "http://x/" + "a" * 5000,
    ],
)
def test_only_plain_web_addresses_are_fetched(crawl: Crawl, url: str) -> None:
    page = crawl.fetch(url)
    assert page.failure is PageOutcome.REFUSED_ADDRESS
    assert page.url == url


@pytest.mark.parametrize(
    ("first", "second", "moved"), [(301, 308, True), (308, 301, True), (302, 301, False), (301, 307, False)]
)
def test_a_page_has_moved_where_every_redirect_says_so(
    crawl: Crawl, serve: Serve, first: int, second: int, moved: bool
) -> None:
    site = serve(
        {
            "/a": Answer(status=first, headers={"Location": "/b"}),
            "/b": Answer(status=second, headers={"Location": "/c"}),
            "/c": Answer(body=b"here"),
        }
    )
    page = crawl.fetch(site.url("/a"))
    assert (page.body, page.moved_to) == (b"here", site.url("/c") if moved else None)


def test_what_came_over_the_wire_is_kept_beside_what_it_unpacks_to(crawl: Crawl, serve: Serve) -> None:
    packed = gzip.compress(b"hello")
    site = serve({"/a": Answer(status=203, headers={"Content-Encoding": "gzip", "X-Desk": "caf\xe9"}, body=packed)})
    page = crawl.fetch(site.url("/a"))
    assert page.sent is not None
    assert (page.body, page.sent.body, page.sent.status) == (b"hello", packed, 203)
    assert ("Content-Encoding", "gzip") in page.sent.headers
    assert "Content-Encoding" not in dict(page.headers)


_OK = b"HTTP/1.1 200 OK\r\nX-First: 1\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(_OK + b"".join(b"X-%d: y\r\n" % n for n in range(200_000)), id="headers"),
        pytest.param(_OK + b"Set-Cookie: a=b\r\n" * 100_000, id="cookies"),
        pytest.param(_OK + b" folded\r\n" * 200_000, id="folded lines"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000, id="continues"),
    ],
)
def test_headers_without_end_are_too_large(crawl: Crawl, serve: Serve, raw: bytes) -> None:
    site = serve({"/robots.txt": Answer(status=404), "/a": Answer(raw=raw)})
    page = crawl.fetch(site.url("/a"))
    assert (page.failure, page.detail) == (PageOutcome.TOO_LARGE, "headers larger than the limit")


def test_many_answers_over_one_connection_do_not_add_up(crawl: Crawl, serve: Serve) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: " + b"y" * 8_000 + b"\r\n\r\nok"
    site = serve({"/a": Answer(raw=answer)})
    for _ in range(40):
        assert crawl.fetch(site.url("/a")).body == b"ok"

"""Whatever arrives, the pure parts answer with a value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.addresses import Target, parse_target, refusal
from crawler.answers import Answer, charset_of, failure_of, max_age_of, pause_of, redirect_of
from crawler.discovery import read_listing
from crawler.leads import clean_url
from crawler.robots import read_robots
from model import Listing, ListingKind

NOW = datetime(2025, 3, 10, 12, 0, tzinfo=UTC)
BASE = "https://www.harbour-courier.example/news"

PIECES = st.sampled_from(
    [
        b"<?xml version='1.0' encoding='utf-16'?>",
        b"<rss><channel><item><link>",
        b"</link></item>",
        b"<entry xml:base='http://['><link href='http://[::1'/>",
        b"<urlset><url><loc>",
        b"<sitemapindex><sitemap><loc>//</loc></sitemap>",
        b"<!DOCTYPE x [<!ENTITY a '&a;'>]>",
        b"<a href='http://[x'>",
        b"<base href='http://['><a href='/2025/03/10/a-b-c'>",
        b'{"version": "https://jsonfeed.org/version/1", "items": [',
        b"<pubDate>99999-99-99</pubDate>",
        b"\x1f\x8b\x08",
        b"&#x110000;&#0;",
        b"\xff\xfe\x00",
    ]
)
BODIES = st.one_of(
    st.binary(max_size=300), st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=8).map(b"".join)
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["Content-Type", "Retry-After", "Location", "Cache-Control", "X"]),
        st.text(st.characters(max_codepoint=255), max_size=40),
    ),
    max_size=4,
).map(tuple)


@settings(max_examples=300, deadline=None)
@given(body=BODIES, headers=HEADERS, kind=st.sampled_from(ListingKind))
def test_every_body_is_a_listing_or_a_problem(
    body: bytes, headers: tuple[tuple[str, str], ...], kind: ListingKind
) -> None:
    listing = Listing(url=BASE, outlet="courier", kind=kind, every=timedelta(minutes=5))
    listed = read_listing(body, listing, base_url=BASE, headers=headers, now=NOW)
    assert all(lead.url.startswith(("http://", "https://")) for lead in listed.leads)
    assert all(lead.published is None or lead.published <= NOW + timedelta(days=1) for lead in listed.leads)


@given(status=st.integers(100, 999), headers=HEADERS)
def test_every_answer_has_a_meaning(status: int, headers: tuple[tuple[str, str], ...]) -> None:
    answer = Answer(url=BASE, status=status, headers=headers, body=b"")
    redirect_of(answer)
    charset_of(answer)
    max_age_of(headers)
    failure = failure_of(answer, NOW)
    assert (failure is None) <= (status < 300)
    assert NOW <= pause_of(answer, NOW) <= NOW + timedelta(days=1)


@given(text=st.text(max_size=60), prefix=st.sampled_from(["", "http://", "https://", "//", "http://[", "http://a:"]))
def test_every_text_is_an_address_or_none(text: str, prefix: str) -> None:
    target = parse_target(prefix + text)
    assert not isinstance(target, Target) or target.url.startswith(("http://", "https://"))
    clean_url(prefix + text, BASE)
    refusal(text)


@given(body=st.binary(max_size=200), path=st.text(max_size=40))
def test_every_robots_has_an_opinion(body: bytes, path: str) -> None:
    read_robots(body).can_fetch(f"{BASE}/{path}", "Tollwatch")

"""One article, one address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.addresses import canonical, page_words, same_site

FOLDED = [
    ("HTTPS://WWW.Lamp.Example:443/World/Orrin#top", "https://www.lamp.example/World/Orrin"),
    ("http://lamp.example:80", "http://lamp.example/"),
    ("http://lamp.example:8080/a", "http://lamp.example:8080/a"),
    ("https://lamp.example./a", "https://lamp.example/a"),
    ("https://reader:secret@lamp.example/a", "https://lamp.example/a"),
    ("https://lamp.example/a?utm_source=x&utm_medium=rss", "https://lamp.example/a"),
    ("https://lamp.example/a?id=7&fbclid=abc&page=2", "https://lamp.example/a?id=7&page=2"),
    ("https://lamp.example/a?b=2&a=1", "https://lamp.example/a?b=2&a=1"),
    ("https://lamp.example/a?at_medium=RSS&ns_mchannel=x&CMPID=y&ref=front", "https://lamp.example/a"),
    ("https://lamp.example/a?r=rss", "https://lamp.example/a"),
    ("https://lamp.example/a?r=7", "https://lamp.example/a?r=7"),
    ("https://lamp.example/?p=123", "https://lamp.example/?p=123"),
    ("https://lamp.example/a?", "https://lamp.example/a"),
    ("https://m.lamp.com/a", "https://www.lamp.com/a"),
    ("https://mobile.lamp.co.uk/a", "https://www.lamp.co.uk/a"),
    ("https://m.news.lamp.com/a", "https://news.lamp.com/a"),
    ("https://m.com/a", "https://m.com/a"),
    ("https://amp.lamp.com/a", "https://www.lamp.com/a"),
    ("https://lamp.example/a/amp", "https://lamp.example/a"),
    ("https://lamp.example/a/amp/", "https://lamp.example/a/"),
    ("https://lamp.example/amp/world/a", "https://lamp.example/world/a"),
    ("https://lamp.example/a.amp.html", "https://lamp.example/a.html"),
    ("https://lamp.example/a?amp=1", "https://lamp.example/a"),
    ("https://lamp.example/a?outputType=amp", "https://lamp.example/a"),
    ("https://lamp.example/amp", "https://lamp.example/amp"),
    ("https://lamp.example/champ", "https://lamp.example/champ"),
    ("https://lamp-example.cdn.ampproject.org/c/s/lamp.example/a/amp", "https://lamp.example/a"),
    ("https://www.google.com/amp/s/lamp.example/a?x=1", "https://lamp.example/a?x=1"),
    ("https://lamp.example/a/../b/./c", "https://lamp.example/b/c"),
    ("https://lamp.example/f%c3%bcr/%7Eorrin", "https://lamp.example/f%C3%BCr/~orrin"),
    ("https://lamp.example/für", "https://lamp.example/f%C3%BCr"),
    ("https://lamp.example/100%", "https://lamp.example/100%25"),
    ("https://lamp.example/a/", "https://lamp.example/a/"),
    ("http://[::1]:80/a", "http://[::1]/a"),
    ("http://127.0.0.1:8123/a?utm_x=1", "http://127.0.0.1:8123/a"),
    ("  https://lamp.example/a\n", "https://lamp.example/a"),
]
NO_WEB_ADDRESSES = [
    "",
    "mailto:desk@lamp.example",
    "javascript:void(0)",
    "/a",
    "https://",
    "http://lamp.example:99999/",
]

ADDRESSES = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["m.lamp.com", "amp.m.lamp.co.uk", "lamp.example", "x.cdn.ampproject.org", "[::1]", "127.0.0.1"]),
    st.sampled_from(["", ":80", ":8080"]),
    st.text(alphabet="/amp.c%2fsé ~", max_size=20).map("/".__add__),
    st.sampled_from(["", "?amp", "?utm_a=1&b=%zz", "?b=ä&amp=1#c", "??x=/../", "#amp"]),
)


@pytest.mark.parametrize(("url", "expected"), FOLDED)
def test_forms_of_one_address_fold_into_one(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize("url", NO_WEB_ADDRESSES)
def test_what_is_no_web_address_stays_as_it_is(url: str) -> None:
    assert canonical(url) == url


@given(st.one_of(ADDRESSES, st.text(max_size=60), st.text(max_size=60).map("https://lamp.example/".__add__)))
@settings(max_examples=300, deadline=None)
def test_a_canonical_address_is_its_own_canonical_address(url: str) -> None:
    once = canonical(url)
    assert canonical(once) == once


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://www.lamp.co.uk/a", "http://news.lamp.co.uk/b"),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b"),
        ("http://localhost/a", "http://localhost:80/b"),
    ],
)
def test_addresses_of_one_registrable_domain_are_one_site(a: str, b: str) -> None:
    assert same_site(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://lamp.co.uk/a", "https://courier.co.uk/a"),
        ("https://lamp.blogspot.com/a", "https://courier.blogspot.com/a"),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8001/a"),
        ("http://127.0.0.1/a", "http://127.0.0.2/a"),
        ("https://lamp.com/a", "mailto:desk@lamp.com"),
        ("nonsense", "nonsense"),
    ],
)
def test_addresses_of_two_owners_are_two_sites(a: str, b: str) -> None:
    assert not same_site(a, b)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://lamp.example/world/live/2025/aug/01/flood-in-velmora-live#b-1", ("flood", "velmora")),
        ("https://lamp.example/live/2025-08-01/storm-in-orle-12-dead.html#b-1", ("storm", "orle", "dead")),
        ("https://lamp.example/news/live/c4gx8#b-1", ()),
        ("https://lamp.example/world/flood-in-velmora", ()),
        ("nonsense#b-1", ()),
    ],
)
def test_an_entry_s_address_says_what_its_page_is_about(url: str, words: tuple[str, ...]) -> None:
    assert page_words(url) == words


def test_a_host_of_nothing_but_mobile_prefixes_has_one_settled_form() -> None:
    settled = canonical(f"http://{'m.' * 60}paper.example/a")
    assert settled == canonical(settled) == "http://www.paper.example/a"

"""Whatever arrives, the parts that meet it answer with a value."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.borders import CHECKS, NOW, answer_of, trial
from bench.mutants import HEADERS, KINDS, PIECES, STATUSES
from crawler.answers import pause_of

LISTINGS = ("feed", "sitemap", "front_page")

BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=8).map(b"".join),
)
HEADER = st.tuples(st.sampled_from(HEADERS), st.text(st.characters(max_codepoint=255), max_size=40))
HEADS = st.tuples(st.one_of(st.sampled_from(STATUSES), st.integers(100, 999)), st.lists(HEADER, max_size=4))
ADDRESSES = st.tuples(
    st.sampled_from(["", "http://", "https://", "//", "http://[", "http://a:"]), st.text(max_size=60)
).map("".join)


def response(head: tuple[int, list[tuple[str, str]]], body: bytes = b"") -> bytes:
    status, headers = head
    lines = [str(status), *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(LISTINGS), head=HEADS, body=BODIES)
def test_every_body_is_a_listing_or_a_problem(kind: str, head: tuple[int, list[tuple[str, str]]], body: bytes) -> None:
    CHECKS[kind](response(head, body))


@settings(deadline=None)
@given(head=HEADS)
def test_every_answer_has_a_meaning(head: tuple[int, list[tuple[str, str]]]) -> None:
    CHECKS["headers"](response(head))


@settings(deadline=None)
@given(text=ADDRESSES)
def test_every_text_is_an_address_or_none(text: str) -> None:
    CHECKS["address"](text.encode("utf-8", "surrogatepass"))


@settings(deadline=None)
@given(head=HEADS, body=BODIES)
def test_every_robots_has_an_opinion(head: tuple[int, list[tuple[str, str]]], body: bytes) -> None:
    CHECKS["robots"](response(head, body))


@settings(deadline=None)
@given(head=HEADS, body=BODIES)
def test_every_page_is_a_reading(head: tuple[int, list[tuple[str, str]]], body: bytes) -> None:
    CHECKS["page"](response(head, body))


@pytest.mark.parametrize("kind", KINDS)
def test_bent_samples_keep_their_promises(kind: str) -> None:
    for seed in range(100):
        assert trial(kind, seed).problem is None, seed


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Mon, 10 Mar 2025 " + "9" * 40 + ":00:00 GMT",
        "Mon, 10 Mar 2025 12:00:00 -12" + "9" * 40,
    ],
)
def test_a_pause_until_a_time_that_cannot_be_is_as_if_unsaid(date: str) -> None:
    assert pause_of(answer_of(response((429, [("Retry-After", date)]))), NOW) == NOW + timedelta(minutes=5)

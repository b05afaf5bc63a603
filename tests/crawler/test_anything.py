"""Whatever arrives, the parts that meet it answer with a value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.borders import CHECKS, trial
from bench.mutants import HEADERS, KINDS, PIECES, STATUSES

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

"""Texts that nobody wrote to be read, and properties that hold of any text whatever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.hostile import TEXTS
from extract.claims import LONGEST, MOST_CLAIMS, MOST_COUNTS, read_claims
from extract.explain import explain
from extract.languages import available
from model import Claim
from tests.extract.corpus_reader import examples

SIZE = 50_000  # characters; `python -m bench.hostile` measures what twenty times as many cost
CORPUS = [example.text for example in examples("en")]
AFTER = "\nNine people were killed."
WITHOUT_CLAIMS = ("digits", "killed", "no spaces", "line breaks", "open brackets", "spaces", "initials")

HALF_A_CHARACTER = "\ud83d"  # no field of a claim has one: it is read as a space
WORDS = ("12", "three", "dozens", "at least", "people", "were", "killed", "missing", "toll", "police said", "of them")
MARKS = (",", ".", "\n", "|", "“", "\u0301", "\u200b", "\u202e", HALF_A_CHARACTER, "İ", "ﬁ", "😀")
PIECES = st.one_of(st.sampled_from(WORDS + MARKS), st.text(max_size=4))
BESIDE = st.sampled_from(
    ("The weather was mild and dry.", "The wind came from the west.", "The road along the river is narrow and steep.")
)


def read(text: str, language: str = "en") -> tuple[Claim, ...]:
    return read_claims(text, published=None, language=language)


def stand_where_they_say(text: str, claims: tuple[Claim, ...]) -> bool:
    shown = text.replace(HALF_A_CHARACTER, " ")
    ordered = [claim.start for claim in claims] == sorted({claim.start for claim in claims})
    return ordered and all(
        shown[claim.start : claim.end] == claim.phrase
        and claim.sentence_start <= claim.start < claim.end <= claim.sentence_end <= len(text)
        for claim in claims
    )


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_read_to_its_end_and_its_claims_stand_where_they_say(name: str) -> None:
    text = TEXTS[name].text(SIZE)
    claims = read(text)
    assert len(claims) <= MOST_CLAIMS + MOST_COUNTS
    assert stand_where_they_say(text, claims)


@pytest.mark.parametrize("name", WITHOUT_CLAIMS)
def test_what_stands_behind_a_text_of_one_thing_is_still_read(name: str) -> None:
    text = TEXTS[name].text(LONGEST - 1000) + AFTER
    assert read(text)[-1].phrase == "Nine"


def test_a_text_of_nothing_but_digits_has_no_claim() -> None:
    assert read(TEXTS["digits"].text(SIZE)) == ()


def test_a_sentence_with_more_numbers_than_prose_has_is_a_table() -> None:
    text = "It killed 12 people in 2011, " * 30
    assert read(text) == ()
    assert {number.reason for number in explain(text, published=None) if number.phrase == "12"} == {
        "the sentence has too many counts to be prose"
    }


def test_a_table_yields_no_more_claims_than_any_text() -> None:
    text, _, _ = TEXTS["rows with bars"].text(SIZE).rpartition("\n")
    assert len(read(text)) == MOST_CLAIMS + 1
    assert explain(text, published=None)[-1].reason == "stands after more claims than are read of one text"


@pytest.mark.parametrize("language", sorted(available()))
@given(st.lists(PIECES, max_size=40).map(" ".join))
@settings(max_examples=40, deadline=None)
def test_whatever_stands_between_the_words_every_claim_stands_where_it_says(language: str, text: str) -> None:
    assert stand_where_they_say(text, read(text, language))


@given(st.sampled_from(CORPUS), st.sampled_from(CORPUS))
@settings(max_examples=100, deadline=None)
def test_a_text_is_read_the_same_whatever_was_read_before(text: str, other: str) -> None:
    first = read(text)
    read(other)
    assert read(text) == first


def moved(claims: tuple[Claim, ...], by: int) -> list[Claim]:
    return [
        replace(
            claim,
            start=claim.start + by,
            end=claim.end + by,
            sentence_start=claim.sentence_start + by,
            sentence_end=claim.sentence_end + by,
        )
        for claim in claims
    ]


@given(st.sampled_from(CORPUS), st.lists(BESIDE, max_size=4), st.lists(BESIDE, max_size=4))
@settings(max_examples=200, deadline=None)
def test_paragraphs_about_nobody_before_and_after_a_claim_leave_it_as_it_is(
    text: str, before: list[str], after: list[str]
) -> None:
    head = "".join(f"{line}\n" for line in before)
    tail = "".join(f"\n{line}" for line in after)
    assert list(read(head + text + tail)) == moved(read(text), len(head))

"""Whose a figure is that no words of its own sentence attribute."""

from __future__ import annotations

import pytest

from extract.claims import read_claims
from extract.quotations import Quotations


def sources(text: str) -> list[tuple[str, str | None]]:
    return [(claim.phrase, claim.source) for claim in read_claims(text, published=None)]


def test_a_quotation_is_told_by_whoever_its_paragraph_names_sentences_later() -> None:
    text = '"Two of my sons died. We could not reach them for an hour. Nine others are hurt," the farmer Jon Tarr said.'
    assert sources(text) == [("Two", "farmer"), ("Nine", "farmer")]


def test_a_paragraph_that_is_all_quotation_is_told_by_the_speaker_of_the_one_before() -> None:
    text = '"The water came at night," said the nurse Ana Brill.\n"I counted nine bodies by the mill. It was dark."'
    assert sources(text) == [("nine", "nurse")]


def test_a_quotation_lends_its_speaker_to_nothing_after_it() -> None:
    text = '"The water came at night," said the nurse Ana Brill.\nNine people died in the mill.'
    assert sources(text) == [("Nine", None)]


def test_a_sentence_between_two_of_one_source_is_of_that_source_and_one_between_two_sources_is_of_none() -> None:
    text = "The Varr Monitor said shells fell on Osk. They killed nine people. Two boys were hurt too, {} said."
    assert sources(text.format("the Varr Monitor")) == [("nine", "Varr Monitor"), ("Two", "Varr Monitor")]
    assert sources(text.format("the army")) == [("nine", None), ("Two", "army")]


@pytest.mark.parametrize(
    "text",
    [
        "The Provincial Flood Office reports the following:\nDead: 27\nHouses destroyed: 618\nMissing: 9",
        "FLOODS IN VARR\nDead: 27\nHouses destroyed: 618\nMissing: 9\nRoads cut: 3\nSource: Provincial Flood Office",
        "Dead: 27. Missing: 9. That was the tally given by the Provincial Flood Office at noon.",
    ],
    ids=["above", "below", "in the sentence after"],
)
def test_the_lines_of_a_form_are_of_whoever_is_named_above_or_below_them(text: str) -> None:
    assert sources(text) == [("27", "Provincial Flood Office"), ("9", "Provincial Flood Office")]


def test_a_form_that_names_nobody_has_no_source() -> None:
    assert sources("FLOODS IN VARR\nDead: 27\nMissing: 9\nThe river is falling.") == [("27", None), ("9", None)]


@pytest.mark.parametrize(
    ("text", "place", "opened"),
    [
        ('say "one two" three', 8, 4),
        ('say "one two" three', 16, None),
        ("say “one «two» three", 18, 4),
        ("dir » «eins» zwei", 14, None),
        ('"never closed', 10, 0),
        ("no mark", 3, None),
    ],
)
def test_a_place_stands_in_the_quotation_that_is_open_there(text: str, place: int, opened: int | None) -> None:
    assert Quotations(text).opened(0, place) == opened

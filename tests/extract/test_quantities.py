from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.quantities import NumberKind, read
from model import Qualifier, Vague
from tests.extract.number_words import english, french, spanish


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twelve", 12),
        ("thirty-one", 31),
        ("one hundred and forty-three", 143),
        ("two thousand three hundred", 2300),
        ("seven thousand", 7000),
        ("half a dozen", 6),
        ("two dozen", 24),
        ("a hundred", 100),
        ("1,018", 1018),
        ("1, 000", 1000),
        ("1 000", 1000),
        ("1\u202f250", 1250),
        ("1.2 million", 1_200_000),
        ("30 thousand", 30_000),
        ("2 lakh", 200_000),
        ("3 crore", 30_000_000),
    ],
)
def test_a_number_has_its_value_however_it_is_written(text: str, value: int) -> None:
    (quantity,) = read(f"{text} people")
    assert (quantity.low, quantity.high, quantity.kind) == (value, value, NumberKind.COUNT)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("on March 8", NumberKind.DATE),
        ("the 8 March raid", NumberKind.DATE),
        ("in 2011", NumberKind.DATE),
        ("a 54-year-old man", NumberKind.AGE),
        ("aged 71", NumberKind.AGE),
        ("at 2:14 am", NumberKind.CLOCK),
        ("at 5 pm", NumberKind.CLOCK),
        ("$4.5 million", NumberKind.MONEY),
        ("500 euros", NumberKind.MONEY),
        ("20 percent", NumberKind.RATIO),
        ("20% of them", NumberKind.RATIO),
        ("10 km", NumberKind.MEASURE),
        ("a 40-storey tower", NumberKind.MEASURE),
        ("13 hours", NumberKind.DURATION),
        ("a 3-1 win", NumberKind.SCORE),
        ("Route 66", NumberKind.IDENTIFIER),
        ("COVID-19", NumberKind.IDENTIFIER),
        ("the 101st", NumberKind.ORDINAL),
    ],
)
def test_a_number_that_counts_nobody_is_typed_before_anything_else(text: str, kind: NumberKind) -> None:
    assert kind in {quantity.kind for quantity in read(text)}


@pytest.mark.parametrize(
    ("text", "qualifier", "low", "high"),
    [
        ("at least 12 people", Qualifier.AT_LEAST, 12, None),
        ("no fewer than 12 people", Qualifier.AT_LEAST, 12, None),
        ("more than 12 people", Qualifier.MORE_THAN, 13, None),
        ("about 12 people", Qualifier.ABOUT, 12, 12),
        ("at least about 12 people", Qualifier.AT_LEAST, 12, None),
        ("up to 12 people", Qualifier.UP_TO, None, 12),
        ("fewer than 12 people", Qualifier.FEWER_THAN, None, 11),
        ("10 to 15 people", Qualifier.RANGE, 10, 15),
        ("between 10 and 15 people", Qualifier.RANGE, 10, 15),
        ("80-90 people", Qualifier.RANGE, 80, 90),
        ("150+ people", Qualifier.AT_LEAST, 150, None),
        ("50-odd people", Qualifier.ABOUT, 50, 50),
    ],
)
def test_a_qualifier_becomes_a_bound(text: str, qualifier: Qualifier, low: int | None, high: int | None) -> None:
    (quantity,) = read(text)
    assert (quantity.qualifier, quantity.low, quantity.high) == (qualifier, low, high)


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("dozens of people", Vague.DOZENS),
        ("several people", Vague.SEVERAL),
        ("a handful of people", Vague.SEVERAL),
        ("hundreds of people", Vague.HUNDREDS),
        ("several hundred people", Vague.HUNDREDS),
        ("tens of thousands of people", Vague.TENS_OF_THOUSANDS),
        ("a number of people", Vague.MANY),
    ],
)
def test_a_vague_word_has_no_bounds_but_its_entry(text: str, vague: Vague) -> None:
    (quantity,) = read(text)
    assert (quantity.vague, quantity.low, quantity.high) == (vague, None, None)


def test_a_qualifier_binds_the_next_number_only() -> None:
    first, second = read("at least six killed and 15 injured")
    assert (first.qualifier, second.qualifier) == (Qualifier.AT_LEAST, Qualifier.EXACT)


def test_a_movement_from_one_number_to_a_lower_one_is_no_range() -> None:
    assert [quantity.low for quantity in read("the toll was cut from 115 to 97")] == [115, 97]


@given(st.integers(0, 999_999))
@settings(max_examples=300, deadline=None)
def test_a_number_in_english_words_has_its_value(number: int) -> None:
    (quantity,) = read(f"{english(number)} people")
    assert (quantity.low, quantity.high) == (number, number)


@given(st.integers(2, 999))
@settings(max_examples=150, deadline=None)
def test_a_number_in_french_words_has_its_value(number: int) -> None:
    (quantity,) = read(f"{french(number)} personnes", "fr")
    assert (quantity.low, quantity.high) == (number, number)


@given(st.integers(2, 999))
@settings(max_examples=150, deadline=None)
def test_a_number_in_spanish_words_has_its_value(number: int) -> None:
    (quantity,) = read(f"{spanish(number)} personas", "es")
    assert (quantity.low, quantity.high) == (number, number)

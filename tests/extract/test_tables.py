from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.claims import read_claims
from model import Claim, Outcome, Qualifier, Scope, Who

PUBLISHED = datetime(2026, 3, 11, 9, tzinfo=UTC)

BY_DISTRICT = """District | Dead | Injured
Mossby | 12 | 30
Hask | 7 | 11"""

CELLS = st.sampled_from(("Mossby", "12", "1, 000", "at least 7", "dozens", "-", "", "0", "2016", "7 per cent", "two"))
HEADS = st.sampled_from(("District", "Dead", "Injured", "Women killed", "Still missing", "Price", "2019", ""))


def read(text: str) -> tuple[Claim, ...]:
    return read_claims(text, published=PUBLISHED)


def figures(text: str) -> list[tuple[str, Outcome, Scope]]:
    return [(claim.phrase, claim.outcome, claim.scope) for claim in read(text)]


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def test_each_row_of_a_table_is_a_part_and_each_column_has_the_outcome_of_its_head() -> None:
    assert figures(BY_DISTRICT) == [
        ("12", Outcome.KILLED, Scope.PART),
        ("30", Outcome.INJURED, Scope.PART),
        ("7", Outcome.KILLED, Scope.PART),
        ("11", Outcome.INJURED, Scope.PART),
    ]


@pytest.mark.parametrize("label", ["Total", "total", "ALL", "Nationwide", "Grand total"])
def test_the_row_that_adds_up_the_others_is_the_total(label: str) -> None:
    assert figures(f"{BY_DISTRICT}\n{label} | 19 | 41")[-2:] == [
        ("19", Outcome.KILLED, Scope.TOTAL),
        ("41", Outcome.INJURED, Scope.TOTAL),
    ]


def test_the_only_row_of_a_table_is_the_total() -> None:
    assert figures("Dead | Injured | Missing\n12 | 30 | 4") == [
        ("12", Outcome.KILLED, Scope.TOTAL),
        ("30", Outcome.INJURED, Scope.TOTAL),
        ("4", Outcome.MISSING, Scope.TOTAL),
    ]


def test_a_table_between_outer_bars_with_a_rule_below_its_head_reads_the_same() -> None:
    head, *body = BY_DISTRICT.splitlines()
    barred = "\n".join([f"| {head} |", "|---|---|---|", *(f"| {line} |" for line in body)])
    assert figures(barred) == figures(BY_DISTRICT)


def test_two_columns_between_outer_bars_are_a_table() -> None:
    assert figures("| Village | Dead |\n| Mossby | 12 |\n| Hask | 7 |") == [
        ("12", Outcome.KILLED, Scope.PART),
        ("7", Outcome.KILLED, Scope.PART),
    ]


@pytest.mark.parametrize(
    ("head", "outcome"),
    [
        ("Dead", Outcome.KILLED),
        ("Deaths", Outcome.KILLED),
        ("Killed", Outcome.KILLED),
        ("Wounded", Outcome.INJURED),
        ("Number of people still missing", Outcome.MISSING),
        ("Displaced", Outcome.DISPLACED),
        ("Detained", Outcome.DETAINED),
        ("Abducted", Outcome.ABDUCTED),
        ("Casualties", Outcome.CASUALTIES),
    ],
)
def test_a_column_counts_what_its_head_names(head: str, outcome: Outcome) -> None:
    (claim,) = read(f"District | Price of flour | {head}\nMossby | 40 | 12")
    assert (claim.phrase, claim.outcome) == ("12", outcome)


def test_a_head_that_names_a_group_counts_that_group() -> None:
    claims = read("Where | Women killed | Children killed\nMossby | 3 | 2\nHask | 1 | 4")
    assert [(claim.low, claim.who) for claim in claims] == [
        (3, Who.WOMEN),
        (2, Who.CHILDREN),
        (1, Who.WOMEN),
        (4, Who.CHILDREN),
    ]


def test_columns_of_things_count_nobody() -> None:
    claims = read("District | Deaths | Houses destroyed\nMossby | 12 | 200\nHask | 7 | 44")
    assert [claim.phrase for claim in claims] == ["12", "7"]


def test_a_cell_keeps_the_bound_of_its_number() -> None:
    at_least, more, vague, spaced = read(
        "Place | Dead | Hurt\nMossby | at least 7 | more than 30\nHask | dozens | 1, 000"
    )
    assert (at_least.low, at_least.high, at_least.qualifier) == (7, None, Qualifier.AT_LEAST)
    assert (more.low, more.high, more.qualifier) == (31, None, Qualifier.MORE_THAN)
    assert vague.qualifier is Qualifier.VAGUE
    assert (spaced.phrase, spaced.low) == ("1, 000", 1000)


def test_a_number_that_looks_like_a_year_is_a_count_below_the_head_of_one() -> None:
    (claim,) = read("District | Homes | Dead\nMossby | 300 | 2016")
    assert (claim.phrase, claim.low) == ("2016", 2016)


@pytest.mark.parametrize("cell", ["-", "", "0", "none", "n/a", "11 per cent"])
def test_a_cell_without_a_count_is_no_claim(cell: str) -> None:
    assert figures(f"District | Dead | Injured\nMossby | {cell} | 30") == [("30", Outcome.INJURED, Scope.TOTAL)]


@pytest.mark.parametrize(
    "table",
    [
        "Item | Price | Sold\nFlour | 12 | 300\nOil | 7 | 45",
        "Club | Won | Lost\nMossby | 12 | 3\nHask | 7 | 8",
        "Home team | Goals | Away team\nMossby | 3 | Hask\nDal | 0 | Osk",
        "News | Sport | Weather\nPalos | 12 | 18",
        "Year | Rain | Crashes\n2019 | 12 | 300",
    ],
)
def test_a_table_of_prices_scores_or_weather_yields_nothing(table: str) -> None:
    assert read(table) == ()


def test_a_head_without_rows_yields_nothing() -> None:
    assert read("District | Dead | Injured") == ()


def test_a_sentence_below_a_page_s_menu_is_read_as_prose() -> None:
    (claim,) = read("News | Sport | Weather\nThe fire in Osk killed 12 people, police said.")
    assert (claim.phrase, claim.source, claim.rule) == ("12", "police", "verb")


def test_prose_before_and_after_a_table_keeps_its_own_claims() -> None:
    text = f"The ministry said 19 people were killed.\n{BY_DISTRICT}\nIn Dal 40 people fled."
    claims = read(text)
    assert [claim.phrase for claim in claims] == ["19", "12", "30", "7", "11", "40"]
    assert (claims[0].scope, claims[0].source) == (Scope.TOTAL, "ministry")
    assert {claim.rule for claim in claims[1:5]} == {"table"}


def test_a_count_of_a_table_points_at_its_characters_and_quotes_its_row() -> None:
    text = f"Toll by district\n\n{BY_DISTRICT}\n"
    for claim in read(text):
        assert text[claim.start : claim.end] == claim.phrase
        quote = text[claim.sentence_start : claim.sentence_end]
        assert quote in BY_DISTRICT.splitlines()
        assert claim.phrase in quote


@pytest.mark.parametrize("parting", ["\n", " / ", "\n\n", "; "])
def test_a_list_of_figures_with_colons_gives_the_total_of_each(parting: str) -> None:
    assert figures(parting.join(("Killed: 12", "Injured: 30", "Missing: 4"))) == [
        ("12", Outcome.KILLED, Scope.TOTAL),
        ("30", Outcome.INJURED, Scope.TOTAL),
        ("4", Outcome.MISSING, Scope.TOTAL),
    ]


def test_a_list_of_prices_with_colons_yields_nothing() -> None:
    assert read("Flour: 12\nOil: 30\nSalt: 4") == ()


@given(st.lists(HEADS, min_size=2, max_size=5), st.lists(st.lists(CELLS, min_size=2, max_size=5), max_size=5))
@settings(max_examples=100, deadline=None)
def test_whatever_a_table_holds_its_claims_stand_in_its_cells(heads: list[str], body: list[list[str]]) -> None:
    text = "\n".join([row(heads), *map(row, body)])
    for claim in read(text):
        assert text[claim.start : claim.end] == claim.phrase
        assert "|" not in claim.phrase
        assert (claim.low, claim.high) != (0, 0)


@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(1, 9999)), min_size=2, max_size=8))
@settings(max_examples=50, deadline=None)
def test_every_count_of_a_table_of_places_is_read_once(rows: list[tuple[int, int]]) -> None:
    text = "\n".join(["Place | Dead | Injured", *(f"Mossby | {dead} | {hurt}" for dead, hurt in rows)])
    assert [claim.low for claim in read(text)] == [count for counts in rows for count in counts]

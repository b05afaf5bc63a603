"""What a series says now does not depend on the order in which its figures came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.case import DEEPEST, RECENT, Series
from extract.intervals import anchor
from extract.standing import standing
from model import Cue, Figure, History, Qualifier
from tests.build import claim, figure, key


def current(*figures: Figure) -> int | None:
    state = standing(figures)
    return None if state.current is None else anchor(state.current.claim)


figures = st.builds(
    lambda n, qualifier, cue, hedged, at, url: figure(
        claim(n, qualifier, cue=cue, hedged=hedged), at=at, url=f"https://outlet.example/{url}"
    ),
    n=st.integers(1, 2_000),
    qualifier=st.sampled_from([q for q in Qualifier if q is not Qualifier.VAGUE]),
    cue=st.sampled_from(Cue),
    hedged=st.booleans(),
    at=st.integers(0, 96),
    url=st.integers(0, 10_000),
)


@given(st.lists(figures, max_size=8, unique_by=lambda f: (f.as_of, f.article_url)), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_change_what_stands(arrived: list[Figure], chance: object) -> None:
    shuffled = list(arrived)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standing(arrived) == standing(shuffled)


@given(st.lists(st.integers(1, 2_000), min_size=1, max_size=8, unique=True))
def test_nothing_is_lowered_without_a_cue_an_edit_or_a_second_sighting(numbers: list[int]) -> None:
    falling = [n for n in sorted(numbers, reverse=True) if n * 10 not in numbers and n * 100 not in numbers]
    # One text says the first number and one other text all lower ones: there is no second sighting.
    urls = ["first", *["again"] * len(falling)]
    arrived = [figure(claim(n), at=at, url=f"https://outlet.example/{urls[at]}") for at, n in enumerate(falling)]
    assert not falling or current(*arrived) == falling[0]


def test_a_correction_lowers_what_stands() -> None:
    assert current(figure(claim(24)), figure(claim(19, cue=Cue.LOWERED), at=10)) == 19


def test_one_lower_figure_waits_and_the_second_sighting_lowers() -> None:
    first, lower = figure(claim(115)), figure(claim(97), at=10, url="https://one.example/")
    assert current(first, lower) == 115
    assert current(first, lower, figure(claim(97), at=12, url="https://two.example/")) == 97


def test_a_slipped_digit_waits_for_a_second_document() -> None:
    first, slip = figure(claim(30)), figure(claim(300), at=1, url="https://one.example/")
    assert current(first, slip) == 30
    assert current(first, slip, figure(claim(300), at=2, url="https://two.example/")) == 300


def test_an_unconfirmed_figure_never_moves_a_firm_one() -> None:
    assert current(figure(claim(973)), figure(claim(4_000, Qualifier.UP_TO, hedged=True), at=5)) == 973


def test_a_withdrawn_figure_does_not_come_back_by_being_copied() -> None:
    back = figure(claim(20, cue=Cue.WITHDRAWN), at=2)
    assert current(figure(claim(20)), back, figure(claim(20), at=3)) is None
    assert current(figure(claim(20)), back, figure(claim(22), at=3)) == 22


@pytest.mark.parametrize("late_by", [1, 20, 399])
def test_a_late_figure_of_a_long_series_leaves_no_more_at_hand_than_another_like_it_needs(late_by: int) -> None:
    figures = [figure(claim(10 + n), at=n) for n in range(400)]
    history = History(key=key(figures[0]), figures=tuple(figures), told=None)
    late = figure(claim(5), at=399.5 - late_by)
    series = Series.of(history)
    assert len(series.recent) == RECENT
    assert series.takes(late) is (late_by < RECENT)
    after = Series.ready_for(history, late).with_figure(late)
    assert after.state == standing([*figures, late])
    assert len(after.recent) <= min(late_by + RECENT + 1, DEEPEST)
    assert after.takes(late) is (late_by < DEEPEST)

"""Numbers, movements and verdicts in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.wording import GROUPS, KINDS, OUTCOMES, byline, clean, figure, kind_words, movement, neutral, web_address
from model import Change, Claim, Cue, Kind, Outcome, Precision, Qualifier, Told, Who
from tests.alerts.samples import NOON, change, claim, composed
from tests.alerts.samples import figure as said_in


def told(one: Change) -> Told:
    return composed([one]).changes[0]


def test_every_outcome_group_and_verdict_has_its_words() -> None:
    assert OUTCOMES.keys() == set(Outcome)
    assert GROUPS.keys() == set(Who)
    assert KINDS.keys() == set(Kind)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (claim(973), "973"),
        (claim(1454), "1,454"),
        (claim(973, qualifier=Qualifier.AT_LEAST), "at least 973"),
        (claim(1000, qualifier=Qualifier.MORE_THAN), "more than 1,000"),
        (claim(50, qualifier=Qualifier.ABOUT), "about 50"),
        (claim(4000, qualifier=Qualifier.UP_TO), "up to 4,000"),
        (claim(20, qualifier=Qualifier.FEWER_THAN), "fewer than 20"),
        (claim(10, high=15, qualifier=Qualifier.RANGE), "10–15"),
        (claim(None, qualifier=Qualifier.VAGUE, phrase="dozens"), "dozens"),
        (claim(40, hedged=True), "40, unconfirmed"),
    ],
)
def test_a_first_figure_is_told_as_it_was_said(of: Claim, words: str) -> None:
    assert movement(told(change(said_in(of)))) == words


DOZENS = claim(None, qualifier=Qualifier.VAGUE, phrase="dozens")


@pytest.mark.parametrize(
    ("kind", "old", "new", "words"),
    [
        (Kind.RAISED, claim(745), claim(973, qualifier=Qualifier.AT_LEAST), "745 → at least 973 (+228, +31 %)"),
        (Kind.RAISED, claim(1), claim(12), "1 → 12 (+11, +1,100 %)"),
        (Kind.RAISED, claim(0), claim(3), "0 → 3 (+3)"),
        (Kind.LOWERED, claim(115), claim(97), "115 → 97 (−18, −16 %)"),
        (Kind.QUANTIFIED, DOZENS, claim(31), "dozens → 31"),
        (Kind.RAISED, claim(3), DOZENS, "3 → dozens"),
        (Kind.WITHDRAWN, claim(45), claim(45), "45 taken back"),
        (Kind.CONTRADICTED, claim(12), claim(40), "40 against 12"),
        (Kind.DIVERGES, claim(12), claim(20, qualifier=Qualifier.AT_LEAST), "at least 20 against 12"),
        (Kind.CONFIRMED, claim(40), claim(41), "41"),
        (Kind.HEDGED_HIGH, claim(973), claim(4000, hedged=True), "4,000, above the standing 973, unconfirmed"),
        (Kind.PARTS_EXCEED_TOTAL, claim(1000), claim(973), "together above the standing “1,000”"),
        (Kind.INCREMENT, claim(30), claim(12), "12 more"),
        (Kind.IMPLAUSIBLE, claim(12), claim(120), "12 → 120"),
        (Kind.REFINED, claim(12), claim(12, qualifier=Qualifier.AT_LEAST), "12 → at least 12"),
    ],
)
def test_a_movement_is_told_by_its_verdict(kind: Kind, old: Claim, new: Claim, words: str) -> None:
    assert movement(told(change(said_in(new), said_in(old), kind=kind))) == words


def test_a_part_names_what_it_covers() -> None:
    part = change(said_in(claim(143, window="in the night")), kind=Kind.PART)
    assert movement(told(part)) == "143 (in the night)"


def test_a_subset_is_named() -> None:
    assert figure(told(change(said_in(claim(18)), subset="Nepali"))) == "people (Nepali) killed 18"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (change(said_in(claim(9)), said_in(claim(12)), kind=Kind.LOWERED), "lowered"),
        (change(said_in(claim(9, cue=Cue.CORRECTED)), said_in(claim(12)), kind=Kind.LOWERED), "corrected down"),
        (change(said_in(claim(13, cue=Cue.CORRECTED)), said_in(claim(12))), "corrected up"),
        (
            change(said_in(claim(13)), said_in(claim(12)), silent_edit=True),
            "raised, edited in place without notice",
        ),
        (
            change(said_in(claim(40), source="City Hospital"), said_in(claim(12)), kind=Kind.CONTRADICTED),
            "contradicted by City Hospital",
        ),
        (change(said_in(claim(40), source="outlet:lamp"), kind=Kind.CONFIRMED), "confirmed by The Lamp"),
        (change(said_in(claim(40), source="City Hospital"), said_in(claim(12)), row="13"), "raised, by another source"),
        (change(said_in(claim(40)), said_in(claim(12)), row="4"), "raised: a part is above the total"),
        (
            change(said_in(claim(40)), said_in(claim(12)), attached=(Kind.CONTRADICTED,)),
            "raised, also contradicted",
        ),
    ],
)
def test_a_verdict_is_said_in_plain_words(one: Change, words: str) -> None:
    assert kind_words(told(one)) == words


def dated(precision: Precision, as_of: datetime, *, by_text: bool = True) -> str:
    from dataclasses import replace

    place = replace(said_in(claim(5)), as_of=as_of, as_of_precision=precision, dated=by_text)
    return byline(told(change(place)), 2026).rpartition(" · ")[2]


def test_a_day_that_is_kept_as_its_end_is_told_as_itself() -> None:
    assert dated(Precision.DAY, datetime(2026, 5, 4, tzinfo=UTC)) == "as of 3 May"


def test_a_day_cut_by_the_time_of_publication_is_told_as_itself() -> None:
    assert dated(Precision.DAY, NOON) == "as of 4 May"


def test_an_instant_is_told_with_its_zone() -> None:
    assert dated(Precision.INSTANT, NOON - timedelta(minutes=30)) == "as of 4 May, 11:30 UTC"


def test_a_figure_that_the_text_does_not_date_is_called_reported() -> None:
    assert dated(Precision.INSTANT, NOON, by_text=False) == "reported 4 May, 12:00 UTC"


def test_neutral_text_has_no_controls_and_no_hidden_directions() -> None:
    assert neutral("a\r\nb\x00c\u202e31\u2066d\ufeff\ud800\U000e0041\x1b[2J") == "a  bc31d\ufffd[2J"


def test_other_scripts_keep_what_they_need() -> None:
    assert neutral("\u0645\u06cc\u200c\u062e \u200f\u0661") == "\u0645\u06cc\u200c\u062e \u200f\u0661"


def test_clean_text_is_one_line_of_a_known_length() -> None:
    assert clean("  a \n b  ", 10) == "a b"
    assert clean("x" * 100, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a.example/<b>",
        "https://a.example/|x",
        'https://a.example/"onclick',
        "https://a.example/a b",
        "https://a.example/\u202egpj.exe",
        "https://a.example/" + "x" * 2000,
        "",
        None,
    ],
)
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    assert web_address(url) is None

"""An article's claims become figures: whose they are, when they were true, and which say one and the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from extract.figures import adopt_sources, as_echo, echo_key, figures_of, merge
from extract.identity import in_event
from model import Claim, Cue, Figure, Precision, Qualifier, Scope, Vague, Who
from tests.build import article, claim, figure, hour


def settled(*claims: Claim) -> list[Claim]:
    return merge(adopt_sources(claims))


def sources(*claims: Claim) -> list[str | None]:
    return [one.claim.source for one in adopt_sources(claims)]


def test_a_headline_takes_the_source_of_the_equal_number_in_the_text() -> None:
    assert sources(claim(23), claim(23, source="Coastguard"), claim(30, source="Union")) == [
        "Coastguard",
        "Coastguard",
        "Union",
    ]


def test_a_claim_takes_the_one_body_that_keeps_the_count() -> None:
    assert sources(claim(1_000, Qualifier.MORE_THAN), claim(745, source="Monitor", who=Who.CIVILIANS)) == [
        "Monitor",
        "Monitor",
    ]


def test_a_number_that_the_one_body_contradicts_is_the_outlets_own() -> None:
    assert sources(claim(60), claim(23, source="Coastguard")) == [None, "Coastguard"]


def test_nobody_is_taken_where_two_bodies_count() -> None:
    assert sources(claim(60), claim(23, source="Coastguard"), claim(30, source="Union"))[0] is None


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (claim(600, Qualifier.MORE_THAN), claim(612), claim(612)),
        (claim(7), claim(7, Qualifier.AT_LEAST), claim(7)),
        (claim(Vague.HUNDREDS), claim(973, Qualifier.AT_LEAST), claim(973, Qualifier.AT_LEAST)),
    ],
)
def test_compatible_claims_of_one_series_are_one_the_narrowest(one: Claim, other: Claim, kept: Claim) -> None:
    assert settled(one, other) == [kept]
    assert settled(other, one) == [kept]


def test_a_headline_that_drops_the_bound_does_not_sharpen_the_figure_of_its_text() -> None:
    (merged,) = settled(claim(23), claim(23, Qualifier.AT_LEAST, source="Coastguard"))
    assert merged.qualifier is Qualifier.AT_LEAST


def test_a_much_higher_number_is_not_the_same_as_an_open_bound() -> None:
    assert len(settled(claim(11, Qualifier.AT_LEAST), claim(19))) == 2


def test_parts_are_not_merged_into_totals() -> None:
    assert len(settled(claim(12), claim(12, scope=Scope.PART))) == 2


def test_what_the_other_claim_says_of_the_movement_is_kept() -> None:
    (merged,) = settled(claim(15, cue=Cue.RAISED), claim(15, source="Police"))
    assert (merged.cue, merged.source) == (Cue.RAISED, "Police")


def test_of_two_equal_claims_the_one_that_names_its_source_is_quoted() -> None:
    (merged,) = settled(claim(15, start=0), claim(15, start=90, source="Police"))
    assert merged.start == 90


def test_a_short_name_of_a_body_in_one_article_is_its_full_name() -> None:
    said = [claim(58, source="Red Crescent"), claim(58, source="Kestrian Red Crescent")]
    made = figures_of(article("text"), said, stated=hour(0), seen=hour(0))
    assert [one.source for one in made] == ["Kestrian Red Crescent"]


def test_a_stated_day_is_never_later_than_the_text() -> None:
    said = claim(5, as_of=hour(12), as_of_precision=Precision.DAY)
    (made,) = figures_of(article("text"), [said], stated=hour(3), seen=hour(4))
    assert (made.as_of, made.as_of_precision, made.dated) == (hour(3), Precision.DAY, True)


def test_an_undated_figure_is_true_when_its_text_was_stated() -> None:
    (made,) = figures_of(article("text"), [claim(5)], stated=hour(3), seen=hour(4))
    assert (made.as_of, made.dated) == (hour(3), False)


def test_a_wire_credit_is_the_source_where_nobody_else_is_named() -> None:
    (made,) = figures_of(article("text", credit="Reuters"), [claim(5)], stated=hour(0), seen=hour(0))
    assert made.source == "Reuters"


def known(name: str, *others: str) -> str:
    return in_event(name, None, {other: other for other in others})


def test_the_observatory_is_the_one_observatory_that_the_event_knows() -> None:
    assert known("observatory", "Coast Human Rights Observatory", "police") == "Coast Human Rights Observatory"


def test_a_short_name_that_could_be_two_bodies_stays_as_it_is() -> None:
    assert known("ministry", "Health Ministry", "Interior Ministry") == "ministry"


def test_a_country_before_a_known_name_makes_no_other_body() -> None:
    assert known("Sanda's National Disaster Authority", "National Disaster Authority") == "National Disaster Authority"


@pytest.mark.parametrize("said", ["NDA", "NDA director", "authority"])
def test_an_acronym_or_who_speaks_for_a_body_is_the_body(said: str) -> None:
    assert known(said, "National Disaster Authority", "police") == "National Disaster Authority"


def test_a_short_name_that_was_met_before_is_still_the_full_one() -> None:
    met = {"authority": "National Disaster Authority", "National Disaster Authority": "National Disaster Authority"}
    assert in_event("authority", None, met) == "National Disaster Authority"


def test_one_common_word_makes_no_one_body() -> None:
    assert known("police union", "police") == "police union"


def echo(of: Figure, first: Figure) -> Figure | None:
    return as_echo(of, {echo_key(first): first})


def test_an_echo_has_the_source_of_the_first() -> None:
    first = figure(claim(5, source="Agency"), source="Agency")
    copied = echo(figure(claim(5), source="outlet:copy"), first)
    assert copied is not None
    assert copied.source == "Agency"


def test_a_reprint_that_changes_the_number_is_no_echo_in_that_figure() -> None:
    assert echo(figure(claim(6), source="outlet:copy"), figure(claim(5), source="Agency")) is None


def test_as_of_and_published_are_those_of_the_text_not_of_the_reading() -> None:
    (made,) = figures_of(article("text"), [claim(5)], stated=hour(0), seen=hour(0) + timedelta(days=3))
    assert made.published == hour(0)


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("The storm destroyed 4,460 shelters. It killed 4,460 people, the office said.", True),
        ("It killed 4,460 people. “4,460 people,” said the mayor.", False),
        ("It killed 4,460 people, the office said.", False),
    ],
)
def test_a_number_that_the_text_gives_of_things_too_is_doubtful(text: str, doubtful: bool) -> None:
    at = text.index("killed 4,460") + len("killed ")
    (made,) = figures_of(article(text), [claim(4460, phrase="4,460", start=at)], stated=hour(0), seen=hour(0))
    assert made.doubtful is doubtful

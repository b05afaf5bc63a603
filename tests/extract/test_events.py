"""Which event an article belongs to, what it is called, and which watch takes it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from extract import events
from extract.naming import name_of
from extract.places import countries_in
from extract.watching import takes
from model import Article, Claim, Outcome, Scope, Watch, Who
from tests.build import START, article, claim

FERRY = article(
    "A ferry sank off Port Vessel in the Marran Strait early on Sunday, killing 23 people, the coastguard said.\n"
    "It was bound for Salt Point with traders from the islands.",
    title="Ferry sinks off Port Vessel, 23 dead",
)
FERRY_LATER = article(
    "The death toll from Sunday's ferry disaster off Port Vessel rose to 41 as divers reached the hull.\n"
    "The coastguard called the search in the Marran Strait off at dusk.",
    title="Port Vessel ferry toll rises to 41",
    at=20,
)
BOMB = article(
    "A bomb tore through the bus station of Kelvat on Sunday evening, killing seven people, police said.\n"
    "Kelvat had been quiet since the spring.",
    title="Bomb kills seven at Kelvat bus station",
    at=6,
)
SECOND_FERRY = article(
    "A ferry ran aground off Port Vessel on Thursday morning, killing two people, the coastguard said.\n"
    "It was the second accident in the Marran Strait in a week.",
    title="Two killed as ferry runs aground off Port Vessel",
    at=96,
)
NO_RARITY = events.Rarity()


def profile(of: Article, *claims: Claim) -> events.Profile:
    return events.profile_of(of, claims)


def known(of: Article, *claims: Claim, event: str = "event") -> events.EventProfile:
    made = profile(of, *claims)
    days = frozenset({START.date()} if made.day is None else {made.day})
    return events.EventProfile(
        event=event,
        keys=made.keys,
        names=frozenset(made.names),
        figures=made.figures,
        days=days,
        opening=made.opening,
        countries=made.countries,
    )


def joins(new: events.Profile, *candidates: events.EventProfile) -> str | None:
    likeness = events.Likeness(new, NO_RARITY)
    return events.choose(new, {candidate.event: (likeness.to(candidate), candidate) for candidate in candidates})


def test_a_later_report_joins_the_event() -> None:
    assert joins(profile(FERRY_LATER, claim(41)), known(FERRY, claim(23))) == "event"


def test_another_happening_on_the_same_day_does_not() -> None:
    assert joins(profile(BOMB, claim(7)), known(FERRY, claim(23))) is None


def test_a_second_happening_at_the_same_place_whose_toll_starts_again_is_its_own_event() -> None:
    assert joins(profile(SECOND_FERRY, claim(2)), known(FERRY, claim(23))) is None


def test_a_low_count_of_a_ministry_on_the_same_day_stays_in_the_event_that_it_disputes() -> None:
    dispute = article(
        "Only five people died when the ferry sank off Port Vessel in the Marran Strait on Sunday, the ministry said.\n"
        "The coastguard had spoken of 23 before the boat from Salt Point was raised.",
        title="Ministry puts Port Vessel ferry dead at five",
        at=10,
    )
    assert joins(profile(dispute, claim(5)), known(FERRY, claim(23))) == "event"


def test_a_like_happening_in_another_country_is_another_event() -> None:
    text = "A bus left the road in {} on Sunday and killed 12 pilgrims, police said. The bus was on its way home."
    chile = article(text.format("northern Chile"), title="Bus crash kills 12 pilgrims in Chile")
    nepal = article(text.format("western Nepal"), title="Bus crash kills 14 pilgrims in Nepal", at=3)
    assert joins(profile(chile), known(chile)) == "event"
    assert joins(profile(nepal), known(chile)) is None


@pytest.mark.parametrize(
    ("text", "language", "codes"),
    [
        ("Flood in Côte d’Ivoire and the Democratic Republic", "en", {"CI"}),
        ("Syria's army left Lebanon", "en", {"SY", "LB"}),
        ("Inondation au Sénégal", "fr", {"SN"}),
        ("Terremoto en Perú", "es", {"PE"}),
        ("Storm in Orle", "en", set()),
        ("Sturm in Orle", "xx", set()),
    ],
)
def test_countries_are_known_by_name(text: str, language: str, codes: set[str]) -> None:
    assert countries_in(text, language) == codes


def test_the_best_of_several_events_is_chosen() -> None:
    bomb, ferry = known(BOMB, claim(7), event="bomb"), known(FERRY, claim(23), event="ferry")
    assert joins(profile(FERRY_LATER, claim(41)), bomb, ferry) == "ferry"


def test_a_day_of_saying_is_not_the_day_of_the_happening() -> None:
    said = article("Seven people drowned in the Marran Strait, the coastguard said on Monday.", at=30)
    assert events.happening_day(said) is None
    assert events.happening_day(FERRY_LATER) == date(2026, 3, 8)


def test_a_weekday_is_the_last_one_before_the_text() -> None:
    assert events.happening_day(SECOND_FERRY) == START.date() + timedelta(days=4)


def test_a_figure_of_another_event_in_the_body_is_that_events() -> None:
    mention = claim(23, start=400)
    own = claim(7, start=10)
    below = events.below_head(BOMB, [own, mention])
    theirs = events.of_other_events(below, known(BOMB, own), [known(FERRY, claim(23), event="ferry")])
    assert theirs == {mention.start}


def test_what_stands_in_the_head_is_the_articles_own_even_if_another_event_has_the_number() -> None:
    below = events.below_head(BOMB, [claim(23, start=10)])
    assert events.of_other_events(below, None, [known(FERRY, claim(23))]) == frozenset()


def test_background_figures_do_not_make_events_alike() -> None:
    made = profile(BOMB, claim(7), claim(23, scope=Scope.BACKGROUND))
    assert (Outcome.KILLED, Who.PEOPLE, 23) not in made.figures


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (FERRY, "Port Vessel ferry"),
        (article("Prices rose again.", title="Prices rise"), "Prices rise"),
        (article("An earthquake hit Sarn on Monday."), "Sarn earthquake"),
    ],
)
def test_an_event_is_called_by_its_place_and_its_kind(of: Article, name: str) -> None:
    assert name_of(of) == name


def test_a_long_headline_is_cut_at_a_word() -> None:
    name = name_of(article("x", title="Nothing here says what happened " * 5))
    assert len(name) <= 61
    assert name.endswith("…")


@pytest.mark.parametrize(
    ("watch", "taken"),
    [
        (Watch(id="w", name="w"), True),
        (Watch(id="w", name="w", any=("ferr*",)), True),
        (Watch(id="w", name="w", any=("fer",)), False),
        (Watch(id="w", name="w", any=("port vessel",)), True),
        (Watch(id="w", name="w", all=("ferry", "coastguard")), True),
        (Watch(id="w", name="w", all=("ferry", "navy")), False),
        (Watch(id="w", name="w", none=("traders",)), False),
        (Watch(id="w", name="w", languages=("fr",)), False),
        (Watch(id="w", name="w", outlets=("another",)), False),
    ],
)
def test_a_watch_takes_what_its_words_say(watch: Watch, taken: bool) -> None:
    assert takes(watch, FERRY) is taken

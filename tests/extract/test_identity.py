"""Which body a name means."""

from __future__ import annotations

import pytest

from extract.identity import in_article, in_event
from model import Claim
from tests.build import article, claim

SERVICE = "National Flood Service"
TEXT = "The National Flood Service (NFS) counts 31 dead, and the interior ministry 28."


def said_by(source: str, text: str | None = None) -> Claim:
    return claim(31, source=source, source_text=text or source)


def named(*claims: Claim) -> list[str | None]:
    return [one.source for one in in_article(article(TEXT), list(claims))]


@pytest.mark.parametrize("source", ["NFS", "nfs director", "service", "the country's flood service"])
def test_in_an_article_a_body_has_its_full_name_whatever_it_is_called(source: str) -> None:
    assert named(said_by(SERVICE), said_by(source)) == [SERVICE, SERVICE]


def test_who_speaks_for_a_ministry_is_the_ministry_also_by_the_surname() -> None:
    spokesman = said_by("Colonel Ada Orn", text="ministry spokesman Colonel Ada Orn")
    assert named(said_by("interior ministry"), spokesman, said_by("Orn")) == ["interior ministry"] * 3


KNOWN = {
    SERVICE: SERVICE,
    "NFS": SERVICE,
    "Ada Orn": SERVICE,
    "interior ministry": "interior ministry",
    "governor": "governor",
}


@pytest.mark.parametrize(
    ("source", "speaker", "means"),
    [
        ("NFS", None, SERVICE),
        ("the country's flood service", None, SERVICE),
        ("director", "Ada Orn", SERVICE),
        ("Dr. Ada Orn", None, SERVICE),
        ("Osk's Interior Ministry", None, "interior ministry"),
        ("regional governor", None, "governor"),
        ("deputy governor", None, "deputy governor"),
        ("Flood Watch", None, "Flood Watch"),
        ("outlet:daily", None, "outlet:daily"),
    ],
)
def test_an_event_knows_a_source_by_the_name_that_it_met_first(source: str, speaker: str | None, means: str) -> None:
    assert in_event(source, speaker, KNOWN) == means


def test_two_countries_ministries_are_two() -> None:
    known = {"Osk's Interior Ministry": "Osk's Interior Ministry"}
    assert in_event("Vale's Interior Ministry", None, known) == "Vale's Interior Ministry"


@pytest.mark.parametrize(
    "text", ["Capt. Noel Orn, the coast guard's spokesman, spoke.", "Coast guard spokesman Capt. Noel Orn spoke."]
)
def test_a_person_whom_the_article_calls_a_spokesman_speaks_for_the_body(text: str) -> None:
    (one,) = in_article(article(text), [claim(31, source="Noel Orn", speaker="Noel Orn")])
    assert one.source == "coastguard"

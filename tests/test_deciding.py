"""What people decide about events is carried out, survives what arrives later, and tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from deciding import decide
from model import Decision, DecisionKind, InputError, Reading
from tests.build import hour
from tests.desk import Desk, dead, desk, reading

MINE = "A gallery of the silver mine at Hask fell in on Sunday evening, the third such accident there in two years."


@pytest.fixture
def at_desk() -> Iterator[Desk]:
    made = desk()
    yield made
    made.archive.close()


def mine(*said: int, url: str = "https://two.example/mine", at: float = 4) -> Reading:
    read = reading(*(dead(n, source="Hask police") for n in said), url=url, at=at, lead=MINE)
    assert read.article is not None
    return replace(read, article=replace(read.article, title="Gallery falls in at Hask mine"))


def do(at: Desk, kind: DecisionKind, event: str, other: str = "", *urls: str) -> None:
    decide(at.archive, Decision(kind=kind, event=event, other=other, articles=urls), hour(50))
    at.monitor.decider.carry_out()


def event_of(at: Desk, read: Reading) -> str:
    event = at.take(read).event
    assert event is not None
    return event


def events(at: Desk) -> dict[str, list[str]]:
    return {row["id"]: at.archive.queries.addresses(row["id"]) for row in at.archive.queries.events()}


def test_a_merged_event_keeps_its_figures_and_tells_nothing(at_desk: Desk) -> None:
    ferry, other = event_of(at_desk, reading(dead(23))), event_of(at_desk, mine(5))
    told = at_desk.told()
    do(at_desk, DecisionKind.MERGE, other, ferry)
    assert list(events(at_desk)) == [ferry]
    assert sorted(row["number"] for row in at_desk.archive.queries.current(ferry)) == [5, 23]
    assert at_desk.told() == told


def test_what_was_merged_stays_so_when_a_text_arrives_late(at_desk: Desk) -> None:
    ferry, other = event_of(at_desk, reading(dead(23))), event_of(at_desk, mine(5))
    do(at_desk, DecisionKind.MERGE, other, ferry)
    at_desk.take(mine(4, url="https://three.example/mine", at=3), at=60)
    assert "https://two.example/mine" in events(at_desk)[ferry]


def test_a_split_off_article_has_an_event_and_figures_of_its_own(at_desk: Desk) -> None:
    event = event_of(at_desk, reading(dead(23)))
    at_desk.take(reading(dead(41), url="https://two.example/toll", at=5))
    do(at_desk, DecisionKind.SPLIT, event, "", "https://two.example/toll")
    (other,) = (one for one in events(at_desk) if one != event)
    assert [row["number"] for row in at_desk.archive.queries.current(event)] == [23]
    assert [row["number"] for row in at_desk.archive.queries.current(other)] == [41]


def test_a_renamed_event_is_called_so(at_desk: Desk) -> None:
    event = event_of(at_desk, reading(dead(23)))
    do(at_desk, DecisionKind.RENAME, event, "The Meridian Queen")
    assert at_desk.archive.events.event_name(event) == "The Meridian Queen"


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (Decision(kind=DecisionKind.MERGE, event="EVENT", other="nowhere"), "nowhere: is no event that is known"),
        (Decision(kind=DecisionKind.MERGE, event="EVENT", other="EVENT"), "cannot be merged into itself"),
        (
            Decision(kind=DecisionKind.SPLIT, event="EVENT", other="", articles=("https://x.example/",)),
            "is no article of",
        ),
        (
            Decision(kind=DecisionKind.SPLIT, event="EVENT", other="", articles=("https://one.example/ferry",)),
            "would be left empty",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_a_sentence(at_desk: Desk, decision: Decision, told: str) -> None:
    event = event_of(at_desk, reading(dead(23)))
    other = decision.other.replace("EVENT", event)
    with pytest.raises(InputError, match=told):
        decide(at_desk.archive, replace(decision, event=event, other=other), hour(50))

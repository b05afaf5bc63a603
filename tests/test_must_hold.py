"""What must hold, whatever arrives: one test a sentence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from model import Cue, Kind, Level, Scope
from tests.build import hour
from tests.desk import Desk, dead, desk, reading


@pytest.fixture
def at_desk() -> Iterator[Desk]:
    made = desk()
    yield made
    made.archive.close()


def standing(at: Desk) -> list[tuple[str, int]]:
    (event,) = at.archive.queries.events()
    return [(row["source"], row["number"]) for row in at.archive.queries.current(event["id"])]


def test_feeding_an_article_twice_changes_nothing(at_desk: Desk) -> None:
    at_desk.take(reading(dead(23)))
    before = (standing(at_desk), at_desk.told(), at_desk.archive.queries.verdicts())
    assert at_desk.take(reading(dead(23)), at=9).changes == ()
    assert (standing(at_desk), at_desk.told(), at_desk.archive.queries.verdicts()) == before


def test_a_text_that_arrives_late_ends_where_it_would_have_ended_in_time(at_desk: Desk) -> None:
    """All orders of whole streams: tests/test_order.py."""
    at_desk.take(reading(dead(31), url="https://two.example/toll", at=6))
    late = at_desk.take(reading(dead(23)), at=9)
    assert [(change.kind, change.level) for change in late.changes] == [(Kind.STALE, Level.LOG)]
    assert standing(at_desk) == [("Coastguard", 31)]


def test_the_first_for_an_echo_is_the_earliest_published_whichever_came_first(at_desk: Desk) -> None:
    at_desk.take(reading(dead(23, source=None), url="https://copy.example/a", at=2))
    at_desk.take(reading(dead(23), url="https://wire.example/a", at=1), at=3)
    assert standing(at_desk) == [("Coastguard", 23)]


@pytest.mark.parametrize("scope", [Scope.PREVIOUS, Scope.BACKGROUND])
def test_previous_and_background_never_move_a_series(at_desk: Desk, scope: Scope) -> None:
    at_desk.take(reading(dead(23)))
    at_desk.take(reading(dead(700, scope=scope), url="https://two.example/x", at=1))
    assert standing(at_desk) == [("Coastguard", 23)]


def test_nothing_is_lowered_without_a_cue_an_edit_or_a_second_sighting(at_desk: Desk) -> None:
    at_desk.take(reading(dead(40)))
    at_desk.take(reading(dead(31), url="https://two.example/x", at=5))
    assert standing(at_desk) == [("Coastguard", 40)]
    at_desk.take(reading(dead(31, cue=Cue.LOWERED), url="https://three.example/x", at=6))
    assert standing(at_desk) == [("Coastguard", 31)]


def test_every_alert_names_its_quotes(at_desk: Desk) -> None:
    at_desk.take(reading(dead(23)))
    at_desk.take(reading(dead(41), url="https://two.example/x", at=5))
    first, second = (delivery.alert.changes[0] for delivery in at_desk.owed())
    assert ("23" in first.quote.text, first.quote.url) == (True, "https://one.example/ferry")
    assert second.previous_quote is not None
    assert ("41" in second.quote.text, "23" in second.previous_quote.text) == (True, True)


def test_two_numbers_of_one_text_are_no_movement(at_desk: Desk) -> None:
    at_desk.take(reading(dead(19)))
    taken = at_desk.take(reading(dead(2), dead(21), url="https://two.example/x", at=5))
    assert [change.to.claim.phrase for change in taken.changes if change.level is Level.NOW] == ["21"]
    assert all(change.previous is not None and change.previous.claim.phrase == "19" for change in taken.changes)


def test_what_is_derived_anew_tells_nothing(at_desk: Desk) -> None:
    at_desk.take(reading(dead(31), url="https://two.example/toll", at=6))
    at_desk.take(reading(dead(40), url="https://three.example/toll", at=7))
    owed = at_desk.told()
    at_desk.take(reading(dead(23)), at=9)
    at_desk.teller.release(hour(9))
    assert at_desk.told() == owed


def test_a_sentence_said_before_with_its_number_is_of_whoever_said_it_first(at_desk: Desk) -> None:
    """Told claim by claim: the rest of the second text is its own."""
    at_desk.take(reading(dead(23), url="https://wire.example/a"))
    own = "A ferry sank off Port Vessel in the Marran Strait on Sunday, and the harbour was closed for the night."
    taken = at_desk.take(reading(dead(23, source=None), url="https://two.example/x", at=5, lead=own))
    assert [change.kind for change in taken.changes] == [Kind.REPEAT]
    assert standing(at_desk) == [("Coastguard", 23)]

"""The timelines of an event: what each source said, once, as of when it was true."""

from __future__ import annotations

from model import Cue, Outcome, Qualifier, Who
from tests.build import hour
from tests.desk import Desk, dead, desk, reading


def event(of: Desk) -> str:
    return str(of.archive.queries.events()[0]["id"])


def test_each_source_says_a_figure_once() -> None:
    with_desk = desk()
    with_desk.take(reading(dead(12)), at=0)
    with_desk.take(reading(dead(12), url="https://two.example/ferry", at=2), at=2)
    with_desk.take(reading(dead(31, Qualifier.AT_LEAST), url="https://three.example/ferry", at=5), at=5)
    (line,) = with_desk.archive.queries.timeline_of(event(with_desk))
    assert [(point.number, point.qualifier, point.source) for point in line.points] == [
        (12, Qualifier.EXACT, "Coastguard"),
        (31, Qualifier.AT_LEAST, "Coastguard"),
    ]
    assert (line.outcome, line.who, line.subset) == (Outcome.KILLED, Who.PEOPLE, None)
    assert all(point.stands and not point.withdrawn for point in line.points)
    first = line.points[0]
    assert first.quote[slice(*first.mark)] == "12"


def test_the_gravest_and_largest_comes_first() -> None:
    with_desk = desk()
    with_desk.take(reading(dead(30, outcome=Outcome.INJURED), dead(4, who=Who.CHILDREN), dead(12), at=0), at=0)
    lines = with_desk.archive.queries.timeline_of(event(with_desk))
    assert [(line.outcome, line.who) for line in lines] == [
        (Outcome.KILLED, Who.PEOPLE),
        (Outcome.KILLED, Who.CHILDREN),
        (Outcome.INJURED, Who.PEOPLE),
    ]
    assert with_desk.archive.queries.timeline_of(event(with_desk), group=(Outcome.INJURED, Who.PEOPLE, None)) == [
        lines[2]
    ]


def test_what_was_seen_later_can_be_left_out() -> None:
    with_desk = desk()
    with_desk.take(reading(dead(12)), at=0)
    with_desk.take(reading(dead(31), url="https://two.example/ferry", at=5), at=6)
    (line,) = with_desk.archive.queries.timeline_of(event(with_desk), seen_by=hour(5.5))
    assert [point.number for point in line.points] == [12]


def test_what_is_unconfirmed_or_taken_back_says_so() -> None:
    with_desk = desk()
    with_desk.take(reading(dead(12)), at=0)
    with_desk.take(reading(dead(90, hedged=True, source="Relatives"), url="https://two.example/ferry", at=2), at=2)
    with_desk.take(reading(dead(12, cue=Cue.WITHDRAWN), url="https://three.example/ferry", at=4), at=4)
    (line,) = with_desk.archive.queries.timeline_of(event(with_desk))
    assert [(point.number, point.stands, point.withdrawn) for point in line.points] == [
        (12, True, False),
        (90, False, False),
        (12, True, True),
    ]


def test_an_outlet_in_its_own_voice_has_its_name() -> None:
    with_desk = desk()
    with_desk.take(reading(dead(12, source=None)), at=0)
    (line,) = with_desk.archive.queries.timeline_of(event(with_desk))
    assert line.points[0].source == line.points[0].outlet == "one.example"

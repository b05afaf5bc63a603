"""What stood at a time: as it was true, and as it was known."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import stood
from archive import Archive
from cli.replaying import EVERYTHING, read_entries
from deciding import decide
from model import Cue, Decision, DecisionKind, Reading, Rule
from monitor import Monitor, read_claims_of
from telling import Teller
from tests.build import hour
from tests.desk import Desk, dead, desk, reading
from tests.own_stream import STREAM

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
STREAMS = sorted((SHARED / "gold").glob("stream-*.jsonl"))
SHOWN = ("outcome", "who", "subset", "source", "party", "number", "phrase", "scope", "as_of", "as_of_precision", "url")

Stood = frozenset[tuple[object, ...]]


def shown(rows: Iterable[dict[str, Any]]) -> Stood:
    return frozenset(tuple(row[name] for name in SHOWN) for row in rows)


def now(archive: Archive) -> dict[str, Stood]:
    """What stands in each event now, as everybody who reads `current_figures` sees it."""
    events = [event["id"] for event in archive.queries.events()]
    return {event: shown(archive.queries.current(event)) for event in events if archive.queries.current(event)}


def then(archive: Archive, moment: datetime) -> dict[str, Stood]:
    events = [event["id"] for event in archive.queries.events(seen_by=moment)]
    stood_then = {event: stood.figures(archive, event, seen_by=moment) for event in events}
    return {event: shown(rows) for event, rows in stood_then.items() if rows}


def check_every_moment(archive: Archive, moments: dict[datetime, dict[str, Stood]]) -> None:
    for moment, showed in moments.items():
        assert then(archive, moment) == showed, moment


def take_all(arriving: Sequence[Reading]) -> None:
    """Take readings an hour apart, remember what stood after each, and ask for all of it in the end."""
    archive = Archive.in_memory()
    try:
        teller = Teller(archive, watches=[EVERYTHING], rules=[Rule(name="a", channels=("a",))], outlet_names={})
        monitor = Monitor(archive, watches=[EVERYTHING], teller=teller, since=lambda _: None)
        published = [one.article.published for one in arriving if one.article and one.article.published]
        moment, moments = max(published), dict[datetime, dict[str, Stood]]()
        for one in arriving:
            moment += timedelta(hours=1)
            monitor.take(one, fetched=moment)
            moments[moment] = now(archive)
        check_every_moment(archive, moments)
    finally:
        archive.close()


def readings(lines: str) -> list[Reading]:
    return [read_claims_of(entry.article.url, entry.article) for entry in read_entries(lines.splitlines(), "stream")]


def of_addresses_in_order(given: Sequence[Reading], chance: random.Random) -> list[Reading]:
    """The readings in any order, but each address's revisions in theirs."""
    places, of_address = list(range(len(given))), dict[str, list[Reading]]()
    chance.shuffle(places)
    for one in given:
        of_address.setdefault(one.page_url, []).append(one)
    return [of_address[given[place].page_url].pop(0) for place in places]


@pytest.mark.parametrize("seed", range(20))
def test_at_every_moment_of_our_stream_in_any_order_what_was_seen_by_then_is_what_was_shown_then(seed: int) -> None:
    take_all(of_addresses_in_order(readings(STREAM), random.Random(seed)))


@pytest.mark.skipif(not STREAMS, reason="the annotated streams are not beside this checkout")
@pytest.mark.parametrize("stream", STREAMS or [SHARED], ids=lambda stream: stream.stem)
def test_at_every_moment_of_an_annotated_stream_what_was_seen_by_then_is_what_was_shown_then(stream: Path) -> None:
    given = readings(stream.read_text(encoding="utf-8"))
    take_all(given)
    take_all(of_addresses_in_order(given, random.Random(1)))


def test_what_was_merged_or_split_later_stands_before_that_where_it_stood() -> None:
    at = desk()
    moments: dict[datetime, dict[str, Stood]] = {}

    def remember(hours: float) -> None:
        moments[hour(hours)] = now(at.archive)

    first = at.take(reading(dead(23))).event
    assert first is not None
    remember(0)
    at.take(reading(dead(31), url="https://two.example/ferry", at=5))
    remember(5)
    split = Decision(kind=DecisionKind.SPLIT, event=first, other="", articles=("https://two.example/ferry",))
    decide(at.archive, split, hour(10))
    at.monitor.decider.carry_out()
    remember(10)
    (other,) = moments[hour(10)].keys() - {first}
    decide(at.archive, Decision(kind=DecisionKind.MERGE, event=first, other=other), hour(20))
    at.monitor.decider.carry_out()
    remember(20)
    assert [len(showed) for showed in moments.values()] == [1, 1, 2, 1]
    check_every_moment(at.archive, moments)
    for seen_by, drawn in ((hour(5), [23, 31]), (hour(10), [23]), (hour(20), [])):
        timelines = at.archive.queries.timeline_of(first, seen_by=seen_by)
        assert [point.number for line in timelines for point in line.points] == drawn
        assert [row["number"] for row in at.archive.queries.timeline(first, seen_by=seen_by)] == drawn
        assert [row["number"] for row in at.archive.queries.timeline(first, seen_by=seen_by, last=1)] == drawn[-1:]
    at.archive.close()


def numbers(at: Desk, **times: datetime) -> list[int]:
    (event,) = [row["id"] for row in at.archive.queries.events()]
    return [row["number"] for row in stood.figures(at.archive, event, **times)]


def test_what_arrives_late_was_true_then_but_not_known_then() -> None:
    at = desk()
    at.take(reading(dead(23), at=0))
    at.take(reading(dead(41), url="https://two.example/ferry", at=20))
    at.take(reading(dead(31), url="https://three.example/ferry", at=10), at=30)
    assert numbers(at, as_of=hour(12)) == [31]
    assert numbers(at, as_of=hour(12), seen_by=hour(25)) == [23]
    assert numbers(at, seen_by=hour(12)) == [23]
    assert numbers(at, seen_by=hour(35)) == numbers(at) == [41]
    assert numbers(at, as_of=hour(-1)) == []
    at.archive.close()


def test_a_withdrawn_figure_stood_until_it_was_withdrawn() -> None:
    at = desk()
    at.take(reading(dead(23), at=0))
    at.take(reading(dead(23, cue=Cue.WITHDRAWN), url="https://two.example/ferry", at=10))
    assert numbers(at, seen_by=hour(9)) == numbers(at, as_of=hour(9)) == [23]
    assert numbers(at) == numbers(at, seen_by=hour(10)) == numbers(at, as_of=hour(10)) == []
    at.archive.close()


def test_an_edited_figure_stood_until_the_edit_was_seen() -> None:
    at = desk()
    at.take(reading(dead(23), at=0))
    at.take(reading(dead(31), at=0), at=10)
    assert numbers(at, seen_by=hour(9)) == [23]
    assert numbers(at, seen_by=hour(10)) == [31]
    at.archive.close()


def test_what_was_fetched_earlier_and_taken_later_never_stands_beside_what_it_replaced() -> None:
    at = desk()
    at.take(reading(dead(23), at=0), at=1.0)
    at.take(reading(dead(41), url="https://two.example/ferry", at=0.5), at=0.9)
    assert numbers(at, seen_by=hour(0.8)) == []
    assert numbers(at, seen_by=hour(0.95)) == numbers(at, seen_by=hour(1)) == numbers(at) == [41]
    at.archive.close()


def test_the_timeline_leaves_out_what_was_true_or_known_later() -> None:
    at = desk()
    at.take(reading(dead(23), at=0))
    at.take(reading(dead(41), url="https://two.example/ferry", at=20))
    (event,) = [row["id"] for row in at.archive.queries.events()]

    def told(as_of: datetime | None = None, seen_by: datetime | None = None) -> list[int]:
        return [row["number"] for row in at.archive.queries.timeline(event, as_of=as_of, seen_by=seen_by)]

    assert told() == told(seen_by=hour(20)) == [23, 41]
    assert told(as_of=hour(19)) == told(seen_by=hour(19)) == [23]
    at.archive.close()

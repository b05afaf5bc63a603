"""Whatever order texts arrive in, they end in the same events and the same figures."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from archive import Archive
from cli.replaying import EVERYTHING, Entry, read_entries
from extract.case import Names
from model import Reading, Rule
from monitor import Monitor, read_claims_of
from telling import Teller
from tests.own_stream import STREAM

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
STREAMS = sorted((SHARED / "gold").glob("stream-*.jsonl"))
ORDERS = 50
DESK = Rule(name="desk", channels=("desk",))

State = tuple[frozenset[frozenset[str]], frozenset[tuple[object, ...]]]


def readings(entries: Iterable[Entry]) -> list[Reading]:
    return [read_claims_of(entry.article.url, entry.article) for entry in entries]


def state_after(arrived: Sequence[Reading], *, restarts: bool = False) -> State:
    """The events as sets of addresses, and what stands in each; with `restarts` all but the archive begins anew."""
    archive = Archive.in_memory()
    try:
        monitor = _monitor(archive)
        for reading in arrived:
            seen = None if reading.article is None else reading.article.published
            assert seen is not None
            monitor = _monitor(archive) if restarts else monitor
            monitor.take(reading, fetched=seen)
        return _state(archive)
    finally:
        archive.close()


def _monitor(archive: Archive) -> Monitor:
    teller = Teller(archive, watches=[EVERYTHING], rules=[DESK], outlet_names={})
    return Monitor(archive, watches=[EVERYTHING], teller=teller, since=lambda _: None)


def _state(archive: Archive) -> State:
    shown = ("outcome", "who", "subset", "source", "phrase", "url", "as_of")
    events = {event["id"]: archive.queries.addresses(event["id"]) for event in archive.queries.events()}
    figures = frozenset(
        (frozenset(addresses), *(row[name] for name in shown))
        for event, addresses in events.items()
        for row in archive.queries.current(event)
    )
    return frozenset(frozenset(addresses) for addresses in events.values() if addresses), figures


def shuffled(given: Sequence[Reading], chance: random.Random) -> list[Reading]:
    """The readings in another order, but each address's revisions in theirs."""
    places = list(range(len(given)))
    chance.shuffle(places)
    of_address: dict[str, list[Reading]] = {}
    for reading in given:
        of_address.setdefault(reading.page_url, []).append(reading)
    return [of_address[given[place].page_url].pop(0) for place in places]


def check(given: Sequence[Reading]) -> None:
    expected, chance = state_after(given), random.Random(4)
    for _ in range(ORDERS):
        assert state_after(shuffled(given, chance)) == expected


def test_our_own_stream_ends_the_same_in_any_order() -> None:
    check(readings(read_entries(STREAM.splitlines(), "own stream")))


@pytest.mark.skipif(not STREAMS, reason="the annotated streams are not beside this checkout")
@pytest.mark.parametrize("stream", STREAMS or [SHARED], ids=lambda stream: stream.stem)
def test_an_annotated_stream_ends_the_same_in_any_order(stream: Path) -> None:
    check(readings(read_entries(stream.read_text(encoding="utf-8").splitlines(), stream.name)))


def test_a_restart_after_every_text_changes_nothing() -> None:
    given = readings(read_entries(STREAM.splitlines(), "own stream"))
    expected, chance = state_after(given), random.Random(7)
    assert state_after(given, restarts=True) == expected
    for _ in range(10):
        assert state_after(shuffled(given, chance), restarts=True) == expected


def test_the_names_at_hand_are_those_of_the_archive_in_whatever_order_texts_came() -> None:
    given, chance = readings(read_entries(STREAM.splitlines(), "own stream")), random.Random(8)
    for _ in range(10):
        archive = Archive.in_memory()
        monitor = _monitor(archive)
        for reading in shuffled(given, chance):
            assert reading.article is not None
            assert reading.article.published is not None
            event = monitor.take(reading, fetched=reading.article.published).event
            if event is not None:
                assert monitor._views.of(event).names == Names.of(archive.knowledge.names(event))
        archive.close()

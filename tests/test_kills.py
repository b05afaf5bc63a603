"""Killed at random moments while its receivers fail, the courier loses no alert and keeps each one's id and place."""

from __future__ import annotations

from pathlib import Path

from bench.kills import counted, trial
from bench.post_office import CHANNELS, Arrival

OWED = [("a1", "a"), ("b1", "b"), ("a2", "a"), ("digest", None)]


def arrivals(*ids: str) -> list[Arrival]:
    return [Arrival(id=each, content=each) for each in ids]


async def test_killed_at_random_moments_it_delivers_every_alert_under_one_id_and_in_order(tmp_path: Path) -> None:
    figures = await trial(tmp_path / "tollwatch.db", alerts=20, kills=12, seed=1)
    assert figures.alerts >= 20
    assert figures.kills == 12
    assert figures.events < figures.alerts
    for name in CHANNELS:
        counts = figures.channels[name]
        assert counts.alerts == figures.alerts
        assert (counts.lost, counts.out_of_order, counts.under_another_id) == (0, 0, 0)


def test_a_repeat_is_no_second_alert() -> None:
    counts = counted(OWED, arrivals("a1", "a1", "b1", "a2", "digest"))
    assert (counts.arrivals, counts.alerts, counts.repeats, counts.lost) == (5, 4, 1, 0)


def test_an_alert_that_comes_after_a_later_one_of_its_event_is_out_of_order() -> None:
    assert counted(OWED, arrivals("a2", "b1", "a1", "a2", "digest")).out_of_order == 1
    assert counted(OWED, arrivals("digest", "a1", "a2", "b1")).out_of_order == 0


def test_what_never_came_is_lost_and_what_came_under_two_ids_is_counted() -> None:
    counts = counted(OWED, [*arrivals("a1", "b1", "a2"), Arrival(id="another", content="a1")])
    assert (counts.lost, counts.under_another_id) == (1, 1)

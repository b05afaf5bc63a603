"""Timelines made by hand."""

from __future__ import annotations

from typing import Any

from model import Outcome, Qualifier, Timeline, TimelinePoint, Who
from tests.build import hour


def point(n: int, at: float = 0, qualifier: Qualifier = Qualifier.EXACT, **fields: Any) -> TimelinePoint:
    """A figure of the coastguard's, true `at` hours after the start of the story."""
    quote = f"The coastguard counts {n:,} dead, its spokesman said at the quay."
    mark = (quote.index(f"{n:,}"), quote.index(" dead"))
    values: dict[str, Any] = {
        "as_of": hour(at),
        "seen": hour(at),
        "low": None if qualifier is Qualifier.UP_TO else n,
        "high": n if qualifier in {Qualifier.EXACT, Qualifier.UP_TO} else None,
        "number": n,
        "qualifier": qualifier,
        "hedged": False,
        "source": "Coastguard",
        "outlet": "The Daily",
        "url": "https://one.example/ferry",
        "quote": quote,
        "figure_id": n,
        "phrase": f"{n}",
        "mark": mark,
    }
    return TimelinePoint(**{**values, **fields})


def timeline(*points: TimelinePoint, **fields: Any) -> Timeline:
    """A timeline of the people killed by a ferry's sinking."""
    values: dict[str, Any] = {
        "event": "ferry",
        "event_name": "Ferry off Port Vessel",
        "outcome": Outcome.KILLED,
        "who": Who.PEOPLE,
        "subset": None,
        "points": tuple(sorted(points, key=lambda one: one.as_of)),
    }
    return Timeline(**{**values, **fields})


COURSE = timeline(
    point(12),
    point(31, 3, Qualifier.AT_LEAST),
    point(1_045, 9),
    point(998, 12),
    point(60, 5, source="harbour police"),
    point(60, 10, source="harbour police", withdrawn=True),
    point(4_000, 8, Qualifier.UP_TO, source="Relatives", hedged=True, stands=False),
)

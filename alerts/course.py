"""The course of a figure in words: what a picture of it shows, for its legend and for who cannot see it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from alerts.wording import GROUPS, NAME_LENGTH, OUTCOMES, as_written, clean, counted, cut, said
from model import Qualifier, Timeline, TimelinePoint, Value

MOST_SAID = 12  # figures of one source in a description; what listens to it should not have to hear more
_DESCRIPTION_LENGTH = 900

_SHORT = {
    Qualifier.AT_LEAST: "{:,}+",
    Qualifier.MORE_THAN: "{:,}+",
    Qualifier.ABOUT: "~{:,}",
    Qualifier.UP_TO: "≤{:,}",
    Qualifier.FEWER_THAN: "<{:,}",
}


def counts(timeline: Timeline) -> str:
    """Return what is counted: `civilians killed`, `people injured (Nepali)`."""
    subset = f" ({clean(timeline.subset, NAME_LENGTH)})" if timeline.subset else ""
    return f"{GROUPS[timeline.who]} {OUTCOMES[timeline.outcome]}{subset}"


def short(point: TimelinePoint) -> str:
    """Return the number in as few signs as a mark in a picture has room for: `973+`, `~40`, `10–15`, `dozens`."""
    if point.qualifier in {Qualifier.RANGE, Qualifier.VAGUE}:
        return in_words(point)
    return _SHORT.get(point.qualifier, "{:,}").format(point.number)


def in_words(point: TimelinePoint) -> str:
    """Return the number as it was said: `at least 973`."""
    return said(
        Value(
            low=point.low,
            high=point.high,
            qualifier=point.qualifier,
            phrase=point.phrase or f"{point.number:,}",
            anchor=point.number,
        )
    )


def state(point: TimelinePoint) -> str:
    """Return what is to be said beside a number: `unconfirmed`, `taken back`, or nothing."""
    if point.withdrawn:
        return "taken back"
    return "" if point.stands else "unconfirmed"


def speaker(point: TimelinePoint) -> str:
    """Return who says so, as a name is written."""
    return clean(as_written(point.source), NAME_LENGTH)


def time_of(point: TimelinePoint) -> str:
    """Return when a figure was true: `10 March 2025, 14:00 UTC`."""
    at = point.as_of.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def by_source(timeline: Timeline) -> dict[str, list[TimelinePoint]]:
    """Return each source's points; the source that speaks last comes last."""
    sources: dict[str, list[TimelinePoint]] = {}
    for point in timeline.points:
        sources.setdefault(speaker(point), []).append(point)
    return dict(sorted(sources.items(), key=lambda of: of[1][-1].as_of))


def describe(timeline: Timeline) -> str:
    """Return the whole course in sentences, for a reader who does not see the picture."""
    head = f"{counts(timeline)} over time, {clean(timeline.event_name, NAME_LENGTH)}."
    return " ".join([head[:1].upper() + head[1:], *_sentences(timeline)])


def cut_description(timeline: Timeline) -> str:
    """Return the course in at most as many characters as are read out in place of a picture."""
    return cut(describe(timeline), _DESCRIPTION_LENGTH)


def _sentences(timeline: Timeline) -> Iterator[str]:
    for source, points in by_source(timeline).items():
        left = len(points) - MOST_SAID
        more = f"; after {counted(left, 'earlier figure')}" if left > 0 else ""
        yield f"{source}: {'; '.join(map(_said_at, points[-MOST_SAID:]))}{more}."


def _said_at(point: TimelinePoint) -> str:
    beside = f", {state(point)}" if state(point) else ""
    return f"{in_words(point)}{beside} as of {time_of(point)}"

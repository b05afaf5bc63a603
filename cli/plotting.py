"""The timeline of an event as a picture in a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import plot
from alerts.course import counts
from archive import Archive
from archive.queries import DRAWN_OF
from model import InputError, Timeline

_MOST_NAMED = 6  # events in a message; more are a list, which `tollwatch timeline` shows


def draw(
    archive: Archive,
    what: str,
    output: Path,
    *,
    group: str | None,
    dark: bool,
    as_of: datetime | None = None,
    seen_by: datetime | None = None,
) -> str:
    """Draw into `output` what was true by `as_of` and known by `seen_by`; say what was drawn, and what else could be.

    Raises InputError where the event, the group or the file cannot be used.
    """
    last = DRAWN_OF if as_of is None else -1
    timelines = archive.queries.timeline_of(_event(archive, what, seen_by), as_of=as_of, seen_by=seen_by, last=last)
    if not timelines:
        raise InputError(where=what, what="has no figures yet", remedy="`tollwatch timeline` lists the other events")
    chosen = _chosen(what, timelines, group)
    if output.suffix.lower() not in {".svg", ".png"}:
        raise InputError(where=str(output), what="is no kind of picture that is drawn", remedy="end it in .svg or .png")
    try:
        output.write_bytes(
            plot.svg(chosen, dark=dark) if output.suffix.lower() == ".svg" else plot.png(chosen, dark=dark)
        )
    except OSError as error:
        why = f"cannot be written ({error.strerror or error})"
        raise InputError(where=str(output), what=why, remedy="name another file with -o") from error
    others = ", ".join(counts(timeline) for timeline in timelines if timeline is not chosen)
    also = f"; --group draws one of: {others}" if others else ""
    return f"{output}: {counts(chosen)}, {chosen.event_name}{also}"


def _event(archive: Archive, what: str, seen_by: datetime | None) -> str:
    events = archive.queries.events(what, seen_by=seen_by)
    exact = [event for event in events if what in {event["id"], event["name"]}]
    if len(events) == 1 or exact:
        return str((exact or events)[0]["id"])
    if not events:
        raise InputError(where=what, what="is no event that is known", remedy="`tollwatch timeline` lists them")
    ids = ", ".join(event["id"] for event in events[:_MOST_NAMED])
    raise InputError(where=what, what=f"fits {len(events)} events", remedy=f"name one by its id: {ids}")


def _chosen(what: str, timelines: Sequence[Timeline], group: str | None) -> Timeline:
    for timeline in timelines:
        if group is None or counts(timeline).casefold() == group.casefold():
            return timeline
    known = ", ".join(f'"{counts(timeline)}"' for timeline in timelines)
    raise InputError(where=what, what=f"has no figures of {group!r}", remedy=f"--group takes {known}")

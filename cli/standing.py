"""How each outlet does, for `tollwatch status`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from archive import Archive
from config import Config
from crawler.condition import condition
from model import SourceHealth, SourceState


def sources(archive: Archive) -> list[SourceHealth]:
    """The condition of every outlet that is polled, by its id."""
    now = datetime.now(UTC)
    return [condition(record, now) for record in archive.queries.source_records()]


def channels(archive: Archive, config: Config) -> list[dict[str, Any]]:
    """How each channel does; one that was never owed anything too."""
    known = {row["channel"]: row for row in archive.queries.channels()}
    nothing = {"delivered": 0, "owed": 0, "dead": 0, "next_try": None, "last_error": None}
    names = dict.fromkeys([*(each.name for each in config.channels), *known])
    return [known.get(name) or {"channel": name, **nothing} for name in names]


def is_well(source: SourceHealth) -> bool:
    """Whether an outlet needs nobody's attention."""
    return source.state in (SourceState.WELL, SourceState.NEW)


def rows(found: Iterable[SourceHealth]) -> list[dict[str, Any]]:
    """A row an outlet, for a table or JSON."""
    return [
        {
            "outlet": source.outlet,
            "name": source.name,
            "state": str(source.state),
            "since": f"{source.since:%Y-%m-%dT%H:%M:%SZ}" if source.since else None,
            "why": source.why,
        }
        for source in found
    ]

"""Events handed over to other databases: CSV, JSON, JSON Lines, HXL-tagged CSV, a table of minima and maxima.

The HXL is of version 1.1 (hxlstandard.org): a row of hashtags right after the headers, its core hashtags only, dates in
ISO 8601, a column for each outcome. The minima and maxima are laid out as Iraq Body Count publishes them: of each group
the lowest and the highest that any source stands by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import IO, Any

import stood
from archive import Archive
from archive.queries import Answer
from archive.spreadsheets import write, write_plain

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """Up to when figures were true, and known."""

    as_of: datetime | None = None
    seen_by: datetime | None = None


_WITHOUT_LOWER_BOUND = ("up_to", "fewer_than")
_GROUP = ("event", "event_name", "outcome", "who", "subset")

# A figure's column -> its header and hashtag; the columns of the outcomes stand before the others.
_HXL = {
    "event": ("Event", "#event+id"),
    "event_name": ("Event name", "#event+name"),
    "as_of": ("True as of", "#date+as_of"),
    "published": ("Published", "#date+reported"),
    "seen": ("Known since", "#date+seen"),
    "who": ("Group", "#group+type"),
    "subset": ("Of them", "#group+subset"),
    "low": ("At least", "#affected+min"),
    "high": ("At most", "#affected+max"),
    "qualifier": ("Bound", "#meta+qualifier"),
    "hedged": ("Unconfirmed", "#status+unconfirmed"),
    "kind": ("Verdict", "#status+verdict"),
    "source": ("Source", "#meta+source+name"),
    "party": ("Party", "#meta+source+party"),
    "outlet": ("Outlet", "#meta+outlet"),
    "url": ("Article", "#meta+url"),
    "quote": ("Quote", "#description+quote"),
}


def export(archive: Archive, events: Answer, form: str, out: IO[str], times: Times) -> None:
    """Write events in one of `FORMATS`; `times` bounds what counts."""
    FORMATS[form](archive, [event["id"] for event in events], out, times)


def _history(archive: Archive, events: Sequence[str], times: Times, *, everything: bool) -> list[Row]:
    return [
        row
        for event in events
        for row in archive.queries.timeline(event, all_verdicts=everything, as_of=times.as_of, seen_by=times.seen_by)
    ]


def _csv(archive: Archive, events: Sequence[str], out: IO[str], times: Times) -> None:
    rows = _history(archive, events, times, everything=True)
    write(rows, archive.queries.columns()["figure_history"], out)


def _json(archive: Archive, events: Sequence[str], out: IO[str], times: Times) -> None:
    json.dump(_history(archive, events, times, everything=True), out, ensure_ascii=False, indent=2)
    out.write("\n")


def _jsonl(archive: Archive, events: Sequence[str], out: IO[str], times: Times) -> None:
    for row in _history(archive, events, times, everything=True):
        out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _hxl(archive: Archive, events: Sequence[str], out: IO[str], times: Times) -> None:
    rows = [row for row in _history(archive, events, times, everything=False) if row["scope"] == "total"]
    outcomes = sorted({row["outcome"] for row in rows})
    headers = [outcome.capitalize() for outcome in outcomes] + [header for header, _ in _HXL.values()]
    hashtags = [f"#affected+{outcome}" for outcome in outcomes] + [hashtag for _, hashtag in _HXL.values()]
    cells = (
        [
            *(row["number"] if row["outcome"] == outcome else None for outcome in outcomes),
            *(_tidy(row[name]) for name in _HXL),
        ]
        for row in rows
    )
    # The hashtags are no formulas: a spreadsheet takes `#` for text.
    write_plain([headers, hashtags, *cells], out)


def _tidy(value: object) -> object:
    """A value without the white space that HXL's own checks find sloppy."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _minima(archive: Archive, events: Sequence[str], out: IO[str], times: Times) -> None:
    rows: list[dict[str, Any]] = []
    for event in events:
        standing = stood.figures(archive, event, as_of=times.as_of, seen_by=times.seen_by)
        by_group = sorted(standing, key=lambda row: [row[name] or "" for name in _GROUP])
        for _, group in groupby(by_group, key=lambda row: [row[name] for name in _GROUP]):
            rows.append(_minimum_and_maximum(list(group)))
    columns = (
        *_GROUP, "min", "max", "unconfirmed_max", "sources", "parties", "figures_from", "figures_to", "outlets", "urls",
    )  # fmt: skip
    write(rows, columns, out)


def _minimum_and_maximum(group: Sequence[Row]) -> dict[str, Any]:
    """What all sources of a group say together; unconfirmed figures are set apart."""
    firm, unsure = [row for row in group if not row["hedged"]], [row for row in group if row["hedged"]]
    said = firm or unsure
    return {
        **{name: group[0][name] for name in _GROUP},
        "min": min(map(_least, firm)) if firm else None,
        "max": max(map(_most, firm)) if firm else None,
        "unconfirmed_max": max(map(_most, unsure)) if unsure else None,
        "sources": _listed(row["source"].removeprefix("outlet:") for row in said),
        "parties": len({row["party"] for row in said}),
        "figures_from": min(row["as_of"] for row in said),
        "figures_to": max(row["as_of"] for row in said),
        "outlets": _listed(row["outlet"] for row in said),
        "urls": _listed(row["url"] for row in said),
    }


def _least(row: Row) -> int:
    if row["low"] is not None:
        return int(row["low"])
    return 0 if row["qualifier"] in _WITHOUT_LOWER_BOUND else int(row["number"])


def _most(row: Row) -> int:
    """The most that a source says; `at least 40` says no more than 40."""
    return int(row["high"]) if row["high"] is not None else max(int(row["number"]), _least(row))


def _listed(names: Iterable[str]) -> str:
    return "; ".join(sorted(set(names)))


Writer = Callable[[Archive, Sequence[str], IO[str], Times], None]
FORMATS: Mapping[str, Writer] = {"csv": _csv, "json": _json, "jsonl": _jsonl, "hxl": _hxl, "ibc": _minima}

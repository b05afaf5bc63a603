"""Values to rows and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from model import (
    Change,
    Claim,
    Cue,
    Figure,
    Kind,
    Lead,
    Level,
    Listing,
    ListingKind,
    Outcome,
    Precision,
    Qualifier,
    Scope,
    SeriesKey,
    Vague,
    Via,
    Who,
)

Row = sqlite3.Row

_ENUMS: Mapping[str, type[Any]] = {
    "qualifier": Qualifier,
    "vague": Vague,
    "outcome": Outcome,
    "who": Who,
    "scope": Scope,
    "as_of_precision": Precision,
    "cue": Cue,
}
# To look a member up takes a fifth of the time that its enum takes to find it: an event has thousands of figures.
_MEMBERS = tuple((name, {None: None, **{member.value: member for member in enum}}) for name, enum in _ENUMS.items())
CLAIM_COLUMNS = tuple(field.name for field in fields(Claim))
_CLAIM_NAMES = tuple((name, f"c_{name}") for name in CLAIM_COLUMNS)


def marks(values: Sequence[object]) -> str:
    """As many placeholders as there are values."""
    return ", ".join("?" for _ in values)


def insert(db: Database, table: str, **columns: object) -> int:
    """Add a row; returns its id."""
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks(list(columns))})", list(columns.values()))
    if cursor.lastrowid is None:  # only a statement that is no INSERT has none
        raise AssertionError(table)
    return cursor.lastrowid


def to_text(moment: datetime | None) -> str | None:
    """An aware time as the archive writes it."""
    return None if moment is None else text(moment)


@lru_cache(maxsize=1024)  # an article's rows hold the same few times over and over
def text(moment: datetime) -> str:
    """The same for a time that is always there."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(written: str) -> datetime:
    """A time out of the archive."""
    return datetime.fromisoformat(written)


def to_moment(written: str | None) -> datetime | None:
    """The same for a column that may be empty."""
    return None if written is None else datetime.fromisoformat(written)


def claim_to_row(claim: Claim) -> dict[str, object]:
    """A claim's columns."""
    row: dict[str, object] = {name: getattr(claim, name) for name in CLAIM_COLUMNS}
    row["as_of"] = to_text(claim.as_of)
    return row


def row_to_claim(row: Row) -> Claim:
    """A claim out of a row that has its columns; any column that the row gives another name starts with `c_`."""
    values: dict[str, Any] = {name: row[column] for name, column in _CLAIM_NAMES}
    for name, members in _MEMBERS:
        values[name] = members[values[name]]
    values["as_of"] = to_moment(values["as_of"])
    values["hedged"], values["denied"] = bool(values["hedged"]), bool(values["denied"])
    return Claim(**values)


CLAIM_SELECT = ", ".join(f"c.{name} AS c_{name}" for name in CLAIM_COLUMNS)
FIGURE_SELECT = f"""{CLAIM_SELECT}, f.id AS f_id, f.source AS f_source, f.party, f.dated, f.edited, f.doubtful, f.quote,
    f.mark_start, f.mark_end, f.as_of AS f_as_of, f.as_of_precision AS f_as_of_precision, f.cue AS f_cue, f.scope AS f_scope, f.seen, f.published, f.revision_id,
    a.url AS a_url, a.outlet AS a_outlet"""
FIGURE_FROM = "figures f JOIN claims c ON c.id = f.claim_id JOIN articles a ON a.id = f.article_id"


def row_to_figure(row: Row) -> Figure:
    """A figure out of a row selected by FIGURE_SELECT."""
    # An article's other claims may have told whose the number is and how it moved: the figure knows, the claim does not.
    source = None if row["f_source"].startswith("outlet:") else row["f_source"]
    claim = replace(row_to_claim(row), cue=Cue(row["f_cue"]), scope=Scope(row["f_scope"]), source=source)
    return Figure(
        claim=claim,
        source=row["f_source"],
        party=row["party"],
        dated=bool(row["dated"]),
        edited=bool(row["edited"]),
        doubtful=bool(row["doubtful"]),
        article_url=row["a_url"],
        outlet=row["a_outlet"],
        quote=row["quote"],
        quote_mark=(row["mark_start"], row["mark_end"]),
        as_of=moment(row["f_as_of"]),
        as_of_precision=Precision(row["f_as_of_precision"]),
        seen=moment(row["seen"]),
        published=to_moment(row["published"]),
        revision_id=row["revision_id"],
        id=row["f_id"],
    )


def read_figures(db: Database, where: str, values: Sequence[object]) -> list[Figure]:
    """The figures that fit a condition, as they were added."""
    rows = db.execute(f"SELECT {FIGURE_SELECT} FROM {FIGURE_FROM} WHERE {where} ORDER BY f.id", list(values))
    return [row_to_figure(row) for row in rows]


def row_to_key(row: Row) -> SeriesKey:
    """A series' key out of its row."""
    return SeriesKey(
        event=row["event"],
        outcome=Outcome(row["outcome"]),
        who=Who(row["who"]),
        subset=row["subset"],
        source=row["source"],
    )


def row_to_listing(row: Row) -> Listing:
    """A polled address out of its row."""
    return Listing(
        url=row["url"],
        outlet=row["outlet"],
        kind=ListingKind(row["kind"]),
        every=timedelta(seconds=row["every_s"]),
        slowest=timedelta(seconds=row["slowest_s"]),
        moved_to=row["moved_to"],
        gap=None if row["gap_s"] is None else timedelta(seconds=row["gap_s"]),
        last_news=to_moment(row["last_news"]),
        link_pattern=row["link_pattern"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=row["body_hash"],
        due=to_moment(row["due"]),
        failures=row["failures"],
        first_polled=to_moment(row["first_polled"]),
        last_success=to_moment(row["last_success"]),
    )


def row_to_lead(row: Row) -> Lead:
    """An address to fetch out of the frontier."""
    return Lead(
        url=row["url"],
        key=row["key"],
        outlet=row["outlet"],
        via=Via(row["via"]),
        found=moment(row["found"]),
        title=row["title"],
        published=to_moment(row["published"]),
        guid=row["guid"],
    )


def change_from(row: Row, *, key: SeriesKey, to: Figure, previous: Figure | None) -> Change:
    """A verdict out of its row and the figures that it speaks of."""
    return Change(
        kind=Kind(row["kind"]),
        level=Level(row["level"]),
        series=key,
        to=to,
        previous=previous,
        row=row["row"],
        reason=row["reason"],
        attached=tuple(Kind(kind) for kind in row["attached"].split()),
        silent_edit=bool(row["silent_edit"]),
    )

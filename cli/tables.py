"""Rows as tables for a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.wording import as_written
from archive.spreadsheets import write

_PIPE_WIDTH = 160
_TIMES = frozenset({"next_try", "created", "last_seen", "as_of", "stated", "opened", "last_success"})
_MOVES = {
    "raised": "red",
    "new": "bold",
    "firmed": "bold",
    "lowered": "cyan",
    "withdrawn": "cyan",
    "contradicted": "yellow",
}


def _cell(column: str, value: object) -> Text:
    if value is None:
        return Text("–", style="dim")
    text = str(value)
    return Text(_minute(text) if column in _TIMES else text, style=_MOVES.get(text, ""))


def show(rows: Sequence[Mapping[str, Any]], form: str | None, columns: Sequence[str], title: str = "") -> None:
    """A table of the columns on a terminal; all of the rows as JSON or CSV for machines."""
    if form == "json":
        print(json.dumps(list(rows), ensure_ascii=False, indent=2))
    elif form == "csv":
        write(rows, list(rows[0]) if rows else columns, sys.stdout)
    else:
        print_table(rows, columns, title)


def print_table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str = "", *, header: bool = True
) -> None:
    """Print rows under the given columns; nothing of the rows is taken for markup."""
    table = Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
        show_header=header,
    )
    for column in columns:
        numeric = column in ("figure", "attempts", "failures", "articles", "figures", "outlets")
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(column, row.get(column)) for column in columns))
    # A pipe has no width of its own: what is piped must not be folded at 80 columns.
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    console.print(table)
    console.print()


_WORDS = {
    "at_least": "at least ", "more_than": "more than ", "about": "about ", "up_to": "up to ",
    "fewer_than": "fewer than ",
}  # fmt: skip


def timeline_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Figures as people read them: when, what, how many, who says so, and the verdict."""
    return [
        {
            "as of": _minute(row["as_of"]),
            "seen": _minute(row["seen"]),
            "what": " ".join(filter(None, (row["who"].replace("_", " "), row["subset"], row["outcome"]))),
            "figure": _figure(row),
            "source": as_written(row["source"].removeprefix("outlet:")),
            "outlet": row["outlet"],
            "verdict": (row["kind"] or "").replace("_", " "),
            "no": row["change_id"],
        }
        for row in rows
    ]


def source_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who counts in an event as people read it."""
    return [
        {
            "source": as_written(row["source"].removeprefix("outlet:")),
            "party": as_written(row["party"].removeprefix("outlet:")),
            "figures": row["figures"],
            "outlets": row["outlets"],
            "first as of": _minute(row["first_as_of"]),
            "last as of": _minute(row["last_as_of"]),
        }
        for row in rows
    ]


def _minute(time: str) -> str:
    return f"{time[:10]} {time[11:16]}"


def _figure(row: Mapping[str, Any]) -> str:
    if row["qualifier"] == "vague":
        number = row["phrase"]
    elif row["qualifier"] == "range":
        number = f"{row['low']:,}–{row['high']:,}"
    else:
        number = f"{row['number']:,}"
    return f"{_WORDS.get(row['qualifier'], '')}{number}{' (unconfirmed)' if row['hedged'] else ''}"

"""Rows as tables for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.wording import as_written

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
    return Text(f"{text[:10]} {text[11:16]}" if column in _TIMES else text, style=_MOVES.get(text, ""))


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
        numeric = column in ("figure", "attempts", "failures", "articles")
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
            "as of": f"{row['as_of'][:10]} {row['as_of'][11:16]}",
            "what": " ".join(filter(None, (row["who"].replace("_", " "), row["subset"], row["outcome"]))),
            "figure": _figure(row),
            "source": as_written(row["source"].removeprefix("outlet:")),
            "outlet": row["outlet"],
            "verdict": (row["kind"] or "").replace("_", " "),
            "no": row["change_id"],
        }
        for row in rows
    ]


def _figure(row: Mapping[str, Any]) -> str:
    if row["qualifier"] == "vague":
        number = row["phrase"]
    elif row["qualifier"] == "range":
        number = f"{row['low']:,}–{row['high']:,}"
    else:
        number = f"{row['number']:,}"
    return f"{_WORDS.get(row['qualifier'], '')}{number}{' (unconfirmed)' if row['hedged'] else ''}"

"""One verdict, explained: its row of the decision table, both sentences, both intervals, the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isinf
from typing import Any

import click

from extract.compare import TITLES
from extract.edits import Edit
from extract.intervals import interval
from model import Change, Figure

_TOLD = {"now": "at once", "digest": "in the next digest", "log": "kept, not told"}


def as_rows(change: Change, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The verdict for machines."""
    return {
        "kind": change.kind,
        "attached": list(change.attached),
        "level": change.level,
        "row": change.row,
        "row_says": [TITLES[row] for row in change.row.split(", ")],
        "reason": change.reason,
        "silent_edit": change.silent_edit,
        "event": change.series.event,
        "outcome": change.series.outcome,
        "who": change.series.who,
        "subset": change.series.subset,
        "source": change.series.source,
        "to": _figure(change.to),
        "from": None if change.previous is None else _figure(change.previous),
        **(dict(told[0]) if told else {}),
    }


def as_cells(rows: Mapping[str, Any]) -> dict[str, object]:
    """The same as one row of a table: a figure's columns begin with `to_` and `from_`, lists are parted by spaces."""
    cells: dict[str, object] = {}
    for name, value in rows.items():
        parts = {f"{name}_{part}": one for part, one in value.items()} if isinstance(value, dict) else {name: value}
        cells |= {k: " ".join(map(str, v)) if isinstance(v, list) else v for k, v in parts.items()}
    return cells


def _figure(figure: Figure) -> dict[str, Any]:
    claim, reach = figure.claim, interval(figure.claim)
    return {
        "phrase": claim.phrase,
        "qualifier": claim.qualifier,
        "interval": [reach.low, None if isinf(reach.high) else reach.high],
        "scope": claim.scope,
        "hedged": claim.hedged,
        "rule": claim.rule,
        "source": figure.source,
        "as_of": figure.as_of.isoformat(),
        "as_of_precision": figure.as_of_precision,
        "published": None if figure.published is None else figure.published.isoformat(),
        "seen": figure.seen.isoformat(),
        "outlet": figure.outlet,
        "url": figure.article_url,
        "quote": figure.quote,
        "mark": list(figure.quote_mark),
    }


def show(change: Change, told: Sequence[Mapping[str, Any]], changed: Iterable[Edit] = ()) -> None:
    """Print the verdict for a person; `changed` are the sentences that an edit in place changed."""
    key = change.series
    what = " ".join(filter(None, (key.who.replace("_", " "), key.subset, key.outcome)))
    click.echo(f"{what}, by {key.source.removeprefix('outlet:')}, in {key.event}")
    marks = "".join(f", {kind}" for kind in change.attached) + (
        ", changed without notice" if change.silent_edit else ""
    )
    click.echo(f"verdict   {change.kind}{marks}: {change.reason}")
    for row in change.row.split(", "):
        click.echo(f"row {row:5} the figure {TITLES[row]}")
    click.echo(f"told      {_when_told(change, told)}")
    _show_figure("now", change.to)
    if change.previous is not None:
        _show_figure("before", change.previous)
    for edit in changed:
        struck, added = edit.old and f"- {edit.old}", edit.new and f"+ {edit.new}"
        click.echo("edit      " + "\n          ".join(filter(None, (struck, added))))


def _when_told(change: Change, told: Sequence[Mapping[str, Any]]) -> str:
    row = told[0] if told else {}
    if row.get("baseline"):
        return f"{row['at']}: in the summary of what was there before, or not at all"
    waits = f", waits until {row['due']}" if row.get("due") else ""
    return f"{_TOLD[change.level]} ({row.get('at', 'no time')}){waits}"


def _show_figure(label: str, figure: Figure) -> None:
    start, end = figure.quote_mark
    quote = f"{figure.quote[:start]}▸{figure.quote[start:end]}◂{figure.quote[end:]}"
    reach = interval(figure.claim)
    high = "∞" if isinf(reach.high) else f"{reach.high:,.0f}"
    click.echo(f"{label:9} “{quote}”")
    click.echo(
        f"          read by {figure.claim.rule} as {figure.claim.scope}, {reach.low:,.0f} to {high}; as of "
        f"{figure.as_of:%d %B %Y %H:%M} UTC ({figure.as_of_precision.replace('_', ' ')}); {figure.article_url}"
    )

"""A table of counts: `District | Dead | Injured`, then a row a place; lines as pages and reports write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extract.lexicon import Lexicon
from extract.quantities import units_of, with_quantities
from extract.units import NumberKind, Quantity, Unit
from model import Outcome, Scope, Who

BAR = "|"
FEWEST_BARS = 2
RULE = "table"
LONGEST_HEAD = 6  # words of a column's head (`Number of people still missing`)
NAMING = ("toll", "counted", "state", "harm.part", "harm.past", "undergo.past", "undergo.part")

WHY = {
    Scope.TOTAL: "its row is the table's only one, or the one that adds up the others",
    Scope.PART: "its row is one of several",
}

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One count of a table, with the row that it stands in and what its column and row say of it."""

    quantity: Quantity
    row: Span
    outcome: Outcome
    who: Who | None
    scope: Scope


def is_row(text: str, start: int, end: int) -> bool:
    """Whether the line `text[start:end]` can be a row."""
    return text.count(BAR, start, end) >= FEWEST_BARS


def cells_of(text: str, rows: Sequence[Span], words: Lexicon) -> Iterator[Cell] | None:
    """The counts of the table that stands in the lines `rows`; None where its first line heads no column of counts."""
    heads = [_head(units_of(text, start, end, words)) for start, end in spans_of(text, *rows[0])]
    if len(rows) < 2 or not any(heads) or any(letter.isdigit() for letter in text[rows[0][0] : rows[0][1]]):
        return None
    return _read(text, rows[1:], heads, words)


Head = tuple[Outcome, Who | None] | None


def _read(text: str, rows: Sequence[Span], heads: Sequence[Head], words: Lexicon) -> Iterator[Cell]:
    body = [row for row in rows if any(letter.isdigit() for letter in text[row[0] : row[1]])]
    for row in body:
        spans = spans_of(text, *row)
        label = text[slice(*spans[0])].strip().lower() if spans else ""
        whole = len(body) == 1 or label in words.words("table", "whole")
        for head, span in zip(heads, spans, strict=False):
            quantity = _count(text, span, words) if head else None
            if head and quantity:
                scope = Scope.TOTAL if whole else Scope.PART
                yield Cell(quantity=quantity, row=row, outcome=head[0], who=head[1], scope=scope)


def spans_of(text: str, start: int, end: int) -> list[Span]:
    """The spans between the bars of a line, an outer bar on either side left out."""
    if text[start:end].lstrip().startswith(BAR):
        start = text.index(BAR, start) + 1
    if text[start:end].rstrip().endswith(BAR):
        end = text.rindex(BAR, start, end)
    spans: list[Span] = []
    while (bar := text.find(BAR, start, end)) >= 0:
        spans.append((start, bar))
        start = bar + 1
    return [*spans, (start, end)]


def _head(units: list[Unit]) -> Head:
    """The outcome, and the group, that the head of a column names."""
    if not 0 < len(units) <= LONGEST_HEAD:
        return None
    found = next((unit.tags[tag] for unit in units for tag in NAMING if tag in unit.tags), None)
    if found is None or any(unit.has("thing") for unit in units):
        return None
    groups = [unit.group for unit in units if unit.group and unit.group != Who.PEOPLE]
    return Outcome(found), Who(groups[0]) if groups else None


def _count(text: str, span: Span, words: Lexicon) -> Quantity | None:
    """The number that a cell holds, with nothing beside it but its own bound."""
    units = with_quantities(units_of(text, *span, words), words)
    quantity = units[0].quantity if len(units) == 1 else None
    if quantity is None or quantity.low == quantity.high == 0:
        return None
    # A bare number between bars can look like a year or an hour: what it counts stands at the head of its column.
    return quantity if quantity.kind in (NumberKind.COUNT, NumberKind.DATE) else None

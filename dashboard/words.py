"""Rows of the archive as a reader sees them: who moved how, a sentence with its number marked, a text with its claims.

Pure. Nothing here is escaped: the templates escape everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from alerts import wording
from extract.edits import edits
from model import Cue, Kind, Level, Outcome, Precision, Qualifier, Quote, Scope, Told, Value, Who

Row = Mapping[str, Any]

_MOST_SENTENCES = 1_500  # that are compared; a text of more is hardly an article, and comparing costs the square
_MOST_CHANGED = 60  # sentences on either side: beyond it another text stands at the address
_SENTENCE = re.compile(r"[.!?…]\s|\n")
_WORD = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One change: `group` "civilians killed", `movement` "745 → 973 (+228, +31 %)", `quote` in three pieces."""

    at: datetime
    event: str
    event_name: str
    group: str
    movement: str
    kind: str
    verdict: str
    byline: str
    reason: str
    quote: tuple[str, str, str]
    figure: int
    change: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What one source says: `said` "at least 973"."""

    group: str
    source: str
    said: str
    number: int
    hedged: bool
    byline: str
    quote: tuple[str, str, str]
    figure: int
    carried: int
    carriers: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of a text, and the claims whose number it is."""

    text: str
    claims: tuple[Row, ...] = ()

    @property
    def about(self) -> str:
        """What the claims of the stretch say, for a title."""
        return "; ".join(about(claim) for claim in self.claims)


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A sentence of one of two texts: stretches, each with whether the other lacks it."""

    pieces: tuple[tuple[str, bool], ...]


def moves(rows: Iterable[Row], year: int) -> list[Move]:
    """Changes as rows of `archive.browsing` give them; `year` is the one that need not be said."""
    return [_move(row, told(row), year) for row in rows]


def _move(row: Row, one: Told, year: int) -> Move:
    return Move(
        at=datetime.fromisoformat(row["at"]),
        event=row["event"],
        event_name=row["event_name"],
        group=f"{wording.whom(one)} {wording.OUTCOMES[one.outcome]}",
        movement=wording.movement(one),
        kind=one.kind,
        verdict=wording.kind_words(one),
        byline=wording.byline(one, year),
        reason=row["reason"],
        quote=cut_out(row["quote"], row["mark_start"], row["mark_end"]),
        figure=row["figure"],
        change=row["change"],
    )


def by_day(moved: Iterable[Move]) -> list[tuple[date, list[list[Move]]]]:
    """Changes by day and event, as they come: those of an event stand together, where its first one stands."""
    days: dict[date, dict[str, list[Move]]] = {}
    for move in moved:
        days.setdefault(move.at.date(), {}).setdefault(move.event, []).append(move)
    return [(day, list(events.values())) for day, events in days.items()]


def standings(rows: Iterable[Row], carriers: Iterable[Row], year: int) -> list[tuple[str, list[Standing]]]:
    """What each source says, by group; `carriers` are the outlets that printed each figure that stands now."""
    behind: dict[tuple[int, int], list[Row]] = {}
    for carrier in carriers:
        behind.setdefault((carrier["series"], carrier["number"]), []).append(carrier)
    all_of_them = [_standing(row, behind.get((row["series"], row["number"]), []), year) for row in rows]
    return [(group, list(ones)) for group, ones in groupby(all_of_them, key=lambda one: one.group)]


def _standing(row: Row, carriers: Sequence[Row], year: int) -> Standing:
    one = told(row)
    through = f"through {one.quote.outlet}" if one.source else "in its own voice"
    return Standing(
        group=f"{wording.whom(one)} {wording.OUTCOMES[one.outcome]}",
        source=wording.source_name(one),
        said=wording.said(one.value),
        number=row["number"],
        hedged=one.hedged,
        byline=f"{through} · {'as of' if one.dated else 'reported'} {wording.as_of(one, year)}",
        quote=cut_out(row["quote"], row["mark_start"], row["mark_end"]),
        figure=row["figure"],
        carried=carriers[0]["carried"] if carriers else 1,
        carriers=tuple(carriers),
    )


def headline(row: Row) -> str:
    """The gravest figure of an event: `civilians killed: 11`; empty where it has none."""
    if row["figure"] is None:
        return ""
    one = told(row)
    return f"{wording.whom(one)} {wording.OUTCOMES[one.outcome]} {wording.movement(one)}"


def told(row: Row) -> Told:
    """A figure's row as the words of alerts take it; a row without a verdict counts as a first figure."""
    source, before = row["source"], row.get("source_before")
    return Told(
        kind=Kind(row.get("kind") or Kind.NEW),
        level=Level(row.get("level") or Level.LOG),
        outcome=Outcome(row["outcome"]),
        who=Who(row["who"]),
        subset=row["subset"],
        source=None if source.startswith("outlet:") else source,
        source_text=row["source_text"],
        value=_value(row, ""),
        previous=_value(row, "_before") if row.get("number_before") is not None else None,
        quote=Quote(
            text=row["quote"],
            mark=(row["mark_start"], row["mark_end"]),
            outlet=row["outlet_name"],
            url="",
            published=None if row["published"] is None else datetime.fromisoformat(row["published"]),
        ),
        previous_quote=None,
        as_of=datetime.fromisoformat(row["as_of"]),
        as_of_precision=Precision(row["as_of_precision"]),
        hedged=bool(row["hedged"]),
        silent_edit=bool(row.get("silent_edit")),
        attached=tuple(Kind(kind) for kind in (row.get("attached") or "").split()),
        row=row.get("row") or "",
        reason=row.get("reason") or "",
        cue=Cue(row["cue"]),
        window=row["window"],
        dated=bool(row["dated"]),
        previous_source=None if before in {None, source} else before.removeprefix("outlet:"),
    )


def _value(row: Row, when: str) -> Value:
    return Value(
        low=row[f"low{when}"],
        high=row[f"high{when}"],
        qualifier=Qualifier(row[f"qualifier{when}"]),
        phrase=row[f"phrase{when}"],
        anchor=row[f"number{when}"],
    )


def cut_out(text: str, start: int, end: int) -> tuple[str, str, str]:
    """A text in three: before a mark, the mark, after it; characters that play with the reader's eye are left out."""
    before, mark, after = (wording.neutral(piece) for piece in (text[:start], text[start:end], text[end:]))
    return before, mark, after


def about(claim: Row) -> str:
    """What a claim says, in one line."""
    scope = "" if claim["scope"] == Scope.TOTAL else f", {claim['scope']}"
    doubt = ", unconfirmed" if claim["hedged"] else ""
    doubt += ", denied" if claim["denied"] else ""
    who = wording.GROUPS[Who(claim["who"])] + (f" ({claim['subset']})" if claim["subset"] else "")
    by = f"according to {source(claim)}" if source(claim) else "in the outlet's own voice"
    return (
        f"{bounds(claim)} {who} {wording.OUTCOMES[Outcome(claim['outcome'])]}, {by}{scope}{doubt}; rule {claim['rule']}"
    )


def bounds(claim: Row) -> str:
    """A claim's number as it was said: `at least 973`."""
    anchor = next((n for n in (claim["number"], claim["low"], claim["high"]) if n is not None), 0)
    return wording.said(_value({**claim, "number": anchor}, ""))


def verdict(kind: str) -> str:
    """A verdict in plain words."""
    return wording.KINDS[Kind(kind)]


def source(claim: Row) -> str:
    """Who a claim is according to; empty for the outlet's own voice."""
    name = claim["source"]
    return "" if not name or name.startswith("outlet:") else wording.as_written(name, claim["source_text"])


def paragraphs(text: str, claims: Sequence[Row]) -> Iterator[list[Piece]]:
    """A reading text by its lines, each in stretches; the numbers of claims are stretches of their own."""
    spans = _spans(claims, len(text))
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        pieces = list(_pieces(text, start, end, spans))
        if line.strip():
            yield pieces
        start = end + 1


def _spans(claims: Sequence[Row], length: int) -> list[tuple[int, int, tuple[Row, ...]]]:
    """Where numbers stand, in order and apart, each with its claims."""
    spans: list[tuple[int, int, tuple[Row, ...]]] = []
    for claim in sorted(claims, key=lambda claim: (claim["start"], -claim["end"])):
        start, end = claim["start"], min(claim["end"], length)
        if spans and start < spans[-1][1]:
            first, last, others = spans[-1]
            spans[-1] = (first, max(last, end), (*others, claim))
        elif start < end:
            spans.append((start, end, (claim,)))
    return spans


def _pieces(text: str, start: int, end: int, spans: Sequence[tuple[int, int, tuple[Row, ...]]]) -> Iterator[Piece]:
    for first, last, claims in spans:
        if start <= first < end:
            yield Piece(text=wording.neutral(text[start:first]))
            yield Piece(text=wording.neutral(text[first:last]), claims=claims)
            start = last
    yield Piece(text=wording.neutral(text[start:end]))


def changed(old: str, new: str) -> list[tuple[Side, Side]] | None:
    """The sentences in which two texts differ, side by side; None where they differ too much to be set so."""
    sentences = [[s for s in _SENTENCE.split(text) if s.strip()] for text in (old, new)]
    struck = [s for s in sentences[0] if s not in set(sentences[1])]
    added = [s for s in sentences[1] if s not in set(sentences[0])]
    if max(map(len, sentences)) > _MOST_SENTENCES or max(len(struck), len(added)) > _MOST_CHANGED:
        return None
    return [_sides(edit.old, edit.new) for edit in edits(old, new)]


def _sides(old: str, new: str) -> tuple[Side, Side]:
    """Two sentences, the words marked that the other lacks."""
    before, after = (_WORD.findall(wording.neutral(text)) for text in (old, new))
    struck: list[tuple[str, bool]] = []
    added: list[tuple[str, bool]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        struck.append(("".join(before[a:b]), kind != "equal"))
        added.append(("".join(after[c:d]), kind != "equal"))
    return tuple(Side(pieces=tuple(piece for piece in side if piece[0])) for side in (struck, added))  # type: ignore[return-value]  # two, as there are two sides

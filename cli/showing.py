"""Claims and numbers of a text as people read them on a terminal: the sentence, its numbers marked, what they are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import click

from cli.reading import Given
from cli.tables import print_table
from extract.claims import LONGEST
from extract.explain import Explanation, Grounds
from extract.languages import available
from model import Claim


def show_claims(text: str, found: Sequence[Claim]) -> None:
    """Each claim in its sentence, then whom and what it counts, who says so and what it covers."""
    for claim in found:
        click.echo(_marked(text, claim.sentence_start, claim.sentence_end, [(claim.start, claim.end)]))
        parts = [_counted(claim), claim.source or "no source named", claim.scope]
        parts += ["unconfirmed"] * claim.hedged + ["denied"] * claim.denied + [f"rule {claim.rule}"]
        click.echo("    " + " · ".join(parts) + "\n")
    if not found:
        click.echo("no casualty claim found")


def show_numbers(given: Given, numbers: Sequence[Explanation]) -> None:
    """Each sentence with a number, then a row for each of its numbers: what it is, and why."""
    if given.language not in available():
        click.echo(f"no reader for the language {given.language!r}: nothing of the text was read")
        return
    for start, group in groupby(numbers, key=lambda number: number.sentence_start):
        inside = list(group)
        places = [(number.start, number.end) for number in inside]
        click.echo(_marked(given.text, start, inside[0].sentence_end, places))
        rows = [row for number in inside for row in _rows(number)]
        print_table(rows, ("number", "verdict", "why"), header=False)
    if len(given.text) > LONGEST:
        click.echo(f"only the first {LONGEST:,} characters of the text are read")
    claims = sum(number.claim is not None for number in numbers)
    click.echo(f"numbers: {len(numbers)}, casualty claims: {claims}" if numbers else "no number found")


def _marked(text: str, start: int, end: int, places: Sequence[tuple[int, int]]) -> str:
    """The sentence on one line, its numbers marked."""
    pieces: list[str] = []
    for first, last in places:
        pieces += [text[start:first], "▸", click.style(text[first:last], bold=True), "◂"]
        start = last
    return "".join([*pieces, text[start:end]]).replace("\n", " ").strip()


def _counted(claim: Claim) -> str:
    said = f"{claim.qualifier.replace('_', ' ')} {claim.phrase}" if claim.qualifier != "exact" else claim.phrase
    return f"{claim.who.replace('_', ' ')} {claim.outcome}: {said}"


def _rows(number: Explanation) -> list[dict[str, str]]:
    """One row for a number that is no claim; for a claim one more for each of its parts."""
    if number.claim is None or number.grounds is None:
        return [{"number": number.phrase, "verdict": "no claim", "why": number.reason or ""}]
    rows = [
        {"number": "", "verdict": f"  {part}: {value}", "why": why}
        for part, value, why in _parts(number.claim, number.grounds)
    ]
    return [{"number": number.phrase, "verdict": "claim", "why": f"rule {number.claim.rule}"}, *rows]


def _parts(claim: Claim, grounds: Grounds) -> list[tuple[str, str, str]]:
    doubts = [", unconfirmed"] * claim.hedged + [", denied"] * claim.denied
    return [
        ("outcome", claim.outcome + "".join(doubts), grounds.outcome),
        ("qualifier", claim.qualifier.replace("_", " "), grounds.qualifier),
        ("who", claim.who.replace("_", " "), grounds.who),
        ("source", claim.source or "none", grounds.source),
        ("scope", claim.scope, grounds.scope),
    ]

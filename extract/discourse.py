"""What a figure covers, seen from the whole text: the first totals are the event's, later ones are measured on them.

A sentence alone cannot tell a place's count from the toll, nor a whole war's from one strike's. The text can: a
smaller count after a larger one of the same people is a part; an earlier day's is another event's; a count many times
larger that speaks of a war is that war's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from extract.intervals import anchor, interval
from model import Claim, Cue, Outcome, Scope

# A war's count stands at least this many times above the event's own, measured on news of the Syrian war (smallest 40).
WAR_RATIO = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What the sentence of a claim says that only the whole text can weigh."""

    sentence: int
    day: date | None = None  # the day that the killing is put on
    weak_background: bool = False  # `last week`: another event's, where the text has one of its own
    war: bool = False  # speaks of a war or of all that began with it
    cumulative: bool = False  # scope is background only because of `since the war began`
    grouped: bool = False  # a share by group, read as that group's total
    listed: bool = False  # a member of a list of counts
    local: bool = False  # counted by one hospital or the like


def settle(claims: Sequence[Claim], signals: Sequence[Signals], published: date | None) -> list[Claim]:
    """`claims` (in text order) with the scopes that the text as a whole gives them."""
    settled: list[Claim] = []
    alone = not any(claim.scope is not Scope.BACKGROUND for claim in claims)
    lead_day = next((signal.day for signal in signals if signal.day is not None), published)
    for claim, signal in zip(claims, signals, strict=True):
        if alone and signal.cumulative:
            settled.append(replace(claim, scope=Scope.TOTAL))
        elif claim.scope is Scope.TOTAL and not claim.denied:
            settled.append(replace(claim, scope=_scope(claim, signal, settled, lead_day)))
        else:
            settled.append(claim)
    return settled


def _scope(claim: Claim, signal: Signals, earlier: Sequence[Claim], lead_day: date | None) -> Scope:
    totals = [other for other in earlier if other.scope is Scope.TOTAL]
    if not totals:
        return Scope.TOTAL
    if (signal.weak_background and not _is_repeated(claim, totals)) or (signal.war and anchor(claim) >= WAR_RATIO * max(map(anchor, totals))):
        return Scope.BACKGROUND
    if _is_earlier_event(claim, signal, totals, lead_day):
        return Scope.BACKGROUND
    return Scope.PART if _is_part(claim, signal, totals) else Scope.TOTAL


def _is_earlier_event(claim: Claim, signal: Signals, totals: Sequence[Claim], lead_day: date | None) -> bool:
    """Whether the count is put on a day before the one that the text leads with, and is no figure given before."""
    if signal.day is None or lead_day is None or signal.day >= lead_day or signal.grouped:
        return False
    return not _is_repeated(claim, totals)


def _is_repeated(claim: Claim, totals: Sequence[Claim]) -> bool:
    return any(anchor(total) == anchor(claim) and total.outcome is claim.outcome for total in totals)


def _is_part(claim: Claim, signal: Signals, totals: Sequence[Claim]) -> bool:
    """Whether a larger total of the same people stands before, told by the same voice or by nobody named."""
    if signal.grouped or claim.cue not in (Cue.NONE, Cue.NEWER) or claim.hedged:
        return False
    for total in totals:
        same = claim.outcome is total.outcome and claim.who is total.who
        if not same or interval(claim).high >= anchor(total) or (signal.listed and total.sentence_start == claim.sentence_start):
            continue
        if claim.source is None or claim.source == total.source or (signal.local and claim.outcome is Outcome.INJURED):
            return True
    return False

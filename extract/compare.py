"""The number-diff: what a new figure changes, given all that is known of its event.

docs/verdicts.md has the decision table; each of its rows is a function here, named after it, and `ROWS` tries
them in order: the first that fits decides. Every verdict says its row and a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf

from extract.case import Case
from extract.identity import OWN_VOICE
from extract.intervals import anchor, interval, is_unsure
from extract.standing import (
    MOVING,
    confirmed,
    is_another_count,
    is_newer,
    is_repeat_of_the_past,
    movement,
)
from model import Change, Cue, Figure, Kind, Level, Outcome, Parameters, Qualifier, Scope, Who

TOLD_AT_ONCE = frozenset({Outcome.KILLED, Outcome.INJURED, Outcome.MISSING, Outcome.ABDUCTED})
_PROTECTED = frozenset(Who) - {Who.PEOPLE, Who.SECURITY_FORCES, Who.COMBATANTS}
_DISJOINT_GROUPS = (Who.CIVILIANS, Who.SECURITY_FORCES, Who.COMBATANTS)
_NEWER_CUES = frozenset({Cue.RAISED, Cue.NEWER, Cue.CORRECTED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a row decides."""

    kind: Kind
    level: Level
    reason: str
    previous: Figure | None = None


Row = Callable[[Case], Verdict | None]


def _of(figure: Figure) -> str:
    return f"{anchor(figure.claim):,} of {figure.source.removeprefix('outlet:')}"


def denied(case: Case) -> Verdict | None:
    """Row 1."""
    if not case.figure.claim.denied:
        return None
    return Verdict(kind=Kind.DENIED, level=Level.LOG, reason="its own speaker denies it", previous=case.current)


def withdrawn(case: Case) -> Verdict | None:
    """Row 1a."""
    if case.figure.claim.cue is not Cue.WITHDRAWN:
        return None
    reason = "taken back without a new figure"
    if case.current is None and case.own.recent:
        return Verdict(kind=Kind.REPEAT, level=Level.LOG, reason="taken back already")
    if case.current is not None and is_newer(case.current, case.figure):
        return Verdict(kind=Kind.STALE, level=Level.LOG, reason="older than what stands", previous=case.current)
    return Verdict(kind=Kind.WITHDRAWN, level=Level.NOW, reason=reason, previous=case.current)


def repeat(case: Case) -> Verdict | None:
    """Row 2."""
    if not case.is_echo:
        return None
    reason = "a copy of a text already seen, figure and all"
    return Verdict(kind=Kind.REPEAT, level=Level.LOG, reason=reason, previous=case.current)


def context(case: Case) -> Verdict | None:
    """Row 3."""
    scope = case.figure.claim.scope
    if scope not in (Scope.PREVIOUS, Scope.BACKGROUND):
        return None
    reason = (
        "an older value that the text itself replaces" if scope is Scope.PREVIOUS else "of another event or a wider one"
    )
    return Verdict(kind=Kind.CONTEXT, level=Level.LOG, reason=reason, previous=case.current)


def _whole(case: Case) -> Figure | None:
    """The total that a part belongs to: of its own source, else the highest firm one of others."""
    if case.current is not None:
        return case.current
    return next(iter(case.firm_others()), None)


def part_above_whole(case: Case) -> Verdict | None:
    """Row 4."""
    whole = _whole(case)
    if case.figure.claim.scope is not Scope.PART or whole is None or is_unsure(case.figure.claim):
        return None
    hard_maximum = interval(whole.claim).high
    if hard_maximum == inf or case.anchor <= hard_maximum or whole.claim.qualifier is Qualifier.VAGUE:
        return None
    if case.said_beside is not None and max(case.said_beside.numbers) >= case.anchor:
        return None  # told when it was first said
    reason = f"a part of {case.anchor:,} cannot exceed the whole of {anchor(whole.claim):,}: the total is at least that"
    return Verdict(kind=Kind.RAISED, level=Level.NOW, reason=reason, previous=whole)


def part(case: Case) -> Verdict | None:
    """Row 5."""
    claim = case.figure.claim
    if claim.scope is not Scope.PART:
        return None
    said, whole = case.said_beside, _whole(case)
    moved = said is None or case.anchor not in said.numbers
    weighty = whole is None or case.anchor >= case.parameters.step_share * anchor(whole.claim)
    level = Level.DIGEST if moved and weighty else Level.LOG
    reason = f"covers a part only{f' ({claim.window})' if claim.window else ''}"
    return Verdict(kind=Kind.PART, level=level, reason=reason, previous=None if said is None else said.newest)


def increment(case: Case) -> Verdict | None:
    """Row 6."""
    if case.figure.claim.scope is not Scope.INCREMENT:
        return None
    known = case.said_beside is not None and case.anchor in case.said_beside.numbers
    level, reason = Level.LOG if known else Level.DIGEST, "added to an earlier count"
    return Verdict(kind=Kind.INCREMENT, level=level, reason=reason, previous=case.current)


def stale(case: Case) -> Verdict | None:
    """Row 8."""
    current, figure = case.current, case.figure
    if figure.edited:
        return None
    if current is not None:
        # The state has the last word: what it would take over is not stale, however roughly the two are dated.
        old = is_newer(current, figure) and case.own.with_figure(figure).current is not figure
        if old or is_repeat_of_the_past(case.own.state, figure):
            reason = f"older than what stands, {_of(current)}"
            return Verdict(kind=Kind.STALE, level=Level.LOG, reason=reason, previous=current)
        return None
    replaced_by = _replaced_elsewhere(case)
    if replaced_by is not None:
        reason = f"a number that {_of(replaced_by)} has replaced"
        return Verdict(kind=Kind.STALE, level=Level.LOG, reason=reason, previous=replaced_by)
    if case.own.state.ended and case.anchor in case.own.state.superseded:
        return Verdict(kind=Kind.STALE, level=Level.LOG, reason="a number that its source has taken back")
    latest = max(case.firm_others(), key=lambda other: other.as_of, default=None)
    if latest is not None and is_newer(latest, figure) and case.anchor <= anchor(latest.claim):
        reason = f"older than {_of(latest)} and no higher"
        return Verdict(kind=Kind.STALE, level=Level.LOG, reason=reason, previous=latest)
    return None


def _replaced_elsewhere(case: Case) -> Figure | None:
    """The standing figure of the source that gave the number before, where an outlet recalls it in its own voice."""
    if not case.figure.source.startswith(OWN_VOICE):
        return None
    replaced = (one.current for one in case.others() if case.anchor in one.state.superseded)
    newer = (one for one in replaced if one is not None and not (case.figure.dated and is_newer(case.figure, one)))
    return max(newer, key=lambda one: one.as_of, default=None)


def hedged_beside_firm(case: Case) -> Verdict | None:
    """Row 8a."""
    if not is_unsure(case.figure.claim) or (case.current is not None and not is_unsure(case.current.claim)):
        return None
    firm = _highest_firm(case)
    if firm is None:
        return None
    q = anchor(firm.claim)
    if case.anchor <= interval(firm.claim).soft_ceiling:
        reason = f"unconfirmed and no higher than {_of(firm)}"
        return Verdict(kind=Kind.RESTATED, level=Level.LOG, reason=reason, previous=firm)
    far = case.current is None and case.anchor >= case.parameters.hedged_factor * q
    reason = f"unconfirmed, and above the firm {_of(firm)}"
    return Verdict(kind=Kind.HEDGED_HIGH, level=Level.DIGEST if far else Level.LOG, reason=reason, previous=firm)


def _highest_firm(case: Case) -> Figure | None:
    """The highest firm figure of the outcome: of the same group, or of any group where that has none."""
    firm = case.firm_others() or [
        one.current
        for one in case.view.live(case.key.outcome)
        if one.current is not None and not is_unsure(one.current.claim)
    ]
    return max(firm, key=lambda figure: anchor(figure.claim), default=None)


def own_series(case: Case) -> Verdict | None:
    """Row 9."""
    current = case.current
    if current is None:
        return None
    moved = movement(current, case.figure, told=case.own.told, parameters=case.parameters)
    if moved.kind is Kind.FIRMED and case.firm_others():
        return None  # another source is firm already: the rows for other sources decide
    moved = confirmed(case.own.state, case.figure, moved)
    moved = replace(moved, reason=f"{moved.reason}{_adding_up(case, current)}")
    if moved.kind in MOVING and case.own.with_figure(case.figure).current is not case.figure:
        reason = f"does not move what stands, {_of(current)}"
        return Verdict(kind=Kind.STALE, level=Level.LOG, reason=reason, previous=current)
    return Verdict(kind=moved.kind, level=moved.level, reason=moved.reason, previous=current)


def _adding_up(case: Case, current: Figure) -> str:
    """What is odd about a new total beside the increment that its text adds to the old one; "" where nothing is."""
    q = anchor(current.claim)
    added = next((n for n in case.increments if case.anchor > q and q + n != case.anchor), None)
    return "" if added is None else f"; {q:,} and another {added:,} would be {q + added:,}"


def first_of_event(case: Case) -> Verdict | None:
    """Row 10."""
    if any(True for _ in case.view.live(case.key.outcome)):
        return None
    alone = not any(one.current is not None for one in case.view.series.values())
    at_once = case.key.outcome in TOLD_AT_ONCE and (alone or case.opens or not is_unsure(case.figure.claim))
    reason = f"the first figure of the event for {case.key.outcome}"
    return Verdict(kind=Kind.NEW, level=Level.NOW if at_once else Level.DIGEST, reason=reason)


def firmed(case: Case) -> Verdict | None:
    """Row 11."""
    known = [one.current for one in case.view.live(case.key.outcome) if one.current is not None]
    if is_unsure(case.figure.claim) or not all(is_unsure(figure.claim) for figure in known):
        return None
    highest = max(known, key=lambda figure: anchor(figure.claim))
    reason = f"the first firm figure after the unconfirmed {_of(highest)}"
    return Verdict(kind=Kind.FIRMED, level=Level.NOW, reason=reason, previous=highest)


def _is_far_apart(a: Figure, b: Figure, parameters: Parameters) -> bool:
    """Whether two figures cannot both be right and lie more than θ of the larger apart."""
    if interval(a.claim).overlaps(interval(b.claim)):
        return False
    n, q = anchor(a.claim), anchor(b.claim)
    return abs(n - q) > max(parameters.least_step, parameters.step_share * max(n, q))


def _supersedes(case: Case, other: Figure) -> bool:
    """Whether the new figure is simply the later count: higher, and newer by far or said to be."""
    later = case.figure.as_of - other.as_of > case.parameters.newer_by
    return case.anchor > anchor(other.claim) and (later or case.figure.claim.cue in _NEWER_CUES)


def contradicted(case: Case) -> Verdict | None:
    """Row 12."""
    other = next(iter(case.firm_others()), None) or _group_above_total(case)
    if other is None or not _is_far_apart(case.figure, other, case.parameters) or _supersedes(case, other):
        return None
    if _same_elsewhere(case) is not None:
        return None  # who only says what another source says adds no contradiction of its own
    if case.figure.claim.qualifier is Qualifier.VAGUE and case.anchor < anchor(other.claim):
        return None  # "dozens" beside a count of hundreds is what one witness saw, not a count of its own
    reason = f"{case.anchor:,} and {_of(other)} cannot both be right"
    return Verdict(kind=Kind.CONTRADICTED, level=Level.NOW, reason=reason, previous=other)


def _group_above_total(case: Case) -> Figure | None:
    """A group's firm figure that lies wholly above a new total of people."""
    if (case.key.who, case.key.subset) != (Who.PEOPLE, None):
        return None
    groups = [one.current for one in case.view.live(case.key.outcome) if one.key.who is not Who.PEOPLE]
    above = [
        g for g in groups if g and not is_unsure(g.claim) and interval(g.claim).low > interval(case.figure.claim).high
    ]
    return max(above, key=lambda figure: anchor(figure.claim), default=None)


def _same_elsewhere(case: Case) -> Figure | None:
    """Another source's firm standing figure with the very same number."""
    return next((other for other in case.firm_others() if anchor(other.claim) == case.anchor), None)


def raised_by_another(case: Case) -> Verdict | None:
    """Row 13."""
    other = next(iter(case.firm_others()), None)
    if other is None or not _supersedes(case, other):
        return None
    n, q = case.anchor, anchor(other.claim)
    if is_another_count(case.figure, q):
        reason = f"{q:,} → {n:,}, which its text counts of things, too"
        return Verdict(kind=Kind.IMPLAUSIBLE, level=Level.DIGEST, reason=reason, previous=other)
    level = Level.NOW if n - q >= max(case.parameters.least_step, case.parameters.step_share * q) else Level.LOG
    reason = f"{q:,} → {n:,}, by another source than {other.source.removeprefix('outlet:')}"
    return Verdict(kind=Kind.RAISED, level=level, reason=reason, previous=other)


def diverges(case: Case) -> Verdict | None:
    """Row 14."""
    other = next(iter(case.firm_others()), None)
    if other is None or _same_elsewhere(case) is not None:
        return None
    n, q = sorted((case.anchor, anchor(other.claim)))
    if q < case.parameters.diverging_factor * n:
        return None
    reason = f"does not exclude {_of(other)}, but lies far from it"
    return Verdict(kind=Kind.DIVERGES, level=Level.DIGEST, reason=reason, previous=other)


def confirmed_by_another(case: Case) -> Verdict | None:
    """Row 15."""
    other = _same_elsewhere(case) or next(iter(case.firm_others()), None)
    if other is None:
        return None
    parties = {one.party for one in case.others()}
    if case.figure.party in parties:
        return Verdict(kind=Kind.RESTATED, level=Level.LOG, reason="the same party again", previous=other)
    level = Level.DIGEST if len(parties) == 1 else Level.LOG
    reason = f"one more independent source beside {_of(other)}"
    return Verdict(kind=Kind.CONFIRMED, level=level, reason=reason, previous=other)


def new_group(case: Case) -> Verdict | None:
    """Row 16."""
    overall = case.key.who is Who.PEOPLE and case.key.subset is None
    worth = overall or (case.key.who in _PROTECTED and case.key.subset is None)
    at_once = case.opens and case.key.subset is None
    level = Level.NOW if at_once else Level.DIGEST if worth else Level.LOG
    reason = "the first overall total beside the groups" if overall else "a group that was not counted before"
    return Verdict(kind=Kind.NEW, level=level, reason=reason)


ROWS: tuple[tuple[str, Row], ...] = (
    ("1", denied),
    ("1a", withdrawn),
    ("2", repeat),
    ("3", context),
    ("4", part_above_whole),
    ("5", part),
    ("6", increment),
    ("8", stale),
    ("8a", hedged_beside_firm),
    ("9", own_series),
    ("10", first_of_event),
    ("11", firmed),
    ("12", contradicted),
    ("13", raised_by_another),
    ("14", diverges),
    ("15", confirmed_by_another),
    ("16", new_group),
)

# What each row says of the figure that it decides; docs/verdicts.md tells the rest.
TITLES: Mapping[str, str] = {
    "1": "is denied by the one to whom it is attributed",
    "1a": "is taken back without a new one",
    "2": "stands in a copy of a text already seen, value and all",
    "3": "is an older value, or of another event",
    "4": "covers a part, but is greater than the total can be",
    "5": "covers a part",
    "6": "is added to an earlier count",
    "7": "was changed in place in the same article",
    "8": "is older than what stands, or only repeats a superseded number",
    "8a": "is unconfirmed, beside a firm figure",
    "9": "has a predecessor in its own series (same event, outcome, group and source)",
    "10": "is the first of its event for this outcome",
    "11": "is the first firm one after unconfirmed ones",
    "12": "is far apart from another source's",
    "13": "is another source's, higher, and newer by half a day or said to be",
    "14": "overlaps another source's, but lies 1.5 times away",
    "15": "agrees with another source's",
    "16": "is of a group that was not counted before",
}

_EDIT_KINDS = frozenset({Kind.RAISED, Kind.LOWERED, Kind.REFINED, Kind.QUANTIFIED, Kind.CONTRADICTED, Kind.FIRMED})


def _edited(case: Case, row: str, verdict: Verdict) -> tuple[str, Verdict, bool]:
    """Row 7: the verdict on a number that was changed in place, told whatever the step."""
    before = case.edited_from
    if before is None or verdict.kind not in _EDIT_KINDS or anchor(before.claim) == case.anchor:
        return row, verdict, False
    noted = case.correction_noted or case.figure.claim.cue in (Cue.CORRECTED, Cue.LOWERED)
    how = "with a correction noted" if noted else "without notice"
    told = replace(verdict, level=Level.NOW, reason=f"{verdict.reason}; changed in place {how}")
    return f"7, {row}", told, not noted


def _newly_apart(case: Case, verdict: Verdict) -> Figure | None:
    """The other source from which a moved series now lies apart, where it did not before."""
    if case.current is None or verdict.kind not in (Kind.RAISED, Kind.LOWERED):
        return None
    for other in case.firm_others():
        before, now = (_is_far_apart(figure, other, case.parameters) for figure in (case.current, case.figure))
        if now and not before and not _supersedes(case, other):
            return other
    return None


def excess_of_parts(case: Case) -> str | None:
    """Why the disjoint groups of one source no longer fit under its total, None where they do (or say too little)."""
    if case.key.who not in (Who.PEOPLE, *_DISJOINT_GROUPS) or not any(
        key.who is not case.key.who and key.who in (Who.PEOPLE, *_DISJOINT_GROUPS) for key in case.view.series
    ):
        return None
    after = case.view.with_figure(case.key, case.figure)

    def standing_of(who: Who) -> Figure | None:
        one = after.series.get(replace(case.key, who=who, subset=None))
        return one.current if one is not None else None

    total = standing_of(Who.PEOPLE)
    groups = [figure for figure in map(standing_of, _DISJOINT_GROUPS) if figure is not None]
    if total is None or len(groups) < 2 or case.key.who not in (Who.PEOPLE, *_DISJOINT_GROUPS):
        return None
    together = sum(anchor(figure.claim) for figure in groups)
    if together <= interval(total.claim).soft_ceiling:
        return None
    return f"its groups add up to {together:,}, above its standing total of {anchor(total.claim):,}"


def decide(case: Case) -> Change:
    """The verdict on one figure: the first row of the table that fits, and what is attached to it."""
    row, verdict = next((name, v) for name, fits in ROWS if (v := fits(case)) is not None)
    row, verdict, silent = _edited(case, row, verdict)
    attached, reason, level = [], verdict.reason, verdict.level
    rival = _newly_apart(case, verdict)
    if rival is not None:
        attached.append(Kind.CONTRADICTED)
        reason += f"; now apart from {_of(rival)}"
        level = Level.DIGEST if level is Level.LOG else level
    excess = excess_of_parts(case) if verdict.kind in (Kind.RAISED, Kind.LOWERED, Kind.NEW) else None
    if excess is not None and case.figure.claim.scope is Scope.TOTAL:
        attached.append(Kind.PARTS_EXCEED_TOTAL)
        reason += f"; {excess}"
        level = Level.DIGEST if level is Level.LOG else level
    return Change(
        kind=verdict.kind,
        level=level,
        series=case.key,
        to=case.figure,
        previous=verdict.previous,
        row=row,
        reason=reason,
        attached=tuple(attached),
        silent_edit=silent,
        told=case.own.told,
    )

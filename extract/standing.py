"""What a series says now: its figures folded in the order in which they were true, whatever order they came in.

The state of a series is a function of its figures alone, so a late arrival, a second feeding or another order of
arrival ends in the same state. `movement` is the one place that compares two figures of one series.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from extract.intervals import anchor, covers, interval, is_unsure
from model import Cue, Figure, Kind, Level, Parameters, Precision, Qualifier

DEFAULTS = Parameters()


def is_big(parameters: Parameters, *, n: int, q: int, told: int | None) -> bool:
    """Whether the step to `n`, from the value last told or else from `q`, is news at once."""
    base = q if told is None else told
    crosses = any(q < milestone <= n for milestone in parameters.milestones)
    return crosses or abs(n - base) >= max(parameters.least_step, parameters.step_share * base)


# Two figures that are only dated by day, or by part of a day, are not told apart in time below this.
_TOLERANCE = {
    Precision.DAY: timedelta(days=1),
    Precision.PART_OF_DAY: timedelta(hours=6),
    Precision.INSTANT: timedelta(0),
}

_JUMP = 2  # times the standing number at which a count of things may have slipped in
_REVISION_CUES = frozenset({Cue.LOWERED, Cue.CORRECTED})
MOVING = frozenset({Kind.NEW, Kind.RAISED, Kind.LOWERED, Kind.FIRMED, Kind.QUANTIFIED})


def is_newer(a: Figure, b: Figure) -> bool:
    """Whether `a` was true later than `b`, as far as their precision tells."""
    tolerance = max(_TOLERANCE[a.as_of_precision], _TOLERANCE[b.as_of_precision])
    return a.as_of - b.as_of >= tolerance and a.as_of > b.as_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """How one figure stands to another of its own series."""

    kind: Kind
    level: Level
    reason: str


def _number(n: float) -> str:
    return f"{n:,.0f}"


def _step(n: int, q: int) -> str:
    share = f", {(n - q) / q:+.0%}" if q else ""
    return f"{_number(q)} → {_number(n)} ({n - q:+,}{share})"


def _hedged(current: Figure, new: Figure, parameters: Parameters) -> Movement:
    n, q = anchor(new.claim), anchor(current.claim)
    if n <= interval(current.claim).soft_ceiling:
        return Movement(kind=Kind.RESTATED, level=Level.LOG, reason=f"unconfirmed and no higher than {_number(q)}")
    far = n >= parameters.hedged_factor * q
    reason = f"unconfirmed {_number(n)} lies above the firm {_number(q)} and moves nothing"
    return Movement(kind=Kind.HEDGED_HIGH, level=Level.DIGEST if far else Level.LOG, reason=reason)


def _same_number(current: Figure, new: Figure) -> Movement:
    if current.claim.qualifier is new.claim.qualifier:
        return Movement(kind=Kind.RESTATED, level=Level.LOG, reason="the same figure again")
    return Movement(kind=Kind.REFINED, level=Level.LOG, reason="the same number under another bound")


def _vague(current: Figure, new: Figure) -> Movement | None:
    """Verdicts that only a vague word on one side allows."""
    n, q = anchor(new.claim), anchor(current.claim)
    if (
        new.claim.qualifier is Qualifier.VAGUE
        and current.claim.qualifier is not Qualifier.VAGUE
        and covers(new.claim, q)
    ):
        return Movement(kind=Kind.RESTATED, level=Level.LOG, reason=f"the word still covers {_number(q)}")
    if (
        current.claim.qualifier is Qualifier.VAGUE
        and new.claim.qualifier is not Qualifier.VAGUE
        and covers(current.claim, n)
    ):
        return Movement(kind=Kind.QUANTIFIED, level=Level.DIGEST, reason=f"a number for “{current.claim.phrase}”")
    return None


def _above(current: Figure, new: Figure, told: int | None, parameters: Parameters) -> Movement:
    n, q = anchor(new.claim), anchor(current.claim)
    if _is_slip(current, new):
        return Movement(kind=Kind.IMPLAUSIBLE, level=Level.DIGEST, reason=f"{_step(n, q)} {_slipped(new)}")
    level = Level.NOW if is_big(parameters, n=n, q=q, told=told) else Level.LOG
    return Movement(kind=Kind.RAISED, level=level, reason=_step(n, q))


def _slipped(new: Figure) -> str:
    return "is what its text counts of things, too" if new.doubtful else "looks like a slipped digit"


def _is_slip(current: Figure, new: Figure) -> bool:
    n, q = anchor(new.claim), anchor(current.claim)
    return (n in (10 * q, 100 * q) and q > 0) or is_another_count(new, q)


def is_another_count(new: Figure, q: int) -> bool:
    """Whether a number is a jump, and one that its own article gives of things."""
    return new.doubtful and anchor(new.claim) >= _JUMP * q


def _is_revised(new: Figure) -> bool:
    return new.edited or new.claim.cue in _REVISION_CUES


def _below(current: Figure, new: Figure, told: int | None, parameters: Parameters) -> Movement:
    n, q = anchor(new.claim), anchor(current.claim)
    if _is_revised(new):
        level = (
            Level.NOW if abs(n - (q if told is None else told)) >= parameters.least_step or new.edited else Level.LOG
        )
        return Movement(kind=Kind.LOWERED, level=level, reason=_step(n, q))
    reason = f"{_step(n, q)}, without a word of correction: {_number(q)} stands until it is seen again"
    return Movement(kind=Kind.LOWERED_UNCONFIRMED, level=Level.DIGEST, reason=reason)


def _overlapping(current: Figure, new: Figure, told: int | None, parameters: Parameters) -> Movement:
    n, q = anchor(new.claim), anchor(current.claim)
    if n > q and abs(n - (q if told is None else told)) >= max(parameters.least_step, parameters.step_share * q):
        both_at_least = new.claim.qualifier is current.claim.qualifier is Qualifier.AT_LEAST
        return Movement(kind=Kind.RAISED, level=Level.NOW if both_at_least else Level.DIGEST, reason=_step(n, q))
    if n < q and _is_revised(new):
        return _below(current, new, told, parameters)
    if n < q and interval(new.claim).width > interval(current.claim).width:
        return Movement(kind=Kind.RESTATED, level=Level.LOG, reason=f"coarser words that still hold of {_number(q)}")
    if n < q and interval(new.claim).high == interval(current.claim).high:
        return Movement(kind=Kind.RESTATED, level=Level.LOG, reason=f"a weaker bound than {_number(q)}")
    return Movement(kind=Kind.REFINED, level=Level.LOG, reason=f"a closer wording: {_step(n, q)}")


def movement(current: Figure, new: Figure, *, told: int | None, parameters: Parameters = DEFAULTS) -> Movement:
    """Compare `new` with the figure that stands in its own series.

    `told` is the number that subscribers were last told of this series (None: none yet); small steps add up from it.
    """
    if is_unsure(new.claim) and not is_unsure(current.claim):
        return _hedged(current, new, parameters)
    if is_unsure(current.claim) and not is_unsure(new.claim):
        return Movement(kind=Kind.FIRMED, level=Level.NOW, reason="the first firm figure after unconfirmed ones")
    vague = _vague(current, new)
    if vague is not None:
        return vague
    if anchor(new.claim) == anchor(current.claim):
        return _same_number(current, new)
    reached, known = interval(new.claim), interval(current.claim)
    if reached.low > known.soft_ceiling:
        return _above(current, new, told, parameters)
    if reached.high < known.low:
        return _below(current, new, told, parameters)
    return _overlapping(current, new, told, parameters)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The state of one series.

    `current` is the figure that stands; `superseded` the numbers that stood before it; `pending` a lower or
    implausible figure that waits for a second sighting; `ended` that the figure was withdrawn.
    """

    current: Figure | None = None
    superseded: frozenset[int] = frozenset()
    pending: Figure | None = None
    ended: bool = False


def order(figure: Figure) -> tuple[object, ...]:
    """The order in which the figures of a series were true; published, address and place settle ties."""
    published = figure.published or figure.seen
    return (figure.as_of, published, figure.article_url, figure.claim.start)


def is_repeat_of_the_past(standing: Standing, new: Figure) -> bool:
    """Whether `new` only says again what its series said before, without a date of its own that is newer."""
    current = standing.current
    if current is None or anchor(new.claim) not in standing.superseded or new.edited:
        return False
    return not (new.dated and is_newer(new, current)) and new.claim.cue not in _REVISION_CUES


def sighted_again(pending: Figure | None, new: Figure) -> bool:
    """Whether `new` is the second document that says what `pending` said first."""
    if pending is None or pending.article_url == new.article_url:
        return False
    return anchor(pending.claim) == anchor(new.claim) or interval(pending.claim).overlaps(interval(new.claim))


def confirmed(standing: Standing, new: Figure, moved: Movement) -> Movement:
    """What a held verdict becomes when `new` is its second sighting; any other verdict stays as it is."""
    if standing.current is None or not sighted_again(standing.pending, new):
        return moved
    n, q = anchor(new.claim), anchor(standing.current.claim)
    if moved.kind is Kind.LOWERED_UNCONFIRMED:
        return Movement(kind=Kind.LOWERED, level=Level.NOW, reason=f"{_step(n, q)}, seen in a second, newer text")
    if moved.kind is Kind.IMPLAUSIBLE:
        return Movement(kind=Kind.RAISED, level=Level.NOW, reason=f"{_step(n, q)}, borne out by a second text")
    return moved


def _takes_over(standing: Standing, new: Figure, kind: Kind) -> bool:
    if kind in MOVING or standing.current is None:
        return True
    return kind is Kind.REFINED and interval(new.claim).width <= interval(standing.current.claim).width


def advance(standing: Standing, new: Figure) -> Standing:
    """The state after `new`, which is not older than what the state was made from."""
    current = standing.current
    if new.claim.cue is Cue.WITHDRAWN:
        gone = frozenset() if current is None else frozenset({anchor(current.claim)})
        return Standing(superseded=standing.superseded | gone, ended=True)
    if current is None:
        # A number that was withdrawn does not come back by being copied.
        back = standing.ended and anchor(new.claim) in standing.superseded
        return standing if back else replace(standing, current=new, ended=False)
    if is_repeat_of_the_past(standing, new):
        return standing
    moved = confirmed(standing, new, movement(current, new, told=None))
    if _takes_over(standing, new, moved.kind):
        return Standing(current=new, superseded=(standing.superseded | {anchor(current.claim)}) - {anchor(new.claim)})
    held = moved.kind in (Kind.LOWERED_UNCONFIRMED, Kind.IMPLAUSIBLE)
    return replace(standing, pending=new) if held else standing


def standing(figures: Iterable[Figure], after: Standing = Standing()) -> Standing:
    """The state of a series from all its figures, in any order. Denied figures and echoes must be left out.

    `after` is the state that still older figures left.
    """
    state = after
    for figure in sorted(figures, key=order):
        state = advance(state, figure)
    return state

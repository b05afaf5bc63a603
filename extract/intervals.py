"""What a number implies when it is compared: its anchor, its interval and how far its words reach.

A claim keeps what was *said*; the widening here exists in comparison only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from model import Claim, Qualifier, Vague


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How far a vague word reaches; the tolerated bounds still let a number be called by that word."""

    low: float
    high: float
    tolerated_low: float
    tolerated_high: float


def _reach(low: float, high: float, tolerated_low: float | None = None, tolerated_high: float | None = None) -> Reach:
    return Reach(
        low=low,
        high=high,
        tolerated_low=low if tolerated_low is None else tolerated_low,
        tolerated_high=high if tolerated_high is None else tolerated_high,
    )


REACH: dict[Vague, Reach] = {
    Vague.COUPLE: _reach(2, 3),
    Vague.SEVERAL: _reach(3, 9),
    Vague.TENS: _reach(20, 99),
    Vague.DOZENS: _reach(24, 99, 12, 120),
    Vague.SCORES: _reach(40, 99),
    Vague.HUNDREDS: _reach(200, 999, 100),
    Vague.THOUSANDS: _reach(2_000, 9_999),
    Vague.TENS_OF_THOUSANDS: _reach(20_000, 99_999),
    Vague.HUNDREDS_OF_THOUSANDS: _reach(200_000, 999_999),
    Vague.MILLIONS: _reach(2_000_000, inf),
    Vague.MANY: _reach(3, inf),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A closed interval of people, and the soft ceiling up to which a higher number is no surprise."""

    low: float
    high: float
    soft_ceiling: float

    @property
    def width(self) -> float:
        """How much it leaves open."""
        return self.high - self.low

    def overlaps(self, other: Interval) -> bool:
        """Whether both can be true of one count."""
        return self.low <= other.high and other.low <= self.high


def _said(claim: Claim) -> int:
    """The number of the words: n of `at least n`, the first bound of a range."""
    if claim.low is not None:
        return claim.low - 1 if claim.qualifier is Qualifier.MORE_THAN else claim.low
    if claim.high is not None:
        return claim.high + 1 if claim.qualifier is Qualifier.FEWER_THAN else claim.high
    return 0


def reach(claim: Claim) -> Reach:
    """The table entry of a vague claim."""
    return REACH[claim.vague or Vague.MANY]


def anchor(claim: Claim) -> int:
    """The one number by which movement is judged: n as said, or the lower end of a vague word's entry."""
    return int(reach(claim).low) if claim.qualifier is Qualifier.VAGUE else _said(claim)


def is_unsure(claim: Claim) -> bool:
    """Whether nobody vouches for a claim: it is hedged, or says `up to`, whose bound is routinely broken."""
    return claim.hedged or claim.qualifier is Qualifier.UP_TO


def _place_value(n: int) -> int:
    """The place value of the last non-zero digit: 1,000 -> 1,000; 745 -> 1."""
    value = 1
    while n and n % (value * 10) == 0:
        value *= 10
    return value


def _significant_digits(n: int) -> int:
    return len(str(n).rstrip("0"))


def interval(claim: Claim) -> Interval:
    """What the words imply, widened by what each qualifier leaves open."""
    if claim.qualifier is Qualifier.VAGUE:
        entry = reach(claim)
        return Interval(low=entry.low, high=entry.high, soft_ceiling=entry.high)
    n = _said(claim)
    match claim.qualifier:
        case Qualifier.AT_LEAST:
            return Interval(low=n, high=inf, soft_ceiling=n + _place_value(n) / 2)
        case Qualifier.MORE_THAN:
            return Interval(low=n + 1, high=inf, soft_ceiling=n + _place_value(n) / 2)
        case Qualifier.UP_TO:
            return Interval(low=0, high=n, soft_ceiling=n)
        case Qualifier.FEWER_THAN:
            return Interval(low=0, high=n - 1, soft_ceiling=n - 1)
        case Qualifier.ABOUT:
            spread = n * (0.01 if _significant_digits(n) >= 3 else 0.1)
            return Interval(low=n - spread, high=n + spread, soft_ceiling=n + spread)
        case Qualifier.RANGE:
            high = n if claim.high is None else claim.high
            return Interval(low=n, high=high, soft_ceiling=high)
    return Interval(low=n, high=n, soft_ceiling=n)


def covers(claim: Claim, number: int) -> bool:
    """Whether a vague claim's word may still be used of `number`."""
    entry = reach(claim)
    return entry.tolerated_low <= number <= entry.tolerated_high

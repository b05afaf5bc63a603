"""One sentence's units as the rules of outcomes see them: its counts, what was found for them, who stands where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from extract.lexicon import Lexicon
from extract.units import END, QUOTES, Count, Unit
from model import Who

REACH = 40  # units that a predicate may stand after its subject; long subjects of real news stay below
HARM = ("harm.base", "harm.s", "harm.past", "harm.part", "harm.ing")
UNDERGO = ("undergo.base", "undergo.s", "undergo.past", "undergo.part", "undergo.ing")
FINITE = ("undergo.base", "undergo.s", "undergo.past")


@dataclass(slots=True, kw_only=True)
class Found:
    """The outcome of one count: the rule that found it and what else the finding tells."""

    outcome: str
    rule: str
    at: int  # the unit that licenses it
    who: Who | None = None
    previous: bool = False
    increment: bool = False
    part: bool = False
    hedged: bool = False
    severe: bool = False  # only those whose injuries are grave
    critical: bool = False  # only those who may not live
    subject: int | None = None  # the unit where the lending count stands


class Refusal(StrEnum):
    """Why a count is nobody harmed, whatever its sentence says."""

    NEGATED = "is denied by the word before it"
    DEGREE = "is a degree, not a number"
    STEP = "is the step of a fall"
    THING = "counts what is not people"
    EXCHANGED = "counts those exchanged"
    SPEAKS = "counts those who speak"
    SURVIVED = "counts survivors, or people set free"


@dataclass(slots=True, kw_only=True)
class Context:
    """What the sentences before said last: for numbers that stand without a noun of their own."""

    outcome: str | None = None
    who: Who | None = None
    of_toll: bool = False  # that outcome was a toll's
    lead: Who | None = None  # whom the text's first claim counts


class View:
    """A sentence with the outcomes found so far, by the place of their count."""

    def __init__(self, units: list[Unit], words: Lexicon, context: Context) -> None:
        self.units = units
        self.words = words
        self.context = context
        self.counts = [at for at, unit in enumerate(units) if unit.count is not None]
        self.found: dict[int, Found] = {}
        self.refused: dict[int, Refusal] = {}

    def _at(self, at: int) -> Unit:
        try:
            return self.units[at] if at >= 0 else END
        except IndexError:
            return END

    def _count(self, at: int) -> Count:
        count = self.units[at].count
        assert count is not None
        return count

    def _back(self, at: int) -> int:
        """The place of the nearest unit at or before `at` that is no adverb, quote or article."""
        while at >= 0 and (self.units[at].has("adverb", "det") or self.units[at].low in QUOTES):
            if self.units[at].has("subset", "state", "none_of"):
                break
            at -= 1
        return at

    def _forward(self, at: int) -> int:
        """The place of the nearest unit at or after `at` that is no adverb or article."""
        while self._at(at).has("adverb", "det"):
            at += 1
        return at

    def _subject_group(self, place: int) -> Who | None:
        """The group of a verb's subject: `the army lost six`."""
        for at in range(place - 1, max(-1, place - 8), -1):
            unit = self.units[at]
            group = unit.group
            if group and group != "people":
                return Who(group)
        return None

    def _is_toll(self, place: int) -> bool:
        """A participle (`killed`, `missing`) is a toll only as a noun: after a determiner, or first before a colon."""
        unit = self.units[place]
        if not unit.has(*HARM, "state", "counted"):
            return True
        after = self._at(place + 1)
        adjective = self._at(place - 1).has("say", "hedge_verb") and self._at(place - 2).has("det")
        if unit.has("harm.part", "state") and (adjective or self._at(place - 1).has("det", "move")):
            return True  # `taking the confirmed dead to 93`
        if unit.has("counted") and not unit.has("harm.part"):
            return True
        return after.low in (":", "=", "-", "–")

    def _nearest_outcome(self, place: int) -> str | None:
        """The outcome that the sentence has before `place`, else that of the sentences before."""
        for at in reversed(self.counts):
            if at < place and at in self.found:
                return self.found[at].outcome
            own = self._count(at).outcome
            if at < place and own is not None and at not in self.refused:
                return own
        return self._of_whom() or self.context.outcome

    def _of_whom(self) -> str | None:
        """`Of the dead, 41 were civilians`: the outcome that the sentence opens with."""
        if not self._at(0).has("of"):
            return None
        whole = self.found.get(1)  # `Of the 67,400 displaced, 41,000 are in Osk`
        return self._at(1).tags.get("toll") if self._at(1).has("them") else whole.outcome if whole else None

    def _closes(self, at: int) -> bool:
        unit = self._at(at)
        return unit is END or unit.low in (",", ".", ";", ")", "”", '"') or unit.has("and", "but", "prep")

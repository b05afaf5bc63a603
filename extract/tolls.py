"""A toll's number: `the death toll rose to 31`, `put the number of dead at 87`, `Dead: 27`."""

from __future__ import annotations

from extract.clause_view import REACH, Found, View
from extract.units import Noun
from model import Who

WHOSE = 10  # units after a toll within which it says whom it counts
NAMING = ("harm.part", "state", "counted", "toll", "undergo.past", "undergo.base")


class Tolls(View):
    """The rules for numbers that a toll announces, before or after it."""

    def _toll(self, at: int) -> Found | None:
        """`the death toll rose to 31`, `put the number of dead at 87`, `the toll of 1,018`, `Dead: 27`."""
        count = self._count(at)
        if count.noun in (Noun.UNKNOWN, Noun.COUNTED):
            return None
        given = self._toll_after(at)
        moved, previous, by = self._movement(at)
        place = self._toll_before(at) if moved else None
        if place is None or (given is not None and self._at(at - 1).low in self.words.words("words", "gives")):
            return given
        outcome = self._toll_outcome(place)
        if outcome is None:
            return None
        previous = previous or self._at(at + 1).low in ("->", "→")
        who = self._group_between(place, at)
        return Found(outcome=outcome, rule="toll", at=place, previous=previous, increment=by, who=who)

    def _group_between(self, place: int, at: int) -> Who | None:
        """The group that a toll names: `the number of health workers killed since May at 68`."""
        for unit, after in zip(self.units[place:at], self.units[place + 1 : at + 1], strict=True):
            group = unit.group
            if group and group != "people" and not unit.has("be") and not after.has("thing"):
                return Who(group)
            if unit.has("prep") and not unit.has("of"):
                return None
        return None

    def _movement(self, at: int) -> tuple[bool, bool, bool]:
        """Whether the unit before the count moves or gives a toll; whether as an older value; whether as a step."""
        place = self._back(at - 1)
        families = self._at(at - 2).count
        if self._at(at - 1).has("or") and families is not None and families.noun is Noun.THING:
            place = self._back(at - 3)  # `Displaced: 7,801 families / 31,204 persons`
        unit = self._at(place)
        # `insisted that the figure was 52`: in what is reported, `was` is of the telling's time
        reported = unit.has("be") and any(before.has("that") for before in self.units[:place])
        previous = unit.has("older") and not reported
        step = unit.low in self.words.words("words", "by")
        named = unit.has("toll", "total") and self._is_toll(place)
        good = unit.has("move", "be") or named or previous or self._count(at).quantity.moved
        return good, previous, step

    def _toll_before(self, at: int) -> int | None:
        """The toll that the number at `at` belongs to, within the clause."""
        for place in range(at - 1, max(-1, at - REACH), -1):
            unit = self.units[place]
            if unit.has("toll", "total") and self._is_toll(place):
                return place if not self._is_of(at) or place >= self._back(at - 1) - 1 else None
            if unit.low in (";", "?", "."):
                return None
            if self._stops_toll(place, at):
                return None
        return None

    def _is_of(self, at: int) -> bool:
        """`the toll of 31`: such a number stands right after its toll."""
        return self._at(self._back(at - 1)).has("of")

    def _stops_toll(self, place: int, at: int) -> bool:
        unit = self.units[place]
        found = self.found.get(place) if unit.count is not None else None
        return found is not None and not found.previous and not found.rule.startswith("toll")

    def _toll_outcome(self, place: int) -> str | None:
        unit = self.units[place]
        if unit.has("toll") and self._at(place + 1).has("harm.part"):
            return str(self._at(place + 1).tags["harm.part"])  # `the number of prisoners killed`
        if "toll" in unit.tags and unit.low not in self.words.words("total_words", "count"):
            return str(unit.tags["toll"])
        if self._counts_things(place):
            return None
        of = self._toll_of(place)
        if of is not None:
            return of
        if "toll" in unit.tags:
            return (
                self.context.outcome
                if unit.low in self.words.words("total_words", "plain_toll") and self._recent()
                else str(unit.tags["toll"])
            )
        return self._nearest_outcome(place)

    def _counts_things(self, place: int) -> bool:
        """`the number of trucks`: of what is not people, nor any outcome."""
        if not self._at(place + 1).has("of"):
            return False
        for at in range(place + 2, min(len(self.units), place + WHOSE)):
            unit = self.units[at]
            if unit.count is not None or unit.has("person", "harm.part", "state", "counted", "them"):
                return False
            if unit.has("thing", "unit") and unit.text[:1].islower():
                return True
        return True

    def _recent(self) -> bool:
        return self.context.outcome is not None and self.context.outcome == "casualties"

    def _toll_of(self, place: int) -> str | None:
        """`the number of prisoners killed`, `its figure for the missing`, `number of casualties`."""
        named: str | None = None
        for at in range(place + 1, min(len(self.units), place + 14)):
            unit = self.units[at]
            found = next((str(unit.tags[tag]) for tag in NAMING if tag in unit.tags), None)
            if found is not None and not unit.has("person"):
                return found
            named = named or found  # `the number of prisoners killed`: what befell them comes before who they are
            if unit.count is not None or unit.low in (",", ";", ".") or (unit.has("move") and not unit.has("prep")):
                return named
        return named

    def _toll_after(self, at: int) -> Found | None:
        """`bringing to 19 the number held`, `put at 380 the number of people in custody`."""
        dash = self._at(at + 1).low in ("–", "—", "-")
        older = self._at(at - 1).low in self.words.words("words", "from") and self._at(at - 2).count is not None
        before, gives = self._at(at - 1), self.words.words("words", "gives")
        given = before.low in gives or (before.has("move") and before.low.split()[-1] in gives)
        if not (given or dash or older):
            return None
        for place in range(at + 1, min(len(self.units), at + 6)):
            if self.units[place].has("and") or self.units[place].low in ",;:.":
                return None
            if self.units[place].has("toll", "total"):
                outcome = self._toll_of(place) or self._toll_outcome(place)
                return Found(outcome=outcome, rule="toll-after", at=place, previous=older) if outcome else None
        return None

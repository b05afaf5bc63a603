"""What befell people, told from where they are or were brought: a hospital, a cell, a camp, another country."""

from __future__ import annotations

from extract.clause_view import FINITE, REACH, View
from extract.units import END, Noun, Unit
from model import Who

INSIDE_NEAR = 4  # words from `in` to the hospital
HOSPITAL_NEAR = 8  # words from the verb to the hospital, that can have a long name
REFUGE_NEAR = 6  # words from the verb to where they are lodged (`spent the night in the town's school gyms`)
CUSTODY_NEAR = 4  # words from `taken` to `custody`
WOUND_NEAR = 5  # words from `with` to the wound (`with deep shrapnel wounds`)
# where they are -> what that says: the tag of the verbs that bring them there, how far from the verb the place stands
PLACES = {
    "hospital": ("injured", "convey", HOSPITAL_NEAR),
    "custody": ("detained", "convey", CUSTODY_NEAR),
    "refuge": ("displaced", "lodge", REFUGE_NEAR),
}


class Whereabouts:
    """The units to the right of a count, asked where a verb or preposition puts the people."""

    def __init__(self, clauses: View, at: int) -> None:
        self.clauses = clauses
        self.words = clauses.words
        self.units = clauses.units
        self.first = at
        self.stop = min(len(self.units), at + REACH)

    def _at(self, at: int) -> Unit:
        return self.clauses._at(at) if at < self.stop else END

    def _brought(self, at: int) -> str | None:
        """`airlifted to a trauma centre`, `are in five hospitals`, `taken into custody`, `slept in school gyms`."""
        for place, (outcome, verb, reach) in PLACES.items():
            inside = self._at(at).has("inside") and self._at(at - 1).has("be", "adverb", "have")
            if inside and place == "refuge" and self.clauses.context.outcome != outcome:
                inside = self._near(at, "camp", INSIDE_NEAR)  # `are in relief camps`, but `are in high school`
            if (inside and self._near(at, place, INSIDE_NEAR)) or (
                self._at(at).has(verb) and self._near(at, place, reach)
            ):
                return outcome
        hurt = self.clauses.context.outcome == "injured" and self.clauses._count(self.first).noun is Noun.BARE
        if self._at(at).low in self.words.words("words", "admitted") and hurt:
            return "injured"  # `It treated 33 patients. Five were admitted.`
        if self._at(at).has("convey") and (self._are_sick() or self._near(at, "wound", WOUND_NEAR)):
            return "injured"  # `41 patients had been admitted since Monday`
        return "displaced" if self._flees(at) else None

    def _are_sick(self) -> bool:
        said = self.clauses._count(self.first).who_text.lower().split()
        return not self.words.words("words", "sick").isdisjoint(said)

    def _is_hurt(self, at: int) -> bool:
        """`with deep cuts`, `sustained bullet wounds`, `have serious injuries`."""
        return self._at(at).has("with", "suffer", "have") and self._near(at, "wound", WOUND_NEAR)

    def _flees(self, at: int) -> bool:
        """In a text on people in flight, who leaves a place, reaches another or registers there is displaced."""
        unit, count = self._at(at), self.clauses._count(self.first)
        if not unit.has("flees") or count.who not in (None, Who.CHILDREN, Who.WOMEN, Who.CIVILIANS):
            return False
        people = self.words.words("flight", "who")
        known = count.noun is Noun.BARE or not people.isdisjoint(count.who_text.lower().split()[-1:])
        return known and self._at(at + 1).count is None

    def _near(self, at: int, tag: str, reach: int) -> bool:
        """Whether a word of `tag` follows within its own phrase: `with deep cuts`, `moved to cyclone shelters`."""
        for unit in self.units[at + 1 : min(self.stop, at + 1 + reach)]:
            words = {unit.low.split(maxsplit=1)[0], unit.low.split()[-1]}  # `shelters in`, `gunshot injuries`
            place = unit.has(tag) or not self.words.words("words", tag).isdisjoint(words)
            if place or (unit.count is not None and self._counts(unit, tag)):
                return True
            paired = unit.has("and") and tag != "wound"  # `serious or life-threatening injuries`
            other = unit.count is not None and unit.count.noun is not Noun.BARE  # `in 46 evacuation centres`
            ends = other or unit.low in ",;:.()"
            if ends or paired or unit.has("be", "have", "who", "say", *FINITE):
                return False
        return False

    def _counts(self, unit: Unit, tag: str) -> bool:
        """`five hospitals`: whether what is counted is one of `tag`."""
        thing = unit.count is not None and unit.count.noun is Noun.THING
        return thing and any(word in unit.text.lower() for word in self.words.words("words", tag))

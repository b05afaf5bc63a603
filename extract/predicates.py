"""From a count to the right, to the predicate of which it is the subject: `12 people, mostly miners, were killed`."""

from __future__ import annotations

from dataclasses import replace

from extract.clause_view import FINITE, REACH, Found, View
from extract.units import END, QUOTES, Count, Noun, NumberKind, Unit
from model import Who

WOUND_NEAR = 5  # words from `with` to the wound (`with deep shrapnel wounds`)
INSIDE_NEAR = 4  # words from `in` to the hospital
DEATH_NEAR = 8  # words from what befell them first to their death
HOSPITAL_NEAR = 8  # words from the verb to the hospital, that can have a long name
REFUGE_NEAR = 6  # words from the verb to where they are lodged (`spent the night in the town's school gyms`)


class Predicate:
    """A walk to the right of a count, to the predicate of which it is the subject."""

    def __init__(self, clauses: View, at: int) -> None:
        self.clauses = clauses
        self.words = clauses.words
        self.units = clauses.units
        self.first = at
        self.stop = min(len(self.units), at + REACH)
        self.passive = False  # an auxiliary says that it befell them

    def _at(self, at: int) -> Unit:
        return self.clauses._at(at) if at < self.stop else END

    def find(self, at: int | None = None) -> Found | None:
        """The predicate from `at` (or the count) on, None where the clause ends before one."""
        at = self.first + 1 if at is None else at
        while at < self.stop:
            unit = self.units[at]
            found = self._here(at, unit)
            if found is not None:
                return self._died_after(found)
            step = self._skip(at, unit)
            if step is None:
                return None
            at = step
        return None

    def _died_after(self, found: Found) -> Found:
        """`were caught in the crossfire and also died`: the last that befell them is what counts."""
        joined = False
        for at in range(found.at + 1, min(self.stop, found.at + DEATH_NEAR)):
            unit = self.units[at]
            if joined and (unit.tags.get("undergo.past") or unit.tags.get("harm.part")) == "killed":
                return replace(found, outcome="killed")
            if unit.count is not None or unit.low in ",;:." or unit.has("who", "say", "but"):
                break
            joined = (joined and unit.has("adverb", "be", "have")) or unit.has("and")
        return found

    def _found(self, at: int, outcome: str) -> Found:
        share = self.units[at].has("share_state")
        severe = outcome == "injured" and self.units[at].low in self.words.words("part", "severity_state")
        critical = outcome == "injured" and self.units[at].low in self.words.words("part", "critical_state")
        return Found(
            outcome=outcome, rule="group" if share else "after", at=at, severe=severe or critical, critical=critical
        )

    def _here(self, at: int, unit: Unit) -> Found | None:
        """The predicate that stands right at `at`."""
        if self._is_conveyed(at):
            return self._found(at, "injured")
        if self._is_inside(at, "custody"):
            return self._found(at, "detained")
        if unit.has("state") and self._at(at + 1).low not in self.words.grammar.possessive:
            return self._found(at, unit.tags["state"])
        if unit.has(*FINITE):
            tag = next(tag for tag in FINITE if tag in unit.tags)
            return self._found(at, unit.tags[tag])
        if unit.has("harm.part", "harm.past") and unit.low not in self.words.words("words", "weak_bare"):
            if not self.passive and self._is_active(at):
                return None
            return self._found(at, str(unit.tags.get("harm.part") or unit.tags["harm.past"]))
        if unit.has("pronoun") and at == self.first + 1 and self._at(at + 1).has("harm.past"):
            return self._found(at, self._at(at + 1).tags["harm.past"])  # `the 16 workers they seized`
        if unit.has("undergo.ing") and at <= self.first + 2:
            later = self.find(at + 1) if self.clauses._count(self.first).of_them else None
            return later or self._found(at, unit.tags["undergo.ing"])  # `two of those fleeing died`
        if unit.has("with", "suffer") and self._near(at, "wound", WOUND_NEAR):
            return self._found(at, "injured")
        if unit.has("have") and self._near(at, "wound", WOUND_NEAR):
            return self._found(at, "injured")  # `eight people have serious injuries`
        if self._is_lodged(at) or (unit.has("away") and self._forced()):
            return self._found(at, "displaced")
        if self._flees(at):
            return self._found(at, "displaced")
        if self._at(at + 1).has("to_death") and unit.low.endswith(self.words.grammar.participle):
            return self._found(at, "killed")
        return None

    def _flees(self, at: int) -> bool:
        """In a text on people in flight, who leaves a place, reaches another or registers there is displaced."""
        unit, count = self._at(at), self.clauses._count(self.first)
        if not unit.has("flees") or count.who not in (None, Who.CHILDREN, Who.WOMEN, Who.CIVILIANS):
            return False
        people = self.words.words("flight", "who")
        known = count.noun is Noun.BARE or not people.isdisjoint(count.who_text.lower().split()[-1:])
        return known and self._at(at + 1).count is None

    def _is_conveyed(self, at: int) -> bool:
        """`airlifted to a trauma centre in Osk`; with a verb before, `in five hospitals`, `on ventilators`."""
        unit = self._at(at)
        if unit.has("convey"):
            return self._near(at, "hospital", HOSPITAL_NEAR)
        return self._is_inside(at, "hospital")

    def _is_inside(self, at: int, tag: str) -> bool:
        """`are in five hospitals`, `are in rebel custody`, `were in 46 evacuation centres`."""
        inside = self._at(at).has("inside") and self._at(at - 1).has("be", "adverb", "have")
        return inside and self._near(at, tag, INSIDE_NEAR)

    def _is_lodged(self, at: int) -> bool:
        """`moved to cyclone shelters`, `slept in school gyms`."""
        lodged = self._at(at).has("lodge") and self._near(at, "refuge", REFUGE_NEAR)
        return lodged or self._is_inside(at, "refuge")

    def _near(self, at: int, tag: str, reach: int) -> bool:
        """Whether a word of `tag` follows within its own phrase: `with deep cuts`, `moved to cyclone shelters`."""
        for unit in self.units[at + 1 : min(self.stop, at + 1 + reach)]:
            if unit.has(tag) or (unit.count is not None and self._counts(unit.count, tag)):
                return True
            paired = unit.has("and") and tag != "wound"  # `serious or life-threatening injuries`
            if (
                unit.count is not None
                or unit.low in ",;:.()"
                or paired
                or unit.has("be", "have", "who", "say", *FINITE)
            ):
                return False
        return False

    def _counts(self, count: Count, tag: str) -> bool:
        """`five hospitals`: whether what is counted is one of `tag`."""
        what = count.who_text.lower()
        return count.noun is Noun.THING and any(word in what for word in self.words.words("words", tag))

    def _is_active(self, at: int) -> bool:
        """`four gunmen killed 12 people`: the count is who did it."""
        place = at + 1
        while self._at(place).has("adverb") and not self._at(place).has("det"):
            place += 1
        if self._at(place).low in self.words.grammar.object_marks:
            return True
        unit = self._at(place)
        if unit.count is not None or (unit.has("person") and not unit.low.startswith(self.words.others)):
            return self.clauses._count(self.first).noun is Noun.PERSON
        return unit.has("det") and not unit.has("prep", "who", "them")

    def _skip(self, at: int, unit: Unit) -> int | None:
        """The place to go on at, or None where the subject's clause ends."""
        if unit.has("be", "have", "modal", "do"):
            return self._verb_group(at) or self._after_relative(at)
        if unit.has("to") and self._at(at + 1).has("harm.base", "undergo.base"):
            return at + 1 if self._forced() else None
        if unit.has("hedge_verb"):
            return at + 1
        if unit.low == "," and self._at(at + 1).has("to") and self._forced():
            return at + 1
        if unit.low in ",(–—-":
            return self._aside(at, unit)
        if unit.low in QUOTES or unit.has("who", "increment", "adverb") or unit.low in self.words.others:
            return at + 1
        if (
            unit.has("subset", "prep", "undergo.ing", "find")
            or unit.tags.get("time") == "age_before"
            or (unit.low.endswith(self.words.grammar.ing) and not unit.has("harm.ing", "say"))
        ):
            return self.through_phrase(at + 1)
        if unit.has("and"):
            return self._second_subject(at)
        if unit.quantity is not None and unit.quantity.kind is NumberKind.ORDINAL:
            return at + 1 + self._at(at + 1).glued
        if unit.tags or at >= self.first + 4:
            return None
        if unit.text[:1].isupper() or (self.words.grammar.heads_first and unit.text[:1].isalpha()):
            return at + 1  # `12 ouvriers agricoles ont péri`
        return self.through_phrase(at + 2) if self._at(at + 1).has("prep") and at == self.first + 1 else None

    def _forced(self) -> bool:
        """`forced 10,000 to flee`; but who is `urged to leave` has not left."""
        first = self.first
        families = self.clauses._at(first - 2 - (self.clauses._at(first - 2).low == ",")).count
        if self.clauses._at(first - 1).has("or") and families is not None and families.noun is Noun.THING:
            first -= 2 + (self.clauses._at(first - 2).low == ",")  # `forced 412 families, or 1,867 people, to leave`
        return any(self.clauses._at(first - back).has("force") for back in (1, 2))

    def _after_relative(self, at: int) -> int | None:
        """`six reporters who had covered the strike were taken`: over a relative clause to the main verb."""
        if not self._at(at - 1).has("who"):
            return None
        for place in range(at + 1, min(self.stop, at + 12)):
            unit = self.units[place]
            if unit.has("be") and not self._at(place - 1).has("have", "be", "modal"):
                return self._verb_group(place)
            if unit.low in ",;:." or unit.count is not None:
                return None
        return None

    def _verb_group(self, at: int) -> int | None:
        """Through auxiliaries and adverbs to the predicate; past it there is nothing to find."""
        place = at
        while place < self.stop:
            unit = self.units[place]
            planned = unit.has("to") and self._at(place - 1).low in self.words.words("words", "is")
            if planned or unit.has("counterfactual") or (unit.has("not") and not unit.has("state")):
                return None
            if self._here_in_group(place) is not None:
                return place if self._usable(place) and not self._has_object(at, place) else None
            if not (unit.has("be", "have", "modal", "do", "adverb", "to", "hedge_verb", "find") or unit.low in QUOTES):
                return None
            place += 1
        return None

    def _has_object(self, first: int, place: int) -> bool:
        """`deux hommes ont tué 12 villageois`: a perfect with whom it befell after it; the count is who did it."""
        perfect = not any(unit.has("be", "find") for unit in self.units[first:place])
        unit = self.units[place]
        return perfect and unit.has("harm.part") and not unit.has("state", *FINITE) and self._is_active(place)

    def _here_in_group(self, place: int) -> bool | None:
        unit = self.units[place]
        if unit.has("state", "harm.part", "undergo.part", *FINITE, "undergo.ing"):
            return True
        conveyed = (
            self._is_conveyed(place)
            or self._is_inside(place, "custody")
            or self._flees(place)
            or self._at(place + 1).has("to_death")
        )
        return True if conveyed or self._is_lodged(place) else None

    def _usable(self, place: int) -> bool:
        unit = self.units[place]
        self.passive = True
        if unit.has("undergo.part", "undergo.ing") and not unit.has("state", "harm.part", *FINITE):
            unit.tags = {**unit.tags, "state": unit.tags.get("undergo.part") or unit.tags["undergo.ing"]}
        if unit.low in self.words.words("words", "weak_bare") and "harm.part" in unit.tags:
            unit.tags = {**unit.tags, "state": unit.tags["harm.part"]}
        return True

    def _aside(self, at: int, unit: Unit) -> int | None:
        """Over an insertion (`, mostly Alawites,`): what follows it must be the predicate."""
        close = ")" if unit.low == "(" else unit.low
        opened = any(before.low == "," for before in self.units[max(0, self.first - 3) : self.first])
        if unit.low == "," and opened and self._at(at + 1).has("be", "have"):
            return at + 1  # `8,500 families, or 40,000 people, have been`
        for place in range(at + 1, min(self.stop, at + 22)):
            if self.units[place].low == close:
                after = self._at(place + 1)
                if after.has("be", "have", "modal", "harm.part", *FINITE, "state", "adverb", "who"):
                    return place + 1
                if close == ")":
                    return place + 1
            if self.units[place].low in (";", ":"):
                return None
        return None

    def through_phrase(self, at: int) -> int | None:
        """Through a prepositional phrase or an `including` list, to a verb or a predicate."""
        for place in range(at, min(self.stop, at + 16)):
            unit = self.units[place]
            if unit.low in ",;:.?" or unit.has("but"):
                return place if unit.low == "," else None
            if unit.has("that") and self._at(place - 1).has("prep"):
                continue
            if unit.has("be", "have", "modal", "who", *FINITE, "harm.part", "state") or self._is_lodged(place):
                return None if self._other_subject(place) else place
            if (unit.has("convey") and self._is_conveyed(place)) or self._flees(place):
                return place
            if unit.has("say", "harm.ing", "harm.s"):
                return None
        return None

    def _other_subject(self, place: int) -> bool:
        """A count between, nearer to the verb, that no list joins to this one, is its subject."""
        between = [at for at in self.clauses.counts if self.first < at < place]
        return any(not self.units[at - 1].has("subset", "and", "prep", "det") for at in between)

    def _second_subject(self, at: int) -> int | None:
        """`three doctors and their driver were killed`, `400 people or 90 families were moved`."""
        families = self._at(at + 1).count
        if families is not None and families.noun is Noun.THING:
            return at + 2
        for place in range(at + 1, min(self.stop, at + 9)):
            unit = self.units[place]
            if unit.count is not None or unit.low in ",;:.?" or (unit.has("say", "harm.past") and place == at + 1):
                return None
            if unit.has("be", "have", *FINITE) or (unit.has("harm.part", "state") and place > at + 1):
                return place if place > at + 1 else None
        return None

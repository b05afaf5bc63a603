"""From a count to the right, to the predicate of which it is the subject: `12 people, mostly miners, were killed`."""

from __future__ import annotations

from dataclasses import replace

from extract.clause_view import FINITE, Found, View
from extract.units import QUOTES, Noun, NumberKind, Unit
from extract.whereabouts import Whereabouts

DEATH_NEAR = 8  # words from what befell them first to their death
DEATH_PAST_PHRASE = 14  # … over what a participle is told with (`swept away by snow in the Orle range were found dead`)
DEATH_PAST_RELATIVE = 20  # … over a relative clause (`who had been trapped for four days after a tunnel fell in were`)


class Predicate(Whereabouts):
    """A walk to the right of a count, to the predicate of which it is the subject."""

    def __init__(self, clauses: View, at: int) -> None:
        super().__init__(clauses, at)
        self.passive = False  # an auxiliary says that it befell them

    def find(self, at: int | None = None) -> Found | None:
        """The predicate from `at` (or the count) on, None where the clause ends before one."""
        at = self.first + 1 if at is None else at
        while at < self.stop:
            unit = self.units[at]
            found = self._here(at, unit)
            if found is not None:
                return self._died_after(found)
            step = self._skip(at, unit)
            if step is None or step == at:
                return None  # `were to death`: an auxiliary at whose own place something was looked for in vain
            at = step
        return None

    def _died_after(self, found: Found) -> Found:
        """`were caught in the crossfire and also died`, `caught in it were killed`: the last one counts."""
        relative = self._at(self.first + 1).has("who")  # `miners who had been trapped since May were found dead`
        joined, reduced = False, relative or found.at == self.first + 1
        # but of `three of the 17 people held hostage died` it is the three
        before = self.clauses._at(self.first - 1).count
        finite = reduced and not (before is not None and before.partitive)
        near = DEATH_PAST_RELATIVE if relative else DEATH_PAST_PHRASE if reduced else DEATH_NEAR
        for at in range(found.at + 1, min(self.stop, found.at + near)):
            unit = self.units[at]
            fate = unit.tags.get("undergo.past") or unit.tags.get("harm.part") or unit.tags.get("state")
            if joined and fate and self._at(at + 1).count is not None:
                break  # `forced 900 from their homes and killed six`
            if (joined or (finite and unit.has("undergo.past"))) and fate == "killed":
                return replace(found, outcome="killed")  # `workers hurt in the fire succumbed to their burns`
            if unit.count is not None or unit.low in ",;:." or unit.has("who", "say"):
                break
            if unit.has("but") and not (relative or unit.has("and")):
                break
            goes_on = joined and unit.has("adverb", "be", "have", "find")
            joined = goes_on or unit.has("and") or (reduced and unit.has("be"))
        return found

    def _found(self, at: int, outcome: str) -> Found:
        share = self.units[at].has("share_state")
        severe = outcome == "injured" and self.units[at].low in self.words.words("part", "severity_state")
        grave = tuple(self.words.words("part", "critical_state"))
        critical = outcome == "injured" and bool(grave) and self.units[at].low.endswith(grave)
        return Found(
            outcome=outcome, rule="group" if share else "after", at=at, severe=severe or critical, critical=critical
        )

    def _here(self, at: int, unit: Unit) -> Found | None:
        """The predicate that stands right at `at`."""
        brought = self._brought(at)
        if brought is not None:
            return self._found(at, brought)
        outcome = self._by_verb(at, unit)
        if outcome is not None:
            return self._found(at, outcome) if outcome else None
        if unit.has("undergo.ing") and at <= self.first + 2:
            later = self.find(at + 1) if self.clauses._count(self.first).of_them else None
            return later or self._found(at, unit.tags["undergo.ing"])  # `two of those fleeing died`
        if self._is_hurt(at):
            return self._found(at, "injured")
        if unit.has("away") and self._forced():
            return self._found(at, "displaced")
        if self._at(at + 1).has("to_death") and unit.low.endswith(self.words.grammar.participle):
            return self._found(at, "killed")
        return None

    def _by_verb(self, at: int, unit: Unit) -> str | None:
        """The outcome that a verb or state says; "" where the count is who did it."""
        if unit.has("state") and self._at(at + 1).low not in self.words.grammar.possessive:
            return str(unit.tags["state"])
        if unit.has(*FINITE):
            return str(next(unit.tags[tag] for tag in FINITE if tag in unit.tags))
        if unit.has("harm.part", "harm.past") and self._stands_alone(at, unit):
            active = not self.passive and self._is_active(at)
            return "" if active else str(unit.tags.get("harm.part") or unit.tags["harm.past"])
        if unit.has("pronoun") and at == self.first + 1 and self._at(at + 1).has("harm.past"):
            return str(self._at(at + 1).tags["harm.past"])  # `the 16 workers they seized`
        return None

    def _stands_alone(self, at: int, unit: Unit) -> bool:
        """Whether a participle can say what befell them without an auxiliary; a weak one goes on with one before.

        `57 people were killed and over 1,800 jailed`.
        """
        if unit.low not in self.words.words("words", "weak_bare"):
            return True
        before = [found.rule for place, found in self.clauses.found.items() if place < self.first]
        heads = self.first == 0 or self._at(self.first - 1).low in ";,:—–-|"
        after = self._at(at + 1)
        bare = self.clauses._count(self.first).noun is Noun.BARE
        ends = after.low in (",", ";", ":", "\0") or (bare and self.first == 0 and after.has("but", "prep"))
        if heads and at == self.first + 1 and ends:
            return True  # a headline: `11 held, inspector suspended`, `six held after brawl`
        return at == self.first + 1 and self._at(self.first - 1).has("and") and before[-1:] == ["after"]

    def _is_active(self, at: int) -> bool:
        """`four gunmen killed 12 people`: the count is who did it."""
        place = at + 1
        while self._at(place).has("adverb") and not self._at(place).has("det"):
            place += 1
        if self._at(place).low in self.words.grammar.object_marks:
            return True
        unit = self._at(place)
        if unit.count is not None or (unit.has("person") and not unit.low.startswith(self.words.others)):
            # `12 killed 3 hurt` of a headline; but `two in Osk and one in Arl - and wounded seven`
            return self.clauses._count(self.first).noun is Noun.PERSON or at > self.first + 1
        return unit.has("det") and not unit.has("prep", "who", "them")

    def _skip(self, at: int, unit: Unit) -> int | None:
        """The place to go on at, or None where the subject's clause ends."""
        if unit.has("be", "have", "modal", "do"):
            return self._verb_group(at) or self._after_relative(at)
        if unit.has("to") and self._at(at + 1).has("harm.base", "undergo.base"):
            return at + 1 if self._forced() else None
        if unit.has("pronoun") and self._at(at + 1).has("say"):
            return at + 2  # `41 people it said had died`
        if unit.has("det") and self._at(at + 2).has("say") and self.words.is_head(self._at(at + 1).low):
            return at + 3  # `nine of whom the army believes to be dead`
        if unit.low == ")" and self.clauses._at(self.first - 1).low == "(":
            return at + 1  # `1,140 families (6,300 people) were displaced`
        if unit.low in ",(–—-":
            return at + 1 if self._at(at + 1).has("to") and self._forced() else self._aside(at, unit)
        if self._is_light(unit):
            return at + 1
        if self._opens_phrase(unit):
            return self.through_phrase(at + 1)
        if unit.has("and"):
            return self._second_subject(at)
        return self._past_noun(at, unit)

    def _is_light(self, unit: Unit) -> bool:
        """What can stand between a subject and its verb without a phrase of its own."""
        return (
            unit.has("hedge_verb", "who", "increment", "adverb") or unit.low in QUOTES or unit.low in self.words.others
        )

    def _opens_phrase(self, unit: Unit) -> bool:
        ing = unit.low.endswith(self.words.grammar.ing) and not unit.has("harm.ing", "say")
        opens = unit.has("subset", "prep", "undergo.ing", "find", "told_of")
        return ing or opens or unit.tags.get("time") == "age_before"

    def _past_noun(self, at: int, unit: Unit) -> int | None:
        """Over an ordinal (`the 91st`), the rest of a name, or a noun that no list knows."""
        if unit.quantity is not None and unit.quantity.kind is NumberKind.ORDINAL:
            return at + 1 + self._at(at + 1).glued
        if unit.tags or at >= self.first + 4:
            return None
        main = self._after_relative(at)  # `three people who tried to flee were shot dead`
        if main is not None:
            return main
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
            own = unit.has("undergo.past") and place > at + 1
            if own and not self._at(place - 1).has("have", "modal", "and", "who"):
                return place  # `patients who had survived operations died`
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
            if self._here_in_group(place):
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

    def _here_in_group(self, place: int) -> bool:
        """Whether a predicate stands at `place`, after its auxiliaries."""
        unit = self.units[place]
        said = unit.has("state", "harm.part", "undergo.part", *FINITE, "undergo.ing")
        return said or self._brought(place) is not None or self._at(place + 1).has("to_death")

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
        opened = any(before.low == unit.low for before in self.units[max(0, self.first - 3) : self.first])
        if unit.low in ",–—" and opened and self._at(at + 1).has("be", "have"):
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
            if unit.has("be", "have", "modal", "who", *FINITE, "harm.part", "state") or self._brought(place):
                return None if self._other_subject(place) else place
            if unit.has("say", "harm.ing", "harm.s"):
                return None
        return None

    def _other_subject(self, place: int) -> bool:
        """A count between, nearer to the verb, that no list joins to this one, is its subject."""
        between = [at for at in self.clauses.counts if self.first < at < place]
        joined = ("subset", "and", "prep", "det")
        return any(self.units[at - 1].has("with") or not self.units[at - 1].has(*joined) for at in between)

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

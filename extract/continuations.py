"""Numbers that go on with what was said before: `the company says 39`, `up from 745`, `11 were children`."""

from __future__ import annotations

from extract.clause_view import Found, View
from extract.units import QUOTES, Noun, NumberKind
from model import Who

NEAR = 5  # words before `from` in which what has moved is named


class Continuations(View):
    """The rules that need an outcome from before."""

    def _from_context(self, at: int) -> None:
        found = self._broken_down(at)
        if found is not None:
            self.found[at] = found
            return
        count = self._count(at)
        outcome = (count.outcome if count.partitive else None) or self._nearest_outcome(at)
        among_them = self._at(at + 1).has("be") and self._at(at + 2).has("subset")
        if outcome is None or (count.noun in (Noun.UNKNOWN, Noun.THING) and not (among_them or self._is_name(at))):
            return
        for rule in (
            self._are_among,
            self._also_counted,
            self._said_bare,
            self._are_group,
            self._remain,
            self._it_was,
            self._named_on_list,
            self._of_those,
        ):
            found = rule(at, outcome)
            if found is not None:
                self.found[at] = found
                return

    def _are_among(self, at: int, outcome: str) -> Found | None:
        """`Among them are five miners`: of those counted before."""
        among = self._at(0).has("subset") and self._at(1).has("be")
        if not among or self._back(at - 1) != 1 or self._count(at).noun is not Noun.PERSON:
            return None
        return Found(outcome=outcome, rule="group", at=1, who=self._count(at).who or self.context.who)

    def _said_bare(self, at: int, outcome: str) -> Found | None:
        """`the company says 39`, `the police chief insists on two`, `spoke of at least 25`, `had counted 24`."""
        count = self._count(at)
        place = self._back(at - 1)
        unit = self._at(place)
        bare = count.noun is Noun.BARE and self._closes(at + 1)
        if not bare or not unit.has("spoke_of"):
            said = self._at(place - 1).has("spoke_of") and unit.has("prep", "of")
            if not bare or not said:
                return None
        return Found(outcome=outcome, rule="said", at=place, who=self.context.who)

    def _of_those(self, at: int, outcome: str) -> Found | None:
        """`Sixty-two of them are under 18`, `Of the dead, 16 have been identified`: of those counted before."""
        count, after = self._count(at), self._at(at + 1)
        opens = at == 0 or (at == 1 and (self._at(0).has("adverb", "and", "but") or self._at(0).low in QUOTES))
        of_whom = self._of_whom() if at == self.counts[0] and count.noun is Noun.BARE else None
        told = self._at(self._past_auxiliaries(at + 1))
        if of_whom and not after.has("survive", "be", "have") and after.text.islower():
            return Found(outcome=of_whom, rule="group", at=at + 1, who=self.context.who)  # `Of the deaths, 21 occurred`
        named = count.noun is Noun.BARE and told.has("told_of") and bool(self.found)  # `four had been identified`
        behind = count.of_them and bool(self.found) and self._at(at - 1).low == ","  # `, 17 of whom are under 15`
        if not ((opens and count.of_them) or behind or of_whom or named) or not after.has("be", "have", "belong"):
            return None
        age = told.quantity is not None and told.quantity.kind is NumberKind.AGE
        if not (after.has("belong") or age or told.has("told_of", "prep")):
            return None
        return Found(outcome=of_whom or outcome, rule="group", at=at + 1, who=count.who or self.context.who)

    def _past_auxiliaries(self, at: int) -> int:
        while self._at(at).has("be", "have", "adverb", "modal") or self._at(at).has("younger"):
            at += 1
        return at

    def _broken_down(self, at: int) -> Found | None:
        """`61 deaths (38 men, 14 women, nine children)`, `They are 13 women, nine men`: groups of those before."""
        first = at
        while self._is_joint(first - 1) and self._is_group(first - 2):
            first -= 2
        goes_on = self._is_joint(at + 1) and self._is_group(at + 2)
        if not self._is_group(at) or (first == at and not goes_on):
            return None
        outcome = self._opened(first)
        return Found(outcome=outcome, rule="group", at=at, who=self._count(at).who) if outcome else None

    def _opened(self, first: int) -> str | None:
        """The outcome of those whom a list that begins at `first` breaks down."""
        opener = self._at(first - 1)
        dash = opener.low in ("-", "–", "—") and not opener.glued and first - 2 in self.found
        if dash or opener.low in ("(", ":") or opener.low in self.words.words("words", "as"):
            whole = next((other for other in reversed(self.counts) if other < first and other in self.found), None)
            return self.found[whole].outcome if whole is not None else self.context.outcome
        return self.context.outcome if opener.has("be") and self._at(first - 2).has("pronoun") else None

    def _is_joint(self, at: int) -> bool:
        return self._at(at).low == "," or self._at(at).has("and")

    def _is_group(self, at: int) -> bool:
        return at in self.counts and self._count(at).noun is Noun.PERSON and not self._count(at).partitive

    def _also_counted(self, at: int, outcome: str) -> Found | None:
        """`It also counted 146 local fighters`: of the same fate as those counted before."""
        place = self._back(at - 1)
        if self._count(at).noun is not Noun.PERSON or self._at(place).low not in self.words.words("say", "counting"):
            return None
        also = any(unit.low in self.words.words("words", "also") for unit in self.units[max(0, place - 2) : place])
        also = also or outcome == "displaced"  # `a team that went there registered 5,312 people`
        return Found(outcome=outcome, rule="said", at=place, who=self._count(at).who) if also else None

    def _is_name(self, at: int) -> bool:
        return self._count(at).who_text.lower() in self.words.words("words", "listed")

    def _named_on_list(self, at: int, outcome: str) -> Found | None:
        """`a list of 51 names`: of those who were counted before."""
        lists = any(unit.low in self.words.words("words", "lists") for unit in self.units[:at])
        return Found(outcome=outcome, rule="said", at=at, who=self.context.who) if lists and self._is_name(at) else None

    def _it_was(self, at: int, outcome: str) -> Found | None:
        """`It was 87 at lunchtime`, `it had been 61 until then`: the toll of before, once more."""
        place = self._back(at - 1)
        while self._at(place).has("be", "have", "adverb") and place > 0:
            place -= 1
        before_now = self.words.words("previous", "before_now")
        toll = (
            self.context.of_toll
            or any(found.rule.startswith("toll") for found in self.found.values())
            or any(unit.low in before_now for unit in self.units[:place])  # `an hour ago it was 120`
        )
        bare = self._count(at).noun is Noun.BARE and place < at - 1
        if not (bare and toll and self._at(place).tags.get("pronoun") == "it"):
            return None
        return Found(outcome=outcome, rule="toll", at=place, previous=True, who=self.context.who)

    def _remain(self, at: int, outcome: str) -> Found | None:
        """`17 remained inside`: of those held, missing or displaced."""
        held = self._count(at).noun is Noun.BARE and self._at(at + 1).has("remain") and self._closes(at + 2)
        if held and self._count(at).quantity.vague is None and outcome not in ("killed", "injured"):
            return Found(outcome=outcome, rule="remain", at=at + 1, who=self.context.who)
        return None

    def _older_here(self, at: int) -> Found | None:
        outcome = self._nearest_outcome(at) or self._toll_named(at)
        return self._older(at, outcome) if outcome is not None else None

    def _toll_named(self, at: int) -> str | None:
        """`The death count, previously 115, was`: the toll named at the sentence's start."""
        return next((str(unit.tags["toll"]) for unit in self.units[:at][:3] if unit.has("toll")), None)

    def _older(self, at: int, outcome: str) -> Found | None:
        """`up from 745`, `was 19`, `(earlier: 29 dead)`, `not five as stated before`, `after a peak of 17,600`."""
        count = self._count(at)
        place = at - 1 if self._at(at - 1).has("older") else self._back(at - 1)
        if any(unit.has("other_total") for unit in self.units[max(0, place - NEAR) : place]):
            return None  # `cut the population from 450 million`
        if count.noun is Noun.COUNTED or count.noun is Noun.UNKNOWN or not self._at(place).has("older"):
            return None
        alone = self._at(place).low in self.words.words("words", "older_alone")
        if not alone and not (count.noun is Noun.BARE and any(other < at for other in self.found)):
            return None
        if self._at(place).low in self.words.words("words", "from"):
            if not self.found and self.context.outcome is None:
                return None
            if not self._at(place - 1).has("move", "say") and not any(other < at for other in self.found):
                return None
        return Found(outcome=outcome, rule="older", at=place, previous=True, who=self._before_who(at))

    def _before_who(self, at: int) -> Who | None:
        for other in sorted((other for other in self.found if other < at), reverse=True):
            return self._count(other).who or self.found[other].who
        return self.context.who

    def _are_group(self, at: int, outcome: str) -> Found | None:
        """`431 were civilians`, `84 belonged to the security forces`, `Two, it said, are foreign nationals`."""
        count = self._count(at)
        place = at + 1
        if self._at(place).has("be") and self._at(place + 1).has("subset") and count.noun is not Noun.BARE:
            return Found(outcome=outcome, rule="group", at=place, who=count.who or self.context.who)
        if self._at(place).low == ",":
            place = (
                next((k for k in range(place + 1, min(place + 6, len(self.units))) if self.units[k].low == ","), at) + 1
            )
        if not (count.partitive or count.noun is Noun.BARE) or not self._at(place).has("be", "belong"):
            return None
        for k in range(place + 1, min(place + 7, len(self.units))):
            unit = self.units[k]
            if unit.has("person", "modifier"):
                named = unit.group
                return Found(
                    outcome=outcome,
                    rule="group",
                    at=k,
                    who=Who(named) if named and named != "people" else self.context.who,
                )
            inside = (
                (unit.has("to") and self._at(place).has("belong"))
                or unit.has("det", "adverb", "modifier", "of", "who")
                or unit.text[:1].isupper()
            )
            if not inside and (unit.tags or unit.low.endswith(self.words.grammar.ing) or not unit.text[:1].isalpha()):
                return None
        return None

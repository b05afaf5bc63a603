"""Which outcome a count has: its own noun, the predicate after it, the verb before it, a toll, its list, its context.

Each way is one rule; the name of the rule that read a claim goes into the claim. The rules are asked in order of
how close they bind: first for every count by itself, then for counts that share what another one has, then by the
context and what a noun implies; what is found last is shared once more.
"""

from __future__ import annotations

from extract.clause_view import Context, Found, Refusal
from extract.continuations import Continuations
from extract.own_outcomes import OwnOutcomes
from extract.predicates import Predicate
from extract.shared_outcomes import SharedOutcomes
from extract.tolls import Tolls
from extract.units import Count, Noun
from model import Vague, Who

__all__ = ["Clauses", "Context", "Found"]

PARTS = ("part", "part-before", "among", "group")  # rules of shares, whose group is not the whole's
HARMED = {"killed", "injured", "missing", "casualties"}
VICTIMS = (Who.DETAINEES, Who.AID_WORKERS, Who.HOSTAGES)


class Clauses(OwnOutcomes, Tolls, SharedOutcomes, Continuations):
    """One sentence's units, asked for the outcome of each count."""

    def read(self) -> dict[int, Found]:
        """The outcomes by the place of their count."""
        for at in self.counts:
            refusal = self._refusal(at)
            if refusal is not None:
                self.refused[at] = refusal
        for at in self.counts:
            if at not in self.refused:
                self._own(at)
        self._share()
        for at in self.counts:
            if at not in self.refused and at not in self.found:
                self._from_context(at)
            implied = self._implied(at) if at not in self.refused and at not in self.found else None
            if implied is not None:
                self.found[at] = implied
        self._share()  # what hangs on a count that only now has an outcome
        self._inherit()
        return self.found

    def _own(self, at: int) -> None:
        rules = [self._noun, self._among, self._after, self._before, self._toll, self._older_here]
        if self._at(at + 1).low in "-–—," or self._at(at + 1).has("who"):
            rules[2:4] = [self._killed_first, self._after, self._before]
        if self._at(self._back(at - 1)).has("whose"):
            rules.insert(2, self._of)  # `the bodies of 58 people had been brought to hospitals`
        for rule in rules:
            found = rule(at)
            if found is not None:
                self.found[at] = found
                return

    def _killed_first(self, at: int) -> Found | None:
        """`killed seven workers who had taken shelter`: what a clause about them says is not their fate."""
        found = self._before(at)
        sure = found is not None and self._at(found.at).low not in self.words.words("words", "weak_verbs")
        return found if found is not None and sure and found.outcome == "killed" else None

    def _refusal(self, at: int) -> Refusal | None:
        before = self._back(at - 1)
        if self._at(before).has("none_of", "not") and self._at(before).low not in self.words.words(
            "words", "negated_ok"
        ):
            return Refusal.NEGATED
        if self._count(at).quantity.vague is Vague.MANY and self._at(at - 1).low in self.words.words("words", "degree"):
            return Refusal.DEGREE  # `so many people`
        if self._count(at).noun is Noun.COUNTED and self.units[at].low in self.words.words("words", "beyond_count"):
            return Refusal.DEGREE  # `numerous civilian casualties`
        if self._at(at - 1).has("fell_by"):
            return Refusal.STEP  # `fell by 12 to 30`: the step of a fall is nobody harmed
        if self._count(at).noun is Noun.THING and not self._is_name(at) and not self._survivors_hurt(at):
            return Refusal.THING
        if self._speaks(at):
            return Refusal.SPEAKS
        if self._at(at - 1).has("exchange"):
            return Refusal.EXCHANGED
        if self._count(at).of_them and self._of_things(at):
            return Refusal.THING  # `420 beds, 36 of them in intensive care`
        if self._count(at).noun is Noun.UNKNOWN and self._at(at - 1).has("and") and self._is_thing(at - 2):
            return Refusal.THING  # `twelve lorries and 30 cartons`
        return Refusal.NEGATED if self._at(at - 1).has("none_of") else self._came_through(at)

    def _came_through(self, at: int) -> Refusal | None:
        before = self._back(at - 1)
        if self._count(at).outcome == "killed" and self._count(at).noun is Noun.COUNTED:
            return None  # `29 bodies had been brought ashore`
        return Refusal.SURVIVED if self._at(before).has("survive") or self._survived(at) else None

    def _is_thing(self, at: int) -> bool:
        return at in self.counts and self._count(at).noun is Noun.THING

    def _of_things(self, at: int) -> bool:
        before = [self._count(other).noun for other in self.counts if other < at]
        return bool(before) and all(noun is Noun.THING for noun in before)

    def _speaks(self, at: int) -> bool:
        """`two residents told reporters`: those who speak are not those whom they speak of."""
        place = at + 1
        if self._at(place).has("and"):  # `two medics and a councillor said`
            place = next((k for k in range(place + 1, place + 5) if self._at(k).has("say")), at)
            names = self.units[at + 2 : place]
            plain = ("det", "person", "modifier", "thing")
            if not names or not all(unit.has(*plain) or not unit.tags for unit in names):
                return False
            if any(unit.count is not None or not unit.text[0].isalnum() for unit in names):
                return False  # `killed two guards and four children, medics said`
        return self._count(at).noun is Noun.PERSON and self._at(place).has("never_passive")

    def _survivors_hurt(self, at: int) -> bool:
        """`22 survivors were taken to hospital`: no claim as survivors, one as the injured."""
        if self.units[at].text.lower().split()[-1] not in self.words.words("words", "survive"):
            return False
        found = Predicate(self, at).find()
        return found is not None and found.outcome == "injured"

    def _survived(self, at: int) -> bool:
        """`134 were picked up by boats`, `all 189 survived`: those who came through are no claim."""
        for place in range(at + 1, at + 8):
            unit = self._at(place)
            if unit.has("survive"):
                return not unit.has("state")
            if unit.count is not None or unit.has("breaker"):
                return False
            if unit.has("who"):
                return False  # `six patients who had survived the operation died`
            aboard = unit.has("prep") or self._at(place - 1).has("prep")  # `29 of the 130 on board had been`
            if not aboard and not unit.has("be", "have", "adverb"):
                return False
        return False

    def _inherit(self) -> None:
        """A count without a noun counts whom the one before it counted: `two aid workers dead, five injured`."""
        for at in sorted(self.found):
            count, found = self._count(at), self.found[at]
            bare = count.noun is Noun.BARE or count.partitive or self._is_state_noun(count)
            if found.rule == "toll" and (self._at(found.at).has("toll") or found.previous):
                continue  # a death toll is everybody's unless it says whose
            sick = self.words.words("words", "sick")
            if found.outcome == "displaced" and not sick.isdisjoint(count.who_text.lower().split()):
                found.outcome = "injured"  # `17 of the most serious cases were evacuated to the capital`
            if found.outcome == "detained" and Who.HOSTAGES in (count.who, found.who):
                found.outcome = "abducted"  # `the 48 hostages still held`
            if count.who is None and found.who is None and bare and not count.other:
                found.who = self._group_after(at, found.at) if count.of_them else None
                if found.who is not None:
                    continue
                object_of = found.rule == "verb" and count.noun is Noun.BARE and self.context.who in VICTIMS
                state = self._is_state_noun(count) and not count.partitive
                left = self._at(at - 1).has("leave")  # `fighting that left dozens killed`: whoever was in its way
                definite = count.of_them and count.outcome is not None  # `of the wounded`, whoever they are
                found.who = self._whom_before(at, here=state or object_of or left or definite)

    def _group_after(self, at: int, verb: int) -> Who | None:
        """`19 of those who died were children`: the group that a share is said to be."""
        be = next((place for place in range(verb + 1, verb + 3) if self._at(place).has("be")), None)
        group = self._at(self._forward(be + 1)).group if be is not None and verb > at else None
        return Who(group) if group and group != "people" else None

    def _is_state_noun(self, count: Count) -> bool:
        """`12 injured`, `one seriously wounded`: what is written like a noun is a state of those counted before."""
        degrees = count.who_text.lower().split()[:-1]
        return count.noun is Noun.COUNTED and self.words.words("part", "severity").issuperset(degrees)

    def _whom_before(self, at: int, *, here: bool) -> Who | None:
        """The group counted last; `here`: in this sentence, for `14 bodies` are nobody's of the sentence before."""
        known = [other for other in self.found if other < at and self.found[other].rule not in PARTS]
        if known:
            last = max(known)
            who = self._count(last).who or self.found[last].who
        else:
            who = self._victims_named(at) or self._whom_in_context(at, here=here)
        return None if who in (Who.WOMEN, Who.CHILDREN) else who

    def _whom_in_context(self, at: int, *, here: bool) -> Who | None:
        if here:
            return self.context.who if self._of_victims() else None
        return self.context.who if self._same_people(self.found[at].outcome) else None

    def _same_people(self, outcome: str) -> bool:
        """Whether a count of this outcome can go on with those counted in the sentence before."""
        return outcome == self.context.outcome or {outcome, self.context.outcome} <= HARMED

    def _of_victims(self) -> bool:
        """Whether the text is of captives or the like from its first claim on: `three deaths` are deaths of theirs."""
        return self.context.who in VICTIMS and self.context.who == self.context.lead

    def _victims_named(self, at: int) -> Who | None:
        """A group named before in the sentence that is seldom the one that kills."""
        tells = False  # `the families of the hostages said that four died`, but not `Prisoners: the council says …`
        for unit in reversed(self.units[:at]):
            group = unit.tags.get("person")
            tells = unit.low != ":" and (tells or unit.has("say"))
            if group in VICTIMS:
                return None if tells else Who(group)
        return None

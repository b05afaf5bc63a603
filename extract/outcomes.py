"""Which outcome a count has: its own noun, the predicate after it, the verb before it, a toll, its list, its context.

Each way is one rule; the name of the rule that read a claim goes into the claim. The rules are asked in order of
how close they bind, first for every count by itself, then for counts that share what another one has.
"""

from __future__ import annotations

from dataclasses import dataclass

from extract.lexicon import Lexicon
from extract.units import END, Count, Noun, NumberKind, Unit
from model import Qualifier, Who

REACH = 40  # units that a predicate may stand after its subject; long subjects of real news stay below
HARM = ("harm.base", "harm.s", "harm.past", "harm.part", "harm.ing")
UNDERGO = ("undergo.base", "undergo.s", "undergo.past", "undergo.part", "undergo.ing")
FINITE = ("undergo.base", "undergo.s", "undergo.past")
VICTIMS = ("detainees", "aid_workers", "hostages")
# `those held`, where abducted people were spoken of
HELD = ("detained", "abducted")
QUOTES = "“”\"'‘’"


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
    subject: int | None = None  # the unit where the lending count stands


@dataclass(slots=True, kw_only=True)
class Context:
    """What the sentences before said last: for numbers that stand without a noun of their own."""

    outcome: str | None = None
    who: Who | None = None


class Clauses:
    """One sentence's units, asked for the outcome of each count."""

    def __init__(self, units: list[Unit], words: Lexicon, context: Context) -> None:
        self.units = units
        self.words = words
        self.context = context
        self.counts = [at for at, unit in enumerate(units) if unit.count is not None]
        self.found: dict[int, Found] = {}
        self.refused: set[int] = set()
        self.others = tuple(words.words("words", "others"))

    def read(self) -> dict[int, Found]:
        """The outcomes by the place of their count."""
        for at in self.counts:
            if self._refused(at):
                self.refused.add(at)
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
        self._inherit()
        return self.found

    def _inherit(self) -> None:
        """A count without a noun counts whom the one before it counted: `two aid workers dead, five injured`."""
        for at in sorted(self.found):
            count, found = self._count(at), self.found[at]
            bare = count.noun is Noun.BARE or count.partitive or self._is_state_noun(count)
            if found.rule == "toll" and self._at(found.at).has("toll"):
                continue  # a death toll is everybody's unless it says whose
            if count.who is None and found.who is None and bare and not count.other:
                found.who = self._whom_before(at)

    def _is_state_noun(self, count: Count) -> bool:
        """`12 injured`: what is written like a noun is a state of those counted before; `12 deaths` too."""
        return count.noun is Noun.COUNTED and len(count.who_text.split()) == 1

    def _whom_before(self, at: int) -> Who | None:
        known = [other for other in self.found if other < at]
        if known:
            last = max(known)
            who = self._count(last).who or self.found[last].who
        else:
            who = self._victims_named(at) or self.context.who
        return None if who in (Who.WOMEN, Who.CHILDREN) else who

    def _victims_named(self, at: int) -> Who | None:
        """A group named before in the sentence that is seldom the one that kills."""
        for unit in reversed(self.units[:at]):
            group = unit.tags.get("person")
            if group in VICTIMS:
                return Who(group)
        return None

    def _at(self, at: int) -> Unit:
        return self.units[at] if 0 <= at < len(self.units) else END

    def _count(self, at: int) -> Count:
        count = self.units[at].count
        assert count is not None
        return count

    def _refused(self, at: int) -> bool:
        before = self._back(at - 1)
        if self._at(before).has("none_of", "not") and self._at(before).low not in self.words.words(
            "words", "negated_ok"
        ):
            return True
        if self._count(at).noun is Noun.THING or self._at(at - 1).has("exchange"):
            return True
        return self._at(at - 1).has("none_of") or self._survived(at)

    def _survived(self, at: int) -> bool:
        """`134 were picked up by boats`, `all 189 survived`: those who came through are no claim."""
        for place in range(at + 1, at + 6):
            unit = self._at(place)
            if unit.has("survive"):
                return not unit.has("state")
            if not unit.has("be", "have", "adverb", "who"):
                return False
        return False

    def _own(self, at: int) -> None:
        for rule in (self._noun, self._among, self._after, self._before, self._toll, self._older_here):
            found = rule(at)
            if found is not None:
                self.found[at] = found
                return

    # ------------------------------------------------------------------------------------------ its own noun

    def _noun(self, at: int) -> Found | None:
        count = self._count(at)
        if count.outcome is None:
            return None
        low = self.units[at].text.lower()
        if count.noun is Noun.COUNTED and any(low.endswith(word) for word in self.words.words("words", "lives")):
            return self._lives(at, count.outcome)
        if count.noun is Noun.PERSON and not count.of_them and low.split()[-1] in self._double:
            return None
        outcome = count.outcome
        if count.of_them and (outcome, self.context.outcome) == HELD:
            outcome = HELD[1]
        suffered = self._at(self._back(at - 1)).has("suffer")
        return Found(outcome=outcome, rule="noun", at=at, who=self._subject_group(at) if suffered else None)

    def _implied(self, at: int) -> Found | None:
        """`31 victims`, `130 hostages`: what the noun implies where no verb says another thing."""
        count = self._count(at)
        if count.outcome is None or count.noun is not Noun.PERSON or count.quantity.vague is not None:
            return None
        return Found(outcome=count.outcome, rule="implied", at=at)

    @property
    def _double(self) -> frozenset[str]:
        """Nouns of people that imply an outcome until a verb says another (`victims`, `hostages`)."""
        return self.words.words("words", "implied")

    def _lives(self, at: int, outcome: str) -> Found | None:
        """`claimed 40 lives`, `21 lives lost`, `the loss of 18 lives`."""
        near = [self._at(self._back(at - 1)), self._at(at - 2), *(self._at(at + step) for step in (1, 2, 3))]
        taken = any(
            unit.has("lose", "whose", "cause")
            or unit.tags.get("harm.past") == outcome
            or unit.has("harm.s", "harm.ing", "lives_taken")
            for unit in near
        )
        return Found(outcome=outcome, rule="lives", at=at) if taken else None

    def _among(self, at: int) -> Found | None:
        """`among the dead were two journalists`, `the dead included two journalists`, `the dead are two women`."""
        place = self._back(at - 1)
        if not self._at(place).has("be", "subset"):
            return None
        if self._at(place).has("subset") and self._at(place - 1).has("toll") and self._is_toll(place - 1):
            return Found(outcome=self._at(place - 1).tags["toll"], rule="among", at=place - 1)
        for back in range(place - 1, max(-1, place - 9), -1):
            unit = self.units[back]
            if unit.has("state") and not unit.has("harm.part") and self._begins(back):
                return Found(outcome=unit.tags["state"], rule="among", at=back)
            if (
                unit.has("toll", "them")
                and unit.has("toll")
                and back == place - 1
                and self._is_toll(back)
                and not unit.has("total")
            ):
                return Found(outcome=unit.tags["toll"], rule="among", at=back)
            if unit.has("say") and not unit.has("according") or unit.count is not None or unit.low == ";":
                return None
        return None

    def _begins(self, at: int) -> bool:
        return at == 0 or not self._at(at - 1).text[:1].isalnum()

    # ------------------------------------------------------------------------------------- the predicate after it

    def _after(self, at: int) -> Found | None:
        if self._is_share(at) and self._count(at).noun is Noun.PERSON:
            return None
        if self._count(at).noun is Noun.UNKNOWN and not self._at(at + 1).has("be", "have", *FINITE, "harm.part"):
            return None
        found = _Predicate(self, at).find()
        if found is not None and self._at(at - 1).has("prep") and not self._at(at - 1).has("of") and found.at > at + 2:
            return None  # `a plane with 19 on board went missing`: the count is not its subject
        return found

    def _is_share(self, at: int) -> bool:
        """`80% of Gaza's 2.3 million people`: the share is counted, not the whole."""
        near = [unit.quantity for unit in self.units[max(0, at - 6) : at] if unit.quantity is not None]
        return bool(near) and near[-1].kind is NumberKind.RATIO

    # ------------------------------------------------------------------------------------------ the verb before it

    def _back(self, at: int) -> int:
        """The place of the nearest unit at or before `at` that is no adverb, quote or article."""
        while at >= 0 and (self.units[at].has("adverb", "det") or self.units[at].low in QUOTES):
            if self.units[at].has("subset", "state", "none_of"):
                break
            at -= 1
        return at

    def _before(self, at: int) -> Found | None:
        place = self._back(at - 1)
        unit = self._at(place)
        count = self._count(at)
        if unit.has("whose") and count.noun is not Noun.UNKNOWN:
            return Found(outcome=unit.tags["whose"], rule="of", at=place)
        if unit.has("lose") and self._can_be_lost(count):
            return Found(outcome="killed", rule="lost", at=place, who=self._subject_group(place))
        form = next((form for form in HARM if form in unit.tags), None)
        if form is None or self._is_passive(place):
            return None
        outcome = unit.tags[form]
        if not self._takes(unit, outcome, count, place):
            return None
        return Found(outcome=outcome, rule="verb", at=place)

    def _takes(self, unit: Unit, outcome: str, count: Count, place: int) -> bool:
        """Whether the verb can have this count as the people it befell."""
        if unit.low in self.words.words("words", "weak_verbs"):
            return count.noun is Noun.PERSON
        if count.noun is Noun.UNKNOWN:
            return False
        return count.noun is not Noun.BARE or count.quantity.vague is None or self._ends(place)

    def _ends(self, place: int) -> bool:
        return True

    def _can_be_lost(self, count: Count) -> bool:
        if count.noun is Noun.PERSON:
            return count.who not in (None, Who.HOSTAGES) or count.who_text.lower() in self.words.words(
                "words", "lost_nouns"
            )
        return count.noun is Noun.BARE and self.context.outcome == "killed"

    def _subject_group(self, place: int) -> Who | None:
        """The group of a verb's subject: `the army lost six`."""
        for at in range(place - 1, max(-1, place - 8), -1):
            unit = self.units[at]
            group = unit.tags.get("person") or unit.tags.get("modifier")
            if group and group != "people":
                return Who(group)
        return None

    def _is_passive(self, place: int) -> bool:
        """`12 were killed`, seen from a count after it."""
        back = place - 1
        while back >= 0 and self.units[back].has("adverb"):
            back -= 1
        return self._at(back).has("be") and not self._at(place).has("harm.ing")

    # ------------------------------------------------------------------------------------------------- a toll's number

    def _toll(self, at: int) -> Found | None:
        """`the death toll rose to 31`, `put the number of dead at 87`, `the toll of 1,018`, `Dead: 27`."""
        count = self._count(at)
        if count.noun in (Noun.UNKNOWN, Noun.COUNTED):
            return None
        moved, previous, by = self._movement(at)
        place = self._toll_before(at) if moved else None
        if place is None:
            return self._toll_after(at)
        outcome = self._toll_outcome(place)
        if outcome is None:
            return None
        previous = previous or self._at(at + 1).low in ("->", "→")
        who = self._group_between(place, at)
        return Found(outcome=outcome, rule="toll", at=place, previous=previous, increment=by, who=who)

    def _group_between(self, place: int, at: int) -> Who | None:
        """The group that a toll names: `the number of health workers killed since May at 68`."""
        for unit in self.units[place:at]:
            group = unit.tags.get("person") or unit.tags.get("modifier")
            if group and group != "people" and not unit.has("be"):
                return Who(group)
            if unit.has("prep", "harm.part", "state") and not unit.has("of"):
                return None
        return None

    def _movement(self, at: int) -> tuple[bool, bool, bool]:
        """Whether the unit before the count moves or gives a toll; whether as an older value; whether as a step."""
        place = self._back(at - 1)
        unit = self._at(place)
        previous = unit.has("older")
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
        return unit.count is not None and place in self.found and not self.found[place].rule.startswith("toll")

    def _is_toll(self, place: int) -> bool:
        """A participle (`killed`, `missing`) is a toll only as a noun: after a determiner, or first before a colon."""
        unit = self.units[place]
        if not unit.has(*HARM, "state", "counted"):
            return True
        after = self._at(place + 1)
        if unit.has("harm.part", "state") and self._at(place - 1).has("det"):
            return True
        if unit.has("counted") and not unit.has("harm.part"):
            return True
        return after.low in (":", "=", "-", "–")

    def _toll_outcome(self, place: int) -> str | None:
        unit = self.units[place]
        if "toll" in unit.tags and unit.low not in self.words.words("total_words", "count"):
            return str(unit.tags["toll"])
        if self._counts_things(place):
            return None
        of = self._toll_of(place)
        if of is not None:
            return of
        if "toll" in unit.tags:
            return self.context.outcome if unit.low == "toll" and self._recent() else str(unit.tags["toll"])
        return self._nearest_outcome(place)

    def _counts_things(self, place: int) -> bool:
        """`the number of trucks`: of what is not people, nor any outcome."""
        if not self._at(place + 1).has("of"):
            return False
        for at in range(place + 2, min(len(self.units), place + 6)):
            unit = self.units[at]
            if unit.count is not None or unit.has("person", "harm.part", "state", "counted", "them"):
                return False
            if unit.has("thing", "unit"):
                return True
        return True

    def _recent(self) -> bool:
        return self.context.outcome is not None and self.context.outcome == "casualties"

    def _toll_of(self, place: int) -> str | None:
        """`the number of prisoners killed`, `its figure for the missing`, `number of casualties`."""
        for at in range(place + 1, min(len(self.units), place + 14)):
            unit = self.units[at]
            for tag in ("harm.part", "state", "counted", "toll", "undergo.past", "undergo.base"):
                if tag in unit.tags:
                    return str(unit.tags[tag])
            if unit.count is not None or unit.low in (",", ";", ".") or unit.has("move") and not unit.has("prep"):
                return None
        return None

    def _nearest_outcome(self, place: int) -> str | None:
        """The outcome that the sentence has before `place`, else that of the sentences before."""
        for at in sorted((at for at in self.found if at < place), reverse=True):
            return self.found[at].outcome
        return self.context.outcome

    def _toll_after(self, at: int) -> Found | None:
        """`bringing to 19 the number held`, `put at 380 the number of people in custody`."""
        dash = self._at(at + 1).low in ("–", "—", "-")
        if self._at(at - 1).low not in self.words.words("words", "gives") and not dash:
            return None
        for place in range(at + 1, min(len(self.units), at + 4)):
            if self.units[place].has("toll", "total"):
                outcome = self._toll_of(place) or self._toll_outcome(place)
                return Found(outcome=outcome, rule="toll-after", at=place) if outcome else None
        return None

    # ----------------------------------------------------------------------------------- shared in lists and parts

    def _share(self) -> None:
        """Outcomes go along lists, to parts of what was counted, and to counts in the same frame elsewhere."""
        for _ in range(2):
            for index, at in enumerate(self.counts):
                if at in self.found or at in self.refused:
                    continue
                found = self._part_of(index) or self._gapped(index) or self._from_list(index)
                if found is not None:
                    self.found[at] = found

    def _from_list(self, index: int) -> Found | None:
        """`14 rebels, six soldiers and two civilians were killed`; `killed five soldiers and 12 civilians`."""
        at = self.counts[index]
        if self._count(at).noun is Noun.UNKNOWN and not self._count(at).who_text[:1].isupper():
            return None
        for other in (self._right(index), self._left(index)):
            if other is None or other not in self.found:
                continue
            found = self.found[other]
            if other > at and found.rule not in ("after", "list", "noun"):
                continue
            if other < at and found.rule not in (
                "verb",
                "of",
                "list",
                "noun",
                "toll",
                "lost",
                "part",
                "among",
                "after",
            ):
                continue
            if found.rule == "noun" and other < at and self._count(at).noun is Noun.BARE:
                continue
            if found.rule == "after" and other < at and not self._list_shares(at, other):
                continue
            return Found(
                outcome=found.outcome, rule="list", at=found.at, previous=found.previous, subject=other, who=None
            )
        return None

    def _list_shares(self, at: int, other: int) -> bool:
        """A predicate on the left goes on to a later member only where that ends the list of subjects or objects."""
        return self.found[other].at > at

    def _right(self, index: int) -> int | None:
        if index + 1 < len(self.counts) and self._joined(self.counts[index], self.counts[index + 1]):
            return self.counts[index + 1]
        return None

    def _left(self, index: int) -> int | None:
        if index and self._joined(self.counts[index - 1], self.counts[index]):
            return self.counts[index - 1]
        return None

    def _joined(self, first: int, second: int) -> bool:
        """Whether two counts are members of one list: only joints and plain noun phrases between them."""
        between = self.units[first + 1 : second]
        if not any(unit.has("and") or unit.low in (",", "/", "|") for unit in between) or len(between) > 12:
            return False
        return not any(
            unit.has("be", "have", *HARM, *UNDERGO, "state", "subset", "who", "but", "say") or unit.low in ";:.?"
            for unit in between
        ) and not any(unit.has("prep") and not unit.has("and", "of") for unit in between)

    def _part_of(self, index: int) -> Found | None:
        """`, three of them children`, `including 125 officers`, `among them two nurses`, `two of the latter critically`."""
        at = self.counts[index]
        count = self._count(at)
        before = self._at(self._back(at - 1))
        after = self.units[at + 2] if at + 2 < len(self.units) else END
        if self._at(at + 1).has("subset") and self._at(at + 1).has("prep") and at + 2 in self.found and after.count:
            return Found(outcome=self.found[at + 2].outcome, rule="part", at=at + 1, subject=at + 2)
        marked = count.partitive or self._marked(at) or (count.who and self._list_of_parts(index))
        severity = self._is_severity(at + 1)
        if not (marked or severity) or count.noun is Noun.UNKNOWN:
            return None
        if self._at(at + 1).has("have", "modal") or (count.partitive and self._at(at + 1).has("be")):
            return None
        whole = self._whole(index)
        if whole is not None:
            found = self.found[whole]
            return Found(
                outcome=found.outcome,
                rule="part",
                at=found.at,
                previous=found.previous,
                subject=whole,
                part=severity and count.who is None,
                who=count.who or self._count(whole).who,
            )
        if self.context.outcome and (count.of_them or before.has("subset")) and count.noun is Noun.PERSON and count.who:
            return Found(outcome=self.context.outcome, rule="part-before", at=at, who=count.who or self.context.who)
        return None

    def _marked(self, at: int) -> bool:
        """Whether `including` or the like stands before the count, with nothing but a noun phrase between."""
        for place in range(at - 1, max(-1, at - 8), -1):
            unit = self.units[place]
            if unit.has("subset"):
                return True
            if unit.count is not None or unit.has("be", "have", "prep", "but", *HARM, *FINITE) or unit.low in ",;:.":
                return False
        return False

    def _list_of_parts(self, index: int) -> bool:
        left = self._left(index)
        return left is not None and left in self.found and self.found[left].rule.startswith("part")

    def _is_severity(self, at: int) -> bool:
        unit = self._at(at)
        return unit.low in self.words.words("part", "severity") and unit.has("adverb")

    def _whole(self, index: int) -> int | None:
        """The nearest count before this one that has an outcome and is no part itself."""
        for other in reversed(self.counts[:index]):
            if other in self.found and not self.found[other].previous:
                if self.found[other].rule.startswith("part") and self._count(other).who is not None:
                    continue
                return other
        return None

    def _gapped(self, index: int) -> Found | None:
        """`five died in A, three in B`; `the police speak of 26 casualties, the trust of 31`; `lost 66, the rebels 140`."""
        at = self.counts[index]
        count = self._count(at)
        if count.noun is not Noun.BARE or not index:
            return None
        lender = next((other for other in reversed(self.counts[:index]) if other in self.found), None)
        if lender is None or count.quantity.vague is not None:
            return None
        after = self._at(at + 1)
        ends = after is END or after.low in (",", ".", ";", ")") or after.has("prep", "and") and not after.has("of")
        if not self._verbless(lender, at):
            return None
        group = self._subject_group(at) if self._at(at - 1).has("person") else None
        place = group is None and self._placed(at)
        if not ends or not (place or group or self._at(at - 1).has("of")):
            return None
        found = self.found[lender]
        if place:
            found.part = True
        return Found(
            outcome=found.outcome,
            rule="gap",
            at=found.at,
            part=place,
            who=group or found.who,
            previous=found.previous,
            subject=lender,
        )

    def _verbless(self, lender: int, at: int) -> bool:
        """Whether no verb can stand between: only names, articles, preposition phrases and joints."""
        inside = False
        for place in range(lender + 1, at):
            unit = self.units[place]
            if unit.low == "," or unit.has("and"):
                inside = False
            elif unit.has("prep", "of", "det"):
                inside = True
            elif not unit.tags and unit.text[:1].islower() and not inside and place != self.found[lender].at:
                if not self._at(place + 1).has("of"):
                    return False
        return True

    def _placed(self, at: int) -> bool:
        """Whether the count stands beside a place or day of its own (`three in Harun`, `seven on Wednesday`)."""
        if self._at(at + 1).low in self.words.words("words", "at_place"):
            return True
        return any(self._at(place).low in self.words.words("words", "at_place") for place in (at - 2, at - 3, at - 4))

    # -------------------------------------------------------------------------------------------------- the context

    def _from_context(self, at: int) -> None:
        count = self._count(at)
        outcome = self._nearest_outcome(at)
        if outcome is None or count.noun is Noun.UNKNOWN:
            return
        for rule in (self._said_bare, self._are_group, self._remain):
            found = rule(at, outcome)
            if found is not None:
                self.found[at] = found
                return

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

    def _remain(self, at: int, outcome: str) -> Found | None:
        """`17 remained inside`: of those held, missing or displaced."""
        held = self._count(at).noun is Noun.BARE and self._at(at + 1).has("remain") and self._closes(at + 2)
        if held and self._count(at).quantity.vague is None and outcome not in ("killed", "injured"):
            return Found(outcome=outcome, rule="remain", at=at + 1, who=self.context.who)
        return None

    def _closes(self, at: int) -> bool:
        unit = self._at(at)
        return unit is END or unit.low in (",", ".", ";", ")", "”", '"') or unit.has("and", "but", "prep")

    def _older_here(self, at: int) -> Found | None:
        outcome = self._nearest_outcome(at)
        return self._older(at, outcome) if outcome is not None else None

    def _older(self, at: int, outcome: str) -> Found | None:
        """`up from 745`, `was 19`, `(earlier: 29 dead)`, `not five as stated before`, `after a peak of 17,600`."""
        count = self._count(at)
        place = self._back(at - 1)
        if count.noun is Noun.COUNTED or count.noun is Noun.UNKNOWN or not self._at(place).has("older"):
            return None
        weak = self._at(place).has("be", "not", "adverb")
        if weak and not (count.noun is Noun.BARE and any(other < at for other in self.found)):
            return None
        if self._at(place).low in self.words.words("words", "from") and "from" == self._at(place).low:
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
        if self._at(place).has("be") and self._at(place + 1).has("subset") and count.noun is Noun.PERSON:
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
                named = unit.tags.get("person") or unit.tags.get("modifier")
                return Found(
                    outcome=outcome, rule="group", at=k, who=Who(named) if named != "people" else self.context.who
                )
            named = unit.has("det", "adverb", "modifier", "of", "who") or unit.text[:1].isupper()
            if not named and (unit.tags or unit.low.endswith("ing") or not unit.text[:1].isalpha()):
                return None
        return None


class _Predicate:
    """A walk to the right of a count, to the predicate of which it is the subject."""

    def __init__(self, clauses: Clauses, at: int) -> None:
        self.clauses = clauses
        self.units = clauses.units
        self.first = at
        self.stop = min(len(self.units), at + REACH)
        self.passive = False  # an auxiliary says that it befell them

    def _at(self, at: int) -> Unit:
        return self.clauses._at(at) if at < self.stop else END

    def find(self) -> Found | None:
        at = self.first + 1
        while at < self.stop:
            unit = self.units[at]
            found = self._here(at, unit)
            if found is not None:
                return found
            step = self._skip(at, unit)
            if step is None:
                return None
            at = step
        return None

    def _found(self, at: int, outcome: str) -> Found:
        return Found(outcome=outcome, rule="after", at=at)

    def _here(self, at: int, unit: Unit) -> Found | None:
        """The predicate that stands right at `at`."""
        if unit.has("state") and not self._joins_noun(at):
            return self._found(at, unit.tags["state"])
        if unit.has(*FINITE) and not self._is_object(at):
            tag = next(tag for tag in FINITE if tag in unit.tags)
            return self._found(at, unit.tags[tag])
        if unit.has("harm.part", "harm.past") and unit.low not in self.clauses.words.words("words", "weak_bare"):
            if not self.passive and self._is_active(at):
                return None
            return self._found(at, str(unit.tags.get("harm.part") or unit.tags["harm.past"]))
        if unit.has("undergo.ing") and at <= self.first + 2:
            return self._found(at, unit.tags["undergo.ing"])
        return None

    def _joins_noun(self, at: int) -> bool:
        return False

    def _is_object(self, at: int) -> bool:
        return False

    def _is_active(self, at: int) -> bool:
        """`four gunmen killed 12 people`: the count is who did it."""
        place = at + 1
        while self._at(place).has("adverb") and not self._at(place).has("det"):
            place += 1
        unit = self._at(place)
        if unit.count is not None or (unit.has("person") and not unit.low.startswith(self.clauses.others)):
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
        if unit.low in ",(–—-":
            return self._aside(at, unit)
        if unit.low in QUOTES or unit.has("who", "increment", "adverb") or unit.low == "other":
            return at + 1
        if unit.has("subset", "prep", "undergo.ing") or (unit.low.endswith("ing") and not unit.has("harm.ing", "say")):
            return self._through_phrase(at + 1)
        if unit.has("and"):
            return self._second_subject(at)
        if unit.tags or at >= self.first + 4:
            return None
        if unit.text[:1].isupper():
            return at + 1
        return self._through_phrase(at + 2) if self._at(at + 1).has("prep") and at == self.first + 1 else None

    def _forced(self) -> bool:
        """`forced 10,000 to flee`; but who is `urged to leave` has not left."""
        return any(self.clauses._at(self.first - back).has("force") for back in (1, 2))

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
            if unit.has("counterfactual") or (unit.has("not") and not unit.has("state")):
                return None
            if self._here_in_group(place) is not None:
                return place if self._usable(place) else None
            if not (unit.has("be", "have", "modal", "do", "adverb", "to", "hedge_verb") or unit.low in QUOTES):
                return None
            place += 1
        return None

    def _here_in_group(self, place: int) -> bool | None:
        unit = self.units[place]
        if unit.has("state", "harm.part", "undergo.part", *FINITE, "undergo.ing"):
            return True
        return None

    def _usable(self, place: int) -> bool:
        unit = self.units[place]
        self.passive = True
        if unit.has("undergo.part", "undergo.ing") and not unit.has("state", "harm.part", *FINITE):
            unit.tags = {**unit.tags, "state": unit.tags.get("undergo.part") or unit.tags["undergo.ing"]}
        if unit.low in self.clauses.words.words("words", "weak_bare"):
            unit.tags = {**unit.tags, "state": unit.tags.get("harm.part", "")}
        return True

    def _aside(self, at: int, unit: Unit) -> int | None:
        """Over an insertion (`, mostly Alawites,`): what follows it must be the predicate."""
        close = ")" if unit.low == "(" else unit.low
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

    def _through_phrase(self, at: int) -> int | None:
        """Through a prepositional phrase or an `including` list, to a verb or a predicate."""
        for place in range(at, min(self.stop, at + 16)):
            unit = self.units[place]
            if unit.low in ",;:.?" or unit.has("but"):
                return place if unit.low == "," else None
            if unit.has("that") and self._at(place - 1).has("prep"):
                continue
            if unit.has("be", "have", "modal", "who", *FINITE, "harm.part", "state"):
                return None if self._other_subject(place) else place
            if unit.has("say", "harm.ing", "harm.s"):
                return None
        return None

    def _other_subject(self, place: int) -> bool:
        """A count between, nearer to the verb, that no list joins to this one, is its subject."""
        between = [at for at in self.clauses.counts if self.first < at < place]
        return any(not self.units[at - 1].has("subset", "and", "prep", "det") for at in between)

    def _second_subject(self, at: int) -> int | None:
        """`three doctors and their driver were killed`."""
        for place in range(at + 1, min(self.stop, at + 9)):
            unit = self.units[place]
            if unit.count is not None or unit.low in ",;:.?" or unit.has("say", "harm.past") and place == at + 1:
                return None
            if unit.has("be", "have", *FINITE) or (unit.has("harm.part", "state") and place > at + 1):
                return place if place > at + 1 else None
        return None

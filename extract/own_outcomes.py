"""The outcome that a count has by itself: from its noun, the predicate after it, the verb before it."""

from __future__ import annotations

from itertools import pairwise

from extract.clause_view import FINITE, HARM, Found, View
from extract.mood import is_unreal
from extract.predicates import Predicate
from extract.units import Count, Noun, NumberKind, Unit
from model import Who

SHARE_NEAR = 3  # words from a share to the whole (`a third of the 40`)
HOSPITAL_NEAR = 6  # words from `to` to the hospital
BROUGHT = {"hospital": "injured", "camp": "displaced"}  # where people are taken -> what that says of them
LONGEST_LIST = 12  # units of the victims without a number between a verb and the first one with a number
# `those held`, where abducted people were spoken of
HELD = ("detained", "abducted")
BEFELL = ("state", "undergo.s", "undergo.past", "undergo.part")


class OwnOutcomes(View):
    """The rules that bind closest."""

    def _noun(self, at: int) -> Found | None:
        count = self._count(at)
        if count.outcome is None:
            return None
        low = self.units[at].text.lower()
        if count.noun is Noun.COUNTED and low.endswith(tuple(self.words.words("words", "lives"))):
            return self._lives(at, count.outcome)
        if count.noun is Noun.PERSON and not count.of_them and low.split()[-1] in self._double:
            return None
        outcome = count.outcome
        better = self._after(at) if count.of_them and outcome != "killed" else None
        if better is None and count.noun is Noun.PERSON and not count.partitive:
            better = self._before(at)  # `executed 14 captured soldiers`
        if better is None and count.noun is Noun.COUNTED and outcome != "killed":
            died = self._after(at)  # `four more burn victims die`
            better = died if died is not None and died.outcome == "killed" else None
        if better is not None:
            return better
        if count.of_them and (outcome, self.context.outcome) == HELD:
            outcome = HELD[1]
        before = self._at(self._back(at - 1))
        if before.has("prevent") or (before.has("harm.base") and is_unreal(self.units, self._back(at - 1), self.words)):
            return None
        suffered = before.has("suffer") and not before.has("takes_in")  # `the clinic received 12 wounded`
        if outcome == "casualties" and before.low in self.words.words("words", "claim_lives"):
            outcome = "killed"  # `floods claimed at least one casualty`
        older = self._at(at - 1).low in self.words.words("previous", "moved_from")  # `up from 12 deaths`
        who = self._subject_group(at) if suffered else None
        return Found(outcome=outcome, rule="noun", at=at, previous=older, who=who)

    def _implied(self, at: int) -> Found | None:
        """`31 victims`, `130 hostages`: what the noun implies where no verb says another thing."""
        count = self._count(at)
        if count.outcome is None or count.noun is not Noun.PERSON or count.quantity.vague is not None:
            return None
        saved = any(now.has("be", "have") and then.has("survive") for now, then in pairwise(self.units[at + 1 :]))
        before = self.context.outcome
        known = count.outcome == "casualties" and before in ("killed", "injured")
        return None if saved else Found(outcome=before if known and before else count.outcome, rule="implied", at=at)

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
            if unit.has("harm.part") and self._opens_sentence(back):
                return Found(outcome=unit.tags["harm.part"], rule="after", at=back)  # `Also killed were two guards`
            if (
                unit.has("toll", "them")
                and unit.has("toll")
                and back == place - 1
                and self._is_toll(back)
                and not unit.has("total")
            ):
                return Found(outcome=unit.tags["toll"], rule="among", at=back)
            if (unit.has("say") and not unit.has("according")) or unit.count is not None or unit.low == ";":
                return None
        return None

    def _opens_sentence(self, at: int) -> bool:
        return at == 0 or (at == 1 and self.units[0].has("adverb", "increment"))

    def _begins(self, at: int) -> bool:
        capital = self.units[at].text[:1].isupper()  # a sentence glued to a caption: `Photo: ABC Among the dead are`
        return at == 0 or capital or not self._at(at - 1).text[:1].isalnum()

    def _after(self, at: int) -> Found | None:
        if self._is_share(at) and self._count(at).noun is Noun.PERSON and not self._at(at + 1).has("who"):
            return None
        unknown = self._count(at).noun is Noun.UNKNOWN
        verb = self._at(at + 1).has("be", "have", *FINITE, "harm.part", "told_of") or self._at(at + 1).low == ","
        if unknown and not verb:
            return None
        if self._count(at).of_them and self._count(at).who_text and self._at(at + 1).has("who") and self.counts[0] < at:
            return None  # `61 of them men who had been led away`: a share of those counted before
        if self._count(at).partitive and at + 1 in self.counts:
            return self._past_whole(at + 1)
        found = Predicate(self, at).find()
        if found is not None and (self._is_habit(at, found.at) or self._is_freed(at, found)):
            return None
        if found is not None and unknown and self._at(at + 1).low == "," and found.outcome != "killed":
            return None  # what dies is alive; what is missing or hit may be a thing
        if (
            found is not None
            and self._at(at - 1).has("prep")
            and not self._at(at - 1).has("of")
            and self._at(at + 1).has("prep")
        ):
            return None  # `a plane with 19 on board went missing`: the count is not its subject
        return found

    def _past_whole(self, whole: int) -> Found | None:
        """`three of the 17 held hostage in a bank died`: over what befell the whole, to the share's own verb."""
        walk = Predicate(self, whole)
        if self._count(whole).noun is Noun.COUNTED:
            return walk.find()
        fate = walk.find()
        weak = whole + 1 if self._at(whole + 1).has("harm.part") else None  # `of the 17 held in a bank`
        told = fate.at if fate is not None else weak
        verb = walk.through_phrase(told + 1) if told is not None else None
        found = walk.find(verb) if verb is not None else None
        if found is None and verb is not None and fate is not None and self._at(verb).has("be"):
            group = self._at(self._forward(verb + 1)).group  # `125 of the 140 killed were officers`
            return Found(outcome=fate.outcome, rule="group", at=verb, who=Who(group)) if group else None
        return found

    def _is_habit(self, at: int, verb: int) -> bool:
        """`many of whom die in a single strike`: what is always so happened to nobody."""
        unit = self.units[verb]
        return self._count(at).of_them and unit.has("undergo.base") and not unit.has("undergo.past", "state")

    def _is_freed(self, at: int, found: Found) -> bool:
        """`two hostages who had been held since March were released`: the sentence's own verb lets them go."""
        of_whole = at - 1 in self.counts and self._count(at - 1).partitive  # `nine of the 40 arrested were freed`
        if of_whole or found.outcome not in ("abducted", "detained"):
            return False
        since = self.words.words("words", "since")
        if any(unit.has("not") for unit in self.units[found.at + 1 :]):
            return False  # `abducted on Monday, have not been released`
        for unit, after in pairwise(self.units[found.at + 1 :]):
            if unit.count is not None or unit.low in ",;:" or (unit.has("but") and unit.low not in since):
                return False
            if unit.has("be") and after.has("survive"):
                return True
        return False

    def _is_share(self, at: int) -> bool:
        """`80% of Osk's 2.3 million people`, `a third of the 40`: the share is counted, not the whole."""
        for place in range(at - 1, max(-1, at - 9), -1):
            quantity = self.units[place].quantity
            if quantity is not None:
                return quantity.kind is NumberKind.RATIO
            half = self.units[place].low in self.words.grammar.half and self._at(place + 1).has("det")  # `half the 40`
            near = place >= at - SHARE_NEAR and (half or self._at(place + 1).has("of"))
            if near and self.units[place].low in self.words.words("part", "share_of"):
                return True
            if self.units[place].low == "," or self.units[place].has("and"):
                return False
        return False

    def _before(self, at: int) -> Found | None:
        place = self._verb_place(at)
        unit = self._at(place)
        count = self._count(at)
        if is_unreal(self.units, place, self.words):
            return None
        if unit.has("whose"):
            return self._of(at)
        if unit.has("lose") and self._can_be_lost(count):
            return Found(outcome="killed", rule="lost", at=place, who=self._subject_group(place))
        brought = self._brought_to(at) if unit.has("conveys") and count.noun is not Noun.UNKNOWN else None
        if brought is not None:
            return Found(outcome=brought, rule="verb", at=place)
        if self._at(at + 1).has("made_prisoner") and unit.has("conveys", *HARM):
            return Found(outcome=str(self._at(at + 1).tags["made_prisoner"]), rule="verb", at=place)
        if self._to_death(at, place):
            return Found(outcome="killed", rule="verb", at=place)
        form = next((form for form in HARM if form in unit.tags), None)
        if form is None or self._is_passive(place):
            return self._befell_first(place, count)
        outcome = str(unit.tags[form])
        if not self._takes(unit, outcome, count, place):
            return None
        return Found(outcome=outcome, rule="verb", at=place)

    def _of(self, at: int) -> Found | None:
        """`the deaths of 12`, `the bodies of 58 people`; `the fate of 150 hostages` is theirs already."""
        place = self._back(at - 1)
        unit, count = self._at(place), self._count(at)
        if count.noun is Noun.UNKNOWN or self._at(self._back(place - 1)).has("prevent") or not unit.has("whose"):
            return None
        if unit.tags["whose"] == "missing" and count.outcome is not None:
            return None
        return Found(outcome=unit.tags["whose"], rule="of", at=place)

    def _brought_to(self, at: int) -> str | None:
        """`took 12 people to the district hospital`, `sent 200 residents to evacuation centres`."""
        if not self._at(at + 1).has("to", "prep"):
            return None
        for unit in self.units[at + 2 : at + 2 + HOSPITAL_NEAR]:
            last = unit.text.lower().split()[-1]  # of `three hospitals`
            place = next(
                (place for place in BROUGHT if unit.has(place) or last in self.words.words("words", place)), None
            )
            if place is not None:
                return BROUGHT[place]
            if unit.count is not None or unit.low in ",;:." or unit.has("be", "have", "who"):
                return None
        return None

    def _to_death(self, at: int, verb: int) -> bool:
        """`burnt 12 people to death`, `clubbed to death 12 people`."""
        judged = self._at(verb).low in self.words.words("words", "judge")
        after = self._at(at + 1).has("to_death") and not (judged or self._at(verb).has("be"))
        return after or self._at(verb).has("to_death")

    def _verb_place(self, at: int) -> int:
        """The place of what can be the verb before a count: over a list, or a mark of its object (`mató a 12`)."""
        place = self._back(at - 1)
        if self._at(place).low in self.words.grammar.object_marks:
            place -= 1
        if self._at(place).has("and") and not self._closes(at):
            place = self._verb_of_list(place)
        if self._at(place).has("of") and self._at(place - 1).has("of_body"):
            place = self._back(place - 2)  # `killed a gathering of some 20 fighters`
        return place

    def _befell_first(self, place: int, count: Count) -> Found | None:
        """`Murieron 12 personas`, `fueron detenidos 30 jóvenes`: where the verb can stand before whom it befell."""
        unit = self._at(place)
        if not self.words.grammar.verb_first or count.noun is Noun.UNKNOWN:
            return None
        tag = next((tag for tag in (*BEFELL, *HARM) if tag in unit.tags), None)
        return Found(outcome=str(unit.tags[tag]), rule="verb", at=place) if tag is not None else None

    def _verb_of_list(self, last: int) -> int:
        """`killed himself and five others`, `killed a guard, his wife and two sons`: the verb before the others."""
        for place in range(last - 1, max(-1, last - LONGEST_LIST), -1):
            unit = self.units[place]
            if unit.has(*HARM, "whose", "lose"):
                return place if place < last - 1 else last
            plain = unit.low == "," or unit.has("det", "person", "modifier", "pronoun") or unit.text[:1].isupper()
            plain = plain or unit.low in self.words.grammar.possessive
            named = self._at(place - 1).has("det") or (unit.text.islower() and self._at(place - 2).has("det"))
            plain = plain or (named and not unit.tags.keys() - {"thing"})  # `his wife`, `a village chief`
            age = unit.quantity is not None and unit.count is None and self._at(place + 1).low in (")", ",")
            plain = plain or age or unit.low in "()"  # `Orin Vale (52)`
            if unit.count is not None or not (plain or unit.low in self.words.words("words", "reflexive")):
                break
        return last

    def _takes(self, unit: Unit, outcome: str, count: Count, place: int) -> bool:
        """Whether the verb can have this count as the people it befell."""
        if unit.low in self.words.words("words", "weak_verbs"):
            goes_on = self._at(place - 1).has("and") and bool(self.found)  # `killed 21 soldiers and captured five`
            armed = outcome in ("killed", "abducted") and any(
                other.group == Who.COMBATANTS for other in self.units[:place]
            )
            return count.noun is Noun.PERSON or (count.noun is Noun.BARE and (goes_on or armed))
        plural = count.who_text.islower() and count.who_text.endswith(self.words.grammar.plural)
        # `killing two vigilantes`, `kidnapped five notables`
        return count.noun is not Noun.UNKNOWN or (plural and outcome in ("killed", "abducted"))

    def _can_be_lost(self, count: Count) -> bool:
        if count.noun is Noun.PERSON:
            return count.who not in (None, Who.HOSTAGES) or count.who_text.lower() in self.words.words(
                "words", "lost_nouns"
            )
        return count.noun is Noun.BARE and self.context.outcome == "killed"

    def _is_passive(self, place: int) -> bool:
        """`12 were killed`, seen from a count after it."""
        back = place - 1
        while back >= 0 and self.units[back].has("adverb"):
            back -= 1
        owner = self._at(back).low in self.words.grammar.possessive and self._at(back - 1).has(
            "weekday"
        )  # `Tuesday's killed four`
        return self._at(back).has("be") and not owner and not self._at(place).has("harm.ing")

"""Outcomes that a count shares with another: along a list, as a part of it, in the same frame elsewhere."""

from __future__ import annotations

from extract.clause_view import FINITE, HARM, UNDERGO, Found, View
from extract.units import END, Noun

NAME = 4  # units of a place's name before its count


class SharedOutcomes(View):
    """The rules for lists, parts and gapping."""

    def _share(self) -> None:
        """Outcomes go along lists, to parts of what was counted, and to counts in the same frame elsewhere."""
        for _ in range(2):
            for index, at in enumerate(self.counts):
                if at in self.found or at in self.refused:
                    continue
                found = (
                    self._group_goes_on(index) or self._part_of(index) or self._gapped(index) or self._from_list(index)
                )
                if found is not None:
                    self.found[at] = found

    def _group_goes_on(self, index: int) -> Found | None:
        """`41 were civilians and 29 soldiers`."""
        at = self.counts[index]
        last = self.found.get(self.counts[index - 1]) if index else None
        if last is None or last.rule != "group" or self._count(at).noun is not Noun.PERSON:
            return None
        if not all(unit.low == "," or unit.has("and") for unit in self.units[last.at + 1 : at]):
            return None
        return Found(outcome=last.outcome, rule="group", at=at, who=self._count(at).who)

    def _from_list(self, index: int) -> Found | None:
        """`14 rebels, six soldiers and two civilians were killed`; `killed five soldiers and 12 civilians`."""
        at = self.counts[index]
        if self._count(at).noun is Noun.UNKNOWN and not self._count(at).who_text[:1].isupper():
            return None
        if at == 1 and self._at(0).has("of"):
            return None  # `Of the 60 passengers, 22 died`
        for other in (self._right(index), self._left(index)):
            if other is None or other not in self.found:
                continue
            found = self.found[other]
            if other > at and found.rule not in ("after", "list", "noun", "group"):
                continue
            if other > at and found.rule == "noun" and self._count(other).noun is Noun.COUNTED:
                continue  # `26 cases and 11 deaths`: the noun has its outcome for itself
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
                "said",
            ):
                continue
            if found.rule in ("noun", "said") and other < at and self._count(at).noun is Noun.BARE:
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
        verbs = ("be", "have", *HARM, *UNDERGO, "state", "subset", "who", "but", "say", "leave")
        if any(unit.has(*verbs) or unit.low in ";:.?" for unit in between) or not self._verbless(first, second):
            return False
        return not any(unit.has("prep") and not unit.has("and", "of") for unit in between)

    def _part_of(self, index: int) -> Found | None:
        """`, three of them children`, `including 125 officers`, `among them two nurses`, `four critically`."""
        at = self.counts[index]
        count = self._count(at)
        before = self._at(self._back(at - 1))
        after = self.units[at + 2] if at + 2 < len(self.units) else END
        if self._at(at + 1).has("subset") and self._at(at + 1).has("prep") and at + 2 in self.found and after.count:
            return Found(outcome=self.found[at + 2].outcome, rule="part", at=at + 1, subject=at + 2)
        among = self._at(at + 1).has("be") and self._at(at + 2).has("subset") and self._at(at + 2).has("prep")
        if among and at + 3 in self.found:  # `four journalists are among the 38 people still held`
            return Found(outcome=self.found[at + 3].outcome, rule="part", at=at + 2, subject=at + 3)
        told = self._among_later(index) or self._fatal(index)
        if told is not None:
            return told
        marked = (
            self._marked_behind(at) or count.partitive or self._marked(at) or (count.who and self._list_of_parts(index))
        )
        severity = self._is_severity(at + 1)
        if not (marked or severity) or count.noun is Noun.UNKNOWN:
            return None
        if self._at(at + 1).has("have", "modal") or (count.partitive and self._at(at + 1).has("be")):
            return None
        whole = self._whole(index)
        if whole is not None and self._exceeds(at, whole):
            return None  # `killed 214 people among 9,870 cases`
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
        if index and (not count.of_them or self._count(self.counts[index - 1]).noun is not Noun.BARE):
            return None  # `1.1 million need help, including 190,000 children`: of a count that is none of harm
        if self.context.outcome and (count.of_them or before.has("subset")) and count.noun is Noun.PERSON and count.who:
            return Found(outcome=self.context.outcome, rule="part-before", at=at, who=count.who or self.context.who)
        return None

    def _among_later(self, index: int) -> Found | None:
        """`Twelve Poles, six Slovaks and the driver were among 21 people who died`: each of them a share."""
        at = self.counts[index]
        for whole in self.counts[index + 1 :]:
            if self._at(whole - 1).low in self.words.grammar.within and self._at(whole - 2).has("be"):
                if whole in self.found and self._verbless(at, whole - 2):
                    return Found(outcome=self.found[whole].outcome, rule="part", at=whole - 1, subject=whole)
                return None
        return None

    def _fatal(self, index: int) -> Found | None:
        """`nine people were shot, two of them fatally`."""
        at = self.counts[index]
        whole = self._whole(index) if self._at(at + 1).has("fatal") else None
        return (
            Found(outcome="killed", rule="part", at=at + 1, who=self._count(whole).who) if whole is not None else None
        )

    def _marked_behind(self, at: int) -> bool:
        """`14 people, four guards and five nurses among them`."""
        joined = self._at(at + 1).has("and") and self._at(at + 2).count is not None
        place = at + 1 + 2 * joined
        return self._at(place).has("subset") and self._closes(place + 1)

    def _exceeds(self, at: int, whole: int) -> bool:
        """Whether a count is greater than what it would be a share of."""
        share, all_of_them = self._count(at).quantity, self._count(whole).quantity
        return share.low is not None and all_of_them.high is not None and share.low > all_of_them.high

    def _marked(self, at: int) -> bool:
        """Whether `including` or the like stands before the count, with nothing but a noun phrase between."""
        for place in range(at - 1, max(-1, at - 8), -1):
            unit = self.units[place]
            if unit.has("subset"):
                return True
            if unit.low in self.words.grammar.possessive:
                continue
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
        """`five died in A, three in B`; `the police speak of 26, the trust of 31`; `lost 66 and the rebels 140`."""
        at = self.counts[index]
        count = self._count(at)
        if count.noun is not Noun.BARE or not index:
            return None
        lender = next((other for other in reversed(self.counts[:index]) if other in self.found), None)
        if lender is None or count.quantity.vague is not None or self._at(at - 1).has(*HARM, "other_total"):
            return None
        after = self._at(at + 1)
        ends = (
            after is END
            or after.low in (",", ".", ";", ")")
            or (after.has("prep", "and", "each", "to") and not after.has("of"))
        )
        if not self._verbless(lender, at):
            return None
        group = self._subject_group(at) if self._at(at - 1).has("person") else None
        place = group is None and self._placed(at)
        if not ends or not (place or group or self._at(at - 1).has("of")):
            return None
        found = self.found[lender]
        breakdown = any(unit.low in (":", "(") for unit in self.units[lender + 1 : lender + 2])  # `46 (Hask 33, …)`
        if place and not breakdown and (self._named_before(at) or self._has_place(lender + 1, at)):
            found.part = True  # but not the whole in `killed 41: 20 in Dal and 21 in Osk`
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
        colon = next((place for place in range(at - 1, lender, -1) if self.units[place].low == ":"), lender)
        for place in range(colon + 1, at):
            unit = self.units[place]
            if unit.has("pronoun") and self._at(place + 1).has("be", "have"):
                return False  # `the toll is 84; it had been 61 on Sunday`
            if unit.low == "," or unit.has("and"):
                inside = False
            elif unit.has("prep", "of", "det"):
                inside = True
            elif not inside and self._may_be_verb(place) and place > lender + 1:
                return False  # the lender's own verb stands right after it: `two deaths occurred in A and one in B`
        return True

    def _may_be_verb(self, at: int) -> bool:
        unit = self.units[at]
        plain = not unit.tags and unit.count is None and unit.text[:1].islower()
        return plain and not self._at(at + 1).has("of")

    def _has_place(self, first: int, stop: int) -> bool:
        places = self.words.words("words", "gap_place")
        return any(unit.low.split()[0] in places for unit in self.units[first:stop])

    def _placed(self, at: int) -> bool:
        """Whether the count stands beside a place or day of its own (`three in Harun`, `seven on Wednesday`)."""
        if self._at(at - 1).text[:1].isupper() and self.units[at].text[:1].isdigit():
            return self._named_before(at)  # `Kilometre 40 on the road` counts nobody
        after = at + 1 + self._at(at + 1).has("each")
        if self._at(after).low.split()[0] in self.words.words("words", "gap_place"):
            return True
        if any(self._at(place).low in self.words.words("words", "at_place") for place in (at - 2, at - 3, at - 4)):
            return True
        return self._named_before(at)

    def _named_before(self, at: int) -> bool:
        """`Bwasa has had 52 deaths, Lokundu town 24 and Kiremba 11`: nothing but a name since the last joint."""
        first = at - 1 - (self._at(at - 1).low == "(" and self._at(at + 1).low == ")")  # `Jhor (19)`
        stop = first + 1
        while first > 0 and not (self.units[first].low in ",;(" or self.units[first].has("and")):
            first -= 1
        name = self.units[first + 1 : stop]
        return (
            0 < len(name) <= NAME and name[0].text[:1].isupper() and all(unit.tags.keys() <= {"thing"} for unit in name)
        )

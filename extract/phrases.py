"""A number and the words after it -> what it counts: people of a group, deaths, things, or nothing said."""

from __future__ import annotations

from dataclasses import replace

from extract.lexicon import Lexicon
from extract.units import END, PLAIN, QUOTES, Count, Noun, NumberKind, Quantity, Unit
from model import Who

LONGEST = 8  # words between a number and its noun (`20 mental health hospital patients`)
BEFORE_VICTIMS = 4  # words from the article to the noun (`of the newly counted fatalities`)
FORMS_OF_STATE = ("state", "harm.part", "undergo.ing")


def with_counts(units: list[Unit], words: Lexicon) -> list[Unit]:
    """`units` with each counting number and its noun phrase made one unit that carries a Count."""
    out: list[Unit] = []
    at = 0
    while at < len(units):
        quantity = units[at].quantity
        if quantity is None or quantity.kind is not NumberKind.COUNT:
            out.append(units[at])
            at += 1
            continue
        phrase = _Phrase(units, at, quantity, words)
        stop = phrase.read()
        out.append(phrase.unit(stop))
        at = stop
    return out


_PLACE_WORDS = 5  # of a place between those counted and what is said of them


class _Phrase:
    """The noun phrase that begins with the number at `at`."""

    def __init__(self, units: list[Unit], at: int, quantity: Quantity, words: Lexicon) -> None:
        self.units = units
        self.first = at
        self.words = words
        self.count = Count(quantity=quantity)
        self.modifier: str | None = None

    def _at(self, at: int) -> Unit:
        return self.units[at] if at < len(self.units) else END

    def unit(self, stop: int) -> Unit:
        """The phrase as one unit."""
        first, last = self.units[self.first], self.units[stop - 1]
        text = " ".join(unit.text for unit in self.units[self.first : stop])
        unit = Unit(text, first.low, first.start, last.end, PLAIN, first.glued, True, self.count.quantity)
        unit.count = self.count
        return unit

    def read(self) -> int:
        """Reads the phrase; the place after it."""
        at = self.first + 1
        while self._at(at).low in QUOTES:
            at += 1
        if at > self.first + 1 and self._at(at).low in self.words.grammar.plain_and:
            return self.first + 1  # `a toll of "more than 50" and`
        if self._at(at).low == self.words.data["range"]["whole"] and self._at(at + 1).quantity is not None:
            return self._partitive(at + 1)
        if self._at(at).has("of"):
            if self._is_partitive(at + 1):
                return self._partitive(at + 1)
            if self.count.quantity.vague is not None or self._at(at + 1).quantity is None:
                at += 1
                if self._at(at).has("det"):
                    at += 1
        stop = self._noun(at)
        if self.count.noun is Noun.BARE:
            return self.first + 1
        return stop

    # --------------------------------------------------------------------------------------------------- partitive

    def _is_partitive(self, at: int) -> bool:
        unit = self._at(at)
        return (
            unit.has("them")
            or unit.has("det")
            or unit.low in self.words.grammar.whole_of
            or (unit.quantity is not None and unit.quantity.kind is NumberKind.COUNT)
        )

    def _partitive(self, at: int) -> int:
        """`of them`, `of those killed`, `of the 16 oil workers`, `of its fighters`."""
        self.count.partitive = True
        unit = self._at(at)
        victims = self._victims(at)
        if victims is not None:
            self.count.of_them = True
            self.count.outcome = victims[1]
            return self._of_them(victims[0])
        whole = unit.low in self.words.grammar.those  # `of those children`, `of the children`
        if unit.has("them") and not (whole and self._at(at + 1).has("person")) and self._at(at + 1).quantity is None:
            stop = at + 1
            self.count.of_them = True
            self.count.outcome = unit.tags.get("toll")
            if unit.low in self.words.grammar.those and self._at(stop).has("harm.part", "state"):
                self.count.outcome = _outcome_of(self._at(stop))
                stop += 1
            return self._of_them(stop)
        inner = at + (unit.quantity is None)
        if self._has_fate(inner):
            self.count.noun = Noun.PERSON
            return inner
        self._whole(at)
        stop = self._noun(at + 1)
        if self.count.noun is Noun.BARE:
            stop = at + 1
            self.count.noun = Noun.PERSON if unit.has("them") else Noun.BARE
        return stop

    def _victims(self, at: int) -> tuple[int, str] | None:
        """`of the newly counted fatalities`: the place after the noun, and the outcome that it names."""
        if not self._at(at).has("det"):
            return None
        for place in range(at + 1, at + 1 + BEFORE_VICTIMS):
            unit = self._at(place)
            if unit.has("counted") and not unit.has("person"):
                return place + 1, str(unit.tags["counted"])
            if unit.tags.keys() - {"adverb", "harm.part", "say", "spoke_of", "hedge_verb"} or unit.quantity is not None:
                return None
        return None

    def _has_fate(self, at: int) -> bool:
        """Whether the whole says what befell it: `three of the 16 workers they seized`, `of the 17 held hostage`."""
        quantity = self._at(at).quantity
        if quantity is None or self.count.quantity.low == self.count.quantity.high == 1:
            return False
        probe = _Phrase(self.units, at, quantity, self.words)
        stop = probe.read()
        after = self._at(stop)
        if probe.count.noun is Noun.COUNTED:
            return self._at(stop - 1).has("harm.part", "state")  # `ten of the 76 injured remain in hospital`
        if probe.count.noun is Noun.THING:
            return False
        self.count.who = probe.count.who
        taken = after.has("pronoun") and self._at(stop + 1).has("harm.past")
        return taken or after.has("harm.part", "state")

    def _whole(self, at: int) -> None:
        """The number of the whole is no claim, save in `one of four victims`, where it is the one that counts."""
        inner = next((unit.quantity for unit in self.units[at : at + 2] if unit.quantity is not None), None)
        if inner is None:
            return
        outer = self.count.quantity
        if outer.low == outer.high == 1:
            self.count.quantity = replace(inner)
            self.count.partitive = False
        inner.kind = NumberKind.RATIO

    def _past_place(self, at: int) -> int:
        """`of the dead (on the register) are women`: past a place that stands before the verb."""
        if not self._at(at).has("prep"):
            return at
        near = range(at + 1, at + _PLACE_WORDS)
        return next((place for place in near if self._at(place).tags.get("be")), at)

    def _of_them(self, at: int) -> int:
        """`(three of them) children`, `(six of them) were children`: the group that the part is."""
        place = self._past_place(at)
        while self._at(place).tags.get("be") or self._at(place).has("det", "adverb"):
            place += 1
        named = self._at(place + 1)
        if place > at and self._at(place).text.islower() and not self._at(place).tags and named.has("person"):
            place += named.group not in (None, "people")  # `were railway policemen`
        if self._at(place).has("person") and not self._at(place).has("state") and not self._at(place + 1).has("say"):
            probe = _Phrase(self.units, self.first, self.count.quantity, self.words)
            stop = probe._noun(place)
            self.count.who, self.count.who_text = probe.count.who, probe.count.who_text
            self.count.noun = Noun.PERSON
            return stop
        self.count.noun = Noun.PERSON
        age = self._at(place + 1).quantity
        if (
            age is not None
            and age.kind is NumberKind.AGE
            and self._at(place).low in self.words.words("words", "younger")
        ):
            self.count.who = Who.CHILDREN
        return at

    # -------------------------------------------------------------------------------------------------------- noun

    def _noun(self, at: int) -> int:
        """Reads modifiers and the head noun from `at` on; the place after them."""
        start = at
        unknown: list[Unit] = []
        while at - start < LONGEST:
            unit = self._at(at)
            if unit.has("person") and not self._owns_deaths(at):
                return self._person(start, at)
            if unit.has("whose") and at == start and self._at(at + 1).has("person"):
                stop = self._person(at + 1, at + 1)  # `three bodies of soldiers`
                self.count.noun, self.count.outcome = Noun.COUNTED, str(unit.tags["whose"])
                return stop
            if unit.has("state") and self._at(at + 1).tags.get("thing") == "animal":
                self.count.noun = Noun.THING  # `1,900 dead seabirds`
                return at + 2
            if unit.has("counted") and not self._is_modifier(at):
                return self._counted(start, at)
            if unit.has("thing", "unit") and not self._at(at + 1).has("person") and not self._leads_noun(at):
                self.count.noun = Noun.THING
                return at + 1
            if not self._goes_on(at, unit) or (unknown and self._begins_clause(unknown[-1], unit)):
                break
            named = unit.tags.get("modifier") or unit.tags.get("person", "people")
            if named != "people":
                self.modifier = self.modifier or named
            if unit.text[:1].isalpha() and not unit.has("adverb"):
                unknown.append(unit)
            at += 1
        return self._unknown(start, at, unknown)

    def _owns_deaths(self, at: int) -> bool:
        """`23 civilian deaths`: whose deaths they are, not who is counted."""
        after = self._at(at + 1)
        return after.has("counted") and not after.has("person", "state", "harm.part", "undergo.part")

    def _leads_noun(self, at: int) -> bool:
        """`three company managers`: a thing that says of what kind the unknown plural after it is."""
        unit, after = self._at(at), self._at(at + 1)
        return (
            not self.words.grammar.heads_first
            and unit.has("thing")
            and not after.tags
            and after.text.islower()
            and after.low.endswith(self.words.grammar.plural)
        )

    def _begins_clause(self, noun: Unit, unit: Unit) -> bool:
        """`two logisticians working for it`: a participle after people is no noun of theirs."""
        return not unit.tags and unit.low.endswith(self.words.grammar.ing) and self._looks_like_people(noun)

    def _is_modifier(self, at: int) -> bool:
        """`31 dead servicemen`: a state before the noun."""
        place = at + 1
        while self._at(place).low in QUOTES:
            place += 1
        return self._at(at).has("state", "harm.part") and self._at(place).has("person", "modifier")

    def _goes_on(self, at: int, unit: Unit) -> bool:
        if unit.has(*FORMS_OF_STATE):
            return self._state_before_noun(at)
        if self._at(at + 1).low == "-" and self._at(at + 1).glued and unit.text[:1].isalpha():
            return True  # `five off-piste skiers`
        apart = unit.low == "-" and not unit.glued and not self._at(at + 1).glued
        dash = apart and at > self.first + 1  # `two Danes - were`
        if (
            unit.low in QUOTES
            or (unit.low in "-[]" and not dash)
            or unit.has("modifier", "person")
            or unit.low in self.words.grammar.possessive
        ):
            return unit is not END
        if unit.low in self.words.grammar.plain_and:
            return self._and_inside(at)
        if unit.tags.keys() - {
            "thing",
            "unit",
            "month",
            "weekday",
            "identifier",
            "move",
            "subset",
            "adverb",
            "say",
            "of_body",
            "cause",
        }:
            return unit.tags.get("increment") in ("after", "others")
        if unit.has("month", "weekday", "subset", "say", "move") or unit.quantity is not None:
            return False
        return unit.text[:1].isalpha()

    def _state_before_noun(self, at: int) -> bool:
        """Whether the state or participle at `at` is an adjective of the noun that follows."""
        place = at + 1
        if self._at(place).low == "-" and self._at(place).glued:
            place += 2  # `burnt-out cars`
        while self._at(place).low in QUOTES or (self._at(place).has("modifier") and not self._at(place).has("person")):
            place += 1
        head = self._at(place)
        if head.has("thing") and not head.has("person", "unit"):
            return True  # `150 burned animals` counts things all the same
        if not head.has("person") or head.has("state") or head.low.startswith(self.words.others):
            return False
        self.count.outcome = self.count.outcome or _outcome_of(self._at(at))
        return True

    def _and_inside(self, at: int) -> bool:
        """`army and paramilitary troops`: the `and` joins two modifiers of one noun."""
        before, after = self._at(at - 1), self._at(at + 1)
        if before is self._at(self.first) or after.quantity is not None or after.has("harm.past", "harm.ing", "det"):
            return False
        return any(self._at(place).has("person") for place in (at + 2, at + 3)) and after.text[:1].isalpha()

    def _person(self, start: int, at: int) -> int:
        stop = at + 1
        while self._at(stop).has("person") and not self._at(stop).has("state", "harm.part", "made_prisoner"):
            stop += 1
        head = self._at(stop)
        if head.has("thing") and not head.has("person"):
            self.count.noun = Noun.THING
            return stop + 1
        group = self._group(at, stop)
        last = self._at(stop - 1)
        if last.has("of_body") and self._at(stop).has("of"):
            stop, group = self._members_of(stop, group)
        self.count.noun = Noun.PERSON
        self.count.who = group
        self.count.other = last.low.startswith(self.words.others) or self._at(start).tags.get("increment") == "others"
        self.count.who_text = " ".join(unit.text for unit in self.units[start:stop])
        if last.has("counted"):
            self.count.outcome = self.count.outcome or last.tags["counted"]
        return self._joined(stop)

    def _group(self, first: int, stop: int) -> Who | None:
        """The group of the noun, else of its modifiers; None where it is neutral."""
        groups = [self._at(at).tags["person"] for at in range(first, stop)]
        special = [group for group in reversed(groups) if group != "people"]
        named = special[0] if special else self.modifier
        if named in ("security_forces",) and groups[-1] == "people" and not special and self._neutral_head(stop - 1):
            return None
        return Who(named) if named else None

    def _neutral_head(self, at: int) -> bool:
        """`government supporters` are no soldiers: the modifier names whom they are for, not what they are."""
        return self._at(at).low not in self.words.words("words", "of_body")

    def _members_of(self, at: int, group: Who | None) -> tuple[int, Who | None]:
        """`members of the security forces`: the group is the body's."""
        place, found = at + 1, group
        for place in range(at + 1, at + 9):
            unit = self._at(place)
            if unit.has("person", "modifier"):
                named = unit.group
                found = Who(named) if named and named != "people" else found
            elif self._leaves_phrase(unit):
                break
        return place, found

    def _leaves_phrase(self, unit: Unit) -> bool:
        if unit.low in self.words.grammar.possessive or (
            unit.quantity is not None and unit.quantity.kind is NumberKind.ORDINAL
        ):
            return False
        verb = unit.has("be", "have", "harm.past", "undergo.past", "undergo.base", "suffer")
        return verb or unit.has("prep", "and", "who") or not unit.text[:1].isalpha()

    def _joined(self, stop: int) -> int:
        """`women and children`, `nurses or doctors`: a second noun under the same number."""
        if self._at(stop).low in self.words.grammar.noun_joints and self._at(stop + 1).has("person"):
            after = self._at(stop + 2)
            if not after.has("thing") and not self._at(stop + 1).has("harm.past"):
                return stop + 2
        return stop

    def _counted(self, start: int, at: int) -> int:
        unit = self._at(at)
        self.count.noun = Noun.COUNTED
        self.count.outcome = unit.tags["counted"]
        self.count.who = Who(self.modifier) if self.modifier else None
        self.count.who_text = " ".join(each.text for each in self.units[start : at + 1])
        stop = at + 1
        if self._at(stop).has("of") and self._at(stop + 1).has("person", "modifier", "det"):
            probe = _Phrase(self.units, self.first, self.count.quantity, self.words)
            end = probe._noun(stop + 1 + self._at(stop + 1).has("det"))
            if probe.count.noun is Noun.PERSON:
                self.count.who, self.count.who_text = probe.count.who, probe.count.who_text
                return end
        return stop

    def _unknown(self, start: int, at: int, unknown: list[Unit]) -> int:
        while unknown and not unknown[-1].text[:1].isalpha():
            unknown.pop()
        if not unknown:
            return start
        last = unknown[-1]
        if last.has("modifier") and len(unknown) == 1:
            self.count.who = Who(last.tags["modifier"])
            self.count.noun = Noun.PERSON
        elif self._looks_like_people(last):
            self.count.noun = Noun.PERSON
            self.count.who = Who(self.modifier) if self.modifier else None
        else:
            self.count.noun = Noun.UNKNOWN
        self.count.who_text = " ".join(unit.text for unit in self.units[start:at])
        return at

    def _looks_like_people(self, unit: Unit) -> bool:
        if unit.low in self.words.words("person_shape", "not"):
            return False
        demonym = unit.text[:1].isupper() and unit.low.endswith(self.words.demonyms)
        return demonym or unit.low.endswith(self.words.person_endings)


def _outcome_of(unit: Unit) -> str | None:
    """The outcome that a state or a participle names."""
    for tag in ("state", "harm.part", "undergo.ing", "undergo.part"):
        if tag in unit.tags:
            return str(unit.tags[tag])
    return None

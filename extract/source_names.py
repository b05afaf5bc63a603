"""The noun phrases that can name a source: where they begin and end in a sentence."""

from __future__ import annotations

from extract.lexicon import Lexicon
from extract.units import END, QUOTES, Noun, Unit

DAYTIMES = ("morning", "afternoon", "evening")
BEFORE_DAY = ("on", "year_before", *DAYTIMES)
OPENING = 12  # units within which a sentence's subject begins
LONGEST_SUBJECT = 8  # units of a subject up to its head
LONGEST_PERSON = 4
LONGEST_RELATIVE = 8  # units of a relative clause before the name that ends it
LONGEST_ASIDE = 28  # units of a clause between a name and its verb (`, who spoke on condition of anonymity because …,`)
LONGEST_APPOSITION = 16
LONGEST_NAME = 14  # units of a source's name with its apposition


class Names:
    """A sentence, asked for the name before or after a verb of saying."""

    def __init__(self, text: str, units: list[Unit], words: Lexicon) -> None:
        self.text = text
        self.units = units
        self.words = words

    def _left_name(self, at: int) -> tuple[int, int] | None:
        """The units of the noun phrase that ends before `at`, auxiliaries, adverbs and insertions left out."""
        stop = self._before_verb(at)
        first = stop
        while first > 0 and stop - first < LONGEST_NAME and not self._ends_name(first - 1, stop):
            first -= 1
            joined = self._at(first - 1).has("and") and self._both_names(first - 1)
            if self.units[first].has("det") and not joined and not self._at(first - 1).has("prep", "of"):
                first, stop = self._over_description(first, stop)
                break
        if first < stop and self._at(first - 1).has("and") and self._is_numbered(first - 2):
            return first - 2, stop  # `two medics and a councillor said`
        who = self._relative(first, stop)
        if who is not None:
            return self._left_name(who)
        if first + 1 < stop and self.units[first].has("that"):
            first += 1
        if stop - first > 1 and self.units[stop - 1].tags.get("pronoun", "them") != "them":
            first = stop - 1  # `a statement in which it said`
        while first < stop and self._is_leading(self.units[first]) and not self._at(first + 1).has("and"):
            first += 1
        if first == stop and self._is_numbered(stop - 1):
            before = self._left_name(stop - 2) if self._at(stop - 2).has("and") else None
            return (before[0] if before else stop - 1), stop
        return (first, stop) if first < stop else None

    def _relative(self, first: int, stop: int) -> int | None:
        """The place of `who` where a name only ends a relative clause: `residents who met the army said`."""
        if first == stop:
            return None
        for at in range(first - 1, max(-1, first - LONGEST_RELATIVE), -1):
            unit = self.units[at]
            if unit.has("who") and not unit.has("that"):
                return at if at == first - 1 or self.words.is_head(self._at(at - 1).low) else None
            reduced = unit.low.endswith(self.words.grammar.ing) and not unit.tags and at == first - 1
            definite = self.units[first].low not in self.words.words("words", "indefinite")
            if reduced and definite and self.words.is_head(self._at(at - 1).low):
                return at  # `the lawyer representing the miners`
            says = unit.has("say") and not self._at(at + 1).has("prep")  # `who spoke with`
            if unit.low in ",;:." or unit.low in QUOTES or says or unit.quantity is not None:
                return None
        return None

    def _before_verb(self, at: int) -> int:
        """The place after the subject of the verb at `at`: `The office (, a body of three,) (on Sunday) said`."""
        auxiliaries: tuple[str, ...] = ("have", "adverb", "do", "modal", "not")
        if self._at(at).low.split()[0].endswith(self.words.grammar.ing):
            auxiliaries = (*auxiliaries, "be", "move")  # `is now`
        stop, before = at, -1
        while stop != before:
            before = stop
            while stop > 0 and self._is_between(stop - 1, auxiliaries):
                stop -= 1
            stop = self._over_aside(self._over_day(stop))
        return stop

    def _is_between(self, at: int, auxiliaries: tuple[str, ...]) -> bool:
        """Whether the unit at `at` can stand between a subject and its verb: `has also formally (said)`."""
        unit = self._at(at)
        manner = not unit.tags and unit.low.endswith(tuple(self.words.words("words", "manner"))) and unit.text.islower()
        return manner or (unit.has(*auxiliaries) and not unit.has("person", "det"))

    def _over_day(self, stop: int) -> int:
        """`X on Sunday said`, `X had earlier in the evening put`: the place before the day."""
        if stop < 2 or not (self._at(stop - 1).has("weekday") or self._at(stop - 1).tags.get("time") in DAYTIMES):
            return stop
        stop -= 1
        while stop > 0 and (self._at(stop - 1).tags.get("time") in BEFORE_DAY):
            stop -= 1
        return stop

    def _over_description(self, first: int, stop: int) -> tuple[int, int]:
        """`The Varr Committees another monitoring group says`: a page without its commas; the name is before."""
        if (
            self.units[first].low not in self.words.words("words", "indefinite")
            or not self._at(first - 1).text.istitle()
        ):
            return first, stop
        name = self._left_name(first)
        heads = [unit for unit in self.units[slice(*name)] if self.words.is_head(unit.low)] if name is not None else []
        named = any(unit.text[:1].isupper() for unit in heads)  # `a town bordering Orle an NGO said` names the NGO only
        return name if name is not None and named else (first, stop)

    def _is_numbered(self, at: int) -> bool:
        """`two witnesses said`: people of a kind that speaks, counted."""
        unit = self._at(at)
        return unit.count is not None and unit.text.lower().split()[-1] in self.words.heads

    def _is_leading(self, unit: Unit) -> bool:
        low = unit.low
        return (
            (low in self.words.words("sources", "leading") and not (unit.has("det")))
            or low in QUOTES
            or unit.has("weekday", "month")
        )

    def _over_aside(self, stop: int) -> int:
        """`X, superintendent of Y, said` and `X (Y) said`: the name is before the insertion."""
        last = self._at(stop - 1)
        if last.low == ")":
            return next((at for at in range(stop - 2, max(-1, stop - 9), -1) if self.units[at].low == "("), stop)
        if last.low != "," or stop < 2:
            return stop
        commas = (at for at in range(stop - 2, max(-1, stop - LONGEST_ASIDE), -1) if self.units[at].low == ",")
        nearest = next(commas, None)
        if nearest is None:
            return stop
        name = self._over_clause(nearest, stop)
        # a relative clause can have commas of its own: `X, which reads photographs, files and posts, said`
        relative = next((at for at in commas if self._at(at + 1).has("who")), None) if name == stop else None
        return self._over_clause(relative, stop) if relative is not None else name

    def _over_clause(self, at: int, stop: int) -> int:
        """`at` where an insertion stands between the commas at `at` and before `stop`; `stop` where a clause does."""
        counts = [unit.count.noun for unit in self.units[at:stop] if unit.count is not None]
        harm = ("harm.past", "harm.ing", "harm.part", "undergo.past", "state", "lose")
        unharmed = not any(unit.has(*harm) for unit in self.units[at:stop])
        if self._at(at + 1).has("who") and (unharmed or all(noun in (Noun.UNKNOWN, Noun.THING) for noun in counts)):
            return at  # `the society, which has sent 60 volunteers there, said`
        described = self._at(at + 1).low in self.words.words("words", "indefinite")  # `Osk, a village of 900 people, `
        if counts and not described:
            return stop
        verbs = ("harm.past", "harm.ing", "undergo.past", "be")
        clause = any(unit.has(*verbs) and unit.low not in self.words.grammar.possessive for unit in self.units[at:stop])
        return stop if clause or stop - at > LONGEST_APPOSITION else at

    def _ends_name(self, at: int, stop: int) -> bool:
        unit = self.units[at]
        if unit.low in self.words.grammar.possessive:
            return False
        if unit.low in ",;:?!.()[]–—|" or unit.low in QUOTES or unit.quantity is not None:
            return True
        if any(joint.low == "-" and joint.glued for joint in (self._at(at + 1), self._at(at - 1))):
            return False  # `officer-in-charge`, `rebel-held`
        if unit.has("according"):
            return True
        if unit.has("weekday", "month", "who", "be", "have", "modal", "harm.past", "harm.ing", "undergo.past", "state"):
            return not unit.text[:1].isupper() and not unit.has("det")
        if unit.has("say") and unit.text[:1].islower() and unit.low not in self.words.heads:
            return not self._at(at - 1).has("det")  # `officials in those states`
        if unit.has("but") or (unit.low in self.words.grammar.name_breaks and not self._both_names(at)):
            return True
        named = unit.text[:1].isupper() and at > 0  # `Doctors Beyond`
        return unit.has("prep") and not named and unit.low not in self.words.words("sources", "inside_name")

    def _both_names(self, at: int) -> bool:
        before, after = self._at(at - 1), self._at(at + 1)
        if self.words.is_head(before.low) and after.has("det"):
            return self._at(at + 2).text.islower() or self._opens_clause(at - 1)  # `residents and a local official`
        if {before.low, after.low} <= self.words.heads or self._shares_head(at) or self._modifies(at - 1):
            return True
        return before.text[:1].isupper() and after.text[:1].isupper()

    def _shares_head(self, at: int) -> bool:
        """`…, police and rescue officials said`: two kinds with one noun, which open the clause."""
        return self._opens_clause(at - 1) and self.words.is_head(self._at(at + 2).low.split()[-1])

    def _modifies(self, at: int) -> bool:
        """`…, local and security sources said`: a lone word before `and` that opens the clause."""
        opens = at == 0 or self._at(at - 1).low == ","
        heads = any(self.words.is_head(unit.low) for unit in self.units[at + 2 : at + 4])
        return opens and heads and self._at(at).text.islower() and not self._at(at).tags

    def _opens_clause(self, last: int) -> bool:
        """Whether the kinds of people or bodies up to `last` are all that stands before it in its clause."""
        first = last
        while first >= 0 and self._is_kind(self.units[first]):
            first -= 1
        if first >= 0 and self.units[first].has("det"):
            first -= 1
        return first < last and (first < 0 or self.units[first].low in (",", ";", ":", "(", *QUOTES))

    def _is_kind(self, unit: Unit) -> bool:
        """Whether a word can be part of a kind of people or bodies: `local`, `police`, `council`."""
        return unit.low in self.words.heads or unit.has("person", "modifier") or (not unit.tags and unit.text.islower())

    def _right_name(self, at: int) -> tuple[int, int] | None:
        if self._is_numbered(at):
            return at, at + 1
        stop = at
        while stop < len(self.units) and stop - at < LONGEST_NAME and not self._stops_name(stop, at):
            stop += 1
        if self._at(stop - 1).has("and") and self._is_numbered(stop):
            return at, stop + 1  # `the mayor and two nurses`
        while stop - at > 1 and self._at(stop - 1).has("prep", "and") and self._at(stop - 1).text.islower():
            stop -= 1
        return (at, stop) if stop > at else None

    def _opening(self) -> tuple[int, int] | None:
        """The subject that a sentence opens with, where it can speak: up to its head, or a name."""
        places = range(min(OPENING, len(self.units)))
        first = next((at for at in places if self._opens(at)), None)
        if first is None:
            return None
        if self.units[first].has("pronoun"):
            return first, first + 1
        span = self._right_name(first)
        if span is None:
            return None
        heads = [at for at in range(*span) if self.words.is_head(self.units[at].low.split()[-1])]
        if heads:
            return (first, heads[-1] + 1) if heads[-1] - first < LONGEST_SUBJECT else None
        stop = next((at for at in range(*span) if not self.units[at].text[:1].isupper()), span[1])
        return (first, stop) if 1 < stop - first <= LONGEST_PERSON else None

    def _opens(self, at: int) -> bool:
        """Whether a subject can begin at `at`: at the start, after the first comma, or a pronoun near the start."""
        unit = self.units[at]
        if unit.has("pronoun"):
            return bool(unit.tags["pronoun"] != "them")
        begins = at == 0 or self.units[at - 1].low in ",–—-" or (at == 1 and self.units[0].has("and", "but"))
        return begins and not unit.has("prep", "adverb", "and", "but") and unit.count is None

    def _stops_name(self, at: int, first: int) -> bool:
        unit = self.units[at]
        if unit.low in self.words.grammar.possessive:
            return False
        if unit.low == "." and at > first and self.words.names.courtesy.match(f"{self.units[at - 1].text}. "):
            return False  # `said Dr. Felisa Orn`
        dash = unit.low == "-" and not unit.glued
        if dash or unit.low in ",;:?!()[]–—|." or unit.low in QUOTES or unit.quantity is not None:
            return True
        if at > first and (unit.has("weekday") or unit.tags.get("time") in DAYTIMES):
            return True
        if unit.has("month", "who", "be", "have", "modal", "say", "but", "adverb") and at > first:
            return not unit.text[:1].isupper() and unit.low not in self.words.heads
        return at > first and unit.has("prep") and unit.low not in self.words.words("sources", "inside_name")

    def _is_head(self, first: int, stop: int) -> bool:
        return any(self.words.is_head(unit.text.lower().split()[-1]) for unit in self.units[first:stop])

    def _text(self, span: tuple[int, int]) -> str:
        return " ".join(self.text[self.units[span[0]].start : self.units[span[1] - 1].end].split())

    def _at(self, at: int) -> Unit:
        try:
            return self.units[at] if at >= 0 else END
        except IndexError:
            return END

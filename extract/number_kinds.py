"""What a number is, told from the words around it: a date, an age, money … or a count."""

from __future__ import annotations

from itertools import pairwise

from extract.number_values import LARGEST, Values
from extract.units import END, NumberKind, Quantity, Unit

YEARS = range(1800, 2100)
OLDEST = 115
LONGEST = 200  # characters; no number up to LARGEST takes as many, in words or in digits
KIND_OF_UNIT = {
    "measure": NumberKind.MEASURE,
    "duration": NumberKind.DURATION,
    "money": NumberKind.MONEY,
    "clock": NumberKind.CLOCK,
}


class Kinds(Values):
    """A sentence's units, asked for the kind of a number."""

    def _kind(self, at: int, stop: int, quantity: Quantity) -> NumberKind:
        if quantity.kind is not NumberKind.COUNT:
            return quantity.kind
        if max(quantity.low or 0, quantity.high or 0) > LARGEST or quantity.end - quantity.start > LONGEST:
            return NumberKind.IDENTIFIER
        if quantity.vague is not None:
            unit = self._at(stop).tags.get("unit") or self._at(stop + 1).tags.get("unit", "") * (
                self._at(stop).has("of")
            )
            return KIND_OF_UNIT.get(unit, NumberKind.COUNT)
        before, after = self._before(), self._at(stop)
        for rule in (self._by_unit, self._by_glue, self._by_calendar, self._by_age, self._by_place):
            kind = rule(before, after, at, stop, quantity)
            if kind is not None:
                return kind
        return NumberKind.COUNT

    def _before(self) -> Unit:
        return self.out[-1] if self.out else END

    def _by_unit(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        if before.tags.get("unit") == "money" or after.low in ("$", "€", "£"):
            return NumberKind.MONEY
        if after.tags.get("range") == "ratio" or before.low in ("%",):
            return NumberKind.RATIO
        unit = after.tags.get("unit") or (self._at(stop + 1).tags.get("unit") if self._loose(after) else None)
        if unit == "money" and after.has("person"):
            unit = None
        if (
            unit is None
            and self._at(at).digits
            and stop - at == 1
            and self.words.writing.is_fraction(self._at(at).text)
        ):
            unit = "measure"
        return KIND_OF_UNIT.get(unit or "")

    def _loose(self, after: Unit) -> bool:
        """A word that can stand between a number and its unit (`four straight games`, `two-hour`)."""
        if after.low in self.words.words("words", "relative_time"):
            return False
        if after.has("of"):
            return bool(self.words.grammar.heads_first)  # `3,5 millions d'euros`, `una veintena de kilómetros`
        return after.low in "-–" or (after.text.islower() and not after.tags and len(after.low) > 3)

    def _by_glue(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        if self._at(at).digits and self.words.writing.is_clock(self._at(at).text):
            return NumberKind.CLOCK
        if self._at(at).digits and after.glued and after.low in self.words.grammar.ordinal:
            return NumberKind.ORDINAL
        hyphen = after.low == "-" and after.glued and self._at(stop + 1).glued
        if hyphen and "qual_after" not in self._at(stop + 1).tags:
            return NumberKind.MEASURE
        if before.low == "-" and before.glued and self._at(at).glued:
            return NumberKind.IDENTIFIER
        if self._at(at).digits and after.glued and after.text[:1].isalpha():
            return NumberKind.IDENTIFIER
        return None

    def _by_calendar(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        low = quantity.low or 0
        small = low <= 31 and not self._at(stop - 1).has("scale")
        second = self.out[-2] if len(self.out) > 1 else END
        if small and (after.has("month") or (before.has("month") and not _is_date(second))):
            return NumberKind.DATE  # but `on 3 March eleven people`
        if small and after.has("of") and self._at(stop + 1).has("month"):
            return NumberKind.DATE
        if small and before.has("and") and self._is_second_day(after):
            return NumberKind.DATE
        text = self._at(at).text
        if not (self._at(at).digits and len(text) == 4 and low in YEARS and stop == at + 1):
            return None
        if before.has("month") or _is_date(before) or self._of_year(before, after):
            return NumberKind.DATE
        if before.tags.get("time") == "year_before" and not before.has("of") and not after.has("person", "counted"):
            return NumberKind.DATE
        if after.has("counted") and not after.has("person") and before.low in self.words.words("words", "topic"):
            return NumberKind.DATE  # `jailed over 1998 killings`
        if after.has("person", "counted", "state", "harm.part") or before.has("harm.past", "harm.ing", "harm.s"):
            return None
        return None if before.has("move", "qual") else NumberKind.DATE

    def _is_second_day(self, after: Unit) -> bool:
        """`on March 1 and 2`: a day behind another one of its month."""
        month, first = (self.out[-3], self.out[-2]) if len(self.out) > 2 else (END, END)
        return month.has("month") and _is_date(first) and not after.has("person", "counted", "state", "harm.part")

    def _of_year(self, before: Unit, after: Unit) -> bool:
        """`the fire of 1999, which`; but `a toll of 1999`."""
        owner = self.out[-2] if len(self.out) > 1 else END
        counts = owner.has("toll", "total", "counted", "whose", "qual", "move", "person")
        return before.has("of") and not counts and not after.has("person", "counted", "modifier", "state")

    def _by_age(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        low = quantity.low or 0
        if low > OLDEST:
            return None
        if str(before.tags.get("time", "")).startswith("age_") or after.tags.get("time") == "age_after":
            return NumberKind.AGE
        earlier = self.out[-2] if len(self.out) > 1 else END
        if before.tags.get("range") == "opens" and str(earlier.tags.get("time", "")).startswith("age_"):
            return NumberKind.AGE  # `range in age from 12 to 41`
        closes = after.low in (",", ".", ")") or after.has("relative_time", "and", "adverb")
        if before.has("be") and earlier.has("who") and closes:
            return NumberKind.AGE  # `Orle, who was 17, `
        limit = before.low in self.words.grammar.age_limits
        if limit and ((earlier.has("person", "them", "be", "adverb") and low < 22) or (earlier.has("them") and closes)):
            return NumberKind.AGE  # `most of them over 65,`
        if self._is_pair_of_ages(before, after, earlier, stop, quantity):
            return NumberKind.AGE
        named = (
            earlier.text[:1].isupper()
            or earlier.has("person")
            or self.words.is_head(earlier.low)
            or (earlier.quantity is None and earlier.text == ")")
        )
        if before.low == "," and after.low in (",", ".") and named and self._at(at).digits:
            return NumberKind.AGE
        aside = before.low == "(" and after.low == ")" and 0 < low < OLDEST
        return NumberKind.AGE if aside and not self._counts_in_brackets() else None

    def _counts_in_brackets(self) -> bool:
        """`Orle (37 deaths), Osk (19)`: a number in brackets that counts stands before."""
        return any(
            mark.low == "(" and inside.quantity is not None and inside.quantity.kind is NumberKind.COUNT
            for mark, inside in pairwise(self.out)
        )

    def _is_pair_of_ages(self, before: Unit, after: Unit, earlier: Unit, stop: int, quantity: Quantity) -> bool:
        """`two teenagers, 15 and 17, were hurt`, `aged 24, 27 and 41,`; `all women between 19 and 45, were`."""
        closes = (",", ".", ")")
        if quantity.high is not None and before.tags.get("range") == "opens" and quantity.high != quantity.low:
            return earlier.has("person") and quantity.high <= OLDEST and after.low in closes
        pair = before.low == "," and after.has("and") and self._is_number(stop + 1) and self._at(stop + 2).low in closes
        second = self.out[-2].quantity if len(self.out) > 1 else None
        goes_on = second is not None and second.kind is NumberKind.AGE  # `aged 24, 27 and 41,`
        named = (
            earlier.text[:1].isupper() and not earlier.tags and self._at(stop).has("and")
        )  # `Jan and Per Moor, 9 and 7,`
        if pair and (goes_on or named or earlier.has("person")):
            return True
        if goes_on and before.low in self.words.grammar.range_to:
            return True  # `in age from 12 to 41`
        return goes_on and (before.has("and") or before.low == ",") and after.low in closes

    def _by_place(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        if quantity.low == 0:
            return NumberKind.ORDINAL
        if quantity.low == quantity.high == 1 and not self._at(at).digits and before.has("before_one"):
            return NumberKind.ORDINAL  # `a third one killed four`
        if (
            before.has("identifier")
            and not before.has("qual")
            and not after.has("person", "counted", "state", "harm.part", "harm.past")
        ):
            # `the number 12`, `Camp 9`, `No. 3`; but `the number at 12` is not one
            return NumberKind.IDENTIFIER
        if (
            after.tags.get("range") == "ratio_between"
            and self._is_number(stop + 1)
            and after.low in self.words.grammar.ratio_words
        ):
            return NumberKind.RATIO
        grammar = self.words.grammar
        of_ratio = before.low in grammar.ratio_in and len(self.out) > 1 and _is_ratio(self.out[-2])
        if before.low in grammar.ratio_per or of_ratio:
            return NumberKind.RATIO
        return None

    def _is_number(self, at: int) -> bool:
        return self._at(at).digits or self._at(at).has("num")


def _is_date(unit: Unit) -> bool:
    return unit.quantity is not None and unit.quantity.kind is NumberKind.DATE


def _is_ratio(unit: Unit) -> bool:
    return unit.quantity is not None and unit.quantity.kind is NumberKind.RATIO

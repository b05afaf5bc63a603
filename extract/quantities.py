"""Numbers in words and digits -> typed quantities with their bound, before anything asks what they count.

A number that is a date, an age, money … is no candidate for a claim, so every number is typed once, here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extract.languages import lexicon
from extract.lexicon import PLAIN, Lexicon, Tags
from extract.tokens import Token, tokenize
from extract.units import END, NumberKind, Quantity, Unit
from model import Qualifier, Vague

# Verbs of movement that are qualifiers too: `topped 40` says more than 40 and moves the toll.
MOVING = re.compile(r"\b(?:as high as|exceed|top|surpass|past|pass|cross|beyond|overtake|reach|near)")
YEARS = range(1800, 2100)
OLDEST = 115


def read(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Every number of `text` with its kind, in order of its place."""
    units = with_quantities(units_of(text, 0, len(text), lexicon(language)), lexicon(language))
    return tuple(unit.quantity for unit in units if unit.quantity is not None)


def units_of(text: str, start: int, end: int, words: Lexicon) -> list[Unit]:
    """`text[start:end]` as units: the longest known phrases, single words elsewhere."""
    tokens = tokenize(text, start, end)
    units: list[Unit] = []
    at = 0
    while at < len(tokens):
        size, tags = (1, PLAIN) if tokens[at].number else words.match(tokens, at)
        units.append(_unit(text, tokens[at : at + size], tags))
        at += size
    return units


def _unit(text: str, tokens: list[Token], tags: Tags) -> Unit:
    first, last = tokens[0], tokens[-1]
    low = first.low if len(tokens) == 1 else " ".join(token.low for token in tokens)
    return Unit(text[first.start : last.end], low, first.start, last.end, tags, first.glued, first.number)


def with_quantities(units: list[Unit], words: Lexicon) -> list[Unit]:
    """`units` with each number phrase, its range and its qualifiers made one unit that carries a Quantity."""
    return _Reader(units, words).read()


class _Reader:
    """One pass over the units of a sentence."""

    def __init__(self, units: list[Unit], words: Lexicon) -> None:
        self.units = units
        self.words = words
        self.out: list[Unit] = []

    def read(self) -> list[Unit]:
        at = 0
        while at < len(self.units):
            stop = self._number(at)
            if stop == at:
                self.out.append(self.units[at])
                at += 1
            else:
                at = stop
        return self.out

    def _at(self, at: int) -> Unit:
        return self.units[at] if 0 <= at < len(self.units) else END

    def _number(self, at: int) -> int:
        """Reads the number phrase that starts at `at` into `out`; the place after it, or `at` where there is none."""
        if self.units[at].has("copy"):
            return self._copied(at)
        value, stop = self._value(at)
        if value is None:
            return at
        quantity = Quantity(
            start=self.units[at].start, end=self._at(stop - 1).end, low=value.low, high=value.low, vague=value.vague
        )
        if value.vague is not None:
            quantity.low = quantity.high = None
            quantity.qualifier = Qualifier.VAGUE
        stop = self._range(at, stop, quantity)
        quantity.kind = self._kind(at, stop, quantity)
        if quantity.kind is NumberKind.COUNT:
            return self._qualify(at, stop, quantity)
        self.out.append(self._merged(at, stop, quantity))
        return stop

    def _copied(self, at: int) -> int:
        """`killed 20 and as many wounded`: the number before, once more."""
        known = [unit.quantity for unit in self.out if unit.quantity is not None]
        counts = [quantity for quantity in known if quantity.kind is NumberKind.COUNT]
        if not counts:
            return at
        unit = self.units[at]
        self.out.append(self._merged(at, at + 1, replace(counts[-1], start=unit.start, end=unit.end)))
        return at + 1

    def _merged(self, at: int, stop: int, quantity: Quantity) -> Unit:
        first, last = self.units[at], self.units[stop - 1]
        low = " ".join(unit.low for unit in self.units[at:stop])
        return Unit(low, low, first.start, last.end, PLAIN, first.glued, True, quantity)

    # ------------------------------------------------------------------------------------------------- the value

    def _value(self, at: int) -> tuple[_Value | None, int]:
        unit = self._at(at)
        if unit.digits:
            return self._of_digits(at)
        if unit.low in ("half", "a", "an") and (found := self._of_article(at)):
            return found
        if "vague" in unit.tags:
            return self._of_vague(at)
        if "vague_figures" in unit.tags:
            return _Value(0, Vague(unit.tags["vague_figures"])), at + 1
        if "num" in unit.tags:
            return self._of_words(at)
        return None, at

    def _of_vague(self, at: int) -> tuple[_Value | None, int]:
        return _Value(0, Vague(self._at(at).tags["vague"])), at + 1

    def _of_digits(self, at: int) -> tuple[_Value | None, int]:
        text = self._at(at).text
        digits = re.sub(r"[,\s\u2009\u202f\u00a0]", "", text)
        if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", digits):
            digits = digits.replace(".", "")
        scale, stop = self._scales(at + 1)
        try:
            value = float(digits) * scale
        except ValueError:
            return _Value(0, None, odd=True), at + 1
        odd = not value.is_integer() or ":" in text
        return _Value(int(value), None, odd=odd), stop

    def _scales(self, at: int) -> tuple[int, int]:
        scale = 1
        while "scale" in self._at(at).tags and not self._at(at).glued:
            scale *= self._at(at).tags["scale"]
            at += 1
        return scale, at

    def _of_article(self, at: int) -> tuple[_Value | None, int] | None:
        """`a dozen`, `half a dozen`, `a hundred`, `a hundred thousand`."""
        half = self._at(at).low == "half"
        place = at + 1 + (half and self._at(at + 1).low in ("a", "an"))
        if self._at(place).low == "half" and self._at(place + 1).low == "dozen":
            half, place = True, place + 1
        if "scale" not in self._at(place).tags or (half and self._at(place).low != "dozen"):
            return None
        scale, stop = self._scales(place)
        tail, end = self._tail(stop)
        return _Value(scale // 2 if half else scale + tail, None), end

    def _tail(self, at: int) -> tuple[int, int]:
        """What follows a scale: `(one hundred) and twelve`."""
        place = at + (self._at(at).low == "and")
        if "num" in self._at(place).tags:
            value, stop = self._of_words(place)
            if value is not None:
                return value.low, stop
        return 0, at

    def _of_words(self, at: int) -> tuple[_Value | None, int]:
        total = current = 0
        place = at
        while True:
            unit = self._at(place)
            if "num" in unit.tags and (place == at or self._continues(place)):
                current += unit.tags["num"]
            elif "scale" in unit.tags and place > at:
                scale = unit.tags["scale"]
                current, total = (current * scale, total) if scale <= 100 else (0, total + max(current, 1) * scale)
            elif not self._joins(place, at):
                break
            place += 1
        return _Value(total + current, None), place

    def _continues(self, at: int) -> bool:
        """Whether the number word at `at` goes on with the number before it: `thirty-one`, `hundred and twelve`."""
        before = self._at(at - 1)
        if before.low in ("-", "and") or "scale" in before.tags:
            return True
        return bool(before.tags.get("num", 0) >= 20 and self._at(at).tags["num"] < 10)

    def _joins(self, at: int, first: int) -> bool:
        """`-` in `thirty-one`, `and` in `hundred and twelve`."""
        if at == first or "num" not in self._at(at + 1).tags:
            return False
        before, unit = self._at(at - 1), self._at(at)
        if unit.low == "-":
            return bool(before.tags.get("num", 0) >= 20 and self._at(at + 1).tags["num"] < 10)
        return unit.low == "and" and "scale" in before.tags and before.low != "dozen"

    # -------------------------------------------------------------------------------------------------- the range

    def _range(self, at: int, stop: int, quantity: Quantity) -> int:
        join = self._at(stop)
        if quantity.vague is not None:
            return self._widened(stop, quantity)
        if not self._is_join(at, join):
            return stop
        other, end = self._value(stop + 1)
        if other is None or other.vague is not None or other.odd or quantity.low is None:
            return stop
        if quantity.low in YEARS and other.low in YEARS and join.low in "-–":
            quantity.kind = NumberKind.DATE
            return end
        low = quantity.low * self._shared_scale(quantity.low, other.low, end)
        if low >= other.low:
            if join.glued and join.low in "-–" and other.low < 100:
                quantity.kind = NumberKind.SCORE
                quantity.end = self._at(end - 1).end
                return end
            return stop
        quantity.low, quantity.high, quantity.qualifier = low, other.low, Qualifier.RANGE
        quantity.end = self._at(end - 1).end
        return end

    def _is_join(self, at: int, join: Unit) -> bool:
        if join.tags.get("range") != "joins" and join.low not in "-–—":
            return False
        before = self.out[-1] if self.out else END
        if join.low == "and":
            return before.tags.get("range") == "opens"
        if join.low in "-–—":
            return join.glued
        return not (join.low == "to" and before.low in ("by", "from"))

    def _shared_scale(self, low: int, high: int, end: int) -> int:
        """`10 to 15 thousand`: the scale of the second belongs to both."""
        scale: int = self._at(end - 1).tags.get("scale", 1)
        return scale if scale > 1 and low < scale and high // scale > low else 1

    def _widened(self, stop: int, quantity: Quantity) -> int:
        """`dozens, possibly hundreds`: one vague claim, doubted."""
        place = stop + (self._at(stop).low == ",")
        if self._at(place).tags.get("range") == "widens" or (self._at(place).low == "or"):
            other, end = self._value(place + 1)
            if other is not None and other.vague is not None:
                quantity.hedged = True
                return end + (self._at(end).low == ",")
        return stop

    # --------------------------------------------------------------------------------------------------- the kind

    def _kind(self, at: int, stop: int, quantity: Quantity) -> NumberKind:
        if quantity.kind is not NumberKind.COUNT:
            return quantity.kind
        if quantity.vague is not None:
            unit = self._at(stop).tags.get("unit") or self._at(stop + 1).tags.get("unit", "") * (
                self._at(stop).low == "of"
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
        if unit is None and self._at(at).digits and self._at(at).text.replace(".", "").isdigit():
            unit = "measure" if "." in self._at(at).text and not self._scaled(at, stop) else None
        return KIND_OF_UNIT.get(unit or "")

    def _scaled(self, at: int, stop: int) -> bool:
        return stop - at > 1 or bool(re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", self._at(at).text))

    def _loose(self, after: Unit) -> bool:
        """A word that can stand between a number and its unit (`four straight games`, `two-hour`)."""
        if after.low in self.words.words("words", "relative_time"):
            return False
        return after.low in "-–" or (after.text.islower() and not after.tags and len(after.low) > 3)

    def _by_glue(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        if ":" in self._at(at).text:
            return NumberKind.CLOCK
        if self._at(at).digits and after.glued and after.low in ("st", "nd", "rd", "th"):
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
        if small and (before.has("month") or (after.has("month") and not self._is_modal(stop))):
            return NumberKind.DATE
        if small and after.low == "of" and self._at(stop + 1).has("month"):
            return NumberKind.DATE
        text = self._at(at).text
        if not (self._at(at).digits and len(text) == 4 and low in YEARS and stop == at + 1):
            return None
        if before.has("month") or _is_date(before):
            return NumberKind.DATE
        if after.has("person", "counted", "state", "harm.part") or before.has("harm.past", "harm.ing", "harm.s"):
            return None
        return None if before.has("move", "qual") else NumberKind.DATE

    def _is_modal(self, at: int) -> bool:
        """`may` and `march` are verbs too: a month has a capital."""
        return self._at(at).text[:1].islower()

    def _by_age(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        low = quantity.low or 0
        if low > OLDEST:
            return None
        if str(before.tags.get("time", "")).startswith("age_") or after.tags.get("time") == "age_after":
            return NumberKind.AGE
        earlier = self.out[-2] if len(self.out) > 1 else END
        if before.low in ("under", "over", "below") and earlier.has("person") and low < 22:
            return NumberKind.AGE
        named = (
            earlier.text[:1].isupper() or earlier.has("person") or (earlier.quantity is None and earlier.text == ")")
        )
        if before.low == "," and after.low in (",", ".") and named and self._at(at).digits:
            return NumberKind.AGE
        return NumberKind.AGE if before.low == "(" and after.low == ")" and 0 < low < OLDEST else None

    def _by_place(self, before: Unit, after: Unit, at: int, stop: int, quantity: Quantity) -> NumberKind | None:
        if quantity.low == 0:
            return NumberKind.ORDINAL
        if (
            before.has("identifier")
            and not before.has("qual")
            and not after.has("person", "counted", "state", "harm.part", "harm.past")
        ):
            # `the number 12`, `Camp 9`, `No. 3`; but `the number at 12` is not one
            return NumberKind.IDENTIFIER
        if after.tags.get("range") == "ratio_between" and self._is_number(stop + 1) and after.low in ("in", "per"):
            return NumberKind.RATIO
        if before.low == "per" or (before.low == "in" and len(self.out) > 1 and _is_ratio(self.out[-2])):
            return NumberKind.RATIO
        return None

    def _is_number(self, at: int) -> bool:
        return self._at(at).digits or self._at(at).has("num")

    # ---------------------------------------------------------------------------------------------- the qualifier

    def _qualify(self, at: int, stop: int, quantity: Quantity) -> int:
        first = self.units[at]
        unit = Unit(first.text, first.low, first.start, self.units[stop - 1].end, PLAIN, first.glued, True, quantity)
        classes = self._classes_before(unit, quantity)
        stop = self._after(stop, classes, unit, quantity)
        _apply(quantity, classes)
        self.out.append(unit)
        return stop

    def _classes_before(self, unit: Unit, quantity: Quantity) -> list[str]:
        classes: list[str] = []
        while self.out:
            last = self.out[-1]
            if last.tags.get("increment") == "before":
                quantity.increment = True
            elif (name := self._class_of(last, quantity, first=not classes)) is not None:
                classes.insert(0, name)
                quantity.moved = quantity.moved or last.tags.get("move") == "past" or bool(MOVING.match(last.low))
            elif last.tags.get("increment") != "only" and not self._is_quote_after_qualifier(last):
                break
            unit.start = last.start
            unit.glued = last.glued
            self.out.pop()
        if self.out and self.out[-1].tags.get("range") == "opens" and quantity.qualifier is Qualifier.RANGE:
            unit.start = self.out.pop().start
        return classes

    def _class_of(self, unit: Unit, quantity: Quantity, *, first: bool) -> str | None:
        """The qualifier class of the word before a number; `over`, `under` and `past` need more than a vague word."""
        if unit.tags.get("move") == "past":
            return "more_than"
        if unit.low in ("over", "under", "past") and quantity.vague is not None and first:
            return None
        return unit.tags.get("qual")

    def _is_quote_after_qualifier(self, unit: Unit) -> bool:
        return unit.low in "“\"'‘" and len(self.out) > 1 and self.out[-2].has("qual")

    def _after(self, stop: int, classes: list[str], unit: Unit, quantity: Quantity) -> int:
        after = self._at(stop)
        if after.low == "+":
            classes.append("at_least")
            unit.end = after.end
            return stop + 1
        place = stop + (after.low == "-" and after.glued)
        if "qual_after" in self._at(place).tags:
            classes.append(self._at(place).tags["qual_after"])
            unit.end = self._at(place).end
            return place + 1
        if self._at(stop).tags.get("increment") == "after" or after.low == "more":
            quantity.increment = quantity.vague is None
            unit.end = after.end
            return stop + 1
        return stop


@dataclass(frozen=True, slots=True)
class _Value:
    low: int
    vague: Vague | None
    odd: bool = False


KIND_OF_UNIT = {
    "measure": NumberKind.MEASURE,
    "duration": NumberKind.DURATION,
    "money": NumberKind.MONEY,
    "clock": NumberKind.CLOCK,
}


def _is_date(unit: Unit) -> bool:
    return unit.quantity is not None and unit.quantity.kind is NumberKind.DATE


def _is_ratio(unit: Unit) -> bool:
    return unit.quantity is not None and unit.quantity.kind is NumberKind.RATIO


def _apply(quantity: Quantity, classes: list[str]) -> None:
    """Sets the bound that the qualifiers put on the number; `at least about` is at least."""
    if quantity.vague is not None or not classes:
        return
    if quantity.qualifier is Qualifier.RANGE:
        quantity.hedged = quantity.hedged or classes[-1] in ("about", "up_to")
        return
    n = quantity.low or 0
    strong = [name for name in classes if name != "about"]
    quantity.qualifier = Qualifier(strong[-1] if strong else "about")
    quantity.low, quantity.high = _bounds(quantity.qualifier, n)


def _bounds(qualifier: Qualifier, n: int) -> tuple[int | None, int | None]:
    """The closed interval that a qualifier asserts of n; None where it sets no bound."""
    match qualifier:
        case Qualifier.AT_LEAST:
            return n, None
        case Qualifier.MORE_THAN:
            return n + 1, None
        case Qualifier.UP_TO:
            return None, n
        case Qualifier.FEWER_THAN:
            return None, n - 1
        case _:
            return n, n

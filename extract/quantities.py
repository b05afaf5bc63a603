"""Numbers in words and digits -> typed quantities with their bound, before anything asks what they count.

A number that is a date, an age, money … is no candidate for a claim, so every number is typed once, here.
"""

from __future__ import annotations

from dataclasses import replace

from extract.languages import lexicon
from extract.lexicon import Lexicon
from extract.number_kinds import YEARS, Kinds
from extract.units import END, PLAIN, NumberKind, Quantity, Unit
from model import Qualifier, Vague

QUOTES = "”’\"'"
__all__ = ["NumberKind", "Quantity", "Unit", "read", "units_of", "with_quantities"]


def read(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Every number of `text` with its kind, in order of its place."""
    units = with_quantities(units_of(text, 0, len(text), lexicon(language)), lexicon(language))
    return tuple(unit.quantity for unit in units if unit.quantity is not None)


def units_of(text: str, start: int, end: int, words: Lexicon) -> list[Unit]:
    """`text[start:end]` as units: the longest known phrases, single words elsewhere."""
    tokens = words.writing.tokenize(text, start, end)
    units: list[Unit] = []
    known, capitals = words.openings, words.writing.capitals
    at = 0
    while at < len(tokens):
        unit, size = tokens[at], 1
        opening = None if unit.digits else known.get(unit.low)
        if opening is not None:
            size, tags = (1, opening[0]) if opening[1] is None and unit.text.islower() else words.match(tokens, at)
            if tags and not capitals.isdisjoint(tags) and unit.text.islower():
                tags = {tag: value for tag, value in tags.items() if tag not in capitals}  # `it may`, `sat`
            unit.tags = tags
        units.append(unit if size == 1 else _phrase(text, tokens[at : at + size]))
        at += size
    return units


def _phrase(text: str, tokens: list[Unit]) -> Unit:
    """The words of a known phrase as one unit, with the tags that its first one was given."""
    first, last = tokens[0], tokens[-1]
    low = " ".join([token.low for token in tokens])
    return Unit(text[first.start : last.end], low, first.start, last.end, first.tags, first.glued, first.digits)


def with_quantities(units: list[Unit], words: Lexicon) -> list[Unit]:
    """`units` with each number phrase, its range and its qualifiers made one unit that carries a Quantity."""
    return _Reader(units, words).read()


NUMERIC = frozenset(("num", "vague", "vague_figures", "copy"))  # tags of what can begin a number


class _Reader(Kinds):
    """One pass over the units of a sentence."""

    def read(self) -> list[Unit]:
        at, begins = 0, self.words.begins_number
        while at < len(self.units):
            unit = self.units[at]
            may = unit.digits or unit.low in begins or (unit.tags and not NUMERIC.isdisjoint(unit.tags))
            stop = self._number(at) if may else at
            if stop == at:
                self.out.append(unit)
                at += 1
            else:
                at = stop
        return self.out

    def _number(self, at: int) -> int:
        """Reads the number phrase that starts at `at` into `out`; the place after it, or `at` where there is none."""
        if self.units[at].has("copy"):
            return self._copied(at)
        value, stop = self._value(at)
        if value is None:
            return at
        quantity = Quantity(
            start=self.units[at].start, end=self._at(stop - 1).end, low=value.low, high=value.low, vague=value.vague,
            qualifier=Qualifier.ABOUT if value.about else Qualifier.EXACT,
        )  # fmt: skip
        if value.vague is not None:
            quantity.low = quantity.high = None
            quantity.qualifier = Qualifier.VAGUE
        stop = self._in_figures(self._range(at, stop, quantity), quantity)
        quantity.kind = self._kind(at, stop, quantity)
        if quantity.kind is NumberKind.COUNT:
            return self._qualify(at, stop, quantity)
        self.out.append(self._merged(at, stop, quantity))
        return stop

    def _in_figures(self, stop: int, quantity: Quantity) -> int:
        """`twelve (12) people`: the place after the same number in figures, else `stop`."""
        if self._at(stop).low != "(" or not self._at(stop + 1).digits:
            return stop
        again, end = self._value(stop + 1)
        same = again is not None and again.low == quantity.low == quantity.high
        return end + 1 if same and self._at(end).low == ")" else stop

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

    def _range(self, at: int, stop: int, quantity: Quantity) -> int:
        join = self._at(stop)
        if quantity.vague is not None:
            return self._widened(stop, quantity)
        if not self._is_join(at, join):
            return stop
        other, end = self._value(stop + 1)
        if other is None or other.vague is not None or other.odd or quantity.low is None:
            return stop
        years = quantity.low in YEARS and (
            other.low in YEARS or (join.low in "-–" and other.low == quantity.low % 100 + 2)
        )
        if years and (join.low in "-–" or self._at(at - 1).tags.get("range") == "opens"):
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
        grammar = self.words.grammar
        if join.low in grammar.plain_and:
            return before.tags.get("range") == "opens" or before.tags.get("time") == "age_before"
        if join.low in "-–—":
            return join.glued
        opens = before.tags.get("range") == "opens" and before.low not in grammar.range_from  # `anywhere from 30 to 45`
        return opens or not (join.low in grammar.range_to and before.low.split()[-1] in grammar.no_range_after)

    def _shared_scale(self, low: int, high: int, end: int) -> int:
        """`10 to 15 thousand`: the scale of the second belongs to both."""
        scale: int = self._at(end - 1).tags.get("scale", 1)
        return scale if scale > 1 and low < scale and high // scale > low else 1

    def _widened(self, stop: int, quantity: Quantity) -> int:
        """`dozens, possibly hundreds`: one vague claim, doubted."""
        place = stop + (self._at(stop).low == ",")
        if self._at(place).tags.get("range") == "widens" or self._at(place).low in self.words.grammar.range_or:
            other, end = self._value(place + 1)
            if other is not None and other.vague is not None:
                quantity.hedged = True
                return end + (self._at(end).low == ",")
        return stop

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
                quantity.moved = (
                    quantity.moved or last.tags.get("move") == "past" or last.low in self.words.grammar.moving
                )
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
        if unit.low in self.words.grammar.spatial and quantity.vague is not None and first:
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
        if after.low in QUOTES and quantity.vague is not None:
            after, stop = self._at(stop + 1), stop + (self._at(stop + 1).low in self.words.words("increment", "after"))
        if after.low in self.words.words("increment", "after"):
            quantity.increment = quantity.vague not in (Vague.MANY, Vague.COUPLE, Vague.SEVERAL)
            unit.end = after.end
            return stop + 1
        if self._at(stop).tags.get("increment") == "same":
            quantity.increment = quantity.vague is None
            return stop + 1  # `une dizaine d'autres`: as the noun before
        return stop


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

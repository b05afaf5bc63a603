"""The value of a number phrase: digits with their separators and scales, words, dozens, vague words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from extract.lexicon import Lexicon
from extract.units import END, Unit
from model import Vague

EXACT = 3  # decimals that a count with a scale can have
PARTED_BY = ("qual", "increment", "leave", "harm.past", "harm.ing", "harm.s")  # behind which no list or date stands
GROUP = 3  # digits between two marks of a number
HUNDRED = 100  # the least scale that `and` can go on from: `a hundred and twelve`, no `a dozen and three`
LARGEST = 2**53 - 1  # no count of people is larger; a float cannot tell a larger one from its neighbour


@dataclass(frozen=True, slots=True)
class Value:
    """What a number phrase says; `odd`: no whole number (`6.8`, `2:14`); `about`: a round one (`une vingtaine`)."""

    low: int
    vague: Vague | None
    odd: bool = False
    about: bool = False


class Values:
    """A sentence's units, asked for the number that begins at a place."""

    def __init__(self, units: list[Unit], words: Lexicon) -> None:
        self.units = units
        self.words = words
        self.out: list[Unit] = []  # the units before, numbers already made one

    def _at(self, at: int) -> Unit:
        try:
            return self.units[at] if at >= 0 else END
        except IndexError:
            return END

    def _value(self, at: int) -> tuple[Value | None, int]:
        """The number that begins at `at`, None where none does; the place after it."""
        value, stop = self._whole_value(at)
        return self._and_a_half(value, stop) if value is not None and value.vague is None else (value, stop)

    def _and_a_half(self, value: Value, stop: int) -> tuple[Value, int]:
        """`one (and a half million)`, `a million (and a half)`; `three (and a half) hours` is left alone."""
        grammar = self.words.grammar
        joined = self._at(stop).low in grammar.number_and and self._at(stop + 1).low in grammar.scale_articles
        if not joined or self._at(stop + 2).low not in grammar.half:
            return value, stop
        last, scale = self._at(stop - 1).tags.get("scale"), self._at(stop + 3).tags.get("scale")
        if scale is not None:
            return replace(value, low=value.low * scale + scale // 2), stop + 4
        return (replace(value, low=value.low + last // 2), stop + 3) if last else (value, stop)

    def _whole_value(self, at: int) -> tuple[Value | None, int]:
        unit = self._at(at)
        if unit.digits:
            return self._of_digits(at)
        if unit.low in self.words.opens_scale and (found := self._of_article(at)):
            return found
        if "vague" in unit.tags:
            return self._of_vague(at)
        if "vague_figures" in unit.tags:
            return Value(0, Vague(unit.tags["vague_figures"])), at + 1
        if "num" in unit.tags or unit.low in self.words.grammar.opening_scales:
            return self._of_words(at) if not self._is_article(at) else (None, at)
        return None, at

    def _is_article(self, at: int) -> bool:
        """`une explosion`, but `une personne`, `un million`, `un mort`, `et une à Ostrel`: where it can only count."""
        grammar = self.words.grammar
        if self._at(at).low not in grammar.article_numbers:
            return False
        after = self._at(at + 1)
        counts = after.has("counted", "scale", "prep", "of") or after.low in grammar.counted_ones
        return not counts and not (self.out and self.out[-1].has("qual"))

    def _of_vague(self, at: int) -> tuple[Value | None, int]:
        return Value(0, Vague(self._at(at).tags["vague"])), at + 1

    def _of_digits(self, at: int) -> tuple[Value | None, int]:
        text = self._at(at).text
        if self._is_parted(at):
            return Value(int(text + self._at(at + 2).text), None), at + 3
        scale, stop = self._scales(at + 1)
        try:
            value = round(self.words.writing.value(text) * scale, EXACT)  # 2.3 × 100,000 is 229,999.99 to a machine
        except ValueError:
            return Value(0, None, odd=True), at + 1
        if value > LARGEST:
            return Value(LARGEST + 1, None, odd=True), stop
        odd = not value.is_integer() or self.words.writing.is_clock(text)
        return Value(int(value), None, odd=odd), stop

    def _is_parted(self, at: int) -> bool:
        """`more than 1, 200`, of a badly cleaned page: behind a qualifier, where no list or date can be meant."""
        unit, mark, rest = (self._at(at + step) for step in range(3))
        groups = unit.text.isdigit() and len(unit.text) < GROUP and len(rest.text) == GROUP and rest.text.isdigit()
        apart = mark.low == "," and mark.glued and not rest.glued
        return groups and apart and bool(self.out) and self.out[-1].has(*PARTED_BY)

    def _scales(self, at: int) -> tuple[int, int]:
        scale = 1
        while "scale" in self._at(at).tags and not self._at(at).glued:
            scale *= self._at(at).tags["scale"]
            at += 1
        return scale, at

    def _of_article(self, at: int) -> tuple[Value | None, int] | None:
        """`a dozen`, `half a dozen`, `a hundred`, `a hundred thousand`."""
        grammar = self.words.grammar
        half = self._at(at).low in grammar.half
        place = at + 1 + (half and self._at(at + 1).low in grammar.scale_articles)
        if self._at(place).low in grammar.half and self._at(place + 1).low in grammar.halved:
            half, place = True, place + 1
        if "scale" not in self._at(place).tags or (half and self._at(place).low not in grammar.halved):
            return None
        scale, stop = self._scales(place)
        tail, end = self._tail(stop)
        return Value(scale // 2 if half else scale + tail, None), end

    def _tail(self, at: int) -> tuple[int, int]:
        """What follows a scale: `(one hundred) and twelve`."""
        place = at + (self._at(at).low in self.words.grammar.number_and)
        if "num" in self._at(place).tags:
            value, stop = self._of_words(place)
            if value is not None:
                return value.low, stop
        return 0, at

    def _of_words(self, at: int) -> tuple[Value | None, int]:
        total = current = 0
        place = at
        opens = self._at(at).low in self.words.grammar.opening_scales
        while True:
            unit = self._at(place)
            if "num" in unit.tags and (place == at or self._continues(place)):
                current += unit.tags["num"]
            elif "scale" in unit.tags and (place > at or opens):
                scale = unit.tags["scale"]
                one = max(current, 1)
                current, total = (one * scale, total) if scale <= 100 else (0, total + one * scale)
            elif not self._joins(place, at):
                break
            place += 1
        return Value(total + current, None, about="round" in self._at(at).tags), place

    def _continues(self, at: int) -> bool:
        """Whether the number word at `at` goes on with the one before: `thirty-one`, `hundred and twelve`."""
        before = self._at(at - 1)
        grammar = self.words.grammar
        if before.low in grammar.number_and or before.low in grammar.tens_join or "scale" in before.tags:
            return True
        return self._takes(before, self._at(at).tags["num"])

    def _takes(self, before: Unit, number: int) -> bool:
        """Whether `before` is a number word that leaves room for `number`: tens for units, hundreds for tens."""
        tens = before.tags.get("num", 0)
        return bool(tens >= 20 and "round" not in before.tags and number < place_value(tens))

    def _joins(self, at: int, first: int) -> bool:
        """`-` in `thirty-one`, `and` in `hundred and twelve`."""
        if at == first or "num" not in self._at(at + 1).tags:
            return False
        before, unit = self._at(at - 1), self._at(at)
        grammar = self.words.grammar
        if unit.low in grammar.tens_join:
            return self._takes(before, self._at(at + 1).tags["num"])
        return unit.low in grammar.number_and and before.tags.get("scale", 0) >= HUNDRED


def place_value(n: int) -> int:
    """The place value of the last non-zero digit: 1,000 -> 1,000; 745 -> 1."""
    value = 1
    while n and n % (value * 10) == 0:
        value *= 10
    return value

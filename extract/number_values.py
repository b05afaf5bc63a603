"""The value of a number phrase: digits with their separators and scales, words, dozens, vague words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extract.lexicon import Lexicon
from extract.units import END, Unit
from model import Vague

LARGEST = 2**53 - 1  # no count of people is larger; a float cannot tell a larger one from its neighbour


@dataclass(frozen=True, slots=True)
class Value:
    """What a number phrase says; `odd`: no whole number of people (`6.8`, `2:14`)."""

    low: int
    vague: Vague | None
    odd: bool = False


class Values:
    """A sentence's units, asked for the number that begins at a place."""

    def __init__(self, units: list[Unit], words: Lexicon) -> None:
        self.units = units
        self.words = words
        self.out: list[Unit] = []  # the units before, numbers already made one

    def _at(self, at: int) -> Unit:
        return self.units[at] if 0 <= at < len(self.units) else END

    def _value(self, at: int) -> tuple[Value | None, int]:
        unit = self._at(at)
        if unit.digits:
            return self._of_digits(at)
        if unit.low in ("half", "a", "an") and (found := self._of_article(at)):
            return found
        if "vague" in unit.tags:
            return self._of_vague(at)
        if "vague_figures" in unit.tags:
            return Value(0, Vague(unit.tags["vague_figures"])), at + 1
        if "num" in unit.tags:
            return self._of_words(at)
        return None, at

    def _of_vague(self, at: int) -> tuple[Value | None, int]:
        return Value(0, Vague(self._at(at).tags["vague"])), at + 1

    def _of_digits(self, at: int) -> tuple[Value | None, int]:
        text = self._at(at).text
        digits = re.sub(r"[,\s\u2009\u202f\u00a0]", "", text)
        if re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", digits):
            digits = digits.replace(".", "")
        scale, stop = self._scales(at + 1)
        try:
            value = float(digits) * scale
        except ValueError:
            return Value(0, None, odd=True), at + 1
        if value > LARGEST:
            return Value(LARGEST + 1, None, odd=True), stop
        odd = not value.is_integer() or ":" in text
        return Value(int(value), None, odd=odd), stop

    def _scales(self, at: int) -> tuple[int, int]:
        scale = 1
        while "scale" in self._at(at).tags and not self._at(at).glued:
            scale *= self._at(at).tags["scale"]
            at += 1
        return scale, at

    def _of_article(self, at: int) -> tuple[Value | None, int] | None:
        """`a dozen`, `half a dozen`, `a hundred`, `a hundred thousand`."""
        half = self._at(at).low == "half"
        place = at + 1 + (half and self._at(at + 1).low in ("a", "an"))
        if self._at(place).low == "half" and self._at(place + 1).low == "dozen":
            half, place = True, place + 1
        if "scale" not in self._at(place).tags or (half and self._at(place).low != "dozen"):
            return None
        scale, stop = self._scales(place)
        tail, end = self._tail(stop)
        return Value(scale // 2 if half else scale + tail, None), end

    def _tail(self, at: int) -> tuple[int, int]:
        """What follows a scale: `(one hundred) and twelve`."""
        place = at + (self._at(at).low == "and")
        if "num" in self._at(place).tags:
            value, stop = self._of_words(place)
            if value is not None:
                return value.low, stop
        return 0, at

    def _of_words(self, at: int) -> tuple[Value | None, int]:
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
        return Value(total + current, None), place

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

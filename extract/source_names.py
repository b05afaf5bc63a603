"""The noun phrases that can name a source: where they begin and end in a sentence."""

from __future__ import annotations

from extract.lexicon import Lexicon
from extract.units import END, Unit

QUOTES = "“”\"'‘’"
LONGEST_NAME = 14  # units of a source's name with its apposition


class Names:
    """A sentence, asked for the name before or after a verb of saying."""

    def __init__(self, text: str, units: list[Unit], words: Lexicon) -> None:
        self.text = text
        self.units = units
        self.words = words

    def _left_name(self, at: int) -> tuple[int, int] | None:
        """The units of the noun phrase that ends before `at`, auxiliaries and adverbs between left out."""
        auxiliaries: tuple[str, ...] = ("have", "adverb", "do", "modal", "not")
        if self._at(at).low.split()[0].endswith("ing"):
            auxiliaries = (*auxiliaries, "be")
        stop = at
        while stop > 0 and self._at(stop - 1).has(*auxiliaries) and not self._at(stop - 1).has("person", "det"):
            stop -= 1
        stop = self._over_aside(stop)
        first = stop
        while first > 0 and stop - first < LONGEST_NAME and not self._ends_name(first - 1, stop):
            first -= 1
            joined = self._at(first - 1).has("and") and self._both_names(first - 1)
            if self.units[first].has("det") and not joined and not self._at(first - 1).has("prep", "of"):
                return self._over_description(first, stop)
        if first > 0 and first < stop and self.units[first - 1].has("who") and not self.units[first - 1].has("that"):
            return self._left_name(first - 1)
        if first + 1 < stop and self.units[first].has("that"):
            first += 1
        while first < stop and self._is_leading(self.units[first]):
            first += 1
        if first == stop and self._is_numbered(stop - 1):
            before = self._left_name(stop - 2) if self._at(stop - 2).has("and") else None
            return (before[0] if before else stop - 1), stop
        return (first, stop) if first < stop else None

    def _over_description(self, first: int, stop: int) -> tuple[int, int]:
        """`The Varr Committees another monitoring group says`: a page without its commas; the name is before."""
        if (
            self.units[first].low not in self.words.words("words", "indefinite")
            or not self._at(first - 1).text.istitle()
        ):
            return first, stop
        return self._left_name(first) or (first, stop)

    def _is_numbered(self, at: int) -> bool:
        """`two witnesses said`: people of a kind that speaks, counted."""
        count = self._at(at).count
        return count is not None and count.who_text.lower() in self.words.heads

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
            for at in range(stop - 2, max(-1, stop - 9), -1):
                if self.units[at].low == "(":
                    return at
        if last.low == "," and stop > 1:
            for at in range(stop - 2, max(-1, stop - 16), -1):
                if self.units[at].low == ",":
                    return at if not any(unit.count for unit in self.units[at:stop]) else stop
                if self.units[at].has("harm.past", "harm.ing", "undergo.past", "be") and self.units[at].low != "'s":
                    return stop
        return stop

    def _ends_name(self, at: int, stop: int) -> bool:
        unit = self.units[at]
        if unit.low == "'s":
            return False
        if unit.low in ",;:?!.()[]–—|" or unit.low in QUOTES or unit.quantity is not None:
            return True
        if unit.has("according"):
            return True
        if unit.has("weekday", "month", "who", "be", "have", "modal", "harm.past", "harm.ing", "undergo.past", "state"):
            return not unit.text[:1].isupper() and not unit.has("det")
        if unit.has("say") and unit.text[:1].islower() and unit.low not in self.words.heads:
            return True
        if unit.has("but") or (unit.low in ("but", "while", "and") and not self._both_names(at)):
            return True
        named = unit.text[:1].isupper() and at > 0  # `Doctors Beyond`
        return unit.has("prep") and not named and unit.low not in self.words.words("sources", "inside_name")

    def _both_names(self, at: int) -> bool:
        before, after = self._at(at - 1), self._at(at + 1)
        if before.low in self.words.heads and after.has("det"):
            return self._at(at + 2).text.islower()  # `residents and a local official`
        if {before.low, after.low} <= self.words.heads:
            return True
        return before.text[:1].isupper() and after.text[:1].isupper()

    def _right_name(self, at: int) -> tuple[int, int] | None:
        stop = at
        while stop < len(self.units) and stop - at < LONGEST_NAME and not self._stops_name(stop, at):
            stop += 1
        return (at, stop) if stop > at else None

    def _stops_name(self, at: int, first: int) -> bool:
        unit = self.units[at]
        if unit.low == "'s":
            return False
        if unit.low in ",;:?!()[]–—|." or unit.low in QUOTES or unit.quantity is not None:
            return True
        if unit.has("weekday", "month", "who", "be", "have", "modal", "say", "but", "adverb") and at > first:
            return not unit.text[:1].isupper() and unit.low not in self.words.heads
        return at > first and unit.has("prep") and unit.low not in self.words.words("sources", "inside_name")

    def _is_head(self, first: int, stop: int) -> bool:
        return any(
            last in self.words.heads or last.rstrip("s") in self.words.heads
            for last in (unit.low.split()[-1] for unit in self.units[first:stop])
        )

    def _text(self, span: tuple[int, int]) -> str:
        return " ".join(self.text[self.units[span[0]].start : self.units[span[1] - 1].end].split())

    def _at(self, at: int) -> Unit:
        return self.units[at] if 0 <= at < len(self.units) else END

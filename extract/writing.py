"""How a language writes: text -> tokens, digits -> a number. The section `[writing]` of its data file says how."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extract.units import PLAIN, Unit

ALTERNATIVES = (
    r"(?P<number>{number})"
    r"{elided}"
    r"|(?P<word>[^\W\d_](?:(?:\.[^\W\d_])++\.?|[^\W\d_]*+(?:[’']{no_possessive}[^\W\d_]++)*+\d*+))"
    r"{possessive}"
    r"|(?P<mark>->|→|[^\w\s])"
)
POINTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")  # two points part groups of digits in any language


class Writing:
    """One language's writing.

    `number` and `group` are patterns: of a number in digits, and of what parts its digits. `elided`: words that an
    apostrophe ends before the next (`d'une`); `possessive`: what stands after an apostrophe as a word of its own.
    `capitals`: tags that a word in lower case does not have, where the calendar is written with capitals.
    """

    def __init__(self, data: Mapping[str, str]) -> None:
        elided, possessive = data["elided"], data["possessive"]
        self._token = re.compile(
            ALTERNATIVES.format(
                number=data["number"],
                elided=rf"|(?P<elided>(?i:{elided})[’'])" if elided else "",
                no_possessive=rf"(?!{possessive}\b)" if possessive else "",
                possessive=rf"|(?P<possessive>[’']{possessive}\b)" if possessive else "",
            )
        )
        self._group = re.compile(data["group"])
        self._clock = re.compile(data["clock"])
        self.decimal = data["decimal"]
        self.capitals = frozenset(data["capitals"].split("|")) - {""}

    def tokenize(self, text: str, start: int, end: int) -> list[Unit]:
        """The words, numbers and marks of `text[start:end]`, one a unit, with offsets into `text`."""
        tokens: list[Unit] = []
        append, last = tokens.append, -1
        for match in self._token.finditer(text, start, end):
            begin, stop = match.span()
            word = text[begin:stop]
            low = word.lower()
            if "’" in low:
                low = low.replace("’", "'")
            append(Unit(word, low, begin, stop, PLAIN, begin == last, match.lastgroup == "number"))
            last = stop
        return tokens

    def phrase(self, words: str) -> tuple[str, ...]:
        """A phrase of the data file as the tokens of a text would have it."""
        return tuple(token.low for token in self.tokenize(words, 0, len(words)))

    def value(self, digits: str) -> float:
        """The number that `digits` write; ValueError where they write none (`2:14`)."""
        return float(self._plain(digits).replace(self.decimal, "."))

    def is_fraction(self, digits: str) -> bool:
        """Whether `digits` write a decimal fraction, which counts no people: `6.8`."""
        return self.decimal in self._plain(digits)

    def _plain(self, digits: str) -> str:
        return digits.replace(".", "") if POINTS.fullmatch(digits) else self._group.sub("", digits)

    def is_clock(self, digits: str) -> bool:
        """Whether the marks in `digits` are those of a time of day."""
        return self._clock.search(digits) is not None

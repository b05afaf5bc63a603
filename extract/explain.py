"""Why each number of a text is a claim, or is none: in the words of the reader's own record of its reading.

Nothing is decided here. The claims are those that `read_claims` returns, and every reason is read off the trace that
it keeps when asked: what a number was typed as, why a sentence was passed over, why a count was refused, what was
found for the counts around it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from extract import tables
from extract.attribution import Frame
from extract.claims import Reader
from extract.clause_view import HARM, UNDERGO, Refusal, View
from extract.number_values import LARGEST
from extract.quantities import units_of, with_quantities
from extract.tokens import lines, sentences
from extract.trace import Evidence, Passed, Trace
from extract.units import Count, Noun, NumberKind, Quantity, Unit
from model import Claim, Qualifier, Who

# What a number is that is no count, as the end of a sentence about it.
KINDS = {
    NumberKind.DATE: "is a date",
    NumberKind.CLOCK: "is a time of day",
    NumberKind.AGE: "is an age",
    NumberKind.MONEY: "is a sum of money",
    NumberKind.RATIO: "is a share or ratio",
    NumberKind.MEASURE: "is a measure or part of a compound word",
    NumberKind.DURATION: "is a length of time",
    NumberKind.ORDINAL: "is a place in an order",
    NumberKind.SCORE: "is a score",
    NumberKind.IDENTIFIER: "is part of a name or label",
}
# How each rule ties a number to its outcome; `{word}`: what licenses it, `{other}`: the number that it shares it with.
RULES = {
    "noun": "“{word}” says it by itself",
    "lives": "“{word}”, which something near it takes",
    "implied": "“{word}” implies it, and no verb says another thing",
    "after": "“{word}”, whose subject it is",
    "among": "“{word}” before it, among whom it counts",
    "verb": "“{word}”, whose object it is",
    "of": "“{word}” before it",
    "lost": "“{word}”, of people who belong to somebody",
    "toll": "“{word}”, whose number it is",
    "toll-after": "“{word}” after it, whose number it is",
    "older": "“{word}” gives an older number of what was counted",
    "said": "“{word}” gives a bare number of what was counted before",
    "remain": "“{word}” says it of those counted before",
    "group": "“{word}” tells a group of those counted before",
    "list": "“{word}”, shared in a list with “{other}”",
    "part": "“{word}”, as a part of “{other}”",
    "part-before": "as a part of those counted in a sentence before",
    "gap": "“{word}”, in the same frame as “{other}”",
    tables.RULE: "the head of its column",
}
OUTCOME_WORDS = (*HARM, *UNDERGO, "state", "counted", "toll", "whose", "lose")
NOBODY = "nobody is named who says so"
CELL = "stands in a table, but its cell holds more than a count or its column names no outcome"
AROUND_NAME = " ,.;:()“”\"'‘’–—-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounds:
    """What each part of a claim was read from, a phrase each."""

    outcome: str
    qualifier: str
    who: str
    source: str
    scope: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """One number of a text: the claim that it became with its grounds, else the reason why it is none."""

    start: int
    end: int
    phrase: str
    sentence_start: int
    sentence_end: int
    kind: NumberKind
    claim: Claim | None = None
    grounds: Grounds | None = None
    reason: str | None = None


def explain(text: str, *, published: datetime | None, language: str = "en") -> tuple[Explanation, ...]:
    """Every number of what is read of `text`, in the order of their place; KeyError for an unknown language."""
    trace = Trace()
    return tuple(_Reading(Reader(text, published, language, trace), trace).explanations())


class _Reading:
    """One text that was read, with the record of its reading."""

    def __init__(self, reader: Reader, trace: Trace) -> None:
        self.reader = reader
        self.text = reader.text
        self.words = reader.words
        self.trace = trace
        self.claims = {claim.start: claim for claim in reader.read()}
        self.passed = sorted(trace.passed)

    def explanations(self) -> Iterator[Explanation]:
        for start, end in self._sentences():
            for unit in self._numbers(start, end):
                if unit.quantity is not None:
                    yield self._explanation(start, end, unit, unit.quantity)

    def _sentences(self) -> Iterator[tuple[int, int]]:
        """The sentences of the text, the rows of its tables whole."""
        for start, end in lines(self.text):
            if start in self.trace.rows:
                yield start, end
            else:
                yield from sentences(self.text, start, end, self.words.abbreviations, self.words.openers)

    def _numbers(self, start: int, end: int) -> list[Unit]:
        if start not in self.trace.rows:
            return self.reader.numbers(start, end)
        spans = tables.spans_of(self.text, start, end)
        return [unit for span in spans for unit in with_quantities(units_of(self.text, *span, self.words), self.words)]

    def _explanation(self, start: int, end: int, number: Unit, quantity: Quantity) -> Explanation:
        claim = self.claims.get(quantity.start)
        return Explanation(
            start=quantity.start,
            end=quantity.end,
            phrase=self._text(quantity.start, quantity.end),
            sentence_start=start,
            sentence_end=end,
            kind=quantity.kind,
            claim=claim,
            grounds=None if claim is None else self._grounds(claim, number),
            reason=self._reason(start, number, quantity) if claim is None else None,
        )

    def _text(self, start: int, end: int) -> str:
        return self.text[start:end].strip()

    def _name(self, start: int, end: int) -> str:
        return self.text[start:end].strip(AROUND_NAME)

    # ------------------------------------------------------------------------------------------- why it is a claim

    def _grounds(self, claim: Claim, number: Unit) -> Grounds:
        evidence = self.trace.evidence.get(claim.start)  # none for the cell of a table
        return Grounds(
            outcome=RULES[claim.rule] if evidence is None else self._outcome(evidence),
            qualifier=self._qualifier(claim, number),
            who=_who(claim, evidence),
            source=NOBODY if evidence is None else self._source(evidence.units, evidence.frame),
            scope=self.trace.scopes[claim.start],
        )

    def _outcome(self, evidence: Evidence) -> str:
        found = evidence.found
        word = self._text(evidence.units[found.at].start, evidence.units[found.at].end)
        other = "" if found.subject is None else self._number(evidence.units[found.subject])
        return RULES[found.rule].format(word=word, other=other)

    def _number(self, unit: Unit) -> str:
        return unit.text if unit.quantity is None else self._text(unit.quantity.start, unit.quantity.end)

    def _qualifier(self, claim: Claim, number: Unit) -> str:
        around = (self._name(number.start, claim.start), self._name(claim.end, number.end))
        said = " … ".join(f"“{words}”" for words in around if words)
        if claim.qualifier is Qualifier.EXACT:
            return f"{said} sets no bound" if said else "no word sets a bound"
        return said or f"“{claim.phrase}” by itself"

    def _source(self, units: list[Unit], frame: Frame | None) -> str:
        if frame is None:
            return NOBODY
        named = frame.voice.text
        if frame.why:
            return f"{frame.why} “{named}”"
        words = self._name(units[frame.first].start, units[min(frame.last, len(units) - 1)].end)
        if named.lower() in words.lower():
            return f"“{words}”"
        return f"“{words}” stands for “{named}”"

    # ---------------------------------------------------------------------------------------- why it is no claim

    def _reason(self, start: int, number: Unit, quantity: Quantity) -> str:
        if start in self.trace.rows and quantity.kind in (NumberKind.COUNT, NumberKind.DATE):
            return "is zero" if quantity.low == quantity.high == 0 else CELL
        if quantity.kind is not NumberKind.COUNT:
            return _typed(quantity)
        clauses = self.trace.judged.get(start)
        return self._passed(start) if clauses is None else self._unclaimed(clauses, number, quantity)

    def _passed(self, start: int) -> str:
        """Why the sentence at `start` was not read, by itself or with the whole of its line."""
        at = bisect_right(self.passed, start) - 1
        end, why = self.trace.passed[self.passed[at]] if at >= 0 else (0, Passed.NO_NUMBER)
        if start >= end:
            return "stands after more claims than are read of one text"
        return f"{why}, and no claim close before it" if why is Passed.NO_OUTCOME else why.value

    def _unclaimed(self, clauses: View, number: Unit, quantity: Quantity) -> str:
        """What the reader made of a count to which it gave no outcome."""
        at = next(at for at, unit in enumerate(clauses.units) if unit.end > quantity.start)
        unit = clauses.units[at]
        count = unit.count
        if count is None or count.quantity.start != quantity.start:
            return f"is part of “{self._text(unit.start, unit.end)}”, read with the number “{self._number(unit)}”"
        noun = self._noun(number.end, unit.end)
        if at in clauses.refused:
            refusal = clauses.refused[at]
            return f"counts “{noun}”, which are not people" if refusal is Refusal.THING else refusal.value
        return self._unbound(clauses, at, count, noun)

    def _noun(self, start: int, end: int) -> str:
        """The words after a number that say what it counts, without those that lead up to them."""
        units = units_of(self.text, start, end, self.words)
        first = next((unit.start for unit in units if not unit.has("of", "det")), end)
        return self._name(first, end)

    def _unbound(self, clauses: View, at: int, count: Count, noun: str) -> str:
        if count.noun is Noun.UNKNOWN:
            return f"counts “{noun}”, which are not known to be people, and no rule gives them an outcome"
        if count.outcome is not None:
            return f"no verb of an outcome binds it, and “{noun}” alone says none"
        nearest = _nearest(clauses, at)
        if nearest is None:
            return "no verb or noun of an outcome in its sentence, and it does not go on with the claim before it"
        word = self._text(clauses.units[nearest].start, clauses.units[nearest].end)
        owner = next((owner for owner, found in sorted(clauses.found.items()) if found.at == nearest), None)
        whose = "" if owner is None else f", bound to “{self._number(clauses.units[owner])}”"
        return f"no verb or noun of an outcome binds it: the nearest is “{word}”{whose}"


def _typed(quantity: Quantity) -> str:
    """What a number is that was typed as no count."""
    if max(quantity.low or 0, quantity.high or 0) > LARGEST:
        return "is larger than any count of people"
    return "is zero" if quantity.low == 0 and quantity.kind is NumberKind.ORDINAL else KINDS[quantity.kind]


def _who(claim: Claim, evidence: Evidence | None) -> str:
    """How the group was found."""
    if evidence is None:
        return "no group is named" if claim.who is Who.PEOPLE else RULES[claim.rule]
    count = evidence.units[evidence.at].count
    if count is not None and count.who is not None:
        return f"“{claim.who_text}”"
    if evidence.found.who is not None:
        return "told by the words around it"
    return f"“{claim.who_text}” names no group" if claim.who_text else "no group is named"


def _nearest(clauses: View, at: int) -> int | None:
    """The place of the word of an outcome that stands nearest to the count at `at`."""
    places = (
        place
        for place, unit in enumerate(clauses.units)
        if place != at and (unit.has(*OUTCOME_WORDS) or (unit.count is not None and unit.count.outcome is not None))
    )
    return min(places, key=lambda place: abs(place - at), default=None)

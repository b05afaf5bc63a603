"""Whose a figure is that no words of its own sentence attribute: those around it can carry their source into it.

A quotation has one voice, though it may be named sentences away. A sentence that plainly goes on with the count before
(`Two others died in Osk`, `That brings the toll to seven`) has its source, and so has one that stands between two of
the same source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from extract import forms
from extract.attribution import AROUND, Attribution, Frame, Memory, Voice
from extract.clause_view import Found
from extract.lexicon import Lexicon
from extract.quotations import MARK, Quotations
from extract.units import Unit
from model import Claim

WORD = re.compile(r"\w+")
Span = tuple[int, int]


@dataclass(slots=True)
class Sentence:
    """A sentence with its units."""

    start: int
    end: int
    units: list[Unit]


@dataclass(frozen=True, slots=True)
class Lone:
    """A sentence whose counts nobody is said to give, right behind one in which `voice` is heard."""

    end: int
    voice: Voice
    claims: range  # the places of its claims


class Carrying:
    """One text, asked what its sentences carry into each other. `units` parses one."""

    def __init__(self, text: str, words: Lexicon, memory: Memory, units: Callable[[int, int], list[Unit]]) -> None:
        self.text = text
        self.words = words
        self.memory = memory
        self.units = units
        self.quotations = Quotations(text)
        self.quoted: tuple[int, Voice | None] = (-1, None)  # the last quotation asked for, and whose it is
        self.line: Sequence[Span] = ()  # the sentences of the line that is being read
        self.before: Span = (0, 0)  # the line before it
        self.going_on = -1  # the sentence that last went on with a count before it
        self.lone: Lone | None = None

    def begin(self, line: Sequence[Span]) -> None:
        """Goes on to the next line that is read."""
        self.line = line
        self.lone = None

    def frame(self, sentence: Sentence, at: int, found: Found, claims: Sequence[Claim]) -> Frame | None:
        """The frame of the count at `at`, `claims` being those read before it."""
        return self._quotation(sentence, at) or self._continued(sentence, at, found, claims)

    def between(self, sentence: Sentence, frames: Attribution, claims: Sequence[Claim]) -> tuple[range, Frame] | None:
        """The unattributed claims of the sentence before `sentence`, and the frame of the voice on both sides of it.

        `claims`: all up to those of `sentence`, in the order of reading.
        """
        lone, self.lone = self.lone, None
        if frames.frames:
            if lone is None or frames.frames[0].voice.source != lone.voice.source:
                return None
            frame = _frame(lone.voice, "stands between two sentences of")
            return (lone.claims, frame) if frame and not self.text[lone.end : sentence.start].strip() else None
        own = range(len(claims) - sum(claim.start >= sentence.start for claim in claims), len(claims))
        voice = self.memory.last
        if voice is not None and self._heard_before(sentence) and all(claims[at].source is None for at in own):
            self.lone = Lone(sentence.end, voice, own)
        return None

    def _heard_before(self, sentence: Sentence) -> bool:
        """Whether the last voice spoke in the sentence right before."""
        before = max((start for start, _ in self.line if start < sentence.start), default=sentence.start)
        return before <= self.memory.place < sentence.start

    def of_forms(self, claims: Sequence[Claim]) -> Iterator[tuple[range, Frame]]:
        """The claims of each form that says above or below whose figures they are."""
        for places in forms.forms(self.text, claims):
            frame = _frame(self._of_form(claims[places[0]], claims[places[-1]]), "is on a form of")
            if frame is not None:
                yield places, frame

    def _of_form(self, first: Claim, last: Claim) -> Voice | None:
        above = forms.heading(self.text, first.sentence_start)
        if above is not None and (frames := self._frames(above)[1]):
            return frames[-1].voice
        demonstrative = self.words.words("words", "demonstrative")
        openings = demonstrative | {phrase.split()[0] for phrase in self.words.words("say", "according")}
        for start, end in forms.below(self.text, last.sentence_end):
            opens = WORD.search(self.text[start:end].lower())
            if opens is None or opens.group() not in openings:
                continue
            units, frames = self._frames((start, end))
            if frames and (units[0].has("according") or units[0].low in demonstrative):
                return frames[0].voice  # `Source: the disaster office`, `That was the tally given by the office`
        return None

    def _quotation(self, sentence: Sentence, at: int) -> Frame | None:
        """`"Three died on the spot. A fourth died later," Vale said.`: by whose quotation the sentence begins in."""
        line, end = self.line[0][0], self.line[-1][1]
        opened = self.quotations.opened(line, sentence.units[at].start)
        if opened is None or self.text[sentence.start : opened].strip():
            return None
        if self.quoted[0] != opened:
            closed = self.quotations.closed(opened, end)
            voice = self._quoting(closed, sentence) or self._introducing(opened)
            if voice is None and (self.memory.place >= line or self._quotes_on(line, opened)):
                voice = self.memory.last
            self.quoted = (opened, voice)
        return _frame(self.quoted[1], "stands in a quotation of")

    def _quoting(self, closed: int, sentence: Sentence) -> Voice | None:
        """The voice named right behind a quotation that closes at `closed`, in a later sentence of its line."""
        span = next((span for span in self.line if span[1] > closed), None)
        if span is None or span[0] <= sentence.start:
            return None
        units, frames = self._frames(span)
        return next((frame.voice for frame in frames if units[frame.first].start > closed), None)

    def _introducing(self, opened: int) -> Voice | None:
        """The voice of the sentence before a quotation, in its line: it may stand too far back to have been read."""
        span = next((span for span in reversed(self.line) if span[1] <= opened), None)
        if span is None or span[0] <= self.memory.place:
            return None
        _, frames = self._frames(span)
        return frames[-1].voice if frames else None

    def _frames(self, span: Span) -> tuple[list[Unit], list[Frame]]:
        """The units and the attributions of another sentence, of which nothing is remembered."""
        memory = replace(self.memory, people=dict(self.memory.people))
        units = self.units(*span)
        return units, Attribution(self.text, units, self.words, memory).read()

    def _quotes_on(self, line: int, opened: int) -> bool:
        """Whether a line that is all quotation goes on with the one before it, which has one as well."""
        return not self.text[line:opened].strip() and MARK.search(self.text, *self.before) is not None

    def _continued(self, sentence: Sentence, at: int, found: Found, claims: Sequence[Claim]) -> Frame | None:
        """`One of them later died`, `Two others were hurt`, `The toll stood at 9`: by the voice of the count before."""
        last = claims[-1] if claims else None
        if last is None or last.source is None or last.source_text is None:
            return None
        if last.sentence_start >= sentence.start:
            goes_on = self.going_on == sentence.start or (found.rule == "list" and last.rule == "among")
        else:
            goes_on = not self.text[last.sentence_end : sentence.start].strip() and self._goes_on(sentence, at, found)
        if not goes_on:
            return None
        self.going_on = sentence.start
        voice = Voice(source=last.source, text=last.source_text, speaker=last.speaker, relay=last.relay)
        return _frame(voice, "goes on with the count before it, of")

    def _goes_on(self, sentence: Sentence, at: int, found: Found) -> bool:
        count = sentence.units[at].count
        toll = found.rule.startswith("toll") and "\n" not in self.text[sentence.start - 1 : sentence.start]
        if found.rule == "among" or toll:
            return True
        if count is None or found.rule != "after":
            return False
        return count.of_them or (count.other and count.quantity.vague is None)


def _frame(voice: Voice | None, why: str) -> Frame | None:
    return Frame(first=0, last=0, kind=AROUND, voice=voice, why=why) if voice is not None else None

"""The reader of casualty claims: text -> claims, each with the rule that read it.

    text ─ tables, sentences ─ units ─ typed numbers ─ counted people ─ outcomes ─ scope, source, time ─ Claim

and then `settle`, which looks at the scopes of the whole text. Claims are looked for in sentences with a number only,
and of those in the ones with a word of an outcome or next to such a sentence; up to two before are read for who speaks.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from extract import tables
from extract.attribution import Attribution, Frame, Memory
from extract.carrying import Carrying, Sentence
from extract.discourse import Signals, settle
from extract.languages import lexicon
from extract.lexicon import Lexicon
from extract.outcomes import Clauses, Context, Found
from extract.phrases import with_counts
from extract.quantities import units_of, with_quantities
from extract.scope import (
    Clause,
    Present,
    _pattern,
    clause_of,
    cue_of,
    is_cumulative,
    is_hedged,
    is_loose,
    opens_with_place,
    places_of,
    scope_of,
    speaks_of_war,
    weak_background,
    window_of,
)
from extract.times import as_of, event_day
from extract.tokens import lines, sentences
from extract.trace import Evidence, Passed, Trace
from extract.units import Count, Noun, Unit
from model import Claim, Outcome, Scope, Who

QUOTE = 400  # characters of a sentence that an alert shows around the number
SURROGATE = re.compile(r"[\ud800-\udfff]")  # half a character, that no file or database takes: a break between words
MARKS = ".,;:!?()[]\"“”‘’'/|-–—…*•«»¿¡"
DIGIT = re.compile(r"\d")
DIGITS = re.compile(r"\d+")
SHARES = ("group", "among")
GROUPED = ("part", "part-before", *SHARES)
BEFORE = 2  # sentences before a claim in which its source can be introduced
LAW_BEFORE, LAW_AFTER = 4, 5  # words around a verb of holding within which the police or a prison is who holds
LISTED = ("list", "verb", "lost", "noun")
# Characters of a text that are read. The longest article body among 124 measured real pages has 37,691; what is far
# longer is no article, and must not hold up those that are.
LONGEST = 200_000
MOST_COUNTS = 40  # counts in one sentence; with more it is a table, not prose (at most 6 in 179 real texts)
MOST_NUMBERS = 50  # in digits in one sentence, told before it is parsed; real prose has about half as many at most
MOST_CLAIMS = 500  # claims of one text (at most 16 in 179 real texts; a long situation report has some hundred)
OF_THE_DEAD = ("toll", "counted", "state", "undergo.past", "undergo.part", "harm.part")
KEPT = 8  # sentences whose units are kept
ITSELF_NEAR = 5  # words from `it` to those whom it treats
NEIGHBOURS = 2  # sentences after a claim in which a bare number can go on with it


def read_claims(text: str, *, published: datetime | None, language: str = "en") -> tuple[Claim, ...]:
    """The claims of `text` (title line and body) in the order of their place; KeyError for an unknown language.

    `published` resolves the days that the text names; without it `as_of` stays empty.
    """
    return tuple(Reader(text, published, language).read())


class Reader:
    """One text on its way to claims; what a sentence says last is the context of the next.

    `trace`, where one is given, is filled with what was done with each sentence.
    """

    def __init__(self, text: str, published: datetime | None, language: str, trace: Trace | None = None) -> None:
        self.text = _whole_characters(text[:LONGEST])
        self.published = published
        self.language = language
        self.words: Lexicon = lexicon(language)
        self.present = Present(self.text, published)
        self.context = Context()
        self.memory = Memory(self.text)
        self.claims: list[Claim] = []
        self.signals: list[Signals] = []
        self.low = _flat(self.text)
        self.carrying = Carrying(self.text, self.words, self.memory, self._units)
        self.parsed: dict[int, list[Unit]] = {}  # by the start of their sentence
        self.unread: deque[tuple[int, int]] = deque(maxlen=BEFORE)
        self.since = NEIGHBOURS + 1  # sentences or lines since the last claim
        self.trace = trace
        self.why: dict[int, str] = {} if trace is None else trace.scopes  # the reason of each claim's scope

    @cached_property
    def captivity(self) -> bool:
        """Whether the text is about a kidnapping."""
        return self._tells("captivity")

    @cached_property
    def flight(self) -> bool:
        """Whether the text is about people in flight."""
        return self._tells("flight")

    def _tells(self, topic: str) -> bool:
        """Whether the text has a word that tells its topic; the pattern is slow, and asked where a letter fits."""
        found = any(word in self.low for word in self.words.words(topic, "told_by"))
        return found and _pattern(self.language, topic, "told_by").search(self.low) is not None

    def read(self) -> list[Claim]:
        """The claims in the order of their place."""
        for start, end in self._prose():
            unmarked = self._unmarked(start, end) if self.since > NEIGHBOURS else None
            if unmarked is None:
                self._line(start, end)
            else:
                self._pass_over(start, end, unmarked)
            self.carrying.before = (start, end)
            if len(self.claims) > MOST_CLAIMS:
                break
        if not self.claims:
            return []
        for places, frame in self.carrying.of_forms(self.claims):
            self._attribute(places, frame)
        order = sorted(range(len(self.claims)), key=lambda at: self.claims[at].start)
        day = self.published.date() if self.published else None
        claims, signals = [self.claims[at] for at in order], [self.signals[at] for at in order]
        return settle(self.text, claims, signals, day, self.why)

    def _prose(self) -> Iterator[tuple[int, int]]:
        """The lines of the text; the tables among them are read on the way."""
        if tables.BAR not in self.text:
            yield from lines(self.text)
            return
        rows: list[tuple[int, int]] = []
        for start, end in lines(self.text):
            if tables.is_row(self.text, start, end):
                rows.append((start, end))
                continue
            yield from self._table(rows)
            rows = []
            yield start, end
        yield from self._table(rows)

    def _table(self, rows: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
        """Reads a table's claims; the lines that have bars but make no table."""
        cells = tables.cells_of(self.text, rows, self.words) if rows else None
        if cells is None:
            return rows
        for cell in cells:
            self.why[cell.quantity.start] = tables.WHY[cell.scope]
            self.claims.append(self._claim_of_cell(cell))
            self.signals.append(Signals(sentence=cell.row[0]))
            if len(self.claims) > MOST_CLAIMS:
                rows = rows[: rows.index(cell.row) + 1]
                break
        if self.trace is not None:
            self.trace.rows.update(rows)
        return ()

    def _claim_of_cell(self, cell: tables.Cell) -> Claim:
        quantity = cell.quantity
        start, end = self._quote(*cell.row, quantity.start)
        return Claim(
            start=quantity.start, end=quantity.end, phrase=self.text[quantity.start : quantity.end],
            sentence_start=start, sentence_end=end,
            low=quantity.low, high=quantity.high, qualifier=quantity.qualifier, vague=quantity.vague,
            outcome=cell.outcome, who=cell.who or Who.PEOPLE, who_text="", scope=cell.scope, rule=tables.RULE,
        )  # fmt: skip

    def _line(self, first: int, last: int) -> None:
        self.memory.turn = None
        spans = self._sentences(first, last)
        self.carrying.begin(spans)
        for start, end in spans:
            if len(self.claims) > MOST_CLAIMS:
                return
            passed = self._unmarked(start, end)
            if passed is None or (passed is Passed.NO_OUTCOME and self.since <= NEIGHBOURS):
                passed = self._sentence(start, end)
            if passed is None:
                self.since = 0
            else:
                self._pass_over(start, end, passed)

    def _sentences(self, first: int, last: int) -> list[tuple[int, int]]:
        return list(sentences(self.text, first, last, self.words.abbreviations, self.words.openers))

    def _voiced(self, start: int, end: int) -> bool:
        """Whether a word of saying stands there."""
        return not self.words.voicing.isdisjoint(self.low[start:end].split())

    def _pass_over(self, start: int, end: int, why: Passed) -> None:
        self.since += 1
        self.unread.append((start, end))
        if self.trace is not None:
            self.trace.passed[start] = (end, why)

    def _unmarked(self, start: int, end: int) -> Passed | None:
        """What a sentence or line lacks to state a claim by itself: a number or an outcome; None where nothing."""
        low = self.low[start:end]
        found = set(low.split())
        if DIGIT.search(self.text, start, end) is None and not self.words.may_count(found, low):
            return Passed.NO_NUMBER
        told = self.words.may_state(found, low) or self._is_topical(found)
        return None if told else Passed.NO_OUTCOME

    def _is_topical(self, found: set[str]) -> bool:
        """Whether a word stands there that tells an outcome only by what the text is about."""
        taken = not self.words.held.keys().isdisjoint(found) and self.captivity
        return taken or (not self.words.moving.isdisjoint(found) and self.flight)

    def numbers(self, start: int, end: int) -> list[Unit]:
        """The units of a sentence, its numbers typed, before anything asks what they count."""
        units = units_of(self.text, start, end, self.words)
        held, moving = self.words.held, self.words.moving
        for at, unit in enumerate(units):
            if unit.low in held and self.captivity:
                _read_captivity(units, at, self.words)
            elif unit.low in moving and self.flight:
                unit.tags = {**unit.tags, "flees": True}
        return with_quantities(units, self.words)

    def _units(self, start: int, end: int) -> list[Unit]:
        """The units of a sentence; those of the last few are kept, for what speaks in them is asked for later."""
        units = self.parsed.get(start)
        if units is None:
            if len(self.parsed) > KEPT:
                self.parsed.clear()
            units = self.parsed[start] = with_counts(self.numbers(start, end), self.words)
        return units

    def _voices_before(self, units: list[Unit]) -> None:
        """The sentences before a figure, though without one, can introduce who speaks in it."""
        stands_for = self.words.words("sources", "mouthpieces")
        back = any("pronoun" in unit.tags or unit.low in stands_for for unit in units)
        while not back and len(self.unread) > 1:
            self.unread.popleft()  # nothing here stands for anybody named further back
        last = self.unread[-1][1] if back and self.unread else -1  # what `it` stands for is in the sentence before
        for first, stop in self.unread:
            if stop != last and not self._voiced(first, stop):
                continue
            for start, end in self._sentences(first, stop):
                if end == last or self._voiced(start, end):
                    Attribution(self.text, self._units(start, end), self.words, self.memory).read()
        self.unread.clear()

    def _sentence(self, start: int, end: int) -> Passed | None:
        """Reads a sentence's claims; where it has none, why."""
        trap = self._trap(start, end)
        if trap is not None:
            return trap
        if sum(1 for _ in DIGITS.finditer(self.text, start, end)) > MOST_NUMBERS:
            return Passed.TABLE
        units = self._units(start, end)
        counts = sum(unit.count is not None for unit in units)
        if not 0 < counts <= MOST_COUNTS:
            return Passed.TABLE if counts else Passed.NO_COUNT
        clauses = Clauses(units, self.words, self.context)
        found = clauses.read()
        if self.trace is not None:
            self.trace.judged[start] = clauses
        if not found:
            return Passed.NOTHING_BOUND
        self._voices_before(units)
        frames = Attribution(self.text, units, self.words, self.memory)
        frames.read()
        sentence = Sentence(start, end, units)
        for at in sorted(found):
            self.claims.append(self._claim(sentence, at, found[at], frames))
        self._between(sentence, frames)
        self._remember(units, found)
        return None

    def _between(self, sentence: Sentence, frames: Attribution) -> None:
        carried = self.carrying.between(sentence, frames, self.claims)
        if carried is not None:
            self._attribute(*carried)

    def _attribute(self, places: range, frame: Frame) -> None:
        """Gives claims that were read without a source the one of `frame`."""
        for at in places:
            claim = self.claims[at]
            self.claims[at] = replace(claim, source=frame.voice.source, source_text=frame.voice.text)
            if self.trace is not None:
                self.trace.evidence[claim.start] = replace(self.trace.evidence[claim.start], frame=frame)

    def _trap(self, start: int, end: int) -> Passed | None:
        low = self.text[start:end].lower().rstrip("”\"'’ ")
        if low.endswith(self.words.data["traps"]["sentence_end"]):
            return Passed.QUESTION
        return Passed.FICTION if _pattern(self.language, "traps", "fiction").search(low) else None

    def _remember(self, units: list[Unit], found: dict[int, Found]) -> None:
        plain = [at for at in found if found[at].rule not in GROUPED]
        last = max(plain or found)
        count = units[last].count
        who = (count.who if count else None) or found[last].who
        if not plain:
            who = self.context.who  # a share's group is not whom the next sentence counts
        lead = self.context.lead if self.context.outcome else self.claims[0].who
        rule, licence = found[last].rule, units[found[last].at]
        of_toll = rule.startswith("toll") or (rule == "among" and licence.has("toll"))  # `the death toll is 84`
        self.context = Context(outcome=found[last].outcome, who=who, of_toll=of_toll, lead=lead)

    def _claim(self, sentence: Sentence, at: int, found: Found, frames: Attribution) -> Claim:
        unit = sentence.units[at]
        count = unit.count
        assert count is not None
        quantity = count.quantity
        clause = clause_of(self.text, sentence.units, at, found.at, self.language)
        frame = self._frame(sentence, at, found, frames)
        contrasted = self._contrasted(sentence.units, at, found.outcome)
        denied = frame is not None and frame.deny
        scope, why = scope_of(clause, found, count, self.present, self.language, contrasted=contrasted)
        self.why[quantity.start] = "its source denies it" if denied else why
        if self.trace is not None:
            self.trace.evidence[quantity.start] = Evidence(units=sentence.units, at=at, found=found, frame=frame)
        moving = found.rule.startswith("toll")
        when = as_of(sentence.units, at, self.published, moving=moving)
        self.signals.append(self._signals(sentence, clause, found, frame))
        start, end = self._quote(sentence.start, sentence.end, quantity.start)
        return Claim(
            start=quantity.start, end=quantity.end, phrase=self.text[quantity.start : quantity.end],
            sentence_start=start, sentence_end=end,
            low=quantity.low, high=quantity.high, qualifier=quantity.qualifier, vague=quantity.vague,
            outcome=Outcome(found.outcome), who=count.who or found.who or Who.PEOPLE, who_text=count.who_text,
            source=frame.voice.source if frame else None, source_text=frame.voice.text if frame else None,
            speaker=frame.voice.speaker if frame else None, relay=frame.voice.relay if frame else None,
            subset=self._subset(found, count),
            window=window_of(clause, self.language) if scope is Scope.PART else None,
            scope=Scope.BACKGROUND if denied else scope,
            as_of=when.at if when else None, as_of_precision=when.precision if when else None,
            cue=cue_of(clause, scope, self.language),
            hedged=quantity.hedged or is_hedged(clause, self.language) or (frame is not None and frame.hedge),
            denied=denied, rule=found.rule,
        )  # fmt: skip

    def _frame(self, sentence: Sentence, at: int, found: Found, frames: Attribution) -> Frame | None:
        """The attribution that the count at `at` stands in: of its own sentence, else one that goes on into it."""
        return (
            frames.of(at, gap=found.rule == "gap")
            or frames.own_earlier(found.at, previous=found.previous)
            or frames.carried()
            or frames.turn()
            or self.carrying.frame(sentence, at, found, self.claims)
        )

    def _contrasted(self, units: list[Unit], at: int, outcome: str) -> bool:
        """Whether the claim before, in the same sentence, is of another outcome."""
        last = self.claims[-1] if self.claims else None
        return (
            last is not None
            and last.start >= units[0].start
            and last.start < units[at].start
            and last.outcome != outcome
        )

    def _signals(self, sentence: Sentence, clause: Clause, found: Found, frame: Frame | None) -> Signals:
        count = sentence.units[clause.place].count
        local = self._is_local(clause, frame)
        moved = found.rule.startswith("toll")  # its day is the figure's, not the deed's
        return Signals(
            sentence=sentence.start,
            day=None if moved else event_day(sentence.units, clause.first, clause.stop, clause.place, self.published),
            weak_background=weak_background(clause, self.language),
            war=speaks_of_war(clause, self.language),
            cumulative=is_cumulative(clause, self.present, self.language),
            grouped=self._is_grouped(sentence.units, found, clause.place),
            listed=found.rule in LISTED
            and not any(unit.has("where") for unit in sentence.units[max(0, clause.first - 1) : clause.place]),
            severe=found.severe or self._is_severe(sentence.units, found, clause.place),
            critical=found.critical,
            placed=opens_with_place(sentence.units),
            loose=not found.part and is_loose(clause, self.language),
            local=local,
            other=count is not None and count.other,
            nationals=count is not None and self._are_nationals(count),
            intake=self._is_intake(clause, local=local),
            windowed=not found.part and count is not None and count.who is not None,
            raising=any(unit.has("toll", "total") and not unit.has("harm.part", "state") for unit in sentence.units),
            overall=bool(_pattern(self.language, "part", "whole").search(clause.text)),
            whole=self._whole(sentence, found, count) if count is not None else None,
            definite=self._is_definite(sentence.units, found, count),
            bare_share=self._is_bare_share(sentence.units, found, clause.place),
            places=places_of(sentence.units, clause),
        )

    def _whole(self, sentence: Sentence, found: Found, count: Count) -> int | None:
        """Where the count starts of which `count` is a share; of one told before, the last claim of its outcome."""
        if found.rule not in GROUPED and not count.of_them:
            return None
        lender = sentence.units[found.subject].quantity if found.subject is not None else None
        if lender is not None:
            return lender.start
        same = (claim.start for claim in reversed(self.claims) if claim.outcome == found.outcome)
        return next(same, None)

    def _is_definite(self, units: list[Unit], found: Found, count: Count | None) -> bool:
        """Whether a share is of the event's dead or hurt (`of the dead`), not of those just counted (`of them`)."""
        named = count is not None and count.of_them and count.outcome is not None
        return named or (found.rule in SHARES and units[found.at].has(*OF_THE_DEAD))

    def _is_severe(self, units: list[Unit], found: Found, place: int) -> bool:
        """Whether the words say how badly those counted are hurt: `one serious injury`, `were less seriously hurt`."""
        count = units[place].count
        near = " ".join(unit.low for unit in units[max(0, found.at - 1) : found.at + 1])
        said = f"{near} {count.who_text.lower() if count else ''}".split()
        return found.outcome == "injured" and not self.words.words("part", "severity").isdisjoint(said)

    def _are_nationals(self, count: Count) -> bool:
        """`three of its citizens`: whether the count is of one country's people, apart from all the others."""
        return count.partitive and not self.words.words("part", "nationals").isdisjoint(count.who_text.lower().split())

    def _is_local(self, clause: Clause, frame: Frame | None) -> bool:
        """Whether one hospital or the like counts: it is the source, or the subject that takes people in."""
        local = self.words.words("words", "local")
        if frame is not None:
            named = f"{frame.voice.text} {frame.voice.source}".lower().replace("’", "'").replace("'", " ")
            if not local.isdisjoint(named.split()):
                return True
        units = clause.units[clause.first : clause.place]
        words = (word for unit in units for word in unit.low.split())
        if any(word in local and self.words.singular(word) == word for word in words):
            return True  # but `hospitals treated 43` is no part
        itself = any(unit.tags.get("pronoun") in ("it", "they") for unit in units[-ITSELF_NEAR:])
        taking = _pattern(self.language, "part", "intake")
        # `Osk General said it was treating 12`: whoever treats is where they are
        return itself and frame is not None and taking.search(clause.text, 0, clause.at) is not None

    def _is_intake(self, clause: Clause, *, local: bool) -> bool:
        """Whether the count is of those whom one hospital or morgue has: by its own word, or as the clause says."""
        if _pattern(self.language, "part", "morgue").search(clause.text):
            return True
        received = _pattern(self.language, "part", "intake").search(clause.text)
        return local and received is not None

    def _is_grouped(self, units: list[Unit], found: Found, place: int) -> bool:
        """Whether the count is a share by group: `three of them children`, `dozens of foreigners among the dead`."""
        count = units[place].count
        if count is None or not (found.rule in GROUPED or self._is_marked(units, place)):
            return False
        return found.rule in SHARES or bool(found.who or count.who or self._subset(found, count))

    def _is_bare_share(self, units: list[Unit], found: Found, place: int) -> bool:
        """`including seven at the barbecue`: told apart by a place or a state, not by whom it counts."""
        count = units[place].count
        if count is None or count.who or count.noun is Noun.COUNTED or self._subset(found, count):
            return False
        return self._is_marked(units, place) and count.noun is Noun.BARE

    def _is_marked(self, units: list[Unit], place: int) -> bool:
        """Whether `including` or the like stands right before the count, or `among them` after it."""
        within = self.words.grammar.within
        before = place > 0 and units[place - 1].has("subset") and units[place - 1].low not in within
        after = place + 1 < len(units) and units[place + 1].has("subset") and units[place + 1].low not in within
        return before or (after and len(units[place + 1].low.split()) > 1)

    def _subset(self, found: Found, count: Count) -> str | None:
        """The label of a share that no group expresses: `three of them firefighters`; None where one does."""
        named, share = count.who_text.lower(), found.rule in GROUPED or count.of_them
        plain = count.who is not None or not share or count.noun is not Noun.PERSON
        if plain or not named or named.split()[-1] in self.words.words("words", "neutral_nouns"):
            return None
        return named

    def _quote(self, first: int, last: int, place: int) -> tuple[int, int]:
        """The sentence without the space around it, cut to what an alert can show around the number."""
        start, end = first, last
        if end - start > QUOTE:
            start = max(start, place - QUOTE // 2)
            end = min(end, start + QUOTE)
            start = self.text.find(" ", start, place) + 1 or start if start > first else start
            cut = self.text.rfind(" ", place, end) if end < last else end
            end = cut if cut > place else end
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return start, end


def _flat(text: str) -> str:
    """`text` in lower case with spaces for its marks, of the same length: for looking words up."""
    low = text.lower()
    if len(low) != len(text):  # a capital of two small letters
        low = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    for mark in MARKS:
        low = low.replace(mark, " ")
    return low


def _read_captivity(units: list[Unit], at: int, words: Lexicon) -> None:
    """In a text on a kidnapping, who is taken or held is abducted, unless it is the law that takes them."""
    near = units[max(0, at - LAW_BEFORE) : at] + units[at + 1 : at + LAW_AFTER]
    lawful = words.words("captivity", "lawful")
    if not any(other.low in lawful for other in near):
        unit = units[at]
        unit.tags = {**unit.tags, words.held[unit.low]: Outcome.ABDUCTED.value}


def _whole_characters(text: str) -> str:
    """`text` without half characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return SURROGATE.sub(" ", text)
    return text

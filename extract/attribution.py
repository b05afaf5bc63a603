"""Who says so: frames of attribution in a sentence, resolved to one voice, and which frame a number stands in.

A frame is a subject before a verb of saying (`X said that …`), after the content (`…, X said`; `…, said X`), a phrase
(`according to X`), a heading (`X: 12 dead`) or a possessive (`X's count`). Pronouns and definite descriptions resolve
to the voice that the text had before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from extract import sources
from extract.lexicon import Lexicon
from extract.units import END, Unit

QUOTES = "“”\"'‘’"
LONGEST_NAME = 14  # units of a source's name with its apposition
# words that stand inside the name of a body, so that what precedes them is no title
INSIDE = frozenset(("of", "for", "on", "in", "at", "and", "to"))
CONTENT_FIRST, CONTENT_LAST, AROUND = "post", "pre", "around"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who says so. `text`: as the text has it; `source`: the canonical name; `speaker`: the person who speaks."""

    source: str
    text: str
    speaker: str | None = None
    relay: str | None = None
    org: str = ""


@dataclass(slots=True, kw_only=True)
class Frame:
    """One attribution: the units that name the source stand from `first` to `last`; `kind`: where its content is."""

    first: int
    last: int
    kind: str
    voice: Voice
    deny: bool = False
    hedge: bool = False
    strong: bool = True


@dataclass(slots=True)
class Memory:
    """The voices that a text has had so far."""

    text: str
    voices: list[Voice] = field(default_factory=list)
    people: dict[str, Voice] = field(default_factory=dict)

    @property
    def last(self) -> Voice | None:
        """The voice that was heard last."""
        return self.voices[-1] if self.voices else None

    def add(self, voice: Voice) -> None:
        """Remembers a voice, and its speaker by the surname."""
        self.voices.append(voice)
        if voice.speaker:
            self.people[voice.speaker.split()[-1].lower()] = voice


class Attribution:
    """The frames of one sentence."""

    def __init__(self, text: str, units: list[Unit], words: Lexicon, memory: Memory) -> None:
        self.text = text
        self.units = units
        self.words = words
        self.memory = memory
        self.frames: list[Frame] = []

    def read(self) -> list[Frame]:
        """The frames, in order."""
        self._heading()
        for at, unit in enumerate(self.units):
            if unit.has("according"):
                self._phrase(at)
            elif unit.has("say"):
                self._verb(at, unit)
            elif unit.low in ("'s", "’s", "'") or unit.low.endswith("s'"):
                self._possessive(at)
        self.frames.sort(key=lambda frame: frame.first)
        return self.frames

    def of(self, at: int, gap: bool = False) -> Frame | None:
        """The frame that the count at `at` stands in."""
        if gap and self._at(at - 1).has("of"):
            span = self._left_name(at - 1)
            voice = self._voice(span) if span else None
            if voice is not None and span is not None:
                return Frame(first=span[0], last=span[1], kind=CONTENT_LAST, voice=voice)
        before = [frame for frame in self.frames if frame.kind != CONTENT_FIRST and frame.last <= at]
        after = [frame for frame in self.frames if frame.kind != CONTENT_LAST and frame.first > at]
        after = [frame for frame in after if not self._parted(at, frame.first)]
        if before and before[-1].kind == CONTENT_LAST:
            quoted = [frame for frame in self.frames if frame.voice.relay == before[-1].voice.source]
            return quoted[0] if quoted else before[-1]
        if after:
            return after[0]
        back = [frame for frame in self.frames if frame.last <= at and not self._parted(frame.last, at)]
        return back[-1] if back else (before[-1] if before else None)

    def own_earlier(self, toll: int, *, previous: bool) -> Frame | None:
        """`An earlier tally stood at 115`: of the one who spoke last."""
        own = self._at(toll).low in self.words.words("sources", "own_count")
        last = self.memory.last
        if not (own and last) or (not previous and not self._at(toll - 1).has("increment", "pronoun")):
            return None
        return Frame(first=toll, last=toll, kind=AROUND, voice=last)

    def _parted(self, first: int, last: int) -> bool:
        return any(unit.low in (";", "?") for unit in self.units[first:last])

    def _at(self, at: int) -> Unit:
        return self.units[at] if 0 <= at < len(self.units) else END

    # ------------------------------------------------------------------------------------------------- the frames

    def _add(self, span: tuple[int, int] | None, kind: str, verb: Unit, last: int, strong: bool = True) -> bool:
        voice = self._voice(span) if span else None
        if voice is None or span is None:
            return False
        says = verb.tags.get("say")
        self.frames.append(
            Frame(
                first=span[0],
                last=last,
                kind=kind,
                voice=voice,
                deny=says == "deny",
                hedge=says == "hedge",
                strong=strong,
            )
        )
        self.memory.add(voice)
        return True

    def _heading(self) -> None:
        """`Army: 14 militants killed`, `11:02 Coastguard: 112 missing`."""
        colon = next((at for at, unit in enumerate(self.units[:12]) if unit.low == ":"), None)
        if colon is None or colon == 0:
            return
        first = 0
        while first < colon and (self.units[first].quantity is not None or self.units[first].low in "–—-:"):
            first += 1
        if any(unit.count is not None or unit.has("toll", "say") for unit in self.units[first:colon]):
            return
        name = self.text[self.units[first].start : self.units[colon - 1].end] if first < colon else ""
        if name and (self._heads_line(first, colon) or sources.body(name)):
            self._add((first, colon), CONTENT_LAST, END, colon)

    def _heads_line(self, first: int, colon: int) -> bool:
        """Whether the noun that heads the phrase before a colon can be a source."""
        stop = next((at for at in range(first + 1, colon) if self.units[at].has("prep", "of")), colon)
        head = self._at(stop - 1).low
        plain = head if head in self.words.heads else head.removesuffix("s")
        return plain in self.words.heads and plain not in self.words.words("sources", "not_heading")

    def _phrase(self, at: int) -> None:
        """`according to X`, `citing X`."""
        span = self._right_name(at + 1)
        if span is None or not self._add((span[0], span[1]), AROUND, self.units[at], span[1]):
            return
        frame = self.frames[-1]
        frame.first = at
        if self.units[at].low in self.words.words("say", "quoting"):
            self._relay(at, frame)

    def _relay(self, at: int, frame: Frame) -> None:
        """The one who quotes is the relay; whom it quotes is the source."""
        span = self._left_name(at)
        if span is None:
            return
        voice = self._voice(span)
        if voice is not None:
            frame.voice = Voice(
                source=frame.voice.source,
                text=frame.voice.text,
                speaker=frame.voice.speaker,
                relay=voice.source,
                org=frame.voice.org,
            )

    def _verb(self, at: int, unit: Unit) -> None:
        if self._is_no_verb(at, unit):
            return
        weak = unit.low in self.words.words("say", "weak") or unit.tags["say"] == "record"
        if unit.low in self.words.words("say", "adding") and not self._at(at - 1).has("be"):
            self._participle(at, unit)
            return
        if self._inverted(at, unit):
            return
        span = self._left_name(at)
        if span is None and self._at(at - 1).has("and", "but") and self.frames:
            last = self.frames[-1]
            self.frames.append(replace(last, first=at - 1, last=at, kind=CONTENT_LAST, deny=unit.tags["say"] == "deny"))
            return
        if span is not None and self._plausible(span, weak):
            kind = self._place_of_content(span[0], at)
            if self._add(span, kind, unit, at, strong=not weak):
                return
        if not weak or unit.low in ("report", "reports"):
            before = self._at(at - 1)
            if before.low in (",", "-", "–", "—") or before.low in QUOTES:
                after = self._right_name(at + 1)
                if after is not None and self._plausible(after, weak):
                    self._add(after, CONTENT_FIRST, unit, after[1])

    def _is_no_verb(self, at: int, unit: Unit) -> bool:
        """`the confirmed toll`, `claimed by`, `claimed 29 lives`, `putting the total at`: not somebody speaking."""
        if self._at(at - 1).has("det") and not self._at(at - 1).has("pronoun"):
            return True
        after = self._at(at + 1)
        if after.low == self.words.data["words"]["by"] or (unit.has("harm.past", "harm.s") and after.count is not None):
            return True
        ing = unit.low.endswith("ing") and unit.low not in self.words.words("say", "adding")
        return ing and not self._at(at - 1).has("be")

    def _participle(self, at: int, unit: Unit) -> None:
        """`Officials played down the toll, insisting that …`: the one who speaks is the sentence's subject."""
        if self.frames or self._at(at - 1).low != ",":
            return
        for stop in range(1, min(6, at)):
            if self.units[stop - 1].low in self.words.heads and self._plausible((0, stop), weak=True):
                self._add((0, stop), CONTENT_LAST, unit, at)
                return

    def _inverted(self, at: int, unit: Unit) -> bool:
        """`… hospitals said the Observatory.`: the name after the verb ends the sentence."""
        if (
            unit.tags["say"] != "neutral"
            or unit.low in self.words.words("say", "to_listener")
            or self._at(at + 1).has("pronoun", "that")
        ):
            return False
        span = self._right_name(at + 1) if not self._at(at + 1).has("prep") else None
        if span is None or self._at(span[1]).low not in (".", "\0", "”", '"') or not self._is_head(*span):
            return False
        if not any(unit.count is not None for unit in self.units[:at]) or self._at(at - 1).has("adverb", "have"):
            return False
        return self._plausible(span, weak=True) and self._add(span, CONTENT_FIRST, unit, span[1])

    def _place_of_content(self, first: int, verb: int) -> str:
        """Whether what is said stands after the verb (`X said that …`) or before the name (`…, X said on Friday`)."""
        counts = [at for at, unit in enumerate(self.units) if unit.count is not None]
        left = any(at < first for at in counts)
        right = any(at > verb for at in counts)
        after = self._at(verb + 1)
        if not left:
            return CONTENT_LAST
        if not right:
            return CONTENT_LAST if self._at(first - 1).has("and", "but") else CONTENT_FIRST
        closing = after is END or after.low in ",.;)" or after.has("weekday", "month", "prep") or after.low in QUOTES
        return AROUND if closing or self._told(verb) else CONTENT_LAST

    def _told(self, verb: int) -> bool:
        """`X told Reporters.`: nothing but the listener after the verb."""
        for at in range(verb + 1, min(verb + 6, len(self.units))):
            if self.units[at].low in ",.;":
                return True
            if self.units[at].has("that", "say", "be") or self.units[at].count is not None:
                return False
        return True

    def _possessive(self, at: int) -> None:
        """`X's count`, `the ministry's figure`."""
        place = at + 1
        named = self.words.words("sources", "noun_source")
        while self._last_word(place) not in named and self._leads_noun(place):
            place += 1
        if self._last_word(place) not in named or at == 0:
            return
        span = self._left_name(at)
        if span is not None and self._is_head(*span):
            self._add(span, CONTENT_LAST, END, place)

    def _last_word(self, at: int) -> str:
        return self._at(at).low.split()[-1]

    def _leads_noun(self, at: int) -> bool:
        unit = self._at(at)
        return unit.has("adverb", "increment") or unit.low in self.words.words("sources", "own")

    # -------------------------------------------------------------------------------------------------- the names

    def _left_name(self, at: int) -> tuple[int, int] | None:
        """The units of the noun phrase that ends before `at`, auxiliaries and adverbs between left out."""
        auxiliaries: tuple[str, ...] = ("have", "adverb", "do", "modal", "not")
        if self._at(at).low.endswith("ing"):
            auxiliaries = (*auxiliaries, "be")
        stop = at
        while stop > 0 and self._at(stop - 1).has(*auxiliaries) and not self._at(stop - 1).has("person", "det"):
            stop -= 1
        stop = self._over_aside(stop)
        first = stop
        while first > 0 and stop - first < LONGEST_NAME and not self._ends_name(first - 1, stop):
            first -= 1
            if self.units[first].has("det") and not self._at(first - 1).has("prep", "of"):
                break
        if first > 0 and first < stop and self.units[first - 1].has("who") and not self.units[first - 1].has("that"):
            return self._left_name(first - 1)
        while first < stop and self._is_leading(self.units[first]):
            first += 1
        return (first, stop) if first < stop else None

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
                if self.units[at].has("harm.past", "harm.ing", "undergo.past", "be"):
                    return stop
        return stop

    def _ends_name(self, at: int, stop: int) -> bool:
        unit = self.units[at]
        if unit.low == "'s":
            return False
        if unit.low in ",;:?!.()[]–—|" or unit.low in QUOTES or unit.quantity is not None:
            return True
        if unit.has("weekday", "month", "who", "be", "have", "modal", "harm.past", "harm.ing", "undergo.past", "state"):
            return not unit.text[:1].isupper() and not unit.has("det")
        if unit.has("say") and unit.text[:1].islower() and unit.low not in self.words.heads:
            return True
        if unit.has("but") or (unit.low in ("but", "while", "and") and not self._both_names(at)):
            return True
        return unit.has("prep") and unit.low not in self.words.words("sources", "inside_name")

    def _both_names(self, at: int) -> bool:
        before, after = self._at(at - 1), self._at(at + 1)
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
            unit.low in self.words.heads or unit.low.rstrip("s") in self.words.heads for unit in self.units[first:stop]
        )

    def _plausible(self, span: tuple[int, int], weak: bool) -> bool:
        """Whether a noun phrase can be a source: with a head, a name, or any subject of a plain verb of saying."""
        units = self.units[span[0] : span[1]]
        low = " ".join(unit.low for unit in units)
        if all(unit.has("det") and not unit.has("pronoun") for unit in units):
            return False
        if low in self.words.words("sources", "not_source") or not any(unit.text[:1].isalpha() for unit in units):
            return False
        if units[-1].low in self.words.words("sources", "not_source") or units[0].has("harm.ing"):
            return False
        if units[0].has("pronoun") and len(units) == 1:
            return True
        head = self._is_head(*span)
        if weak:
            return head or sources.body(self._text(span)) is not None
        named = any(unit.text[:1].isupper() for unit in units)
        return head or named or units[0].has("det") or len(units) <= 2

    # ------------------------------------------------------------------------------------------------- the voice

    def _text(self, span: tuple[int, int]) -> str:
        return " ".join(self.text[self.units[span[0]].start : self.units[span[1] - 1].end].split())

    def _voice(self, span: tuple[int, int]) -> Voice | None:
        text = self._text(span)
        if self.units[span[0]].has("pronoun") and len(text.split()) == 1:
            return self._pronoun(self.units[span[0]].tags["pronoun"], text)
        known = sources.body(text)
        if known is not None:
            return Voice(source=known.name, text=text, org=known.name)
        return self._named(text) or self._described(text) or self._plain(text, span)

    def _pronoun(self, kind: str, text: str) -> Voice | None:
        last = self.memory.last
        if kind == "person":
            titles = self.words.words("sources", "person_titles")
            person = (voice for voice in reversed(self.memory.voices) if voice.speaker or _titled(voice, titles))
            last = next(person, last)
        if last is not None:
            return last
        return Voice(source=text.lower(), text=text) if kind == "person" else None

    def _named(self, text: str) -> Voice | None:
        """A person whom the text has introduced: by the surname."""
        name = re.sub(r"^(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Brig|Insp)\.?\s+", "", text)
        if not name[:1].isupper():
            return None
        return self.memory.people.get(name.split()[-1].lower())

    def _described(self, text: str) -> Voice | None:
        """`the group`, `the London-based monitor`, `its director`: an organisation that the text has named."""
        low = text.lower().replace("’", "'")
        match = re.match(r"(?:the|this|its|their)\s+(.*)$", low)
        if match is None:
            return None
        noun = match.group(1)
        if low.startswith(("its ", "their ")):
            last = self.memory.last
            return Voice(source=last.org or last.source, text=text, org=last.org) if last else None
        bare = re.sub(r"^.*?-\s?(?:" + self.words.data["sources"]["based"] + r")\s+", "", noun)
        for voice in reversed(self.memory.voices):
            if self._fits(bare, noun, voice):
                return Voice(source=voice.source, text=text, org=voice.org)
        head = bare.split()[-1] if len(bare.split()) <= 3 else ""
        known = sources.mentioned(self.memory.text[: self.units[0].start], bare) if head else None
        return Voice(source=known.name, text=text, org=known.name) if known else None

    def _fits(self, bare: str, noun: str, voice: Voice) -> bool:
        known = sources.body(voice.source)
        if known is not None and bare in known.kinds:
            return True
        names = f"{voice.source} {voice.text}".lower()
        return all(word in names for word in bare.split()) and len(bare.split()) <= 2

    def _plain(self, text: str, span: tuple[int, int]) -> Voice:
        """A source that no table knows: title and name parted, `spokesman for X` is X."""
        name, title = _person(text)
        known = sources.office(title) if title else None
        if known is not None:
            return Voice(source=known, text=text, speaker=name, org=known)
        org = self._spoken_for(text)
        if org is not None:
            return Voice(source=sources.canonical(org), text=text, org=sources.canonical(org))
        aside = self._aside_org(span)
        if aside is not None:
            return Voice(source=sources.canonical(aside), text=text, speaker=name or text, org=sources.canonical(aside))
        if name and title:
            last = title.lower().split()[-1]
            if last in self.words.words("sources", "org_kinds"):
                return Voice(source=sources.canonical(name), text=text, org=name)
            return Voice(source=sources.canonical(title).lower(), text=text, speaker=name, org=title)
        source = sources.canonical(text)
        speaker = text if name and not title and len(name.split()) in (2, 3) and not self._is_head(*span) else None
        return Voice(source=source if _has_name(source) else source.lower(), text=text, speaker=speaker, org=source)

    def _spoken_for(self, text: str) -> str | None:
        """`a spokeswoman for the prosecutors` -> `the prosecutors`; `army spokesman` -> `army`."""
        spokes = self.words.data["sources"]["spokes"]
        match = re.match(
            rf"(?:an?|the)?\s*(?:[\w-]+\s+)?(?:{spokes})\s+(?:of|for|at|from)\s+(.+)$", text, re.IGNORECASE
        )
        if match is not None:
            return match.group(1)
        match = re.match(rf"(?:an?\s+|the\s+)?(.+?)(?:['’]s)?\s+(?:{spokes})(?:,?\s+[A-Z].*)?$", text)
        if match is None or len(match.group(1)) < 3:
            return None
        known = sources.body(match.group(1)) or sources.office(match.group(1))
        return match.group(1) if known else None

    def _aside_org(self, span: tuple[int, int]) -> str | None:
        """The body in an apposition: `Dr Q, superintendent of Sadar Civil Hospital, said`."""
        if self._at(span[1]).low != ",":
            return None
        stop = next(
            (at for at in range(span[1] + 1, min(len(self.units), span[1] + 16)) if self.units[at].low == ","), None
        )
        if stop is None:
            return None
        aside = self.text[self.units[span[1] + 1].start : self.units[stop - 1].end]
        match = re.match(r"(?:the\s+)?[\w\s-]+?\s(?:of|for|at)\s+(.+)$", aside)
        return match.group(1) if match else None


def _person(text: str) -> tuple[str | None, str]:
    """`Police Commissioner Arvind Rane` -> (`Arvind Rane`, `Police Commissioner`): by known titles, else by case."""
    words = re.sub(r"^(?:the|an?)\s+", "", text, flags=re.IGNORECASE).split()
    for size in range(len(words) - 1, 0, -1):
        if sources.office(" ".join(words[:size])) and words[size][:1].isupper():
            return " ".join(words[size:]), " ".join(words[:size])
    size = next((at for at, word in enumerate(words) if at and word[:1].isupper()), len(words))
    if all(word[:1].isupper() for word in words):
        return " ".join(words), ""
    title = words[:size]
    if size == len(words) or any(word in INSIDE for word in title) or not any(word[:1].islower() for word in title):
        return None, " ".join(words)
    return " ".join(words[size:]), " ".join(title)


def _titled(voice: Voice, titles: frozenset[str]) -> bool:
    return any(word in titles for word in voice.text.lower().split())


def _has_name(text: str) -> bool:
    return bool(re.search(r"[A-Z]", text[1:])) or text.isupper()

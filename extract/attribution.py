"""Who says so: frames of attribution in a sentence, resolved to one voice, and which frame a number stands in.

A frame is a subject before a verb of saying (`X said that …`), after the content (`…, X said`; `…, said X`), a phrase
(`according to X`), a heading (`X: 12 dead`) or a possessive (`X's count`). Pronouns and definite descriptions resolve
to the voice that the text had before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from extract import sources
from extract.lexicon import Lexicon
from extract.units import END, QUOTES, Unit
from extract.voices import Memory, Voice, Voices

__all__ = ["AROUND", "Attribution", "Frame", "Memory", "Voice"]

COUNTED = 7  # units after a verb of counting within which its count stands
LEAST_INITIALS = 2  # letters above which a word in capitals is a body's initials
LONGEST_TURN = 3  # words of a speaker's name in a transcript
MOST_TRAILING = 5  # words of a source after a headline's last colon
MOST_FRAMES = 30  # attributions of one sentence; prose has fewer, and each one is resolved to a voice
CONTENT_FIRST, CONTENT_LAST, AROUND = "post", "pre", "around"


@dataclass(slots=True, kw_only=True)
class Frame:
    """One attribution: the units that name the source stand from `first` to `last`; `kind`: where its content is."""

    first: int
    last: int
    kind: str
    voice: Voice
    deny: bool = False
    hedge: bool = False
    records: bool = False  # by a verb of counting or taking in: `has received`
    strong: bool = True
    why: str = ""  # how a frame that the sentence does not have by its own words is of that voice


class Attribution(Voices):
    """The frames of one sentence."""

    def __init__(self, text: str, units: list[Unit], words: Lexicon, memory: Memory) -> None:
        super().__init__(text, units, words, memory)
        self.frames: list[Frame] = []
        self.counts = [at for at, unit in enumerate(units) if unit.count is not None]

    def read(self) -> list[Frame]:
        """The frames, in order."""
        grammar = self.words.grammar
        self._heading()
        self._trailing()
        for at, unit in enumerate(self.units):
            if len(self.frames) == MOST_FRAMES:
                break
            if "according" in unit.tags:
                self._phrase(at)
            elif "say" in unit.tags:
                self._verb(at, unit)
            elif unit.low == "(" and self._at(at + 2).low == ")":
                self._in_brackets(at)
            elif "'" in unit.low and (unit.low in grammar.possessive or unit.low.endswith(grammar.plural_possessive)):
                self._possessive(at)
        self.frames.sort(key=lambda frame: frame.first)
        self._quoted_first()
        self.memory.subject = None if self.frames else self._subject()
        return self.frames

    def _subject(self) -> Voice | None:
        """What a sentence that nobody speaks in is about, where that can speak in the next."""
        opening = self._opening()
        speaks = opening is not None and not self.units[opening[0]].has("pronoun")
        return self._voice(opening) if opening is not None and speaks and self._plausible(opening, weak=False) else None

    def of(self, at: int, gap: bool = False) -> Frame | None:
        """The frame that the count at `at` stands in."""
        if gap and self._at(at - 1).has("of"):
            span = self._left_name(at - 1)
            voice = self._voice(span) if span and self._plausible(span, weak=True) else None
            if voice is not None and span is not None:
                return Frame(first=span[0], last=span[1], kind=CONTENT_LAST, voice=voice)
        chosen = self._chosen(at)
        quoted = (frame for frame in self.frames if chosen and frame.voice.relay == chosen.voice.source)
        return next(quoted, chosen)

    def _chosen(self, at: int) -> Frame | None:
        before = [frame for frame in self.frames if frame.kind != CONTENT_FIRST and frame.last <= at]
        after = [frame for frame in self.frames if frame.kind != CONTENT_LAST and frame.first > at]
        after = [frame for frame in after if not self._parted(at, frame.first)]
        if before and before[-1].kind == CONTENT_LAST:
            return self._outer(before)
        if after:
            return after[0]
        back = [frame for frame in self.frames if frame.last <= at and not self._parted(frame.last, at)]
        return back[-1] if back else (before[-1] if before else None)

    def _outer(self, before: list[Frame]) -> Frame:
        """The last frame; `an official said the hospital had received 12` is the official's."""
        last = before[-1]
        outer = before[-2] if len(before) > 1 else last
        joined = any(unit.has("and", "but") or unit.low in ",;:" for unit in self.units[outer.last : last.first])
        return outer if last.records and not outer.records and outer.kind == CONTENT_LAST and not joined else last

    def own_earlier(self, toll: int, *, previous: bool) -> Frame | None:
        """`An earlier tally stood at 115`: of the one who spoke last."""
        own = self._at(toll).low in self.words.words("sources", "own_count")
        theirs = any(unit.tags.get("pronoun") == "them" for unit in self.units[max(0, toll - 3) : toll])
        last = self.memory.last
        earlier = own and (previous or self._at(toll - 1).has("increment"))
        if last is None or not (earlier or theirs):
            return None  # `Her confirmed death toll stands at 58`
        return Frame(first=toll, last=toll, kind=AROUND, voice=last, why="a count of the one who spoke last,")

    def carried(self) -> Frame | None:
        """`Of those, 431 were civilians`: goes on with what was said before, so by the same voice."""
        last = self.memory.last
        of_them = self._at(0).has("of") and self._at(1).has("them")
        begins = of_them or (
            self._at(0).low in self.words.words("words", "demonstrative") and self._at(1).has("subset")
        )
        if not begins or last is None:
            return None
        return Frame(first=0, last=1, kind=AROUND, voice=last, why="goes on with what was said before, by")

    def _parted(self, first: int, last: int) -> bool:
        """Whether the words between part a count from a name: `24 captives, nine of whom the army believes dead`."""
        before = self._at(last - 1)
        relative = before.count is not None and before.text.lower().split()[-1] in self.words.words("part", "of_whom")
        return (relative and first < last - 1) or any(unit.low in (";", "?") for unit in self.units[first:last])

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
                records=says == "record",
                strong=strong,
            )
        )
        self.memory.add(voice)
        self.memory.place = self.units[0].start
        self.memory.subject = None  # whoever speaks in a sentence is nearer than the subject of the one before
        return True

    def _heading(self) -> None:
        """`Army: 14 militants killed`, `11:02 Coastguard: 112 missing`."""
        colon = next((at for at, unit in enumerate(self.units[:12]) if unit.low == ":"), None)
        if colon is None or colon == 0:
            return
        first = 0
        if self._at(0).low in self.words.words("sources", "byline"):
            return
        while first < colon and (self.units[first].quantity is not None or self.units[first].low in "–—-:"):
            first += 1
        if any(unit.count is not None or unit.has("toll", "say") for unit in self.units[first:colon]):
            return
        if self._is_turn(first, colon):
            return
        name = self.text[self.units[first].start : self.units[colon - 1].end] if first < colon else ""
        if name and (self._heads_line(first, colon) or sources.body(name)):
            self._add((first, colon), CONTENT_LAST, END, colon)

    def _is_turn(self, first: int, colon: int) -> bool:
        """`WALT: We hear that 70 people are dead.`: a transcript; the speaker has the whole of the line."""
        units = self.units[first:colon]
        capitals = all(unit.text.isupper() and len(unit.text) > 2 for unit in units)
        if not (0 < len(units) <= LONGEST_TURN and capitals and self.memory.is_transcript):
            return False
        name = self._text((first, colon)).title()
        self.memory.turn = self.memory.people.get(name.split()[-1].lower()) or Voice(
            source=name, text=name, speaker=name, org=name
        )
        self.memory.add(self.memory.turn)
        return True

    def turn(self) -> Frame | None:
        """The frame of a transcript's line."""
        voice = self.memory.turn
        return (
            Frame(first=0, last=0, kind=AROUND, voice=voice, why="the turn of a transcript, spoken by")
            if voice is not None
            else None
        )

    def _trailing(self) -> None:
        """`At least 80 killed as ferry sinks: coastguard`, `… near Orle - army sources`."""
        at = next((at for at in range(len(self.units) - 1, 0, -1) if self._opens_trailing(self.units[at])), None)
        if at is None or not 0 < len(self.units) - 1 - at <= MOST_TRAILING:
            return
        span = (at + 1, len(self.units))
        plain = not any(
            unit.count or unit.quantity or unit.has("say", "weekday", "month") for unit in self.units[at + 1 :]
        )
        initials = len(self.units) == at + 2 and self.units[-1].text.isupper() and len(self.units[-1].text) > 2
        if plain and (initials or self._plausible(span, weak=True)) and any(unit.count for unit in self.units[:at]):
            self._add(span, CONTENT_FIRST, END, len(self.units))

    def _opens_trailing(self, unit: Unit) -> bool:
        return unit.low == ":" or (unit.low in "-–—" and not unit.glued)

    def _heads_line(self, first: int, colon: int) -> bool:
        """Whether the noun that heads the phrase before a colon can be a source."""
        stop = next((at for at in range(first + 1, colon) if self.units[at].has("prep", "of")), colon)
        last = self._at(first + self._at(first).has("det") if self.words.grammar.heads_first else stop - 1)
        head = last.low
        no_heading = self.words.words("sources", "not_heading")
        # `11:40 – NDRO: 26 dead`; but `OSKVILLE: At least 26 died` has its place there
        initials = stop == first + 1 and first > 0 and last.text.isupper() and len(last.text) > LEAST_INITIALS
        return (initials or self.words.is_head(head)) and no_heading.isdisjoint({head, self.words.singular(head)})

    def _in_brackets(self, at: int) -> None:
        """`97,400 people displaced (NDA)`: the initials of a known body, where they do not explain its name."""
        name = self.units[at + 1].text
        known = sources.body(name) is not None or self._initials(name) is not None
        if known and name.isupper() and self._at(at - 1).text.islower() and any(place < at for place in self.counts):
            self._add((at + 1, at + 2), CONTENT_FIRST, END, at + 3)

    def _phrase(self, at: int) -> None:
        """`according to X`, `citing X`; `según informó X`."""
        span = self._right_name(self._after_verb(at))
        by = self.words.data["words"]["by"]
        if span is not None and self._at(span[1]).low == by:
            span = self._right_name(span[1] + 1) or span  # `according to figures compiled by X`
        elif span is not None and self._at(span[1]).has("adverb") and self._at(span[1] + 1).low == by:
            span = self._right_name(span[1] + 2) or span  # `a list drawn up by X`
        quoting = self.units[at].low in self.words.words("say", "quoting")
        if span is not None and quoting and not self._is_head(*span) and sources.body(self._text(span)) is None:
            return  # `citing court files`
        if span is None or self._is_plain(span) or not self._add(span, AROUND, self.units[at], span[1]):
            return
        frame = self.frames[-1]
        frame.first = at
        if quoting:
            self._relay(at, frame)

    def _is_plain(self, span: tuple[int, int]) -> bool:
        """`reported by telephone`: a word that names nobody."""
        units = self.units[span[0] : span[1]]
        return not self._is_head(*span) and all(
            unit.text.islower() and not unit.has("det", "pronoun") and unit.count is None for unit in units
        )

    def _relay(self, at: int, frame: Frame) -> None:
        """The one who quotes is the relay; whom it quotes is the source."""
        span = self._left_name(at - (self._at(at - 1).low == ","))
        voice = self._voice(span) if span is not None else None
        if voice is None and len(self.frames) > 1:
            voice = self.frames[-2].voice
        if voice is not None:
            frame.voice = replace(frame.voice, relay=voice.source)

    def _quoted_first(self) -> None:
        """`Citing police, the Courier put the toll at 13`: what it says is theirs."""
        quotes = self.units and self.units[0].low in self.words.words("say", "quoting")
        if quotes and len(self.frames) > 1 and self.frames[0].first == 0:
            teller = self.frames[1]
            teller.voice = replace(self.frames[0].voice, relay=teller.voice.source)

    def _verb(self, at: int, unit: Unit) -> None:
        if self._is_no_verb(at, unit):
            return
        doubtful = unit.low in self.words.words("say", "weak") or unit.tags["say"] == "record"
        weak = doubtful and not self._records(at, unit)
        if unit.low in self.words.words("say", "adding") and not self._at(at - 1).has("be"):
            self._participle(at, unit)
            return
        if self._inverted(at, unit) or self._verb_first(at, unit, weak) or self._by(at, unit):
            return
        span = self._left_name(at)
        if span is None and self._at(at - 1).has("and", "but"):
            self._coordinated(at, unit)
            return
        if span is not None and self._plausible(span, weak):
            kind = self._place_of_content(span[0], at)
            if self._add(span, kind, unit, at, strong=not weak):
                return
        listening = unit.low in self.words.words("say", "to_listener")
        if not listening and (not doubtful or unit.low in self.words.words("say", "reporting")):
            before = self._at(at - 1)
            closes = before.low in (",", "-", "–", "—") or before.low in QUOTES
            if closes and self._at(at + 1).tags.get("pronoun", "them") == "them":
                after = self._right_name(at + 1)
                if after is not None and self._at(after[1]).count is None and self._plausible(after, weak):  # `says X`
                    self._add(after, CONTENT_FIRST, unit, after[1])

    def _records(self, at: int, unit: Unit) -> bool:
        """`The project registered 4,471 deaths`, `put the toll at 31`: a verb of counting with its count or toll."""
        near = self.units[at + 1 : at + COUNTED]
        if self._at(at - 1).text.islower() and not self._at(at - 1).tags and not self._at(at - 2).has("det", "prep"):
            return False
        if unit.low in self.words.words("say", "counting"):
            return any(unit.count is not None for unit in near)
        setting = unit.low in self.words.words("say", "setting")
        return setting and any(unit.has("toll", "total") for unit in near)

    def _coordinated(self, at: int, unit: Unit) -> None:
        """`X accused the army and claimed that …`: of the one who spoke before, else of the sentence's subject."""
        if self.frames:
            last = self.frames[-1]
            self.frames.append(replace(last, first=at - 1, last=at, kind=CONTENT_LAST, deny=unit.tags["say"] == "deny"))
            return
        opening = self._opening()
        if opening is not None and opening[1] < at and self._plausible(opening, weak=True):
            self._add(opening, CONTENT_LAST, unit, at)

    def _is_no_verb(self, at: int, unit: Unit) -> bool:
        """`the confirmed toll`, `claimed by`, `claimed 29 lives`, `putting the total at`: not somebody speaking."""
        before = self._at(at - 1)
        if before.has("det") and before.tags.get("pronoun", "them") == "them":
            return True  # `compounding their fears`
        if before.low in self.words.grammar.impersonal:
            return True  # `en 24 horas se contabilizaron 38 muertos`: nobody is said to count
        after = self._at(at + 1)
        if after.low == "-" and after.glued:
            return True  # `reaches cut-off villages`
        if unit.tags["say"] == "record" and self._is_noun_of_source(at, unit):
            return True
        if unit.has("convey", "conveys") and after.count is not None:
            return True  # `the clinic had admitted 17 people`
        if unit.tags["say"] == "deny" and self._is_of_figures(at + 1):
            return True
        passive = after.low == self.words.data["words"]["by"] and unit.low not in self.words.words(
            "words", "never_passive"
        )
        if passive or (unit.has("harm.past", "harm.s") and after.count is not None):
            return True
        ing = unit.low.endswith(self.words.grammar.ing) and unit.low not in self.words.words("say", "adding")
        if before.has("move") and any(self._at(place).has("toll") for place in (at - 2, at - 3)):
            return not any(near.low == self.words.data["words"]["by"] for near in self.units[at:])  # `is now put at 64`
        place = at - 1
        while self._at(place).has("adverb"):
            place -= 1
        first = self._at(place).low.split()[0]  # `is now`
        return ing and first not in self.words.words("words", "be")

    def _is_of_figures(self, at: int) -> bool:
        """`disputed the figures, saying five had died`: another's figures are denied, not those that follow."""
        place = at + self._at(at).has("det")
        figures = self.words.singular(self._at(place).low.split()[-1]) in self.words.words("sources", "noun_source")
        return figures and self._at(place + 1).low in (",", ".", ";", "\0")

    def _is_noun_of_source(self, at: int, unit: Unit) -> bool:
        """`a statement issued on Sunday`, `from hospital records and interviews`: no verb, or no body that speaks."""
        named = self.words.words("sources", "noun_source")
        noun = self.words.singular(unit.low) in named and self._at(at + 1).has("and", "prep")
        issued = self.words.singular(self._at(at - 1).low) in named and not self._records(at, unit)
        return noun or issued

    def _participle(self, at: int, unit: Unit) -> None:
        """`Officials played down the toll, insisting that …`: the one who speaks is the sentence's subject."""
        if self.frames or self._at(at - 1).low != ",":
            return
        opening = self._opening()
        if opening is not None and opening[1] < at and self._plausible(opening, weak=True):
            self._add(opening, CONTENT_LAST, unit, at)

    def _inverted(self, at: int, unit: Unit) -> bool:
        """`… hospitals said the Observatory.`: the name after the verb ends the sentence."""
        if (
            unit.tags["say"] != "neutral"
            or unit.low in self.words.words("say", "to_listener")
            or self._at(at + 1).has("pronoun", "that")
        ):
            return False
        span = self._right_name(at + 1) if not self._at(at + 1).has("prep") else None
        if span is None or not self._ends_inverted(span[1]) or not self._is_head(*span):
            return False
        left = self._left_name(at)
        spoken = any(unit.count is not None for unit in self.units[:at]) or (
            left is not None and not self._is_head(*left)
        )
        if not spoken or self._at(at - 1).has("adverb", "have"):
            return False
        return self._plausible(span, weak=True) and self._add(span, CONTENT_FIRST, unit, span[1])

    def _by(self, at: int, unit: Unit) -> bool:
        """`the toll was put at 15 by the mayor`: who is named after the number."""
        if not self._at(at - 1).has("be") or unit.low.split()[0] not in self.words.words("say", "setting"):
            return False
        by = self.words.data["words"]["by"]
        place = next((k for k in range(at + 1, at + COUNTED) if self._at(k).low == by), None)
        span = self._right_name(place + 1) if place is not None else None
        if place is None or span is None or not any(at < count < place for count in self.counts):
            return False
        return self._plausible(span, weak=True) and self._add(span, AROUND, unit, span[1])

    def _verb_first(self, at: int, unit: Unit, weak: bool) -> bool:
        """`…, a annoncé jeudi la préfecture`, `Dijo la policía que …`: the speaker stands after the verb."""
        if not self.words.grammar.verb_first:
            return False
        first = at
        while (
            first > 0 and self.units[first - 1].has("have", "adverb", "pronoun") and not self._at(first - 1).has("of")
        ):
            first -= 1
        before = self._at(first - 1)
        if first > 0 and not (before.low in ",–—-:;" or before.low in QUOTES or before.has("according")):
            return False
        if before.has("according"):
            return True  # read with the phrase
        span = self._right_name(self._past_time(at + 1))
        if span is None or self._at(span[0]).has("that", "prep") or not self._plausible(span, weak):
            return False
        counts = [place for place, each in enumerate(self.units) if each.count is not None]
        told = any(place < first for place in counts)
        kind = CONTENT_LAST if not told else AROUND if any(place > at for place in counts) else CONTENT_FIRST
        return self._add(span, kind, unit, span[1], strong=not weak)

    def _after_verb(self, at: int) -> int:
        """The place after a phrase of attribution and a verb of saying that goes with it: `según ha informado X`."""
        place = at + 1
        while self.words.grammar.verb_first and self._at(place).has("have", "pronoun"):
            place += 1
        said = self.words.grammar.verb_first and self._at(place).has("say")
        return self._past_time(place + 1) if said else at + 1

    def _past_time(self, at: int) -> int:
        """Over a day or an hour between a verb and its subject: `a annoncé jeudi soir la préfecture`."""
        while self._at(at).has("weekday", "month", "adverb", "time") or (
            self._at(at).has("det", "prep") and self._at(at + 1).has("weekday", "time")
        ):
            at += 1
        return at

    def _ends_inverted(self, at: int) -> bool:
        """Whether a name after its verb ends at `at`: with the sentence, or where a clause about it begins."""
        return self._at(at).low in (".", "\0", "”", '"') or (self._at(at).has("who") and not self._at(at).has("that"))

    def _place_of_content(self, first: int, verb: int) -> str:
        """Whether what is said stands after the verb (`X said that …`) or before the name (`…, X said on Friday`)."""
        left = any(at < first for at in self.counts)
        right = any(at > verb for at in self.counts)
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

    def _is_headed(self, span: tuple[int, int]) -> bool:
        """Whether a head stands before the first preposition: none does in `photos posted to social networks`."""
        stop = next((at for at in range(span[0] + 1, span[1]) if self.units[at].has("prep", "of")), span[1])
        return self._is_head(span[0], stop)

    def _plausible(self, span: tuple[int, int], weak: bool) -> bool:
        """Whether a noun phrase can be a source: with a head, a name, or any subject of a plain verb of saying."""
        units = self.units[span[0] : span[1]]
        low = " ".join(unit.low for unit in units)
        if units[-1].low in self.words.words("sources", "editorial") or units[-1].has("of"):
            return False
        if (units[0].has("prep") and units[0].text[:1].islower()) or units[-1].low in self.words.words(
            "words", "oneself"
        ):
            return False  # `in a statement`, `when I arrived I`
        if all(unit.has("det") and not unit.has("pronoun") for unit in units):
            return False
        if units[0].low in self.words.words("sources", "byline") or (
            units[0].has("have", "be") and units[0].text[:1].islower()
        ):
            return False  # `By Our Staff`; `which he said had included six`
        if (low in self.words.words("sources", "not_source") and not units[0].text.isupper()) or not any(
            unit.text[:1].isalpha() for unit in units
        ):
            return False
        if (units[-1].tags and units[-1].low in self.words.words("sources", "not_source")) or units[0].has("harm.ing"):
            return False
        if units[0].has("pronoun") and len(units) == 1:
            return True
        head = self._is_head(*span)
        if weak:
            return self._is_headed(span) or sources.body(self._text(span)) is not None
        named = any(unit.text[:1].isupper() for unit in units)
        return head or named or units[0].has("det") or len(units) <= 2

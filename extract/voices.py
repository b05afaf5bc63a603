"""A name as a text has it -> one voice: pronouns, descriptions and titles resolved to the body that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from extract import sources
from extract.lexicon import Lexicon
from extract.source_names import LONGEST_NAME, Names
from extract.units import Count, Unit

# words that stand inside the name of a body, so that what precedes them is no title
NOBODY = ""
MOST_VOICES = 40  # that a pronoun or a description can go back to
INTRODUCED = 20_000  # characters within which a text introduces the bodies that it describes later
TURN = re.compile(r"^[A-Z][A-Z.' -]+(?=: )", re.MULTILINE)
_ASIDE = re.compile(r"\s*\(.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who says so. `text`: as the text has it; `source`: the canonical name; `speaker`: the person who speaks."""

    source: str
    text: str
    speaker: str | None = None
    relay: str | None = None
    org: str = ""


@dataclass
class Memory:
    """The voices that a text has had so far."""

    text: str
    voices: list[Voice] = field(default_factory=list)
    people: dict[str, Voice] = field(default_factory=dict)
    turn: Voice | None = None  # who speaks in a transcript's line
    subject: Voice | None = None  # what the sentence before was about, where that can speak
    place: int = -1  # the start of the sentence in which a voice was last heard
    monitor: str | None = None  # the first named body that watches and counts; "" where there is none

    @property
    def last(self) -> Voice | None:
        """The voice that was heard last."""
        return self.voices[-1] if self.voices else None

    @cached_property
    def is_transcript(self) -> bool:
        """Whether two speakers or more have lines of their own in capitals (`WALT: …`)."""
        return len(set(TURN.findall(self.text))) > 1

    def add(self, voice: Voice) -> None:
        """Remembers a voice, and its speaker by the surname."""
        self.voices = [*self.voices[1 - MOST_VOICES :], voice]
        if voice.speaker:
            self.people[voice.speaker.split()[-1].lower()] = voice


class Voices(Names):
    """A sentence, asked whose voice a name in it is."""

    def __init__(self, text: str, units: list[Unit], words: Lexicon, memory: Memory) -> None:
        super().__init__(text, units, words)
        self.names = words.names
        self.memory = memory

    def _voice(self, span: tuple[int, int]) -> Voice | None:
        count = self.units[span[0]].count
        text = self._counted(span[0], count) if count is not None else self._text(span)
        if text.endswith("-") or not any(letter.isalpha() for letter in text):
            return None
        if span[1] - span[0] == 1 and self._at(span[0]).has("det") and not self._at(span[0]).has("pronoun"):
            return None  # of `a count by the police`
        if self.units[span[0]].has("pronoun") and len(text.split()) == 1:
            return self._pronoun(self.units[span[0]].tags["pronoun"], text)
        known = sources.body(self.names.bare(text))
        if known is not None:
            return Voice(source=known.name, text=text, org=known.name)
        counted = self._counted_by(text)
        if isinstance(counted, Voice) or counted == NOBODY:
            return counted if isinstance(counted, Voice) else None
        return (
            self._initials(text)
            or self._named(text)
            or self._officer_of(text)
            or self._own(text, span)
            or self._described(text)
            or self._monitor(text)
            or self._plain(text, span)
        )

    def _counted(self, at: int, count: Count) -> str:
        """`two security sources`, without their number."""
        return count.who_text or " ".join(self.text[count.quantity.end : self.units[at].end].split())

    def _pronoun(self, kind: str, text: str) -> Voice | None:
        last = self.memory.last
        titles = self.words.words("sources", "person_titles")
        subject = self.memory.subject
        if kind in ("person", "object"):
            known = [*self.memory.voices, subject] if subject is not None else self.memory.voices
            last = next((voice for voice in reversed(known) if voice.speaker or _titled(voice, titles)), last)
        elif subject is not None and not (subject.speaker or _titled(subject, titles)):
            last = subject
        if last is not None:
            return last
        return Voice(source=text.lower(), text=text) if kind == "person" else None

    def _named(self, text: str) -> Voice | None:
        """A person whom the text has introduced: by the surname."""
        name = self.names.courtesy.sub("", text)
        if not name[:1].isupper():
            return None
        return self.memory.people.get(name.split()[-1].lower())

    def _initials(self, text: str) -> Voice | None:
        """`the NDO`, after the National Disaster Office."""
        short = self.names.definite.sub("", text)
        if not short.isupper() or len(short) < 2:
            return None
        for voice in reversed(self.memory.voices):
            if "".join(re.findall(r"\b[A-Z]", _ASIDE.sub("", voice.org))) == short and " " in voice.org:
                return Voice(source=voice.source, text=text, org=voice.org)
        return None

    def _described(self, text: str) -> Voice | None:
        """`the group`, `the London-based monitor`, `its director`: an organisation that the text has named."""
        low = text.lower().replace("’", "'")
        last = self.memory.subject or self.memory.last
        if last is not None and self.names.indefinite.sub("", low) in self.words.words("sources", "mouthpieces"):
            return Voice(source=last.org or last.source, text=text, org=last.org)  # `a spokesman`
        match = self.names.described.match(low)
        if match is None:
            return None
        noun = match.group(1)
        if low.startswith(self.names.owned):
            last = self.memory.subject or self.memory.last
            return Voice(source=last.org or last.source, text=text, org=last.org) if last else None
        bare = self.names.based.sub("", noun)
        generic = bare in self.words.words("sources", "org_kinds")
        for voice in reversed(self.memory.voices):
            unknown = generic and voice.org[:1].isupper() and not voice.speaker and sources.body(voice.org) is None
            if unknown or self._fits(bare, noun, voice):
                return Voice(source=voice.source, text=text, org=voice.org)
        head = bare.split()[-1] if len(bare.split()) <= 3 else ""
        known = sources.mentioned(self.memory.text, bare, min(self.units[0].start, INTRODUCED)) if head else None
        return Voice(source=known.name, text=text, org=known.name) if known else None

    def _officer_of(self, text: str) -> Voice | None:
        """`the agency's coordinator`: of the agency that the text has named."""
        owner, mark, title = text.replace("’", "'").rpartition("'s ")
        if not mark or title.lower().split()[-1] not in self.words.words("sources", "person_titles"):
            return None
        known = self._described(owner)
        return Voice(source=known.source, text=text, org=known.org) if known is not None else None

    def _own(self, text: str, span: tuple[int, int]) -> Voice | None:
        """`… at the Osk Clinic, its director said`: of the body named right before."""
        if not text.lower().startswith(self.names.owned) or self._at(span[0] - 1).low != ",":
            return None
        before = self._left_name(span[0] - 1)
        if before is None or not self._is_head(*before) or not self._at(before[1] - 1).text[:1].isupper():
            return None
        if self._at(before[0]).has("prep") or self._at(before[1] - 1).has("weekday", "month"):
            return None  # a place or a day, not a body
        name = self._canonical(self._text(before))
        return Voice(source=name, text=text, org=name)

    def _monitor(self, text: str) -> Voice | None:
        """`a monitoring group`, before the text names it: the monitor that it names."""
        bare = self.names.based.sub("", self.names.indefinite.sub("", text.lower()))
        if bare not in self.words.words("sources", "monitor_kinds"):
            return None
        known = sources.mentioned(self.memory.text, bare, INTRODUCED)
        if known is not None:
            return Voice(source=known.name, text=text, org=known.name)
        name = self._named_monitor()
        return Voice(source=name, text=text, org=name) if name else None

    def _named_monitor(self) -> str | None:
        """The first body of the text whose name says that it watches and counts (`the Orle Rights Observatory`)."""
        if self.memory.monitor is None:
            found = self.names.monitor.search(self.memory.text[:INTRODUCED])
            self.memory.monitor = self.names.definite.sub("", found.group()) if found else ""
        return self.memory.monitor or None

    def _counted_by(self, text: str) -> Voice | str | None:
        """`the police figure given out on Tuesday` is the police's; `a count published on Sunday` is nobody's."""
        owned = self.names.count_owner.match(text) or self.names.count_of.match(text)
        if owned is not None:
            owner = owned.group(1)
            return self._initials(owner) or Voice(source=self._canonical(owner), text=owner, org=owner)
        match = self.names.count.match(text)
        if match is None or not text[:1].islower():
            return None
        owner = match.group(1).strip()
        if sources.office(self.names.bare(owner)) or sources.body(self.names.bare(owner)):
            return Voice(source=self._canonical(owner), text=owner, org=self._canonical(owner))
        if owner and owner.split()[-1] in self.words.words("sources", "heads"):
            return Voice(source=self._canonical(owner), text=owner, org=owner)  # `a disaster office bulletin`
        return NOBODY if not owner or owner.islower() else None

    def _fits(self, bare: str, noun: str, voice: Voice) -> bool:
        known = sources.body(voice.source)
        if known is not None and bare in known.kinds:
            return True
        names = f"{voice.source} {voice.text}".lower()
        return all(word in names for word in bare.split()) and len(bare.split()) <= 2

    def _plain(self, text: str, span: tuple[int, int]) -> Voice:
        """A source that no table knows: title and name parted, `spokesman for X` is X."""
        name, title = self._person(text)
        known = self._office(title) if title else None
        if known is not None:
            return Voice(source=known, text=text, speaker=name, org=known)
        org = self._spoken_for(text)
        if org is not None:
            return Voice(source=self._canonical(org), text=text, speaker=name or None, org=self._canonical(org))
        body = self._named_body(span)
        if body is not None:
            return Voice(source=self._canonical(body), text=text, org=self._canonical(body))
        aside = self._aside_org(span)
        if aside is not None:
            return Voice(source=self._canonical(aside), text=text, speaker=name or text, org=self._canonical(aside))
        if name and title:
            last = title.lower().split()[-1]
            headed = any(self.words.is_head(word) for word in name.lower().split())  # `the so-called Rights Network`
            of_body = self.words.words("sources", "org_kinds") | self.words.words("sources", "leading")
            if headed or last in of_body:
                return Voice(source=self._canonical(name), text=text, org=name)
            return Voice(source=self._canonical(title).lower(), text=text, speaker=name, org=title)
        source = self._canonical(text)
        speaker = text if name and not title and len(name.split()) in (2, 3) and not self._is_head(*span) else None
        if speaker is None and text[:1].islower():
            speaker = self._named_aside(span)
        opens = self.units[span[0]]
        foreign = (span[0] > 0 and text[:1].islower()) or (not opens.tags and opens.low not in self.words.heads)
        named = _has_name(source) or (source[:1].isupper() and foreign)
        return Voice(source=source if named else source.lower(), text=text, speaker=speaker, org=source)

    def _canonical(self, name: str) -> str:
        return sources.canonical(self.names.bare(name))

    def _office(self, title: str) -> str | None:
        """The office of a title; `Hask police chief` is the police as well."""
        after_place = sources.office(title.partition(" ")[2])
        local = self.words.words("sources", "local_offices")
        return sources.office(title) or (after_place if after_place in local else None)

    def _spoken_for(self, text: str) -> str | None:
        """`a spokeswoman for the prosecutors` -> `the prosecutors`; `army spokesman` -> `army`."""
        match = self.names.spoken_for.match(text)
        if match is not None:
            body = match.group(1)
            headed = any(self.words.is_head(word) for word in body.lower().split())
            # `the mayor of Osk` speaks for no body
            return body if headed or sources.body(body) or sources.office(body) or len(body.split()) > 1 else None
        match = self.names.speaks.match(text)
        if match is None or len(match.group(1)) < 3:
            return None
        owner = match.group(1)
        if sources.body(owner) or sources.office(owner):
            return owner
        last = owner.split()[-1]
        if sources.office(last):
            return last  # `Hask provincial police spokesman Ada Orn`
        known = self._described(f"the {last}") if last.islower() else None
        return None if known is None else known.source  # `ministry spokesman`: of the ministry that the text has named

    def _named_aside(self, span: tuple[int, int]) -> str | None:
        """`a member of parliament, Orin Vale, told`: who it is that speaks."""
        first = span[1] + 1
        stop = next((at for at in range(first, min(len(self.units), first + 5)) if self.units[at].low == ","), first)
        name = self.units[first:stop]
        if self._at(span[1]).low != "," or len(name) < 2 or not all(unit.text[:1].isupper() for unit in name):
            return None
        return self._text((first, stop))

    def _named_body(self, span: tuple[int, int]) -> str | None:
        """`a local campaign group, the Voice of Orle, said`: the name of the body that the words describe."""
        head = self._at(span[1] - 1).low.split()[-1]
        if head not in self.words.words("sources", "org_kinds") or self._at(span[1]).low != ",":
            return None
        first = span[1] + 1 + self._at(span[1] + 1).has("det")
        ends = (at for at in range(first, min(len(self.units), first + LONGEST_NAME)) if self.units[at].low in ",.")
        stop = next(ends, first)
        name = self.units[first:stop]
        plain = all(unit.text[:1].isupper() or unit.has("of", "prep", "and", "det") for unit in name)
        return self._text((first, stop)) if name and plain and name[0].text[:1].isupper() else None

    def _aside_org(self, span: tuple[int, int]) -> str | None:
        """The body in an apposition: `Dr Q, superintendent of Sadar Civil Hospital, said`."""
        if self._at(span[1]).low != "," or self._at(span[1] + 1).tags.get("time") == "on":
            return None  # `the government, as of March 2,`
        stop = next(
            (at for at in range(span[1] + 1, min(len(self.units), span[1] + 16)) if self.units[at].low == ","), None
        )
        if stop is None or any(unit.count is not None for unit in self.units[span[1] : stop]):
            return None  # `according to Wafa, five of them in a raid on Dal, …`
        aside = self.text[self.units[span[1] + 1].start : self.units[stop - 1].end]
        match = self.names.aside.match(aside)
        return match.group(1) if match else None

    def _person(self, text: str) -> tuple[str | None, str]:
        """`Police Commissioner Arvind Rane` -> (`Arvind Rane`, `Police Commissioner`): by known titles or by case."""
        words = self.names.bare(text).split()
        titles, inside = self.words.words("sources", "person_titles"), self.words.words("names", "inside_title")
        for size in range(len(words) - 1, 0, -1):
            if sources.office(" ".join(words[:size])) and words[size][:1].isupper():
                return " ".join(words[size:]), " ".join(words[:size])
        size = next((at for at, word in enumerate(words) if at and word[:1].isupper()), len(words))
        if all(word[:1].isupper() for word in words):
            last = max((at for at, word in enumerate(words[:3]) if word.lower() in titles), default=-1)
            return " ".join(words[last + 1 :]), " ".join(words[: last + 1])
        title = words[:size]
        if size == len(words) or any(word in inside for word in title) or not any(word[:1].islower() for word in title):
            return None, " ".join(words)
        return " ".join(words[size:]), " ".join(title)


def _titled(voice: Voice, titles: frozenset[str]) -> bool:
    return any(word in titles for word in voice.text.lower().replace("-", " ").split())  # `inspector-general`


def _has_name(text: str) -> bool:
    return bool(re.search(r"[A-Z]", text[1:])) or text.isupper()

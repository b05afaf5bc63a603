"""A language's data, made ready: phrases by their first word, each with tags, and the patterns of clause words.

A tag says what a phrase can be; its value says which. A phrase can have several.

    num, scale, round     a number word and its value            qual, qual_after      a qualifier and its class
    vague                 a vague word (its table entry)         increment             `another`, `more`
    harm.F, undergo.F     an outcome's verb in form F            state                 `dead`, `in hospital`: an outcome
    counted, whose, toll  an outcome's nouns                     person, modifier      a group of people
    thing, animal         what is not people                     unit, identifier      what makes a number no count
    month, weekday        the calendar                           word tags             `be`, `have`, `prep` … as named
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from extract.grammar import Grammar
from extract.name_patterns import NamePatterns
from extract.spelling import conjugated, spelled_set
from extract.units import PLAIN, Tags, Unit
from extract.writing import Writing

NOTHING = re.compile(r"(?!)")
MARKS = re.compile(r"[^\w\s]")
# Sections whose keys are the values of one tag.
VALUED = {
    "vague": "vague",
    "vague_figures": "vague",
    "qualifiers": "qual",
    "qualifiers_after": "qual_after",
    "people": "person",
    "people_by_modifier": "modifier",
    "calendar": "month",
    "weekdays": "weekday",
    "units": "unit",
    "increment": "increment",
    "range": "range",
    "time": "time",
    "say": "say",
    "pronouns": "pronoun",
    "movement": "move",
    "made_prisoner": "made_prisoner",
}


class Lexicon:
    """What one language's data file says, by phrase. Read only."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.writing = Writing(data["writing"])
        self.grammar = Grammar.of(data["grammar"])
        self.names = NamePatterns(data)
        self.function_words = spelled_set(data["function_words"])
        self.abbreviations = spelled_set(data["abbreviations"])
        self.openers = re.compile(rf"(?:{data['openers']})(?!\w)")
        self._sets: dict[tuple[str, str], frozenset[str]] = {}
        self._name_words()
        self._tags: dict[tuple[str, ...], Tags] = {}
        self._outcomes = Cues(spelled_set(data["weak_triggers"]))
        self._numbers = Cues(self.function_words)
        self._fill()
        self._single, self._longer = self._index()
        # what a known phrase can begin with: its tags as a word alone, and the longer ones by their second word
        begins = self._single.keys() | self._longer.keys()
        self.openings = {word: (self._single.get(word, PLAIN), self._longer.get(word)) for word in begins}

    def _name_words(self) -> None:
        """The words that are asked for so often that they must be at hand."""
        self.acronyms = self.words("words", "acronyms")  # words that in capitals are names: WHO
        self.heads = self.words("sources", "heads")
        self.others = tuple(self.words("words", "others"))
        plain = self.words("say", "neutral") - self.words("say", "weak")
        says = plain | self.words("say", "to_listener") | self.words("say", "according") | self.words("say", "adding")
        # words by which somebody speaks in a sentence without a figure, so that a later one can be theirs
        self.voicing = frozenset(word for words in says for word in words.split()) - self.function_words
        forms = (form for form in self.data["captivity"] if form.startswith("harm."))
        held = ((verb, form) for form in forms for verb in self.words("captivity", form))
        self.held = dict(held)  # verbs of holding that tell of captives in some texts, with their form
        self.moving = self.words("flight", "verbs")  # of going, that tell of people in flight
        self.demonyms = tuple(self.words("person_shape", "demonyms"))
        self.person_endings = tuple(self.words("person_shape", "endings"))
        self.opens_scale = self.grammar.half | self.grammar.scale_articles
        self.begins_number = self.opens_scale | self.grammar.opening_scales

    def pattern(self, section: str, key: str) -> re.Pattern[str]:
        """The phrases of `section.key` as one pattern over lower-case text; it matches nothing where there are none."""
        phrases = sorted(spelled_set(self.data[section][key]), key=len, reverse=True)
        if not phrases:
            return NOTHING
        return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in phrases) + r")(?!\w)")

    def words(self, section: str, key: str) -> frozenset[str]:
        """The phrases of `section.key` as a set."""
        found = self._sets.get((section, key))
        if found is None:
            found = self._sets[section, key] = spelled_set(self.data[section][key])
        return found

    def singular(self, word: str) -> str:
        """`word` without its plural ending."""
        return next((word[: -len(end)] for end in self.grammar.plural if word.endswith(end)), word)

    def is_head(self, word: str) -> bool:
        """Whether `word`, or what it is the plural of, can head the name of a source."""
        return word in self.heads or self.singular(word) in self.heads

    def is_thing(self, word: str) -> bool:
        """Whether a word names things that are counted, and no people: `shelters`."""
        return self._single.get(word, PLAIN).get("thing") == "thing"

    def match(self, tokens: list[Unit], at: int) -> tuple[int, Tags]:
        """How many tokens from `at` on are the longest known phrase (at least 1), and its tags."""
        first = tokens[at]
        opening = self.openings.get(first.low)
        if opening is None or (first.low in self.acronyms and first.text.isupper()):
            return 1, PLAIN
        alone, longer = opening
        if longer is not None and at + 1 < len(tokens):
            for words, tags in longer.get(tokens[at + 1].low, ()):
                size = len(words)
                if size == 2 or tuple([token.low for token in tokens[at : at + size]]) == words:
                    return size, tags
        return 1, alone

    def may_state(self, words: set[str], text: str) -> bool:
        """Whether a sentence (its words and itself, in lower case) has a word or phrase of an outcome."""
        return self._outcomes.stand_in(words, text)

    def may_count(self, words: set[str], text: str) -> bool:
        """Whether a sentence has a number word."""
        return self._numbers.stand_in(words, text)

    def _index(self) -> tuple[dict[str, Tags], dict[str, dict[str, list[tuple[tuple[str, ...], Tags]]]]]:
        """The phrases by their first word, and the longer ones by their second as well, longest first."""
        single = {words[0]: tags for words, tags in self._tags.items() if len(words) == 1}
        longer: dict[str, dict[str, list[tuple[tuple[str, ...], Tags]]]] = {}
        for words, tags in sorted(self._tags.items(), key=lambda row: -len(row[0])):
            if len(words) > 1:
                longer.setdefault(words[0], {}).setdefault(words[1], []).append((words, tags))
        return single, longer

    def _fill(self) -> None:
        for section, key, tag, value in self._rows():
            for phrase in spelled_set(self.data[section][key]):
                self._add(phrase, tag, value)
        for outcome, words in self.data["outcome"].items():
            self._fill_outcome(outcome, words)
        for written in self.data["made_prisoner"].values():
            for phrase in spelled_set(written):
                self._trigger(phrase)
        self._fill_numbers()
        for key in ("lose", "wound", "refuge", "away", "hospital", "custody"):
            for phrase in spelled_set(self.data["words"][key]):
                self._trigger(phrase)
        self._fill_number_words()

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        for section, tag in VALUED.items():
            for key in self.data[section]:
                yield section, key, tag, key
        for key in self.data["words"]:
            yield "words", key, key, key
        yield "things", "nouns", "thing", "thing"
        yield "things", "animals", "thing", "animal"
        yield "things", "identifiers", "identifier", "identifier"
        yield "previous", "before", "older", "older"
        yield "total_words", "count", "total", "total"
        yield "say", "according", "according", "according"

    def _fill_outcome(self, outcome: str, words: Mapping[str, Any]) -> None:
        for kind in ("harm", "undergo"):
            for line in words[kind]:
                for form, phrase in conjugated(line, self.data["paradigms"]):
                    self._add(phrase, f"{kind}.{form}", outcome)
                    self._trigger(phrase)
        for kind in ("state", "counted", "of", "toll"):
            for phrase in spelled_set(words[kind]):
                self._add(phrase, "whose" if kind == "of" else kind, outcome)
                self._trigger(phrase)

    def _fill_numbers(self) -> None:
        for word, number in self.data["numbers"].items():
            self._add(word, "num", number)
        for word, number in self.data["scales"].items():
            self._add(word, "scale", number)
        for words, number in self.data["round_numbers"].items():
            for phrase in spelled_set(words):
                self._add(phrase, "num", number)
                self._add(phrase, "round", number)

    def _fill_number_words(self) -> None:
        """What may be a number; an article only with a noun that it counts, for it stands in most sentences."""
        articles = self.grammar.article_numbers
        counted = [words for words, tags in self._tags.items() if "counted" in tags and len(words) == 1]
        ones = [*counted, *((noun,) for noun in self.grammar.counted_ones)]
        for words, tags in self._tags.items():
            if words[0] in articles and len(words) == 1:
                for noun in ones:
                    self._numbers.add((*words, *noun))
            elif tags.keys() & {"num", "scale", "vague", "copy", "vague_figures"}:
                self._numbers.add(words)

    def _trigger(self, phrase: str) -> None:
        self._outcomes.add(self.writing.phrase(phrase))

    def _add(self, phrase: str, tag: str, value: object) -> None:
        words = self.writing.phrase(phrase)
        self._tags.setdefault(words, {}).setdefault(tag, value)


class Cues:
    """Words and phrases looked for quickly: single words as a set, longer ones by their longest word first."""

    def __init__(self, weak: frozenset[str]) -> None:
        self.weak = weak  # words too common to be looked for by themselves
        self.single: set[str] = set()
        self.phrases: set[tuple[str, ...]] = set()

    def add(self, words: tuple[str, ...]) -> None:
        """Adds a word or a phrase."""
        if len(words) == 1:
            self.single.update(set(words) - self.weak)
        else:
            self.phrases.add(words)

    @cached_property
    def _longer(self) -> dict[str, list[str]]:
        """The phrases without a word that is looked for by itself, by their longest word."""
        longer: dict[str, list[str]] = {}
        for words in self.phrases:
            plain = MARKS.sub(" ", " ".join(words)).split()  # as the text is when it is looked through
            if plain and self.single.isdisjoint(words):
                longer.setdefault(max(plain, key=len), []).append(" ".join(plain))
        return longer

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(self._longer)

    def stand_in(self, words: set[str], text: str) -> bool:
        """Whether one of them stands in a sentence, given its words and itself in lower case."""
        if not words.isdisjoint(self.single):
            return True
        keys = words & self._keys
        return bool(keys) and any(phrase in text for key in keys for phrase in self._longer[key])

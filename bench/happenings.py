"""A made happening, told article by article: several bodies count, outlets copy each other, articles are edited.

The claims of a text are known without reading it: each kind of sentence is read once, with numbers of its own, and the
claims are shifted to where they stand. `tests/test_bench.py` holds them against the reader's.
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate

from bench.stories import COPIES, KINDS, SENTENCES, SYLLABLES
from extract.claims import read_claims
from model import Article, Claim, Reading

EDITS = 0.08  # of all texts: a later one of the same article
_MOVES = 0.15  # of all numbers that a body gives again
VOCABULARY = 100_000
_SLOTS_A_WORD = 10  # over so many the words are dealt by Zipf's law: the last of them has about one
_SHORT = 400  # words, the most usual, of two syllables
_ENDS = 0.055  # of all words are a sentence's last
_CHARACTERS = (2_300, 4_300)  # below the head
_LETTERS_A_WORD = 7.5  # with the space behind it, as Zipf deals them
_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)

_BODIES = (
    "{district} health ministry",
    "{district} Rights Monitor",
    "{district} Civil Defence",
    "Red Cross of {district}",
    "{district} Relief Council",
)
_HEADLINES = (
    "{Kind} in {place} kills {n}",
    "Death toll of {place} {kind} rises to {n}",
    "{place} {kind}: at least {n} dead, {body} says",
)
_LEADS = (
    "At least {n} people were killed and {m} injured in the {place} {kind}, the {body} said.",
    "The death toll from the {kind} in {place} rose to {n}, with {m} wounded, according to the {body}.",
    "The {body} said that {n} people had died and {m} had been wounded in the {kind} at {place}.",
    "{m} people were hurt and {n} died when the {kind} struck {place}, the {body} said.",
)
_MORE = (
    "{n} children and {m} women were among the dead, the {body} said.",
    "{n} people were displaced and {m} were missing in {place}, according to the {body}.",
    "The {body} said that {n} civilians and {m} soldiers had been killed.",
    "{n} medics and {m} journalists were injured, the {body} said.",
    "As many as {n} people may have died and {m} may have been injured in {place}, the {body} said.",
)
_NUMBER = re.compile(r"\{([nm])\}")
_SAMPLE = {"n": 37, "m": 52}


class Prose:
    """Endless text of made words, as seldom and as often as a language's."""

    def __init__(self, chance: random.Random, *, vocabulary: int = VOCABULARY) -> None:
        self._random = chance
        words: dict[str, None] = {}
        slots = _SLOTS_A_WORD * vocabulary
        while len(words) < vocabulary:
            syllables = 2 if len(words) < _SHORT else chance.choice((3, 3, 4))
            words["".join(chance.choices(SYLLABLES, k=syllables))] = None
        self._words = list(words)  # the most usual first
        until = list(accumulate(1 / rank for rank in range(1, vocabulary + 1)))
        dealt = [self._words[bisect(until, (slot + 0.5) / slots * until[-1])] for slot in range(slots)]
        for slot in range(0, slots, round(1 / _ENDS)):
            dealt[slot] += "."
        beside = chance.sample(dealt, slots)
        self._pairs = [f"{one} {other}" for one, other in zip(dealt, beside, strict=True)]

    def paragraph(self) -> str:
        """As much as stands below an article's head."""
        k = int(self._random.uniform(*_CHARACTERS) / (2 * _LETTERS_A_WORD))
        return " ".join(self._random.choices(self._pairs, k=k))

    def body(self, place: str) -> str:
        """What stands below an article's head: a few sentences about a place, and a paragraph."""
        names = [f"{place} {word.capitalize()}" for word in self.some(4)]
        sentences = (
            self._random.choice(SENTENCES).format(
                place=place,
                a=self._random.choice(names),
                b=self._random.choice(names),
                **dict(zip("vwxyz", self.some(5), strict=True)),
            )
            for _ in range(3)
        )
        return "\n".join((*sentences, self.paragraph()))

    def some(self, k: int) -> list[str]:
        """`k` words, each as likely as another."""
        return self._random.choices(self._words, k=k)


@lru_cache(maxsize=4096)
def _claims_of(sentence: str) -> tuple[tuple[str, Claim], ...]:
    """The claims of a sentence that still has its {n} and {m}, read with numbers of our own, each with its letter."""
    said, places = _said(sentence, _SAMPLE)
    letters = {start: letter for letter, (start, _) in places.items()}
    return tuple((letters[claim.start], claim) for claim in read_claims(said, published=_AT, language="en"))


@lru_cache(maxsize=4096)
def _pieces(sentence: str) -> tuple[str, ...]:
    return tuple(_NUMBER.split(sentence))


def _said(sentence: str, numbers: dict[str, int]) -> tuple[str, dict[str, tuple[int, int]]]:
    """A sentence with its numbers, and where each stands."""
    said, places = "", {}
    for i, piece in enumerate(_pieces(sentence)):
        if i % 2:
            number = f"{numbers[piece]:,}"
            places[piece] = len(said), len(said) + len(number)
            said += number
        else:
            said += piece
    return said, places


def _shifted(bound: int | None, by: int) -> int | None:
    return None if bound is None else bound + by


@dataclass(slots=True)
class _Draft:
    """A text as far as it is written, with its claims."""

    text: str = ""
    claims: tuple[Claim, ...] = ()

    def add(self, sentence: str, numbers: dict[str, int]) -> None:
        """A sentence more, on a line of its own."""
        begin = len(self.text)
        said, places = _said(sentence, numbers)
        for letter, claim in _claims_of(sentence):
            (start, end), by = places[letter], numbers[letter] - _SAMPLE[letter]
            found = replace(
                claim,
                start=begin + start,
                end=begin + end,
                phrase=said[start:end],
                low=_shifted(claim.low, by),
                high=_shifted(claim.high, by),
                sentence_start=begin,
                sentence_end=begin + len(said),
            )
            self.claims += (found,)
        self.text += said + "\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A text with its claims; `body` is what stands below the head, the same object in all that copy it."""

    reading: Reading
    body: str


class Happening:
    """One happening at a place; the bodies that count are those of a district."""

    def __init__(
        self, place: str, district: str, *, chance: random.Random, prose: Prose, outlets: Sequence[str]
    ) -> None:
        self.place, self.district = place, district
        self._random, self._prose, self._outlets = chance, prose, outlets
        self._kind = chance.choice(KINDS)
        self._bodies = chance.sample(_BODIES, 3)
        self._size = chance.paretovariate(0.8) * 3
        self._counts: dict[tuple[str, str], dict[str, int]] = {}
        self._last: list[Told] = []
        self._number = 0

    def tell(self, moment: datetime) -> Told:
        """The next text: a new article, a copy of one, or a later text of one."""
        chance = self._random.random()
        if self._last and chance < EDITS:
            told = self._edited(self._random.choice(self._last), moment)
        elif self._last and chance < EDITS + COPIES:
            told = self._copied(self._random.choice(self._last), moment)
        else:
            told = self._written(self._url(), self._prose.body(self.place), moment)
        self._last = [*self._last[-7:], told]
        return told

    def _url(self) -> str:
        self._number += 1
        outlet = self._random.choice(self._outlets)
        return f"https://{outlet}/{self.place.lower()}-{self.district.lower()}/{self._number}"

    def _filled(self, sentence: str, body: str) -> str:
        said = sentence.replace("{place}", self.place).replace("{kind}", self._kind).replace("{body}", body)
        return said.replace("{Kind}", self._kind.capitalize()).replace("{district}", self.district)

    def _numbers(self, key: tuple[str, str]) -> dict[str, int]:
        numbers = self._counts.get(key)
        if numbers is None or self._random.random() < _MOVES:
            before = numbers or {letter: int(self._size * self._random.uniform(0.6, 3)) + 2 for letter in "nm"}
            step = 1 if numbers is None else self._random.uniform(1, 1.3)
            numbers = self._counts[key] = {letter: int(n * step) + 1 for letter, n in before.items()}
        return numbers

    def _written(self, url: str, body: str, moment: datetime) -> Told:
        who = self._filled(self._random.choice(self._bodies), "")
        toll = self._numbers((who, "lead"))
        draft = _Draft()
        draft.add(self._filled(self._random.choice(_HEADLINES), who), toll)
        title = draft.text.rstrip("\n")
        draft.add(self._filled(self._random.choice(_LEADS), who), toll)
        for sentence in self._random.sample(_MORE, self._random.choice((0, 1, 2, 2, 2, 3))):
            other = self._filled(self._random.choice(self._bodies), "")
            draft.add(self._filled(sentence, other), self._numbers((other, sentence)))
        return self._told(url, title, draft.text[len(title) + 1 :], body, draft.claims, moment)

    def _copied(self, of: Told, moment: datetime) -> Told:
        """Wire copy under another headline, as aggregators print it."""
        article = of.reading.article
        assert article is not None
        title = f"{self.place}: {' '.join(self._prose.some(3))} after the {self._kind}"
        cut, by = len(article.title), len(title) - len(article.title)
        claims = tuple(
            replace(
                claim,
                start=claim.start + by,
                end=claim.end + by,
                sentence_start=claim.sentence_start + by,
                sentence_end=claim.sentence_end + by,
            )
            for claim in of.reading.claims
            if claim.start > cut
        )
        head = article.text.removesuffix(of.body)
        return self._told(self._url(), title, head, of.body, claims, moment)

    def _edited(self, of: Told, moment: datetime) -> Told:
        assert of.reading.article is not None
        return self._written(of.reading.article.url, of.body, moment)

    def _told(self, url: str, title: str, head: str, body: str, claims: tuple[Claim, ...], moment: datetime) -> Told:
        article = Article(
            url=url, outlet=url.split("/")[2], title=title, text=head + body, published=moment, language="en"
        )
        return Told(reading=Reading(page_url=url, outcome=None, article=article, claims=claims), body=body)

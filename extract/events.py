"""Which event an article belongs to.

An event is known by the names and words of its articles' heads (title and first sentences), by all names in them, by
the figures that they state and by the days on which they say that it happened. An article joins the candidate that it
resembles most, where that is enough. A toll that starts again far below what the event ever had, on another day, is
another happening at the same place. `extract/board.py` finds the candidates.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from math import log, sqrt

from extract.addresses import page_words
from extract.intervals import anchor
from extract.places import countries_in
from extract.words import words_of
from model import Article, Claim, Cue, Outcome, Scope, Who

# The thresholds were set on the annotated streams, where reports of one happening lie at 0.39 and above, those of
# different ones at 0.31 and below, but for second strikes on one place: the day and the toll tell those apart.
WINDOW = timedelta(days=21)  # an event that nobody wrote about for this long is over
JOIN = 0.36  # resemblance at which an article joins an event
JOIN_AGAINST_TOLL = 0.6  # the same where its toll starts again below the event's
JOIN_AGAINST_BOTH = 0.75  # the same where it does, at a place that the event has no word of
JOIN_AGAINST_DAY = 0.9  # the same where it happened on a later day and no figure agrees
JOIN_AGAINST_COUNTRY = 0.9  # the same where it names other countries than the event does
JOIN_AGAINST_PLACE = 0.45  # the same where it happened at a place that the event has no word of
NAMES = 0.6  # what common names add to the resemblance of the heads
MENTION = 0.15  # at which an article may be speaking of the event in passing
AGREEMENT = 0.08  # what each shared figure adds
_TELLING_NUMBER = 10  # a smaller number may agree by chance
_AGREEMENTS_COUNTED = 3
_OF_PAGE = 3.0  # the weight of a word by which a live page is called, for an entry that names no place: a title's name
_STARTS_AGAIN = 0.5  # of the highest toll known
_SAME_DAY = timedelta(days=1)  # time zones, nights
_KNOWN_EVERYWHERE = 50  # events that a word may occur in and still tell something
_SAYING_REACH = 8  # words between a verb of saying and its day ("published the names in the early hours of Saturday")
_NAMED_IN = 3_000  # characters of a text that are searched for names: what stands far below is background
_NAMES_KEPT = 80  # of an article, its first: those far below are of others; a list of names must not become a query
_SHORT = 3  # letters of the words that may stand between `in` and the name: "in the town of Orle"
_HEAD_SENTENCES = 2
_HEAD_LIMIT = 700  # characters of the body that still are its head

_TOKEN = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
# Capitalised in the middle of a sentence, or in capitals of four letters and more anywhere (a dateline). The letter is
# looked for first and what stands before it then: faster than the other way round.
_NAME = re.compile(
    r"[A-ZÀ-ÖØ-ÞА-ЯЁ](?:(?<=[^.!?:\s“\"][ \u00a0].)|(?<=[(‘/–—-].)|(?=[A-ZÀ-ÖØ-ÞА-ЯЁ]{3}))[^\W\d_]*(?:[’'-][^\W\d_]+)*"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’]?\s+(?=[\"“A-ZÀ-ÖØ-Þ])|\n")


Stated = tuple[Outcome, Who, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What an article is matched by: weighted keys of its head, all its names, its figures, and its day.

    `opening` is the toll that it leads with, by outcome and group; `revises` that it speaks of a lowered or corrected
    count; `day` the day on which it says that it happened, where it says so; `places` the names of where;
    `context` its background figures; `countries` (ISO 3166-1 codes) those that its head names.
    """

    keys: Mapping[str, float]
    names: tuple[str, ...]  # each once; a set of eighty takes ten times the room, and events hold many profiles
    figures: frozenset[Stated]
    opening: Mapping[tuple[Outcome, Who], int]
    revises: bool
    day: date | None
    places: frozenset[str] = frozenset()
    context: frozenset[Stated] = frozenset()
    countries: frozenset[str] = frozenset()


@lru_cache(maxsize=4)  # everything that is asked of one article asks for it
def head(article: Article) -> tuple[str, str]:
    """The title and the first sentences of the body."""
    sentences = [s for s in _SENTENCE_END.split(article.text[:_HEAD_LIMIT]) if len(s) > 30]
    return article.title, " ".join(sentences[:_HEAD_SENTENCES])


@lru_cache(maxsize=4)
def _head_words(article: Article) -> tuple[list[str], list[str]]:
    """The words of the title and of the first sentences, as they stand."""
    title, lead = head(article)
    return _TOKEN.findall(title), _TOKEN.findall(lead)


def _names(text: str) -> list[str]:
    """Words that are names, as often as they stand."""
    return [word.casefold() for word in _NAME.findall(text)]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """The word without its plural or possessive ending; each is one object, for thousands of events hold it."""
    word = re.sub(r"['’]s$", "", word)
    return sys.intern(word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word)


def keys_of(article: Article, common_words: frozenset[str]) -> dict[str, float]:
    """The weighted keys of an article's head; names weigh more than words, the title more than the text."""
    weights: dict[str, float] = {}
    names = {_stem(name) for name in _names(article.text[:_HEAD_LIMIT])}
    for words, weight in zip(_head_words(article), (1.5, 1.0), strict=True):
        for word in words:
            key = _stem(word.casefold())
            if len(key) > 2 and key not in common_words:
                weights[key] = max(weights.get(key, 0.0), weight * (2.0 if key in names else 1.0))
    of_page = page_words(article.url)
    if of_page and not places_of(article):  # "Nine are dead now": where, the reader of the page knows
        weights |= {_stem(word): _OF_PAGE for word in of_page if word not in common_words}
    return weights


def happening_day(article: Article) -> date | None:
    """The day on which an article's head says that it happened; the day on which somebody said so does not count."""
    words = words_of(article.language)
    if article.published is None or not words.weekdays:
        return None
    tokens = [word.casefold() for word in _head_words(article)[1]]
    for place, token in enumerate(tokens):
        weekday = token if token in words.weekdays else _stem(token)  # `lunes` is no plural
        if weekday in words.weekdays and words.saying.isdisjoint(tokens[max(0, place - _SAYING_REACH) : place]):
            published = article.published.date()
            return published - timedelta(days=(published.weekday() - words.weekdays.index(weekday)) % 7)
    return None


def places_of(article: Article) -> frozenset[str]:
    """The names that an article's head gives to where it happened: those that follow `in`, `near` or `hits`."""
    words = words_of(article.language)
    found: set[str] = set()
    for tokens in _head_words(article):
        leads = named = False  # to a place: `in`, with its article and common nouns; then to another: `the Osk town of`
        for word in tokens:
            if word in words.locatives:
                leads, named = True, False
            elif leads and word[0].isupper():
                found.add(_stem(word.casefold()))
                named = True
            elif named:
                leads = word.casefold() in words.localities
            else:
                leads = leads and (word.casefold() in words.common or len(word) <= _SHORT)
    return frozenset(found) - words.common


def profile_of(article: Article, claims: Sequence[Claim], *, of_words: bool = True) -> Profile:
    """What an article is matched by; without `of_words` its figures alone."""
    common = words_of(article.language).common
    stated = [c for c in claims if c.scope is not Scope.BACKGROUND and not c.denied and c.vague is None]
    opening: dict[tuple[Outcome, Who], int] = {}
    below = below_head(article, stated)
    for claim in stated:
        if claim.scope is Scope.TOTAL and claim.subset is None and not claim.hedged and claim.start not in below:
            opening.setdefault((claim.outcome, claim.who), anchor(claim))
    return Profile(
        keys=keys_of(article, common) if of_words else {},
        names=_first_names(article, common) if of_words else (),
        # A number that is denied is still the number that the event is known by.
        figures=frozenset((c.outcome, c.who, anchor(c)) for c in claims if c.denied or c in stated),
        opening=opening,
        revises=any(claim.cue in (Cue.LOWERED, Cue.CORRECTED, Cue.WITHDRAWN) for claim in claims),
        day=happening_day(article) if of_words else None,
        places=places_of(article) if of_words else frozenset(),
        countries=countries_in(" ".join(head(article)), article.language) if of_words else frozenset(),
        context=frozenset(
            (c.outcome, c.who, anchor(c))
            for c in claims
            if c.scope is Scope.BACKGROUND and anchor(c) >= _TELLING_NUMBER
        ),
    )


def _first_names(article: Article, common: frozenset[str]) -> tuple[str, ...]:
    first = islice(dict.fromkeys(map(_stem, _names(article.text[:_NAMED_IN]))), _NAMES_KEPT)
    return tuple(name for name in first if name not in common)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventProfile:
    """What an event is known by: weighted keys of its articles' heads, names in their texts, figures, days.

    `context` holds the figures of other events that its articles recalled, `opening` the highest tolls that they led
    with.
    """

    event: str
    keys: Mapping[str, float]
    names: frozenset[str]
    figures: frozenset[Stated]
    days: frozenset[date]
    context: frozenset[Stated] = frozenset()
    opening: Mapping[tuple[Outcome, Who], int] = field(default_factory=dict)
    countries: frozenset[str] = frozenset()


_RARITIES = tuple(log((_KNOWN_EVERYWHERE + 2) / (count + 1)) for count in range(_KNOWN_EVERYWHERE + 1))


class Rarity(dict[str, float]):
    """How much each key tells (above 0): the fewer of all events it occurs in, the more.

    The weight does not depend on how many events there are: another one must not move those that it has no word of.
    """

    def __missing__(self, key: str) -> float:
        return _RARITIES[0]

    def occurs(self, key: str, events: int) -> None:
        """A key occurs in so many events now."""
        if events:
            self[key] = _RARITIES[min(events, _KNOWN_EVERYWHERE)]
        else:
            self.pop(key, None)


class Likeness:
    """How much one article resembles events: by heads, names and figures."""

    def __init__(self, profile: Profile, rarity: Rarity) -> None:
        self._profile = profile
        self._rarity = rarity
        self._keys = {key: weight * rarity[key] for key, weight in profile.keys.items()}
        self._keys_norm = sqrt(sum(weight * weight for weight in self._keys.values()))
        self._names = frozenset(profile.names)
        self._names_weight = sum([rarity[name] for name in profile.names])

    def to(self, event: EventProfile) -> float:
        """The resemblance to an event's articles; what belongs together lies above JOIN."""
        agreeing = min(_AGREEMENTS_COUNTED, len(_agreeing(self._profile, event)))
        return self._heads(event) + NAMES * self._common_names(event) + AGREEMENT * agreeing

    def _heads(self, event: EventProfile) -> float:
        """Cosine of the heads, 0 to 1."""
        rarity = self._rarity
        dot = sum(weight * event.keys[key] * rarity[key] for key, weight in self._keys.items() if key in event.keys)
        if not dot:
            return 0.0
        return dot / (self._keys_norm * sqrt(sum([(weight * rarity[key]) ** 2 for key, weight in event.keys.items()])))

    def _common_names(self, event: EventProfile) -> float:
        """How many names of the one that has fewer stand in the other too, 0 to 1."""
        both = self._names & event.names
        if not both:
            return 0.0
        rarity = self._rarity
        of_event = sum([rarity[name] for name in event.names])
        return sum([rarity[name] for name in both]) / min(self._names_weight, of_event)


def _agreeing(profile: Profile, event: EventProfile) -> frozenset[Stated]:
    return frozenset(stated for stated in profile.figures & event.figures if stated[2] >= _TELLING_NUMBER)


def starts_again(profile: Profile, event: EventProfile) -> bool:
    """Whether the toll that the article leads with lies far below what the event had, and none of its old numbers."""
    for (outcome, who), number in profile.opening.items():
        known = event.opening.get((outcome, who), 0)
        if number < _STARTS_AGAIN * known and (outcome, who, number) not in event.figures and not profile.revises:
            return True
    return False


def _is_later_day(profile: Profile, event: EventProfile) -> bool:
    """Whether it happened after all that the event is known for; an earlier day may be where the event began."""
    return profile.day is not None and all(profile.day - day > _SAME_DAY for day in event.days)


def _is_elsewhere(profile: Profile, event: EventProfile) -> bool:
    """Whether it happened at a place that the event has no word of."""
    return any(place not in event.names and place not in event.keys for place in profile.places)


def needed(profile: Profile, event: EventProfile) -> float | None:
    """The resemblance at which the article would join the event, None where it never does."""
    again, later_day = starts_again(profile, event), _is_later_day(profile, event)
    if again and later_day:
        return None
    if again:
        return JOIN_AGAINST_BOTH if _is_elsewhere(profile, event) else JOIN_AGAINST_TOLL
    if _agreeing(profile, event):
        return JOIN
    if later_day:
        return JOIN_AGAINST_DAY
    if profile.countries and event.countries and profile.countries.isdisjoint(event.countries):
        return JOIN_AGAINST_COUNTRY
    return JOIN_AGAINST_PLACE if _is_elsewhere(profile, event) else JOIN


def below_head(article: Article, claims: Sequence[Claim]) -> dict[int, Stated]:
    """What the claims below an article's head state, by where they start; what stands in the head is its own."""
    title, lead = head(article)
    head_end = len(title) + 1 + max(0, article.text.find(lead[-40:])) + 40
    return {c.start: (c.outcome, c.who, anchor(c)) for c in claims if c.start >= head_end}


def of_other_events(
    below: Mapping[int, Stated], own: EventProfile | None, others: Sequence[EventProfile]
) -> frozenset[int]:
    """The places of claims that tell another event's figure: numbers that another is known by, and this one is not.

    What an earlier article recalled of another event is that one's here too.

    `below` is what stands below the article's head; `others` are the events that the article resembles a little.
    """
    elsewhere = frozenset(stated for event in others for stated in event.figures)
    here = own.figures if own is not None else frozenset[Stated]()
    elsewhere |= own.context if own is not None else frozenset[Stated]()
    return frozenset(start for start, stated in below.items() if stated in elsewhere and stated not in here)


def choose(profile: Profile, candidates: Mapping[str, tuple[float, EventProfile]]) -> str | None:
    """The event that an article joins, None where it opens one of its own.

    `candidates` hold how much the article resembles each event, and what that is known by.
    """
    fit = [(score, event) for event, (score, known) in candidates.items() if _joins(profile, known, score)]
    return max(fit, key=lambda one: one[0])[1] if fit else None


def _joins(profile: Profile, event: EventProfile, score: float) -> bool:
    threshold = needed(profile, event)
    return threshold is not None and score >= threshold

"""Which event an article belongs to.

An event is known by the names and words of its articles' heads (title and first sentences), by all names in them, by
the figures that they state and by the days on which they say that it happened. An article joins the candidate that it
resembles most, where that is enough. A toll that starts again far below what the event ever had, on another day, is
another happening at the same place. The archive finds the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from math import log, sqrt

from extract.intervals import anchor
from extract.words import words_of
from model import Article, Claim, Cue, EventProfile, Outcome, Scope, Who

# The thresholds were set on the annotated streams, where reports of one happening lie at 0.39 and above, those of
# different ones at 0.31 and below, but for second strikes on one place: the day and the toll tell those apart.
WINDOW = timedelta(days=21)  # an event that nobody wrote about for this long is over
JOIN = 0.36  # resemblance at which an article joins an event
JOIN_AGAINST_TOLL = 0.6  # the same where its toll starts again below the event's
JOIN_AGAINST_DAY = 0.9  # the same where it happened on a later day and no figure agrees
NAMES = 0.6  # what common names add to the resemblance of the heads
MENTION = 0.15  # at which an article may be speaking of the event in passing
AGREEMENT = 0.08  # what each shared figure adds
_TELLING_NUMBER = 10  # a smaller number may agree by chance
_AGREEMENTS_COUNTED = 3
_STARTS_AGAIN = 0.5  # of the highest toll known
_SAME_DAY = timedelta(days=1)  # time zones, nights
_SAYING_REACH = 8  # words between a verb of saying and its day ("published the names in the early hours of Saturday")
_NAMES_KEPT = 300  # the longest of real articles has about as many; a list of names must not become a query of 30,000
_CONTEXT = 40  # characters before a word that tell whether it begins a sentence
_HEAD_SENTENCES = 2
_HEAD_LIMIT = 700  # characters of the body that still are its head

_TOKEN = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’]?\s+(?=[\"“A-ZÀ-ÖØ-Þ])|\n")


Stated = tuple[Outcome, Who, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What an article is matched by: weighted keys of its head, all its names, its figures, and its day.

    `opening` is the toll that it leads with, by outcome and group; `revises` that it speaks of a lowered or corrected
    count; `day` the day on which it says that it happened, where it says so.
    """

    keys: Mapping[str, float]
    names: frozenset[str]
    figures: frozenset[Stated]
    opening: Mapping[tuple[Outcome, Who], int]
    revises: bool
    day: date | None


def head(article: Article) -> tuple[str, str]:
    """The title and the first sentences of the body."""
    sentences = [s for s in _SENTENCE_END.split(article.text[:_HEAD_LIMIT]) if len(s) > 30]
    return article.title, " ".join(sentences[:_HEAD_SENTENCES])


def _names(text: str) -> Iterable[str]:
    """Words that are names: capitalised in the middle of a sentence, or in capitals at its start (a dateline)."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        starts = (
            match.start() == 0 or text[max(0, match.start() - _CONTEXT) : match.start()].rstrip()[-1:] in '.!?:\n“"'
        )
        if word[0].isupper() and (not starts or (word.isupper() and len(word) > 3)):
            yield word.casefold()


def _stem(word: str) -> str:
    """The word without its plural or possessive ending."""
    word = re.sub(r"['’]s$", "", word)
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def keys_of(article: Article, common_words: frozenset[str]) -> dict[str, float]:
    """The weighted keys of an article's head; names weigh more than words, the title more than the text."""
    title, lead = head(article)
    weights: dict[str, float] = {}
    names = {_stem(name) for name in (*_names(lead), *_names(article.text[:_HEAD_LIMIT]))}
    for text, weight in ((title, 1.5), (lead, 1.0)):
        for match in _TOKEN.finditer(text):
            key = _stem(match.group().casefold())
            if len(key) > 2 and key not in common_words:
                weights[key] = max(weights.get(key, 0.0), weight * (2.0 if key in names else 1.0))
    return weights


def happening_day(article: Article) -> date | None:
    """The day on which an article's head says that it happened; the day on which somebody said so does not count."""
    words = words_of(article.language)
    if article.published is None or not words.weekdays:
        return None
    _, lead = head(article)
    tokens = [match.group().casefold() for match in _TOKEN.finditer(lead)]
    for place, token in enumerate(tokens):
        weekday = token if token in words.weekdays else _stem(token)  # `lunes` is no plural
        if weekday in words.weekdays and words.saying.isdisjoint(tokens[max(0, place - _SAYING_REACH) : place]):
            published = article.published.date()
            return published - timedelta(days=(published.weekday() - words.weekdays.index(weekday)) % 7)
    return None


def profile_of(article: Article, claims: Sequence[Claim]) -> Profile:
    """What an article is matched by."""
    common = words_of(article.language).common
    stated = [c for c in claims if c.scope is not Scope.BACKGROUND and not c.denied and c.vague is None]
    opening: dict[tuple[Outcome, Who], int] = {}
    for claim in stated:
        if claim.scope is Scope.TOTAL and claim.subset is None and not claim.hedged:
            opening.setdefault((claim.outcome, claim.who), anchor(claim))
    return Profile(
        keys=keys_of(article, common),
        names=frozenset(islice(dict.fromkeys(map(_stem, _names(article.text))), _NAMES_KEPT)) - common,
        # A number that is denied is still the number that the event is known by.
        figures=frozenset((c.outcome, c.who, anchor(c)) for c in claims if c.denied or c in stated),
        opening=opening,
        revises=any(claim.cue in (Cue.LOWERED, Cue.CORRECTED, Cue.WITHDRAWN) for claim in claims),
        day=happening_day(article),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Rarity:
    """How much a key tells: the fewer of all events it occurs in, the more."""

    counts: Mapping[str, int]
    events: int

    def of(self, key: str) -> float:
        """The weight of a key, above 0."""
        return log((self.events + 12) / (self.counts.get(key, 0) + 1))


def _heads(profile: Profile, event: EventProfile, rarity: Rarity) -> float:
    """Cosine of the heads, 0 to 1."""
    ours = {key: weight * rarity.of(key) for key, weight in profile.keys.items()}
    theirs = {key: weight / event.articles * rarity.of(key) for key, weight in event.keys}
    dot = sum(weight * theirs.get(key, 0.0) for key, weight in ours.items())
    norm = sqrt(sum(w * w for w in ours.values())) * sqrt(sum(w * w for w in theirs.values()))
    return dot / norm if norm else 0.0


def _common_names(profile: Profile, event: EventProfile, rarity: Rarity) -> float:
    """How many names of the one that has fewer stand in the other too, 0 to 1."""

    def weight(names: Iterable[str]) -> float:
        return sum(map(rarity.of, names))

    least = min(weight(profile.names), weight(event.names))
    return weight(profile.names & event.names) / least if least else 0.0


def _agreeing(profile: Profile, event: EventProfile) -> frozenset[Stated]:
    return frozenset(stated for stated in profile.figures & event.figures if stated[2] >= _TELLING_NUMBER)


def resemblance(profile: Profile, event: EventProfile, rarity: Rarity) -> float:
    """How much an article resembles an event's articles: heads, names and figures."""
    agreeing = min(_AGREEMENTS_COUNTED, len(_agreeing(profile, event)))
    names = _common_names(profile, event, rarity)
    return _heads(profile, event, rarity) + NAMES * names + AGREEMENT * agreeing


def starts_again(profile: Profile, event: EventProfile) -> bool:
    """Whether the toll that the article leads with lies far below what the event had, and none of its old numbers."""
    for (outcome, who), number in profile.opening.items():
        known = [n for o, w, n in event.figures if (o, w) == (outcome, who)]
        if known and number not in known and number < _STARTS_AGAIN * max(known) and not profile.revises:
            return True
    return False


def _is_later_day(profile: Profile, event: EventProfile) -> bool:
    """Whether it happened after all that the event is known for; an earlier day may be where the event began."""
    return profile.day is not None and all(profile.day - day > _SAME_DAY for day in event.days)


def needed(profile: Profile, event: EventProfile) -> float | None:
    """The resemblance at which the article would join the event, None where it never does."""
    again, later_day = starts_again(profile, event), _is_later_day(profile, event)
    if again and later_day:
        return None
    if again:
        return JOIN_AGAINST_TOLL
    return JOIN_AGAINST_DAY if later_day and not _agreeing(profile, event) else JOIN


def of_other_events(
    article: Article, claims: Sequence[Claim], own: EventProfile | None, others: Sequence[EventProfile]
) -> frozenset[Claim]:
    """The claims that tell another event's figure: numbers that another event is known by, and this one is not.

    What stands in an article's head is its own. `others` are the candidates that the article resembles a little.
    """
    title, lead = head(article)
    head_end = len(title) + 1 + max(0, article.text.find(lead[-40:])) + 40
    elsewhere = frozenset(stated for event in others for stated in event.figures)
    here = own.figures if own is not None else frozenset[Stated]()
    return frozenset(
        claim
        for claim in claims
        if claim.start >= head_end and (claim.outcome, claim.who, anchor(claim)) in elsewhere - here
    )


def choose(profile: Profile, candidates: Sequence[EventProfile], rarity: Rarity) -> EventProfile | None:
    """The event that an article joins, None where it opens one of its own."""
    best: tuple[float, EventProfile] | None = None
    for event in candidates:
        threshold = needed(profile, event)
        score = resemblance(profile, event, rarity)
        if threshold is not None and score >= threshold and (best is None or score > best[0]):
            best = (score, event)
    return None if best is None else best[1]

"""Which event an article belongs to.

An event is known by the names and words of its articles' heads (title and first sentences) and by the figures that
they state. An article joins the candidate that its own head resembles most, where that is enough; figures that
agree count for joining, a toll that starts again far below counts against it. The archive finds the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log, sqrt

from extract.intervals import anchor
from model import Article, Claim, Cue, EventProfile, Outcome, Scope

WINDOW = timedelta(days=21)  # an event that nobody wrote about for this long is over
JOIN = 0.30  # resemblance at which an article joins an event
JOIN_AGAINST_FIGURES = 0.55  # the same where its toll starts far below the event's
AGREEMENT = 0.12  # what each shared figure adds
_HEAD_SENTENCES = 2
_HEAD_LIMIT = 700  # characters of the body that still are its head

_TOKEN = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’]?\s+(?=[\"“A-ZÀ-ÖØ-Þ])|\n")


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What an article is matched by: weighted keys, and its figures as (outcome, number).

    `opening` is the toll that it leads with, by outcome; `revises` that it speaks of a lowered or corrected count.
    """

    keys: Mapping[str, float]
    figures: frozenset[tuple[Outcome, int]]
    opening: Mapping[Outcome, int]
    revises: bool


def head(article: Article) -> tuple[str, str]:
    """The title and the first sentences of the body."""
    sentences = [s for s in _SENTENCE_END.split(article.text[:_HEAD_LIMIT]) if len(s) > 30]
    return article.title, " ".join(sentences[:_HEAD_SENTENCES])


def _names(text: str) -> Iterable[str]:
    """Words that are names: capitalised in the middle of a sentence, or in capitals at its start (a dateline)."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        starts = match.start() == 0 or text[: match.start()].rstrip()[-1:] in '.!?:\n“"'
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


def profile_of(article: Article, claims: Sequence[Claim], common_words: frozenset[str]) -> Profile:
    """What an article is matched by."""
    totals = [claim for claim in claims if claim.scope is Scope.TOTAL and not claim.denied]
    opening: dict[Outcome, int] = {}
    for claim in totals:
        opening.setdefault(claim.outcome, anchor(claim))
    return Profile(
        keys=keys_of(article, common_words),
        figures=frozenset(
            (c.outcome, anchor(c))
            for c in claims
            if c.scope is not Scope.BACKGROUND and c.vague is None and not c.denied
        ),
        opening=opening,
        revises=any(claim.cue in (Cue.LOWERED, Cue.CORRECTED, Cue.WITHDRAWN) for claim in claims),
    )


def _rarity(key: str, counts: Mapping[str, int], events: int) -> float:
    return log((events + 12) / (counts.get(key, 0) + 1))


def resemblance(profile: Profile, event: EventProfile, counts: Mapping[str, int], events: int) -> float:
    """How much an article's head resembles those of an event's articles, 0 to 1 (cosine, rare keys weigh more)."""
    theirs = {key: weight / event.articles for key, weight in event.keys}
    ours = {key: weight * _rarity(key, counts, events) for key, weight in profile.keys.items()}
    weighted = {key: weight * _rarity(key, counts, events) for key, weight in theirs.items()}
    dot = sum(weight * weighted.get(key, 0.0) for key, weight in ours.items())
    norm = sqrt(sum(w * w for w in ours.values())) * sqrt(sum(w * w for w in weighted.values()))
    return dot / norm if norm else 0.0


def starts_again(profile: Profile, event: EventProfile) -> bool:
    """Whether the toll that the article leads with lies far below all that the event ever had."""
    for outcome, number in profile.opening.items():
        known = [n for o, n in event.figures if o is outcome]
        if known and number < min(known) and not profile.revises:
            return True
    return False


def choose(
    profile: Profile, candidates: Sequence[EventProfile], counts: Mapping[str, int], events: int
) -> EventProfile | None:
    """The event that an article joins, None where it opens one of its own."""
    best: tuple[float, EventProfile] | None = None
    for event in candidates:
        score = resemblance(profile, event, counts, events)
        agreeing = {(o, n) for o, n in profile.figures & event.figures if n > 2}
        needed = JOIN
        if not agreeing and starts_again(profile, event):
            needed = JOIN_AGAINST_FIGURES
        score += AGREEMENT * min(3, len(agreeing))
        if score >= needed and (best is None or score > best[0]):
            best = (score, event)
    return None if best is None else best[1]

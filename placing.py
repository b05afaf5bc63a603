"""Where a text belongs: its event, opened where nothing fits, and which of its figures are of other events."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive import Archive
from extract import events, naming
from extract.intervals import anchor
from model import Article, EventProfile, KnownArticle, KnownText, Reading, Scope, Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One revision while it is taken."""

    article: Article
    article_id: int
    revision_id: int
    known: KnownArticle | None  # what was kept of the article before
    stated: datetime
    seen: datetime
    copied: tuple[KnownText, ...]  # the texts that this one copies, the earliest first
    listed_first: bool  # it was there when its outlet was first looked at


class Placer:
    """Places texts into events. All methods run on the archive's thread, inside its transaction."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def place(self, text: Text, reading: Reading, watches: Sequence[Watch]) -> tuple[str | None, Reading]:
        """The event that the article belongs to, opened where nothing fits; None where it opens none.

        The reading comes back with the figures of other events that it mentions as background.
        """
        knowledge = self._archive.knowledge
        profile = events.profile_of(text.article, reading.claims)
        candidates, rarity = self._candidates(text, profile)
        event = self._known_event(text, reading, watches)
        own = events.choose(profile, candidates, rarity) if event is None else _named(event, candidates)
        event = own.event if event is None and own is not None else event
        reading = _without_others(text.article, reading, own, _mentioned(profile, candidates, rarity, event))
        if event is None and not any(_opens(claim.scope, denied=claim.denied) for claim in reading.claims):
            return None, reading
        if event is None:
            event = _event_id(text.article, text.stated)
            single = next((watch.id for watch in watches if watch.single), None)
            knowledge.open_event(event, naming.name_of(text.article), text.stated, watch=single)
        if knowledge.event_of(text.article_id) is None:
            knowledge.join_event(
                event, text.article_id, keys=profile.keys, names=profile.names, day=profile.day, at=text.stated
            )
        return event, reading

    def _candidates(self, text: Text, profile: events.Profile) -> tuple[list[EventProfile], events.Rarity]:
        keys = sorted({*profile.keys, *profile.names})
        counts, total = self._archive.knowledge.key_counts(keys)
        candidates = self._archive.knowledge.events_like(
            keys, since=text.stated - events.WINDOW, until=text.stated + events.WINDOW
        )
        return candidates, events.Rarity(counts=counts, events=total)

    def _known_event(self, text: Text, reading: Reading, watches: Sequence[Watch]) -> str | None:
        """The event that the article is already in, that its watch holds it to, or that the text it copies is in."""
        knowledge = self._archive.knowledge
        joined = knowledge.event_of(text.article_id)
        if joined is not None:
            return joined
        for watch in watches:
            if watch.single and (only := knowledge.event_of_watch(watch.id)) is not None:
                return only
        said = {(claim.outcome, claim.who, anchor(claim)) for claim in reading.claims}
        for known in text.copied:  # a template that is filled anew each day is no copy: a figure must agree
            if said & {(f.claim.outcome, f.claim.who, anchor(f.claim)) for f in known.figures}:
                return knowledge.event_of_revision(known.revision_id)
        return None


def _named(event: str, candidates: Sequence[EventProfile]) -> EventProfile | None:
    return next((candidate for candidate in candidates if candidate.event == event), None)


def _mentioned(
    profile: events.Profile, candidates: Sequence[EventProfile], rarity: events.Rarity, own: str | None
) -> list[EventProfile]:
    return [
        candidate
        for candidate in candidates
        if candidate.event != own and events.resemblance(profile, candidate, rarity) >= events.MENTION
    ]


def _without_others(
    article: Article, reading: Reading, own: EventProfile | None, others: Sequence[EventProfile]
) -> Reading:
    """The reading with the figures of other events as background."""
    theirs = events.of_other_events(article, reading.claims, own, others)
    claims = (replace(c, scope=Scope.BACKGROUND) if c in theirs else c for c in reading.claims)
    return replace(reading, claims=tuple(claims))


def _event_id(article: Article, stated: datetime) -> str:
    """A permanent id that reads: the day, some words, and a few digits of the address's hash."""
    words = "-".join(re.findall(r"[a-z]+", naming.name_of(article).casefold())[:4])
    return f"{stated:%Y-%m-%d}-{words}-{hashlib.sha256(article.url.encode()).hexdigest()[:6]}"


def _opens(scope: Scope, *, denied: bool) -> bool:
    return scope in (Scope.TOTAL, Scope.PART, Scope.INCREMENT) and not denied

"""The whole walk of one page: read, compare, record, owe.

    Page ──read──▶ Reading ──take──▶ archive
     │   (worker process; pure)        │  one transaction a page:
     │                                 ├─ the text, if it is a new one           Article, Revision
     │   text.read_article             ├─ its claims                             Claim
     │   claims.read_claims            ├─ the event that it belongs to           events.choose
     │                                 ├─ each figure against what is known      compare.decide ▶ Change
     │                                 └─ what that earns                        Teller.owe ▶ Alert, Delivery
     ▼
   an outcome that is counted, whatever happened

`read` needs no archive and runs in a worker process. `Monitor.take` runs on the archive's one thread; what it owes is
committed with what it knows, so that a crash between the two cannot be. Delivery happens later, from what is owed.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive import Archive
from archive.knowledge import text_hash
from extract import echo, events, naming
from extract.compare import Case, EventView, decide, moves_series
from extract.figures import as_echo, echo_key, figures_of, known_as
from extract.intervals import anchor
from extract.watching import watches_of
from model import (
    Article,
    ArticleKind,
    Change,
    EventProfile,
    Figure,
    KnownArticle,
    KnownText,
    Level,
    Page,
    PageOutcome,
    Reading,
    Scope,
    SeriesKey,
    Watch,
)
from telling import Teller, view_of

READER_VERSION = "1"  # changes with what is read out of a text; a difference that only it explains is no news

_CHATTY = ("trafilatura", "htmldate", "justext")  # they warn of every page without a text; that is an outcome here

_OUTCOME_OF_KIND = {
    ArticleKind.LIVE: PageOutcome.LIVE_PAGE,
    ArticleKind.NOT_AN_ARTICLE: PageOutcome.NOT_AN_ARTICLE,
    ArticleKind.NO_TEXT: PageOutcome.NO_TEXT,
}


# ------------------------------------------------------------------------------------------------------ read


def read(page: Page, language: str | None) -> Reading:
    """Read one page: its article and the claims of it. `language` is what its outlet writes in by default."""
    from extract.text import read_article  # noqa: PLC0415 - trafilatura takes half a second; only workers need it

    for library in _CHATTY:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    return read_claims_of(page.url, read_article(page, language=language))


def read_claims_of(page_url: str, article: Article) -> Reading:
    """The same from the article on."""
    from extract.claims import read_claims  # noqa: PLC0415
    from extract.languages import available  # noqa: PLC0415

    outcome = _OUTCOME_OF_KIND.get(article.kind)
    if outcome is None and article.language not in available():
        outcome = PageOutcome.NO_READER_FOR_LANGUAGE
    if outcome is not None:
        return Reading(page_url=page_url, outcome=outcome, article=article)
    claims = read_claims(article.reading_text, published=article.published, language=article.language or "en")
    return Reading(page_url=page_url, outcome=None, article=article, claims=claims)


# ------------------------------------------------------------------------------------------------------ take


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of a reading: its counted outcome, the event that it joined, and the verdicts on its figures."""

    outcome: PageOutcome
    detail: str = ""
    event: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Text:
    """One revision while it is taken."""

    article: Article
    article_id: int
    revision_id: int
    known: KnownArticle | None  # what was kept of the article before
    stated: datetime
    seen: datetime
    first: KnownText | None  # the text that this one copies
    listed_first: bool  # it was there when its outlet was first looked at


class Monitor:
    """Takes readings into an archive. All methods run on the archive's thread."""

    def __init__(
        self,
        archive: Archive,
        *,
        watches: Sequence[Watch],
        teller: Teller,
        since: Callable[[str], datetime | None],
    ) -> None:
        """`since` gives the time from which an outlet's articles are told (None: nothing is held back)."""
        self._archive = archive
        self._watches = tuple(watches)
        self._teller = teller
        self._since = since

    def take(self, reading: Reading, *, fetched: datetime, baseline: bool = False) -> Taken:
        """Keep a reading and all that follows from it, in one transaction; the same text twice changes nothing.

        `baseline` marks a page that was there when its outlet was first looked at: it is compared, but not told.
        """
        article = reading.article
        if article is None or reading.outcome in (PageOutcome.NOT_AN_ARTICLE, PageOutcome.NO_TEXT):
            return Taken(outcome=reading.outcome or PageOutcome.NO_TEXT, detail=reading.detail)
        with self._archive.atomic():
            known = self._archive.knowledge.article(article.url)
            if known is not None and known.sha256 == text_hash(article):
                return Taken(outcome=PageOutcome.UNCHANGED, event=self._archive.knowledge.event_of(known.id))
            text = self._keep_text(article, known, reading, fetched=fetched, baseline=baseline)
            new = PageOutcome.NEW_ARTICLE if known is None else PageOutcome.NEW_REVISION
            event, changes = self._compare(text, reading)
            return Taken(outcome=reading.outcome or new, detail=reading.detail, event=event, changes=changes)

    def _keep_text(
        self, article: Article, known: KnownArticle | None, reading: Reading, *, fetched: datetime, baseline: bool
    ) -> _Text:
        knowledge = self._archive.knowledge
        stated = _stated(article, known, fetched)
        sketch = echo.sketch(article)
        article_id, revision_id = knowledge.add_revision(
            article,
            known=known,
            fetched_as=reading.page_url,
            fetched=fetched,
            stated=stated,
            sketch=sketch,
            reader_version=READER_VERSION,
        )
        candidates = knowledge.texts_like(
            echo.keys(sketch), article_id=article_id, since=stated - echo.WINDOW, until=stated
        )
        first = echo.first_of(sketch, candidates)
        knowledge.add_echo_keys(revision_id, echo.keys(sketch), stated)
        if first is not None:
            knowledge.mark_echo(revision_id, first.revision_id)
        return _Text(
            article=article,
            article_id=article_id,
            revision_id=revision_id,
            known=known,
            stated=stated,
            seen=fetched,
            first=first,
            listed_first=baseline,
        )

    def _is_baseline(self, text: _Text, watches: Sequence[Watch]) -> bool:
        """Whether a text is from before anybody asked to be told: a watch's own `since` goes before its outlet's."""
        asked = [watch.since for watch in watches if watch.since is not None]
        since = min(asked) if asked else self._since(text.article.outlet)
        undated = text.article.published is None and text.article.modified is None
        return since is not None and (text.stated < since or (undated and text.listed_first))

    # ------------------------------------------------------------------------------------------------ compare

    def _compare(self, text: _Text, reading: Reading) -> tuple[str | None, tuple[Change, ...]]:
        claim_ids = self._archive.knowledge.add_claims(text.revision_id, reading.claims, READER_VERSION)
        if not reading.claims:
            return None, ()
        taking = watches_of(text.article, self._watches)
        event, reading = self._event(text, reading, taking)
        if event is None:
            return None, ()
        following = self._archive.knowledge.follow(event, [watch.id for watch in taking])
        watches = [watch for watch in self._watches if watch.id in following]
        baseline = self._is_baseline(text, watches)
        decided, view = self._decide_all(text, reading, event, claim_ids, baseline=baseline)
        tell = self._teller.owe_baseline if baseline else self._teller.owe
        tell(decided, view, watches, text.seen)
        return event, tuple(change for _, change in decided)

    def _decide_all(
        self, text: _Text, reading: Reading, event: str, claim_ids: Sequence[int], *, baseline: bool
    ) -> tuple[list[tuple[int, Change]], EventView]:
        """Every figure of the text through the table, in order; what one moves, the next meets."""
        ids = {(claim.start, claim.end): claim_id for claim, claim_id in zip(reading.claims, claim_ids, strict=True)}
        figures = figures_of(
            text.article, reading.claims, stated=text.stated, seen=text.seen, revision_id=text.revision_id
        )
        view = view_of(self._archive, event)
        opens = not any(series.figures for series in view.series.values())
        decided: list[tuple[int, Change]] = []
        for figure in figures:
            change = self._decide(figure, text, view, opens=opens)
            claim_id = ids[figure.claim.start, figure.claim.end]
            change_id, change, view = self._keep_change(change, text, view, claim_id, baseline=baseline)
            decided.append((change_id, change))
        return decided, view

    def _event(self, text: _Text, reading: Reading, watches: Sequence[Watch]) -> tuple[str | None, Reading]:
        """The event that the article belongs to, opened where nothing fits; None where it opens none.

        The reading comes back with the figures of other events that it mentions as background.
        """
        knowledge = self._archive.knowledge
        profile = events.profile_of(text.article, reading.claims)
        candidates, rarity = self._candidates(text, profile)
        event = self._known_event(text, watches)
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

    def _candidates(self, text: _Text, profile: events.Profile) -> tuple[list[EventProfile], events.Rarity]:
        keys = sorted({*profile.keys, *profile.names})
        counts, total = self._archive.knowledge.key_counts(keys)
        candidates = self._archive.knowledge.events_like(keys, since=text.stated - events.WINDOW)
        return candidates, events.Rarity(counts=counts, events=total)

    def _known_event(self, text: _Text, watches: Sequence[Watch]) -> str | None:
        """The event that the article is already in, that its watch holds it to, or that the text it copies is in."""
        knowledge = self._archive.knowledge
        joined = knowledge.event_of(text.article_id)
        if joined is not None:
            return joined
        for watch in watches:
            if watch.single and (only := knowledge.event_of_watch(watch.id)) is not None:
                return only
        return None if text.first is None else knowledge.event_of_revision(text.first.revision_id)

    def _decide(self, figure: Figure, text: _Text, view: EventView, *, opens: bool) -> Change:
        """One figure through the table."""
        figure, is_echo = _under_first_source(figure, text.first)
        figure = known_as(figure, {known.source for known in view.series if known.event == view.event})
        key = _key(view.event, figure)
        before = self._before_edit(figure, text, key)
        edited = before is not None and anchor(before.claim) != anchor(figure.claim)
        figure = replace(figure, edited=edited)
        edited_from = before if edited else None
        return decide(Case(figure=figure, key=key, view=view, is_echo=is_echo, edited_from=edited_from, opens=opens))

    def _before_edit(self, figure: Figure, text: _Text, key: SeriesKey) -> Figure | None:
        """The figure that an earlier revision of the same article gave in this one's place, if it still stands."""
        if text.known is None:
            return None
        earlier = self._archive.knowledge.figures_of(text.known.revision_id)
        same = [f for f in earlier if _key(key.event, f) == key and f.claim.scope is figure.claim.scope]
        return next(iter(same), None)

    def _keep_change(
        self, change: Change, text: _Text, view: EventView, claim_id: int, *, baseline: bool
    ) -> tuple[int, Change, EventView]:
        """Keep a verdict and its figure; returns the change's id, the change, and the view after it."""
        knowledge = self._archive.knowledge
        moves = moves_series(change)
        knowledge.add_source(change.to.source, change.to.party, text.seen)
        figure_id = knowledge.add_figure(
            change.series,
            change.to,
            number=anchor(change.to.claim),
            claim_id=claim_id,
            article_id=text.article_id,
            moves=moves,
        )
        change = replace(change, to=replace(change.to, id=figure_id))
        change_id = knowledge.add_change(change, figure_id=figure_id, baseline=baseline, at=text.seen)
        if moves:
            view = view.with_figure(change.series, change.to)
            current = view.series[change.series].current
            knowledge.set_current(change.series, None if current is None else current.id)
            # What waits for a second sighting was told too, but the series still stands where it stood.
            if change.level is not Level.LOG and current is not None and current.id == figure_id:
                view = view.with_told(change.series, anchor(change.to.claim))
                knowledge.set_told(change.series, anchor(change.to.claim))
        elif change.to.claim.scope is Scope.PART:
            view = replace(view, parts=(*view.parts, change.to))
        return change_id, change, view


# ---------------------------------------------------------------------------------------------- small decisions


def _stated(article: Article, known: KnownArticle | None, fetched: datetime) -> datetime:
    """When this text was published: an edit's own time for an edit, never later than it was fetched."""
    if known is None:
        return min(article.published or article.modified or fetched, fetched)
    times = [t for t in (article.published, article.modified) if t is not None and known.stated < t <= fetched]
    return max(times, default=fetched)


def _opens(scope: Scope, *, denied: bool) -> bool:
    return scope in (Scope.TOTAL, Scope.PART, Scope.INCREMENT) and not denied


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


def _key(event: str, figure: Figure) -> SeriesKey:
    claim = figure.claim
    return SeriesKey(event=event, outcome=claim.outcome, who=claim.who, subset=claim.subset, source=figure.source)


def _under_first_source(figure: Figure, first: KnownText | None) -> tuple[Figure, bool]:
    """The figure under the source of the text that it copies, and whether it is an echo, value and all."""
    if first is None:
        return figure, False
    copied = as_echo(figure, {echo_key(known): known for known in first.figures})
    return (figure, False) if copied is None else (copied, True)

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

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive import Archive
from archive.knowledge import text_hash
from extract import echo
from extract.case import Case, EventView
from extract.compare import decide, moves_series
from extract.figures import as_echo, echo_key, figures_of, known_as
from extract.intervals import anchor
from extract.watching import watches_of
from model import (
    Article,
    ArticleKind,
    Change,
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
from placing import Placer, Text
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
        self._placer = Placer(archive)
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
    ) -> Text:
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
        return Text(
            article=article,
            article_id=article_id,
            revision_id=revision_id,
            known=known,
            stated=stated,
            seen=fetched,
            first=first,
            listed_first=baseline,
        )

    def _is_baseline(self, text: Text, watches: Sequence[Watch]) -> bool:
        """Whether a text is from before anybody asked to be told."""
        undated = text.article.published is None and text.article.modified is None
        return self._is_before(text.stated, text.article.outlet, watches) or (undated and text.listed_first)

    def _is_before(self, stated: datetime, outlet: str, watches: Sequence[Watch]) -> bool:
        """Whether a time lies before `since`: a watch's own goes before its outlet's."""
        asked = [watch.since for watch in watches if watch.since is not None]
        since = min(asked) if asked else self._since(outlet)
        return since is not None and stated < since

    # ------------------------------------------------------------------------------------------------ compare

    def _compare(self, text: Text, reading: Reading) -> tuple[str | None, tuple[Change, ...]]:
        claim_ids = self._archive.knowledge.add_claims(text.revision_id, reading.claims, READER_VERSION)
        if not reading.claims:
            return None, ()
        taking = watches_of(text.article, self._watches)
        event, reading = self._placer.place(text, reading, taking)
        if event is None:
            return None, ()
        watches, missed = self._follow(event, taking)
        baseline = self._is_baseline(text, watches)
        decided, view = self._decide_all(text, reading, event, claim_ids, baseline=baseline)
        told_now = {change.series for _, change in decided if change.level is not Level.LOG}
        missed = [one for one in missed if one[1].series not in told_now]
        tell = self._teller.owe_baseline if baseline else self._teller.owe
        tell([*missed, *decided], view, watches, text.seen)
        return event, tuple(change for _, change in decided)

    def _follow(self, event: str, taking: Sequence[Watch]) -> tuple[list[Watch], list[tuple[int, Change]]]:
        """The watches that follow the event now, and what they missed of it where nobody did before."""
        knowledge = self._archive.knowledge
        before = knowledge.followers(event)
        following = knowledge.follow(event, [watch.id for watch in taking])
        watches = [watch for watch in self._watches if watch.id in following]
        if before or not following:
            return watches, []
        return watches, [
            (change_id, change)
            for change_id, change in knowledge.standing_changes(event)
            if not self._is_before(change.to.published or change.to.seen, change.to.outlet, watches)
        ]

    def _decide_all(
        self, text: Text, reading: Reading, event: str, claim_ids: Sequence[int], *, baseline: bool
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

    def _decide(self, figure: Figure, text: Text, view: EventView, *, opens: bool) -> Change:
        """One figure through the table."""
        figure, is_echo = _under_first_source(figure, text.first)
        figure = known_as(figure, {known.source for known in view.series if known.event == view.event})
        key = _key(view.event, figure)
        before = self._before_edit(figure, text, key)
        edited = before is not None and anchor(before.claim) != anchor(figure.claim)
        figure = replace(figure, edited=edited)
        edited_from = before if edited else None
        return decide(Case(figure=figure, key=key, view=view, is_echo=is_echo, edited_from=edited_from, opens=opens))

    def _before_edit(self, figure: Figure, text: Text, key: SeriesKey) -> Figure | None:
        """The figure that an earlier revision of the same article gave in this one's place, if it still stands."""
        if text.known is None:
            return None
        earlier = self._archive.knowledge.figures_of(text.known.revision_id)
        same = [f for f in earlier if _key(key.event, f) == key and f.claim.scope is figure.claim.scope]
        return next(iter(same), None)

    def _keep_change(
        self, change: Change, text: Text, view: EventView, claim_id: int, *, baseline: bool
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


def _key(event: str, figure: Figure) -> SeriesKey:
    claim = figure.claim
    return SeriesKey(event=event, outcome=claim.outcome, who=claim.who, subset=claim.subset, source=figure.source)


def _under_first_source(figure: Figure, first: KnownText | None) -> tuple[Figure, bool]:
    """The figure under the source of the text that it copies, and whether it is an echo, value and all."""
    if first is None:
        return figure, False
    copied = as_echo(figure, {echo_key(known): known for known in first.figures})
    return (figure, False) if copied is None else (copied, True)

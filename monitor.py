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
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive import Archive
from archive.knowledge import text_hash
from extract import echo
from extract.case import Case, EventView
from extract.compare import decide, moves_series
from extract.corrections import notes_correction
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
from telling import Teller, as_first, view_of

_SURROGATE = re.compile(r"[\ud800-\udfff]")
READER_VERSION = "1"  # changes with what is read out of a text; a difference that only it explains is no news

_MOST_CLAIMS = 300  # the longest situation report has some hundred; a page made of them must not hold up the others
_LARGEST_NUMBER = 10**10  # more people than there are; what is larger is a misprint, and may not fit the archive
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
    return read_claims_of(page.url, storable(read_article(page, language=language)))


def storable(article: Article) -> Article:
    """The article without lone surrogates, which no database or mail takes; each is one character, so offsets stay."""
    title, text = (_SURROGATE.sub("\ufffd", words) for words in (article.title, article.text))
    return replace(article, title=title, text=text)


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
    kept = [claim for claim in claims if max(claim.low or 0, claim.high or 0) <= _LARGEST_NUMBER]
    return Reading(page_url=page_url, outcome=None, article=article, claims=tuple(kept[:_MOST_CLAIMS]))


# ------------------------------------------------------------------------------------------------------ take


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of a reading: its counted outcome, the event that it joined, and the verdicts on its figures."""

    outcome: PageOutcome
    detail: str = ""
    event: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """The watches that follow an event, for one text: those that are told, those for which it is from before they
    asked, and which of them follow the event only from this text on.
    """

    told: tuple[Watch, ...] = ()
    before: tuple[Watch, ...] = ()
    newly: frozenset[Watch] = frozenset()


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
        copied = echo.copied_by(sketch, candidates)
        knowledge.add_echo_keys(revision_id, echo.keys(sketch), stated)
        if copied:
            knowledge.mark_echo(revision_id, copied[0].revision_id)
        return Text(
            article=article,
            article_id=article_id,
            revision_id=revision_id,
            known=known,
            stated=stated,
            seen=fetched,
            copied=copied,
            listed_first=baseline,
        )

    # ------------------------------------------------------------------------------------------------ compare

    def _compare(self, text: Text, reading: Reading) -> tuple[str | None, tuple[Change, ...]]:
        knowledge = self._archive.knowledge
        claim_ids = knowledge.add_claims(text.revision_id, reading.claims, READER_VERSION)
        if not reading.claims:
            return knowledge.event_of(text.article_id), ()
        taking = watches_of(text.article, self._watches)
        event, reading = self._placer.place(text, reading, taking)
        if event is None:
            return None, ()
        audience = self._audience(event, text, taking)
        missed = knowledge.standing_changes(event) if audience.newly else []
        decided, view = self._decide_all(text, reading, event, claim_ids, audience)
        self._teller.owe_baseline(decided, view, audience.before, text.seen)
        self._tell(decided, missed, view, audience, text.seen)
        return event, tuple(change for _, change in decided)

    def _tell(
        self,
        decided: Sequence[tuple[int, Change]],
        missed: Sequence[tuple[int, Change]],
        view: EventView,
        audience: Audience,
        now: datetime,
    ) -> None:
        """Owe the verdicts; a watch that follows the event from now on is told what stood there too."""
        told_now = {change.series for _, change in decided if change.level is not Level.LOG}
        also = [(i, as_first(change)) for i, change in missed if change.series not in told_now]
        since_long = [watch for watch in audience.told if watch not in audience.newly]
        newly = [watch for watch in audience.told if watch in audience.newly]
        self._teller.owe(decided, view, since_long, now)
        self._teller.owe([*(one for one in also if self._concerns(one[1], newly)), *decided], view, newly, now)

    def _concerns(self, change: Change, watches: Sequence[Watch]) -> bool:
        stated = change.to.published or change.to.seen
        return any(not self._is_before(stated, change.to.outlet, watch) for watch in watches)

    def _audience(self, event: str, text: Text, taking: Sequence[Watch]) -> Audience:
        """Who follows the event: whom the text is told, and for whom it is from before they asked."""
        before = self._archive.knowledge.followers(event)
        following = self._archive.knowledge.follow(event, [watch.id for watch in taking])
        watches = [watch for watch in self._watches if watch.id in following]
        if text.known is not None and text.known.reader_version != READER_VERSION:
            return Audience()  # what only a newer reader sees in a text is no news
        undated = text.article.published is None and text.article.modified is None
        early = [w for w in watches if self._is_before(text.stated, text.article.outlet, w)]
        early = watches if undated and text.listed_first else early
        return Audience(
            told=tuple(watch for watch in watches if watch not in early),
            before=tuple(early),
            newly=frozenset(watch for watch in watches if watch.id not in before),
        )

    def _is_before(self, stated: datetime, outlet: str, watch: Watch) -> bool:
        """Whether a time lies before `since`: a watch's own goes before its outlet's."""
        since = watch.since or self._since(outlet)
        return since is not None and stated < since

    def _decide_all(
        self, text: Text, reading: Reading, event: str, claim_ids: Sequence[int], audience: Audience
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
            change_id, change, view = self._keep_change(change, text, view, claim_id, audience)
            decided.append((change_id, change))
        return decided, view

    def _decide(self, figure: Figure, text: Text, view: EventView, *, opens: bool) -> Change:
        """One figure through the table."""
        figure, is_echo = _under_first_source(figure, text.copied)
        figure = known_as(figure, {known.source for known in view.series if known.event == view.event})
        key = _key(view.event, figure)
        before = self._before_edit(figure, text, key)
        edited = before is not None and anchor(before.claim) != anchor(figure.claim)
        figure = replace(figure, edited=edited)
        case = Case(
            figure=figure,
            key=key,
            view=view,
            is_echo=is_echo,
            edited_from=before if edited else None,
            correction_noted=notes_correction(text.article),
            opens=opens,
        )
        return decide(case)

    def _before_edit(self, figure: Figure, text: Text, key: SeriesKey) -> Figure | None:
        """The figure that an earlier revision of the same article gave in this one's place, if it still stands."""
        if text.known is None:
            return None
        earlier = self._archive.knowledge.figures_of(text.known.revision_id)
        same = [f for f in earlier if _key(key.event, f) == key and f.claim.scope is figure.claim.scope]
        unchanged = (f for f in same if anchor(f.claim) == anchor(figure.claim))
        return next(unchanged, None) or (same[0] if len(same) == 1 else None)

    def _keep_change(
        self, change: Change, text: Text, view: EventView, claim_id: int, audience: Audience
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
        change_id = knowledge.add_change(change, figure_id=figure_id, baseline=not audience.told, at=text.seen)
        if moves:
            view = view.with_figure(change.series, change.to)
            current = view.series[change.series].current
            knowledge.set_current(change.series, None if current is None else current.id)
            # What waits for a second sighting was told too, but the series still stands where it stood.
            heard = change.level is not Level.LOG and bool(audience.told or audience.before)
            if heard and current is not None and current.id == figure_id:
                view = view.with_told(change.series, anchor(change.to.claim))
                knowledge.set_told(change.series, anchor(change.to.claim))
        elif change.to.claim.scope in (Scope.PART, Scope.INCREMENT):
            view = replace(view, beside=(*view.beside, change.to))
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


def _under_first_source(figure: Figure, copied: Sequence[KnownText]) -> tuple[Figure, bool]:
    """The figure under the source of the first text that says it among those it copies, and whether there is one."""
    for known in copied:
        under = as_echo(figure, {echo_key(said): said for said in known.figures})
        if under is not None:
            return under, True
    return figure, False

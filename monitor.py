"""The whole walk of one page: read, compare, record, owe.

    Page ──read──▶ Reading ──take──▶ archive
     │   (worker process; pure)        │  one transaction a page:
     │                                 ├─ the text, if it is a new one           Article, Revision
     │   text.read_article             ├─ its claims, and what it copies         Claim, echo.copied_by
     │   claims.read_claims            ├─ the event that it belongs to           Placer.place
     │                                 ├─ whose each figure is                   Settler.figures
     │                                 ├─ each figure against what is known      compare.decide ▶ Change
     │                                 └─ what that earns                        Teller.owe ▶ Alert, Delivery
     ▼
   an outcome that is counted, whatever happened

`read` needs no archive and runs in a worker process. `Monitor.take` runs on the archive's one thread; what it owes is
committed with what it knows, so that a crash between the two cannot be. Delivery happens later, from what is owed.
"""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive import Archive
from archive.texts import text_hash
from deciding import Decider
from extract import echo
from extract.case import Case, EventView, Series
from extract.compare import decide
from extract.corrections import notes_correction
from extract.intervals import anchor
from extract.standing import DEFAULTS
from extract.watching import watches_of
from model import (
    PAYWALLED,
    Article,
    ArticleKind,
    Change,
    KnownArticle,
    KnownText,
    Level,
    Page,
    PageOutcome,
    Parameters,
    Reading,
    Scope,
    Text,
    Watch,
)
from placing import Placement, Placer
from settling import Settled, Settler, copied_by
from telling import Teller, as_first

_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
READER_VERSION = "1"  # changes with what is read out of a text; a difference that only it explains is no news

_COLLECTED_AFTER = (20_000, 20, 50)  # new objects, and rounds of the younger generation: thirty times Python's own
_MOST_CLAIMS = 300  # the longest situation report has some hundred; a page made of them must not hold up the others
_MOST_CLAIMS_OF_ENTRIES = 1_000  # a long day's live page has some hundred
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
    """The article without NUL and lone surrogates, which no database or mail takes; each stays a character."""
    title, text = (_UNSTORABLE.sub("\ufffd", words) for words in (article.title, article.text))
    return replace(article, title=title, text=text, entries=tuple(map(storable, article.entries)))


def read_claims_of(page_url: str, article: Article) -> Reading:
    """The same from the article on."""
    from extract.claims import read_claims  # noqa: PLC0415
    from extract.languages import available  # noqa: PLC0415

    if article.entries:
        return Reading(
            page_url=page_url, outcome=PageOutcome.LIVE_PAGE, article=article, entries=_entries(page_url, article)
        )
    outcome = _OUTCOME_OF_KIND.get(article.kind)
    if outcome is None and article.language not in available():
        outcome = PageOutcome.NO_READER_FOR_LANGUAGE
    detail = PAYWALLED if article.teaser else ""
    if outcome is not None:
        return Reading(page_url=page_url, outcome=outcome, detail=detail, article=article)
    claims = read_claims(article.reading_text, published=article.published, language=article.language or "en")
    kept = [claim for claim in claims if max(claim.low or 0, claim.high or 0) <= _LARGEST_NUMBER]
    return Reading(page_url=page_url, outcome=None, detail=detail, article=article, claims=tuple(kept[:_MOST_CLAIMS]))


def _entries(page_url: str, page: Article) -> tuple[Reading, ...]:
    """The entries of a live page, each read by itself under its own address: the newest that the measure holds."""
    read: list[Reading] = []
    left = _MOST_CLAIMS_OF_ENTRIES
    for entry in reversed(page.entries):
        reading = read_claims_of(f"{page_url}#{entry.url.partition('#')[2]}", entry)
        left -= len(reading.claims)
        if left < 0:
            break
        read.append(reading)
    return tuple(reversed(read))


# ------------------------------------------------------------------------------------------------------ take


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of a reading: its counted outcome, the event that it joined, and the verdicts on its figures.

    `revisions` are the ids of its texts, where they are new: one, or those of a live page and its entries.
    Of a live page the event is the one that its newest entry with figures joined.
    """

    outcome: PageOutcome
    detail: str = ""
    revisions: tuple[int, ...] = ()
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

    @property
    def parameters(self) -> Parameters:
        """What is news to the most watchful of them."""
        asked = [watch.parameters for watch in (*self.told, *self.before)]
        if len(set(asked)) <= 1:
            return asked[0] if asked else DEFAULTS
        return Parameters(
            step_share=min(one.step_share for one in asked),
            least_step=min(one.least_step for one in asked),
            hedged_factor=min(one.hedged_factor for one in asked),
            diverging_factor=min(one.diverging_factor for one in asked),
            newer_by=min(one.newer_by for one in asked),
            milestones=tuple(sorted({milestone for one in asked for milestone in one.milestones})),
        )


def collect_seldom() -> None:
    """Let this process look for garbage in cycles less often.

    The live events are very many objects that are none, and hardly a text leaves any: what Python spends on looking by
    its own measure grows with the events that are live.
    """
    gc.set_threshold(*_COLLECTED_AFTER)


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
        self._settler = Settler(archive)
        self._views = teller.views
        self.decider = Decider(archive, placer=self._placer, settler=self._settler, views=self._views)
        self._since = since

    def take(self, reading: Reading, *, fetched: datetime, baseline: bool = False) -> Taken:
        """Keep a reading and all that follows from it, in one transaction; the same text twice changes nothing.

        `baseline` marks a page that was there when its outlet was first looked at: it is compared, but not told.
        """
        if reading.entries:
            return self._take_entries(reading, fetched=fetched, baseline=baseline)
        article = reading.article
        if article is None or reading.outcome in (PageOutcome.NOT_AN_ARTICLE, PageOutcome.NO_TEXT):
            return Taken(outcome=reading.outcome or PageOutcome.NO_TEXT, detail=reading.detail)
        with self._archive.atomic():
            known = self._archive.texts.article(article.url)
            if known is not None and known.sha256 == text_hash(article):
                return Taken(outcome=PageOutcome.UNCHANGED, event=self._archive.events.event_of(known.id))
            text, copied = self._keep_text(article, known, reading, fetched=fetched)
            new = PageOutcome.NEW_ARTICLE if known is None else PageOutcome.NEW_REVISION
            event, changes = self._compare(text, copied, baseline=baseline)
            return Taken(
                outcome=reading.outcome or new,
                detail=reading.detail,
                revisions=(text.revision_id,),
                event=event,
                changes=changes,
            )

    def _take_entries(self, reading: Reading, *, fetched: datetime, baseline: bool) -> Taken:
        """Each entry of a live page as an article of its own, the oldest first.

        The page itself is kept as it was first seen: from then on all that is new in it stands in its entries.
        """
        page = reading.article
        kept: list[int] = []
        with self._archive.atomic():
            if page is not None and self._archive.texts.article(page.url) is None:
                text, _ = self._keep_text(page, None, reading, fetched=fetched)
                kept.append(text.revision_id)
            taken = [self.take(entry, fetched=fetched, baseline=baseline) for entry in reading.entries]
        fresh = sum(one.outcome is not PageOutcome.UNCHANGED for one in taken)
        return Taken(
            outcome=PageOutcome.LIVE_PAGE,
            detail=f"{len(taken)} entries, {fresh} new or edited",
            revisions=(*kept, *(revision for one in taken for revision in one.revisions)),
            event=next((one.event for one in reversed(taken) if one.event is not None), None),
            changes=tuple(change for one in taken for change in one.changes),
        )

    def _keep_text(
        self, article: Article, known: KnownArticle | None, reading: Reading, *, fetched: datetime
    ) -> tuple[Text, tuple[KnownText, ...]]:
        """Keep a text with its claims; returns it with the texts that it copies."""
        texts = self._archive.texts
        stated = _stated(article, known, fetched)
        sketch = echo.sketch(article)
        article_id, revision_id = texts.add_revision(
            article,
            known=known,
            fetched_as=reading.page_url,
            fetched=fetched,
            stated=stated,
            sketch=sketch,
            reader_version=READER_VERSION,
        )
        claim_ids = texts.add_claims(revision_id, reading.claims, READER_VERSION)
        text = Text(
            article=article,
            article_id=article_id,
            revision_id=revision_id,
            number=1 if known is None else known.number + 1,
            earlier=None if known is None else known.revision_id,
            stated=stated,
            seen=fetched,
            reader_version=READER_VERSION if known is None else known.reader_version,
            sketch=sketch,
            claims=tuple(zip(claim_ids, reading.claims, strict=True)),
        )
        copied = copied_by(self._archive, text)
        # A live page is no original: its entries would be copies of it.
        if article.kind is not ArticleKind.LIVE and not echo.is_verbatim(sketch, copied):
            texts.add_echo_keys(revision_id, echo.keys(sketch))
        return text, copied

    # ------------------------------------------------------------------------------------------------ compare

    def _compare(
        self, text: Text, copied: Sequence[KnownText], *, baseline: bool
    ) -> tuple[str | None, tuple[Change, ...]]:
        if not text.claims:
            return self._archive.events.event_of(text.article_id), ()
        taking = watches_of(text.article, self._watches)
        placement = self._placer.place(text, taking, copied)
        event = placement.event
        if event is None:
            self._settle_again(placement.disturbed, text.seen)
            return None, ()
        audience = self._audience(event, text, taking, baseline=baseline)
        missed = self._archive.knowledge.standing_changes(event) if audience.newly else []
        decided, view = self._decide_all(text, copied, placement, audience)
        self._settle_again(placement.disturbed, text.seen)
        self._teller.owe_baseline(decided, view, audience.before, text.seen)
        self._tell(decided, missed, view, audience, text.seen)
        return event, tuple(change for _, change in decided)

    def _settle_again(self, revision_ids: Sequence[int], at: datetime) -> None:
        """Settle anew the figures that a late text disturbed; nothing of it is told."""
        for event in self._settler.settle_again(self._placer.places(revision_ids), at):
            self._views.forget(event)

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

    def _audience(self, event: str, text: Text, taking: Sequence[Watch], *, baseline: bool) -> Audience:
        """Who follows the event: whom the text is told, and for whom it is from before they asked."""
        before = self._archive.events.followers(event)
        newly = [watch.id for watch in taking if watch.id not in before]
        self._archive.events.follow(event, newly)
        following = before.union(newly)
        watches = [watch for watch in self._watches if watch.id in following]
        if text.reader_version != READER_VERSION:
            return Audience()  # what only a newer reader sees in a text is no news
        undated = text.article.published is None and text.article.modified is None
        early = [w for w in watches if self._is_before(text.stated, text.article.outlet, w)]
        early = watches if undated and baseline else early
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
        self, text: Text, copied: Sequence[KnownText], placement: Placement, audience: Audience
    ) -> tuple[list[tuple[int, Change]], EventView]:
        """Every figure of the text through the table, in order; what one moves, the next meets."""
        event = placement.event
        assert event is not None
        view = self._views.of(event)
        place = (text.stated, text.article.url)
        known = view.names.before(place) if placement.late else view.names.meant
        opens = not any(series.recent for series in view.series.values())
        before = view
        decided: list[tuple[int, Change]] = []
        settled = list(self._settler.figures(text, event=event, foreign=placement.foreign, copied=copied, known=known))
        for one in settled:
            view = self._views.ready_for(view, one.key, one.figure)
            change = decide(
                Case(
                    figure=one.figure,
                    key=one.key,
                    view=_as_before_text(view, before, one),
                    is_echo=one.copies,
                    edited_from=one.before,
                    correction_noted=one.before is not None and notes_correction(text.article),
                    opens=opens,
                    increments=_added_beside(one, settled),
                    parameters=audience.parameters,
                )
            )
            change_id, change, view = self._keep_change(change, one, text, view, audience)
            decided.append((change_id, change))
            view = view.with_names(one.names, place)
        self._views.keep(view)
        if placement.late:  # a name or number of this text may tell whose figures in later ones are
            self._settle_again(self._placer.behind(text, event), text.seen)
        return decided, view

    def _keep_change(
        self, change: Change, settled: Settled, text: Text, view: EventView, audience: Audience
    ) -> tuple[int, Change, EventView]:
        """Keep a verdict and its figure; returns the change's id, the change, and the view after it."""
        knowledge = self._archive.knowledge
        if change.series not in view.series:
            knowledge.add_source(change.to.source, change.to.party, text.seen)
        series = knowledge.series(change.series)
        figure_id = knowledge.add_figure(
            series,
            change.to,
            number=anchor(change.to.claim),
            claim_id=settled.claim_id,
            article_id=text.article_id,
            moves=settled.moves,
        )
        change = replace(change, to=replace(change.to, id=figure_id))
        stood = view.series[change.series].current if change.series in view.series else None
        view = view.with_figure(change.series, change.to) if settled.moves else view
        current = view.series[change.series].current if settled.moves else stood
        stands = current is not None and current.id == figure_id
        change_id = knowledge.add_change(
            change, series=series, figure_id=figure_id, baseline=not audience.told, stands=stands, at=text.seen
        )
        if stands:
            knowledge.set_current(series, figure_id)
            # What waits for a second sighting was told too, but the series still stands where it stood.
            if change.level is not Level.LOG and (audience.told or audience.before):
                view = view.with_told(change.series, anchor(change.to.claim))
                knowledge.set_told(series, anchor(change.to.claim), change_id)
        elif current is not stood:
            knowledge.stand_from(series, None if current is None else current.id, text.seen)
        if not settled.moves and change.to.claim.scope in (Scope.PART, Scope.INCREMENT):
            view = view.with_beside(change.to)
        return change_id, change, view


# ---------------------------------------------------------------------------------------------- small decisions


def _added_beside(one: Settled, settled: Sequence[Settled]) -> tuple[int, ...]:
    """What a text adds to an earlier count of a figure's outcome and group, whoever says so."""
    claims = (other.figure.claim for other in settled)
    group = (one.key.outcome, one.key.who, one.key.subset)
    added = (c for c in claims if c.scope is Scope.INCREMENT and (c.outcome, c.who, c.subset) == group)
    return tuple(map(anchor, added))


def _as_before_text(view: EventView, before: EventView, one: Settled) -> EventView:
    """The view that a figure meets: two numbers of one text are no movement, each meets what stood before the text."""
    current = view.series[one.key].current if one.key in view.series else None
    said_here = current is not None and current.revision_id == one.figure.revision_id
    if current is None or not said_here or anchor(current.claim) == anchor(one.figure.claim):
        return view
    return view.with_series(before.series.get(one.key, Series(key=one.key)))


def _stated(article: Article, known: KnownArticle | None, fetched: datetime) -> datetime:
    """When this text was published: an edit's own time for an edit, never later than it was fetched."""
    if known is None:
        return min(article.published or article.modified or fetched, fetched)
    times = [t for t in (article.published, article.modified) if t is not None and known.stated < t <= fetched]
    return max(times, default=fetched)

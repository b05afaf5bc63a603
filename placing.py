"""Where a text belongs: its event, opened where nothing fits, and which of its figures are of other events.

The board (extract/board.py) decides; here its memory is filled from the archive, and what it moved is kept there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from archive import Archive
from extract import echo, events, naming
from extract.board import KEPT, REPLACED, Board, Entry, Place, Placed
from extract.figures import figures_of
from extract.intervals import anchor
from model import Article, Claim, KnownText, Scope, Text, Watch
from settling import copied_by

_ID_FROM = 60  # characters of a text without a title
_ID_WORD, _ID_WORDS = re.compile("[a-z]+"), 4
_LATE = timedelta(days=3)  # a text that comes so late finds the events of its time on the board
_UPKEEP = 1_000  # texts between two rounds of letting go of what is over


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where a text lies: its event, and where its figures of other events start.

    `late` tells that texts published after it are there already, `disturbed` of which of those the figures must be
    settled anew (revisions in the order of publication).
    """

    event: str | None
    foreign: frozenset[int]
    late: bool
    disturbed: tuple[int, ...]


class Placer:
    """Places texts into events. All methods run on the archive's thread, inside its transaction."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._board: Board | None = None
        self._since = self._until = self._newest = datetime.min.replace(tzinfo=UTC)
        self._placed = 0
        self._rollbacks = archive.rollbacks

    def forget(self) -> None:
        """Let go of the board: events were changed by another hand."""
        self._board = None

    def place(self, text: Text, watches: Sequence[Watch], copied: Sequence[KnownText]) -> Placement:
        """The event that a text belongs to, opened where nothing fits; None where it opens none."""
        board = self._live(text)
        single = next((watch.id for watch in watches if watch.single), None)
        entry = self._entry(text, copied, board=board, watch=single, is_new=text.earlier is None)
        late = bool(board.later_than(entry.order))
        followers = self._followers(text, board) if late else {}
        placed = board.place(entry, followers)
        self._keep(text, entry, placed)
        disturbed = self._disturbed(board, text, placed, followers) if placed.moved or followers else ()
        return Placement(event=placed.place.event, foreign=placed.place.foreign, late=late, disturbed=tuple(disturbed))

    def behind(self, text: Text, event: str) -> list[int]:
        """The texts of an event that were published after one, in their order; none where they are many."""
        later = [] if self._board is None else self._board.later_than(_order(text))
        behind = [one.revision_id for one in later if self._place_of(one.revision_id).event == event]
        return behind if len(behind) <= REPLACED else []

    def places(self, revision_ids: Iterable[int]) -> list[tuple[int, Place]]:
        """Where texts lie now."""
        return [(one, self._place_of(one)) for one in revision_ids]

    # -------------------------------------------------------------------------------------------------- board

    def _live(self, text: Text) -> Board:
        """The board with all events that a text may belong to, without the text itself."""
        stated = text.stated
        if self._rollbacks != self._archive.rollbacks:  # what was placed last was not kept
            self._board, self._rollbacks = None, self._archive.rollbacks
        outside = stated - events.WINDOW < self._since or stated > self._until
        if self._board is None or outside:
            self._since, self._until = stated - events.WINDOW - _LATE, stated + events.WINDOW
            self._newest = stated
            self._board = self._loaded(self._since, self._until, without=text.revision_id)
            if not self._archive.events.any_after(self._until):  # all that is newer will have come over this board
                self._until = datetime.max.replace(tzinfo=UTC)
        self._newest = max(self._newest, stated)
        self._placed += 1
        if self._placed % _UPKEEP == 0:
            self._since = max(self._since, self._newest - events.WINDOW - _LATE)
            self._board.forget_before(self._since)
        return self._board

    def _loaded(self, since: datetime, until: datetime, *, without: int) -> Board:
        board = Board()
        watches = self._archive.events.single_watches()
        for revision_id, event in self._archive.events.live_texts(since, until, KEPT):
            if revision_id == without:  # an edit of an article that lies in an event already
                continue
            text = self._archive.texts.text(revision_id)
            entry = self._entry(text, self._archive.texts.first_of(revision_id), board=board, watch=watches.get(event))
            board.put(entry, Place(event=event, foreign=self._archive.knowledge.foreign_places(revision_id)))
        return board

    def _entry(
        self, text: Text, copied: Sequence[KnownText], *, board: Board, watch: str | None, is_new: bool = False
    ) -> Entry:
        """A text as the board takes it; `is_new` tells that nothing was kept of its article before."""
        claims = [claim for _, claim in text.claims]
        copies = _agreeing(claims, copied)
        first = text.earlier is None or not self._archive.texts.had_claims(text.article_id, before=text.number)
        return Entry(
            revision_id=text.revision_id,
            order=_order(text),
            event_id=event_id(text.article, text.stated),
            profile=events.profile_of(text.article, claims, of_words=first and not copies),
            below=events.below_head(text.article, claims),
            opens=any(_opens(claim) for claim in claims),
            weighs=not copies or bool(_said(claims) - _said(figure.claim for figure in copies[0].figures)),
            follows=_follows(text, copied),
            pinned=self._pinned(text, board, watch, is_new=is_new),
            watch=watch,
        )

    def _pinned(self, text: Text, board: Board, watch: str | None, *, is_new: bool) -> str | None:
        """The event that a person put the article into, that its watch holds it to, or that it was in long ago."""
        pinned = None if is_new else self._archive.events.pinned(text.article_id)
        if pinned is None and watch is not None:
            return self._archive.events.event_of_watch(watch) or event_id(text.article, text.stated)
        if pinned is None and text.earlier is not None and board.place_of(text.earlier) is None:
            return self._archive.events.event_of(text.article_id)
        return pinned

    # ---------------------------------------------------------------------------------------- what is disturbed

    def _followers(self, text: Text, board: Board) -> dict[int, Entry]:
        """The later texts that copy this one, as they are now that it is there."""
        texts = self._archive.texts
        since, until = (text.stated, text.article.url), (text.stated + echo.WINDOW, "")
        like = texts.texts_like(echo.keys(text.sketch), article_id=text.article_id, since=since, until=until)
        near = [one.revision_id for one in like if echo.share(text.sketch, one.sketch) >= echo.COPY_SHARE]
        own = tuple(figures_of(text.article, [c for _, c in text.claims], stated=text.stated, seen=text.seen))
        followers: dict[int, Entry] = {}
        for revision_id in dict.fromkeys((*near, *texts.copies_of(near))):
            follower = texts.text(revision_id)
            copied = [
                replace(known, figures=own) if known.revision_id == text.revision_id else known
                for known in copied_by(self._archive, follower)
            ]
            followers[revision_id] = self._entry(follower, copied, board=board, watch=None)
        return followers

    def _keep(self, text: Text, entry: Entry, placed: Placed) -> None:
        """Keep where the text lies, and where others lie since."""
        self._lay(text, placed.place.event, entry.watch, opens=placed.opened, is_new=text.earlier is None)
        for revision_id in placed.moved:
            self._lay(self._archive.texts.text(revision_id), self._place_of(revision_id).event, None, opens=True)

    def _lay(self, text: Text, event: str | None, watch: str | None, *, opens: bool, is_new: bool = False) -> None:
        """Keep the event of a text's article; `opens` tells that it may be one that is not kept yet."""
        of_article = None if is_new else self._archive.events.event_of(text.article_id)
        if event is not None and opens and not self._archive.events.is_open(event):
            self._archive.events.open_event(event, naming.name_of(text.article), text.stated, watch=watch)
        if of_article is None and event is not None:
            self._archive.events.join(event, text.article_id, text.stated)
        elif of_article != event:
            self._archive.events.move(text.article_id, event)
        elif event is not None:
            self._archive.events.touch(event, text.stated)

    def _place_of(self, revision_id: int) -> Place:
        place = None if self._board is None else self._board.place_of(revision_id)
        if place is not None:
            return place
        event = self._archive.events.event_of_revision(revision_id)
        return Place(event=event, foreign=self._archive.knowledge.foreign_places(revision_id))

    def _disturbed(self, board: Board, text: Text, placed: Placed, followers: Iterable[int]) -> list[int]:
        """The texts whose figures must be settled anew: what moved, what follows, and what comes behind that."""
        disturbed = {*placed.moved, *followers}
        touched = {self._place_of(one).event for one in disturbed} | {place.event for place in placed.moved.values()}
        for one in board.later_than(_order(text)):
            if self._place_of(one.revision_id).event in touched:
                disturbed.add(one.revision_id)
        return self._archive.texts.in_order(disturbed)


def _order(text: Text) -> tuple[datetime, str, int]:
    return (text.stated, text.article.url, text.number)


def _said(claims: Iterable[Claim]) -> frozenset[events.Stated]:
    return frozenset((claim.outcome, claim.who, anchor(claim)) for claim in claims)


def _agreeing(claims: Sequence[Claim], copied: Sequence[KnownText]) -> list[KnownText]:
    """The texts that one copies and that state a figure of it: a template that is filled anew each day is no copy."""
    said = _said(claims)
    return [known for known in copied if said & _said(figure.claim for figure in known.figures)]


def _follows(text: Text, copied: Sequence[KnownText]) -> tuple[int, ...]:
    """The revisions whose event a text joins without being asked: its earlier one, and those that it copies."""
    earlier = () if text.earlier is None else (text.earlier,)
    copies = _agreeing([claim for _, claim in text.claims], copied)
    return (*earlier, *(known.revision_id for known in copies))


def event_id(article: Article, stated: datetime) -> str:
    """A permanent id that reads: the day, some words, and a few digits of the address's hash."""
    title = article.title.casefold() or article.text[:_ID_FROM].casefold()
    words = "-".join(word.group() for word in islice(_ID_WORD.finditer(title), _ID_WORDS))
    return f"{stated:%Y-%m-%d}-{words}-{hashlib.sha256(article.url.encode()).hexdigest()[:6]}"


def _opens(claim: Claim) -> bool:
    return claim.scope in (Scope.TOTAL, Scope.PART, Scope.INCREMENT) and not claim.denied

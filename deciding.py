"""What people decide about events, and what follows: merge, split, rename.

A decision is a row of its own, written down by whoever made it, and carried out by whoever writes the archive: the
daemon while it runs. The articles stay where they were put, whatever arrives later; the figures of the events are
settled anew, and nothing of it is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog

from archive import Archive
from model import Decision, DecisionKind, InputError
from placing import Placer, event_id
from settling import Settler
from views import Views

_log = structlog.get_logger(__name__)


class Decider:
    """Carries out decisions. All methods run on the archive's thread."""

    def __init__(self, archive: Archive, *, placer: Placer, settler: Settler, views: Views) -> None:
        self._archive = archive
        self._placer = placer
        self._settler = settler
        self._views = views

    def carry_out(self) -> int:
        """Carry out what was decided and is not done yet, each in a transaction of its own; returns how many."""
        waiting = self._archive.events.undecided()
        for number, decision, at in waiting:
            with self._archive.atomic():
                touched = self._carried_out(decision, at)
                self._archive.events.decided(number)
            _log.info("decided", what=str(decision.kind), about=decision.event, touched=len(touched))
        return len(waiting)

    def _carried_out(self, decision: Decision, at: datetime) -> frozenset[str]:
        events = self._archive.events
        match decision.kind:
            case DecisionKind.RENAME:
                events.rename(decision.event, decision.other)
                return frozenset({decision.event})
            case DecisionKind.MERGE:
                return self._move(events.articles(decision.event), decision.event, decision.other, at)
            case DecisionKind.SPLIT:
                return self._move(events.articles_at(decision.articles), decision.event, decision.other, at)

    def _move(self, articles: Iterable[int], event: str, other: str, at: datetime) -> frozenset[str]:
        """Put articles into another event, opened where it is not yet, and settle what that touches."""
        events, moved = self._archive.events, list(articles)
        if moved and not events.is_open(other):
            first = self._archive.texts.text(self._archive.texts.first_revision(moved))
            events.open_event(other, first.article.title or other, first.stated, watch=None)
        for article_id in moved:
            events.move(article_id, other, pinned=True)
        self._placer.forget()
        touched = frozenset({event, other})
        self._settler.settle_again(self._placer.places(events.texts_with_claims(touched)), at)
        for one in touched:
            self._views.forget(one)
        return touched


def checked(archive: Archive, decision: Decision) -> Decision:
    """The decision with all that it needs. Raises InputError where it cannot be carried out."""
    known = "`tollwatch timeline` lists the events"
    named = (decision.event, decision.other) if decision.kind is DecisionKind.MERGE else (decision.event,)
    for event in named:
        if not archive.events.is_open(event):
            raise InputError(where=event, what="is no event that is known", remedy=known)
    if decision.kind is DecisionKind.MERGE and decision.event == decision.other:
        raise InputError(where=decision.event, what="cannot be merged into itself", remedy="name two events")
    if decision.kind is not DecisionKind.SPLIT:
        return decision
    inside = set(archive.queries.addresses(decision.event))
    for url in decision.articles:
        if url not in inside:
            remedy = "give addresses of articles in it, as `tollwatch timeline EVENT --json` has them"
            raise InputError(where=url, what=f"is no article of {decision.event}", remedy=remedy)
    if inside <= set(decision.articles):
        remedy = "`tollwatch event rename` gives it another name"
        raise InputError(where=decision.event, what="would be left empty", remedy=remedy)
    first = archive.texts.text(archive.texts.first_revision(archive.events.articles_at(decision.articles)))
    return Decision(
        kind=decision.kind,
        event=decision.event,
        other=event_id(first.article, first.stated),
        articles=decision.articles,
    )


def decide(archive: Archive, decision: Decision, at: datetime) -> None:
    """Write a decision down. Raises InputError where it cannot be carried out."""
    whole = checked(archive, decision)
    with archive.atomic():
        archive.events.decide(whole, at)

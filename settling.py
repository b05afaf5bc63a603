"""Whose figures they are: the figures of a text in the event that it lies in, at its arrival and when derived anew.

A figure belongs to the source that its text names, under the name by which its event knew that source before, or to
the source of the first text that said it. All three depend on what was published earlier, never on what arrived
earlier: when a text comes late, or lies in another event since, the figures of the texts behind it are settled again.
Verdicts stay as they were given, and nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive import Archive
from extract import echo
from extract.board import Place
from extract.case import Names
from extract.edits import is_same_sentence, masked
from extract.figures import as_echo, echo_key, figures_of
from extract.identity import OWN_VOICE, in_event, names_of
from extract.intervals import anchor
from extract.sources import party
from extract.standing import standing
from model import Claim, Cue, Figure, KnownText, Scope, SeriesKey, Text

_MOVEMENTS = (Cue.RAISED, Cue.LOWERED, Cue.CORRECTED, Cue.NEWER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """One figure in its series. `copies` tells that an earlier text said it, `before` what this article said before.

    `names` are those by which the event knows the source from here on.
    """

    claim_id: int
    key: SeriesKey
    figure: Figure
    copies: bool
    before: Figure | None
    names: Mapping[str, str]

    @property
    def moves(self) -> bool:
        """Whether it belongs into its series' history of totals."""
        claim = self.figure.claim
        return claim.scope is Scope.TOTAL and not claim.denied and not self.copies


def copied_by(archive: Archive, text: Text) -> tuple[KnownText, ...]:
    """The texts that one copies, the earliest published first; the first is kept as what it echoes."""
    candidates = archive.texts.texts_like(
        echo.keys(text.sketch),
        article_id=text.article_id,
        since=(text.stated - echo.WINDOW, ""),
        until=(text.stated, text.article.url),
    )
    copied = echo.copied_by(text.sketch, candidates)
    if copied:
        archive.texts.mark_echo(text.revision_id, copied[0].revision_id)
    return tuple(archive.texts.with_figures(copied))


class Settler:
    """Settles figures. All methods run on the archive's thread, inside its transaction."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def figures(
        self, text: Text, *, event: str, foreign: frozenset[int], copied: Sequence[KnownText], known: Mapping[str, str]
    ) -> Iterator[Settled]:
        """The figures of a text in the order in which they stand; `known` are the names that its event met before.

        `foreign` are the places of claims that tell another event's figure.
        """
        names = dict(known)
        claims = [
            replace(claim, scope=Scope.BACKGROUND) if claim.start in foreign else claim for _, claim in text.claims
        ]
        kept = {(claim.start, claim.end): (claim_id, claim) for claim_id, claim in text.claims}
        stated = figures_of(text.article, claims, stated=text.stated, seen=text.seen, revision_id=text.revision_id)
        for said in stated:
            figure, copies = _under_first_source(said, copied)
            if not copies:
                figure, copies = self._under_first_sentence(figure, text, event)
            figure = self._under_known_source(figure, text, event, names, frozenset(known.values()), stated)
            claim_id, claim = kept[figure.claim.start, figure.claim.end]
            met = names_of((claim, figure.claim), figure.source)
            names = {**met, **names}
            key = _key(event, figure)
            before = self._before_edit(figure, text, key)
            edited = before is not None and anchor(before.claim) != anchor(figure.claim)
            yield Settled(
                claim_id=claim_id,
                key=key,
                figure=replace(figure, edited=True) if edited else figure,
                copies=copies,
                before=before if edited else None,
                names=met,
            )

    def _under_first_sentence(self, figure: Figure, text: Text, event: str) -> tuple[Figure, bool]:
        """The figure under the source of the first text with the same sentence and number, where it names nobody."""
        if not figure.source.startswith(OWN_VOICE) or figure.claim.scope is not Scope.TOTAL:
            return figure, False
        before = self._archive.knowledge.said_before(
            _key(event, figure), anchor(figure.claim), text.stated, text.article.url
        )
        for quote, source, voice in before:
            if is_same_sentence(quote, figure.quote):
                return replace(figure, source=source, party=voice), True
        return figure, False

    def _under_known_source(
        self,
        figure: Figure,
        text: Text,
        event: str,
        names: Mapping[str, str],
        before: frozenset[str],
        stated: Sequence[Figure],
    ) -> Figure:
        """The figure under the name by which its event knows the source, or under the source whose count it goes on.

        `before` are the sources of the texts before this one.
        """
        source = in_event(figure.source, figure.claim.speaker, names)
        if source.startswith(OWN_VOICE) or source not in before:
            source = self._gone_on_with(figure, text, event, stated) or source
        return figure if source == figure.source else replace(figure, source=source, party=party(source))

    def _gone_on_with(self, figure: Figure, text: Text, event: str, stated: Sequence[Figure]) -> str | None:
        """Whose count `72, down from 83` goes on, where nobody known is named: the only source that said 83 before."""
        if figure.claim.cue not in _MOVEMENTS or figure.claim.scope is not Scope.TOTAL:
            return None
        key = _key(event, figure)
        before = [
            one for one in stated if one.claim.scope is Scope.PREVIOUS and _group(one.claim) == _group(figure.claim)
        ]
        said = {
            source
            for one in before
            for source in self._archive.knowledge.sources_saying(key, anchor(one.claim), text.stated, text.article.url)
        }
        return next(iter(said)) if len(said) == 1 else None

    def _before_edit(self, figure: Figure, text: Text, key: SeriesKey) -> Figure | None:
        """The figure that an earlier revision of the same article gave in this one's place, if it still stands."""
        if text.earlier is None:
            return None
        earlier = self._archive.knowledge.figures_of(text.earlier)
        same = [f for f in earlier if _key(key.event, f) == key and f.claim.scope is figure.claim.scope]
        unchanged = (f for f in same if anchor(f.claim) == anchor(figure.claim))
        in_place = (f for f in same if masked(f.quote) == masked(figure.quote))
        return next(unchanged, None) or next(in_place, None) or (same[0] if len(same) == 1 else None)

    # ------------------------------------------------------------------------------------------------ again

    def settle_again(self, places: Iterable[tuple[int, Place]], at: datetime) -> frozenset[str]:
        """Settle the figures of texts anew where they lie now, in the order of publication.

        `at` is when what disturbed them was learned. Returns the events of which something changed.
        """
        touched: dict[SeriesKey, None] = {}
        named: dict[str, Names] = {}  # as long as nothing changes
        for revision_id, place in places:
            if place.event is not None:
                if place.event not in named:
                    named[place.event] = Names.of(self._archive.knowledge.names(place.event))
                changed = list(self._settle_again(revision_id, place.event, place.foreign, named[place.event], at))
                if changed:
                    named.clear()
                touched |= dict.fromkeys(changed)
        for key in touched:
            current = standing(self._archive.knowledge.history(key).figures).current
            self._archive.knowledge.reset_series(key, None if current is None else current.id, at)
        return frozenset(key.event for key in touched)

    def _settle_again(
        self, revision_id: int, event: str, foreign: frozenset[int], names: Names, at: datetime
    ) -> Iterator[SeriesKey]:
        text = self._archive.texts.text(revision_id)
        known = names.before((text.stated, text.article.url))
        copied = copied_by(self._archive, text)
        for one in list(self.figures(text, event=event, foreign=foreign, copied=copied, known=known)):
            was = self._archive.knowledge.settle_figure(
                one.claim_id, one.key, one.figure, number=anchor(one.figure.claim), moves=one.moves, at=at
            )
            if was is not None:
                yield from (was, one.key)


def _key(event: str, figure: Figure) -> SeriesKey:
    claim = figure.claim
    return SeriesKey(event=event, outcome=claim.outcome, who=claim.who, subset=claim.subset, source=figure.source)


def _group(claim: Claim) -> tuple[object, ...]:
    return (claim.outcome, claim.who, claim.subset)


def _under_first_source(figure: Figure, copied: Sequence[KnownText]) -> tuple[Figure, bool]:
    """The figure under the source of the first text that says it among those it copies, and whether there is one."""
    for known in copied:
        under = as_echo(figure, {echo_key(said): said for said in known.figures})
        if under is not None:
            return under, True
    return figure, False

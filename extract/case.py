"""A figure before the decision table: what came in, and all that is known of its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from extract.intervals import anchor, is_unsure
from extract.standing import DEFAULTS, Standing, advance, order, standing
from model import Figure, History, Outcome, Parameters, Scope, SeriesKey, Who

RECENT = 8  # figures of a series that are kept at hand: a text that comes later than so many is read from the archive
DEEPEST = 256  # that are kept where texts come late


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One series: its last figures of scope total in the order in which they were true, and what came of them.

    `before` is the state that the earlier ones left, `whole` tells that there are none; `told` is the number that
    subscribers were last told. A figure that is older than all of `recent` can be added to a whole series only. `kept`
    is how many stay at hand.
    """

    key: SeriesKey
    told: int | None = None
    recent: tuple[Figure, ...] = ()
    before: Standing = field(default_factory=Standing)
    state: Standing = field(default_factory=Standing)
    whole: bool = True
    kept: int = RECENT

    @classmethod
    def of(cls, history: History) -> Series:
        """The series as its whole history leaves it."""
        figures = tuple(sorted(history.figures, key=order))
        series = cls(key=history.key, told=history.told, recent=figures, state=standing(figures))
        return series._cut()

    @classmethod
    def ready_for(cls, history: History, figure: Figure) -> Series:
        """The series with all its history at hand, for a figure that is older than what was.

        Where one text comes late others do: from now on so many stay at hand that another like it finds its place.
        """
        figures = tuple(sorted(history.figures, key=order))
        newer = sum(order(one) >= order(figure) for one in figures)
        kept = min(newer + RECENT, DEEPEST)
        return cls(key=history.key, told=history.told, recent=figures, state=standing(figures), kept=kept)

    def takes(self, figure: Figure) -> bool:
        """Whether `figure` can be added; if not, the series must be had anew from its history."""
        return self.whole or order(figure) >= order(self.recent[0])

    def with_figure(self, figure: Figure) -> Series:
        """The series after `figure` joined it; only a late arrival is folded anew."""
        if not self.recent or order(figure) >= order(self.recent[-1]):
            recent, state = (*self.recent, figure), advance(self.state, figure)
        else:
            recent = tuple(sorted((*self.recent, figure), key=order))
            state = standing(recent, after=self.before)
        return replace(self, recent=recent, state=state)._cut()

    def _cut(self) -> Series:
        """The series with no more at hand than is kept."""
        if len(self.recent) <= self.kept:
            return self
        before = standing(self.recent[: -self.kept], after=self.before)
        return replace(self, recent=self.recent[-self.kept :], before=before, whole=False)

    @property
    def current(self) -> Figure | None:
        """The figure that stands."""
        return self.state.current

    @property
    def party(self) -> str:
        """The one independent voice that it belongs to."""
        return self.recent[-1].party if self.recent else self.key.source


PartKey = tuple[str, Scope, Outcome, Who, str | None, str | None]


def part_key(figure: Figure) -> PartKey:
    """What makes two parts or increments the same one: source, scope, outcome, group, subset and window."""
    claim = figure.claim
    return (figure.source, claim.scope, claim.outcome, claim.who, claim.subset, claim.window)


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """One part or increment as it was told so far: its newest figure, and all its numbers."""

    newest: Figure
    numbers: frozenset[int]

    def with_figure(self, figure: Figure) -> Beside:
        """The same after `figure` said it again."""
        newest = max(self.newest, figure, key=lambda one: one.as_of)
        return Beside(newest=newest, numbers=self.numbers | {anchor(figure.claim)})


Order = tuple[datetime, str]  # of a text in the order of publication: when, and its address


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The names of an event's sources and of who speaks for them -> the source that each meant first (`meant`).

    `first` are the texts in which they meant it.
    """

    meant: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, Order] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Iterable[tuple[str, str, Order]]) -> Names:
        """The names out of (name, source, text), each where it was said first."""
        meant: dict[str, str] = {}
        first: dict[str, Order] = {}
        for name, source, place in said:
            if name not in first or place < first[name]:
                meant[name], first[name] = source, place
        return cls(meant=meant, first=first)

    def before(self, place: Order) -> Mapping[str, str]:
        """What a text there could know: the names that earlier texts held."""
        return {name: source for name, source in self.meant.items() if self.first[name] < place}

    def met(self, names: Mapping[str, str], place: Order) -> Names:
        """The names after a text held some; what a name meant first it means still."""
        fresh = {name: source for name, source in names.items() if name not in self.first or place < self.first[name]}
        if not fresh:
            return self
        return Names(meant={**self.meant, **fresh}, first={**self.first, **dict.fromkeys(fresh, place)})


@dataclass(frozen=True, kw_only=True, slots=True)
class EventView:
    """All that is known of one event.

    `beside` holds its parts and increments.
    """

    event: str
    series: Mapping[SeriesKey, Series] = field(default_factory=dict)
    beside: Mapping[PartKey, Beside] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    @classmethod
    def of(cls, event: str, histories: Iterable[History], beside: Iterable[Figure], names: Names) -> EventView:
        """The view as the whole history of an event leaves it."""
        view = cls(event=event, series={history.key: Series.of(history) for history in histories}, names=names)
        for figure in beside:
            view = view.with_beside(figure)
        return view

    def live(self, outcome: Outcome) -> Iterable[Series]:
        """The series of an outcome that have a standing figure."""
        return (one for key, one in self.series.items() if key.outcome is outcome and one.current is not None)

    def with_series(self, series: Series) -> EventView:
        """The view with one series as it is now."""
        return replace(self, series={**self.series, series.key: series})

    def with_figure(self, key: SeriesKey, figure: Figure) -> EventView:
        """The view after `figure` joined its series."""
        return self.with_series((self.series.get(key) or Series(key=key)).with_figure(figure))

    def with_told(self, key: SeriesKey, number: int) -> EventView:
        """The view after subscribers were told `number` of a series."""
        return self.with_series(replace(self.series[key], told=number))

    def with_names(self, names: Mapping[str, str], place: Order) -> EventView:
        """The view after a text held names."""
        known = self.names.met(names, place)
        return self if known is self.names else replace(self, names=known)

    def with_beside(self, figure: Figure) -> EventView:
        """The view after a part or an increment was said."""
        key = part_key(figure)
        known = self.beside.get(key)
        now = Beside(newest=figure, numbers=frozenset({anchor(figure.claim)})) if known is None else None
        return replace(self, beside={**self.beside, key: now or self.beside[key].with_figure(figure)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One figure before the table: what came in, and what is known.

    `edited_from` is the figure that the same article gave before it was changed in place; `correction_noted` that
    the article says it was corrected; `is_echo` that the text copies one already seen, value and all; `opens` that
    the event had no figure before this article. `increments` are what the same text adds to an earlier count of the
    same outcome and group.
    """

    figure: Figure
    key: SeriesKey
    view: EventView
    is_echo: bool = False
    edited_from: Figure | None = None
    correction_noted: bool = False
    opens: bool = False
    increments: tuple[int, ...] = ()
    parameters: Parameters = DEFAULTS

    @property
    def own(self) -> Series:
        """The figure's own series, empty where it has none yet."""
        return self.view.series.get(self.key) or Series(key=self.key)

    @property
    def current(self) -> Figure | None:
        """What stands in the figure's own series."""
        own = self.view.series.get(self.key)
        return None if own is None else own.current

    @property
    def said_beside(self) -> Beside | None:
        """What was said before of the part or increment that the figure is."""
        return self.view.beside.get(part_key(self.figure))

    @property
    def anchor(self) -> int:
        """The new figure's number."""
        return anchor(self.figure.claim)

    def others(self) -> list[Series]:
        """The live series of other sources in the same group and subset."""
        return [
            one
            for one in self.view.live(self.key.outcome)
            if one.key != self.key and (one.key.who, one.key.subset) == (self.key.who, self.key.subset)
        ]

    def firm_others(self) -> list[Figure]:
        """The firm standing figures of other sources in the same group, the highest first."""
        firm = [one.current for one in self.others() if one.current is not None and not is_unsure(one.current.claim)]
        return sorted(firm, key=lambda figure: -anchor(figure.claim))

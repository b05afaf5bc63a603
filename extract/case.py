"""A figure before the decision table: what came in, and all that is known of its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from extract.intervals import anchor, is_unsure
from extract.standing import DEFAULTS, Parameters, Standing, advance, order, standing
from model import Figure, History, Outcome, SeriesKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One series: its figures of scope total, in any order, and the number that subscribers were last told."""

    key: SeriesKey
    figures: tuple[Figure, ...] = ()
    told: int | None = None
    state: Standing = field(default_factory=Standing)
    newest: Figure | None = None  # the last in the order in which they were true

    @classmethod
    def of(cls, history: History) -> Series:
        """The series as its history leaves it."""
        figures = history.figures
        newest = max(figures, key=order, default=None)
        return cls(key=history.key, figures=figures, told=history.told, state=standing(figures), newest=newest)

    def with_figure(self, figure: Figure) -> Series:
        """The series after `figure` joined it; only a late arrival is folded anew."""
        figures = (*self.figures, figure)
        if self.newest is not None and order(figure) < order(self.newest):
            return replace(self, figures=figures, state=standing(figures))
        return replace(self, figures=figures, state=advance(self.state, figure), newest=figure)

    @property
    def current(self) -> Figure | None:
        """The figure that stands."""
        return self.state.current

    @property
    def party(self) -> str:
        """The one independent voice that it belongs to."""
        return self.figures[-1].party if self.figures else self.key.source


@dataclass(frozen=True, kw_only=True, slots=True)
class EventView:
    """All that is known of one event. `beside` holds its parts and increments."""

    event: str
    series: Mapping[SeriesKey, Series] = field(default_factory=dict)
    beside: tuple[Figure, ...] = ()

    def live(self, outcome: Outcome) -> Iterable[Series]:
        """The series of an outcome that have a standing figure."""
        return (one for key, one in self.series.items() if key.outcome is outcome and one.current is not None)

    def with_figure(self, key: SeriesKey, figure: Figure) -> EventView:
        """The view after `figure` joined its series."""
        known = self.series.get(key, Series(key=key))
        return replace(self, series={**self.series, key: known.with_figure(figure)})

    def with_told(self, key: SeriesKey, number: int) -> EventView:
        """The view after subscribers were told `number` of a series."""
        return replace(self, series={**self.series, key: replace(self.series[key], told=number)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One figure before the table: what came in, and what is known.

    `edited_from` is the figure that the same article gave before it was changed in place; `correction_noted` that
    the article says it was corrected; `is_echo` that the text copies one already seen, value and all; `opens` that
    the event had no figure before this article.
    """

    figure: Figure
    key: SeriesKey
    view: EventView
    is_echo: bool = False
    edited_from: Figure | None = None
    correction_noted: bool = False
    opens: bool = False
    parameters: Parameters = DEFAULTS

    @property
    def own(self) -> Series:
        """The figure's own series, empty where it has none yet."""
        return self.view.series.get(self.key, Series(key=self.key))

    @property
    def current(self) -> Figure | None:
        """What stands in the figure's own series."""
        return self.own.current

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

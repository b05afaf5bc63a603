"""A figure before the decision table: what came in, and all that is known of its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from extract.intervals import anchor
from extract.standing import DEFAULTS, Parameters, Standing, standing
from model import Figure, Outcome, SeriesKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One series: its figures of scope total, in any order, and the number that subscribers were last told."""

    key: SeriesKey
    figures: tuple[Figure, ...] = ()
    told: int | None = None
    state: Standing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", standing(self.figures))

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
    """All that is known of one event. `parts` holds the figures of places and windows inside it."""

    event: str
    series: Mapping[SeriesKey, Series] = field(default_factory=dict)
    parts: tuple[Figure, ...] = ()

    def live(self, outcome: Outcome) -> Iterable[Series]:
        """The series of an outcome that have a standing figure."""
        return (one for key, one in self.series.items() if key.outcome is outcome and one.current is not None)

    def with_figure(self, key: SeriesKey, figure: Figure) -> EventView:
        """The view after `figure` joined its series."""
        known = self.series.get(key, Series(key=key))
        new = Series(key=key, figures=(*known.figures, figure), told=known.told)
        return replace(self, series={**self.series, key: new})

    def with_told(self, key: SeriesKey, number: int) -> EventView:
        """The view after subscribers were told `number` of a series."""
        return replace(
            self, series={**self.series, key: Series(key=key, figures=self.series[key].figures, told=number)}
        )


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
        firm = [one.current for one in self.others() if one.current is not None and not one.current.claim.hedged]
        return sorted(firm, key=lambda figure: -anchor(figure.claim))

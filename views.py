"""What is known of an event, kept at hand: an article in an event of thousands must not read them all again."""

from __future__ import annotations

from collections import OrderedDict

from archive import Archive
from extract.case import EventView, Names, Series
from model import Figure, SeriesKey

_KEPT = 1_024  # events: more than are written about at one time, for a view that is let go is read from all figures


class Views:
    """The views of events. All methods run on the archive's thread; what is rolled back is forgotten."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._kept: OrderedDict[str, EventView] = OrderedDict()
        self._rollbacks = archive.rollbacks

    def of(self, event: str) -> EventView:
        """All that is known of one event now."""
        if self._rollbacks != self._archive.rollbacks:
            self._kept.clear()
            self._rollbacks = self._archive.rollbacks
        view = self._kept.get(event)
        if view is None:
            knowledge = self._archive.knowledge
            names = Names.of(knowledge.names(event))
            view = EventView.of(event, knowledge.histories(event), knowledge.beside(event), names)
        self.keep(view)
        return view

    def keep(self, view: EventView) -> None:
        """Keep a view as it is after what was just added to its event."""
        self._kept[view.event] = view
        self._kept.move_to_end(view.event)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def forget(self, event: str) -> None:
        """Let go of a view: something else than a new figure changed its event."""
        self._kept.pop(event, None)

    def ready_for(self, view: EventView, key: SeriesKey, figure: Figure) -> EventView:
        """The view with as much of a series at hand as it takes to add `figure`, however old that is."""
        series = view.series.get(key)
        if series is None or series.takes(figure):
            return view
        return view.with_series(Series.ready_for(self._archive.knowledge.history(key), figure))

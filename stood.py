"""What stood at a time: as far as it was true by then (`as_of`), as far as it was known by then (`seen_by`).

What is known of the past changes: a report of Monday's toll arrives on Wednesday. *As of* Monday it counts, *seen by*
Monday it does not.
"""

from __future__ import annotations

from datetime import datetime

from archive import Archive
from archive.queries import Answer
from extract.standing import standing


def figures(archive: Archive, event: str, *, as_of: datetime | None = None, seen_by: datetime | None = None) -> Answer:
    """The figure that stands in each series of an event, the largest of each outcome and group first.

    With `as_of` only what was true by then counts, with `seen_by` only what was known by then. Columns as in the view
    `figure_history`.
    """
    if as_of is None:
        return archive.queries.current(event, seen_by=seen_by)
    stood = [standing(totals).current for totals in archive.queries.totals(event, as_of=as_of, seen_by=seen_by)]
    return archive.queries.figures(event, [one.id for one in stood if one is not None], seen_by=seen_by)

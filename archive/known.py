"""Figures as they were known at a time: where a late text, a merge or a split has settled one anew, its old place."""

from __future__ import annotations

from datetime import datetime

from archive.rows import text

SETTLED = ("series_id", "party", "moves", "dated", "edited", "as_of", "as_of_precision", "scope")
_ALWAYS = (
    "id", "claim_id", "revision_id", "article_id", "seen", "published", "doubtful", "quote", "mark_start", "mark_end",
    "cue", "number",
)  # fmt: skip
_OPEN_END = "9999"  # later than any time that the archive writes


def _columns(settled: str) -> str:
    return ", ".join([*(f"f.{name}" for name in _ALWAYS), *(f"{settled}.{name}" for name in SETTLED), "s.source"])


# The figures of :event as the table `figures` had them at :seen_by, under the name `known`.
KNOWN = f"""WITH known AS (
    SELECT {_columns("f")} FROM series s JOIN figures f ON f.series_id = s.id
    WHERE s.event = :event AND f.seen <= :seen_by
        AND NOT EXISTS (SELECT 1 FROM resettled r WHERE r.figure_id = f.id AND r.until > :seen_by)
    UNION ALL
    SELECT {_columns("r")} FROM series s JOIN resettled r ON r.series_id = s.id JOIN figures f ON f.id = r.figure_id
    WHERE s.event = :event AND f.seen <= :seen_by
        AND r.id = (SELECT MIN(v.id) FROM resettled v WHERE v.figure_id = f.id AND v.until > :seen_by))"""

_OF_SERIES = ("outcome", "who", "subset", "source")
_OF_HISTORY = (
    "low", "high", "qualifier", "phrase", "number", "hedged", "denied", "window", "seen", "published", "outlet", "url",
    "source_text", "speaker", "quote", "kind", "level", "reason", "silent_edit", "change_id", "claim_id",
    "article_id", "revision_id",
)  # fmt: skip
_OF_KNOWN = ("id", "party", "scope", "as_of", "as_of_precision")

# The same as the view `figure_history` shows them, under the name `history`.
HISTORY = f"""{KNOWN}, history AS (
    SELECT s.event, e.name AS event_name, {", ".join(f"s.{name}" for name in _OF_SERIES)},
        {", ".join(f"known.{name}" for name in _OF_KNOWN)}, {", ".join(f"h.{name}" for name in _OF_HISTORY)}
    FROM known JOIN figure_history h ON h.id = known.id JOIN series s ON s.id = known.series_id
        JOIN events e ON e.id = s.event)"""


def until(moment: datetime | None) -> str:
    """A time up to which something holds, as the archive compares it; without one, all holds."""
    return _OPEN_END if moment is None else text(moment)

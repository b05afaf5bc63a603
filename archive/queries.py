"""What people ask of the archive: rows as plain values, ready for a table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.rows import Row, marks, moment, text, to_moment
from model import (
    Kind,
    Outcome,
    PageOutcome,
    PolledListing,
    Qualifier,
    SourceRecord,
    Timeline,
    TimelinePoint,
    Visit,
    Who,
)

Answer = list[dict[str, Any]]

_LAST_VISITS = 20  # pages of an outlet that tell how it does now
_SAID_AGAIN = (Kind.RESTATED, Kind.REPEAT, Kind.STALE, Kind.CONTEXT, Kind.DENIED, Kind.PART, Kind.INCREMENT)
_BESIDE = frozenset({Kind.HEDGED_HIGH, Kind.IMPLAUSIBLE, Kind.LOWERED_UNCONFIRMED})
_GRAVITY = (
    *(Outcome.KILLED, Outcome.MISSING, Outcome.ABDUCTED, Outcome.INJURED),
    *(Outcome.CASUALTIES, Outcome.DETAINED, Outcome.DISPLACED),
)
_MAY_NOT_SAY = frozenset({Qualifier.UP_TO})  # compared as if hedged, since its bound is routinely broken

Group = tuple[Outcome, Who, str | None]  # what is counted: outcome, group, subset


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """The archive's own figures for `status`."""

    articles: int
    revisions: int
    claims: int
    events: int
    owed: int
    dead: int
    waiting: int  # addresses to fetch
    outcomes: tuple[tuple[str, int], ...]  # of every fetch


class Queries:
    """Reading verbs; none of them writes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def _ask(self, sql: str, values: Sequence[object] = ()) -> Answer:
        return [dict(row) for row in self._db.execute(sql, list(values))]

    def events(self, like: str | None = None) -> Answer:
        """Events, the newest first; `like` is an id, a name or a part of a name, or a watch's id."""
        pattern = f"%{like}%" if like else "%"
        return self._ask(
            """SELECT id, name, opened, last_seen, articles FROM events
            WHERE articles > 0 AND (id = ? OR name LIKE ? OR watch = ?) ORDER BY last_seen DESC""",
            [like or "", pattern, like or ""],
        )

    def addresses(self, event: str) -> list[str]:
        """The addresses of an event's articles."""
        rows = self._ask(
            "SELECT a.url FROM event_articles ea JOIN articles a ON a.id = ea.article_id WHERE ea.event = ? ORDER BY url",
            [event],
        )
        return [row["url"] for row in rows]

    def timeline(self, event: str, *, all_verdicts: bool = False) -> Answer:
        """Every figure of an event in the order in which it was true; by default only those that said something new."""
        quiet = (
            "" if all_verdicts else "AND kind NOT IN ('restated', 'repeat', 'stale', 'context', 'refined', 'denied')"
        )
        return self._ask(
            f"""SELECT change_id, as_of, outcome, who, subset, number, qualifier, phrase, source, outlet, kind, level, hedged, quote,
            url, reason, seen, published FROM figure_history WHERE event = ? {quiet} ORDER BY as_of, id""",
            [event],
        )

    def told_at_once(self, since: str, until: str) -> Answer:
        """The changes that were told at once between two times (as the archive writes them), as published."""
        return self._ask(
            """SELECT f.published AS stated, a.url, s.outcome, s.who, s.subset, f.number, ch.kind, s.source, ch.reason
            FROM changes ch JOIN figures f ON f.id = ch.figure_id JOIN series s ON s.id = ch.series_id
            JOIN articles a ON a.id = f.article_id
            WHERE ch.level = 'now' AND NOT ch.baseline AND f.published BETWEEN ? AND ? ORDER BY ch.id""",
            [since, until],
        )

    def told(self, change: int) -> Answer:
        """When a verdict was given, whether it was there before anybody looked, and until when it waits."""
        return self._ask(
            """SELECT ch.at, ch.baseline, (SELECT MIN(p.due) FROM pending p WHERE p.change_id = ch.id) AS due
            FROM changes ch WHERE ch.id = ?""",
            [change],
        )

    def current(self, event: str) -> Answer:
        """What each source says now of an event."""
        return self._ask("SELECT * FROM current_figures WHERE event = ? ORDER BY outcome, who, number DESC", [event])

    def listings(self) -> Answer:
        """Every polled address with how it does."""
        return self._ask("SELECT * FROM source_health ORDER BY failures DESC, outlet")

    def source_records(self) -> list[SourceRecord]:
        """What is known of each outlet that is polled: its addresses, and its last pages."""
        listings: dict[str, list[PolledListing]] = {}
        for row in self._db.execute("SELECT * FROM feeds WHERE removed IS NULL ORDER BY rowid"):
            listings.setdefault(row["outlet"], []).append(_listing(row))
        return [
            SourceRecord(
                outlet=row["id"],
                name=row["name"],
                listings=tuple(listings.get(row["id"], ())),
                visits=self._last_visits(row["id"]),
            )
            for row in self._db.execute("SELECT id, name FROM outlets WHERE removed IS NULL ORDER BY id")
        ]

    def _last_visits(self, outlet: str) -> tuple[Visit, ...]:
        rows = self._db.execute(
            "SELECT at, outcome, detail FROM fetches WHERE outlet = ? AND kind = 'page' ORDER BY at DESC LIMIT ?",
            [outlet, _LAST_VISITS],
        )
        return tuple(
            Visit(at=moment(row["at"]), outcome=PageOutcome(row["outcome"]), detail=row["detail"]) for row in rows
        )

    def alerts(self, limit: int) -> Answer:
        """The newest alerts with each delivery."""
        return self._ask("SELECT * FROM alert_log ORDER BY created DESC, channel LIMIT ?", [limit])

    def owed(self) -> Answer:
        """What is owed still, and why."""
        return self._ask(
            """SELECT d.channel, a.headline, d.attempts, d.last_error, d.next_try FROM deliveries d
            JOIN alerts a ON a.key = d.alert_key WHERE d.state = 'owed' ORDER BY d.id"""
        )

    def channels(self) -> Answer:
        """How each channel does: what was delivered, what is owed and since when it fails."""
        return self._ask(
            """SELECT channel, SUM(state = 'delivered') AS delivered, SUM(state = 'owed') AS owed, SUM(state = 'dead') AS dead,
            MIN(CASE WHEN state = 'owed' THEN next_try END) AS next_try, MAX(last_error) AS last_error
            FROM deliveries GROUP BY channel ORDER BY channel"""
        )

    def alert(self, key: str) -> str | None:
        """The newest alert whose key begins so, as it is kept (JSON)."""
        rows = self._ask(
            "SELECT data FROM alerts WHERE substr(key, 1, length(?1)) = ?1 ORDER BY created DESC, rowid DESC LIMIT 1",
            [key],
        )
        return rows[0]["data"] if rows else None

    def search(self, words: str, limit: int) -> Answer:
        """Revisions that hold all words, the newest first."""
        if not words.strip('" '):
            return []
        quoted = " ".join('"' + word.replace('"', '""') + '"' for word in words.split())
        return self._ask(
            """SELECT a.outlet, a.url, r.title, r.stated, snippet(revisions_fts, 1, '[', ']', ' … ', 12) AS found
            FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid JOIN articles a ON a.id = r.article_id
            WHERE revisions_fts MATCH ? ORDER BY r.id DESC LIMIT ?""",
            [quoted, limit],
        )

    def health(self) -> Health:
        """Counts of everything."""

        def count(sql: str) -> int:
            return int(self._db.execute(sql).fetchone()[0])

        outcomes = self._ask("SELECT outcome, COUNT(*) AS n FROM fetches GROUP BY outcome ORDER BY n DESC, outcome")
        return Health(
            articles=count("SELECT COUNT(*) FROM articles"),
            revisions=count("SELECT COUNT(*) FROM revisions"),
            claims=count("SELECT COUNT(*) FROM claims"),
            events=count("SELECT COUNT(*) FROM events"),
            owed=count("SELECT COUNT(*) FROM deliveries WHERE state = 'owed'"),
            dead=count("SELECT COUNT(*) FROM deliveries WHERE state = 'dead'"),
            waiting=count(
                "SELECT COUNT(*) FROM frontier WHERE due IS NOT NULL AND attempts = 0 AND last_outcome IS NULL"
            ),
            outcomes=tuple((row["outcome"], row["n"]) for row in outcomes),
        )

    def verdicts(self) -> list[tuple[str, int]]:
        """How often each verdict was given."""
        return [(row["kind"], row["n"]) for row in self._ask("SELECT kind, COUNT(*) AS n FROM changes GROUP BY kind")]

    def tables(self) -> list[str]:
        """The names of all tables and views that people read (not the full-text index's own)."""
        rows = self._ask(
            """SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'
            AND name NOT LIKE '_sqlite_%' AND name NOT LIKE 'revisions_fts_%' ORDER BY name"""
        )
        return [row["name"] for row in rows]

    def revisions(self, since: str, until: str) -> Answer:
        """Every text of every article, as published, between two times (as the archive writes them)."""
        return self._ask(
            """SELECT r.id, a.url, a.outlet, r.title, r.text, r.stated, r.language, r.kind, r.credit
            FROM revisions r
            JOIN articles a ON a.id = r.article_id WHERE r.stated BETWEEN ? AND ? ORDER BY r.stated, r.id""",
            [since, until],
        )

    def articles(self) -> Answer:
        """Every article with its newest revision (for export and scoring)."""
        return self._ask(
            """SELECT a.url, a.fetched_as, a.outlet, r.title, r.text, r.published, r.language, r.kind, r.number
            FROM articles a JOIN revisions r ON r.id = a.revision_id ORDER BY a.id"""
        )

    def timeline_of(self, event: str, *, seen_by: datetime | None = None, group: Group | None = None) -> list[Timeline]:
        """What each source said over time, a timeline for each outcome and group: the gravest and largest first.

        What only says again what its source said before is left out. `seen_by` leaves out what was seen later, `group`
        every other group.
        """
        of_group, values = "", []
        if group is not None:
            of_group, values = "AND s.outcome = ? AND s.who = ? AND s.subset IS ?", list(group)
        # From the verdicts on, since most of the figures of a large event only say again what is known.
        rows = self._ask(
            f"""SELECT e.name AS event_name, s.outcome, s.who, s.subset, s.source AS speaker, f.id, f.as_of, f.seen,
            f.number, f.cue, f.quote, f.mark_start, f.mark_end, c.low, c.high, c.qualifier, c.phrase, c.hedged,
            IFNULL(own.name, s.source) AS source, IFNULL(o.name, a.outlet) AS outlet, a.url, ch.kind
            FROM changes ch CROSS JOIN series s ON s.id = ch.series_id JOIN events e ON e.id = s.event
            JOIN figures f ON f.id = ch.figure_id JOIN claims c ON c.id = f.claim_id JOIN articles a ON a.id = f.article_id
            LEFT JOIN outlets o ON o.id = a.outlet
            LEFT JOIN outlets own ON s.source LIKE 'outlet:%' AND own.id = substr(s.source, 8)
            WHERE ch.event = ? AND ch.kind NOT IN ({marks(_SAID_AGAIN)}) AND f.moves AND f.seen <= ? {of_group}
            AND NOT EXISTS (SELECT 1 FROM changes later WHERE later.figure_id = ch.figure_id AND later.id > ch.id)
            ORDER BY f.as_of, f.seen, f.id""",
            [event, *_SAID_AGAIN, text(seen_by) if seen_by else "9", *values],
        )
        of: dict[Group, list[dict[str, Any]]] = {}
        for row in rows:
            of.setdefault((Outcome(row["outcome"]), Who(row["who"]), row["subset"]), []).append(row)
        timelines = [_timeline(event, key, ones) for key, ones in of.items()]
        return sorted(timelines, key=_gravity)


def _timeline(event: str, group: Group, rows: Sequence[dict[str, Any]]) -> Timeline:
    outcome, who, subset = group
    points: list[TimelinePoint] = []
    last: dict[str, TimelinePoint] = {}
    for row in rows:
        point = _point(row)
        before = last.get(point.source)
        if before is None or _said(before) != _said(point):
            points.append(point)
            last[point.source] = point
    return Timeline(
        event=event,
        event_name=rows[0]["event_name"],
        outcome=outcome,
        who=who,
        subset=subset,
        points=tuple(points),
    )


def _point(row: dict[str, Any]) -> TimelinePoint:
    kind, qualifier = row["kind"], Qualifier(row["qualifier"])
    hedged = bool(row["hedged"]) or qualifier in _MAY_NOT_SAY
    return TimelinePoint(
        as_of=moment(row["as_of"]),
        seen=moment(row["seen"]),
        low=row["low"],
        high=row["high"],
        number=row["number"],
        qualifier=qualifier,
        hedged=hedged,
        source=row["source"].removeprefix("outlet:"),
        outlet=row["outlet"],
        url=row["url"],
        quote=row["quote"],
        figure_id=row["id"],
        phrase=row["phrase"],
        mark=(row["mark_start"], row["mark_end"]),
        stands=not hedged and kind not in _BESIDE,
        withdrawn=kind == Kind.WITHDRAWN,
    )


def _said(point: TimelinePoint) -> tuple[object, ...]:
    return (point.number, point.low, point.high, point.hedged, point.stands, point.withdrawn)


def _gravity(timeline: Timeline) -> tuple[int, int, str, str]:
    largest = max(point.number for point in timeline.points)
    return (_GRAVITY.index(timeline.outcome), -largest, timeline.who.value, timeline.subset or "")


def _listing(row: Row) -> PolledListing:
    return PolledListing(
        url=row["url"],
        failures=row["failures"],
        failing_since=to_moment(row["failing_since"]),
        last_outcome=None if row["last_outcome"] is None else PageOutcome(row["last_outcome"]),
        last_detail=row["last_detail"] or "",
        first_polled=to_moment(row["first_polled"]),
        last_news=to_moment(row["last_news"]),
        gap=None if row["gap_s"] is None else timedelta(seconds=row["gap_s"]),
    )

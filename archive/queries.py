"""What people ask of the archive: rows as plain values, ready for a table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from archive.known import HISTORY, KNOWN, until
from archive.rows import FIGURE_FROM, FIGURE_SELECT, Row, moment, row_to_figure, to_moment, to_text
from archive.searching import match
from model import (
    PAYWALLED,
    WELL,
    Figure,
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

_BY_WEIGHT = "outcome, who, subset, number DESC, source"
# Texts come roughly in the order of their times. The newest thousands of which none is early enough need no look: the
# index tells for each of them. What was imported may be of any time, so that no more than this can be said.
_AMONG = """revisions_fts.rowid < (WITH RECURSIVE thousand(n) AS (
    SELECT MAX(id) / 1000 FROM revisions
    UNION ALL SELECT n - 1 FROM thousand
    WHERE n > 0 AND NOT EXISTS (SELECT 1 FROM revisions t WHERE t.id / 1000 = n AND t.{0} <= :{1})
) SELECT (MIN(n) + 1) * 1000 FROM thousand)"""
_BOUNDS = {
    "since": "r.stated >= :since",
    "until": f"r.stated <= :until AND {_AMONG.format('stated', 'until')}",
    "seen_by": f"r.fetched <= :seen_by AND {_AMONG.format('fetched', 'seen_by')}",
    "outlet": "(a.outlet = :outlet OR a.outlet IN (SELECT id FROM outlets WHERE name = :outlet COLLATE NOCASE))",
    "language": "r.language = :language",
}
_WEIGHED = 2_000  # texts that hold what is searched for: of more of them none is the best
_MOST_OWED = 1_000  # deliveries that are listed
_MOST_EVENTS = 1_000  # that are listed: nobody reads a list of all
_PAGE_OUTCOMES = {outcome.value: outcome for outcome in PageOutcome}  # faster than the enum: it is asked for thousands
DRAWN_OF = 5_000  # verdicts of an event, its newest, of which a plot is drawn: a war has hundreds of thousands
_LAST_VISITS = 20  # pages of an outlet that tell how it does now
_WELL_ENOUGH = 5  # of them with nothing wrong: there is no trouble that four fifths of the others can have
_SAID_AGAIN = (Kind.RESTATED, Kind.REPEAT, Kind.STALE, Kind.CONTEXT, Kind.DENIED, Kind.PART, Kind.INCREMENT)
_BESIDE = frozenset({Kind.HEDGED_HIGH, Kind.IMPLAUSIBLE, Kind.LOWERED_UNCONFIRMED})
_GRAVITY = (
    *(Outcome.KILLED, Outcome.MISSING, Outcome.ABDUCTED, Outcome.INJURED),
    *(Outcome.CASUALTIES, Outcome.DETAINED, Outcome.DISPLACED),
)
_MAY_NOT_SAY = frozenset({Qualifier.UP_TO})  # compared as if hedged, since its bound is routinely broken

Group = tuple[Outcome, Who, str | None]  # what is counted: outcome, group, subset
_LAST_ARTICLES = 100  # of an outlet, which tell how often its articles hold a figure now
_ARTICLES_BEFORE = 300  # which tell how often they usually do, where it is seldom
_SELDOM = 10


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

    def _ask(self, sql: str, values: Sequence[object] | dict[str, object] = ()) -> Answer:
        return [dict(row) for row in self._db.execute(sql, values)]

    def events(self, like: str | None = None, *, seen_by: datetime | None = None) -> Answer:
        """The newest events; `like` is an id, a name or a part of a name, or the id of a watch.

        With `seen_by`, those of which a figure was known by then, also where they lie in another event since.
        """
        known = "articles > 0"
        if seen_by is not None:
            known = """(EXISTS (SELECT 1 FROM changes c WHERE c.event = events.id AND c.at <= :seen_by)
                OR EXISTS (SELECT 1 FROM series s JOIN resettled r ON r.series_id = s.id
                    WHERE s.event = events.id AND r.until > :seen_by))"""
        meant, order = "", "last_seen"
        if like is not None:
            # All names are looked through in the order in which they lie, since each look-up of an event takes longer.
            meant, order = f"""AND rowid IN (SELECT rowid FROM events WHERE name LIKE :pattern
                UNION ALL SELECT rowid FROM events WHERE id = :like
                UNION ALL SELECT e.rowid FROM (SELECT event FROM event_watches WHERE watch = :like ORDER BY event DESC
                    LIMIT {_MOST_EVENTS}) w JOIN events e ON e.id = w.event)""", "+last_seen"  # fmt: skip
        return self._ask(
            f"""SELECT id, name, opened, last_seen, articles FROM events WHERE {known} {meant}
            ORDER BY {order} DESC LIMIT {_MOST_EVENTS}""",
            {"like": like, "pattern": f"%{like}%", "seen_by": until(seen_by)},
        )

    def addresses(self, event: str) -> list[str]:
        """The addresses of an event's articles."""
        rows = self._ask(
            "SELECT a.url FROM event_articles ea JOIN articles a ON a.id = ea.article_id WHERE ea.event = ? ORDER BY url",
            [event],
        )
        return [row["url"] for row in rows]

    def timeline(
        self,
        event: str,
        *,
        all_verdicts: bool = False,
        as_of: datetime | None = None,
        seen_by: datetime | None = None,
        last: int = -1,
    ) -> Answer:
        """Every figure of an event in the order in which it was true; by default only those that said something new.

        `as_of` leaves out what was true later, `seen_by` what was not known by then, `last` all but so many that came
        last. Columns as `figure_history` has.
        """
        said = "kind NOT IN ('restated', 'repeat', 'stale', 'context', 'refined', 'denied')"
        wanted = "TRUE" if all_verdicts else said
        values = {"event": event, "as_of": until(as_of), "seen_by": until(seen_by), "last": last}
        bounds = f"event = :event AND as_of <= :as_of AND {wanted}"
        if seen_by is not None:
            # Before a merge or a split a figure's verdict lay in another event than now: all that was known is read.
            return self._ask(
                f"""{HISTORY} SELECT * FROM (SELECT * FROM history WHERE {bounds} ORDER BY seen DESC, id DESC LIMIT :last)
                ORDER BY as_of, id""",
                values,
            )
        if last >= 0:
            # From the verdicts on: a war has hundreds of thousands of figures.
            by_then = "EXISTS (SELECT 1 FROM figures f WHERE f.id = figure_id AND f.as_of <= :as_of)"
            bounds += f""" AND id IN (SELECT figure_id FROM changes WHERE event = :event AND {wanted}
                AND {by_then if as_of else "TRUE"} ORDER BY at DESC LIMIT :last)"""
        return self._ask(f"SELECT * FROM figure_history WHERE {bounds} ORDER BY as_of, id", values)

    def totals(self, event: str, *, as_of: datetime, seen_by: datetime | None) -> list[tuple[Figure, ...]]:
        """Of each series of an event, the figures that move it and were true by `as_of`, as they were known by `seen_by`."""
        series: dict[int, list[Figure]] = {}
        for row in self._db.execute(
            f"""{KNOWN} SELECT f.series_id, {FIGURE_SELECT} FROM {FIGURE_FROM.replace("figures f", "known f", 1)}
            WHERE f.moves AND f.as_of <= :as_of ORDER BY f.id""",
            {"event": event, "as_of": until(as_of), "seen_by": until(seen_by)},
        ):
            series.setdefault(row["series_id"], []).append(row_to_figure(row))
        return [tuple(figures) for figures in series.values()]

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

    def current(self, event: str, *, seen_by: datetime | None = None) -> Answer:
        """What each source says now of an event, or with `seen_by`, what stood then as far as was known."""
        if seen_by is None:
            return self._ask(f"SELECT * FROM current_figures WHERE event = ? ORDER BY {_BY_WEIGHT}", [event])
        return self._ask(
            f"""SELECT * FROM known_figures WHERE event = :event AND since <= :at AND IFNULL(until, '9999') > :at
            ORDER BY {_BY_WEIGHT}""",
            {"event": event, "at": until(seen_by)},
        )

    def figures(self, event: str, ids: Sequence[int | None], *, seen_by: datetime | None) -> Answer:
        """Some figures of an event, as they were known by `seen_by`."""
        wanted = ", ".join(str(one) for one in ids if one is not None)
        return self._ask(
            f"{HISTORY} SELECT * FROM history WHERE id IN ({wanted}) ORDER BY {_BY_WEIGHT}",
            {"event": event, "seen_by": until(seen_by)},
        )

    def listings(self) -> Answer:
        """Every polled address with how it does."""
        return self._ask("SELECT * FROM source_health ORDER BY failures DESC, outlet")

    def source_records(self, *, after: str = "", most: int = -1) -> list[SourceRecord]:
        """What is known of each outlet that is polled, by its id: its addresses, its last pages and articles.

        With `most`, of so many outlets whose id comes after `after`.
        """
        listings: dict[str, list[PolledListing]] = {}
        for row in self._db.execute("SELECT * FROM feeds WHERE removed IS NULL ORDER BY rowid"):
            listings.setdefault(row["outlet"], []).append(_listing(row))
        return [
            SourceRecord(
                outlet=row["id"],
                name=row["name"],
                listings=tuple(listings.get(row["id"], ())),
                visits=self._last_visits(row["id"]),
                figures=self._last_figures(row["id"]),
            )
            for row in self._db.execute(
                "SELECT id, name FROM outlets WHERE removed IS NULL AND id > ? ORDER BY id LIMIT ?", [after, most]
            )
        ]

    def _last_visits(self, outlet: str) -> tuple[Visit, ...]:
        rows = self._db.execute(
            "SELECT at, outcome, detail FROM fetches WHERE outlet = ? AND kind = 'page' ORDER BY at DESC LIMIT ?",
            [outlet, _LAST_VISITS],
        )
        visits: list[Visit] = []
        well = 0
        for at, outcome, detail in rows:
            visits.append(Visit(at=moment(at), outcome=_PAGE_OUTCOMES[outcome], detail=detail))
            well += visits[-1].outcome in WELL and detail != PAYWALLED
            if well == _WELL_ENOUGH:
                break
        return tuple(visits)

    def _last_figures(self, outlet: str) -> tuple[bool, ...]:
        lately = self._have_figures(outlet, _LAST_ARTICLES, 0)
        if sum(lately) > _SELDOM:
            return lately
        return lately + self._have_figures(outlet, _ARTICLES_BEFORE, _LAST_ARTICLES)

    def _have_figures(self, outlet: str, most: int, after: int) -> tuple[bool, ...]:
        """Whether each of an outlet's articles holds a figure, the newest first; of the last ones until enough do."""
        rows = self._db.execute(
            """SELECT EXISTS (SELECT 1 FROM claims c WHERE c.revision_id = a.revision_id)
            FROM articles a WHERE a.outlet = ? ORDER BY a.published DESC LIMIT ? OFFSET ?""",
            [outlet, most, after],
        )
        found: list[bool] = []
        for row in rows:
            found.append(bool(row[0]))
            if after == 0 and sum(found) > _SELDOM:
                break
        return tuple(found)

    def alerts(self, limit: int) -> Answer:
        """The newest alerts with each delivery."""
        return self._ask("SELECT * FROM alert_log ORDER BY created DESC, channel LIMIT ?", [limit])

    def owed(self) -> Answer:
        """What is owed still, and why: the oldest thousand."""
        return self._ask(
            f"""SELECT d.channel, a.headline, d.attempts, d.last_error, d.next_try FROM (
                SELECT * FROM deliveries WHERE state = 'owed' ORDER BY id LIMIT {_MOST_OWED}
            ) d JOIN alerts a ON a.key = d.alert_key ORDER BY d.id"""
        )

    def deliveries(self, key: str) -> Answer:
        """The deliveries of the alerts whose key begins so, in the order in which they were owed."""
        return self._ask(
            """SELECT d.id, d.channel, d.state, a.key, a.headline FROM alerts a JOIN deliveries d ON d.alert_key = a.key
            WHERE substr(a.key, 1, length(?1)) = ?1 ORDER BY d.id""",
            [key],
        )

    def channels(self) -> Answer:
        """How each channel does: what was delivered, what is owed and since when it fails."""
        return self._ask(
            """WITH counted AS (SELECT state, channel, deliveries AS n FROM channel_counts WHERE deliveries > 0)
            SELECT channel, SUM(IIF(state = 'delivered', n, 0)) AS delivered, SUM(IIF(state = 'owed', n, 0)) AS owed,
            SUM(IIF(state = 'dead', n, 0)) AS dead,
            (SELECT MIN(next_try) FROM deliveries d WHERE d.state = 'owed' AND d.channel = counted.channel) AS next_try,
            (SELECT last_error FROM deliveries d WHERE d.state IN ('owed', 'dead') AND d.channel = counted.channel
                AND d.last_error IS NOT NULL ORDER BY d.id DESC LIMIT 1) AS last_error FROM counted GROUP BY channel ORDER BY channel"""
        )

    def alert(self, key: str) -> str | None:
        """The newest alert whose key begins so, as it is kept (JSON)."""
        begins = "WHERE key >= :key AND key < :key || char(0x10FFFF)" if key else ""
        rows = self._ask(f"SELECT data FROM alerts {begins} ORDER BY created DESC, rowid DESC LIMIT 1", {"key": key})
        return rows[0]["data"] if rows else None

    def search(
        self,
        words: str,
        limit: int,
        *,
        since: datetime | None = None,
        published_until: datetime | None = None,
        seen_by: datetime | None = None,
        outlet: str | None = None,
        language: str | None = None,
        by_rank: bool = False,
    ) -> Answer:
        """Revisions that hold every word, "phrase" and prefix* of `words`, the newest first or the best fit first.

        Where more than 2,000 hold the words they come by time in any case: to weigh all that hold a usual word takes seconds.
        `since` and `published_until` bound when they were published, `seen_by` when they were fetched; `outlet` is an id or a
        name. What was found stands in the column `found`, the words marked `▸so◂`. Raises InputError where `words` is
        too long.
        """
        expression = match(words)
        if expression is None:
            return []
        values = {
            "expression": expression,
            "limit": limit,
            "since": to_text(since),
            "until": to_text(published_until),
            "seen_by": to_text(seen_by),
            "outlet": outlet,
            "language": language,
        }
        bounds = "".join(f" AND {bound}" for name, bound in _BOUNDS.items() if values[name] is not None)
        # Only an order of the index's own needs no look at all that it finds.
        order = "rank" if by_rank and self._are_few(expression) else "revisions_fts.rowid DESC"
        return self._ask(
            f"""SELECT a.outlet, a.url, r.title, r.stated, r.fetched, r.language, r.number AS revision, r.id AS revision_id,
            snippet(revisions_fts, -1, '▸', '◂', ' … ', 16) AS found
            FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid JOIN articles a ON a.id = r.article_id
            WHERE revisions_fts MATCH :expression{bounds} ORDER BY {order} LIMIT :limit""",
            values,
        )

    def _are_few(self, expression: str) -> bool:
        """Whether so few texts hold what is searched for that each of them can be weighed."""
        found = f"SELECT 1 FROM revisions_fts WHERE revisions_fts MATCH ? LIMIT {_WEIGHED} + 1"
        return int(self._db.execute(f"SELECT COUNT(*) FROM ({found})", [expression]).fetchone()[0]) <= _WEIGHED

    def sources(self, event: str, *, as_of: datetime | None = None, seen_by: datetime | None = None) -> Answer:
        """Who counts in an event: each source with its party, how many figures it gave, through how many outlets, when."""
        return self._ask(
            f"""{KNOWN} SELECT k.source, k.party, COUNT(*) AS figures, COUNT(DISTINCT a.outlet) AS outlets,
            MIN(k.as_of) AS first_as_of, MAX(k.as_of) AS last_as_of, MIN(k.seen) AS first_seen, MAX(k.seen) AS last_seen
            FROM known k JOIN articles a ON a.id = k.article_id
            WHERE k.as_of <= :as_of AND k.scope NOT IN ('background', 'previous')
            GROUP BY k.source ORDER BY figures DESC, k.source""",
            {"event": event, "as_of": until(as_of), "seen_by": until(seen_by)},
        )

    def health(self) -> Health:
        """Counts of everything."""

        def count(sql: str) -> int:
            return int(self._db.execute(sql).fetchone()[0])

        rows = {row["kept"]: row["rows"] for row in self._ask("SELECT * FROM row_counts")}
        outcomes = self._ask("SELECT outcome, fetches AS n FROM fetch_counts ORDER BY n DESC, outcome")
        return Health(
            articles=rows.get("articles", 0),
            revisions=rows.get("revisions", 0),
            claims=rows.get("claims", 0),
            events=rows.get("events", 0),
            owed=count("SELECT IFNULL(SUM(deliveries), 0) FROM channel_counts WHERE state = 'owed'"),
            dead=count("SELECT IFNULL(SUM(deliveries), 0) FROM channel_counts WHERE state = 'dead'"),
            waiting=count(
                """SELECT IFNULL(SUM((SELECT COUNT(*) FROM frontier f WHERE f.outlet = o.id AND f.article IS NULL
                AND f.due IS NOT NULL AND f.attempts = 0 AND f.last_outcome IS NULL)), 0) FROM outlets o"""
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

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Of each of these tables and views the columns, in their order."""
        return {
            table: tuple(row["name"] for row in self._ask(f"SELECT name FROM pragma_table_xinfo('{table}')"))
            for table in self.tables()
        }

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

    def timeline_of(
        self,
        event: str,
        *,
        as_of: datetime | None = None,
        seen_by: datetime | None = None,
        group: Group | None = None,
        last: int = -1,
    ) -> list[Timeline]:
        """What each source said over time, a timeline for each outcome and group: the gravest and largest first.

        What only says again what its source said before is left out. `as_of` leaves out what was true later, `seen_by`
        what was not known by then, `group` every other group, `last` all but so many of the event's newest verdicts.
        """
        values: dict[str, object] = {"event": event, "as_of": until(as_of), "seen_by": until(seen_by), "last": last}
        of_group = ""
        if group is not None:
            of_group = "AND s.outcome = :outcome AND s.who = :who AND s.subset IS :subset"
            values |= dict(zip(("outcome", "who", "subset"), group, strict=True))
        again = ", ".join(f"'{kind}'" for kind in _SAID_AGAIN)
        # From the verdicts on, since most of the figures of a large event only say again what is known.
        newest = "(SELECT * FROM changes WHERE event = :event ORDER BY at DESC LIMIT :last)"
        figures = f"{newest} ch CROSS JOIN series s ON s.id = ch.series_id JOIN figures f ON f.id = ch.figure_id"
        if seen_by is not None:
            figures = "known f JOIN changes ch ON ch.figure_id = f.id JOIN series s ON s.id = f.series_id"
        rows = self._ask(
            f"""{KNOWN if seen_by else ""}
            SELECT e.name AS event_name, s.outcome, s.who, s.subset, s.source AS speaker, f.id, f.as_of, f.seen,
            f.number, f.cue, f.quote, f.mark_start, f.mark_end, c.low, c.high, c.qualifier, c.phrase, c.hedged,
            IFNULL(own.name, s.source) AS source, IFNULL(o.name, a.outlet) AS outlet, a.url, ch.kind
            FROM {figures} JOIN events e ON e.id = s.event
            JOIN claims c ON c.id = f.claim_id JOIN articles a ON a.id = f.article_id
            LEFT JOIN outlets o ON o.id = a.outlet
            LEFT JOIN outlets own ON s.source LIKE 'outlet:%' AND own.id = substr(s.source, 8)
            WHERE {"s" if seen_by else "ch"}.event = :event AND ch.kind NOT IN ({again}) AND f.moves
            AND f.as_of <= :as_of {of_group}
            AND NOT EXISTS (SELECT 1 FROM changes later WHERE later.figure_id = ch.figure_id AND later.id > ch.id)
            ORDER BY f.as_of, f.seen, f.id""",
            values,
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

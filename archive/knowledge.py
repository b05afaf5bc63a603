"""What is known: articles and their revisions, claims, events, series, figures and the verdicts on them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlite_utils import Database

from archive.rows import (
    FIGURE_FROM,
    FIGURE_SELECT,
    Row,
    change_from,
    claim_to_row,
    moment,
    row_to_figure,
    row_to_key,
    text,
    to_text,
)
from model import (
    Article,
    Change,
    Claim,
    EventProfile,
    Figure,
    History,
    KnownArticle,
    KnownText,
    Outcome,
    Scope,
    SeriesKey,
    Watch,
    Who,
)

_EVENT_KEYS_KEPT = 80  # of a kind: an event is known by its weightiest keys; the tail is one article's noise


def text_hash(article: Article) -> str:
    """SHA-256 of what a reader reads; two texts with one hash are one revision."""
    return hashlib.sha256(f"{article.title}\n{article.text}".encode()).hexdigest()


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


class Knowledge:
    """Verbs of what was read and decided."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # ------------------------------------------------------------------------------------------------ articles

    def article(self, url: str) -> KnownArticle | None:
        """What is kept of a canonical address."""
        row = self._db.execute(
            """SELECT a.id, a.url, r.id AS revision_id, r.number, r.sha256, r.stated, r.reader_version
            FROM articles a JOIN revisions r ON r.id = a.revision_id WHERE a.url = ?""",
            [url],
        ).fetchone()
        if row is None:
            return None
        return KnownArticle(
            id=row["id"],
            url=row["url"],
            revision_id=row["revision_id"],
            number=row["number"],
            sha256=row["sha256"],
            stated=moment(row["stated"]),
            reader_version=row["reader_version"],
        )

    def add_revision(
        self,
        article: Article,
        *,
        known: KnownArticle | None,
        fetched_as: str,
        fetched: datetime,
        stated: datetime,
        sketch: Sequence[int],
        reader_version: str,
    ) -> tuple[int, int]:
        """Keep a distinct text of an article; `stated` is when it was published. Returns (article id, revision id)."""
        if known is None:
            article_id = self._insert(
                "articles", url=article.url, outlet=article.outlet, first_seen=text(fetched), fetched_as=fetched_as,
                published=to_text(article.published),
            )  # fmt: skip
        else:
            article_id = known.id
        revision_id = self._insert(
            "revisions",
            article_id=article_id,
            number=1 if known is None else known.number + 1,
            sha256=text_hash(article),
            title=article.title,
            text=article.text,
            reading_text=article.reading_text,
            language=article.language,
            kind=article.kind,
            credit=article.credit,
            published=to_text(article.published),
            modified=to_text(article.modified),
            fetched=text(fetched),
            stated=text(stated),
            sketch=struct.pack(f"<{len(sketch)}q", *sketch),
            reader_version=reader_version,
        )
        self._db.execute("UPDATE articles SET revision_id = ? WHERE id = ?", [revision_id, article_id])
        return article_id, revision_id

    def _insert(self, table: str, **columns: object) -> int:
        names = ", ".join(f'"{name}"' for name in columns)
        cursor = self._db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({_marks(list(columns))})", list(columns.values())
        )
        if cursor.lastrowid is None:  # only a statement that is no INSERT has none
            raise AssertionError(table)
        return cursor.lastrowid

    def add_claims(self, revision_id: int, claims: Sequence[Claim], reader_version: str) -> list[int]:
        """Keep the claims of a revision; returns their ids in order."""
        return [
            self._insert("claims", revision_id=revision_id, reader_version=reader_version, **claim_to_row(claim))
            for claim in claims
        ]

    # -------------------------------------------------------------------------------------------------- echoes

    def add_echo_keys(self, revision_id: int, keys: Iterable[int], stated: datetime) -> None:
        """Make a revision findable by the keys of its sketch."""
        for key in keys:
            self._db.execute("INSERT OR IGNORE INTO echo_keys VALUES (?, ?, ?)", [key, revision_id, text(stated)])

    def texts_like(
        self, keys: Sequence[int], *, article_id: int, since: datetime, until: datetime, limit: int = 8
    ) -> list[KnownText]:
        """The revisions of other articles that share most keys, with their figures; copies of this article are left out."""
        if not keys:
            return []
        rows = self._db.execute(
            f"""SELECT r.id, a.url, r.stated, r.sketch FROM revisions r JOIN articles a ON a.id = r.article_id
            JOIN (SELECT revision_id, COUNT(*) AS shared FROM echo_keys
                WHERE key IN ({_marks(keys)}) AND stated BETWEEN ? AND ?
                GROUP BY revision_id ORDER BY shared DESC LIMIT ?) k ON k.revision_id = r.id
            LEFT JOIN revisions o ON o.id = r.echo_of
            WHERE a.id <> ? AND IFNULL(o.article_id, 0) <> ?""",
            [*keys, text(since), text(until), limit, article_id, article_id],
        ).fetchall()
        return [
            KnownText(
                revision_id=row["id"],
                url=row["url"],
                stated=moment(row["stated"]),
                sketch=struct.unpack(f"<{len(row['sketch']) // 8}q", row["sketch"]),
                figures=tuple(self._figures("f.revision_id = ?", [row["id"]])),
            )
            for row in rows
        ]

    def mark_echo(self, revision_id: int, of: int) -> None:
        """Keep that a revision copies another."""
        self._db.execute("UPDATE revisions SET echo_of = ? WHERE id = ?", [of, revision_id])

    # -------------------------------------------------------------------------------------------------- events

    def event_of(self, article_id: int) -> str | None:
        """The event that an article joined."""
        row = self._db.execute("SELECT event FROM event_articles WHERE article_id = ?", [article_id]).fetchone()
        return None if row is None else str(row["event"])

    def event_of_revision(self, revision_id: int) -> str | None:
        """The event that a revision's article joined."""
        row = self._db.execute(
            """SELECT event FROM event_articles WHERE article_id = (SELECT article_id FROM revisions WHERE id = ?)""",
            [revision_id],
        ).fetchone()
        return None if row is None else str(row["event"])

    def event_name(self, event: str) -> str:
        """An event's name for people."""
        return str(self._db.execute("SELECT name FROM events WHERE id = ?", [event]).fetchone()["name"])

    def event_of_watch(self, watch: str) -> str | None:
        """The one event of a watch that holds all its articles to one."""
        row = self._db.execute("SELECT id FROM events WHERE watch = ?", [watch]).fetchone()
        return None if row is None else str(row["id"])

    def followers(self, event: str) -> frozenset[str]:
        """The watches that follow an event."""
        rows = self._db.execute("SELECT watch FROM event_watches WHERE event = ?", [event])
        return frozenset(row["watch"] for row in rows)

    def follow(self, event: str, watches: Iterable[str]) -> frozenset[str]:
        """Let watches follow an event from now on; returns all that do."""
        for watch in watches:
            self._db.execute("INSERT OR IGNORE INTO event_watches VALUES (?, ?)", [event, watch])
        return self.followers(event)

    def open_event(self, event: str, name: str, now: datetime, *, watch: str | None) -> None:
        """Open an event; `watch` where it is the one event of that watch."""
        self._insert("events", id=event, name=name, opened=text(now), last_seen=text(now), watch=watch)

    def join_event(
        self,
        event: str,
        article_id: int,
        *,
        keys: Mapping[str, float],
        names: Iterable[str],
        day: date | None,
        at: datetime,
    ) -> None:
        """Add an article to an event, which is then also known by the article's keys, names and day."""
        self._db.execute(
            "INSERT OR IGNORE INTO event_articles VALUES (?, ?, ?)", [event, article_id, day and day.isoformat()]
        )
        self._db.execute(
            "UPDATE events SET articles = articles + 1, last_seen = MAX(last_seen, ?) WHERE id = ?", [text(at), event]
        )
        self._add_keys(event, "head", keys)
        self._add_keys(event, "name", dict.fromkeys(names, 1.0))

    def _add_keys(self, event: str, kind: str, keys: Mapping[str, float]) -> None:
        for key, weight in keys.items():
            self._db.execute(
                "INSERT INTO event_keys VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET weight = weight + excluded.weight",
                [event, kind, key, weight],
            )
        self._db.execute(
            """DELETE FROM event_keys WHERE event = ? AND kind = ? AND key NOT IN
            (SELECT key FROM event_keys WHERE event = ? AND kind = ? ORDER BY weight DESC, key LIMIT ?)""",
            [event, kind, event, kind, _EVENT_KEYS_KEPT],
        )

    def key_counts(self, keys: Sequence[str]) -> tuple[Mapping[str, int], int]:
        """In how many events each key occurs, and how many events there are."""
        rows = self._db.execute(
            f"SELECT key, COUNT(DISTINCT event) AS n FROM event_keys WHERE key IN ({_marks(keys)}) GROUP BY key",
            list(keys),
        )
        counts = {row["key"]: row["n"] for row in rows}
        return counts, self._db.execute("SELECT COUNT(*) FROM events").fetchone()[0]

    def events_like(
        self, keys: Sequence[str], *, since: datetime, until: datetime, limit: int = 12
    ) -> list[EventProfile]:
        """The events seen after `since` and opened before `until` that share most of `keys`."""
        rows = self._db.execute(
            f"""SELECT e.* FROM events e JOIN (SELECT event, COUNT(DISTINCT key) AS shared FROM event_keys
                WHERE key IN ({_marks(keys)}) GROUP BY event) k ON k.event = e.id
            WHERE e.last_seen >= ? AND e.opened <= ? AND e.watch IS NULL ORDER BY k.shared DESC, e.id LIMIT ?""",
            [*keys, text(since), text(until), limit],
        ).fetchall()
        return [self._profile(row) for row in rows]

    def _profile(self, row: Row) -> EventProfile:
        keys = list(self._db.execute("SELECT kind, key, weight FROM event_keys WHERE event = ?", [row["id"]]))
        return EventProfile(
            event=row["id"],
            name=row["name"],
            keys=tuple((key["key"], key["weight"]) for key in keys if key["kind"] == "head"),
            names=frozenset(key["key"] for key in keys if key["kind"] == "name"),
            figures=self._stated(row["id"]),
            days=self._days(row["id"]) | {moment(row["opened"]).date()},
            last_seen=moment(row["last_seen"]),
            articles=row["articles"],
        )

    def _days(self, event: str) -> frozenset[date]:
        rows = self._db.execute("SELECT DISTINCT day FROM event_articles WHERE event = ? AND day IS NOT NULL", [event])
        return frozenset(date.fromisoformat(row["day"]) for row in rows)

    def _stated(self, event: str) -> frozenset[tuple[Outcome, Who, int]]:
        rows = self._db.execute(
            """SELECT DISTINCT s.outcome, s.who, f.number FROM figures f JOIN series s ON s.id = f.series_id
            WHERE s.event = ? AND f.scope <> ?""",
            [event, Scope.BACKGROUND],
        )
        return frozenset((Outcome(row["outcome"]), Who(row["who"]), row["number"]) for row in rows)

    # ------------------------------------------------------------------------------------- series and figures

    def histories(self, event: str) -> list[History]:
        """Every series of an event with all figures that move it."""
        figures: dict[int, list[Figure]] = {}
        for row in self._db.execute(
            f"""SELECT f.series_id, {FIGURE_SELECT} FROM {FIGURE_FROM} JOIN series s ON s.id = f.series_id
            WHERE s.event = ? AND f.moves ORDER BY f.id""",
            [event],
        ):
            figures.setdefault(row["series_id"], []).append(row_to_figure(row))
        return [
            History(key=row_to_key(row), figures=tuple(figures.get(row["id"], ())), told=row["told"])
            for row in self._db.execute("SELECT * FROM series WHERE event = ? ORDER BY id", [event])
        ]

    def beside(self, event: str) -> tuple[Figure, ...]:
        """The figures of an event that move no series: its parts and increments."""
        return tuple(
            self._figures(
                "f.scope IN (?, ?) AND f.series_id IN (SELECT id FROM series WHERE event = ?)",
                [Scope.PART, Scope.INCREMENT, event],
            )
        )

    def _figures(self, where: str, values: Sequence[object]) -> list[Figure]:
        rows = self._db.execute(f"SELECT {FIGURE_SELECT} FROM {FIGURE_FROM} WHERE {where} ORDER BY f.id", list(values))
        return [row_to_figure(row) for row in rows]

    def figures_of(self, revision_id: int) -> list[Figure]:
        """The figures that one revision stated."""
        return self._figures("f.revision_id = ?", [revision_id])

    def _series(self, key: SeriesKey) -> int:
        values = [key.event, key.outcome, key.who, key.subset or "", key.source]
        row = self._db.execute(
            "SELECT id FROM series WHERE event = ? AND outcome = ? AND who = ? AND IFNULL(subset, '') = ? AND source = ?",
            values,
        ).fetchone()
        if row is not None:
            return int(row["id"])
        return self._insert(
            "series", event=key.event, outcome=key.outcome, who=key.who, subset=key.subset, source=key.source
        )

    def add_figure(
        self, key: SeriesKey, figure: Figure, *, number: int, claim_id: int, article_id: int, moves: bool
    ) -> int:
        """Keep a figure in its series; `moves` tells whether it counts for what the series says now."""
        mark_start, mark_end = figure.quote_mark
        return self._insert(
            "figures",
            series_id=self._series(key),
            claim_id=claim_id,
            revision_id=figure.revision_id,
            article_id=article_id,
            party=figure.party,
            moves=moves,
            dated=figure.dated,
            edited=figure.edited,
            as_of=text(figure.as_of),
            as_of_precision=figure.as_of_precision,
            seen=text(figure.seen),
            published=to_text(figure.published),
            quote=figure.quote,
            mark_start=mark_start,
            mark_end=mark_end,
            source=figure.source,
            scope=figure.claim.scope,
            cue=figure.claim.cue,
            number=number,
        )

    def add_source(self, name: str, party: str, at: datetime) -> None:
        """Keep a body that counts."""
        self._db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?, ?)", [name, party, text(at)])

    def set_current(self, key: SeriesKey, figure_id: int | None) -> None:
        """Keep which figure stands in a series, for those who read the archive with SQL."""
        self._db.execute("UPDATE series SET current_figure = ? WHERE id = ?", [figure_id, self._series(key)])

    def current_of(self, key: SeriesKey) -> int | None:
        """The id of the figure that stands in a series."""
        row = self._db.execute("SELECT current_figure FROM series WHERE id = ?", [self._series(key)]).fetchone()
        return None if row is None else row["current_figure"]

    def set_told(self, key: SeriesKey, number: int) -> None:
        """Keep the number that subscribers were last told of a series."""
        self._db.execute("UPDATE series SET told = ? WHERE id = ?", [number, self._series(key)])

    # ------------------------------------------------------------------------------------------------- changes

    def add_change(self, change: Change, *, figure_id: int, baseline: bool, at: datetime) -> int:
        """Keep a verdict."""
        return self._insert(
            "changes",
            event=change.series.event,
            series_id=self._series(change.series),
            figure_id=figure_id,
            previous_figure_id=None if change.previous is None else change.previous.id,
            kind=change.kind,
            level=change.level,
            row=change.row,
            reason=change.reason,
            attached=" ".join(change.attached),
            silent_edit=change.silent_edit,
            baseline=baseline,
            at=text(at),
        )

    def standing_changes(self, event: str) -> list[tuple[int, Change]]:
        """The verdicts on the figures that stand in an event now, with their ids."""
        rows = self._db.execute(
            """SELECT ch.id FROM changes ch JOIN series s ON s.current_figure = ch.figure_id
            WHERE s.event = ? ORDER BY ch.id""",
            [event],
        ).fetchall()
        return [(row["id"], self.change(row["id"])) for row in rows]

    def change(self, change_id: int) -> Change:
        """A verdict that was kept, with its figures."""
        row = self._db.execute("SELECT * FROM changes WHERE id = ?", [change_id]).fetchone()
        key = row_to_key(self._db.execute("SELECT * FROM series WHERE id = ?", [row["series_id"]]).fetchone())
        (to,) = self._figures("f.id = ?", [row["figure_id"]])
        previous = self._figures("f.id = ?", [row["previous_figure_id"]]) if row["previous_figure_id"] else []
        return change_from(row, key=key, to=to, previous=previous[0] if previous else None)

    # ------------------------------------------------------------------------------------------------- watches

    def sync_watches(self, watches: Sequence[Watch], now: datetime) -> None:
        """Make the archive's watches those of the configuration; what is gone keeps its history."""
        self._db.execute("UPDATE watches SET removed = ? WHERE removed IS NULL", [text(now)])
        for watch in watches:
            self._db.execute(
                """INSERT INTO watches (id, name, definition, added) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
                SET name = excluded.name, definition = excluded.definition, removed = NULL""",
                [watch.id, watch.name, repr(watch), text(now)],
            )

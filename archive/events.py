"""Which event each article belongs to, who follows it, and what people decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlite_utils import Database

from archive.rows import insert, marks, moment, text
from model import Decision, DecisionKind


class Events:
    """Verbs of events."""

    def __init__(self, db: Database) -> None:
        self._db = db

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

    def single_watches(self) -> dict[str, str]:
        """The events that hold all articles of one watch -> that watch."""
        rows = self._db.execute("SELECT id, watch FROM events WHERE watch IS NOT NULL")
        return {row["id"]: row["watch"] for row in rows}

    def followers(self, event: str) -> frozenset[str]:
        """The watches that follow an event."""
        rows = self._db.execute("SELECT watch FROM event_watches WHERE event = ?", [event])
        return frozenset(row["watch"] for row in rows)

    def follow(self, event: str, watches: Iterable[str]) -> None:
        """Let watches follow an event from now on."""
        for watch in watches:
            self._db.execute("INSERT OR IGNORE INTO event_watches VALUES (?, ?)", [event, watch])

    def open_event(self, event: str, name: str, at: datetime, *, watch: str | None) -> None:
        """Open an event; `watch` where it is the one event of that watch."""
        insert(self._db, "events", id=event, name=name, opened=text(at), last_seen=text(at), watch=watch)

    def is_open(self, event: str) -> bool:
        """Whether there is an event of that id."""
        return self._db.execute("SELECT 1 FROM events WHERE id = ?", [event]).fetchone() is not None

    def join(self, event: str, article_id: int, at: datetime) -> None:
        """Add an article to an event."""
        self._db.execute("INSERT INTO event_articles (event, article_id) VALUES (?, ?)", [event, article_id])
        self._db.execute(
            """UPDATE events SET articles = articles + 1, last_seen = MAX(last_seen, ?), opened = MIN(opened, ?)
            WHERE id = ?""",
            [text(at), text(at), event],
        )

    def touch(self, event: str, at: datetime) -> None:
        """Keep that an event was written about at a time."""
        self._db.execute("UPDATE events SET last_seen = ? WHERE id = ? AND last_seen < ?", [text(at), event, text(at)])

    def move(self, article_id: int, event: str | None, *, pinned: bool = False) -> None:
        """Put an article into another event, or into none; `pinned` where a person said so."""
        was = self.event_of(article_id)
        self._db.execute("DELETE FROM event_articles WHERE article_id = ?", [article_id])
        if event is not None:
            self._db.execute("INSERT INTO event_articles VALUES (?, ?, ?)", [event, article_id, pinned])
            self._db.execute(
                "INSERT OR IGNORE INTO event_watches SELECT ?, watch FROM event_watches WHERE event = ?", [event, was]
            )
        for touched in {was, event} - {None}:
            self._db.execute(
                """UPDATE events SET (articles, last_seen, opened) = (
                    SELECT COUNT(DISTINCT ea.article_id), IFNULL(MAX(r.stated), last_seen), IFNULL(MIN(r.stated), opened)
                    FROM event_articles ea JOIN revisions r ON r.article_id = ea.article_id WHERE ea.event = events.id)
                WHERE id = ?""",
                [touched],
            )
        if was is not None and event is not None:
            self._db.execute("UPDATE events SET merged_into = ? WHERE id = ? AND articles = 0", [event, was])

    def pinned(self, article_id: int) -> str | None:
        """The event that a person put an article into."""
        row = self._db.execute(
            "SELECT event FROM event_articles WHERE article_id = ? AND pinned", [article_id]
        ).fetchone()
        return None if row is None else str(row["event"])

    def articles(self, event: str) -> list[int]:
        """The articles of an event."""
        rows = self._db.execute("SELECT article_id FROM event_articles WHERE event = ? ORDER BY article_id", [event])
        return [row["article_id"] for row in rows]

    def rename(self, event: str, name: str) -> None:
        """Give an event another name."""
        self._db.execute("UPDATE events SET name = ? WHERE id = ?", [name, event])

    def decide(self, decision: Decision, at: datetime) -> None:
        """Write down what a person decided about an event."""
        insert(
            self._db,
            "decisions",
            at=text(at),
            kind=decision.kind,
            event=decision.event,
            other=decision.other,
            articles="\n".join(decision.articles),
        )

    def undecided(self) -> list[tuple[int, Decision, datetime]]:
        """What was decided and is not carried out yet, with its number and when it was decided."""
        rows = self._db.execute("SELECT * FROM decisions WHERE NOT done ORDER BY id").fetchall()
        return [
            (
                row["id"],
                Decision(
                    kind=DecisionKind(row["kind"]),
                    event=row["event"],
                    other=row["other"],
                    articles=tuple(row["articles"].split("\n")) if row["articles"] else (),
                ),
                moment(row["at"]),
            )
            for row in rows
        ]

    def decided(self, number: int) -> None:
        """A decision was carried out."""
        self._db.execute("UPDATE decisions SET done = 1 WHERE id = ?", [number])

    def articles_at(self, urls: Sequence[str]) -> list[int]:
        """The articles at these addresses."""
        rows = self._db.execute(f"SELECT id FROM articles WHERE url IN ({marks(urls)}) ORDER BY id", list(urls))
        return [row["id"] for row in rows]

    def texts_with_claims(self, events: Iterable[str]) -> list[int]:
        """The revisions with claims of events, in the order in which they were published."""
        wanted = list(events)
        rows = self._db.execute(
            f"""SELECT r.id FROM event_articles ea JOIN revisions r ON r.article_id = ea.article_id
            JOIN articles a ON a.id = r.article_id
            WHERE ea.event IN ({marks(wanted)}) AND EXISTS (SELECT 1 FROM claims c WHERE c.revision_id = r.id)
            ORDER BY r.stated, a.url, r.number""",
            wanted,
        )
        return [row["id"] for row in rows]

    def any_after(self, at: datetime) -> bool:
        """Whether an event was written about after a time."""
        row = self._db.execute("SELECT 1 FROM events WHERE last_seen > ? LIMIT 1", [text(at)]).fetchone()
        return row is not None

    def live_texts(self, since: datetime, until: datetime, per_event: int) -> list[tuple[int, str]]:
        """The last revisions with claims of each event seen between two times, with their events, as published."""
        rows = self._db.execute(
            """SELECT id, event FROM (
                SELECT r.id, ea.event, r.stated, a.url, r.number, ROW_NUMBER() OVER (
                    PARTITION BY ea.event ORDER BY r.stated DESC, a.url DESC, r.number DESC) AS place
                FROM events e JOIN event_articles ea ON ea.event = e.id JOIN articles a ON a.id = ea.article_id
                JOIN revisions r ON r.article_id = a.id
                WHERE e.last_seen >= ? AND e.opened <= ? AND EXISTS (SELECT 1 FROM claims c WHERE c.revision_id = r.id))
            WHERE place <= ? ORDER BY stated, url, number""",
            [text(since), text(until), per_event],
        )
        return [(row["id"], row["event"]) for row in rows]

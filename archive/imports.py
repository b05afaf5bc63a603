"""Which files are being taken in, and how far each is: kept with what was taken, so that a kill loses and doubles nothing."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlite_utils import Database

from archive.rows import Row, moment, text, to_moment
from archive.texts import text_hash
from model import ArchiveError, Article


@dataclass(frozen=True, kw_only=True, slots=True)
class FileKey:
    """What a file is known by, wherever it lies: its size, the SHA-256 of its beginning, and what is taken of it."""

    size: int
    head_sha256: str
    selection: str = ""


@dataclass(kw_only=True, slots=True)
class Progress:
    """How far a file is: everything before byte `position` is taken, `records` of it, in so many outcomes."""

    id: int
    begun: datetime
    ended: datetime | None = None
    position: int = 0
    records: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


class Imports:
    """Verbs of files that are taken in."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, key: FileKey, name: str, now: datetime) -> Progress:
        """How far a file is; from its beginning where it was not seen before. `name` is what it is called now."""
        self._db.execute(
            """INSERT INTO imports (name, size, head_sha256, selection, begun) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET name = excluded.name""",
            [name, key.size, key.head_sha256, key.selection, text(now)],
        )
        row = self._db.execute(
            "SELECT * FROM imports WHERE size = ? AND head_sha256 = ? AND selection = ?",
            [key.size, key.head_sha256, key.selection],
        ).fetchone()
        return _progress(row)

    def known(self) -> list[tuple[str, Progress]]:
        """Every file that was begun, by the name that it had last."""
        return [(row["name"], _progress(row)) for row in self._db.execute("SELECT * FROM imports ORDER BY id")]

    def keep(self, progress: Progress) -> None:
        """Keep how far a file is, in the transaction of what was taken of it."""
        self._db.execute(
            "UPDATE imports SET position = ?, records = ?, outcomes = ? WHERE id = ?",
            [progress.position, progress.records, json.dumps(progress.outcomes), progress.id],
        )

    def end(self, progress: Progress, now: datetime) -> None:
        """Keep that all of a file is taken."""
        self._db.execute("UPDATE imports SET ended = ? WHERE id = ?", [text(now), progress.id])

    def add_outlet(self, outlet: str, now: datetime) -> None:
        """Make sure that an outlet is known; one that is not configured is not polled."""
        self._db.execute(
            "INSERT OR IGNORE INTO outlets (id, name, homepage, removed) VALUES (?, ?, '', ?)",
            [outlet, outlet, text(now)],
        )

    def newest_or_same(self, article: Article) -> tuple[datetime | None, bool]:
        """When the newest text of an article's address was fetched, and whether this very text is among its texts."""
        row = self._db.execute(
            """SELECT MAX(r.fetched) AS newest, MAX(r.sha256 = ?) AS same FROM articles a
            JOIN revisions r ON r.article_id = a.id WHERE a.url = ?""",
            [text_hash(article), article.url],
        ).fetchone()
        return to_moment(row["newest"]), bool(row["same"])


def _progress(row: Row) -> Progress:
    return Progress(
        id=row["id"],
        begun=moment(row["begun"]),
        ended=to_moment(row["ended"]),
        position=row["position"],
        records=row["records"],
        outcomes=Counter(json.loads(row["outcomes"])),
    )


@contextmanager
def telling_of_the_disk(path: str) -> Iterator[None]:
    """What the disk or another writer does not allow becomes one sentence. Raises ArchiveError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        remedy = "make room or free the file; the same command goes on where it was"
        raise ArchiveError(path=path, what=f"cannot be written ({error})", remedy=remedy) from error


def is_of_the_disk(error: Exception) -> bool:
    """Whether it is the disk or another writer that does not allow a write, not the page that was to be kept."""
    return isinstance(error, sqlite3.OperationalError)

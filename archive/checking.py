"""Whether an archive is as it should be: each thing that is not, in one sentence with what mends it. Nothing is written."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlite_utils import Database

from archive.captures import Captures
from archive.rows import Row
from archive.texts import text_hash
from model import Alert, ArchiveError, Article

_AT_ONCE = 500  # rows that are read at a time, so that no read keeps the daemon's log from being emptied
_FROM_BACKUP = "restore it from a copy that `tollwatch backup` made"
_WORD = re.compile(r"(?<!\S)[A-Za-z]{4,}(?!\S)")  # what every tokenizer takes for one word

# What no foreign key holds: a sentence for each row that the question finds.
_RELATIONS: Mapping[str, tuple[str, str]] = {
    "figures that stand": (
        "series {0} stands at figure {1}, which is none of its own",
        """SELECT s.id, s.current_figure FROM series s LEFT JOIN figures f ON f.id = s.current_figure
        WHERE s.current_figure IS NOT NULL AND f.series_id IS NOT s.id""",
    ),
    "newest texts": (
        "article {0} names revision {1} as its text, which is none of its own",
        """SELECT a.id, a.revision_id FROM articles a LEFT JOIN revisions r ON r.id = a.revision_id
        WHERE r.article_id IS NOT a.id""",
    ),
    "figures' texts": (
        "figure {0} lies in revision {1}, its claim in another",
        """SELECT f.id, f.revision_id FROM figures f JOIN claims c ON c.id = f.claim_id
        JOIN revisions r ON r.id = f.revision_id WHERE c.revision_id <> f.revision_id OR r.article_id <> f.article_id""",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is not as it should be, and what mends it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One kind of thing to look at: `run` yields how many are looked at, and faults; there are `total`."""

    name: str
    total: int
    run: Callable[[], Iterator[int | Fault]]


class Checks:
    """Looks at every part of an archive that was opened to be read."""

    def __init__(self, db: Database, captures: Captures) -> None:
        self._db = db
        self._captures = captures

    def steps(self, *, quick: bool) -> list[Step]:
        """All that there is to look at; `quick` leaves out what reads every text and every captured page."""
        revisions, captures = self._count("revisions"), self._count("captures")
        steps = [
            Step(name="the file", total=1, run=lambda: self._file("quick_check" if quick else "integrity_check")),
            Step(name="references", total=1, run=self._references),
            *(Step(name=name, total=1, run=self._relation(name)) for name in _RELATIONS),
            Step(name="full-text index", total=1, run=self._index),
            Step(name="captures", total=captures, run=self._sizes if quick else self._pages),
        ]
        if not quick:
            steps.append(Step(name="texts", total=revisions, run=self._texts))
            steps.append(Step(name="alerts", total=self._count("alerts"), run=self._alerts))
        return steps

    def _count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])

    def _walk(self, sql: str) -> Iterator[Row]:
        """All rows of a question that goes on behind an id, some at a time."""
        last = 0
        while rows := self._db.execute(f"{sql} LIMIT {_AT_ONCE}", [last]).fetchall():
            yield from rows
            last = rows[-1]["id"]

    # ------------------------------------------------------------------------------------------------ as a whole

    def _file(self, pragma: str) -> Iterator[int | Fault]:
        for row in self._db.execute(f"PRAGMA {pragma}"):
            if row[0] != "ok":
                yield Fault(what=f"the file is damaged: {row[0]}", remedy=_FROM_BACKUP)
        yield 1

    def _references(self) -> Iterator[int | Fault]:
        for table, row, parent, _ in self._db.execute("PRAGMA foreign_key_check"):
            which = "a row" if row is None else f"row {row}"
            yield Fault(what=f"{which} of {table} refers to a row of {parent} that is not there", remedy=_FROM_BACKUP)
        yield 1

    def _relation(self, name: str) -> Callable[[], Iterator[int | Fault]]:
        sentence, sql = _RELATIONS[name]

        def run() -> Iterator[int | Fault]:
            for row in self._db.execute(sql):
                yield Fault(what=sentence.format(*row), remedy=_FROM_BACKUP)
            yield 1

        return run

    def _index(self) -> Iterator[int | Fault]:
        """SQLite looks at this index only where it may write; so each text's entry is compared with the texts."""
        sql = """SELECT id, 'lacks' FROM revisions WHERE id NOT IN (SELECT id FROM revisions_fts_docsize)
            UNION ALL SELECT id, 'holds a text that is gone:' FROM revisions_fts_docsize
            WHERE id NOT IN (SELECT id FROM revisions)"""
        for row in self._db.execute(sql):
            yield _index_fault(f"{row[1]} revision {row[0]}")
        yield 1

    # -------------------------------------------------------------------------------------------------- one by one

    def _texts(self) -> Iterator[int | Fault]:
        sql = "SELECT id, sha256, title, text, reading_text FROM revisions WHERE id > ? ORDER BY id"
        for row in self._walk(sql):
            article = Article(url="", outlet="", title=row["title"], text=row["text"])
            if text_hash(article) != row["sha256"] or article.reading_text != row["reading_text"]:
                yield Fault(what=f"the text of revision {row['id']} is not the one that was kept", remedy=_FROM_BACKUP)
            elif not self._is_found(row):
                yield _index_fault(f"does not find revision {row['id']} by its words")
            yield from self._claims(row)
            yield 1

    def _claims(self, revision: Row) -> Iterator[Fault]:
        said = revision["reading_text"]
        for row in self._db.execute(
            "SELECT id, start, end, phrase FROM claims WHERE revision_id = ?", [revision["id"]]
        ):
            if said[row["start"] : row["end"]] != row["phrase"]:
                what = f"claim {row['id']} does not stand in revision {revision['id']} where it says"
                yield Fault(what=what, remedy=_FROM_BACKUP)

    def _is_found(self, row: Row) -> bool:
        """Whether the index finds a text by its longest word, which few others have."""
        words = _WORD.findall(row["text"])
        if not words:
            return True
        try:
            found = self._db.execute(
                "SELECT 1 FROM revisions_fts WHERE revisions_fts MATCH ? AND rowid = ?",
                [f'"{max(words, key=len)}"', row["id"]],
            ).fetchone()
        except sqlite3.DatabaseError:
            return False
        return found is not None

    def _alerts(self) -> Iterator[int | Fault]:
        for row in self._walk("SELECT rowid AS id, key, data FROM alerts WHERE rowid > ? ORDER BY rowid"):
            try:
                msgspec.json.decode(row["data"], type=Alert)
            except msgspec.MsgspecError as error:
                yield Fault(what=f"alert {row['key']} cannot be read ({error})", remedy=_FROM_BACKUP)
            yield 1

    def _pages(self) -> Iterator[int | Fault]:
        """Every captured page is read and its hash compared."""
        for row in self._walk("SELECT * FROM captures WHERE id > ? ORDER BY id"):
            try:
                self._captures.read(dict(row))
            except ArchiveError as error:
                yield Fault(what=f"capture {row['id']}: {error}", remedy="its text is not affected")
            yield 1

    def _sizes(self) -> Iterator[int | Fault]:
        """The files of captures are there, and long enough."""
        sql = "SELECT id, file, offset + length AS length FROM captures WHERE id > ? ORDER BY id"
        sizes: dict[str, int] = {}
        told: set[str] = set()
        for row in self._walk(sql):
            name = row["file"]
            sizes.setdefault(name, _size(self._captures.folder, name))
            if row["length"] > sizes[name] and name not in told:
                told.add(name)
                what = "is not there" if sizes[name] < 0 else f"ends before capture {row['id']}"
                yield Fault(what=f"the file {name} of captures {what}", remedy=_FROM_BACKUP)
            yield 1


def _index_fault(what: str) -> Fault:
    remedy = "stop the daemon and run INSERT INTO revisions_fts(revisions_fts) VALUES ('rebuild') in sqlite3"
    return Fault(what=f"the full-text index {what}", remedy=remedy)


def _size(folder: Path | None, name: str) -> int:
    path = (folder or Path()) / name
    return path.stat().st_size if path.is_file() else -1

"""What keeps an archive in order: letting go of what grows without end and is no knowledge, and copies of the whole.

Nothing here holds up the daemon: old rows go a few at a time, and a copy reads one state of the file while it is written.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

from sqlite_utils import Database

from archive.captures import captures_of
from archive.rows import Row, marks, text
from config import Keep
from model import ArchiveError, InputError

_AT_ONCE = 100  # rows of a kind a step: their index entries lie far apart, and each may be a read of the disk
LOG_BYTES = 32 * 1024 * 1024  # of writes not yet in the file itself: eight times what SQLite lets gather by itself
_LOG_WAIT_S = 4  # for two readers, one after the other, whose statements run 1 s at most; none longer is waited for
_LOG_RESTS = 16  # rounds, at most, after one who reads on and on was met
_LOOKS = 1_000  # steps of SQLite's machine between two looks at how far a copy is
_KEPT = ("articles", "revisions", "claims", "figures", "changes", "events", "alerts")  # no row of these is ever dropped

Seen = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """Bytes of an archive's file and of its captures; `free` of the file's will be used before it grows."""

    file: int
    free: int
    captures: int


class Upkeep:
    """Verbs of upkeep. `folder` holds the captures, None where there are none."""

    def __init__(self, db: Database, folder: Path | None) -> None:
        self._db = db
        self._folder = folder
        self._address = 0  # the row of the frontier up to which this round has looked
        self._rest = 0  # rounds without a look at the log, and how many it were the last time
        self._rested = 0

    def size(self) -> Size:
        """How large the archive is now."""
        page, pages, free = (self._number(f"PRAGMA {name}") for name in ("page_size", "page_count", "freelist_count"))
        folder = self._folder
        held = sum(file.stat().st_size for file in folder.glob("*.warc.gz")) if folder and folder.is_dir() else 0
        return Size(file=page * pages, free=page * free, captures=held)

    def _number(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])

    def let_go(self, keep: Keep, now: datetime) -> int:
        """Drop some of what is older than it is kept, in a short transaction a kind; returns how many rows."""
        with self._db.atomic():
            fetches = self._old_fetches(keep.fetches, now)
        with self._db.atomic():
            addresses = self._old_addresses(keep.addresses, now)
        with self._db.atomic():
            captures, files = self._old_captures(keep.captures, now)
        for name in files:  # only now: a file is never gone while a row refers to it
            with suppress(FileNotFoundError):
                (self._folder or Path()).joinpath(name).unlink()
        return fetches + addresses + captures

    def shorten_log(self) -> bool:
        """Empty the log of writes where it has grown long; tells whether it is short now.

        SQLite starts the log anew only at a moment when nobody reads out of it: where one statement of a reader begins
        before another ends, that moment never comes, and the log grows with all that is written. So the writer makes
        one: for as long as a short statement takes it waits for those who read, and who comes then reads the file.
        """
        if self._rest:
            self._rest -= 1
            return False
        file = self._db.execute("PRAGMA database_list").fetchone()["file"]
        log = Path(f"{file}-wal")
        if not file or not log.exists() or log.stat().st_size <= LOG_BYTES:
            return True
        usual = self._number("PRAGMA busy_timeout")
        self._db.execute(f"PRAGMA busy_timeout = {_LOG_WAIT_S * 1000}")
        try:
            busy = bool(self._number("PRAGMA wal_checkpoint(TRUNCATE)"))
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {usual}")
        self._rest = self._rested = min(max(1, 2 * self._rested), _LOG_RESTS) if busy else 0
        return not busy

    def _old_fetches(self, kept: timedelta | None, now: datetime) -> int:
        rows = self._db.execute("SELECT id, at FROM fetches ORDER BY id LIMIT ?", [_AT_ONCE]).fetchall()
        old = _older(rows, "at", kept, now)
        if old:
            self._db.execute("DELETE FROM fetches WHERE id <= ?", [old[-1]["id"]])
        return len(old)

    def _old_addresses(self, kept: timedelta | None, now: datetime) -> int:
        """Addresses that are done with; in rounds through the table, since some stay that are to be read again."""
        rows = self._db.execute(
            "SELECT rowid, found, due FROM frontier WHERE rowid > ? ORDER BY rowid LIMIT ?", [self._address, _AT_ONCE]
        ).fetchall()
        old = _older(rows, "found", kept, now)
        self._address = old[-1]["rowid"] if len(old) == _AT_ONCE else 0
        done = [row["rowid"] for row in old if row["due"] is None]
        if done:
            self._db.execute(f"DELETE FROM frontier WHERE rowid IN ({marks(done)})", done)
        return len(done)

    def _old_captures(self, kept: timedelta | None, now: datetime) -> tuple[int, list[str]]:
        """The rows that went, and the files to which none refers now: files are filled one after another."""
        rows = self._db.execute("SELECT id, file, fetched FROM captures ORDER BY id LIMIT ?", [_AT_ONCE + 1]).fetchall()
        old = _older(rows[:_AT_ONCE], "fetched", kept, now)
        if not old:
            return 0, []
        self._db.execute("DELETE FROM captures WHERE id <= ?", [old[-1]["id"]])
        # The file that the next row is in, or that the next record comes into, stays.
        stays = rows[len(old)]["file"] if len(rows) > len(old) else old[-1]["file"]
        return len(old), [name for name in dict.fromkeys(row["file"] for row in old) if name != stays]


def _older(rows: Sequence[Row], column: str, kept: timedelta | None, now: datetime) -> list[Row]:
    """The rows at the front that are older than what is kept; none where all is."""
    if kept is None:
        return []
    limit = text(now - kept)
    return list(takewhile(lambda row: row[column] < limit, rows))


# --------------------------------------------------------------------------------------------------------- copies


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A copy that was made and found whole: its rows by table, its bytes, and the files of captures beside it."""

    rows: Mapping[str, int]
    size: int
    files: int


def backup(source: Path, target: Path, *, captures: bool, overwrite: bool, seen: Seen) -> Copy:
    """Copy an archive, compact and whole, while a daemon may write it; `seen` is told the bytes done and to do.

    The copy takes its name only once it is on the disk and found whole. Raises InputError where it must not be written
    there, ArchiveError where it cannot be made.
    """
    _may_be_written(source, target, overwrite=overwrite)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        before, after = _vacuum_into(source, part, seen)
        rows = _verified(part, before, after)
        files = _copy_captures(source, target, part, seen) if captures else 0
        _to_disk(part)
        part.replace(target)
        _to_disk(target.parent)
    except (OSError, sqlite3.Error) as error:
        what, remedy = f"cannot be written ({error})", "make room there, or give another place"
        raise ArchiveError(path=str(target), what=what, remedy=remedy) from error
    finally:
        part.unlink(missing_ok=True)
    return Copy(rows=rows, size=target.stat().st_size, files=files)


def _may_be_written(source: Path, target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise InputError(where=str(target), what="its folder is not there", remedy="make the folder first")
    if target.exists() and (target.is_dir() or target.samefile(source)):
        raise InputError(where=str(target), what="is no place for a copy", remedy="give the name of a new file")
    if target.with_name(f"{target.name}-wal").exists():
        raise InputError(where=str(target), what="is an archive in use", remedy="give the name of a new file")
    if target.exists() and not overwrite:
        raise InputError(where=str(target), what="is there already", remedy="give another name, or --overwrite")


def _vacuum_into(source: Path, part: Path, seen: Seen) -> tuple[dict[str, int], dict[str, int]]:
    """One state of the source, packed; returns the rows of its tables before and after."""
    interrupted: list[BaseException] = []
    with closing(_read_only(source)) as connection:
        total = source.stat().st_size

        def look() -> int:
            try:
                seen(min(part.stat().st_size if part.exists() else 0, total), total)
            except BaseException as error:  # Ctrl-C comes up here, and SQLite would keep it to itself
                interrupted.append(error)
            return len(interrupted)

        before = _counts(connection)
        connection.set_progress_handler(look, _LOOKS)
        try:
            connection.execute("VACUUM INTO ?", [str(part)])
        except sqlite3.OperationalError as error:
            raise interrupted[0] if interrupted else error from None
        connection.set_progress_handler(None, 0)
        return before, _counts(connection)


def _verified(part: Path, before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """The rows of a copy's tables. Raises ArchiveError where it is not what it should be."""
    with closing(_read_only(part)) as connection:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
        rows = _counts(connection)
    off = [name for name in _KEPT if not before[name] <= rows[name] <= after[name]]
    if said != ["ok"] or off:
        what = f"the copy is not whole ({said[0] if said != ['ok'] else f'rows of {off[0]}'})"
        raise ArchiveError(path=str(part), what=what, remedy="look at the archive with `tollwatch check-archive`")
    return rows


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {name: int(connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]) for name in _KEPT}


def _copy_captures(source: Path, target: Path, part: Path, seen: Seen) -> int:
    """Copy the files that a copy's rows refer to, as far as they do; what is there already stays."""
    with closing(_read_only(part)) as connection:
        wanted = connection.execute("SELECT file, MAX(offset + length) FROM captures GROUP BY file").fetchall()
    here, there = captures_of(source), captures_of(target)
    if wanted:
        there.mkdir(exist_ok=True)
    done, total = 0, sum(size for _, size in wanted)
    for name, size in wanted:
        if not (there / name).exists() or (there / name).stat().st_size < size:
            _copy_file(here / name, there / name, size)
        done += size
        seen(done, total)
    return len(wanted)


def _copy_file(source: Path, target: Path, size: int) -> None:
    part = target.with_name(f"{target.name}.part")
    with source.open("rb") as read, part.open("wb") as written:
        shutil.copyfileobj(read, written)
        written.truncate(max(size, 0))
        os.fsync(written.fileno())
    if part.stat().st_size < size or source.stat().st_size < size:
        raise ArchiveError(
            path=str(source), what="is shorter than the archive says", remedy="`tollwatch check-archive`"
        )
    part.replace(target)


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _read_only(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise ArchiveError(path=str(path), what="is not there yet", remedy="run `tollwatch once` first")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)

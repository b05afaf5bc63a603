"""The archive as one object: opened once, written by one thread, read by any tool meanwhile (WAL)."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from sqlite_utils import Database

from archive.browsing import Browsing
from archive.captures import Captures, captures_of
from archive.checking import Checks
from archive.events import Events
from archive.imports import Imports
from archive.knowledge import Knowledge
from archive.notices import Notices
from archive.outbox import Outbox
from archive.polling import Polling
from archive.queries import Queries
from archive.schema import migrations, unknown
from archive.texts import Texts
from archive.upkeep import Upkeep
from model import ArchiveError

_CACHE_KIB = 16 * 1024  # the keys of copies are spread over their whole index: with SQLite's 2 MB each is read anew
_BUSY_TIMEOUT_S = 10  # a reader's checkpoint or a backup may hold the file for a moment


class Archive:
    """What is polled (`polling`), read (`texts`, `events`, `captures`, `imports`), known (`knowledge`), owed (`outbox`),
    told of itself (`notices`), asked (`queries`, and `browsing` for the dashboard) and looked after (`checks`, `upkeep`).

    One connection, used from one thread at a time. Raises ArchiveError where the file cannot be opened.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, path: Path | None = None, lock: IO[str] | None = None
    ) -> None:
        self._lock = lock
        self.rollbacks = 0  # what is remembered of the archive elsewhere holds while this stays as it is
        connection.row_factory = sqlite3.Row
        self._db = Database(connection)
        self.polling = Polling(self._db)
        self.texts = Texts(self._db)
        self.captures = Captures(self._db, None if path is None else captures_of(path))
        self.imports = Imports(self._db)
        self.events = Events(self._db)
        self.knowledge = Knowledge(self._db)
        self.outbox = Outbox(self._db)
        self.notices = Notices(self._db)
        self.queries = Queries(self._db)
        self.browsing = Browsing(self._db)
        self.checks = Checks(self._db, self.captures)
        self.upkeep = Upkeep(self._db, self.captures.folder)

    @classmethod
    def open(cls, path: Path, *, captures: bool = True) -> Self:
        """Open the archive for writing; make it, or bring its schema up to date, where needed.

        `captures` tells whether the original bytes of what is read are kept beside it.
        One process writes at a time: two would deliver twice. The lock ends with the process, however it ends.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = _locked(path)
            # The daemon's writer is one thread, but not the one that opens the file.
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise _cannot_open(path, error) from error
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an alert that was owed survives a loss of power
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            archive = cls(connection, path=path if captures else None, lock=lock)
            _not_newer(archive._db, path)
            migrations.apply(archive._db)
        except (sqlite3.Error, ArchiveError) as error:
            connection.close()
            lock.close()
            raise error if isinstance(error, ArchiveError) else _cannot_open(path, error) from error
        return archive

    @classmethod
    def open_beside(cls, path: Path) -> Self:
        """Open an archive that a daemon writes, to leave a row or two in it. Raises ArchiveError where it cannot be."""
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_BUSY_TIMEOUT_S)
            connection.execute("SELECT id FROM decisions LIMIT 1")
        except sqlite3.Error as error:
            raise _cannot_open(path, error) from error
        return cls._fitting(connection, path)

    @classmethod
    def open_read_only(cls, path: Path) -> Self:
        """Open an archive to read from it, while the daemon may be writing."""
        if not path.exists():
            raise ArchiveError(path=str(path), what="is not there yet", remedy="run `tollwatch once` first")
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_BUSY_TIMEOUT_S)
        try:
            connection.execute("SELECT id FROM events LIMIT 1")
        except sqlite3.Error as error:
            connection.close()
            what, remedy = f"is no archive that can be read ({error})", "give one that `tollwatch once` made"
            raise ArchiveError(path=str(path), what=what, remedy=remedy) from error
        return cls._fitting(connection, path)

    @classmethod
    def _fitting(cls, connection: sqlite3.Connection, path: Path) -> Self:
        """An archive that is not brought up to date: it must be of this version's schema. Raises ArchiveError if not."""
        archive = cls(connection, path=path)
        try:
            _not_newer(archive._db, path)
            if migrations.pending(archive._db):
                what, remedy = "was made by an older tollwatch", "run `tollwatch once`, which brings it up to date"
                raise ArchiveError(path=str(path), what=what, remedy=remedy)
        except ArchiveError:
            connection.close()
            raise
        return archive

    @classmethod
    def in_memory(cls) -> Self:
        """A fresh archive that is gone with the object (a replay's)."""
        archive = cls(sqlite3.connect(":memory:", check_same_thread=False))
        migrations.apply(archive._db)
        return archive

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All that is done inside is kept together or not at all."""
        try:
            with self._db.atomic():
                yield
        except BaseException:
            self.rollbacks += 1
            raise

    def is_writable(self) -> bool:
        """Whether a write would be taken now (for the health check); nothing is changed."""
        try:
            self._db.conn.execute("BEGIN IMMEDIATE")
            self._db.conn.execute("ROLLBACK")
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        """Close the file; what was not committed is lost."""
        self._db.conn.close()
        if self._lock is not None:
            self._lock.close()


def _locked(path: Path) -> IO[str]:
    """The lock file beside the archive, held. Raises ArchiveError where another process holds it."""
    lock = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        what = "is being written by another tollwatch"
        raise ArchiveError(path=str(path), what=what, remedy="stop that one first; it delivers what is owed") from error
    return lock


def _not_newer(db: Database, path: Path) -> None:
    """Raises ArchiveError for an archive that only a newer version can use."""
    later = unknown(db)
    if later:
        what, remedy = f"was made by a newer tollwatch ({', '.join(later)})", "run that version or a later one"
        raise ArchiveError(path=str(path), what=what, remedy=remedy)


def _cannot_open(path: Path, error: Exception) -> ArchiveError:
    return ArchiveError(
        path=str(path), what=f"cannot be opened ({error})", remedy="give a writable file on a local disk"
    )

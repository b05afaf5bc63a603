"""An archive of every released version opens with all that is in it, and an upgrade happens whole or not at all."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from model import ArchiveError
from tests.archive.freeze import ROOT, SCHEMAS, VERSION, present, released, schema_of, sums

FROZEN = sorted(SCHEMAS.glob("*.sql"))
ROWS = 3
Table = tuple[list[str], list[tuple[Any, ...]]]


def tables(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    return [row[0] for row in rows if not row[0].startswith(("revisions_fts", "_sqlite_migrations"))]


def columns(db: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """The columns that a row is given (not those that are worked out), with their types."""
    return [(row[1], row[2]) for row in db.execute(f"PRAGMA table_xinfo({table})") if row[6] == 0]


def fill(db: sqlite3.Connection) -> None:
    """Some rows in each table, whose references hold."""
    make: dict[str, Callable[[int], object]] = {
        "INTEGER": int,
        "REAL": float,
        "TEXT": lambda n: f"text {n}",
        "BLOB": lambda n: b"8 bytes%d" % n,
    }
    for table in tables(db):
        given = columns(db, table)
        names, marks = ", ".join(f'"{name}"' for name, _ in given), ", ".join("?" for _ in given)
        for n in range(1, ROWS + 1):
            db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [make[kind](n) for _, kind in given])
    db.commit()


def contents(db: sqlite3.Connection) -> dict[str, Table]:
    found = {}
    for table in tables(db):
        names = [name for name, _ in columns(db, table)]
        listed = ", ".join(f'"{name}"' for name in names)
        found[table] = (names, sorted(db.execute(f"SELECT {listed} FROM {table}").fetchall(), key=repr))
    return found


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive as a released version made it, with rows in each table."""
    path = tmp_path / "tollwatch.db"
    db = sqlite3.connect(path)
    db.executescript(request.param.read_text(encoding="utf-8"))
    fill(db)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()
    return path


every_version = pytest.mark.parametrize("old", FROZEN, indirect=True, ids=[file.stem for file in FROZEN])


def kept(path: Path) -> dict[str, Table]:
    db = sqlite3.connect(path)
    try:
        return contents(db)
    finally:
        db.close()


@every_version
def test_an_archive_of_a_released_version_opens_with_all_its_rows_and_todays_schema(old: Path) -> None:
    before = kept(old)
    archive = Archive.open(old)
    fresh = Archive.in_memory()
    db = archive._db.conn
    try:
        assert schema_of(db) == schema_of(fresh._db.conn)
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO revisions_fts(revisions_fts) VALUES ('integrity-check')")
        assert archive.queries.health().articles == ROWS
    finally:
        archive.close()
        fresh.close()
    for table, (names, rows) in before.items():
        now_names, now_rows = kept(old)[table]
        places = [now_names.index(name) for name in names if name in now_names]
        assert len(places) == len(names), f"{table} lost a column: tell here where its content went"
        assert sorted((tuple(row[place] for place in places) for row in now_rows), key=repr) == rows


def test_the_present_schema_is_frozen_before_a_release_and_never_after() -> None:
    assert {f"{version}.sql" for version in released()} <= {file.name for file in FROZEN}
    for file in FROZEN:
        sha = hashlib.sha256(file.read_bytes()).hexdigest()
        assert sums()[file.name] == sha, f"{file.name} is frozen and must stay as it was released: restore it"
    if VERSION not in released():
        frozen = (SCHEMAS / f"{VERSION}.sql").read_text(encoding="utf-8")
        assert frozen == present(), "the schema changed before its release: `make freeze` freezes it anew"


def test_a_released_version_keeps_its_migrations() -> None:
    for file in FROZEN:
        applied = [line for line in file.read_text(encoding="utf-8").splitlines() if "INTO _sqlite_migrations" in line]
        assert applied
        assert set(applied) <= set(present().splitlines()), "a released migration is never renamed or taken away"


# ---------------------------------------------------------------------------------------------- newer and older


def newer(path: Path) -> Path:
    Archive.open(path).close()
    db = sqlite3.connect(path)
    db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('tollwatch', 'm999_later', '')"
    )
    db.commit()
    db.close()
    return path


@pytest.mark.parametrize("opens", [Archive.open, Archive.open_read_only, Archive.open_beside])
def test_an_archive_of_a_newer_tollwatch_is_refused_with_what_to_do(opens: Any, tmp_path: Path) -> None:
    path = newer(tmp_path / "tollwatch.db")
    before = path.read_bytes()
    with pytest.raises(
        ArchiveError, match=r"made by a newer tollwatch \(m999_later\); run that version or a later one"
    ):
        opens(path)
    assert path.read_bytes() == before
    with pytest.raises(ArchiveError, match="newer"):  # and nothing is left locked
        opens(path)


def test_an_archive_of_an_older_tollwatch_is_not_read_before_it_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "tollwatch.db"
    Archive.open(path).close()
    db = sqlite3.connect(path)
    db.execute("DELETE FROM _sqlite_migrations")
    db.commit()
    db.close()
    with pytest.raises(ArchiveError, match="made by an older tollwatch; run `tollwatch once`"):
        Archive.open_read_only(path)


# -------------------------------------------------------------------------------------------------- interrupted

# A program with one migration more than ours; with `kill` it dies in the middle of it.
NEXT = """
import os, signal, sys
from pathlib import Path
from archive import Archive
from archive.schema import migrations

@migrations()
def m999_next(db):
    db.execute("CREATE TABLE more (id INTEGER PRIMARY KEY)")
    db.execute("ALTER TABLE articles ADD COLUMN more TEXT")
    db.execute("UPDATE articles SET more = 'much'")
    db.execute("DELETE FROM hosts")
    if "kill" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)

Archive.open(Path(sys.argv[1])).close()
"""


def upgraded(path: Path, *arguments: str) -> int:
    program = [sys.executable, "-c", NEXT, str(path), *arguments]
    return subprocess.run(program, cwd=ROOT, check=False, timeout=60).returncode


@every_version
def test_an_upgrade_that_is_killed_leaves_the_archive_as_it_was_and_is_made_the_next_time(old: Path) -> None:
    Archive.open(old).close()
    before = kept(old)
    for _ in range(2):
        assert upgraded(old, "kill") == -signal.SIGKILL
        assert kept(old) == before
    Archive.open(old).close()
    assert upgraded(old) == 0
    after = kept(old)
    assert after["more"] == (["id"], [])
    assert {row[-1] for row in after["articles"][1]} == {"much"}
    assert after["hosts"][1] == []

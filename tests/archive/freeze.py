"""The schema of this version as a file, which its release freezes: what later versions must be able to open.

`python -m tests.archive.freeze` writes it. A version is released once CHANGELOG.md has a heading for it; from then on
its file stays as it is.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from archive import Archive

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = Path(__file__).with_name("schemas")
SUMS = SCHEMAS / "SHA256SUMS"
VERSION = str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])

# What a virtual table and a unique constraint make of themselves is not written down.
_OWN = """SELECT type, name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'revisions_fts_%' ORDER BY rowid"""


def released() -> frozenset[str]:
    """The versions that have been released."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^## \[?v?(\d+\.\d+\.\d+)", changelog, re.MULTILINE))


def schema_of(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """(type, name) -> how it is made, white space evened."""
    return {(row[0], row[1]): " ".join(row[2].split()) for row in db.execute(_OWN)}


def present() -> str:
    """The schema as this code makes it, with the migrations that made it."""
    archive = Archive.in_memory()
    db = archive._db.conn
    statements = [row[2] for row in db.execute(_OWN)]
    names = [row[0] for row in db.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    archive.close()
    applied = [
        f"INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('tollwatch', '{name}', '2026-01-01')"
        for name in names
    ]
    return "".join(f"{statement};\n" for statement in (*statements, *applied))


def sums() -> Mapping[str, str]:
    """The SHA-256 of each frozen schema."""
    lines = SUMS.read_text(encoding="utf-8").splitlines()
    return {name: sha for sha, name in (line.split("  ") for line in lines)}


def main() -> int:
    """Freeze the present schema as this version's."""
    if VERSION in released():
        print(
            f"{VERSION} is released: its schema stays as it is; give pyproject.toml the next version", file=sys.stderr
        )
        return 1
    (SCHEMAS / f"{VERSION}.sql").write_text(present(), encoding="utf-8")
    frozen = sorted(SCHEMAS.glob("*.sql"))
    SUMS.write_text(
        "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in frozen), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

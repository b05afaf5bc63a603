"""Foreign SQL, run where it can do no harm: a process of its own that only reads, within limits.

    python -I -S archive/console.py FILE

reads requests on standard input and answers on standard output, each a `marshal` of plain values behind its length
(`pack`). A statement that SQLite itself cannot break off (one long call of `instr`, say) ends the process: whoever
asked sees the end of the stream and starts another. As a program this module needs the standard library only, so that
it stands in 30 ms and 12 MB.
"""

from __future__ import annotations

import io
import marshal
import os
import resource
import signal
import sqlite3
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

MOST_BYTES = 8_000_000  # of one answer, and of one value: a page is 4 MB at most, so its text is, too
MOST_MEMORY = 256 * 1024 * 1024  # of the process: what would sort more has to be asked otherwise
GRACE_S = 0.5  # beyond a statement's time, for one that cannot be broken off
_CELL_BYTES = 48  # what a value takes at least, however short
_OPS = 1_000  # instructions between two looks at the clock, about 0.1 ms

_LENGTH = struct.Struct("<Q")
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MOST_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 64,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
# Functions that reach files, code or memory; `fts5` hands out a pointer.
_REFUSED = frozenset({"load_extension", "fts3_tokenizer", "fts5", "readfile", "writefile", "edit", "sqlite_log"})
_DESCRIBING = frozenset(
    {
        "table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list", "function_list",
        "data_version", "schema_version", "page_count", "page_size", "recursive_triggers",
    }
)  # fmt: skip
_SETTABLE = frozenset(
    {"schema_version", "page_size", "page_count", "data_version"}
)  # with an argument they would set something

Cell = int | float | str | bytes | None


TroubleError = sqlite3.OperationalError  # what a statement that is broken off raises, or one on a busy archive


class RefusedError(sqlite3.OperationalError):
    """A statement that was not let run to its end; the message is a sentence for who wrote it."""


def connect(file: str) -> sqlite3.Connection:
    """A connection that reads `file` and can do nothing else, whatever SQL it is given."""
    path = Path(file).resolve().as_uri()
    connection = sqlite3.connect(f"{path}?mode=ro", uri=True, check_same_thread=False, timeout=1)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # no file of its own, and bounded with the process's memory
    connection.execute("PRAGMA trusted_schema = OFF")
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    connection.set_authorizer(_authorize)
    return connection


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if (second or "").lower() in _REFUSED else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        name = (first or "").lower()
        told = name in _DESCRIBING and (second is None or name not in _SETTABLE)
        return sqlite3.SQLITE_OK if told else sqlite3.SQLITE_DENY
    # A virtual table (full text, json_each) declares its columns so; without writable_schema nobody else can do it.
    declares = action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"
    return sqlite3.SQLITE_OK if declares else sqlite3.SQLITE_DENY


def until(deadline: float) -> Callable[[], int]:
    """A progress handler that breaks off at a time of `time.monotonic`."""
    return lambda: int(time.monotonic() >= deadline)


def pack(values: tuple[Any, ...]) -> bytes:
    """Plain values as they go through the pipe."""
    body = marshal.dumps(values)
    return _LENGTH.pack(len(body)) + body


def unpack(body: bytes) -> tuple[Any, ...]:
    """What `pack` packed; both ends of the pipe are this program."""
    unpacked: tuple[Any, ...] = marshal.loads(body)  # noqa: S302
    return unpacked


def length_of(head: bytes) -> int:
    """How many bytes follow the first `HEAD` ones."""
    return int(_LENGTH.unpack(head)[0])


HEAD = _LENGTH.size


def _serve(file: str, requests: BinaryIO, answers: BinaryIO) -> None:
    connection = connect(file)
    connection.text_factory = lambda text: str(text, "utf-8", "replace")
    answers.write(pack(("ready",)))
    answers.flush()
    while head := requests.read(HEAD):
        sql, values, milliseconds, most_rows = unpack(requests.read(length_of(head)))
        signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000 + GRACE_S)  # not handled: it ends the process
        answer = _answer(connection, sql, values, milliseconds, most_rows)
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(answer)
        answers.flush()


def _answer(connection: sqlite3.Connection, sql: str, values: object, milliseconds: int, most_rows: int) -> bytes:
    connection.set_progress_handler(until(time.monotonic() + milliseconds / 1000), _OPS)
    cursor = connection.cursor()
    try:
        cursor.execute(sql, values)  # type: ignore[arg-type] # a dict or a list, as Datasette gave it
        rows = _rows(cursor, most_rows)
        columns = [column[0] for column in cursor.description or ()]
        return pack(("rows", columns, rows))
    except MemoryError:
        return pack(("refused", "the statement needs more memory than it may have"))
    except sqlite3.Error as error:
        return pack(("late", "") if error.args == ("interrupted",) else ("refused", str(error)))
    finally:
        cursor.close()  # an open cursor would hold on to the past, and the log of writes could not be emptied


def _rows(cursor: sqlite3.Cursor, most: int) -> list[tuple[Cell, ...]]:
    """Up to `most` rows (all where it is negative); RefusedError where they take too much room."""
    rows: list[tuple[Cell, ...]] = []
    room = MOST_BYTES
    for row in cursor:
        rows.append(row)
        room -= sum(_CELL_BYTES + (len(value) if isinstance(value, str | bytes) else 0) for value in row)
        if room < 0:
            raise RefusedError(f"the answer is larger than {MOST_BYTES // 1_000_000} MB; ask for fewer rows or columns")
        if len(rows) == most:
            break
    return rows


def main() -> None:
    """Answer requests until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # the daemon comes first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started it
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.argv[1], io.BufferedReader(io.FileIO(0)), answers)


if __name__ == "__main__":
    main()

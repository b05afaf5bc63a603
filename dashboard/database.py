"""The archive as Datasette's database: its statements run in processes apart, our own pages on a thread."""

from __future__ import annotations

import asyncio
import copy
import re
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from datasette.database import Database, QueryInterrupted, Results

from archive import Archive, console
from archive.browsing import COUNTED, counting, counting_up_to
from dashboard.workers import TooLateError, Values, Workers

T = TypeVar("T")

_PAGE_MS = 5_000  # our own questions take a few milliseconds
_COUNT_MS = 5  # how many rows a table has, on its page, is not worth waiting for
_FEW = 1_000  # rows that are counted on the page of all tables
_REMEMBERED_S = 60  # a connection, and what was found out of tables and keys: a page may ask a hundred times
_MOST_DESCRIBED = 1_000
_DESCRIPTIONS = (
    "table_columns", "table_column_details", "primary_keys", "fts_table", "foreign_keys_for_table",
    "label_column_for_table", "get_all_foreign_keys", "hidden_table_names", "table_names", "view_names",
)  # fmt: skip
_ALL_ROWS = re.compile(r"select count\(\*\) from \[?(\w+)\]? *\Z")


class Row(tuple[Any, ...]):
    """A row as sqlite3.Row is: by place or by name."""

    names: tuple[str, ...]

    def __new__(cls, values: Sequence[Any], names: tuple[str, ...]) -> Row:
        """A row of `values`, each under its name."""
        row = super().__new__(cls, values)
        row.names = names
        return row

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401  # a place, a slice or a name
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)

    def keys(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.names


class ArchiveDatabase(Database):  # type: ignore[misc]  # Datasette has no types
    """The archive at `path`, read while another process writes."""

    def __init__(self, datasette: Any, path: Path) -> None:  # noqa: ANN401  # Datasette has no types
        super().__init__(datasette, str(path), is_mutable=True)
        self._workers: Workers | None = None
        self._own = threading.local()
        self._described: dict[tuple[object, ...], tuple[float, Any]] = {}
        for name in _DESCRIPTIONS:
            setattr(self, name, partial(self._remembered, name))

    async def _remembered(self, name: str, *about: object) -> Any:  # noqa: ANN401  # as Datasette answers it
        """What Datasette's method of this name said within the last minute, or says now."""
        known = self._described.get((name, *about))
        if known is None or time.monotonic() > known[0] + _REMEMBERED_S:
            if len(self._described) > _MOST_DESCRIBED:
                self._described.clear()
            known = time.monotonic(), await getattr(super(), name)(*about)
            self._described[name, *about] = known
        return copy.deepcopy(known[1])

    def connect(self, write: bool = False) -> Any:  # noqa: ANN401  # as Datasette declares it
        """A guarded connection; there is none to write with."""
        if write:
            raise console.RefusedError("the archive is only read here")
        connection = console.connect(self.path)
        self._all_file_connections.append(connection)
        return connection

    async def attached_databases(self) -> list[Any]:
        """None: nothing can be attached."""
        return []

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:  # as Datasette declares it
        """How many rows each table has; None where they are many and nobody has counted them."""
        names = await self.table_names()
        try:
            counted = (await self.execute(counting_up_to(_FEW, names))).rows[0]
        except QueryInterrupted:  # a disk that has not read them for long
            counted = Row([_FEW + 1] * len(names), tuple(names))
        known = dict((await self.execute(COUNTED)).rows)
        return {
            name: known.get(name, count if count <= _FEW else None) for name, count in zip(names, counted, strict=True)
        }

    async def execute(
        self,
        sql: str,
        params: Values | None = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        log_sql_errors: bool = True,  # what a visitor writes wrong is no news for the log
    ) -> Results:
        """Run a statement in a process apart. Raises what Datasette expects: QueryInterrupted, OperationalError."""
        if self._workers is None:
            self._workers = Workers(Path(self.path))
        milliseconds = min(custom_time_limit or self.ds.sql_time_limit_ms, self.ds.sql_time_limit_ms)
        if not truncate and sql.startswith("select count(*) from"):  # Datasette's own; a visitor's is one that is cut
            sql = _ALL_ROWS.sub(lambda found: counting(found[1]), sql)
            milliseconds = min(milliseconds, _COUNT_MS)
        most = self.ds.max_returned_rows + (self.ds.max_returned_rows == (page_size or self.ds.page_size))
        try:
            columns, rows = await self._workers.run(
                sql, params or {}, milliseconds=milliseconds, most_rows=most + 1 if truncate else -1
            )
        except TooLateError as error:
            raise QueryInterrupted(error, sql, params) from error
        names = tuple(columns)
        found = [Row(row, names) for row in rows]
        truncated = truncate and len(found) > most
        return Results(found[:most] if truncate else found, truncated, tuple((name,) for name in names))

    async def ask(self, question: Callable[[Archive], T]) -> T:
        """Put a question of our own, on one of Datasette's threads. Raises QueryInterrupted where it takes too long."""
        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, self._answer, question)

    def _answer(self, question: Callable[[Archive], T]) -> T:
        opened, connection = getattr(self._own, "connection", (0.0, None))
        if connection is None or time.monotonic() > opened + _REMEMBERED_S:  # the file may be another one by now
            self._close()
            opened, connection = self._own.connection = time.monotonic(), console.connect(self.path)
        connection.set_progress_handler(console.until(time.monotonic() + _PAGE_MS / 1000), 10_000)
        try:
            return question(Archive(connection))
        except BaseException as error:
            self._close()  # none stays behind in the middle of a reading
            if isinstance(error, console.TroubleError):
                raise QueryInterrupted(error, "", None) from error
            raise

    def _close(self) -> None:
        """Close the connection of this thread."""
        _, connection = getattr(self._own, "connection", (0.0, None))
        self._own.connection = (0.0, None)
        if connection is not None:
            connection.close()

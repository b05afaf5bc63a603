"""The archive as Datasette's database: its statements run in processes apart, our own pages on a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from datasette.database import Database, QueryInterrupted, Results

from archive import Archive, console
from dashboard.workers import TooLateError, Values, Workers

T = TypeVar("T")

_PAGE_MS = 5_000  # our own questions take a few milliseconds
_COUNT_MS = 5  # how many rows a table has, on its page, is not worth waiting for


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
        # A connection a question: opening takes 0.3 ms, and none can stay behind in the middle of a reading.
        connection = console.connect(self.path)
        connection.set_progress_handler(console.until(time.monotonic() + _PAGE_MS / 1000), 10_000)
        try:
            return question(Archive(connection))
        except console.TroubleError as error:
            raise QueryInterrupted(error, "", None) from error
        finally:
            connection.close()

"""`tollwatch import`: articles out of files into the archive, in the order of the file.

    pieces ──▶ workers read them ──▶ window, in order ──▶ a transaction: some articles, and how far the file is

Workers run ahead by a bounded number of pieces; the archive's one thread takes what is read in the file's order. How
far a file is, is committed with what was taken of it: killed anywhere, the same command goes on there.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from archive import Archive
from archive.imports import Progress as Standing
from archive.imports import is_of_the_disk, telling_of_the_disk
from cli.sources import NAMED, Left, Piece, Read, Source, Terms
from config import Config
from crawler.workers import WorkerDied, WorkerPool, WorkerTimeout
from extract.case import EventView
from jobs import OnThread
from model import Change, PageOutcome, Reading, Watch
from monitor import Monitor, collect_seldom
from telling import Teller

_AHEAD = 16  # pieces a worker that may wait to be taken: one slow page must not hold the others up
_MOST_BYTES = 64 * 1024 * 1024  # of them together
_AT_ONCE = 32  # pieces a transaction: each waits for the disk once
_PRELOAD = ("cli.sources", "extract.text", "extract.warm")
_NEVER = datetime.max.replace(tzinfo=UTC)
_TAKEN = (PageOutcome.NEW_ARTICLE, PageOutcome.NEW_REVISION, PageOutcome.LIVE_PAGE, PageOutcome.NO_READER_FOR_LANGUAGE)
_NAMED_AT_MOST = 100  # of a file; a file that is all nonsense is told by its number


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What of the files is taken, and how. Times are UTC, `limit` the most articles; `tell`: whether they are told."""

    outlet: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    tell: bool = False
    workers: int | None = None

    @property
    def selection(self) -> str:
        """What is taken of a file, in words that tell it from another part of the same file."""
        return f"{self.since or ''}..{self.until or ''}" if self.since or self.until else ""

    def takes(self, published: datetime) -> bool:
        """Whether an article of that time is wished."""
        return (self.since is None or published >= self.since) and (self.until is None or published <= self.until)


def run(config: Config, files: Sequence[Path], wish: Wish) -> int:
    """Take files in; returns 0, or 130 where it was interrupted. Raises ArchiveError while a daemon writes."""
    collect_seldom()
    terms = Terms(outlets=config.outlets, outlet=wish.outlet, most=config.crawl.max_bytes)
    sources = [Source(path, terms) for path in files]
    archive = OnThread(Archive.open(config.archive, captures=config.captures))
    workers = wish.workers or config.crawl.workers
    pool = WorkerPool(workers, timeout=config.crawl.read_timeout, preload=_PRELOAD, nice=0)
    try:
        with _bar() as bar:
            take = Import(config, archive, pool, wish, ahead=_AHEAD * workers, bar=bar)
            stopped = asyncio.run(take.all(sources))
    finally:
        pool.stop()
        archive.close()
    return 130 if stopped else 0


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[articles]} articles"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )


class Import:
    """Takes files in one after another."""

    def __init__(
        self, config: Config, archive: OnThread, pool: WorkerPool, wish: Wish, *, ahead: int, bar: Progress
    ) -> None:
        self._path = str(config.archive)
        self._archive = archive
        self._pool = pool
        self._wish = wish
        self._ahead = ahead
        self._bar = bar
        self._monitor = _monitor(config, archive.archive, tell=wish.tell)
        self._taken = 0
        self._stop = asyncio.Event()

    async def all(self, sources: Sequence[Source]) -> bool:
        """Take files in, and say of each what came of it; returns whether it was interrupted."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        for source in sources:
            standing = await self._archive(self._begin, source)
            if standing.ended is not None:
                self._say(f"{source.path}: all of it was taken in by {standing.ended:%Y-%m-%d %H:%M} UTC already")
                continue
            await self._file(source, standing)
            if self._stop.is_set() or self._is_full():
                why = "interrupted" if self._stop.is_set() else f"{self._taken} articles are taken"
                self._say(f"{why}: {source.path} is taken in up to byte {standing.position}; the same command goes on")
                return self._stop.is_set()
        return False

    def _begin(self, source: Source) -> Standing:
        with telling_of_the_disk(self._path):
            return self._archive.archive.imports.begin(
                source.key(self._wish.selection), str(source.path), datetime.now(UTC)
            )

    # --------------------------------------------------------------------------------------------------- one file

    async def _file(self, source: Source, standing: Standing) -> None:
        if standing.records:
            self._say(f"{source.path}: going on behind {standing.records:,} records")
        row = self._bar.add_task(source.path.name, total=source.size, articles=0)
        pieces = source.pieces(standing.position, standing.records, standing.begun)
        window = _Window(pieces, self._read, most=self._ahead)
        named = 0
        try:
            while (batch := await window.next(self._stop)) and not self._is_full():
                problems = await self._archive(self._take_all, batch, standing)
                self._show(batch[-1][0], standing, row)
                for problem in problems[: _NAMED_AT_MOST - named]:
                    self._say(problem)
                named += len(problems)
        finally:
            window.drop()
        if not self._stop.is_set() and not self._is_full():
            await self._archive(self._end, standing)
        if named > _NAMED_AT_MOST:
            self._say(f"{source.path}: {named - _NAMED_AT_MOST} more of these")
        self._count(source, standing)

    def _end(self, standing: Standing) -> None:
        with telling_of_the_disk(self._path):
            self._archive.archive.imports.end(standing, datetime.now(UTC))

    async def _read(self, piece: Piece) -> Read | None:
        if piece.job is None:
            return None
        try:
            try:
                return await self._pool.run(piece.job)
            except (WorkerTimeout, WorkerDied):  # once more: the machine may have been busy with something else
                return await self._pool.run(piece.job)
        except Exception as error:  # the border of a page: whatever a body does to a reader costs that page
            detail = f"{type(error).__name__}: {error}"[:200]
            return Read(fetched=_NEVER, left=PageOutcome.READER_FAILED, detail=detail)

    def _is_full(self) -> bool:
        return self._wish.limit is not None and self._taken >= self._wish.limit

    # ----------------------------------------------------------------------------------- on the archive's thread

    def _take_all(self, batch: Sequence[tuple[Piece, Read | None]], standing: Standing) -> list[str]:
        """Take what was read, in one transaction with how far the file is; returns what was broken, in sentences."""
        problems: list[str] = []
        archive = self._archive.archive
        with telling_of_the_disk(self._path), archive.atomic():
            for piece, read in batch:
                outcome, detail = self._take(piece, read)
                if outcome is not None:
                    standing.outcomes[outcome] += 1
                    self._taken += outcome in _TAKEN
                if outcome in NAMED:
                    problems.append(f"{piece.where}: {detail}; left out")
                standing.position, standing.records = piece.end, standing.records + 1
                if self._is_full():
                    break
            archive.captures.sync()
            archive.imports.keep(standing)
        return problems

    def _take(self, piece: Piece, read: Read | None) -> tuple[PageOutcome | Left | None, str]:
        if read is None or read.reading is None:
            ended = piece if read is None else read
            return ended.left, ended.detail
        article = read.reading.article
        published = read.fetched if article is None else article.published or read.fetched
        if not self._wish.takes(published):
            return Left.OUTSIDE, ""
        archive = self._archive.archive
        reading, left = self._unknown(read.reading, read.fetched)
        if left is not None:
            return left, ""
        try:
            with archive.atomic():
                taken = self._monitor.take(reading, fetched=read.fetched, baseline=not self._wish.tell)
                archive.imports.add_outlet(read.outlet, read.fetched)
                archive.captures.keep_record(
                    piece.record,
                    taken.revisions if piece.record else (),
                    url=piece.url,
                    fetched=read.fetched,
                    sha256=read.sha256,
                    size=read.size,
                )
        except Exception as error:  # the border of a page: a text that cannot be compared must not end an import
            if is_of_the_disk(error):
                raise
            return PageOutcome.READER_FAILED, f"{type(error).__name__}: {error}"[:200]
        return taken.outcome, taken.detail

    def _unknown(self, reading: Reading, fetched: datetime) -> tuple[Reading, PageOutcome | Left | None]:
        """The reading without what the archive has: the very text, or one of its address that was fetched later."""
        entries = tuple(one for one in reading.entries if self._unknown(one, fetched)[1] is None)
        if reading.entries:
            return replace(reading, entries=entries), None if entries else PageOutcome.UNCHANGED
        if reading.article is None:
            return reading, None
        newest, is_same = self._archive.archive.imports.newest_or_same(reading.article)
        if is_same:
            return reading, PageOutcome.UNCHANGED
        return reading, Left.SUPERSEDED if newest is not None and newest > fetched else None

    # -------------------------------------------------------------------------------------------------- for people

    def _say(self, words: str) -> None:
        self._bar.console.print(words, markup=False, highlight=False, soft_wrap=True)

    def _show(self, last: Piece, standing: Standing, row: TaskID) -> None:
        self._bar.update(row, completed=last.read, articles=sum(standing.outcomes[each] for each in _TAKEN))

    def _count(self, source: Source, standing: Standing) -> None:
        counted = ", ".join(f"{n:,} {outcome.replace('_', ' ')}" for outcome, n in standing.outcomes.most_common())
        click.echo(f"{source.path}: {standing.records:,} records: {counted or 'no article'}")


class _Window:
    """Pieces of a file that are being read, in order; at most `most` of them, and so many bytes, at a time."""

    def __init__(self, pieces: Iterator[Piece], read: Callable[[Piece], Awaitable[Read | None]], *, most: int) -> None:
        self._pieces = pieces
        self._read = read
        self._most = most
        self._bytes = 0
        self._waiting: deque[tuple[Piece, asyncio.Future[Read | None]]] = deque()

    async def next(self, stop: asyncio.Event) -> list[tuple[Piece, Read | None]]:
        """The next pieces that are read, at least one; none at the file's end, or once it shall stop."""
        self._fill()
        if not self._waiting or stop.is_set():
            return []
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait((self._waiting[0][1], stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        batch: list[tuple[Piece, Read | None]] = []
        while self._waiting and self._waiting[0][1].done() and len(batch) < _AT_ONCE and not stop.is_set():
            piece, reading = self._waiting.popleft()
            self._bytes -= len(piece.record)
            batch.append((piece, reading.result()))
        self._fill()
        return batch

    def drop(self) -> None:
        """Let go of what is not taken."""
        for _, reading in self._waiting:
            reading.cancel()
        self._waiting.clear()

    def _fill(self) -> None:
        while len(self._waiting) < self._most and self._bytes < _MOST_BYTES:
            piece = next(self._pieces, None)
            if piece is None:
                return
            self._bytes += len(piece.record)
            self._waiting.append((piece, asyncio.ensure_future(self._read(piece))))


# ------------------------------------------------------------------------------------------------- told, or silent


def _monitor(config: Config, archive: Archive, *, tell: bool) -> Monitor:
    """What takes the articles: to it they are all from before anybody watched, unless they shall be told."""
    names = {outlet.id: outlet.name for outlet in config.outlets}
    if not tell:
        watches = tuple(replace(watch, since=_NEVER) for watch in config.watches)
        return Monitor(archive, watches=watches, teller=_teller(archive, watches, names), since=lambda _: _NEVER)
    teller = _TellsNow(archive, watches=config.watches, rules=config.rules, outlet_names=names, hours=config.hours)
    return Monitor(archive, watches=config.watches, teller=teller, since=lambda _: None)


def _teller(archive: Archive, watches: Sequence[Watch], names: Mapping[str, str]) -> Teller:
    return Teller(archive, watches=watches, rules=(), outlet_names=names)


class _TellsNow(Teller):
    """Owes alerts as of now: an article of last year is told today, and its delivery has three days from today."""

    def owe(
        self, decided: Sequence[tuple[int, Change]], view: EventView, watches: Sequence[Watch], now: datetime
    ) -> None:
        super().owe(decided, view, watches, datetime.now(UTC))

    def owe_baseline(
        self, decided: Sequence[tuple[int, Change]], view: EventView, watches: Sequence[Watch], now: datetime
    ) -> None:
        super().owe_baseline(decided, view, watches, datetime.now(UTC))

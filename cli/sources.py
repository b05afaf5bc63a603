"""Files of articles, for `tollwatch import`: what stands in them one after another, and how a worker reads it.

A WARC file gives pages as servers sent them, JSON Lines give articles as `tollwatch replay` takes them; both may be
gzipped. Each piece knows where the file goes on behind it, so that a file can be left and taken up again anywhere.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from archive.imports import FileKey
from archive.warcs import Record, records, response_of
from cli.replaying import read_entry
from crawler.answers import Answer, charset_of
from extract.addresses import canonical, site
from model import InputError, Outlet, Page, PageOutcome, Reading, Word
from monitor import read, read_claims_of, storable

_HEAD = 64 * 1024  # bytes by whose hash a file is known again
_GZIP, _WARC = b"\x1f\x8b", b"WARC/"
_HTML = ("text/html", "application/xhtml+xml")
_SNIFFED = 2_000  # bytes in which a page without a type shows whether it is HTML


class Left(Word):
    """Why something of a file is not taken, beside the outcomes that a fetched page may have."""

    BROKEN = "broken"  # the record or line is damaged or nonsense
    NOT_OK = "status_not_200"
    SUPERSEDED = "superseded"  # the archive has a text of this address that was fetched later
    OUTSIDE = "outside"  # published before --since or after --until


NAMED = (Left.BROKEN, PageOutcome.TOO_LARGE, PageOutcome.READER_FAILED)  # told one by one, not only counted


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What a worker made of a piece: a reading, or why there is none. `sha256` and `size` are of the body as sent."""

    fetched: datetime
    outlet: str = ""
    reading: Reading | None = None
    left: PageOutcome | Left | None = None
    detail: str = ""
    sha256: str = ""
    size: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A record or line of a file. `end` is where the file goes on, `read` how much of the file is gone through (bytes).

    `job` is called in a worker; a piece without one ends in `left`, or is nothing to count where that is None, too.
    """

    where: str
    end: int
    read: int
    job: Callable[[], Read] | None = None
    left: PageOutcome | Left | None = None
    detail: str = ""
    url: str = ""
    record: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """How pages are read: the configured outlets, one that all articles are of, and the largest page (bytes)."""

    outlets: Sequence[Outlet]
    outlet: str | None
    most: int


class Source:
    """A file of articles. Raises InputError where it cannot be read."""

    def __init__(self, path: Path, terms: Terms) -> None:
        self.path = path
        self._terms = terms
        self._outlet_of = partial(outlet_of, by_host(terms.outlets), fixed=terms.outlet)
        with _readable(path), path.open("rb") as file:
            head = file.read(_HEAD)
            self.size = file.seek(0, 2)
        self._packed = head.startswith(_GZIP)
        self._is_warc = (_unpacked(head) if self._packed else head).startswith(_WARC)
        self._head = hashlib.sha256(head).hexdigest()

    def key(self, selection: str) -> FileKey:
        """What the file is known by."""
        return FileKey(size=self.size, head_sha256=self._head, selection=selection)

    def pieces(self, position: int, number: int, undated: datetime) -> Iterator[Piece]:
        """What stands in the file from `position` on, behind `number` pieces; `undated` dates what gives no time."""
        with _readable(self.path), self.path.open("rb") as file:
            if self._is_warc:
                yield from self._records(file, position, number, undated)
            elif self._packed:
                with gzip.GzipFile(fileobj=file) as lines:
                    yield from self._lines(lines, file, position, number, undated)
            else:
                yield from self._lines(file, file, position, number, undated)

    # ------------------------------------------------------------------------------------------------------ WARC

    def _records(self, file: BinaryIO, position: int, number: int, undated: datetime) -> Iterator[Piece]:
        for record in records(file, start=position, most=self._terms.most):
            number += 1
            where = f"{self.path}, record {number} at byte {record.offset}"
            piece = Piece(where=where, end=record.end, read=record.end, url=record.url)
            if record.problem:
                piece = replace(piece, left=Left.BROKEN, detail=record.problem)
            elif record.is_response and record.too_large:
                detail = f"its body has more than {self._terms.most} bytes"
                piece = replace(piece, left=PageOutcome.TOO_LARGE, detail=detail)
            elif record.is_response:
                piece = replace(piece, job=self._job(record, undated), record=record.raw or record.data)
            yield piece

    def _job(self, record: Record, undated: datetime) -> Callable[[], Read]:
        outlet, language = self._outlet_of(record.url)
        return partial(
            read_response, record.data, record.url, record.captured or undated, outlet=outlet, language=language
        )

    # ------------------------------------------------------------------------------------------------ JSON Lines

    def _lines(
        self, lines: BinaryIO | gzip.GzipFile, file: BinaryIO, position: int, number: int, undated: datetime
    ) -> Iterator[Piece]:
        most = 2 * self._terms.most  # a page's bytes as JSON writes them
        end = position
        try:
            lines.seek(position)
            while line := lines.readline(most):
                number += 1
                piece = Piece(where=f"{self.path}, line {number}", end=lines.tell(), read=file.tell())
                if len(line) == most and not line.endswith(b"\n"):
                    _skip_line(lines, most)
                    detail = f"it has more than {most} bytes"
                    piece = replace(piece, end=lines.tell(), left=PageOutcome.TOO_LARGE, detail=detail)
                elif line.strip():
                    piece = replace(piece, job=partial(read_line, line, piece.where, self._terms.outlet, undated))
                end = piece.end
                yield piece
        except (OSError, EOFError, zlib.error) as error:
            where, detail = f"{self.path}, behind line {number}", f"the file cannot be read on ({error})"
            yield Piece(where=where, end=end, read=self.size, left=Left.BROKEN, detail=detail)


def _skip_line(lines: BinaryIO | gzip.GzipFile, most: int) -> None:
    while (rest := lines.readline(most)) and not rest.endswith(b"\n"):
        pass


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, len(_WARC))
    except zlib.error:
        return b""


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise InputError(where=str(path), what=what, remedy="give a readable file") from error


# ------------------------------------------------------------------------------------------------------ in a worker


def read_response(data: bytes, url: str, fetched: datetime, *, outlet: str, language: str | None) -> Read:
    """The article of a WARC record, as the daemon would read it."""
    try:
        response = response_of(data)
    except Exception as error:  # the border of a record: the library raises what it likes on a broken one
        return Read(fetched=fetched, left=Left.BROKEN, detail=f"it cannot be taken apart ({error})")
    sent = response.sent
    answer = Answer(url=url, status=sent.status, headers=sent.headers, body=response.body)
    left = _left(answer)
    if left is not None:
        return Read(fetched=fetched, left=left)
    page = Page(
        url=url,
        final_url=url,
        outlet=outlet,
        fetched=fetched,
        milliseconds=0,
        status=sent.status,
        headers=sent.headers,
        body=response.body,
        encoding=charset_of(answer),
    )
    reading = read(page, language)
    sha256 = hashlib.sha256(sent.body).hexdigest()
    return Read(fetched=fetched, outlet=outlet, reading=reading, sha256=sha256, size=len(sent.body))


def _left(answer: Answer) -> PageOutcome | Left | None:
    if answer.status != 200:
        return Left.NOT_OK
    said = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    is_html = said in _HTML if said else b"<html" in answer.body[:_SNIFFED].lower()
    return None if is_html else PageOutcome.NOT_HTML


def read_line(line: bytes, where: str, outlet: str | None, undated: datetime) -> Read:
    """The article of a line; it was seen when it was published, as in a replay."""
    try:
        article = storable(read_entry(line.decode(), where, undated=None).article)
    except (InputError, UnicodeDecodeError) as error:
        detail = str(error).removeprefix(f"{where}: ") if isinstance(error, InputError) else f"is no UTF-8 ({error})"
        return Read(fetched=undated, left=Left.BROKEN, detail=detail)
    article = replace(article, url=canonical(article.url), outlet=outlet or article.outlet)
    fetched = article.published or undated
    return Read(fetched=fetched, outlet=article.outlet, reading=read_claims_of(article.url, article))


# ---------------------------------------------------------------------------------------------------------- outlets

Hosts = dict[str, list[tuple[str, Outlet]]]


def by_host(outlets: Sequence[Outlet]) -> Hosts:
    """The outlets by the host and by the registrable domain of their home pages, each with its home page's path."""
    hosts: Hosts = defaultdict(list)
    for outlet in outlets:
        parts = urlsplit(canonical(outlet.homepage))
        for name in {_bare(parts.hostname), site(outlet.homepage) or ""}:
            hosts[name].append((parts.path.rstrip("/"), outlet))
    return dict(hosts)


def outlet_of(hosts: Hosts, url: str, *, fixed: str | None) -> tuple[str, str | None]:
    """The id and the language of the outlet whose page an address is; of one that is not configured, its domain.

    Of several outlets on one host it is the one in whose home page's folder the address lies.
    """
    domain = site(url) or "unknown"
    parts = urlsplit(canonical(url))
    for name in (_bare(parts.hostname), domain):
        known = hosts.get(name, [])
        inside = [(len(path), outlet) for path, outlet in known if f"{parts.path}/".startswith(f"{path}/")]
        if inside or len(known) == 1:
            outlet = max(inside, key=lambda one: one[0])[1] if inside else known[0][1]
            return fixed or outlet.id, outlet.language
    return fixed or domain, None


def _bare(host: str | None) -> str:
    return (host or "").removeprefix("www.")


def moment_of(given: datetime | None) -> datetime | None:
    """A time of the command line, which is UTC."""
    return None if given is None else given.replace(tzinfo=UTC)

"""The original bytes of what was read, as WARC records beside the archive. The only home of warcio.

A record is appended before the row that refers to it is committed: a crash between the two leaves a record that nobody
refers to, never a reference to nothing. Files are never changed, only added to; a full one is followed by the next.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import responses
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from warcio.archiveiterator import ArchiveIterator
from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.rows import insert, moment, text
from model import ArchiveError, Page, Sent

_LARGEST = 256 * 1024 * 1024  # bytes of a file; the next one begins with the record that does not fit any more
# zlib's levels: what was sent packed is only wrapped, and packing well would cost as much as reading.
_PACKED, _PLAIN = 0, 1
_MEMBER = b"\x1f\x8b"  # a gzip member begins so
_GZIP = 31  # zlib's window bits for a gzip member: a .warc.gz file is a chain of them, one a record
_HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive"}  # gone with the connection that they spoke of
_SOFTWARE = {"software": "Tollwatch", "format": "WARC File Format 1.1"}

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Captured:
    """One captured response. `sent` is what came over the wire, `content` its body unpacked."""

    url: str
    fetched: datetime
    sha256: str
    file: Path
    offset: int
    sent: Sent
    content: bytes


class Captures:
    """Verbs of captures. `folder` holds the files; None for an archive without any (a replay's)."""

    def __init__(self, db: Database, folder: Path | None, *, largest: int = _LARGEST) -> None:
        self._db = db
        self.folder = folder
        self._largest = largest
        self._current: Path | None = None
        self._unsynced: set[Path] = set()

    def keep(self, page: Page, revision_ids: Sequence[int]) -> None:
        """Append what the server sent for `page` and keep where it lies, for the revisions that were read out of it."""
        if self.folder is None or page.sent is None or not revision_ids:
            return
        packed = any(name.lower() == "content-encoding" for name, _ in page.sent.headers)
        record = _gzipped(_record(page, page.sent), _PACKED if packed else _PLAIN)
        file, offset = self._append(record, page.fetched)
        for revision_id in revision_ids:
            insert(
                self._db, "captures", revision_id=revision_id, url=page.final_url, fetched=text(page.fetched), file=file,
                offset=offset, length=len(record), sha256=_sha256(page.sent.body), bytes=len(page.sent.body),
            )  # fmt: skip

    def keep_record(
        self, record: bytes, revision_ids: Sequence[int], *, url: str, fetched: datetime, sha256: str, size: int
    ) -> None:
        """The same for a record that others made, as it lies in their file, packed or not; of a body of `size` bytes.

        It is on the disk for certain only after `sync`, which comes before the rows are committed.
        """
        if self.folder is None or not revision_ids:
            return
        packed = record if record.startswith(_MEMBER) else _gzipped(record, _PLAIN)
        file, offset = self._append(packed, fetched, certain=False)
        for revision_id in revision_ids:
            insert(
                self._db, "captures", revision_id=revision_id, url=url, fetched=text(fetched), file=file, offset=offset,
                length=len(packed), sha256=sha256, bytes=size,
            )  # fmt: skip

    def sync(self) -> None:
        """Wait until what was appended is on the disk."""
        for path in self._unsynced:
            with path.open("rb") as file:
                os.fdatasync(file.fileno())
        self._unsynced.clear()

    def of_article(self, url: str) -> list[Row]:
        """The captures of the article at an address (canonical, or as it was fetched), the newest first."""
        rows = self._db.execute(
            """SELECT c.*, r.number, a.url AS article FROM captures c JOIN revisions r ON r.id = c.revision_id
            JOIN articles a ON a.id = r.article_id WHERE a.url = ? OR a.fetched_as = ? ORDER BY c.id DESC""",
            [url, url],
        )
        return [dict(row) for row in rows]

    def read(self, row: Row) -> Captured:
        """The capture that a row refers to. Raises ArchiveError where it is not there or not what was kept."""
        assert self.folder is not None
        path = self.folder / row["file"]
        try:
            with path.open("rb") as file:
                file.seek(row["offset"])
                packed = file.read(row["length"])
            record = next(iter(ArchiveIterator(BytesIO(packed))))
            sent = _sent(record)
            content = _content(packed)
        except (OSError, StopIteration, zlib.error, ValueError, EOFError) as error:
            raise _damaged(path, f"holds no record at {row['offset']} ({error})") from error
        if _sha256(sent.body) != row["sha256"]:
            raise _damaged(path, f"holds another body at {row['offset']} than was kept")
        return Captured(
            url=row["url"],
            fetched=moment(row["fetched"]),
            sha256=row["sha256"],
            file=path,
            offset=row["offset"],
            sent=sent,
            content=content,
        )

    # --------------------------------------------------------------------------------------------------- files

    def _append(self, record: bytes, at: datetime, *, certain: bool = True) -> tuple[str, int]:
        """Append a record to the file that is being filled; returns its name and where the record begins there."""
        path = self._current or self._last()
        self._current = None  # until the record is whole: what a full disk has torn is not added to
        if path is None or path.stat().st_size + len(record) > self._largest:
            path = self._next(at)
        with path.open("ab") as file:
            offset = file.tell()
            file.write(record)
            file.flush()
            if certain:
                os.fdatasync(file.fileno())
        if not certain:
            self._unsynced.add(path)
        self._current = path
        return path.name, offset

    def _last(self) -> Path | None:
        """The file that was filled last, if it ends where it should: after a crash a new one is begun."""
        assert self.folder is not None
        row = self._db.execute("SELECT file, offset + length AS size FROM captures ORDER BY id DESC LIMIT 1").fetchone()
        path = self.folder / row["file"] if row is not None else None
        return path if path is not None and path.is_file() and path.stat().st_size == row["size"] else None

    def _next(self, at: datetime) -> Path:
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while (path := self.folder / f"tollwatch-{at:%Y%m%dT%H%M%SZ}-{number:05}.warc.gz").exists():
            number += 1
        path.write_bytes(_gzipped(_written(_BUILDER.create_warcinfo_record(path.name, _SOFTWARE)), _PLAIN))
        return path


# ------------------------------------------------------------------------------------------------------- records

_BUILDER = RecordBuilder(warc_version="1.1")


def _record(page: Page, sent: Sent) -> bytes:
    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() in _HOP_BY_HOP else name, value) for name, value in sent.headers
    ]
    status = StatusAndHeaders(f"{sent.status} {responses.get(sent.status, '')}", headers, protocol=sent.protocol)
    made = _BUILDER.create_warc_record(
        page.final_url,
        "response",
        payload=BytesIO(sent.body),
        length=len(sent.body),
        http_headers=status,
        warc_headers_dict={
            "WARC-Date": f"{page.fetched:%Y-%m-%dT%H:%M:%S.%fZ}",
            "WARC-Payload-Digest": f"sha256:{_sha256(sent.body)}",
        },
    )
    return _written(made)


def _written(record: Any) -> bytes:  # noqa: ANN401 (the library has no types)
    written = BytesIO()
    WARCWriter(written, gzip=False, warc_version="1.1").write_record(record)
    return written.getvalue()


def _sent(record: Any) -> Sent:  # noqa: ANN401 (the library has no types)
    return Sent(
        status=int(record.http_headers.get_statuscode()),
        headers=tuple(record.http_headers.headers),
        body=record.raw_stream.read(),
        protocol=record.http_headers.protocol,
    )


def _content(packed: bytes) -> bytes:
    """The body unpacked."""
    content: bytes = next(iter(ArchiveIterator(BytesIO(packed)))).content_stream().read()
    return content


def _gzipped(data: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    return packer.compress(data) + packer.flush()


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _damaged(path: Path, what: str) -> ArchiveError:
    return ArchiveError(path=str(path), what=what, remedy="restore the file from a backup")


def captures_of(archive: Path) -> Path:
    """The folder beside an archive that holds its captures."""
    return archive.with_name(f"{archive.stem}-captures")

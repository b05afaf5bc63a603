"""The records of a WARC file that others made: found one by one, each taken apart by itself.

A file is walked by the borders of its records (gzip members, or the lengths that the records give), so that each can be
read in another process, and what is broken costs no more than itself: the walk goes on at the next record that begins.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator

from model import InputError, Sent

_BLOCK = 256 * 1024  # bytes that are read at a time
_HEAD = 64 * 1024  # bytes within which a record's own headers must end
_OVER_BODY = 128 * 1024  # bytes of a record beside its body: both kinds of headers
_GZIP = 31  # zlib's window bits for a gzip member
_MEMBER, _BEGIN = b"\x1f\x8b\x08", b"WARC/"
_PEEK = 4096  # bytes of a would-be member that show whether it is one

SEVERAL = "its gzip member holds several records"


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A record at `offset`, the next thing at `end`. `data` is the whole record unpacked, `raw` its gzip member.

    `problem` says why it cannot be read on; `too_large` records have their headers but no data.
    """

    offset: int
    end: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    data: bytes = b""
    raw: bytes = b""
    problem: str = ""
    too_large: bool = False

    @property
    def is_response(self) -> bool:
        """Whether it holds what a web server answered."""
        return self.headers.get("warc-type") == "response" and self.url.startswith(("http://", "https://"))

    @property
    def url(self) -> str:
        """The address that was asked."""
        return self.headers.get("warc-target-uri", "").strip("<>")

    @property
    def captured(self) -> datetime | None:
        """When it was captured; None where the record does not say it so that it can be read."""
        try:
            moment = datetime.fromisoformat(self.headers.get("warc-date", ""))
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What a server answered: as it came, and its body with chunks and packing undone."""

    sent: Sent
    body: bytes


def records(file: BinaryIO, *, start: int = 0, most: int) -> Iterator[Record]:
    """The records from `start` (where one begins) on; `most` is the largest body that is held, in bytes.

    Raises InputError where the file is none of WARC at all.
    """
    file.seek(0)
    head = file.read(_PEEK)
    packed = head.startswith(_MEMBER)
    if not (_begins(head) if packed else head.startswith(_BEGIN)):
        where, remedy = getattr(file, "name", "the file"), "give a .warc or .warc.gz file, or JSON Lines"
        raise InputError(where=str(where), what="is no WARC file", remedy=remedy)
    walk = _packed if packed else _plain
    yield from walk(file, start, most + _OVER_BODY)


def response_of(data: bytes) -> Response:
    """Take a response record apart. Raises ValueError where it holds no HTTP response."""
    record = next(iter(ArchiveIterator(BytesIO(data))))
    if record.http_headers is None:
        raise ValueError("it holds no HTTP response")
    status = record.http_headers.get_statuscode()
    if not status.isdigit():
        raise ValueError("its HTTP response has no status")
    body = record.content_stream().read()
    again = next(iter(ArchiveIterator(BytesIO(data))))
    sent = Sent(
        status=int(status),
        headers=tuple(again.http_headers.headers),
        body=again.raw_stream.read(),
        protocol=again.http_headers.protocol,
    )
    return Response(sent=sent, body=body)


# ---------------------------------------------------------------------------------------------- packed, by members


@dataclass(slots=True)
class _Member:
    """A gzip member as far as it was unpacked: at most `most` bytes are held, the rest only counted."""

    most: int
    data: bytearray = field(default_factory=bytearray)
    raw: bytearray = field(default_factory=bytearray)
    size: int = 0
    packed: int = 0

    def add(self, unpacked: bytes) -> None:
        self.size += len(unpacked)
        if len(self.data) <= self.most:
            self.data += unpacked

    def add_raw(self, piece: bytes) -> None:
        self.packed += len(piece)
        if len(self.raw) <= self.most:
            self.raw += piece


def _packed(file: BinaryIO, start: int, most: int) -> Iterator[Record]:
    offset = start
    while True:
        file.seek(offset)
        member = _Member(most)
        problem = _unpack(file, member)
        if problem is None:
            return
        if problem:
            end = _next_member(file, offset + 1)
            yield Record(offset=offset, end=end, problem=problem)
        else:
            end = offset + member.packed
            yield _record_of(member, offset, end)
        offset = end


def _unpack(file: BinaryIO, member: _Member) -> str | None:
    """Unpack the member that begins here; returns what is wrong with it, "" for nothing, None at the file's end."""
    unpacker = zlib.decompressobj(_GZIP)
    while not unpacker.eof:
        block = file.read(_BLOCK)
        if not block:
            return "the file ends in the middle of it" if member.packed else None
        try:
            member.add(unpacker.decompress(block, _BLOCK))
            while unpacker.unconsumed_tail and not unpacker.eof:
                member.add(unpacker.decompress(unpacker.unconsumed_tail, _BLOCK))
        except zlib.error as error:
            return f"it cannot be unpacked ({error})"
        member.add_raw(block[: len(block) - len(unpacker.unused_data)])
    return ""


def _record_of(member: _Member, offset: int, end: int) -> Record:
    headers, begin = _headers(bytes(member.data[:_HEAD]))
    length = headers.get("content-length", "")
    if not begin or not length.isdigit():
        return Record(offset=offset, end=end, problem="it is no WARC record")
    whole = begin + int(length)
    rest = bytes(member.data[whole : whole + 16]).strip()
    if rest.startswith(_BEGIN):
        return Record(offset=offset, end=end, headers=headers, problem=SEVERAL)
    if member.size < whole:
        return Record(offset=offset, end=end, headers=headers, problem="it is shorter than it says")
    if member.size > member.most:
        return Record(offset=offset, end=end, headers=headers, too_large=True)
    return Record(offset=offset, end=end, headers=headers, data=bytes(member.data), raw=bytes(member.raw))


def _next_member(file: BinaryIO, start: int) -> int:
    """Where the next member that holds a record begins, or the end of the file."""
    for place in _places(file, _MEMBER, start):
        file.seek(place)
        if _begins(file.read(_PEEK)):
            return place
    return file.seek(0, 2)


def _begins(packed: bytes) -> bool:
    """Whether a member begins here that unpacks to a record."""
    try:
        return zlib.decompressobj(_GZIP).decompress(packed, len(_BEGIN)) == _BEGIN
    except zlib.error:
        return False


# ---------------------------------------------------------------------------------------------- plain, by lengths


def _plain(file: BinaryIO, start: int, most: int) -> Iterator[Record]:
    size = file.seek(0, 2)
    offset = start
    while offset < size:
        file.seek(offset)
        head = file.read(_HEAD)
        blank = len(head) - len(head.lstrip(b"\r\n"))
        if blank:
            offset += blank
            continue
        record = _plain_record(file, head, offset, size, most)
        yield record
        offset = record.end


def _plain_record(file: BinaryIO, head: bytes, offset: int, size: int, most: int) -> Record:
    headers, begin = _headers(head)
    length = headers.get("content-length", "")
    problem = "" if begin and length.isdigit() else "it is no WARC record"
    end = offset + begin + int(length) if not problem else 0
    if not problem and end > size:
        problem = "the file ends in the middle of it"
    elif not problem:
        file.seek(end)
        after = file.read(16)
        if after.strip() and not (after.startswith(b"\r\n\r\n") and after[4:].lstrip(b"\r\n").startswith(_BEGIN)):
            problem = "its length is not what it says"
    if problem:
        nexts = (place + 1 for place in _places(file, b"\n" + _BEGIN, offset + 1))
        return Record(offset=offset, end=next(nexts, size), headers=headers, problem=problem)
    if end - offset > most:
        return Record(offset=offset, end=end, headers=headers, too_large=True)
    file.seek(offset)
    return Record(offset=offset, end=end, headers=headers, data=file.read(end - offset) + b"\r\n\r\n")


# -------------------------------------------------------------------------------------------------------- headers


def _headers(head: bytes) -> tuple[dict[str, str], int]:
    """A record's headers by their names in lower case, and where what they head begins (0: no record begins here)."""
    stop = head.find(b"\r\n\r\n")
    if not head.startswith(_BEGIN) or stop < 0:
        return {}, 0
    lines = head[:stop].decode("utf-8", errors="replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if not line.startswith((" ", "\t")))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}, stop + 4


def _places(file: BinaryIO, wanted: bytes, start: int) -> Iterator[int]:
    """Where some bytes stand in a file, from `start` on."""
    kept, base = b"", start
    while True:
        file.seek(base + len(kept))
        block = file.read(_BLOCK)
        if not block:
            return
        here = kept + block
        place = here.find(wanted)
        while place >= 0:
            yield base + place
            place = here.find(wanted, place + 1)
        kept = here[-(len(wanted) - 1) :]
        base += len(here) - len(kept)

"""WARC files of others: every record is found, and what is broken costs no more than itself."""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.warcs import SEVERAL, Record, records, response_of
from model import InputError

MOST = 100_000
PAGE = b"<html><p>At least 23 people were killed.</p></html>"
URL = "https://post.example/ferry"


def response(body: bytes = PAGE, *headers: tuple[str, str], url: str = URL, packed: bool = True) -> bytes:
    """A response record as it lies in a file."""
    stream = BytesIO()
    writer = WARCWriter(stream, gzip=packed)
    status = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *headers], protocol="HTTP/1.1")
    dated = {"WARC-Date": "2026-03-08T12:00:00Z"}
    writer.write_record(
        writer.create_warc_record(
            url, "response", BytesIO(body), len(body), http_headers=status, warc_headers_dict=dated
        )
    )
    return stream.getvalue()


def read(data: bytes, *, start: int = 0, most: int = MOST) -> list[Record]:
    return list(records(BytesIO(data), start=start, most=most))


@pytest.mark.parametrize("packed", [True, False])
def test_records_are_found_one_behind_the_other_from_any_of_their_borders_on(packed: bool) -> None:
    data = b"".join(response(PAGE * (n + 1), url=f"{URL}/{n}", packed=packed) for n in range(4))
    found = read(data)
    assert [one.url for one in found] == [f"{URL}/{n}" for n in range(4)]
    assert all(one.is_response and not one.problem for one in found)
    assert [response_of(one.data).body for one in found] == [PAGE * (n + 1) for n in range(4)]
    for n, one in enumerate(found):
        assert [each.url for each in read(data, start=one.end)] == [each.url for each in found[n + 1 :]]
    assert found[0].captured is not None
    assert found[0].captured.isoformat() == "2026-03-08T12:00:00+00:00"


def test_a_packed_record_is_given_as_it_lies_in_the_file() -> None:
    data = response() + response(PAGE * 2)
    assert b"".join(one.raw for one in read(data)) == data


def test_chunks_and_packing_of_the_body_are_undone_and_what_was_sent_is_kept() -> None:
    packed = gzip.compress(PAGE)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    (one,) = read(response(chunked, ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")))
    taken = response_of(one.data)
    assert taken.body == PAGE
    assert taken.sent.body == chunked
    assert taken.sent.status == 200


@pytest.mark.parametrize("packed", [True, False])
def test_behind_a_damaged_record_the_next_one_is_found(packed: bool) -> None:
    first, second, third = (response(PAGE * 9, url=f"{URL}/{n}", packed=packed) for n in range(3))
    bent = bytearray(second)
    if packed:
        bent[30:60] = bytes(30)
    else:
        at = second.index(b"Content-Length: ") + len(b"Content-Length: ")
        bent[at : at + 1] = b"9"
    found = read(first + bytes(bent) + third)
    assert [one.url for one in found if not one.problem] == [f"{URL}/0", f"{URL}/2"]
    (broken,) = [one for one in found if one.problem]
    assert broken.offset == len(first)
    assert broken.end == len(first + second)


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_ends_in_the_middle_of_a_record_says_so(packed: bool) -> None:
    first, second = response(packed=packed), response(PAGE * 50, packed=packed)
    *_, last = read(first + second[:-40])
    assert last.problem == "the file ends in the middle of it"
    assert last.end == len(first + second) - 40


@pytest.mark.parametrize("packed", [True, False])
def test_a_record_that_is_too_large_is_told_by_its_headers_and_not_held(packed: bool) -> None:
    large, small = response(b"x" * 2_000_000, url=f"{URL}/large", packed=packed), response(packed=packed)
    found = read(large + small, most=1_000)
    assert [(one.url, one.too_large) for one in found] == [(f"{URL}/large", True), (URL, False)]
    assert found[0].data == b""


def test_a_file_packed_as_one_piece_is_told_apart() -> None:
    (one,) = read(gzip.compress(response(packed=False) + response(packed=False)))
    assert one.problem == SEVERAL


@pytest.mark.parametrize("data", [b"", b"<html>", gzip.compress(b"<html>", mtime=0), b"\x1f\x8b\x08nonsense"])
def test_what_is_no_warc_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="is no WARC file"):
        read(data)


@pytest.mark.parametrize("data", [b"WARC/1.0\r\n\r\n", b"WARC/1.0\r\nContent-Length: x\r\n\r\n\r\n\r\n", b"WARC/1.0"])
def test_a_record_without_a_length_is_no_record(data: bytes) -> None:
    (one,) = read(data)
    assert one.problem == "it is no WARC record"


def test_a_response_without_http_is_refused(tmp_path: Path) -> None:
    stream = BytesIO()
    writer = WARCWriter(stream, gzip=False)
    writer.write_record(writer.create_warc_record(URL, "metadata", BytesIO(b"note: none"), 10))
    (one,) = read(stream.getvalue())
    assert not one.is_response
    with pytest.raises(ValueError, match="no HTTP response"):
        response_of(one.data)

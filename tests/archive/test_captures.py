"""The original bytes: kept as they came, given back verified, and readable by any tool for WARC files."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import Archive
from archive.captures import Captures, captures_of
from model import ArchiveError, Page, Sent
from tests.build import article, hour

URL = "https://daily.example/ferry"
BODY = b"<html><p>At least 23 people were killed.</p></html>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tollwatch.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    opened = Archive.open(path)
    yield opened
    opened.close()


def page(body: bytes = BODY, *, packed: bool = True, at: float = 0) -> Page:
    coding = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")) if packed else ()
    headers = (("Content-Type", "text/html"), *coding)
    sent = Sent(status=200, headers=headers, body=gzip.compress(body) if packed else body)
    return Page(
        url=URL, final_url=URL, outlet="daily", fetched=hour(at), milliseconds=3, status=200, body=body, sent=sent
    )


def revision(archive: Archive, text: str = "One.") -> int:
    """A text to which a capture belongs."""
    _, revision_id = archive.texts.add_revision(
        article(text, url=URL),
        known=archive.texts.article(URL),
        fetched_as=URL,
        fetched=hour(0),
        stated=hour(0),
        sketch=(),
        reader_version="1",
    )
    return revision_id


def files(path: Path) -> list[Path]:
    return sorted(captures_of(path).glob("*.warc.gz"))


@pytest.mark.parametrize("packed", [True, False])
def test_a_capture_gives_back_what_was_sent_and_what_it_unpacks_to(archive: Archive, packed: bool) -> None:
    given = page(packed=packed)
    with archive.atomic():
        archive.captures.keep(given, [revision(archive)])
    (row,) = archive.captures.of_article(URL)
    captured = archive.captures.read(row)
    assert given.sent is not None
    assert (captured.sent.body, captured.content, captured.fetched) == (given.sent.body, BODY, hour(0))
    assert captured.sha256 == hashlib.sha256(given.sent.body).hexdigest()
    assert ("Content-Type", "text/html") in captured.sent.headers


def test_the_files_are_warc_files_with_a_record_a_capture(archive: Archive, path: Path) -> None:
    for n in range(3):
        with archive.atomic():
            archive.captures.keep(page(BODY * (n + 1), at=n), [revision(archive, f"Text {n}.")])
    (file,) = files(path)
    with file.open("rb") as stream:
        records = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI")) for record in ArchiveIterator(stream)
        ]
    assert records == [("warcinfo", None), *[("response", URL)] * 3]
    with file.open("rb") as stream:
        unpacked = [one.content_stream().read() for one in ArchiveIterator(stream) if one.rec_type == "response"]
    assert unpacked == [BODY, BODY * 2, BODY * 3]


def test_each_revision_has_its_own_capture_the_newest_first(archive: Archive) -> None:
    for n in range(2):
        with archive.atomic():
            archive.captures.keep(page(BODY * (n + 1), at=n), [revision(archive, f"Text {n}.")])
    assert [(row["number"], row["bytes"] > 0) for row in archive.captures.of_article(URL)] == [(2, True), (1, True)]


def test_a_full_file_is_followed_by_the_next(archive: Archive, path: Path) -> None:
    small = Captures(archive._db, captures_of(path), largest=2_000)
    for n in range(6):
        with archive.atomic():
            small.keep(page(at=n), [revision(archive, f"Text {n}.")])
    assert len(files(path)) > 1
    assert all(file.stat().st_size <= 2_000 for file in files(path))
    assert [small.read(row).content for row in small.of_article(URL)] == [BODY] * 6


def test_the_file_goes_on_after_a_restart(path: Path) -> None:
    for n in range(2):
        opened = Archive.open(path)
        with opened.atomic():
            opened.captures.keep(page(at=n), [revision(opened, f"Text {n}.")])
        opened.close()
    assert len(files(path)) == 1


def test_a_record_that_was_torn_by_a_crash_is_left_alone_and_a_new_file_begun(path: Path) -> None:
    first = Archive.open(path)
    with first.atomic():
        first.captures.keep(page(), [revision(first)])
    first.close()
    with files(path)[0].open("ab") as file:
        file.write(b"\x1f\x8b\x08 torn")
    second = Archive.open(path)
    with second.atomic():
        second.captures.keep(page(at=1), [revision(second, "Two.")])
    assert len(files(path)) == 2
    assert [second.captures.read(row).content for row in second.captures.of_article(URL)] == [BODY, BODY]
    second.close()


def test_a_capture_whose_page_was_not_kept_is_referred_to_by_nothing(archive: Archive) -> None:
    def fail() -> None:
        with archive.atomic():
            archive.captures.keep(page(), [revision(archive)])
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        fail()
    assert archive.captures.of_article(URL) == []
    with archive.atomic():
        archive.captures.keep(page(at=1), [revision(archive)])
    (row,) = archive.captures.of_article(URL)
    assert archive.captures.read(row).content == BODY


def test_a_file_that_was_changed_is_told(archive: Archive, path: Path) -> None:
    with archive.atomic():
        archive.captures.keep(page(packed=False), [revision(archive)])
    (row,) = archive.captures.of_article(URL)
    (file,) = files(path)
    whole = file.read_bytes()
    start, record = row["offset"], gzip.decompress(whole[row["offset"] :])
    forged = gzip.compress(record.replace(b"23 people", b"32 people"))
    file.write_bytes(whole[:start] + forged)
    with pytest.raises(ArchiveError, match="holds another body"):
        archive.captures.read({**row, "length": len(forged)})
    file.write_bytes(whole[: start + 40])
    with pytest.raises(ArchiveError, match="holds no record"):
        archive.captures.read(row)
    file.unlink()
    with pytest.raises(ArchiveError, match="restore the file from a backup"):
        archive.captures.read(row)


def test_an_archive_without_captures_keeps_none(path: Path) -> None:
    archive = Archive.open(path, captures=False)
    with archive.atomic():
        archive.captures.keep(page(), [revision(archive)])
    assert archive.captures.of_article(URL) == []
    assert not captures_of(path).exists()
    archive.close()


def test_an_archive_in_memory_keeps_no_captures() -> None:
    archive = Archive.in_memory()
    archive.captures.keep(page(), [1])
    assert archive.captures.of_article(URL) == []
    archive.close()


def test_after_a_record_that_could_not_be_written_whole_a_new_file_is_begun(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with archive.atomic():
        archive.captures.keep(page(), [revision(archive)])
    monkeypatch.setattr("archive.captures.os.fdatasync", full)
    with pytest.raises(OSError, match="No space"):
        archive.captures.keep(page(at=1), [revision(archive, "Two.")])
    monkeypatch.undo()
    with archive.atomic():
        archive.captures.keep(page(at=2), [revision(archive, "Three.")])
    assert len(files(path)) == 2
    assert archive.captures.read(archive.captures.of_article(URL)[0]).content == BODY

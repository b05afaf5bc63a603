"""What an archive lets go of, how it is copied, and what is found where something in it was damaged."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive import Archive, upkeep
from archive.captures import captures_of
from archive.checking import Fault
from archive.upkeep import backup
from config import Keep
from model import ArchiveError, InputError, Lead, Page, PageOutcome, Reading, Sent, Via, Watch
from monitor import Monitor, read_claims_of
from telling import Teller
from tests.build import article, hour

DAYS = 24
ALL = Keep(fetches=None, addresses=None, captures=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tollwatch.db"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    opened = Archive.open(path)
    yield opened
    opened.close()


def page(url: str, at: float, *, body: bytes = b"<p>At least 23 people were killed.</p>") -> Page:
    sent = Sent(status=200, headers=(("Content-Type", "text/html"),), body=body)
    return Page(
        url=url, final_url=url, outlet="daily", fetched=hour(at), milliseconds=3, status=200, body=body, sent=sent
    )


def reading(n: int, at: float) -> Reading:
    text = f"A ferry sank off Port Vessel. At least {20 + n} people were killed, the coastguard said."
    url = f"https://daily.example/{n}"
    return read_claims_of(url, article(text, title="Ferry sinks off Port Vessel", url=url, at=at))


def filled(archive: Archive, count: int = 4) -> None:
    """A small story with its captures, addresses and requests, an hour after another."""
    watch = Watch(id="all", name="All")
    teller = Teller(archive, watches=[watch], rules=(), outlet_names={})
    monitor = Monitor(archive, watches=[watch], teller=teller, since=lambda _: None)
    for n in range(count):
        fetched = page(f"https://daily.example/{n}", n)
        lead = Lead(url=fetched.url, key=fetched.url, outlet="daily", via=Via.FEED, found=hour(n))
        with archive.atomic():
            archive.polling.add_leads([lead], hour(n), baseline=False)
            taken = monitor.take(reading(n, n), fetched=hour(n))
            archive.captures.keep(fetched, taken.revisions)
            archive.polling.record_fetch(fetched, taken.outcome, "", listing=False)
            archive.polling.settle_lead(
                lead.key, outcome=PageOutcome.NEW_ARTICLE, article=fetched.url, failed=False, due=None
            )


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


# -------------------------------------------------------------------------------------------------------- retention


def test_what_is_older_than_it_is_kept_goes_and_what_is_known_stays(archive: Archive, path: Path) -> None:
    filled(archive)
    archive.upkeep.let_go(Keep(), hour(90 * DAYS + 1.5))
    assert (count(path, "fetches"), count(path, "frontier")) == (2, 2)
    assert (count(path, "captures"), count(path, "revisions"), count(path, "figures")) == (4, 4, 4)


def test_what_is_kept_for_ever_stays(archive: Archive, path: Path) -> None:
    filled(archive)
    assert archive.upkeep.let_go(ALL, hour(99_999)) == 0
    assert (count(path, "fetches"), count(path, "frontier"), count(path, "captures")) == (4, 4, 4)


def test_an_address_that_is_to_be_read_again_stays(archive: Archive, path: Path) -> None:
    filled(archive)
    key = "https://daily.example/1"
    archive.polling.settle_lead(key, outcome=PageOutcome.UNCHANGED, article=key, failed=False, due=hour(9_999))
    for _ in range(3):
        archive.upkeep.let_go(Keep(), hour(9_000))
    assert count(path, "frontier") == 1
    assert archive.polling.article_of(key) == key


def test_what_piled_up_goes_a_few_rows_at_a_time(archive: Archive, path: Path) -> None:
    with archive.atomic():
        for n in range(250):
            archive.polling.record_fetch(page("https://daily.example/", 0), PageOutcome.GONE, "", listing=False)
            key = f"https://daily.example/{n}"
            lead = Lead(url=key, key=key, outlet="daily", via=Via.FEED, found=hour(0))
            archive.polling.add_leads([lead], hour(0), baseline=False)
            archive.polling.settle_lead(key, outcome=PageOutcome.GONE, article=None, failed=False, due=None)
    left = []
    while archive.upkeep.let_go(Keep(), hour(91 * DAYS)):
        left.append((count(path, "fetches"), count(path, "frontier")))
    assert left == [(150, 150), (50, 50), (0, 0)]


def test_files_of_captures_go_once_no_text_refers_to_them(archive: Archive, path: Path) -> None:
    archive.captures._largest = 1_000
    filled(archive, 6)
    files = sorted(captures_of(path).glob("*.warc.gz"))
    assert len(files) > 2
    keep = replace(ALL, captures=timedelta(days=1))
    archive.upkeep.let_go(keep, hour(DAYS + 4.5))
    assert count(path, "captures") == 1
    with closing(sqlite3.connect(path)) as connection:
        ((name,),) = connection.execute("SELECT file FROM captures").fetchall()
    assert [file.name for file in captures_of(path).glob("*.warc.gz")] == [name]
    archive.upkeep.let_go(keep, hour(99 * DAYS))
    assert count(path, "captures") == 0
    assert [file.name for file in captures_of(path).glob("*.warc.gz")] == [name]  # the next record comes into it
    assert faults(archive) == []


def test_the_size_says_what_is_free(archive: Archive) -> None:
    filled(archive, 30)
    before = archive.upkeep.size()
    assert before.captures > 0
    archive.upkeep.let_go(Keep(), hour(9_999))
    after = archive.upkeep.size()
    assert after.file == before.file
    assert after.free >= before.free


# ---------------------------------------------------------------------------------------------------- log of writes


@contextmanager
def reading_on(path: Path) -> Iterator[None]:
    """Two connections that read in turn, the one beginning before the other ends, as long as the block lasts."""
    stop, begun = threading.Event(), threading.Event()

    def read() -> None:
        connections = [sqlite3.connect(path, isolation_level=None) for _ in range(2)]
        begin(connections[0])
        begun.set()
        while not stop.is_set():
            begin(connections[1])
            time.sleep(0.02)
            connections[0].execute("COMMIT")
            connections.reverse()
        for connection in connections:
            connection.close()

    def begin(db: sqlite3.Connection) -> None:
        db.execute("BEGIN")
        db.execute("SELECT COUNT(*) FROM fetches").fetchone()

    reader = threading.Thread(target=read)
    reader.start()
    begun.wait()
    try:
        yield
    finally:
        stop.set()
        reader.join()


def written(archive: Path, beside: Archive, size: int) -> Path:
    """Write until the log is as long as `size`; returns the log."""
    log = archive.with_name(f"{archive.name}-wal")
    beside._db.execute("PRAGMA wal_autocheckpoint = 0")
    while log.stat().st_size < size:
        with beside.atomic():
            beside.polling.record_fetch(page("https://daily.example/", 0), PageOutcome.GONE, "x" * 400, listing=False)
    return log


def test_a_long_log_is_emptied_while_others_read_without_a_gap(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "LOG_BYTES", 1_000_000)
    log = written(path, archive, 1_200_000)
    with reading_on(path):
        assert archive.upkeep.shorten_log()
        assert log.stat().st_size < 1_000_000
    assert count(path, "fetches") > 0


def test_a_log_of_usual_length_is_left_alone(archive: Archive, path: Path) -> None:
    log = written(path, archive, 1_200_000)
    assert archive.upkeep.shorten_log()
    assert log.stat().st_size >= 1_200_000


def test_one_who_reads_on_and_on_is_not_waited_for_again_and_again(
    archive: Archive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "LOG_BYTES", 1_000_000)
    monkeypatch.setattr(upkeep, "_LOG_WAIT_S", 0)
    log = written(path, archive, 1_200_000)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM fetches").fetchone()
        archive.polling.record_fetch(page("https://daily.example/", 0), PageOutcome.GONE, "", listing=False)
        asked: list[str] = []
        archive._db.conn.set_trace_callback(asked.append)
        for _ in range(40):
            assert not archive.upkeep.shorten_log()
        reader.execute("COMMIT")
    assert 2 <= sum("wal_checkpoint" in sql for sql in asked) <= 6
    while not archive.upkeep.shorten_log():
        pass
    assert log.stat().st_size == 0
    assert archive._db.execute("PRAGMA busy_timeout").fetchone()[0] == 10_000


# ----------------------------------------------------------------------------------------------------------- backup


def copied(path: Path, target: Path, *, captures: bool = False, overwrite: bool = False) -> Mapping[str, int]:
    return backup(path, target, captures=captures, overwrite=overwrite, seen=lambda _, __: None).rows


def test_a_copy_holds_all_rows_and_captures(archive: Archive, path: Path, tmp_path: Path) -> None:
    filled(archive)
    target = tmp_path / "copy.db"
    assert copied(path, target, captures=True)["articles"] == 4
    with closing(Archive.open_read_only(target)) as copy:
        assert faults(copy) == []
        (row,) = copy.captures.of_article("https://daily.example/2")
        assert copy.captures.read(row).content.startswith(b"<p>At least")
    assert not target.with_name("copy.db.part").exists()


def test_a_copy_is_not_written_over_unless_asked(archive: Archive, path: Path, tmp_path: Path) -> None:
    filled(archive, 1)
    target = tmp_path / "copy.db"
    target.write_bytes(b"another")
    with pytest.raises(InputError, match="is there already; give another name, or --overwrite"):
        copied(path, target)
    assert target.read_bytes() == b"another"
    assert copied(path, target, overwrite=True)["articles"] == 1


def test_an_archive_is_not_copied_over_itself_nor_over_one_in_use(archive: Archive, path: Path, tmp_path: Path) -> None:
    filled(archive, 1)
    with pytest.raises(InputError, match="is no place for a copy"):
        copied(path, path, overwrite=True)
    with (
        closing(Archive.open(tmp_path / "other.db")),
        pytest.raises(InputError, match="is an archive in use"),
    ):
        copied(path, tmp_path / "other.db", overwrite=True)
    with pytest.raises(InputError, match="its folder is not there"):
        copied(path, tmp_path / "none" / "copy.db")


def test_captures_that_were_copied_before_are_not_copied_again_and_those_that_grew_are(
    archive: Archive, path: Path, tmp_path: Path
) -> None:
    archive.captures._largest = 1_000
    filled(archive, 3)
    target = tmp_path / "copy.db"
    copied(path, target, captures=True)
    first, *_, last = sorted(captures_of(target).glob("*.warc.gz"))
    first.write_bytes(first.read_bytes() + b"marked")
    before = last.stat().st_size
    archive.captures._largest = 100_000
    with archive.atomic():
        known = archive.texts.article("https://daily.example/1")
        assert known is not None
        archive.captures.keep(page(known.url, 9), [known.revision_id])
    copied(path, target, captures=True, overwrite=True)
    assert first.read_bytes().endswith(b"marked")
    assert last.stat().st_size > before


def test_a_copy_that_is_interrupted_leaves_nothing(archive: Archive, path: Path, tmp_path: Path) -> None:
    filled(archive, 60)
    target = tmp_path / "copy.db"

    def interrupt(_: int, __: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(path, target, captures=False, overwrite=False, seen=interrupt)
    assert list(tmp_path.glob("copy*")) == []


def test_a_damaged_archive_gives_no_copy(path: Path, tmp_path: Path) -> None:
    with closing(Archive.open(path)) as archive:
        filled(archive, 50)
    tear(path, "revisions")
    with pytest.raises(ArchiveError):
        copied(path, tmp_path / "copy.db")
    assert list(tmp_path.glob("copy*")) == []


def test_a_copy_ends_while_the_archive_is_written_and_holds_one_state_of_it(
    archive: Archive, path: Path, tmp_path: Path
) -> None:
    filled(archive, 40)
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            with archive.atomic():  # both or none
                archive.polling.record_fetch(page("https://daily.example/", 1), PageOutcome.GONE, "", listing=False)
                archive.polling.record_fetch(page("https://daily.example/", 2), PageOutcome.GONE, "", listing=False)
            written += 1

    # One connection, one thread at a time: the archive is the writer's while it runs.
    archive._db.conn.close()
    archive = Archive.open_beside(path)
    archive._db.conn.close()
    archive._db.conn = sqlite3.connect(path, check_same_thread=False)
    archive._db.conn.row_factory = sqlite3.Row
    writer = threading.Thread(target=write)
    writer.start()
    try:
        while written < 5:
            time.sleep(0.001)
        copied(path, tmp_path / "copy.db")
        after = written
        while written == after:
            time.sleep(0.001)
    finally:
        stop.set()
        writer.join()
        archive._db.conn.close()
    assert count(tmp_path / "copy.db", "fetches WHERE outcome = 'gone'") % 2 == 0


# ------------------------------------------------------------------------------------------------------- the check


def faults(archive: Archive, *, quick: bool = False) -> list[str]:
    found = [each for step in archive.checks.steps(quick=quick) for each in step.run()]
    return [str(each) for each in found if isinstance(each, Fault)]


def tear(path: Path, table: str) -> None:
    """Write over the page at which a table begins."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


@pytest.fixture
def damaged(path: Path) -> Iterator[sqlite3.Connection]:
    """An archive, by a connection that minds no rule."""
    with closing(Archive.open(path)) as archive:
        filled(archive)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def found(path: Path, *, quick: bool = False) -> list[str]:
    with closing(Archive.open_read_only(path)) as archive:
        return faults(archive, quick=quick)


@pytest.mark.parametrize("quick", [True, False])
def test_in_a_whole_archive_nothing_is_wrong_and_every_row_is_counted(path: Path, quick: bool) -> None:
    with closing(Archive.open(path)) as archive:
        filled(archive)
        assert faults(archive, quick=quick) == []
        for step in archive.checks.steps(quick=quick):
            assert sum(each for each in step.run() if isinstance(each, int)) == step.total


DAMAGE = {
    "a reference": (
        "DELETE FROM sources; DELETE FROM claims WHERE id = 2",
        "of figures refers to a row of claims that is not there",
    ),
    "an alert": (
        "INSERT INTO deliveries (alert_key, channel, state, owed_since) VALUES ('none', 'desk', 'owed', '')",
        "row 1 of deliveries refers to a row of alerts that is not there",
    ),
    "a figure that stands": (
        "UPDATE series SET current_figure = 9999",
        "series 1 stands at figure 9999, which is none of its own",
    ),
    "an article's text": (
        "UPDATE articles SET revision_id = 1 WHERE id = 2",
        "article 2 names revision 1 as its text, which is none of its own",
    ),
    "a figure's text": ("UPDATE figures SET revision_id = 1 WHERE id = 3", "figure 3 lies in revision 1"),
    "a missing entry of the index": (
        "DELETE FROM revisions_fts_docsize WHERE id = 3",
        "the full-text index lacks revision 3; stop the daemon and run INSERT INTO revisions_fts",
    ),
    "an entry too many": (
        "INSERT INTO revisions_fts(rowid, title, text) VALUES (99, 'none', 'none')",
        "the full-text index holds a text that is gone: revision 99",
    ),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_what_does_not_fit_together_is_named(damaged: sqlite3.Connection, path: Path, what: str) -> None:
    script, sentence = DAMAGE[what]
    damaged.executescript(script)
    assert any(sentence in fault for fault in found(path, quick=True))


def test_a_text_that_is_another_is_named_and_so_are_its_claims(damaged: sqlite3.Connection, path: Path) -> None:
    damaged.execute("DROP TRIGGER revisions_au")
    damaged.execute("UPDATE revisions SET reading_text = 'x' || reading_text WHERE id = 2")
    said = found(path)
    assert any(fault.startswith("the text of revision 2 is not the one that was kept; restore it") for fault in said)
    assert any(fault.startswith("claim 2 does not stand in revision 2 where it says") for fault in said)


def test_a_text_that_the_index_does_not_find_is_named(damaged: sqlite3.Connection, path: Path) -> None:
    damaged.execute(
        "INSERT INTO revisions_fts(revisions_fts, rowid, title, text) SELECT 'delete', id, title, text FROM revisions"
    )
    damaged.execute("INSERT INTO revisions_fts(rowid, title, text) SELECT id, '', 'other' FROM revisions")
    assert any(fault.startswith("the full-text index does not find revision 1 by its words") for fault in found(path))


@pytest.mark.parametrize("text", ["", "20 30", "Internacio\u0301nal", "الخبر", "snake_case_words-and-more"])
def test_texts_of_every_kind_are_found(archive: Archive, path: Path, text: str) -> None:
    for url in ("https://daily.example/text", "https://daily.example/both"):
        archive.texts.add_revision(
            article(text, title=text if url.endswith("both") else "", url=url),
            known=None,
            fetched_as=url,
            fetched=hour(0),
            stated=hour(0),
            sketch=(),
            reader_version="1",
        )
    assert faults(archive) == []


def test_an_alert_that_cannot_be_read_is_named(damaged: sqlite3.Connection, path: Path) -> None:
    damaged.execute("INSERT INTO alerts VALUES ('abc', 'test', NULL, '', '', '{')")
    assert any(fault.startswith("alert abc cannot be read") for fault in found(path))


def test_a_file_of_captures_that_is_gone_or_short_is_named(damaged: sqlite3.Connection, path: Path) -> None:
    (file,) = captures_of(path).glob("*.warc.gz")
    data = file.read_bytes()
    file.write_bytes(data[:-20])
    (short,) = found(path, quick=True)
    assert short.startswith(f"the file {file.name} of captures ends before capture 4; restore it")
    assert any(f"{file}: holds" in fault for fault in found(path))
    file.unlink()
    (gone,) = found(path, quick=True)
    assert gone.startswith(f"the file {file.name} of captures is not there")


def test_a_captured_page_that_is_another_is_named(damaged: sqlite3.Connection, path: Path) -> None:
    damaged.execute("UPDATE captures SET sha256 = 'abc' WHERE id = 3")
    assert found(path, quick=True) == []
    (fault,) = found(path)
    assert fault.startswith("capture 3: ")
    assert "holds another body" in fault


def test_a_torn_page_of_the_file_is_named(path: Path) -> None:
    with closing(Archive.open(path)) as archive:
        filled(archive, 50)
    tear(path, "claims_revision")
    said = found(path, quick=True)
    assert any(fault.startswith("the file is damaged: ") and "restore it from a copy" in fault for fault in said)


def test_looking_beside_a_writer_changes_nothing(archive: Archive, path: Path) -> None:
    filled(archive)
    before = path.read_bytes()
    assert found(path) == []
    assert path.read_bytes() == before

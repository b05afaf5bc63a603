"""Upkeep by the command line, and by the daemon itself."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import Archive
from cli.commands import tollwatch
from model import InputError, Page, PageOutcome
from tests.archive.test_upkeep import filled
from tests.daemon import run_once

CONFIG = """
archive = "tollwatch.db"
[crawl]
contact = "https://tollwatch.example"
allow_networks = ["127.0.0.0/8"]
[[outlets]]
id = "daily"
name = "The Daily"
homepage = "http://127.0.0.1:9/"
feeds = ["http://127.0.0.1:9/feed.xml"]
[[watches]]
id = "all"
name = "All"
[[rules]]
name = "all"
channels = ["screen"]
[[channels]]
name = "screen"
kind = "print"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with closing(Archive.open(tmp_path / "tollwatch.db")) as archive:
        filled(archive)
    return config


def called(file: Path, name: str, *arguments: str) -> Result:
    return CliRunner().invoke(tollwatch, [name, "--config", str(file), *arguments], standalone_mode=False)


def test_a_copy_says_what_is_in_it(file: Path, tmp_path: Path) -> None:
    done = called(file, "backup", "--captures", str(tmp_path / "copy.db"))
    assert done.exception is None
    assert "1 files of captures: found whole, with 4 articles, 4 revisions" in done.output
    again = called(file, "backup", str(tmp_path / "copy.db"))
    assert isinstance(again.exception, InputError)


def test_a_whole_archive_passes_and_a_damaged_one_does_not(file: Path, tmp_path: Path) -> None:
    done = called(file, "check-archive")
    assert (done.return_value, done.output) == (0, f"{tmp_path / 'tollwatch.db'}: looked at whole: nothing wrong\n")
    with closing(sqlite3.connect(tmp_path / "tollwatch.db", isolation_level=None)) as connection:
        connection.execute("UPDATE series SET current_figure = 9999")
    done = called(file, "check-archive", "--quick")
    assert done.return_value == 1
    said = done.output.splitlines()
    assert said[0].startswith("series 1 stands at figure 9999, which is none of its own; restore it from a copy")
    assert said[-1].endswith("looked at quickly: 1 wrong")


def test_what_is_behind_a_thousand_faults_is_told_by_their_number(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "tollwatch.db", isolation_level=None)) as connection:
        for n in range(30):
            connection.execute("INSERT INTO series (event, outcome, who, source) VALUES ('none', 'killed', ?, '')", [n])
    said = called(file, "check-archive", "--quick").output.splitlines()
    assert len(said) == 22
    assert said[-2] == "references: 10 more of these"


def test_status_says_how_large_the_archive_is(file: Path) -> None:
    assert " MB of it free, and 0.0 MB of captures" in called(file, "status").output
    size = json.loads(called(file, "status", "--json").output)["bytes"]
    assert size["file"] > size["free"] >= 0
    assert size["captures"] > 0


async def test_the_daemon_lets_go_of_what_is_older_than_it_is_kept(file: Path, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with closing(Archive.open(tmp_path / "tollwatch.db")) as archive, archive.atomic():
        for n in range(500):
            fetched = Page(
                url=f"https://daily.example/{n}",
                final_url="",
                outlet="daily",
                fetched=now - timedelta(days=91 if n < 450 else 89),
                milliseconds=1,
            )
            archive.polling.record_fetch(fetched, PageOutcome.GONE, "", listing=False)
    await run_once(file)
    with closing(sqlite3.connect(tmp_path / "tollwatch.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM fetches WHERE outcome = 'gone'").fetchone() == (50,)
        assert connection.execute("SELECT COUNT(*) FROM revisions").fetchone() == (4,)

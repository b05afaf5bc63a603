"""The outbox by hand, as somebody meets it who has never seen it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import Archive
from cli.commands import main
from model import Attempt, AttemptResult, DeliveryState
from tests.alerts.samples import harbour_fire

CONFIG = """
archive = "tollwatch.db"
[crawl]
contact = "desk@example.org"
[[outlets]]
id = "daily"
name = "The Daily"
homepage = "https://daily.example"
feeds = ["https://daily.example/rss"]
[[watches]]
id = "all"
name = "All"
[[rules]]
name = "all"
channels = ["screen"]
[[channels]]
name = "screen"
kind = "print"
[[channels]]
name = "mail"
kind = "email"
host = "smtp.example"
sender = "tollwatch@desk.example"
to = ["editor@desk.example"]
[[channels]]
name = "feed"
kind = "atom"
file = "alerts.xml"
"""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Said]


@pytest.fixture
def tollwatch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command in this process: exit code, standard output and standard error."""

    def run(*arguments: str, folder: Path) -> Said:
        monkeypatch.chdir(folder)
        monkeypatch.setattr("sys.argv", ["tollwatch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return run


REFUSED = Attempt(result=AttemptResult.REFUSED, detail="HTTP 410 gone")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def folder(empty: Path) -> Path:
    """An archive with two alerts that are owed to the screen and were refused by the feed."""
    with closing(Archive.open(empty / "tollwatch.db")) as archive:
        now = datetime.now(UTC)
        for key in ("alert_one", "alert_two"):
            archive.outbox.owe(replace(harbour_fire(), key=key, event=None), ["screen", "feed"], now)
        for delivery in archive.outbox.owed(now + timedelta(seconds=1)):
            if delivery.channel == "feed":
                archive.outbox.record(delivery, REFUSED, DeliveryState.DEAD, None, now)
    return empty


def states(tollwatch: Command, folder: Path) -> list[tuple[str, str, str]]:
    rows = json.loads(tollwatch("alerts", "--json", folder=folder).stdout)
    return sorted((row["key"], row["channel"], row["state"]) for row in rows)


def test_what_died_of_one_alert_is_owed_again(tollwatch: Command, folder: Path) -> None:
    done = tollwatch("retry", "alert_o", folder=folder)
    assert (done.returncode, done.stdout.splitlines()[0][:6]) == (0, "feed: ")
    assert [row for row in states(tollwatch, folder) if row[1] == "feed"] == [
        ("alert_one", "feed", "owed"), ("alert_two", "feed", "dead"),
    ]  # fmt: skip


def test_all_that_a_channel_refused_is_owed_again_and_delivered(tollwatch: Command, folder: Path) -> None:
    assert tollwatch("retry", "--channel", "feed", folder=folder).returncode == 0
    assert tollwatch("deliver", folder=folder).stdout.endswith("4 delivered, 0 still owed\n")
    assert {state for _, _, state in states(tollwatch, folder)} == {"delivered"}


def test_a_retry_beside_a_daemon_is_left_for_it(tollwatch: Command, folder: Path) -> None:
    with closing(Archive.open(folder / "tollwatch.db")) as daemon:
        assert tollwatch("retry", "alert_two", folder=folder).returncode == 0
        due = daemon.outbox.owed(datetime.now(UTC) + timedelta(seconds=1))
        assert sorted(each.channel for each in due) == ["feed", "screen", "screen"]
        beside = tollwatch("deliver", folder=folder)
        assert (beside.returncode, len(beside.stderr.splitlines())) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["retry"], 2, "give the beginning of an alert's key"),
        (["retry", "alert_"], 2, "begins the keys of 2 alerts; give more of it"),
        (["retry", "nope"], 2, "nope: is the beginning of no alert's key; `tollwatch alerts` shows"),
        (["retry", "alert_one", "--channel", "screen"], 2, "has nothing undeliverable (1 owed, 1 dead)"),
        (["retry", "--channel", "fax"], 2, "has no channel named 'fax'; it has screen, mail, feed"),
        (["test-alert", "fax"], 2, "it has screen, mail, feed"),
        (["test-alert"], 2, "Missing argument 'CHANNEL'"),
        (["deliver", "now"], 2, "unexpected extra argument"),
        (["alerts", "--limit", "0"], 2, "not in the range"),
    ],
)
def test_nonsense_is_answered_in_one_sentence(
    tollwatch: Command, folder: Path, arguments: list[str], code: int, says: str
) -> None:
    asked = tollwatch(*arguments, folder=folder)
    assert asked.returncode == code
    assert says in asked.stderr
    assert len(asked.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["deliver", "alerts", "status", "retry alert_one"])
def test_an_archive_that_is_not_there_is_told_so_and_not_made(tollwatch: Command, empty: Path, command: str) -> None:
    asked = tollwatch(*command.split(), folder=empty)
    assert asked.returncode == 1
    assert "tollwatch.db" in asked.stderr
    assert len(asked.stderr.splitlines()) == 1
    assert not (empty / "tollwatch.db").exists()


def test_an_empty_archive_says_what_to_do_next(tollwatch: Command, empty: Path) -> None:
    Archive.open(empty / "tollwatch.db").close()
    assert tollwatch("alerts", folder=empty).stdout.startswith("no alert yet; `tollwatch test-alert CHANNEL`")
    status = tollwatch("status", folder=empty).stdout
    assert "no outlet yet" in status
    assert "screen" in status


def test_each_alert_is_listed_with_as_much_of_its_key_as_other_commands_need(tollwatch: Command, folder: Path) -> None:
    assert "alert_one" in tollwatch("alerts", folder=folder).stdout

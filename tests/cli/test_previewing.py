"""`tollwatch preview`: what each channel would send, out of the archive."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.message import brief
from archive import Archive
from cli.previewing import SHOWN
from config import Channel
from tests.alerts.samples import ALERTS, NOON
from tests.cli.test_commands import tollwatch
from tests.timelines import COURSE

OWN = "* {{ headline }}\n"

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
name = "own"
kind = "print"
templates = "own"
[[channels]]
name = "feed"
kind = "atom"
file = "alerts.xml"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preview")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "own").mkdir()
    (folder / "own/message.txt.j2").write_text(OWN, encoding="utf-8")
    archive = Archive.open(folder / "tollwatch.db")
    with archive.atomic():
        archive.outbox.owe(replace(ALERTS["figures"], timeline=brief(COURSE)), ["screen"], NOON)
    archive.close()
    return folder


def test_the_newest_alert_is_shown_as_text(folder: Path) -> None:
    shown = tollwatch("preview", folder=folder)
    assert shown.returncode == 0
    assert ALERTS["figures"].headline.split(" · ")[0] in shown.stdout


def test_a_letter_is_shown_with_its_headers_and_its_html_written_where_asked(folder: Path) -> None:
    key = ALERTS["figures"].key[:6]
    shown = tollwatch("preview", key, "--channel", "mail", "--html", "letter.html", folder=folder)
    assert shown.returncode == 0
    assert "Subject: " in shown.stdout
    assert "<html" in (folder / "letter.html").read_text(encoding="utf-8").lower()


def test_the_page_of_a_letter_has_its_picture_inside(folder: Path) -> None:
    assert tollwatch("preview", "--html", "page.html", folder=folder).returncode == 0
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert '<img src="data:image/png;base64,iVBOR' in page
    assert "cid:" not in page


def test_only_an_email_has_a_page(folder: Path) -> None:
    shown = tollwatch("preview", "--channel", "feed", "--html", "page.html", folder=folder)
    assert (shown.returncode, "--html: is for channels of kind email" in shown.stderr) == (2, True)


def test_a_template_is_shown_filled(folder: Path) -> None:
    assert tollwatch("preview", "--channel", "own", folder=folder).stdout == f"* {ALERTS['figures'].headline}\n"


def test_a_template_that_breaks_is_told_beside_what_would_be_sent(folder: Path) -> None:
    own = folder / "own/message.txt.j2"
    own.write_text("{{ headline }}\n{{ figures.lead.nothing }}", encoding="utf-8")
    shown = tollwatch("preview", "--channel", "own", folder=folder)
    own.write_text(OWN, encoding="utf-8")
    assert shown.returncode == 1
    assert "tollwatch: in its built-in form instead: message.txt.j2, line 2: " in shown.stderr
    assert "behind it " in shown.stdout


def test_a_template_that_cannot_work_is_told_by_check(folder: Path) -> None:
    own = folder / "own/message.txt.j2"
    own.write_text("{{ headline }", encoding="utf-8")
    checked = tollwatch("check", folder=folder)
    own.write_text(OWN, encoding="utf-8")
    assert checked.returncode == 1
    assert checked.stderr == ("tollwatch: channel own: own/message.txt.j2, line 1: unexpected '}'; mend the template\n")


def test_a_feed_shows_its_entry(folder: Path) -> None:
    assert "<entry" in tollwatch("preview", "--channel", "feed", folder=folder).stdout


def test_what_is_not_there_is_told_with_what_is(folder: Path) -> None:
    unknown = tollwatch("preview", "--channel", "fax", folder=folder)
    assert (unknown.returncode, "it has screen, mail, own, feed" in unknown.stderr) == (2, True)
    missing = tollwatch("preview", "nosuchkey", folder=folder)
    assert (missing.returncode, "no alert whose key begins" in missing.stderr) == (2, True)


def test_every_kind_of_channel_can_be_previewed() -> None:
    assert set(SHOWN) == set(Channel.__args__)


def test_a_preview_sends_and_changes_nothing(folder: Path) -> None:
    before = json.loads(tollwatch("alerts", "--json", folder=folder).stdout)
    tollwatch("preview", "--channel", "mail", folder=folder)
    assert json.loads(tollwatch("alerts", "--json", folder=folder).stdout) == before

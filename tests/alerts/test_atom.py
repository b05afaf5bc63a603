"""The Atom feed: what a reader finds in it, and that neither a restart nor a broken file costs anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from feedparser.api import parse as _untyped_parse
from lxml import etree
from structlog.testing import capture_logs

from alerts.atom import BrokenFeedError, add, render
from alerts.channels.atom import Atom
from config import AtomChannel
from model import Alert, AttemptResult
from tests.alerts.samples import NOON, delivery, harbour_fire

_parse: Any = _untyped_parse

FIRE = harbour_fire()
LATER = replace(FIRE, key="alert_later", created=NOON + timedelta(minutes=1))


async def written(file: Path, *alerts: Alert, keep: int = 100) -> Any:
    channel = Atom(AtomChannel(name="the desk", file=file, keep=keep))
    for alert in alerts:
        attempt = await channel.send(delivery(alert), NOON)
        assert attempt.result is AttemptResult.DELIVERED, attempt.detail
    await channel.close()
    feed = _parse(file.read_bytes(), sanitize_html=False)
    assert not feed.bozo
    return feed


async def test_a_feed_reader_finds_the_alert(tmp_path: Path) -> None:
    feed = await written(tmp_path / "var" / "alerts.xml", FIRE)
    assert (feed.feed.title, feed.feed.id, feed.version) == (
        "Tollwatch: the desk", "urn:tollwatch:feed:the%20desk", "atom10",
    )  # fmt: skip
    (entry,) = feed.entries
    assert entry.id == f"urn:tollwatch:{FIRE.key}"
    assert entry.title == FIRE.headline
    assert entry.link == "https://lamp.example/harbour-fire"
    assert entry.updated_parsed[:6] == NOON.timetuple()[:6]
    assert "▸63◂ dock workers" in entry.summary
    assert "<mark>63</mark>" in entry.content[0].value


async def test_the_same_alert_twice_is_one_entry(tmp_path: Path) -> None:
    assert len((await written(tmp_path / "a.xml", FIRE, LATER, FIRE)).entries) == 2


async def test_the_newest_come_first_and_the_oldest_leave(tmp_path: Path) -> None:
    feed = await written(tmp_path / "a.xml", LATER, FIRE)
    assert [entry.id for entry in feed.entries] == [f"urn:tollwatch:{alert.key}" for alert in (LATER, FIRE)]
    assert [entry.id for entry in (await written(tmp_path / "b.xml", FIRE, LATER, keep=1)).entries] == [
        f"urn:tollwatch:{LATER.key}"
    ]


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    await written(tmp_path / "a.xml", FIRE)
    assert len((await written(tmp_path / "a.xml", LATER)).entries) == 2


@pytest.mark.parametrize(
    "broken", [b"", b"<feed", b"<html/>", b"\xff\xfe", b"<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>"]
)
async def test_a_broken_file_is_moved_aside_and_said(tmp_path: Path, broken: bytes) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(broken)
    with capture_logs() as logs:
        feed = await written(file, FIRE)
    assert len(feed.entries) == 1
    assert (tmp_path / "a.xml.broken").read_bytes() == broken
    assert [(line["event"], line["channel"], line["file"]) for line in logs] == [
        ("feed moved aside", "the desk", str(file))
    ]


def test_an_entity_is_never_resolved() -> None:
    bomb = (
        b'<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/hostname">]><feed xmlns="http://www.w3.org/2005/Atom">'
        b"<entry><id>&x;</id><updated>2026-05-04T12:00:00Z</updated></entry></feed>"
    )
    with pytest.raises(BrokenFeedError):
        add(FIRE, bomb, name="desk", keep=9)


def test_what_an_article_says_is_text_not_markup() -> None:
    nasty = replace(FIRE, headline="<script>alert(1)</script> & ]]> \x00\x0b\ud800\uffff", key='a"<b>')
    (entry,) = _parse(add(nasty, None, name="<desk>", keep=9)).entries
    assert (entry.title_detail.type, entry.title[:8]) == ("text/plain", "<script>")
    assert "<script" not in entry.content[0].value


def test_a_feed_has_what_the_rfc_demands() -> None:
    feed = etree.fromstring(add(FIRE, None, name="desk", keep=9))
    (entry,) = feed.findall("{*}entry")
    assert [feed.findtext("{*}" + name) is not None for name in ("id", "title", "updated")] == [True] * 3
    assert feed.findtext("{*}author/{*}name") == "Tollwatch"
    assert [len(entry.findall("{*}" + name)) for name in ("id", "title", "updated")] == [1, 1, 1]


def test_the_entry_alone_is_xml() -> None:
    assert etree.fromstring(render(FIRE)).findtext("{*}id") == f"urn:tollwatch:{FIRE.key}"

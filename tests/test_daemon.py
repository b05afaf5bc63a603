"""The walk from an outlet's feed to an alert in a mailbox, by a real daemon in a process of its own."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from demo.servers import Answer, Mailbox, Post, Receiver
from demo.site import Site
from model import Lead, Via
from scheduler import share_out
from tests.daemon import Running, email_channel, free_port, run_once, status_of, webhook_channel, write_config

_KEPT = "SELECT (SELECT COUNT(*) FROM articles), (SELECT COUNT(*) FROM revisions), (SELECT COUNT(*) FROM changes)"
PATIENCE_S = 60  # generous: the machine may be busy; nothing here is about speed


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(now=datetime.now(UTC)) as served:
        yield served


def asked(archive: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of the archive, read beside the daemon."""
    if not archive.exists():
        return []
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(sql).fetchall()
        except sqlite3.OperationalError:  # the schema is not there yet
            return []


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


def all_delivered(archive: Path) -> bool:
    (counts,) = asked(archive, "SELECT COUNT(*), SUM(state = 'delivered') FROM deliveries") or [(0, 0)]
    waiting = asked(archive, "SELECT COUNT(*) FROM frontier WHERE attempts = 0 AND last_outcome IS NULL")
    polled = asked(archive, "SELECT COUNT(*) FROM feeds WHERE last_success IS NULL")
    return bool(counts[0]) and counts[0] == counts[1] and waiting == [(0,)] and polled == [(0,)]


async def test_one_round_brings_first_figures_from_feed_to_mailbox(site: Site, tmp_path: Path) -> None:
    async with Mailbox() as mailbox, Receiver() as receiver:
        channels = email_channel(mailbox.port) + webhook_channel(receiver.url)
        file = write_config(
            tmp_path, site.outlets, channels=channels, names=["mail", "hook"], since=site.first_published
        )
        assert await run_once(file) == 0
        letters, posts = len(mailbox.letters), len(receiver.posts)
        assert letters == posts >= 2
        assert await run_once(file) == 0
        assert (len(mailbox.letters), len(receiver.posts)) == (letters, posts)


async def test_every_page_ends_in_a_counted_outcome(site: Site, tmp_path: Path) -> None:
    async with Mailbox() as mailbox:
        file = write_config(
            tmp_path, site.outlets, channels=email_channel(mailbox.port), names=["mail"], since=site.first_published
        )
        site.forward()
        assert await run_once(file) == 0
    archive = tmp_path / "tollwatch.db"
    (fetched,) = asked(archive, "SELECT COUNT(DISTINCT url) FROM fetches")[0]
    (polled,) = asked(archive, "SELECT COUNT(*) FROM feeds")[0]
    assert fetched == len(site.stories) + int(str(polled))
    outcomes = {str(row[0]) for row in asked(archive, "SELECT DISTINCT outcome FROM fetches")}
    assert outcomes == {"listed", "new_article", "no_reader_for_language"}


_ONE_TICK = """
import asyncio, os, sys
from pathlib import Path
from config import load
import crawler.loop, scheduler

async def main():
    async with scheduler.Daemon(load(Path(sys.argv[1]), os.environ)) as daemon:
        await daemon._tick()
        await asyncio.Event().wait()

crawler.loop.run(main)
"""


async def test_what_a_poll_finds_goes_all_the_way_to_the_receiver_without_another_tick(
    site: Site, tmp_path: Path
) -> None:
    async with Receiver() as receiver:
        file = write_config(
            tmp_path, site.outlets, channels=webhook_channel(receiver.url), names=["hook"], since=site.first_published
        )
        async with Running(str(file), program=("-c", _ONE_TICK)):
            await until(lambda: bool(receiver.posts))


def test_no_outlet_takes_the_places_of_the_others() -> None:
    def leads(outlet: str, many: int) -> list[Lead]:
        found = datetime.now(UTC)
        return [
            Lead(url=f"{outlet}/{n}", key=f"{outlet}/{n}", outlet=outlet, via=Via.FEED, found=found)
            for n in range(many)
        ]

    first = share_out([*leads("a", 20), *leads("b", 2)], {"a's feed": ""})
    assert Counter(lead.outlet for lead in first) == {"a": 8, "b": 2}
    under_way = {lead.key: lead.outlet for lead in first}
    assert [lead.key for lead in share_out([*leads("a", 20), *leads("b", 3)], under_way)] == ["b/2"]
    full = {f"{n}": f"outlet {n}" for n in range(256)}
    assert share_out(leads("c", 1), full) == []


async def test_what_was_published_before_the_first_look_is_not_told_one_by_one(site: Site, tmp_path: Path) -> None:
    async with Mailbox() as mailbox:
        now = datetime.now(UTC)
        file = write_config(tmp_path, site.outlets, channels=email_channel(mailbox.port), names=["mail"], since=now)
        assert await run_once(file) == 0
        assert mailbox.letters == []
    assert asked(tmp_path / "tollwatch.db", "SELECT COUNT(*) FROM pending WHERE level = 'log'") != [(0,)]


async def test_the_daemon_answers_for_its_health_and_ends_on_sigterm_where_it_was(site: Site, tmp_path: Path) -> None:
    port, archive = free_port(), tmp_path / "tollwatch.db"
    async with Receiver() as receiver:
        file = write_config(
            tmp_path,
            site.outlets,
            channels=webhook_channel(receiver.url),
            names=["hook"],
            since=site.first_published,
            port=port,
        )
        async with Running("run", "--config", str(file)) as daemon:
            await until(lambda: all_delivered(archive))
            assert await status_of(port) == (200, {"healthy": True, "reasons": []})
            assert await daemon.end(signal.SIGTERM) == 0
        posts, kept = len(receiver.posts), asked(archive, _KEPT)
        async with Running("run", "--config", str(file)) as daemon:
            await until(lambda: _answers(port))
            await asyncio.sleep(2)
            assert await daemon.end(signal.SIGTERM) == 0
        assert len(receiver.posts) == posts
    assert asked(archive, _KEPT) == kept


def _answers(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_the_daemon_ends_in_time_while_a_receiver_hangs(site: Site, tmp_path: Path) -> None:
    async with Receiver(answer=lambda _: Answer(status=200, delay=60)) as receiver:
        file = write_config(
            tmp_path, site.outlets, channels=webhook_channel(receiver.url), names=["hook"], since=site.first_published
        )
        async with Running("run", "--config", str(file)) as daemon:
            await until(lambda: bool(receiver.posts))
            async with asyncio.timeout(10):  # what a container is given
                assert await daemon.end(signal.SIGTERM) == 0
    assert asked(tmp_path / "tollwatch.db", "SELECT COUNT(*) FROM deliveries WHERE state = 'owed'") != [(0,)]


async def test_a_single_round_ends_in_time_when_it_is_interrupted(site: Site, tmp_path: Path) -> None:
    async with Receiver(answer=lambda _: Answer(status=200, delay=60)) as receiver:
        file = write_config(
            tmp_path, site.outlets, channels=webhook_channel(receiver.url), names=["hook"], since=site.first_published
        )
        async with Running("once", "--config", str(file)) as once:
            await until(lambda: bool(receiver.posts))
            async with asyncio.timeout(10):
                assert await once.end(signal.SIGINT) == 130
    assert "Traceback" not in once.errors


async def test_killed_anywhere_it_loses_no_alert_doubles_no_article_and_keeps_each_alerts_id(
    site: Site, tmp_path: Path
) -> None:
    chance, archive = random.Random(7), tmp_path / "tollwatch.db"

    def sometimes(_: Post) -> Answer:
        return Answer(status=200 if chance.random() < 0.5 else 503, delay=chance.random() / 4)

    async with Receiver(answer=sometimes) as receiver, Mailbox() as mailbox:
        channels = email_channel(mailbox.port) + webhook_channel(receiver.url)
        file = write_config(
            tmp_path, site.outlets, channels=channels, names=["mail", "hook"], since=site.first_published
        )
        for kills in range(8):
            if kills == 4:
                site.forward()
            async with Running("run", "--config", str(file)) as daemon:
                if kills % 2:  # a slow machine may be starting all through the other times
                    await until(archive.exists)
                await asyncio.sleep(0.7 + 1.3 * chance.random())
                await daemon.end(signal.SIGKILL)
        chance.random = lambda: 0.0  # type: ignore[method-assign]
        _try_now(archive)
        async with Running("run", "--config", str(file)) as daemon:
            await until(lambda: all_delivered(archive))
            assert await daemon.end(signal.SIGTERM) == 0
        posted = [json.loads(post.body)["data"] for post in receiver.posts]
        ids = [post.headers["webhook-id"] for post in receiver.posts]
    owed = {str(row[0]) for row in asked(archive, "SELECT key FROM alerts")}
    assert set(ids) == owed
    assert {data["key"] for data in posted} == owed
    told = {json.dumps(data["changes"], sort_keys=True) for data in posted}
    assert len(told) == len(owed)
    urls = [str(row[0]) for row in asked(archive, "SELECT url FROM articles")]
    assert sorted(urls) == sorted(set(urls))
    assert len(urls) == len(site.stories)
    doubled = asked(archive, "SELECT article_id, sha256 FROM revisions GROUP BY 1, 2 HAVING COUNT(*) > 1")
    assert doubled == []


def _try_now(archive: Path) -> None:
    """Let what is owed be due at once, instead of waiting out pauses that grew while the receiver failed."""
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("UPDATE deliveries SET next_try = owed_since WHERE state = 'owed'")
        connection.execute("UPDATE feeds SET due = '2000-01-01T00:00:00.000Z'")
        connection.commit()


async def test_a_port_that_is_taken_ends_the_daemon_with_one_sentence(site: Site, tmp_path: Path) -> None:
    async with Receiver() as receiver:
        taken = int(receiver.url.rsplit(":", 1)[1])
        file = write_config(
            tmp_path,
            site.outlets,
            channels=webhook_channel(receiver.url),
            names=["hook"],
            since=site.first_published,
            port=taken,
        )
        async with Running("run", "--config", str(file)) as daemon:
            assert await daemon.ended() == 2
    sentences = [line for line in daemon.errors.splitlines() if line.startswith("tollwatch:")]
    assert len(sentences) == 1
    assert f"cannot listen on 127.0.0.1:{taken}" in sentences[0]


async def test_an_archive_that_takes_no_writes_is_unwell() -> None:
    from health import Pulse, serve

    port = free_port()

    async def not_writable() -> bool:
        return False

    runner = await serve(f"127.0.0.1:{port}", pulse=Pulse(lambda: datetime.now(UTC)), is_writable=not_writable)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 503
        assert (await answer.json())["reasons"] == ["the archive takes no writes"]
    await runner.cleanup()

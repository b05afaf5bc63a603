"""Slack by a bot: a thread an event, on a server that answers as Slack's web API does."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.slack_bot import SlackBot
from alerts.message import notice
from archive import Archive
from demo.servers import Answer, Post, Receiver
from jobs import OnThread
from model import Alert, AlertType, Attempt, AttemptResult, Kind
from tests.alerts.rigs import BOT_TOKEN, bot_at, slack_says
from tests.alerts.samples import NOON, change, claim, composed, delivery, figure, raised


def new() -> Alert:
    """The first alert of an event."""
    return composed([change(figure(claim(41)))])


def told(kind: Kind) -> Alert:
    """A later alert of the event, with a verdict."""
    return composed([replace(raised(), kind=kind)])


def counting(post: Post) -> Answer:
    """Slack that takes everything, and names each message after its text."""
    return slack_says(ok=True, ts=f"{len(post.body)}.0")


def said(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(post.body) for post in receiver.posts]


async def posted(
    *alerts: Alert, answer: Callable[[Post], Answer] = counting, archive: Path | None = None
) -> tuple[list[dict[str, Any]], list[Attempt], Receiver]:
    """What a bot posts of the alerts, one after another, with the threads that stand in an archive."""
    with closing(OnThread(Archive.open(archive) if archive else Archive.in_memory())) as threads:
        async with Receiver(answer=answer) as receiver:
            at = bot_at(receiver.url)
            bot = SlackBot(replace(at, name="desk", timeout=timedelta(seconds=10)), threads=threads, base_url=at.name)
            attempts = [await bot.send(delivery(alert), NOON) for alert in alerts]
            await bot.close()
            return said(receiver), attempts, receiver


async def test_a_message_goes_to_the_channel_with_the_bots_token() -> None:
    (message,), (attempt,), receiver = await posted(new())
    assert attempt.result is AttemptResult.DELIVERED
    assert message["channel"] == "#desk"
    assert message["blocks"]
    assert receiver.posts[0].path == "/api/chat.postMessage"
    assert receiver.posts[0].headers["authorization"] == f"Bearer {BOT_TOKEN}"


async def test_the_first_alert_of_an_event_opens_the_thread_that_later_ones_reply_in() -> None:
    (first, second, third), _, receiver = await posted(new(), told(Kind.RAISED), told(Kind.CONFIRMED))
    assert "thread_ts" not in first
    assert second["thread_ts"] == third["thread_ts"] == f"{len(receiver.posts[0].body)}.0"


@pytest.mark.parametrize("kind", [Kind.RAISED, Kind.LOWERED, Kind.WITHDRAWN, Kind.CONTRADICTED])
async def test_a_figure_that_no_longer_stands_is_said_in_the_channel_as_well(kind: Kind) -> None:
    (_, reply), _, _ = await posted(new(), told(kind))
    assert reply["reply_broadcast"] is True


async def test_a_remark_stays_in_its_thread() -> None:
    (_, reply), _, _ = await posted(new(), told(Kind.CONFIRMED))
    assert reply["reply_broadcast"] is False


async def test_events_have_threads_of_their_own_and_notices_none() -> None:
    elsewhere = composed([change(figure(claim(41)))], event="another")
    test = notice(AlertType.TEST, about="x", headline="Test", body="It works.", created=NOON)
    messages, _, _ = await posted(new(), elsewhere, test, test)
    assert not any("thread_ts" in message for message in messages)


async def test_a_thread_goes_on_after_a_restart(tmp_path: Path) -> None:
    archive = tmp_path / "tollwatch.db"
    (_,), _, receiver = await posted(new(), archive=archive)
    (reply,), _, _ = await posted(told(Kind.RAISED), archive=archive)
    assert reply["thread_ts"] == f"{len(receiver.posts[0].body)}.0"


async def test_a_thread_that_was_deleted_is_opened_anew() -> None:
    def forgetful(post: Post) -> Answer:
        gone = b"thread_ts" in post.body and b"lowered" not in post.body
        return slack_says(error="thread_not_found") if gone else counting(post)

    messages, attempts, receiver = await posted(new(), told(Kind.RAISED), told(Kind.LOWERED), answer=forgetful)
    assert [attempt.result for attempt in attempts] == [AttemptResult.DELIVERED] * 3
    assert ["thread_ts" in message for message in messages] == [False, True, False, True]
    assert messages[3]["thread_ts"] == f"{len(receiver.posts[2].body)}.0"


async def test_a_message_that_failed_opens_no_thread(tmp_path: Path) -> None:
    archive = tmp_path / "tollwatch.db"
    await posted(new(), answer=lambda _: slack_says(500, error="fatal_error"), archive=archive)
    (message,), _, _ = await posted(told(Kind.RAISED), archive=archive)
    assert "thread_ts" not in message


@pytest.mark.parametrize("error", ["channel_not_found", "invalid_auth", "not_in_channel", "is_archived"])
async def test_a_refusal_says_why_in_slacks_own_word(error: str) -> None:
    _, (attempt,), _ = await posted(new(), answer=lambda _: slack_says(error=error))
    assert (attempt.result, attempt.detail) == (AttemptResult.REFUSED, f"Slack: HTTP 200 {error}")

"""Slack by a bot: a thread an event, on a server that answers as Slack's web API does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.channels.slack_bot import SlackBot, ThreadsInMemory
from alerts.message import notice
from demo.servers import Answer, Post, Receiver
from model import Alert, AlertType, Attempt, AttemptResult, Kind
from tests.alerts.rigs import BOT_TOKEN, bot_at, slack_says
from tests.alerts.samples import EVENT, NOON, change, claim, composed, delivery, figure, raised


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
    *alerts: Alert, answer: Callable[[Post], Answer] = counting, threads: ThreadsInMemory | None = None
) -> tuple[list[dict[str, Any]], list[Attempt], Receiver]:
    async with Receiver(answer=answer) as receiver:
        settings = replace(bot_at(receiver.url), timeout=timedelta(seconds=10))
        bot = SlackBot(settings, threads=threads, base_url=settings.name)
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


async def test_a_thread_lives_on_in_what_remembers_it() -> None:
    threads = ThreadsInMemory()
    (_,), _, receiver = await posted(new(), threads=threads)
    (key,) = threads._opened
    assert key[1] == EVENT
    reborn = ThreadsInMemory()

    async def of(channel: str, event: str) -> str | None:
        return await threads.of(key[0], event)

    reborn.of = of  # type: ignore[method-assign] # the receiver of the next run has another port
    (reply,), _, _ = await posted(told(Kind.RAISED), threads=reborn)
    assert reply["thread_ts"] == f"{len(receiver.posts[0].body)}.0"


async def test_a_thread_that_was_deleted_is_opened_anew() -> None:
    def forgetful(post: Post) -> Answer:
        return slack_says(error="thread_not_found") if b"thread_ts" in post.body else counting(post)

    threads = ThreadsInMemory()
    messages, attempts, receiver = await posted(new(), told(Kind.RAISED), answer=forgetful, threads=threads)
    assert [attempt.result for attempt in attempts] == [AttemptResult.DELIVERED] * 2
    assert ["thread_ts" in message for message in messages] == [False, True, False]
    assert list(threads._opened.values()) == [f"{len(receiver.posts[2].body)}.0"]


async def test_a_message_that_failed_opens_no_thread() -> None:
    threads = ThreadsInMemory()
    await posted(new(), answer=lambda _: slack_says(500, error="fatal_error"), threads=threads)
    assert not threads._opened


@pytest.mark.parametrize("error", ["channel_not_found", "invalid_auth", "not_in_channel", "is_archived"])
async def test_a_refusal_says_why_in_slacks_own_word(error: str) -> None:
    _, (attempt,), _ = await posted(new(), answer=lambda _: slack_says(error=error))
    assert (attempt.result, attempt.detail) == (AttemptResult.REFUSED, f"Slack: HTTP 200 {error}")

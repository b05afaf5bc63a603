"""Alerts in a Slack channel by a bot: a thread an event. The only home of slack_sdk in `alerts`."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from alerts.channels.post import pause, verdict
from alerts.channels.secrecy import detail
from alerts.slack import render
from config import SlackBotChannel
from model import Alert, Attempt, AttemptResult, Delivery, Kind

# Slack's answers that may pass; whatever else it says with "ok": false it will say again.
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error", "service_unavailable"}
    | {"request_timeout", "team_added_to_org"}
)
_THREAD_IS_GONE = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found"})
# What a reply says in the channel as well: whoever read the first number there must not be left with it.
_SAID_ALOUD = frozenset({Kind.RAISED, Kind.LOWERED, Kind.WITHDRAWN, Kind.CONTRADICTED})
_OK = 200


class Threads(Protocol):
    """Which message opened the thread of an event, by its `ts`; the archive is one, so threads survive a restart."""

    async def thread_of(self, channel: str, event: str) -> str | None:
        """Return what opened the event's thread in a channel (its name), None without one."""

    async def open_thread(self, channel: str, event: str, opened_by: str) -> None:
        """Remember what opened the event's thread; an earlier one is forgotten."""


class NoThreads:
    """For a channel that is opened for one message: none is known, none is remembered."""

    async def thread_of(self, channel: str, event: str) -> str | None:
        """Return None."""

    async def open_thread(self, channel: str, event: str, opened_by: str) -> None:
        """Do nothing."""


class SlackBot:
    """Posts each alert as Block Kit: the first of an event opens a thread, later ones reply in it."""

    def __init__(
        self,
        settings: SlackBotChannel,
        *,
        threads: Threads | None = None,
        base_url: str = AsyncWebClient.BASE_URL,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._threads = threads or NoThreads()
        self._base_url = base_url

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Post the alert; where its thread was deleted meanwhile, it opens a new one."""
        alert = delivery.alert
        thread = await self._threads.thread_of(self.name, alert.event) if alert.event else None
        attempt, ts, error = await self._post(alert, thread, now)
        if thread and error in _THREAD_IS_GONE:
            thread = None
            attempt, ts, _ = await self._post(alert, None, now)
        if alert.event and thread is None and ts:
            await self._threads.open_thread(self.name, alert.event, ts)
        return attempt

    async def close(self) -> None:
        """Do nothing: a connection lasts for one message."""

    async def _post(self, alert: Alert, thread: str | None, now: datetime) -> tuple[Attempt, str, str]:
        """Post once; returns the attempt, the message's `ts` and Slack's word for what went wrong, empty without."""
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                answer = await self._client().chat_postMessage(**self._message(alert, thread))
        except TimeoutError:
            seconds = self._settings.timeout.total_seconds()
            return self._ended(AttemptResult.FAILED, f"no answer within {seconds:g} s"), "", ""
        except SlackApiError as error:
            return self._judge(error, now)
        except (aiohttp.ClientError, OSError) as error:
            return self._ended(AttemptResult.FAILED, f"no connection: {error}"), "", ""
        # The library takes any text/plain for an answer of Slack's and then stumbles over it: a proxy said it.
        except (SlackClientError, AttributeError, ValueError) as error:
            return self._ended(AttemptResult.FAILED, f"no answer of Slack's: {error}"), "", ""
        return self._ended(AttemptResult.DELIVERED, "posted"), str(answer.get("ts") or ""), ""

    def _client(self) -> AsyncWebClient:
        # Without the library's retries: the outbox knows when to try again, and under which name.
        return AsyncWebClient(token=self._settings.token.reveal(), base_url=self._base_url, retry_handlers=[])

    def _message(self, alert: Alert, thread: str | None) -> dict[str, Any]:
        message: dict[str, Any] = {"channel": self._settings.channel, **render(alert)}
        if thread is None:
            return message
        return {**message, "thread_ts": thread, "reply_broadcast": is_said_aloud(alert)}

    def _judge(self, error: SlackApiError, now: datetime) -> tuple[Attempt, str, str]:
        # The library gives its own kind of response, or aiohttp's where the body was no JSON.
        response = error.response
        status = int(getattr(response, "status_code", None) or getattr(response, "status", 0) or 0)
        data = getattr(response, "data", None)
        said = str(data.get("error") or "") if isinstance(data, dict) else ""
        wait = pause(response.headers.get("Retry-After"), now)
        return self._ended(_verdict(status, said), f"Slack: HTTP {status} {said}", wait), "", said

    def _ended(self, result: AttemptResult, words: str, wait: timedelta | None = None) -> Attempt:
        return Attempt(
            result=result,
            detail=detail(words, [self._settings.token]),
            retry_after=wait if result is AttemptResult.FAILED else None,
        )


def is_said_aloud(alert: Alert) -> bool:
    """Whether an alert that replies in a thread is shown in the channel as well."""
    return any(_SAID_ALOUD & {told.kind, *told.attached} for told in alert.changes)


def _verdict(status: int, said: str) -> AttemptResult:
    if said in _PASSING or (status == _OK and not said):
        return AttemptResult.FAILED
    return AttemptResult.REFUSED if status == _OK else verdict(status)

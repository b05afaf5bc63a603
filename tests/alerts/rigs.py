"""For each kind of channel, the situations that it can get into, set up on real servers.

A situation yields the settings of a channel that is in it, and a function that says what has arrived there. Receivers
repeat whatever they know of the secret in their answers, so that each situation also shows that it is kept.
"""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, redirect_stdout
from datetime import timedelta

import config
from config import EmailChannel, PrintChannel, SlackChannel, WebhookChannel
from config.values import Secret
from demo.servers import LOOPBACK, Answer, Mailbox, Post, Receiver

PASSWORD = "correct-horse-battery"
SLACK_PATH = "/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccc"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SLACK_PIECES = (SLACK_PATH, *SLACK_PATH.split("/")[2:])
SIGNING_PIECES = (SIGNING, SIGNING.removeprefix("whsec_"))
SECRETS = (PASSWORD, *SLACK_PIECES, *SIGNING_PIECES)
TIMEOUT = timedelta(seconds=0.3)

Arrived = Callable[[], list[str]]
Situation = Callable[[], AbstractAsyncContextManager[tuple[config.Channel, Arrived]]]


# ---------------------------------------------------------------------------------------------------- receivers


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """A server that takes connections and never says a word; yields its port."""
    connected: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer)

    server = await asyncio.start_server(hold, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in connected:
            writer.close()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


# -------------------------------------------------------------------------------------------------------- print


def printing(*, closed: bool = False) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        stream = io.StringIO()
        if closed:
            stream.close()
        with redirect_stdout(stream):
            yield PrintChannel(name="desk"), lambda: [stream.getvalue()] if stream.getvalue() else []

    return situation


# -------------------------------------------------------------------------------------------------------- email


def email_at(port: int) -> EmailChannel:
    return EmailChannel(
        name="desk",
        host=LOOPBACK,
        port=port,
        security="none",
        sender="Tollwatch <alerts@news.example>",
        to=("desk@news.example",),
        username="alerts",
        password=Secret(PASSWORD, origin="SMTP_PASSWORD"),
        timeout=TIMEOUT,
    )


def mailing(answer: str = "250 OK", *, password: str = PASSWORD) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        async with Mailbox(on_letter=lambda _: answer, login=("alerts", password)) as mailbox:
            yield email_at(mailbox.port), lambda: [letter.part("plain") for letter in mailbox.letters]

    return situation


# --------------------------------------------------------------------------------------------- slack and webhook


def slack_at(base: str) -> SlackChannel:
    return SlackChannel(name="desk", url=Secret(f"{base}{SLACK_PATH}", origin="SLACK_URL"), timeout=TIMEOUT)


def webhook_at(base: str) -> WebhookChannel:
    return WebhookChannel(name="desk", url=f"{base}/hook", secrets=(Secret(SIGNING, origin="HOOK"),), timeout=TIMEOUT)


At = Callable[[str], config.Channel]


def posting(at: At, answer: Answer) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        def say(_: Post) -> Answer:
            return answer

        async with Receiver(answer=say) as receiver:
            yield at(receiver.url), lambda: [post.body.decode() for post in receiver.posts]

    return situation


def hanging(at: Callable[[int], config.Channel]) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        async with silent_server() as port:
            yield at(port), list

    return situation


def absent(at: Callable[[int], config.Channel]) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        yield at(closed_port()), list

    return situation


def over_http(at: At, *secrets: str) -> dict[str, Situation]:
    def at_port(port: int) -> config.Channel:
        return at(f"http://{LOOPBACK}:{port}")

    echo = " ".join(secrets)
    return {
        "delivers": posting(at, Answer(status=200)),
        "hangs": hanging(at_port),
        "is absent": absent(at_port),
        "refuses": posting(at, Answer(status=404, text=f"no_service {echo}")),
        "asks to wait": posting(at, Answer(status=429, text=echo, headers=(("Retry-After", "90"),))),
        "breaks": posting(at, Answer(status=503, text=echo)),
        "hangs up slowly": posting(at, Answer(delay=30)),
    }


RIGS: Mapping[type, Mapping[str, Situation]] = {
    PrintChannel: {"delivers": printing(), "breaks": printing(closed=True)},
    EmailChannel: {
        "delivers": mailing(),
        "hangs": hanging(email_at),
        "is absent": absent(email_at),
        "refuses": mailing(f"554 5.7.1 not with {PASSWORD}"),
        "refuses the password": mailing(password="another"),
        "breaks": mailing(f"451 4.3.0 try later, {PASSWORD}"),
    },
    SlackChannel: over_http(slack_at, *SLACK_PIECES),
    WebhookChannel: over_http(webhook_at, *SIGNING_PIECES),
}

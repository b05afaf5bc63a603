"""For each kind of channel, the situations that it can get into, set up on real servers.

A situation yields the settings of a channel that is in it, and a function that says what has arrived there. Receivers
repeat whatever they know of the secret in their answers, so that each situation also shows that it is kept.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, redirect_stdout
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import config
from alerts.channels import open_channel
from alerts.channels.channel import Channel
from alerts.channels.slack_bot import SlackBot
from config import (
    AppriseChannel,
    AtomChannel,
    EmailChannel,
    PrintChannel,
    SlackBotChannel,
    SlackChannel,
    WebhookChannel,
)
from config.values import Secret
from demo.servers import LOOPBACK, Answer, Mailbox, Post, Receiver

PASSWORD = "correct-horse-battery"
LOGIN = base64.b64encode(f"\0alerts\0{PASSWORD}".encode()).decode()  # as a client of SMTP sends it
SLACK_PATH = "/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccc"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SLACK_PIECES = (SLACK_PATH, *SLACK_PATH.split("/")[2:])
SIGNING_PIECES = (SIGNING, SIGNING.removeprefix("whsec_"))
BOT_TOKEN = "xoxb-1234567890-abcdefghijkl"
APPRISE_PIECES = ("letmein-4711", "topic-hush-hush", "quiet-key-99")
SECRETS = (PASSWORD, LOGIN, *SLACK_PIECES, *SIGNING_PIECES, BOT_TOKEN, *APPRISE_PIECES)
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


def opened(settings: config.Channel) -> Channel:
    """The channel; a bot's talks to the server whose address a rig hid in its name."""
    channel = open_channel(settings)
    return SlackBot(settings, base_url=settings.name) if isinstance(settings, SlackBotChannel) else channel


# -------------------------------------------------------------------------------------------------------- print


def printing(*, closed: bool = False) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        stream = io.StringIO()
        if closed:
            stream.close()
        with redirect_stdout(stream):
            yield PrintChannel(name="desk"), lambda: stream.getvalue().split("\n\n")[:-1]

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
    )


def mailing(answer: str = "250 OK", *, password: str = PASSWORD) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        async with Mailbox(on_letter=lambda _: answer, login=("alerts", password)) as mailbox:
            yield email_at(mailbox.port), lambda: [letter.part("plain") for letter in mailbox.letters]

    return situation


# --------------------------------------------------------------------------------------------- slack and webhook


def slack_at(base: str) -> SlackChannel:
    return SlackChannel(name="desk", url=Secret(f"{base}{SLACK_PATH}", origin="SLACK_URL"))


def webhook_at(base: str) -> WebhookChannel:
    return WebhookChannel(name="desk", url=f"{base}/hook", secrets=(Secret(SIGNING, origin="HOOK"),))


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

    return impatient(situation)


def impatient(situation: Situation) -> Situation:
    """The same with a channel that does not wait long."""

    @asynccontextmanager
    async def hurried() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        async with situation() as (settings, arrived):
            assert not isinstance(settings, PrintChannel | AtomChannel)  # these do not wait at all
            yield replace(settings, timeout=TIMEOUT), arrived

    return hurried


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
        "hangs up slowly": impatient(posting(at, Answer(delay=30))),
    }


# ---------------------------------------------------------------------------------------- a bot, a feed, and Apprise


def bot_at(base: str) -> SlackBotChannel:
    token = Secret(BOT_TOKEN, origin="SLACK_BOT_TOKEN")
    return SlackBotChannel(name=f"{base}/api/", token=token, channel="#desk")


def slack_says(status: int = 200, *headers: tuple[str, str], **body: object) -> Answer:
    """What Slack's web API answers."""
    said = json.dumps({"ok": False, **body})
    return Answer(status=status, text=said, headers=(("Content-Type", "application/json"), *headers))


def entries(file: Path) -> list[str]:
    """The entries of a feed, the oldest first."""
    return file.read_text(encoding="utf-8").split("<entry>")[:0:-1]


def feeding(*, blocked: bool = False) -> Situation:
    @asynccontextmanager
    async def situation() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "var" / "alerts.xml"
            if blocked:
                file.parent.write_text("a file where the folder should be")
            yield AtomChannel(name="desk", file=file), lambda: entries(file)

    return situation


def apprise_at(base: str) -> AppriseChannel:
    user, path, key = APPRISE_PIECES
    host = base.removeprefix("http://")
    url = Secret(f"json://desk:{user}@{host}/{path}?+X-Key={key}", origin="APPRISE_URL")
    return AppriseChannel(name="desk", url=url)


def notified(situation: Situation) -> Situation:
    """What arrived by Apprise's JSON, as the words in it."""

    @asynccontextmanager
    async def worded() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        async with situation() as (settings, arrived):
            yield settings, lambda: [f"{post['title']}\n{post['message']}" for post in map(json.loads, arrived())]

    return worded


def spelled_out(situation: Situation) -> Situation:
    """JSON that arrived, without its escapes."""

    @asynccontextmanager
    async def spelled() -> AsyncIterator[tuple[config.Channel, Arrived]]:
        async with situation() as (settings, arrived):
            yield settings, lambda: [json.dumps(json.loads(post), ensure_ascii=False) for post in arrived()]

    return spelled


BOT = over_http(bot_at, BOT_TOKEN) | {
    "delivers": spelled_out(posting(bot_at, slack_says(ok=True, ts="1.1"))),
    "refuses": posting(bot_at, slack_says(error="channel_not_found", needed=BOT_TOKEN)),
    "refuses the password": posting(bot_at, slack_says(error="invalid_auth", needed=BOT_TOKEN)),
    "is not in the channel": posting(bot_at, slack_says(error="not_in_channel")),
    "asks to wait": posting(bot_at, slack_says(429, ("Retry-After", "90"), error="ratelimited", needed=BOT_TOKEN)),
    "is in trouble": posting(bot_at, slack_says(error="internal_error")),
    "is somebody else": posting(bot_at, Answer(text=f"welcome {BOT_TOKEN}")),
}
APPRISE = over_http(apprise_at, *APPRISE_PIECES)
APPRISE_RIG = {name: APPRISE[name] for name in ("hangs", "is absent", "breaks", "hangs up slowly")} | {
    "delivers": notified(APPRISE["delivers"]),
    "refuses, says Apprise": APPRISE["refuses"],
    "asks to wait, says Apprise": APPRISE["asks to wait"],
}

RIGS: Mapping[type, Mapping[str, Situation]] = {
    PrintChannel: {"delivers": printing(), "breaks": printing(closed=True)},
    EmailChannel: {
        "delivers": mailing(),
        "hangs": hanging(email_at),
        "is absent": absent(email_at),
        "refuses": mailing(f"554 5.7.1 not with {PASSWORD}"),
        "refuses the password": mailing(password="another"),
        "repeats the login": mailing(f"554 5.7.1 not with {LOGIN}"),
        "breaks": mailing(f"451 4.3.0 try later, {PASSWORD}"),
    },
    SlackChannel: over_http(slack_at, *SLACK_PIECES),
    SlackBotChannel: BOT,
    WebhookChannel: over_http(webhook_at, *SIGNING_PIECES),
    AtomChannel: {"delivers": feeding(), "breaks": feeding(blocked=True)},
    AppriseChannel: APPRISE_RIG,
}

# What is asked of every channel; a rig has each of these, or CANNOT says why it never happens to that kind.
CONTRACT = ("delivers", "hangs", "is absent", "refuses", "asks to wait", "breaks")
CANNOT: Mapping[type, Mapping[str, str]] = {
    PrintChannel: {
        "hangs": "a stream has no answer to wait for",
        "is absent": "a stream is there or closed, which is how it breaks",
        "refuses": "a stream does not judge what it is given",
        "asks to wait": "a stream does not speak",
    },
    EmailChannel: {"asks to wait": "SMTP knows no Retry-After: a 4xx is the same as how it breaks"},
    AtomChannel: {
        "hangs": "a file has no answer to wait for",
        "is absent": "a file that is not there is made",
        "refuses": "a disk never says that it will not do for good",
        "asks to wait": "a disk does not speak",
    },
    AppriseChannel: {
        "refuses": "Apprise says no more than that a message did not go: tried again",
        "asks to wait": "Apprise keeps a Retry-After to itself: tried again at the usual pace",
    },
}

"""Three receivers that may fail, and the process that delivers to them: what `bench.kills` sets against each other."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

import config
from alerts.channels import open_channel
from alerts.outbox import Courier
from alerts.studio import Made, Studio, Work
from archive import Archive
from config.values import Secret
from demo.servers import LOOPBACK, Answer, Letter, Mailbox, Post, Receiver
from jobs import OnThread

CHANNELS = ("mail", "hook", "slack")
SPEED = 600  # a second here is ten minutes of the courier's: it gives up after three days, seven minutes here
TICK_S = 0.02
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of the standard


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A clock that all processes share; it showed `origin` at `started` (seconds since the epoch)."""

    origin: datetime
    started: float

    def __call__(self) -> datetime:
        """The time now."""
        return self.origin + timedelta(seconds=(time.time() - self.started) * SPEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One alert as a receiver took it: the id that it came under, all else that it said, and when (Unix time)."""

    id: str
    content: str
    at: float = 0.0


# --------------------------------------------------------------------------------------------- the killed process


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where the receivers listen."""

    mail_port: int
    url: str

    def channels(self) -> list[config.Channel]:
        """The settings of the three channels."""
        return [
            config.EmailChannel(
                name="mail",
                host=LOOPBACK,
                port=self.mail_port,
                security="none",
                sender="Tollwatch <alerts@desk.example>",
                to=("editor@desk.example",),
            ),
            config.WebhookChannel(name="hook", url=f"{self.url}/hook", secrets=(Secret(SIGNING, origin="HOOK"),)),
            config.SlackChannel(name="slack", url=Secret(f"{self.url}/slack", origin="SLACK")),
        ]

    def tables(self, folder: Path) -> dict[str, str]:
        """The same as tables of a configuration in `folder`, by name; their secrets are put there, each in a file."""
        (folder / "hook.secret").write_text(SIGNING, encoding="utf-8")
        (folder / "slack.url").write_text(f"{self.url}/slack", encoding="utf-8")
        return {
            "mail": f"""kind = "email"
host = "{LOOPBACK}"
port = {self.mail_port}
security = "none"
sender = "Tollwatch <alerts@desk.example>"
to = ["editor@desk.example"]""",
            "hook": f"""kind = "webhook"
url = "{self.url}/hook"
secret_files = ["hook.secret"]""",
            "slack": 'kind = "slack"\nurl_file = "slack.url"',
        }


def deliver(path: Path, addresses: Addresses, clock: Clock, opened: Connection) -> None:
    """Deliver what the archive owes, round after round as the daemon does, until the process is killed.

    Says so to `opened` once the archive is open.
    """
    asyncio.run(_deliver(path, addresses, clock, opened))


class _Closed(Studio):
    """Draws nothing: to begin with pictures takes longer than a process lives here, and no letter would ever go."""

    async def make(self, _: Work) -> Made:
        return Made()


async def _deliver(path: Path, addresses: Addresses, clock: Clock, opened: Connection) -> None:
    archive = OnThread(Archive.open(path))
    channels = {each.name: open_channel(each, studio=_Closed()) for each in addresses.channels()}
    courier = Courier(archive, channels, now=clock, jitter=random.random)
    opened.send(True)
    async with asyncio.TaskGroup() as rounds:
        while True:
            rounds.create_task(courier.deliver())
            await asyncio.sleep(TICK_S)


# ------------------------------------------------------------------------------------------------- the receivers


class PostOffice:
    """The three receivers, from entry to exit; `taken` has what each of them took, in order.

    They put off a share of the attempts. A receiver answers late, and takes an alert before it answers: a kill between
    the two makes a repeat.
    """

    def __init__(self, chance: random.Random, *, failing: float, longest_answer_s: float) -> None:
        self.taken: dict[str, list[Arrival]] = {name: [] for name in CHANNELS}
        self._chance = chance
        self._failing = failing
        self._longest_answer_s = longest_answer_s
        self._mailbox = _SlowMailbox(on_letter=self._on_letter, after_letter=self._after_letter)
        self._receiver = Receiver(answer=self._on_post)

    async def __aenter__(self) -> Self:
        """Listen."""
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._mailbox)
            await opening.enter_async_context(self._receiver)
            self._closing = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        await self._closing.aclose()

    @property
    def addresses(self) -> Addresses:
        """Where they listen."""
        return Addresses(mail_port=self._mailbox.port, url=self._receiver.url)

    def _on_letter(self, _: str) -> str:
        return "451 4.3.0 not now" if self._chance.random() < self._failing else "250 OK"

    async def _after_letter(self, letter: Letter | None) -> None:
        if letter is not None:
            self._take("mail", *_of_letter(letter))
        await asyncio.sleep(self._chance.uniform(0, self._longest_answer_s))

    def _on_post(self, post: Post) -> Answer:
        delay = self._chance.uniform(0, self._longest_answer_s)
        if self._chance.random() < self._failing:
            return self._chance.choice(
                (Answer(status=503, delay=delay), Answer(status=429, headers=_LATER, delay=delay))
            )
        channel = post.path.strip("/")
        self._take(channel, *(_of_post(post) if channel == "hook" else _of_slack(post)))
        return Answer(delay=delay)

    def _take(self, channel: str, id_: str, content: str) -> None:
        self.taken[channel].append(Arrival(id=id_, content=content, at=time.time()))


_LATER = (("Retry-After", "10"),)


class _SlowMailbox(Mailbox):
    """A mailbox that takes its time to answer."""

    def __init__(
        self, *, on_letter: Callable[[str], str], after_letter: Callable[[Letter | None], Awaitable[None]]
    ) -> None:
        super().__init__(on_letter=on_letter)
        self._after_letter = after_letter

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer a letter, later than it is taken."""
        before = len(self.letters)
        answer = await super().handle_DATA(server, session, envelope)
        await self._after_letter(self.letters[-1] if len(self.letters) > before else None)
        return answer


def _of_letter(letter: Letter) -> tuple[str, str]:
    message_id = str(letter.message["Message-ID"])
    return message_id.strip("<>").partition("@")[0], letter.part("plain")


def _of_post(post: Post) -> tuple[str, str]:
    body = json.loads(post.body)
    body["data"].pop("key")
    return post.headers["webhook-id"], json.dumps(body)


def _of_slack(post: Post) -> tuple[str, str]:
    body = json.loads(post.body)
    return body["blocks"][0].pop("block_id"), json.dumps(body)

"""A real SMTP server and a real HTTP receiver on loopback: where the demo and the tests see what arrives.

Both are asynchronous context managers; they listen on a free port from entry to exit, in the loop that entered them.
"""

from __future__ import annotations

import asyncio
import email.policy
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOOPBACK = "127.0.0.1"
_LARGEST_BODY = 16 * 1024 * 1024


# ------------------------------------------------------------------------------------------------------ mailbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One email as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The email, parsed."""
        parsed = message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)  # the policy's kind of message; parsers are typed by the old one
        return parsed

    def part(self, kind: str) -> str:
        """The text of the first part of a kind (`plain`, `html`); empty where there is none."""
        found = self.message.get_body(preferencelist=(kind,))
        return str(found.get_content()) if found else ""


def accept(_: str) -> str:
    """Take everything: the usual answer to a recipient or a letter."""
    return "250 OK"


class Mailbox:
    """An SMTP server that keeps what it is sent.

    `on_recipient` decides the answer to each recipient's address, `on_letter` that to a letter (it is given the
    sender); a letter is kept where the answer is 2xx. With `tls`, `starttls` says whether TLS begins at once or on
    request; with `login`, user and password are asked for.
    """

    def __init__(
        self,
        *,
        on_recipient: Callable[[str], str] = accept,
        on_letter: Callable[[str], str] = accept,
        tls: ssl.SSLContext | None = None,
        starttls: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.letters: list[Letter] = []
        self.port = 0
        self._on_recipient = on_recipient
        self._on_letter = on_letter
        self._tls = tls
        self._starttls = starttls
        self._login = login
        self._server: asyncio.Server | None = None
        self._sessions: list[SMTP] = []

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        at_once = None if self._starttls else self._tls
        self._server = await asyncio.get_running_loop().create_server(self._session, LOOPBACK, 0, ssl=at_once)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            if session.transport is not None:
                session.transport.close()
        await asyncio.sleep(0)  # a turn of the loop, in which the transports close

    def _session(self) -> SMTP:
        session = SMTP(
            self,
            hostname="mailbox.localhost",
            tls_context=self._tls if self._starttls else None,
            require_starttls=self._starttls,
            authenticator=self._authenticate if self._login else None,
            auth_require_tls=False,
            data_size_limit=_LARGEST_BODY,
        )
        self._sessions.append(session)
        return session

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: object
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == self._login, handled=False)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd looks for
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer a recipient."""
        if self._login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        answer = self._on_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer a letter, and keep it where it is taken."""
        answer = self._on_letter(str(envelope.mail_from))
        if answer.startswith("2"):
            content = envelope.content
            raw = content.encode() if isinstance(content, str) else bytes(content or b"")
            letter = Letter(sender=str(envelope.mail_from), recipients=tuple(envelope.rcpt_tos), raw=raw)
            self.letters.append(letter)
        return answer


# ----------------------------------------------------------------------------------------------------- receiver


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One HTTP request as it arrived; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the receiver answers, after `delay` seconds."""

    status: int = 200
    text: str = "ok"
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0


def ok(_: Post) -> Answer:
    """Answer 200 to everything."""
    return Answer()


class Receiver:
    """An HTTP server that keeps every POST, whatever it answers; `answer` decides that."""

    def __init__(self, *, answer: Callable[[Post], Answer] = ok) -> None:
        self.posts: list[Post] = []
        self.url = ""
        self._answer = answer
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_post("/{path:.*}", self._take)
        # An answer that is still delayed must not hold up the end of the server.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, 0)
        await site.start()
        self.url = f"http://{LOOPBACK}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and hang up."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        post = Post(path=request.path, headers=headers, body=await request.read())
        self.posts.append(post)
        answer = self._answer(post)
        await asyncio.sleep(answer.delay)
        return web.Response(status=answer.status, text=answer.text, headers=dict(answer.headers))

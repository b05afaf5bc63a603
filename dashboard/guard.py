"""Who may ask what: the outermost layer, before Datasette sees a request.

Only reading is let through. On loopback a foreign name in the Host header is refused, so that no web page can reach
the dashboard by a name of its own that points here (DNS rebinding). Elsewhere a password is asked for.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from config import Secret

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_WRONG_PASSWORD_S = 1.0  # what a guess costs
# No script, no foreign origin. The plots are documents of their own (object), with headers of their own.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; object-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
# Datasette's own pages about itself tell paths and packages, log in, or send messages.
_OWN_PAGES = ("/-/", "/_internal", "/_memory", "/:memory:")


def is_local(host: str) -> bool:
    """Whether a host, as in an address to listen on or in a Host header without its port, is this machine alone."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Guard:
    """`app` behind its checks; without a `password` it is for loopback only."""

    def __init__(self, app: App, *, local: bool, password: Secret | None) -> None:
        self._app = app
        self._local = local
        self._digest = None if password is None else _digest(password.reveal())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            await send(_with_headers(message) if message["type"] == "http.response.start" else message)

        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _answer(guarded, *refusal)
        elif scope["path"] == "/healthz":
            await _answer(guarded, 200, {"healthy": True})
        elif not self._may_enter(headers):
            await self._ask_for_password(headers, guarded)
        else:
            await self._app(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> tuple[int, dict[str, object]] | None:
        path = scope["path"]
        if scope["method"] not in {"GET", "HEAD"}:
            return 405, {"error": "the archive is only read here"}
        if self._local and not is_local(_host(headers.get(b"host", ""))):
            return 421, {"error": "this dashboard is asked by the name localhost or by its address 127.0.0.1 only"}
        foreign = headers.get(b"sec-fetch-site") == "cross-site" and headers.get(b"sec-fetch-mode") != "navigate"
        if foreign:
            return 403, {"error": "another site's page may lead here, but take nothing from here"}
        if path.startswith(("//", *_OWN_PAGES)) or "\\" in path:
            return 404, {"error": "there is no such page"}
        return None

    def _may_enter(self, headers: dict[bytes, str]) -> bool:
        given = _given(headers.get(b"authorization", ""))
        return self._digest is None or (given is not None and hmac.compare_digest(_digest(given), self._digest))

    async def _ask_for_password(self, headers: dict[bytes, str], send: Send) -> None:
        if b"authorization" in headers:
            await asyncio.sleep(_WRONG_PASSWORD_S)
        asks = [(b"www-authenticate", b'Basic realm="Tollwatch", charset="UTF-8"')]
        await _answer(send, 401, {"error": "a password is needed; the user's name does not matter"}, asks)


def _host(header: str) -> str:
    """A Host header without its port."""
    name, colon, port = header.rpartition(":")
    return name if colon and (port.isdigit() or not port) and not name.endswith(":") else header


def _given(authorization: str) -> str | None:
    """The password of a Basic header or the token of a Bearer one."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()  # of one length, for compare_digest


def _with_headers(message: Message) -> Message:
    given = {name.lower() for name, _ in message["headers"]}
    ours = [(name.encode(), value.encode()) for name, value in _HEADERS.items() if name.encode() not in given]
    return {**message, "headers": [*message["headers"], *ours]}


async def _answer(
    send: Send, status: int, body: dict[str, object], headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    content = json.dumps(body).encode()
    fixed = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *(headers or [])]})
    await send({"type": "http.response.body", "body": content})

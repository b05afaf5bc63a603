"""A web site on loopback that answers, errs and hangs as it is told, and keeps a log of who asked for what when.

    with Site({"/": Answer(body=b"hello")}) as site:
        site.url("/")             # http://127.0.0.x:port/
        site.log                  # [Asked(path="/", ...)]

Each Site has a loopback address of its own, so that several of them are several hosts; one with TLS is on `localhost`,
since a certificate needs a name.
"""

from __future__ import annotations

import itertools
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

_addresses = itertools.count(2)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the site sends. `raw` is sent instead of everything else; `wait` seconds pass before the first byte."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes | None = None
    wait: float = 0.0
    trickle: float = 0.0  # seconds between the body's bytes
    short_by: int = 0  # how many more bytes Content-Length promises than come


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came in; header names in lower case, `at` on the monotonic clock."""

    path: str
    headers: Mapping[str, str]
    at: float


Script = Answer | Sequence[Answer]  # a sequence is gone through once, and its last answer stays


class Site:
    """A site whose paths answer as `pages` says; 404 for all others."""

    def __init__(
        self,
        pages: Mapping[str, Script] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        at: tuple[str, int] | None = None,
    ) -> None:
        self.pages: dict[str, Script] = dict(pages or {})
        self.log: list[Asked] = []
        self._closing = threading.Event()
        self._tls = tls
        self._server = _Server(self, at or ("127.0.0.1" if tls else f"127.0.0.{next(_addresses)}", 0))

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self) -> str:
        address, port = self._server.server_address[:2]
        return f"{address!s}:{port}"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str) -> str:
        return f"{'https' if self._tls else 'http'}://{self.host}{path}"

    def asked(self, path: str) -> list[Asked]:
        return [asked for asked in self.log if asked.path == path]

    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [asked.path for asked in self.log if asked.path != "/robots.txt"]

    def serve(self, connection: socket.socket) -> None:
        if self._tls is None:
            self._converse(connection)
            return
        with self._tls.wrap_socket(connection, server_side=True) as secure:
            self._converse(secure)

    def _converse(self, connection: socket.socket) -> None:
        asked = _read_request(connection)
        if asked is None:
            return
        self.log.append(asked)
        for piece in self._pieces(self._answer_to(asked)):
            connection.sendall(piece)

    def _answer_to(self, asked: Asked) -> Answer:
        script = self.pages.get(asked.path, Answer(status=404))
        if isinstance(script, Answer):
            return script
        times = len(self.asked(asked.path))
        return script[min(times, len(script)) - 1]

    def _pieces(self, answer: Answer) -> Iterator[bytes]:
        self._closing.wait(answer.wait)
        if answer.raw is not None:
            yield answer.raw
            return
        headers = {"Content-Length": str(len(answer.body) + answer.short_by), **answer.headers, "Connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        yield f"HTTP/1.1 {answer.status} Whatever\r\n{lines}\r\n".encode()
        if not answer.trickle:
            yield answer.body
            return
        for byte in answer.body:
            self._closing.wait(answer.trickle)
            yield bytes([byte])


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, site: Site, at: tuple[str, int]) -> None:
        self.site = site
        super().__init__(at, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up on us, as many tests make it do, is no error of the site's."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.site.serve(self.request)


def _read_request(connection: socket.socket) -> Asked | None:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            return None
        head += piece
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Asked(path=first.split(" ")[1], headers=headers, at=time.monotonic())

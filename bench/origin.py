"""A web server in a process of its own: many hosts on loopback that answer from memory, and what it cost to do so."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an address answers: an HTTP response as it is sent, and the one for who has this `etag` already."""

    response: bytes
    etag: bytes = b""
    not_modified: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """What came of it: requests, when the first one came (monotonic seconds), and the CPU's seconds."""

    requests: int
    first: float
    cpu: float


def answer(body: bytes, *headers: str, etag: str = "", keep: bool = True) -> Answer:
    """An answer of 200 with `headers` ("Name: value"); the connection is closed after it unless it is to `keep`."""
    closing = () if keep else ("Connection: close",)
    return Answer(
        response=_head("200 OK", *headers, *closing, f"Content-Length: {len(body)}") + body,
        etag=etag.encode(),
        not_modified=_head("304 Not Modified", *headers, *closing),
    )


def _head(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


class Origin:
    """The server from its start until `close`: every host of `hosts` has every address of `answers`, at `port`."""

    def __init__(self, hosts: Sequence[str], answers: Mapping[str, Answer]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from bench.origin import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        pickle.dump((list(hosts), dict(answers)), self._into)
        self._into.flush()
        self.port = int(pickle.load(self._out))

    @property
    def _into(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _out(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def close(self) -> Served:
        """End the server."""
        self._into.close()
        served: Served = pickle.load(self._out)
        self._process.wait()
        self._out.close()
        return served


# ------------------------------------------------------------------------------------------------ its own process


class _Site:
    """What all connections share."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers
        self.requests = 0
        self.first = 0.0

    def respond(self, head: bytes) -> bytes:
        """The response to a request's head."""
        self.requests += 1
        self.first = self.first or time.monotonic()
        found = self._answers.get(head.split(b" ", 2)[1].decode("latin-1"))
        if found is None:
            return _NOT_FOUND
        return found.not_modified if found.etag and found.etag in head else found.response


class _Connection(asyncio.Protocol):
    def __init__(self, site: _Site) -> None:
        self._site = site
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for head in heads:
            response = self._site.respond(head)
            self._transport.write(response)
            if b"Connection: close" in response[:1000]:
                self._transport.close()


async def _serve() -> None:
    hosts, answers = pickle.load(sys.stdin.buffer)
    site, loop = _Site(answers), asyncio.get_running_loop()
    first = await loop.create_server(lambda: _Connection(site), hosts[0], 0)
    port = first.sockets[0].getsockname()[1]
    if hosts[1:]:
        await loop.create_server(lambda: _Connection(site), hosts[1:], port)
    _say(port)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    _say(Served(requests=site.requests, first=site.first, cpu=time.process_time()))


def main() -> None:
    """Read hosts and answers from standard input, write the port, and, once the input ends, what was served."""
    asyncio.run(_serve())


def _say(value: object) -> None:
    pickle.dump(value, sys.stdout.buffer)
    sys.stdout.buffer.flush()

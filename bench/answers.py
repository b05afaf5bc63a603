"""Ways in which a server may answer a request, sane and insane: pieces of bytes, as they go over the wire.

A way is a function from what was asked to an asynchronous iterator of pieces. Raising ConnectionResetError in it resets
the connection, its end closes it.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib import import_module

UNPACKED = 600 * 1024 * 1024  # bytes that each bomb unpacks to
PIECE = 64 * 1024
PAUSE_S = 0.01  # between two pieces of what has no end: 6 MB a second, what a fast line brings
TRICKLE_S = 2.0  # between two bytes of a slow server: often enough that no silence is noticed
FOR_EVER_S = 24 * 3600.0

_BLOCK = 1024 * 1024
_NOTHING: Mapping[str, str | int] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request: `base` is the host's address (http://127.x.y.z:port), `times` how often `path` was asked so far."""

    base: str
    path: str
    times: int
    etag: str | None = None


Serve = Callable[[Asked], AsyncIterator[bytes]]

# ----------------------------------------------------------------------------------------------------------- sane


def head(status: int, headers: Mapping[str, str | int] = _NOTHING, *, type_: str = "text/html") -> bytes:
    """The status line and the headers."""
    named = {"Connection": "close", "Content-Type": type_, **headers}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return "\r\n".join(lines).encode()


def whole(
    body: bytes, status: int = 200, headers: Mapping[str, str | int] = _NOTHING, *, type_: str = "text/html"
) -> bytes:
    """A complete answer; `Retry_After` stands for the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head(status, {"Content-Length": len(body), **named}, type_=type_) + body


def page(body: bytes, status: int = 200, *, type_: str = "text/html; charset=utf-8", **headers: str | int) -> Serve:
    """Always the same complete answer."""
    return raw(whole(body, status, headers, type_=type_))


def listing(body: bytes, **headers: str | int) -> Serve:
    """Always the same XML."""
    return raw(whole(body, 200, headers, type_="application/xml"))


def raw(answer: bytes) -> Serve:
    """Always the same bytes, as they are."""

    async def serve(_: Asked) -> AsyncIterator[bytes]:
        yield answer

    return serve


def rss(entries: Iterable[tuple[str, str, datetime | None]]) -> bytes:
    """A feed of (address, title, published)."""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(url)}</link>"
        + (f"<pubDate>{format_datetime(published)}</pubDate>" if published else "")
        + "</item>"
        for url, title, published in entries
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


def links(many: int, start: int = 0) -> list[tuple[str, str, None]]:
    """Entries for a feed: addresses that answer 404."""
    return [(f"/gone/{number:06}", f"Story {number}", None) for number in range(start, start + many)]


def html(body: str, *, marks: str = "") -> bytes:
    """A page around `body`, with `marks` in its head."""
    head = f'<!doctype html><html lang="en"><head><title>A story</title>{marks}</head>'
    return f"{head}<body>{body}</body></html>".encode()


# ---------------------------------------------------------------------------------------------------------- insane


async def silence(_: Asked) -> AsyncIterator[bytes]:
    """Take the request and never say a word."""
    await asyncio.sleep(FOR_EVER_S)
    yield b""


async def hang_up(_: Asked) -> AsyncIterator[bytes]:
    """Close without a word."""
    return
    yield


async def reset(_: Asked) -> AsyncIterator[bytes]:
    """Reset without a word."""
    raise ConnectionResetError
    yield


def reset_after(answer: bytes) -> Serve:
    """Begin to answer, then reset."""

    async def serve(_: Asked) -> AsyncIterator[bytes]:
        yield answer
        await asyncio.sleep(PAUSE_S)
        raise ConnectionResetError

    return serve


def slowly(answer: bytes, *, after: bytes = b"") -> Serve:
    """`after` at once, then `answer` byte by byte."""

    async def serve(_: Asked) -> AsyncIterator[bytes]:
        yield after
        for byte in answer:
            yield bytes([byte])
            await asyncio.sleep(TRICKLE_S)

    return serve


def endless(piece: bytes, *, after: bytes) -> Serve:
    """`after`, then `piece` over and over."""
    pieces = piece * (PIECE // len(piece) + 1)

    async def serve(_: Asked) -> AsyncIterator[bytes]:
        yield after
        while True:
            yield pieces
            await asyncio.sleep(PAUSE_S)

    return serve


def in_turn(*ways: Serve) -> Serve:
    """One way after the other, and again from the first."""
    return lambda asked: ways[(asked.times - 1) % len(ways)](asked)


def redirect(to: str) -> Serve:
    """Redirect to `to`, in which {host}, {path} and {times} stand for those of the request."""

    async def serve(asked: Asked) -> AsyncIterator[bytes]:
        location = to.format(host=asked.base.removeprefix("http://"), path=asked.path, times=asked.times)
        yield whole(b"", 302, {"Location": location})

    return serve


def made(body: Callable[[Asked], bytes], *, type_: str = "application/xml", **headers: str | int) -> Serve:
    """A complete answer whose body is made for each request."""

    async def serve(asked: Asked) -> AsyncIterator[bytes]:
        yield whole(body(asked), 200, headers, type_=type_)

    return serve


# ----------------------------------------------------------------------------------------------------------- bombs


@cache
def deflate_bomb() -> bytes:
    """A zlib stream without its end: one block of spaces over and over, which nobody should unpack to the last."""
    return b"\x78\xda" + _deflated_blocks()


@cache
def gzip_bomb() -> bytes:
    """The same as gzip."""
    return gzip.compress(b"")[:10] + _deflated_blocks()


@cache
def _deflated_blocks() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packer.compress(b" " * _BLOCK)
    packer.flush(zlib.Z_FULL_FLUSH)  # after it a block does not refer to what stands before
    return (packer.compress(b" " * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)) * (UNPACKED // _BLOCK)


@cache
def brotli_bomb() -> bytes:
    """The same in brotli."""
    packer = import_module("brotli").Compressor(quality=1)  # the best quality takes a second for it
    pieces: list[bytes] = [packer.process(b" " * _BLOCK) for _ in range(UNPACKED // _BLOCK)]
    return b"".join([*pieces, packer.finish()])


@cache
def zstd_bomb() -> bytes:
    """The same in zstd, written by hand: blocks that say `so many spaces`, in a window of 128 KB."""
    window = 128 * 1024
    block = (window << 3 | 2).to_bytes(3, "little") + b" "
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * (UNPACKED // window) + (1).to_bytes(3, "little")


def bomb(body: Callable[[], bytes], encoding: str) -> Serve:
    """A bomb as the body of an answer."""
    return made(lambda _: body(), Content_Encoding=encoding)

"""A listing's body -> leads. Pure functions that run in the worker processes, since a feed can take 70 ms to read."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime

from crawler.answers import Answer, charset_of
from crawler.feeds import read_feed
from crawler.front_pages import read_front_page
from crawler.sitemaps import read_sitemap
from model import Listed, Listing, ListingKind

_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 50 * 1024 * 1024  # the sitemap protocol's own limit; 4 MB of gzip could hold a thousand times more

_Headers = tuple[tuple[str, str], ...]


def read_listing(body: bytes, listing: Listing, *, base_url: str, headers: _Headers, now: datetime) -> Listed:
    """What the body of a listing holds, leads in its order; `base_url` is where it came from after redirects.

    Never raises: what cannot be read is a Listed with a `problem`.
    """
    try:
        unpacked = unpacked_body(body)
        if not unpacked.strip():
            return Listed(problem="an empty body")
        return _READERS[listing.kind](unpacked, listing, base_url, headers, now)
    except Exception as error:  # the border of a page: an outlet's feed may break any parser in its own way
        return Listed(problem=f"{type(error).__name__}: {error}"[:200])


def unpacked_body(body: bytes) -> bytes:
    """The body of a .gz file, which a server sends as it is; every other body as it came.

    Raises ValueError or zlib.error where it cannot be unpacked.
    """
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    unpacked = unpacker.decompress(body, _MOST_UNPACKED)
    if unpacker.unconsumed_tail:
        raise ValueError(f"unpacks to more than {_MOST_UNPACKED} bytes")
    return unpacked


def _feed(body: bytes, listing: Listing, base_url: str, headers: _Headers, now: datetime) -> Listed:
    return read_feed(
        body, listing, base_url=base_url, headers={name.lower(): value for name, value in headers}, now=now
    )


def _sitemap(body: bytes, listing: Listing, base_url: str, headers: _Headers, now: datetime) -> Listed:
    listed = read_sitemap(body, listing, base_url=base_url, now=now)
    if listed.problem is None:
        return listed
    # The protocol lets a feed stand for a sitemap.
    feed = _feed(body, listing, base_url, headers, now)
    return feed if feed.problem is None else listed


def _front_page(body: bytes, listing: Listing, base_url: str, headers: _Headers, now: datetime) -> Listed:
    charset = charset_of(Answer(url=base_url, status=200, headers=headers, body=b""))
    return read_front_page(body, listing, base_url=base_url, charset=charset, now=now)


_READERS: dict[ListingKind, Callable[[bytes, Listing, str, _Headers, datetime], Listed]] = {
    ListingKind.FEED: _feed,
    ListingKind.SITEMAP: _sitemap,
    ListingKind.FRONT_PAGE: _front_page,
}

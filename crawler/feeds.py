"""RSS, Atom, RDF and JSON Feed -> leads. The only home of feedparser; runs in the worker processes."""

from __future__ import annotations

import json
import re
import time
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from feedparser.api import parse as _untyped_parse

from crawler.leads import Found, leads_of
from model import Listed, Listing, Via

_parse: Callable[..., Any] = _untyped_parse

_JSON_FEED = "https://jsonfeed.org/version/"
_MOST_ENTRIES = 5000
# Each costs 0.1 ms, so that 4 MB of nothing else would take a minute; the newest entries stand first.
_MOST_TAGS = 50_000
# Entities that a feed defines itself: from 600 bytes of them the parser makes 8 MB before it has enough.
_DEFINITIONS = re.compile(rb"<!DOCTYPE[^>\[]{0,500}\[.*?\]\s*>", re.DOTALL | re.IGNORECASE)
_DECLARATION_WITHIN = 1_000  # bytes
# References to one half of a surrogate pair, as some systems write emoji: one of them would spoil the whole feed.
_HALF_CHARACTER = re.compile(
    rb"&#(?:[xX][dD][89a-fA-F][0-9a-fA-F]{2}|5(?:5[3-9]|6\d|7[0-2])\d\d|5529[6-9]|573[0-3]\d|5734[0-3]);"
)


def read_feed(body: bytes, listing: Listing, *, base_url: str, headers: dict[str, str], now: datetime) -> Listed:
    """The leads of a feed; `headers` by lower-case name. A body that is no feed gives a Listed with a problem."""
    if body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json(body, listing, base_url=base_url, now=now)
    declared = _with_a_line_of_its_own(body)
    if declared is None:
        return Listed(problem="an XML declaration without an end")
    sent = {name: headers[name] for name in ("content-type", "content-language") if name in headers}
    # A stream, never the bytes themselves: feedparser would take a short body for the name of a file.
    feed = _parse(
        BytesIO(_bounded(_HALF_CHARACTER.sub(b"", _DEFINITIONS.sub(b"", declared, count=1)))),
        response_headers={**sent, "content-location": base_url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not feed.entries and not feed.version:
        return Listed(problem=_problem(body, feed))
    found = (_found(entry, base_url) for entry in feed.entries[:_MOST_ENTRIES])
    leads = leads_of((entry for entry in found if entry), listing, via=Via.FEED, base_url=base_url, now=now)
    return Listed(leads=leads, ttl=_minutes(feed.feed.get("ttl")))


def _bounded(body: bytes) -> bytes:
    if body.count(b"<") <= _MOST_TAGS:
        return body
    return body[: next(islice(re.finditer(b"<", body), _MOST_TAGS, None)).start()]


def _with_a_line_of_its_own(body: bytes) -> bytes | None:
    """`body` with its XML declaration, where it has one, alone on the first line; None where that does not end.

    feedparser looks for an encoding up to the line's end, in the time of its length to the power of three.
    """
    if not body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?"):
        return body
    end = body.find(b"?>", 0, _DECLARATION_WITHIN) + 2
    return body[:end] + b"\n" + body[end:] if end > 1 else None


def _problem(body: bytes, feed: Mapping[str, Any]) -> str:
    if b"<html" in body[:2000].lower():
        return "a web page, not a feed"
    error = feed.get("bozo_exception")
    return f"not a feed ({error})"[:200] if error else "not a feed"


def _found(entry: dict[str, Any], base_url: str) -> Found | None:
    guid = entry.get("id")
    url = entry.get("feedburner_origlink") or entry.get("link") or (guid if str(guid).startswith("http") else None)
    if not url:
        return None
    # feedparser keeps an entry's xml:base with its title, and leaves the link as it was written.
    base = urljoin(base_url, (entry.get("title_detail") or {}).get("base") or "")
    return Found(
        url=urljoin(base, str(url).strip()),
        title=entry.get("title"),
        # As a plain dict has it: feedparser's own `get` falls back from one date to the other, and warns that it does.
        published=_date(dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")),
        guid=str(guid) if guid else None,
    )


def _date(parsed: time.struct_time | None) -> datetime | None:
    if not parsed:
        return None
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(timegm(parsed), UTC)
    return None


def _minutes(ttl: object) -> timedelta | None:
    text = str(ttl or "").strip()
    minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return timedelta(minutes=minutes) if minutes else None


def _read_json(body: bytes, listing: Listing, *, base_url: str, now: datetime) -> Listed:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        return Listed(problem=f"broken JSON ({error})"[:200])
    if not str(feed.get("version", "")).startswith(_JSON_FEED) or not isinstance(feed.get("items"), list):
        return Listed(problem="JSON, but not a JSON feed")
    return Listed(leads=leads_of(_json_found(feed["items"]), listing, via=Via.FEED, base_url=base_url, now=now))


def _json_found(items: list[Any]) -> Iterator[Found]:
    for item in items[:_MOST_ENTRIES]:
        if not isinstance(item, dict):
            continue
        url = item.get("url") or item.get("external_url") or item.get("id")
        if isinstance(url, str):
            yield Found(
                url=url,
                title=_whole(item.get("title")),
                published=read_date(item.get("date_published")),
                guid=_whole(item.get("id")),
            )


def _whole(value: object) -> str:
    """A value of JSON as text, without half characters, which JSON can spell and no archive takes."""
    return str(value or "").encode("utf-8", "replace").decode()


def read_date(text: object) -> datetime | None:
    """An ISO 8601 (W3C) date or time in UTC; one without a zone counts as UTC. None for anything else."""
    try:
        date = datetime.fromisoformat(str(text).strip())
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

"""What every kind of listing does with what it found: clean addresses, plain titles, sane dates, an end. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit, urlunsplit

from model import Lead, Listing, Via

MOST_LEADS = (
    200  # a listing that suddenly names thousands (an archive, a sitemap of ten years) must not flood the queue
)

_LONGEST_URL = 2000
_LONGEST_TITLE = 500
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # an earlier date in a listing is a default that nobody set
_AHEAD = timedelta(days=1)  # a clock that is off, or an embargo; further ahead is an error

# Parameters that tell a publisher where its reader came from and never change what is read.
_TRACKING = re.compile(
    r"(utm_\w+|at_(medium|campaign|link\w*|format|bbc_team)|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ns_(source|mchannel"
    r"|campaign|linkname|fee)|cmpid?|ocid|traffic_source|maca|ref_src)(=|$)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]{0,1000}>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An address as a listing gives it. `stamp` orders it among the others where `published` is unknown."""

    url: str
    title: str | None = None
    published: datetime | None = None
    stamp: datetime | None = None
    guid: str | None = None


def leads_of(found: Iterable[Found], listing: Listing, *, via: Via, base_url: str, now: datetime) -> tuple[Lead, ...]:
    """The leads that `found` amounts to, in its order, each address once; the newest where there are too many."""
    entries: dict[str, Found] = {}
    for entry in found:
        url = clean_url(entry.url, base_url)
        if url is not None:
            entries.setdefault(url, entry)
    return tuple(
        Lead(
            url=url,
            outlet=listing.outlet,
            via=via,
            found=now,
            title=plain_title(entry.title),
            published=sane_date(entry.published, now),
            guid=(entry.guid or "").strip()[:_LONGEST_URL] or None,
        )
        for url, entry in _newest(entries, now)
    )


def _newest(entries: dict[str, Found], now: datetime) -> list[tuple[str, Found]]:
    listed = list(entries.items())
    if len(listed) <= MOST_LEADS:
        return listed
    # Stable: among entries of one time, and among those without any, the listing's own order decides.
    ages = [sane_date(entry.published, now) or sane_date(entry.stamp, now) or _EARLIEST for _, entry in listed]
    newest = sorted(range(len(listed)), key=lambda place: ages[place], reverse=True)[:MOST_LEADS]
    return [listed[place] for place in sorted(newest)]


def clean_url(url: str, base_url: str) -> str | None:
    """`url` made absolute, without fragment and tracking parameters; None where it is no http address."""
    try:
        url.encode()  # JSON can spell half a character, which no archive takes
        parts = urlsplit(urljoin(base_url, url.strip()))
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or len(url) > _LONGEST_URL:
        return None
    query = "&".join(part for part in parts.query.split("&") if not _TRACKING.match(part))
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", query, ""))


def plain_title(title: str | None) -> str | None:
    """A title without markup and line breaks, or None for an empty one."""
    text = html.unescape(_TAG.sub(" ", (title or "")[: 4 * _LONGEST_TITLE]))
    return " ".join(text.split())[:_LONGEST_TITLE] or None


def sane_date(date: datetime | None, now: datetime) -> datetime | None:
    """`date` in UTC, or None where it cannot be right: decades ago, or more than a day ahead."""
    if date is None or not _EARLIEST <= date <= now + _AHEAD:
        return None
    return date.astimezone(UTC)

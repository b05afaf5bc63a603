"""A live blog's entries, each with its own time and a name that stays: so each can be an article of its own.

    JSON-LD (liveBlogUpdate) ──┐
                               ├──▶ dated ──▶ the newest ──▶ text ──▶ named ──▶ Entry, the oldest first
    blocks on the page ────────┘

What the page says of its entries in JSON-LD goes before what it shows. An entry without a clock time is none: it could
not be told when its figures were true. Entries in running text, each begun by nothing but `14:05`, are not told apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import quote, urljoin, urlsplit

from lxml.html import HtmlElement

from extract.addresses import canonical
from extract.linked_data import Update
from extract.live_blocks import Block, blocks_of
from extract.metadata import Marks, one_line
from extract.plain import lines_in, lines_of
from extract.prose import own_prose
from extract.stamps import Sharpness, read_stamp, stated_offset

MOST_ENTRIES = 200  # the newest; a long day has some hundred
ENTRY_LIMIT = 20_000  # characters of one entry's text
PAGE_LIMIT = 200_000  # of all entries together; what is older is left out
MARKUP_LIMIT = 4 * ENTRY_LIMIT  # characters of a value that are looked at for text
LEAST_TEXT = 12  # characters; "Nine killed." is an entry
NAME_LIMIT = 100
TITLE_LIMIT = 500
FIRST_WORDS = 5
# How long ago something was is no part of a text: it would be another text at each look.
AGO = re.compile(
    r"^\W*(?:\w+\W+)?(?:\d+\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\.?\s+ago|just now"
    r"|(?:il y a|hace|vor|há)\s+\d+\s*\w+)\W*$",
    re.IGNORECASE,
)
AGO_LIMIT = 40  # characters of a line that says no more
CUT = ("…", "...", "[…]", "[...]")
COUNTED = re.compile(r"\d+$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry. `name` tells it from the page's others, at every look at the page, and may stand in an address."""

    name: str
    title: str
    text: str
    published: datetime
    modified: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """An entry as it was found, in page order: what it is called, when it was written, and where its text is."""

    name: str | None
    published: datetime
    modified: datetime | None
    update: Update | None = None
    block: Block | None = None
    title: str = ""
    text: str = ""


def read_entries(tree: HtmlElement, marks: Marks, *, url: str, not_after: datetime) -> tuple[Entry, ...]:
    """The newest entries of the live blog at `url`, the oldest first; none where they cannot be told apart.

    A time later than `not_after` is no entry's; times may still lie somewhat after the fetch, as a page's clock may.
    """
    clock = _Clock(marks, not_after)
    found = list(_announced(marks.linked.updates, clock, url)) or list(_shown(tree, clock, url))
    counted = _is_counted(found)
    newest = sorted(found, key=lambda one: one.published, reverse=True)[:MOST_ENTRIES]
    read = list(_with_texts(newest, tree))
    return tuple(reversed(_named(read, believed=not counted)))


class _Clock:
    """Reads the times of one page; those that name no zone are by the clock that the page's own times name."""

    def __init__(self, marks: Marks, not_after: datetime) -> None:
        offsets = (stated_offset(text) for text in (*marks.published, *marks.modified))
        self._offset = next((offset for offset in offsets if offset is not None), timedelta(0))
        self._not_after = not_after

    def read(self, text: str | None) -> datetime | None:
        stamp = read_stamp(text)
        if stamp is None or stamp.sharpness is Sharpness.DAY:
            return None
        when = stamp.when - self._offset if stamp.sharpness is Sharpness.LOCAL else stamp.when
        return when if when <= self._not_after else None


def _announced(updates: Iterable[Update], clock: _Clock, url: str) -> Iterator[_Found]:
    for update in updates:
        published = clock.read(update.published) or clock.read(update.modified)
        if published is not None:
            name = next(filter(None, (_name_in(address, url) for address in update.addresses)), None)
            yield _Found(name=name, published=published, modified=clock.read(update.modified), update=update)


def _shown(tree: HtmlElement, clock: _Clock, url: str) -> Iterator[_Found]:
    for block in blocks_of(tree, url=url):
        published = clock.read(block.published)
        if published is not None:
            yield _Found(name=block.name, published=published, modified=clock.read(block.modified), block=block)


# ---------------------------------------------------------------------------------------------------------- texts


def _with_texts(found: Sequence[_Found], tree: HtmlElement) -> Iterator[_Found]:
    """Those that have a text, as long as the page's measure lasts."""
    lacking = {one.name for one in found if one.name and one.update is not None and _is_cut(one.update.body)}
    by_name = {name: element for element in tree.iter() if (name := element.get("id")) in lacking} if lacking else {}
    left = PAGE_LIMIT
    for one in found:
        title, text = _of_block(one.block) if one.block else _of_update(one.update, by_name.get(one.name or ""))
        text = text[:ENTRY_LIMIT] or title
        left -= len(text)
        if left < 0:
            return
        if len(text) >= LEAST_TEXT:
            yield replace(one, title=title[:TITLE_LIMIT], text=text)


def _is_cut(body: str | None) -> bool:
    return not body or body.rstrip().endswith(CUT)


def _of_update(update: Update | None, element: HtmlElement | None) -> tuple[str, str]:
    """Title and text as JSON-LD has them; a text that it lacks or cuts is taken from the element of that name."""
    if update is None:
        return "", ""
    title, text = one_line(update.headline), lines_in((update.body or "")[:MARKUP_LIMIT])
    shown = _text_of(element, title=title, heading=None) if element is not None else ""
    return title, shown or text


def _of_block(block: Block) -> tuple[str, str]:
    heading = block.heading
    title = "" if heading is None else one_line(heading.text_content()) or one_line(heading.get("content"))
    return title, _text_of(block.element, title=title, heading=heading)


def _text_of(element: HtmlElement, *, title: str, heading: HtmlElement | None) -> str:
    lines = lines_of(element, without=heading).split("\n")
    kept = (line for line in lines if len(line) > AGO_LIMIT or not AGO.search(line))
    return own_prose("\n".join(kept), tree=element, title=title, descriptions=())


# ---------------------------------------------------------------------------------------------------------- names


def _name_in(address: str, url: str) -> str | None:
    """What an entry's own address has beyond its page's: a fragment, a query, or a path of its own."""
    try:
        whole = urljoin(url, address)
        fragment = urlsplit(whole).fragment
    except ValueError:
        return None
    if fragment:
        return fragment
    there, here = urlsplit(canonical(whole)), urlsplit(canonical(url))
    if there.query and there.query != here.query:
        return there.query
    path = there.path.rstrip("/")
    return path.rsplit("/", 1)[-1] if path != here.path.rstrip("/") else None


def _is_counted(found: Sequence[_Found]) -> bool:
    """Whether names only say the place on a page that has its newest entry first: each new one would move them all."""
    if len(found) < 2 or found[0].published <= found[-1].published:
        return False
    counts = [int(match[0][:9]) for one in found if (match := COUNTED.search(one.name or ""))]
    return len(counts) == len(found) and counts[0] <= 1 and all(b - a == 1 for a, b in pairwise(counts))


def _named(found: Sequence[_Found], *, believed: bool) -> list[Entry]:
    """Each entry under its name, once: one that is pinned too stands twice on its page.

    An entry that the page does not name has its time for a name, which an edit leaves alone as it may not leave the
    first words ("Nine people are dead"); those of one time are told apart by their first words without figures.
    """
    names = {one.name for one in found if one.name}
    believed = believed and 2 * len(names) > sum(one.name is not None for one in found)
    times = Counter(one.published for one in found if not (believed and _is_name(one.name)))
    named: dict[str, Entry] = {}
    for one in found:
        name = one.name if believed and _is_name(one.name) else _name_by_time(one, alone=times[one.published] == 1)
        entry = Entry(
            name=quote(name or "", safe="-._~:=&"),
            title=one.title,
            text=one.text,
            published=one.published,
            modified=one.modified,
        )
        known = named.get(entry.name)
        if known is None or len(known.text) < len(entry.text):
            named[entry.name] = entry
    return list(named.values())


def _is_name(name: str | None) -> bool:
    return name is not None and len(name) <= NAME_LIMIT


def _name_by_time(one: _Found, *, alone: bool) -> str:
    time = f"{one.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    words = re.findall(r"[^\W\d_]+", f"{one.title} {one.text}"[:NAME_LIMIT].casefold())
    return time if alone else "-".join([time, *words[:FIRST_WORDS]])

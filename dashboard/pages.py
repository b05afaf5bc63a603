"""What each page shows: questions to the archive, the tables of the answers, and what the template needs besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import stood
from archive import Archive
from archive.queries import DRAWN_OF
from archive.searching import match
from crawler.condition import condition
from dashboard import feed, words
from model import InputError, Outcome, SourceState, Timeline, Who

_SAID_ONCE = 2  # rows of a group with one figure: as it came, and as it stands
_MOVES = 50  # on the start page
_PLOTTED = 8  # groups of an event that are drawn: a table of regions may have forty
_KEPT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table of a page. `question` is its name in `archive.browsing` with `values`, where it is one of those."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    question: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The query string under which Datasette answers the same question."""
        return urlencode(self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page as values: its JSON is `tables`, its CSV one of them, its HTML `template` with `more` besides."""

    template: str
    title: str
    tables: Sequence[Table]
    more: Mapping[str, Any] = field(default_factory=dict)

    def table(self, name: str) -> Table | None:
        """A table by its name."""
        return next((table for table in self.tables if table.name == name), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """Another address holds what was asked for."""

    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a visitor asks for: `key` out of the address, `values` behind its question mark."""

    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    now: datetime

    def moment(self, name: str) -> datetime | None:
        """A time, as people or the browser's own field write it; UTC where it names no zone.

        Raises InputError for what is no time.
        """
        written = self.values.get(name, "").strip()
        if not written:
            return None
        try:
            read = datetime.fromisoformat(written)
        except ValueError as error:
            what, remedy = "is no time", "write one such as 2026-03-10T14:00"
            raise InputError(where=f"{name}={written[:40]}", what=what, remedy=remedy) from error
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)

    def written(self, name: str) -> str:
        """The same as the archive writes it, empty where none was given."""
        read = self.moment(name)
        return "" if read is None else read.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Answer = Page | Moved | None
Asking = Callable[[Archive, Asked], Answer]


def _table(archive: Archive, question: str, name: str = "", /, **values: str) -> Table:
    rows = archive.browsing.answer(question, **values)
    return Table(name=name or question, rows=rows, question=question, values=values)


def start(archive: Archive, asked: Asked) -> Answer:
    """What moved, the events that are written about, what is followed."""
    moved = _table(archive, "moved", before=asked.written("before"))
    events = _table(archive, "events_lately", "events")
    watches = _table(archive, "watches_followed", "watches")
    more = {
        "days": words.by_day(words.moves(moved.rows, asked.now.year)),
        "older": moved.rows[-1]["at"] if len(moved.rows) == _MOVES else None,
        "headlines": {row["event"]: words.headline(row) for row in events.rows},
        "now": asked.now,
        "before": asked.moment("before"),
    }
    return Page(template="start.html", title="What moved", tables=[moved, events, watches], more=more)


def watch(archive: Archive, asked: Asked) -> Answer:
    """What moved for one watch, and its events."""
    known = archive.browsing.watch(asked.key)
    if known is None:
        return None
    moved = _table(archive, "watch_moved", "moved", watch=asked.key)
    events = _table(archive, "watch_events", "events", watch=asked.key)
    days = words.by_day(words.moves(moved.rows, asked.now.year))
    more = {"watch": known, "days": days, "now": asked.now}
    return Page(template="watch.html", title=known["name"], tables=[moved, events], more=more)


def watch_feed(archive: Archive, key: str, address: str, now: datetime) -> bytes | None:
    """The Atom feed of a watch; `address` is where the dashboard is."""
    known = archive.browsing.watch(key)
    if known is None:
        return None
    moved = words.moves(archive.browsing.answer("watch_moved", watch=key), now.year)
    return feed.render(known["id"], known["name"], moved, added=known["added"], address=address)


def event(archive: Archive, asked: Asked) -> Answer:
    """One event: how its figures moved, who says what, who disagrees, and the texts; at any time."""
    known = archive.browsing.event(asked.key)
    if known is None:
        return None
    if known["merged_into"]:
        return Moved(path=f"/events/{known['merged_into']}")
    as_of, seen_by = asked.moment("as_of"), asked.moment("seen_by")
    figures = _figures(archive, asked, as_of, seen_by)
    carriers = _table(archive, "event_carriers", "carriers", event=asked.key)
    times = {"as_of": asked.written("as_of"), "seen_by": asked.written("seen_by")}
    course = _table(archive, "event_course", "course", event=asked.key, **times)
    texts = _table(archive, "event_texts", "articles", event=asked.key)
    watches = _table(archive, "event_watched_by", "watches", event=asked.key)
    disagreements = _disagreements(figures.rows)
    more = {
        "event": known,
        "groups": words.standings(figures.rows, carriers.rows, asked.now.year),
        "course": words.moves(course.rows, asked.now.year),
        "plots": _plotted([*figures.rows, *course.rows]),
        "times": {name: value for name, value in times.items() if value},
        "as_of": as_of,
        "seen_by": seen_by,
    }
    tables = [figures, Table(name="disagreements", rows=disagreements), carriers, course, texts, watches]
    return Page(template="event.html", title=known["name"], tables=tables, more=more)


def _figures(archive: Archive, asked: Asked, as_of: datetime | None, seen_by: datetime | None) -> Table:
    if as_of is None and seen_by is None:
        return _table(archive, "event_figures", "figures", event=asked.key)
    ids = [row["id"] for row in stood.figures(archive, asked.key, as_of=as_of, seen_by=seen_by)]
    return Table(name="figures", rows=archive.browsing.standing(ids))


def _disagreements(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Per group the lowest and the highest figure that stands, where they differ; unconfirmed ones are left out."""
    found = []
    firm = [row for row in rows if not row["hedged"]]
    for (outcome, who, subset), group in groupby(firm, key=lambda row: (row["outcome"], row["who"], row["subset"])):
        ones = sorted(group, key=lambda row: (row["number"], row["source"]))
        if ones[0]["number"] < ones[-1]["number"]:
            low, high = ones[0], ones[-1]
            found.append(
                {
                    "outcome": outcome,
                    "who": who,
                    "subset": subset,
                    "lowest": low["number"],
                    "lowest_source": low["source"],
                    "lowest_figure": low["figure"],
                    "highest": high["number"],
                    "highest_source": high["source"],
                    "highest_figure": high["figure"],
                    "sources": len(ones),
                    "parties": len({row["party"] for row in ones}),
                }
            )
    return found


def _plotted(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str | None]]:
    """The groups that are drawn: the gravest and largest, and those of which more than one figure is known."""
    seen = Counter((row["outcome"], row["who"], row["subset"]) for row in rows)  # in the order of the rows
    return [group for n, (group, times) in enumerate(seen.items()) if n == 0 or times > _SAID_ONCE][:_PLOTTED]


def timeline(
    archive: Archive, key: str, group: tuple[Outcome, Who, str | None], seen_by: datetime | None
) -> tuple[str, Timeline] | None:
    """What a plot of an event shows, and what tells this state of the event from another."""
    found = archive.queries.timeline_of(key, seen_by=seen_by, group=group, last=DRAWN_OF)
    return (archive.browsing.last_change(key), found[0]) if found else None


def figure(archive: Archive, asked: Asked) -> Answer:
    """Where a figure was said: the sentence in its article."""
    place = archive.browsing.place(_number(asked.key))
    if place is None:
        return None
    return Moved(path=f"/articles/{place['article']}?revision={place['revision']}#claim-{place['claim']}")


def article(archive: Archive, asked: Asked) -> Answer:
    """One text with its claims, and what each of its revisions changed."""
    known = archive.browsing.article(_number(asked.key))
    if known is None:
        return None
    key = str(known["id"])
    revisions = _table(archive, "article_revisions", "revisions", article=key)
    number = _number(asked.values.get("revision", "")) or len(revisions.rows)
    shown = next((row for row in revisions.rows if row["number"] == number), None)
    if shown is None:
        return None
    claims = _table(archive, "article_claims", "claims", revision=str(shown["revision"]))
    texts = archive.browsing.texts(known["id"], (number - 1, number))
    paragraphs = list(words.paragraphs(texts[number], claims.rows))
    titled = bool(paragraphs) and "".join(piece.text for piece in paragraphs[0]).strip() == shown["title"].strip()
    more = {
        "article": known,
        "shown": shown,
        "heading": paragraphs[0] if titled else None,
        "paragraphs": paragraphs[titled:],
        "changed": words.changed(texts[number - 1], texts[number]) if number > 1 else [],
    }
    tables = [
        claims,
        revisions,
        _table(archive, "article_copies", "copies", article=key),
        _table(archive, "article_captures", "captures", article=key),
        _table(archive, "article_events", "events", article=key),
    ]
    return Page(template="article.html", title=shown["title"] or known["url"], tables=tables, more=more)


def sources(archive: Archive, asked: Asked) -> Answer:
    """How each outlet does, those first that need somebody's attention."""
    found = [condition(record, asked.now) for record in archive.queries.source_records()]
    found.sort(key=lambda source: (source.state in {SourceState.WELL, SourceState.NEW}, source.name.casefold()))
    rows = [
        {
            "outlet": source.outlet,
            "name": source.name,
            "state": source.state.value,
            "since": source.since and source.since.isoformat(timespec="seconds"),
            "why": source.why,
        }
        for source in found
    ]
    addresses = _table(archive, "addresses_polled", "addresses")
    return Page(template="sources.html", title="Sources", tables=[Table(name="outlets", rows=rows), addresses])


class Kept:
    """A page that is made anew once a minute: what it shows takes long to find out, and changes by the hour."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._kept: tuple[datetime, Answer] | None = None

    def __call__(self, archive: Archive, asked: Asked) -> Answer:
        """The page as it was made last, or anew."""
        if self._kept is None or asked.now - self._kept[0] > _KEPT:
            self._kept = (asked.now, self._asking(archive, asked))
        return self._kept[1]


def search(archive: Archive, asked: Asked) -> Answer:
    """The texts that hold every word, "phrase" and prefix*."""
    query = asked.values.get("q", "")
    expression = match(query)
    found = _table(archive, "texts_found", "texts", words=expression) if expression else Table(name="texts", rows=[])
    return Page(
        template="search.html", title=f"Search: {query}" if query else "Search", tables=[found], more={"q": query}
    )


def alerts(archive: Archive, asked: Asked) -> Answer:
    """What was told, and how each delivery stands."""
    log = _table(archive, "alerts_lately", "alerts", before=asked.written("before"))
    told = [list(group) for _, group in groupby(log.rows, key=lambda row: row["key"])]
    older = told[-1][0]["created"] if len(told) == 50 else None
    return Page(template="alerts.html", title="Alerts", tables=[log], more={"told": told, "older": older})


def _number(written: str) -> int:
    """A number out of an address; 0, which nothing has, for anything else."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 18 else 0

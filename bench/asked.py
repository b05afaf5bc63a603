"""What people ask of an archive, as `bench.archive` times it: each question with other arguments at each run."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import stood
from archive import Archive
from archive.rows import moment
from bench.writer import war_of
from cli import standing

_SAMPLES = 60
_ORDINARY = (4, 120)  # articles of an event that people ask about
_USUAL = 40  # words that most texts hold
_PART_OF_NAME = 6  # letters of it that people type


@dataclass(frozen=True, kw_only=True, slots=True)
class Samples:
    """What there is to ask about."""

    events: Sequence[str]
    names: Sequence[str]  # parts of the names of events
    war: str
    times: Sequence[str]
    articles: Sequence[int]
    urls: Sequence[str]
    revisions: Sequence[int]
    changes: Sequence[int]
    outlets: Sequence[str]
    sources: Sequence[str]
    alerts: Sequence[str]
    rare: Sequence[str]
    usual: Sequence[str]
    phrases: Sequence[str]


def samples_of(path: Path) -> Samples:
    """Something of everything that a stock holds, spread over all of it."""
    chance = random.Random(3)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:

        def some(table: str, column: str, where: str = "1") -> list[object]:
            (last,) = db.execute(f"SELECT MAX(rowid) FROM {table}").fetchone()
            found: list[object] = []
            for _ in range(_SAMPLES):
                row = db.execute(
                    f"SELECT {column} FROM {table} WHERE rowid >= ? AND {where} LIMIT 1", [chance.randint(1, last)]
                ).fetchone()
                found += row or db.execute(f"SELECT {column} FROM {table} WHERE {where} LIMIT 1").fetchone()
            return found

        low, high = _ORDINARY
        texts = _texts(some("revisions", "text"))
        usual = [word for word, _ in Counter(word for text in texts for word in set(text.split())).most_common(_USUAL)]
        events = _texts(some("events", "id", f"articles BETWEEN {low} AND {high}"))
        named = _texts(some("events", "name"))
        return Samples(
            events=events,
            names=[name.split()[0][:_PART_OF_NAME] for name in named],
            war=war_of(path)[0],
            times=_texts(some("revisions", "fetched")),
            articles=[int(str(one)) for one in some("articles", "id")],
            urls=_texts(some("articles", "url")),
            revisions=[int(str(one)) for one in some("revisions", "id")],
            changes=[int(str(one)) for one in some("changes", "id")],
            outlets=_texts(some("outlets", "id")),
            sources=_texts(some("series", "source")),
            alerts=_texts(some("alerts", "key")),
            rare=[name.split()[0] for name in named],
            usual=[chance.choice(usual) for _ in range(_SAMPLES)],
            phrases=['"' + " ".join(text.split()[-9:-6]).replace(".", "") + '"' for text in texts],
        )


def _texts(found: Sequence[object]) -> list[str]:
    return [str(one) for one in found]


# What a person types into an SQL tool: a view for one event, and the first of all.
VIEWS: Mapping[str, tuple[str, str]] = {
    "figure_history of an event": ("SELECT * FROM figure_history WHERE event = ? ORDER BY as_of", "events"),
    "figure_history of the war, its newest": (  # by its verdicts, which are kept in the order of an event
        """SELECT h.* FROM changes ch JOIN figure_history h ON h.id = ch.figure_id WHERE ch.event = ?
        ORDER BY ch.at DESC LIMIT 100""",
        "war",
    ),
    "figure_history, the newest": ("SELECT * FROM figure_history ORDER BY id DESC LIMIT 100", ""),
    "figure_history of a source": ("SELECT * FROM figure_history WHERE source = ? LIMIT 100", "sources"),
    "current_figures of an event": ("SELECT * FROM current_figures WHERE event = ?", "events"),
    "current_figures of the war": ("SELECT * FROM current_figures WHERE event = ? LIMIT 100", "war"),
    "current_figures, the newest": ("SELECT * FROM current_figures ORDER BY id DESC LIMIT 100", ""),
    "known_figures of an event": (
        "SELECT * FROM known_figures WHERE event = ? AND since <= '2026-09' AND IFNULL(until, '9') > '2026-09'",
        "events",
    ),
    "disagreements of an event": ("SELECT * FROM disagreements WHERE event = ?", "events"),
    "disagreements of the war": ("SELECT * FROM disagreements WHERE event = ?", "war"),
    "disagreements, some": ("SELECT * FROM disagreements LIMIT 50", ""),
    "disagreements, the largest": ("SELECT * FROM disagreements ORDER BY factor DESC LIMIT 50", ""),
    "source_health": ("SELECT * FROM source_health", ""),
    "alert_log, the newest": ("SELECT * FROM alert_log ORDER BY created DESC LIMIT 50", ""),
    "alert_log of an event": ("SELECT * FROM alert_log WHERE event = ? ORDER BY created", "events"),
}

Ask = Callable[[Archive, Samples, int], object]


def _one(values: Sequence[str], run: int) -> str:
    return values[run % len(values)]


# The verbs behind the commands.
VERBS: Mapping[str, Ask] = {
    "timeline": lambda archive, of, run: archive.queries.timeline(_one(of.events, run)),
    "timeline --all": lambda archive, of, run: archive.queries.timeline(_one(of.events, run), all_verdicts=True),
    "timeline --seen-by": lambda archive, of, run: archive.queries.timeline(
        _one(of.events, run), seen_by=moment(_one(of.times, run))
    ),
    "timeline of the war": lambda archive, of, _: archive.queries.timeline(of.war, last=200),
    "the picture of a timeline": lambda archive, of, run: archive.queries.timeline_of(_one(of.events, run)),
    "events by a part of the name": lambda archive, of, run: archive.queries.events(_one(of.names, run)),
    "events": lambda archive, _, __: archive.queries.events(),
    "figures": lambda archive, of, run: stood.figures(archive, _one(of.events, run)),
    "figures --as-of": lambda archive, of, run: stood.figures(
        archive, _one(of.events, run), as_of=moment(_one(of.times, run))
    ),
    "figures --seen-by": lambda archive, of, run: stood.figures(
        archive, _one(of.events, run), seen_by=moment(_one(of.times, run))
    ),
    "figures of the war": lambda archive, of, _: stood.figures(archive, of.war),
    "sources": lambda archive, of, run: archive.queries.sources(_one(of.events, run)),
    "status: counts": lambda archive, _, __: archive.queries.health(),
    "status: outlets": lambda archive, _, __: standing.sources(archive),
    "status: channels": lambda archive, _, __: archive.queries.channels(),
    "status: addresses": lambda archive, _, __: archive.queries.listings(),
    "alerts": lambda archive, _, __: archive.queries.alerts(20),
    "alerts that are owed": lambda archive, _, __: archive.queries.owed(),
    "preview": lambda archive, of, run: archive.queries.alert(_one(of.alerts, run)[:14]),
    "search a rare word": lambda archive, of, run: archive.queries.search(_one(of.rare, run), 20),
    "search a usual word": lambda archive, of, run: archive.queries.search(_one(of.usual, run), 20),
    "search two usual words": lambda archive, of, run: archive.queries.search(
        f"{_one(of.usual, run)} {_one(of.usual, run + 1)}", 20
    ),
    "search a usual and a rare word": lambda archive, of, run: archive.queries.search(
        f"{_one(of.usual, run)} {_one(of.rare, run)}", 20
    ),
    "search a phrase": lambda archive, of, run: archive.queries.search(_one(of.phrases, run), 20),
    "search a prefix": lambda archive, of, run: archive.queries.search(f"{_one(of.rare, run)[:4]}*", 20),
    "search a usual word, best first": lambda archive, of, run: archive.queries.search(
        _one(of.usual, run), 20, by_rank=True
    ),
    "search a rare word, best first": lambda archive, of, run: archive.queries.search(
        _one(of.rare, run), 20, by_rank=True
    ),
    "search in an outlet": lambda archive, of, run: archive.queries.search(
        _one(of.usual, run), 20, outlet=_one(of.outlets, run)
    ),
    "search, seen by": lambda archive, of, run: archive.queries.search(
        _one(of.usual, run), 20, seen_by=moment(_one(of.times, run))
    ),
    "explain": lambda archive, of, run: (
        archive.knowledge.has_change(of.changes[run % len(of.changes)]),
        archive.knowledge.change(of.changes[run % len(of.changes)]),
        archive.queries.told(of.changes[run % len(of.changes)]),
    ),
    "an article with its claims": lambda archive, of, run: archive.texts.text(of.revisions[run % len(of.revisions)]),
    "an article by its address": lambda archive, of, run: archive.texts.article(_one(of.urls, run)),
    "captures of an article": lambda archive, of, run: archive.captures.of_article(_one(of.urls, run)),
}


# The dashboard's own pages, and the tables that Datasette shows; {event} and the like as in `Samples`.
PAGES: Mapping[str, str] = {
    "start": "/",
    "event": "/events/{event}",
    "event, as JSON": "/events/{event}.json",
    "event at a time": "/events/{event}?seen_by={time}",
    "event, its picture": "/events/{event}/plot-killed-people-720.svg",
    "the war": "/events/{war}",
    "the war, its picture": "/events/{war}/plot-killed-people-720.svg",
    "article": "/articles/{article}",
    "watch": "/watches/everything",
    "a narrower watch": "/watches/floods",
    "watch, its feed": "/watches/everything.atom",
    "sources": "/sources",
    "search": "/search?q={words}",
    "alerts": "/alerts",
    "tables and SQL": "/archive",
    "table events": "/archive/events",
    "table claims": "/archive/claims",
    "view figure_history of an event": "/archive/figure_history?event={event}",
    "view current_figures of an event": "/archive/current_figures?event={event}",
    "view disagreements": "/archive/disagreements",
    "view source_health": "/archive/source_health",
    "view alert_log": "/archive/alert_log",
}

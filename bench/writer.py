"""A process that goes on writing into an archive as the daemon does: one page, one transaction."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

from archive import Archive
from bench.happenings import Happening, Prose
from bench.moulds import RULES, WATCHES
from bench.stories import OUTLETS, SYLLABLES
from model import Lead, Page, Reading, Via
from monitor import Monitor, collect_seldom
from telling import Teller

_HAPPENINGS = 200  # that are written about at one time
_OF_WAR = 0.1  # of the texts
_WARMING = 200  # texts before the clock is looked at: the first ones of an event read all that is known of it
_LOOKS = 50  # texts between two looks at the log of writes, as many as come in the daemon's four seconds
_WORDS = 20_000
_BODY = b" " * 90_000  # of a page
_OUTLETS = [f"outlet-{number}.example" for number in range(OUTLETS)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrote:
    """How a process wrote: texts a second at full speed, and at a pace; seconds that a text took then."""

    opening_s: float  # until the first text was in: what is live is read first
    full_per_s: float
    paced_per_s: float
    seconds: tuple[float, ...]


def war_of(path: Path) -> tuple[str, str, list[str]]:
    """The largest event of a stock: its id, its place, and the districts that its bodies count in."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        (event,) = db.execute("SELECT id FROM events ORDER BY articles DESC LIMIT 1").fetchone()
        ministries = db.execute(
            "SELECT DISTINCT source FROM series WHERE event = ? AND source LIKE '% health ministry'", [event]
        )
        districts = [source.split()[0] for (source,) in ministries]
    return event, event.split("-")[-2].capitalize(), districts


def write(path: Path, texts: int, per_s: float, ready: Event, stop: Event, told: Queue[Wrote]) -> None:
    """Take `texts` texts as fast as they go, say that it is `ready`, then `per_s` a second until told to stop."""
    collect_seldom()
    archive = Archive.open(path, captures=False)
    teller = Teller(archive, watches=WATCHES, rules=RULES, outlet_names={})
    monitor = Monitor(archive, watches=WATCHES, teller=teller, since=lambda _: None)
    stories = _readings(path)
    begun = time.perf_counter()
    _take(archive, monitor, next(one for one in stories if one.claims))
    opening = time.perf_counter() - begun
    for _ in range(_WARMING):
        _take(archive, monitor, next(stories))
    prepared = [next(stories) for _ in range(texts)]
    begun = time.perf_counter()
    for reading in prepared:
        _take(archive, monitor, reading)
    full = texts / (time.perf_counter() - begun)
    ready.set()
    seconds: list[float] = []
    began = due = time.perf_counter()
    while not stop.wait(max(0.0, due - time.perf_counter())):
        begun = time.perf_counter()
        _take(archive, monitor, next(stories))
        if len(seconds) % _LOOKS == 0:
            archive.upkeep.shorten_log()
        seconds.append(time.perf_counter() - begun)
        due += 1 / per_s
    paced = len(seconds) / (time.perf_counter() - began)
    archive.close()
    told.put(Wrote(opening_s=opening, full_per_s=full, paced_per_s=paced, seconds=tuple(seconds)))


def _readings(path: Path) -> Iterator[Reading]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:  # a kept archive is written other texts
        chance = random.Random(db.execute("SELECT MAX(id) FROM revisions").fetchone()[0])
    prose = Prose(chance, vocabulary=_WORDS)
    _, place, districts = war_of(path)
    war = [Happening(place, one, chance=chance, prose=prose, outlets=_OUTLETS) for one in districts]
    others = [
        Happening(_name(chance), _name(chance), chance=chance, prose=prose, outlets=_OUTLETS)
        for _ in range(_HAPPENINGS)
    ]
    while True:
        happening = chance.choice(war if war and chance.random() < _OF_WAR else others)
        yield happening.tell(datetime.now(UTC)).reading


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=4)).capitalize()


def _take(archive: Archive, monitor: Monitor, reading: Reading) -> None:
    """Keep a page as the daemon keeps it: that it was found and fetched, its text, and what came of it."""
    article, now = reading.article, datetime.now(UTC)
    assert article is not None
    lead = Lead(url=article.url, key=article.url, outlet=article.outlet, via=Via.FEED, found=now)
    page = Page(
        url=article.url,
        final_url=article.url,
        outlet=article.outlet,
        fetched=now,
        milliseconds=200,
        status=200,
        body=_BODY,
    )
    with archive.atomic():
        archive.polling.add_leads([lead], now, baseline=False)
        taken = monitor.take(reading, fetched=now)
        archive.polling.record_fetch(page, taken.outcome, taken.detail, listing=False)
        archive.polling.settle_lead(lead.key, outcome=taken.outcome, article=article.url, failed=False, due=now)

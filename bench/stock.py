"""An archive as it is after a year: a million articles and five million claims, as a Monitor would have kept them.

`python -m bench.stock FILE [--size N]` makes one. Some dozen happenings are told to a real Monitor (`bench.moulds`);
each is then cast as often as it takes: tens of thousands of small events, some hundred large ones, and a war with a
twentieth of all articles, all interleaved as they would have arrived. A fifth of the articles hold no figures. Beside
them stands what the crawl leaves: feeds, fetches of 90 days, the frontier, captures (their rows, not the files).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sqlite3
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from archive import Archive
from archive.rows import text
from bench.happenings import VOCABULARY, Prose
from bench.moulds import BEGIN, DISTRICT, PLACE, TEXT, WATCHES, Mould, Row, Take, columns, make, quoted
from bench.stories import OUTLETS
from extract import echo
from model import Article, ArticleKind, Outlet
from monitor import READER_VERSION

PERIOD = timedelta(days=365)
FETCHES_KEPT = timedelta(days=90)
FEEDS_PER_OUTLET = 2
QUIET = 0.2  # of all articles: without a figure, so in no event
WAR = 0.05  # of all articles
_FRONTS = 20  # of the war: each with outlets and bodies of its own, so that no two have a series in common
_SIZES = (1, 2, 3, 4, 6, 8, 12, 18, 27, 40, 60, 90, 140, 220, 400, 800)  # texts of an event; each is as much in all
_VARIANTS = 4  # of a small event
_SMALL = 12
_AT_ONCE = 20_000  # texts of a transaction
_TOGETHER = 64 * 1024 * 1024  # bytes of the full-text index that are gathered before they are written
_USUALLY = 1024 * 1024  # the same as FTS5 has it
_CACHE_MB = 1_500
_READ_AGAIN = 3  # fetches of a page beside the one that brought its text
_POLLS_A_DAY = 40  # of a feed, as its pace slackens
_LEAST_WORDS = 2_000
_WAITING = 400  # addresses that nobody has visited yet
_NOTHING = 0.03  # of all addresses held no article
_LADDER = timedelta(days=30)  # so long an article is read again
_OUTLETS = [f"outlet-{number}.example" for number in range(OUTLETS)]
_SENT_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")  # in an alert: the moulds' times are whole seconds
_OUTLET = re.compile(r"\boutlet-(\d+)\.example")


def outlets() -> list[Outlet]:
    """The outlets of a stock, as a configuration would have them."""
    return [
        Outlet(
            id=outlet,
            name=f"Outlet {number}",
            homepage=f"https://{outlet}/",
            feeds=tuple(f"https://{outlet}/feed-{feed}" for feed in range(FEEDS_PER_OUTLET)),
        )
        for number, outlet in enumerate(_OUTLETS)
    ]


def make_stock(path: Path, size: int, *, until: datetime, quiet: bool = False) -> None:
    """Make an archive of `size` articles, the last of them just before `until`."""
    chance = random.Random(1)
    prose = Prose(chance, vocabulary=min(VOCABULARY, _LEAST_WORDS + size))
    with closing(Archive.open(path, captures=False)) as archive, archive.atomic():
        archive.polling.sync(outlets(), until - PERIOD)
        archive.knowledge.sync_watches(WATCHES, until - PERIOD)
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_MB * 1024}"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("INSERT INTO revisions_fts(revisions_fts, rank) VALUES ('hashsize', ?)", [_TOGETHER])
    foundry = _Foundry(db, chance=chance, prose=prose, until=until)
    foundry.cast(size, quiet=quiet)
    db.execute("INSERT INTO revisions_fts(revisions_fts, rank) VALUES ('hashsize', ?)", [_USUALLY])
    foundry.crawl()
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


class _Numbers(dict[object, int]):
    """The ids of a mould's table -> those of a cast, dealt in the order in which they are first asked for."""

    def __init__(self, dealt: Iterator[int]) -> None:
        self._dealt = dealt

    def __missing__(self, old: object) -> int:
        new = self[old] = next(self._dealt)
        return new


@dataclass(kw_only=True, slots=True)
class _Cast:
    """A mould at another place and time."""

    mould: Mould
    place: str
    district: str
    shift: timedelta
    rotation: int  # by so much the outlets are others
    event: str | None  # the event that it is a part of; None: one of its own
    names: tuple[tuple[str, str], ...] = ()
    kinds: dict[str, Callable[[object], object]] = field(default_factory=dict)
    event_ids: dict[object, str] = field(default_factory=dict)
    bodies: dict[int, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)

    def begin(self, dealt: dict[str, Iterator[int]]) -> None:
        """Be ready to change rows."""
        names = ((PLACE, self.place), (DISTRICT, self.district))
        self.names = (*names, *((old.lower(), new.lower()) for old, new in names))
        self.kinds = {table: _Numbers(numbers).__getitem__ for table, numbers in dealt.items()}
        self.kinds |= {
            "event": self.event_id,
            "key": self.key,
            "time": self.time,
            "words": self.words,
            "data": self.data,
        }

    def row(self, row: Row) -> list[object]:
        """A row of the mould as it is in the cast."""
        values = list(row.values)
        for place, kind in row.changes:
            values[place] = self.kinds[kind](values[place])
        return values

    def words(self, said: object) -> str:
        """A text with the cast's names."""
        new = str(said)
        for old, name in self.names:
            new = new.replace(old, name)
        return _OUTLET.sub(self._outlet, new) if self.rotation else new

    def _outlet(self, found: re.Match[str]) -> str:
        return _OUTLETS[(int(found[1]) + self.rotation) % OUTLETS]

    def time(self, old: object) -> str:
        """A time of the mould in the cast."""
        new = self.times.get(str(old))
        if new is None:
            new = self.times[str(old)] = text(datetime.fromisoformat(str(old)) + self.shift)
        return new

    def event_id(self, old: object) -> str:
        """The id of an event of the mould in the cast."""
        if self.event is not None:
            return self.event
        new = self.event_ids.get(old)
        if new is None:
            day, words = text(datetime.fromisoformat(f"{str(old)[:10]}T00:00:00Z") + self.shift)[:10], str(old)[10:-6]
            new = self.event_ids[old] = f"{day}{self.words(words)}{_hash(f'{old}{self.place}')[:6]}"
        return new

    def key(self, old: object) -> str:
        """The key of an alert of the mould in the cast."""
        return f"alert_{_hash(f'{old}{self.place}{self.district}')[:32]}"

    def data(self, old: object) -> str:
        """An alert as it is kept."""
        new = re.sub(r"alert_[0-9a-f]{32}", lambda found: self.key(found[0]), str(old))
        for row in self.mould.at_end["events"]:
            new = new.replace(str(row.values[0]), self.event_id(row.values[0]))
        return self.words(_SENT_TIME.sub(lambda found: self.time(found[0]), new))


def _hash(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """An article, for what the crawl keeps of it."""

    url: str
    outlet: str
    title: str
    seen: datetime


class _Foundry:
    """Casts moulds into an archive."""

    def __init__(self, db: sqlite3.Connection, *, chance: random.Random, prose: Prose, until: datetime) -> None:
        self._db, self._random, self._prose, self._until = db, chance, prose, until
        numbered = (
            "articles",
            "revisions",
            "claims",
            "figures",
            "changes",
            "series",
            "deliveries",
            "standings",
            "resettled",
        )
        self._dealt: dict[str, Iterator[int]] = {table: count(1) for table in numbered}
        self._columns = {
            row[0]: columns(db, row[0]) for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._names: set[str] = set()
        self._known: list[_Known] = []
        self._war: dict[str, list[object]] = {}

    # ------------------------------------------------------------------------------------------------- plan

    def cast(self, size: int, *, quiet: bool) -> None:
        """Cast so many articles, in the order of their times."""
        casts, plan = self._planned(size)
        live: dict[int, _Cast] = {}
        left = [len(cast.mould.takes) for cast in casts]
        console = Console(stderr=True)
        shown = track(plan, description="casting", console=console, disable=quiet or not sys.stderr.isatty())
        for done, (seen, number, place) in enumerate(shown, 1):
            if number < 0:
                self._add_quiet(seen)
            else:
                cast = live.get(number)
                if cast is None:
                    cast = live[number] = casts[number]
                    cast.begin(self._dealt)
                self._add(cast, cast.mould.takes[place])
                left[number] -= 1
                if not left[number]:
                    self._end(live.pop(number))
            if done % _AT_ONCE == 0:
                self._flush()
        for row in self._war.values():
            self._put("events", row)
        self._flush()
        for war in self._war:  # its fronts were told apart: what their sources disagree about is gathered anew
            self._db.execute("DELETE FROM spreads WHERE event = ?", [war])
            self._db.execute("UPDATE series SET current_figure = current_figure WHERE event = ?", [war])

    def _planned(self, size: int) -> tuple[list[_Cast], list[tuple[datetime, int, int]]]:
        """All casts, and their texts in order: (time, cast, place in its mould); one without figures is of cast -1."""
        casts = [*self._events(round(size * (1 - QUIET - WAR))), *self._fronts(round(size * WAR))]
        plan = [
            (take.seen + cast.shift, number, place)
            for number, cast in enumerate(casts)
            for place, take in enumerate(cast.mould.takes)
        ]
        articles = sum(take.number == 1 for cast in casts for take in cast.mould.takes)
        for _ in range(size - articles):
            plan.append((self._until - PERIOD * self._random.random(), -1, 0))
        return casts, sorted(plan)

    def _events(self, articles: int) -> Iterator[_Cast]:
        each = articles / len(_SIZES)
        for texts in _SIZES:
            if texts > each:
                break
            moulds = [self._mould(texts, _OUTLETS) for _ in range(_VARIANTS if texts <= _SMALL else 1)]
            left = each if texts < _SIZES[-1] else articles - each * (len(_SIZES) - 1)
            while left > 0:
                mould = self._random.choice(moulds)
                left -= sum(take.number == 1 for take in mould.takes)
                lasts = mould.last - BEGIN
                starts = self._until - PERIOD + (PERIOD - lasts) * self._random.random()
                yield self._new_cast(mould, starts - BEGIN, place=self._name())

    def _fronts(self, articles: int) -> Iterator[_Cast]:
        each = OUTLETS // _FRONTS
        mould = self._mould(max(1, round(articles / _FRONTS / 0.92)), _OUTLETS[:each], lasts=PERIOD, as_one=True)
        place = self._name()
        event = f"{text(self._until - PERIOD)[:10]}-war-in-{place.lower()}-{_hash(place)[:6]}"
        for front in range(_FRONTS):
            shift = self._until - mould.last - timedelta(minutes=front + 1)
            yield self._new_cast(mould, shift, place=place, event=event, rotation=front * each)

    def _mould(
        self, texts: int, of_outlets: list[str], *, lasts: timedelta | None = None, as_one: bool = False
    ) -> Mould:
        lasts = lasts or timedelta(days=min(0.5 * texts**0.75, 120))
        return make(texts, lasts, chance=self._random, prose=self._prose, outlets=of_outlets, as_one=as_one)

    def _new_cast(
        self, mould: Mould, shift: timedelta, *, place: str, event: str | None = None, rotation: int = 0
    ) -> _Cast:
        return _Cast(mould=mould, place=place, district=self._name(), shift=shift, event=event, rotation=rotation)

    def _name(self) -> str:
        """A name of nine letters that no other place has."""
        while True:
            letters = [self._random.choice("bcdfghjklmnprtvz" if i % 2 == 0 else "aeiou") for i in range(len(PLACE))]
            name = "".join(letters).capitalize()
            if name not in self._names:
                self._names.add(name)
                return name

    # ------------------------------------------------------------------------------------------------- texts

    def _put(self, table: str, values: Iterable[object]) -> None:
        self._rows.setdefault(table, []).append(tuple(values))

    def _add(self, cast: _Cast, take: Take) -> None:
        """One text of a cast with all that came of it."""
        cast.times.clear()
        body = cast.bodies.get(take.body)
        if body is None:
            body = cast.bodies[take.body] = (self._prose.body(cast.place), self._sketch())
        article = replace(
            take.article,
            url=cast.words(take.article.url),
            outlet=cast.words(take.article.outlet),
            title=cast.words(take.article.title),
            text=cast.words(take.head) + body[0],
        )
        for row in take.rows.get("articles", ()):
            self._put("articles", cast.row(row))
        (row,) = take.rows["revisions"]
        revision = cast.row(row)
        self._fill(revision, article, body[1])
        if take.number > 1:
            self._put("edited", (revision[0], revision[1]))
        if take.keyed:
            for key in echo.keys(body[1]):
                self._put("echo_keys", (key, revision[0]))
        for table in ("claims", "figures", "changes", "alerts"):
            for row in take.rows.get(table, ()):
                self._put(table, cast.row(row))
        for row in take.rows.get("deliveries", ()):
            self._put("deliveries", self._delivered(cast.row(row)))
        self._keep_crawled(article, take.seen + cast.shift, revision[0], first=take.number == 1)

    def _fill(self, revision: list[object], article: Article, sketch: tuple[int, ...]) -> None:
        """Put the text into the row of a revision, and the row where it belongs."""
        reading_text = article.reading_text
        filled = {
            "sha256": _hash(f"{article.title}\n{article.text}"),
            "sketch": struct.pack(f"<{len(sketch)}q", *sketch),
            "title": article.title,
            "body_start": len(reading_text) - len(article.text),
            "reading_text": reading_text,
        }
        names = self._columns["revisions"]
        for name in TEXT:
            revision[names.index(name)] = filled[name]
        self._put("revisions", revision)

    def _sketch(self) -> tuple[int, ...]:
        """A sketch as a text of its own would have it: the smallest hashes of some hundred."""
        return tuple(sorted(n >> 8 for n in struct.unpack(f"<{echo.SKETCH_SIZE}Q", self._random.randbytes(512))))

    def _delivered(self, row: list[object]) -> list[object]:
        """A delivery that has ended, as most have."""
        names, fate = self._columns["deliveries"], self._random.random()
        state = "delivered" if fate < 0.99 else "dead" if fate < 0.997 else "owed"
        ended: dict[str, object] = {"state": state, "attempts": 1, "next_try": None}
        if state == "delivered":
            ended["delivered_at"] = row[names.index("owed_since")]
        else:
            ended |= {"attempts": 40, "last_error": "the receiver answered 500"}
        if state == "owed":
            ended["next_try"] = text(self._until + timedelta(hours=1))
        for name, value in ended.items():
            row[names.index(name)] = value
        return row

    def _add_quiet(self, seen: datetime) -> None:
        """An article without figures."""
        article_id, revision_id = next(self._dealt["articles"]), next(self._dealt["revisions"])
        outlet = self._random.choice(_OUTLETS)
        title = " ".join(self._prose.some(6)).capitalize()
        article = Article(
            url=f"https://{outlet}/{article_id}",
            outlet=outlet,
            title=title,
            text=self._prose.body(title.split(" ", 1)[0]),
            published=seen - timedelta(minutes=5),
        )
        published, at, sketch = text(article.published or seen), text(seen), self._sketch()
        self._put("articles", (article_id, article.url, outlet, at, published, revision_id, article.url))
        row = dict.fromkeys(self._columns["revisions"]) | {
            "id": revision_id, "article_id": article_id, "number": 1, "language": "en",
            "kind": str(ArticleKind.ARTICLE),
            "published": published, "fetched": at, "stated": published, "reader_version": READER_VERSION,
        }  # fmt: skip
        self._fill(list(row.values()), article, sketch)
        for key in echo.keys(sketch):
            self._put("echo_keys", (key, revision_id))
        self._keep_crawled(article, seen, revision_id, first=True)

    def _keep_crawled(self, article: Article, seen: datetime, revision_id: object, *, first: bool) -> None:
        """The capture of a text, and the address at which it was found."""
        at = text(seen)
        file = f"tollwatch-{at[:10].replace('-', '')}000000-1.warc.gz"
        self._put(
            "captures",
            (
                None,
                revision_id,
                article.url,
                at,
                file,
                self._random.randrange(2**28),
                21_000,
                _hash(article.url),
                90_000,
            ),
        )
        known = _Known(url=article.url, outlet=article.outlet, title=article.title, seen=seen)
        if self._until - seen < FETCHES_KEPT:
            self._known.append(known)
        if first:
            due = (
                text(self._until + timedelta(days=self._random.random() * 3)) if self._until - seen < _LADDER else None
            )
            self._frontier(known, due=due, last_outcome="new_article", article=article.url)

    def _frontier(self, known: _Known, *, due: str | None, last_outcome: str | None, article: str | None) -> None:
        at = text(known.seen - timedelta(seconds=40))
        self._put("frontier", (
            known.url, known.url, known.outlet, "feed", at, known.title, at, None, due, 0, last_outcome, 0, article,
        ))  # fmt: skip

    def _end(self, cast: _Cast) -> None:
        """What is known of a cast's event in the end."""
        for table, rows in cast.mould.at_end.items():
            if table == "pending" and cast.mould.last + cast.shift < self._until - timedelta(days=1):
                continue
            for row in rows:
                values = cast.row(row)
                if table == "events" and cast.event is not None:
                    self._join_war(values)
                else:
                    self._put(table, values)
        cast.bodies.clear()
        cast.kinds.clear()

    def _join_war(self, values: list[object]) -> None:
        """Count a front's event to the war."""
        names = self._columns["events"]
        articles, name = names.index("articles"), names.index("name")
        values[names.index("watch")] = None
        war = self._war.setdefault(str(values[0]), values)
        war[name] = f"War in {str(values[0]).split('-')[-2].capitalize()}"
        if war is not values:
            war[articles] = int(str(war[articles])) + int(str(values[articles]))
            for column, pick in (("opened", min), ("last_seen", max)):
                place = names.index(column)
                war[place] = pick(str(war[place]), str(values[place]))

    # -------------------------------------------------------------------------------------------------- rows

    def _flush(self) -> None:
        self._db.execute("BEGIN")
        for table, rows in self._rows.items():
            if table == "edited":
                self._db.executemany("UPDATE articles SET revision_id = ? WHERE id = ?", rows)
                continue
            names = self._columns[table]
            self._db.executemany(
                f"INSERT OR IGNORE INTO {table} ({quoted(names)}) VALUES ({', '.join('?' * len(names))})", rows
            )
        self._db.execute("COMMIT")
        self._rows.clear()

    def crawl(self) -> None:
        """What the crawl leaves behind: addresses that held nothing or wait, and the fetches of the last months."""
        chance = self._random
        total = self._db.execute("SELECT MAX(id) FROM articles").fetchone()[0]
        for number in range(round(total * _NOTHING)):
            self._frontier(self._other(number), due=None, last_outcome="not_an_article", article=None)
        for number in range(_WAITING):
            self._frontier(self._other(-1 - number), due=text(self._until), last_outcome=None, article=None)
        self._flush()
        pages: list[tuple[datetime, _Known | None, bool]] = [(one.seen, one, True) for one in self._known]
        pages += [
            (one.seen + (self._until - one.seen) * chance.random(), one, False)
            for one in self._known
            for _ in range(_READ_AGAIN)
        ]
        begin = self._until - FETCHES_KEPT
        polls = round(len(_OUTLETS) * FEEDS_PER_OUTLET * _POLLS_A_DAY * FETCHES_KEPT.days * total / 1_000_000)
        pages += [(begin + FETCHES_KEPT * (number / polls), None, False) for number in range(polls)]
        pages.sort(key=lambda page: page[0])
        for done, (at, one, new) in enumerate(pages, 1):
            self._put("fetches", self._fetch(text(at), one, new=new))
            if done % _AT_ONCE == 0:
                self._flush()
        self._flush()
        self._settle_feeds()

    def _other(self, number: int) -> _Known:
        outlet = self._random.choice(_OUTLETS)
        return _Known(url=f"https://{outlet}/other/{number}", outlet=outlet, title="", seen=self._until)

    def _fetch(self, at: str, one: _Known | None, *, new: bool) -> tuple[object, ...]:
        fails = self._random.random()
        failed = (None, 503, "server_error", "the server answered 503") if fails < 0.01 else None
        if one is not None:
            status, outcome, detail = (200, "new_article" if new else "unchanged", "")
            if failed and not new:
                _, status, outcome, detail = failed
            return (None, at, one.url, one.outlet, "page", status, 90_000, 210, outcome, detail)
        outlet = self._random.choice(_OUTLETS)
        url = f"https://{outlet}/feed-{self._random.randrange(FEEDS_PER_OUTLET)}"
        status, outcome, detail = (304, "not_modified", "") if fails < 0.7 else (200, "listed", "")
        if failed:
            _, status, outcome, detail = failed
        return (None, at, url, outlet, "listing", status, 0 if status == 304 else 30_000, 90, outcome, detail)

    def _settle_feeds(self) -> None:
        now = text(self._until)
        self._db.execute(
            """UPDATE feeds SET interval_s = 900, gap_s = 1800, due = ?1, first_polled = ?2, last_success = ?1,
            last_news = ?1, last_outcome = 'listed', last_detail = ''""",
            [now, text(self._until - PERIOD)],
        )
        self._db.execute("UPDATE outlets SET first_polled = ?", [text(self._until - PERIOD)])
        self._db.executemany("INSERT INTO hosts VALUES (?, ?)", [(outlet, now) for outlet in _OUTLETS])


def main() -> None:
    """Make one; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.stock", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--size", type=int, default=1_000_000, help="articles")
    arguments = parser.parse_args()
    make_stock(arguments.file, arguments.size, until=datetime.now(UTC))


if __name__ == "__main__":
    main()

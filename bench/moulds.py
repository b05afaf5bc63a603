"""A happening as a real Monitor kept it: all rows, in the order in which its texts were taken, ready to be cast.

A cast is the same happening at another place and time, under other numbers: the rows are the mould's, with the ids,
times and names changed. So whatever holds between rows that a Monitor wrote holds between those of a cast.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from archive import Archive
from bench.happenings import Happening, Prose
from model import Article, Rule, Watch
from monitor import Monitor
from telling import Teller

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PLACE, DISTRICT = "Qomarulen", "Vebudasil"  # nine letters, as each place of a cast has: offsets stay right
WATCHES = (Watch(id="everything", name="Everything"), Watch(id="floods", name="Floods", any=("flood",)))
RULES = (
    Rule(name="all", channels=("desk",), watches=("everything",)),
    Rule(name="floods", channels=("letter",), watches=("floods",)),
)

_A_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_MARKS = (PLACE, PLACE.lower(), DISTRICT, DISTRICT.lower(), "outlet-")
_OF_TEXTS = ("articles", "revisions", "claims", "figures", "changes", "alerts", "deliveries")
_AT_END = (
    "events",
    "event_articles",
    "event_watches",
    "series",
    "sources",
    "told",
    "pending",
    "standings",
    "resettled",
    "spreads",
)
_NOT_CAST = {
    "echo_keys",
    "watches",
    "row_counts",
    "channel_counts",
}  # made anew with each text; the same for all; kept up
_IDS = {
    "article_id": "articles",
    "revision_id": "revisions",
    "echo_of": "revisions",
    "claim_id": "claims",
    "figure_id": "figures",
    "previous_figure_id": "figures",
    "current_figure": "figures",
    "change_id": "changes",
    "series_id": "series",
}
TEXT = ("sha256", "sketch", "title", "body_start", "reading_text")  # of a revision: each cast has its own
_KINDS = {"event": "event", "merged_into": "event", "key": "key", "alert_key": "key", "data": "data"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row of a mould, and what of it is another in each cast: (place in the row, kind)."""

    values: tuple[object, ...]
    changes: tuple[tuple[int, str], ...]


@dataclass(kw_only=True, slots=True)
class Take:
    """What was kept with one text, and the text itself; `body` is the same number in texts that share one."""

    seen: datetime
    article: Article
    head: str
    body: int
    number: int  # of the article's texts
    keyed: bool  # whether it can be found by what it says
    rows: dict[str, list[Row]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mould:
    """One happening: its texts in order, then what is known of it in the end."""

    takes: tuple[Take, ...]
    at_end: Mapping[str, Sequence[Row]]
    last: datetime


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table that are stored."""
    return [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})") if row[6] == 0]


def quoted(names: Iterable[str]) -> str:
    """Column names for a statement."""
    return ", ".join(f'"{name}"' for name in names)


def make(
    texts: int,
    lasts: timedelta,
    *,
    chance: random.Random,
    prose: Prose,
    outlets: Sequence[str],
    as_one: bool = False,
) -> Mould:
    """Let a Monitor take `texts` texts about one happening within `lasts`; `as_one` holds them all to one event."""
    happening = Happening(PLACE, DISTRICT, chance=chance, prose=prose, outlets=outlets)
    archive = Archive.in_memory()
    watches = (replace(WATCHES[0], single=as_one), *WATCHES[1:])
    teller = Teller(archive, watches=watches, rules=RULES, outlet_names={})
    monitor = Monitor(archive, watches=watches, teller=teller, since=lambda _: None)
    db = archive._db.conn  # a cast is made of rows, of which no verb tells
    takes: dict[int, Take] = {}
    bodies: dict[int, int] = {}
    numbers: Counter[str] = Counter()
    told: list[tuple[int, int]] = []
    kept: list[object] = []  # what is looked up by its id must not be let go
    moment = BEGIN
    for share in sorted(chance.random() ** 2 for _ in range(texts)):
        moment = max(BEGIN + timedelta(seconds=int(lasts.total_seconds() * share)), moment + timedelta(seconds=61))
        one = happening.tell(moment - timedelta(seconds=60))
        taken = monitor.take(one.reading, fetched=moment)
        teller.release(moment)
        article = one.reading.article
        assert article is not None
        kept.append(one.body)
        numbers[article.url] += bool(taken.revisions)
        for revision in taken.revisions:
            keyed = db.execute("SELECT 1 FROM echo_keys WHERE revision_id = ?", [revision]).fetchone() is not None
            takes[revision] = Take(
                seen=moment,
                article=article,
                head=article.text.removesuffix(one.body),
                body=bodies.setdefault(id(one.body), len(bodies)),
                number=numbers[article.url],
                keyed=keyed,
            )
            told.append((_last(db, "alerts"), revision))
    _sort(db, takes, told)
    at_end = {table: list(_rows(db, table).values()) for table in _AT_END}
    archive.close()
    return Mould(takes=tuple(takes.values()), at_end=at_end, last=moment)


def _last(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT IFNULL(MAX(rowid), 0) FROM {table}").fetchone()[0])


def _rows(db: sqlite3.Connection, table: str) -> dict[object, Row]:
    names = columns(db, table)
    own = "ROWID" if table in ("alerts", "deliveries", "articles") else names[0]
    rows = [tuple(row) for row in db.execute(f"SELECT {own}, {quoted(names)} FROM {table} ORDER BY 1")]
    return {
        (number if table in _OF_TEXTS else place): _row(table, names, values)
        for place, (number, *values) in enumerate(rows)
    }


def _row(table: str, names: Iterable[str], values: Sequence[object]) -> Row:
    changes = [
        (place, kind)
        for place, (name, value) in enumerate(zip(names, values, strict=True))
        if (kind := _kind(table, name, value)) is not None
    ]
    return Row(values=tuple(values), changes=tuple(changes))


def _kind(table: str, name: str, value: object) -> str | None:
    """What becomes of a value in a cast; None where it stays."""
    if value is None or (table == "revisions" and name in TEXT):
        return None
    if name == "id":
        return "event" if table == "events" else table
    if name in _IDS or name in _KINDS:
        return _IDS.get(name) or _KINDS[name]
    if not isinstance(value, str):
        return None
    if _A_TIME.fullmatch(value):
        return "time"
    return "words" if any(mark in value for mark in _MARKS) else None


def _sort(db: sqlite3.Connection, takes: Mapping[int, Take], told: Sequence[tuple[int, int]]) -> None:
    """Put all rows that came with a text to it."""
    of_article: dict[int, int] = {}
    for revision, article in db.execute("SELECT id, article_id FROM revisions ORDER BY id"):
        of_article.setdefault(article, revision)
    of_alert: dict[str, int] = {}
    alerts = list(db.execute("SELECT rowid, key FROM alerts ORDER BY rowid"))
    for number, key in alerts:
        of_alert[key] = next(revision for until, revision in told if number <= until)
    owner = {
        "articles": of_article,
        "revisions": {revision: revision for revision in takes},
        "claims": dict(db.execute("SELECT id, revision_id FROM claims")),
        "figures": dict(db.execute("SELECT id, revision_id FROM figures")),
        "changes": dict(db.execute("SELECT c.id, f.revision_id FROM changes c JOIN figures f ON f.id = c.figure_id")),
        "alerts": {number: of_alert[key] for number, key in alerts},
        "deliveries": {row[0]: of_alert[row[1]] for row in db.execute("SELECT id, alert_key FROM deliveries")},
    }
    db.executemany("UPDATE articles SET revision_id = ? WHERE id = ?", [(r, a) for a, r in of_article.items()])
    for table in _OF_TEXTS:
        for number, row in _rows(db, table).items():
            assert isinstance(number, int)
            takes[owner[table][number]].rows.setdefault(table, []).append(row)
    _refuse_others(db)


def _refuse_others(db: sqlite3.Connection) -> None:
    """Fail where a table has rows of which no cast would tell."""
    tables = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*fts*' AND name NOT GLOB '_sqlite*'"
    ).fetchall()
    for (name,) in tables:
        if name not in {*_OF_TEXTS, *_AT_END, *_NOT_CAST} and not name.startswith("sqlite_"):
            assert db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is None, f"bench/moulds.py leaves out {name}"

"""Articles through the change detection as if they were published in that order: the way to try a rule on the past.

Nothing is fetched, nothing is delivered, and no archive but a fresh one in memory is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isinf
from pathlib import Path
from typing import Any

from alerts.rules import channels_for
from archive import Archive
from cli.reading import language_of
from extract.intervals import anchor, interval
from model import Article, ArticleKind, Change, Figure, InputError, Level, Rule, Watch
from monitor import Monitor, read_claims_of
from telling import Teller

_REQUIRED = ("id", "url", "outlet", "text")
_UNDATED_STEP = timedelta(minutes=1)  # an article without a time follows the one before it
EVERYTHING = Watch(id="everything", name="Everything")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One article of a replay, under the id by which its changes are reported."""

    id: str
    article: Article


def read_entries(lines: Iterable[str], where: str) -> Iterator[Entry]:
    """Articles out of JSON Lines. Raises InputError, which names the line, where one is not what it should be."""
    last = datetime(1970, 1, 1, tzinfo=UTC)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            entry = read_entry(line, f"{where}, line {number}", undated=last + _UNDATED_STEP)
            last = entry.article.published or last
            yield entry


def read_entry(line: str, where: str, *, undated: datetime | None) -> Entry:
    """The article of one line; `undated` is the time of one that gives none. Raises InputError naming the line."""
    try:
        given = json.loads(line)
    except ValueError as error:
        raise InputError(where=where, what=f"is no JSON ({error})", remedy="give one JSON object a line") from error
    missing = [key for key in _REQUIRED if not isinstance(given, dict) or given.get(key) is None]
    if missing:
        raise InputError(where=where, what=f"lacks {', '.join(missing)}", remedy=f"give {', '.join(_REQUIRED)}")
    if not isinstance(given.get("lang"), str | None):
        raise InputError(where=where, what="has a lang that is no text", remedy='give "en", or null')
    article = Article(
        url=str(given["url"]),
        outlet=str(given["outlet"]),
        title=str(given.get("title") or ""),
        text=str(given["text"]),
        published=_time(given.get("published"), where) or undated,
        language=language_of(str(given["text"]), given.get("lang")),
    )
    return Entry(id=str(given["id"]), article=article)


def entries_of(file: Path, *, since: datetime | None, until: datetime | None) -> Iterator[Entry]:
    """The texts of an archive between two times (UTC), as they were published; the archive is only read."""
    archive = Archive.open_read_only(file)
    try:
        rows = archive.queries.revisions(_bound(since, "0"), _bound(until, "9"))
    finally:
        archive.close()
    for row in rows:
        yield Entry(
            id=str(row["id"]),
            article=Article(
                url=row["url"],
                outlet=row["outlet"],
                title=row["title"],
                text=row["text"],
                published=datetime.fromisoformat(row["stated"]),
                language=row["language"],
                credit=row["credit"],
                kind=ArticleKind(row["kind"]),
            ),
        )


def _bound(moment: datetime | None, open_end: str) -> str:
    return open_end if moment is None else moment.isoformat()


def _time(written: object, where: str) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(str(written))
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        what = f"has a time that cannot be read ({written})"
        raise InputError(where=where, what=what, remedy="write it as 2026-03-10T08:00:00Z") from error
    return moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Judges:
    """Under whose eyes a replay runs: what is followed, and which changes go where (no rule: all are told)."""

    watches: tuple[Watch, ...] = (EVERYTHING,)
    rules: tuple[Rule, ...] = ()

    def tell(self, change: Change, watches: Iterable[str]) -> bool:
        """Whether a change would be told at once."""
        if not self.rules:
            return change.level is Level.NOW
        return Level.NOW in channels_for(change, list(watches), self.rules).values()


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """One verdict of a replay, and whether it would have been told at once."""

    entry: Entry
    change: Change
    told: bool


def replay(entries: Iterable[Entry], judges: Judges = Judges()) -> Iterator[Replayed]:
    """The verdicts on every figure of every article, in order; the clock is the articles' own."""
    archive = Archive.in_memory()
    teller = Teller(archive, watches=judges.watches, rules=[], outlet_names={})
    monitor = Monitor(archive, watches=judges.watches, teller=teller, since=lambda _: None)
    try:
        for entry in entries:
            article = entry.article
            reading = read_claims_of(article.url, article)
            taken = monitor.take(reading, fetched=article.published or datetime.now(UTC))
            watches = archive.events.followers(taken.event) if taken.event else frozenset()
            for change in taken.changes:
                yield Replayed(entry=entry, change=change, told=bool(watches) and judges.tell(change, watches))
    finally:
        archive.close()


def told_then(file: Path, *, since: datetime | None, until: datetime | None) -> list[dict[str, Any]]:
    """What an archive's owner was told at once between two times (UTC), as `compare` sets it against a replay."""
    archive = Archive.open_read_only(file)
    try:
        return archive.queries.told_at_once(_bound(since, "0"), _bound(until, "9"))
    finally:
        archive.close()


_COMPARED = ("url", "outcome", "who", "subset", "number", "kind")


def compare(replayed: Iterable[Replayed], then: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every change that was told, or would be told now: `told` says `both`, `then` or `now`."""
    was = {tuple(row[name] for name in _COMPARED): row for row in then}
    rows: list[dict[str, Any]] = []
    for one in replayed:
        if one.told:
            row = _compared(one)
            key = tuple(row[name] for name in _COMPARED)
            rows.append({"told": "both" if was.pop(key, None) else "now", **row})
    rows += [{"told": "then", **row} for row in was.values()]
    return sorted(rows, key=lambda row: (row["stated"], row["url"]))


def _compared(one: Replayed) -> dict[str, Any]:
    change, claim = one.change, one.change.to.claim
    stated = change.to.published or change.to.seen
    return {
        "stated": stated.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "url": one.entry.article.url,
        "outcome": str(claim.outcome),
        "who": str(claim.who),
        "subset": claim.subset,
        "number": anchor(claim),
        "kind": str(change.kind),
        "source": change.series.source,
        "reason": change.reason,
    }


def _number(figure: Figure | None) -> Mapping[str, Any] | None:
    if figure is None:
        return None
    claim = figure.claim
    said = {"low": claim.low, "high": claim.high, "qualifier": claim.qualifier, "phrase": claim.phrase}
    return {**said, "interval": _reach(figure)}


def _reach(figure: Figure) -> list[float | None]:
    reach = interval(figure.claim)
    return [reach.low, None if isinf(reach.high) else reach.high]


def as_json(one: Replayed) -> dict[str, Any]:
    """A verdict as `tollwatch replay --jsonl` writes it."""
    entry, change = one.entry, one.change
    own_voice = change.series.source.startswith("outlet:")
    return {
        "article": entry.id,
        "event": change.series.event,
        "kind": change.kind,
        "outcome": change.series.outcome,
        "who": change.series.who,
        "subset": change.series.subset,
        "source": None if own_voice else change.series.source,
        "source_text": change.to.claim.source_text,
        "from": _number(change.previous),
        "to": _number(change.to),
        "level": change.level,
        "alert": one.told,
        "silent_edit": change.silent_edit,
        "attached": list(change.attached),
        "row": change.row,
        "reason": change.reason,
        "quote": change.to.quote,
        "previous_quote": None if change.previous is None else change.previous.quote,
    }

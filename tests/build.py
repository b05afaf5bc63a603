"""Claims, figures and articles made by hand, for tests that are about what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from extract.case import EventView
from model import Article, Claim, Cue, Figure, Outcome, Precision, Qualifier, Scope, SeriesKey, Vague, Who

START = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


def hour(n: float) -> datetime:
    """`n` hours after the start of the story."""
    return START + timedelta(hours=n)


def claim(n: int | Vague, qualifier: Qualifier = Qualifier.EXACT, **fields: Any) -> Claim:
    """A claim of `n` killed people; a vague word gives its kind instead of a number."""
    low: int | None = None
    high: int | None = None
    vague: Vague | None = None
    if isinstance(n, Vague):
        vague, qualifier = n, Qualifier.VAGUE
    else:
        low, high = _bounds(n, qualifier)
    phrase = str(n)
    values: dict[str, Any] = {
        "start": 0,
        "end": len(phrase),
        "phrase": phrase,
        "sentence_start": 0,
        "sentence_end": len(phrase),
        "low": low,
        "high": high,
        "qualifier": qualifier,
        "vague": vague,
        "outcome": Outcome.KILLED,
        "rule": "by hand",
    }
    return Claim(**{**values, **fields})


def _bounds(n: int, qualifier: Qualifier) -> tuple[int | None, int | None]:
    return {
        Qualifier.AT_LEAST: (n, None),
        Qualifier.MORE_THAN: (n + 1, None),
        Qualifier.UP_TO: (None, n),
        Qualifier.FEWER_THAN: (None, n - 1),
    }.get(qualifier, (n, n))


def figure(said: Claim, *, at: float = 0, source: str = "Ministry", url: str | None = None, **fields: Any) -> Figure:
    """A figure of `source`, true `at` hours after the start, in an article of its own unless `url` is given."""
    when = hour(at)
    values: dict[str, Any] = {
        "claim": said,
        "source": source,
        "party": source,
        "article_url": url or f"https://outlet.example/{source}/{at}/{said.phrase}",
        "outlet": "outlet",
        "quote": said.phrase,
        "quote_mark": (0, len(said.phrase)),
        "as_of": when,
        "as_of_precision": Precision.INSTANT,
        "seen": when,
        "published": when,
    }
    return Figure(**{**values, **fields})


def key(of: Figure) -> SeriesKey:
    """The series of a figure."""
    said = of.claim
    return SeriesKey(event="event", outcome=said.outcome, who=said.who, subset=said.subset, source=of.source)


def view(*figures: Figure, told: int | None = None) -> EventView:
    """An event at which `figures` have arrived."""
    known = EventView(event="event")
    for one in figures:
        known = known.with_figure(key(one), one)
        known = known if told is None else known.with_told(key(one), told)
    return known


def article(
    text: str, *, title: str = "", url: str = "https://outlet.example/a", at: float = 0, **fields: Any
) -> Article:
    """An English article, published `at` hours after the start."""
    values: dict[str, Any] = {"outlet": "outlet", "language": "en", "published": hour(at)}
    return Article(**{**values, "url": url, "title": title, "text": text, **fields})


__all__ = [
    "START",
    "Cue",
    "Outcome",
    "Qualifier",
    "Scope",
    "Vague",
    "Who",
    "article",
    "claim",
    "figure",
    "hour",
    "key",
    "view",
]

"""What it costs to find out what a text changes: echo, event and comparison, in the archive, as events grow.

`python -m bench.changes [--json] [--size N] [--events N] [--pages DIR]` makes N articles (100,000) about 500 events
at a time (`bench.stories`), reads their claims, and takes them in one after the other into an archive on disk, as the
daemon does. Beside it the same texts, claims, figures and verdicts are only kept, in an archive of their own. What the
first costs above the second, on the CPU's clock, is `share_of_trafilatura`, of bare trafilatura on the pages under DIR
(`*.html`, `*.html.gz`; by default those of ../shared/corpora, where there are none a page of our own). They are read
one by one in between, spread over the whole run, so that whatever else the machine does slows both.
`share_with_rows` counts the rows of figures and verdicts too, and leaves out the text, its full-text index and the
commit only. Messages are in neither. `last_over_first` sets the last ten thousand against the first as the clock told
them; `machine_last_over_first` is what one and the same page cost in both, read every two hundred articles: where that
is not 1, it was the machine that changed. `slices` are the tenths' milliseconds an article. The last line is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import trafilatura
from rich.console import Console
from rich.progress import track

from archive import Archive
from bench.claims import own_page, pages_of
from bench.stories import Newsroom, Story
from extract import echo
from extract.claims import read_claims
from extract.intervals import anchor
from model import Change, Claim, Reading, Watch
from monitor import READER_VERSION, Monitor, collect_seldom
from telling import Teller

PAGES = 120  # of DIR, evenly spread: the yardstick's mean moves little with more
STEADY = 200  # articles between two readings of one and the same page
SLICE = 10_000  # articles at the beginning and at the end that are set against each other
EVERYTHING = Watch(id="everything", name="Everything")
SHARED_PAGES = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "pages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """CPU seconds of each article above what it costs to keep all of it, in order, and what came of them."""

    seconds: list[float]
    texts: float  # to keep all texts and claims
    rows: float  # to keep all figures and verdicts
    changes: int
    told: int
    events: int
    trafilatura: float  # of a page
    steady: list[float]  # of one and the same page, after each STEADY articles


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.changes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--size", type=int, default=100_000, help="articles")
    parser.add_argument("--events", type=int, default=500, help="events that are written about at one time")
    pages = SHARED_PAGES if SHARED_PAGES.is_dir() else None
    parser.add_argument("--pages", type=Path, default=pages, help="a directory of *.html or *.html.gz")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        costs = _measure(Path(directory), arguments.size, arguments.events, _pages(arguments.pages))
    figures = _figures(costs)
    if not arguments.json:
        for name, value in figures.items():
            sys.stdout.write(f"{name:24} {value}\n")
    sys.stdout.write(json.dumps(figures) + "\n")


def _pages(directory: Path | None) -> list[bytes]:
    pages = list(pages_of(directory)) if directory else [own_page()] * PAGES
    return pages[:: max(1, len(pages) // PAGES)]


def _trafilatura(page: bytes) -> float:
    """CPU seconds of a page's article."""
    began = time.process_time()
    trafilatura.bare_extraction(page, with_metadata=True, include_comments=False)
    return time.process_time() - began


def _measure(directory: Path, size: int, events: int, pages: Sequence[bytes]) -> Costs:
    archive, plain = Archive.open(directory / "archive.db"), Archive.open(directory / "plain.db")
    teller = Teller(archive, watches=[EVERYTHING], rules=[], outlet_names={})
    monitor = Monitor(archive, watches=[EVERYTHING], teller=teller, since=lambda _: None)
    collect_seldom()
    seconds, texts, rows, changes, told = [], 0.0, 0.0, 0, 0
    _trafilatura(own_page())  # loads what it needs
    yardstick: list[float] = []
    steady: list[float] = []
    every = max(1, size // len(pages))
    try:
        for place, reading in enumerate(_progress(_readings(size, events), size)):
            if place % every == 0:
                yardstick.append(_trafilatura(pages[len(yardstick) % len(pages)]))
            if place % STEADY == 0:
                steady.append(_trafilatura(own_page()))
            began = time.process_time()
            taken = monitor.take(reading, fetched=_seen(reading))
            spent = time.process_time() - began
            of_text, of_rows = _keep(plain, reading, taken.changes)
            seconds.append(spent - of_text - of_rows)
            texts, rows = texts + of_text, rows + of_rows
            changes += len(taken.changes)
            told += sum(change.level == "now" for change in taken.changes)
        return Costs(
            seconds=seconds,
            texts=texts,
            rows=rows,
            changes=changes,
            told=told,
            events=archive.queries.health().events,
            trafilatura=sum(yardstick) / len(yardstick),
            steady=steady,
        )
    finally:
        archive.close()
        plain.close()


def _keep(archive: Archive, reading: Reading, changes: Sequence[Change]) -> tuple[float, float]:
    """The CPU seconds that it takes to keep a text with its claims, and what follows from it, and nothing else."""
    article = reading.article
    assert article is not None
    sketch = echo.sketch(article)
    began = time.process_time()
    with archive.atomic():
        known = archive.texts.article(article.url)
        article_id, revision_id = archive.texts.add_revision(
            article,
            known=known,
            fetched_as=reading.page_url,
            fetched=_seen(reading),
            stated=_seen(reading),
            sketch=sketch,
            reader_version=READER_VERSION,
        )
        ids = archive.texts.add_claims(revision_id, reading.claims, READER_VERSION)
        kept = time.process_time()
        for change in changes:
            _keep_change(archive, change, dict(zip(reading.claims, ids, strict=True)), article_id, revision_id)
        rows = time.process_time() - kept
    return time.process_time() - began - rows, rows


def _keep_change(archive: Archive, change: Change, ids: Mapping[Claim, int], article_id: int, revision_id: int) -> None:
    if not archive.events.is_open(change.series.event):
        archive.events.open_event(change.series.event, change.series.event, change.to.seen, watch=None)
    (claim_id,) = (number for claim, number in ids.items() if claim.start == change.to.claim.start)
    series, figure = archive.knowledge.series(change.series), replace(change.to, revision_id=revision_id)
    figure_id = archive.knowledge.add_figure(
        series, figure, number=anchor(figure.claim), claim_id=claim_id, article_id=article_id, moves=True
    )
    verdict = replace(change, previous=None)
    archive.knowledge.add_change(
        verdict, series=series, figure_id=figure_id, baseline=False, stands=True, at=figure.seen
    )
    archive.knowledge.set_current(series, figure_id)


def _seen(reading: Reading) -> datetime:
    published = None if reading.article is None else reading.article.published
    assert published is not None
    return published


def _readings(size: int, events: int) -> Iterator[Reading]:
    for story in Newsroom(events=events, seed=1).stories(size):
        yield _read(story)


def _read(story: Story) -> Reading:
    article = story.article
    claims = read_claims(article.reading_text[: story.head], published=article.published, language="en")
    return Reading(page_url=article.url, outcome=None, article=article, claims=tuple(claims))


def _progress(readings: Iterable[Reading], size: int) -> Iterable[Reading]:
    console = Console(stderr=True)
    return track(readings, total=size, description="taking", console=console, disable=not sys.stderr.isatty())


def _figures(costs: Costs) -> dict[str, float | list[float]]:
    seconds, yardstick, steady = costs.seconds, costs.trafilatura, costs.steady
    mean = sum(seconds) / len(seconds)
    part, tenth = min(SLICE, len(seconds) // 2), max(1, len(seconds) // 10)
    read = max(1, part // STEADY)
    return {
        "articles": len(seconds),
        "events": costs.events,
        "changes": costs.changes,
        "told": costs.told,
        "ms_per_article": round(mean * 1000, 3),
        "keeping_text_ms": round(costs.texts / len(seconds) * 1000, 3),
        "keeping_rows_ms": round(costs.rows / len(seconds) * 1000, 3),
        "trafilatura_ms": round(yardstick * 1000, 3),
        "share_of_trafilatura": round(mean / yardstick, 4),
        "share_with_rows": round((mean + costs.rows / len(seconds)) / yardstick, 4),
        "last_over_first": round(sum(seconds[-part:]) / sum(seconds[:part]), 3),
        "machine_last_over_first": round(sum(steady[-read:]) / sum(steady[:read]), 3),
        "slices": [round(sum(seconds[at : at + tenth]) / tenth * 1000, 3) for at in range(0, len(seconds), tenth)],
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


if __name__ == "__main__":
    main()

"""What a page costs from its server to the archive, beside bare trafilatura on the same pages, and 5,000 idle feeds.

`python -m bench.crawl [--json] [--pages DIR] [--size N] [--seconds S]` measures, in one run:

1. Bare: the pages under DIR (`*.html`, `*.html.gz`; by default those of ../shared/corpora, where there are none a page
   of our own), in turn until there are N (1,000), through `bare_extraction(page, with_metadata=True,
   include_comments=False)` in a process per core. Half of it before the crawl and half after, so that a machine that
   slows down does so for both.
2. Ours: the same pages, gzip-coded, from a server on loopback that has 100 hosts with a feed each, read by the real
   daemon with a worker per core into an archive on disk, with one watch that takes everything. The clock runs from the
   first request to the last commit; what the daemon needs to start and to warm its workers is `startup_s`.
3. Idle: a daemon that has polled 5,000 feeds on 250 hosts before, each due every 15 minutes and spread over them,
   watched for S (60) seconds of that schedule, uncompressed, from when every host's robots.txt is known. Every
   poll opens a connection, since a server would have closed the last one long before, and is answered 304.

`ratio` is our CPU seconds a page, main process and workers, over bare trafilatura's: what a page costs. `ratio_wall`
is the same by the clock. There the server's share is ours too (`origin_ms_per_page`: it runs on the same cores, as a
news site does not), and so are the seconds until the first pages come and while the last ones are read. `text_f1` is
the mean token F1 of the archived texts against the right bodies in DIR.jsonl ({"path", "body"} a line; null without
it); a page that was not archived counts 0. `lag_*_ms` is how late the event loop wakes a task meanwhile. Memory that
processes share counts once. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import trafilatura

from archive import Archive
from bench.changes import EVERYTHING, SHARED_PAGES
from bench.claims import own_page, page_files, page_in
from bench.origin import Answer, Origin, Served, answer
from bench.watched import Crawl, Idle, Measured, measure
from config import Config, CrawlSettings
from crawler.leads import MOST_LEADS
from model import Outlet, PageOutcome, Polled

CORES = os.cpu_count() or 1
HOSTS = 100  # of the crawl: enough that no host's manners hold a core up
MOST = HOSTS * MOST_LEADS // 2  # what their feeds may name; some hosts get more than others
FEEDS, IDLE_HOSTS = 5_000, 250
EVERY = timedelta(minutes=15)
CRAWL = CrawlSettings(contact="https://tollwatch.example", allow_networks=("127.0.0.0/8",), workers=CORES)
ETAG = '"as-before"'
EMPTY_FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Nothing new</title></channel></rss>'


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A page under the host and path that it is served at, and its right body where it is known."""

    host: str
    path: str
    page: bytes
    body: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bare:
    """What bare trafilatura took for all samples, in seconds of the CPU and of the clock, and its texts in order."""

    cpu: float
    wall: float
    texts: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ours:
    """What the daemon took, what its server took, and its texts in order; "" for one that is not in the archive."""

    daemon: Measured
    origin: Served
    texts: list[str]

    @property
    def cpu(self) -> float:
        """Seconds of the CPU, main process and workers."""
        return self.daemon.main_cpu + self.daemon.workers_cpu

    @property
    def wall(self) -> float:
        """Seconds from the first request to the last commit."""
        return self.daemon.ended - self.origin.first


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.crawl", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--size", type=int, default=1_000, help=f"pages, {MOST:,} at most")
    parser.add_argument("--seconds", type=float, default=60, help="how long the idle daemon is watched")
    pages = SHARED_PAGES if SHARED_PAGES.is_dir() else None
    parser.add_argument("--pages", type=Path, default=pages, help="a directory of *.html or *.html.gz")
    arguments = parser.parse_args()
    if not 0 < arguments.size <= MOST:
        parser.error(f"--size is a number from 1 to {MOST}")
    samples = _samples(arguments.pages, arguments.size)
    _bare_text(own_page())  # what trafilatura loads when it is first used
    half = len(samples) // 2
    with tempfile.TemporaryDirectory() as folder:
        before = _bare(samples[:half])
        ours = _crawl(Path(folder, "crawl"), samples)
        after = _bare(samples[half:])
        idle = _idle(Path(folder, "idle"), arguments.seconds)
    bare = Bare(cpu=before.cpu + after.cpu, wall=before.wall + after.wall, texts=before.texts + after.texts)
    figures = _figures(samples, bare, ours, idle)
    if not arguments.json:
        for name, value in figures.items():
            sys.stdout.write(f"{name:28} {value}\n")
    sys.stdout.write(json.dumps(figures) + "\n")


def _samples(directory: Path | None, size: int) -> list[Sample]:
    """`size` pages, those of the directory over and over."""
    bodies = _right_bodies(directory)
    if directory is None:
        pages = [("own.html", own_page())]
    else:
        pages = [(file.relative_to(directory).as_posix(), page_in(file)) for file in page_files(directory)]
    samples = []
    for number in range(size):
        copy, place = divmod(number, len(pages))
        name, page = pages[place]
        # No two copies of a page on one host: where its canonical address is relative, they would be one article.
        host = f"127.1.0.{1 + (copy + place) % HOSTS}"
        samples.append(Sample(host=host, path=f"/{copy}/{name}", page=page, body=bodies.get(name)))
    return samples


def _right_bodies(directory: Path | None) -> dict[str, str]:
    index = directory.with_suffix(".jsonl") if directory else None
    if index is None or not index.is_file():
        return {}
    rows = (json.loads(line) for line in index.read_text(encoding="utf-8").splitlines())
    return {row["path"]: row["body"] for row in rows}


# ----------------------------------------------------------------------------------------------------------- bare


def _bare(samples: Sequence[Sample]) -> Bare:
    with multiprocessing.get_context("fork").Pool(CORES) as pool:
        began = time.monotonic()
        read = pool.map(_bare_text, [sample.page for sample in samples], chunksize=1)
        wall = time.monotonic() - began
    return Bare(cpu=sum(spent for spent, _ in read), wall=wall, texts=[text for _, text in read])


def _bare_text(page: bytes) -> tuple[float, str]:
    """CPU seconds and text of a page."""
    began = time.process_time()
    document = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False)
    return time.process_time() - began, getattr(document, "text", None) or ""


# ----------------------------------------------------------------------------------------------------------- ours


def _crawl(folder: Path, samples: Sequence[Sample]) -> Ours:
    hosts = sorted({sample.host for sample in samples})
    answers = {sample.path: _page_answer(sample) for sample in samples}
    feeds = {f"/{host}.xml": _feed([sample for sample in samples if sample.host == host]) for host in hosts}
    origin = Origin(hosts, answers | feeds)
    outlets = [_outlet(host, [f"http://{host}:{origin.port}/{host}.xml"]) for host in hosts]
    config = _config(folder, outlets, replace(CRAWL, spacing=timedelta(0)))
    try:
        daemon = measure(Crawl(config=config, pages=len(samples)))
    finally:
        served = origin.close()
    texts = _archived(config.archive)
    return Ours(daemon=daemon, origin=served, texts=[texts.get(sample.path, "") for sample in samples])


def _page_answer(sample: Sample) -> Answer:
    return answer(gzip.compress(sample.page), "Content-Type: text/html", "Content-Encoding: gzip")


def _feed(samples: Sequence[Sample]) -> Answer:
    # Neither title nor date: what is archived comes from the pages themselves.
    items = "".join(f"<item><link>{escape(sample.path)}</link></item>" for sample in samples)
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Pages</title>{items}</channel></rss>'
    return answer(feed.encode(), "Content-Type: application/rss+xml")


def _outlet(host: str, feeds: Sequence[str]) -> Outlet:
    return Outlet(id=host, name=host, homepage=f"http://{host}/", feeds=tuple(feeds), every=EVERY, slowest=EVERY)


def _config(folder: Path, outlets: Sequence[Outlet], crawl: CrawlSettings) -> Config:
    return Config(
        file=folder / "config.toml",
        archive=folder / "archive.db",
        health_listen="127.0.0.1:0",
        crawl=crawl,
        outlets=tuple(outlets),
        watches=(EVERYTHING,),
        rules=(),
        channels=(),
    )


def _archived(file: Path) -> dict[str, str]:
    """The texts of an archive by the path that they were fetched from."""
    with closing(Archive.open_read_only(file)) as archive:
        return {urlsplit(row["fetched_as"]).path: row["text"] for row in archive.queries.articles()}


# ----------------------------------------------------------------------------------------------------------- idle


def _idle(folder: Path, seconds: float) -> Measured:
    hosts = [f"127.2.0.{number}" for number in range(1, IDLE_HOSTS + 1)]
    paths = [f"/{number}.xml" for number in range(FEEDS // IDLE_HOSTS)]
    feed = answer(EMPTY_FEED, "Content-Type: application/rss+xml", f"ETag: {ETAG}", etag=ETAG, keep=False)
    origin = Origin(hosts, dict.fromkeys(paths, feed))
    outlets = [_outlet(host, [f"http://{host}:{origin.port}{path}" for path in paths]) for host in hosts]
    config = _config(folder, outlets, CRAWL)
    try:
        _poll_before(config)
        return measure(Idle(config=config, hosts=len(hosts), seconds=seconds))
    finally:
        origin.close()


def _poll_before(config: Config) -> None:
    """Leave an archive in which every feed has been polled; the first of each host is due, the others one by one."""
    now = datetime.now(UTC)
    with closing(Archive.open(config.archive)) as archive, archive.atomic():
        archive.polling.sync(config.outlets, now)
        listings = archive.polling.due_listings(now)
        listings.sort(key=lambda listing: (int(urlsplit(listing.url).path[1:-4]), listing.outlet))
        for number, listing in enumerate(listings, start=-IDLE_HOSTS):
            polled = Polled(
                outcome=PageOutcome.LISTED,
                detail="",
                new_leads=0,
                interval=EVERY,
                due=now + max(0, number) * EVERY / FEEDS,
                body_hash=hashlib.sha256(EMPTY_FEED).hexdigest(),
                validators=(ETAG, None),
            )
            archive.polling.record_poll(listing, polled, now)


# -------------------------------------------------------------------------------------------------------- figures


def _figures(samples: Sequence[Sample], bare: Bare, ours: Ours, idle: Measured) -> Mapping[str, float | None]:
    count, late = len(samples), sorted(ours.daemon.lateness)
    bodies = [sample.body for sample in samples]
    return {
        "pages": count,
        "processes": CORES,
        "pages_per_s": round(count / ours.wall, 1),
        "trafilatura_pages_per_s": round(count / bare.wall, 1),
        "ratio": round(ours.cpu / bare.cpu, 3),
        "ratio_wall": round(ours.wall / bare.wall, 3),
        "ms_per_page": _ms(ours.cpu, count),
        "main_ms_per_page": _ms(ours.daemon.main_cpu, count),
        "workers_ms_per_page": _ms(ours.daemon.workers_cpu, count),
        "trafilatura_ms_per_page": _ms(bare.cpu, count),
        "origin_ms_per_page": _ms(ours.origin.cpu, count),
        "text_f1": _mean_f1(ours.texts, bodies),
        "trafilatura_text_f1": _mean_f1(bare.texts, bodies),
        "lag_p50_ms": _ms(late[len(late) // 2]),
        "lag_p99_ms": _ms(late[len(late) * 99 // 100]),
        "lag_max_ms": _ms(late[-1]),
        "startup_s": round(ours.daemon.startup, 1),
        "peak_mb": round(ours.daemon.peak_mb, 1),
        "with_workers_mb": round(ours.daemon.all_mb, 1),
        "idle_5000_feeds_core_share": round((idle.main_cpu + idle.workers_cpu) / idle.wall, 4),
        "idle_5000_feeds_mb": round(idle.main_mb, 1),
        "idle_with_workers_mb": round(idle.all_mb, 1),
        "idle_polls_per_s": round(idle.polls / idle.wall, 2),
    }


def _ms(seconds: float, count: int = 1) -> float:
    return round(seconds / count * 1000, 2)


def _mean_f1(texts: Sequence[str], bodies: Sequence[str | None]) -> float | None:
    scores = [_token_f1(text, body) for text, body in zip(texts, bodies, strict=True) if body is not None]
    return round(sum(scores) / len(scores), 4) if scores else None


def _token_f1(said: str, truth: str) -> float:
    one, other = _tokens(said), _tokens(truth)
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _tokens(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    main()

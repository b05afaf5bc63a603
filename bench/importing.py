"""How fast the articles of a WARC file come into the archive, beside bare trafilatura on the same pages and cores.

`python -m bench.importing [--json] [--pages DIR] [--size N]` measures, in one run:

1. Bare: the pages under DIR (`*.html`, `*.html.gz`; by default those of ../shared/corpora, where there are none a page
   of our own), in turn until there are N (1,000), through `bare_extraction(page, with_metadata=True,
   include_comments=False)` in a process per core; half of it before ours and half after.
2. Ours: the same pages in a `.warc.gz` file, each copy on a host of its own and with the request that asked for it,
   taken in by `tollwatch import` with a worker per core into an archive on disk, captures and all, with one watch that
   takes everything. A file of a few pages goes before, so that the workers are warm as bare trafilatura's are.

`ratio` is our articles per second over bare trafilatura's, `ratio_cpu` the same by seconds of the CPU (main process and
workers), `main_ms_per_page` what of it is the main process's. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import trafilatura
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import Archive
from archive.imports import Progress
from bench.changes import SHARED_PAGES
from bench.claims import own_page, page_files, page_in
from bench.meters import below, cpu, memory_mb
from model import ArchiveError

CORES = os.cpu_count() or 1
WARM = 4 * CORES  # pages of the file that goes before
BEGUN = datetime.now(UTC) - timedelta(days=30)  # no page may be captured before it says that it was published
ROOT = Path(__file__).resolve().parents[1]
CONFIG = f"""
archive = "archive.db"
[crawl]
contact = "https://tollwatch.example"
workers = {CORES}
[[outlets]]
id = "paper"
name = "Paper"
homepage = "https://paper.example"
feeds = ["https://paper.example/feed.xml"]
[[watches]]
id = "everything"
name = "Everything"
[[rules]]
name = "all"
channels = ["screen"]
[[channels]]
name = "screen"
kind = "print"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ours:
    """What the import took, in seconds of the clock and of the CPU, its most memory (MB), and what came of the file."""

    wall: float
    main_cpu: float
    workers_cpu: float
    peak_mb: float
    outcomes: Mapping[str, int]


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.importing", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--size", type=int, default=1_000, help="pages")
    pages = SHARED_PAGES if SHARED_PAGES.is_dir() else None
    parser.add_argument("--pages", type=Path, default=pages, help="a directory of *.html or *.html.gz")
    arguments = parser.parse_args()
    figures = measured(_pages(arguments.pages), arguments.size)
    if not arguments.json:
        for name, value in figures.items():
            sys.stdout.write(f"{name:28} {value}\n")
    sys.stdout.write(json.dumps(figures) + "\n")


def measured(pages: Sequence[bytes], size: int) -> dict[str, object]:
    """The figures, over `size` pages: those that are given over and over."""
    sample = [pages[number % len(pages)] for number in range(size)]
    _bare_seconds(own_page())  # what trafilatura loads when it is first used
    half = size // 2
    with tempfile.TemporaryDirectory() as folder:
        before = _bare(sample[:half])
        ours = _import(Path(folder), pages, sample)
        after = _bare(sample[half:])
    bare_wall, bare_cpu = before[0] + after[0], before[1] + after[1]
    return {
        "pages": size,
        "processes": CORES,
        "articles_per_s": round(size / ours.wall, 1),
        "trafilatura_articles_per_s": round(size / bare_wall, 1),
        "ratio": round(bare_wall / ours.wall, 3),
        "ratio_cpu": round(bare_cpu / (ours.main_cpu + ours.workers_cpu), 3),
        "main_ms_per_page": round(ours.main_cpu / size * 1000, 2),
        "workers_ms_per_page": round(ours.workers_cpu / size * 1000, 2),
        "trafilatura_ms_per_page": round(bare_cpu / size * 1000, 2),
        "peak_mb": round(ours.peak_mb, 1),
        "outcomes": dict(ours.outcomes),
    }


def _pages(directory: Path | None) -> list[bytes]:
    return [own_page()] if directory is None else [page_in(file) for file in page_files(directory)]


# ----------------------------------------------------------------------------------------------------------- bare


def _bare(pages: Sequence[bytes]) -> tuple[float, float]:
    """Seconds of the clock and of the CPU."""
    with multiprocessing.get_context("fork").Pool(CORES) as pool:
        began = time.monotonic()
        spent = pool.map(_bare_seconds, pages, chunksize=1)
        return time.monotonic() - began, sum(spent)


def _bare_seconds(page: bytes) -> float:
    began = time.process_time()
    trafilatura.bare_extraction(page, with_metadata=True, include_comments=False)
    return time.process_time() - began


# ----------------------------------------------------------------------------------------------------------- ours


def write_warc(file: Path, pages: Sequence[bytes], hosts: str) -> None:
    """A WARC file of pages, each on a host of its own, with the request that asked for it, as crawlers write them."""
    with file.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        writer.write_record(writer.create_warcinfo_record(file.name, {"software": "bench"}))
        for number, page in enumerate(pages):
            url = f"https://{hosts}{number}.example/news/{number}.html"
            at = {"WARC-Date": f"{BEGUN + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"}
            status = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            asked = StatusAndHeaders("GET /news HTTP/1.1", [("Host", "news.example")], is_http_request=True)
            writer.write_record(
                writer.create_warc_record(url, "response", BytesIO(page), len(page), http_headers=status,
                                          warc_headers_dict=at)
            )  # fmt: skip
            writer.write_record(writer.create_warc_record(url, "request", http_headers=asked, warc_headers_dict=at))


def _import(folder: Path, pages: Sequence[bytes], sample: Sequence[bytes]) -> Ours:
    warm, timed = folder / "warm.warc.gz", folder / "timed.warc.gz"
    write_warc(warm, [pages[number % len(pages)] for number in range(WARM)], "warm")
    write_warc(timed, sample, "host")
    config = folder / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "cli", "import", "--config", *map(str, (config, warm, timed))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    spent: dict[int, float] = {}
    at_start: dict[int, float] | None = None
    peak = 0.0
    while process.poll() is None:
        for pid in (process.pid, *below(process.pid)):
            spent[pid] = _spent(pid, spent.get(pid, 0.0))
        peak = max(peak, sum(memory_mb(pid, "smaps_rollup", "Pss") for pid in (process.pid, *below(process.pid))))
        if at_start is None and _standing(folder / "archive.db", timed) is not None:
            at_start = dict(spent)
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(process.returncode)
    standing = _standing(folder / "archive.db", timed)
    assert standing is not None
    assert standing.ended is not None
    taken = {pid: seconds - (at_start or {}).get(pid, 0.0) for pid, seconds in spent.items()}
    main_cpu = taken.pop(process.pid)
    return Ours(
        wall=(standing.ended - standing.begun).total_seconds(),
        main_cpu=main_cpu,
        workers_cpu=sum(taken.values()),
        peak_mb=peak,
        outcomes=standing.outcomes,
    )


def _spent(pid: int, before: float) -> float:
    try:
        return cpu(pid)
    except OSError:  # it has ended meanwhile
        return before


def _standing(file: Path, name: Path) -> Progress | None:
    """How far the import of a file is."""
    try:
        with closing(Archive.open_read_only(file)) as archive:
            return dict(archive.imports.known()).get(str(name))
    except (ArchiveError, sqlite3.Error):  # the archive is being made
        return None


if __name__ == "__main__":
    main()

"""How long people wait for an archive of a million articles, and how fast it takes more, at one time.

`python -m bench.archive [--json] [--size N] [--keep DIR]` makes an archive of N articles (1,000,000; `bench.stock`;
kept under DIR and used again where it is as N and the schema ask). A process writes into it through a Monitor, at full
speed first (`insert_per_s`), then a million articles a day. Meanwhile every view, reading verb, search and page of the
dashboard is asked again and again with arguments that differ (`bench.asked`), on one connection that goes on, after the
file was read once (it is in memory as far as that goes). `worst` is the slowest of these by its 95th percentile. Then
all but the pages are asked again, each time on a fresh connection and of a file that is not in memory (`cold_…`).
Whole commands, with the start of their process, are told apart. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from rich.console import Console
from rich.progress import track

from archive import Archive
from bench.asked import PAGES, VERBS, VIEWS, Ask, Samples, samples_of
from bench.stock import make_stock
from bench.writer import Wrote, write

A_DAY = 1_000_000  # articles that are written while people ask
_RUNS = 40
_COLD_RUNS = 20
_AT_FULL_SPEED = 1_000
_COMMAND_RUNS = 3
_STARTS_WITHIN_S = 30
_P95 = 95
_READ_AT_ONCE = 16 * 1024 * 1024
_CONFIG = """
[crawl]
contact = "https://desk.example"
[[outlets]]
id = "one"
name = "One"
homepage = "https://one.example/"
feeds = ["https://one.example/feed"]
[[watches]]
id = "everything"
name = "Everything"
[[channels]]
name = "screen"
kind = "print"
[[rules]]
name = "all"
channels = ["screen"]
"""

Times = dict[str, list[float]]
T = TypeVar("T")


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.archive", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--size", type=int, default=1_000_000, help="articles")
    parser.add_argument("--runs", type=int, default=_RUNS, help="of each question")
    parser.add_argument("--keep", type=Path, help="a directory where the archive is kept, and found again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = (arguments.keep or Path(directory)) / "archive.db"
        _make(path, arguments.size)
        figures = _measure(path, runs=arguments.runs, texts=min(_AT_FULL_SPEED, arguments.size))
    if not arguments.json:
        _print(figures)
    sys.stdout.write(json.dumps(figures) + "\n")


def _make(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and _is_as_asked(path, size):
        return
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    make_stock(path, size, until=datetime.now(UTC))


def _is_as_asked(path: Path, size: int) -> bool:
    """Whether an archive has at least so many articles, and today's schema."""
    fresh = path.with_name("fresh.db")
    Archive.open(fresh, captures=False).close()
    try:
        with closing(sqlite3.connect(path)) as kept, closing(sqlite3.connect(fresh)) as new:
            schema = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1, 2"
            same = kept.execute(schema).fetchall() == new.execute(schema).fetchall()
            return same and kept.execute("SELECT COUNT(*) FROM articles").fetchone()[0] >= size
    finally:
        for file in path.parent.glob("fresh.db*"):
            file.unlink()


# ------------------------------------------------------------------------------------------------------- measure


def _measure(path: Path, *, runs: int, texts: int) -> dict[str, object]:
    samples = samples_of(path)
    with _writing(path, texts) as wrote:
        _remember(path)
        asked_of = _ask_all(path, samples, runs) | _ask_pages(path, samples, runs)
        commands = _run_commands(path, samples)
        cold = _ask_all_cold(path, samples, min(runs, _COLD_RUNS))
    with closing(Archive.open_read_only(path)) as archive:
        health = archive.queries.health()
    asked = {name: _figures(times) for name, times in asked_of.items()}
    for name, times in cold.items():
        asked[name] |= {f"cold_{key}": value for key, value in _figures(times).items()}
    worst = max(asked, key=lambda name: asked[name]["p95_ms"])
    (written,) = wrote
    return {
        "articles": health.articles,
        "revisions": health.revisions,
        "claims": health.claims,
        "events": health.events,
        "bytes": path.stat().st_size,
        "insert_per_s": round(written.full_per_s, 1),
        "insert_beside_readers_per_s": round(written.paced_per_s, 1),
        "insert_beside_readers_p95_ms": _figures(written.seconds)["p95_ms"],
        "first_insert_s": round(written.opening_s, 2),
        "worst_p95_ms": asked[worst]["p95_ms"],
        "worst": worst,
        "asked": asked,
        "commands_ms": {name: round(statistics.median(times) * 1000) for name, times in commands.items()},
    }


def _figures(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p95_ms": round(ordered[min(len(ordered) - 1, len(ordered) * _P95 // 100)] * 1000, 2),
    }


@contextmanager
def _writing(path: Path, texts: int) -> Iterator[list[Wrote]]:
    """Let another process write; what it says of that is in the list at the end."""
    context = get_context("spawn")
    ready, stop, told = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=write, args=(path, texts, A_DAY / 86_400, ready, stop, told), daemon=True)
    process.start()
    wrote: list[Wrote] = []
    while not ready.wait(1):
        if not process.is_alive():
            raise SystemExit("the process that writes has ended")
    try:
        yield wrote
    finally:
        stop.set()
        wrote.append(told.get(timeout=60))
        process.join()


def _ask_all(path: Path, samples: Samples, runs: int) -> Times:
    """Seconds of every view and verb, each on one connection that goes on."""
    times: Times = {}
    for name, question in _shown(_questions(samples).items(), "warm"):
        with closing(question.connect(path)) as opened:
            times[name] = [_timed(partial(question.ask, opened, run)) for run in range(runs)]
    return times


def _ask_all_cold(path: Path, samples: Samples, runs: int) -> Times:
    """Seconds of every view and verb, each time on a fresh connection and of a file that is not in memory."""
    times: Times = {}
    for name, question in _shown(_questions(samples).items(), "cold"):
        times[name] = []
        for run in range(runs):
            _forget(path)
            with closing(question.connect(path)) as opened:
                times[name].append(_timed(partial(question.ask, opened, run)))
    return times


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    """What is asked, and of what kind of connection."""

    connect: Callable[[Path], Any]
    ask: Callable[[Any, int], object]


def _questions(samples: Samples) -> dict[str, _Question]:
    asked: dict[str, _Question] = {}
    for name, (sql, of) in VIEWS.items():
        values = [samples.war] if of == "war" else getattr(samples, of) if of else []
        arguments = [[value] for value in values] or [[]]
        asked[name] = _Question(connect=_connection, ask=partial(_rows, sql, arguments))
    for name, ask in VERBS.items():
        asked[name] = _Question(connect=Archive.open_read_only, ask=partial(_answer, ask, samples))
    return asked


def _rows(sql: str, arguments: Sequence[list[str]], db: sqlite3.Connection, run: int) -> object:
    return db.execute(sql, arguments[run % len(arguments)]).fetchall()


def _answer(ask: Ask, samples: Samples, archive: Archive, run: int) -> object:
    return ask(archive, samples, run)


def _connection(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def _remember(path: Path) -> None:
    """Read the file once, so that the system has it in memory as far as that goes."""
    with path.open("rb") as file:
        while file.read(_READ_AT_ONCE):
            pass


def _forget(path: Path) -> None:
    """Let the system forget what it keeps of the file in memory."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


# --------------------------------------------------------------------------------------------- pages and commands


def _ask_pages(path: Path, samples: Samples, runs: int) -> Times:
    """Seconds of every page of the dashboard, over HTTP."""
    with _dashboard(path) as port, closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        for address in PAGES.values():  # what a server loads with its first pages it has ever after
            _get(client, _filled(address, samples, 0))
        return {
            f"page {name}": [_timed(partial(_get, client, _filled(address, samples, run))) for run in range(runs)]
            for name, address in _shown(PAGES.items(), "pages")
        }


def _filled(address: str, samples: Samples, run: int) -> str:
    return address.format(
        event=quote(samples.events[run % len(samples.events)]),
        war=quote(samples.war),
        article=samples.articles[run % len(samples.articles)],
        time=samples.times[run % len(samples.times)],
        words=quote((samples.rare, samples.usual)[run % 2][run % len(samples.rare)]),
    )


def _get(client: http.client.HTTPConnection, address: str) -> None:
    client.request("GET", address)
    answer = client.getresponse()
    answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"{address}: the dashboard answered {answer.status}")


@contextmanager
def _dashboard(path: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = _config(path, f'[web]\nlisten = "127.0.0.1:{port}"\n')
    command = [sys.executable, "-m", "cli", "web", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + _STARTS_WITHIN_S
            while not _answers(port):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit("`tollwatch web` did not start")
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _config(path: Path, more: str = "") -> Path:
    """A configuration beside the archive, with as little in it as may be."""
    file = path.with_name("config.toml")
    file.write_text(f'archive = "{path.resolve()}"\n{more}{_CONFIG}', encoding="utf-8")
    return file


def _run_commands(path: Path, samples: Samples) -> Times:
    """Seconds of whole commands, with the start of their process."""
    config = _config(path)
    event = samples.events[0]
    asked: Mapping[str, Sequence[str]] = {
        "timeline": ("timeline", event),
        "status": ("status",),
        "alerts": ("alerts",),
        "search": ("search", samples.usual[0]),
        "explain": ("explain", str(samples.changes[0])),
    }
    return {
        name: [_timed(partial(_run, *words, "--config", str(config))) for _ in range(_COMMAND_RUNS)]
        for name, words in asked.items()
    }


def _run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "cli", *words], check=True, capture_output=True)


# --------------------------------------------------------------------------------------------------------- print


def _shown(things: Collection[T], what: str) -> Iterable[T]:
    return track(things, description=what, console=Console(stderr=True), disable=not sys.stderr.isatty())


def _print(figures: Mapping[str, object]) -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            for one, told in value.items():
                sys.stdout.write(f"  {one:48} {told}\n")
        else:
            sys.stdout.write(f"{name:32} {value}\n")


if __name__ == "__main__":
    main()

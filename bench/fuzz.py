"""Whatever strangers send: bent feeds, maps, robots.txt, pages, headers and addresses, by the ten thousand.

`python -m bench.fuzz [--json] [--minutes M | --inputs N] [--seed S]` makes inputs (`bench.mutants`), seven kinds in
turn, and gives each to the part of the program that meets it (`bench.borders`), in a worker process with the time and
the memory that the crawler gives a page. Nothing may be raised past a border, come back that cannot be kept, take
longer than the crawler waits, or end its worker. Failures of one place are printed once, with the shortest of their
inputs in base64; the same seed makes the same input. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count, takewhile

from rich.console import Console
from rich.progress import track

from bench.borders import Trial, trial
from bench.mutants import KINDS, mutant
from config import CrawlSettings
from crawler.workers import WorkerDied, WorkerPool, WorkerTimeout

LIMIT = CrawlSettings(contact="https://tollwatch.example").read_timeout
ALL_AT_ONCE = 10_000  # inputs, where neither time nor number is given


@dataclass(slots=True)
class Tally:
    """What has been tried, and what came of it; an input is (kind, seed)."""

    tried: Counter[str] = field(default_factory=Counter)
    failures: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)  # by kind and place
    hung: int = 0
    slowest: dict[str, tuple[float, int]] = field(default_factory=dict)  # by kind: seconds, seed

    def add(self, kind: str, seed: int, result: Trial) -> None:
        """Count one input."""
        self.tried[kind] += 1
        self.slowest[kind] = max(self.slowest.get(kind, (0.0, seed)), (result.seconds, seed))
        if result.problem is not None:
            self.failures.setdefault((kind, result.place), []).append((seed, result.problem))


def main() -> None:
    """Tries and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument("--minutes", type=float, help="for how long")
    bound.add_argument("--inputs", type=int, help="how many inputs")
    parser.add_argument("--seed", type=int, default=0, help="of the first input; each following one has the next")
    arguments = parser.parse_args()
    seeds = _seeds(arguments.seed, minutes=arguments.minutes, inputs=arguments.inputs)
    tally = asyncio.run(_try_all(seeds))
    if not arguments.json:
        _print(tally)
    sys.stdout.write(json.dumps(_figures(tally)) + "\n")


def _seeds(first: int, *, minutes: float | None, inputs: int | None) -> Iterator[int]:
    if minutes is None:
        yield from range(first, first + (inputs or ALL_AT_ONCE))
        return
    end = time.monotonic() + timedelta(minutes=minutes).total_seconds()
    yield from takewhile(lambda _: time.monotonic() < end, count(first))


async def _try_all(seeds: Iterator[int]) -> Tally:
    tally = Tally()
    pool = WorkerPool(1, timeout=LIMIT, preload=("bench.borders",))
    try:
        await pool.run(trial, "page", 0)  # what is loaded when it is first needed
        for seed in track(seeds, "trying", console=Console(stderr=True), disable=not sys.stderr.isatty()):
            await _try(tally, pool, KINDS[seed % len(KINDS)], seed)
    finally:
        pool.stop()
    return tally


async def _try(tally: Tally, pool: WorkerPool, kind: str, seed: int) -> None:
    try:
        result = await pool.run(trial, kind, seed)
    except WorkerTimeout as error:
        tally.hung += 1
        result = Trial(seconds=LIMIT.total_seconds(), problem=str(error))
    except (WorkerDied, MemoryError) as error:
        result = Trial(seconds=0.0, problem=f"{type(error).__name__}: {error}")
    tally.add(kind, seed, result)


def _print(tally: Tally) -> None:
    for (kind, place), failed in tally.failures.items():
        seed, problem = min(failed, key=lambda one: len(mutant(kind, one[0])))
        reproducer = base64.b64encode(mutant(kind, seed)).decode()
        sys.stdout.write(f"{kind}, {len(failed)} times at {place}, seed {seed}: {problem}\n  {reproducer}\n")
    for kind, number in tally.tried.items():
        seconds, seed = tally.slowest[kind]
        size = len(mutant(kind, seed))
        sys.stdout.write(f"{kind:12} {number:8} inputs   slowest {seconds:6.3f} s ({size} bytes, seed {seed})\n")


def _figures(tally: Tally) -> dict[str, object]:
    return {
        "inputs": tally.tried.total(),
        "failures": sum(map(len, tally.failures.values())),
        "hung": tally.hung,
        "slowest_s": round(max((seconds for seconds, _ in tally.slowest.values()), default=0.0), 3),
        "inputs_by_kind": dict(tally.tried),
        "slowest_s_by_kind": {kind: round(seconds, 3) for kind, (seconds, _) in tally.slowest.items()},
    }


if __name__ == "__main__":
    main()

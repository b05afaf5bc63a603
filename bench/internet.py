"""How much 50 bad outlets delay 200 good ones: the real daemon on a hostile and flaky internet on loopback.

`python -m bench.internet [--json] [--minutes 10] [--good 200] [--bad N] [--every 30] [--fault NAME] [--folder DIR]`
runs `tollwatch run` twice on one schedule of publication: with the good outlets alone, then with bad ones beside them.
Each fault of `bench/faults.py` gets an outlet; with --bad, N outlets share them out. It prints for each run how many
articles were archived and how long after they were published, the memory of the daemon's processes, the slowest answers
of its /healthz and the shortest time between two requests to one good host; for each fault how its fetches ended. The
last line of standard output is one JSON object. With --folder, configuration, archive and logs of both runs stay there.

An article is archived when another reader of the archive can see it: the file is looked into twice a second. (`fetched`
and `fetches.at` say when the page had arrived, before it was read and committed.)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.progress import Progress

from bench.daemon import Daemon, Sample
from bench.faults import FAULTS
from bench.loopback import Host, Loopback, Plan, Request

ARTICLES_A_MINUTE = 1.1  # that each outlet publishes: 200 of them 2,200 in ten minutes
HEAD_START_S = 20.0  # for the daemon to start and to look at every outlet for the first time
LOOK_S = 0.5
GRACE = 2.5  # intervals that an article may take before it counts as lost
CRAWL = {"spacing": "2s", "timeout": "30s", "read_timeout": "20s"}  # what a configuration without these keys has


@dataclass(frozen=True, kw_only=True, slots=True)
class Delays:
    """Seconds from publication until archived; an article that was `lost` counts with the time that was waited."""

    articles: int
    lost: int
    p50_s: float
    p95_s: float
    max_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """MB of resident memory: the median of the first and of the last third of the run, and the most."""

    first_mb: float
    last_mb: float
    peak_mb: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run of the daemon came to. `outcomes` are those of the fetches that showed a fault, by its name."""

    delays: Delays
    main: Memory
    workers: Memory
    health_p99_ms: float
    health_max_ms: float
    nearest_requests_s: float
    errors: tuple[str, ...]
    outcomes: Mapping[str, Counter[str]]


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.internet", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--minutes", type=float, default=10, help="for which articles are published")
    parser.add_argument("--good", type=int, default=200, help="outlets without a fault")
    parser.add_argument("--bad", type=int, help="outlets with one (one for each fault unless said)")
    parser.add_argument("--every", type=float, default=30, help="seconds between two polls of an outlet")
    parser.add_argument("--fault", choices=FAULTS, metavar="NAME", help="give this one to all bad outlets")
    parser.add_argument("--folder", type=Path, help="where to leave what the runs wrote")
    arguments = parser.parse_args()
    if arguments.folder and arguments.folder.exists():
        parser.error(f"{arguments.folder} is there already: name a folder that is not, or remove it")
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(_measure(arguments, (arguments.folder or Path(temporary)).resolve()))


async def _measure(arguments: argparse.Namespace, folder: Path) -> None:
    runs = {}
    for name, faults in {"alone": (), "beside": deal(arguments)}.items():
        (folder / name).mkdir(parents=True)
        seconds = arguments.minutes * 60
        plan = Plan(
            good=arguments.good,
            faults=faults,
            articles=round(ARTICLES_A_MINUTE * arguments.minutes * arguments.good),
            begins=time.time() + HEAD_START_S,
            seconds=seconds,
        )
        runs[name] = await _run(plan, folder / name, every=arguments.every)
    figures = _figures(runs["alone"], runs["beside"])
    if not arguments.json:
        sys.stdout.write(_table(runs, figures))
    sys.stdout.write(json.dumps(figures) + "\n")


def deal(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The faults of the bad outlets: each once and again from the first, or a sample where there are too many."""
    names = [arguments.fault] if arguments.fault else list(FAULTS)
    wanted = arguments.bad or len(names)
    if wanted < len(names):
        names = random.Random(1).sample(names, wanted)
    return tuple(names[number % len(names)] for number in range(wanted))


async def _run(plan: Plan, folder: Path, *, every: float) -> Run:
    async with Loopback(plan, folder) as internet:
        published = {
            (one.outlet, one.path): one.moment
            for host in internet.hosts
            if host.fault is None
            for one in host.articles
            if one.moment >= plan.begins
        }
        last = plan.begins + plan.seconds + GRACE * every
        seen: dict[tuple[str, str], float] = {}
        samples: list[Sample] = []
        async with Daemon(folder, internet.outlets, every_s=every, crawl=CRAWL) as daemon:
            with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
                task = progress.add_task(folder.name, total=len(published))
                while time.time() < last and not _is_done(plan, published, seen, daemon, internet.hosts):
                    began = time.monotonic()
                    samples.append(await daemon.sample())
                    seen |= {key: time.time() for key in daemon.new_articles() if key in published}
                    progress.update(task, completed=len(seen))
                    await asyncio.sleep(max(0.0, LOOK_S - (time.monotonic() - began)))
            ended = time.time()
        return Run(
            delays=_delays(published, seen, ended),
            main=_memory([one.main_mb for one in samples]),
            workers=_memory([one.workers_mb for one in samples]),
            health_p99_ms=_percentile([one.health_ms for one in samples], 99),
            health_max_ms=max(one.health_ms for one in samples),
            nearest_requests_s=nearest(internet.requests(), plan),
            errors=tuple(daemon.errors()),
            outcomes=outcomes(daemon, internet.hosts, plan.faults),
        )


def _is_done(
    plan: Plan,
    published: Mapping[tuple[str, str], float],
    seen: Mapping[tuple[str, str], float],
    daemon: Daemon,
    hosts: Sequence[Host],
) -> bool:
    if time.time() < plan.begins + plan.seconds or len(seen) < len(published):
        return False
    return all(outcomes(daemon, hosts, plan.faults).values())


def outcomes(daemon: Daemon, hosts: Sequence[Host], faults: Sequence[str]) -> dict[str, Counter[str]]:
    """How the fetches ended that show a fault, by its name; `faults` are those of the bad hosts in their order."""
    bad = {host.id: (host, name) for host, name in zip((h for h in hosts if h.fault), faults, strict=True)}
    counted: dict[str, Counter[str]] = {name: Counter() for name in faults}
    for (outlet, url, outcome), times in daemon.fetches().items():
        host, name = bad.get(outlet, (None, ""))
        if host is not None and host.fault is not None and host.fault.concerns(url.removeprefix(host.base)):
            counted[name][outcome] += times
    return counted


def wrong(name: str, ended: Mapping[str, int]) -> str | None:
    """What is wrong with the outcomes of a fault, or None."""
    if not ended:
        return "no outcome"
    unexpected = sorted(set(ended) - {str(outcome) for outcome in FAULTS[name].ends})
    return f"ended in {', '.join(unexpected)}" if unexpected else None


def nearest(requests: Sequence[Request], plan: Plan) -> float:
    """The shortest time between two requests to one good host, in seconds."""
    by_host: dict[str, list[float]] = {}
    for one in requests:
        if one.outlet.startswith("good") and one.at > plan.begins:
            by_host.setdefault(one.outlet, []).append(one.at)
    gaps = [later - sooner for times in by_host.values() for sooner, later in pairwise(times)]
    return round(min(gaps, default=0.0), 2)


# -------------------------------------------------------------------------------------------------------- figures


def _delays(published: Mapping[tuple[str, str], float], seen: Mapping[tuple[str, str], float], ended: float) -> Delays:
    delays = [seen.get(key, ended) - moment for key, moment in published.items()]
    return Delays(
        articles=len(seen),
        lost=len(published) - len(seen),
        p50_s=_percentile(delays, 50),
        p95_s=_percentile(delays, 95),
        max_s=round(max(delays), 2),
    )


def _memory(values: Sequence[float]) -> Memory:
    third = max(1, len(values) // 3)
    return Memory(
        first_mb=round(median(values[:third]), 1), last_mb=round(median(values[-third:]), 1), peak_mb=max(values)
    )


def _percentile(values: Sequence[float], percent: int) -> float:
    return round(quantiles(values, n=100, method="inclusive")[percent - 1], 2) if len(values) > 1 else 0.0


def _figures(alone: Run, beside: Run) -> dict[str, object]:
    faults = {name: dict(ended) for name, ended in beside.outcomes.items()}
    return {
        "ratio": round(beside.delays.p95_s / alone.delays.p95_s, 3),
        "alone": asdict(alone),
        "beside": asdict(beside) | {"outcomes": faults},
        "wrong": {name: what for name, ended in faults.items() if (what := wrong(name, ended))},
    }


def _table(runs: Mapping[str, Run], figures: Mapping[str, object]) -> str:
    lines = []
    for name, run in runs.items():
        delays, main_, workers = run.delays, run.main, run.workers
        lines += [
            f"{name:8} {delays.articles} articles archived, {delays.lost} lost",
            f"{'':8} p50 {delays.p50_s} s, p95 {delays.p95_s} s, max {delays.max_s} s after they were published",
            f"{'':8} main process {main_.first_mb} MB -> {main_.last_mb} MB, at most {main_.peak_mb} MB",
            f"{'':8} workers {workers.first_mb} MB -> {workers.last_mb} MB, at most {workers.peak_mb} MB",
            f"{'':8} /healthz p99 {run.health_p99_ms} ms, max {run.health_max_ms} ms",
            f"{'':8} requests to one good host at least {run.nearest_requests_s} s apart",
            *(f"{'':8} error: {error}" for error in run.errors),
        ]
    for fault, ended in runs["beside"].outcomes.items():
        said = ", ".join(f"{outcome} {times}" for outcome, times in ended.most_common())
        problem = wrong(fault, ended)
        lines.append(f"{fault:44} {said or '-'}" + (f"   <- {problem}" if problem else ""))
    lines.append(f"p95 beside the bad is {figures['ratio']} of p95 alone")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

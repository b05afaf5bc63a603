"""What arrives of the alerts of a Tollwatch that is killed over and over, while its receivers fail.

`python -m bench.kills [--json] [--alerts 200] [--kills 100] [--seed S]` owes alerts about made news (`bench.stories`)
to a mailbox, a signed webhook and a Slack webhook, which put off three attempts in ten. A process that opens the
archive and delivers what is owed is killed (SIGKILL) at a random moment after the archive was opened, and started anew;
after the last kill it is left alone until nothing is owed. Its clock runs faster, so that the pauses of the outbox are
short, and its letters have no pictures; all else is the daemon's. For each channel are counted: arrivals, alerts that
arrived, repeats, alerts that arrived under more than one id, alerts that came after a later one of their event, and
lost ones. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from rich.console import Console
from rich.progress import track

from archive import Archive
from bench.post_office import CHANNELS, Arrival, Clock, PostOffice, deliver
from bench.stories import BEGIN, Newsroom
from model import Reading, Rule, Watch
from monitor import Monitor, read_claims_of
from telling import Teller

FAILING = 0.3  # of the attempts
LONGEST_ANSWER_S = 0.2
PATIENCE_S = 300
ALERTS_OF_AN_EVENT = 8  # about: an event that is told of once has no order
EVERYTHING = Watch(id="everything", name="Everything")
TO_ALL = Rule(name="all", channels=CHANNELS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What arrived at one channel."""

    arrivals: int
    alerts: int
    repeats: int
    under_another_id: int
    out_of_order: int
    lost: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What one trial came to; `kills` are those that came while something was owed."""

    alerts: int
    events: int
    kills: int
    seconds: float
    channels: dict[str, Counts]


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--alerts", type=int, default=200)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "tollwatch.db"
        figures = asyncio.run(trial(path, alerts=arguments.alerts, kills=arguments.kills, seed=arguments.seed))
    if not arguments.json:
        for channel, counts in figures.channels.items():
            line = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in asdict(counts).items())
            sys.stdout.write(f"{channel:6} {line}\n")
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


async def trial(path: Path, *, alerts: int, kills: int, seed: int) -> Figures:
    """Owe about `alerts` alerts in a new archive at `path`, and deliver them through `kills` kills."""
    began = time.perf_counter()
    chance = random.Random(seed)
    clock = Clock(origin=owe(path, alerts, seed), started=time.time())
    async with PostOffice(chance, failing=FAILING, longest_answer_s=LONGEST_ANSWER_S) as office:
        killed = await _deliver_all(path, office, clock, kills=kills, chance=chance)
    owed = {name: _owed_to(path, name) for name in CHANNELS}
    return Figures(
        alerts=len({key for of_channel in owed.values() for key, _ in of_channel}),
        events=len({event for of_channel in owed.values() for _, event in of_channel if event}),
        kills=killed,
        seconds=round(time.perf_counter() - began, 1),
        channels={name: counted(owed[name], office.taken[name]) for name in CHANNELS},
    )


def counted(owed: Sequence[tuple[str, str | None]], arrivals: Sequence[Arrival]) -> Counts:
    """Count what arrived of the alerts that were `owed` to a channel, in order, as (key, event)."""
    ids: dict[str, set[str]] = {}
    for arrival in arrivals:
        ids.setdefault(arrival.content, set()).add(arrival.id)
    first = list(dict.fromkeys(arrival.id for arrival in arrivals))
    return Counts(
        arrivals=len(arrivals),
        alerts=len(first),
        repeats=len(arrivals) - len(first),
        under_another_id=sum(len(of_alert) > 1 for of_alert in ids.values()),
        out_of_order=_out_of_order(owed, first),
        lost=len({key for key, _ in owed} - set(first)),
    )


def _out_of_order(owed: Sequence[tuple[str, str | None]], first: Sequence[str]) -> int:
    places = {key: place for place, (key, _) in enumerate(owed)}
    event_of = dict(owed)
    latest: dict[str, int] = {}
    late = 0
    for key in first:
        if (event := event_of.get(key)) is not None:
            late += places[key] < latest.get(event, -1)
            latest[event] = max(places[key], latest.get(event, -1))
    return late


# ------------------------------------------------------------------------------------------------------- owing


def owe(path: Path, alerts: int, seed: int) -> datetime:
    """Take made news into a new archive until it owes so many alerts; returns when the last article was published."""
    moment = BEGIN
    with closing(Archive.open(path)) as archive:
        teller = Teller(archive, watches=[EVERYTHING], rules=[TO_ALL], outlet_names={})
        monitor = Monitor(archive, watches=[EVERYTHING], teller=teller, since=lambda _: None)
        archive.knowledge.sync_watches([EVERYTHING], BEGIN)
        for reading, moment in _readings(max(2, alerts // ALERTS_OF_AN_EVENT), seed):
            with archive.atomic():
                monitor.take(reading, fetched=moment)
            teller.release(moment)
            if archive.queries.health().owed >= len(CHANNELS) * alerts:
                break
    return moment


def _readings(events: int, seed: int) -> Iterator[tuple[Reading, datetime]]:
    for story in Newsroom(events=events, seed=seed).stories(1_000_000):
        assert story.article.published is not None
        yield read_claims_of(story.article.url, story.article), story.article.published


# ----------------------------------------------------------------------------------------------------- killing


async def _deliver_all(path: Path, office: PostOffice, clock: Clock, *, kills: int, chance: random.Random) -> int:
    """Kill and start the courier's process so many times, then let it end; returns the kills while something was owed.

    Raises RuntimeError where the process that is left alone ends by itself, TimeoutError where it does not finish.
    """
    at_most = _count_owed(path) / len(CHANNELS) * LONGEST_ANSWER_S / 2 / (1 - FAILING) / kills
    killed = 0
    for _ in _progress(kills):
        if not _count_owed(path):
            break
        process = await _start(path, office, clock)
        await asyncio.sleep(chance.uniform(0, at_most))
        await _kill(process)
        killed += 1
    process = await _start(path, office, clock)
    async with asyncio.timeout(PATIENCE_S):
        while _count_owed(path):
            await asyncio.sleep(0.1)
            if not process.is_alive():
                raise RuntimeError(f"the courier's process ended with {process.exitcode}")
    await _kill(process)
    return killed


async def _kill(process: ForkServerProcess) -> None:
    process.kill()
    await asyncio.to_thread(process.join)


def _progress(kills: int) -> Iterable[int]:
    console = Console(stderr=True)
    return track(range(kills), description="killing", console=console, disable=not sys.stderr.isatty())


async def _start(path: Path, office: PostOffice, clock: Clock) -> ForkServerProcess:
    """Start the courier's process and wait until it has opened the archive. Raises EOFError where it ends before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.post_office"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=deliver, args=(path, office.addresses, clock, there), daemon=True)
    # Not in the loop: the receivers live there.
    await asyncio.to_thread(process.start)
    there.close()
    await asyncio.to_thread(here.recv)
    here.close()
    return process


def _count_owed(path: Path) -> int:
    with closing(Archive.open_read_only(path)) as archive:
        return archive.queries.health().owed


def _owed_to(path: Path, channel: str) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT key, event FROM deliveries JOIN alerts ON key = alert_key WHERE channel = ? ORDER BY id", [channel]
        ).fetchall()


if __name__ == "__main__":
    main()

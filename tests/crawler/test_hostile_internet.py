"""One real daemon on an internet in which every fault of `bench/faults.py` has an outlet, and two outlets have none."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.daemon import Daemon
from bench.faults import FAULTS
from bench.internet import outcomes, wrong
from bench.loopback import Loopback, Plan, Request

PATIENCE_S = 150.0  # generous: the machine may be busy; nothing here is about speed
CRAWL = {"spacing": "0s", "timeout": "8s", "read_timeout": "8s"}
GOOD = 2
ARTICLES = 1  # of each outlet


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What came of it: how fetches ended (by fault, and of the good outlets), and what the servers were asked."""

    faults: dict[str, Counter[str]]
    good: Counter[str]
    requests: list[Request]
    errors: list[str]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return asyncio.run(_run(tmp_path_factory.mktemp("internet")))


async def _run(folder: Path) -> Seen:
    names = tuple(FAULTS)
    plan = Plan(good=GOOD, faults=names, articles=0, begins=time.time(), seconds=0, backlog=ARTICLES)
    async with Loopback(plan, folder) as internet:
        async with Daemon(folder, internet.outlets, every_s=600, crawl=CRAWL) as daemon:
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until and not _is_done(daemon, internet, names):
                await asyncio.sleep(0.2)
        return Seen(
            faults=outcomes(daemon, internet.hosts, names),
            good=_good(daemon),
            requests=internet.requests(),
            errors=list(daemon.errors()),
        )


def _is_done(daemon: Daemon, internet: Loopback, names: tuple[str, ...]) -> bool:
    return all(outcomes(daemon, internet.hosts, names).values()) and _good(daemon).total() == GOOD * (1 + ARTICLES)


def _good(daemon: Daemon) -> Counter[str]:
    ended: Counter[str] = Counter()
    for (outlet, _, outcome), times in daemon.fetches().items():
        if outlet.startswith("good"):
            ended[outcome] += times
    return ended


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_an_outcome_of_its_own(seen: Seen, fault: str) -> None:
    assert wrong(fault, seen.faults[fault]) is None


def test_good_outlets_beside_them_are_read_in_full(seen: Seen) -> None:
    assert seen.good == {"listed": GOOD, "new_article": GOOD * ARTICLES}


def test_no_fault_passes_the_border_of_its_page(seen: Seen) -> None:
    assert [line for line in seen.errors if "apscheduler" not in line] == []  # a busy machine skips a tick


def test_no_entity_is_fetched(seen: Seen) -> None:
    assert [request for request in seen.requests if request.path == "/entity"] == []

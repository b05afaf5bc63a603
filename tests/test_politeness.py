"""The manners of the daemon as servers see them, over a restart: spacing, Crawl-delay, Retry-After, 304."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from model import Outlet
from tests.crawler.site import Answer, Asked, Site
from tests.daemon import Running, write_config

SCREEN = """
[[channels]]
name = "screen"
kind = "print"
"""
SPACING, CRAWL_DELAY, RETRY_AFTER = 1, 7, 60
SHARED, DELAYED, PAUSED, STEADY = "shared", "delayed", "paused", "steady"
PATIENCE_S = 60


def feed(site: Site, *paths: str) -> bytes:
    items = "".join(f"<item><link>{site.url(path)}</link></item>" for path in paths)
    return f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


def story(number: int) -> Answer:
    body = "<p>The harbour master read out names from a list that grew longer while relatives waited.</p>" * 5
    return Answer(body=f"<html><body><article><h1>Story {number}</h1>{body}</article></body></html>".encode())


class Unmoved(Site):
    """A site that answers 304 to whoever sends the validator that it gave."""

    def _answer_to(self, asked: Asked) -> Answer:
        if asked.path == "/feed" and asked.headers.get("if-none-match") == '"v1"':
            return Answer(status=304)
        return super()._answer_to(asked)


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Site]]:
    with ExitStack() as stack:
        made = {name: stack.enter_context(Site()) for name in (SHARED, DELAYED, PAUSED)}
        made[STEADY] = stack.enter_context(Unmoved())
        for name, site in made.items():
            paths = [f"/{name}-{number}" for number in range(5)]
            site.pages |= {path: story(number) for number, path in enumerate(paths)}
            site.pages["/feed"] = Answer(headers={"ETag": '"v1"'}, body=feed(site, *paths))
        made[SHARED].pages["/other-feed"] = Answer(body=feed(made[SHARED], "/other-story"))
        made[DELAYED].pages["/robots.txt"] = Answer(body=f"User-agent: *\nCrawl-delay: {CRAWL_DELAY}\n".encode())
        made[PAUSED].pages["/feed"] = Answer(status=429, headers={"Retry-After": str(RETRY_AFTER)})
        yield made


@pytest.fixture(scope="module")
def killed_and_restarted(sites: dict[str, Site], tmp_path_factory: pytest.TempPathFactory) -> None:
    """The daemon, killed in the middle of its work and started again."""
    quick = timedelta(seconds=2)
    outlets = [
        Outlet(id=name, name=name, homepage=site.url("/"), feeds=(site.url("/feed"),), every=quick, slowest=quick)
        for name, site in sites.items()
    ]
    second = Outlet(
        id="second", name="second", homepage=outlets[0].homepage, feeds=(sites[SHARED].url("/other-feed"),), every=quick
    )
    file = write_config(
        tmp_path_factory.mktemp("polite"),
        (*outlets, second),
        channels=SCREEN,
        names=["screen"],
        since=datetime.now(UTC),
        spacing=SPACING,
    )
    asyncio.run(_run(file, signal.SIGKILL, lambda: len(sites[DELAYED].log) >= 2 and len(sites[STEADY].log) >= 6))
    asyncio.run(_run(file, signal.SIGTERM, lambda: len(sites[DELAYED].log) >= 4 and len(sites[STEADY].log) >= 14))


async def _run(file: Path, ending: signal.Signals, enough: Callable[[], bool]) -> None:
    async with Running("run", "--config", str(file)) as daemon, asyncio.timeout(PATIENCE_S):
        while not enough():
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)  # for the last answer to be kept
        await daemon.end(ending)


def gaps(site: Site) -> list[float]:
    times = sorted(asked.at for asked in site.log)
    return [later - earlier for earlier, later in pairwise(times)]


pytestmark = pytest.mark.usefixtures("killed_and_restarted")

LEEWAY = 0.25  # seconds by which the way to the server varies


def test_requests_to_a_host_keep_their_distance_though_two_outlets_share_it(sites: dict[str, Site]) -> None:
    assert {"/feed", "/other-feed"} <= {asked.path for asked in sites[SHARED].log}
    assert len(sites[SHARED].log) > 10
    over_restart = sum(gap < SPACING - LEEWAY for gap in gaps(sites[SHARED]))
    assert over_restart <= 1  # a second is soon over: what was sent just before the kill is not remembered


def test_a_crawl_delay_is_kept_over_a_restart(sites: dict[str, Site]) -> None:
    assert len(sites[DELAYED].log) >= 3
    assert min(gaps(sites[DELAYED])) > CRAWL_DELAY - LEEWAY


def test_a_host_that_asked_for_a_pause_is_left_alone_over_a_restart(sites: dict[str, Site]) -> None:
    assert [asked.path for asked in sites[PAUSED].log] == ["/robots.txt", "/feed"]


def test_what_has_not_changed_is_asked_for_with_its_validator(sites: dict[str, Site]) -> None:
    asked = sites[STEADY].asked("/feed")
    assert len(asked) >= 4
    with_validator = [one for one in asked[1:] if one.headers.get("if-none-match") == '"v1"']
    assert len(with_validator) >= len(asked) - 2  # now and then one is left out on purpose


def test_robots_is_read_first_once_a_run(sites: dict[str, Site]) -> None:
    for site in (sites[SHARED], sites[STEADY]):
        assert site.log[0].path == "/robots.txt"
        assert len(site.asked("/robots.txt")) == 2

"""`tollwatch check --live`: look at every configured address once and say what was found. Nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import Progress

import crawler.loop
from archive import Archive
from cli.tables import print_table
from config import Config
from crawler.discovery import read_listing
from crawler.engine import Crawler
from model import Listing

_NOTHING = "nothing to read"


def run(config: Config) -> int:
    """Returns 0 where every address yields something, else 1."""
    found: list[dict[str, str]] = []

    async def main() -> int:
        crawl = Crawler(config.crawl, version="0")
        await crawl.start()
        try:
            with Progress(console=Console(stderr=True)) as bar:
                task = bar.add_task("addresses", total=None)
                listings = _listings(config)
                bar.update(task, total=len(listings))
                await asyncio.gather(*(_look(crawl, at, found, lambda: bar.advance(task)) for at in listings))
        finally:
            await crawl.stop(timedelta(seconds=2))
        return 0

    crawler.loop.run(main)
    bad = [row for row in found if row["found"].startswith(("no", "not"))]
    print_table(sorted(found, key=lambda row: row["outlet"]), ("outlet", "kind", "url", "found"), "What was found")
    click.echo(f"{len(found) - len(bad)} of {len(found)} addresses yield articles")
    return 1 if bad else 0


def _listings(config: Config) -> list[Listing]:
    """Every configured address as the archive would poll it."""
    with TemporaryDirectory() as folder:
        archive = Archive.open(Path(folder) / "check.db")
        now = datetime.now(UTC)
        archive.polling.sync(config.outlets, now)
        listings = archive.polling.due_listings(now)
        archive.close()
    return listings


async def _look(crawl: Crawler, at: Listing, found: list[dict[str, str]], done: Callable[[], None]) -> None:
    page = await crawl.fetch(at.url, outlet=at.outlet)
    if page.failure is not None:
        said = f"not readable: {page.failure.replace('_', ' ')} ({page.detail})"
    else:
        listed = read_listing(page.body, at, base_url=page.final_url, headers=page.headers, now=datetime.now(UTC))
        addresses = len(listed.leads) or len(listed.sub_listings)
        said = f"{addresses} addresses" if addresses else f"no address found ({listed.problem or _NOTHING})"
    found.append({"outlet": at.outlet, "kind": at.kind, "url": at.url, "found": said})
    done()

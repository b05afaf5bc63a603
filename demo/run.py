"""`tollwatch demo`: the sample site crawled twice while its figures change, and what subscribers receive.

Everything is real but the news: Scrapy over HTTP, a mailbox that speaks SMTP, a receiver that takes Slack's and the
webhook's posts. Only the clock is told: the first crawl happens on the evening of the first day.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import click

from archive import Archive
from cli.tables import print_table, timeline_rows
from config import Channel, Config, CrawlSettings, EmailChannel, Secret, SlackChannel, WebhookChannel
from demo.servers import Mailbox, Receiver
from demo.site import STEPS, Site
from model import Rule, Watch
from scheduler import Daemon, until_interrupted

_AFTER = timedelta(minutes=20)  # how long after the last article of a step the crawl comes by


def main() -> int:
    """Run the demo; returns the process's exit code."""
    return until_interrupted(_show)


async def _show() -> int:
    with Site(now=datetime.now(UTC)) as site:
        async with Mailbox() as mailbox, Receiver() as receiver:
            folder = Path(mkdtemp(prefix="tollwatch-demo-"))
            config = _config(site, mailbox, receiver, folder)
            letters = posts = 0
            for step in range(1, STEPS + 1):
                if step > 1:
                    site.forward()
                crawled_at = _crawl_time(site, step)
                async with Daemon(config, now=_clock(crawled_at)) as daemon:
                    await daemon.once()
                _title(
                    f"Crawl {step} of {STEPS}, {crawled_at:%A %d %B %Y, %H:%M} UTC: {len(site.seen)} requests so far"
                )
                _show_letters(mailbox, letters)
                _show_posts(receiver, posts)
                letters, posts = len(mailbox.letters), len(receiver.posts)
            return _conclude(config, mailbox, receiver)


def _crawl_time(site: Site, step: int) -> datetime:
    """Shortly after the last article of the step, so that the story's hours pass in seconds."""
    return max(story.modified_at(step) for story in site.stories if story.step <= step) + _AFTER


def _clock(now: datetime) -> Callable[[], datetime]:
    return lambda: now


def _config(site: Site, mailbox: Mailbox, receiver: Receiver, folder: Path) -> Config:
    channels: tuple[Channel, ...] = (
        EmailChannel(
            name="email",
            host="127.0.0.1",
            port=mailbox.port,
            security="none",
            sender="tollwatch@desk.example",
            to=("editor@desk.example",),
        ),
        SlackChannel(name="slack", url=Secret(f"{receiver.url}/slack", origin="the demo")),
        WebhookChannel(name="webhook", url=f"{receiver.url}/webhook", secrets=(_webhook_secret(),)),
    )
    return Config(
        file=folder / "config.toml",
        archive=folder / "tollwatch.db",
        health_listen="127.0.0.1:0",
        crawl=CrawlSettings(
            contact="https://example.org/tollwatch-demo", spacing=timedelta(0), allow_networks=("127.0.0.0/8",)
        ),
        outlets=site.outlets,
        watches=(Watch(id="kestria", name="Kestria", any=("Kestria*",), since=site.first_published),),
        rules=(Rule(name="everything", channels=("email", "slack", "webhook")),),
        channels=channels,
    )


def _webhook_secret() -> Secret:
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(), origin="the demo")


# ---------------------------------------------------------------------------------------------------- what arrived


def _title(words: str) -> None:
    click.echo()
    click.secho(words, bold=True)
    click.secho("─" * len(words), dim=True)


def _show_letters(mailbox: Mailbox, after: int) -> None:
    for letter in mailbox.letters[after:]:
        message = letter.message
        click.secho(f"\nemail to {', '.join(letter.recipients)} · {message['Subject']}", fg="cyan")
        click.echo(_indented(letter.part("plain")))
    if len(mailbox.letters) == after:
        click.echo("no email")


def _show_posts(receiver: Receiver, after: int) -> None:
    arrived = receiver.posts[after:]
    for path, show in (("/slack", _slack), ("/webhook", _webhook)):
        of_kind = [post for post in arrived if post.path == path]
        if of_kind:
            click.secho(f"\n{path[1:]}: {len(of_kind)} of the same; the first of them, shortened", fg="cyan")
            click.echo(_indented(show(json.loads(of_kind[0].body), of_kind[0].headers)))


def _slack(body: dict[str, Any], _: Mapping[str, str]) -> str:
    return json.dumps(body["blocks"][:2], ensure_ascii=False, indent=1)


def _webhook(body: dict[str, Any], headers: Mapping[str, str]) -> str:
    change = body["data"]["changes"][0]
    kept = {key: change[key] for key in ("kind", "outcome", "who", "source", "value", "previous", "row", "reason")}
    signed = [f"{name}: {headers[name]}" for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
    return "\n".join(
        [*signed, json.dumps({"type": body["type"], "data": {"changes": [kept, "…"]}}, ensure_ascii=False, indent=1)]
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines())


def _conclude(config: Config, mailbox: Mailbox, receiver: Receiver) -> int:
    archive = Archive.open_read_only(config.archive)
    try:
        health, events = archive.queries.health(), archive.queries.events()
        _title("How the figures moved")
        for event in reversed(events):
            print_table(
                timeline_rows(archive.queries.timeline(event["id"])),
                ("as of", "what", "figure", "source", "outlet", "verdict"),
                event["name"],
            )
        quiet = _count(archive, ("repeat", "restated", "stale", "context", "refined", "confirmed"))
        _title("What stayed quiet")
        click.echo(", ".join(f"{n} {kind}" for kind, n in quiet) or "nothing")
    finally:
        archive.close()
    outcomes = ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in health.outcomes)
    _title("In the end")
    click.echo(
        f"{health.articles} articles in {health.revisions} revisions, {health.claims} claims, {health.events} events"
    )
    click.echo(f"every fetch and its outcome: {outcomes}")
    click.echo(f"delivered: {len(mailbox.letters)} emails, {len(receiver.posts)} posts; {health.owed} still owed")
    click.echo(f"the archive lies at {config.archive}, the links above ended with the demo; to look around in it:")
    click.echo(
        f"  TOLLWATCH_ARCHIVE={config.archive} {Path(sys.executable).parent / 'tollwatch'} timeline --all Tolmeri"
    )
    click.echo("or in a browser, with every figure marked in its article:")
    click.echo(f"  TOLLWATCH_ARCHIVE={config.archive} {Path(sys.executable).parent / 'tollwatch'} web")
    return 0 if mailbox.letters and not health.owed and not health.dead else 1


def _count(archive: Archive, kinds: Iterable[str]) -> list[tuple[str, int]]:
    known = dict(archive.queries.verdicts())
    return [(kind, known[kind]) for kind in kinds if kind in known]

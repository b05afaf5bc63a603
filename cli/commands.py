"""The command `tollwatch`. Each command exits 0 on success, 1 on failure, 2 on wrong use or configuration."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.moments import Moment, times
from model import ConfigError, Decision, DecisionKind, InputError, TollwatchError

if TYPE_CHECKING:
    from archive import Archive
    from cli.replaying import Judges
    from config import Config
    from extract.edits import Edit
    from model import Change

# The parts behind a command are imported where they are used: `claims` must not wait for the crawler to load.

_MOVES_SHOWN = 200  # of an event: a war has tens of thousands

_CONFIG = click.option(
    "--config", "file", type=click.Path(path_type=Path), default=Path("config.toml"), show_default=True,
    envvar="TOLLWATCH_CONFIG", help="The configuration.",
)  # fmt: skip
_JSON = click.option("--json", "form", flag_value="json", help="Write JSON.")
_CSV = click.option("--csv", "form", flag_value="csv", help="Write CSV.")


def main() -> None:
    """Run the command line; every known error is one sentence on standard error."""
    try:
        code = tollwatch.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        _end(error.format_message(), 2)
    except (ConfigError, InputError) as error:
        _end(str(error), 2)
    except TollwatchError as error:
        _end(str(error), 1)
    except click.Abort:
        _end("interrupted", 130)
    except BrokenPipeError:  # `tollwatch … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _end(message: str, code: int) -> None:
    for line in message.splitlines():
        click.echo(f"tollwatch: {line}", err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tollwatch")
def tollwatch() -> None:
    """Tell people when a casualty figure in the news changes."""


# ------------------------------------------------------------------------------------------------- the daemon


def _load(file: Path) -> Config:
    from config import load

    return load(file, os.environ)


@tollwatch.command()
@_CONFIG
def run(file: Path) -> int:
    """Run the daemon until it is asked to stop."""
    config = _load(file)
    import scheduler
    from cli.logs import to_stderr

    to_stderr()
    return scheduler.run(config)


@tollwatch.command()
@_CONFIG
@click.option("--outlet", help="Only this outlet (its id).")
def once(file: Path, outlet: str | None) -> int:
    """Poll what is due, read what is new, deliver what is owed, and end."""
    config = _load(file)
    if outlet is not None and outlet not in {known.id for known in config.outlets}:
        raise click.UsageError(f"no outlet has the id {outlet!r}; {file} lists them under [[outlets]]")
    import scheduler
    from cli.logs import to_stderr

    to_stderr()
    return scheduler.once(config, outlet=outlet)


@tollwatch.command()
@_CONFIG
@click.option("--live", is_flag=True, help="Also look at each address of each outlet.")
def check(file: Path, live: bool) -> int:
    """Check the configuration; tell everything that is wrong with it at once."""
    config = _load(file)
    from alerts.channels import open_channels

    open_channels(config.channels)
    listings = sum(len(o.feeds) + len(o.sitemaps) + len(o.front_pages) for o in config.outlets)
    counted = (
        _counted(len(config.outlets), "outlet") + f" with {_counted(listings, 'address', 'addresses')}",
        _counted(len(config.watches), "watch", "watches"),
        _counted(len(config.rules), "rule"),
        _counted(len(config.channels), "channel"),
    )
    click.echo(f"{file}: {', '.join(counted)}: nothing wrong")
    if "example." in config.crawl.contact:
        click.echo(
            "note: crawl.contact is still the example; outlets should be able to reach you: give your own address"
        )
    if not live:
        return 0
    from cli import live_check

    return live_check.run(config)


@tollwatch.command()
@_CONFIG
@click.option("--contact", help="How the outlet can reach you, where the configuration does not say: it is sent along.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.option("--write", is_flag=True, help="Also append the table to the configuration.")
@click.argument("url")
def add(file: Path, contact: str | None, as_json: bool, write: bool, url: str) -> int:
    """Find the feeds and sitemaps of the outlet at URL, and write its table of the configuration."""
    import logging

    from cli import adding
    from cli.logs import to_stderr

    to_stderr(logging.WARNING)
    if write and not file.exists():
        raise click.UsageError(f"{file} is not there to be written to; name another with --config")
    finding = adding.search(url, adding.settings_for(file, contact, os.environ))
    notes = "\n".join(adding.comments(finding))
    if as_json:
        click.echo(json.dumps(adding.as_json(finding), ensure_ascii=False, indent=2))
    elif finding.outlet is not None:
        click.echo(f"{notes}\n\n{adding.as_toml(finding.outlet)}", nl=False)
    if finding.outlet is None:
        click.echo(f"{notes}\ntollwatch: {adding.nothing_found(url, finding)}".lstrip(), err=True)
        return 1
    if write:
        adding.append(file, finding.outlet, os.environ)
        click.echo(f"written to {file}; `tollwatch check --live` tries it", err=True)
    return 0


def _counted(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


@tollwatch.command()
def demo() -> int:
    """Crawl the bundled sample site twice while its figures change, and show the alerts."""
    import logging

    from cli.logs import to_stderr
    from demo.run import main as run_demo

    to_stderr(logging.WARNING)
    return run_demo()


# ------------------------------------------------------------------------------------------ reading and replaying


def _lines(file: str) -> Iterator[str]:
    if file == "-":
        yield from sys.stdin
        return
    try:
        with Path(file).open(encoding="utf-8") as opened:
            yield from opened
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(where=file, what=f"cannot be read ({error})", remedy="give a readable UTF-8 file") from error


@tollwatch.command()
@click.option("--explain", "explained", is_flag=True, help="Say of each number why it is or is not a claim.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.option("--jsonl", is_flag=True, help='Read and write JSON Lines: {"id", "text", "published", "lang"} a line.')
@click.argument("file", default="-")
def claims(explained: bool, as_json: bool, jsonl: bool, file: str) -> None:
    """Read the casualty claims of FILE: a text, an HTML file, a web address, or - for standard input."""
    from cli import reading, showing

    if as_json and jsonl:
        raise click.UsageError("give --json (one text) or --jsonl (a text a line), not both")
    if jsonl and reading.is_address(file):
        raise click.UsageError("a web address holds no JSON Lines; leave out --jsonl")
    if jsonl:
        for answer in reading.claims_of_lines(_lines(file), file, explained=explained):
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        return
    given = reading.given_of(file)
    if as_json:
        answer = {"text": given.text, **reading.answer(given, explained=explained)}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif explained:
        showing.show_numbers(given, reading.numbers_of(given))
    else:
        showing.show_claims(given.text, reading.claims_of(given))


@tollwatch.command()
@click.option("--jsonl", is_flag=True, help="Write a JSON object a change.")
@click.option("--archive", "archive_file", type=click.Path(path_type=Path), help="Take the articles from an archive.")
@click.option("--since", type=click.DateTime(), help="With --archive: from this time on (UTC).")
@click.option("--until", type=click.DateTime(), help="With --archive: up to this time (UTC).")
@click.option("--rules", type=click.Path(path_type=Path), help="Judge by the watches and rules of this configuration.")
@click.option("--compare", "compared", is_flag=True, help="With --archive: set what would be told beside what was.")
@click.argument("files", nargs=-1)
def replay(
    jsonl: bool,
    archive_file: Path | None,
    since: datetime | None,
    until: datetime | None,
    rules: Path | None,
    compared: bool,
    files: Sequence[str],
) -> None:
    """Run articles (JSON Lines) through the change detection as if published in that order."""
    from cli import replaying

    if archive_file is not None and files:
        raise click.UsageError("give files or --archive, not both")
    if archive_file is None and (since or until or compared):
        raise click.UsageError("--since, --until and --compare go with --archive")
    entries: Iterable[replaying.Entry]
    if archive_file is not None:
        entries = replaying.entries_of(archive_file, since=since, until=until)
    else:
        entries = (entry for file in files or ["-"] for entry in replaying.read_entries(_lines(file), file))
    replayed = replaying.replay(entries, _judges(rules))
    if compared and archive_file is not None:
        rows = replaying.compare(replayed, replaying.told_then(archive_file, since=since, until=until))
        columns = ("told", "stated", "who", "outcome", "number", "kind", "source", "url")
        _show(rows, "json" if jsonl else None, columns, "Told then, and by this replay")
        return
    for one in replayed:
        answer = replaying.as_json(one)
        if jsonl:
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        elif one.change.level != "log":
            _show_change(answer)


def _judges(file: Path | None) -> Judges:
    from cli import replaying

    if file is None:
        return replaying.Judges()
    config = _load(file)
    return replaying.Judges(watches=config.watches, rules=config.rules)


def _show_change(answer: Mapping[str, Any]) -> None:
    old = f"{answer['from']['phrase']} → " if answer["from"] else ""
    click.echo(
        f"{answer['level']:6} {answer['article']}: {answer['who'].replace('_', ' ')} {answer['outcome']} "
        f"{old}{answer['to']['phrase']} ({answer['kind']}; {answer['source'] or 'own voice'}): {answer['reason']}"
    )


# -------------------------------------------------------------------------------------------- asking the archive


@contextmanager
def _archive(file: Path) -> Iterator[Archive]:
    from archive import Archive

    opened = Archive.open_read_only(_load(file).archive)
    try:
        yield opened
    finally:
        opened.close()


def _show(rows: Sequence[Mapping[str, Any]], form: str | None, columns: Sequence[str], title: str = "") -> None:
    from cli.tables import show

    show(rows, form, columns, title)


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
@times
@click.option("--all", "everything", is_flag=True, help="Also the figures that said nothing new.")
@click.option(
    "--last", type=click.IntRange(min=0),
    help="So many that came last, 0 for every one [200; as JSON or CSV every one].",
)  # fmt: skip
@click.argument("what", required=False)
def timeline(
    file: Path, form: str | None, as_of: datetime | None, seen_by: datetime | None, everything: bool, last: int | None,
    what: str | None,
) -> None:  # fmt: skip
    """Show how the figures of an event moved; WHAT is an event's id or a part of its name."""
    from cli import asking
    from cli.tables import timeline_rows

    most = (0 if form else _MOVES_SHOWN) if last is None else last
    with _archive(file) as archive:
        asking.answer(
            archive,
            asking.Question(what=what, as_of=as_of, seen_by=seen_by, form=form, most=most),
            lambda event: archive.queries.timeline(
                event, all_verdicts=everything, as_of=as_of, seen_by=seen_by, last=most or -1
            ),
            timeline_rows,
            ("as of", "what", "figure", "source", "outlet", "verdict", "no"),
        )


@tollwatch.command()
@_CONFIG
@times
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The picture's file, .svg or .png."
)
@click.option("--group", help='What is counted, such as "civilians killed"; without it the gravest outcome.')
@click.option("--dark", is_flag=True, help="Light on dark.")
@click.argument("event")
def plot(
    file: Path,
    as_of: datetime | None,
    seen_by: datetime | None,
    output: Path,
    group: str | None,
    dark: bool,
    event: str,
) -> None:
    """Draw how the figures of EVENT moved, a line for each source; EVENT is its id or a part of its name."""
    from cli import plotting

    with _archive(file) as archive:
        drawn = plotting.draw(archive, event, output, group=group, dark=dark, as_of=as_of, seen_by=seen_by)
    click.echo(drawn)


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
@times
@click.argument("what", required=False)
def figures(file: Path, form: str | None, as_of: datetime | None, seen_by: datetime | None, what: str | None) -> None:
    """Show what each source says of an event; WHAT is an event's id or a part of its name."""
    import stood
    from cli import asking
    from cli.tables import timeline_rows

    with _archive(file) as archive:
        asking.answer(
            archive,
            asking.Question(what=what, as_of=as_of, seen_by=seen_by, form=form),
            lambda event: stood.figures(archive, event, as_of=as_of, seen_by=seen_by),
            timeline_rows,
            ("what", "figure", "source", "as of", "seen", "outlet", "no"),
        )


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
@times
@click.argument("what", required=False)
def sources(file: Path, form: str | None, as_of: datetime | None, seen_by: datetime | None, what: str | None) -> None:
    """Show who counts in an event, for which party; WHAT is an event's id or a part of its name."""
    from cli import asking
    from cli.tables import source_rows

    with _archive(file) as archive:
        asking.answer(
            archive,
            asking.Question(what=what, as_of=as_of, seen_by=seen_by, form=form),
            lambda event: archive.queries.sources(event, as_of=as_of, seen_by=seen_by),
            source_rows,
            ("source", "party", "figures", "outlets", "first as of", "last as of"),
        )


@tollwatch.command()
@_CONFIG
@times
@click.option(
    "--format", "form", type=click.Choice(["csv", "json", "jsonl", "hxl", "ibc"]), required=True,
    help="csv, json and jsonl: every figure; hxl: HXL-tagged CSV; ibc: least and most of each group.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write into this file, not to standard output.")
@click.argument("what")
def export(
    file: Path, as_of: datetime | None, seen_by: datetime | None, form: str, output: Path | None, what: str
) -> None:
    """Hand events over to other databases; WHAT is an event's id, a part of its name, or a watch's id."""
    from cli import asking, exporting

    with _archive(file) as archive, asking.opened(output) as out:
        events = asking.events_of(archive, what, seen_by)
        exporting.export(archive, events, form, out, exporting.Times(as_of=as_of, seen_by=seen_by))


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
def status(file: Path, form: str | None) -> None:
    """Show how the archive, the outlets and the channels are doing."""
    from dataclasses import asdict

    from cli import standing, upkeep

    with _archive(file) as archive:
        health, size = archive.queries.health(), archive.upkeep.size()
        channels = standing.channels(archive, _load(file))
        sources = standing.sources(archive)
        listings = archive.queries.listings() if form == "json" else []
    if form == "json":
        everything = {
            **asdict(health),
            "bytes": asdict(size),
            "sources": standing.rows(sources),
            "listings": listings,
            "channels": channels,
        }
        click.echo(json.dumps(everything, ensure_ascii=False, indent=2))
        return
    if form == "csv":
        _show(standing.rows(sources), form, ("outlet", "name", "state", "since", "why"))
        return
    click.echo(
        f"{health.articles} articles in {health.revisions} revisions, {health.claims} claims, {health.events} events; "
        f"{health.waiting} addresses to fetch; {health.owed} alerts owed, {health.dead} undeliverable"
    )
    click.echo(upkeep.size_line(size))
    click.echo("fetches: " + (", ".join(f"{n} {outcome}" for outcome, n in health.outcomes) or "none yet") + "\n")
    if channels:
        _show(channels, None, ("channel", "delivered", "owed", "dead", "next_try", "last_error"), "Channels")
    unwell = standing.rows(source for source in sources if not standing.is_well(source))
    if not sources:
        click.echo("no outlet yet; `tollwatch once` looks at those of the configuration")
    elif not unwell:
        click.echo(f"all {_counted(len(sources), 'outlet')} well")
    else:
        _show(unwell, None, ("outlet", "state", "since", "why"), f"{len(unwell)} of {len(sources)} outlets not well")


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
def alerts(file: Path, form: str | None, limit: int) -> None:
    """Show the newest alerts and how their delivery stands."""
    with _archive(file) as archive:
        rows = archive.queries.alerts(limit)
    if form is None and not rows:
        click.echo("no alert yet; `tollwatch test-alert CHANNEL` tries a channel")
        return
    if form is None:
        rows = [{**row, "key": row["key"][:12]} for row in rows]  # enough for `preview` and `retry`
    _show(rows, form, ("created", "headline", "channel", "state", "attempts", "last_error", "key"), "Alerts")


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
@click.option("--since", type=Moment(end=False), help="Only what was published from this time on (UTC).")
@click.option("--until", "--as-of", type=Moment(end=True), help="Only what was published by this time (UTC).")
@click.option("--seen-by", type=Moment(end=True), help="Only what was known by this time (UTC).")
@click.option("--outlet", help="Only of this outlet (its id or name).")
@click.option("--language", help="Only in this language (en, fr, …).")
@click.option("--rank", "by_rank", is_flag=True, help="The best fit first, where at most 2,000 texts hold the words.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.argument("words", nargs=-1, required=True)
def search(
    file: Path, form: str | None, since: datetime | None, until: datetime | None, seen_by: datetime | None,
    outlet: str | None, language: str | None, by_rank: bool, limit: int, words: Sequence[str],
) -> None:  # fmt: skip
    """Find the texts that hold all WORDS, "phrases in quotes" and prefixes*, in every revision of every article."""
    with _archive(file) as archive:
        found = archive.queries.search(
            " ".join(words), limit, since=since, published_until=until, seen_by=seen_by, outlet=outlet,
            language=language, by_rank=by_rank,
        )  # fmt: skip
        if not found and form is None:
            click.echo("no text holds all of these words (whole words only; prefixes end in *)")
            return
        _show(found, form, ("stated", "outlet", "title", "found"), "Texts")


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write into this file, not to standard output.")
@click.option("--as-sent", is_flag=True, help="The response as it came: status, headers, body not unpacked.")
@click.option("--list", "listed", is_flag=True, help="Only say which captures there are.")
@click.option("--revision", type=click.IntRange(1), help="The capture of this revision, not of the newest.")
@click.argument("article")
def capture(
    file: Path, form: str | None, output: Path | None, as_sent: bool, listed: bool, revision: int | None, article: str
) -> None:
    """Give back the original page of ARTICLE (its address) as the server sent it, its hash verified."""
    from cli import capturing

    with _archive(file) as archive:
        found = capturing.find(archive, article, revision=revision)
        if listed:
            _show(capturing.rows(found), form, ("revision", "fetched", "bytes", "sha256", "file"), "Captures")
            return
        captured = archive.captures.read(found[0])
    capturing.write(captured, output, as_sent=as_sent)
    click.echo(capturing.proof(captured), err=True)


@tollwatch.command()
@_CONFIG
@_JSON
@_CSV
@click.argument("change", type=int)
def explain(file: Path, form: str | None, change: int) -> None:
    """Explain a verdict: its row, both quotes, both intervals. CHANGE is its number, as `timeline` shows it."""
    from cli.verdicts import as_cells, as_rows, show

    with _archive(file) as archive:
        if not archive.knowledge.has_change(change):
            raise InputError(
                where=str(change), what="is no verdict's number", remedy="`tollwatch timeline EVENT` has them"
            )
        verdict, told = archive.knowledge.change(change), archive.queries.told(change)
        if form == "json":
            click.echo(json.dumps(as_rows(verdict, told), ensure_ascii=False, indent=2))
        elif form == "csv":
            _show([as_cells(as_rows(verdict, told))], form, ())
        else:
            show(verdict, told, _edits_of(archive, verdict))


def _edits_of(archive: Archive, verdict: Change) -> list[Edit]:
    """The sentences that an edit in place changed, where the verdict is on one."""
    from extract.edits import edits

    if not verdict.row.startswith("7") or verdict.to.revision_id is None:
        return []
    new = archive.texts.text(verdict.to.revision_id)
    old = None if new.earlier is None else archive.texts.text(new.earlier)
    return [] if old is None else list(edits(old.article.reading_text, new.article.reading_text))


@tollwatch.command()
@_CONFIG
@click.option("--listen", metavar="HOST:PORT", help="Where, in place of what the configuration says.")
def web(file: Path, listen: str | None) -> int:
    """Show the archive in a browser: the dashboard, beside the daemon or without it."""
    from cli import serving

    return serving.run(_load(file), listen)


# ------------------------------------------------------------------------------------------------------- upkeep


@tollwatch.command("import")
@_CONFIG
@click.option("--outlet", help="All articles are this outlet's (its id), whatever the files say.")
@click.option("--since", type=click.DateTime(), help="Only what was published from this time on (UTC).")
@click.option("--until", type=click.DateTime(), help="Only what was published up to this time (UTC).")
@click.option("--limit", type=click.IntRange(1), help="Take so many articles; the same command takes the next.")
@click.option("--tell", is_flag=True, help="Tell their changes by the rules; without it nothing is told.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that read pages; one a core.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(
    file: Path,
    outlet: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    tell: bool,
    workers: int | None,
    files: Sequence[Path],
) -> int:
    """Take the articles of FILES into the archive: WARC files or JSON Lines, gzipped or not."""
    from cli import importing
    from cli.sources import moment_of

    wish = importing.Wish(
        outlet=outlet, since=moment_of(since), until=moment_of(until), limit=limit, tell=tell, workers=workers
    )
    return importing.run(_load(file), files, wish)


@tollwatch.command()
@_CONFIG
@click.option("--captures", is_flag=True, help="Also copy the files of captures, into the folder beside TARGET.")
@click.option("--overwrite", is_flag=True, help="Replace a copy that is there already.")
@click.argument("target", type=click.Path(path_type=Path))
def backup(file: Path, captures: bool, overwrite: bool, target: Path) -> None:
    """Copy the archive to the file TARGET, whole and compact, while the daemon runs."""
    from cli import upkeep

    upkeep.back_up(_load(file), target, captures=captures, overwrite=overwrite)


@tollwatch.command("check-archive")
@_CONFIG
@click.option("--quick", is_flag=True, help="Leave out what reads every text and every captured page.")
def check_archive(file: Path, quick: bool) -> int:
    """Look whether everything in the archive is as it should be; nothing is written."""
    from cli import upkeep

    return upkeep.check(_load(file), quick=quick)


# ---------------------------------------------------------------------------------------------------- decisions


@tollwatch.group()
def event() -> None:
    """Decide by hand what is one event: merge, split, rename."""


def _decide(file: Path, decision: Decision) -> None:
    import logging

    from cli import deciding
    from cli.logs import to_stderr

    to_stderr(logging.WARNING)
    done = deciding.run(_load(file), decision)
    click.echo("done" if done else "written down; the daemon that runs carries it out within seconds")


@event.command()
@_CONFIG
@click.argument("event")
@click.argument("into")
def merge(file: Path, event: str, into: str) -> None:
    """Put all articles of EVENT into the event INTO (ids, as `timeline` lists them)."""
    _decide(file, Decision(kind=DecisionKind.MERGE, event=event, other=into))


@event.command()
@_CONFIG
@click.argument("event")
@click.argument("urls", nargs=-1, required=True)
def split(file: Path, event: str, urls: Sequence[str]) -> None:
    """Put the articles at URLS into an event of their own."""
    _decide(file, Decision(kind=DecisionKind.SPLIT, event=event, other="", articles=tuple(urls)))


@event.command()
@_CONFIG
@click.argument("event")
@click.argument("name")
def rename(file: Path, event: str, name: str) -> None:
    """Give EVENT another name."""
    _decide(file, Decision(kind=DecisionKind.RENAME, event=event, other=name))


# --------------------------------------------------------------------------------------------------- the outbox


@tollwatch.command()
@_CONFIG
def deliver(file: Path) -> int:
    """Try everything that is owed now, whatever pause it was in."""
    from cli import owed

    delivered, left, oldest = owed.deliver(_load(file))
    click.echo(f"{delivered} delivered, {left} still owed")
    for row in oldest:
        click.echo(
            f"{row['channel']}: {row['headline']}: {row['last_error'] or 'not tried yet'}; next try {row['next_try']}"
        )
    if left > len(oldest):
        click.echo(f"and {left - len(oldest)} more")
    return 0 if not left else 1


@tollwatch.command()
@_CONFIG
@click.option("--channel", help="Only to this channel (its name); without ALERT, everything that it refused.")
@click.argument("alert", default="")
def retry(file: Path, channel: str | None, alert: str) -> None:
    """Owe again what could not be delivered of ALERT (the beginning of its key)."""
    from cli import owed

    if not alert and not channel:
        raise click.UsageError(
            "give the beginning of an alert's key, as `tollwatch alerts` shows it, or --channel NAME"
        )
    for row in owed.retry(_load(file), alert, channel):
        click.echo(f"{row['channel']}: {row['headline']}")
    click.echo("owed again; the daemon that runs tries it within seconds, `tollwatch deliver` at once")


@tollwatch.command("test-alert")
@_CONFIG
@click.argument("channel")
def test_alert(file: Path, channel: str) -> int:
    """Send a test alert through CHANNEL and say how it went."""
    from cli import owed

    attempt = owed.send_test(_load(file), channel)
    click.echo(f"{channel}: {attempt.result}{f' ({attempt.detail})' if attempt.detail else ''}")
    return 0 if attempt.result == "delivered" else 1


@tollwatch.command()
@_CONFIG
@click.option("--channel", help="As this channel would send it (its name); as plain text without.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the page of an email into this file.")
@click.option("--open", "look", is_flag=True, help="Show the page of an email in the browser.")
@click.argument("alert", default="")
def preview(file: Path, channel: str | None, html: Path | None, look: bool, alert: str) -> int:
    """Show what a channel would send of ALERT (the beginning of its key; without it, the newest), and send nothing."""
    import logging

    from cli import previewing
    from cli.logs import to_stderr

    to_stderr(logging.ERROR)  # what the daemon would log is said below
    config = _load(file)
    settings = previewing.channel_of(config, channel) if channel else None
    with _archive(file) as archive:
        found = previewing.kept(archive, alert, config.archive)
    shown = previewing.shown(settings, found, page=bool(html or look))
    page = previewing.write_page(shown, html) if html or look else None
    click.echo(shown.text, nl=False)
    for problem in shown.problems:
        click.echo(f"tollwatch: in its built-in form instead: {problem}", err=True)
    if look and page is not None:
        click.launch(str(page))
    return 1 if shown.problems else 0

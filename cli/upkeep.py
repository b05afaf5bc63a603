"""Copies of the archive, and whether it is as it should be, with a bar on a terminal."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from archive import Archive
from archive.checking import Fault
from archive.upkeep import Size, backup
from config import Config

_NAMED_AT_MOST = 20  # faults of a kind; a file that is lost may be behind a thousand of them


def back_up(config: Config, target: Path, *, captures: bool, overwrite: bool) -> None:
    """Copy the archive to `target`, and say what was copied."""
    with _bar(DownloadColumn()) as bar:
        row = bar.add_task("copying")
        made = backup(
            config.archive,
            target,
            captures=captures,
            overwrite=overwrite,
            seen=lambda done, total: bar.update(row, completed=done, total=total),
        )
        bar.update(row, completed=1, total=1)
    beside = f", and {made.files} files of captures" if captures else ""
    rows = ", ".join(f"{n:,} {name}" for name, n in made.rows.items())
    click.echo(f"{target}: {megabytes(made.size)}{beside}: found whole, with {rows}")


def check(config: Config, *, quick: bool) -> int:
    """Look at everything, and name what is not as it should be; returns 1 where something is not, else 0."""
    with closing(Archive.open_read_only(config.archive)) as opened, _bar(TextColumn("{task.completed:,}")) as bar:
        steps = opened.checks.steps(quick=quick)
        row = bar.add_task("", total=sum(step.total for step in steps))
        found: Counter[str] = Counter()
        for step in steps:
            bar.update(row, description=step.name)
            for each in step.run():
                if not isinstance(each, Fault):
                    bar.advance(row, each)
                    continue
                found[step.name] += 1
                if found[step.name] <= _NAMED_AT_MOST:
                    click.echo(str(each))
    for name, n in found.items():
        if n > _NAMED_AT_MOST:
            click.echo(f"{name}: {n - _NAMED_AT_MOST:,} more of these")
    looked = "looked at quickly" if quick else "looked at whole"
    click.echo(f"{config.archive}: {looked}: {found.total() or 'nothing'} wrong")
    return 1 if found else 0


def _bar(count: DownloadColumn | TextColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        count,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )


def size_line(size: Size) -> str:
    """How large an archive is, for `status`."""
    return f"{megabytes(size.file)}, {megabytes(size.free)} of it free, and {megabytes(size.captures)} of captures"


def megabytes(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / 1_000_000:,.1f} MB"

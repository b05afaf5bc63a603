"""What is asked of the events in the archive, which are named by an id or a part of their name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from archive import Archive
from archive.queries import Answer
from cli.tables import show
from model import InputError

_IN_FULL = 5  # events of which more than a line is shown


def heading(name: str, as_of: datetime | None, seen_by: datetime | None) -> str:
    """A table's title with the times that it is asked for."""
    asked = [f"{said} {time:%Y-%m-%d %H:%M} UTC" for said, time in (("as of", as_of), ("seen by", seen_by)) if time]
    return " · ".join([name, *asked])


def events_of(archive: Archive, what: str | None, seen_by: datetime | None = None) -> Answer:
    """The events that WHAT names, the newest first. Raises InputError where it names none."""
    events = archive.queries.events(what, seen_by=seen_by)
    if what is not None and not events:
        known = "known" if seen_by is None else "known by then"
        raise InputError(where=what, what=f"is no event that is {known}", remedy="`tollwatch timeline` lists them")
    return events


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a command is asked of events: of which, up to which times, and in which form the answer is to come.

    `most` is how many rows of an event are asked for, 0 for every one.
    """

    what: str | None
    as_of: datetime | None
    seen_by: datetime | None
    form: str | None
    most: int = 0


def answer(
    archive: Archive,
    asked: Question,
    ask: Callable[[str], Answer],
    as_table: Callable[[Answer], Answer],
    columns: Sequence[str],
) -> None:
    """Show what `ask` says of each event that is asked about; without one, which events there are.

    `as_table` makes an answer one for people, of which `columns` are shown. For machines it is the newest event's.
    """
    events = events_of(archive, asked.what, asked.seen_by)
    if not events and asked.form is None:
        click.echo("no event yet")
        return
    if asked.what is None or (len(events) > 1 and asked.form is None):
        show(events, asked.form, ("last_seen", "name", "articles", "id"), "Events")
    if asked.what is None:
        return
    for event in events[:_IN_FULL] if asked.form is None else events[:1]:
        rows = ask(event["id"])
        shown = rows if asked.form else as_table(rows)
        cut = f" · the {asked.most:,} that came last; --last 0 shows every one" if len(rows) == asked.most > 0 else ""
        show(shown, asked.form, columns, heading(event["name"], asked.as_of, asked.seen_by) + cut)
    if len(events) > _IN_FULL and asked.form is None:
        click.echo(f"the newest {_IN_FULL} of {len(events):,} events that fit; name one by its id")


@contextmanager
def opened(file: Path | None) -> Iterator[IO[str]]:
    """A file to write text to, standard output without one. Raises InputError where it cannot be written."""
    if file is None:
        yield sys.stdout
        return
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            yield out
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise InputError(where=str(file), what=what, remedy="give a file in a folder that can be written to") from error

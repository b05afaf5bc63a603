"""Times as people write them on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

_WRITTEN = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y")
_CLOCK = re.compile(r"\d:\d|T\d|\dT")
_UTC = {"UTC", "GMT", "Z"}
_LAST_MOMENT = timedelta(days=1) - timedelta(milliseconds=1)  # the archive's times have milliseconds

Command = TypeVar("Command", bound=Callable[..., Any])


class Moment(click.ParamType[datetime]):
    """A time on the command line, in UTC unless it names a zone; of a date its beginning, or its `end`."""

    name = "time"

    def __init__(self, *, end: bool) -> None:
        self._end = end

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time in UTC. Fails, as click does, where it cannot be read."""
        try:
            return read_moment(str(value), end=self._end)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} cannot be read; give a date (2026-03-10) or a time (2026-03-10 14:00), in UTC unless it "
                "ends in an offset (+02:00) or a zone (Europe/Berlin)",
                param,
                ctx,
            )


def read_moment(written: str, *, end: bool) -> datetime:
    """A date or time as people write it, in UTC. Raises ValueError or OverflowError where it is none."""
    words = written.split()
    zone: tzinfo = UTC
    if len(words) > 1 and (words[-1] in _UTC or "/" in words[-1]):
        zone = UTC if words[-1] in _UTC else _zone(words[-1])
        words = words[:-1]
    plain = " ".join(words)
    moment = _parsed(plain)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if end and not _CLOCK.search(plain):
        # By the wall clock, so that a day of 23 hours ends with itself.
        moment = (moment.replace(tzinfo=None) + _LAST_MOMENT).replace(tzinfo=moment.tzinfo)
    return moment.astimezone(UTC)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(name) from error


def _parsed(plain: str) -> datetime:
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        pass
    for form in _WRITTEN:
        for clock in ("", " %H:%M"):
            try:
                return datetime.strptime(plain, form + clock)  # noqa: DTZ007  # its zone is set by who asks
            except ValueError:
                continue
    raise ValueError(plain)


def times(command: Command) -> Command:
    """Give a command the options `--as-of` and `--seen-by`."""
    seen_by = click.option("--seen-by", type=Moment(end=True), help="Only what was known by this time (UTC).")
    as_of = click.option("--as-of", type=Moment(end=True), help="Only what was true by this time (UTC).")
    return as_of(seen_by(command))

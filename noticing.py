"""Outlets and channels that are not well, told as alerts of their own: once, and of outlets again when they are.

    outlets ──condition──> unwell for half an hour ─> quiet hours ─> one notice for all that are so anew ─┐
    channels ─deliveries─> one that died, or an hour of failures ─> a notice through every other channel ─┴─> owed

What a channel was told stands in the archive, so that a restart repeats nothing. Notices about outlets wait for the end
of quiet hours, and are told as it stands then; one about a channel never waits: meanwhile alerts do not get through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from alerts.hours import quiet_until
from alerts.message import notice
from alerts.wording import clean, counted
from crawler.condition import condition
from jobs import OnThread
from model import Alert, AlertType, ChannelRecord, Hours, Noticed, SourceHealth, SourceState

FIRM = timedelta(minutes=30)  # what does not last so long, trouble or its end, is not told
EVERY = timedelta(minutes=30)  # an outlet's condition rests on days; asking takes 1 ms an outlet
CHANNELS_EVERY = timedelta(seconds=30)
SETTLING = timedelta(minutes=10)  # after a start: what was not looked at for days is not silent for that
FAILING = timedelta(hours=1)  # a receiver that is being restarted is not told of
_AT_ONCE = 50  # outlets that are asked of at one time: pages wait for the archive's thread meanwhile
_LISTED = 20
_CHANNELS = ""  # to whom a failed channel was told: all others

_UNWELL = {
    SourceState.FAILING: "does not answer",
    SourceState.BLOCKED: "shuts us out",
    SourceState.YIELDS_NOTHING: "yields no article",
    SourceState.SILENT: "has fallen silent",
    SourceState.NO_FIGURES: "has hardly a figure any more",
}

_log = structlog.get_logger(__name__)


class Noticer:
    """Looks at what is not well and owes what is to be said of it."""

    def __init__(self, archive: OnThread, hours: Mapping[str, Hours], *, started: datetime) -> None:
        """`hours` are by the name of their channel, all channels."""
        self._archive = archive
        self._hours = hours
        self._told = [name for name, its in hours.items() if its.notices]
        self._next_channels = started
        self._next_outlets = started + SETTLING

    async def look(self, now: datetime) -> None:
        """Look at the channels and at the outlets, each where it is time to."""
        # A clock that was put back must not make them wait for as long as that was.
        self._next_channels = min(self._next_channels, now + CHANNELS_EVERY)
        self._next_outlets = min(self._next_outlets, now + EVERY)
        if now >= self._next_channels:
            self._next_channels = now + CHANNELS_EVERY
            await self.look_at_channels(now)
        if now >= self._next_outlets:
            self._next_outlets = now + EVERY
            await self.look_at_outlets(now)

    async def look_at_outlets(self, now: datetime) -> None:
        """Owe a notice of those that are not well, and one of those that are again."""
        found: list[SourceHealth] = []
        ask, after = self._archive.archive.queries.source_records, ""
        while records := await self._archive(ask, after=after, most=_AT_ONCE):
            found += [condition(record, now) for record in records]
            after = records[-1].outlet
        await self._archive(self._tell_of_outlets, found, now)

    async def look_at_channels(self, now: datetime) -> None:
        """Owe a notice of each that lost an alert or does not get through, to the others."""
        await self._archive(self._tell_of_channels, now)

    # ----------------------------------------------------------------------------- on the archive's thread

    def _tell_of_outlets(self, found: Sequence[SourceHealth], now: datetime) -> None:
        with self._archive.archive.atomic():
            for channel in self._told:
                if quiet_until(now, self._hours[channel]) is None:
                    self._tell_of_outlets_to(channel, found, now)

    def _tell_of_outlets_to(self, channel: str, found: Sequence[SourceHealth], now: datetime) -> None:
        archive = self._archive.archive
        known = archive.notices.of(channel)
        anew = [one for one in found if _about(one) not in known and _stands(one, now)]
        again = []
        for one in (one for one in found if _about(one) in known):
            seen = _seen(known[_about(one)], one, now)
            if seen.well_since is not None and now - seen.well_since >= FIRM:
                again.append(one)
            else:
                archive.notices.keep(channel, _about(one), seen)
        for about in known.keys() - {_about(one) for one in found} | {_about(one) for one in again}:
            archive.notices.forget(channel, about)
        for one in anew:
            archive.notices.keep(channel, _about(one), Noticed(told=now))
        for told in (_degraded(anew, now), _recovered(again, known, now)):
            if told is not None:
                archive.outbox.owe(told, [channel], now)

    def _tell_of_channels(self, now: datetime) -> None:
        archive = self._archive.archive
        with archive.atomic():
            known = archive.notices.of(_CHANNELS)
            for channel in self._hours:
                about = f"channel:{channel}"
                told = known.get(about)
                record = archive.notices.channel_record(channel, since=told.last_dead if told else 0)
                if not _fails(record, told, now):
                    continue
                archive.notices.keep(_CHANNELS, about, Noticed(told=now, last_dead=record.last_dead))
                others = [name for name in self._told if name != channel]
                _log.error("channel failed", channel=channel, error=record.last_error, told_through=others)
                if others:
                    archive.outbox.owe(_failed(record, now), others, now)


def _about(outlet: SourceHealth) -> str:
    return f"outlet:{outlet.outlet}"


def _stands(outlet: SourceHealth, now: datetime) -> bool:
    """Whether an outlet's trouble has lasted long enough to be told."""
    return outlet.state in _UNWELL and (outlet.since is None or now - outlet.since >= FIRM)


def _seen(noticed: Noticed, outlet: SourceHealth, now: datetime) -> Noticed:
    """What is known of an outlet that was told of, after one more look."""
    if outlet.state is not SourceState.WELL:
        return replace(noticed, well_since=None)
    return replace(noticed, well_since=min(noticed.well_since or now, now))


def _fails(record: ChannelRecord, told: Noticed | None, now: datetime) -> bool:
    """Whether a channel's trouble is to be told: not again before it got through once since, nor within the hour."""
    if told is not None and (record.delivered is None or record.delivered <= told.told or now < told.told + FAILING):
        return False
    return record.dead > 0 or (record.waiting_since is not None and now - record.waiting_since >= FAILING)


# --------------------------------------------------------------------------------------------------- the words


def _degraded(outlets: Sequence[SourceHealth], now: datetime) -> Alert | None:
    lines = [f"{_name(one)} {_UNWELL[one.state]}{_since(one.since)}: {one.why}" for one in outlets]
    end = ["What they publish is not read meanwhile. `tollwatch status` shows how each outlet does."]
    headline = f"{_name(outlets[0])} {_UNWELL[outlets[0].state]}" if len(outlets) == 1 else ""
    return _of_outlets(
        AlertType.OUTLET_DEGRADED,
        outlets,
        headline or f"{len(outlets)} outlets are not well",
        [*_cut(lines), *end],
        now,
    )


def _recovered(outlets: Sequence[SourceHealth], known: Mapping[str, Noticed], now: datetime) -> Alert | None:
    lines = [f"{_name(one)} was not well{_since(known[_about(one)].told)}." for one in outlets]
    headline = f"{_name(outlets[0])} is well again" if len(outlets) == 1 else ""
    return _of_outlets(
        AlertType.OUTLET_RECOVERED, outlets, headline or f"{len(outlets)} outlets are well again", _cut(lines), now
    )


def _of_outlets(
    type_: AlertType, outlets: Sequence[SourceHealth], headline: str, body: Sequence[str], now: datetime
) -> Alert | None:
    if not outlets:
        return None
    about = " ".join([now.isoformat(), *(one.outlet for one in outlets)])
    told = notice(type_, about=about, headline=headline, body="\n".join(body), created=now)
    one = outlets[0]
    return told if len(outlets) > 1 else replace(told, outlet=one.outlet, outlet_name=one.name)


def _failed(record: ChannelRecord, now: datetime) -> Alert:
    said = f" It said: {record.last_error}" if record.last_error else ""
    if record.dead:
        headline = f"The channel {record.channel} has lost {counted(record.dead, 'alert')}"
        again = f"`tollwatch retry --channel {record.channel}`"
        body = f"What it refused is not tried again.{said}\nOnce it is mended, {again} owes it again."
    else:
        headline = f"The channel {record.channel} does not get through"
        body = (
            f"{counted(record.waiting, 'alert')} waiting{_since(record.waiting_since)}.{said}\n"
            "It is tried again for three days; `tollwatch status` shows how it stands."
        )
    about = f"{record.channel} {now.isoformat()}"
    return notice(AlertType.CHANNEL_FAILED, about=about, headline=headline, body=body, created=now)


def _cut(lines: Sequence[str]) -> list[str]:
    left = len(lines) - _LISTED
    return [*lines[:_LISTED], *([f"and {left:,} more"] if left > 0 else [])]


def _name(outlet: SourceHealth) -> str:
    return clean(outlet.name, 80)


def _since(moment: datetime | None) -> str:
    return f" since {moment.day} {moment:%B, %H:%M} UTC" if moment else ""

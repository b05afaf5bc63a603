"""What the verdicts of one article earn: a message at once, one later, a line in a digest, or nothing.

    verdicts ─> rules ─> gathering time ─> quiet hours ─> most an hour ─> owed
                              └──── pending, with its due time ────┘ ─> release

Whatever is held back stands in the archive with its due time, so that a restart neither forgets nor repeats it. It is
told as it stands when it is due, or let go of once its channel was told a later change of its series.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.hours import HOUR, next_digest, quiet_until, room_at
from alerts.message import compose, digest, in_order
from alerts.rules import channels_for, is_large, share_out
from archive import Archive
from extract.case import EventView
from extract.compare import TOLD_AT_ONCE
from extract.intervals import anchor, interval, is_unsure
from model import (
    Alert,
    AlertType,
    Behind,
    Change,
    Figure,
    Hours,
    Kind,
    Level,
    OtherVoice,
    Rule,
    SeriesKey,
    Timeline,
    Value,
    Wait,
    Watch,
)
from views import Views

_DRAWN_OF = 1_000  # verdicts, an event's newest: what a message shows must not cost more the longer a war lasts
GATHERING = timedelta(minutes=30)  # at most one message at once per event, outcome and group in this time
BASELINE_GATHERING = timedelta(minutes=10)  # the summary of what was there before waits for the other outlets
DRIFT_GATHERING = timedelta(hours=24)  # a step too small to be told is told in a digest if it is still so after this
_MOVING = frozenset({Kind.NEW, Kind.RAISED, Kind.LOWERED, Kind.FIRMED, Kind.QUANTIFIED})
_ALWAYS_AT_ONCE = frozenset({Kind.LOWERED, Kind.WITHDRAWN, Kind.CONTRADICTED})
_JUMP = 0.5  # a step of half the figure is told inside the gathering time too


_URGENCY = tuple(Wait)
_USUAL = Hours()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    """A change that waited, with the ids of all that it stands for and the names of the watches that see it."""

    ids: tuple[int, ...]
    change: Change
    wait: Wait
    watches: tuple[str, ...]


class Teller:
    """Turns verdicts into owed alerts. All methods run on the archive's thread, inside its transaction."""

    def __init__(
        self,
        archive: Archive,
        *,
        watches: Sequence[Watch],
        rules: Sequence[Rule],
        outlet_names: Mapping[str, str],
        hours: Mapping[str, Hours] | None = None,
    ) -> None:
        """`hours` are by the name of their channel."""
        self._archive = archive
        self.views = Views(archive)
        self._rules = tuple(rules)
        self._outlet_names = outlet_names
        self._watch_names = {watch.id: watch.name for watch in watches}
        self._hours = dict(hours or {})

    def owe(
        self, decided: Sequence[tuple[int, Change]], view: EventView, watches: Sequence[Watch], now: datetime
    ) -> None:
        """Owe what the verdicts of one article earn: a message at once, or a place in what is told later."""
        ids = {change: change_id for change_id, change in decided}
        names = tuple(watch.id for watch in watches)
        if not watches or not self._rules:
            return
        gathering = {change: due for change in ids if (due := self._held_until(change, now)) is not None}
        for share in share_out(list(ids), names, self._rules):
            at_once = [c for c in share.changes if c not in gathering]
            urgent = share.level is Level.NOW and any(c.level is Level.NOW for c in at_once)
            holds = {channel: self._hold(channel, at_once, now) for channel in share.channels} if urgent else {}
            free = [channel for channel, hold in holds.items() if hold is None]
            if free:
                self._tell(at_once, free, view, watches, now)
                self._let_go([(ids[change], change) for change in at_once], free, view)
            for channel in share.channels:
                for change in share.changes:
                    if channel in free and change not in gathering:
                        continue
                    held = share.level is Level.NOW and change in gathering
                    hold = (Wait.MESSAGE, gathering[change]) if held else holds.get(channel)
                    wait, due = hold or (Wait.DIGEST, self._next_digest(channel, now))
                    self._archive.outbox.wait(ids[change], channel, as_=wait, watches=names, due=due)
        self._owe_drift(decided, names, now)

    def _hold(self, channel: str, changes: Sequence[Change], now: datetime) -> tuple[Wait, datetime] | None:
        """How and until when a message waits that would be told a channel at once; None where it need not."""
        hours = self._hours_of(channel)
        quiet = quiet_until(now, hours)
        if quiet is not None and not any(c.level is Level.NOW and is_large(c, hours) for c in changes):
            return Wait.MESSAGE, quiet
        if hours.most_per_hour is None or any(change.kind in _ALWAYS_AT_ONCE for change in changes):
            return None
        told = self._archive.outbox.messages(channel, after=now - HOUR, until=now)
        room = room_at(told, hours.most_per_hour, now)
        return None if room is None else (Wait.GATHERED, room)

    def _hours_of(self, channel: str) -> Hours:
        return self._hours.get(channel, _USUAL)

    def _next_digest(self, channel: str, now: datetime) -> datetime:
        return next_digest(now, self._hours_of(channel))

    def _let_go(self, told: Sequence[tuple[int, Change]], channels: Sequence[str], view: EventView) -> None:
        """Let go of what waits for channels and is overtaken by what they are told now."""
        for change_id, change in told:
            if change.kind is Kind.WITHDRAWN or (change.kind in _MOVING and _stands(change, view)):
                for channel in channels:
                    self._archive.outbox.overtaken(change_id, channel, _MOVING)

    def _owe_drift(self, decided: Sequence[tuple[int, Change]], names: Sequence[str], now: datetime) -> None:
        """A rise or fall too small to be told waits a day for a digest; it is dropped if its series moved meanwhile."""
        for change_id, change in decided:
            if change.level is not Level.LOG or change.kind not in (Kind.RAISED, Kind.LOWERED):
                continue
            for channel in channels_for(replace(change, level=Level.DIGEST), names, self._rules):
                due = self._next_digest(channel, now + DRIFT_GATHERING)
                self._archive.outbox.wait(change_id, channel, as_=Wait.DIGEST, watches=names, due=due)

    def _held_until(self, change: Change, now: datetime) -> datetime | None:
        """When a change may be told that comes too soon after another of its event, outcome and group."""
        if change.level is not Level.NOW or change.kind in _ALWAYS_AT_ONCE or _is_jump(change):
            return None
        last = self._archive.outbox.last_told(change.series.event, change.series.outcome, change.series.who)
        # A clock that was put back must not hold a change for as long as that was.
        return min(last, now) + GATHERING if last is not None and now < last + GATHERING else None

    def _tell(
        self,
        changes: Sequence[Change],
        channels: Iterable[str],
        view: EventView,
        watches: Sequence[Watch],
        now: datetime,
    ) -> None:
        self._archive.outbox.owe(self._compose(changes, view, [watch.name for watch in watches], now), channels, now)
        for change in changes:
            if change.level is Level.NOW:
                self._archive.outbox.mark_told(view.event, change.series.outcome, change.series.who, now)

    def _compose(
        self,
        changes: Sequence[Change],
        view: EventView,
        watches: Sequence[str],
        now: datetime,
        alert_type: AlertType = AlertType.FIGURE_CHANGED,
    ) -> Alert:
        leading = in_order(changes, anchor)[0]
        return compose(
            changes,
            event=view.event,
            event_name=self._archive.events.event_name(view.event),
            watches=watches,
            outlet_names=self._outlet_names,
            anchor=anchor,
            behind=behind(leading, view, outlets=self._outlets_behind(leading)),
            created=now,
            alert_type=alert_type,
            timeline=self._timeline_of(leading.series),
        )

    def _timeline_of(self, key: SeriesKey) -> Timeline | None:
        group = (key.outcome, key.who, key.subset)
        found = self._archive.queries.timeline_of(key.event, group=group, last=_DRAWN_OF)
        return found[0] if found else None

    def _outlets_behind(self, change: Change) -> int:
        return self._archive.knowledge.outlets_saying(change.series, anchor(change.to.claim))

    def owe_baseline(
        self, decided: Sequence[tuple[int, Change]], view: EventView, watches: Sequence[Watch], now: datetime
    ) -> None:
        """Owe one summary of what was there before; nothing of it is told on its own."""
        ids = {change: change_id for change_id, change in decided}
        names = tuple(watch.id for watch in watches)
        for share in share_out(list(ids), names, self._rules) if watches else ():
            for change in share.changes:
                for channel in share.channels:
                    due = now + BASELINE_GATHERING
                    self._archive.outbox.wait(ids[change], channel, as_=Wait.BASELINE, watches=names, due=due)

    def release(self, now: datetime) -> int:
        """Owe what was held back and is due: one message per channel and event, one digest, one baseline per channel.

        Returns how many changes were released; what falls into quiet hours, or above what a channel takes in an hour,
        is not.
        """
        with self._archive.atomic():
            due = self._archive.outbox.due_pending(now)
            if any(wait is Wait.BASELINE for _, _, wait, _ in due) and self._archive.polling.baseline_waiting():
                due = [pending for pending in due if pending[2] is not Wait.BASELINE]
            of_channel: dict[str, list[_Held]] = {}
            for change_id, channel, wait, watches in due:
                change = self._archive.knowledge.change(change_id)
                held = _Held(ids=(change_id,), change=change, wait=wait, watches=watches)
                of_channel.setdefault(channel, []).append(held)
            return sum(self._release_to(channel, held, now) for channel, held in of_channel.items())

    def _release_to(self, channel: str, held: Sequence[_Held], now: datetime) -> int:
        together: dict[tuple[Wait, str], list[_Held]] = {}
        for one in self._as_it_stands(held):
            event = one.change.series.event if one.wait is Wait.MESSAGE else ""
            together.setdefault((one.wait, event), []).append(one)
        released = 0
        for (wait, _), ones in together.items():
            hold = self._hold_again(channel, wait, [one.change for one in ones], now)
            if hold is not None:
                for change_id in (change_id for one in ones for change_id in one.ids):
                    self._archive.outbox.wait_on(change_id, channel, as_=hold[0], due=hold[1])
                continue
            self._archive.outbox.owe(self._message(channel, wait, ones, now), [channel], now)
            released += self._released(channel, ones, now)
        return released

    def _hold_again(
        self, channel: str, wait: Wait, changes: Sequence[Change], now: datetime
    ) -> tuple[Wait, datetime] | None:
        """How and until when what is due waits on; None where it need not."""
        if wait is Wait.MESSAGE:
            return self._hold(channel, changes, now)
        quiet = quiet_until(now, self._hours_of(channel))
        return None if quiet is None else (wait, quiet)

    def _released(self, channel: str, held: Sequence[_Held], now: datetime) -> int:
        """Forget that they waited, and what they overtake; returns how many changes that were."""
        outbox = self._archive.outbox
        for one in held:
            for change_id in one.ids:
                outbox.released(change_id, channel)
            if one.change.kind in {*_MOVING, Kind.WITHDRAWN}:
                outbox.overtaken(one.ids[-1], channel, _MOVING)
            if one.wait is Wait.MESSAGE:
                key = one.change.series
                outbox.mark_told(key.event, key.outcome, key.who, now)
        return sum(len(one.ids) for one in held)

    def _as_it_stands(self, held: Sequence[_Held]) -> list[_Held]:
        """What waited for one channel, the movements of a series as one: from what was known to what stands now."""
        moved: dict[SeriesKey, list[_Held]] = {}
        rest: list[_Held] = []
        for one in held:
            if one.change.kind in _MOVING:
                moved.setdefault(one.change.series, []).append(one)
            elif one.change.kind is Kind.WITHDRAWN:
                rest.append(_together([*moved.pop(one.change.series, []), one], one.change))
            else:
                rest.append(one)
        for series, ones in moved.items():
            known = self.views.of(series.event).series.get(series)
            current = None if known is None else known.current
            rest.append(_together(ones, _as_one([one.change for one in ones], current)))
        return sorted(rest, key=lambda one: one.ids[-1])

    def _message(self, channel: str, wait: Wait, held: Sequence[_Held], now: datetime) -> Alert:
        of_event: dict[str, list[_Held]] = {}
        for one in held:
            of_event.setdefault(one.change.series.event, []).append(one)
        alerts = [
            self._compose([one.change for one in together], self.views.of(event), self._names_of(together), now)
            for event, together in of_event.items()
        ]
        if wait is Wait.MESSAGE:
            return alerts[0]
        gathered = digest(alerts, created=now)
        if wait is Wait.BASELINE:
            return _under(gathered, "What was known before", key="baseline", type_=AlertType.BASELINE)
        most = self._hours_of(channel).most_per_hour
        if wait is Wait.GATHERED and most is not None:
            return _under(gathered, f"Gathered, as more than {most} messages came in an hour", key="gathered")
        return gathered

    def _names_of(self, held: Sequence[_Held]) -> list[str]:
        watches = dict.fromkeys(watch for one in held for watch in one.watches)
        return [self._watch_names.get(watch, watch) for watch in watches]


def _under(gathered: Alert, title: str, *, key: str, type_: AlertType = AlertType.DIGEST) -> Alert:
    """A digest under another title than "Digest"; it is another alert than the digest of the same changes."""
    headline = gathered.headline.replace("Digest", title, 1)
    return replace(gathered, key=f"{key}-{gathered.key}", type=type_, headline=headline)


def _together(held: Sequence[_Held], change: Change) -> _Held:
    """One for all of `held`, as urgent as the most urgent of them."""
    return _Held(
        ids=tuple(change_id for one in held for change_id in one.ids),
        change=change,
        wait=min((one.wait for one in held), key=_URGENCY.index),
        watches=tuple(dict.fromkeys(watch for one in held for watch in one.watches)),
    )


def _as_one(moved: Sequence[Change], current: Figure | None) -> Change:
    """The movements of a series that waited as one, to the figure that stands: what is overtaken is not told.

    The figure that stands may be none of theirs: one that no rule lets through has taken over.
    """
    last = moved[-1]
    now = last.to if current is None or anchor(current.claim) == anchor(last.to.claim) else current
    before = moved[0].previous
    if before is not None and anchor(before.claim) == anchor(now.claim):
        before = last.previous if now is last.to else last.to
    if now is last.to and before is last.previous:
        return last
    level = Level.NOW if any(change.level is Level.NOW for change in moved) else last.level
    reason = last.reason if now is last.to else f"{last.reason}; then {anchor(now.claim):,}"
    return replace(
        last, kind=_movement(moved[0].kind, before, now), level=level, to=now, previous=before, reason=reason
    )


def _movement(first: Kind, before: Figure | None, now: Figure) -> Kind:
    if before is None:
        return first
    return Kind.RAISED if anchor(now.claim) >= anchor(before.claim) else Kind.LOWERED


def _stands(change: Change, view: EventView) -> bool:
    series = view.series.get(change.series)
    current = None if series is None else series.current
    return current is not None and current.id == change.to.id


def as_first(change: Change) -> Change:
    """A standing figure as it is told to a watch that did not follow its event before, whatever it was worth then."""
    at_once = change.series.outcome in TOLD_AT_ONCE and not is_unsure(change.to.claim)
    return replace(change, level=Level.NOW if at_once else Level.DIGEST)


def _is_jump(change: Change) -> bool:
    if change.previous is None:
        return False
    before = anchor(change.previous.claim)
    return abs(anchor(change.to.claim) - before) >= _JUMP * before


def _voice(figure: Figure) -> OtherVoice:
    claim = figure.claim
    value = Value(low=claim.low, high=claim.high, qualifier=claim.qualifier, phrase=claim.phrase, anchor=anchor(claim))
    return OtherVoice(
        source=figure.source.removeprefix("outlet:"),
        value=value,
        outcome=claim.outcome,
        who=claim.who,
        hedged=claim.hedged,
        url=figure.article_url,
    )


def behind(change: Change, view: EventView, *, outlets: int) -> Behind:
    """Who stands behind a change's figure and who does not, by what is live in its group; `outlets` carried it."""
    key, now = change.series, change.to
    group = [s for s in view.live(key.outcome) if (s.key.who, s.key.subset) == (key.who, key.subset)]
    live = [s.current for s in group if s.current is not None]
    firm = [figure for figure in live if not is_unsure(figure.claim)]
    agree = [f for f in firm if interval(f.claim).overlaps(interval(now.claim)) or f.source == now.source]
    apart = [f for f in firm if f not in agree]
    return Behind(
        independent_sources=len({figure.party for figure in (*agree, now)}),
        outlets=outlets,
        disagreeing=tuple(map(_voice, apart)),
        unconfirmed=tuple(_voice(figure) for figure in live if is_unsure(figure.claim) and figure.source != now.source),
    )

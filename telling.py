"""What the verdicts of one article earn: a message at once, one later, a line in a digest, or nothing.

Whatever is held back stands in the archive with its due time, so that a restart neither forgets nor repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from alerts.message import compose, digest, in_order
from alerts.rules import channels_for, share_out
from archive import Archive
from extract.case import EventView
from extract.compare import TOLD_AT_ONCE
from extract.intervals import anchor, interval, is_unsure
from model import Alert, AlertType, Behind, Change, Figure, Kind, Level, OtherVoice, Rule, Value, Watch
from views import Views

GATHERING = timedelta(minutes=30)  # at most one message at once per event, outcome and group in this time
BASELINE_GATHERING = timedelta(minutes=10)  # the summary of what was there before waits for the other outlets
DRIFT_GATHERING = timedelta(hours=24)  # a step too small to be told is told in a digest if it is still so after this
_MOVING = frozenset({Kind.NEW, Kind.RAISED, Kind.LOWERED, Kind.FIRMED, Kind.QUANTIFIED})
_ALWAYS_AT_ONCE = frozenset({Kind.LOWERED, Kind.WITHDRAWN, Kind.CONTRADICTED})
_JUMP = 0.5  # a step of half the figure is told inside the gathering time too


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    """A change that waited, with the names of the watches that see it."""

    change: Change
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
        digest_at: Sequence[time] = (time(8, 0),),
    ) -> None:
        """`digest_at` are the times of day (UTC) at which digests go out."""
        self._archive = archive
        self.views = Views(archive)
        self._rules = tuple(rules)
        self._outlet_names = outlet_names
        self._watch_names = {watch.id: watch.name for watch in watches}
        self._digest_at = tuple(sorted(digest_at))

    def owe(
        self, decided: Sequence[tuple[int, Change]], view: EventView, watches: Sequence[Watch], now: datetime
    ) -> None:
        """Owe what the verdicts of one article earn: a message at once, or a place in what is told later."""
        ids = {change: change_id for change_id, change in decided}
        names = tuple(watch.id for watch in watches)
        if not watches or not self._rules:
            return
        waiting = {change: due for change in ids if (due := self._held_until(change, now)) is not None}
        for share in share_out(list(ids), names, self._rules):
            at_once = [c for c in share.changes if c not in waiting]
            urgent = share.level is Level.NOW and any(c.level is Level.NOW for c in at_once)
            if urgent:
                self._tell(at_once, share.channels, view, watches, now)
            for change in share.changes:
                if not urgent or change in waiting:
                    held = waiting.get(change) if share.level is Level.NOW else None
                    level = Level.DIGEST if held is None else Level.NOW
                    for channel in share.channels:
                        due = held or self._next_digest(now)
                        self._archive.outbox.wait(ids[change], channel, level=level, watches=names, due=due)
        self._owe_drift(decided, names, now)

    def _owe_drift(self, decided: Sequence[tuple[int, Change]], names: Sequence[str], now: datetime) -> None:
        """A rise or fall too small to be told waits a day for a digest; it is dropped if its series moved meanwhile."""
        for change_id, change in decided:
            if change.level is not Level.LOG or change.kind not in (Kind.RAISED, Kind.LOWERED):
                continue
            for channel in channels_for(replace(change, level=Level.DIGEST), names, self._rules):
                due = now + DRIFT_GATHERING
                self._archive.outbox.wait(change_id, channel, level=Level.DIGEST, watches=names, due=due)

    def _held_until(self, change: Change, now: datetime) -> datetime | None:
        """When a change may be told that comes too soon after another of its event, outcome and group."""
        if change.level is not Level.NOW or change.kind in _ALWAYS_AT_ONCE or _is_jump(change):
            return None
        last = self._archive.outbox.last_told(change.series.event, change.series.outcome, change.series.who)
        return last + GATHERING if last is not None and now < last + GATHERING else None

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
        )

    def _outlets_behind(self, change: Change) -> int:
        return self._archive.knowledge.outlets_saying(change.series, anchor(change.to.claim))

    def _next_digest(self, now: datetime) -> datetime:
        days = (now.date() + timedelta(days=n) for n in (0, 1))
        times = (datetime.combine(day, at, tzinfo=UTC) for day in days for at in self._digest_at)
        return next(moment for moment in times if moment > now)

    def owe_baseline(
        self, decided: Sequence[tuple[int, Change]], view: EventView, watches: Sequence[Watch], now: datetime
    ) -> None:
        """Owe one summary of what was there before; nothing of it is told on its own.

        What waits for that summary is kept at level LOG: it was never told.
        """
        ids = {change: change_id for change_id, change in decided}
        names = tuple(watch.id for watch in watches)
        for share in share_out(list(ids), names, self._rules) if watches else ():
            for change in share.changes:
                for channel in share.channels:
                    due = now + BASELINE_GATHERING
                    self._archive.outbox.wait(ids[change], channel, level=Level.LOG, watches=names, due=due)

    def release(self, now: datetime) -> int:
        """Owe what was held back and is due: one message per channel and event, one digest, one baseline per channel.

        Returns how many changes were released.
        """
        with self._archive.atomic():
            due = self._archive.outbox.due_pending(now)
            if any(level is Level.LOG for _, _, level, _ in due) and self._archive.polling.baseline_waiting():
                due = [pending for pending in due if pending[2] is not Level.LOG]
            waiting: dict[tuple[str, Level], list[_Held]] = {}
            for change_id, channel, level, watches in due:
                held = _Held(change=self._archive.knowledge.change(change_id), watches=watches)
                if not self._is_overtaken(held.change):
                    waiting.setdefault((channel, level), []).append(held)
                self._archive.outbox.released(change_id, channel)
            for (channel, level), together in waiting.items():
                for alert in self._messages(level, together, now):
                    self._archive.outbox.owe(alert, [channel], now)
            return len(due)

    def _is_overtaken(self, change: Change) -> bool:
        """Whether the series has moved on since, so that the change would tell what no longer stands."""
        if change.kind not in _MOVING:
            return False
        current = self._archive.knowledge.current_of(change.series)
        return current is not None and current != change.to.id

    def _messages(self, level: Level, held: Sequence[_Held], now: datetime) -> list[Alert]:
        of_event: dict[str, list[_Held]] = {}
        for one in held:
            of_event.setdefault(one.change.series.event, []).append(one)
        alerts = [
            self._compose([one.change for one in together], self.views.of(event), self._names_of(together), now)
            for event, together in of_event.items()
        ]
        if level is Level.NOW:
            for one in held:
                key = one.change.series
                self._archive.outbox.mark_told(key.event, key.outcome, key.who, now)
            return alerts
        gathered = digest(alerts, created=now)
        return [gathered if level is Level.DIGEST else _as_baseline(gathered)]

    def _names_of(self, held: Sequence[_Held]) -> list[str]:
        watches = dict.fromkeys(watch for one in held for watch in one.watches)
        return [self._watch_names.get(watch, watch) for watch in watches]


def _as_baseline(gathered: Alert) -> Alert:
    """A digest as the one summary of what was published before Tollwatch began to look."""
    return replace(
        gathered,
        key=f"baseline-{gathered.key}",
        type=AlertType.BASELINE,
        headline=gathered.headline.replace("Digest", "What was known before", 1),
    )


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

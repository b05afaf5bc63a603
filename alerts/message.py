"""Changes -> an `Alert`, the message that no channel has a hand in. Pure: no clock; the key never depends on one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from alerts.wording import EVENT_LENGTH, clean, counted, cut, figure, storable
from model import (
    Alert,
    AlertType,
    Behind,
    Change,
    Claim,
    Figure,
    Kind,
    Level,
    Outcome,
    Quote,
    Timeline,
    TimelinePoint,
    Told,
    Value,
    Who,
)

_NAME_LENGTH = 500  # of an event, outlet or watch; a page may have a title of a megabyte, and an event be called by it
_BODY_LENGTH = 20_000
MOST_POINTS = 120  # of a timeline in a message; a picture of more shows no more
_POINT_QUOTE_LENGTH = 200  # what a line of the picture's legend has room for, twice
QUOTE_LENGTH = 600  # of 275 news sentences with a toll the longest has 489 characters
_NAME_LENGTH = 500  # of what a headline or an outlet may have made: a receiver refuses for good what is too large
_BODY_LENGTH = 20_000

_LEVELS = (Level.NOW, Level.DIGEST, Level.LOG)
_OUTCOMES = (
    Outcome.KILLED,
    Outcome.MISSING,
    Outcome.ABDUCTED,
    Outcome.INJURED,
    Outcome.CASUALTIES,
    Outcome.DETAINED,
    Outcome.DISPLACED,
)
# What is said about a figure never leads a message in which a figure itself moved.
_REMARKS = frozenset(
    {Kind.PART, Kind.INCREMENT, Kind.CONFIRMED, Kind.DIVERGES, Kind.PARTS_EXCEED_TOTAL, Kind.HEDGED_HIGH, Kind.DENIED}
)
_Rank = tuple[int, bool, int, int, str, str]
_OWN_VOICE = "outlet:"  # what an outlet's own voice is called where a source is named


def compose(
    changes: Sequence[Change],
    *,
    event: str,
    event_name: str,
    watches: Sequence[str],
    outlet_names: Mapping[str, str],
    anchor: Callable[[Claim], int],
    behind: Behind | None,
    created: datetime,
    alert_type: AlertType = AlertType.FIGURE_CHANGED,
    timeline: Timeline | None = None,
) -> Alert:
    """Compose one message of the changes of one event, usually one article's. Raises ValueError where there are none.

    `outlet_names` maps outlet ids to names (an id that is missing stands for itself); `anchor` gives the number by
    which a claim is compared. The key rests on type, event, articles, revisions and changes, in whatever order they
    come: the same changes make the same alert. `behind` and `timeline` are about the change that `in_order` puts first.
    """
    if not changes:
        raise ValueError("an alert about figures needs at least one change")
    event_name = cut(storable(event_name), _NAME_LENGTH)
    ordered = in_order(changes, anchor)
    event_name, watches = cut(event_name, _NAME_LENGTH), [cut(watch, _NAME_LENGTH) for watch in watches]
    told = tuple(_told(change, event, event_name, outlet_names, anchor) for change in ordered)
    leading = ordered[0].to
    return Alert(
        key=_key(alert_type, event, sorted(map(_fingerprint, changes))),
        type=alert_type,
        created=created,
        headline=f"{clean(event_name, EVENT_LENGTH)} · {figure(told[0])}",
        event=event,
        event_name=event_name,
        watches=tuple(watches),
        outlet=leading.outlet,
        outlet_name=told[0].quote.outlet,
        url=leading.article_url,
        changes=told,
        behind=behind,
        timeline=None if timeline is None else brief(timeline),
    )


def in_order(changes: Sequence[Change], anchor: Callable[[Claim], int]) -> list[Change]:
    """Return `changes` as an alert tells them: urgent first, then the gravest outcome, then the largest step."""
    return sorted(changes, key=lambda change: _rank_of_change(change, anchor))


def digest(alerts: Sequence[Alert], *, created: datetime) -> Alert:
    """Gather several alerts into one digest, event by event, the gravest first. Raises ValueError at none."""
    if not alerts:
        raise ValueError("a digest needs at least one alert")
    changes = _by_event(told for alert in alerts for told in _with_event(alert))
    events = {told.event: told.event_name for told in changes}
    return Alert(
        key=_key(AlertType.DIGEST, "", sorted({alert.key for alert in alerts})),
        type=AlertType.DIGEST,
        created=created,
        headline=f"Digest · {counted(len(changes), 'change')} in {counted(len(events), 'event')}",
        event=next(iter(events)) if len(events) == 1 else None,
        event_name=next(iter(events.values())) if len(events) == 1 else "",
        watches=tuple(dict.fromkeys(watch for alert in alerts for watch in alert.watches)),
        changes=changes,
    )


def notice(alert_type: AlertType, *, about: str, headline: str, body: str, created: datetime) -> Alert:
    """Compose an alert that is not about figures. `about` says what makes it this one and no other: it is the key."""
    key = _key(alert_type, about, [])
    headline, body = cut(storable(headline), _NAME_LENGTH), cut(storable(body), _BODY_LENGTH)
    return Alert(key=key, type=alert_type, created=created, headline=headline, body=body)


def cut_quote(text: str, mark: tuple[int, int], limit: int = QUOTE_LENGTH) -> tuple[str, tuple[int, int]]:
    """Cut a sentence to about `limit` characters around its number; the mark moves along. Ellipses show the cuts."""
    start, end = max(0, mark[0]), min(len(text), mark[1])
    if len(text) <= limit:
        return text, (start, max(start, end))
    first = max(0, min(start - limit // 2, len(text) - limit))
    last = first + limit
    before, after = "…" if first else "", "…" if last < len(text) else ""
    moved = len(before) - first
    return f"{before}{text[first:last]}{after}", (start + moved, min(max(start, end), last) + moved)


def brief(timeline: Timeline) -> Timeline:
    """Return a timeline as a message carries it: thinned out evenly, with a sentence for each source's last figure."""
    last = {point.source: point for point in timeline.points}
    every = -(-len(timeline.points) // MOST_POINTS)
    kept = [
        point for place, point in enumerate(timeline.points) if place % every == 0 or last[point.source] is point
    ]  # fmt: skip
    points = tuple(_quoted(point) if last[point.source] is point else _unquoted(point) for point in kept)
    return replace(timeline, event_name=clean(timeline.event_name, EVENT_LENGTH), points=points)


def _quoted(point: TimelinePoint) -> TimelinePoint:
    text, mark = cut_quote(storable(point.quote), point.mark, _POINT_QUOTE_LENGTH)
    return replace(_unquoted(point), quote=text, mark=mark)


def _unquoted(point: TimelinePoint) -> TimelinePoint:
    source, outlet = (cut(storable(name), _NAME_LENGTH) for name in (point.source, point.outlet))
    return replace(point, quote="", mark=(0, 0), phrase=storable(point.phrase), source=source, outlet=outlet)


# -------------------------------------------------------------------------------------------- Change -> Told


def _told(
    change: Change, event: str, event_name: str, names: Mapping[str, str], anchor: Callable[[Claim], int]
) -> Told:
    claim, previous = change.to.claim, change.previous
    return Told(
        kind=change.kind,
        level=change.level,
        outcome=change.series.outcome,
        who=change.series.who,
        subset=change.series.subset,
        source=None if change.series.source.startswith(_OWN_VOICE) else change.series.source,
        source_text=claim.source_text,
        value=_value(claim, anchor),
        previous=_value(previous.claim, anchor) if previous else None,
        quote=_quote(change.to, names),
        previous_quote=_quote(previous, names) if previous else None,
        as_of=change.to.as_of,
        as_of_precision=change.to.as_of_precision,
        hedged=claim.hedged,
        silent_edit=change.silent_edit,
        attached=change.attached,
        row=change.row,
        reason=change.reason,
        cue=claim.cue,
        window=claim.window,
        dated=change.to.dated,
        previous_source=_other_source(change, names),
        event=event,
        event_name=event_name,
    )


def _value(claim: Claim, anchor: Callable[[Claim], int]) -> Value:
    return Value(
        low=claim.low,
        high=claim.high,
        qualifier=claim.qualifier,
        phrase=storable(claim.phrase),
        anchor=anchor(claim),
    )


def _quote(figure: Figure, names: Mapping[str, str]) -> Quote:
    text, mark = cut_quote(storable(figure.quote), figure.quote_mark)
    outlet = cut(names.get(figure.outlet, figure.outlet), _NAME_LENGTH)
    return Quote(text=text, mark=mark, outlet=outlet, url=figure.article_url, published=figure.published)


def _other_source(change: Change, names: Mapping[str, str]) -> str | None:
    """Name whose the previous figure is, where that is not the source of the new one."""
    if change.previous is None or change.previous.source == change.series.source:
        return None
    outlet = change.previous.source.removeprefix(_OWN_VOICE)
    return cut(names.get(outlet, outlet), _NAME_LENGTH)


# ------------------------------------------------------------------------------------------------------ order


def _rank_of_change(change: Change, anchor: Callable[[Claim], int]) -> _Rank:
    series = change.series
    old = anchor(change.previous.claim) if change.previous else None
    step = _step(change.kind, anchor(change.to.claim), old)
    return _rank(change.level, change.kind, series.outcome, step, series.who, series.subset)


def _rank_of_told(told: Told) -> _Rank:
    step = _step(told.kind, told.value.anchor, told.previous.anchor if told.previous else None)
    return _rank(told.level, told.kind, told.outcome, step, told.who, told.subset)


def _rank(level: Level, kind: Kind, outcome: Outcome, step: int, who: Who, subset: str | None) -> _Rank:
    return (_LEVELS.index(level), kind in _REMARKS, _OUTCOMES.index(outcome), -step, who.value, subset or "")


def _step(kind: Kind, new: int, old: int | None) -> int:
    if old is None:
        return new
    return old if kind is Kind.WITHDRAWN else abs(new - old)


def _with_event(alert: Alert) -> Iterable[Told]:
    for told in alert.changes:
        yield told if told.event else replace(told, event=alert.event, event_name=alert.event_name)


def _by_event(changes: Iterable[Told]) -> tuple[Told, ...]:
    """Order by the gravest change of each event, and within an event by gravity."""
    events: dict[str | None, list[Told]] = {}
    for told in sorted(changes, key=_rank_of_told):
        events.setdefault(told.event, []).append(told)
    return tuple(told for of_event in events.values() for told in of_event)


# -------------------------------------------------------------------------------------------------------- key


def _key(alert_type: AlertType, about: str, parts: Sequence[str]) -> str:
    """Make a key that is fit for a header: no dot, since a webhook's signature joins id, time and body by dots."""
    text = "\x1e".join([alert_type.value, about, *parts])
    return f"alert_{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _fingerprint(change: Change) -> str:
    series = change.series
    parts = (change.kind.value, series.outcome.value, series.who.value, series.subset, series.source)
    return "\x1f".join(map(str, (*parts, *_place(change.to), *(_place(change.previous) if change.previous else ()))))


def _place(figure: Figure) -> tuple[object, ...]:
    claim = figure.claim
    return (
        figure.article_url,
        figure.revision_id,
        claim.start,
        claim.end,
        claim.low,
        claim.high,
        claim.qualifier.value,
    )

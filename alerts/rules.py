"""Which channel hears of which change, and at which level. Pure: the rules are values, so is the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from model import Change, Claim, Hours, Kind, Level, Rule, Scope

_URGENCY = {Level.NOW: 0, Level.DIGEST: 1, Level.LOG: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """Changes that the same channels hear of at the same level: one message, or one entry of a digest."""

    level: Level
    channels: tuple[str, ...]
    changes: tuple[Change, ...]


def channels_for(change: Change, watches: Sequence[str], rules: Sequence[Rule]) -> dict[str, Level]:
    """Tell which channels hear of `change`: channel name -> NOW or DIGEST; a change of level LOG goes nowhere.

    `watches` are the ids of the watches that see the event. A rule whose levels hold NOW passes a NOW change on at
    once; one that only holds DIGEST puts it into the digest, so that a digest never lacks the largest news. Where
    several rules name a channel, the most urgent one decides.
    """
    heard: dict[str, Level] = {}
    for rule in rules:
        level = _level(change, rule)
        if level is None or not _concerns(rule, change, watches):
            continue
        for channel in rule.channels:
            heard[channel] = min(level, heard.get(channel, Level.LOG), key=_URGENCY.__getitem__)
    return heard


def share_out(changes: Sequence[Change], watches: Sequence[str], rules: Sequence[Rule]) -> tuple[Share, ...]:
    """Gather the changes of one article into what each channel is sent: one message an article and channel.

    A channel that hears of one change at once hears of the article's digest changes in the same message. Channels
    that are sent the same share one `Share`, and so one alert.
    """
    told: defaultdict[str, list[Change]] = defaultdict(list)
    urgent: set[str] = set()
    for change in changes:
        for channel, level in channels_for(change, watches, rules).items():
            told[channel].append(change)
            if level is Level.NOW:
                urgent.add(channel)
    shares: defaultdict[tuple[Level, tuple[Change, ...]], list[str]] = defaultdict(list)
    for channel, of_channel in told.items():
        shares[Level.NOW if channel in urgent else Level.DIGEST, tuple(of_channel)].append(channel)
    return tuple(
        Share(level=level, channels=tuple(names), changes=together) for (level, together), names in shares.items()
    )


def is_large(change: Change, hours: Hours) -> bool:
    """Whether a change is told in a channel's quiet hours too; a withdrawn figure is as large as it was."""
    step, share, first = hours.override_step, hours.override_share, hours.override_first
    new = _number(change.to.claim)
    old = None if change.previous is None else _number(change.previous.claim)
    moved = old if change.kind is Kind.WITHDRAWN else _step(change)
    if new is None or moved is None:
        return False
    if change.previous is None or change.to.claim.scope is Scope.INCREMENT:
        least = step if first is None else first
        return least is not None and moved >= least
    wide = share is None or (old is not None and moved >= share * old)
    return (step, share) != (None, None) and wide and (step is None or moved >= step)


def _level(change: Change, rule: Rule) -> Level | None:
    if change.level is Level.LOG:
        return None
    if change.level in rule.levels:
        return change.level
    return Level.DIGEST if change.level is Level.NOW and Level.DIGEST in rule.levels else None


def _concerns(rule: Rule, change: Change, watches: Sequence[str]) -> bool:
    return (
        (not rule.watches or not set(rule.watches).isdisjoint(watches))
        and (not rule.outcomes or change.series.outcome in rule.outcomes)
        and (not rule.who or change.series.who in rule.who)
        and (not rule.sources or change.series.source.casefold() in {source.casefold() for source in rule.sources})
        and _is_large_enough(rule, change)
    )


def _is_large_enough(rule: Rule, change: Change) -> bool:
    step = _step(change)
    return step is None or step >= rule.minimum_step


def _step(change: Change) -> int | None:
    """Return the size of the movement; a first figure's step is the figure; None where the words name no number."""
    if change.kind is Kind.WITHDRAWN:
        return None
    new = _number(change.to.claim)
    if change.previous is None or change.to.claim.scope is Scope.INCREMENT:
        return new
    # Small steps add up from what was told, not from what stood: else a slow rise would never be large enough.
    old = _number(change.previous.claim) if change.told is None else change.told
    return None if new is None or old is None else abs(new - old)


def _number(claim: Claim) -> int | None:
    return claim.low if claim.low is not None else claim.high

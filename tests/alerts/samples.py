"""An invented event, a fire in the harbour of Velmora, and what its figures look like on their way to somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts.message import compose, digest, notice
from model import (
    Alert,
    AlertType,
    Behind,
    Change,
    Claim,
    Cue,
    Delivery,
    Figure,
    Kind,
    Level,
    OtherVoice,
    Outcome,
    Precision,
    Qualifier,
    Scope,
    SeriesKey,
    Value,
    Who,
)

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
EVENT = "velmora-harbour-fire"
EVENT_NAME = "Velmora harbour fire"
AUTHORITY = "Velmora Port Authority"
OUTLETS = {"lamp": "The Lamp", "herald": "Velmora Herald", "northern": "Northern Wire"}


def claim(
    n: int | None,
    *,
    high: int | None = None,
    qualifier: Qualifier = Qualifier.EXACT,
    phrase: str | None = None,
    outcome: Outcome = Outcome.KILLED,
    who: Who = Who.PEOPLE,
    scope: Scope = Scope.TOTAL,
    window: str | None = None,
    cue: Cue = Cue.NONE,
    hedged: bool = False,
) -> Claim:
    """A claim of `n`; its upper bound follows from the qualifier unless `high` is given."""
    return Claim(
        start=0,
        end=3,
        phrase=phrase if phrase is not None else f"{n:,}",
        sentence_start=0,
        sentence_end=40,
        low=None if qualifier in {Qualifier.UP_TO, Qualifier.VAGUE} else n,
        high=high if high is not None else (n if qualifier in {Qualifier.EXACT, Qualifier.UP_TO} else None),
        qualifier=qualifier,
        outcome=outcome,
        who=who,
        scope=scope,
        window=window,
        cue=cue,
        hedged=hedged,
        rule="sample",
    )


def figure(
    of: Claim,
    *,
    quote: str | None = None,
    outlet: str = "lamp",
    source: str = AUTHORITY,
    as_of: datetime = NOON,
    revision_id: int | None = 7,
    url: str | None = None,
) -> Figure:
    """A figure in an article of `outlet`; the quote has to hold the claim's phrase."""
    text = quote if quote is not None else f"The port counted {of.phrase} of them."
    at = text.index(of.phrase)
    return Figure(
        claim=of,
        source=source,
        party=source,
        dated=True,
        article_url=url or f"https://{outlet}.example/harbour-fire",
        outlet=outlet,
        quote=text,
        quote_mark=(at, at + len(of.phrase)),
        as_of=as_of,
        as_of_precision=Precision.DAY,
        seen=as_of,
        published=as_of,
        revision_id=revision_id,
    )


def change(
    to: Figure,
    previous: Figure | None = None,
    *,
    kind: Kind | None = None,
    level: Level = Level.NOW,
    row: str = "9",
    reason: str = "63 is wholly above 41, by more than a tenth.",
    silent_edit: bool = False,
    attached: tuple[Kind, ...] = (),
    subset: str | None = None,
) -> Change:
    """A change of the event's figure to `to`; `raised` where there is a previous figure, else `new`."""
    return Change(
        kind=kind or (Kind.RAISED if previous else Kind.NEW),
        level=level,
        series=SeriesKey(event=EVENT, outcome=to.claim.outcome, who=to.claim.who, subset=subset, source=to.source),
        to=to,
        previous=previous,
        row=row,
        reason=reason,
        silent_edit=silent_edit,
        attached=attached,
    )


def anchor(of: Claim) -> int:
    """The number by which a sample is compared; every vague word counts as 24 here."""
    return of.low if of.low is not None else of.high if of.high is not None else 24


def composed(
    changes: Sequence[Change],
    *,
    event: str = EVENT,
    event_name: str = EVENT_NAME,
    watches: Sequence[str] = ("Ports",),
    behind: Behind | None = None,
    created: datetime = NOON,
) -> Alert:
    """The alert of some changes."""
    return compose(
        changes,
        event=event,
        event_name=event_name,
        watches=watches,
        outlet_names=OUTLETS,
        anchor=anchor,
        behind=behind,
        created=created,
    )


def raised() -> Change:
    """41 dead become at least 63."""
    yesterday = NOON - timedelta(days=1)
    return change(
        figure(
            claim(63, qualifier=Qualifier.AT_LEAST),
            quote="At least 63 dock workers were killed when the grain store burned, the port authority said Monday.",
        ),
        figure(claim(41), quote="The port authority counted 41 dead by nightfall.", outlet="herald", as_of=yesterday),
    )


def harbour_changes() -> list[Change]:
    """All that one article of The Lamp changes."""
    sentence = "Another 118 were injured, 9 of them children."
    injured = claim(118, outcome=Outcome.INJURED)
    children = claim(9, outcome=Outcome.INJURED, who=Who.CHILDREN)
    return [
        change(figure(children, quote=sentence), level=Level.DIGEST, row="16", reason="A new group."),
        change(figure(injured, quote=sentence), figure(claim(90, outcome=Outcome.INJURED))),
        raised(),
    ]


def behind() -> Behind:
    """One source in three outlets, and a union that fears more."""
    fear = Value(low=None, high=100, qualifier=Qualifier.UP_TO, phrase="100", anchor=100)
    union = OtherVoice(
        source="dockers’ union",
        value=fear,
        outcome=Outcome.KILLED,
        who=Who.PEOPLE,
        hedged=True,
        url="https://u.example",
    )
    return Behind(independent_sources=1, outlets=3, unconfirmed=(union,))


def harbour_fire() -> Alert:
    """The whole alert."""
    return composed(harbour_changes(), behind=behind())


def delivery(alert: Alert, channel: str = "desk", *, number: int = 1, attempts: int = 0) -> Delivery:
    """An alert owed to a channel since noon."""
    return Delivery(id=number, channel=channel, alert=alert, attempts=attempts, owed_since=NOON)


ALERTS = {
    "figures": harbour_fire(),
    "digest": digest([harbour_fire()], created=NOON),
    "notice": notice(
        AlertType.OUTLET_DEGRADED, about="lamp", headline="The Lamp does not answer", body="Since noon.", created=NOON
    ),
}

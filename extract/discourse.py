"""What a figure covers, seen from the whole text: the first totals are the event's, later ones are measured on them.

A sentence alone cannot tell a place's count from the toll, nor a whole war's from one strike's. The text can: a
smaller count after a larger one of the same people is a part; an earlier day's is another event's; a count many times
larger that speaks of a war is that war's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from extract.intervals import anchor, interval, reach
from extract.scope import Ruling
from model import Claim, Cue, Outcome, Qualifier, Scope, Vague, Who

# A war's count stands far above the event's own: an order of magnitude, as the verdict `implausible` has it.
WAR_RATIO = 10
# Two bodies that count the same dead are seldom further apart than this; what is further below is a part.
RIVAL = 4
ROUND_UP = 4  # days with a count of their own that make a text a round-up
MOST_TOTALS = 60  # that later counts are measured on; real articles have fewer, and work stays linear
# What happened longer ago than this is another event, whatever else the text has.
LONG_AGO = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What the sentence of a claim says that only the whole text can weigh."""

    sentence: int
    day: date | None = None  # the day that the killing is put on
    weak_background: bool = False  # `last week`: another event's, where the text has one of its own
    war: bool = False  # speaks of a war or of all that began with it
    cumulative: bool = False  # scope is background only because of `since the war began`
    grouped: bool = False  # a share by group, read as that group's total
    severe: bool = False  # counts only those whose injuries are grave
    critical: bool = False  # counts only those who may not live
    loose: bool = False  # a part only by a word such as `overnight`
    placed: bool = False  # its sentence opens with a place of its own (`In Osk, …`)
    listed: bool = False  # a member of a list of counts
    local: bool = False  # counted by one hospital or the like
    other: bool = False  # `7,000 others`: none of those counted before
    nationals: bool = False  # of one country: `three of its citizens`
    intake: bool = False  # counted at one place where the dead or hurt are brought
    windowed: bool = False  # a group's share that is a part only by its sentence's window (`in the past 24 hours`)
    raising: bool = False  # its sentence gives the toll that it raises
    overall: bool = False  # said to be of the whole (`nationwide`, `in all`)
    whole: int | None = None  # where the count starts of which this one is a share
    definite: bool = False  # that whole is named by what befell it (`of the dead`)
    bare_share: bool = False  # a share that names neither a group nor a role (`including seven at the barbecue`)
    places: tuple[str, ...] = ()  # that its sentence puts what happened in, in lower case, the nearest first


def settle(
    text: str, claims: Sequence[Claim], signals: Sequence[Signals], published: date | None, why: dict[int, str]
) -> list[Claim]:
    """`claims` of `text` (in its order) with the scopes that the text as a whole gives them.

    `why` has the reason of each claim's scope, by its start; those of the scopes that change are written anew.
    """
    settled: list[Claim] = []
    # What a text leads with is what it reports, be it the count of a whole war or year.
    lead_sentence = [signal.cumulative for signal in signals if signal.sentence == signals[0].sentence]
    old = all(claim.scope in (Scope.BACKGROUND, Scope.PREVIOUS) for claim in claims)
    alone = bool(signals) and (any(lead_sentence) or old)
    lead = _Lead(text, claims, signals, published)
    totals: list[Claim] = []
    days = {signal.day for signal in signals if signal.day is not None}
    if len(days) >= ROUND_UP:
        lead.day = None  # each day's event is one of those that the text reports
    for claim, signal in zip(claims, signals, strict=True):
        ruling = Ruling(claim.scope, "")
        if alone and signal.cumulative and claim.scope is Scope.BACKGROUND:
            ruling = Ruling(Scope.TOTAL, "the text leads with what goes on since")
        elif claim.scope is Scope.INCREMENT and settled and not (signal.raising or _adds(claim, settled)):
            ruling = Ruling(Scope.TOTAL, "nothing of the same is counted before it to which it could be added")
        elif claim.scope is Scope.TOTAL and not claim.denied:
            ruling = _scope(claim, signal, totals, lead)
        settled.append(claim if ruling.scope is claim.scope else replace(claim, scope=ruling.scope))
        why[claim.start] = ruling.why or why[claim.start]
        if settled[-1].scope is Scope.TOTAL and len(totals) < MOST_TOTALS:
            totals.append(settled[-1])
    return _among_themselves(claims, settled, totals, signals, lead, why)


def _among_themselves(
    claims: Sequence[Claim],
    settled: list[Claim],
    totals: Sequence[Claim],
    signals: Sequence[Signals],
    lead: _Lead,
    why: dict[int, str],
) -> list[Claim]:
    """`settled`, each with the scope that the others leave it; `claims` had those of their sentences."""
    now = _told(settled, _with_wholes(settled, signals), "no other count of it is the whole", why)
    now = _told(now, _with_neighbours(claims, now, signals), "another outcome beside it is told of a part", why)
    now = _told(now, _with_breakdowns(now, totals), "the groups of its sentence add up to a total", why)
    now = _told(now, _with_grades(now, signals), "its sentence tells the hurt apart by how badly", why)
    now = _told(now, _with_restated(now), "it is the count of a part once more", why)
    now = _told(now, _with_background(now, signals, lead), "its sentence goes on from another event's count", why)
    return _told(now, _with_shares(now, signals), "it is a share, and goes with what it is a share of", why)


def _told(before: list[Claim], after: list[Claim], reason: str, why: dict[int, str]) -> list[Claim]:
    """`after`, with `reason` written down for the claims whose scope is not what it was `before`."""
    why.update({now.start: reason for was, now in zip(before, after, strict=True) if was.scope is not now.scope})
    return after


def _adds(claim: Claim, before: Sequence[Claim]) -> bool:
    """Whether `another 12` comes after a count of the same; after one of something else it adds to nothing."""
    return any(other.outcome is claim.outcome for other in before[-MOST_TOTALS:])


class _Lead:
    """What the text leads with: the day, and the words up to the end of its first claim's sentence."""

    def __init__(self, text: str, claims: Sequence[Claim], signals: Sequence[Signals], published: date | None) -> None:
        self.day = _lead_day(signals, published)
        self.words = text[: claims[0].sentence_end].lower() if claims else ""

    def is_elsewhere(self, places: tuple[str, ...]) -> bool:
        """Whether the nearest of `places` is one that the lead does not name."""
        return bool(places) and places[0] not in self.words


def _lead_day(signals: Sequence[Signals], published: date | None) -> date | None:
    """The day that the text leads with: its first claim's, else the first one that is not long before publication."""
    if signals and signals[0].day is not None:
        return signals[0].day
    days = (signal.day for signal in signals if signal.day is not None)
    return next((day for day in days if published is None or not _is_long_before(day, published)), published)


def _with_wholes(settled: list[Claim], signals: Sequence[Signals]) -> list[Claim]:
    """What happened overnight, or `in a day`, is the whole where the text counts no more of that outcome."""
    wholes = [claim for claim in settled if claim.scope is Scope.TOTAL]
    most: dict[Outcome, tuple[int, int]] = {}  # the sentence and the number of the greatest total so far
    told: list[Claim] = []
    for claim, signal in zip(settled, signals, strict=True):
        sentence, size = most.get(claim.outcome, (signal.sentence, 0))
        # what stands in one sentence with the whole has its window too: `53 pupils and two teachers overnight`
        most_yet = signal.loose and (anchor(claim) > size or (sentence == signal.sentence and size > 0))
        whole = claim.scope is Scope.PART and (most_yet or (bool(claim.window) and _is_repeated(claim, wholes)))
        told.append(replace(claim, scope=Scope.TOTAL, window=None) if whole else claim)
        if told[-1].scope is Scope.TOTAL:
            most[claim.outcome] = max((signal.sentence, anchor(claim)), (sentence, size), key=lambda whole: whole[1])
    return told


def _with_background(settled: list[Claim], signals: Sequence[Signals], lead: _Lead) -> list[Claim]:
    """What a sentence goes on to count after a count of another event is of that event, unless it names a newer day."""
    old: set[int] = set()
    new: set[int] = set()
    out: list[Claim] = []
    for claim, signal in zip(settled, signals, strict=True):
        recent = signal.day is not None and lead.day is not None and signal.day >= lead.day
        if claim.scope is Scope.BACKGROUND:
            if signal.sentence not in new and not claim.denied:
                old.add(signal.sentence)
        elif signal.sentence not in old or recent or claim.cue is not Cue.NONE or signal.cumulative:
            new.add(signal.sentence)
        else:
            out.append(replace(claim, scope=Scope.BACKGROUND))
            continue
        out.append(claim)
    return out


def _with_restated(settled: list[Claim]) -> list[Claim]:
    """The count of a part, told once more by the same voice or by nobody named, is of that part."""
    parts: dict[Figured, set[str | None]] = {}
    told: list[Claim] = []
    for claim in settled:
        voices = parts.get(_figure(claim), set())
        same = bool(voices) and (claim.source is None or not voices.isdisjoint({None, claim.source}))
        # `dozens` twice need not be the same dozens
        again = claim.scope is Scope.TOTAL and same and claim.cue is Cue.NONE and claim.vague is None
        told.append(replace(claim, scope=Scope.PART) if again else claim)
        if told[-1].scope is Scope.PART and anchor(claim) > 1:
            parts.setdefault(_figure(claim), set()).add(claim.source)
    return told


Figured = tuple[Outcome, int, Vague | None, Who]


def _figure(claim: Claim) -> Figured:
    return claim.outcome, anchor(claim), claim.vague, claim.who


def _with_breakdowns(settled: list[Claim], totals: Sequence[Claim]) -> list[Claim]:
    """Groups counted in one sentence that add up to a total are that total's groups: `three men and one woman`."""
    lists: dict[tuple[int, Outcome], list[Claim]] = {}
    for claim in settled:
        lists.setdefault((claim.sentence_start, claim.outcome), []).append(claim)
    sums = {(total.outcome, anchor(total)) for total in totals}
    whole = {
        place
        for place, members in lists.items()
        if _are_groups(members) and (place[1], sum(map(anchor, members))) in sums
    }
    return [
        replace(claim, scope=Scope.TOTAL)
        if claim.scope is Scope.PART and (claim.sentence_start, claim.outcome) in whole
        else claim
        for claim in settled
    ]


def _are_groups(members: Sequence[Claim]) -> bool:
    """Whether each of a list's members says whom it counts, and not all the same."""
    named = {member.who_text for member in members}
    return len(named) > 1 and "" not in named and all(member.rule != "gap" for member in members)


def _with_grades(settled: list[Claim], signals: Sequence[Signals]) -> list[Claim]:
    """`one serious injury, 19 slight ones`, `42 are critical. Many others were lightly hurt`: each is a part."""
    pairs = list(zip(settled, signals, strict=True))
    graded = Counter((claim.sentence_start, claim.outcome) for claim, signal in pairs if signal.severe)
    told: list[Claim] = []
    for claim, signal in pairs:
        rest = signal.other and bool(told) and told[-1].outcome is claim.outcome and told[-1].scope is Scope.PART
        grade = signal.severe and (rest or graded[claim.sentence_start, claim.outcome] > 1)
        told.append(replace(claim, scope=Scope.PART) if grade and claim.scope is Scope.TOTAL else claim)
    return told


def _with_shares(settled: list[Claim], signals: Sequence[Signals]) -> list[Claim]:
    """A share of a part is of that part too: `killed 16 there, including a child`."""
    scopes = {claim.start: claim.scope for claim in settled}
    shared: list[Claim] = []
    counted: set[Outcome] = set()  # of which a total stands before
    for claim, signal in zip(settled, signals, strict=True):
        scope = scopes.get(signal.whole) if signal.whole is not None else None
        grouped = signal.grouped or claim.who is not Who.PEOPLE
        if signal.definite and grouped and scope is Scope.PART and claim.outcome in counted:
            scope = None  # `two of the dead`, after a place's count: of all the dead
        if claim.scope is Scope.TOTAL:
            counted.add(claim.outcome)
        if claim.scope is Scope.TOTAL and (scope is Scope.PART or signal.bare_share):
            scopes[claim.start] = Scope.PART
        elif scope is Scope.BACKGROUND:
            scopes[claim.start] = Scope.BACKGROUND
        elif claim.scope is Scope.PART and scope is Scope.TOTAL and signal.windowed:
            scopes[claim.start] = Scope.TOTAL  # the window is the whole's
        scope = scopes[claim.start]
        shared.append(claim if scope is claim.scope else replace(claim, scope=scope))
    return shared


def _with_neighbours(before: Sequence[Claim], settled: list[Claim], signals: Sequence[Signals]) -> list[Claim]:
    """What stands in one sentence with a part is of that part's place too: `in X one was killed and nine injured`."""
    placed: dict[int, Claim] = {
        signal.sentence: now
        for was, now, signal in zip(before, settled, signals, strict=True)
        if was.scope is Scope.TOTAL and now.scope is Scope.PART and not (signal.severe or signal.intake)
        if signal.whole is None  # `46 hurt, 26 of them …` says nothing of where
    }
    return [
        replace(claim, scope=Scope.PART) if _shares_place(claim, placed.get(signal.sentence)) else claim
        for claim, signal in zip(settled, signals, strict=True)
    ]


def _shares_place(claim: Claim, part: Claim | None) -> bool:
    """Whether `claim` tells another outcome of the place that `part` is of; of the same outcome it is its whole."""
    return (
        part is not None and claim.scope is Scope.TOTAL and claim.cue is Cue.NONE and claim.outcome is not part.outcome
    )


def _scope(claim: Claim, signal: Signals, totals: Sequence[Claim], lead: _Lead) -> Ruling:
    """The scope of a claim that its sentence takes for a total; without a reason where it remains one."""
    if signal.day is not None and lead.day is not None and _is_long_before(signal.day, lead.day):
        return Ruling(Scope.BACKGROUND, f"its day, {signal.day}, is long before the text's")
    if not totals or signal.overall:
        return Ruling(Scope.TOTAL, "")
    if _is_of_some(claim, signal, totals):
        return Ruling(Scope.PART, "it counts only those in a grave state, or those brought to one place")
    if signal.weak_background and not _is_repeated(claim, totals) and _is_counted(claim, totals):
        return Ruling(Scope.BACKGROUND, "its clause puts it before what the text tells of")
    if signal.war and anchor(claim) >= WAR_RATIO * max(map(anchor, totals)):
        return Ruling(Scope.BACKGROUND, "it counts a war's, many times the totals before it")
    if _is_earlier_event(claim, signal, totals, lead.day):
        return Ruling(Scope.BACKGROUND, f"its day, {signal.day}, is before the one that the text leads with")
    if lead.is_elsewhere(signal.places) and (whole := _whole_elsewhere(claim, signal, totals)):
        return Ruling(Scope.PART, f"of a place of its own, and smaller than the total of {whole.phrase} before it")
    if (whole := _whole(claim, signal, totals)) is not None:
        return Ruling(Scope.PART, f"smaller than the total of {whole.phrase} before it")
    return Ruling(Scope.TOTAL, "")


def _is_of_some(claim: Claim, signal: Signals, totals: Sequence[Claim]) -> bool:
    """Whether the words count some of the dead or hurt only: those in a morgue, those in a grave state."""
    kinds = (claim.outcome, Outcome.CASUALTIES)
    counted = [total for total in totals if total.outcome in kinds and not total.hedged]
    more = any(anchor(total) > anchor(claim) for total in counted)  # one that takes in all of them is no part
    elsewhere = any(total.sentence_start != claim.sentence_start for total in totals)
    alone = claim.outcome is Outcome.INJURED and not counted and elsewhere
    severe = signal.severe and any(_same_people(claim, total) for total in counted)
    return signal.critical or (signal.intake and (more or alone)) or severe


def _is_long_before(day: date, lead_day: date) -> bool:
    return lead_day - day > LONG_AGO


def _is_earlier_event(claim: Claim, signal: Signals, totals: Sequence[Claim], lead_day: date | None) -> bool:
    """Whether the count is put on a day before the one that the text leads with, and is no figure given before."""
    if signal.day is None or lead_day is None or signal.day >= lead_day or signal.grouped:
        return False
    return not _is_repeated(claim, totals)


def _is_counted(claim: Claim, totals: Sequence[Claim]) -> bool:
    return any(total.outcome is claim.outcome for total in totals)


def _is_repeated(claim: Claim, totals: Sequence[Claim]) -> bool:
    return any(anchor(total) == anchor(claim) and total.outcome is claim.outcome for total in totals)


def _whole_elsewhere(claim: Claim, signal: Signals, totals: Sequence[Claim]) -> Claim | None:
    """The larger total of its outcome, whomever that counts, that a count put in a place of its own is below."""
    if signal.grouped or claim.cue not in (Cue.NONE, Cue.NEWER):
        return None
    larger = (
        total
        for total in totals
        if _is_below(claim, total)
        and (total.source is None or _may_share(claim, signal, total))
        and not _is_listed_with(claim, signal, total)
        and not _is_named_otherwise(claim, signal, total)
    )
    return next(larger, None)


def _whole(claim: Claim, signal: Signals, totals: Sequence[Claim]) -> Claim | None:
    """The larger total of the same people that stands before, told by the same voice or by nobody named."""
    if signal.grouped or claim.cue not in (Cue.NONE, Cue.NEWER) or claim.hedged:
        return None
    larger = (
        total
        for total in totals
        if _same_people(claim, total)
        and _is_below(claim, total)
        and _may_share(claim, signal, total)
        and not _is_listed_with(claim, signal, total)
        and not _is_named_otherwise(claim, signal, total)
    )
    return next(larger, None)


def _is_below(claim: Claim, total: Claim) -> bool:
    """Whether `total`, which nobody doubts, is above all that `claim` says."""
    least = reach(total).tolerated_low if total.qualifier is Qualifier.VAGUE else anchor(total)
    return not total.hedged and claim.outcome is total.outcome and _highest(claim) < least


def _may_share(claim: Claim, signal: Signals, total: Claim) -> bool:
    """Whether the voice of `claim` can count a part of `total`; another body's lower figure is a rival to it."""
    if total.source is None and anchor(claim) * RIVAL < anchor(total):
        return True  # the outlet's own total, most often of the body that counts its parts
    return signal.placed or claim.source in (None, total.source) or (signal.local and claim.outcome is Outcome.INJURED)


def _is_listed_with(claim: Claim, signal: Signals, total: Claim) -> bool:
    beside = signal.listed or signal.other or total.rule == "list"
    return beside and total.sentence_start == claim.sentence_start


def _is_named_otherwise(claim: Claim, signal: Signals, total: Claim) -> bool:
    """`Two Chinese tourists were hurt`, `the army lost 13`, after the toll of people: that group's own total."""
    if claim.rule == "lost":
        return True  # what one side lost
    names = {word for word in claim.who_text.split() if word[:1].isupper()}
    return signal.nationals or (bool(names) and names.isdisjoint(total.who_text.split()))


def _same_people(claim: Claim, total: Claim) -> bool:
    """Whether both count the same people: a count of people after one of civilians is of the same kind."""
    if claim.outcome is not total.outcome:
        return False
    return claim.who is total.who or (claim.who is Who.PEOPLE and total.who is Who.CIVILIANS)


def _highest(claim: Claim) -> float:
    """The most that the words are expected to stand for; `many` said after a number is no rival to it."""
    return anchor(claim) if claim.vague is Vague.MANY else interval(claim).soft_ceiling

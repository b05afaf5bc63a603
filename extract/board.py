"""Where every live text lies: the events of the last weeks in memory, and the order in which texts were published.

A text is placed as if those published after it had not come yet. One that arrives late takes the later ones off the
board, is placed, and they are placed again after it: so the events that come out do not depend on the order of
arrival. An event is known by its last originals only, so that a text costs the same however large its event has grown.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, takewhile
from itertools import count as numbers_from
from typing import TypeVar

from extract import events
from extract.events import EventProfile, Profile, Rarity
from model import Outcome, Who

KNOWN_BY = 24  # originals that an event is known by: its latest
REPLACED = 32  # later texts of one event that a late one takes off the board; an event with more of them is settled
KEPT = KNOWN_BY + REPLACED  # so many can be taken off and still leave what the event was known by before
_LINE = 4_096  # texts of which the order is kept; one that is older than all of them moves nothing
_KEYS_KEPT = 48  # of an event's words and names: the tail is one article's noise
_CANDIDATES = 12
_FAR_FEWER = 5  # an event that shares so many times fewer words than another is not looked at
_TELLING_KEYS = 24  # of a text: its rarest words find its event, however common its others are
_FEW = 8  # events whose common word is kept with them in a tuple; of more, in a set
_RARE = 20  # events in which a word may occur and still be looked up besides those

Order = tuple[datetime, str, int]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One revision as the board knows it. `order` is (published, address, number of the revision).

    `below` is what its figures below the head state, by where they start. It joins the event of the first of `follows`
    that has one (its earlier revision, the texts that it copies), or `pinned`, without being asked. `weighs` tells
    whether it adds to what its event is known by, and `opens` whether it can be the first of one.
    """

    revision_id: int
    order: Order
    event_id: str  # of the event that it would open
    profile: Profile
    below: Mapping[int, events.Stated]
    opens: bool
    weighs: bool = True
    follows: tuple[int, ...] = ()
    pinned: str | None = None
    watch: str | None = None  # the event that this would open takes all of that watch's texts, and no others


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a text lies: its event, and where its figures of other events start."""

    event: str | None = None
    foreign: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Where a text came to lie, and the texts that lie elsewhere since (revision -> place before).

    `opened` tells that it is the first of its event.
    """

    place: Place
    opened: bool
    moved: Mapping[int, Place] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Turnover:
    """The keys that an event is known by since a text came or went, and those by which it is no more."""

    gained: Set[str] = frozenset()
    lost: Set[str] = frozenset()


class _Event:
    """One event while it is live: its originals, the last of them added up."""

    def __init__(self, event: str, opened: Order, *, single: bool) -> None:
        self.event = event
        self.opened = opened
        self.single = single
        self._orders: list[Order] = []
        self._weighing: list[Entry] = []
        self._keys: dict[str, float] = {}
        self._names: dict[str, float] = {}
        self._figures: dict[events.Stated, float] = {}
        self._context: dict[events.Stated, float] = {}
        self._profile: EventProfile | None = None

    def add(self, entry: Entry, foreign: frozenset[int]) -> _Turnover:
        """Put an entry at the end, without its figures of other events."""
        self._orders.append(entry.order)
        if not entry.weighs:
            return _Turnover()
        if foreign:
            figures = entry.profile.figures - {entry.below[start] for start in foreign}
            entry = replace(entry, profile=replace(entry.profile, figures=figures))
        pushed_out = self._weighing[-KNOWN_BY] if len(self._weighing) >= KNOWN_BY else None
        self._weighing.append(entry)
        del self._weighing[:-KEPT]
        return self._turn_over(come=entry, gone=pushed_out)

    def take(self, entry: Entry) -> _Turnover:
        """Take the last entry off."""
        self._orders.pop()
        if not entry.weighs:
            return _Turnover()
        taken = self._weighing.pop()
        again = self._weighing[-KNOWN_BY] if len(self._weighing) >= KNOWN_BY else None
        return self._turn_over(come=again, gone=taken)

    def _turn_over(self, *, come: Entry | None, gone: Entry | None) -> _Turnover:
        keys, names = self._keys, self._names
        concerned = {key for entry in (come, gone) if entry is not None for key in _keys(entry)}
        had = {key for key in concerned if key in keys or key in names}
        if come is not None:
            self._sum(come, 1)
        if gone is not None:
            self._sum(gone, -1)
        has = {key for key in concerned if key in keys or key in names}
        return _Turnover(gained=has - had, lost=had - has)

    @property
    def is_empty(self) -> bool:
        """Whether all its entries were taken off."""
        return not self._orders

    @property
    def last(self) -> Order:
        """The order of its last entry."""
        return self._orders[-1]

    def is_live(self, moment: datetime) -> bool:
        """Whether the event was written about shortly before or after a time."""
        return self.opened[0] - events.WINDOW <= moment <= self.last[0] + events.WINDOW

    def known_by(self) -> Iterable[str]:
        """All keys that it is known by."""
        return {*self._keys, *self._names}

    def _sum(self, entry: Entry, sign: int) -> None:
        self._profile = None
        _count(self._keys, entry.profile.keys, sign)
        _count(self._names, dict.fromkeys(entry.profile.names, 1.0), sign)
        _count(self._figures, dict.fromkeys(entry.profile.figures, 1.0), sign)
        _count(self._context, dict.fromkeys(entry.profile.context, 1.0), sign)

    @property
    def profile(self) -> EventProfile:
        """What it is known by."""
        if self._profile is None:
            known = self._weighing[-KNOWN_BY:]
            self._profile = EventProfile(
                event=self.event,
                keys=dict(_weightiest(self._keys)),
                names=frozenset(key for key, _ in _weightiest(self._names)),
                figures=frozenset(self._figures),
                context=frozenset(self._context),
                opening=_highest(known),
                countries=frozenset(country for entry in known for country in entry.profile.countries),
                days=frozenset({self.opened[0].date(), *(e.profile.day for e in known if e.profile.day is not None)}),
            )
        return self._profile


def _count(counter: dict[T, float], more: Mapping[T, float], sign: int) -> None:
    """Add weights, or take them off; they are halves, so that sums are exact."""
    for key, weight in more.items():
        now = counter.get(key, 0.0) + sign * weight
        if now:
            counter[key] = now
        else:
            del counter[key]


def _highest(entries: Iterable[Entry]) -> dict[tuple[Outcome, Who], int]:
    """The highest tolls that these led with."""
    highest: dict[tuple[Outcome, Who], int] = {}
    for entry in entries:
        for group, number in entry.profile.opening.items():
            highest[group] = max(number, highest.get(group, 0))
    return highest


def _weightiest(counted: Mapping[str, float]) -> Sequence[tuple[str, float]]:
    if len(counted) <= _KEYS_KEPT:
        return list(counted.items())
    least = sorted(counted.values(), reverse=True)[_KEYS_KEPT - 1]
    above = sorted((key, weight) for key, weight in counted.items() if weight > least)
    level = sorted(key for key, weight in counted.items() if weight == least)
    return [*above, *((key, least) for key in level[: _KEYS_KEPT - len(above)])]


def _keys(entry: Entry) -> Iterable[str]:
    return {*entry.profile.keys, *entry.profile.names}


class Board:
    """The live events. Pure memory: what it holds can be had again from the archive, text by text in order."""

    def __init__(self) -> None:
        self._events: dict[str, _Event] = {}
        self._with_key: dict[str, tuple[str, ...] | set[str]] = {}  # most keys are one event's: a tuple is small
        self._rarity = Rarity()
        self._line: list[tuple[Order, Entry]] = []
        self._places: dict[int, Place] = {}

    # ------------------------------------------------------------------------------------------------- asking

    def place_of(self, revision_id: int) -> Place | None:
        """Where a text lies, None where the board does not hold it."""
        return self._places.get(revision_id)

    def later_than(self, order: Order) -> list[Entry]:
        """The entries that were published after `order`."""
        return [entry for _, entry in self._line[self._after(order) :]]

    def _after(self, order: Order) -> int:
        return bisect_right(self._line, order, key=lambda one: one[0])

    # ------------------------------------------------------------------------------------------------ placing

    def put(self, entry: Entry, place: Place) -> None:
        """Put an entry, the last so far, where it is known to lie."""
        insort(self._line, (entry.order, entry), key=lambda one: one[0])
        del self._line[:-_LINE]
        self._places[entry.revision_id] = place
        if place.event is not None:
            known = self._events.get(place.event)
            if known is None:
                known = self._events[place.event] = _Event(place.event, entry.order, single=entry.watch is not None)
            self._turn_over(known, known.add(entry, place.foreign))

    def place(self, entry: Entry, followers: Mapping[int, Entry] | None = None) -> Placed:
        """Find the place of a text that the board does not hold yet, and put it there.

        `followers` are the texts that copy this one, as they are now.
        """
        later = self._disturbed(entry)
        before: dict[int, Place] = {}
        for one in reversed(later):
            before[one.revision_id] = self._take(one)
        self.put(entry, self._found(entry, {}))
        for one in later:
            again = (followers or {}).get(one.revision_id, one)
            self.put(again, self._found(again, before))
        self._keep_names(later, before, entry)
        moved = {one: place for one, place in before.items() if self._places[one] != place}
        place = self._places[entry.revision_id]
        opened = place.event is not None and self._events[place.event].opened == entry.order
        return Placed(place=place, opened=opened, moved=moved)

    def _take(self, entry: Entry) -> Place:
        place = self._places.pop(entry.revision_id)
        at = self._after(entry.order) - 1
        del self._line[at]
        known = self._events.get(place.event or "")
        if known is not None:
            self._turn_over(known, known.take(entry))
            if known.is_empty:
                del self._events[known.event]
        return place

    def _turn_over(self, known: _Event, turnover: _Turnover) -> None:
        if known.single:  # found by its watch, never by its words
            return
        for key in turnover.lost:
            self._forget_key(key, known.event)
        for key in turnover.gained:
            self._learn_key(key, known.event)

    def _learn_key(self, key: str, event: str) -> None:
        having = self._with_key.get(key, ())
        if isinstance(having, set):
            having.add(event)
        else:
            having = self._with_key[key] = (*having, event) if len(having) < _FEW else {*having, event}
        self._rarity.occurs(key, len(having))

    def _forget_key(self, key: str, event: str) -> None:
        having = self._with_key.get(key, ())
        if isinstance(having, set):
            having.discard(event)
        else:
            having = self._with_key[key] = tuple(one for one in having if one != event)
        self._rarity.occurs(key, len(having))
        if not having:
            del self._with_key[key]

    def _disturbed(self, entry: Entry) -> list[Entry]:
        """The later entries that this one may move: all where they are few, else those of events that are like it."""
        settled = len(self._line) >= _LINE and entry.order < self._line[0][0]
        later = [] if settled else self.later_than(entry.order)
        if len(later) <= REPLACED:
            return later
        like = {event for event, _ in self._like(entry)}
        like |= {place.event for one in entry.follows if (place := self._places.get(one)) and place.event}
        of_event: dict[str, list[Entry]] = {}
        for one in later:
            event = self._places[one.revision_id].event
            if event in like:
                of_event.setdefault(event, []).append(one)
        few = (one for entries in of_event.values() if len(entries) <= REPLACED for one in entries)
        return sorted(few, key=lambda one: one.order)

    def _keep_names(self, later: Sequence[Entry], before: Mapping[int, Place], entry: Entry) -> None:
        """Let an event that was taken off whole keep its id where its texts went into one that `entry` opened."""
        own = self._places[entry.revision_id].event
        opened = own is not None and self._events[own].opened == entry.order
        for one in later if opened else ():
            old, now = before[one.revision_id].event, self._places[one.revision_id].event
            if old is not None and now is not None and old not in self._events and now == own:
                self._rename(now, old)
                return

    def _rename(self, event: str, to: str) -> None:
        known = self._events.pop(event)
        self._events[to] = known
        known.event, known._profile = to, None
        for key in known.known_by():
            if event in self._with_key.get(key, ()):
                self._forget_key(key, event)
                self._learn_key(key, to)
        self._places = {
            one: replace(place, event=to) if place.event == event else place for one, place in self._places.items()
        }

    # ------------------------------------------------------------------------------------------------ finding

    def _found(self, entry: Entry, before: Mapping[int, Place]) -> Place:
        """Where a text belongs, with all that was published before it on the board."""
        event, candidates = self._given(entry), {}
        if event is None or entry.below:
            likeness = events.Likeness(entry.profile, self._rarity)
            candidates = {known: (likeness.to(of.profile), of.profile) for known, of in self._like(entry)}
        event = event or events.choose(entry.profile, candidates)
        foreign = self._foreign(entry, event, candidates) if entry.below else frozenset[int]()
        if event is None and entry.opens:
            event = self._new_id(entry, before)
        return Place(event=event, foreign=foreign)

    def _foreign(
        self, entry: Entry, event: str | None, candidates: Mapping[str, tuple[float, EventProfile]]
    ) -> frozenset[int]:
        """Where figures below the head start that are another event's."""
        own = self._events[event].profile if event in self._events else None
        others = [known for score, known in candidates.values() if known.event != event and score >= events.MENTION]
        return events.of_other_events(entry.below, own, others)

    def _given(self, entry: Entry) -> str | None:
        if entry.pinned is not None:
            return entry.pinned
        places = (self._places.get(one) for one in entry.follows)
        return next((place.event for place in places if place is not None and place.event is not None), None)

    def _new_id(self, entry: Entry, before: Mapping[int, Place]) -> str:
        """The id of an event that a text opens: the one that it had, else its own, where they are free."""
        numbered = (f"{entry.event_id}-{number}" for number in numbers_from(2))
        had = before.get(entry.revision_id, Place()).event
        return next(e for e in chain((had, entry.event_id), numbered) if e is not None and e not in self._events)

    def _like(self, entry: Entry) -> list[tuple[str, _Event]]:
        """The events that share most telling words with a text, of those that are not over."""
        counted = sorted((len(having), key) for key in _keys(entry) if (having := self._with_key.get(key)))
        telling = takewhile(lambda one: one[0] < _TELLING_KEYS or one[1][0] <= _RARE, enumerate(counted))
        shared = Counter(chain.from_iterable(self._with_key[key] for _, (_, key) in telling))
        # Of thousands of events most share one word, and are not looked at where enough share more.
        sharing: dict[int, list[str]] = {}
        for event, count in shared.items():
            sharing.setdefault(count, []).append(event)
        stated, least = entry.order[0], max(sharing, default=0) / _FAR_FEWER
        found: list[tuple[str, _Event]] = []
        for count in sorted(sharing, reverse=True):
            if count < least or len(found) >= _CANDIDATES:
                break
            near = [(event, self._events[event]) for event in sharing[count]]
            live = [one for one in near if one[1].is_live(stated)]
            found += sorted(live, key=lambda one: (one[1].opened, one[0]))
        return found[:_CANDIDATES]

    # ------------------------------------------------------------------------------------------------- upkeep

    def forget_before(self, moment: datetime) -> None:
        """Let go of the events that nobody wrote about since."""
        for event in [event for event, known in self._events.items() if known.last[0] < moment]:
            known = self._events.pop(event)
            self._turn_over(known, _Turnover(lost=frozenset(known.known_by())))
        held = {entry.revision_id for _, entry in self._line}
        self._places = {one: place for one, place in self._places.items() if one in held or place.event in self._events}

"""What every renderer shows of an alert, in words that are clean but not yet escaped for any markup. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from alerts.wording import (
    AGAINST,
    EVENT_LENGTH,
    OUTCOMES,
    byline,
    clean,
    counted,
    cut,
    day,
    figure,
    kind_words,
    movement,
    neutral,
    source_name,
    voice,
    whom,
)
from model import Alert, AlertType, Behind, OtherVoice, Quote, Told

MOST_OTHERS = 12  # an article has rarely more than six figures that moved; a table of regions may have forty
MOST_VOICES = 4
_BODY_LENGTH = 4000
_PIECE_LENGTH = 600
_REASON_LENGTH = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of a sentence; `marked` where it is a number that the alert is about."""

    text: str
    marked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A quoted sentence and where it stands: outlet, address, day (empty where the day is not known)."""

    pieces: tuple[Piece, ...]
    outlet: str
    url: str
    day: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One change in full."""

    group: str  # "civilians killed"
    movement: str  # "745 → at least 973 (+228, +31 %)"
    kind: str
    byline: str
    now: Sentence
    before: Sentence | None
    before_label: str  # "before", or "against" where it is another source's
    why: str

    @property
    def figure(self) -> str:
        """Group and movement in one."""
        return f"{self.group} {self.movement}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """The changes of one event in a digest."""

    event: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """An alert about the figures of one event: the leading change in full, the others in a line each."""

    headline: str
    event: str
    lead: Card
    also: tuple[str, ...]
    also_quotes: tuple[Sentence, ...]
    behind: tuple[str, ...]
    timeline: str | None  # the command that shows the timeline of the event
    watches: tuple[str, ...]


def headline(alert: Alert, limit: int = 300) -> str:
    """Return the alert's headline on one line of at most `limit` characters."""
    return clean(alert.headline or alert.type.value, limit)


def is_digest(alert: Alert) -> bool:
    """Whether the alert is shown event by event."""
    return alert.type in {AlertType.DIGEST, AlertType.BASELINE} and bool(alert.changes)


def body(alert: Alert) -> tuple[str, ...]:
    """Return the paragraphs of an alert that is not about figures."""
    lines = (clean(line, _BODY_LENGTH) for line in alert.body[: 2 * _BODY_LENGTH].splitlines())
    return tuple(line for line in lines if line)


def view(alert: Alert) -> View:
    """Return what is shown of an alert with changes; its first change leads."""
    year = alert.created.year
    lead, others = alert.changes[0], alert.changes[1:]
    return View(
        headline=headline(alert),
        event=clean(alert.event_name, EVENT_LENGTH),
        lead=_card(lead, year),
        also=_also(lead, others),
        also_quotes=_other_quotes(lead, others, year),
        behind=_behind(alert.behind, lead) if alert.behind else (),
        timeline=f"tollwatch timeline {clean(alert.event, EVENT_LENGTH)}" if alert.event else None,
        watches=tuple(clean(watch, EVENT_LENGTH) for watch in alert.watches),
    )


def sections(alert: Alert) -> tuple[Section, ...]:
    """Return a digest event by event, as the alert orders its changes."""
    year = alert.created.year
    return tuple(
        Section(event=clean(name, EVENT_LENGTH), cards=tuple(_card(told, year) for told in changes))
        for (_, name), changes in groupby(alert.changes, key=lambda told: (told.event, told.event_name))
    )


def _card(told: Told, year: int) -> Card:
    return Card(
        group=f"{whom(told)} {OUTCOMES[told.outcome]}",
        movement=movement(told),
        kind=kind_words(told),
        byline=byline(told, year),
        now=_sentence(told.quote, [told.quote.mark], year),
        before=_sentence(told.previous_quote, [told.previous_quote.mark], year) if told.previous_quote else None,
        before_label="against" if told.previous_source and told.kind in AGAINST else "before",
        why=f"{clean(told.reason, _REASON_LENGTH)} (row {clean(told.row, 10)})",
    )


# ---------------------------------------------------------------------------------------------------- sentences


def _sentence(quote: Quote, marks: Iterable[tuple[int, int]], year: int) -> Sentence:
    return Sentence(
        pieces=tuple(_pieces(quote.text, sorted(marks))),
        outlet=clean(quote.outlet, EVENT_LENGTH),
        url=quote.url,
        day=day(quote.published, year) if quote.published else "",
    )


def _pieces(text: str, marks: Sequence[tuple[int, int]]) -> Iterable[Piece]:
    """Cut `text` at the marks; a mark that overlaps the one before it, or is empty, is left out."""
    at = 0
    for start, end in marks:
        if at <= start < end <= len(text):
            yield from _piece(text[at:start], marked=False)
            yield from _piece(text[start:end], marked=True)
            at = end
    yield from _piece(text[at:], marked=False)


def _piece(text: str, *, marked: bool) -> Iterable[Piece]:
    harmless = cut(neutral(text), _PIECE_LENGTH)
    if harmless:
        yield Piece(text=harmless, marked=marked)


# ------------------------------------------------------------------------------------------- the others, and who


def _also(lead: Told, others: Sequence[Told]) -> tuple[str, ...]:
    shown = tuple(_beside(told, lead) for told in others[:MOST_OTHERS])
    left = len(others) - len(shown)
    return (*shown, f"{left} more") if left else shown


def _beside(told: Told, lead: Told) -> str:
    """Say a change beside the leading one: outcome, verdict and source only where they are not the same."""
    words = f"{whom(told)} {movement(told)}" if told.outcome is lead.outcome else figure(told)
    kind = kind_words(told) if kind_words(told) != kind_words(lead) else ""
    named = source_name(told) if told.source != lead.source and source_name(told) not in kind else ""
    # The movement and the verdict may say the same thing ("unconfirmed"): once is enough.
    pieces = [piece for words in (words, kind) if words for piece in words.split(", ")]
    return ", ".join(dict.fromkeys(pieces)) + (f" ({named})" if named else "")


def _other_quotes(lead: Told, others: Sequence[Told], year: int) -> tuple[Sentence, ...]:
    """Return the sentences behind the other changes, each once, with all its numbers marked."""
    sentences: dict[tuple[str, str], tuple[Quote, set[tuple[int, int]]]] = {}
    for told in others[:MOST_OTHERS]:
        place = (told.quote.text, told.quote.url)
        if place != (lead.quote.text, lead.quote.url):
            sentences.setdefault(place, (told.quote, set()))[1].add(told.quote.mark)
    return tuple(_sentence(quote, marks, year) for quote, marks in sentences.values())


def _behind(behind: Behind, lead: Told) -> tuple[str, ...]:
    sources = counted(behind.independent_sources, "independent source")
    disagreeing = _voices(behind.disagreeing, lead)
    unconfirmed = _voices(behind.unconfirmed, lead)
    return (
        f"{sources}, carried by {counted(behind.outlets, 'outlet')}",
        f"disagreeing: {disagreeing}" if disagreeing else "nobody disagrees",
        *([f"unconfirmed: {unconfirmed}"] if unconfirmed else []),
    )


def _voices(voices: Sequence[OtherVoice], lead: Told) -> str:
    shown = [voice(other, lead) for other in voices[:MOST_VOICES]]
    left = len(voices) - len(shown)
    return ", ".join([*shown, f"{left} more"] if left else shown)

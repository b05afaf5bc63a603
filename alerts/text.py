"""An alert in plain text: for a terminal, for the text part of an email, and to be forwarded as it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.view import Card, Section, Sentence, View, body, headline, is_digest, sections, view
from alerts.wording import clean
from model import Alert

_LABEL = 10  # the width of "behind it "
_KIND_AT = 76  # where the verdict stands, beyond the usual length of a headline
_URL_LENGTH = 2000
MOST_IN_DIGEST = 100


def render(alert: Alert) -> str:
    """Return the alert as plain text, lines ended by a newline; numbers that it is about stand between ▸ and ◂."""
    return "".join(f"{line}\n" for line in _lines(alert))


def quoted(sentence: Sentence) -> str:
    """Return a sentence in quotation marks with its numbers marked; marks of the sentence's own are taken out."""
    own = str.maketrans("", "", "▸◂")
    pieces = (
        f"▸{piece.text.translate(own)}◂" if piece.marked else piece.text.translate(own) for piece in sentence.pieces
    )
    return f"“{''.join(pieces).strip()}”"


def place(sentence: Sentence) -> str:
    """Return where a sentence stands: outlet and day."""
    return ", ".join(part for part in (sentence.outlet, sentence.day) if part)


def _lines(alert: Alert) -> Iterator[str]:
    if is_digest(alert):
        yield from _digest(alert)
    elif alert.changes:
        yield from _figures(view(alert))
    else:
        yield headline(alert)
        yield from body(alert)


def _figures(shown: View) -> Iterator[str]:
    yield _with_kind(shown.headline, shown.lead.kind)
    yield from _quotes(shown.lead)
    if shown.also:
        yield _labelled("also", " · ".join(shown.also))
        for sentence in shown.also_quotes:
            yield _labelled("", quoted(sentence))
    if shown.behind:
        yield _labelled("behind it", " · ".join(shown.behind))
    yield from _links(shown)


def _quotes(card: Card) -> Iterator[str]:
    yield card.byline
    yield f"  {'now':<8}{quoted(card.now)}"
    if card.before:
        yield f"  {card.before_label:<8}{quoted(card.before)} · {place(card.before)}"


def _links(shown: View) -> Iterator[str]:
    yield _labelled("article", _address(shown.lead.now))
    if shown.lead.before and shown.lead.before.url != shown.lead.now.url:
        yield _labelled(shown.lead.before_label, _address(shown.lead.before))
    if shown.timeline:
        yield _labelled("timeline", shown.timeline)
    yield _labelled("why", shown.lead.why)
    if shown.watches:
        yield _labelled("watches", ", ".join(shown.watches))


def _digest(alert: Alert) -> Iterator[str]:
    left = MOST_IN_DIGEST
    yield headline(alert)
    for section in sections(alert):
        yield from _section(section, left)
        left = max(0, left - len(section.cards))
    if len(alert.changes) > MOST_IN_DIGEST:
        yield ""
        yield f"and {len(alert.changes) - MOST_IN_DIGEST:,} more"


def _section(section: Section, most: int) -> Iterator[str]:
    if not most:
        return
    yield ""
    yield section.event
    for card in section.cards[:most]:
        yield _with_kind(f"  {card.figure}", card.kind)
        for line in _quotes(card):
            yield f"    {line}"
        yield f"      {_address(card.now)}"


def _labelled(label: str, words: str) -> str:
    return f"{label:<{_LABEL}}{words}"


def _with_kind(words: str, kind: str) -> str:
    return f"{words:<{_KIND_AT - 2}}  {kind}"


def _address(sentence: Sentence) -> str:
    return clean(sentence.url, _URL_LENGTH)

"""An alert as a Slack message: Block Kit within its documented limits. Pure.

Limits (Slack's reference of blocks): 50 blocks a message, 150 characters a header, 3,000 a text; a message of more than
40,000 characters in all is cut. What comes from an article passes `_escaped`, so that no `<!channel>`, mention or link
can come out of it; `verbatim` keeps Slack from making any of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import accumulate

from alerts.text import place, quoted
from alerts.view import Card, Section, Sentence, View, body, headline, is_digest, sections, view
from alerts.wording import web_address
from model import Alert

MOST_BLOCKS = 50
HEADER_LENGTH = 150
TEXT_LENGTH = 3000
MESSAGE_LENGTH = 40_000

Block = dict[str, object]

# Formatting marks of Slack's that an article may hold; it has no escape for them, so they become their look-alikes.
_LOOK_ALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
# A header is plain text, for which nothing says whether entities are resolved: so none is written.
_PLAIN = str.maketrans({"<": "‹", ">": "›"}) | _LOOK_ALIKES
_MOST_ROWS = MOST_BLOCKS - 2  # the header, and "and n more"
_REST = 2 * TEXT_LENGTH  # of a message, for what is no row of a digest: the header, the notification, the frame


def render(alert: Alert) -> dict[str, object]:
    """Return the body of a post to an incoming webhook: `text` (what a notification shows) and `blocks`."""
    blocks = [_header(headline(alert, HEADER_LENGTH), alert.key), *_content(alert)]
    return {
        "text": _fit(_escaped(_summary(alert))),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _summary(alert: Alert) -> str:
    if alert.changes and not is_digest(alert):
        return f"{headline(alert)} · {view(alert).lead.kind}"
    return headline(alert)


def _content(alert: Alert) -> list[Block]:
    if is_digest(alert):
        return _digest(alert)
    if alert.changes:
        return _figures(view(alert))
    words = _escaped("\n".join(body(alert)))
    return [_section(words)] if words else []


def _figures(shown: View) -> list[Block]:
    return [
        _section(f"*{_escaped(shown.lead.kind)}*\n{_escaped(shown.lead.byline)}"),
        _section(_quotes(shown.lead)),
        *_also(shown),
        *([_context(_escaped(" · ".join(shown.behind)))] if shown.behind else []),
        _context(_foot(shown)),
    ]


def _quotes(card: Card) -> str:
    now = f"*now* · {_link(card.now)}\n> {_escaped(quoted(card.now))}"
    if card.before is None:
        return now
    return f"{now}\n*{card.before_label}* · {_link(card.before)}\n> {_escaped(quoted(card.before))}"


def _also(shown: View) -> list[Block]:
    if not shown.also:
        return []
    lines = "\n".join(f"• {_escaped(line)}" for line in shown.also)
    quotes = "\n".join(f"> {_escaped(quoted(sentence))}" for sentence in shown.also_quotes)
    return [_section(f"*also*\n{lines}"), *([_section(quotes)] if quotes else [])]


def _foot(shown: View) -> str:
    lines = [f"why: {_escaped(shown.lead.why)}"]
    if shown.timeline:
        lines.append(f"timeline: `{_escaped(shown.timeline)}`")
    if shown.watches:
        lines.append(f"watches: {_escaped(', '.join(shown.watches))}")
    return "\n".join(lines)


def _digest(alert: Alert) -> list[Block]:
    every = [row for section in sections(alert) for row in _rows(section)][:_MOST_ROWS]
    lengths = accumulate(len(json.dumps(block, ensure_ascii=False)) for _, block in every)
    rows = [row for row, length in zip(every, lengths, strict=True) if length <= MESSAGE_LENGTH - _REST]
    left = len(alert.changes) - sum(changes for changes, _ in rows)
    blocks = [block for _, block in rows]
    return [*blocks, _context(f"and {left:,} more")] if left else blocks


def _rows(section: Section) -> Iterator[tuple[int, Block]]:
    """Yield a block for the event's name, then one a change, each with the number of changes that it shows."""
    yield 0, _section(f"*{_escaped(section.event)}*")
    for card in section.cards:
        head = f"*{_escaped(card.figure)}* · {_escaped(card.kind)}\n{_escaped(card.byline)}"
        yield 1, _section(f"{head}\n{_quotes(card)}")


# ------------------------------------------------------------------------------------------------------- blocks


def _header(words: str, key: str) -> Block:
    # An incoming webhook has no id for a message: the block's is the alert's key, the same at every retry.
    text = {"type": "plain_text", "text": words.translate(_PLAIN), "emoji": False}
    return {"type": "header", "block_id": key, "text": text}


def _section(words: str) -> Block:
    return {"type": "section", "text": _text(words)}


def _context(words: str) -> Block:
    return {"type": "context", "elements": [_text(words)]}


def _text(words: str) -> Block:
    return {"type": "mrkdwn", "text": _fit(words), "verbatim": True}


def _link(sentence: Sentence) -> str:
    address = web_address(sentence.url)
    words = _escaped(place(sentence))
    return f"<{_escaped(address)}|{words}>" if address else words


def _fit(words: str) -> str:
    """Cut escaped text to Slack's limit, never inside a link or an entity."""
    if len(words) <= TEXT_LENGTH:
        return words
    head = words[: TEXT_LENGTH - 1]
    for opening, closing in (("<", ">"), ("&", ";")):
        if head.rfind(opening) > head.rfind(closing):
            head = head[: head.rfind(opening)]
    return f"{head}…"


def _escaped(text: str) -> str:
    return text.translate(_LOOK_ALIKES).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""An alert as an HTML letter: one column, no outside asset, light and dark, readable in a hand. Pure.

Whatever comes from an article or an outlet passes `_escaped`; addresses become links only where `web_address` allows.
"""

from __future__ import annotations

from html import escape

from alerts.view import Card, Section, Sentence, View, body, headline, is_digest, sections, view
from alerts.wording import web_address
from model import Alert

MOST_IN_DIGEST = 60  # a mail program cuts a letter above about 100 kB; a card takes about 1 kB

# Classes carry the colours, since only a style sheet can answer to prefers-color-scheme; mail programs that drop it
# still show the order and the words.
_STYLE = """
body{margin:0;padding:0;background:#eef0f2;color:#16191d;-webkit-text-size-adjust:100%}
.page{max-width:640px;margin:0 auto;padding:16px 10px;
font:16px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
.card{background:#fff;border:1px solid #d9dde2;border-radius:8px;padding:20px;overflow-wrap:anywhere}
.event{font-size:15px;font-weight:600;margin:0}
.group{font-size:15px;margin:14px 0 0}
.moved{font-size:26px;line-height:1.25;font-weight:700;margin:2px 0 0}
.moved.small{font-size:20px}
.kind+.by{margin-top:6px}
.section{font-size:18px;font-weight:700;margin:18px 0 0}
blockquote+.group{margin-top:28px}
.kind{display:inline-block;margin:8px 0 0;padding:2px 9px;border-radius:10px;
background:#16191d;color:#fff;font-size:13px}
.by,.label,.foot{color:#5a636e}
.by{font-size:14px;margin:10px 0 0}
.label{font-size:13px;margin:18px 0 4px}
blockquote{margin:0;padding:2px 0 2px 12px;border-left:4px solid #b3261e}
blockquote.before{border-left-color:#c3c9d0}
mark{background:#ffe08a;color:#16191d;font-weight:700;padding:0 3px;border-radius:3px}
blockquote.before mark{background:#e3e7eb;font-weight:600}
ul{margin:0;padding:0 0 0 18px}
li{margin:2px 0}
a{color:#0b57d0}
.act{margin:20px 0 0}
.act a{display:inline-block;margin:0 18px 4px 0;font-weight:600}
code{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}
.foot{font-size:13px;margin:18px 0 0;padding:12px 0 0;border-top:1px solid #d9dde2}
.foot p{margin:0 0 4px}
.rule{border:0;border-top:1px solid #d9dde2;margin:20px 0 0}
.ahead{display:none;max-height:0;overflow:hidden;font-size:1px;color:transparent}
@media (prefers-color-scheme:dark){
body{background:#101214;color:#e8eaed}
.card{background:#1b1e22;border-color:#343a41}
.kind{background:#e8eaed;color:#16191d}
.by,.label,.foot{color:#a3acb7}
blockquote{border-left-color:#f2857c}
blockquote.before{border-left-color:#4a525b}
mark{background:#ffd54a;color:#16191d}
blockquote.before mark{background:#3a424b;color:#e8eaed}
a{color:#8ab4f8}
.foot,.rule{border-color:#343a41}
}
""".strip()


def render(alert: Alert) -> str:
    """Return the alert as a whole HTML document."""
    title = _escaped(headline(alert))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f'<body><div class="ahead">{_escaped(preview(alert))}</div>'
        f'<div class="page"><div class="card">{fragment(alert)}</div></div></body></html>'
    )


def preview(alert: Alert) -> str:
    """Return the line that a mailbox shows after the subject."""
    if is_digest(alert):
        return " · ".join(f"{section.event}: {section.cards[0].figure}" for section in sections(alert)[:4])
    if alert.changes:
        lead = view(alert).lead
        return f"{lead.kind} · {lead.byline} · {''.join(piece.text for piece in lead.now.pieces)}"
    return " ".join(body(alert))


def fragment(alert: Alert) -> str:
    """Return what is inside the card alone, for a reader that has a style of its own."""
    if is_digest(alert):
        return _digest(alert)
    if alert.changes:
        return _figures(view(alert))
    paragraphs = "".join(f"<p>{_escaped(line)}</p>" for line in body(alert))
    return f'<p class="event">{_escaped(headline(alert))}</p>{paragraphs}'


def _figures(shown: View) -> str:
    return "".join(
        (
            f'<p class="event" dir="auto">{_escaped(shown.event)}</p>',
            _card(shown.lead),
            _also(shown),
            _list("Behind it", shown.behind),
            _actions(shown.lead),
            _foot(shown),
        )
    )


def _card(card: Card, size: str = "") -> str:
    before = _quote(card.before_label.capitalize(), card.before, "before") if card.before else ""
    return (
        f'<p class="group">{_escaped(card.group)}</p><p class="moved{size}">{_unbroken(card.movement)}</p>'
        f'<span class="kind">{_escaped(card.kind)}</span><p class="by" dir="auto">{_escaped(card.byline)}</p>'
        f"{_quote('Now', card.now, 'now')}{before}"
    )


def _quote(label: str, sentence: Sentence, kind: str) -> str:
    words = "".join(
        f"<mark>{_escaped(piece.text)}</mark>" if piece.marked else _escaped(piece.text) for piece in sentence.pieces
    )
    at = f" · {_escaped(sentence.day)}" if sentence.day else ""
    where = f"{_link(sentence.url, sentence.outlet)}{at}"
    return (
        f'<p class="label">{label} · <bdi>{where}</bdi></p><blockquote class="{kind}" dir="auto">“{words}”</blockquote>'
    )


def _also(shown: View) -> str:
    if not shown.also:
        return ""
    quotes = "".join(_quote("Now", sentence, "now") for sentence in shown.also_quotes)
    return f"{_list('Also', shown.also)}{quotes}"


def _list(label: str, items: tuple[str, ...]) -> str:
    if not items:
        return ""
    lines = "".join(f'<li dir="auto">{_unbroken(item)}</li>' for item in items)
    return f'<p class="label">{label}</p><ul>{lines}</ul>'


def _actions(card: Card) -> str:
    links = [_link(card.now.url, "Article")]
    if card.before and card.before.url != card.now.url:
        earlier = "The article before" if card.before_label == "before" else "The article against it"
        links.append(_link(card.before.url, earlier))
    return f'<p class="act">{" ".join(links)}</p>'


def _foot(shown: View) -> str:
    timeline = f"<p>Timeline: <code>{_escaped(shown.timeline)}</code></p>" if shown.timeline else ""
    watches = f"<p>Watches: {_escaped(', '.join(shown.watches))}</p>" if shown.watches else ""
    return f'<div class="foot"><p>Why this was told: {_escaped(shown.lead.why)}</p>{timeline}{watches}</div>'


def _digest(alert: Alert) -> str:
    parts = [f'<p class="event">{_escaped(headline(alert))}</p>']
    left = MOST_IN_DIGEST
    for section in sections(alert):
        parts.append(_section(section, left))
        left = max(0, left - len(section.cards))
    if len(alert.changes) > MOST_IN_DIGEST:
        parts.append(f'<p class="label">and {len(alert.changes) - MOST_IN_DIGEST:,} more</p>')
    return "".join(parts)


def _section(section: Section, most: int) -> str:
    if not most:
        return ""
    cards = "".join(_card(card, " small") for card in section.cards[:most])
    return f'<hr class="rule"><p class="section" dir="auto">{_escaped(section.event)}</p>{cards}'


def _link(url: str, words: str) -> str:
    address = web_address(url)
    return f'<a href="{_escaped(address)}">{_escaped(words)}</a>' if address else _escaped(words)


def _unbroken(words: str) -> str:
    """Escape `words` and keep a step such as (+228, +31 %) on one line."""
    joined = words.replace(" %)", "\xa0%)").replace(", +", ",\xa0+").replace(", −", ",\xa0−")
    return _escaped(joined)


def _escaped(text: str) -> str:
    return escape(text, quote=True)

"""The Atom feed of a watch (RFC 4287): one entry a change. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from lxml import etree

from alerts.atom import ATOM, put
from dashboard.words import Move


def render(key: str, name: str, moved: Sequence[Move], *, added: str, address: str) -> bytes:
    """The feed of the watch `key`; `added` is when it was first followed, `address` where the dashboard is."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    page = f"{address}/watches/{quote(key)}"
    put(feed, "id", f"urn:tollwatch:watch:{quote(key)}")
    put(feed, "title", f"Tollwatch: {name}")
    put(feed, "updated", _time(moved[0].at) if moved else added)
    put(put(feed, "author"), "name", "Tollwatch")
    put(feed, "link", rel="self", type="application/atom+xml", href=f"{page}.atom")
    put(feed, "link", rel="alternate", type="text/html", href=page)
    for move in moved:
        _add(feed, move, address)
    etree.indent(feed)
    return bytes(etree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(feed: etree._Element, move: Move, address: str) -> None:
    entry = put(feed, "entry")
    before, mark, after = move.quote
    put(entry, "id", f"urn:tollwatch:change:{move.change}")
    put(entry, "title", f"{move.event_name} · {move.group} {move.movement}", type="text")
    put(entry, "updated", _time(move.at))
    put(entry, "link", rel="alternate", type="text/html", href=f"{address}/figures/{move.figure}")
    put(entry, "link", rel="related", type="text/html", href=f"{address}/events/{quote(move.event)}")
    put(entry, "category", term=move.kind)
    put(entry, "summary", f"{move.verdict} · {move.byline}\n“{before}▸{mark}◂{after}”", type="text")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

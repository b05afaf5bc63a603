"""Alerts as an Atom feed (RFC 4287): one entry an alert, its id the alert's key. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from lxml import etree

from alerts import text
from alerts.templates import fragment
from alerts.view import headline
from alerts.wording import web_address
from model import Alert

ATOM = "http://www.w3.org/2005/Atom"
_URN = "urn:tollwatch:"
_TITLE_LENGTH = 200
# XML has no way to write these, not even as a reference.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BrokenFeedError(ValueError):
    """What was read is no feed of ours."""


def render(alert: Alert) -> str:
    """Return the alert's entry as XML."""
    entry = _entry(alert)
    etree.indent(entry)
    return str(etree.tostring(entry, encoding="unicode")) + "\n"


def add(alert: Alert, known: bytes | None, *, name: str, keep: int) -> bytes:
    """Return the feed with the alert in it, the newest `keep` first; the same alert twice is one entry.

    `known` is the feed as it was, None where there is none. Raises BrokenFeedError where it cannot be read.
    """
    added = _entry(alert)
    entries = [added, *(entry for entry in _entries(known) if _said(entry, "id") != _said(added, "id"))]
    entries.sort(key=lambda entry: _said(entry, "updated"), reverse=True)
    return _feed(name, entries[:keep])


def _entries(known: bytes | None) -> list[etree._Element]:
    if known is None:
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_blank_text=True)
    try:
        feed = etree.fromstring(known, parser)
    except etree.XMLSyntaxError as error:
        raise BrokenFeedError(f"no XML: {error}") from error
    entries = feed.findall(_name("entry"))
    if feed.tag != _name("feed") or not all(_said(entry, "id") and _said(entry, "updated") for entry in entries):
        raise BrokenFeedError("no Atom feed, or an entry without id or time")
    return list(entries)


def _feed(name: str, entries: Iterable[etree._Element]) -> bytes:
    feed = etree.Element(_name("feed"), nsmap={None: ATOM})
    entries = list(entries)
    put(feed, "id", f"{_URN}feed:{quote(name)}")
    put(feed, "title", f"Tollwatch: {name}")
    put(feed, "updated", _said(entries[0], "updated"))
    put(put(feed, "author"), "name", "Tollwatch")
    feed.extend(entries)
    etree.indent(feed)
    return bytes(etree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(alert: Alert) -> etree._Element:
    entry = etree.Element(_name("entry"), nsmap={None: ATOM})
    put(entry, "id", f"{_URN}{quote(alert.key)}")
    put(entry, "title", headline(alert, _TITLE_LENGTH), type="text")
    put(entry, "updated", _time(alert.created))
    put(entry, "published", _time(alert.created))
    address = web_address(alert.url)
    if address:
        put(entry, "link", rel="alternate", href=address)
    put(entry, "category", term=alert.type.value)
    put(entry, "summary", text.render(alert), type="text")
    put(entry, "content", fragment(alert), type="html")
    return entry


def put(parent: etree._Element, name: str, words: str = "", **attributes: str) -> etree._Element:
    """Add an element; signs that XML cannot hold are left out."""
    clean = {key: _NOT_IN_XML.sub("", value) for key, value in attributes.items()}
    element = etree.SubElement(parent, _name(name), attrib=clean)
    element.text = _NOT_IN_XML.sub("", words) or None
    return element


def _said(entry: etree._Element, name: str) -> str:
    return entry.findtext(_name(name)) or ""


def _time(moment: datetime) -> str:
    """Write a time so that times sort as their text does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _name(name: str) -> str:
    return f"{{{ATOM}}}{name}"

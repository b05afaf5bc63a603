"""The words of a piece of markup as a reader sees them: one line a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from lxml.etree import LxmlError, iterwalk
from lxml.html import HtmlElement, HTMLParser, document_fromstring

BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "body", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
    }
)  # fmt: skip
HIDDEN = frozenset(
    {
        "aside", "audio", "button", "figure", "footer", "form", "iframe", "link", "meta", "nav", "noscript", "picture",
        "script", "select", "style", "svg", "template", "video",
    }
)  # fmt: skip
CAPTION = re.compile(r"caption", re.IGNORECASE)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
NOT_TEXT = {code: None for code in range(0x20) if chr(code) not in "\t\n\r"}

_parser = HTMLParser(encoding="utf-8", default_doctype=False, remove_comments=True, remove_pis=True)


def lines_of(element: HtmlElement, *, without: HtmlElement | None = None) -> str:
    """The text of `element`, a line for each block in it; clocks, captions, buttons and `without` are left out."""
    lines = (" ".join(line.split()) for line in "".join(_pieces(element, without)).split("\n"))
    return "\n".join(line for line in lines if line)


def lines_in(markup: str) -> str:
    """The same of a value that may be markup, escaped markup, or plain text with its own line breaks."""
    text = (markup if TAG.search(markup) else unescape(markup)).translate(NOT_TEXT)
    if TAG.search(text):
        try:
            return lines_of(document_fromstring(text.encode("utf-8", "replace"), parser=_parser))
        except (LxmlError, ValueError, AssertionError):
            return ""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _pieces(element: HtmlElement, without: HtmlElement | None) -> Iterator[str]:
    walk = iterwalk(element, events=("start", "end"))
    for event, each in walk:
        if each.tag in BLOCKS:
            yield "\n"
        if event == "end":
            yield _on_one_line(each.tail) if each is not element else ""
        elif each is without or _is_hidden(each):
            walk.skip_subtree()
        else:
            yield _on_one_line(each.text)


def _is_hidden(element: HtmlElement) -> bool:
    return element.tag in HIDDEN or _is_clock(element) or CAPTION.search(element.get("class") or "") is not None


def _is_clock(element: HtmlElement) -> bool:
    """Whether an element is a time by itself; one in the middle of a paragraph belongs to its sentence."""
    parent = element.getparent()
    return element.tag == "time" and not (parent is not None and parent.tag == "p" and (parent.text or "").strip())


def _on_one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")

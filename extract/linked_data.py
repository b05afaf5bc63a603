"""What a page says of its own article in JSON-LD (schema.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice
from urllib.parse import unquote, urlsplit

ARTICLE_TYPES = frozenset(
    {
        "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle",
        "opinionnewsarticle", "reviewnewsarticle", "asknewsarticle", "advertisercontentarticle", "satiricalarticle",
        "blogposting", "liveblogposting", "socialmediaposting", "techarticle", "scholarlyarticle", "report",
        "claimreview",
    }
)  # fmt: skip
PAGE_TYPES = frozenset({"webpage", "itempage", "aboutpage"})  # some systems put an article's dates on its page only
CONTAINERS = ("@graph", "mainEntity", "mainEntityOfPage")
UPDATES = "liveBlogUpdate"
MAKERS = ("author", "creator", "provider", "sourceOrganization", "publisher", "copyrightHolder", "creditText", "source")
READ_IN_BROKEN = ("@type", "headline", "datePublished", "dateModified", "inLanguage")

SCRIPT_LIMIT = 1_000_000  # characters; the longest on the pages we measured has 120,000
NODE_LIMIT = 2_000
DEPTH_LIMIT = 6

WRAPPING = re.compile(
    r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[|/\*.{0,40}?\*/)?\s*|\s*(?:-->|//\s*\]\]>|\]\]>)\s*$", re.DOTALL
)
TRAILING_COMMA = re.compile(r",(\s*[}\]])")
MARKUP = re.compile(r"<[^<>]{1,200}>")
STRING = r'"(?P<value>(?:\\.|[^"\\])*)"'

_decoder = json.JSONDecoder(strict=False)  # raw line breaks inside strings occur

Node = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """An entry of a live blog as its page describes it; `body` may hold markup, `addresses` need not be absolute."""

    headline: str | None
    body: str | None
    published: str | None
    modified: str | None
    addresses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedData:
    """The article node of a page, as text; everything is None or empty where the page says nothing.

    `types` holds the lower-cased types of all nodes at the top, `articles` how many of them are articles.
    """

    types: frozenset[str] = frozenset()
    articles: int = 0
    live: bool = False
    sold: bool = False  # not accessible for free, by its own word
    headline: str | None = None
    description: str | None = None
    published: str | None = None
    modified: str | None = None
    language: str | None = None
    body: str | None = None
    makers: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()  # of a live blog, in the page's order


def read_linked_data(scripts: Iterable[str], *, url: str) -> LinkedData:
    """The article that the scripts of the page at `url` describe. Broken JSON is read as far as it goes."""
    nodes = list(islice((node for script in scripts for node in _nodes_of(script)), NODE_LIMIT))
    articles = [node for node in nodes if _types(node) & ARTICLE_TYPES]
    types = frozenset[str]().union(*map(_types, nodes))
    chosen = _about(articles, url) or next((node for node in nodes if _types(node) & PAGE_TYPES), {})
    return LinkedData(
        types=types,
        articles=len(articles),
        live="liveblogposting" in _types(chosen) or UPDATES in chosen,
        sold=str(chosen.get("isAccessibleForFree")).lower() == "false",
        headline=_text(chosen.get("headline")),
        description=_text(chosen.get("description")),
        published=_text(chosen.get("datePublished")),
        modified=_text(chosen.get("dateModified")),
        language=_text(chosen.get("inLanguage")),
        body=_text(chosen.get("articleBody")),
        makers=tuple(dict.fromkeys(name for key in MAKERS for name in _names(chosen.get(key)))),
        updates=tuple(islice(_updates(chosen), NODE_LIMIT)),
    )


def _about(articles: list[Node], url: str) -> Node:
    """The node that names this address (the live blog, if one is), else the first that is dated, else the first."""
    path = _path(url)
    named = [node for node in articles if path in map(_path, _addresses(node))]
    return (
        next((node for node in named if UPDATES in node), None)
        or next(iter(named), None)
        or next((node for node in articles if node.get("datePublished") and node.get("headline")), None)
        or next(iter(articles), {})
    )


def _addresses(node: Node) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value = node.get(key)
        for item in (value, value.get("@id"), value.get("url")) if isinstance(value, dict) else (value,):
            if isinstance(item, str):
                yield item


def _updates(node: Node) -> Iterator[Update]:
    value = node.get(UPDATES)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            body = item.get("articleBody") or item.get("text")
            yield Update(
                headline=_text(item.get("headline")),
                body=body if isinstance(body, str) else None,
                published=_text(item.get("datePublished") or item.get("dateCreated")),
                modified=_text(item.get("dateModified")),
                addresses=tuple(_addresses(item)),
            )


def _path(url: str) -> str | None:
    """What identifies an address within its site; None for an address without a path, which says nothing."""
    try:
        return unquote(urlsplit(url).path).rstrip("/") or None
    except ValueError:
        return None


def _nodes_of(script: str) -> Iterator[Node]:
    if len(script) > SCRIPT_LIMIT:
        return
    script = WRAPPING.sub("", script)
    try:
        yield from _walk(_decoded(script), DEPTH_LIMIT)
    except (ValueError, RecursionError):  # not JSON, or nested beyond all reason
        yield _salvaged(script)


def _decoded(script: str) -> object:
    """Rubbish after the value is left alone, a comma too many forgiven."""
    try:
        return _decoder.raw_decode(script)[0]
    except ValueError:
        return _decoder.raw_decode(TRAILING_COMMA.sub(r"\1", script))[0]


def _salvaged(script: str) -> Node:
    """The few values that matter, out of a script that is no JSON."""
    found: Node = {}
    for key in READ_IN_BROKEN:
        match = re.search(rf'"{key}"\s*:\s*\[?\s*{STRING}', script)
        if match:
            found[key] = match["value"].replace('\\"', '"').replace("\\/", "/")
    return found


def _walk(value: object, depth: int) -> Iterator[Node]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth - 1) if depth else ()
    elif isinstance(value, dict):
        yield value
        for key in CONTAINERS:
            if depth and key in value:
                yield from _walk(value[key], depth - 1)


def _types(node: Node) -> frozenset[str]:
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(name.rsplit("/", 1)[-1].lower() for name in names if isinstance(name, str))


def _text(value: object) -> str | None:
    """A value as one line of plain text; of several values the first."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or value.get("alternateName")
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) else None
    return unescape(MARKUP.sub(" ", unescape(value))).strip() or None


def _names(value: object) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = _text(item)
        if name:
            yield name

"""What a page or a feed says of its outlet: what it is called, its language, the feeds it links to. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from lxml import etree

from crawler.addresses import parse_target
from crawler.front_pages import base_of, domain_of, links_of, looks_like_article, parse_page
from crawler.leads import clean_url, plain_title
from crawler.sitemaps import parse_xml

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_FEED_PATH = re.compile(r"(^|[/._-])(rss|atom\b|rdf\b|feeds?(?!back|ing))|\.(xml|rss|rdf|atom)$", re.IGNORECASE)
_FEED_HOSTS = ("feeds.", "feed.", "rss.")
_MOST_SCRIPTS = 20
_LONGEST_NAME = 80
_SHORTEST_FIT = 3  # letters: fewer stand in any word
_LANGUAGE = re.compile(r"\s*([a-z]{2})([-_]|\s*$)", re.IGNORECASE)
_PARTED = re.compile(r"\s+[|–—·•»›:-]+\s+|\s*[|»›]\s*|:\s+")
_NO_NAME = re.compile(r"(rss|atom)?\s*(feeds?|rss|atom|home|homepage|front ?page)?", re.IGNORECASE)

# Sold to anyone: an address under one of these says nothing of where its outlet sits.
_SOLD = frozenset(
    {
        *("ac", "ad", "ag", "ai", "as", "bz", "cc", "cd", "cf", "co", "cx", "dj", "eu", "fm", "ga", "gd", "gg", "gl"),
        *("gq", "gs", "im", "io", "la", "ly", "me", "ml", "ms", "mu", "nu", "pn", "pw", "re", "sc", "sh", "sr", "st"),
        *("su", "tk", "tl", "to", "tv", "vc", "vg", "ws"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    """An address that a page links to, with the words of the link."""

    url: str
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Masthead:
    """What one page or feed says. `name` is the outlet's, `title` the document's own; `links` has each address once."""

    name: str = ""
    title: str = ""
    language: str | None = None  # ISO 639-1
    home: str | None = None  # where a feed says that its site is
    feeds: tuple[Linked, ...] = ()
    links: tuple[str, ...] = ()


def sent_form(url: str, base_url: str) -> str | None:
    """`url` made absolute, in the form in which it is asked for (ASCII, escaped); None where it is no web address."""
    clean = clean_url(url, base_url)
    target = None if clean is None else parse_target(clean)
    return None if target is None or isinstance(target, str) else target.url


def read_masthead(body: bytes, base_url: str, charset: str | None) -> Masthead:
    """What a web page says; an empty Masthead for what is none."""
    root = parse_page(body, charset or _undeclared(body))
    if root is None:
        return Masthead()
    try:
        base = base_of(root, base_url)
        links = [Linked(url=found.url, title=found.title or "") for found in links_of(root, base_url)]
    except ValueError:  # a <base> that is no address
        base, links = base_url, []
    named = (*root.xpath('//meta[@property="og:site_name"]/@content')[:1], *_publishers(root))
    return Masthead(
        name=next(filter(None, map(_printable, named)), ""),
        title=_printable(_first(root, "//title")),
        language=_language(_first(root, "//html/@lang") or _first(root, "//html/@*[name()='xml:lang']")),
        feeds=tuple(_feeds(root, base, links)),
        links=tuple(dict.fromkeys(link.url for link in links)),
    )


def _undeclared(body: bytes) -> str | None:
    """UTF-8 where the bytes are that, whatever the page says or leaves unsaid; lxml would take them for Latin-1."""
    with suppress(UnicodeDecodeError):
        body.decode("utf-8")
        return "utf-8"
    return None


def read_feed_head(body: bytes) -> Masthead:
    """What a feed says above its entries; an empty Masthead for what cannot be read."""
    if body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json_head(body)
    root = parse_xml(body)
    if root is None:
        return Masthead()
    channel = "/*/*[local-name()='channel']/*[local-name()='{0}'][text()] | /*/*[local-name()='{0}'][text()]"
    link = "/*/*[local-name()='link'][@rel='alternate' or not(@rel)]/@href"
    return Masthead(
        title=_printable(_first(root, channel.format("title"))),
        language=_language(_first(root, f"{channel.format('language')} | /*/@*[name()='xml:lang']")),
        home=sent_form(_first(root, f"{channel.format('link')} | {link}"), ""),
    )


def _read_json_head(body: bytes) -> Masthead:
    with suppress(ValueError, RecursionError):
        feed = json.loads(body)
        if isinstance(feed, dict):
            return Masthead(
                title=_printable(feed.get("title")),
                language=_language(str(feed.get("language"))),
                home=sent_form(str(feed.get("home_page_url")), ""),
            )
    return Masthead()


def _first(root: etree._Element, path: str) -> str:
    return str(root.xpath(f"string(({path})[1])"))


def _language(said: str) -> str | None:
    match = _LANGUAGE.match(said)
    return match[1].lower() if match else None


def _publishers(root: etree._Element) -> Iterator[str]:
    """The names of those who publish the page, as its linked data has them."""
    for script in root.xpath('//script[@type="application/ld+json"]')[:_MOST_SCRIPTS]:
        with suppress(ValueError, RecursionError):
            for thing in _things(json.loads(script.text or "")):
                publisher = thing.get("publisher")
                named = publisher if isinstance(publisher, dict) else thing if _is_publisher(thing) else {}
                name = named.get("name")
                if isinstance(name, str) and name.strip():
                    yield name


def _things(data: object) -> Iterator[dict[str, object]]:
    if isinstance(data, list):
        for part in data:
            yield from _things(part)
    elif isinstance(data, dict):
        yield data
        yield from _things(data.get("@graph"))


def _is_publisher(thing: dict[str, object]) -> bool:
    kinds = thing.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(str(kind) == "WebSite" or str(kind).endswith("Organization") for kind in named)


def _feeds(root: etree._Element, base: str, links: Iterable[Linked]) -> Iterator[Linked]:
    """The feeds that a page declares, then the links that look like feeds, in its order."""
    for link in root.xpath("//link[@rel and @href]"):
        url = sent_form(link.get("href"), base)
        if url is None or "alternate" not in link.get("rel").lower().split():
            continue
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind in _FEED_TYPES or (kind in ("", "text/xml", "application/xml") and _looks_like_feed(url, base)):
            yield Linked(url=url, title=_printable(link.get("title")))
    for linked in links:
        url = sent_form(linked.url, base)
        if url is not None and _looks_like_feed(url, base):
            yield Linked(url=url, title=_printable(linked.title))


def _looks_like_feed(url: str, base: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if domain_of(url) != domain_of(base) and not host.startswith(_FEED_HOSTS):
        return False
    says_so = host.startswith(_FEED_HOSTS) or _FEED_PATH.search(f"{parts.path}?{parts.query}".rstrip("?"))
    return bool(says_so) and not looks_like_article(url, base)


# ------------------------------------------------------------------------------- how an outlet's table names it


def _printable(text: object) -> str:
    """A text on one line without markup, control characters and marks that turn its direction."""
    plain = plain_title(text if isinstance(text, str) else "") or ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in plain).split())


def outlet_name(pages: Iterable[Masthead], site: str) -> str:
    """What the outlet at `site` is called: as its pages say, else the part of a title that fits its host, else that."""
    heads = list(pages)
    named = next((head.name for head in heads if not _NO_NAME.fullmatch(head.name)), None)
    if named is not None:
        return named[:_LONGEST_NAME].strip()
    parts = [part for head in heads for part in _PARTED.split(head.title) if not _NO_NAME.fullmatch(part)]
    label = _letters(domain_of(site).partition(".")[0])
    fitting = [part for part in parts if _fits(_letters(part), label)]
    return next(iter((*fitting, *parts, urlsplit(site).hostname or site)))[:_LONGEST_NAME].strip()


def _fits(part: str, label: str) -> bool:
    """Whether a part of a title and a domain's own label are the same word, or one begins as the other goes on."""
    return min(len(part), len(label)) >= _SHORTEST_FIT and (part in label or label in part)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def outlet_id(name: str, site: str) -> str:
    """The id for an outlet of this name: its Latin letters, else those of its domain, without a leading article."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    if 2 * len(_letters(plain)) < len(_letters(name)):
        plain = ""
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)).removeprefix("the-")
    return slug[:40].strip("-") or "-".join(re.findall(r"[a-z0-9]+", domain_of(site).lower())) or "outlet"


def country_of(site: str) -> str | None:
    """The country whose own top-level domain `site` is under (ISO 3166-1, lower case); None where that says nothing."""
    host = urlsplit(site).hostname or ""
    with suppress(ValueError):
        ip_address(host)
        return None
    label = host.rpartition(".")[2]
    if len(label) != 2 or not label.isalpha() or label in _SOLD or "." not in host:
        return None
    return "gb" if label == "uk" else label

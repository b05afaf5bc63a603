"""Front pages -> leads: the links that an outlet's pattern matches, or those that look like articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import unquote, urljoin, urlsplit

import tldextract
from lxml import etree

from crawler.leads import Found, clean_url, leads_of
from model import Listed, Listing, Via

_MOST_LINKS = 5000

# The list of public suffixes that the package carries: never one from the network, never a cache on the disk.
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

_DATE_IN_PATH = re.compile(
    r"/(19|20)\d\d[/-]?(0?[1-9]|1[0-2])[/-]?(0?[1-9]|[12]\d|3[01])?(/|-|_|$)|/(19|20)\d\d/\w{3}/\d\d?/"
)
_ID = re.compile(r"(\d{6,}|[-_/][a-z]?\d{5,})$|/\d{5,}/", re.IGNORECASE)
_ID_AFTER_KIND = re.compile(r"/(articles?|story|stories|news-?story)/(?=[^/]*\d)\w{8,}$")
_WORDS_OF_A_SLUG = 4
_LONG_SLUG = 25
_LONG_ID = 12
_EXTENSION = re.compile(r"\.(s?html?|php|aspx?|jsp|cms|ece|amp)$", re.IGNORECASE)
_FILE = re.compile(
    r"\.(jpe?g|png|gif|webp|svg|avif|pdf|docx?|xlsx?|zip|mp[34]|m3u8|css|js|json|xml|rss|ico|epub)$", re.IGNORECASE
)
_SECTIONS = frozenset(
    {
        *("tag", "tags", "topic", "topics", "category", "categories", "sitemap", "search"),
        *("author", "authors", "profile", "profiles", "user", "users", "login", "signin", "register", "account"),
        *("subscribe", "subscription", "newsletter", "newsletters", "rss", "feed", "feeds", "shop", "store"),
        *("about", "contact", "privacy", "terms", "cookies", "cookie-policy", "privacy-policy", "jobs", "careers"),
        *(
            "advertise",
            "service",
            "help",
            "faq",
            "forum",
            "forums",
            "hub",
            "web-stories",
            "podcast",
            "podcasts",
            "weather",
            "horoscope",
            "crossword",
            "games",
        ),
    }
)


def read_front_page(body: bytes, listing: Listing, *, base_url: str, charset: str | None, now: datetime) -> Listed:
    """The leads among the links of a page, in its order; a page without any gives a Listed with a problem."""
    root = parse_page(body, charset)
    if root is None:
        return Listed(problem="not a web page")
    wanted = _pattern(listing.link_pattern) if listing.link_pattern else None
    found = [link for link in links_of(root, base_url) if _is_wanted(link.url, wanted, base_url)]
    if not found:
        return Listed(problem="no link that looks like an article")
    return Listed(leads=leads_of(_titled(found), listing, via=Via.FRONT_PAGE, base_url=base_url, now=now))


def parse_page(body: bytes, charset: str | None) -> etree._Element | None:
    """The root of what can be made of `body` as HTML; None where that is nothing."""
    try:
        return etree.fromstring(body, etree.HTMLParser(encoding=charset, no_network=True, remove_comments=True))
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def base_of(root: etree._Element, base_url: str) -> str:
    """What the relative addresses of a page from `base_url` are relative to."""
    bases = root.xpath("//base/@href")
    return urljoin(base_url, bases[0].strip()) if bases else base_url


def links_of(root: etree._Element, base_url: str) -> Iterator[Found]:
    """The links of a page with their texts, in its order."""
    base = base_of(root, base_url)
    for link in root.xpath("//a[@href]")[:_MOST_LINKS]:
        url = clean_url(link.get("href"), base)
        if url is not None:
            yield Found(url=url, title="".join(link.itertext()))


def _titled(found: list[Found]) -> list[Found]:
    """Each address once, with its longest text: the picture's link comes first and says nothing."""
    best: dict[str, Found] = {}
    for link in found:
        known = best.get(link.url)
        if known is None or len((link.title or "").strip()) > len((known.title or "").strip()):
            best[link.url] = link
    return [best[url] for url in dict.fromkeys(link.url for link in found)]


def _is_wanted(url: str, wanted: re.Pattern[str] | None, base_url: str) -> bool:
    return wanted.search(url) is not None if wanted is not None else looks_like_article(url, base_url)


def looks_like_article(url: str, front_page: str) -> bool:
    """Whether `url` has the marks of an article's address and belongs to the outlet of `front_page`."""
    path = unquote(urlsplit(url).path).rstrip("/")
    segments = path.lower().split("/")
    if not path or _FILE.search(path) or not _SECTIONS.isdisjoint(segments):
        return False
    if domain_of(url) != domain_of(front_page):
        return False
    # The segment before the last counts too: some end in a language or in the word for article.
    return any(_has_marks("/".join(segments[:end])) for end in (len(segments), len(segments) - 1))


def _has_marks(path: str) -> bool:
    path = _EXTENSION.sub("", path)
    slug = path.rpartition("/")[2]
    dated = _DATE_IN_PATH.search(path) is not None and ("-" in slug or len(slug) >= _LONG_ID)
    return dated or _is_slug(slug) or any(mark.search(path) for mark in (_ID, _ID_AFTER_KIND))


def _is_slug(slug: str) -> bool:
    words = re.split(r"[-_]", slug)
    return len(words) >= _WORDS_OF_A_SLUG and len(slug) >= _LONG_SLUG


def domain_of(url: str) -> str:
    """The registrable domain of `url`, or its host where it has none (an IP address, `localhost`).

    Where the list of suffixes does not know the last label, its rule for that case holds: one label more.
    """
    host = urlsplit(url).hostname or ""
    try:
        return str(ip_address(host))
    except ValueError:
        return _suffixes(host).top_domain_under_public_suffix or ".".join(host.split(".")[-2:])

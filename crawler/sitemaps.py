"""News sitemaps and sitemap indexes -> leads. Runs in the worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from lxml import etree

from crawler.feeds import read_date
from crawler.leads import Found, clean_url, leads_of
from model import Listed, Listing, Via

_MOST_SUB_LISTINGS = 10
_MOST_URLS = 50_000  # what the protocol allows in one file
_RECENT = timedelta(days=3)  # a part of the index that has not changed since holds nothing that is news

_ROOTS = {"urlset", "sitemapindex"}


def read_sitemap(body: bytes, listing: Listing, *, base_url: str, now: datetime) -> Listed:
    """The leads of a sitemap, or the sitemaps that an index names. Anything else gives a Listed with a problem."""
    root = parse_xml(body)
    if root is None:
        return Listed(problem="not XML")
    name = _local(root)
    if name not in _ROOTS:
        return Listed(problem=f"not a sitemap but <{name[:40]}>")
    if name == "sitemapindex":
        return Listed(sub_listings=_sub_listings(root, base_url, now))
    return Listed(leads=leads_of(_found(root), listing, via=Via.SITEMAP, base_url=base_url, now=now))


def parse_xml(body: bytes) -> etree._Element | None:
    """The root of what can be made of `body`; entities stay unexpanded and nothing is fetched."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=True, remove_comments=True
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _found(root: etree._Element) -> Iterator[Found]:
    for number, url in enumerate(_children(root, "url")):
        if number >= _MOST_URLS:
            return
        texts = _texts(url)
        if texts.get("loc"):
            yield Found(
                url=texts["loc"],
                title=texts.get("title"),
                published=read_date(texts.get("publication_date")),
                stamp=read_date(texts.get("lastmod")),
            )


def _texts(url: etree._Element) -> dict[str, str]:
    """The texts of interest under one <url>, by local name: outlets get the news namespace wrong in many ways."""
    texts = {_local(child): child.text or "" for child in url}
    for news in _children(url, "news"):
        texts.update({_local(child): child.text or "" for child in news})
    return {name: text.strip() for name, text in texts.items() if text}


def _sub_listings(root: etree._Element, base_url: str, now: datetime) -> tuple[str, ...]:
    """The parts of an index that may hold news: those named so if any are, else the latest."""
    parts = [_texts(part) for part in _children(root, "sitemap")]
    dated = [(clean_url(part["loc"], base_url), read_date(part.get("lastmod"))) for part in parts if part.get("loc")]
    recent = [(url, date) for url, date in dated if url and (date is None or date > now - _RECENT)]
    news = [(url, date) for url, date in recent if "news" in url.rsplit("/", 1)[-1].lower()]
    latest = sorted(news or recent, key=lambda part: part[1] or now, reverse=True)
    return tuple(dict.fromkeys(url for url, _ in latest))[:_MOST_SUB_LISTINGS]


def _children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in parent if _local(child) == name)


def _local(element: etree._Element) -> str:
    # A processing instruction or an entity left unexpanded has no name but a function.
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""

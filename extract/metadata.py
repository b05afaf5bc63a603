"""What the head of a page says of its article, read in one walk over the parsed page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urljoin

from lxml.etree import XPath
from lxml.html import HtmlElement

from extract.linked_data import LinkedData, read_linked_data

# Names of meta tags (name, property or itemprop, lower case), in the order of trust.
PUBLISHED = (
    "article:published_time", "datepublished", "og:published_time", "article:published", "article.published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "publish-date",
    "publish_date", "publishdate", "published_time", "publication_date", "pubdate", "dc.date.issued",
    "dcterms.created", "dcterms.issued", "dc.date.created", "dc.date", "dcterms.date", "article.created",
    "article_date_original", "originalpublicationdate", "citation_publication_date", "created", "date",
)  # fmt: skip
MODIFIED = (
    "article:modified_time", "datemodified", "og:updated_time", "article:modified", "article.updated", "updated_time",
    "dcterms.modified", "dc.date.modified", "last-modified", "revised",
)  # fmt: skip
TITLES = ("og:title", "twitter:title", "headline", "parsely-title", "dc.title", "dcterms.title", "sailthru.title")
DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description")
LANGUAGES = ("content-language", "og:locale", "language", "dc.language", "dcterms.language")
MAKERS = (
    "author", "article:author", "byl", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "source",
    "dc.source", "news_source", "article:publisher", "copyright", "dc.publisher", "dc.rights", "rights", "og:site_name",
)  # fmt: skip
BYLINE = re.compile(r"by-?line|author|credit|source|agenc[iey]", re.IGNORECASE)
BYLINE_TAGS = ("a", "span", "p", "div", "address", "li", "cite")
ARTICLE_BODY = XPath("boolean(//*[contains(@itemprop, 'articleBody')])")
LIVE_UPDATE = XPath("boolean(//*[@itemprop = 'liveBlogUpdate'])")

SPACE = re.compile(r"\s+")
TITLE_LIMIT = 500  # characters; no headline is longer, a broken <title> may be
BYLINE_LIMIT = 120
BYLINES_READ = 20  # elements; a page names its author first
# Who took the picture, and who wrote what else there is to read, is not who wrote this.
OTHERS_WORK = re.compile(r"image|img|photo|picture|caption|figure|media|gallery|preview|recommend|related|teaser", re.I)
OF_PICTURES = re.compile(r"\b(?:photo\w*|foto\w*|image|imagen|picture|bild|getty|via)\b", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What a page says of itself. Texts are one line each; tuples stand in the order of trust."""

    linked: LinkedData
    canonicals: tuple[str, ...] = ()  # absolute addresses
    page_type: str = ""  # og:type, lower case
    site_name: str = ""
    headings: tuple[str, ...] = ()  # h1
    titles: tuple[str, ...] = ()  # of the metadata
    window_title: str = ""  # <title>
    descriptions: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    times: tuple[str, ...] = ()  # <time datetime=…>
    languages: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()
    article_body: bool = False  # an element is marked up as the body of an article (looked for where JSON-LD is silent)
    live: bool = False  # elements are marked up as the entries of a live blog (looked for where JSON-LD is silent)


@dataclass(slots=True)
class _Found:
    """What the walk has gathered so far."""

    metas: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    window_title: str = ""
    times: list[str] = field(default_factory=list)
    published_times: list[str] = field(default_factory=list)
    modified_times: list[str] = field(default_factory=list)


def read_marks(tree: HtmlElement, *, url: str) -> Marks:
    """Everything that the page at `url` says of its article outside its text."""
    found = _gather(tree)
    metas = found.metas
    linked = read_linked_data(found.scripts, url=url)
    return Marks(
        linked=linked,
        canonicals=tuple(filter(None, (_joined(url, link) for link in [*found.links, metas.get("og:url", "")]))),
        page_type=metas.get("og:type", "").lower(),
        site_name=metas.get("og:site_name", metas.get("application-name", "")),
        headings=tuple(found.headings),
        titles=_present([linked.headline, *_chosen(metas, TITLES)]),
        window_title=found.window_title,
        descriptions=_present([*_chosen(metas, DESCRIPTIONS), linked.description]),
        published=_present([linked.published, *_chosen(metas, PUBLISHED), *found.published_times]),
        modified=_present([linked.modified, *_chosen(metas, MODIFIED), *found.modified_times]),
        times=tuple(found.times),
        languages=_present([tree.get("lang"), tree.get("xml:lang"), linked.language, *_chosen(metas, LANGUAGES)]),
        makers=_present([*linked.makers, *_chosen(metas, MAKERS), *_bylines(tree)]),
        article_body=not linked.articles and bool(ARTICLE_BODY(tree)),
        live=not linked.articles and bool(LIVE_UPDATE(tree)),
    )


def one_line(text: str | None) -> str:
    """`text` with every run of white space as one space."""
    return SPACE.sub(" ", text or "").strip()


def _gather(tree: HtmlElement) -> _Found:
    found = _Found()
    for element in tree.iter("meta", "link", "script", "title", "h1", "time"):
        READERS[element.tag](element, found)
    return found


def _read_meta(element: HtmlElement, found: _Found) -> None:
    content = one_line(element.get("content"))
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(attribute)
        if content and name:
            found.metas.setdefault(name.strip().lower(), content)


def _read_link(element: HtmlElement, found: _Found) -> None:
    if "canonical" in (element.get("rel") or "").lower().split() and element.get("href"):
        found.links.append(element.get("href", ""))


def _read_script(element: HtmlElement, found: _Found) -> None:
    if "ld+json" in (element.get("type") or "").lower() and element.text:
        found.scripts.append(element.text)


def _read_title(element: HtmlElement, found: _Found) -> None:
    parent = element.getparent()
    if not found.window_title and parent is not None and parent.tag != "svg":
        found.window_title = one_line(element.text_content())[:TITLE_LIMIT]


def _read_heading(element: HtmlElement, found: _Found) -> None:
    text = one_line(element.text_content())
    if text and len(text) <= TITLE_LIMIT:
        found.headings.append(text)


def _read_time(element: HtmlElement, found: _Found) -> None:
    said = element.get("datetime")
    if not said:
        return
    role = (element.get("itemprop") or "").lower()
    if role == "datepublished" or element.get("pubdate") is not None:
        found.published_times.append(said)
    elif role == "datemodified":
        found.modified_times.append(said)
    else:
        found.times.append(said)


READERS = {
    "meta": _read_meta,
    "link": _read_link,
    "script": _read_script,
    "title": _read_title,
    "h1": _read_heading,
    "time": _read_time,
}


def _bylines(tree: HtmlElement) -> Iterable[str]:
    """Short texts of elements that are called a byline, an author or a source."""
    named = (element for element in tree.iter(*BYLINE_TAGS) if BYLINE.search(element.get("class") or ""))
    for element in islice(named, BYLINES_READ):
        text = one_line(element.text_content())
        if 0 < len(text) <= BYLINE_LIMIT and not OF_PICTURES.search(text) and not _is_others_work(element):
            yield text


def _is_others_work(element: HtmlElement) -> bool:
    around = [element, *islice(element.iterancestors(), 4)]
    return any(each.tag == "figure" or OTHERS_WORK.search(each.get("class") or "") for each in around)


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return ""


def _chosen(metas: dict[str, str], names: Iterable[str]) -> list[str]:
    return [metas[name] for name in names if name in metas]


def _present(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one_line(value) for value in values if value and not value.isspace()))

"""Page -> article: title, body, times, language, credit, canonical address, and what kind of page it is.

    bytes ── decode ── parse once ─┬─ marks (metadata.py: JSON-LD, OpenGraph, meta, time)
                                   ├─ entries, of a live blog (live.py)
                                   └─ body (trafilatura) ── language, credit, kind

The only home of trafilatura. It is asked for the body alone, and for a date only where the page names none itself:
its own metadata search costs 29 % of its time and is less often right.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.etree import ElementDefaultClassLookup, LxmlError, strip_elements
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HTMLParser, HtmlProcessingInstruction, document_fromstring
from trafilatura import bare_extraction

from extract import addresses
from extract.credits import read_credit
from extract.decoding import as_utf8
from extract.headline import headline
from extract.live import Entry, read_entries
from extract.metadata import Marks, one_line, read_marks
from extract.page_kind import LIVE_ENTRIES, may_be_live, page_kind, says_live
from extract.page_language import read_language
from extract.prose import own_prose
from extract.stamps import Stamp, best_stamp, day_in_address
from model import Article, ArticleKind, Page

# trafilatura's time grows faster than the page. The largest real pages measured have 2.2 MB and 3,100 elements;
# 20,000 paragraphs take it 0.7 s, as many cells of small tables 4 s, and 250,000 line breaks a minute.
SIZE_LIMIT = 3_000_000  # bytes
ELEMENT_LIMIT = 20_000
TEASER = 1_500  # characters; a longer text of a metered outlet is the whole one
TEXT_LIMIT = 500_000  # characters; the longest of 305 bodies measured has 37,000

# As trafilatura parses, without its guesses at encoding and compression, which are settled here: half its time.
PARSER = HTMLParser(encoding="utf-8", collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True)
# lxml.html asks a method in Python for the class of each of 5,000 elements, over and over. Forms have their own there,
# which nobody needs here.
PARSER.set_element_class_lookup(
    ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity)
)
WITHOUT_TEXT = (
    *("style", "svg", "link", "meta", "template", "iframe", "object", "embed", "canvas", "video", "audio", "source"),
    *("button", "input", "select", "textarea"),
)
NOT_IN_XML = bytes(set(range(0x20)) - set(b"\t\n\r"))
NONCHARACTERS = tuple(character.encode() for character in "\ufffe\uffff")  # nor these: the library then gives no text

# A page's zone is often not said and its clock often fast: what lies further ahead of the fetch is another date.
AHEAD = timedelta(hours=15)


def read_article(page: Page, *, language: str | None = None) -> Article:
    """The article that `page` holds; `language` is what to assume where neither page nor text shows one.

    Takes any bytes and never raises: what cannot be read is an article of kind NO_TEXT.
    """
    tree = _parsed(page)
    if tree is None:
        return _nothing(page)
    marks = read_marks(tree, url=page.final_url)
    links = sum(1 for _ in islice(tree.iter("a"), 1_000))
    published, modified = _times(tree, marks, page)
    title = headline(_titles(marks, page), site_name=marks.site_name, url=page.final_url)
    entries = _entries(tree, marks, page)
    _lighten(tree)
    body = _body(tree, fast=bool(entries))
    text = own_prose(body, tree=tree, title=title, descriptions=marks.descriptions)
    article = Article(
        url=_address(marks, page),
        outlet=page.outlet,
        title=title,
        text=text,
        published=published,
        modified=modified,
        language=read_language(marks.languages, f"{title}\n{text}", fallback=language),
        credit=read_credit(marks.makers, text),
        teaser=marks.linked.sold and len(text) < TEASER,
        kind=ArticleKind.LIVE if entries else page_kind(marks, text, url=page.final_url, links=links),
    )
    return replace(article, entries=tuple(_of_entry(entry, article, marks, page.fetched) for entry in entries))


def _entries(tree: HtmlElement, marks: Marks, page: Page) -> tuple[Entry, ...]:
    if not may_be_live(marks, url=page.final_url):
        return ()
    entries = read_entries(tree, marks, url=page.final_url, not_after=page.fetched + AHEAD)
    return entries if says_live(marks) or len(entries) >= LIVE_ENTRIES else ()


def _of_entry(entry: Entry, of: Article, marks: Marks, fetched: datetime) -> Article:
    """An entry as an article of its own, at its place in its page's address."""
    return Article(
        url=f"{of.url}#{entry.name}",
        outlet=of.outlet,
        title=entry.title,
        text=entry.text,
        published=min(entry.published, fetched),
        modified=None if entry.modified is None else min(entry.modified, fetched),
        language=of.language,
        credit=read_credit(marks.makers, entry.text),
    )


def _titles(marks: Marks, page: Page) -> list[str]:
    listed = page.lead.title if page.lead else None
    return [*marks.titles, *marks.headings, marks.window_title, one_line(listed)]


def _nothing(page: Page) -> Article:
    title, published = (page.lead.title or "", page.lead.published) if page.lead else ("", None)
    url = addresses.canonical(page.final_url)
    return Article(url=url, outlet=page.outlet, title=title, text="", published=published, kind=ArticleKind.NO_TEXT)


# ------------------------------------------------------------------------------------------------ bytes to a tree


def _parsed(page: Page) -> HtmlElement | None:
    html = as_utf8(page.body[:SIZE_LIMIT], page.encoding).translate(None, NOT_IN_XML)
    for character in NONCHARACTERS:
        html = html.replace(character, b"")
    if not html.strip():
        return None
    try:
        tree: HtmlElement = document_fromstring(html, parser=PARSER)
    except (LxmlError, ValueError, AssertionError):
        return None
    if html.count(b"<") > ELEMENT_LIMIT:
        _cut(tree)
    return tree


def _cut(tree: HtmlElement) -> None:
    """Leave out whatever comes after the element that is one too many."""
    for element in list(islice(tree.iter(), ELEMENT_LIMIT, None)):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


# ----------------------------------------------------------------------------------------------------------- body


def _lighten(tree: HtmlElement) -> None:
    """Take out what holds no text of an article: trafilatura copies the whole tree five times and more.

    JSON-LD stays: it is where trafilatura looks when a page shows no text at all.
    """
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            script.tag = "style"
    strip_elements(tree, *WITHOUT_TEXT, with_tail=False)


def _body(tree: HtmlElement, *, fast: bool) -> str:
    """The text of the page; `fast` without the library's second opinions, which take long over many short blocks."""
    try:
        document = bare_extraction(tree, include_comments=False, fast=fast)
    except Exception:  # the border of a page: the library raises what it likes on hostile markup
        return ""
    text = getattr(document, "text", None) or ""
    return "\n".join(line for line in map(str.strip, text[:TEXT_LIMIT].split("\n")) if line)


# ---------------------------------------------------------------------------------------------------------- times


def _times(tree: HtmlElement, marks: Marks, page: Page) -> tuple[datetime | None, datetime | None]:
    """When published and when last modified, never later than the page was fetched."""
    latest = page.fetched + AHEAD
    published = best_stamp([*marks.published, *_listed(page)], not_after=latest)
    published = published or best_stamp(_searched(tree, marks, page, latest), not_after=latest)
    modified = best_stamp(marks.modified, not_after=latest)
    return _clipped(published, page.fetched), _clipped(modified, page.fetched)


def _listed(page: Page) -> list[str]:
    published = page.lead.published if page.lead else None
    return [published.isoformat()] if published else []


def _searched(tree: HtmlElement, marks: Marks, page: Page, latest: datetime) -> list[str]:
    """The day that the address names, or a search of the page's text, with the clock of a <time> of that day."""
    day = day_in_address(page.final_url) or _found_day(tree, latest)
    return [day, *marks.times] if day else []


def _found_day(tree: HtmlElement, latest: datetime) -> str | None:
    """The long search only where the short one fails: on one page in 300 it takes more than a second."""
    for extensive in (False, True):  # on a copy each: it removes what it has searched
        try:
            day: str | None = find_date(copy(tree), original_date=True, extensive_search=extensive, max_date=latest)
        except Exception:  # as for the body
            return None
        if day:
            return day
    return None


def _clipped(stamp: Stamp | None, fetched: datetime) -> datetime | None:
    return min(stamp.when, fetched) if stamp else None


# -------------------------------------------------------------------------------------------------------- address


def _address(marks: Marks, page: Page) -> str:
    """The page's canonical address where it is credible, else the address that answered."""
    final = addresses.canonical(page.final_url)
    for named in map(addresses.canonical, marks.canonicals):
        if addresses.same_site(named, final) and _is_as_deep(named, final):
            return named
    return final


def _is_as_deep(named: str, final: str) -> bool:
    """Whether `named` can be the article itself: a home page or a section that `final` lies in cannot."""
    ours, theirs = urlsplit(final), urlsplit(named)
    if theirs.path in {"", "/"} and not theirs.query:
        return ours.path in {"", "/"} and not ours.query
    return not (ours.path != theirs.path and ours.path.startswith(theirs.path.rstrip("/") + "/"))

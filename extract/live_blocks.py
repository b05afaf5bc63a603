"""The entries of a live blog that its page shows: blocks of one make, each with a time of its own.

A page has other such blocks: teasers of other articles, a list of key points, days that hold entries, comments. The
entries are those with the most text that leads nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

TAGS = frozenset({"article", "section", "div", "li"})
NAMES = ("id", "data-id", "data-post-id", "data-entry-id", "data-block-id", "data-update-id", "data-key", "data-uid")
NAMED_LIKE = re.compile(r"^[^\W\d_]*[-_:.]")  # what the ids of one make begin with: block-, post_, live-
NO_ENTRY = re.compile(r"comment|respond|reply|related|recommend|teaser|promo|sidebar|most-?read", re.IGNORECASE)
AROUND = frozenset({"nav", "aside", "footer"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
MARKED = XPath("//*[@itemprop = 'liveBlogUpdate']")
PUBLISHED = XPath(".//*[@itemprop = 'datePublished']")
MODIFIED = XPath(".//*[@itemprop = 'dateModified']")
HEADLINE = XPath(".//*[@itemprop = 'headline']")

LEAST_BLOCKS = 2
TIMES_LIMIT = 4_000  # that are looked at
REACH = 10  # levels from a time up to the block that it dates
TIMES_OF_BLOCK = 3  # published, updated, a quoted post; a block with more holds several entries
NEARLY = 0.8  # of the most text: what holds the entries, or is held by them, has about as much


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """An entry as its page shows it: its element, what the page calls it, its times as they stand, its heading."""

    element: HtmlElement
    name: str | None
    published: str
    modified: str | None
    heading: HtmlElement | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Make:
    """The blocks of one make, in page order, and how much text they have outside links."""

    elements: tuple[HtmlElement, ...]
    letters: int
    named: bool


def blocks_of(tree: HtmlElement, *, url: str) -> list[Block]:
    """The blocks of the page at `url` that are its entries, in page order; none where they cannot be told apart."""
    marked = [element for element in islice(MARKED(tree), TIMES_LIMIT) if isinstance(element, HtmlElement)]
    elements = marked or _likeliest(tree, url)
    return [block for element in elements if (block := _block(element)) is not None]


def _block(element: HtmlElement) -> Block | None:
    published = _value(PUBLISHED(element)) or next(_clocks(element), None)
    if published is None:
        return None
    heading = next(iter(HEADLINE(element)), None)
    if heading is None or not heading.text_content().strip():
        heading = _heading(element)
    return Block(
        element=element,
        name=name_of(element),
        published=published,
        modified=_value(MODIFIED(element)),
        heading=heading,
    )


def name_of(element: HtmlElement) -> str | None:
    """What the page calls an element, None where it does not."""
    return next((value.strip() for name in NAMES if (value := element.get(name)) and value.strip()), None)


def _value(elements: Iterable[HtmlElement]) -> str | None:
    return next((said for each in elements if (said := each.get("content") or each.get("datetime"))), None)


def _clocks(element: HtmlElement) -> Iterator[str]:
    return (said for time in element.iter("time") if (said := time.get("datetime")))


def _heading(element: HtmlElement) -> HtmlElement | None:
    return next((each for each in element.iter(*HEADINGS) if each.text_content().strip()), None)


# ------------------------------------------------------------------------------------------- which blocks they are


def _likeliest(tree: HtmlElement, url: str) -> Sequence[HtmlElement]:
    makes = [make for elements in _by_make(tree) if (make := _make(elements, url)) is not None]
    most = max((make.letters for make in makes), default=0)
    near = [make for make in makes if make.letters >= NEARLY * most]
    best = max(near, key=lambda make: (len(make.elements), make.named, make.letters), default=None)
    return () if best is None else best.elements


def _by_make(tree: HtmlElement) -> Iterator[list[HtmlElement]]:
    """Dated elements that repeat, those of one make together."""
    times = islice((time for time in tree.iter("time") if time.get("datetime")), TIMES_LIMIT)
    dated: dict[HtmlElement, int] = {}  # how many times each holds
    for time in times:
        for element in islice(time.iterancestors(), REACH):
            if element.tag in TAGS:
                dated[element] = dated.get(element, 0) + 1
    makes: dict[tuple[str, str], list[HtmlElement]] = {}
    for element, count in dated.items():
        make = _made_like(element)
        if count <= TIMES_OF_BLOCK and make is not None:
            makes.setdefault(make, []).append(element)
    return (elements for elements in makes.values() if len(elements) >= LEAST_BLOCKS)


def _made_like(element: HtmlElement) -> tuple[str, str] | None:
    """What the blocks of one make have in common: how their ids begin, else their class."""
    name, classes = name_of(element), (element.get("class") or "").split()
    if NO_ENTRY.search(f"{name} {' '.join(classes)}"):
        return None
    if name is not None:
        begins = NAMED_LIKE.match(name)
        return element.tag, f"#{begins[0] if begins else ''}"
    if element.tag == "article" or classes:
        return element.tag, f".{classes[0] if classes else ''}"
    return None


def _make(elements: Sequence[HtmlElement], url: str) -> _Make | None:
    own = [element for element in elements if not _is_beside(element) and not _leads_elsewhere(element, url)]
    if len(own) < LEAST_BLOCKS:
        return None
    letters = sum(map(_own_letters, own))
    return _Make(elements=tuple(own), letters=letters, named=name_of(own[0]) is not None) if letters else None


def _is_beside(element: HtmlElement) -> bool:
    return any(each.tag in AROUND for each in element.iterancestors())


def _leads_elsewhere(element: HtmlElement, url: str) -> bool:
    """Whether the heading of a block is a link to another page: it is a teaser then, not an entry."""
    heading = _heading(element)
    if heading is None:
        return False
    links = (each for each in (*heading.iter("a"), *islice(heading.iterancestors("a"), 1)) if each.get("href"))
    return any(not _is_within(link.get("href", ""), url) for link in links)


def _is_within(link: str, url: str) -> bool:
    try:
        there, here = urlsplit(urljoin(url, link)), urlsplit(url)
    except ValueError:
        return False
    return there.hostname == here.hostname and there.path.startswith(here.path.rstrip("/"))


def _own_letters(element: HtmlElement) -> int:
    return len(element.text_content().strip()) - sum(len(link.text_content()) for link in element.iter("a"))

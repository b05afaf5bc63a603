"""The article's own prose: what the body extractor leaves in of other articles, and leaves out of this one.

A line that is nothing but a link names another article, and its figures with it; a standfirst is often dropped with
the headline. Mean token F1 before and after: .960 and .970 on 124 pages of news, .959 and .964 on 181 mixed ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml.etree import tostring
from lxml.html import HtmlElement

WORDS = re.compile(r"\w+")
HEADLINE_WITHIN = 6  # lines; kicker, headline, byline and time may stand before the first paragraph
LINK_LETTERS = 16  # shorter links (a name, a place) may be a line of the article's own
LINK_LINE = 200  # characters; a longer line is a paragraph that someone made a link of
LINK_LIMIT = 2 * LINK_LINE  # with the white space of the markup
LEAD_IN = re.compile(r"^[^:]{1,40}:\s*")  # Read more: …
REPEATED = 60  # characters; a shorter line may well stand twice
STANDFIRST_LETTERS = 30
OPENING = 48  # letters by which a standfirst is recognised in the page
BEFORE_OPENING = 24  # letters that may stand before it: a place, a kicker
BLOCKS = ("p", "h2", "h3", "div", "span", "strong", "b", "li")
BLOCK_CHILDREN = 6  # a block with more is no paragraph
STANDFIRST_LIMIT = 800  # characters


def letters(text: str) -> str:
    """What two spellings of one line have in common: its letters and digits, in lower case."""
    return "".join(WORDS.findall(text.lower()))


def own_prose(text: str, *, tree: HtmlElement, title: str, descriptions: Iterable[str]) -> str:
    """`text` without its headline, without lines that only lead elsewhere or repeat, and with its standfirst.

    `descriptions` are the page's own short descriptions: one that the page also shows is its standfirst.
    """
    lines = list(_kept(text.split("\n"), _links(tree), letters(title)))
    standfirst = _standfirst(tree, descriptions, title=letters(title), body=letters("".join(lines)))
    return "\n".join([standfirst, *lines] if standfirst else lines)


def _links(tree: HtmlElement) -> set[str]:
    """The letters of every link that leads to another page and says where in more than a name."""
    texts = {_text(link) for link in tree.iter("a") if (link.get("href") or "#")[0] != "#"}
    return {
        key for text in texts if LINK_LETTERS <= len(text) < LINK_LIMIT and len(key := letters(text)) >= LINK_LETTERS
    }


def _kept(lines: list[str], links: set[str], title: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, line in enumerate(lines):
        key = letters(line)
        repeated = line in seen
        is_title = number < HEADLINE_WITHIN and key == title and len(lines) > 1
        if not (is_title or repeated or _is_link(line, key, links)):
            yield line
        if len(line) > REPEATED:
            seen.add(line)


def _is_link(line: str, key: str, links: set[str]) -> bool:
    if len(line) > LINK_LINE:
        return False
    return key in links or letters(LEAD_IN.sub("", line, count=1)) in links


def _standfirst(tree: HtmlElement, descriptions: Iterable[str], *, title: str, body: str) -> str | None:
    """The shown text that a description opens with, where the body lacks it.

    The block that goes on least after the opening is the paragraph itself; it may begin with a place, not a headline.
    """
    openings = [key[:OPENING] for text in descriptions if len(key := letters(text)) >= STANDFIRST_LETTERS]
    if not openings or any(opening in body for opening in openings):
        return None
    found: list[tuple[int, int, int, str]] = []
    for text in _short_blocks(tree):
        key = letters(text)
        rank, place = next(((n, at) for n, opening in enumerate(openings) if (at := key.find(opening)) >= 0), (0, -1))
        if 0 <= place <= BEFORE_OPENING and key[:place] != title and key not in body:
            found.append((rank, len(key) - place, -place, text))
    return min(found)[-1] if found else None


def _short_blocks(tree: HtmlElement) -> Iterator[str]:
    """The texts, one line each, that are long enough and short enough to be a standfirst."""
    for block in tree.iter(*BLOCKS):
        if len(block) <= BLOCK_CHILDREN:
            text = _text(block).strip()
            if STANDFIRST_LETTERS < len(text) < STANDFIRST_LIMIT:
                yield " ".join(text.split())


def _text(element: HtmlElement) -> str:
    """As `text_content()`, in half the time."""
    text: str = tostring(element, method="text", encoding="unicode", with_tail=False)
    return text

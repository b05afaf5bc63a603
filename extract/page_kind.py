"""What a page is: an article, a live blog, or something else that an outlet links to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from extract.metadata import Marks
from model import ArticleKind

LIVE_PATH = re.compile(
    r"(?:^|[/_-])(?:live|liveblog|live-?ticker|newsticker|live-?updates?|live-?news|en-direct|en-vivo|minuto-a-minuto"
    r"|ao-vivo|diretta|canli)(?:$|[/._-])",
    re.IGNORECASE,
)
ENTRY_TIME = re.compile(r"^\W{0,3}\d{1,2}[:.h]\d{2}\b", re.MULTILINE)
LIVE_ENTRIES = (
    4  # entries, or times of entries, that a page needs, beside its address, to be a live blog without saying so
)

LISTING_TYPES = frozenset({"collectionpage", "searchresultspage", "contactpage", "profilepage"})
GALLERY_TYPES = frozenset({"imagegallery", "mediagallery", "videogallery"})
LISTING_PATH = re.compile(
    r"^(?:/[a-z]{2})?/(?:search|suche|buscar|recherche|tags?|topics?|themen?|sections?|category|categories|kategorie"
    r"|authors?|autor(?:en)?|profile)/?(?:[^/]*/?){0,2}$",
    re.IGNORECASE,
)
MEDIA_PATH = re.compile(
    r"/(?:videos?|watch|mediathek|gallery|galleries|photos?|pictures|fotos?|bilder\w*|diaporama)/", re.I
)

FRONT_PATH = re.compile(r"^(?:/[a-z]{2}(?:-[a-z]{2})?)?/?(?:index\.\w+)?$", re.IGNORECASE)
LEAST_TEXT = 30  # characters; the shortest breaking-news line says more
CAPTION = 600  # characters; below this, a video or a gallery has a caption and no article of its own
SENTENCE_END = re.compile(r"[.!?…。।؟»”\"')]\s*$")
PARAGRAPH = 120  # characters; a longer line is prose
PROSE = 400  # characters of prose without which an unmarked page is a list of teasers
TEASERS = 12  # articles that a front describes in its own metadata


def page_kind(marks: Marks, text: str, *, url: str, links: int) -> ArticleKind:
    """What the page at `url` is, by its address, its marks and the shape of its text (`links`: how many it has).

    In doubt an article: a front that is read costs little, an article that is not read may be the one that counts.
    """
    path = urlsplit(url).path
    if _is_live(marks, text, path):
        return ArticleKind.LIVE
    if _is_front(path, urlsplit(url).query) or _is_listing(marks, path) or _is_media(marks, text, path):
        return ArticleKind.NOT_AN_ARTICLE
    marked = _is_marked(marks)
    if len(text) < LEAST_TEXT:
        return ArticleKind.NO_TEXT if marked or links < TEASERS else ArticleKind.NOT_AN_ARTICLE
    if not marked and links >= TEASERS and _prose(text) < PROSE:
        return ArticleKind.NOT_AN_ARTICLE
    return ArticleKind.ARTICLE


def may_be_live(marks: Marks, *, url: str) -> bool:
    """Whether the page at `url` says that it is a live blog, or is called like one."""
    return says_live(marks) or LIVE_PATH.search(urlsplit(url).path) is not None


def says_live(marks: Marks) -> bool:
    """Whether the page says itself that it is a live blog."""
    return marks.linked.live or marks.live


def _is_live(marks: Marks, text: str, path: str) -> bool:
    if says_live(marks):
        return True
    if not LIVE_PATH.search(path):
        return False
    return max(len(marks.times), len(ENTRY_TIME.findall(text))) >= LIVE_ENTRIES


def _is_front(path: str, query: str) -> bool:
    """A home page, of the site or of one of its languages. A query may select an article (`/?p=123`)."""
    return not query and FRONT_PATH.match(path) is not None


def _is_listing(marks: Marks, path: str) -> bool:
    articles = marks.linked.articles
    if articles > TEASERS and marks.page_type != "article":
        return True
    return not articles and (bool(marks.linked.types & LISTING_TYPES) or LISTING_PATH.match(path) is not None)


def _is_media(marks: Marks, text: str, path: str) -> bool:
    if marks.linked.articles or len(text) >= CAPTION:
        return False
    return (
        marks.page_type.startswith("video")
        or bool(marks.linked.types & (GALLERY_TYPES | {"videoobject"}))
        or MEDIA_PATH.search(path) is not None
    )


def _is_marked(marks: Marks) -> bool:
    return bool(
        marks.linked.articles or marks.published or marks.article_body or marks.page_type in {"article", "news"}
    )


def _prose(text: str) -> int:
    lines = (line for line in text.split("\n") if len(line) >= PARAGRAPH and SENTENCE_END.search(line))
    return sum(map(len, lines))

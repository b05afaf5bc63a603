"""The headline of an article, without the name of the site behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

SEPARATOR = re.compile(r"\s+[|–—•·»:-]+\s+|\s*[|ㅣ｜]\s*|\s+::\s+")
SITE_WORDS = 5  # words of a site's name at the end of a title
LEAST_TITLE = 12  # characters; a shorter beginning is a kicker rather than the headline
WORDS = re.compile(r"\w+")


def headline(titles: Iterable[str], *, site_name: str, url: str) -> str:
    """The first of `titles` (in the order of trust) without the site's name, or "" where there are none.

    What follows a separator is the site's name if the page or its address says so, or if another title ends before it.
    """
    present = [title for title in titles if title]
    if not present:
        return ""
    title = present[0]
    shorter = [other for other in present if _ends_before_separator(other, title)]
    return min(shorter, key=len) if shorter else _without_site(title, site_name, url)


def _ends_before_separator(other: str, title: str) -> bool:
    if not LEAST_TITLE <= len(other) < len(title) or not title.startswith(other):
        return False
    return SEPARATOR.match(title, len(other)) is not None


def _without_site(title: str, site_name: str, url: str) -> str:
    cuts = list(SEPARATOR.finditer(title))
    if not cuts or cuts[-1].start() < LEAST_TITLE or not _names_site(title[cuts[-1].end() :], site_name, url):
        return title
    return title[: cuts[-1].start()]


def _names_site(text: str, site_name: str, url: str) -> bool:
    words = _words(text)
    host = (urlsplit(url).hostname or "").removeprefix("www.").replace("-", "").replace(".", "")
    return 0 < len(words) <= SITE_WORDS and (words == _words(site_name) or "".join(words) in host)


def _words(text: str) -> list[str]:
    return WORDS.findall(text.lower())

"""Does a watch take an article? Words match whole words whatever the case; a trailing * makes a word a prefix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from extract.addresses import page_words
from model import Article, Watch


def _pattern(word: str) -> str:
    stem = re.escape(word.rstrip("*").strip()).replace(r"\ ", r"\s+")
    return rf"(?<!\w){stem}" + (r"\w*" if word.endswith("*") else r"(?!\w)")


@lru_cache(maxsize=1024)
def _matcher(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_pattern, words)), re.IGNORECASE)


def takes(watch: Watch, article: Article) -> bool:
    """Whether `watch` selects `article`; an empty selection takes all."""
    text = "\n".join((article.reading_text, *page_words(article.url)))
    if watch.outlets and article.outlet not in watch.outlets:
        return False
    if watch.languages and article.language not in watch.languages:
        return False
    if watch.any and not _matcher(watch.any).search(text):
        return False
    if not all(_matcher((word,)).search(text) for word in watch.all):
        return False
    return not (watch.none and _matcher(watch.none).search(text))


def watches_of(article: Article, watches: Sequence[Watch]) -> tuple[Watch, ...]:
    """The watches that select an article, in their order."""
    return tuple(watch for watch in watches if takes(watch, article))

"""A short name for an event out of its first article: where, and what kind of happening."""

from __future__ import annotations

import re

from extract.addresses import page_words
from extract.events import head
from extract.words import words_of
from model import Article

_NAME_LIMIT = 60
_RUNS_NAMED = 2
_TITLE_CASE = 0.7  # above this share of capitals a headline's capitals tell no names

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")


def _is_title_case(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if len(word) > 3]
    return bool(words) and sum(word[0].isupper() for word in words) / len(words) > _TITLE_CASE


def _runs(text: str, common: frozenset[str]) -> list[str]:
    """Runs of capitalised words in the middle of sentences, in order, without repetition."""
    found: list[str] = []
    for match in re.finditer(r"(?<![.!?:\n“\"])\s((?:[A-ZÀ-ÖØ-Þ][\w’'-]*)(?:\s[A-ZÀ-ÖØ-Þ][\w’'-]*)*)", text):
        run = re.sub(r"[’']s?$", "", match.group(1))
        # "Interior Ministry" and "Police Chief Arvel" are who says so, not where it happened.
        if common.isdisjoint(run.casefold().split()) and run not in found and len(run) > 2:
            found.append(run)
    return found


def name_of(article: Article) -> str:
    """What people call the event: its places and its kind ("Orle fire"), else the headline, shortened."""
    title, lead = head(article)
    words = words_of(article.language)
    places = ([] if _is_title_case(title) else _runs(title, words.common)) or _runs(lead, words.common)
    kind = next((w for w in map(str.casefold, _WORD.findall(f"{title} {lead}")) if w in words.happenings), None)
    if not places or kind is None:
        of_page = " ".join(page_words(article.url)).capitalize()
        return _shortened(of_page or title or lead or article.url)
    named = [place for place in places if kind not in place.casefold().split()][:_RUNS_NAMED]
    return _shortened(f"{', '.join(named)} {kind}".strip())


def _shortened(name: str) -> str:
    if len(name) <= _NAME_LIMIT:
        return name
    return name[:_NAME_LIMIT].rsplit(" ", 1)[0].rstrip(",;:–— ") + "…"

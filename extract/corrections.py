"""Does a text say that it was corrected?"""

from __future__ import annotations

from extract.words import words_of
from model import Article


def notes_correction(article: Article) -> bool:
    """Whether an article carries a note of correction, in the phrases of its language."""
    text = article.reading_text.casefold()
    return any(phrase in text for phrase in words_of(article.language).corrections)

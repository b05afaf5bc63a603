"""Is a toll a count of something else? A number that the same article gives of shelters or shells may have slipped.

A UN toll of 4,460 in 2013 was the number of shelters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extract.languages import available, lexicon
from model import Article, Claim

_LEAST = 10  # a smaller number stands in a text twice by chance
_NOUN = re.compile(r"\s+([^\W\d_]+)")


def counts_things(article: Article, claim: Claim, claims: Sequence[Claim]) -> bool:
    """Whether the article gives a claim's number once more, of things and not of people."""
    text, number = article.reading_text, claim.phrase
    if max(claim.low or 0, claim.high or 0) < _LEAST or article.language not in available():
        return False
    words, stated = lexicon(article.language or ""), {other.start for other in claims if other.outcome is claim.outcome}
    place = text.find(number)
    while place >= 0:
        end = place + len(number)
        noun = None if place in stated or text[place - 1 : place].isalnum() else _NOUN.match(text, end)
        if noun is not None and words.is_thing(noun.group(1).casefold()):
            return True
        place = text.find(number, end)
    return False

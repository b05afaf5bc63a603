"""Which countries a text names: their names in each language are the Unicode consortium's (CLDR, by way of Babel)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale, UnknownLocaleError

_RUN = re.compile(r"[A-ZÀ-ÖØ-Þ][\w’'-]*(?:\s+(?:(?:of|the|and|de|du|des|la|et|y|del)\s+|d[’'])*[A-ZÀ-ÖØ-Þ][\w’'-]*)*")
_LONGEST = 5  # words of a name
_CODE = 2  # letters of a country's code; longer ones are of continents and unions


@cache
def _table(language: str) -> Mapping[str, str]:
    """The countries' names in a language -> their ISO 3166-1 codes."""
    try:
        names = Locale(language).territories
    except (UnknownLocaleError, ValueError):
        return {}
    return {name.casefold(): code for code, name in names.items() if len(code) == _CODE and code.isalpha()}


@cache
def _begins(language: str) -> frozenset[str]:
    return frozenset(name.split()[0] for name in _table(language))


def countries_in(text: str, language: str | None) -> frozenset[str]:
    """The codes of the countries that `text` names."""
    table, begins = _table(language or ""), _begins(language or "")
    found: set[str] = set()
    for match in _RUN.finditer(text):
        words = match.group().casefold().replace("'", "’").replace("’s ", " ").removesuffix("’s").split()
        for at, word in enumerate(words):
            if word in begins:
                spans = (" ".join(words[at:end]) for end in range(at + 1, min(len(words), at + _LONGEST) + 1))
                found.update(code for name in spans if (code := table.get(name)) is not None)
    return frozenset(found)

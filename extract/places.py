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
    except UnknownLocaleError:
        return {}
    return {name.casefold(): code for code, name in names.items() if len(code) == _CODE and code.isalpha()}


def countries_in(text: str, language: str | None) -> frozenset[str]:
    """The codes of the countries that `text` names."""
    table = _table(language or "")
    found: set[str] = set()
    for match in _RUN.finditer(text):
        words = re.sub(r"’s\b", "", match.group().casefold().replace("'", "’")).split()
        spans = (
            " ".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, min(len(words), a + _LONGEST) + 1)
        )
        found.update(code for name in spans if (code := table.get(name)) is not None)
    return frozenset(found)

"""The words that help to tell events apart, by language: `words.toml` as values, loaded once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One language's: words that tell nothing of an event, nouns that name one, weekdays, verbs of saying."""

    common: frozenset[str] = frozenset()
    happenings: frozenset[str] = frozenset()
    weekdays: tuple[str, ...] = ()
    saying: frozenset[str] = frozenset()
    corrections: tuple[str, ...] = ()  # phrases of a note of correction, in lower case
    localities: frozenset[str] = frozenset()  # what leads from one name of a place to the next
    locatives: frozenset[str] = frozenset()  # what follows them in a head is where it happened
    owners: frozenset[str] = frozenset()  # whose body it is, without telling whose ("the country's …")
    reaches: frozenset[str] = frozenset()  # how far an office reaches ("regional")
    roles: frozenset[str] = frozenset()  # words for those who speak for a body


def _load() -> Mapping[str, Words]:
    written = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    return {
        language: Words(
            common=frozenset(table["common"].split()),
            happenings=frozenset(table["happenings"].split()),
            weekdays=tuple(table["weekdays"].split()),
            saying=frozenset(table["saying"].split()),
            corrections=tuple(table["corrections"]),
            localities=frozenset(table["localities"].split()),
            locatives=frozenset(table["locatives"].split()),
            owners=frozenset(table["owners"].split()),
            reaches=frozenset(table["reaches"].split()),
            roles=frozenset(table["roles"].split()),
        )
        for language, table in written.items()
    }


_LANGUAGES = _load()
_NO_WORDS = Words()
ROLES = frozenset(role for words in _LANGUAGES.values() for role in words.roles)
REACHES = frozenset(reach for words in _LANGUAGES.values() for reach in words.reaches)
OWNERS = frozenset(owner for words in _LANGUAGES.values() for owner in words.owners)


def words_of(language: str | None) -> Words:
    """The words of a language (ISO 639-1); none for one that is not known yet."""
    return _LANGUAGES.get(language or "", _NO_WORDS)

"""The bodies that count: one canonical name for each, whatever a text calls it, and the party whose voice it is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_DATA = tomllib.loads((Path(__file__).parent / "languages" / "bodies.toml").read_text(encoding="utf-8"))
_ARTICLE = re.compile(r"^(?:the|a|an|its|their|his|her|our)\s+", re.IGNORECASE)
_ASIDE = re.compile(r"\s*[(\[][^)\]]*[)\]]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A known body. `kinds`: what a definite description may call it."""

    name: str
    kinds: frozenset[str]
    party: str | None
    agency: bool


def _key(name: str) -> str:
    plain = _ARTICLE.sub("", _ASIDE.sub("", name).strip().replace("’", "'"))
    return " ".join(plain.replace(".", "").casefold().split())


def _bodies() -> dict[str, Body]:
    table: dict[str, Body] = {}
    for row in _DATA["body"]:
        body = Body(
            name=row["name"],
            kinds=frozenset(row.get("kind", "").split("|")),
            party=row.get("party"),
            agency=row.get("agency", False),
        )
        for name in (row["name"], *row.get("aliases", ()), *row.get("heads", ())):
            table[_key(name)] = body
    return table


_BODIES = _bodies()
_OFFICES = {_key(title): office for office, titles in _DATA["offices"].items() for title in titles.split("|")}
# kind of body -> the bodies of that kind, each with its names as a text writes them
_OF_KIND: dict[str, list[tuple[tuple[str, ...], Body]]] = {}
for _row in _DATA["body"]:
    for _kind in _BODIES[_key(_row["name"])].kinds:
        _OF_KIND.setdefault(_kind, []).append(((_row["name"], *_row.get("aliases", ())), _BODIES[_key(_row["name"])]))


def body(name: str) -> Body | None:
    """The known body that `name` calls, None where the table has none."""
    return _BODIES.get(_key(name))


def office(title: str) -> str | None:
    """The office behind a title or an office's name (`Police Commissioner` -> `police`), None where unknown."""
    return _OFFICES.get(_key(title))


def canonical(name: str) -> str:
    """The one name of a source: the table's for a known body or office, else `name` without article and aside."""
    known = body(name)
    if known is not None:
        return known.name
    return office(name) or _ARTICLE.sub("", _ASIDE.sub("", name).strip(" -–—"))


def is_known(name: str) -> bool:
    """Whether the tables have a body or an office of that name."""
    return body(name) is not None or office(name) is not None


def party(source: str) -> str:
    """The independent voice that a canonical source belongs to: itself where nothing else is known."""
    known = body(source)
    return known.party or known.name if known is not None else source


def is_agency(name: str) -> bool:
    """Whether `name` is a wire agency, which relays those whom it quotes."""
    known = body(name)
    return known is not None and known.agency


def mentioned(text: str, kind: str, before: int) -> Body | None:
    """The known body of that `kind` that `text` names first, within its first `before` characters."""
    best: tuple[int, Body] | None = None
    for names, known in _OF_KIND.get(kind, ()):
        places = [place for name in names if (place := text.find(name, 0, before)) >= 0]
        if places and (best is None or min(places) < best[0]):
            best = (min(places), known)
    return best[1] if best else None

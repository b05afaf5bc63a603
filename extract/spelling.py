"""The lists of a language's data file: `|` parts phrases, `(a/b)` alternatives in one, `~` a verb's stem and class."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

FORMS = ("base", "s", "past", "part", "ing")


def spelled(written: str) -> Iterator[str]:
    """The phrases of a list, its alternatives spelled out: `taken to (the/a/) hospital` is three."""
    for phrase in written.split("|"):
        parts = re.split(r"[()]", phrase)
        choices = [part.split("/") if at % 2 else [part] for at, part in enumerate(parts)]
        for chosen in product(*choices):
            yield " ".join("".join(chosen).split())


def spelled_set(phrases: str) -> frozenset[str]:
    """The phrases of a list; none where it is left empty."""
    return frozenset(filter(None, spelled(phrases)))


def conjugated(line: str, paradigms: Mapping[str, str]) -> list[tuple[str, str]]:
    """A verb's phrases, each with the form that it is.

    A line gives the five forms themselves, or a stem and the class of verbs whose endings it takes: `tu~er`,
    `trouv~er la mort`.
    """
    stem, regular, rest = line.partition("~")
    if regular:
        name, _, rest = rest.partition(" ")
        forms = [f"{stem}{ending} {rest}" for ending in paradigms[name].split("|")]
    else:
        forms = line.split("|")
    return [(form, phrase) for form, written in zip(FORMS, forms, strict=True) for phrase in spelled(written)]

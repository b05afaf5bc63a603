"""Reads the corpus of sentences: a text a line, its claims indented below it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
CORPORA = {"en": "english", "fr": "french", "es": "spanish"}  # by the code of the language that they are in


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A claim that a text of the corpus must yield."""

    phrase: str
    low: int | None
    high: int | None
    outcome: str
    who: str
    scope: str
    source: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A text of the corpus with its claims; none where the text must yield none."""

    text: str
    claims: tuple[Wanted, ...]


def examples(language: str) -> list[Example]:
    """The examples of a language's corpus, in the order of the file."""
    return _examples(CORPORA[language])


def misread() -> list[Example]:
    """English texts that the reader does not yet read as it should."""
    return _examples("english-misread")


def _examples(name: str) -> list[Example]:
    found: list[Example] = []
    for line in (CORPUS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            last = found.pop()
            found.append(Example(text=last.text, claims=(*last.claims, _wanted(line))))
        else:
            found.append(Example(text=line, claims=()))
    return found


def _wanted(line: str) -> Wanted:
    phrase, low, high, outcome, who, scope, source = (part.strip() for part in line.split("|"))
    return Wanted(
        phrase=phrase,
        low=None if low == "-" else int(low),
        high=None if high == "-" else int(high),
        outcome=outcome,
        who=who,
        scope=scope,
        source=None if source == "-" else source,
    )

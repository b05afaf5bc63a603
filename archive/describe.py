"""What the tables, views and columns of the archive hold, in words: for docs/archive.md, and for who shows them.

`python -m archive.describe docs/archive.md` writes the file's tables anew.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_BEGIN, _END = "<!-- made by `make docs` from archive/descriptions.toml -->\n", "<!-- until here -->\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """A table or view in words: what a row is, and each column that is described, in no order that matters."""

    about: str
    columns: Mapping[str, str]


@lru_cache(maxsize=1)
def descriptions() -> Mapping[str, Described]:
    """Every table and view by its name, in the order in which people read them."""
    given = tomllib.loads(Path(__file__).with_name("descriptions.toml").read_text(encoding="utf-8"))
    return {
        name: Described(
            about=told["about"],
            columns={**(given[told["like"]]["columns"] if "like" in told else {}), **told.get("columns", {})},
        )
        for name, told in given.items()
    }


def as_markdown(schema: Mapping[str, tuple[str, ...]]) -> str:
    """The tables of docs/archive.md; `schema` has the columns of each table and view in their order."""
    told = descriptions()
    overview = "".join(f"| [`{name}`](#{name}) | {one.about} |\n" for name, one in told.items())
    parts = [
        f"### {name}\n\n{one.about}\n\n| column | holds |\n| --- | --- |\n"
        + "".join(f"| `{column}` | {one.columns[column]} |\n" for column in schema[name])
        for name, one in told.items()
    ]
    return "| table or view | one row is |\n| --- | --- |\n" + overview + "\n" + "\n".join(parts)


def with_tables(document: str, schema: Mapping[str, tuple[str, ...]]) -> str:
    """A document with the tables between its marks written anew."""
    before, rest = document.split(_BEGIN)
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}\n{as_markdown(schema)}\n{_END}{after}"


def main(file: Path) -> None:
    """Write the tables of a document anew."""
    from archive.store import Archive  # noqa: PLC0415  # who only wants the words needs no archive

    archive = Archive.in_memory()
    schema = archive.queries.columns()
    archive.close()
    file.write_text(with_tables(file.read_text(encoding="utf-8"), schema), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""CSV that a spreadsheet opens as it is: text stays text.

A cell whose text a spreadsheet would run as a formula gets an apostrophe before it, as OWASP advises ("CSV Injection");
numbers are left alone. UTF-8 without a byte order mark: RFC 4180's readers, HXL's among them, take a mark for a part of
the first cell.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: object) -> object:
    """A value as a cell that is no formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value


def write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], out: IO[str]) -> None:
    """Write a header and the rows' cells under it."""
    write_plain([columns, *([row[column] for column in columns] for row in rows)], out)


def write_plain(rows: Iterable[Iterable[object]], out: IO[str]) -> None:
    """Write rows of cells."""
    csv.writer(out, lineterminator="\n").writerows([cell(value) for value in row] for row in rows)

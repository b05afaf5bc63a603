"""The original page of an article, out of its capture."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archive import Archive
from archive.captures import Captured
from model import InputError

Row = Mapping[str, Any]


def find(archive: Archive, article: str, *, revision: int | None) -> Sequence[Row]:
    """The captures of an article, the newest first; of one revision where that is asked for.

    An entry of a live page was captured with its page. Raises InputError where there is none.
    """
    captures = archive.captures.of_article(article) or archive.captures.of_article(article.partition("#")[0])
    found = [row for row in captures if revision is None or row["number"] == revision]
    if not found:
        which = "no capture" if revision is None else f"no capture of revision {revision}"
        remedy = "`tollwatch search WORDS` finds articles, `--list` their captures; what a replay read has none"
        raise InputError(where=article, what=f"there is {which}", remedy=remedy)
    return found


def rows(found: Sequence[Row]) -> list[dict[str, Any]]:
    """A row a capture, for a table or JSON."""
    columns = ("fetched", "url", "bytes", "sha256", "file", "offset", "length")
    return [{"revision": row["number"], **{name: row[name] for name in columns}} for row in found]


def write(captured: Captured, output: Path | None, *, as_sent: bool) -> None:
    """Write the page, or the response as it came, to a file or to standard output."""
    content = _response(captured) if as_sent else captured.content
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise InputError(where=str(output), what=what, remedy="give a file in a folder that is there") from error


def _response(captured: Captured) -> bytes:
    sent = captured.sent
    lines = [f"{sent.protocol} {sent.status}", *(f"{name}: {value}" for name, value in sent.headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", errors="replace") + sent.body


def proof(captured: Captured) -> str:
    """What was given back, in a sentence for the record."""
    return (
        f"{captured.url}, fetched {captured.fetched:%Y-%m-%d %H:%M:%S} UTC: the body as it was sent has the SHA-256 "
        f"{captured.sha256} that was kept then (record at {captured.offset} of {captured.file})"
    )

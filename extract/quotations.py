"""Which quotation a place of a text stands in: it has one voice, which its paragraph names before or after it."""

from __future__ import annotations

import re

MARK = re.compile(r"[\"“”«»]")
CLOSED_BY = {'"': '"', "“": "”", "«": "»"}


class Quotations:
    """The quotation marks of a text's lines, read from left to right, each once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line = self.at = -1
        self.open: int | None = None

    def opened(self, line: int, at: int) -> int | None:
        """Where the quotation begins that is open at `at`, in the line that begins at `line`; None where none is.

        A quotation ends with its line, for each paragraph of a longer one opens it anew. Places are asked for in order.
        """
        if line != self.line:
            self.line, self.at, self.open = line, line, None
        for mark in MARK.finditer(self.text, self.at, at):
            begins = mark.group() in CLOSED_BY and self.open is None
            ends = self.open is not None and mark.group() == CLOSED_BY[self.text[self.open]]
            self.open = mark.start() if begins else None if ends else self.open
        self.at = max(self.at, at)
        return self.open

    def closed(self, opened: int, end: int) -> int:
        """Where the quotation that begins at `opened` closes, at latest at `end`."""
        place = self.text.find(CLOSED_BY[self.text[opened]], opened + 1, end)
        return place if place >= 0 else end

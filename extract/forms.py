"""Forms: lines such as `Dead: 27`, `Missing: 9`, and the one who fills them in, named above or below all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from model import Claim

LABELLED = re.compile(r"\W*[^\W\d][^\n:=]{0,40}[:=]\s*")  # what stands before the number on its line: `Missing: `
LONGEST_GAP = 120  # characters from one line of a form to the next one with a claim (`Houses destroyed: 618`)
LINES_BELOW = 6  # lines under a form within which it says where it is from
LONGEST_LINE = 120
LONGEST_HEADING = 400
LINE = re.compile(r"[^\s.](?:[^\n.]|\.(?=\S))*")  # a line, or a sentence of it


def forms(text: str, claims: Sequence[Claim]) -> Iterator[range]:
    """The places in `claims` of the unattributed claims of each form of `text`."""
    first = 0
    for at, (claim, after) in enumerate(pairwise([*claims, None])):
        assert claim is not None
        if not _is_line(text, claim):
            first = at + 1
        elif after is None or not _is_line(text, after) or after.sentence_start - claim.sentence_end > LONGEST_GAP:
            yield range(first, at + 1)
            first = at + 1


def _is_line(text: str, claim: Claim) -> bool:
    label = text[claim.sentence_start : claim.start]
    return claim.source is None and claim.rule == "toll" and LABELLED.fullmatch(label) is not None


def heading(text: str, start: int) -> tuple[int, int] | None:
    """The line before the form at `start`, where it ends in a colon: `The office reports the following:`."""
    window = max(0, start - LONGEST_HEADING)
    end = window + len(text[window:start].rstrip())
    if text[max(0, end - 1) : end] != ":":
        return None
    return max(window, text.rfind("\n", window, end) + 1), end


def below(text: str, end: int) -> list[tuple[int, int]]:
    """The lines under a form that ends at `end`, those that can be its own."""
    lines: list[tuple[int, int]] = []
    for line in LINE.finditer(text, end):
        if len(lines) == LINES_BELOW or line.end() - line.start() > LONGEST_LINE:
            break
        lines.append(line.span())
    return lines

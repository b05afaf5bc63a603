"""Text -> lines and sentences. Survives abbreviations, quotes, datelines and headlines."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Where a sentence may end: the mark, closing quotes or brackets, and space before something that can begin one. The
# space is taken whole: given back a character at a time, a run of n spaces would cost n² steps.
BREAK = re.compile(r"([.!?…])(?:\s?»|[\"”’')\]])*\s++(?=[\"“‘'(\[”$€£«¿¡]*\s*[^\W_a-zß-öø-ÿ])")
LINE = re.compile(r"[^\n]+")
SPACE = 8  # characters within which what stands before an opener is looked for
LONGEST = 1500  # characters of one sentence; a text without marks is cut here so that work stays linear


def lines(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each line of `text` that is not empty; a sentence never runs on into the next line."""
    for line in LINE.finditer(text):
        yield line.span()


def sentences(
    text: str, start: int, end: int, abbreviations: frozenset[str], openers: re.Pattern[str]
) -> Iterator[tuple[int, int]]:
    """The (start, end) of each sentence of the line `text[start:end]`, in order.

    `openers`: words that, with a capital, begin a sentence though no mark ends the one before (badly cleaned pages).
    """
    begin = start
    for match in BREAK.finditer(text, start, end):
        if match.group(1) == "." and _abbreviated(text, begin, match.start(), abbreviations):
            continue
        yield from _pieces(text, begin, match.end(), openers)
        begin = match.end()
    if begin < end:
        yield from _pieces(text, begin, end, openers)


def _pieces(text: str, start: int, end: int, openers: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    begin = start
    for match in openers.finditer(text, start, end):
        cut = match.start()
        last = text[max(begin, cut - SPACE) : cut].rstrip()[-1:]  # of `Osk` in `in Osk At least 12`
        if last.isalnum() and not "A" <= last <= "Z" and text[cut - 1].isspace():
            yield begin, cut
            begin = cut
    for place in range(begin, end, LONGEST):
        yield place, min(place + LONGEST, end)


def _abbreviated(text: str, begin: int, point: int, abbreviations: frozenset[str]) -> bool:
    """Whether the point at `point` belongs to an abbreviation or an initial rather than to the sentence's end."""
    head = text[max(begin, point - 12) : point]
    word = re.search(r"[^\s(“\"'‘]*$", head)
    last = word.group().lower() if word else ""
    return last in abbreviations or (len(last) == 1 and last.isalpha()) or bool(re.fullmatch(r"(\w\.)+\w", last))

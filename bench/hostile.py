"""What the most hostile texts cost: the CPU's seconds and the memory of reading the claims of 1 MB of each.

`python -m bench.hostile [--json]` prints a line a text: seconds, MB of memory at the peak, claims, and the growth: the
seconds for as much as is ever read of one text, over four times those for a quarter of it. At 1 or below, work grows no
faster than the text. The last line of standard output is one JSON object: the worst of each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tracemalloc
from dataclasses import dataclass

from extract.claims import LONGEST, read_claims

SIZE = 1_000_000  # characters
ROUNDS = 2  # the fastest counts: one round is at the mercy of the machine
WARM_UP = "Ten people were killed in Mossby, police said on Monday."
COUNTER = "#"  # stands for the number of the repetition


@dataclass(frozen=True, slots=True)
class Hostile:
    """A text made of one piece, over and over; `closing` makes up its second half, where it has one."""

    piece: str
    opening: str = ""
    closing: str = ""

    def text(self, size: int) -> str:
        """`size` characters of it."""
        half = size // 2 if self.closing else size
        return (self.opening + _fill(self.piece, half))[:half] + _fill(self.closing, size - half)


def _fill(piece: str, size: int) -> str:
    if not size:
        return ""
    times = size // len(piece) + 1
    if COUNTER not in piece:
        return (piece * times)[:size]
    return "".join(piece.replace(COUNTER, str(n)) for n in range(times))[:size]


TEXTS = {
    "digits": Hostile("1234567890"),
    "nested quotes": Hostile("“He said ‘", closing="12 died,’ ”"),
    "killed": Hostile("killed "),
    "no spaces": Hostile("Twelve.people,were-killed"),
    "emoji": Hostile("😀👩‍👩‍👧‍👦 12 killed 🇺🇦"),
    "mixed scripts": Hostile("12 людей killed 人 ١٢ शहीद قُتل "),
    "one sentence of counts": Hostile("# people, "),
    "one sentence of deaths": Hostile("# people were killed, "),
    "a verb and its number": Hostile("killed 5 "),
    "line breaks": Hostile("\n"),
    "a claim a line": Hostile("12 killed\n"),
    "a claim a sentence": Hostile("Mr Orle# Smith said that # people were killed in Town#. It said 3 died. "),
    "open brackets": Hostile("([{"),
    "brackets before a count": Hostile("([“" * 400 + "12 people were killed. "),
    "of the dead": Hostile("12 of the dead "),
    "capitals": Hostile("ORLE VARR MOSSBY " * 80 + "said 12 were killed. "),
    "said": Hostile("said X " * 200 + "12 were killed. "),
    "sources": Hostile("12 killed according to the ministry of the interior "),
    "rows with tabs": Hostile("Orle#\t#\t12 killed\n"),
    "rows with bars": Hostile("Orle# | # | 12\n", opening="Place | Dead | Injured\n"),
    "one row": Hostile("| 12 | dead "),
    "separators": Hostile("345, "),
    "a number without end": Hostile("345," * 300 + "000 people were killed. "),
    "number words": Hostile("one " + "hundred thousand million " * 50 + "people were killed. "),
    "tens": Hostile("twenty-" * 200 + "one people were killed. "),
    "as many": Hostile("12 killed and as many wounded "),
    "bounds": Hostile("at least " * 150 + "12 people were killed. "),
    "combining marks": Hostile("\u0301", opening="12 killed e"),
    "no width": Hostile("12\u200bkilled\u200b "),
    "right to left": Hostile("قتل ١٢ شخصا في الهجوم. "),
    "a long word": Hostile("x" * 1400 + " 12 killed. "),
    "spaces": Hostile(" ", opening="12 killed."),
    "marks": Hostile(".” "),
    "initials": Hostile("U.S. A. "),
}


WORST_KINDS = ("digits", "nested quotes", "killed", "no spaces", "emoji", "mixed scripts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one text cost to read."""

    seconds: float
    megabytes: float
    claims: int
    growth: float


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    arguments = parser.parse_args()
    read_claims(WARM_UP, published=None)
    costs: dict[str, Cost] = {}
    for name, hostile in TEXTS.items():
        cost = costs[name] = _measure(hostile)
        if not arguments.json:
            line = f"{name:24} {cost.seconds:6.3f} s {cost.megabytes:6.1f} MB {cost.claims:5} claims"
            sys.stdout.write(f"{line}   growth {cost.growth:.2f}\n")
    sys.stdout.write(json.dumps(_figures(costs)) + "\n")


def seconds_by_kind() -> dict[str, float]:
    """CPU seconds to read 1 MB of each kind that a crawl is most likely to be sent."""
    return {name: round(_seconds(TEXTS[name].text(SIZE)), 3) for name in WORST_KINDS}


def _measure(hostile: Hostile) -> Cost:
    text = hostile.text(SIZE)
    whole, quarter = _seconds(hostile.text(LONGEST)), _seconds(hostile.text(LONGEST // 4))
    tracemalloc.start()
    claims = read_claims(text, published=None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Cost(seconds=_seconds(text), megabytes=peak / 1e6, claims=len(claims), growth=whole / (4 * quarter))


def _seconds(text: str) -> float:
    return min(_round(text) for _ in range(ROUNDS))


def _round(text: str) -> float:
    began = time.process_time()
    read_claims(text, published=None)
    return time.process_time() - began


def _figures(costs: dict[str, Cost]) -> dict[str, float | str]:
    slowest = max(costs, key=lambda name: costs[name].seconds)
    return {
        "slowest": slowest,
        "slowest_s": round(costs[slowest].seconds, 3),
        "most_mb": round(max(cost.megabytes for cost in costs.values()), 1),
        "steepest_growth": round(max(cost.growth for cost in costs.values()), 2),
    }


if __name__ == "__main__":
    main()

"""Whether a verb tells what happened: `went on to kill 40` does; `planned to kill 40`, `could kill 40` do not."""

from __future__ import annotations

from extract.lexicon import Lexicon
from extract.units import Unit

REACH = 8  # units before an infinitive in which the word that governs it stands (`charged with plotting last May to`)
ENDS = (",", ";", ":")


def is_unreal(units: list[Unit], verb: int, words: Lexicon) -> bool:
    """Whether the verb at `verb` is only wished, tried, prevented, possible or supposed."""
    unit, before = units[verb], _before(units, verb)
    if before < 0:
        return False
    if unit.has("harm.base"):
        if units[before].has("modal", "counterfactual"):
            return True
        return _is_infinitive(units, before, words) and _is_governed(units, before, words)
    if unit.has("harm.ing"):
        return units[before].low in words.words("mood", "kept_from") and _is_prevented(units, before, words)
    perfect = unit.has("harm.part") and units[before].has("have")
    return perfect and units[_before(units, before)].has("counterfactual")


def _before(units: list[Unit], at: int) -> int:
    """The place before `at`, over adverbs; -1 at the sentence's start."""
    at -= 1
    while at >= 0 and units[at].has("adverb", "not") and not units[at].has("have", "modal"):
        at -= 1
    return at


def _is_infinitive(units: list[Unit], before: int, words: Lexicon) -> bool:
    """`to kill`, `to seize the bridge and kill`; where no mark stands before infinitives, their form tells them."""
    marks = words.words("mood", "infinitive_marks")
    joined = units[before].has("and") and any(unit.low in marks for unit in _near(units, before))
    return not marks or units[before].low in marks or joined


def _is_governed(units: list[Unit], last: int, words: Lexicon) -> bool:
    """Whether the nearest word that an infinitive can hang on tells of no deed: `planned to`, but `used a knife to`."""
    intent, done = words.words("mood", "intent"), words.words("mood", "done")
    for unit in _near(units, last):
        if unit.low in intent or unit.has("prevent"):
            return True
        if unit.low.split()[0] in done:
            return False
    return False


def _is_prevented(units: list[Unit], last: int, words: Lexicon) -> bool:
    keep = words.words("mood", "keep")
    return any(unit.low in keep or unit.has("prevent") for unit in _near(units, last))


def _near(units: list[Unit], last: int) -> list[Unit]:
    """The units up to `last` that can govern what comes after it, the nearest first."""
    near: list[Unit] = []
    for unit in reversed(units[max(0, last - REACH) : last + 1]):
        if unit.low in ENDS or unit.count is not None:
            break
        near.append(unit)
    return near

"""The words of an alert, the same in every channel: numbers, movements, kinds, days; and text made harmless.

Everything that comes out of an article passes `neutral` or `clean` on its way into a message. Markup is escaped where
the markup is written (`templates/`, `slack.py`), not here.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from model import Cue, Kind, OtherVoice, Outcome, Precision, Qualifier, Told, Value, Who

EVENT_LENGTH = 90  # a subject line shows about 70 characters on a desk, 40 in a hand; the figures must still follow
NAME_LENGTH = 80  # "Independent International Commission of Inquiry on the Syrian Arab Republic" has 75

_SPACES = dict.fromkeys(map(ord, "\t\n\v\f\r\x85\u2028\u2029"), " ")
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], None)
# Overrides and isolates can turn 31 into 13 before a reader's eye; the tag block and the rest are invisible text.
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], None)
_INVISIBLE = dict.fromkeys([0xFEFF, *range(0xFFF9, 0xFFFC), 0xFFFE, 0xFFFF, *range(0xE0000, 0xE0080)], None)
_LONE_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_NEUTRAL = {**_CONTROLS, **_SPACES, **_BIDI, **_INVISIBLE, **_LONE_SURROGATES}
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\^{}]+", re.IGNORECASE)
_LONGEST_ADDRESS = 1500  # what mail programs and Slack still carry as one link

GROUPS = {
    Who.PEOPLE: "people",
    Who.CIVILIANS: "civilians",
    Who.SECURITY_FORCES: "security forces",
    Who.COMBATANTS: "fighters",
    Who.CHILDREN: "children",
    Who.WOMEN: "women",
    Who.MEDICS: "medics",
    Who.AID_WORKERS: "aid workers",
    Who.JOURNALISTS: "journalists",
    Who.HOSTAGES: "hostages",
    Who.DETAINEES: "detainees",
}

OUTCOMES = {
    Outcome.KILLED: "killed",
    Outcome.INJURED: "injured",
    Outcome.MISSING: "missing",
    Outcome.DISPLACED: "displaced",
    Outcome.DETAINED: "detained",
    Outcome.ABDUCTED: "abducted",
    Outcome.CASUALTIES: "killed or injured",
}

KINDS = {
    Kind.NEW: "first figure",
    Kind.RAISED: "raised",
    Kind.LOWERED: "lowered",
    Kind.LOWERED_UNCONFIRMED: "lower, not yet seen a second time",
    Kind.WITHDRAWN: "withdrawn",
    Kind.FIRMED: "now firm, unconfirmed before",
    Kind.QUANTIFIED: "now given as a number",
    Kind.REFINED: "given more precisely",
    Kind.RESTATED: "unchanged",
    Kind.REPEAT: "a copy",
    Kind.STALE: "an older figure",
    Kind.PART: "part of the total",
    Kind.INCREMENT: "further victims",
    Kind.CONTEXT: "background",
    Kind.DENIED: "denied",
    Kind.HEDGED_HIGH: "a higher figure, unconfirmed",
    Kind.CONTRADICTED: "contradicted",
    Kind.DIVERGES: "sources diverge",
    Kind.CONFIRMED: "confirmed",
    Kind.IMPLAUSIBLE: "implausible, check before use",
    Kind.PARTS_EXCEED_TOTAL: "the groups add up to more than the total",
}

_QUALIFIED = {
    Qualifier.AT_LEAST: "at least {}",
    Qualifier.MORE_THAN: "more than {}",
    Qualifier.ABOUT: "about {}",
    Qualifier.UP_TO: "up to {}",
    Qualifier.FEWER_THAN: "fewer than {}",
    Qualifier.EXACT: "{}",
}

_WITHOUT_STEP = frozenset({Kind.IMPLAUSIBLE, Kind.FIRMED, Kind.QUANTIFIED})
AGAINST = frozenset({Kind.CONTRADICTED, Kind.DIVERGES})


# ----------------------------------------------------------------------------------------------- harmless text


def neutral(text: str) -> str:
    """Return `text` on one line, without control characters, direction overrides and invisible characters."""
    return text.translate(_NEUTRAL)


def storable(text: str) -> str:
    """Return `text` without lone surrogates, which no JSON or UTF-8 can hold; every offset stays."""
    return text.translate(_LONE_SURROGATES)


def cut(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def clean(text: str, limit: int) -> str:
    """Return `text` neutral, with single spaces, in at most `limit` characters."""
    return cut(" ".join(neutral(text).split()), limit)


def web_address(url: str | None) -> str | None:
    """Return `url` where it is an http(s) address that is safe to make a link of, else None."""
    plain = url and len(url) <= _LONGEST_ADDRESS and neutral(url) == url and _WEB_ADDRESS.fullmatch(url)
    return url if plain else None


# ----------------------------------------------------------------------------------------------------- numbers


def said(value: Value) -> str:
    """Return the number as it was said: `at least 973`, `10–15`, `dozens`."""
    if value.qualifier is Qualifier.VAGUE:
        return clean(value.phrase, NAME_LENGTH)
    if value.qualifier is Qualifier.RANGE and value.low is not None and value.high is not None:
        return f"{value.low:,}–{value.high:,}"
    return _QUALIFIED.get(value.qualifier, "{}").format(f"{value.anchor:,}")


def step(new: Value, old: Value) -> str:
    """Return the signed step from `old` to `new` in people and percent; empty where a number is only a vague word."""
    if Qualifier.VAGUE in {new.qualifier, old.qualifier} or new.anchor == old.anchor:
        return ""
    people = _signed(f"{new.anchor - old.anchor:+,}")
    if old.anchor <= 0:
        return f"({people})"
    percent = _signed(f"{(new.anchor - old.anchor) / old.anchor:+,.0%}").removesuffix("%")
    return f"({people}, {percent} %)"


def counted(n: int, noun: str) -> str:
    """Return `1 outlet`, `5 outlets`, `1,200 outlets`."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _signed(number: str) -> str:
    return number.replace("-", "−")


# --------------------------------------------------------------------------------------------------- one change


def whom(told: Told) -> str:
    """Return whom the figure counts: `civilians`, `people (Nepali)`."""
    subset = f" ({clean(told.subset, NAME_LENGTH)})" if told.subset else ""
    return f"{GROUPS[told.who]}{subset}"


def movement(told: Told) -> str:
    """Return what moved: `745 → at least 973 (+228, +31 %)`, `12 against 40 (police)`, `at least 143 (overnight)`."""
    words = _moved(told)
    window = f" ({clean(told.window, NAME_LENGTH)})" if told.window and told.kind is Kind.PART else ""
    return f"{words}{window}{', unconfirmed' if told.hedged else ''}"


def _moved(told: Told) -> str:
    new, old = told.value, told.previous
    if told.kind is Kind.WITHDRAWN:
        return f"{said(old or new)} taken back"
    if told.kind is Kind.INCREMENT:
        return f"{said(new)} more"
    return said(new) if old is None else _moved_from(told, old)


def _moved_from(told: Told, old: Value) -> str:
    new = told.value
    if told.kind in AGAINST:
        other = f" ({clean(as_written(told.previous_source), NAME_LENGTH)})" if told.previous_source else ""
        return f"{said(new)} against {said(old)}{other}"
    if told.kind is Kind.CONFIRMED:
        return said(new)
    if told.kind is Kind.HEDGED_HIGH:
        return f"{said(new)}, above the standing {said(old)}"
    if told.kind is Kind.PARTS_EXCEED_TOTAL:
        return f"together above the standing “{clean(old.phrase, NAME_LENGTH)}”"
    by = "" if told.kind in _WITHOUT_STEP else step(new, old)
    return f"{said(old)} → {said(new)} {by}".rstrip()


def figure(told: Told) -> str:
    """Return group, outcome and movement: `civilians killed 745 → at least 973 (+228, +31 %)`."""
    return f"{whom(told)} {OUTCOMES[told.outcome]} {movement(told)}"


def kind_words(told: Told) -> str:
    """Return the verdict in plain words: `corrected down, edited in place without notice`."""
    words = _kind(told)
    extra = [f"also {KINDS[kind]}" for kind in told.attached if kind is not told.kind]
    if told.silent_edit:
        extra.append("edited in place without notice")
    return ", ".join([words, *extra])


def _kind(told: Told) -> str:
    corrected = {Kind.RAISED: "corrected up", Kind.LOWERED: "corrected down"}
    by = {Kind.CONTRADICTED, Kind.CONFIRMED}
    if told.kind in corrected and told.cue is Cue.CORRECTED:
        return corrected[told.kind]
    if told.kind in by:
        return f"{KINDS[told.kind]} by {source_name(told)}"
    if told.kind is Kind.RAISED and told.row == "4":
        return "raised: a part is above the total"
    if told.kind is Kind.RAISED and told.previous_source:
        return "raised, by another source"
    return KINDS[told.kind]


def source_name(told: Told) -> str:
    """Return who says so: the source's canonical name as the text writes it, else the outlet's."""
    return clean(as_written(told.source, told.source_text) if told.source else told.quote.outlet, NAME_LENGTH)


def as_written(source: str, text: str | None = None) -> str:
    """Return a canonical name as it is shown: generic bodies (`interior ministry`) get the capitals of the text."""
    if source != source.casefold():
        return source
    place = (text or "").casefold().find(source)
    shown = (text or "")[place : place + len(source)] if place >= 0 else source
    return shown[:1].upper() + shown[1:]


def byline(told: Told, year: int) -> str:
    """Return who says so, through which outlet, true as of when; `year` is the one that need not be said.

    Where the text gives the figure no time, the time is that of the report, and called so.
    """
    outlet = clean(told.quote.outlet, NAME_LENGTH)
    who = f"{source_name(told)}, through {outlet}" if told.source else f"{outlet}, in its own voice"
    return f"{who} · {'as of' if told.dated else 'reported'} {as_of(told, year)}"


def as_of(told: Told, year: int) -> str:
    """Return when the figure was true, no sharper than the text says it."""
    if told.as_of_precision is Precision.INSTANT:
        return f"{day(told.as_of, year)}, {told.as_of:%H:%M} UTC"
    # A day stands in the archive as its end, which is the next day's midnight, unless the time of publication cut it.
    ends = told.as_of != told.quote.published
    return day(told.as_of - timedelta(microseconds=1) if ends else told.as_of, year)


def day(time: datetime, year: int) -> str:
    """Return the date of `time`, with its year where that is not `year`."""
    return f"{time.day} {time:%B}" if time.year == year else f"{time.day} {time:%B %Y}"


def voice(other: OtherVoice, lead: Told) -> str:
    """Return what another source says: `up to 4,000 (activists)`; its group only where it is not the lead's."""
    same = (other.outcome, other.who) == (lead.outcome, lead.who)
    group = "" if same else f"{GROUPS[other.who]} {OUTCOMES[other.outcome]} "
    return f"{group}{said(other.value)} ({clean(other.source, NAME_LENGTH)})"

"""An article's claims -> its figures: who says each, when it was true, and which claims say one and the same.

Three things happen here that need the whole article: a claim in the outlet's own voice takes the source that the
article gives elsewhere, claims that copy another text take the source of the first, and compatible claims of one
series become one, the narrowest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from extract.intervals import anchor, interval
from extract.sources import canonical, is_agency, party
from extract.words import ROLES
from model import Article, Claim, Cue, Figure, Precision, Qualifier, Scope

OWN_VOICE = "outlet:"

_WORD = re.compile(r"\w+")
_EMPTY_WORDS = frozenset({"the", "of", "for", "and", "a", "an", "s"})
_PLAIN_NAME_WORDS = 4  # "regional military administration"; a longer one is half a sentence
_NAME_WORDS = 3  # words that make a name a body's own

_COUNTING = (Scope.TOTAL, Scope.PART, Scope.INCREMENT)


def _group(claim: Claim) -> tuple[object, ...]:
    return (claim.outcome, claim.who, claim.subset)


def _can_lend(claim: Claim) -> bool:
    return claim.source is not None and claim.scope in _COUNTING and not claim.denied


def _lender(claim: Claim, named: Sequence[Claim]) -> Claim | None:
    """The claim whose source a claim in the outlet's own voice takes, if the article gives one."""
    named = [other for other in named if other.hedged == claim.hedged]
    same_group = [other for other in named if _group(other) == _group(claim)]
    for other in same_group:
        if anchor(other) == anchor(claim) and other.qualifier.name != Qualifier.VAGUE:
            return other
    same_outcome = [other for other in named if other.outcome is claim.outcome]
    if len({other.source for other in same_outcome}) != 1:
        return None
    if same_group and not any(interval(other).overlaps(interval(claim)) for other in same_group):
        return None  # the one body says another number: this one is the outlet's own
    if not same_group and claim.qualifier is Qualifier.VAGUE:
        return None  # "dozens" of another group is nobody's count
    return (same_group or same_outcome)[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A claim whose source is settled; `adopted` tells that it took it from another claim of the article."""

    claim: Claim
    adopted: bool = False


def adopt_sources(claims: Sequence[Claim]) -> list[Settled]:
    """Give claims in the outlet's own voice the source that the same article names for that count."""
    named = [claim for claim in claims if _can_lend(claim)]
    return [_settled(claim, named) for claim in claims]


def _settled(claim: Claim, named: Sequence[Claim]) -> Settled:
    own_voice = claim.source is None and claim.scope in _COUNTING
    lender = _lender(claim, named) if own_voice else None
    if lender is None:
        return Settled(claim=claim)
    return Settled(claim=replace(claim, source=lender.source, source_text=lender.source_text), adopted=True)


def _is_one(a: Claim, b: Claim) -> bool:
    """Whether two claims say one figure: `passes 600` and 612 do, `at least 11` and 19 do not."""
    if not a.scope is b.scope is Scope.TOTAL:
        return False
    if (_group(a), a.source, a.hedged, a.denied) != (_group(b), b.source, b.hedged, b.denied):
        return False
    near = anchor(a) <= interval(b).soft_ceiling and anchor(b) <= interval(a).soft_ceiling
    return near and interval(a).overlaps(interval(b))


def _said_less(one: Settled, *, equal: bool) -> tuple[bool, float, float]:
    """How little a claim says: a vague word less than any number, an open bound less than a number.

    Of two claims with the equal number the one that names its source says more: headlines drop their `at least`.
    """
    width = interval(one.claim).width
    return one.claim.qualifier is Qualifier.VAGUE, *((one.adopted, width) if equal else (width, one.adopted))


def _narrower(a: Settled, b: Settled) -> Settled:
    """The claim that says more, or else names its source itself; what the other says of movement and time is kept."""
    equal = anchor(a.claim) == anchor(b.claim)
    kept, other = min(((a, b), (b, a)), key=lambda pair: _said_less(pair[0], equal=equal))
    claim, lost = kept.claim, other.claim
    merged = replace(
        claim,
        cue=lost.cue if claim.cue is Cue.NONE else claim.cue,
        as_of=claim.as_of or lost.as_of,
        as_of_precision=claim.as_of_precision or lost.as_of_precision,
    )
    return replace(kept, claim=merged)


def merge(settled: Sequence[Settled]) -> list[Claim]:
    """Make compatible claims of one series one: the narrowest, at the place of the first."""
    merged: list[Settled] = []
    for one in settled:
        place = next((i for i, kept in enumerate(merged) if _is_one(kept.claim, one.claim)), None)
        if place is None:
            merged.append(one)
        else:
            merged[place] = _narrower(merged[place], one)
    return [one.claim for one in merged]


def _source(claim: Claim, article: Article) -> tuple[str, str]:
    """Whose figure it is and which independent voice that is: attribution, else wire credit, else the outlet."""
    name = claim.source
    if name is None and article.credit and is_agency(article.credit):
        name = canonical(article.credit)
    return (name, party(name)) if name else (f"{OWN_VOICE}{article.outlet}", f"{OWN_VOICE}{article.outlet}")


def _when(claim: Claim, stated: datetime) -> tuple[datetime, Precision]:
    if claim.as_of is None or claim.as_of_precision is None:
        return stated, Precision.INSTANT
    return min(claim.as_of, stated), claim.as_of_precision


def figure_of(claim: Claim, article: Article, *, stated: datetime, seen: datetime, revision_id: int | None) -> Figure:
    """One claim in its place. `stated` is when this text was published (an edit's own time for an edit)."""
    source, voice = _source(claim, article)
    as_of, precision = _when(claim, stated)
    text = article.reading_text
    return Figure(
        claim=claim,
        source=source,
        party=voice,
        dated=claim.as_of is not None,
        article_url=article.url,
        outlet=article.outlet,
        quote=text[claim.sentence_start : claim.sentence_end],
        quote_mark=(claim.start - claim.sentence_start, claim.end - claim.sentence_start),
        as_of=as_of,
        as_of_precision=precision,
        seen=seen,
        published=stated,
        revision_id=revision_id,
    )


def figures_of(
    article: Article, claims: Sequence[Claim], *, stated: datetime, seen: datetime, revision_id: int | None = None
) -> list[Figure]:
    """The figures of an article in the order in which they stand. Times are aware UTC."""
    settled = merge(adopt_sources(_under_full_names(claims)))
    return [figure_of(claim, article, stated=stated, seen=seen, revision_id=revision_id) for claim in settled]


def _words(name: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(re.sub(r"['’]s\b", "", name))) - _EMPTY_WORDS


def known_as(figure: Figure, known: Iterable[str]) -> Figure:
    """The figure under the name by which its event knows the source: `the observatory` is the one observatory there.

    `known` are the sources of the event's series. A name that could be two of them stays as it is.
    """
    said = _words(figure.source) - ROLES
    if figure.source.startswith(OWN_VOICE) or not said:
        return figure
    bodies = [name for name in known if name != figure.source and _is_body(name)]
    meant = [name for name in bodies if _is_short_for(said, name)]
    # "authority" and "disaster authority" may both be known as short forms of the one full name.
    meant = [name for name in meant if not any(_words(name) < _words(other) for other in meant)]
    return replace(figure, source=meant[0], party=party(meant[0])) if len(meant) == 1 else figure


def _is_body(name: str) -> bool:
    """Whether a name is one that another may stand short for: proper throughout, or a few plain words."""
    words = [word for word in _WORD.findall(name) if word.casefold() not in _EMPTY_WORDS]
    proper = all(not word[0].islower() for word in words)
    plain = name == name.casefold() and len(words) <= _PLAIN_NAME_WORDS
    return not name.startswith(OWN_VOICE) and (proper or plain)


def _is_short_for(said: frozenset[str], name: str) -> bool:
    """Whether a name is another's short form or acronym, or another with its country before it.

    One common word is not enough for the latter: the police union is not the police.
    """
    words = _words(name)
    return (
        said < words
        or said == {_acronym(name)}
        or (len(words) >= _NAME_WORDS and words < said and len(said - words) == 1)
    )


def _acronym(name: str) -> str:
    """The initials of the capitalised words of a name; of a short one none that could be another's."""
    initials = [word[0] for word in _WORD.findall(name) if word[0].isupper()]
    return "".join(initials).casefold() if len(initials) >= _NAME_WORDS else name.casefold()


def _under_full_names(claims: Sequence[Claim]) -> list[Claim]:
    """The claims with each body under the fullest name that the article gives it."""
    names = {claim.source for claim in claims if claim.source is not None}
    bodies = [name for name in names if _is_body(name)]
    full = {name: [longer for longer in bodies if _words(name) < _words(longer)] for name in names}
    return [
        replace(claim, source=full[claim.source][0]) if claim.source and len(full[claim.source]) == 1 else claim
        for claim in claims
    ]


def as_echo(figure: Figure, first: Mapping[tuple[object, ...], Figure]) -> Figure | None:
    """The figure under the source of the text that it copies, None where that text does not state it, value and all."""
    origin = first.get(echo_key(figure))
    if origin is None or (figure.claim.source not in (None, origin.claim.source)):
        return None
    return replace(figure, source=origin.source, party=origin.party)


def echo_key(figure: Figure) -> tuple[object, ...]:
    """What must agree for a copy of a figure: outcome, group and the number as said."""
    claim = figure.claim
    return (claim.outcome, claim.who, claim.scope, claim.low, claim.high, claim.vague)

"""An article's claims -> its figures: who says each, when it was true, and which claims say one and the same.

Three things happen here that need the whole article: a claim in the outlet's own voice takes the source that the
article gives elsewhere, claims that copy another text take the source of the first, and compatible claims of one
series become one, the narrowest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from extract.identity import OWN_VOICE, in_article
from extract.intervals import anchor, interval
from extract.sources import canonical, is_agency, party
from extract.things import counts_things
from model import Article, Claim, Cue, Figure, Precision, Qualifier, Scope

_STORY = timedelta(days=1)  # what a text dates so much before itself it recalls

_COUNTING = (Scope.TOTAL, Scope.PART, Scope.INCREMENT)


def _group(claim: Claim) -> tuple[object, ...]:
    return (claim.outcome, claim.who, claim.subset)


def _can_lend(claim: Claim) -> bool:
    return claim.source is not None and claim.scope in _COUNTING and not claim.denied


def _lender(claim: Claim, named: Sequence[Claim]) -> Claim | None:
    """The claim whose source a claim in the outlet's own voice takes, if the article gives one."""
    for other in named:
        if (
            _group(other) == _group(claim)
            and anchor(other) == anchor(claim)
            and other.qualifier.name != Qualifier.VAGUE
        ):
            return other
    named = [other for other in named if other.hedged == claim.hedged]
    same_group = [other for other in named if _group(other) == _group(claim)]
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
    if a.outcome is not b.outcome or not a.scope is b.scope is Scope.TOTAL:
        return False
    if (a.who, a.subset, a.source, a.hedged, a.denied) != (b.who, b.subset, b.source, b.hedged, b.denied):
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


def in_story_order(claims: Sequence[Claim], stated: datetime) -> list[Claim]:
    """The claims with a time for those that a story tells before a later one that it dates.

    `At nine the government spoke of at least nine dead. By Wednesday evening it had 17`: nine is no later than that.
    """
    dated: list[Claim] = []
    for place, claim in enumerate(claims):
        later = claims[place + 1 :] if claim.as_of is None and claim.scope is Scope.TOTAL else ()
        times = [
            (other.as_of, other.as_of_precision)
            for other in later
            if other.as_of is not None
            and other.scope is Scope.TOTAL
            and stated - other.as_of >= _STORY
            and _group(other) == _group(claim)
            and anchor(other) != anchor(claim)
        ]
        as_of, precision = min(times, key=lambda time: time[0], default=(claim.as_of, claim.as_of_precision))
        dated.append(claim if as_of is None else replace(claim, as_of=as_of, as_of_precision=precision))
    return dated


def figures_of(
    article: Article, claims: Sequence[Claim], *, stated: datetime, seen: datetime, revision_id: int | None = None
) -> list[Figure]:
    """The figures of an article in the order in which they stand. Times are aware UTC."""
    settled = in_story_order(merge(adopt_sources(in_article(article, claims))), stated)
    figures = [figure_of(claim, article, stated=stated, seen=seen, revision_id=revision_id) for claim in settled]
    text = article.reading_text
    twice = [one for one in figures if text.count(one.claim.phrase) > 1 and counts_things(article, one.claim, claims)]
    return [replace(one, doubtful=True) if one in twice else one for one in figures]


def as_echo(figure: Figure, first: Mapping[tuple[object, ...], Figure]) -> Figure | None:
    """The figure under the source of the text that it copies, None where that text does not state it, value and all."""
    origin = first.get(echo_key(figure))
    if origin is None or (figure.claim.source not in (None, origin.claim.source)):
        return None
    return replace(figure, source=origin.source, party=origin.party)


def echo_key(figure: Figure) -> tuple[object, ...]:
    """What must agree for a copy of a figure: outcome, group, the number as said, and whether it is taken back."""
    claim = figure.claim
    taken_back = (claim.denied, claim.cue is Cue.WITHDRAWN)
    return (claim.outcome, claim.who, claim.scope, claim.low, claim.high, claim.vague, *taken_back)

"""How a language puts words together, where a list of phrases does not tell: endings, joints of numbers, articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from extract.spelling import spelled_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The section `[grammar]` of a language: words as sets, endings as tuples. A key without words says "none"."""

    # endings of a word
    ing: tuple[str, ...]  # of a verb that hangs on its sentence (`, killing five`)
    participle: tuple[str, ...]
    plural: tuple[str, ...]
    plural_possessive: tuple[str, ...]  # `the rebels' count`
    ordinal: frozenset[str]  # behind digits: `101st`
    # joints of a number
    possessive: frozenset[str]
    half: frozenset[str]
    halved: frozenset[str]  # scales that can be halved: `half a dozen`
    scale_articles: frozenset[str]  # that are a one before a scale: `a hundred`
    article_numbers: frozenset[str]  # number words that are articles too: `un`, `una`
    counted_ones: frozenset[str]  # nouns before which such an article counts: `une personne`
    opening_scales: frozenset[str]  # scales that need no one before them: `mille`, `cien`
    number_and: frozenset[str]  # after a scale: `hundred and twelve`
    tens_join: frozenset[str]  # between tens and units: `thirty-one`, `treinta y uno`
    plain_and: frozenset[str]  # `between 10 and 15`, `army and paramilitary troops`
    range_or: frozenset[str]
    range_to: frozenset[str]
    range_from: frozenset[str]
    no_range_after: frozenset[str]  # `cut from 115 to 97`, `rose by 3 to 9`
    moving: frozenset[str]  # qualifiers that are a toll's verb too: `topped 40`
    spatial: frozenset[str]  # qualifiers that before a vague word say where: `over dozens of roofs`
    age_limits: frozenset[str]  # `children under 15`
    ratio_words: frozenset[str]
    ratio_per: frozenset[str]
    ratio_in: frozenset[str]
    # joints of a phrase or a clause
    whole_of: frozenset[str]  # `two of its fighters`: what makes the number before a part
    those: frozenset[str]
    noun_joints: frozenset[str]
    within: frozenset[str]  # `three boys among seven killed`: the seven are the whole
    name_breaks: frozenset[str]
    relative: frozenset[str]  # after a comma it hangs on what is before it: `in 2009, when several died`
    object_marks: frozenset[str]  # between a verb and the people whom it befell: `mató a 12`
    impersonal: frozenset[str]  # before a verb without a subject: `se registraron`
    # order of words: "yes" or nothing
    verb_first: frozenset[
        str
    ]  # a verb can stand before whom it befell and who says it: `murieron 12`, `dijo la policía`
    heads_first: frozenset[str]  # the noun that heads a phrase is its first: `ministère de la Santé`

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Self:
        """The grammar that a data file writes; KeyError with the name of a missing key."""
        found: dict[str, object] = {}
        for field in fields(cls):
            words = spelled_set(data[field.name])
            found[field.name] = tuple(words) if "tuple" in str(field.type) else words
        return cls(**found)  # type: ignore[arg-type]

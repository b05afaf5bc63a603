"""Which body a name means: within one article, and within one event.

A body is called by its full name, its initials, a short form ("the authority"), its country's ("the country's national
flood service") or through whoever speaks for it ("NFS director Ada Orn"). An article is asked first, then
what the event has met before; a name that could be two bodies stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from extract.sources import canonical, is_known
from extract.words import OWNERS, REACHES, ROLES
from model import Article, Claim

OWN_VOICE = "outlet:"

_WORD = re.compile(r"\w+")
_OWNER = re.compile(r"^(?:(?:that|this|the|its|their)\s+)?([\w-]+)(?:['’]s?)\s+(?:own\s+)?(?=\w)", re.IGNORECASE)
_SAME = re.compile(r"^(?:same|very same)\s+", re.IGNORECASE)
# "the National Flood Service (NFS)": a name, and the letters that will stand for it.
_LETTERS = re.compile(r"\(([A-ZÀ-ÖØ-Þ]{2,8})\)")
_NAMED = re.compile(r"(?:[A-ZÀ-ÖØ-Þ][\w’'-]*\s+(?:(?:of|for|and|the|de|des|du|la|et|y|del)\s+)*)+$")
_LONGEST_NAME = 120  # characters before its letters
_MOST_NAMED = 100  # of an article's initials and roles that are looked at; a text made of them must not cost more
_NAMES = r"(?P<person>(?:[A-ZÀ-ÖØ-Þ][\w’'-]*\.?\s+){1,4}[A-ZÀ-ÖØ-Þ][\w’'-]+)"
_ROLE = rf"(?:{'|'.join(sorted(map(re.escape, ROLES)))})"
_SPEAKS = re.compile(rf"\b{_ROLE}\b")
# "Capt. Noel Orn, the coast guard's spokesman" and "coast guard spokesman Capt. Noel Orn"
_APPOSED = re.compile(rf"{_NAMES},\s+(?:the\s+|an?\s+)?(?P<body>[\w’'-]+(?:\s+[\w’'-]+){{0,3}}?)\s+{_ROLE}\b")
_TITLED = re.compile(rf"(?:[Tt]he\s+)?(?P<body>\b[\w’'-]+(?:\s+[\w’'-]+){{0,2}}?)\s+{_ROLE}\s+{_NAMES}")
_EMPTY_WORDS = frozenset({"the", "of", "for", "and", "a", "an", "s", "own", "same"})
_PLAIN_NAME_WORDS = 4  # "regional military administration"; a longer one is half a sentence
_NAME_WORDS = 3  # words that make a name a body's own
_FULL_NAME = 2  # words of a person's name that tell one person from all others


@lru_cache(maxsize=20_000)
def _words(name: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(re.sub(r"['’]s\b", "", name))) - _EMPTY_WORDS


@lru_cache(maxsize=20_000)
def _is_body(name: str) -> bool:
    """Whether a name is one that another may stand short for: proper throughout, or a few plain words."""
    words = [word for word in _WORD.findall(name) if word.casefold() not in _EMPTY_WORDS]
    proper = all(not word[0].islower() for word in words)
    plain = name == name.casefold() and len(words) <= _PLAIN_NAME_WORDS
    return not name.startswith(OWN_VOICE) and (proper or plain)


def _acronym(name: str) -> str:
    """The initials of the capitalised words of a name; of a short one none that could be another's."""
    initials = [word[0] for word in _WORD.findall(name) if word[0].isupper()]
    return "".join(initials).casefold() if len(initials) >= _NAME_WORDS else name.casefold()


def _without_owner(name: str) -> str:
    """`the country's civil protection service` is the civil protection service, whoever else has one."""
    owner = _OWNER.match(name)
    return _SAME.sub("", name[owner.end() :] if owner is not None and owner.group(1).casefold() in OWNERS else name)


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


# ------------------------------------------------------------------------------------------------ in one article


@dataclass(frozen=True, kw_only=True, slots=True)
class _Article:
    """The names of an article's bodies: those that say something, and those that it gives letters to."""

    bodies: tuple[str, ...]
    letters: Mapping[str, str]

    @classmethod
    def of(cls, article: Article, claims: Sequence[Claim]) -> _Article:
        names = dict.fromkeys(claim.source for claim in claims if claim.source is not None)
        letters: dict[str, str] = {}
        for match in islice(_LETTERS.finditer(article.text), _MOST_NAMED):
            before = _NAMED.search(article.text, max(0, match.start() - _LONGEST_NAME), match.start())
            if before is not None:
                full = before.group().strip()
                known = next((name for name in names if _words(name) == _words(full)), canonical(full))
                letters.setdefault(match.group(1).casefold(), known)
        return cls(bodies=tuple(name for name in names if _is_body(name)), letters=letters)

    def people(self, text: str) -> dict[str, str]:
        """Those whom the article calls somebody's spokesman, by surname, with the body that they speak for."""
        found: dict[str, str] = {}
        for role in islice(_SPEAKS.finditer(text), _MOST_NAMED):
            near = text[max(0, role.start() - _LONGEST_NAME) : role.end() + _LONGEST_NAME]
            for match in (*_APPOSED.finditer(near), *_TITLED.finditer(near)):
                body = re.sub(r"['’]s$", "", match["body"].strip())
                known = self.full_name(body) or (canonical(body) if is_known(body) else None)
                if known is not None:
                    found.setdefault(_surname(match["person"]), known)
        return found

    def full_name(self, name: str) -> str | None:
        """The one body of the article that a name is short for."""
        said = _words(name) - ROLES
        if len(said) == 1 and (known := self.letters.get(*said)) is not None:
            return known
        whole = {body: _words(_without_owner(body)) for body in self.bodies}
        longer = [body for body, words in whole.items() if said and said < words and not words & ROLES]
        return longer[0] if len(longer) == 1 else None


def in_article(article: Article, claims: Sequence[Claim]) -> list[Claim]:
    """The claims with each body under the fullest name that the article gives it, and people under their body."""
    if all(claim.source is None for claim in claims):
        return list(claims)
    names = _Article.of(article, claims)
    people = names.people(article.text) if any(map(_is_personal, claims)) else {}
    named: list[Claim] = []
    for claim in claims:
        source = claim.source and _in_article(claim, names)
        source = source and people.get(_surname(source), source)
        if claim.source and source and source != claim.source and claim.speaker is None and _is_person(claim):
            people.setdefault(_surname(claim.source), source)
        if claim.speaker is not None and source is not None and source != claim.speaker:
            people.setdefault(_surname(claim.speaker), source)
        named.append(claim if source == claim.source else replace(claim, source=source))
    return named


def _is_personal(claim: Claim) -> bool:
    """Whether a claim's source is a person, or may be one by a surname."""
    source = claim.source or ""
    return claim.speaker is not None or (source[:1].isupper() and " " not in source and not is_known(source))


def _in_article(claim: Claim, names: _Article) -> str | None:
    """`ministry spokesman Colonel Orn` is the ministry; a body is the fullest name that the article has for it."""
    source = claim.source or ""
    spoken_for = _spoken_for(claim.source_text or "") if _is_person(claim) else None
    known = None if spoken_for is None else names.full_name(spoken_for)
    return known or names.full_name(_without_owner(source)) or source


def _spoken_for(text: str) -> str | None:
    """What stands before the role in `ministry spokesman Colonel Ada Orn`."""
    before: list[str] = []
    for word in text.split():
        if word.casefold() in ROLES:
            return " ".join(before) if before else None
        before.append(word)
    return None


def _is_person(claim: Claim) -> bool:
    """Whether a claim's source is somebody whom its text names behind a role."""
    text, source = claim.source_text or "", claim.source or ""
    return source in text and not text.startswith(source) and any(word.casefold() in ROLES for word in text.split())


def _surname(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1].casefold() if name else ""


# -------------------------------------------------------------------------------------------------- in one event


def in_event(source: str, speaker: str | None, known: Mapping[str, str]) -> str:
    """The name by which an event knows a source: `the observatory` is the one observatory there.

    `known` are the names that the event met before, of bodies and of those who speak for them, with the source that
    each meant.
    """
    if source.startswith(OWN_VOICE):
        return source
    if source in known:
        return known[source]
    bare = _without_owner(source)
    said = _words(bare) - ROLES
    by_speaker = _by_speaker(source, speaker, known)
    if by_speaker is not None:
        return by_speaker
    meant = _meant(source, said, known) if said else frozenset()
    if not meant:
        meant = _owned(source, known)
    return next(iter(meant)) if len(meant) == 1 else source


def _meant(source: str, said: frozenset[str], known: Mapping[str, str]) -> frozenset[str]:
    """The sources that a name may be short for."""
    names = [name for name in known if name != source and _is_body(name)]
    names = [name for name in names if _is_same_office(said, name) or _is_short_for(said, name)]
    # "authority" and "disaster authority" may both be known as short forms of the one full name.
    names = [name for name in names if not any(_words(name) < _words(other) for other in names)]
    return frozenset(known[name] for name in names)


def _is_same_office(said: frozenset[str], name: str) -> bool:
    """Whether two plain names differ in no more than how far the office reaches."""
    return _words(name) == said or (name == name.casefold() and _words(name) - REACHES == said - REACHES)


def _by_speaker(source: str, speaker: str | None, known: Mapping[str, str]) -> str | None:
    """The source for which the same person spoke before, where the name says no more than who speaks."""
    person = _words(speaker or source)
    if len(person) < _FULL_NAME or (speaker is None and source == source.casefold()):
        return None
    same = {known[name] for name in known if name != name.casefold() and len(_words(name) & person) >= _FULL_NAME
            and (_words(name) <= person or person <= _words(name))}  # fmt: skip
    return next(iter(same)) if len(same) == 1 else None


def _owned(source: str, known: Mapping[str, str]) -> frozenset[str]:
    """The source that is known without its country, or with it: `Osk's Interior Ministry` and `interior ministry`.

    Where the event has met that of another country, neither is meant.
    """
    said = _words(source)
    alike = {
        name for name in known if _is_body(name) and _words(_proper_owner(name)[1]) == _words(_proper_owner(source)[1])
    }
    owners = {owner for name in (*alike, source) if (owner := _proper_owner(name)[0])}
    return frozenset(known[name] for name in alike) if said and len(owners) <= 1 else frozenset()


def _proper_owner(name: str) -> tuple[str, str]:
    match = _OWNER.match(name)
    return ("", name) if match is None else (match.group(1).casefold(), name[match.end() :])


def names_of(claims: Iterable[Claim], source: str) -> dict[str, str]:
    """The names that an event knows a source by once these claims were its: those of bodies and of people."""
    names = (name for claim in claims for name in (claim.source, claim.speaker))
    return {source: source, **{name: source for name in names if name}}

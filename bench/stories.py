"""Made news: many events at once, each told by several bodies, outlets, reprints and late copies.

Everything is made of syllables and a few sentences of our own, from one seed. Only the head of an article holds
figures, so that its claims can be read without the rest.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from model import Article

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
A_DAY = 2_000  # articles with figures that appear in a day
OUTLETS = 200
COPIES = 0.35  # of all articles: wire copy under another headline, as aggregators print it
REWRITTEN = 0.15  # the same figures in other words
FILLER = 22  # sentences below the head: with them an article is as long as the usual one, 4,000 characters
LIVES = timedelta(days=12)  # how long an event is written about, on average; the first one never ends

SYLLABLES = [
    "ba",
    "da",
    "fen",
    "gor",
    "hal",
    "il",
    "jo",
    "kar",
    "lu",
    "mar",
    "nes",
    "or",
    "pel",
    "quo",
    "ris",
    "sol",
    "tar",
    "ur",
    "vel",
    "wen",
    "xan",
    "yor",
    "zim",
]
KINDS = ("flood", "strike", "earthquake", "bombing", "fire", "landslide", "ferry", "shelling")
_BODIES = (
    "{place} health ministry",
    "{place} Rights Monitor",
    "police",
    "{place} Civil Defence",
    "Red Cross of {place}",
)
_LEADS = (
    "At least {n} people were killed and {m} injured in the {place} {kind} on {day}, the {body} said.",
    "The death toll from the {kind} in {place} rose to {n} on {day}, with {m} wounded, according to the {body}.",
    "The {body} said on {day} that {n} people had died and {m} had been wounded in the {kind} at {place}.",
    "{m} people were hurt and {n} died when the {kind} struck {place}, the {body} said on {day}.",
)
SENTENCES = (
    "Residents of {a} near {place} said that the {x} by the {y} had been {z} since the {w} of the {v}.",
    "{a}, who keeps a {x} in {b}, spoke of a {y} {z} that nobody in the {w} had expected after the {v}.",
    "The council of {b} meets in the {x} to speak about the {y}, the {z} and the {w} that {a} asked for.",
    "A {x} from {a} brought {y} and {z} to the {w} below {b}, and the {v} was opened to those who came.",
    "“We saw the {x} and then the {y},” said {a} of {b}, “and after that only {z} and the {w}.”",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(slots=True)
class Happening:
    """One event while it is written about: where, what, and what each body counts so far."""

    place: str
    kind: str
    names: list[str]
    weight: float
    ends: datetime
    counts: dict[str, tuple[int, int]]
    last: list[Article] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """An article and the length of its reading text's head, which holds all its figures."""

    article: Article
    head: int


class Newsroom:
    """Writes the news of `events` happenings at a time."""

    def __init__(self, *, events: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._words = [self._word(2, 3) for _ in range(4_000)]
        self._number = 0
        self._live = [self._happening(BEGIN) for _ in range(events)]
        self._live[0].ends = datetime.max.replace(tzinfo=UTC)
        self._live[0].weight = 0.1 * sum(one.weight for one in self._live)

    def stories(self, count: int) -> Iterator[Story]:
        """`count` articles in the order in which they were published."""
        moment = BEGIN
        for _ in range(count):
            moment += timedelta(days=self._random.expovariate(1.0) / A_DAY)
            (happening,) = self._random.choices(self._live, [one.weight for one in self._live])
            if happening.ends < moment:
                place = self._live.index(happening)
                happening = self._live[place] = self._happening(moment)
            yield self._story(happening, moment)

    def growing(self, times: int, moment: datetime) -> Iterator[Story]:
        """A story of each event in turn, `times` times over; each time one body counts half as many again or more."""
        for _ in range(times):
            for happening in self._live:
                body, (n, m) = next(iter(happening.counts.items()))
                happening.counts = {body: (n + n // 2 + 1, m + m // 2 + 1)}
                happening.last.clear()  # so that none is a copy
                yield self._story(happening, moment)

    def _word(self, least: int, most: int) -> str:
        return "".join(self._random.choices(SYLLABLES, k=self._random.randint(least, most)))

    def _name(self) -> str:
        return self._word(2, 4).capitalize()

    def _happening(self, moment: datetime) -> Happening:
        place = self._name()
        return Happening(
            place=place,
            kind=self._random.choice(KINDS),
            names=[f"{self._name()} {self._name()}" for _ in range(40)],
            weight=self._random.paretovariate(1.3),
            ends=moment + LIVES * self._random.expovariate(1.0),
            counts={
                body.format(place=place): (self._random.randint(2, 60), self._random.randint(5, 200))
                for body in self._random.sample(_BODIES, 3)
            },
        )

    def _story(self, happening: Happening, moment: datetime) -> Story:
        self._number += 1
        url = f"https://outlet-{self._random.randrange(OUTLETS)}.example/{self._number}"
        chance = self._random.random()
        if happening.last and chance < COPIES:
            first = self._random.choice(happening.last)
            title, text = f"{happening.place}: {self._word(2, 3)} {first.title}", first.text
        elif happening.last and chance < COPIES + REWRITTEN:
            title, text = self._head(happening, moment, moves=False)
            text += self._body(happening)
        else:
            title, text = self._head(happening, moment, moves=self._random.random() < 0.4)
            text += self._body(happening)
        article = Article(
            url=url, outlet=url.split("/")[2], title=title, text=text, published=moment, modified=None, language="en"
        )
        happening.last = [*happening.last[-5:], article]
        return Story(article=article, head=len(title) + 1 + text.index("\n"))

    def _head(self, happening: Happening, moment: datetime, *, moves: bool) -> tuple[str, str]:
        body = self._random.choice(list(happening.counts))
        n, m = happening.counts[body]
        if moves:
            n, m = n + self._random.randint(1, 6), m + self._random.randint(0, 15)
            happening.counts[body] = n, m
        said = {"n": n, "m": m, "place": happening.place, "kind": happening.kind, "body": body}
        lead = self._random.choice(_LEADS).format(**said, day=_DAYS[moment.weekday()])
        return f"{happening.kind.capitalize()} in {happening.place} kills {n}", f"{lead[0].upper()}{lead[1:]}\n"

    def _body(self, happening: Happening) -> str:
        sentences = (
            self._random.choice(SENTENCES).format(
                place=happening.place,
                a=self._random.choice(happening.names),
                b=self._random.choice(happening.names),
                **dict(zip("vwxyz", self._random.choices(self._words, k=5), strict=True)),
            )
            for _ in range(FILLER)
        )
        return "\n".join(sentences)

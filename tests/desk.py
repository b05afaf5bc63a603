"""A desk with one channel on an archive in memory, and pages as read for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive import Archive
from model import Claim, Delivery, Hours, Qualifier, Reading, Rule, Watch
from monitor import Monitor, Taken
from telling import Teller
from tests.build import article, claim, hour

TITLE = "Ferry sinks off Port Vessel"
LEAD = (
    "A ferry sank off Port Vessel in the Marran Strait on Sunday morning as it carried traders home from the islands."
)
WATCH = Watch(id="all", name="Everything")
RULE = Rule(name="all", channels=("desk",))


def reading(
    *said: tuple[str, Claim], url: str = "https://one.example/ferry", at: float = 0, lead: str = LEAD, **fields: Any
) -> Reading:
    """A page as read: its sentences, each with the claim that it states."""
    text, claims = f"{TITLE}\n{lead}", []
    for sentence, made in said:
        text += "\n"
        start = len(text) + sentence.index(made.phrase)
        ends = len(text) + len(sentence)
        claims.append(
            replace(made, start=start, end=start + len(made.phrase), sentence_start=len(text), sentence_end=ends)
        )
        text += sentence
    body = text.split("\n", 1)[1]
    made_of = article(body, title=TITLE, url=url, at=at, outlet=url.split("/")[2], **fields)
    return Reading(page_url=url, outcome=None, article=made_of, claims=tuple(claims))


def dead(
    n: int, qualifier: Qualifier = Qualifier.EXACT, source: str | None = "Coastguard", **fields: Any
) -> tuple[str, Claim]:
    return f"The dead number {n}, it was said.", claim(n, qualifier, source=source, source_text=source, **fields)


@dataclass
class Desk:
    """An archive with a monitor on it and one channel."""

    archive: Archive
    monitor: Monitor
    teller: Teller

    def take(self, what: Reading, *, at: float | None = None) -> Taken:
        assert what.article is not None
        seen = hour(at) if at is not None else what.article.published
        assert seen is not None
        return self.monitor.take(what, fetched=seen)

    def owed(self, at: float = 1_000) -> list[Delivery]:
        return self.archive.outbox.owed(hour(at))

    def told(self, at: float = 1_000) -> list[str]:
        return [delivery.alert.headline for delivery in self.owed(at)]


def desk(
    since: datetime | None = None,
    watch: Watch = WATCH,
    watches: Sequence[Watch] = (),
    rules: Sequence[Rule] = (RULE,),
    hours: Hours | None = None,
) -> Desk:
    archive, watches = Archive.in_memory(), watches or [watch]
    teller = Teller(archive, watches=watches, rules=rules, outlet_names={}, hours={"desk": hours or Hours()})
    return Desk(archive, Monitor(archive, watches=watches, teller=teller, since=lambda _: since), teller)


Desks = Callable[..., Desk]

"""robots.txt as RFC 9309 has it, kept for hours and not for the life of the process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import monotonic

from protego import Protego

from crawler.answers import Answer, Failed
from model import PageOutcome

TOKEN = "Tollwatch"  # noqa: S105 (the product token that robots.txt names us by)

_TTL = 6 * 3600.0  # seconds; RFC 9309 asks for no more than 24 h
_TTL_FAILED = 600.0  # a server that could not say is asked again soon
_STALE = 24 * 3600.0  # how long the last rules that were read may stand in for a robots.txt that fails now
_LONGEST_DELAY = 60.0  # a larger Crawl-delay is more often a typing error than a wish
MOST_BYTES = 512 * 1024  # RFC 9309: at least 500 KiB
_MOST_HOSTS = 5000

# url -> the answer after redirects, whatever its status; raises Failed
Ask = Callable[[str], Awaitable[Answer]]

_AGENT_LINE = re.compile(r"^([ \t]*user[- ]?agent[ \t]*:?[ \t]*)([^\r\n#]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What one robots.txt lets us do. `failure` is how every page of the host ends where it could not be read."""

    parser: Protego | None = None  # None: everything is allowed
    failure: Failed | None = None
    read: float = 0.0
    fresh_until: float = 0.0

    @property
    def delay(self) -> float:
        """The Crawl-delay that we keep, in seconds; 0 where none is asked for."""
        delay = self.parser.crawl_delay(TOKEN) if self.parser else None
        return min(delay or 0.0, _LONGEST_DELAY)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that robots.txt names."""
        return tuple(self.parser.sitemaps) if self.parser else ()

    def failure_for(self, url: str) -> Failed | None:
        """How the fetch of `url` ends before it begins, or None where it is allowed."""
        if self.failure is not None:
            return self.failure
        if self.parser is None or self.parser.can_fetch(url, TOKEN):
            return None
        return Failed(PageOutcome.REFUSED_BY_ROBOTS, "robots.txt disallows it")


def read_robots(body: bytes) -> Protego:
    """Read a robots.txt of any size and encoding."""
    text = "\n".join(body[:MOST_BYTES].decode("utf-8-sig", errors="replace").splitlines())
    return Protego.parse(_AGENT_LINE.sub(_anonymous, text))


def _anonymous(line: re.Match[str]) -> str:
    # The groups of other robots become one: else a file of 10,000 of them before 10,000 rules takes 10^8 steps to read.
    agent = line.group(2).strip().lower()
    return line.group(0) if agent.startswith("*") or TOKEN.lower() in agent else f"{line.group(1)}somebody-else"


def rules_of(answer: Answer, now: float) -> Rules:
    """The rules that a robots.txt's answer amounts to: 2xx as written, 4xx allows all, 5xx disallows all."""
    if answer.status >= 500:
        refused = Failed(PageOutcome.REFUSED_BY_ROBOTS, f"robots.txt answers {answer.status}")
        return Rules(failure=refused, read=now, fresh_until=now + _TTL_FAILED)
    if answer.status >= 300:
        return Rules(read=now, fresh_until=now + _TTL)
    return Rules(parser=read_robots(answer.body), read=now, fresh_until=now + _TTL)


class Robots:
    """The rules of every origin that we ask, read when first needed and again when they have grown old."""

    def __init__(self, ask: Ask, *, clock: Callable[[], float] = monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._rules: dict[str, Rules] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    async def rules(self, origin: str) -> Rules:
        """The rules of `origin` (scheme://host:port)."""
        lock = self._reading.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._rules.get(origin)
            if known is None or known.fresh_until <= self._clock():
                known = await self._read(origin, known)
                self._remember(origin, known)
        return known

    async def _read(self, origin: str, known: Rules | None) -> Rules:
        try:
            rules = rules_of(await self._ask(f"{origin}/robots.txt"), self._clock())
        except Failed as failed:
            rules = self._unread(failed)
        if rules.failure is None or known is None or known.failure is not None:
            return rules
        # The server falters: the rules that it gave a few hours ago are the best guess at what it wants.
        stands = self._clock() - known.read < _STALE
        return replace(known, fresh_until=rules.fresh_until) if stands else rules

    def _unread(self, failed: Failed) -> Rules:
        why = Failed(
            failed.outcome, f"robots.txt: {failed.detail}", answer=failed.answer, retry_after=failed.retry_after
        )
        now = self._clock()
        return Rules(failure=why, read=now, fresh_until=now + _TTL_FAILED)

    def _remember(self, origin: str, rules: Rules) -> None:
        self._rules[origin] = rules
        if len(self._rules) > _MOST_HOSTS:
            now = self._clock()
            self._rules = {name: kept for name, kept in self._rules.items() if kept.fresh_until > now}
            self._reading = {name: lock for name, lock in self._reading.items() if name in self._rules or lock.locked()}

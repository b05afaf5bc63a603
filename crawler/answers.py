"""What a server's answer means: status and headers -> an outcome, a pause, an encoding. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from model import PageOutcome, Sent

Headers = tuple[tuple[str, str], ...]

LONGEST_PAUSE = timedelta(hours=24)  # a Retry-After of 88 hours has been seen in the wild
_PAUSE_UNSAID = timedelta(minutes=5)  # what a 429 without Retry-After is taken to ask for

_BLOCKED = {401, 402, 403, 451}
_GONE = {404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
# A challenge page comes with a status of its own choosing; these headers say what it is.
_BOT_WALLS = {("cf-mitigated", "challenge"), ("x-amzn-waf-action", "challenge"), ("x-amzn-waf-action", "captcha")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One HTTP response, its body unpacked; `sent` is what came over the wire."""

    url: str
    status: int
    headers: Headers
    body: bytes
    sent: Sent | None = None

    def header(self, name: str) -> str | None:
        """The last value of the header `name` (lower case), or None."""
        return header(self.headers, name)


class Failed(Exception):  # noqa: N818 (not an error: the value that ends a fetch early)
    """A fetch has come to its end without a body to read on; becomes a Page and never leaves the crawler."""

    def __init__(
        self,
        outcome: PageOutcome,
        detail: str,
        *,
        answer: Answer | None = None,
        retry_after: datetime | None = None,
    ) -> None:
        self.outcome = outcome
        self.detail = detail
        self.answer = answer
        self.retry_after = retry_after
        super().__init__(f"{outcome}: {detail}")


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The last value of the header `name` (lower case) among `headers`, or None."""
    found = None
    for key, value in headers:
        if key.lower() == name:
            found = value
    return found


def redirect_of(answer: Answer) -> str | None:
    """Where `answer` sends its reader on to, made absolute, or None."""
    location = answer.header("location") if answer.status in _REDIRECTS else None
    if location is None:
        return None
    try:
        # Header values are kept as latin-1; servers that forget to escape an address mean UTF-8.
        return urljoin(answer.url, location.encode("latin-1").decode("utf-8", errors="replace"))
    except ValueError:
        return location  # nonsense, which the next hop will refuse


def failure_of(answer: Answer, now: datetime) -> Failed | None:
    """How `answer` ends its fetch, or None where its body can be read on."""
    outcome = _outcome(answer)
    if outcome is None:
        return None
    pause = pause_of(answer, now) if outcome is PageOutcome.RATE_LIMITED else None
    return Failed(outcome, f"status {answer.status}", answer=answer, retry_after=pause)


def _outcome(answer: Answer) -> PageOutcome | None:
    status = answer.status
    if status == 304:
        return PageOutcome.NOT_MODIFIED
    if status == 429 or (status == 503 and answer.header("retry-after")):
        return PageOutcome.RATE_LIMITED
    if status in _BLOCKED or _is_bot_wall(answer):
        return PageOutcome.BLOCKED
    if status in _GONE:
        return PageOutcome.GONE
    if status >= 400:
        return PageOutcome.SERVER_ERROR
    return PageOutcome.UNREACHABLE if status >= 300 else None


def _is_bot_wall(answer: Answer) -> bool:
    return any((name.lower(), value.strip().lower()) in _BOT_WALLS for name, value in answer.headers)


def pause_of(answer: Answer, now: datetime) -> datetime:
    """Until when the server asks to be left alone: seconds or an HTTP date, at most 24 hours; 5 minutes if unsaid."""
    until = _retry_after(answer.header("retry-after") or "", now) or now + _PAUSE_UNSAID
    return min(max(until, now), now + LONGEST_PAUSE)


def _retry_after(text: str, now: datetime) -> datetime | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        return now + timedelta(seconds=min(int(text[:9]), LONGEST_PAUSE.total_seconds()))
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):  # the last day of the year 9999, or hours of five thousand digits
        return None


def max_age_of(headers: Iterable[tuple[str, str]]) -> timedelta | None:
    """For how long Cache-Control lets an answer stand, or None where it does not say."""
    directives = [part.strip().lower() for part in (header(headers, "cache-control") or "").split(",")]
    if "no-cache" in directives or "no-store" in directives:
        return None
    ages = [part.removeprefix("max-age=").strip('"') for part in directives if part.startswith("max-age=")]
    return timedelta(seconds=int(ages[0][:9])) if ages and ages[0].isascii() and ages[0].isdigit() else None


def charset_of(answer: Answer) -> str | None:
    """The charset that the Content-Type header names, as Python calls it; None for none or one that is unknown."""
    message = Message()
    message["content-type"] = (answer.header("content-type") or "").replace("\r", " ").replace("\n", " ")
    charset = message.get_content_charset()
    try:
        return codecs.lookup(charset).name if charset else None
    except (LookupError, ValueError):
        return None

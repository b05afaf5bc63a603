"""One HTTP POST as a channel makes it, and what its answer means. The only home of aiohttp in `alerts`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from alerts.channels.secrecy import detail
from config.values import Secret
from model import Attempt, AttemptResult

# These may pass: a timeout, a request that came too early, too many requests. Any other 4xx will be said again.
_PASSING = frozenset({408, 425, 429})
_ANSWER_LENGTH = 4096  # bytes of an answer that are read: more than are kept, so that none of it is half a secret
_SUCCESS = range(200, 300)
_CLIENT_ERROR = range(400, 500)
_AGENT = "Tollwatch"


class Poster:
    """Posts to one receiver. Its session is opened at the first post, in the loop that posts."""

    def __init__(self, url: str, *, timeout: timedelta, secrets: Iterable[Secret] = ()) -> None:
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._secrets = tuple(secrets)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Attempt:
        """Post `body` and judge the answer; redirects are not followed, since a signed body is meant for one place."""
        try:
            async with self._open().post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                words = await answer.content.read(_ANSWER_LENGTH)
                return self._judge(answer.status, answer.headers.get("Retry-After"), words, now)
        except TimeoutError:
            seconds = self._timeout.total or 0
            return Attempt(result=AttemptResult.FAILED, detail=f"no answer within {seconds:g} s")
        except aiohttp.InvalidURL as error:
            return self._ended(AttemptResult.REFUSED, f"no web address: {error}")
        except (aiohttp.ClientError, OSError) as error:
            return self._ended(AttemptResult.FAILED, f"no connection: {error}")
        # Last, since a certificate that cannot be verified is a ValueError too, and may be renewed.
        except ValueError as error:
            return self._ended(AttemptResult.REFUSED, f"cannot be sent: {error}")

    async def close(self) -> None:
        """Close the session, if one was opened."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": _AGENT}
            )
        return self._session

    def _judge(self, status: int, retry_after: str | None, words: bytes, now: datetime) -> Attempt:
        text = f"HTTP {status} {words.decode('utf-8', 'replace')}" if status not in _SUCCESS else f"HTTP {status}"
        return self._ended(verdict(status), text, pause(retry_after, now))

    def _ended(self, result: AttemptResult, text: str, retry_after: timedelta | None = None) -> Attempt:
        return Attempt(
            result=result,
            detail=detail(text, self._secrets),
            retry_after=retry_after if result is AttemptResult.FAILED else None,
        )


def verdict(status: int) -> AttemptResult:
    """Return what an HTTP status means for a delivery: a redirect or a server's error may be mended, a refusal not."""
    if status in _SUCCESS:
        return AttemptResult.DELIVERED
    return AttemptResult.REFUSED if status in _CLIENT_ERROR and status not in _PASSING else AttemptResult.FAILED


def pause(retry_after: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or an HTTP date; None where there is none that can be read."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
        if math.isfinite(seconds):
            return timedelta(seconds=min(max(seconds, 0), timedelta(days=365).total_seconds()))
        return None
    except ValueError:
        return _until(retry_after, now)


def _until(date: str, now: datetime) -> timedelta | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(then - now, timedelta(0)) if then.tzinfo else None

"""Claims and numbers of one text: JSON Lines in and out, a text or HTML file, or a web address."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from extract.claims import read_claims
from extract.explain import Explanation, explain
from extract.languages import available, guess
from model import Article, Claim, InputError, Page

_DEFAULT = "en"
_FIELDS = (
    "start", "end", "low", "high", "qualifier", "outcome", "who", "who_text", "source", "source_text", "speaker",
    "scope", "subset", "window", "as_of", "cue", "hedged", "denied", "rule",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A text to read, in a language that may have no reader."""

    text: str
    language: str
    published: datetime | None = None


def _given(text: str, language: object, published: datetime | None) -> Given:
    return Given(text=text, language=language_of(text, language), published=published)


def language_of(text: str, given: object) -> str:
    """The language that a text is said to be in, else the one that it looks like, else English."""
    return given if isinstance(given, str) and given else guess(text) or _DEFAULT


def claims_of_lines(lines: Iterable[str], where: str, *, explained: bool = False) -> Iterator[dict[str, Any]]:
    """The answers to {"id", "text", "published", "lang"} lines, in their order. Raises InputError naming the line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{where}, line {number}"
        try:
            asked = json.loads(line)
            text, identity = asked["text"], asked["id"]
        except (ValueError, KeyError, TypeError) as error:
            what, remedy = "is no JSON object with id and text", 'give {"id": …, "text": …, "published": …, "lang": …}'
            raise InputError(where=place, what=what, remedy=remedy) from error
        given = _given(str(text), asked.get("lang"), written_time(asked.get("published")))
        yield {"id": identity, **answer(given, explained=explained)}


def claims_of(given: Given) -> tuple[Claim, ...]:
    """Its claims; none where its language has no reader."""
    if given.language not in available():
        return ()
    return read_claims(given.text, published=given.published, language=given.language)


def numbers_of(given: Given) -> tuple[Explanation, ...]:
    """Its numbers, each with why it is a claim or none; none where its language has no reader."""
    if given.language not in available():
        return ()
    return explain(given.text, published=given.published, language=given.language)


def answer(given: Given, *, explained: bool) -> dict[str, Any]:
    """Its claims as JSON has them, and where it is to be explained its numbers, which name their claim by its place."""
    if not explained:
        return {"claims": [_as_json(claim) for claim in claims_of(given)]}
    numbers = numbers_of(given)
    claims = [number.claim for number in numbers if number.claim is not None]
    places = {claim.start: place for place, claim in enumerate(claims)}
    return {
        "claims": [_as_json(claim) for claim in claims],
        "numbers": [
            {
                "start": number.start,
                "end": number.end,
                "phrase": number.phrase,
                "kind": number.kind,
                "claim": places[number.start] if number.claim is not None else None,
                "grounds": None if number.grounds is None else asdict(number.grounds),
                "reason": number.reason,
            }
            for number in numbers
        ],
    }


def written_time(written: object) -> datetime | None:
    """A time of publication as people and machines write it, in UTC; None where it is none that can be read.

    ISO 8601 first; else a whole date in English order (`6/8/16` is in June). Never relative to now.
    """
    text = str(written).replace("_", "-")
    try:
        return _in_utc(datetime.fromisoformat(text))
    except ValueError:
        moment = _spelled_out(text) if any(letter.isdigit() for letter in text) else None
        return None if moment is None else _in_utc(moment)


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def _spelled_out(text: str) -> datetime | None:
    import dateparser

    return dateparser.parse(
        text, languages=["en"], settings={"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "DATE_ORDER": "MDY"}
    )


def _as_json(claim: Claim) -> Mapping[str, Any]:
    row = {name: getattr(claim, name) for name in _FIELDS}
    return {**row, "as_of": None if claim.as_of is None else claim.as_of.isoformat()}


def is_address(source: str) -> bool:
    """Whether what was given is a web address."""
    return source.startswith(("http://", "https://"))


def given_of(source: str) -> Given:
    """The reading text of a file, of standard input (`-`) or of a web address."""
    if is_address(source):
        return _given_of_page(_fetched(source))
    body = _bytes_of(source)
    if body.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return _given_of_page(_page(f"https://file.invalid/{Path(source).name}", body))
    return _given(body.decode("utf-8", errors="replace"), None, None)


def _bytes_of(source: str) -> bytes:
    import sys

    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise InputError(where=source, what=what, remedy="give a file, a web address or -") from error


def _page(url: str, body: bytes) -> Page:
    return Page(url=url, final_url=url, outlet="hand", fetched=datetime.now(UTC), milliseconds=0, status=200, body=body)


def _given_of_page(page: Page) -> Given:
    from extract.text import read_article

    article: Article = read_article(page)
    return _given(article.reading_text, article.language, article.published)


def _fetched(url: str) -> Page:
    """One page from the web, with the crawler's manners and guards. Raises InputError where it cannot be had."""
    import crawler.loop
    from config import CrawlSettings
    from crawler.engine import Crawler

    pages: list[Page] = []

    async def main() -> int:
        crawl = Crawler(CrawlSettings(contact="command line"), version="0")
        await crawl.start()
        try:
            pages.append(await crawl.fetch(url, outlet="hand"))
        finally:
            await crawl.stop(timedelta(seconds=2))
        return 0

    crawler.loop.run(main)
    page = replace(pages[0], fetched=datetime.now(UTC))
    if page.failure is not None:
        what = f"cannot be read: {page.failure.replace('_', ' ')} ({page.detail})"
        raise InputError(where=url, what=what, remedy="try it in a browser, or save the page and give the file")
    return page

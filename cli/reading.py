"""Claims of one text: JSON Lines in and out, a text or HTML file, or a web address."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from extract.claims import read_claims
from extract.languages import available, guess
from model import Article, Claim, InputError, Page

_DEFAULT = "en"
_FIELDS = (
    "start", "end", "low", "high", "qualifier", "outcome", "who", "who_text", "source", "source_text", "speaker",
    "scope", "subset", "window", "as_of", "cue", "hedged", "denied", "rule",
)  # fmt: skip


def claims_of_lines(lines: Iterable[str], where: str) -> Iterator[dict[str, Any]]:
    """The answers to {"id", "text", "published", "lang"} lines, in their order. Raises InputError naming the line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{where}, line {number}"
        try:
            given = json.loads(line)
            text, identity = given["text"], given["id"]
        except (ValueError, KeyError, TypeError) as error:
            what, remedy = "is no JSON object with id and text", 'give {"id": …, "text": …, "published": …, "lang": …}'
            raise InputError(where=place, what=what, remedy=remedy) from error
        found = _claims(str(text), given.get("lang"), written_time(given.get("published")))
        yield {"id": identity, "claims": [_as_json(claim) for claim in found]}


def _claims(text: str, language: str | None, published: datetime | None) -> tuple[Claim, ...]:
    language = language if isinstance(language, str) and language else guess(text) or _DEFAULT
    return read_claims(text, published=published, language=language) if language in available() else ()


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


def claims_of_source(source: str) -> tuple[str, tuple[Claim, ...]]:
    """The reading text and the claims of a file, of standard input (`-`) or of a web address."""
    if source.startswith(("http://", "https://")):
        return _claims_of_page(_fetched(source))
    body = _bytes_of(source)
    if body.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return _claims_of_page(_page(f"https://file.invalid/{Path(source).name}", body))
    text = body.decode("utf-8", errors="replace")
    return text, _claims(text, None, None)


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


def _claims_of_page(page: Page) -> tuple[str, tuple[Claim, ...]]:
    from extract.text import read_article

    article: Article = read_article(page)
    return article.reading_text, _claims(article.reading_text, article.language, article.published)


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

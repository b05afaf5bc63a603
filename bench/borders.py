"""Where strangers' bytes come in: what each kind of input is given to, and what must come back, whatever it is."""

from __future__ import annotations

import codecs
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.mutants import mutant
from crawler.addresses import Target, parse_target, refusal
from crawler.answers import Answer, charset_of, failure_of, max_age_of, pause_of, redirect_of
from crawler.discovery import read_listing
from crawler.front_pages import looks_like_article
from crawler.leads import MOST_LEADS, clean_url
from crawler.pace import next_poll
from crawler.robots import rules_of
from extract.addresses import canonical, same_site
from model import Lead, Listing, ListingKind, Page, PageOutcome, Via
from monitor import read

NOW = datetime(2025, 3, 10, 12, 0, tzinfo=UTC)
BASE = "https://www.harbour-courier.example/news"
_A_DAY = timedelta(days=1)


class BrokenPromise(AssertionError):  # noqa: N818 (what a failure of the program under test is called)
    """What came back is not what must come back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """How one input went: CPU seconds, and what went wrong where."""

    seconds: float
    problem: str | None = None
    place: str = ""


def trial(kind: str, seed: int) -> Trial:
    """Try the input of a kind and seed (`bench.mutants`)."""
    data = mutant(kind, seed)
    began = time.process_time()
    try:
        CHECKS[kind](data)
    except Exception as error:  # what this is here to find
        spent, problem = time.process_time() - began, f"{type(error).__name__}: {error}"[:500]
        return Trial(seconds=spent, problem=problem, place=_place(error))
    return Trial(seconds=time.process_time() - began)


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


# --------------------------------------------------------------------------------------------------------- checks


def check_listing(kind: ListingKind, data: bytes) -> None:
    """A listing's response is leads that can be kept and fetched, or a problem in words; then it is polled again."""
    answer = answer_of(data)
    listing = Listing(url=BASE, outlet="courier", kind=kind, every=timedelta(minutes=5))
    listed = read_listing(answer.body, listing, base_url=BASE, headers=answer.headers, now=NOW)
    _must(len(listed.leads) <= MOST_LEADS, "more leads than there may be")
    for lead in listed.leads:
        _must(lead.url.startswith(("http://", "https://")), f"a lead to {lead.url!r}")
        _must(lead.published is None or lead.published <= NOW + _A_DAY, f"published {lead.published}")
        _must(canonical(lead.url) == canonical(canonical(lead.url)), f"no settled form: {lead.url!r}")
    _must(all(clean_url(url, BASE) for url in listed.sub_listings), "a part that is no address")
    _must_be_storable(listed)
    page = Page(url=BASE, final_url=BASE, outlet="courier", fetched=NOW, milliseconds=0, headers=answer.headers)
    _, due = next_poll(listing, page=page, listed=listed, new_leads=0, now=NOW, jitter=1.0)
    _must(listing.every <= due - NOW <= 2 * _A_DAY, f"polled again at {due}")


def check_robots(data: bytes) -> None:
    """A robots.txt's response is rules that have a word on every address."""
    answer = answer_of(data)
    for status in (200, answer.status):
        rules = rules_of(Answer(url=BASE, status=status, headers=answer.headers, body=answer.body), 0.0)
        _must(0 <= rules.delay <= 60, f"a delay of {rules.delay}")
        _must(all(isinstance(url, str) for url in rules.sitemaps), "a sitemap that is no text")
        for url in (BASE, f"{BASE}/search/about?a=b%ff", "https://www.harbour-courier.example/"):
            rules.failure_for(url)


def check_page(data: bytes) -> None:
    """A page's response is a reading whose every value can be kept, and whose claims lie inside its text."""
    answer = answer_of(data)
    lead = Lead(url=BASE, key=BASE, outlet="courier", via=Via.FEED, found=NOW, title="Ferry fire", published=NOW)
    page = Page(
        url=BASE,
        final_url=BASE,
        outlet="courier",
        fetched=NOW,
        milliseconds=0,
        headers=answer.headers,
        body=answer.body,
        encoding=charset_of(answer),
        lead=lead if len(data) % 2 else None,
    )
    reading = read(page, "en")
    article = reading.article
    if article is None:
        raise BrokenPromise("no article")
    for time_ in (article.published, article.modified):
        _must(time_ is None or time_ <= NOW, f"a time to come: {time_}")
    length = len(article.reading_text)
    for claim in reading.claims:
        _must(0 <= claim.sentence_start <= claim.start < claim.end <= claim.sentence_end <= length, f"out of {claim}")
        _must(article.reading_text[claim.start : claim.end] == claim.phrase, f"elsewhere: {claim}")
    _must(canonical(article.url) == article.url, f"no settled form: {article.url!r}")
    _must_be_storable(reading)


def check_headers(data: bytes) -> None:
    """Status and headers mean something, and any pause ends within a day."""
    answer = answer_of(data)
    failure = failure_of(answer, NOW)
    _must((failure is None) <= (answer.status < 300), f"status {answer.status} is no failure")
    _must(failure is None or isinstance(failure.outcome, PageOutcome), "a failure without an outcome")
    _must(NOW <= pause_of(answer, NOW) <= NOW + _A_DAY, f"a pause until {pause_of(answer, NOW)}")
    age = max_age_of(answer.headers)
    _must(age is None or age >= timedelta(0), f"an age of {age}")
    charset = charset_of(answer)
    if charset is not None:
        codecs.lookup(charset)
    onward = redirect_of(answer)
    _must(onward is None or isinstance(parse_target(onward), str | Target), "a redirect to nowhere")
    _must_be_storable((onward, charset))


def check_address(data: bytes) -> None:
    """A text is an address that can be fetched and has one settled form, or none."""
    text = data.decode("utf-8", "surrogateescape")
    target = parse_target(text)
    if isinstance(target, Target):
        _must(target.url.startswith(("http://", "https://")) and target.url.isascii(), f"a target of {target.url!r}")
        _must(0 < target.port < 65536 and bool(target.host), f"a target at {target.key}")
    settled = canonical(text)
    _must(canonical(settled) == settled, f"no settled form: {settled!r}")
    same_site(text, BASE)
    found = clean_url(text, BASE)
    if found is not None:
        _must(found.startswith(("http://", "https://")), f"cleaned to {found!r}")
        looks_like_article(found, BASE)
        _must_be_storable((found, canonical(found)))
    refusal(text)


CHECKS: dict[str, Callable[[bytes], None]] = {
    "feed": lambda data: check_listing(ListingKind.FEED, data),
    "sitemap": lambda data: check_listing(ListingKind.SITEMAP, data),
    "front_page": lambda data: check_listing(ListingKind.FRONT_PAGE, data),
    "robots": check_robots,
    "page": check_page,
    "headers": check_headers,
    "address": check_address,
}


# ---------------------------------------------------------------------------------------------------------- parts


def answer_of(data: bytes) -> Answer:
    """An input as the crawler hands it on: status, headers as Latin-1, body."""
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return Answer(url=BASE, status=int(status), headers=headers, body=body)


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BrokenPromise(otherwise)


def _must_be_storable(value: object) -> None:
    """Neither database nor mail takes half a character, nor SQLite an integer of more than 64 bits."""
    for part in _parts(value):
        if isinstance(part, str):
            part.encode()
        elif isinstance(part, int):
            _must(abs(part) < 2**63, f"too large: {part}")
        elif isinstance(part, datetime):
            _must(part.tzinfo is not None, f"without a zone: {part}")


def _parts(value: object) -> Iterator[object]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for one in value:
            yield from _parts(one)
    else:
        yield value

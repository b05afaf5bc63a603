"""An address that somebody types -> the feeds and sitemaps of the outlet behind it.

page ─ its outlet's home ─ feeds that it links to (also by way of a page of feeds) ─ sitemaps of robots.txt
     ─ only where these yield nothing: the usual addresses ─ only then: the front page itself
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from crawler.discovery import read_listing, unpacked_body
from crawler.front_pages import domain_of, looks_like_article
from crawler.judging import (
    MOST_FEEDS,
    Candidate,
    Judged,
    choose,
    judge_feed,
    judge_front_page,
    judge_sitemap,
    refused_by_name,
    tier_of,
)
from crawler.masthead import (
    Linked,
    Masthead,
    country_of,
    outlet_id,
    outlet_name,
    read_feed_head,
    read_masthead,
    sent_form,
)
from model import Listed, Listing, ListingKind, Outlet, Page, PageOutcome

MOST_REQUESTS = 30  # in all, robots.txt counted, redirects not

_MOST_CANDIDATES = 60  # a page can link to a feed for each of its tags
_MOST_SITEMAPS = 5  # of those that robots.txt names; large outlets name one a month of thirty years
_MOST_PARTS = 2  # of a sitemap index: they tell what kind of index it is
_USUAL_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/index.xml", "/atom.xml")
_USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml")
_NOBODY_THERE = (PageOutcome.UNREACHABLE, PageOutcome.TIMED_OUT)
_ENDS_IT = (*_NOBODY_THERE, PageOutcome.REFUSED_ADDRESS, PageOutcome.RATE_LIMITED)
_SPENT = f"not looked at: {MOST_REQUESTS} requests are the most for one outlet"


class Fetcher(Protocol):
    """What gets a page and knows a host's robots.txt; the crawler is one."""

    async def fetch(self, url: str, *, outlet: str) -> Page:
        """Fetch one address; every failure is a Page."""

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of the host of `url` names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What came of a search: the outlet as a configuration would name it, None where nothing is worth polling.

    `judged` holds every address that was looked at or passed over, in that order; those without a `why` are proposed.
    """

    outlet: Outlet | None
    judged: tuple[Judged, ...]
    requests: int


def addresses_for(typed: str) -> tuple[str, ...]:
    """What to ask for where somebody typed `typed`, one after another until a host answers; none for no web address."""
    typed = typed.strip()
    host = typed.partition("/")[0]
    if "://" in typed or not host:
        tries = [typed]
    elif host.startswith("www.") or host[-1].isdigit():  # a name with a www. already, an IP address, a port
        tries = [f"https://{typed}", f"http://{typed}"]
    else:
        tries = [f"https://{typed}", f"https://www.{typed}", f"http://{typed}"]
    return tuple(url for url in (sent_form(one, "") for one in tries) if url is not None)


async def find(
    addresses: Iterable[str], fetcher: Fetcher, *, now: datetime, tell: Callable[[str], None] = lambda _: None
) -> Finding:
    """Search from the first of `addresses` that answers; `tell` is called with each address before it is asked."""
    search = _Search(fetcher=fetcher, now=now, tell=tell)
    page = await search.arrive(addresses)
    if page.failure in _ENDS_IT:
        return Finding(outlet=None, judged=tuple(search.judged), requests=search.requests)
    await search.run(page)
    return search.finding()


@dataclass(eq=False, kw_only=True)
class _Search:
    """What is known of one search while it goes on."""

    fetcher: Fetcher
    now: datetime
    tell: Callable[[str], None]
    site: str = ""  # the outlet's home
    home: Page | None = None
    mastheads: list[Masthead] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    requests: int = 0
    hosts: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    queue: list[Candidate] = field(default_factory=list)
    page_of_feeds: str | None = None
    pattern: str | None = None

    # -------------------------------------------------------------------------------------------- one address

    async def get(self, url: str) -> Page:
        self.tell(url)
        host = urlsplit(url).netloc
        self.requests += 1 if host in self.hosts else 2  # its robots.txt is asked for first
        self.hosts.add(host)
        return await self.fetcher.fetch(url, outlet="new")

    def is_new(self, url: str) -> bool:
        """Whether `url` was not met before, be it with another scheme or slash; it counts as met from now on."""
        key = url.partition("://")[2].rstrip("/")
        known = key in self.seen
        self.seen.add(key)
        return not known

    @property
    def is_spent(self) -> bool:
        return self.requests > MOST_REQUESTS - 2  # the next may be for two: a page and its host's robots.txt

    async def arrive(self, addresses: Iterable[str]) -> Page:
        """The page at the first address where somebody is; those before it are noted."""
        page: Page | None = None
        for url in addresses:
            page = await self.get(url)
            if page.failure is not None:
                self.note(Candidate(url=page.final_url, kind=ListingKind.FRONT_PAGE), page)
            if page.failure not in _NOBODY_THERE:
                break
        if page is None:
            raise ValueError("no address to search from")
        self.site = page.final_url
        return page

    def note(self, candidate: Candidate, page: Page) -> None:
        why = f"{str(page.failure).replace('_', ' ')} ({page.detail})"
        self.judged.append(Judged(candidate=candidate, why=why, failure=page.failure))

    def read(self, page: Page, kind: ListingKind) -> Listed:
        listing = Listing(url=page.url, outlet="new", kind=kind, every=timedelta(minutes=15))
        return read_listing(page.body, listing, base_url=page.final_url, headers=page.headers, now=self.now)

    # ---------------------------------------------------------------------------------------------- the walk

    async def run(self, page: Page) -> None:
        """From the page that was asked for to all that is known of the outlet."""
        await self.go_home(page)
        await self.look_at_feeds()
        refused = self.home is not None and self.home.failure in (PageOutcome.BLOCKED, *_ENDS_IT)
        named = [url for one in await self.fetcher.sitemaps(self.site) if (url := sent_form(one, self.site))]
        await self.look_at_sitemaps(named)
        if not self.has_good() and not refused:
            await self.try_usual_addresses()
        if not self.has_good() and self.home is not None and self.home.failure is None:
            judged, self.pattern = judge_front_page(self.site, self.masthead_of(self.home).links)
            self.judged.append(judged)

    async def go_home(self, page: Page) -> None:
        """Settle which page is the outlet's home, and queue the feeds of the pages on the way there."""
        kind = _kind_of(page)
        self.is_new(page.url)
        if kind is ListingKind.FEED:
            self.site = read_feed_head(page.body).home or _root(page.final_url)
        elif kind is ListingKind.SITEMAP or _is_article(page):
            self.site = _root(page.final_url, self.masthead_of(page).language)
        self.home = page if self.site == page.final_url else await self.get(self.site)
        if self.home.failure is None:
            self.site = self.home.final_url
            self.enter(self.home)
        elif self.home is not page:
            self.note(Candidate(url=self.site, kind=ListingKind.FRONT_PAGE), self.home)
            self.site = _root(page.final_url)  # a feed may name the machine that it was made on
        if kind is not None and kind is not ListingKind.FRONT_PAGE:
            await self.judge(Candidate(url=_settled(page), kind=kind, asked=True), page)
        elif self.home is not page:
            self.enter(page)
        elif not self.queue and urlsplit(self.site).path.strip("/") and page.failure is None and not self.is_spent:
            self.enter(await self.get(_root(self.site)))  # a section without a feed of its own

    def enter(self, page: Page) -> None:
        """Queue the feeds that a page links to."""
        masthead = self.masthead_of(page)
        self.mastheads.append(masthead)
        section = urlsplit(page.final_url).path.rstrip("/")
        self.line_up(masthead.feeds, page=page, section=section if page is self.home else "")

    def masthead_of(self, page: Page) -> Masthead:
        return Masthead() if page.failure else read_masthead(page.body, page.final_url, page.encoding)

    def line_up(self, feeds: Iterable[Linked], *, page: Page, section: str = "") -> None:
        for linked in feeds:
            if len(self.seen) >= _MOST_CANDIDATES or not self.is_new(linked.url):
                continue
            asked = bool(section) and urlsplit(linked.url).path.rstrip("/").rpartition("/")[0] == section
            candidate = Candidate(url=linked.url, kind=ListingKind.FEED, title=linked.title, asked=asked)
            why = refused_by_name(candidate)
            if why is None and _is_article(page) and linked.url.startswith(page.final_url.rstrip("/") + "/"):
                why = "a feed of one article, its comments"
            if why is None:
                self.queue.append(candidate)
            else:
                self.judged.append(Judged(candidate=candidate, why=why))

    # ------------------------------------------------------------------------------------------------- feeds

    def good(self, kind: ListingKind) -> list[Judged]:
        return [one for one in choose(self.judged) if one.why is None and one.candidate.kind is kind]

    def has_good(self) -> bool:
        return any(one.why is None for one in self.judged)

    async def look_at_feeds(self) -> None:
        """Look at what is queued, the most promising first, until the best are found."""
        while self.queue:
            self.queue.sort(key=lambda one: (not one.asked, tier_of(one)))
            candidate = self.queue.pop(0)
            why = self.needless(candidate)
            if why is not None:
                self.judged.append(Judged(candidate=candidate, why=why))
            else:
                await self.look_at(candidate)

    def needless(self, candidate: Candidate) -> str | None:
        """Why a feed need not be looked at, None where it should be."""
        good = self.good(ListingKind.FEED)
        if good and tier_of(candidate) > min(tier_of(one.candidate) for one in good):
            return "a section's feed, not looked at"
        if len(good) >= MOST_FEEDS:
            return f"not looked at: {MOST_FEEDS} good ones were found before it"
        return _SPENT if self.is_spent else None

    async def look_at(self, candidate: Candidate) -> None:
        page = await self.get(candidate.url)
        if page.failure is not None:
            self.note(candidate, page)
            return
        await self.judge(replace(candidate, url=_settled(page)), page)

    async def judge(self, candidate: Candidate, page: Page) -> None:
        kind = _kind_of(page) or candidate.kind
        if kind is ListingKind.SITEMAP:
            await self.judge_sitemap(replace(candidate, kind=kind), page)
            return
        listed = self.read(page, ListingKind.FEED)
        if listed.problem is not None:
            self.judged.append(Judged(candidate=candidate, why=self.follow(page) or listed.problem))
            return
        head = read_feed_head(page.body)
        self.judged.append(judge_feed(candidate, listed.leads, page.body, head, site=self.site, now=self.now))

    def follow(self, page: Page) -> str | None:
        """Queue the feeds of a page that lists them, the first one only; a word on it where that was done."""
        masthead = self.masthead_of(page)
        if self.page_of_feeds is not None or domain_of(page.final_url) != domain_of(self.site):
            return None
        before = len(self.queue)
        self.line_up(masthead.feeds, page=page)
        if len(self.queue) == before:
            return None
        self.page_of_feeds = page.final_url
        return "a page of feeds, which were looked at"

    # ---------------------------------------------------------------------------------------------- sitemaps

    async def look_at_sitemaps(self, urls: Iterable[str]) -> None:
        """Look at sitemaps, those that are called news first, until a news sitemap is found."""
        candidates = [Candidate(url=url, kind=ListingKind.SITEMAP) for url in dict.fromkeys(urls)]
        candidates.sort(key=lambda one: "news" not in one.url.rsplit("/", 1)[-1].lower())
        for at, candidate in enumerate(candidates):
            if not self.is_new(candidate.url):
                continue
            if any(one.dated for one in self.good(ListingKind.SITEMAP)) or at >= _MOST_SITEMAPS:
                self.judged.append(Judged(candidate=candidate, why="not looked at: others stand before it"))
            elif self.is_spent:
                self.judged.append(Judged(candidate=candidate, why=_SPENT))
            else:
                await self.look_at(candidate)

    async def judge_sitemap(self, candidate: Candidate, page: Page) -> None:
        """Judge a sitemap by its entries, an index by its first parts; an only part that stays is polled itself."""
        listed = self.read(page, ListingKind.SITEMAP)
        if listed.problem is not None:
            self.judged.append(Judged(candidate=candidate, why=listed.problem))
            return
        leads, bodies = [*listed.leads], [unpacked_body(page.body)]
        for url in listed.sub_listings[:_MOST_PARTS]:
            part = None if self.is_spent else self.readable(await self.get(url))
            if part is not None:
                leads += part[0].leads
                bodies.append(part[1])
        if len(listed.sub_listings) == 1:
            candidate = replace(candidate, url=_lasting(listed.sub_listings[0]) or candidate.url)
        self.judged.append(judge_sitemap(candidate, leads, bodies, site=self.site, now=self.now))

    def readable(self, page: Page) -> tuple[Listed, bytes] | None:
        """What a part of an index lists, and its body; None where it cannot be read."""
        listed = Listed(problem="") if page.failure else self.read(page, ListingKind.SITEMAP)
        return None if listed.problem is not None else (listed, unpacked_body(page.body))

    # ------------------------------------------------------------------------------------------ the last resort

    async def try_usual_addresses(self) -> None:
        """Try where most outlets have their feeds and sitemaps, until one of them yields something."""
        root = _root(self.site).rstrip("/")
        usual = [(path, ListingKind.FEED) for path in _USUAL_FEEDS]
        usual += [(path, ListingKind.SITEMAP) for path in _USUAL_SITEMAPS]
        for path, kind in usual:
            if self.has_good() or self.is_spent:
                return
            if self.is_new(f"{root}{path}"):
                await self.look_at(Candidate(url=f"{root}{path}", kind=kind))
                await self.look_at_feeds()  # what a page of feeds led to

    def finding(self) -> Finding:
        judged = choose(self.judged)
        chosen = [one for one in judged if one.why is None]
        return Finding(outlet=self.outlet(chosen) if chosen else None, judged=judged, requests=self.requests)

    def outlet(self, chosen: list[Judged]) -> Outlet:
        def of(kind: ListingKind) -> tuple[str, ...]:
            return tuple(one.url for one in chosen if one.candidate.kind is kind)

        feeds = [one.head for one in chosen]
        name = outlet_name([*feeds, *self.mastheads], self.site)
        languages = (head.language for head in (*self.mastheads, *feeds))
        return Outlet(
            id=outlet_id(name, self.site),
            name=name,
            homepage=self.site,
            country=country_of(self.site),
            language=next(filter(None, languages), None),
            feeds=of(ListingKind.FEED),
            sitemaps=of(ListingKind.SITEMAP),
            front_pages=of(ListingKind.FRONT_PAGE),
            link_pattern=self.pattern,
        )


def _kind_of(page: Page) -> ListingKind | None:
    """What kind of listing a body is by its first bytes; None where they do not tell."""
    if page.failure is not None:
        return None
    head = page.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"\x1f\x8b") or b"<urlset" in head or b"<sitemapindex" in head:
        return ListingKind.SITEMAP
    if head.startswith((b"<!doctype html", b"<html")):
        return ListingKind.FRONT_PAGE
    if head.startswith(b"{") or any(root in head for root in (b"<rss", b"<feed", b"<rdf:rdf")):
        return ListingKind.FEED
    return ListingKind.FRONT_PAGE if b"<html" in head else None


def _is_article(page: Page) -> bool:
    return page.failure is None and looks_like_article(page.final_url, page.final_url)


def _root(url: str, language: str | None = None) -> str:
    """The front door of the host of `url`, or that of its edition where the address begins with the page's language."""
    parts = urlsplit(url)
    edition = parts.path.split("/")[1:2]
    return f"{parts.scheme}://{parts.netloc}/" + (f"{language}/" if language and edition == [language] else "")


def _settled(page: Page) -> str:
    """Where a listing is polled: at the end of a redirect that changed no more than the scheme, a `www.` or a slash."""
    asked, final = urlsplit(page.url), urlsplit(page.final_url)
    same = (asked.path.rstrip("/"), asked.query) == (final.path.rstrip("/"), final.query)
    return page.final_url if same and domain_of(page.url) == domain_of(page.final_url) else page.url


def _lasting(part: str) -> str | None:
    """The address of an index's part, in the form in which it is sent; None for one that is named after its day."""
    return None if any(letter.isdigit() for letter in urlsplit(part).path) else sent_form(part, part)

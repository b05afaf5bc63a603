"""What can be wrong with a server, as a table: name -> where, how it answers there, and how fetches may end by it.

To add a fault, add a line to FAULTS: `bench.internet` deals it to an outlet, `tests/crawler/test_hostile_internet.py`
tests it. What its outlet serves elsewhere is sane (`bench/loopback.py`).
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bench import answers
from bench.answers import (
    Serve,
    bomb,
    endless,
    hang_up,
    head,
    html,
    in_turn,
    links,
    listing,
    made,
    page,
    raw,
    redirect,
    reset,
    reset_after,
    rss,
    silence,
    slowly,
    whole,
)
from model import PageOutcome
from model import PageOutcome as Ends

EVERYWHERE = "/"
ROBOTS = "/robots.txt"
FEED = "/feed.xml"
SITEMAP = "/sitemap.xml"
FRONT_PAGE = "/index.html"
ARTICLES = "/news/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """`serve` answers all paths that begin with `at`; each fetch there (any, for robots.txt) ends in one of `ends`.

    `serve` is None where a connection is not even accepted; `queues` says whether it is then left in the queue.
    """

    at: str
    serve: Serve | None
    ends: AbstractSet[PageOutcome]
    queues: bool = False

    def concerns(self, path: str) -> bool:
        """Whether the fetch of `path` shows the fault."""
        return self.at == ROBOTS or path.startswith(self.at)


# ------------------------------------------------------------------------------------------------- parts of the table

READ = {Ends.LISTED, Ends.UNCHANGED}
VISITED = READ | {Ends.NOT_MODIFIED, Ends.NEW_ARTICLE}
BROKEN = {Ends.BROKEN_LISTING}
CUT_OFF = {Ends.UNREACHABLE}
LATE = {Ends.TIMED_OUT}
LARGE = {Ends.TOO_LARGE}
LIMITED = {Ends.RATE_LIMITED}
# A page that is built to break its reader: any end will do but none.
SURVIVED = {
    Ends.NEW_ARTICLE, Ends.NOT_AN_ARTICLE, Ends.NO_TEXT, Ends.NO_READER_FOR_LANGUAGE, Ends.READER_FAILED, Ends.UNCHANGED
}  # fmt: skip

MB = 1_000_000
XML = "application/xml"
SANE_FEED = rss(links(3))
SANE = whole(SANE_FEED, type_=XML)
OK = head(200, type_=XML)
JUNK = random.Random(7).randbytes(100_000)
A_DATE = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n + 1} "' + 10 * f"&l{n};" + '">' for n in range(9)) + "]>"
)
SECRETS = '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY net SYSTEM "{base}/entity">]>'


def _with(declaration: str, text: str) -> bytes:
    item = f"<item><title>{text}</title><link>/gone/1</link></item>"
    return f'<?xml version="1.0"?>{declaration}<rss version="2.0"><channel>{item}</channel></rss>'.encode()


def _headers(lines: str, many: int) -> bytes:
    return OK[:-2] + "".join(lines.format(number) + "\r\n" for number in range(many)).encode() + b"\r\n" + SANE_FEED


def _index(*urls: str) -> bytes:
    parts = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>'.encode()


def _robots(rules: str) -> Serve:
    return page(rules.encode(), type_="text/plain")


def _front(many: int) -> bytes:
    return html("".join(f'<a href="/gone/{number:06}-a-story-of-the-day">Story {number}</a>' for number in range(many)))


# ---------------------------------------------------------------------------------------------------------- the table

FAULTS: dict[str, Fault] = {
    # Connections
    "refuses connections": Fault(at=EVERYWHERE, serve=None, ends=CUT_OFF),
    "never accepts": Fault(at=EVERYWHERE, serve=None, queues=True, ends=LATE),
    "says nothing": Fault(at=EVERYWHERE, serve=silence, ends=LATE),
    "closes at once": Fault(at=EVERYWHERE, serve=hang_up, ends=CUT_OFF),
    "resets at once": Fault(at=EVERYWHERE, serve=reset, ends=CUT_OFF),
    "resets in a body": Fault(at=FEED, serve=reset_after(SANE[:-50]), ends=CUT_OFF),
    "redirects to TLS that is none": Fault(at=FEED, serve=redirect("https://{host}/feed.xml"), ends=CUT_OFF | LATE),
    # Broken HTTP
    "garbage": Fault(at=FEED, serve=raw(JUNK), ends=CUT_OFF),
    "a status of 999": Fault(at=FEED, serve=page(b"", 999), ends={Ends.SERVER_ERROR}),
    "early hints for ever": Fault(
        at=FEED, serve=endless(b"HTTP/1.1 103 X\r\n\r\n", after=b""), ends=LATE | LARGE | CUT_OFF
    ),
    "Content-Length too long": Fault(at=FEED, serve=listing(SANE_FEED, Content_Length=10_000), ends=CUT_OFF),
    "Content-Length too short": Fault(at=FEED, serve=listing(SANE_FEED, Content_Length=120), ends=READ | BROKEN),
    "Content-Length negative": Fault(at=FEED, serve=listing(SANE_FEED, Content_Length=-1), ends=CUT_OFF),
    "Content-Length twice": Fault(
        at=FEED, serve=listing(SANE_FEED, Content_Length="9\r\nContent-Length: 8"), ends=CUT_OFF
    ),
    "broken chunks": Fault(at=FEED, serve=raw(OK[:-2] + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc"), ends=CUT_OFF),
    "a chunk without end of its length": Fault(
        at=FEED, serve=endless(b"0", after=OK[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"), ends=CUT_OFF | LATE
    ),
    # Headers
    "headers without end": Fault(
        at=FEED, serve=endless(b"X-Very: long\r\n", after=OK[:-2]), ends=LATE | LARGE | CUT_OFF
    ),
    "20,000 headers": Fault(at=FEED, serve=raw(_headers("X-Header-{}: value", 20_000)), ends=READ | LARGE | CUT_OFF),
    "10,000 cookies": Fault(at=FEED, serve=raw(_headers("Set-Cookie: c{}=1", 10_000)), ends=READ | LARGE | CUT_OFF),
    "a header of 1 MB": Fault(at=FEED, serve=listing(SANE_FEED, X_Long="x" * MB), ends=READ | LARGE | CUT_OFF),
    # Slow
    "slow headers": Fault(at=FEED, serve=slowly(SANE), ends=LATE),
    "a slow body": Fault(at=FEED, serve=slowly(SANE_FEED, after=OK), ends=LATE),
    # Size
    "a body without end": Fault(at=FEED, serve=endless(b" ", after=OK), ends=LARGE),
    "a gzip bomb": Fault(at=FEED, serve=bomb(answers.gzip_bomb, "gzip"), ends=LARGE),
    "a deflate bomb": Fault(at=FEED, serve=bomb(answers.deflate_bomb, "deflate"), ends=LARGE),
    "a brotli bomb": Fault(at=FEED, serve=bomb(answers.brotli_bomb, "br"), ends=LARGE),
    "a zstd bomb": Fault(at=FEED, serve=bomb(answers.zstd_bomb, "zstd"), ends=LARGE),
    "a bomb in a bomb": Fault(
        at=FEED, serve=bomb(lambda: gzip.compress(answers.gzip_bomb()), "gzip, gzip"), ends=LARGE
    ),
    "a header of gzip on plain text": Fault(
        at=FEED, serve=listing(SANE_FEED, Content_Encoding="gzip"), ends=READ | BROKEN | CUT_OFF
    ),
    # Redirects
    "redirects to itself": Fault(at=FEED, serve=redirect("{path}"), ends=CUT_OFF),
    "redirects for ever": Fault(at=FEED, serve=redirect("{path}-on"), ends=CUT_OFF),
    "redirects nowhere": Fault(at=FEED, serve=page(b"", 302), ends=CUT_OFF),
    "redirects to a cloud's metadata": Fault(
        at=FEED, serve=redirect("http://169.254.169.254/latest/meta-data/"), ends={Ends.REFUSED_ADDRESS}
    ),
    "redirects to a private address": Fault(at=FEED, serve=redirect("http://0xa.1/"), ends={Ends.REFUSED_ADDRESS}),
    "redirects to a file": Fault(at=FEED, serve=redirect("file:///etc/passwd"), ends={Ends.REFUSED_ADDRESS}),
    # Refusals
    "429 for 7200 s": Fault(at=FEED, serve=page(b"", 429, Retry_After=7200), ends=LIMITED),
    "429 until a date": Fault(at=FEED, serve=page(b"", 429, Retry_After=A_DATE), ends=LIMITED),
    "429 for 88 hours": Fault(at=FEED, serve=page(b"", 429, Retry_After=88 * 3600), ends=LIMITED),
    "429 until nonsense": Fault(at=FEED, serve=page(b"", 429, Retry_After="soon, -1"), ends=LIMITED),
    "503 for 1 s": Fault(at=FEED, serve=page(b"", 503, Retry_After=1), ends=LIMITED),
    "500 always": Fault(at=FEED, serve=page(b"", 500), ends={Ends.SERVER_ERROR}),
    "500 every other time": Fault(at=FEED, serve=in_turn(page(b"", 500), raw(SANE)), ends=READ | {Ends.SERVER_ERROR}),
    "401": Fault(at=FEED, serve=page(b"", 401), ends={Ends.BLOCKED}),
    "403": Fault(at=FEED, serve=page(b"", 403), ends={Ends.BLOCKED}),
    "451": Fault(at=FEED, serve=page(b"", 451), ends={Ends.BLOCKED}),
    "a wall against bots": Fault(at=FEED, serve=page(b"", cf_mitigated="challenge"), ends={Ends.BLOCKED}),
    # robots.txt
    "a robots.txt of 100 MB": Fault(at=ROBOTS, serve=made(lambda _: b"#" * 100 * MB), ends=VISITED | LARGE),
    "a robots.txt that hangs": Fault(at=ROBOTS, serve=silence, ends=LATE),
    "a robots.txt in a circle": Fault(at=ROBOTS, serve=redirect("{path}"), ends=VISITED),
    "a robots.txt of junk": Fault(at=ROBOTS, serve=page(JUNK), ends=VISITED),
    "a robots.txt that is a bomb": Fault(at=ROBOTS, serve=bomb(answers.gzip_bomb, "gzip"), ends=VISITED | LARGE),
    "a robots.txt that answers 500": Fault(at=ROBOTS, serve=page(b"", 500), ends={Ends.REFUSED_BY_ROBOTS}),
    "a robots.txt that disallows all": Fault(
        at=ROBOTS, serve=_robots("User-agent: *\nDisallow: /"), ends={Ends.REFUSED_BY_ROBOTS}
    ),
    "a Crawl-delay of 40 s": Fault(at=ROBOTS, serve=_robots("User-agent: *\nCrawl-delay: 40"), ends=VISITED),
    # Feeds
    "a feed of a billion laughs": Fault(at=FEED, serve=listing(_with(LAUGHS, "&l9;")), ends=READ | BROKEN),
    "a feed with entities from elsewhere": Fault(
        at=FEED,
        serve=made(lambda asked: _with(SECRETS.format(base=asked.base), "&file;&net;")),
        ends=READ | BROKEN,
    ),
    "a feed that is a web page": Fault(at=FEED, serve=page(html("<p>Sorry.</p>")), ends=BROKEN),
    "a feed that breaks off": Fault(at=FEED, serve=listing(SANE_FEED[:-60]), ends=READ),
    "a feed in another encoding than it says": Fault(
        at=FEED, serve=listing(rss([("/gone/1", "Größe", None)]).decode().encode("latin-1")), ends=READ
    ),
    "a feed of 100,000 items": Fault(
        at=FEED,
        serve=made(lambda _: b"<rss><channel>" + b"<item><link>/gone/a</link></item>" * 100_000),
        ends=READ | BROKEN,
    ),
    "a feed of 200 new addresses each time": Fault(
        at=FEED, serve=made(lambda asked: rss(links(200, 200 * asked.times))), ends=READ
    ),
    "a feed without a body": Fault(at=FEED, serve=listing(b""), ends=BROKEN),
    "a feed 100,000 elements deep": Fault(
        at=FEED, serve=listing(b"<rss><channel>" + b"<a>" * 100_000), ends=READ | BROKEN
    ),
    "a feed of deep JSON": Fault(at=FEED, serve=listing(b'{"items": ' + b"[" * MB), ends=BROKEN),
    "a title of 3 MB": Fault(at=FEED, serve=listing(rss([("/gone/1", "<b " * (MB // 2), None)])), ends=READ | BROKEN),
    # Sitemaps and front pages
    "an index of sitemaps that names itself": Fault(
        at=SITEMAP, serve=made(lambda asked: _index(asked.base + asked.path)), ends=READ
    ),
    "an index of ever new indexes": Fault(
        at=SITEMAP, serve=made(lambda asked: _index(*(f"{asked.base}{asked.path}/{n}" for n in range(9)))), ends=READ
    ),
    "a sitemap that is a bomb": Fault(at=SITEMAP, serve=made(lambda _: answers.gzip_bomb()), ends=BROKEN),
    "a front page of 10,000 links": Fault(at=FRONT_PAGE, serve=page(_front(10_000)), ends=READ),
    # Articles
    "articles that are gone": Fault(at=ARTICLES, serve=in_turn(page(b"", 404), page(b"", 410)), ends={Ends.GONE}),
    "articles that redirect to a private address": Fault(
        at=ARTICLES, serve=redirect("http://192.168.0.1/"), ends={Ends.REFUSED_ADDRESS}
    ),
    "articles that hang": Fault(at=ARTICLES, serve=silence, ends=LATE),
    "articles of junk": Fault(at=ARTICLES, serve=page(JUNK), ends=SURVIVED),
    "articles that are pictures": Fault(
        at=ARTICLES, serve=page(JUNK, type_="image/png"), ends=SURVIVED | {Ends.NOT_HTML}
    ),
    "articles without text": Fault(at=ARTICLES, serve=page(html("")), ends={Ends.NO_TEXT, Ends.NOT_AN_ARTICLE}),
    "articles of 3 MB of <b>": Fault(at=ARTICLES, serve=page(html("<b>" * MB)), ends=SURVIVED),
    "articles of 3 MB of <p>": Fault(at=ARTICLES, serve=page(html("<p>" * MB)), ends=SURVIVED),
    "articles of 250,000 line breaks": Fault(at=ARTICLES, serve=page(html("12 killed<br>" * 250_000)), ends=SURVIVED),
    "articles 100,000 elements deep": Fault(at=ARTICLES, serve=page(html("<div>" * 100_000 + "x")), ends=SURVIVED),
    "articles of small tables": Fault(
        at=ARTICLES, serve=page(html("<table><tr><td>12 killed</td></tr></table>" * 60_000)), ends=SURVIVED
    ),
    "articles of one tag": Fault(
        at=ARTICLES, serve=page(html("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">")), ends=SURVIVED
    ),
    "articles of one sentence": Fault(
        at=ARTICLES, serve=page(html(f"<p>{'12 people were killed, ' * 100_000}</p>")), ends=SURVIVED
    ),
    "articles of deep linked data": Fault(
        at=ARTICLES,
        serve=page(html('<script type="application/ld+json">' + '[{"a":' * 300_000 + "</script>")),
        ends=SURVIVED,
    ),
}

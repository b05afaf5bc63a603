"""Hostile input by the million: well-formed samples of our own, bent one to eight times, the same for the same seed.

Every input is bytes: an HTTP response (head, empty line, body), or one address. Half of the bends know where the tags,
texts, values and numbers of their input are; the others know bytes only.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from random import Random

from bench.claims import own_page

LONGEST = 400_000  # bytes; what is longer takes the same ways longer
MOST_BENDS = 8

HEADERS = ("Content-Type", "Content-Encoding", "Retry-After", "Location", "Cache-Control", "ETag", "cf-mitigated", "X")

# What has broken a parser of feeds, maps, pages or addresses somewhere before.
PIECES = (
    b"<?xml version='1.0' encoding='utf-16'?>",
    b"<rss><channel><item><link>",
    b"</link></item>",
    b"<entry xml:base='http://['><link href='http://[::1'/>",
    b"<urlset><url><loc>",
    b"<sitemapindex><sitemap><loc>//</loc></sitemap>",
    b"<!DOCTYPE x [<!ENTITY a '&a;'>]>",
    b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///dev/null'>]>&a;",
    b"<a href='http://[x'>",
    b"<base href='http://['><a href='/2025/03/10/a-b-c'>",
    b'{"version": "https://jsonfeed.org/version/1", "items": [',
    b'"\\ud800"',
    b"<pubDate>99999-99-99</pubDate>",
    b"\x1f\x8b\x08",
    b"&#x110000;&#0;",
    b"&#xD800;",
    b"\xff\xfe\x00",
    b"\xed\xa0\x80",
    b"\x00",
    b"<![CDATA[",
    b"<!--",
    b'<script type=\'application/ld+json\'>[[[[{"@type": "NewsArticle", "datePublished": 1e999}',
    b"<meta charset='utf-7'>",
    b"<time datetime='0001-01-01T00:00:00+23:59'>",
    b"Fri, 31 Dec 9999 23:59:59 -1200",
    b"9999-12-31T23:59:59-12:00",
    b"<table><tr><td>12 | 13<td>",
    b"<noscript><plaintext>",
    b"User-agent: *\nDisallow: /*a*b*c*d$\nCrawl-delay: 1e308\n",
    b"Sitemap: http://[\n",
    b"http://user@",
    b"%",
    b"\xe2\x80\xae",
    "²٣".encode(),  # digits for Python, but not for int()
)
NUMBERS = (b"0", b"-1", b"1e999", b"NaN", b"99999999999999999999", b"12,345,678", "²".encode(), b"9" * 5_000)
CHARSETS = (
    *("utf-8", "utf-16", "utf-7", "latin-1", "shift_jis", "gb18030", "iso-2022-jp", "hz", "idna", "punycode", "zlib"),
    *("hex", "rot13", "undefined", "mbcs", "", "\u00e9", "x" * 300),
)
STATUSES = (200, 200, 200, 204, 206, 301, 302, 304, 400, 403, 404, 410, 429, 451, 500, 503, 999)

_RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Harbour Courier</title><ttl>30</ttl>
<link>https://www.courier.example/</link>
<item><title>Ferry fire kills nine off Orle</title><link>https://www.courier.example/2025/03/10/ferry-fire-orle</link>
<guid isPermaLink="false">a-1</guid><pubDate>Mon, 10 Mar 2025 08:15:00 GMT</pubDate>
<description><![CDATA[<p>Nine people died.</p>]]></description></item>
<item><title>Council &amp; weirs</title><link>/2025/03/09/weirs?utm_source=rss</link>
<dc:date>2025-03-09</dc:date></item>
</channel></rss>"""
_ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://www.courier.example/">
<title>Courier</title><entry xml:base="news/"><id>tag:courier.example,2025:1</id>
<title type="html">&lt;b&gt;Nine&lt;/b&gt; dead</title>
<link rel="alternate" href="ferry-fire"/><updated>2025-03-10T08:15:00+01:00</updated></entry></feed>"""
_RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<item rdf:about="https://www.courier.example/a"><title>A</title><link>https://www.courier.example/a</link></item></rdf:RDF>"""
_JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"id": "1", "url": "https://www.courier.example/a", "title": "A", "date_published": "2025-03-10T08:15:00Z"},
            {"id": "https://www.courier.example/b", "content_text": "Nine died", "tags": ["ferry", None, 12.5]},
        ],
    }
).encode()
_SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://www.courier.example/2025/03/10/ferry</loc>
<lastmod>2025-03-10</lastmod><news:news><news:publication_date>2025-03-10T08:15:00Z</news:publication_date>
<news:title>Ferry fire</news:title></news:news></url><url><loc> /relative </loc></url></urlset>"""
_INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
<loc>https://www.courier.example/news-sitemap.xml</loc><lastmod>2025-03-10T01:00:00Z</lastmod></sitemap>
<sitemap><loc>https://www.courier.example/old.xml</loc><lastmod>2019-01-01</lastmod></sitemap></sitemapindex>"""
_FRONT_PAGE = b"""<!doctype html><html lang="en"><head><base href="https://www.courier.example/"><title>Courier</title></head>
<body><nav><a href="/tag/ferry">Ferries</a></nav><a href="/2025/03/10/ferry-fire-kills-nine"><img src="a.jpg"></a>
<a href="2025/03/10/ferry-fire-kills-nine">Ferry fire kills <b>nine</b></a><a href="mailto:desk@courier.example">x</a>
<a href="//m.courier.example/news/story-1234567.html?utm_medium=front#top">Weirs &#8211; again</a></body></html>"""
_ROBOTS = b"""User-agent: *
Disallow: /search
Allow: /search/about$
Crawl-delay: 5

User-agent: Tollwatch
Disallow: /*.pdf$
Crawl-delay: 2.5
Sitemap: https://www.courier.example/news-sitemap.xml
"""
_ARTICLE = b"""<!doctype html><html lang="en-GB"><head><meta charset="utf-8">
<title>Ferry fire kills nine | Courier</title><link rel="canonical" href="https://www.courier.example/2025/03/10/ferry-fire">
<meta property="og:title" content="Ferry fire"><meta property="og:site_name" content="Courier">
<meta name="author" content="M. Oller">
<meta name="date" content="2025-03-10">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle", "headline":
"Ferry fire kills nine", "datePublished": "2025-03-10T08:15:00+01:00", "dateModified": "2025-03-10T09:00:00Z",
"author": [{"@type": "Person", "name": "Marta Oller"}], "inLanguage": "en",
"articleBody": "Nine people died."}]}</script></head><body><header><a href="/">Courier</a></header><main>
<article><h1>Ferry fire kills nine</h1>
<time datetime="2025-03-10T08:15:00+01:00">10 March 2025</time><p>At least nine people were killed and 1,204 fled when a
ferry caught fire off Orle on Monday, the <a href="/coast">coast guard</a> said. Three of the dead were children.</p>
<p>"We counted 12 boats," said Ilse Varr, 44, of the port authority, which put the toll at "between 10 and 14".</p>
<ul><li>Mossby: 4 dead</li><li>Hask: 5 dead, 2 missing</li></ul><table><tr><th>Place</th><th>Dead</th><th>Hurt</th></tr>
<tr><td>Mossby</td><td>4</td><td>11</td></tr><tr><td>Hask</td><td>5</td><td>20</td></tr><tr><td>Total</td><td>9</td><td>31
</td></tr></table><blockquote>The fire began in the engine room.</blockquote></article></main><footer>(KPA)</footer>
</body></html>"""
_LIVE = b"""<html lang="en"><head><title>Live: ferry fire</title>
<script type="application/ld+json">{"@type": "LiveBlogPosting", "coverageStartTime": "2025-03-10T08:00:00Z",
"liveBlogUpdate": [{"@type": "BlogPosting", "datePublished": "2025-03-10T09:00:00Z",
"articleBody": "Nine dead"}]}</script></head>
<body><h1>Live</h1><article><time
datetime="2025-03-10T09:00Z">09:00</time><p>Nine people are dead, the coast guard says.</p></article>
</body></html>"""
_SPANISH = """<html lang="es"><meta charset="iso-8859-1"><title>Nueve muertos en Orle</title><body><article>
<h1>Nueve muertos</h1><p>Al menos nueve personas murieron y otras treinta y una resultaron
heridas el lunes en el incendio de un transbordador frente a Orle, según la guardia costera.
Entre los fallecidos hay tres niños, añadió el portavoz.</p></article>
</body></html>"""

_ADDRESSES = (
    b"https://www.courier.example/2025/03/10/ferry-fire?utm_source=rss&id=12#top",
    b"http://m.courier.example:80/a/../b/./c%7e/%E2%82%AC?q=a+b&&=&amp",
    b"https://www-courier-example.cdn.ampproject.org/c/s/www.courier.example/amp/ferry-fire",
    b"https://www.google.com/amp/s/www.courier.example/ferry.amp.html",
    b"HTTPS://Courier.EXAMPLE.:443/amp/amphtml/story/amp/",
    b"http://[::ffff:127.0.0.1]:8080/",
    b"http://0x7f.1/",
    "https://www.b\u00fccher.example/sch\u00f6n \u2028".encode(),
    b"//courier.example/news/story-1234567.html",
    b"javascript:alert(1)",
    b"::1",
)

_BODIES: dict[str, tuple[bytes, ...]] = {
    "feed": (_RSS, _ATOM, _RDF, _JSON_FEED),
    "sitemap": (_SITEMAP, _INDEX, _RSS, gzip.compress(_SITEMAP, mtime=0)),
    "front_page": (_FRONT_PAGE,),
    "robots": (_ROBOTS,),
    "page": (_ARTICLE, _ARTICLE, _LIVE, _SPANISH.encode("latin-1"), own_page()),
    "headers": (b"",),
}
KINDS = (*_BODIES, "address")


def mutant(kind: str, seed: int) -> bytes:
    """An input of one of KINDS, the same for the same seed."""
    random = Random(f"{kind} {seed}")
    if kind == "address":
        return _bent(random.choice(_ADDRESSES), random, _ADDRESSES)
    samples = _BODIES[kind]
    body = _bent(random.choice(samples), random, samples) if kind != "headers" else b""
    return _head(random, often=kind == "headers") + b"\r\n\r\n" + body


def _head(random: Random, *, often: bool) -> bytes:
    """A status and some headers; where the body matters more, mostly those of a plain answer."""
    if not often and random.random() < 0.5:
        return b"200"
    status = random.choice(STATUSES) if often else 200
    lines = [str(status).encode()]
    for _ in range(random.randint(0, 4)):
        lines.append(random.choice(HEADERS).encode() + b": " + _value(random).replace(b"\r\n", b" "))
    return b"\r\n".join(lines)


def _value(random: Random) -> bytes:
    values = (
        f"text/html; charset={random.choice(CHARSETS)}".encode(),
        b"max-age=" + random.choice(NUMBERS),
        random.choice(NUMBERS),
        b"Mon, 10 Mar 2025 12:05:00 GMT",
        b"challenge",
        random.choice(_ADDRESSES),
        random.choice(PIECES),
    )
    value = random.choice(values)
    return _bent(value, random, values)[:1_000] if random.random() < 0.5 else value


def _bent(data: bytes, random: Random, others: tuple[bytes, ...]) -> bytes:
    for _ in range(random.randint(1, MOST_BENDS)):
        data = random.choice(_BENDS)(data, random, others)[:LONGEST]
    return data


# ---------------------------------------------------------------------------------------------- bends: bytes alone


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + int(random.paretovariate(0.7)))


def _cut(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _end_early(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    return data[: random.randint(0, len(data))]


def _flip(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    place = random.randint(0, len(data))
    return data[:place] + bytes([random.randrange(256)]) + data[place + 1 :]


def _insert(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    place = random.randint(0, len(data))
    return data[:place] + random.choice(PIECES) + data[place:]


def _repeat(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[start:end] * _times(random) + data[end:]


def _splice(data: bytes, random: Random, others: tuple[bytes, ...]) -> bytes:
    other = random.choice(others)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _encode(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    if random.random() < 0.3:
        return gzip.compress(data, 1, mtime=0)
    name = random.choice(("utf-16", "utf-32", "latin-1", "utf-7", "iso-2022-jp", "cp1252"))
    return data.decode("utf-8", "replace").encode(name, "replace")


def _times(random: Random) -> int:
    return min(5_000, int(random.paretovariate(0.5)))


# ------------------------------------------------------------------------------------------- bends: what it is made of

_TAG = re.compile(rb"<[^<>]{1,400}>")
_TEXT = re.compile(rb"(?<=>)[^<>]{1,400}(?=<)")
_VALUE = re.compile(rb"(?<==\")[^\"<>]{0,400}(?=\")|(?<=: \")[^\"]{0,400}(?=\")|(?<=: )[^\r\n]{1,400}")
_NUMBER = re.compile(rb"\d+")


def _one(pattern: re.Pattern[bytes], data: bytes, random: Random) -> tuple[int, int]:
    """A match of a pattern by chance, else a span."""
    first = random.randint(0, len(data))
    found = pattern.search(data, first) or pattern.search(data)
    return found.span() if found else _span(data, random)


def _retag(data: bytes, random: Random, others: tuple[bytes, ...]) -> bytes:
    """A tag in place of another, or none."""
    start, end = _one(_TAG, data, random)
    other = random.choice(others)
    from_, to = _one(_TAG, other, random)
    return data[:start] + random.choice((b"", other[from_:to], random.choice(PIECES))) + data[end:]


def _nest(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    """A tag many times, closed again as often or never."""
    start, end = _one(_TAG, data, random)
    tag, times = data[start:end], _times(random)
    name = re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0]
    closing = b"</" + name + b">" if random.random() < 0.5 else b""
    later = random.randint(end, len(data))
    return data[:start] + tag * times + data[end:later] + closing * times + data[later:]


def _reword(data: bytes, random: Random, others: tuple[bytes, ...]) -> bytes:
    """Another text or value in place of one."""
    start, end = _one(random.choice((_TEXT, _VALUE)), data, random)
    other = random.choice(others)
    from_, to = _one(random.choice((_TEXT, _VALUE)), other, random)
    return data[:start] + random.choice((other[from_:to], random.choice(PIECES), b"")) + data[end:]


def _renumber(data: bytes, random: Random, _: tuple[bytes, ...]) -> bytes:
    start, end = _one(_NUMBER, data, random)
    return data[:start] + random.choice(NUMBERS) + data[end:]


_BENDS: tuple[Callable[[bytes, Random, tuple[bytes, ...]], bytes], ...] = (
    *(_cut, _end_early, _flip, _insert, _repeat, _splice, _encode),
    *(_retag, _nest, _nest, _reword, _reword, _renumber),
)

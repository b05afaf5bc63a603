"""From an address that somebody types to what is worth polling: real sites, the real crawler, no guess in between."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crawler.discovery import read_listing
from crawler.finding import MOST_REQUESTS, Finding, addresses_for, find
from crawler.judging import Candidate, link_pattern, tier_of
from crawler.masthead import Masthead, country_of, outlet_id, outlet_name, read_feed_head, read_masthead
from crawler.robots import read_robots
from model import Listing, ListingKind, Page, PageOutcome
from tests.crawler.conftest import Crawl
from tests.crawler.site import Answer, Script, Site

NOW = datetime.now(UTC)
Serve = Callable[[Mapping[str, Script]], Site]


class Asker:
    """The crawler process as the search knows it."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl

    async def fetch(self, url: str, *, outlet: str) -> Page:
        assert outlet == "new"
        return self._crawl.fetch(url)

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        page = self._crawl.fetch("/".join(url.split("/")[:3]) + "/robots.txt")
        return tuple(read_robots(page.body).sitemaps)


async def search(crawl: Crawl, *addresses: str) -> Finding:
    return await find(addresses, Asker(crawl), now=NOW)


def page(*parts: str, title: str = "The Vessel Post", status: int = 200) -> Answer:
    body = f'<!doctype html><html lang="en-GB"><head><title>{title}</title></head><body>{"".join(parts)}</body></html>'
    return Answer(status=status, headers={"Content-Type": "text/html"}, body=body.encode())


def feed(*paths: str, title: str = "The Vessel Post", age: timedelta = timedelta(hours=2), extra: str = "") -> Answer:
    date = format_datetime(NOW - age)
    items = "".join(
        f"<item><link>{path}</link><title>x</title><pubDate>{date}</pubDate>{extra}</item>" for path in paths
    )
    body = (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>/</link>{items}</channel></rss>'
    )
    return Answer(body=body.encode())


def sitemap(*urls: str, dated: bool = True, age: timedelta = timedelta(hours=3)) -> Answer:
    date = (NOW - age).isoformat()
    stamp = f"<publication_date>{date}</publication_date>" if dated else ""
    entries = "".join(f"<url><loc>{url}</loc><lastmod>{date}</lastmod><news>{stamp}</news></url>" for url in urls)
    return Answer(body=f"<urlset>{entries}</urlset>".encode())


def index(*urls: str) -> Answer:
    return Answer(
        body=f"<sitemapindex>{''.join(f'<sitemap><loc>{url}</loc></sitemap>' for url in urls)}</sitemapindex>".encode()
    )


def stories(start: int, count: int, folder: str = "/news/") -> list[str]:
    return [f"{folder}ferry-{n}-sinks-off-port-vessel" for n in range(start, start + count)]


def alternate(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def whys(finding: Finding, site: Site) -> dict[str, str | None]:
    return {one.url.removeprefix(site.url("")): one.why for one in finding.judged}


# ---------------------------------------------------------------------------------------------- what is found where


async def test_feeds_that_a_page_declares_are_found_whatever_their_addresses_are_relative_to(
    crawl: Crawl, serve: Serve
) -> None:
    site = serve(
        {
            "/": page('<base href="/feeds/">', alternate("all.xml", "All")),
            "/feeds/all.xml": feed(*stories(0, 5)),
        }
    )
    outlet = (await search(crawl, site.url("/"))).outlet
    assert outlet is not None
    assert (outlet.id, outlet.name, outlet.language) == ("vessel-post", "The Vessel Post", "en")
    assert (outlet.homepage, outlet.feeds) == (site.url("/"), (site.url("/feeds/all.xml"),))
    assert (outlet.sitemaps, outlet.front_pages, outlet.link_pattern) == ((), (), None)


async def test_a_news_sitemap_that_only_robots_txt_names_is_found(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/": page()})
    site.pages["/robots.txt"] = Answer(body=f"Sitemap: {site.url('/maps/latest.xml')}".encode())
    site.pages["/maps/latest.xml"] = sitemap(*(site.url(path) for path in stories(0, 4)))
    finding = await search(crawl, site.url("/"))
    assert finding.outlet is not None
    assert finding.outlet.sitemaps == (site.url("/maps/latest.xml"),)
    assert "/feed" not in site.paths()


@pytest.mark.parametrize(("part", "polled"), [("/news-map.xml", "/news-map.xml"), ("/news-2026-03.xml", "/index.xml")])
async def test_the_news_behind_an_index_is_polled_itself_unless_its_name_will_change(
    crawl: Crawl, serve: Serve, part: str, polled: str
) -> None:
    site = serve({"/": page()})
    site.pages["/robots.txt"] = Answer(body=f"Sitemap: {site.url('/index.xml')}".encode())
    site.pages["/index.xml"] = index(site.url("/pages.xml"), site.url(part))
    site.pages[part] = sitemap(*(site.url(path) for path in stories(0, 4)))
    outlet = (await search(crawl, site.url("/"))).outlet
    assert outlet is not None
    assert outlet.sitemaps == (site.url(polled),)
    assert "/pages.xml" not in site.paths()


async def test_a_general_sitemap_is_taken_only_where_there_is_no_feed(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/": page()})
    site.pages["/robots.txt"] = Answer(body=f"Sitemap: {site.url('/sitemap.xml')}".encode())
    site.pages["/sitemap.xml"] = sitemap(*(site.url(path) for path in stories(0, 4)), dated=False)
    alone = (await search(crawl, site.url("/"))).outlet
    assert alone is not None
    assert alone.sitemaps == (site.url("/sitemap.xml"),)
    site.pages |= {"/": page(alternate("/feed")), "/feed": feed(*stories(0, 4))}
    beside = await search(crawl, site.url("/"))
    assert beside.outlet is not None
    assert (beside.outlet.feeds, beside.outlet.sitemaps) == ((site.url("/feed"),), ())
    assert whys(beside, site)["/sitemap.xml"] == "no news sitemap, and there are feeds"


async def test_a_front_page_is_the_last_resort_with_the_pattern_of_its_articles(crawl: Crawl, serve: Serve) -> None:
    articles = stories(0, 8, "/news/coast/")
    others = ["/about", "/news/coast", "/contact", "https://elsewhere.example/2026/03/08/another-long-story-of-theirs"]
    site = serve({"/": page(*(f'<a href="{path}">x</a>' for path in (*articles, *others)))})
    outlet = (await search(crawl, site.url("/"))).outlet
    assert outlet is not None
    assert (outlet.feeds, outlet.sitemaps, outlet.front_pages) == ((), (), (site.url("/"),))
    assert outlet.link_pattern is not None
    listing = Listing(
        url=site.url("/"),
        outlet="new",
        kind=ListingKind.FRONT_PAGE,
        every=timedelta(minutes=15),
        link_pattern=outlet.link_pattern,
    )
    body = crawl.fetch(site.url("/")).body
    listed = read_listing(body, listing, base_url=site.url("/"), headers=(), now=NOW)
    assert [lead.url for lead in listed.leads] == [site.url(path) for path in articles]
    assert "/sitemap.xml" in site.paths()


async def test_the_usual_addresses_are_tried_until_one_yields_something(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/": page(), "/rss.xml": feed(*stories(0, 3))})
    outlet = (await search(crawl, site.url("/"))).outlet
    assert outlet is not None
    assert outlet.feeds == (site.url("/rss.xml"),)
    assert site.paths() == ["/", "/feed", "/rss", "/rss.xml"]


async def test_a_page_of_feeds_leads_to_them(crawl: Crawl, serve: Serve) -> None:
    site = serve(
        {
            "/": page('<a href="/services/rss">RSS</a>'),
            "/services/rss": page('<a href="/out/world.rss">World</a> <a href="/out/sport.rss">Sport</a>'),
            "/out/world.rss": feed(*stories(0, 3)),
        }
    )
    finding = await search(crawl, site.url("/"))
    assert finding.outlet is not None
    assert finding.outlet.feeds == (site.url("/out/world.rss"),)
    assert "/out/sport.rss" not in site.paths()


# ------------------------------------------------------------------------------------------------ from where one starts


async def test_a_host_that_sends_its_reader_on_is_known_by_where_it_leads(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/": page(alternate("/feed")), "/feed": feed(*stories(0, 3))})
    bare = serve({"/": Answer(status=301, headers={"Location": site.url("/")})})
    outlet = (await search(crawl, bare.url("/"))).outlet
    assert outlet is not None
    assert (outlet.homepage, outlet.feeds) == (site.url("/"), (site.url("/feed"),))


def test_a_bare_host_is_tried_encrypted_first_and_a_whole_address_as_it_is() -> None:
    tries = ("https://paper.example/", "https://www.paper.example/", "http://paper.example/")
    assert addresses_for(" paper.example ") == tries
    assert addresses_for("www.paper.example") == ("https://www.paper.example/", "http://www.paper.example/")
    assert addresses_for("http://paper.example/a") == ("http://paper.example/a",)
    assert addresses_for("ftp://paper.example/") == addresses_for("") == addresses_for("https://a@paper.example/") == ()


@pytest.mark.parametrize("start", ["/news/ferry-1-sinks-off-port-vessel", "/feed", "/map.xml"])
async def test_an_article_a_feed_and_a_sitemap_lead_to_their_outlets_home(
    crawl: Crawl, serve: Serve, start: str
) -> None:
    article = page(
        alternate("/feed"),
        alternate("/news/ferry-1-sinks-off-port-vessel/feed/"),
        title="Ferry sinks - The Vessel Post",
    )
    site = serve({"/": page(alternate("/feed"), title="Vessel Post"), "/feed": feed(*stories(0, 3), title="Feed")})
    site.pages |= {"/news/ferry-1-sinks-off-port-vessel": article}
    site.pages["/map.xml"] = sitemap(*(site.url(path) for path in stories(0, 3)))
    outlet = (await search(crawl, site.url(start))).outlet
    assert outlet is not None
    assert (outlet.homepage, outlet.name, outlet.feeds) == (site.url("/"), "Vessel Post", (site.url("/feed"),))
    assert len(site.asked("/feed")) == len(site.asked(start)) == 1


async def test_a_feed_that_names_a_home_where_nobody_is_belongs_to_its_own_host(crawl: Crawl, serve: Serve) -> None:
    body = feed(*stories(0, 3)).body.replace(b"<link>/</link>", b"<link>http://127.0.0.1:9/</link>")
    site = serve({"/out.rss": Answer(body=body)})
    outlet = (await search(crawl, site.url("/out.rss"))).outlet
    assert outlet is not None
    assert (outlet.homepage, outlet.name, outlet.feeds) == (site.url("/"), "The Vessel Post", (site.url("/out.rss"),))


async def test_an_article_of_an_edition_leads_to_the_edition(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/en/": page(alternate("/en/feed")), "/en/feed": feed(*stories(0, 3))})
    site.pages["/en/ferry-1-sinks-off-port-vessel"] = page()
    outlet = (await search(crawl, site.url("/en/ferry-1-sinks-off-port-vessel"))).outlet
    assert outlet is not None
    assert (outlet.homepage, outlet.feeds) == (site.url("/en/"), (site.url("/en/feed"),))


async def test_a_section_keeps_its_own_feed(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/sport/": page(alternate("/sport/feed"), alternate("/culture/feed"))})
    site.pages["/sport/feed"] = feed(*stories(0, 3, "/sport/"))
    finding = await search(crawl, site.url("/sport/"))
    assert finding.outlet is not None
    assert finding.outlet.feeds == (site.url("/sport/feed"),)
    assert whys(finding, site)["/culture/feed"] == "a section's feed, not looked at"


# ------------------------------------------------------------------------------------------------ what is left out


async def test_what_is_left_out_is_told_with_its_reason(crawl: Crawl, serve: Serve) -> None:
    paths = ("/comments/feed", "/podcasts/rss", "/feeds/top", "/rss.php", "/feed", "/atom", "/world/feed", "/coast/rss")
    site = serve(
        {
            "/": page(*map(alternate, paths)),
            "/robots.txt": Answer(body=b"User-agent: *\nDisallow: /feeds/\n"),
            "/rss.php": page("nothing here"),
            "/feed": feed(*stories(0, 10)),
            "/atom": feed(*stories(1, 10)),
            "/world/feed": feed(*stories(50, 5)),
        }
    )
    finding = await search(crawl, site.url("/"))
    assert finding.outlet is not None
    assert finding.outlet.feeds == (site.url("/feed"), site.url("/world/feed"))
    told = whys(finding, site)
    assert told["/comments/feed"] == "a feed of comments"
    assert told["/podcasts/rss"] == "a feed of podcasts"
    assert told["/atom"] == f"holds what {site.url('/feed')} holds"
    assert told["/feeds/top"] == "refused by robots (robots.txt disallows it)"
    assert told["/rss.php"] == "a web page, not a feed"
    assert told["/coast/rss"] == "a section's feed, not looked at"
    assert {"/comments/feed", "/podcasts/rss", "/feeds/top", "/coast/rss"}.isdisjoint(site.paths())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (feed(*stories(0, 3), extra='<enclosure url="/a.mp3" type="audio/mpeg"/>'), "a feed of podcasts"),
        (feed(*stories(0, 3), title="Comments on: Ferry sinks"), "a feed of comments"),
        (feed(*(f"https://shop.example{path}" for path in stories(0, 3))), "its entries lead to other sites (shop."),
        (feed(*stories(0, 3), age=timedelta(days=400)), "nothing new since 20"),
        (feed(), "holds no entry"),
        (Answer(status=410), "gone (status 410)"),
        (Answer(body=b"{}"), "JSON, but not a JSON feed"),
    ],
)
async def test_a_feed_that_yields_no_news_of_the_outlet_is_refused(
    crawl: Crawl, serve: Serve, answer: Answer, why: str
) -> None:
    site = serve({"/": page(alternate("/main.xml")), "/main.xml": answer})
    finding = await search(crawl, site.url("/"))
    assert finding.outlet is None
    assert (whys(finding, site)["/main.xml"] or "").startswith(why)


async def test_an_outlet_that_turns_us_away_is_not_asked_again_and_again(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/": page(status=403)})
    finding = await search(crawl, site.url("/"))
    assert (finding.outlet, finding.judged[0].failure) == (None, PageOutcome.BLOCKED)
    assert site.paths() == ["/"]


async def test_a_page_with_a_hundred_feeds_costs_a_bounded_number_of_requests(crawl: Crawl, serve: Serve) -> None:
    site = serve({"/": page(*(alternate(f"/{n}/rss") for n in range(100)))})
    finding = await search(crawl, site.url("/"))
    assert finding.outlet is None
    assert len(site.log) <= finding.requests + 1 <= MOST_REQUESTS + 1
    assert "not looked at: 30 requests are the most for one outlet" in whys(finding, site).values()


async def test_a_network_that_nobody_opted_in_is_not_asked(crawl_process: Crawl, serve: Serve) -> None:
    crawl_process.open(allow_networks=())
    site = serve({"/": page(alternate("/feed")), "/feed": feed(*stories(0, 3))})
    finding = await search(crawl_process, site.url("/"))
    assert (finding.outlet, finding.judged[0].failure) == (None, PageOutcome.REFUSED_ADDRESS)
    assert site.log == []


# ------------------------------------------------------------------------------------------- names, tiers, patterns


@pytest.mark.parametrize(
    ("heads", "name"),
    [
        ([Masthead(title="Home"), Masthead(name="The Vessel Post", title="x")], "The Vessel Post"),
        ([Masthead(title="Ferry sinks | News | The Vessel Post")], "The Vessel Post"),
        ([Masthead(title="RSS Feed"), Masthead(title="Port Daily - Latest")], "Port Daily"),
        ([Masthead(title="")], "www.vesselpost.example"),
        ([Masthead(name="x" * 500)], "x" * 80),
    ],
)
def test_an_outlet_is_called_what_its_pages_call_it(heads: list[Masthead], name: str) -> None:
    assert outlet_name(heads, "https://www.vesselpost.example/") == name


def test_a_name_is_taken_from_what_a_page_says_of_its_publisher_without_markup_or_control() -> None:
    said = json.dumps(
        {"@graph": [{"@type": "NewsArticle", "publisher": {"name": "Vessel\u202e \n\x1b[31m<b>Post</b>"}}]}
    )
    body = f'<html lang="pt-BR"><script type="application/ld+json">{said}</script><title>x</title></html>'.encode()
    head = read_masthead(body, "https://vesselpost.example/", None)
    assert (head.name, head.language) == ("Vessel [31m Post", "pt")


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff", b"<html><base href='http://['><a href=/rss>x</a>", b'{"title": 3}', b"[" * 100_000, b"<rss/>"],
)
def test_a_page_or_feed_of_nonsense_says_nothing(body: bytes) -> None:
    assert read_masthead(body, "https://paper.example/", None).name == ""
    assert read_feed_head(body) == Masthead()


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("The Vessel Post", "vessel-post"),
        ("Médecins & Mer", "medecins-mer"),
        ("Новини моря", "vesselpost-example"),
        ("x" * 90, "x" * 40),
        ("]]\"'\n", "vesselpost-example"),
    ],
)
def test_an_id_is_made_of_the_names_latin_letters_else_of_the_domain(name: str, identity: str) -> None:
    assert outlet_id(name, "https://www.vesselpost.example/") == identity


@pytest.mark.parametrize(
    ("site", "country"),
    [
        ("https://www.paper.co.uk/", "gb"),
        ("https://paper.fr/", "fr"),
        ("https://paper.example/", None),
        ("https://paper.tv/", None),
        ("http://127.0.0.2:80/", None),
        ("http://localhost/", None),
    ],
)
def test_a_country_is_told_only_by_a_domain_that_is_its_own(site: str, country: str | None) -> None:
    assert country_of(site) == country


@pytest.mark.parametrize(
    ("path", "title", "tier"),
    [
        ("/feed", "", 0),
        ("/en/rss/latest.xml", "", 0),
        ("/news/world/rss.xml", "World", 0),
        ("/rss/91/feed", "", 0),
        ("/rssfeedstopstories.cms", "", 0),
        ("/harbour/rss.xml", "", 1),
        ("/news/technology/rss.xml", "", 2),
        ("/c/12ab/rss", "Culture", 2),
    ],
)
def test_a_feed_is_told_by_its_words_whether_it_is_all_of_an_outlet(path: str, title: str, tier: int) -> None:
    candidate = Candidate(url=f"https://paper.example{path}", kind=ListingKind.FEED, title=title)
    assert tier_of(candidate) == tier


@pytest.mark.parametrize(
    ("articles", "others"),
    [
        ([f"/2026/03/{n:02}/ferry-sinks" for n in range(1, 9)], ["/coast/", "/2026"]),
        ([f"/{section}/ferry-sinks-{n}.html" for n, section in enumerate(["coast", "land"] * 4, 123450)], ["/coast/"]),
        (stories(0, 8), ["/news/", "/about/us"]),
        (stories(0, 8, "/"), ["/coast", "/about-us"]),
    ],
)
def test_a_pattern_takes_the_articles_of_a_front_page_and_nothing_else(articles: list[str], others: list[str]) -> None:
    links = [f"https://www.paper.example{path}" for path in (*articles, *others)]
    pattern = link_pattern(links[: len(articles)], links)
    assert pattern is not None
    assert [link for link in links if re.search(pattern, link)] == links[: len(articles)]
    assert not re.search(pattern, f"https://elsewhere.example{articles[0]}")


def test_no_pattern_is_made_of_few_articles_or_of_those_that_have_nothing_in_common() -> None:
    assert link_pattern([f"https://paper.example{path}" for path in stories(0, 4)], []) is None
    links = [f"https://paper.example/{'a' * n}/{n}{n}" for n in range(1, 9)]
    assert link_pattern(links[:5], links * 2) is None

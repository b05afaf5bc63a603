"""Listings of every kind, sound and broken, as leads."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery import read_listing
from crawler.leads import MOST_LEADS
from model import Listed, Listing, ListingKind, Via

NOW = datetime(2025, 3, 10, 12, 0, tzinfo=UTC)
BASE = "https://www.harbour-courier.example/feed"
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def read(
    body: bytes | str,
    kind: ListingKind,
    *,
    headers: tuple[tuple[str, str], ...] = (),
    link_pattern: str | None = None,
) -> Listed:
    listing = Listing(url=BASE, outlet="courier", kind=kind, every=timedelta(minutes=5), link_pattern=link_pattern)
    data = body.encode() if isinstance(body, str) else body
    return read_listing(data, listing, base_url=BASE, headers=headers, now=NOW)


def feed(body: bytes | str, *, headers: tuple[tuple[str, str], ...] = ()) -> Listed:
    return read(body, ListingKind.FEED, headers=headers)


def sitemap(body: bytes | str) -> Listed:
    return read(body, ListingKind.SITEMAP)


def front_page(
    body: bytes | str, link_pattern: str | None = None, headers: tuple[tuple[str, str], ...] = HTML
) -> Listed:
    return read(body, ListingKind.FRONT_PAGE, headers=headers, link_pattern=link_pattern)


def urls(listed: Listed) -> list[str]:
    return [lead.url for lead in listed.leads]


def rss(items: str, channel: str = "") -> str:
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{channel}{items}</channel></rss>'


class TestFeeds:
    def test_rss(self) -> None:
        listed = feed(
            rss(
                "<item><title>Ferry sinks &amp;amp; 12 are lost</title><link>https://www.harbour-courier.example/a</link>"
                "<pubDate>Mon, 10 Mar 2025 10:00:00 +0100</pubDate><guid isPermaLink='false'>id-1</guid></item>",
                "<ttl>15</ttl>",
            )
        )
        (lead,) = listed.leads
        assert (lead.url, lead.outlet, lead.via) == ("https://www.harbour-courier.example/a", "courier", Via.FEED)
        assert lead.title == "Ferry sinks & 12 are lost"
        assert lead.published == datetime(2025, 3, 10, 9, tzinfo=UTC)
        assert (lead.guid, lead.found) == ("id-1", NOW)
        assert (listed.ttl, listed.problem) == (timedelta(minutes=15), None)

    def test_atom_with_a_relative_link_and_a_base(self) -> None:
        listed = feed(
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.harbour-courier.example/world/">'
            '<entry><title type="html">&lt;b&gt;Quake&lt;/b&gt; kills 7</title>'
            '<link rel="alternate" href="quake?id=3"/>'
            "<id>urn:1</id><updated>2025-03-10T08:00:00Z</updated></entry></feed>"
        )
        (lead,) = listed.leads
        assert lead.url == "https://news.harbour-courier.example/world/quake?id=3"
        assert (lead.title, lead.guid) == ("Quake kills 7", "urn:1")
        assert lead.published == datetime(2025, 3, 10, 8, tzinfo=UTC)

    def test_rdf(self) -> None:
        listed = feed(
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://a.example/1"><title>One</title>'
            "<link>https://a.example/1</link><dc:date>2025-03-09T23:00:00+01:00</dc:date></item></rdf:RDF>"
        )
        assert [(lead.url, lead.published) for lead in listed.leads] == [
            ("https://a.example/1", datetime(2025, 3, 9, 22, tzinfo=UTC))
        ]

    def test_json_feed(self) -> None:
        listed = feed(
            '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/a", "title": "One", '
            '"date_published": "2025-03-10T09:00:00+01:00"}, {"id": 2}, 3, {"id": "4"}]}'
        )
        assert urls(listed) == ["https://www.harbour-courier.example/a", "https://www.harbour-courier.example/4"]
        assert listed.leads[0].published == datetime(2025, 3, 10, 8, tzinfo=UTC)

    def test_half_an_emoji_in_a_json_feed_spoils_its_own_address_only(self) -> None:
        listed = feed(
            '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1\\udd25", "url": "/a", "title": "One'
            '\\ud83d"}, {"id": "2", "url": "/b\\ud83d"}, {"id": "3", "url": "/c", "title": "\\ud83d\\udd25"}]}'
        )
        assert [(lead.url[-2:], lead.title, lead.guid) for lead in listed.leads] == [
            ("/a", "One?", "1?"),
            ("/c", "\N{FIRE}", "3"),
        ]

    def test_a_declaration_that_does_not_end_is_not_searched_for_an_encoding(self) -> None:
        assert feed('<?xml version="1.0"' + ' encoding="U"' * 5_000).problem == "an XML declaration without an end"

    def test_a_feed_on_one_line_is_searched_for_an_encoding_in_its_declaration_only(self) -> None:
        item = "<item><link>https://a.example/1</link></item>"
        listed = feed(rss("<!--" + ' encoding="U"' * 5_000 + "-->" + item).replace("\n", ""))
        assert urls(listed) == ["https://a.example/1"]

    def test_the_order_of_the_feed_stays_and_duplicates_go(self) -> None:
        items = "".join(f"<item><link>https://a.example/{name}</link></item>" for name in ("c", "a", "c#x", "b"))
        assert urls(feed(rss(items))) == ["https://a.example/c", "https://a.example/a", "https://a.example/b"]

    def test_tracking_parameters_go_and_others_stay(self) -> None:
        items = "<item><link>https://A.example/x?id=3&amp;utm_source=rss&amp;at_medium=RSS&amp;page=2</link></item>"
        assert urls(feed(rss(items))) == ["https://a.example/x?id=3&page=2"]

    @pytest.mark.parametrize(
        "link", ["mailto:x@a.example", "javascript:void(0)", "ftp://a.example/x", "http://[", "http://"]
    )
    def test_what_is_no_web_address_is_no_lead(self, link: str) -> None:
        listed = feed(rss(f"<item><link>{link}</link></item><item><link>https://a.example/b</link></item>"))
        assert urls(listed) == ["https://a.example/b"]

    @pytest.mark.parametrize(
        "date",
        [
            "",
            "yesterday",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Mon, 10 Mar 2031 10:00:00 GMT",
            "0000-00-00",
            "99999999999999",
        ],
    )
    def test_a_date_that_cannot_be_right_is_none(self, date: str) -> None:
        listed = feed(rss(f"<item><link>https://a.example/b</link><pubDate>{date}</pubDate></item>"))
        assert [lead.published for lead in listed.leads] == [None]

    def test_a_date_a_little_ahead_stands(self) -> None:
        listed = feed(
            rss("<item><link>https://a.example/b</link><pubDate>Mon, 10 Mar 2025 20:00:00 GMT</pubDate></item>")
        )
        assert listed.leads[0].published == datetime(2025, 3, 10, 20, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("body", "headers"),
        [
            (rss("<item><title>Überfähre</title><link>https://a.example/b</link></item>").encode(), ()),
            (
                rss("<item><title>Überfähre</title><link>https://a.example/b</link></item>")
                .replace('encoding="utf-8"', 'encoding="iso-8859-1"')
                .encode("latin-1"),
                (),
            ),
            # The header says UTF-8 and so does the declaration, but the bytes are not.
            (
                rss("<item><title>Überfähre</title><link>https://a.example/b</link></item>").encode("latin-1"),
                (("Content-Type", "text/xml; charset=utf-8"),),
            ),
            (rss("<item><title>Überfähre</title><link>https://a.example/b</link></item>").encode("utf-8-sig"), ()),
        ],
    )
    def test_the_encoding_may_be_told_wrongly(self, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
        listed = feed(body, headers=headers)
        assert [lead.title for lead in listed.leads] == ["Überfähre"]

    def test_a_broken_feed_yields_what_it_can(self) -> None:
        listed = feed(rss("<item><title>A & B</title><link>https://a.example/b</link></item><item><link>https://a"))
        assert "https://a.example/b" in urls(listed)

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            (b"", "an empty body"),
            (b"  \n", "an empty body"),
            (b"<!doctype html><html><body>Sign in</body></html>", "a web page, not a feed"),
            (b"\x00\x01\x02\xff", "not a feed"),
            (b"{", "broken JSON"),
            (b'{"items": []}', "JSON, but not a JSON feed"),
            (b"[" * 100_000, "not a feed"),
            (b'{"a":' * 100_000, "broken JSON"),
            (b"\x1f\x8bnot really", "error"),
        ],
    )
    def test_what_is_no_feed_has_a_problem(self, body: bytes, problem: str) -> None:
        listed = feed(body)
        assert listed.leads == ()
        assert problem in (listed.problem or "")

    def test_an_empty_feed_is_no_problem(self) -> None:
        assert feed(rss("")) == Listed()

    @pytest.mark.parametrize("name", ["config.toml", "model.py"])
    def test_a_body_is_never_taken_for_a_file_name(self, name: str) -> None:
        assert feed(name).problem is not None

    def test_entities_are_not_expanded(self) -> None:
        bomb = (
            '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
            + ' <!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><item><title>&j;&x;</title>'
            "<link>https://a.example/b</link></item></channel></rss>"
        )
        listed = feed(bomb)
        assert all(len(lead.title or "") < 100 and "root:" not in (lead.title or "") for lead in listed.leads)

    def test_of_ten_thousand_entries_the_newest_are_kept_in_their_order(self) -> None:
        items = "".join(
            f"<item><link>https://a.example/{n}</link><pubDate>"
            f"{NOW - timedelta(minutes=abs(n - 500)):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for n in range(10_000)
        )
        listed = feed(rss(items))
        assert urls(listed) == [f"https://a.example/{n}" for n in range(400, 600)]
        assert len(listed.leads) == MOST_LEADS

    def test_what_stands_behind_fifty_thousand_tags_is_left_out(self) -> None:
        first, last = (f"<item><link>https://a.example/{name}</link></item>" for name in ("first", "last"))
        assert urls(feed(rss(first + "<a/>" * 50_000 + last))) == ["https://a.example/first"]

    @pytest.mark.parametrize(
        ("ttl", "expected"), [("60", timedelta(hours=1)), ("0", None), ("-5", None), ("soon", None), ("9" * 30, None)]
    )
    def test_ttl_is_minutes(self, ttl: str, expected: timedelta | None) -> None:
        assert feed(rss("", f"<ttl>{ttl}</ttl>")).ttl == expected


NEWS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(*entries: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {NEWS}>{"".join(entries)}</urlset>'


def news(url: str, date: str = "2025-03-10T10:00:00+02:00", title: str = "Twelve lost") -> str:
    return (
        f"<url><loc>{url}</loc><news:news><news:publication><news:name>Courier</news:name></news:publication>"
        f"<news:publication_date>{date}</news:publication_date><news:title>{title}</news:title></news:news></url>"
    )


class TestSitemaps:
    def test_a_news_sitemap(self) -> None:
        listed = sitemap(urlset(news("https://a.example/1"), news("https://a.example/2", "2025-03-09", "A &amp; B")))
        first, second = listed.leads
        assert (first.url, first.via, first.title) == ("https://a.example/1", Via.SITEMAP, "Twelve lost")
        assert first.published == datetime(2025, 3, 10, 8, tzinfo=UTC)
        assert (second.published, second.title) == (datetime(2025, 3, 9, tzinfo=UTC), "A & B")

    def test_a_plain_sitemap_orders_by_its_last_changes_and_claims_no_date(self) -> None:
        entries = [
            f"<url><loc>https://a.example/{n}</loc><lastmod>{NOW - timedelta(hours=300 - n):%Y-%m-%d}</lastmod></url>"
            for n in range(300)
        ]
        listed = sitemap(urlset(*entries))
        assert len(listed.leads) == MOST_LEADS
        assert urls(listed)[-1] == "https://a.example/299"
        assert {lead.published for lead in listed.leads} == {None}

    def test_gzip(self) -> None:
        assert urls(sitemap(gzip.compress(urlset(news("https://a.example/1")).encode()))) == ["https://a.example/1"]

    def test_a_gzip_bomb_is_a_problem(self) -> None:
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(60)) + packer.flush()
        assert "unpacks to more than" in (sitemap(bomb).problem or "")

    def test_an_index_names_its_recent_parts_latest_first(self) -> None:
        listed = sitemap(
            f"<sitemapindex {NEWS}><sitemap><loc>/old.xml</loc><lastmod>2019-01-01</lastmod></sitemap>"
            "<sitemap><loc>/b.xml</loc><lastmod>2025-03-09</lastmod></sitemap>"
            "<sitemap><loc>https://a.example/c.xml</loc><lastmod>2025-03-10</lastmod></sitemap></sitemapindex>"
        )
        assert listed.sub_listings == ("https://a.example/c.xml", "https://www.harbour-courier.example/b.xml")
        assert (listed.leads, listed.problem) == ((), None)

    def test_of_an_index_the_news_goes_before_all_else(self) -> None:
        parts = "".join(f"<sitemap><loc>/{name}.xml</loc></sitemap>" for name in ("pages", "news-1", "videos"))
        assert sitemap(f"<sitemapindex {NEWS}>{parts}</sitemapindex>").sub_listings == (
            "https://www.harbour-courier.example/news-1.xml",
        )

    def test_an_index_of_thousands_is_cut(self) -> None:
        parts = "".join(f"<sitemap><loc>/part-{n}.xml</loc></sitemap>" for n in range(5000))
        assert len(sitemap(f"<sitemapindex {NEWS}>{parts}</sitemapindex>").sub_listings) == 10

    def test_a_wrong_namespace_and_a_broken_end_do_no_harm(self) -> None:
        entry = "<url><loc> https://a.example/1 </loc><n:news><n:title>T</n:title></n:news></url>"
        body = f'<urlset xmlns:n="urn:else">{entry}<url><loc>'
        assert [(lead.url, lead.title) for lead in sitemap(body).leads] == [("https://a.example/1", "T")]

    def test_a_feed_may_stand_for_a_sitemap(self) -> None:
        assert urls(sitemap(rss("<item><link>https://a.example/1</link></item>"))) == ["https://a.example/1"]

    def test_ten_thousand_addresses_are_cut_to_the_newest(self) -> None:
        entries = [
            news(f"https://a.example/{n}", f"{NOW - timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}") for n in range(10_000)
        ]
        assert urls(sitemap(urlset(*entries))) == [f"https://a.example/{n}" for n in range(MOST_LEADS)]

    def test_entities_are_not_expanded(self) -> None:
        bomb = (
            '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
            '<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://a.example/&b;&x;</loc></url>'
            "<url><loc>https://a.example/2</loc></url></urlset>"
        )
        assert "https://a.example/2" in urls(sitemap(bomb))
        assert not any("aaaa" in url or "root:" in url for url in urls(sitemap(bomb)))

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            (b"", "an empty body"),
            (b"plain text", "not XML"),
            (b"<html><body>no</body></html>", "not a sitemap but <html>"),
        ],
    )
    def test_what_is_no_sitemap_has_a_problem(self, body: bytes, problem: str) -> None:
        assert sitemap(body).problem == problem


class TestFrontPages:
    def test_a_pattern_decides(self) -> None:
        page = '<a href="/world/3">Three</a><a href="/about">About</a><a href="https://other.example/world/4">Four</a>'
        listed = front_page(page, r"harbour-courier\.example/world/\d+$")
        assert [(lead.url, lead.title, lead.via) for lead in listed.leads] == [
            ("https://www.harbour-courier.example/world/3", "Three", Via.FRONT_PAGE)
        ]

    @pytest.mark.parametrize(
        "path",
        [
            "/2025/03/10/ferry-sinks",
            "/2025-03-10/ferry-sinks",
            "/world/ferry-sinks-off-the-north-coast",
            "/world/ferry-sinks-off-the-north-coast.html",
            "/news/articles/c4g7e2kq81po-17483920",
            "/a-71884213",
            "/world/article123456.html",
            "/news/2025/3/10/how-many-died",
            "/news/2025/3/10/67cec8a21efa004028b.html",
            "/news/articles/clx3m8zy4rp9o",
            "/news/coast/898682/ferry-sinks/en",
            "/ferry-sinks-off-the-north-coast-1019241/artikel",
            "/%D8%BA%D8%B1%D9%82-%D8%B9%D8%A8%D8%A7%D8%B1%D8%A9-%D9%82%D8%B1%D8%A8-%D8%A7%D9%84%D8%B3%D8%A7%D8%AD%D9%84-%D8%A7%D9%84%D8%B4%D9%85%D8%A7%D9%84%D9%8A",
            "https://news.harbour-courier.example/local/eleven-people-missing-after-landslide",
        ],
    )
    def test_what_looks_like_an_article_is_one(self, path: str) -> None:
        assert len(front_page(f'<a href="{path}">x</a>').leads) == 1

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/world",
            "/world/europe",
            "/tag/ferry-sinks-off-the-north-coast",
            "/author/jane-of-the-harbour-courier",
            "/2025/03/",
            "/articles/today",
            "/articles/correspondents",
            "/forum/ferry-sinks-off-the-north-coast",
            "/photos/ferry-sinks-off-the-north-coast.jpg",
            "#top",
            "mailto:desk@harbour-courier.example",
            "https://elsewhere.example/world/ferry-sinks-off-the-north-coast",
            "/privacy-policy",
        ],
    )
    def test_what_does_not_is_none(self, path: str) -> None:
        listed = front_page(f'<a href="{path}">x</a>')
        assert (listed.leads, listed.problem) == ((), "no link that looks like an article")

    def test_links_are_relative_to_the_base_and_have_their_longest_text(self) -> None:
        page = (
            '<base href="/en/"><a href="2025/03/10/ferry-sinks"><img></a><a href="2025/03/10/ferry-sinks#c">\n Ferry\n '
            "<b>sinks</b></a>"
        )
        assert [(lead.url, lead.title) for lead in front_page(page).leads] == [
            ("https://www.harbour-courier.example/en/2025/03/10/ferry-sinks", "Ferry sinks")
        ]

    def test_the_charset_of_the_header_counts(self) -> None:
        page = '<a href="/2025/03/10/faehre-sinkt">Fähre</a>'.encode("latin-1")
        listed = front_page(page, headers=(("Content-Type", "text/html; charset=iso-8859-1"),))
        assert listed.leads[0].title == "Fähre"

    def test_ten_thousand_links_are_cut_from_the_top(self) -> None:
        page = "".join(f'<a href="/2025/03/10/ferry-sinks-{n}">x</a>' for n in range(10_000))
        assert urls(front_page(page)) == [
            f"https://www.harbour-courier.example/2025/03/10/ferry-sinks-{n}" for n in range(MOST_LEADS)
        ]

    @pytest.mark.parametrize("body", [b"", b"\x00", b"<" * 10_000, b"<div>" * 100_000, b"\xff\xfe\xfa"])
    def test_a_page_without_links_has_a_problem(self, body: bytes) -> None:
        assert front_page(body).problem is not None

    def test_hosts_without_a_registrable_domain_are_compared_whole(self) -> None:
        listing = Listing(
            url="http://127.0.0.5:80/", outlet="x", kind=ListingKind.FRONT_PAGE, every=timedelta(minutes=5)
        )
        body = b'<a href="/2025/03/10/ferry-sinks">x</a><a href="http://127.0.0.6/2025/03/10/ferry-sinks">y</a>'
        listed = read_listing(body, listing, base_url=listing.url, headers=HTML, now=NOW)
        assert urls(listed) == ["http://127.0.0.5:80/2025/03/10/ferry-sinks"]


def test_half_an_emoji_in_one_title_does_not_spoil_the_feed() -> None:
    items = "".join(
        f"<item><title>Fire {half}</title><link>https://a.example/{n}</link></item>"
        for n, half in enumerate(("&#xD83D;&#xDD25;", "&#55357;"))
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()
    listing = Listing(url="https://a.example/feed", outlet="a", kind=ListingKind.FEED, every=timedelta(minutes=15))
    listed = read_listing(
        body, listing, base_url="https://a.example/feed", headers=(), now=datetime(2026, 3, 8, tzinfo=UTC)
    )
    assert len(listed.leads) == 2

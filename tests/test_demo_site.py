"""The sample site: served for real, in two states, with all that the demo wants to show."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from lxml import etree, html

from demo.pages import PRESSES, Story, read_stories
from demo.site import Site
from extract.text import read_article
from model import Article, ArticleKind, Page

NOW = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)
README = Path(__file__).resolve().parents[1] / "demo/site/README.md"
EDITED = "wounded-of-tolmeri-wait-for-a-surgeon"
STORIES = read_stories(NOW)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(now=NOW) as served:
        yield served


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(url, headers=asked), timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def listed(site: Site) -> dict[str, set[str]]:
    """The addresses that each kind of listing of the site names."""
    found: dict[str, set[str]] = {"feeds": set(), "sitemaps": set(), "front_pages": set()}
    for outlet in site.outlets:
        feed = etree.fromstring(get(outlet.feeds[0])[2])
        links = [link for name in ("item", "entry") for link in feed.iterfind(f".//{{*}}{name}/{{*}}link")]
        found["feeds"] |= {link.get("href") or str(link.text) for link in links}
        tree = etree.fromstring(get(outlet.sitemaps[0])[2])
        found["sitemaps"] |= {str(loc.text) for loc in tree.iter("{*}loc")}
        front = html.fromstring(get(outlet.front_pages[0])[2], base_url=outlet.homepage)
        front.make_links_absolute()
        addresses = (str(address) for address in front.xpath("//a/@href"))
        found["front_pages"] |= {url for url in addresses if re.search(outlet.link_pattern or "", url)}
    return found


def test_every_listing_names_the_articles_of_the_first_day_and_later_of_both(site: Site) -> None:
    for step in (1, 2):
        there = {site.url(story.slug) for story in STORIES if story.step <= step}
        assert set(map(frozenset, listed(site).values())) == {frozenset(there)}
        site.forward()


def test_an_article_of_the_second_day_is_not_there_on_the_first(site: Site) -> None:
    (late, *_) = [story for story in STORIES if story.step == 2]
    assert get(site.url(late.slug))[0] == 404
    site.forward()
    assert get(site.url(late.slug))[0] == 200


def test_what_was_sent_once_is_not_sent_again(site: Site) -> None:
    for url in (site.outlets[0].feeds[0], site.outlets[1].sitemaps[0], site.url(EDITED)):
        status, headers, _ = get(url)
        assert status == 200
        assert get(url, If_None_Match=headers["ETag"])[::2] == (304, b"")
        assert get(url, If_Modified_Since=headers["Last-Modified"])[::2] == (304, b"")
        assert get(url, If_None_Match='"another"', If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_going_forward_changes_feed_and_page_with_their_validators(site: Site) -> None:
    urls = (site.outlets[1].feeds[0], site.url(EDITED))
    before = {url: get(url) for url in urls}
    site.forward()
    for url in urls:
        _, old, body = before[url]
        status, new, changed = get(url, If_None_Match=old["ETag"], If_Modified_Since=old["Last-Modified"])
        assert (status, changed == body) == (200, False)
        assert parsedate_to_datetime(new["Last-Modified"]) > parsedate_to_datetime(old["Last-Modified"])


def test_the_edit_changes_one_number_and_no_date(site: Site) -> None:
    before = read(site, EDITED)
    site.forward()
    after = read(site, EDITED)
    assert "At least 20 people were wounded" in before.text
    assert after.text == before.text.replace("At least 20 people", "At least 34 people")
    assert (after.published, after.modified) == (before.published, before.modified)


def test_pages_are_compressed_for_who_accepts_it(site: Site) -> None:
    plain = get(site.url(EDITED))
    small = get(site.url(EDITED), Accept_Encoding="gzip")
    assert small[1]["Content-Encoding"] == "gzip"
    assert gzip.decompress(small[2]) == plain[2]


def test_robots_txt_names_the_sitemap(site: Site) -> None:
    for outlet in site.outlets:
        assert f"Sitemap: {outlet.sitemaps[0]}" in get(outlet.homepage + "robots.txt")[2].decode()


def test_the_site_remembers_what_it_was_asked(site: Site) -> None:
    get(site.outlets[2].feeds[0])
    get(site.outlets[0].homepage + "nowhere")
    assert [(seen.outlet, seen.path, seen.status) for seen in site.seen] == [
        ("meridian", "/rss.xml", 200),
        ("kpa", "/nowhere", 404),
    ]


def test_nothing_listens_after_the_end() -> None:
    with Site(now=NOW) as site:
        port = urlsplit(site.base("kpa")).port or 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("hour", range(24))
def test_every_article_lies_in_the_past_and_the_steps_lie_apart(hour: int) -> None:
    now = NOW.replace(hour=hour)
    stories = read_stories(now)
    times = [story.published for story in stories] + [story.edit.at for story in stories if story.edit]
    assert now - timedelta(hours=72) < min(times) <= max(times) < now
    first = max(story.published for story in stories if story.step == 1)
    assert min(story.published for story in stories if story.step == 2) - first > timedelta(hours=6)


def read(site: Site, slug: str) -> Article:
    status, headers, body = get(site.url(slug))
    assert status == 200
    page = Page(
        url=site.url(slug),
        final_url=site.url(slug),
        outlet="demo",
        fetched=NOW,
        milliseconds=1,
        status=status,
        headers=tuple(headers.items()),
        body=body,
    )
    return read_article(page)


@pytest.mark.parametrize("story", STORIES, ids=[story.slug for story in STORIES])
def test_an_article_can_be_read_off_its_page_and_nothing_else_can(story: Story, site: Site) -> None:
    site.forward()
    article = read(site, story.slug)
    assert article.kind is ArticleKind.ARTICLE
    assert article.title == story.title
    assert article.published == story.published
    assert article.language == story.language
    assert article.url == site.url(story.slug)
    for paragraph in story.body_at(2).split("\n\n"):
        assert paragraph in article.text
    others = [other.title for other in STORIES if other is not story]
    assert not [title for title in (*others, "Uncle Jan", "4,100 readers", "27 languages") if title in article.text]


@pytest.mark.parametrize("story", STORIES, ids=[story.slug for story in STORIES])
def test_an_article_is_long_enough_and_has_numbers_that_count_nobody(story: Story) -> None:
    assert len(story.body.split()) >= 150
    assert len(set(re.findall(r"\d[\d,.:]*", story.body))) >= 7
    assert "$" not in story.body_at(2)
    assert story.edit is None or story.body.count(story.edit.old) == 1


@pytest.mark.parametrize(
    "trap",
    [
        "since 1987, when 212 people died",
        "54-year-old",
        "4:12 a.m.",
        "180 kilometres",
        "magnitude 6.3",
        "20 million crowns",
        "70 percent",
        "12.7 mm machine gun",
        "Highway 7",
        "40 head of cattle",
        "3rd Rifle Battalion",
        "71 votes to 54",
        "killed a bill",
        "ten years ago",
        "prison terms of four years",
        "as many as 30 people",
    ],
)
def test_the_traps_are_laid(trap: str) -> None:
    assert any(trap in story.body for story in STORIES)


def test_each_outlet_has_its_share() -> None:
    counts = [sum(story.outlet == press.id for story in STORIES) for press in PRESSES]
    assert len(STORIES) >= 12
    assert min(counts) >= 4


def test_the_readme_says_what_each_article_is_for() -> None:
    files = sorted((README.parent / "articles").glob("*.toml"))
    assert [file.stem for file in files if f"`{file.stem}`" not in README.read_text(encoding="utf-8")] == []

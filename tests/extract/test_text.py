"""A page is read as its readers read it, whatever its markup says or fails to say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from extract.text import read_article
from model import ArticleKind
from tests.extract.paper import BODY, FETCHED, GERMAN, URL, article, json_ld, lead, page, recorded

# ------------------------------------------------------------------------------------------------ a page as a whole


def test_a_well_marked_page_is_read_from_its_json_ld() -> None:
    read = read_article(recorded("graph.html"))
    assert read.kind is ArticleKind.ARTICLE
    assert read.url == "https://www.lamp.example/world/orrin-ferry"
    assert read.title == "Ferry sinks off Orrin, 14 dead"
    assert read.published == datetime(2025, 5, 4, 9, 15, tzinfo=UTC)
    assert read.modified == datetime(2025, 5, 4, 10, 40, 30, tzinfo=UTC)
    assert (read.language, read.credit, read.outlet) == ("en", "Agence France-Presse", "lamp")


def test_the_body_has_the_standfirst_and_neither_headline_nor_footer() -> None:
    lines = read_article(recorded("graph.html")).text.split("\n")
    assert lines[0].startswith("The coast guard of Orrin says that the search goes on")
    assert lines[1].startswith("At least 14 people drowned")
    assert lines[-1].startswith("Nine people were still missing")


def test_another_articles_headline_inside_the_body_is_left_out() -> None:
    assert "three hundred" not in read_article(recorded("graph.html")).text


def test_a_page_without_any_metadata_is_read_from_what_it_shows() -> None:
    read = read_article(recorded("plain.html", url="http://courier.example/local/slide"))
    assert read.kind is ArticleKind.ARTICLE
    assert read.title == "Slide buries road below Pell"
    assert read.published == datetime(2025, 3, 12, tzinfo=UTC)
    assert (read.language, read.credit) == ("en", None)
    assert "Six passengers were dead" in read.text


def test_broken_json_ld_gives_what_can_still_be_read() -> None:
    whole = '{"@type": "NewsArticle", "headline": "Harbour fire burns on", "datePublished": "2025-07-30T08:00:00Z"'
    read = read_article(page(article(json_ld(f'{whole}, "author": {{'))))
    assert read.title == "Harbour fire burns on"
    assert read.published == datetime(2025, 7, 30, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"@type": "NewsArticle", "datePublished": "2025-07-30T08:00:00Z"} -->',
        '{"@type": "NewsArticle", "datePublished": "2025-07-30T08:00:00Z",};',
        '[[{"@type": ["NewsArticle"], "datePublished": "2025-07-30T08:00:00Z"}]]',
        '{"@type": "WebPage", "mainEntity": {"@type": "Article", "datePublished": {"@value": "2025-07-30T08:00:00Z"}}}',
        '{"@type": "NewsArticle", "headline": "two\nlines", "datePublished": "2025-07-30T08:00:00Z"}',
    ],
)
def test_json_ld_is_read_however_it_is_wrapped(script: str) -> None:
    read = read_article(page(article(json_ld(script))))
    assert read.published == datetime(2025, 7, 30, 8, 0, tzinfo=UTC)


def test_among_several_articles_the_one_of_this_address_counts() -> None:
    dated = '"datePublished": "2025-07-30T08:00:00Z"'
    other = f'{{"@type": "NewsArticle", "headline": "Herons are back", {dated}, "url": "/lake"}}'
    script = f'[{other}, {{"@type": "NewsArticle", "headline": "Fire burns on", {dated}, "url": "{URL}"}}]'
    assert read_article(page(article(json_ld(script)))).title == "Fire burns on"


# ---------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2025-07-30T08:00:00+02:00", (30, 6, 0)),
        ("2025-07-30T08:00:00+0530", (30, 2, 30)),
        ("2025-07-30 08:00:00 +02:0", (30, 6, 0)),
        ("2025-07-30T08:00Z", (30, 8, 0)),
        ("2025-07-30T08:00:00.1234567Z", (30, 8, 0)),
        ("2025-07-30T08:00:00", (30, 8, 0)),
        ("2025-07-30", (30, 0, 0)),
        ("1753862400000", (30, 8, 0)),
        ("Wed, 30 Jul 2025 08:00:00 GMT", (30, 8, 0)),
        ("Wed Jul 30 08:00:00 CEST 2025", (30, 6, 0)),
        ("July 30, 2025, 07:47 PM EST", (31, 0, 47)),
        ("30 July 2025 08:00", (30, 8, 0)),
        ("2025-07-30 21:37 JST", (30, 12, 37)),
    ],
)
def test_a_time_is_read_as_it_is_written(said: str, expected: tuple[int, int, int]) -> None:
    day, hour, minute = expected
    read = read_article(page(article(f'<meta property="article:published_time" content="{said}">')))
    assert read.published == datetime(2025, 7, day, hour, minute, tzinfo=UTC)


def test_a_sharper_time_of_the_same_day_completes_a_bare_day() -> None:
    day = json_ld('{"@type": "NewsArticle", "datePublished": "2025-07-30"}')
    head = f'{day}<meta name="date" content="2025-07-30T06:12:00Z">'
    assert read_article(page(article(head))).published == datetime(2025, 7, 30, 6, 12, tzinfo=UTC)


def test_a_time_after_the_fetch_is_not_believed() -> None:
    head = (
        '<meta property="article:published_time" content="2031-01-01T00:00:00Z"><meta name="date" content="2025-07-30">'
    )
    assert read_article(page(article(head))).published == datetime(2025, 7, 30, tzinfo=UTC)


def test_a_fast_clock_without_a_zone_ends_at_the_fetch() -> None:
    head = '<meta property="article:published_time" content="2025-08-01T20:30:00">'
    assert read_article(page(article(head))).published == FETCHED


def test_the_feed_is_asked_where_the_page_says_nothing() -> None:
    said = datetime(2025, 7, 29, 5, 0, tzinfo=UTC)
    read = read_article(page(article(body=BODY.replace("h1", "b")), lead=lead("Harbour fire burns on", said)))
    assert (read.published, read.title) == (said, "Harbour fire burns on")


def test_the_day_may_stand_in_the_address() -> None:
    read = read_article(page(article(), url="https://lamp.example/2025/jul/28/harbour-fire"))
    assert read.published == datetime(2025, 7, 28, tzinfo=UTC)


# ---------------------------------------------------------------------------------------------- address and title


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/world/orrin-ferry-dead", "https://www.lamp.example/world/orrin-ferry-dead"),
        ("https://lamp.example/world/7", "https://lamp.example/world/7"),
        ("https://thief.example.org/world/orrin-ferry", URL),
        ("https://www.lamp.example/", URL),
        ("https://www.lamp.example/world/", URL),
        ("https://www.lamp.example/world/orrin-ferry/amp/", "https://www.lamp.example/world/orrin-ferry/"),
        ("http://[broken", URL),
        ("", URL),
    ],
)
def test_a_canonical_link_counts_only_where_it_is_credible(link: str, expected: str) -> None:
    assert read_article(page(article(f'<link rel="canonical" href="{link}">'))).url == expected


def test_an_amp_page_has_the_address_of_its_article() -> None:
    read = read_article(page(article(f'<link rel="canonical" href="{URL}">'), url=f"{URL}/amp"))
    assert read.url == URL


@pytest.mark.parametrize(
    "title",
    [
        "Harbour fire burns on | The Velmora Lamp",
        "Harbour fire burns on - Lamp",
        "Harbour fire burns on — lamp.example",
        "Harbour fire burns on",
        "Harbour fire burns on &#124; The Velmora Lamp",
    ],
)
def test_a_title_ends_before_the_name_of_the_site(title: str) -> None:
    head = f'<title>{title}</title><meta property="og:site_name" content="The Velmora Lamp">'
    assert read_article(page(article(head, body=BODY.replace("h1", "b")))).title == "Harbour fire burns on"


def test_a_title_keeps_what_is_no_name() -> None:
    head = "<title>Velmora - four dead in harbour fire</title>"
    assert (
        read_article(page(article(head, body=BODY.replace("h1", "b")))).title == "Velmora - four dead in harbour fire"
    )


def test_entities_are_letters() -> None:
    head = '<meta property="og:title" content="Lamp &amp;quot;Orrin&amp;quot; &amp;amp; the fire">'
    read = read_article(page(article(head, body=BODY.replace("four people", "four&nbsp;people &amp; a dog"))))
    assert "four people & a dog" in read.text.replace("\xa0", " ")


# ------------------------------------------------------------------------------------------- language and credit


def test_a_page_that_wrongly_calls_itself_english_has_the_language_of_its_outlet() -> None:
    assert read_article(page(article(body=GERMAN)), language="de").language == "de"
    assert read_article(page(article(body=GERMAN))).language is None


def test_an_english_text_is_english_whatever_its_page_says() -> None:
    assert read_article(page(article(html='<html lang="de">')), language="de").language == "en"


@pytest.mark.parametrize(
    ("html", "head"),
    [
        ('<html lang="de-AT">', ""),
        ("<html>", '<meta http-equiv="content-language" content="de">'),
        ("<html>", '<meta property="og:locale" content="de_DE">'),
        ("<html>", '<script type="application/ld+json">{"@type": "Article", "inLanguage": "de"}</script>'),
        ('<html lang="en">', '<meta property="og:locale" content="de_DE">'),
    ],
)
def test_the_language_is_read_wherever_it_stands(html: str, head: str) -> None:
    assert read_article(page(article(head, html=html, body=GERMAN))).language == "de"


@pytest.mark.parametrize(
    ("head", "before", "after", "credit"),
    [
        ("", "VELMORA (Reuters) - ", "", "Reuters"),
        ("", "(AFP) – ", "", "AFP"),
        ("", "VELMORA, Orrin (AP) — ", "", "AP"),
        ("", "", " (PTI)", "PTI"),
        ("", "", " (dpa)", "dpa"),
        ('<meta name="author" content="Reuters Staff">', "", "", "Reuters"),
        ('<meta name="author" content="By AP">', "", "", "AP"),
        ('<meta name="author" content="Ap Jones">', "", "", None),
        ('<meta name="author" content="Ilse Varn, with files from Reuters">', "", "", None),
        ("", "On Sunday (AP is told later) ", "", None),
        ('<meta name="author" content="Ilse Varn">', "", "", None),
    ],
)
def test_the_agency_is_credited_as_the_text_names_it(head: str, before: str, after: str, credit: str | None) -> None:
    body = BODY.replace("<p>The grain", f"<p>{before}The grain").replace("summer.</p>", f"summer.{after}</p>")
    assert read_article(page(article(head, body=body))).credit == credit


def test_who_took_the_picture_is_not_credited_with_the_text() -> None:
    caption = '<figure><img src="a.jpg"><figcaption class="credit">Orrin Vale/AFP</figcaption></figure>'
    figure = f'{caption}<div class="image-credit">Reuters</div>'
    assert read_article(page(article(body=figure + BODY))).credit is None

"""What is no article is not taken for one, and in doubt a page is an article."""

from __future__ import annotations

import pytest

from extract.text import read_article
from model import ArticleKind
from tests.extract.paper import BODY, article, json_ld, page, recorded


def test_a_live_blog_is_live() -> None:
    read = read_article(recorded("live.html"))
    assert read.kind is ArticleKind.LIVE
    assert read.title == "Flood in the Tarn valley: the day as it goes"


def test_a_live_address_needs_dated_entries_too() -> None:
    entries = "".join(
        f'<p><time datetime="2025-07-30T0{n}:00:00Z">{n}.00</time> The wind turns again.</p>' for n in range(5)
    )
    url = "https://lamp.example/world/live/harbour-fire"
    assert read_article(page(article(body=BODY + entries), url=url)).kind is ArticleKind.LIVE
    assert read_article(page(article(), url=url)).kind is ArticleKind.ARTICLE


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("section.html", "https://www.lamp.example/world/"),
        ("gallery.html", "https://www.lamp.example/pictures/harbour"),
        ("graph.html", "https://www.lamp.example/"),
        ("graph.html", "https://www.lamp.example/en/"),
    ],
)
def test_sections_galleries_and_home_pages_are_no_articles(name: str, url: str) -> None:
    assert read_article(recorded(name, url=url)).kind is ArticleKind.NOT_AN_ARTICLE


@pytest.mark.parametrize("schema", ["CollectionPage", "SearchResultsPage", "VideoObject"])
def test_a_page_that_says_what_else_it_is_is_believed(schema: str) -> None:
    head = json_ld(f'{{"@type": "{schema}", "name": "Fire"}}')
    body = "<h1>Fire</h1><p>Pictures from the harbour of Velmora after the fire, seen from the hill above the quay.</p>"
    assert read_article(page(article(head, body=body))).kind is ArticleKind.NOT_AN_ARTICLE


def test_one_sentence_is_an_article() -> None:
    body = (
        "<article><h1>Blast in Pell</h1><p>Nine people were killed by a blast in Pell, the police said.</p></article>"
    )
    read = read_article(page(article('<meta property="og:type" content="article">', body=body)))
    assert read.kind is ArticleKind.ARTICLE
    assert "Nine people were killed" in read.text


@pytest.mark.parametrize("body", ["", "<article></article>", '<div id="root"></div>'])
def test_an_article_without_a_body_has_no_text(body: str) -> None:
    read = read_article(page(article('<meta property="og:type" content="article"><title>Fire</title>', body=body)))
    assert (read.kind, read.title) == (ArticleKind.NO_TEXT, "Fire")

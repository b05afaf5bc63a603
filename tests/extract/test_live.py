"""A live page is parted into its entries, each with its own time, text and a name that stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from extract.live import MOST_ENTRIES
from extract.text import read_article
from model import Article, ArticleKind
from tests.extract.liveblog import FIRST, POSTS, SECOND, THIRD, URL, Post, described, page, script, shown, stamp

SAYS_LIVE = script([])
MANY = 10_000


def entries(*, head: str = "", body: str = "") -> tuple[Article, ...]:
    read = read_article(page(head=head, body=body))
    assert read.kind is ArticleKind.LIVE
    return read.entries


def names(read: Sequence[Article]) -> list[str]:
    assert all(entry.url.startswith(f"{URL}#") for entry in read)
    return [entry.url.removeprefix(f"{URL}#") for entry in read]


def unnamed(posts: Sequence[Post]) -> list[Post]:
    return [replace(post, name=None) for post in posts]


FORMS = [
    pytest.param({"head": described()}, id="described"),
    pytest.param({"head": SAYS_LIVE, "body": shown()}, id="shown"),
    pytest.param({"head": described(), "body": shown()}, id="both"),
    pytest.param({"head": described(tuple(reversed(POSTS)))}, id="described, oldest first"),
    pytest.param({"head": SAYS_LIVE, "body": shown(tuple(reversed(POSTS)))}, id="shown, oldest first"),
    pytest.param({"head": described((SECOND, THIRD, FIRST, SECOND))}, id="one is pinned"),
    pytest.param({"head": described(articleBody=""), "body": shown()}, id="described without texts"),
]


@pytest.mark.parametrize("form", FORMS)
def test_each_entry_is_an_article_the_oldest_first(form: dict[str, str]) -> None:
    read = entries(**form)
    assert names(read) == ["block-a1", "block-b2", "block-c3"]
    assert [entry.title for entry in read] == [FIRST.title, SECOND.title, ""]
    assert [entry.text for entry in read] == ["\n".join(post.body) for post in (FIRST, SECOND, THIRD)]
    assert [entry.published for entry in read] == [datetime.fromisoformat(stamp(p)) for p in (FIRST, SECOND, THIRD)]
    assert {(entry.outlet, entry.language, entry.kind) for entry in read} == {("lamp", "en", ArticleKind.ARTICLE)}


def test_microdata_is_a_form_too() -> None:
    body = "".join(
        f'<div itemprop="liveBlogUpdate" id="{post.name}"><meta itemprop="datePublished" content="{stamp(post)}">'
        f"<p>{post.body[0]}</p></div>"
        for post in POSTS
    )
    assert [entry.text for entry in entries(body=body)] == [post.body[0] for post in (FIRST, SECOND, THIRD)]


def test_a_single_update_need_not_stand_in_a_list() -> None:
    update = {"headline": "Nine dead", "articleBody": "Nine people were killed.", "datePublished": stamp(THIRD)}
    (entry,) = entries(head=script(update))
    assert (entry.title, entry.text) == ("Nine dead", "Nine people were killed.")


def test_a_body_in_markup_is_read_line_by_line() -> None:
    body = "<p>Nine people were killed.</p><ul><li>Six in Orle</li><li>Three in Osk</li></ul><figure>A cellar</figure>"
    (entry,) = entries(head=described([THIRD], articleBody=body))
    assert entry.text == "Nine people were killed.\nSix in Orle\nThree in Osk"


def test_a_body_that_breaks_off_is_taken_from_the_page() -> None:
    (entry,) = entries(head=described([FIRST], articleBody="Three people were …"), body=shown([FIRST]))
    assert entry.text == "\n".join(FIRST.body)


def test_an_entry_of_a_headline_alone_is_its_headline() -> None:
    (entry,) = entries(head=described([FIRST], articleBody=""))
    assert entry.reading_text == FIRST.title


# ---------------------------------------------------------------------------------------------------------- names


def test_an_entry_without_a_name_is_called_by_its_time_which_an_edit_leaves_alone() -> None:
    edited = replace(FIRST, title="Five dead in the old town", name=None)
    before, after = entries(head=described([*unnamed(POSTS)])), entries(head=described([edited, SECOND]))
    assert names(before)[0] == "2025-08-01T07:40:00Z"
    assert names(before)[0] in names(after)


def test_described_and_shown_entries_without_names_are_called_alike() -> None:
    posts = unnamed(POSTS)
    assert names(entries(head=described(posts))) == names(entries(head=SAYS_LIVE, body=shown(posts)))


def test_unnamed_entries_of_one_minute_are_told_apart_by_their_first_words() -> None:
    twins = [replace(FIRST, name=None), replace(SECOND, name=None, at=FIRST.at)]
    assert sorted(names(entries(head=described(twins)))) == [
        "2025-08-01T07:40:00Z-dam-holds-the-water-board",
        "2025-08-01T07:40:00Z-three-dead-in-the-old",
    ]


def test_a_name_that_says_only_the_place_on_the_page_is_no_name() -> None:
    counted = [replace(post, name=f"post{n}") for n, post in enumerate(POSTS, 1)]
    assert names(entries(head=described(counted)))[-1] == "2025-08-01T11:05:00Z"


def test_a_name_that_all_entries_share_is_no_name() -> None:
    shared = [replace(post, name="live") for post in POSTS]
    assert len(entries(head=described(shared))) == len(POSTS)


def test_an_entry_s_own_query_or_path_is_its_name() -> None:
    assert names(entries(head=described([FIRST], url=f"{URL}?update=351&utm_source=x"))) == ["update=351"]
    assert names(entries(head=described([FIRST], url=f"{URL}/three-dead/"))) == ["three-dead"]


# ---------------------------------------------------------------------------------------------------------- times


def test_a_time_without_a_zone_is_by_the_clock_that_the_page_names() -> None:
    local = replace(FIRST, at="2025-08-01T09:40:00")
    head = '<meta property="article:published_time" content="2025-08-01T08:00:00+02:00">'
    url_says_live = page(head=head, body=shown([replace(local, name=f"b-{n}") for n in range(4)]))
    read = read_article(url_says_live)
    assert {entry.published for entry in read.entries} == {datetime(2025, 8, 1, 7, 40, tzinfo=UTC)}


def test_an_entry_without_a_clock_time_is_none() -> None:
    assert entries(head=described([replace(FIRST, at="2025-08-01T"), SECOND]))[0].title == SECOND.title


def test_an_entry_from_the_future_is_none_and_a_fast_clock_is_set_back() -> None:
    read = entries(head=described([replace(FIRST, at="2025-08-04T07:40:00Z"), replace(SECOND, at="18:30")]))
    assert [(entry.title, entry.published) for entry in read] == [(SECOND.title, datetime(2025, 8, 1, 18, tzinfo=UTC))]


# ---------------------------------------------------------------------------------------- what else a page shows


def test_teasers_comments_and_lists_of_key_points_are_no_entries() -> None:
    teasers = "".join(
        f'<li id="story-{n}"><time datetime="2025-08-01T0{n}:00:00Z">{n}</time><h3><a href="/world/fire-{n}">A fire</a>'
        f"</h3><p>{'At least 80 people were killed in a fire at the harbour. ' * 9}</p></li>"
        for n in range(5)
    )
    comments = "".join(
        f'<li id="comment-{n}"><time datetime="2025-08-01T0{n}:00:00Z">{n}</time>{"I saw 40 dead. " * 40}</li>'
        for n in range(5)
    )
    points = "".join(
        f'<li class="point"><time datetime="{stamp(post)}">x</time><a href="#{post.name}">{post.title * 9}</a></li>'
        for post in POSTS
    )
    read = entries(head=SAYS_LIVE, body=f"<ul>{points}</ul>{shown()}<ul>{teasers}</ul><ol>{comments}</ol>")
    assert names(read) == ["block-a1", "block-b2", "block-c3"]


def test_entries_are_told_from_the_days_that_hold_them_and_the_boxes_in_them() -> None:
    days = "".join(
        f'<section id="day-{n}">{shown([replace(post, name=f"p-{n}{post.name}") for post in POSTS])}</section>'
        for n in range(2)
    )
    assert len(entries(head=SAYS_LIVE, body=days)) == 2 * len(POSTS)


def test_how_long_ago_an_entry_was_is_no_part_of_it() -> None:
    later = shown().replace("3h ago", "4 hours ago")
    assert entries(head=SAYS_LIVE, body=shown()) == entries(head=SAYS_LIVE, body=later)


@pytest.mark.parametrize("line", ["12 minutes ago", "Updated 3h ago", "il y a 5 minutes", "hace 2 horas", "vor 3 Std."])
def test_a_line_is_left_out_where_it_says_no_more_than_how_long_ago(line: str) -> None:
    body = shown().replace("<button>", f"<p>{line}</p><p>It hit 12 people 3 days ago.</p><button>")
    assert entries(head=SAYS_LIVE, body=body)[1].text == f"{SECOND.body[0]}\nIt hit 12 people 3 days ago."


def test_lines_that_lead_to_other_articles_are_left_out() -> None:
    link = '<p><a href="/world/fire">Harbour fire kills eighty people</a></p>'
    body = shown().replace("</article>", f"{link}</article>")
    assert not any("eighty" in entry.text for entry in entries(head=SAYS_LIVE, body=body))


@pytest.mark.parametrize(
    "body",
    [
        "<p>11.05 Nine people were killed.</p><p>9.15 The dam holds, says the water board.</p>",
        "<div><time datetime='2025-08-01T09:15:00Z'>9.15</time></div>" * 9,
        shown([FIRST]),
    ],
)
def test_a_live_page_whose_entries_cannot_be_told_apart_has_none(body: str) -> None:
    assert entries(head=SAYS_LIVE, body=body) == ()


def test_an_article_has_no_entries_whatever_repeats_on_it() -> None:
    read = read_article(page(body=shown(), url="https://www.lamp.example/world/flood"))
    assert (read.kind, read.entries) == (ArticleKind.ARTICLE, ())


# -------------------------------------------------------------------------------------------------- hostile pages


def test_of_very_many_entries_the_newest_are_read() -> None:
    posts = [replace(FIRST, name=f"b{n}x", at=f"2025-07-{1 + n // 1000:02}T{n % 24:02}:40:00Z") for n in range(MANY)]
    read = entries(head=described(posts[:2_000]))
    assert len(read) == MOST_ENTRIES
    assert min(entry.published for entry in read if entry.published) > datetime(2025, 7, 2, tzinfo=UTC)
    assert len(entries(head=SAYS_LIVE, body=shown(posts))) == MOST_ENTRIES


def test_very_long_entries_are_read_until_the_measure_is_full() -> None:
    read = entries(head=described([replace(p, body=("Nine people were killed. " * 3_000,)) for p in POSTS]))
    assert all(len(entry.text) <= 20_000 for entry in read)


@pytest.mark.parametrize(
    "updates",
    [None, 7, "x", [None, [], 7], {"datePublished": {"a": []}}, [{"datePublished": stamp(FIRST), "articleBody": 9}]],
)
def test_updates_that_are_none_yield_none(updates: object) -> None:
    assert entries(head=script(updates)) == ()


def test_broken_json_leaves_the_entries_that_the_page_shows() -> None:
    head = described().replace("]}</script>", "</script>")
    assert json.loads(described()[35:-9])
    read = read_article(page(head=head, body=shown([*POSTS, replace(FIRST, name="block-d4")])))
    assert len(read.entries) == len(POSTS) + 1


def test_blocks_nested_beyond_reason_are_read_in_bounded_work() -> None:
    deep = '<div id="b-1" class="post"><time datetime="2025-08-01T09:15:00Z">x</time>Nine people were killed.' * 3_000
    read = read_article(page(head=SAYS_LIVE, body=deep))
    assert len(read.entries) <= MOST_ENTRIES


def test_control_characters_and_halves_of_characters_do_not_stop_the_reader() -> None:
    (entry,) = entries(head=described([FIRST], articleBody="<p>Nine \x00people \ud83d were killed.</p>"))
    assert "Nine people" in entry.text

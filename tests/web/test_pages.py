"""Each page as a browser without anything but HTTP sees it."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree

from dashboard import site
from dashboard.pages import Table
from tests.web.rig import Served, serve

ATOM = "{http://www.w3.org/2005/Atom}"
PAGES = ("/", "/sources", "/search?q=killed", "/alerts", "/watches/kestria", "event", "article", "/archive",
         "/archive/events", "/archive/moved", "/archive?sql=select+1")  # fmt: skip
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'\u202e{{7919*7919}}"


def address(dashboard: Served, page: str) -> str:
    named = {"event": lambda: dashboard.event("earthquake"), "article": lambda: dashboard.article("families wait")}
    return named[page]() if page in named else page


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_there_strict_and_without_cookies(dashboard: Served, page: str) -> None:
    answer = dashboard.get(address(dashboard, page))
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert " style=" not in answer.text


@pytest.mark.parametrize("page", ["/index", "/sources", "/alerts", "/watches/kestria", "event", "article"])
def test_every_page_and_each_of_its_tables_are_to_be_had_as_json_and_csv(dashboard: Served, page: str) -> None:
    path = address(dashboard, page)
    tables = dashboard.get(f"{path}.json").json["tables"]
    assert tables
    for name, rows in tables.items():
        written = list(csv.DictReader(io.StringIO(dashboard.get(f"{path}.csv?table={name}").text)))
        assert len(written) == len(rows), name


def test_an_address_that_is_no_page_is_answered_in_a_sentence(dashboard: Served) -> None:
    answer = dashboard.get("/nowhere")
    assert answer.status == 404
    assert "The archive holds nothing at this address." in answer.text


def test_a_cell_of_a_pages_csv_is_no_formula() -> None:
    rows = [{"title": '=HYPERLINK("https://bad.example")', "number": -3}]
    written = site._csv(Table(name="texts", rows=rows))
    assert written.splitlines()[1] == '"\'=HYPERLINK(""https://bad.example"")",-3'


@pytest.mark.parametrize("page", ["/", "/sources", "/alerts", "/watches/kestria", "event", "article"])
def test_the_question_behind_a_table_gives_the_same_rows_in_sql(dashboard: Served, page: str) -> None:
    links = re.findall(r'href="(/archive/[a-z_]+)(\?[^"]*)?"', dashboard.get(address(dashboard, page)).text)
    assert links
    for path, query in links:
        asked = f"{path}.json{query.replace('&amp;', '&') or '?'}&_shape=array"
        assert dashboard.get(asked).status == 200, asked


def test_the_start_page_says_what_moved_who_says_so_and_when(dashboard: Served) -> None:
    text = dashboard.get("/").text
    assert "14 → 11 (−3, −21 %)" in text
    assert "Defence ministry, through Meridian World Service" in text
    assert "<mark>58</mark>" in text


def test_an_event_shows_who_disagrees_and_who_carries_a_figure(dashboard: Served) -> None:
    text = dashboard.get(dashboard.event("earthquake")).text
    assert re.search(r">41</a></td><td>Interior ministry", text)
    assert re.search(r">58</a></td><td>Kestrian Red Crescent", text)
    assert "carried by 3 outlets" in text


def test_an_event_is_shown_as_it_stood(dashboard: Served) -> None:
    event = dashboard.event("earthquake")
    first = dashboard.get(f"{event}.json").json["tables"]["course"][0]["at"]
    then = dashboard.get(f"{event}.json?seen_by={first}").json["tables"]
    killed = [row["number"] for row in then["figures"] if (row["outcome"], row["who"]) == ("killed", "people")]
    assert killed == [23]
    assert "carried by" not in dashboard.get(f"{event}?seen_by={first}").text  # those carry what stands now
    assert "As it stood" in dashboard.get(f"{event}?as_of={first}").text


def test_a_wrong_time_is_told_in_a_sentence(dashboard: Served) -> None:
    answer = dashboard.get(dashboard.event("earthquake") + "?as_of=yesterday")
    assert answer.status == 400
    assert "as_of=yesterday: is no time; write one such as 2026-03-10T14:00" in answer.text


def test_a_figure_leads_to_its_sentence_in_its_revision(dashboard: Served) -> None:
    figure = dashboard.get(dashboard.event("attack") + ".json").json["tables"]["figures"][0]["figure"]
    answer = dashboard.get(f"/figures/{figure}")
    assert answer.status == 302
    path, _, anchor = answer.headers["location"].partition("#")
    assert f'id="{anchor}"' in dashboard.get(path).text


def test_an_edit_stands_side_by_side(dashboard: Served) -> None:
    rows = dashboard.get("/archive/revisions.json?_shape=array&number=2").json
    text = dashboard.get(f"/articles/{rows[0]['article_id']}").text
    assert re.search(r"<del>[^<]*20[^<]*</del>", text)
    assert re.search(r"<ins>[^<]*34[^<]*</ins>", text)


def test_a_plot_links_each_figure_and_holds_no_script(dashboard: Served) -> None:
    answer = dashboard.get(dashboard.event("earthquake") + "/plot-killed-people-720.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "script" not in answer.headers["content-security-policy"]
    links = [link.get("href") for link in etree.fromstring(answer.body).iter("{http://www.w3.org/2000/svg}a")]
    assert links
    assert all(dashboard.get(str(link)).status == 302 for link in links)


def test_a_watch_has_a_feed(dashboard: Served) -> None:
    answer = dashboard.get("/watches/kestria.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(answer.body)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) > 5
    for element in (feed, *entries):
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries)
    assert str(feed.findtext(f"{ATOM}updated")) == max(str(entry.findtext(f"{ATOM}updated")) for entry in entries)


@pytest.mark.parametrize(
    "words",
    [
        '"',
        "' OR 1=1 --",
        "killed AND",
        "NEAR(",
        "title:x",
        "*",
        "killed*",
        "\0",
        "(((",
        "-",
        "^",
        "'",
        "%",
        "é",
        "{a b}:",
    ],
)
def test_a_search_takes_any_words(dashboard: Served, words: str) -> None:
    assert dashboard.get(f"/search?q={quote(words)}").status == 200


def test_a_search_that_is_too_long_is_answered_with_the_remedy(dashboard: Served) -> None:
    answer = dashboard.get(f"/search?q={'a' * 5000}")
    assert answer.status == 400
    assert "give at most 50 words" in answer.text


def test_a_search_takes_phrases_and_beginnings_of_words(dashboard: Served) -> None:
    found = {words: len(dashboard.get(f"/search.json?q={quote(words)}").json["tables"]["texts"])
             for words in ('"were killed"', '"killed were"', "earthq*", "earthq")}  # fmt: skip
    assert found['"were killed"'] > 0 < found["earthq*"]
    assert found['"killed were"'] == found["earthq"] == 0


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/events/no-such", "/articles/99999999", "/articles/999999999999999999999999", "/figures/0",
     "/watches/none", "/watches/none.atom", "/articles/1?revision=77", "/archive/no_such",
     "/events/x/plot-killed-people-720.svg", "/events/x/plot-hurt-all-720.svg"],
)  # fmt: skip
def test_what_is_not_there_is_told_so(dashboard: Served, path: str) -> None:
    assert dashboard.get(path).status == 404


def test_the_tables_and_columns_are_explained_where_they_are_shown(dashboard: Served) -> None:
    assert "What each source says now" in dashboard.get("/archive").text
    assert "When the newest text about it was published" in dashboard.get("/archive/events").text


def test_hostile_text_is_text_on_every_page(archive: Path, tmp_path: Path) -> None:
    shutil.copytree(archive.parent, tmp_path, dirs_exist_ok=True)
    spoiled = tmp_path / archive.name
    with sqlite3.connect(spoiled) as db:
        for table, columns in {
            "events": "name", "watches": "name", "outlets": "name", "revisions": "title credit", "alerts": "headline",
            "figures": "quote source", "claims": "phrase source source_text speaker subset rule window",
            "changes": "reason", "deliveries": "last_error", "feeds": "last_detail", "series": "subset",
        }.items():  # fmt: skip
            for column in columns.split():
                db.execute(f"UPDATE {table} SET {column} = ?", [HOSTILE])
        db.execute("UPDATE revisions SET reading_text = reading_text || ?", [f"\nkilled {HOSTILE}"])
        db.execute("UPDATE articles SET url = 'javascript:alert(' || id || ')'")
    db.close()
    with serve(spoiled) as dashboard:
        events = [f"/events/{row['event']}" for row in dashboard.get("/index.json").json["tables"]["events"]]
        pages = ["/", "/sources", "/search?q=killed", "/alerts", "/watches/kestria", "/articles/1", *events, "/archive",
                 "/archive/revisions", "/archive/claims", "/archive/moved", "/archive?sql=select+*+from+revisions",
                 *(f"{path}{quote(HOSTILE)}" for path in ("/search?q=", "/archive?sql=select+", "/x"))]  # fmt: skip
        for page in pages:
            text = dashboard.get(page).text
            assert "<script" not in text, page
            assert "<img" not in text, page
            assert 'href="javascript:' not in text, page
            assert "62710561" not in text, page
        etree.fromstring(dashboard.get("/watches/kestria.atom").body)
        plots = re.findall(r'data="([^"]+)"', dashboard.get(events[0]).text)
        picture = dashboard.get(html.unescape(plots[0])).body
        assert not list(etree.fromstring(picture).iter("{http://www.w3.org/2000/svg}script"))


def test_the_page_of_all_tables_says_how_many_rows_each_has(dashboard: Served, archive: Path) -> None:
    tables = {table["name"]: table["count"] for table in dashboard.get("/archive.json").json["tables"]}
    with closing(sqlite3.connect(archive)) as db:
        counted = {name: db.execute(f"SELECT COUNT(*) FROM [{name}]").fetchone()[0] for name in tables}
    assert tables == counted
    assert tables["claims"] > 0

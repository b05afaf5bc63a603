"""The commands that read the archive: times, forms, search, and events handed over to other databases."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from archive import Archive
from archive.rows import text
from archive.spreadsheets import write
from cli.commands import tollwatch
from cli.moments import read_moment
from model import InputError, Outlet, Qualifier, Rule
from monitor import Monitor
from telling import Teller
from tests.build import hour
from tests.desk import RULE, WATCH, dead, reading

COMMANDS = ("timeline", "figures", "sources", "search", "alerts", "status")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration beside an archive with a story: 23, then 41, then a late 31 and another source's 60."""
    folder = tmp_path_factory.mktemp("desk")
    lines = [
        'archive = "a.db"', "[crawl]", 'contact = "a@b.example"', "[[outlets]]", 'id = "one"', 'name = "The One"',
        'homepage = "https://one.example/"', 'feeds = ["https://one.example/feed"]', "[[watches]]", 'id = "all"',
        'name = "Everything"', "[[channels]]", 'name = "desk"', 'kind = "print"', "[[rules]]", 'name = "all"',
        'channels = ["desk"]',
    ]  # fmt: skip
    (folder / "config.toml").write_text("\n".join(lines), encoding="utf-8")
    archive = Archive.open(folder / "a.db")
    one = Outlet(id="one.example", name="The One", homepage="https://one.example/")
    archive.polling.sync([one], hour(0))
    teller = Teller(archive, watches=[WATCH], rules=[RULE, Rule(name="b", channels=("desk",))], outlet_names={})
    monitor = Monitor(archive, watches=[WATCH], teller=teller, since=lambda _: None)
    for said, url, at, seen in (
        (dead(23, Qualifier.AT_LEAST), "https://one.example/ferry", 0, 0),
        (dead(41), "https://two.example/ferry", 20, 20),
        (dead(31), "https://three.example/ferry", 10, 30),
        (dead(60, source="=HYPERLINK(1)"), "https://four.example/ferry", 31, 31),
    ):
        monitor.take(reading(said, url=url, at=at), fetched=hour(seen))
    archive.close()
    return folder / "config.toml"


@pytest.fixture
def archive(config: Path) -> Iterator[Archive]:
    opened = Archive.open_read_only(config.with_name("a.db"))
    yield opened
    opened.close()


def ask(config: Path, command: str, *arguments: str) -> str:
    asked = CliRunner().invoke(
        tollwatch, [command, "--config", str(config), *arguments], standalone_mode=False, catch_exceptions=False
    )
    assert asked.exit_code == 0
    return asked.stdout


def numbers(config: Path, command: str, *arguments: str) -> list[int]:
    return [row["number"] for row in json.loads(ask(config, command, "ferry", "--json", *arguments))]


# ------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-10 14:00", "2026-03-10T14:00:00+00:00"),
        ("2026-03-10T14:00:00Z", "2026-03-10T14:00:00+00:00"),
        ("2026-03-10 14:00 UTC", "2026-03-10T14:00:00+00:00"),
        ("2026-03-10 14:00+02:00", "2026-03-10T12:00:00+00:00"),
        ("2026-03-10 14:00 Europe/Berlin", "2026-03-10T13:00:00+00:00"),
        ("10 March 2026 14:00 America/New_York", "2026-03-10T18:00:00+00:00"),
        ("March 10, 2026", "2026-03-10T23:59:59.999000+00:00"),
        ("2026-03-10", "2026-03-10T23:59:59.999000+00:00"),
        ("2026-03-10 Asia/Tokyo", "2026-03-10T14:59:59.999000+00:00"),
        ("2026-03-29 Europe/Berlin", "2026-03-29T21:59:59.999000+00:00"),
        ("2026-03-10 00:00", "2026-03-10T00:00:00+00:00"),
    ],
)
def test_a_time_is_read_as_people_write_it_and_a_date_is_its_end(written: str, read: str) -> None:
    assert read_moment(written, end=True).isoformat() == read


def test_a_date_from_which_on_is_its_beginning() -> None:
    assert read_moment("10 March 2026 Europe/Berlin", end=False) == datetime(2026, 3, 9, 23, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "14:00", "10.3.26", "March", "2026-13-01", "0001-01-01 00:00 Asia/Tokyo", "x"])
def test_what_is_no_time_is_told_with_the_remedy(config: Path, written: str) -> None:
    with pytest.raises(click.UsageError) as raised:
        ask(config, "figures", "ferry", "--as-of", written)
    assert f"'--as-of': {written!r} cannot be read; give a date (2026-03-10)" in raised.value.format_message()


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "/etc/passwd", "a/" + "b" * 5_000])
def test_a_zone_that_is_none_is_told_so(zone: str) -> None:
    with pytest.raises(ValueError, match=zone[:9]):
        read_moment(f"2026-03-10 {zone}", end=True)


def test_figures_are_asked_as_they_were_true_and_as_they_were_known(config: Path) -> None:
    assert numbers(config, "figures") == [60, 41]
    assert numbers(config, "figures", "--seen-by", "2026-03-09 10:00") == [41]
    assert numbers(config, "figures", "--as-of", "2026-03-09 00:00") == [31]
    assert numbers(config, "figures", "--as-of", "2026-03-09 00:00", "--seen-by", "2026-03-09 10:00") == [23]
    assert numbers(config, "timeline", "--seen-by", "2026-03-09 10:00") == [23, 41]
    assert numbers(config, "timeline", "--as-of", "2026-03-08 23:00", "--all") == [23, 31]
    counted = json.loads(ask(config, "sources", "ferry", "--json", "--seen-by", "2026-03-09 18:30"))
    assert [(row["source"], row["figures"]) for row in counted] == [("Coastguard", 3)]


def test_a_timeline_is_what_came_last_and_says_so_where_it_is_cut(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert numbers(config, "timeline", "--last", "1") == [60]
    assert numbers(config, "timeline", "--last", "2", "--all") == [31, 60]  # the 31 came late
    assert numbers(config, "timeline", "--last", "1", "--seen-by", "2026-03-09 10:00") == [41]
    assert numbers(config, "timeline", "--last", "1", "--as-of", "2026-03-08 23:00", "--all") == [31]
    assert numbers(config, "timeline") == numbers(config, "timeline", "--last", "0") == [23, 41, 60]
    monkeypatch.setattr("cli.commands._MOVES_SHOWN", 2)
    cut = ask(config, "timeline", "ferry")
    assert "the 2 that came last; --last 0 shows every one" in cut
    assert "at least 23" not in cut
    assert "at least 23" in ask(config, "timeline", "ferry", "--last", "0")
    assert len(numbers(config, "timeline")) == 3  # for machines nothing is left out unless they say so


def test_of_many_events_that_fit_the_newest_are_shown_in_full(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.asking._IN_FULL", 0)
    assert "the newest 0 of 1 events that fit; name one by its id" in ask(config, "timeline", "ferry")


def test_a_table_names_the_times_that_it_is_asked_for_and_their_zone(config: Path) -> None:
    shown = ask(config, "figures", "ferry", "--seen-by", "2026-03-09 11:00 Europe/Berlin")
    assert "seen by 2026-03-09 10:00 UTC" in shown


def test_an_event_that_was_not_known_by_then_is_told_so(config: Path) -> None:
    with pytest.raises(InputError, match="is no event that is known by then"):
        ask(config, "figures", "ferry", "--seen-by", "2026-03-01")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_reading_command_answers_as_a_table_as_json_and_as_csv(config: Path, command: str) -> None:
    about = {"search": ["ferry"], "timeline": ["ferry"], "figures": ["ferry"], "sources": ["ferry"]}.get(command, [])
    assert ask(config, command, *about).strip()
    assert json.loads(ask(config, command, *about, "--json"))
    assert len(list(csv.DictReader(io.StringIO(ask(config, command, *about, "--csv"))))) >= 1


def test_a_verdict_is_one_row_of_csv(config: Path) -> None:
    (row,) = csv.DictReader(io.StringIO(ask(config, "explain", "1", "--csv")))
    assert (row["kind"], row["to_phrase"], row["to_interval"]) == ("new", "23", "23 None")


# ------------------------------------------------------------------------------------------------------ search


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ferry strait", 4), ("FERRY", 4), ("ferr*", 4), ('"ferry sank"', 4), ('"sank ferry"', 0), ("41", 1),
        ("ferry nowhere", 0), ("fer", 0), ("it was said.", 4),
    ],
)  # fmt: skip
def test_search_takes_words_phrases_and_prefixes(archive: Archive, words: str, found: int) -> None:
    assert len(archive.queries.search(words, 9)) == found


def test_search_is_bounded_by_time_outlet_and_language(archive: Archive) -> None:
    search = archive.queries.search
    assert len(search("ferry", 9, since=hour(15))) == 2
    assert len(search("ferry", 9, published_until=hour(15))) == 2
    assert len(search("ferry", 9, seen_by=hour(15))) == 1
    assert len(search("ferry", 9, outlet="one.example")) == len(search("ferry", 9, outlet="the one")) == 1
    assert len(search("ferry", 9, language="en")) == 4
    assert search("ferry", 9, language="fr") == search("ferry", 9, outlet="nobody") == []


def test_search_by_a_time_finds_what_was_known_in_whatever_order_it_came(tmp_path: Path) -> None:
    opened = Archive.open(tmp_path / "tollwatch.db")
    chance = random.Random(4)
    times = {number: chance.choice(range(48)) for number in chance.sample(range(1, 6_000), 300)}  # with gaps
    with closing(sqlite3.connect(tmp_path / "tollwatch.db")) as db, db:
        db.execute("INSERT INTO articles VALUES (1, 'https://a.example/', 'a', '2026', NULL, 1, NULL)")
        db.executemany(
            """INSERT INTO revisions (id, article_id, number, sha256, kind, fetched, stated, reader_version, title,
            body_start, reading_text) VALUES (?1, 1, ?1, '', 'article', ?2, ?3, '1', 'Ferry', 6, 'Ferry sank')""",
            [(number, text(hour(at)), text(hour(at - number % 7))) for number, at in times.items()],
        )
    for at in (-10, 0, 1, 20, 47, 60):
        known = {number for number, seen in times.items() if seen <= at}
        out = {number for number, seen in times.items() if seen - number % 7 <= at}
        by_then = opened.queries.search("ferry", 1_000, seen_by=hour(at))
        until_then = opened.queries.search("ferry", 1_000, published_until=hour(at))
        assert [{row["revision_id"] for row in found} for found in (by_then, until_then)] == [known, out]
    opened.close()


def test_what_was_read_last_is_found_first_and_by_rank_the_best(archive: Archive) -> None:
    assert [row["outlet"] for row in archive.queries.search("ferry", 2)] == ["four.example", "three.example"]
    assert archive.queries.search("dead OR 41", 9, by_rank=True) == []
    assert archive.queries.search("41", 9, by_rank=True)[0]["outlet"] == "two.example"


def test_what_was_found_is_marked(archive: Archive) -> None:
    assert "▸41◂" in archive.queries.search("41", 1)[0]["found"]


@pytest.mark.parametrize(
    "words",
    [
        "", " ", '"', '""', '"""', "*", "-", "^ferry", "title: ferry", "text : x", "NEAR(ferry sank, 2)", "a AND",
        "NOT ferry", "(ferry", "ferry)", "{title} : ferry", "+ferry", "ferry\x00sank", "'; DROP TABLE events; --",
        "\udcff", "💥", "ﷺ", "\u202eferry", "a" * 1_999, '"' * 2_000, "* " * 900,
    ],
)  # fmt: skip
def test_whatever_is_searched_for_is_only_words(archive: Archive, words: str) -> None:
    assert isinstance(archive.queries.search(words, 9), list)
    assert isinstance(archive.queries.search(words, 9, by_rank=True), list)


@pytest.mark.parametrize("words", ["a" * 1_000_000, "ferry " * 100_000, '"' * 1_000_000])
def test_a_question_without_end_is_refused_in_a_sentence(archive: Archive, words: str) -> None:
    with pytest.raises(InputError, match="is too long to search for; give at most 50 words"):
        archive.queries.search(words, 9)


# ------------------------------------------------------------------------------------------------------ export


def exported(config: Path, form: str, *arguments: str) -> str:
    return ask(config, "export", "ferry", "--format", form, *arguments)


def test_csv_json_and_json_lines_hold_every_figure_alike(config: Path) -> None:
    rows = json.loads(exported(config, "json"))
    assert [row["number"] for row in rows] == [23, 31, 41, 60]
    assert [json.loads(line) for line in exported(config, "jsonl").splitlines()] == rows
    assert [row["number"] for row in csv.DictReader(io.StringIO(exported(config, "csv")))] == ["23", "31", "41", "60"]


def test_an_export_takes_times_and_a_file(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "ferry.json"
    assert exported(config, "json", "--seen-by", "2026-03-09 10:00", "-o", str(file)) == ""
    assert [row["number"] for row in json.loads(file.read_text(encoding="utf-8"))] == [23, 41]
    with pytest.raises(InputError, match="cannot be written"):
        exported(config, "json", "-o", str(tmp_path / "no folder" / "a.json"))


def test_minima_and_maxima_are_those_that_the_sources_stand_by(config: Path) -> None:
    (row,) = csv.DictReader(io.StringIO(exported(config, "ibc")))
    assert (row["outcome"], row["who"], row["min"], row["max"], row["parties"]) == ("killed", "people", "41", "60", "2")
    assert row["sources"] == "'=HYPERLINK(1); Coastguard"
    assert (row["figures_from"], row["figures_to"]) == ("2026-03-09T08:00:00.000Z", "2026-03-09T19:00:00.000Z")
    (row,) = csv.DictReader(io.StringIO(exported(config, "ibc", "--as-of", "2026-03-08 13:00")))
    assert (row["min"], row["max"]) == ("23", "23")


def test_no_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    out = io.StringIO()
    given: list[dict[str, Any]] = [{"a": text, "b": -5} for text in ("=1+1", "+1", "-1", "@x", "\t=1", "＝1", "a=1")]
    write(given, ("a", "b"), out)
    rows = list(csv.reader(io.StringIO(out.getvalue())))[1:]
    assert [row[0] for row in rows] == ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "'＝1", "a=1"]
    assert {row[1] for row in rows} == {"-5"}


# HXL 1.1 final, the hashtag dictionary's core hashtags.
HXL_HASHTAGS = frozenset(
    {
        "#access", "#activity", "#adm1", "#adm2", "#adm3", "#adm4", "#adm5", "#affected", "#beneficiary", "#capacity",
        "#cause", "#channel", "#contact", "#country", "#crisis", "#currency", "#date", "#delivery", "#description",
        "#event", "#frequency", "#geo", "#group", "#impact", "#indicator", "#inneed", "#item", "#loc", "#meta",
        "#modality", "#need", "#operations", "#org", "#output", "#population", "#reached", "#region", "#respondee",
        "#sector", "#service", "#severity", "#status", "#subsector", "#targeted", "#value",
    }
)  # fmt: skip
HXL_TAG = re.compile(r"(#[A-Za-z][A-Za-z0-9_]*)((?:\+[A-Za-z][A-Za-z0-9_]*)*)")  # its tagging conventions


def hxl_problems(text: str) -> list[str]:
    """What is wrong with a text as HXL 1.1: its conventions, and what its own validator checks in any data."""
    _, hashtags, *rows = csv.reader(io.StringIO(text))
    found = [f"{tag}: malformed" for tag in hashtags if not HXL_TAG.fullmatch(tag)]
    found += [f"{tag}: no core hashtag" for tag in hashtags if tag.split("+")[0] not in HXL_HASHTAGS]
    found += [f"{tag}: stands twice" for tag in set(hashtags) if hashtags.count(tag) > 1]
    for row in rows:
        found += [f"{row}: has not a cell a hashtag"] if len(row) != len(hashtags) else []
        for tag, cell in zip(hashtags, row, strict=False):
            found += [f"{cell!r}: sloppy white space"] if cell != " ".join(cell.split()) else []
            found += [f"{cell!r}: no number"] if tag.startswith("#affected") and not re.fullmatch(r"\d*", cell) else []
            found += [f"{cell!r}: no date"] if tag.startswith("#date") and not _is_date(cell) else []
    return found


def _is_date(cell: str) -> bool:
    try:
        return bool(datetime.fromisoformat(cell))
    except ValueError:
        return False


def test_hxl_keeps_the_rules_of_its_standard(config: Path) -> None:
    text = exported(config, "hxl")
    assert hxl_problems(text) == []
    assert [row["#affected+killed"] for row in csv.DictReader(io.StringIO(text.split("\n", 1)[1]))] == [
        "23",
        "41",
        "60",
    ]


def test_the_check_of_hxl_finds_what_is_wrong() -> None:
    broken = "A,B,C,D\n#affected+,#nothing,#date,#affected\n 1,x,soon,many\n1\n"
    kinds = {problem.rsplit(": ", 1)[1] for problem in hxl_problems(broken)}
    assert kinds == {
        "malformed", "no core hashtag", "sloppy white space", "no date", "no number", "has not a cell a hashtag",
    }  # fmt: skip

"""Articles out of files: in order, silently, and each once, whatever happens meanwhile."""

from __future__ import annotations

import gzip
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import Archive
from cli.importing import Wish, run
from cli.sources import Source, Terms, by_host, outlet_of, read_line, read_response
from config import Config, load
from model import ArchiveError, InputError, Outlet

ROOT = Path(__file__).resolve().parents[1]
BEGUN = datetime(2026, 3, 8, 8, tzinfo=UTC)
CONFIG = """
archive = "tollwatch.db"
[crawl]
contact = "https://tollwatch.example"
workers = 2
[[outlets]]
id = "post"
name = "The Post"
homepage = "https://www.post.example/"
feeds = ["https://www.post.example/feed.xml"]
[[watches]]
id = "coast"
name = "The coast"
any = ["ferr*"]
since = 2026-01-01
[[rules]]
name = "all"
channels = ["screen"]
[[channels]]
name = "screen"
kind = "print"
"""
TOLLS = ("Eleven", "Nineteen", "Twenty-three", "Thirty", "Forty-one", "Fifty-two")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return load(file, {})


def hour(n: float) -> datetime:
    return BEGUN + timedelta(hours=n)


def page(toll: str, n: int = 0, *, dated: bool = True) -> bytes:
    published = f'<meta property="article:published_time" content="{hour(n).isoformat()}">' if dated else ""
    title = "Ferry sinks off Port Vessel"
    more = "".join(f"<p>The harbour of Port Vessel has {k + 2} piers, and the weather was calm.</p>" for k in range(4))
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{published}</head><body><article>"
        f"<h1>{title}</h1><p>A ferry sank off Port Vessel in the Marran Strait on Sunday. "
        f"{toll} people were killed, the coastguard said.</p>{more}</article></body></html>"
    ).encode()


def warc(*given: tuple[str, bytes] | tuple[str, bytes, str] | tuple[str, bytes, str, str], start: float = 0) -> bytes:
    """A packed WARC file: (url, body, status, content type) an hour after another, each with its request."""
    stream = BytesIO()
    writer = WARCWriter(stream, gzip=True)
    writer.write_record(writer.create_warcinfo_record("crawl.warc.gz", {"software": "another"}))
    for n, (url, body, *more) in enumerate(given):
        status, kind = (*more, *("200 OK", "text/html; charset=utf-8")[len(more) :])
        dated = {"WARC-Date": f"{hour(start + n):%Y-%m-%dT%H:%M:%SZ}"}
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "post.example")], is_http_request=True)
        http = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(url, "request", http_headers=asked, warc_headers_dict=dated))
        writer.write_record(
            writer.create_warc_record(
                url, "response", BytesIO(body), len(body), http_headers=http, warc_headers_dict=dated
            )
        )
    return stream.getvalue()


def line(n: int, toll: str, **fields: Any) -> str:
    text = f"A ferry sank off Port Vessel in the Marran Strait. {toll} people were killed, the coastguard said."
    values = {
        "id": str(n),
        "url": f"https://one.example/{n}",
        "outlet": "one",
        "published": hour(n).isoformat(),
        "title": "Ferry sinks off Port Vessel",
        "text": text,
        "lang": "en",
    }
    return json.dumps(values | fields) + "\n"


def saved(folder: Path, name: str, data: bytes | str) -> Path:
    file = folder / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


def rows(config: Config, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(config.archive)) as connection:
        return connection.execute(sql).fetchall()


def outcomes(config: Config) -> list[Mapping[str, int]]:
    with closing(Archive.open_read_only(config.archive)) as archive:
        return [dict(standing.outcomes) for _, standing in archive.imports.known()]


STORY = [(f"https://www.post.example/{n}", page(toll, n)) for n, toll in enumerate(TOLLS)]


# ------------------------------------------------------------------------------------------------- what is taken


def test_the_pages_of_a_warc_file_become_articles_with_their_captures(config: Config, tmp_path: Path) -> None:
    file = saved(tmp_path, "a.warc.gz", warc(*STORY))
    assert run(config, [file], Wish()) == 0
    assert outcomes(config) == [{"new_article": 6}]
    found = rows(config, "SELECT url, outlet, published, first_seen FROM articles ORDER BY id")
    assert found[1] == (
        "https://www.post.example/1",
        "post",
        "2026-03-08T09:00:00.000Z",
        "2026-03-08T09:00:00.000Z",
    )
    assert rows(config, "SELECT DISTINCT event FROM series") != []
    assert rows(config, "SELECT MAX(number), COUNT(DISTINCT number) FROM figures") == [(52, 6)]
    with closing(Archive.open_read_only(config.archive)) as archive:
        (row,) = archive.captures.of_article("https://www.post.example/1")
        captured = archive.captures.read(row)
    assert captured.content == STORY[1][1]
    assert captured.fetched == hour(1)


def test_what_is_no_page_is_counted_and_what_is_broken_is_named(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = warc(
        STORY[0],
        ("https://www.post.example/gone", b"gone", "404 Not Found"),
        ("https://www.post.example/a.pdf", b"%PDF", "200 OK", "application/pdf"),
        ("dns:post.example", b"127.0.0.1"),
    )
    file = saved(tmp_path, "a.warc.gz", good + b"\x1f\x8b\x08" + b"torn" * 20 + warc(STORY[1], start=9))
    assert run(config, [file], Wish()) == 0
    assert outcomes(config) == [{"new_article": 2, "status_not_200": 1, "not_html": 1, "broken": 1}]
    said = capsys.readouterr()
    assert f"{file}, record 10 at byte {len(good)}: it cannot be unpacked" in said.err
    assert f"{file}: 13 records: 2 new article" in said.out


def test_lines_become_articles_and_a_line_that_is_nonsense_is_named(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = line(0, "Eleven") + '{"id": "1", "url"\n' + "\n" + line(2, "Thirty", published="soon") + line(3, "Thirty")
    file = saved(tmp_path, "a.jsonl.gz", gzip.compress(text.encode()))
    assert run(config, [file], Wish()) == 0
    assert outcomes(config) == [{"new_article": 2, "broken": 2}]
    said = capsys.readouterr().err
    assert f"{file}, line 2: is no JSON" in said
    assert f"{file}, line 4: has a time that cannot be read (soon)" in said


def test_an_outlet_is_known_by_its_host_else_by_its_domain() -> None:
    config = (
        ("post", "https://www.post.example/"),
        ("world", "https://www.big.example/news"),
        ("mundo", "https://www.big.example/mundo"),
    )
    hosts = by_host([Outlet(id=name, name=name, homepage=url, language="en") for name, url in config])

    def of(url: str) -> str:
        return outlet_of(hosts, url, fixed=None)[0]

    assert of("https://post.example/a") == of("https://m.post.example/a") == of("https://live.post.example/a") == "post"
    assert of("https://www.big.example/mundo/a") == "mundo"
    assert of("https://www.big.example/news/a") == "world"
    assert of("https://www.big.example/sport/a") == "big.example"
    assert of("https://a.paper.example/1") == "paper.example"
    assert outlet_of(hosts, "https://a.paper.example/1", fixed="post")[0] == "post"


def test_an_outlet_that_is_not_configured_is_known_but_not_polled(config: Config, tmp_path: Path) -> None:
    file = saved(tmp_path, "a.warc.gz", warc(("https://news.paper.example/1", page("Eleven"))))
    run(config, [file], Wish())
    assert rows(config, "SELECT id, removed IS NOT NULL FROM outlets") == [("paper.example", 1)]
    with closing(Archive.open_read_only(config.archive)) as archive:
        assert archive.queries.source_records() == []


def test_only_what_was_published_in_the_time_asked_for_is_taken(config: Config, tmp_path: Path) -> None:
    file = saved(tmp_path, "a.warc.gz", warc(*STORY))
    run(config, [file], Wish(since=hour(1), until=hour(3)))
    assert outcomes(config) == [{"new_article": 3, "outside": 3}]
    run(config, [file], Wish())
    assert outcomes(config)[1] == {"new_article": 3, "unchanged": 3}


def test_so_many_articles_are_taken_as_asked_for_and_the_next_time_the_next(config: Config, tmp_path: Path) -> None:
    file = saved(tmp_path, "a.warc.gz", warc(*STORY))
    for n in (4, 6):
        assert run(config, [file], Wish(limit=4)) == 0
        assert rows(config, "SELECT COUNT(*) FROM articles") == [(n,)]
    assert rows(config, "SELECT ended IS NOT NULL FROM imports") == [(1,)]


def test_an_older_text_of_an_address_is_left_out_and_a_later_one_is_a_revision(config: Config, tmp_path: Path) -> None:
    url = "https://www.post.example/ferry"
    run(config, [saved(tmp_path, "b.warc.gz", warc((url, page("Thirty", dated=False)), start=5))], Wish())
    run(config, [saved(tmp_path, "a.warc.gz", warc((url, page("Eleven", dated=False)), start=1))], Wish())
    run(config, [saved(tmp_path, "c.warc.gz", warc((url, page("Forty", dated=False)), start=9))], Wish())
    assert outcomes(config) == [{"new_article": 1}, {"superseded": 1}, {"new_revision": 1}]
    assert rows(config, "SELECT number, fetched FROM revisions ORDER BY id") == [
        (1, "2026-03-08T13:00:00.000Z"),
        (2, "2026-03-08T17:00:00.000Z"),
    ]


# -------------------------------------------------------------------------------------------------- told or silent


def test_nothing_is_told_and_what_comes_next_is_compared_with_it(config: Config, tmp_path: Path) -> None:
    run(config, [saved(tmp_path, "a.warc.gz", warc(*STORY))], Wish())
    assert rows(config, "SELECT COUNT(*) FROM alerts") == rows(config, "SELECT COUNT(*) FROM pending") == [(0,)]
    assert rows(config, "SELECT DISTINCT baseline FROM changes") == [(1,)]
    assert rows(config, "SELECT told FROM series WHERE current_figure IS NOT NULL") == [(52,)]
    run(config, [saved(tmp_path, "b.warc.gz", warc((f"{STORY[0][0]}9", page("Ninety", 9)), start=9))], Wish(tell=True))
    (headline,) = rows(config, "SELECT headline FROM alerts")[0]
    assert "52" in headline
    assert "90" in headline


def test_what_is_told_is_owed_as_of_now(config: Config, tmp_path: Path) -> None:
    before = datetime.now(UTC).isoformat()
    run(config, [saved(tmp_path, "a.warc.gz", warc(*STORY))], Wish(tell=True))
    owed = rows(config, "SELECT owed_since, state FROM deliveries")
    assert owed
    assert all(since > before and state == "owed" for since, state in owed)


# -------------------------------------------------------------------------------------------------- each once only


def test_a_file_that_was_taken_in_is_not_read_again_wherever_it_lies(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = warc(*STORY)
    run(config, [saved(tmp_path, "a.warc.gz", data)], Wish())
    run(config, [saved(tmp_path, "moved", data)], Wish())
    assert "all of it was taken in by" in capsys.readouterr().err
    assert rows(config, "SELECT COUNT(*) FROM revisions") == [(6,)]


def test_the_same_texts_in_another_file_are_not_doubled(config: Config, tmp_path: Path) -> None:
    edited = [("https://www.post.example/ferry", page(toll, n)) for n, toll in enumerate(TOLLS[:3])]
    run(config, [saved(tmp_path, "a.warc.gz", warc(*edited))], Wish())
    run(config, [saved(tmp_path, "b.warc.gz", warc(*STORY[4:], *edited))], Wish())
    assert outcomes(config) == [{"new_article": 1, "new_revision": 2}, {"new_article": 2, "unchanged": 3}]


def test_while_a_daemon_writes_the_import_says_what_to_do(config: Config, tmp_path: Path) -> None:
    file = saved(tmp_path, "a.warc.gz", warc(*STORY))
    with closing(Archive.open(config.archive)), pytest.raises(ArchiveError, match="stop that one first"):
        run(config, [file], Wish())


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Source(tmp_path / "none", Terms(outlets=(), outlet=None, most=1000))


# ---------------------------------------------------------------------------------------------- killed and resumed


def many(count: int) -> bytes:
    """A file in which stories move, are edited, copied and broken."""
    given: list[tuple[str, bytes]] = []
    for n in range(count):
        toll = str(20 + n % 17 + n // 3)
        if n % 5 == 4:
            given.append((f"https://www.post.example/{n - 2}", page(toll, n)))  # an edit
        elif n % 7 == 3:
            given.append((f"https://copy{n}.example/{n}", given[-1][1]))
        else:
            given.append((f"https://www.post.example/{n}", page(toll, n)))
    half = count // 2
    return warc(*given[:half]) + b"\x1f\x8b\x08torn" + warc(*given[half:], start=half)


def started(config: Config, file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cli", "import", "--config", str(config.file), str(file)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def records(config: Config) -> int:
    try:
        return int(rows(config, "SELECT IFNULL(MAX(records), 0) FROM imports")[0][0])
    except sqlite3.OperationalError:  # it is being made
        return 0


def contents(config: Config) -> dict[str, list[tuple[Any, ...]]]:
    """All that an import leaves, without where captures lie and when it ran."""
    columns = {"captures": "revision_id, url, fetched, sha256, bytes", "imports": "position, records, outcomes"}
    tables = (
        *("articles", "revisions", "claims", "figures", "changes", "events", "event_articles", "series", "echo_keys"),
        *("sources", "outlets", "captures", "imports", "revisions_fts_docsize"),
    )
    return {name: rows(config, f"SELECT {columns.get(name, '*')} FROM {name} ORDER BY 1, 2") for name in tables}


def moments(count: int, most: int) -> Iterator[int]:
    """Records after which to kill."""
    chance = random.Random(7)
    yield from sorted(chance.sample(range(most), count))


def test_killed_at_random_moments_and_resumed_it_leaves_what_it_leaves_in_one_run(
    config: Config, tmp_path: Path
) -> None:
    data = many(90)
    whole = load(saved(tmp_path, "whole.toml", CONFIG.replace("tollwatch.db", "whole.db")), {})
    assert run(whole, [saved(tmp_path, "whole.warc.gz", data)], Wish()) == 0
    file = saved(tmp_path, "a.warc.gz", data)
    kills = 0
    for moment in moments(3, 150):
        process = started(config, file)
        while process.poll() is None and records(config) < moment:
            time.sleep(0.01)
        kills += process.poll() is None
        process.kill()
        process.communicate()
    assert kills
    assert started(config, file).communicate()[0].startswith(f"{file}: ")
    expected, found = contents(whole), contents(config)
    assert {name: len(each) for name, each in found.items()} == {name: len(each) for name, each in expected.items()}
    assert found == expected
    with closing(Archive.open_read_only(config.archive)) as archive:
        faults = [
            each for step in archive.checks.steps(quick=False) for each in step.run() if not isinstance(each, int)
        ]
    assert faults == []


def test_interrupted_it_ends_in_good_order_and_says_how_to_go_on(config: Config, tmp_path: Path) -> None:
    file = saved(tmp_path, "a.warc.gz", many(200))
    process = started(config, file)
    while process.poll() is None and not records(config):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert f"interrupted: {file} is taken in up to byte " in said
    assert "the same command goes on" in said
    assert "Traceback" not in said


# ---------------------------------------------------------------------------------------------------- in a worker


@pytest.mark.parametrize(
    "data", [b"", b"WARC/1.0\r\n\r\n", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 4\r\n\r\nHTTP"]
)
def test_a_record_that_cannot_be_taken_apart_is_broken(data: bytes) -> None:
    assert read_response(data, STORY[0][0], BEGUN, outlet="post", language=None).left == "broken"


def test_what_no_database_takes_is_one_character_of_its_text() -> None:
    read = read_line(line(0, "Eleven", title="Ferry\0 sinks\ud800").encode(), "a, line 1", None, BEGUN)
    assert read.reading is not None
    assert read.reading.article is not None
    assert read.reading.article.title == "Ferry\ufffd sinks\ufffd"


@pytest.mark.parametrize("given", [b"\xff\xfe\n", b"[]\n", b"nonsense\n", b'{"id": 1}\n', b"1\n"])
def test_a_line_that_is_no_article_is_broken(given: bytes) -> None:
    assert read_line(given, "a, line 1", None, BEGUN).left == "broken"


def test_a_line_without_a_time_was_seen_when_the_import_began() -> None:
    read = read_line(line(0, "Eleven", published=None).encode(), "a, line 1", None, BEGUN)
    assert read.reading is not None
    assert read.reading.article is not None
    assert (read.fetched, read.reading.article.published) == (BEGUN, None)

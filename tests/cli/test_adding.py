"""`tollwatch add` in a process of its own: what it writes, where, and how it ends."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Archive
from cli.adding import append, as_toml, comments, settings_for
from config import CrawlSettings, load
from crawler.finding import Finding
from crawler.judging import Candidate, Judged
from demo.site import Site as Presses
from model import ConfigError, InputError, ListingKind, Outlet
from tests.cli.test_commands import tollwatch
from tests.crawler.site import Answer, Site

CONTACT = "desk@monitor.example"
BEGIN = """# ours: do not touch
[crawl]
contact = "desk@monitor.example" # how we are reached
spacing = "0s"
allow_networks = ["127.0.0.0/8"]

[[watches]]
id = "all"
name = "Everything"
since = 2020-01-01

[[rules]]
name = "all"
channels = ["screen"]

[[channels]]
name = "screen"
kind = "print"
"""
OUTLET = Outlet(
    id="vessel-post", name="The Vessel Post", homepage="https://post.example/", feeds=("https://post.example/rss",)
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration that lacks nothing but an outlet; its last line has no end."""
    path = tmp_path / "config.toml"
    path.write_text(BEGIN.rstrip("\n"), encoding="utf-8")
    return path


@pytest.fixture
def presses() -> Iterator[Presses]:
    with Presses(now=datetime.now(UTC)) as served:
        yield served


def test_the_table_that_is_written_polls_the_outlets_articles(file: Path, presses: Presses) -> None:
    home = presses.base("courier").removeprefix("http://")
    added = tollwatch("add", "--write", home, folder=file.parent)
    assert added.returncode == 0, added.stderr
    assert f"# feed http://{home}/feed.atom: 3 entries, newest " in added.stdout
    assert "Z" not in added.stdout.splitlines()[0]
    written = file.read_text(encoding="utf-8")
    assert written.startswith(BEGIN)
    assert written.endswith(added.stdout[added.stdout.index("[[outlets]]") :])
    (outlet,) = load(file, {}).outlets
    assert (outlet.id, outlet.name, outlet.language) == ("sarn-courier", "The Sarn Courier", "en")
    assert tollwatch("once", folder=file.parent).returncode == 0
    archive = Archive.open_read_only(file.parent / "var/tollwatch.db")
    assert archive.queries.health().articles == len(
        [one for one in presses.stories if one.outlet == "courier" and one.step == 1]
    )
    archive.close()
    again = tollwatch("add", "--write", f"http://{home}", folder=file.parent)
    assert again.returncode == 2
    assert 'the outlet "sarn-courier" has the id "sarn-courier" already' in again.stderr
    assert file.read_text(encoding="utf-8") == written
    assert [path.name for path in file.parent.glob("*config*")] == ["config.toml"]


def test_json_says_the_same_to_machines(file: Path, presses: Presses) -> None:
    answer = json.loads(tollwatch("add", "--json", presses.base("kpa"), folder=file.parent).stdout)
    base = presses.base("kpa")
    assert answer["outlet"] == {
        "id": "kestrian-press-agency",
        "name": "Kestrian Press Agency",
        "language": "en",
        "homepage": f"{base}/",
        "feeds": [f"{base}/rss/latest.xml"],
        "sitemaps": [f"{base}/sitemap-news.xml"],
    }
    assert [one["proposed"] for one in answer["addresses"]] == [True, True]
    assert file.read_text(encoding="utf-8") == BEGIN.rstrip("\n")


def test_without_a_configuration_loopback_is_refused_and_nothing_is_sent(tmp_path: Path) -> None:
    with Site({"/": Answer(body=b"<html>")}) as site:
        added = tollwatch("add", "--contact", CONTACT, site.url("/"), folder=tmp_path)
        assert (added.returncode, added.stdout, site.log) == (1, "", [])
    assert "loopback); where the host is your own, name its network in crawl.allow_networks" in added.stderr


def test_an_outlet_that_turns_programs_away_is_told_in_a_sentence(file: Path) -> None:
    with Site({"/": Answer(status=403)}) as site:
        added = tollwatch("add", site.url("/"), folder=file.parent)
        assert (added.returncode, added.stdout, len(site.log)) == (1, "", 2)
    last = added.stderr.splitlines()[-1]
    assert last.startswith(f"tollwatch: {site.url('/')}: nothing worth polling was found (2 requests, ")
    assert last.endswith("ask it for a feed, or give the address of one that you know")


def test_a_hostile_site_breaks_out_of_no_comment_and_no_string(file: Path) -> None:
    name = "&quot;]&#10;[[channels]]&#10;kind = &quot;print&quot; \\ \x1b[2J &#39;&#39;&#39; é"
    links = "".join(f"<link rel=alternate href='/{n}/rss&#10;[crawl]&#10;#\x1b[2J{n}\"'>" for n in range(2))
    home = f'<html><meta property="og:site_name" content="{name}">{links}<link rel=alternate href="/rss">'
    feed = "<rss><channel><item><link>/a-story-of-the-harbour-1234567</link></item></channel></rss>"
    with Site({"/": Answer(body=home.encode()), "/rss": Answer(body=feed.encode())}) as site:
        added = tollwatch("add", "--write", site.url("/"), folder=file.parent)
    assert added.returncode == 0, added.stderr
    assert "\x1b" not in added.stdout + added.stderr
    (table,) = tomllib.loads(added.stdout)["outlets"]
    assert table["name"] == "\"] [[channels]] kind = \"print\" \\ [2J ''' é"
    assert all(line.startswith("# ") for line in added.stdout.split("\n\n[[outlets]]")[0].splitlines())
    (outlet,) = load(file, {}).outlets
    assert (outlet.name, outlet.feeds) == (table["name"], (site.url("/rss"),))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["https://paper.example/"], "give --contact with your e-mail or web address"),
        (["--contact", "me", "https://paper.example/"], "is neither an e-mail address nor a web address"),
        (["--contact", CONTACT, "ftp://paper.example/"], "ftp://paper.example/: is no web address"),
        (["--contact", CONTACT, "--write", "https://paper.example/"], "config.toml is not there to be written to"),
        (["--config", "other.toml", "https://paper.example/"], "other.toml: the file: cannot be read"),
        ([], "Missing argument"),
    ],
)
def test_wrong_use_ends_with_two_and_one_sentence(tmp_path: Path, arguments: list[str], says: str) -> None:
    ended = tollwatch("add", *arguments, folder=tmp_path)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert says in ended.stderr


def test_a_contact_by_hand_stands_above_the_environment_and_that_above_the_file(file: Path) -> None:
    other, third = "other@monitor.example", "third@monitor.example"
    assert settings_for(file, None, {}).contact == CONTACT
    assert settings_for(file, None, {"TOLLWATCH_CONTACT": other}).contact == other
    append(file, OUTLET, {})
    assert settings_for(file, third, {"TOLLWATCH_CONTACT": other}).contact == third
    assert settings_for(file, None, {}).allow_networks == ("127.0.0.0/8",)


def test_without_a_configuration_the_environment_says_how_we_are_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = settings_for(Path("config.toml"), None, {"TOLLWATCH_CONTACT": CONTACT})
    assert settings == CrawlSettings(contact=CONTACT)


def test_a_site_without_anything_to_poll_is_told_what_was_left_out_and_what_to_do(file: Path) -> None:
    with Site({"/": Answer(body=b"<html><a href=/rss>x</a></html>")}) as site:
        added = tollwatch("add", site.url("/"), folder=file.parent)
    assert (added.returncode, added.stdout) == (1, "")
    *notes, last = added.stderr.splitlines()
    assert f"# left out: feed {site.url('/rss')}: gone (status 404)" in notes
    assert last.endswith("give the address of a feed that you know, or write front_pages with a link_pattern by hand")


# --------------------------------------------------------------------------------------------------- the file itself


def test_an_address_that_another_outlet_polls_is_refused_with_both_named(file: Path) -> None:
    append(file, OUTLET, {})
    before = file.read_bytes()
    other = Outlet(id="other", name="Other", homepage="https://other.example/", sitemaps=OUTLET.feeds)
    with pytest.raises(InputError, match=r'"vessel-post" polls https://post\.example/rss already, which "other" would'):
        append(file, other, {})
    assert file.read_bytes() == before


def test_a_file_that_would_not_load_with_the_table_stays_as_it_is(file: Path) -> None:
    file.write_text("outlets = []\n" + BEGIN, encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(ConfigError, match=r"config.toml with the new table: "):
        append(file, OUTLET, {})
    assert [path.read_bytes() for path in file.parent.iterdir()] == [before]


def test_a_linked_file_stays_linked_and_keeps_its_mode(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    file.chmod(0o640)
    append(link, OUTLET, {})
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert load(link, {}).outlets == (OUTLET,)


@given(name=st.text(), pattern=st.text())
def test_whatever_a_name_or_pattern_holds_the_table_says_it_again(name: str, pattern: str) -> None:
    outlet = Outlet(id="x", name=name, homepage="https://x.example/", front_pages=("h",), link_pattern=pattern)
    (table,) = tomllib.loads(as_toml(outlet))["outlets"]
    assert (table.get("name", ""), table.get("link_pattern", "")) == (name, pattern)


@given(text=st.text())
def test_whatever_an_address_or_reason_holds_it_stays_in_its_comment(text: str) -> None:
    judged = Judged(candidate=Candidate(url=text, kind=ListingKind.FEED), why=text)
    (line,) = comments(Finding(outlet=None, judged=(judged,), requests=1))
    assert line.startswith("# left out: feed ")
    assert tomllib.loads(line) == {}
    assert line.isprintable()

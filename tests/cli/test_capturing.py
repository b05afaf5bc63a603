"""`tollwatch capture`, on what a real crawl of the sample site kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.site import Site
from tests.cli.test_commands import tollwatch
from tests.daemon import write_config

PRINT = """
[[channels]]
name = "screen"
kind = "print"
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(now=datetime.now(UTC)) as served:
        yield served


@pytest.fixture(scope="module")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captured")
    write_config(folder, site.outlets, channels=PRINT, names=["screen"], since=site.first_published)
    assert tollwatch("once", folder=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> str:
    """An article that was read."""
    found = json.loads(tollwatch("search", "--json", "killed", folder=folder).stdout)
    return str(found[0]["url"])


def test_the_page_comes_back_as_the_server_sent_it_with_its_hash(folder: Path, address: str) -> None:
    given = tollwatch("capture", address, folder=folder)
    assert given.returncode == 0
    assert "<html" in given.stdout
    (row,) = json.loads(tollwatch("capture", "--list", "--json", address, folder=folder).stdout)
    assert row["sha256"] in given.stderr
    assert row["file"].endswith(".warc.gz")


def test_it_goes_into_a_file_where_one_is_named(folder: Path, address: str) -> None:
    assert tollwatch("capture", "-o", "page.html", address, folder=folder).returncode == 0
    assert "<html" in (folder / "page.html").read_text(encoding="utf-8")


def test_the_response_comes_with_status_and_headers_where_asked_for(folder: Path, address: str) -> None:
    given = tollwatch("capture", "--as-sent", "-o", "response", address, folder=folder)
    assert given.returncode == 0
    assert (folder / "response").read_bytes().startswith(b"HTTP/1.0 200\r\n")


def test_an_article_without_a_capture_is_told_so(folder: Path, address: str) -> None:
    missing = tollwatch("capture", "https://nowhere.example/", folder=folder)
    assert (missing.returncode, "there is no capture" in missing.stderr) == (2, True)
    old = tollwatch("capture", "--revision", "9", address, folder=folder)
    assert (old.returncode, "no capture of revision 9" in old.stderr) == (2, True)


def test_status_says_of_each_outlet_how_it_does(folder: Path) -> None:
    given = json.loads(tollwatch("status", "--json", folder=folder).stdout)
    assert {source["state"] for source in given["sources"]} == {"well"}
    assert "outlets well" in tollwatch("status", folder=folder).stdout

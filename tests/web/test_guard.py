"""Who may ask: only reading, only by this machine's own names, or with the password."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.guard import is_local
from tests.web.rig import ROOT, Served, serve, write_config

PASSWORD = "an open sesame of sorts"


@pytest.fixture(scope="module")
def locked(archive: Path) -> Iterator[Served]:
    with serve(archive, "0.0.0.0:0", TOLLWATCH_WEB_PASSWORD=PASSWORD) as served:
        yield served


def basic(password: str, user: str = "anyone") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_reading_is_let_through(dashboard: Served, method: str) -> None:
    assert dashboard.get("/archive", method=method).status == 405


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:8001", "127.0.0.1.example", "localhost.example", ""]
)
def test_a_foreign_name_for_loopback_is_refused(dashboard: Served, host: str) -> None:
    assert dashboard.get("/", Host=host).status == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:8001", "127.0.0.1", "[::1]:8001", "desk.localhost"])
def test_this_machines_own_names_are_let_in(dashboard: Served, host: str) -> None:
    assert dashboard.get("/", Host=host).status == 200


def test_another_sites_page_takes_nothing_from_here(dashboard: Served) -> None:
    assert dashboard.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status == 403
    assert dashboard.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "//evil.example/%2e%2e/", "/\\evil.example/", "/%5c%5cevil.example/", "///evil.example//"],
)
def test_no_address_leads_to_another_site(dashboard: Served, path: str) -> None:
    answer = dashboard.get(path)
    location = answer.headers.get("location", "")
    assert not location.startswith(("//", "/\\", "http")), location


@pytest.mark.parametrize(
    "path",
    [
        *("/-/databases.json", "/-/plugins", "/-/auth-token", "/-/messages", "/-/actor.json"),
        *("/_internal", "/_internal.json?sql=select+1", "/_memory?sql=select+1", "/:memory:"),
    ],
)
def test_what_datasette_tells_of_itself_is_not_told(dashboard: Served, path: str) -> None:
    assert dashboard.get(path).status == 404


@pytest.mark.parametrize("path", ["/archive.db", "/static/../site.py", "/static/%2e%2e/site.py", "/static//etc/passwd"])
def test_no_file_is_given_away(dashboard: Served, path: str) -> None:
    assert dashboard.get(path).status in {403, 404}


def test_beyond_loopback_every_page_asks_for_the_password(locked: Served) -> None:
    for path in ("/", "/archive.json?sql=select+1", "/watches/kestria.atom", "/static/tollwatch.css", "/nowhere"):
        answer = locked.get(path)
        assert answer.status == 401, path
        assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", [basic(PASSWORD), basic(PASSWORD, ""), f"Bearer {PASSWORD}"])
def test_the_password_opens_whoever_brings_it(locked: Served, header: str) -> None:
    answer = locked.get("/", Authorization=header, Host="news.example")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    "header", [basic("wrong"), basic(""), "Basic !!", "Basic", "Bearer ", "Digest x", basic(PASSWORD + "x")]
)
def test_nothing_else_does(locked: Served, header: str) -> None:
    assert locked.get("/", Authorization=header).status == 401


def test_only_its_pulse_is_free(locked: Served) -> None:
    assert locked.get("/healthz").json == {"healthy": True}


def test_it_does_not_start_exposed_without_a_password(archive: Path) -> None:
    command = [sys.executable, "-m", "cli", "web", "--config", str(write_config(archive)), "--listen", "0.0.0.0:0"]
    environ = {name: value for name, value in os.environ.items() if name != "TOLLWATCH_WEB_PASSWORD"}
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30, env=environ)
    assert ran.returncode == 2
    assert "web.password_env: the dashboard would be open to everyone who reaches 0.0.0.0:0; set" in ran.stderr


def test_without_an_archive_it_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cli", "web", "--config", str(write_config(tmp_path / "none.db"))]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert ran.returncode == 1
    assert "is not there yet; run `tollwatch once` first" in ran.stderr


@pytest.mark.parametrize("host", ["127.8.0.1", "::1", "localhost.", "[::1]"])
def test_local_is_what_no_other_machine_can_reach(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "localhost.example", ""])
def test_everything_else_is_not(host: str) -> None:
    assert not is_local(host)

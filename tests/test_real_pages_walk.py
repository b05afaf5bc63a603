"""Real pages of many outlets, served on loopback, crawled, read and archived by a real daemon."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from archive import Archive
from demo.servers import Receiver
from model import Outlet
from tests.daemon import run_once, webhook_channel, write_config

SHARED = Path(__file__).resolve().parents[2] / "shared"
PAGES = SHARED / "corpora" / "pages"

pytestmark = pytest.mark.skipif(not PAGES.exists(), reason="the corpus of real pages is not beside this checkout")


class Handler(BaseHTTPRequestHandler):
    """Serves the pages under their paths, and a feed of each country's."""

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self.send_error(404)
        elif self.path.endswith("/feed.xml"):
            self._send(_feed(self.path.split("/")[1], self.headers["Host"]), "application/rss+xml")
        else:
            self._send(gzip.decompress((PAGES / self.path[1:]).read_bytes()), "text/html")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _feed(country: str, host: str) -> bytes:
    # Neither title nor date: what is archived must come from the pages themselves.
    items = "".join(
        f"<item><link>{escape(f'http://{host}/{country}/{page.name}')}</link></item>"
        for page in sorted((PAGES / country).glob("*.html.gz"))
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{country}</title>{items}</channel></rss>'.encode()


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def _outlets(base: str) -> tuple[Outlet, ...]:
    countries = sorted(folder.name for folder in PAGES.iterdir() if any(folder.glob("*.html.gz")))
    return tuple(
        Outlet(id=country, name=country, homepage=f"{base}/{country}/", feeds=(f"{base}/{country}/feed.xml",))
        for country in countries
    )


async def test_real_pages_are_archived_with_title_text_and_day(base: str, tmp_path: Path) -> None:
    async with Receiver() as receiver:
        file = write_config(
            tmp_path,
            _outlets(base),
            channels=webhook_channel(receiver.url),
            names=["hook"],
            since=datetime.now(UTC),
            language=None,
        )
        assert await run_once(file) == 0
    with closing(Archive.open_read_only(tmp_path / "tollwatch.db")) as archive:
        articles, health = archive.queries.articles(), archive.queries.health()
    served = len(list(PAGES.glob("*/*.html.gz")))
    outcomes = dict(health.outcomes)
    assert sum(outcomes.values()) == served + outcomes["listed"]
    assert outcomes["no_reader_for_language"] > 0
    figures = _score(articles, tmp_path)
    assert figures["en"]["text_f1"] >= 0.96
    assert figures["all"]["text_f1"] >= 0.94
    assert figures["all"]["day_right"] >= 0.97


def _score(articles: list[dict[str, str]], folder: Path) -> dict[str, dict[str, float]]:
    read = folder / "read.jsonl"
    with read.open("w", encoding="utf-8") as out:
        for row in articles:
            path = "/".join(row["fetched_as"].split("/")[3:])
            out.write(json.dumps({"path": path, **{key: row[key] for key in ("title", "text", "published")}}) + "\n")
    scorer = [
        sys.executable,
        str(SHARED / "eval" / "score_pages.py"),
        str(SHARED / "corpora" / "pages.jsonl"),
        str(read),
    ]
    printed = subprocess.run(scorer, capture_output=True, text=True, check=True).stdout
    print(printed)
    figures: dict[str, dict[str, float]] = json.loads(printed)
    return figures

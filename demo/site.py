"""The sample site on loopback: three invented outlets, each on a port of its own, in two states.

    with Site(now=datetime.now(UTC)) as site:
        site.outlets      # for a configuration
        site.forward()    # the second day: new articles, and one edited in place

An answer carries validators, honours them (304) and is compressed where that is accepted.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from demo.pages import PRESSES, Document, Press, Story, path_of, read_stories, render
from model import Outlet

LOOPBACK = "127.0.0.1"
STEPS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One request that the site answered."""

    outlet: str
    path: str
    status: int


class Site:
    """The sample site, served from entry to exit; `now` (aware) dates its articles, all of them in the past.

    `seen` lists the requests answered so far, `step` is 1 until `forward()` makes it 2.
    """

    def __init__(self, *, now: datetime) -> None:
        self.stories: tuple[Story, ...] = read_stories(now)
        self.seen: list[Seen] = []
        self.step = 1
        self._documents: dict[str, Mapping[str, Document]] = {}
        self._servers: dict[str, _Server] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._servers = {press.id: _Server(press, self._answer, self.seen.append) for press in PRESSES}
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            for server in self._servers.values()
        ]
        self._render()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """The three outlets as a configuration would name them, at their addresses of this run."""
        return tuple(_outlet(press, self.base(press.id)) for press in PRESSES)

    @property
    def first_published(self) -> datetime:
        """When the oldest article appeared: the `since` of a watch that should be told of all of them."""
        return self.stories[0].published

    def base(self, outlet: str) -> str:
        """The address of an outlet without a slash at its end."""
        return f"http://{LOOPBACK}:{self._servers[outlet].server_port}"

    def url(self, slug: str) -> str:
        """The address of a story, whatever the state of the site."""
        story = next(story for story in self.stories if story.slug == slug)
        press = next(press for press in PRESSES if press.id == story.outlet)
        return self.base(press.id) + path_of(press, story)

    def forward(self) -> None:
        """Move on to the second day."""
        self.step = STEPS
        self._render()

    def _render(self) -> None:
        self._documents = {
            press.id: render(press, self.stories, step=self.step, base=self.base(press.id)) for press in PRESSES
        }

    def _answer(self, outlet: str, path: str) -> Document | None:
        return self._documents[outlet].get(path)


def _outlet(press: Press, base: str) -> Outlet:
    return Outlet(
        id=press.id,
        name=press.name,
        homepage=base + "/",
        language="en",
        feeds=(base + press.feed,),
        sitemaps=(base + press.sitemap,),
        front_pages=(base + "/",),
        link_pattern=press.link_pattern,
    )


class _Server(ThreadingHTTPServer):
    """One outlet's server on a free port; it accepts from the moment it exists."""

    def __init__(
        self, press: Press, answer: Callable[[str, str], Document | None], note: Callable[[Seen], None]
    ) -> None:
        self.press = press
        self.answer = answer
        self.note = note
        super().__init__((LOOPBACK, 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request and closes, so that nothing is left open when the site ends."""

    server: _Server

    def do_GET(self) -> None:
        """The document at the path, 304 where the asker has it, 404 where there is none."""
        document = self.server.answer(self.server.press.id, self.path.split("?")[0])
        if document is None:
            self._reply(HTTPStatus.NOT_FOUND, b"<h1>Not found</h1>", {"Content-Type": "text/html"})
            return
        tag = f'W/"{hashlib.sha256(document.body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Last-Modified": format_datetime(document.modified, usegmt=True)}
        if self._is_known(tag, document.modified):
            self._reply(HTTPStatus.NOT_MODIFIED, b"", headers)
            return
        self._reply(HTTPStatus.OK, *self._encoded(document, headers))

    do_HEAD = do_GET  # noqa: N815 - the name is http.server's

    def _is_known(self, tag: str, modified: datetime) -> bool:
        if tags := self.headers.get("If-None-Match"):
            return tag in tags
        since = self.headers.get("If-Modified-Since")
        try:
            return since is not None and parsedate_to_datetime(since) >= modified
        except (TypeError, ValueError):  # no date, or one without a zone
            return False

    def _encoded(self, document: Document, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        headers = {**headers, "Content-Type": document.type, "Vary": "Accept-Encoding"}
        if "gzip" not in self.headers.get("Accept-Encoding", ""):
            return document.body, headers
        return gzip.compress(document.body), {**headers, "Content-Encoding": "gzip"}

    def _reply(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self.server.note(Seen(outlet=self.server.press.id, path=self.path, status=status))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Keep standard error for what matters; `Site.seen` has the log."""

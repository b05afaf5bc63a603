"""One crawler process for all tests of this directory, and sites for it to crawl."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, get_origin

import pytest
import trustme

from config import CrawlSettings, Credentials
from model import Page
from tests.crawler.crawl_process import Fetch, Held, Listening, Open, Request, StopWhile
from tests.crawler.site import Script, Site

T = TypeVar("T")

# Whoever heeds it gets nowhere: every test that fetches shows that the crawler does not.
_DEAD_PROXY = dict.fromkeys(
    ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"
)

ROOT = Path(__file__).resolve().parents[2]


class Crawl:
    """The crawler process, seen from a test."""

    def __init__(self, authority: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crawler.crawl_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "SSL_CERT_FILE": str(authority)} | _DEAD_PROXY,
        )

    def open(
        self,
        *,
        next_allowed: Mapping[str, datetime] | None = None,
        mortal: bool = False,
        credentials: Mapping[str, Credentials] | None = None,
        names: Mapping[str, tuple[tuple[str, ...], ...]] | None = None,
        dry: bool = False,
        **settings: object,
    ) -> None:
        """Start a fresh crawler that may visit loopback, without spacing unless `settings` say otherwise.

        `names` stands in for the name server, with nothing remembered; a `dry` crawler sends nothing at all.
        """
        given: dict[str, Any] = {
            "contact": "mailto:desk@monitor.example",
            "spacing": timedelta(0),
            "timeout": timedelta(seconds=5),
            "allow_networks": ("127.0.0.0/8",),
        }
        chosen = CrawlSettings(**(given | settings))
        command = Open(
            settings=chosen,
            next_allowed=next_allowed or {},
            mortal=mortal,
            credentials=credentials or {},
            names=names,
            dry=dry,
        )
        self._ask(command, type(None))

    def fetch(self, url: str, **conditions: str) -> Page:
        return self.fetch_all(Request(url=url, **conditions))[0]

    def fetch_all(self, *requests: Request | str) -> list[Page]:
        """The pages of `requests`, fetched at the same time."""
        made = tuple(Request(url=one) if isinstance(one, str) else one for one in requests)
        return self._ask(Fetch(requests=made), list[Page])

    def held(self) -> dict[str, datetime]:
        return self._ask(Held(), dict[str, datetime])

    def listening(self) -> int:
        """How many sockets the crawler process listens on."""
        return self._ask(Listening(), int)

    def stop_while(self, *urls: str, after: float, grace: float) -> tuple[list[Page], float]:
        requests = tuple(Request(url=url) for url in urls)
        command = StopWhile(requests=requests, after=after, grace=timedelta(seconds=grace))
        return self._ask(command, tuple[list[Page], float])

    def close(self) -> int:
        """End the process by ending its input; its exit status."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        status = self._process.wait(timeout=20)
        self._process.stdout.close()
        return status

    def _ask(self, command: object, expected: type[T]) -> T:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(command, self._process.stdin)
        self._process.stdin.flush()
        answer = pickle.load(self._process.stdout)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, get_origin(expected) or expected)
        return answer


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that the crawler process trusts, beside none."""
    return trustme.CA()


@pytest.fixture(scope="session")
def crawl_process(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    crawl = Crawl(file)
    yield crawl
    assert crawl.close() == 0


@pytest.fixture
def crawl(crawl_process: Crawl) -> Crawl:
    """A fresh crawler with loopback allowed and no spacing."""
    crawl_process.open()
    return crawl_process


@pytest.fixture
def serve() -> Iterator[Callable[[Mapping[str, Script]], Site]]:
    """A function that puts a site on a loopback address of its own until the test ends."""
    with ExitStack() as stack:
        yield lambda pages: stack.enter_context(Site(pages))

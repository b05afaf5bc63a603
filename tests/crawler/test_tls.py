"""A certificate that does not hold is no page."""

from __future__ import annotations

import ssl

import pytest
import trustme

from model import PageOutcome
from tests.crawler.conftest import Crawl
from tests.crawler.site import Answer, Site


def context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


def site(authority: trustme.CA, name: str) -> Site:
    return Site({"/a": Answer(body=b"x"), "/robots.txt": Answer(status=404)}, tls=context(authority, name))


def test_a_certificate_that_holds_is_accepted(crawl: Crawl, authority: trustme.CA) -> None:
    with site(authority, "localhost") as there:
        page = crawl.fetch(f"https://localhost:{there.port}/a")
    assert (page.failure, page.body, page.detail) == (None, b"x", "")


@pytest.mark.parametrize("name", ["elsewhere.example", "127.0.0.1"])
def test_a_certificate_of_another_host_is_refused(crawl: Crawl, authority: trustme.CA, name: str) -> None:
    with site(authority, name) as there:
        page = crawl.fetch(f"https://localhost:{there.port}/a")
    assert page.failure is PageOutcome.UNREACHABLE
    assert there.log == []


def test_a_certificate_of_nobody_known_is_refused(crawl: Crawl) -> None:
    with site(trustme.CA(), "localhost") as there:
        page = crawl.fetch(f"https://localhost:{there.port}/a")
    assert page.failure is PageOutcome.UNREACHABLE
    assert "certificate" in page.detail
    assert there.log == []

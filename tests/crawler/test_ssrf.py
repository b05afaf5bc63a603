"""The battery: whatever an address, a redirect or a name server says, nothing is ever sent inside.

The crawler is dry (`DryCourier`): a request that passes the guard is answered without a packet, and fails the test.
What passes through real sockets, at the end, stays on loopback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_network
from urllib.parse import quote

import pytest

from crawler.addresses import _REFUSED
from model import Page, PageOutcome
from tests.crawler.conftest import Crawl
from tests.crawler.site import Answer, Script, Site

Serve = Callable[[Mapping[str, Script]], Site]

PUBLIC = "93.184.215.14"
TARGETS = ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0")


def edges() -> list[str]:
    """The first and the last address of every network that is refused."""
    networks = map(ip_network, _REFUSED)
    return [str(address) for network in networks for address in (network[0], network[-1])]


def disguises(address: str) -> dict[str, str]:
    """The forms in which one IPv4 address is written."""
    number, octets = int(IPv4Address(address)), address.split(".")
    a, b, c, d = map(int, octets)
    six = IPv6Address(number)
    return {
        "plain": address,
        "decimal": str(number),
        "hexadecimal": hex(number),
        "octal": f"0{number:o}",
        "hexadecimal octets": ".".join(hex(int(octet)) for octet in octets),
        "octal octets": ".".join(f"0{int(octet):03o}" for octet in octets),
        "two parts": f"{a}.{(b << 16) + (c << 8) + d}",
        "three parts": f"{a}.{b}.{(c << 8) + d}",
        "mixed": f"{hex(a)}.0{b:o}.{(c << 8) + d}",
        "mapped": f"[::ffff:{address}]",
        "mapped hexadecimal": f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]",
        "compatible": f"[{six}]",
        "translated": f"[::ffff:0:{number >> 16:x}:{number & 0xFFFF:x}]",
        "NAT64": f"[64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}]",
        "local NAT64": f"[64:ff9b:1::{number >> 16:x}:{number & 0xFFFF:x}]",
        "6to4": f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        "Teredo": f"[2001:0:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        "full-width": address.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        "circled": address.translate(str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")),
        "ideographic stops": address.replace(".", "。"),
        "trailing dot": f"{address}.",
        "percent": "".join(f"%{byte:02x}" for byte in address.encode()),
        "upper-case hexadecimal": hex(number).upper(),
    }


DISGUISED = [
    pytest.param(host, id=f"{address} {form}") for address in TARGETS for form, host in disguises(address).items()
]
WRITTEN = [f"[{address}]" if ":" in address else address for address in edges()]
NAMES = {"one.example": "127.0.0.1", "two.example": "10.1.2.3", "three.example": "::1", "four.example": "fd00::1"}
TRICKS = [
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://user@127.0.0.1/",
    "http://good.example@127.0.0.1/",
    "http://127.0.0.1#good.example/",
    "http://127.0.0.1?good.example/",
    "http://127.0.0.1\\good.example/",
    "http://[::]/",
    "http://[::1]:80/",
    "http://[fe80::1%25eth0]/",
    "http://[::ffff:7f00:1%25lo]/",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "data:text/html,hello",
    "dict://127.0.0.1:11211/",
    "javascript:alert(1)",
    "//127.0.0.1/",
    "http:///etc/passwd",
    "http://",
    " http://127.0.0.1/",
    "http://127.0.0.1:99999/",
    "HTTP://127.0.0.1/",
]

RELATIVE = ("http:///etc/passwd", "http://")  # where a redirect says these, they are paths of its own host


@pytest.fixture(scope="module")
def dry(crawl_process: Crawl) -> Crawl:
    """A crawler that may go nowhere inside, with names that point inside."""
    names = {name: ((address,),) for name, address in NAMES.items()}
    crawl_process.open(
        dry=True,
        allow_networks=(),
        names={
            **names,
            "good.example": ((PUBLIC,),),
            "redirects.example": ((PUBLIC,),),
            "localhost": (("127.0.0.1",),),
            "localhost.": (("127.0.0.1",),),
            "mixed.example": ((PUBLIC, "10.0.0.1"),),
            "mixed-six.example": ((PUBLIC, "::ffff:10.0.0.1"),),
            "later.example": ((PUBLIC,), ("169.254.169.254",)),
        },
    )
    return crawl_process


def is_refused(page: Page) -> bool:
    return page.failure is PageOutcome.REFUSED_ADDRESS and page.body == b""


def test_the_dry_crawler_shows_what_passes(dry: Crawl) -> None:
    assert dry.fetch("http://good.example/").body == b"sent"
    assert dry.fetch("http://redirects.example/?http://good.example/").body == b"sent"


@pytest.mark.parametrize("host", DISGUISED)
def test_an_address_in_disguise_is_refused(dry: Crawl, host: str) -> None:
    page = dry.fetch(f"http://{host}/")
    assert page.body == b""
    # A form that the system does not take for an address is a name that nobody knows.
    assert page.failure in (PageOutcome.REFUSED_ADDRESS, PageOutcome.UNREACHABLE)
    assert is_refused(page) or page.detail.endswith("has no address")


@pytest.mark.parametrize("host", WRITTEN)
def test_the_edges_of_every_network_inside_are_refused(dry: Crawl, host: str) -> None:
    assert is_refused(dry.fetch(f"http://{host}/"))


@pytest.mark.parametrize("host", WRITTEN)
def test_a_redirect_inside_is_refused(dry: Crawl, host: str) -> None:
    assert is_refused(dry.fetch(f"http://redirects.example/?{quote(f'http://{host}/', safe='')}"))


@pytest.mark.parametrize("url", TRICKS)
def test_an_address_that_plays_tricks_is_refused(dry: Crawl, url: str) -> None:
    assert is_refused(dry.fetch(url))


@pytest.mark.parametrize("url", [url for url in TRICKS if url not in RELATIVE])
def test_a_redirect_that_plays_tricks_is_refused(dry: Crawl, url: str) -> None:
    page = dry.fetch(f"http://redirects.example/?{quote(url, safe='')}")
    assert is_refused(page)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_points_inside_is_refused(dry: Crawl, name: str) -> None:
    assert is_refused(dry.fetch(f"http://{name}/"))
    assert is_refused(dry.fetch(f"http://redirects.example/?http://{name}/"))


@pytest.mark.parametrize("name", ["mixed.example", "mixed-six.example"])
def test_a_name_with_one_address_inside_among_good_ones_is_refused(dry: Crawl, name: str) -> None:
    assert is_refused(dry.fetch(f"http://{name}/"))


def test_a_name_that_points_inside_at_the_second_look_is_refused(dry: Crawl) -> None:
    assert is_refused(dry.fetch("http://later.example/"))


def test_a_name_that_turns_inside_between_the_check_and_the_connection_is_refused(crawl: Crawl, serve: Serve) -> None:
    """With real sockets, on loopback: one address of it counts as outside, another as inside."""
    outside, inside = serve({"/robots.txt": Answer(status=404), "/": Answer(body=b"ok")}), serve({"/": Answer()})
    good, bad = (site.host.partition(":")[0] for site in (outside, inside))
    inside_too = Site({"/": Answer(body=b"secret")}, at=(bad, outside.port))
    with inside_too:
        for looks in range(1, 8):
            answers = (*[(good,)] * looks, (bad,))
            crawl.open(allow_networks=(f"{good}/32",), names={"turns.example": answers})
            page = crawl.fetch(f"http://turns.example:{outside.port}/")
            assert page.body in (b"", b"ok")
            assert page.failure in (None, PageOutcome.REFUSED_ADDRESS)
        assert inside_too.log == []
        assert inside.log == []

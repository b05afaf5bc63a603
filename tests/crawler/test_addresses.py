"""Nothing is sent inside, by whatever name: judged by number, never tried on the wire off loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from crawler.addresses import Target, networks, parse_target, refusal
from crawler.resolver import GuardedResolver
from model import PageOutcome
from tests.crawler.conftest import Crawl
from tests.crawler.site import Answer, Script, Site

Serve = Callable[[Mapping[str, Script]], Site]

INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "",
    "localhost",
    "127.1",
    "0x7f.0.0.1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_an_address_outside_is_let_through(address: str) -> None:
    assert refusal(address) is None


def test_networks_can_be_opted_in_one_by_one() -> None:
    allowed = networks(["127.0.0.0/8", "fd00::/8"])
    assert refusal("127.0.0.9", allowed) is None
    assert refusal("fd00::9", allowed) is None
    assert refusal("10.0.0.1", allowed)
    assert refusal("::1", allowed)


@pytest.mark.parametrize(
    ("url", "key", "origin"),
    [
        ("http://Host.Example/a#b", "host.example:80", "http://host.example:80"),
        ("https://host.example", "host.example:443", "https://host.example:443"),
        ("http://host.example:8080/", "host.example:8080", "http://host.example:8080"),
        ("http://[::1]:81/", "[::1]:81", "http://[::1]:81"),
        ("http://bücher.example/ü", "xn--bcher-kva.example:80", "http://xn--bcher-kva.example:80"),
    ],
)
def test_a_target_names_its_host_and_origin(url: str, key: str, origin: str) -> None:
    target = parse_target(url)
    assert isinstance(target, Target)
    assert (target.key, target.origin) == (key, origin)


@pytest.mark.parametrize("host", ["b\u00fccher" * 20, "a..b\u00fc", "\udcfc"])
def test_a_name_that_has_no_form_in_ascii_is_no_address(host: str) -> None:
    assert isinstance(parse_target(f"http://{host}.example/"), str)


class Names:
    """A name server: answers by table, counts, and raises or waits where told to."""

    def __init__(self, table: Mapping[str, Sequence[str] | Exception]) -> None:
        self.table = table
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answer = self.table[host]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_name_with_one_address_inside_is_refused_whole() -> None:
    names = Names({"rebind.example": ("93.184.215.14", "169.254.169.254"), "good.example": ("93.184.215.14",)})
    resolver = GuardedResolver((), lookup=names)
    refused, good = await resolver.resolve("rebind.example"), await resolver.resolve("good.example")
    assert (refused.addresses, refused.refused) == ((), "rebind.example is 169.254.169.254: link-local, metadata")
    assert (good.addresses, good.refused) == (("93.184.215.14",), None)


async def test_a_name_is_asked_for_once_by_many() -> None:
    names = Names({"good.example": ("93.184.215.14",)})
    resolver = GuardedResolver((), lookup=names)
    await asyncio.gather(*(resolver.resolve("good.example") for _ in range(20)))
    await resolver.resolve("good.example")
    assert names.asked == ["good.example"]


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
async def test_a_name_that_fails_has_a_reason(error: Exception) -> None:
    resolved = await GuardedResolver((), lookup=Names({"x.example": error})).resolve("x.example")
    assert resolved.failed == f"x.example has no address ({error})"


async def test_a_name_server_that_hangs_times_out() -> None:
    hanging = asyncio.Event()
    loop = asyncio.get_running_loop()

    def lookup(_: str) -> Sequence[str]:
        asyncio.run_coroutine_threadsafe(hanging.wait(), loop).result(timeout=10)
        return ()

    resolved = await GuardedResolver((), timeout=0.1, lookup=lookup).resolve("x.example")
    hanging.set()
    assert resolved.timed_out
    assert resolved.failed


class Receiver:
    """What Twisted hands to a resolver."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete = asyncio.Event()

    def resolutionBegan(self, resolutionInProgress: object) -> None:  # noqa: N802, N803
        """Nothing to do."""

    def addressResolved(self, address: object) -> None:  # noqa: N802
        self.addresses.append(f"{getattr(address, 'host', '')}:{getattr(address, 'port', '')}")

    def resolutionComplete(self) -> None:  # noqa: N802
        self.complete.set()


async def test_twisted_is_told_of_good_addresses_only() -> None:
    names = Names({"good.example": ("93.184.215.14", "2606:4700::1111"), "bad.example": ("127.0.0.1",)})
    resolver = GuardedResolver((), lookup=names)
    told = {}
    for host in ("good.example", "bad.example"):
        receiver = told[host] = Receiver()
        resolver.resolveHostName(receiver, host, 80)
        await receiver.complete.wait()
    assert told["good.example"].addresses == ["93.184.215.14:80", "2606:4700::1111:80"]
    assert told["bad.example"].addresses == []


def port_of(site: Site) -> str:
    return site.host.rpartition(":")[2]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_loopback_by_any_name_is_refused_before_anything_is_sent(crawl: Crawl, serve: Serve, host: str) -> None:
    crawl.open(allow_networks=())
    site = serve({"/": Answer(body=b"secret")})
    page = crawl.fetch(f"http://{host}:{port_of(site)}/")
    assert page.failure is PageOutcome.REFUSED_ADDRESS
    assert site.log == []


def test_a_redirect_inside_is_refused_before_anything_is_sent(crawl: Crawl, serve: Serve) -> None:
    inside = serve({"/admin": Answer(body=b"secret")})
    site = serve({"/a": Answer(status=302, headers={"Location": inside.url("/admin")})})
    crawl.open(allow_networks=(f"{site.host.partition(':')[0]}/32",))
    page = crawl.fetch(site.url("/a"))
    assert page.failure is PageOutcome.REFUSED_ADDRESS
    assert page.detail.endswith("loopback")
    assert inside.log == []


def test_a_robots_that_redirects_inside_is_refused(crawl: Crawl, serve: Serve) -> None:
    inside = serve({"/robots.txt": Answer()})
    site = serve({"/robots.txt": Answer(status=302, headers={"Location": inside.url("/robots.txt")}), "/a": Answer()})
    crawl.open(allow_networks=(f"{site.host.partition(':')[0]}/32",))
    assert crawl.fetch(site.url("/a")).failure is PageOutcome.REFUSED_ADDRESS
    assert inside.log == []

"""Which addresses may be asked at all: the form of a URL, and the networks that nothing is ever sent to.

String checks on URLs cannot win (`0x7f.1`, `2130706435` and a hundred more are loopback): what counts is the number
that a name resolves to, checked where the connection is made (`resolver.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

Network = IPv4Network | IPv6Network

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 4000  # servers refuse more; a trap that grows its own addresses ends here

# The ipaddress module judges most of these by `is_global`, but not all, and not alike in every Python: by list, then.
_REFUSED = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a carrier",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's metadata",  # a public number, but inside one large cloud it is its own services
    "169.254.0.0/16": "link-local, metadata",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "6to4 relay",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarks",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/96": "unspecified, loopback or an IPv4 address in disguise",
    "::ffff:0:0/96": "an IPv4 address in disguise",
    "::ffff:0:0:0/96": "an IPv4 address in disguise",
    "64:ff9b::/96": "an IPv4 address behind NAT64",
    "64:ff9b:1::/48": "an IPv4 address behind NAT64",
    "100::/64": "discarded",
    "2001::/23": "protocol assignments, Teredo",
    "2001:db8::/32": "documentation",
    "2002::/16": "an IPv4 address in 6to4",
    "3fff::/20": "documentation",
    "5f00::/16": "segment routing",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}
_REFUSED_NETWORKS = tuple((ip_network(network), why) for network, why in _REFUSED.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A URL in the form in which it is sent, taken apart. `key` names its host for spacing: `host:port`."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def key(self) -> str:
        """The host as manners know it, whatever the outlet."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt speaks for."""
        return f"{self.scheme}://{self.key}"


def parse_target(url: str) -> Target | str:
    """Take `url` apart, or say in a few words why it is no address that a page can be fetched from."""
    if len(url) > _LONGEST_URL:
        return f"an address of {len(url)} characters"
    try:
        safe = safe_url_string(url.strip()).partition("#")[0]
        parts = urlsplit(safe)
        port = parts.port
    except ValueError as error:
        return f"not an address: {error}"
    if not safe.isascii():
        return "not an address: a name that cannot be written in ASCII"
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return "not an http or https address"
    if "@" in parts.netloc:
        return "an address with a user name in it"
    if "%" in parts.hostname:
        return "an address within a zone of this machine"
    return Target(url=safe, scheme=parts.scheme, host=parts.hostname, port=port or _DEFAULT_PORTS[parts.scheme])


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """The networks that `texts` write out; ValueError for one that is none."""
    return tuple(ip_network(text, strict=False) for text in texts)


def refusal(address: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why nothing may be sent to `address` (an IP address), or None where it may; `allowed` opts networks in."""
    try:
        number = ip_address(address)
    except ValueError:
        return "not an IP address"
    if any(_within(number, network) for network in allowed):
        return None
    why = next((why for network, why in _REFUSED_NETWORKS if _within(number, network)), None)
    return why or (None if number.is_global else "not a public address")


def _within(number: IPv4Address | IPv6Address, network: Network) -> bool:
    return number.version == network.version and number in network

"""What a subscriber's own key or cookie is sent with, and to whom: its outlet's hosts, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

from config import Credentials
from crawler.addresses import Target, parse_target

NOTHING: Mapping[str, str] = MappingProxyType({})


class Keys:
    """The credentials of all outlets, applied to one request after another."""

    def __init__(self, credentials: Mapping[str, Credentials] = MappingProxyType({})) -> None:
        self._credentials = credentials
        self._targets = {outlet: _targets(one) for outlet, one in credentials.items()}

    def headers(self, outlet: str, target: Target) -> Mapping[str, str]:
        """The headers that go with a request to `target` for `outlet`; none where a redirect has led elsewhere."""
        if outlet not in self._credentials or target.origin not in {one.origin for one in self._targets[outlet]}:
            return NOTHING
        return {name: secret.reveal() for name, secret in self._credentials[outlet].headers}

    def address(self, outlet: str, target: Target) -> str:
        """The address as it is sent: with the outlet's parameters, where it is one of the outlet's own."""
        known = self._credentials.get(outlet)
        if known is None or not known.query or target not in self._targets[outlet]:
            return target.url
        pairs = "&".join(f"{quote(name, safe='')}={quote(secret.reveal(), safe='')}" for name, secret in known.query)
        return f"{target.url}{'&' if '?' in target.url else '?'}{pairs}"


def _targets(credentials: Credentials) -> frozenset[Target]:
    found = map(parse_target, credentials.addresses)
    return frozenset(target for target in found if isinstance(target, Target))

"""Names to addresses, for every connection that the process makes: guarded, timed, cached.

Twisted hands each host that it connects to, literal addresses included, to the reactor's name resolver and connects to
exactly what that returns. So this is the one choke point for http, https, robots.txt and redirects, and there is no
gap between the check and the use in which a name could change its mind.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from zope.interface.declarations import implementer

from crawler.addresses import Network, refusal

_TTL = 300.0  # seconds; getaddrinfo does not tell the record's own, and outlets do move
_TTL_FAILED = 30.0  # a name server's hiccup should not silence an outlet for long
_LOOKUPS = 64  # at once; each is a thread that hangs as long as the system's resolver does
_MOST_NAMES = 20_000

# host -> addresses; raises OSError or UnicodeError
Lookup = Callable[[str], Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """What is known of a host. `addresses` is empty where `refused` or `failed` says why."""

    addresses: tuple[str, ...] = ()
    refused: str | None = None
    failed: str | None = None
    timed_out: bool = False


def system_lookup(host: str) -> Sequence[str]:
    """Every address of `host` that the system knows, in its order of preference."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Receiver(Protocol):
    """`twisted.internet.interfaces.IResolutionReceiver`, as a type."""

    def resolutionBegan(self, resolutionInProgress: _Resolution) -> None: ...  # noqa: N802, N803
    def addressResolved(self, address: IPv4Address | IPv6Address) -> None: ...  # noqa: N802
    def resolutionComplete(self) -> None: ...  # noqa: N802


@implementer(IHostResolution)  # type: ignore[no-untyped-call]
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing to undo: an answer that nobody waits for goes into the cache."""


@implementer(IHostnameResolver)  # type: ignore[no-untyped-call]
class GuardedResolver:
    """A Twisted name resolver that answers with no address unless every address of the name may be asked."""

    def __init__(
        self,
        allowed: Sequence[Network],
        *,
        timeout: float = 10.0,
        ttl: float = _TTL,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._allowed = tuple(allowed)
        self._timeout = timeout
        self._ttl = ttl
        self._lookup = lookup
        self._known: dict[str, tuple[float, Resolved]] = {}
        self._asking: dict[str, asyncio.Task[Resolved]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_LOOKUPS)

    async def resolve(self, host: str) -> Resolved:
        """What `host` resolves to, out of the cache or asked anew; never raises but CancelledError."""
        known = self._remembered(host)
        if known is not None:
            return known
        task = self._asking.get(host)
        if task is None:
            task = self._asking[host] = asyncio.ensure_future(self._ask(host))
            task.add_done_callback(lambda _: self._asking.pop(host, None))
        return await asyncio.shield(task)

    def resolveHostName(  # noqa: N802 (the interface's name)
        self,
        resolutionReceiver: _Receiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> _Resolution:
        """Twisted's side of `resolve`; see `twisted.internet.interfaces.IHostnameResolver`."""
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        task = asyncio.ensure_future(self._tell(resolutionReceiver, hostName, portNumber))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        return resolution

    async def _tell(self, receiver: _Receiver, host: str, port: int) -> None:
        try:
            for address in (await self.resolve(host)).addresses:
                kind = IPv6Address if ":" in address else IPv4Address
                receiver.addressResolved(kind("TCP", address, port))
        finally:
            receiver.resolutionComplete()

    def _remembered(self, host: str) -> Resolved | None:
        until, resolved = self._known.get(host, (0.0, None))
        return resolved if until > monotonic() else None

    async def _ask(self, host: str) -> Resolved:
        try:
            async with asyncio.timeout(self._timeout):
                resolved = self._judge(host, await self._in_thread(host))
        except TimeoutError:
            resolved = Resolved(failed=f"no answer from the name server about {host}", timed_out=True)
        except (OSError, UnicodeError) as error:
            resolved = Resolved(failed=f"{host} has no address ({error})")
        self._remember(host, resolved)
        return resolved

    def _judge(self, host: str, addresses: Sequence[str]) -> Resolved:
        # One bad address among good ones is how a name is made to point inside: the whole name is refused.
        for address in addresses:
            why = refusal(address, self._allowed)
            if why is not None:
                return Resolved(refused=f"{host} is {address}: {why}" if host != address else f"{address}: {why}")
        return Resolved(addresses=tuple(addresses)) if addresses else Resolved(failed=f"{host} has no address")

    def _remember(self, host: str, resolved: Resolved) -> None:
        if len(self._known) >= _MOST_NAMES:
            now = monotonic()
            self._known = {name: entry for name, entry in self._known.items() if entry[0] > now}
        self._known[host] = (monotonic() + (_TTL_FAILED if resolved.failed else self._ttl), resolved)

    async def _in_thread(self, host: str) -> Sequence[str]:
        """Look `host` up in a daemon thread: a pool's thread that hangs in the resolver would hold up the exit."""
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def settle(addresses: Sequence[str], error: Exception | None) -> None:
            self._places.release()
            if answer.done():
                return
            if error is None:
                answer.set_result(addresses)
            else:
                answer.set_exception(error)

        threading.Thread(target=_look_up, args=(self._lookup, host, loop, settle), daemon=True).start()
        return await answer


def _look_up(lookup: Lookup, host: str, loop: asyncio.AbstractEventLoop, settle: Callable[..., None]) -> None:
    addresses: Sequence[str] = ()
    error: Exception | None = None
    try:
        addresses = lookup(host)
    except (OSError, UnicodeError) as raised:
        error = raised
    try:
        loop.call_soon_threadsafe(settle, addresses, error)
    except RuntimeError:
        return  # the loop has closed meanwhile: nobody waits any more

"""The daemon on one page: config -> archive -> crawler -> jobs -> wait for a signal -> stop in reverse.

The archive knows what is polled when, which addresses are not fetched yet and what is owed to whom; so a daemon that
is killed anywhere goes on where it was.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

import crawler.loop
from alerts.channels import open_channels
from alerts.outbox import Courier
from archive import Archive
from config import Config
from crawler.engine import Crawler
from crawler.lanes import Lanes
from crawler.workers import WorkerPool
from health import Pulse, serve
from jobs import Jobs, OnThread, gather_bounded
from model import Lead, Listing
from monitor import Monitor, collect_seldom
from noticing import Noticer
from telling import Teller

STOP_GRACE = timedelta(seconds=4)  # a container is killed ten seconds after it was asked to end
_TICK_S = 1.0
_KEEP_HOSTS_S = 30
_LET_GO_S = 4  # 100 rows of a kind each time: more than a million articles a day leave behind
_AFTER_FAILURE_S = 120
_VISITS_AT_ONCE = 256  # addresses that wait for their host's turn, or fetched for a reader; each may hold a page
_VISITS_PER_OUTLET = 8  # of them: an outlet with a thousand new addresses must not fill the places of the others
_NICEST = 19  # what takes long to read yields to all else
_PRELOAD = ("monitor", "extract.text", "extract.warm", "crawler.discovery")

_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The clock of the daemon."""
    return datetime.now(UTC)


def installed_version() -> str:
    """The version of Tollwatch that runs."""
    try:
        return version("tollwatch")
    except PackageNotFoundError:
        return "0"


def share_out(due: Sequence[Lead], under_way: Mapping[str, str]) -> list[Lead]:
    """The addresses that may be visited now, in their order, no outlet's more than its share.

    `under_way` are jobs by their names; of a visit that is its address's key, with its outlet.
    """
    taken = Counter(outlet for outlet in under_way.values() if outlet)
    chosen = []
    for lead in due:
        has_place = taken.total() < _VISITS_AT_ONCE and taken[lead.outlet] < _VISITS_PER_OUTLET
        if has_place and lead.key not in under_way:
            taken[lead.outlet] += 1
            chosen.append(lead)
    return chosen


class Daemon:
    """All parts of one running Tollwatch, wired."""

    def __init__(self, config: Config, *, now: Callable[[], datetime] = utc_now) -> None:
        self._config = config
        self._now = now
        self._closing = AsyncExitStack()
        self._under_way: dict[str, str] = {}  # jobs by name, with the outlet of those that are visits
        self._tasks: set[asyncio.Task[object]] = set()
        self._pulse = Pulse(now)

    async def __aenter__(self) -> Daemon:
        """Open everything, in order; what was opened is closed in reverse, also when a later part fails to open."""
        async with AsyncExitStack() as opening:
            config = self._config
            self._archive = OnThread(Archive.open(config.archive, captures=config.captures))
            opening.callback(self._archive.close)
            await self._archive(self._sync)
            hosts = await self._archive(self._archive.archive.polling.hosts)
            channels = open_channels(config.channels, threads=self._archive)
            for channel in channels.values():
                opening.push_async_callback(channel.close)
            self._courier = Courier(self._archive, channels, now=self._now, jitter=random.random)
            self._noticer = Noticer(self._archive, config.hours, started=self._now())
            limit = config.crawl.read_timeout
            workers = WorkerPool(config.crawl.workers, timeout=limit, preload=_PRELOAD)
            opening.callback(workers.stop)
            for_slow = WorkerPool(1, timeout=limit, preload=_PRELOAD, nice=_NICEST, eager=False)
            opening.callback(for_slow.stop)
            self._crawler = Crawler(
                config.crawl, version=installed_version(), next_allowed=hosts, credentials=config.credentials
            )
            await self._crawler.start()
            opening.push_async_callback(self._stop_crawler)
            opening.push_async_callback(self._end_tasks)
            self._teller, monitor = self._mind(self._archive.archive)
            self._decider = monitor.decider
            self._jobs = Jobs(
                archive=self._archive,
                fetcher=self._crawler,
                workers=Lanes(workers, for_slow),
                monitor=monitor,
                outlets={outlet.id: outlet for outlet in config.outlets},
                now=self._now,
            )
            self._closing = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop in reverse."""
        await self._closing.aclose()

    def _sync(self) -> None:
        archive, config = self._archive.archive, self._config
        with archive.atomic():
            archive.polling.sync(config.outlets, self._now())
            archive.knowledge.sync_watches(config.watches, self._now())
            archive.outbox.drop_channels([channel.name for channel in config.channels])

    def _mind(self, archive: Archive) -> tuple[Teller, Monitor]:
        config = self._config
        teller = Teller(
            archive,
            watches=config.watches,
            rules=config.rules,
            outlet_names={outlet.id: outlet.name for outlet in config.outlets},
            hours=config.hours,
        )
        monitor = Monitor(archive, watches=config.watches, teller=teller, since=self._since)
        return teller, monitor

    def _since(self, outlet: str) -> datetime | None:
        """From when on an outlet's articles are told where no watch says otherwise: since it was first looked at."""
        return self._archive.archive.polling.first_polled(outlet)

    # ------------------------------------------------------------------------------------------------ one round

    async def once(self, *, outlet: str | None = None) -> None:
        """Poll what is due, visit what is new, deliver what is owed, and end."""
        polling = self._archive.archive.polling
        await self._archive(self._decider.carry_out)
        listings = await self._archive(polling.due_listings, self._now(), outlet=outlet)
        await gather_bounded([partial(self._jobs.poll, listing) for listing in listings], at_once=_VISITS_AT_ONCE)
        while leads := await self._archive(polling.due_leads, self._now(), limit=_VISITS_AT_ONCE, outlet=outlet):
            await self._jobs.visit_all(leads)
        await self._archive(self._teller.release, self._now())
        await self._courier.deliver()
        await self._notice(every_outlet=outlet is None)
        await self._keep_hosts()
        while await self._let_go():
            pass

    async def _notice(self, *, every_outlet: bool) -> None:
        """Tell what is not well; outlets only where all were looked at."""
        await self._noticer.look_at_channels(self._now())
        if every_outlet:
            await self._noticer.look_at_outlets(self._now())
        await self._courier.deliver()

    # ------------------------------------------------------------------------------------------------ for ever

    async def run(self, stop: asyncio.Event) -> None:
        """Do everything over and over until `stop` is set."""
        runner = await serve(
            self._config.health_listen,
            pulse=self._pulse,
            is_writable=lambda: self._archive(self._archive.archive.is_writable),
        )
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        scheduler.add_job(self._tick, "interval", seconds=_TICK_S)
        scheduler.add_job(self._keep_hosts, "interval", seconds=_KEEP_HOSTS_S)
        scheduler.add_job(self._let_go, "interval", seconds=_LET_GO_S)
        scheduler.start()
        _log.info("running", outlets=len(self._config.outlets), channels=len(self._config.channels))
        try:
            await stop.wait()
        finally:
            _log.info("stopping")
            scheduler.shutdown(wait=False)
            await runner.cleanup()

    async def _tick(self) -> None:
        """Start what is due. Nothing here waits for a page or a receiver."""
        self._pulse.beat()
        archive, now = self._archive.archive, self._now()
        for listing in await self._archive(archive.polling.due_listings, now):
            self._start(listing.url, partial(self._poll, listing))
        self._start_visits(await self._archive(archive.polling.due_leads, now, limit=2 * _VISITS_AT_ONCE))
        self._start("decisions", partial(self._archive, self._decider.carry_out))
        self._start("release", partial(self._archive, self._teller.release, now))
        self._start("notices", partial(self._noticer.look, now))
        self._start_deliveries()  # last, so that what is released now goes out now

    async def _poll(self, listing: Listing) -> None:
        """Poll a listing; the first of what is new there is visited at once."""
        polled = await self._jobs.poll(listing)
        if polled.new_leads:
            # One only: its host is asked no faster, and the places are for the tick to share out in turn.
            due_leads = self._archive.archive.polling.due_leads
            self._start_visits(await self._archive(due_leads, self._now(), limit=1, outlet=listing.outlet))

    async def _visit(self, lead: Lead) -> None:
        """Visit an address; what that earns is delivered at once."""
        taken = await self._jobs.visit(lead)
        if taken.changes:
            self._start_deliveries()

    def _start_visits(self, due: Sequence[Lead]) -> None:
        for lead in share_out(due, self._under_way):
            self._start(lead.key, partial(self._visit, lead), outlet=lead.outlet)

    def _start_deliveries(self) -> None:
        # Named anew each time: a receiver that hangs holds up its own channel, not the others' next round.
        self._start(f"deliveries at {self._now().isoformat()}", self._courier.deliver)

    def _start(self, name: str, job: Callable[[], Awaitable[object]], *, outlet: str = "") -> None:
        """Start a job unless it is under way; its error is logged and ends only itself. A visit names its outlet."""
        if name in self._under_way:
            return
        self._under_way[name] = outlet
        task = asyncio.ensure_future(self._guarded(name, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, name: str, job: Callable[[], Awaitable[object]]) -> None:
        try:
            await job()
        except Exception:
            # The border of a job: one that fails stops no other, and is not tried again at the next tick: what could
            # not be kept is still due, and an outlet must not be asked every second because a disk is full.
            _log.exception("a job failed", job=name)
            asyncio.get_running_loop().call_later(_AFTER_FAILURE_S, self._under_way.pop, name)
        except BaseException:
            del self._under_way[name]
            raise
        else:
            del self._under_way[name]

    # ------------------------------------------------------------------------------------------------ stopping

    async def _keep_hosts(self) -> None:
        await self._archive(self._archive.archive.polling.keep_hosts, dict(self._crawler.next_allowed), self._now())

    async def _let_go(self) -> int:
        upkeep = self._archive.archive.upkeep
        gone = await self._archive(upkeep.let_go, self._config.keep, self._now())
        await self._archive(upkeep.shorten_log)
        return gone

    async def _stop_crawler(self) -> None:
        await self._keep_hosts()
        await self._crawler.stop(STOP_GRACE)

    async def _end_tasks(self) -> None:
        """Deliveries under way may end, visits are dropped: they stand in the frontier still."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _on_signals(do: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, do)


def until_interrupted(main: Callable[[], Awaitable[int]]) -> int:
    """Run `main` in the reactor's loop; SIGTERM or SIGINT cancels it in good order. Returns its value, or 130."""

    async def cancellable() -> int:
        task = asyncio.ensure_future(main())
        _on_signals(task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return 130

    return crawler.loop.run(cancellable)


def run(config: Config) -> int:
    """Run the daemon until SIGTERM or SIGINT; returns the process's exit code."""

    collect_seldom()

    async def main() -> int:
        stop = asyncio.Event()
        _on_signals(stop.set)
        async with Daemon(config) as daemon:
            await daemon.run(stop)
        return 0

    return crawler.loop.run(main)


def once(config: Config, *, outlet: str | None = None, now: Callable[[], datetime] = utc_now) -> int:
    """Poll, visit and deliver what is due, once; returns the process's exit code."""

    async def main() -> int:
        async with Daemon(config, now=now) as daemon:
            await daemon.once(outlet=outlet)
        return 0

    return until_interrupted(main)

"""Datasette with our pages: routes, templates, settings, and the descriptions of the tables."""

from __future__ import annotations

import gc
import hashlib
import io
import logging
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from datasette import Response, hookimpl
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.plugins import pm
from datasette.utils.asgi import Base400
from datasette.views.base import DatasetteError
from markupsafe import Markup

import plot
from alerts import wording
from archive import Archive, console, spreadsheets
from archive.browsing import QUESTIONS
from archive.describe import descriptions
from config import WebSettings
from dashboard import pages, words
from dashboard.database import ArchiveDatabase
from dashboard.guard import App, Guard
from dashboard.pages import Asked, Asking, Page
from dashboard.workers import MOST_WAITING, WORKERS
from model import InputError, Outcome, Qualifier, Timeline, TimelinePoint, Who

_log = logging.getLogger("tollwatch.web")

DATABASE = "archive"
SQL_MS = 1_000
MOST_ROWS = 1_000
LIMITS = (
    f"read-only · {SQL_MS // 1000} s a statement · {MOST_ROWS:,} rows · {console.MOST_BYTES // 1_000_000} MB an answer"
    f" · {console.MOST_MEMORY // 2**20} MB of memory · {WORKERS} statements at a time, {MOST_WAITING} waiting"
)
_HERE = Path(__file__).parent
_SETTINGS = {
    "sql_time_limit_ms": SQL_MS,
    "max_returned_rows": MOST_ROWS,
    "default_page_size": 25,
    "num_sql_threads": 4,  # for our own pages; other statements have their processes
    "suggest_facets": False,  # would count every column of every table that is looked at
    "allow_download": False,
    "default_cache_ttl": 0,  # what is shown changes by the minute
}
_NOTHING_HERE = "The archive holds nothing at this address."
_PLOT_WIDTHS = (720, 360)
_COLLECTED_AFTER = 20_000  # new objects: a picture makes thousands, few of which are in cycles
_MOST_PLOTS = 256  # kept; one takes 30 kB
# A plot is a document of its own, without script, and its look stands in it.
_PLOT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_ANY = Timeline(
    event="",
    event_name="",
    outcome=Outcome.KILLED,
    who=Who.PEOPLE,
    subset=None,
    points=tuple(
        TimelinePoint(
            as_of=_BEGIN.replace(day=number),
            seen=_BEGIN,
            low=number,
            high=number,
            number=number,
            qualifier=Qualifier.EXACT,
            hedged=False,
            source="",
            outlet="",
            url="",
            quote="",
            figure_id=number,
        )
        for number in (1, 2)
    ),
)

_ROUTES: tuple[tuple[str, Asking], ...] = (
    (r"/(?P<key>)", pages.start),
    (r"/events/(?P<key>[^/.]+)", pages.event),
    (r"/articles/(?P<key>\d+)", pages.article),
    (r"/figures/(?P<key>\d+)", pages.figure),
    (r"/watches/(?P<key>[^/.]+)", pages.watch),
    (r"/sources(?P<key>)", pages.Kept(pages.sources)),
    (r"/search(?P<key>)", pages.search),
    (r"/alerts(?P<key>)", pages.alerts),
)


class Dashboard(Datasette):  # type: ignore[misc]  # Datasette has no types
    """One archive, shown."""

    def __init__(self, archive: Path) -> None:
        super().__init__(
            [],
            settings=_SETTINGS,
            metadata=_metadata(),
            template_dir=str(_HERE / "templates"),
            static_mounts=[("static", str(_HERE / "static"))],
        )
        self.remove_database("_memory")  # statements on it would run in this process
        self.archive = self.add_database(ArchiveDatabase(self, archive), name=DATABASE)
        self.plots: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        # Datasette's own templates await each value; ours have nothing to wait for, and are quicker so.
        self.pages = self.jinja_env.overlay(enable_async=False)

    def render(self, template: str, context: Mapping[str, object], request: Any) -> str:  # noqa: ANN401
        """One of our own templates, filled in."""
        written: str = self.pages.get_template(template).render(**context, request=request)
        return written

    async def permission_allowed(
        self, _actor: object, _action: str, resource: object = None, default: bool = False
    ) -> bool:
        """Whoever the guard lets in may see the archive, and nothing of Datasette's own."""
        name = resource[0] if isinstance(resource, tuple) else resource
        return name in {None, DATABASE}


def application(archive: Path, settings: WebSettings, *, local: bool) -> App:
    """The dashboard of the archive at `archive` as an ASGI application; `local` where it listens on loopback."""
    if not pm.has_plugin("tollwatch"):
        pm.register(sys.modules[__name__], "tollwatch")
        # It prints every error, a missing page too, with all local values: that takes a second, and secrets are no log.
        pm.unregister(name="datasette.handle_exception")
    dashboard = Dashboard(archive)
    dashboard.executor.submit(_get_ready)
    return Guard(dashboard.app(), local=local, password=settings.password)


def _get_ready() -> None:
    """What takes long once, before the first visitor comes: matplotlib takes half a second to load."""
    plot.svg(_ANY)
    gc.collect()
    gc.freeze()  # what is loaded now stays, and need not be looked through for garbage while somebody waits
    gc.set_threshold(_COLLECTED_AFTER, 20, 50)


def _metadata() -> dict[str, Any]:
    tables: dict[str, dict[str, object]] = {
        name: {"description": told.about, "columns": dict(told.columns)} for name, told in descriptions().items()
    }
    tables["_sqlite_migrations"] = {"hidden": True}
    queries = {
        name: {"title": asked.title, "description": asked.description, "sql": asked.sql}
        for name, asked in QUESTIONS.items()
    }
    return {
        "title": "Tollwatch",
        "databases": {DATABASE: {"title": "Tables and SQL", "tables": tables, "queries": queries}},
    }


# --------------------------------------------------------------------------------------------- Datasette's hooks


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """Our addresses; they come before Datasette's own."""
    if not isinstance(datasette, Dashboard):
        return []
    routes = [(rf"^{path}(\.(?P<format>json|csv))?$", _view(asking)) for path, asking in _ROUTES]
    return [
        (r"^/index\.(?P<format>json|csv)(?P<key>)$", _view(pages.start)),
        (r"^/events/(?P<key>[^/.]+)/plot-(?P<outcome>[a-z]+)-(?P<who>[a-z_]+)-(?P<width>\d{3})\.svg$", _plot),
        (r"^/watches/(?P<key>[^/.]+)\.atom$", _feed),
        *routes,
    ]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: jinja2.Environment, datasette: Datasette) -> None:
    """What our templates call."""
    if isinstance(datasette, Dashboard):
        env.filters.update(
            moment=_moment,
            day=_day,
            code=_code,
            written=wording.as_written,
            spaced=lambda text: str(text).replace("_", " "),
            web_address=wording.web_address,
            number=lambda number: f"{number:,}",
            path=lambda text: quote(str(text), safe=""),
            about=words.about,
            bounds=words.bounds,
            source=words.source,
            verdict=words.verdict,
            found=lambda text: [piece.partition("\3") for piece in text.split("\2")],
        )
        style = (_HERE / "static" / "tollwatch.css").read_bytes()
        env.globals.update(limits=LIMITS, style=hashlib.sha256(style).hexdigest()[:12], plot_widths=_PLOT_WIDTHS)


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(datasette: Datasette, request: Any, exception: Exception) -> Callable[[], Awaitable[Response]]:  # noqa: ANN401
    """A page for an error of Datasette's own pages; what nobody expected goes into the log."""

    async def answered() -> Response:
        if isinstance(exception, DatasetteError):
            return await _said(datasette, request, exception.status, exception.title or "Error", exception.message)
        if isinstance(exception, Base400):
            # An address that is no page of ours is the name of a database to Datasette.
            said = str(exception.args[0]).replace("Database not found", _NOTHING_HERE)
            return await _said(datasette, request, exception.status, "Not here", said)
        if isinstance(exception, console.TroubleError | QueryInterrupted):
            return await _said(datasette, request, 503, "Too much at once", str(exception))
        _log.error("a page broke", exc_info=exception)
        return await _said(datasette, request, 500, "This page broke", "The log of the dashboard has the reason.")

    return answered


# ------------------------------------------------------------------------------------------------------- views


def _view(asking: Asking) -> Callable[..., Awaitable[Response]]:
    async def view(request: Any, datasette: Dashboard) -> Response:  # noqa: ANN401  # Datasette has no types
        asked = _asked(request)
        try:
            answer = await datasette.archive.ask(lambda archive: asking(archive, asked))
        except InputError as error:
            return await _said(datasette, request, 400, "That cannot be read", str(error))
        except (QueryInterrupted, console.RefusedError):
            return await _said(datasette, request, 503, "Too much at once", "The archive is busy; try again.")
        if answer is None:
            return await _said(datasette, request, 404, "Not here", _NOTHING_HERE)
        if isinstance(answer, Page):
            return await _rendered(datasette, request, answer)
        return Response.redirect(answer.path)

    return view


def _asked(request: Any) -> Asked:  # noqa: ANN401
    values = {name: request.args[name] for name in request.args}
    return Asked(key=request.url_vars.get("key", ""), values=values, now=datetime.now(UTC))


async def _rendered(datasette: Dashboard, request: Any, page: Page) -> Response:  # noqa: ANN401
    form = request.url_vars.get("format")
    if form == "json":
        return Response.json({"title": page.title, "tables": {table.name: table.rows for table in page.tables}})
    if form == "csv":
        table = page.table(request.args.get("table") or page.tables[0].name)
        if table is None:
            return await _said(datasette, request, 404, "Not here", "This page has no such table.")
        return Response(_csv(table), content_type="text/csv; charset=utf-8")
    tables = {table.name: table for table in page.tables}
    return Response.html(
        datasette.render(page.template, {**page.more, "page": page, "title": page.title, "tables": tables}, request)
    )


async def _said(datasette: Datasette, request: Any, status: int, title: str, sentence: str) -> Response:  # noqa: ANN401
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": sentence, "status": status}, status=status)
    context = {"title": title, "error": sentence, "status": status}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=status)


def _csv(table: pages.Table) -> str:
    written = io.StringIO(newline="")
    spreadsheets.write(table.rows, list(table.rows[0]) if table.rows else [], written)
    return written.getvalue()


async def _feed(request: Any, datasette: Dashboard) -> Response:  # noqa: ANN401
    address, now = datasette.absolute_url(request, "").rstrip("/"), datetime.now(UTC)
    key = request.url_vars["key"]
    written = await datasette.archive.ask(lambda archive: pages.watch_feed(archive, key, address, now))
    if written is None:
        return await _said(datasette, request, 404, "Not here", "No watch has this id.")
    return Response(written, content_type="application/atom+xml; charset=utf-8")


async def _plot(request: Any, datasette: Dashboard) -> Response:  # noqa: ANN401
    asked, width = _asked(request), int(request.url_vars["width"])
    try:
        seen_by = asked.moment("seen_by")
        counted = Outcome(request.url_vars["outcome"]), Who(request.url_vars["who"]), asked.values.get("subset")
    except (InputError, ValueError):
        return Response.text("no such plot", status=404)

    def drawn(archive: Archive) -> bytes | None:
        found = pages.timeline(archive, asked.key, counted, seen_by)
        if found is None or width not in _PLOT_WIDTHS:
            return None
        return _drawn(datasette, (asked.key, counted, width, seen_by, found[0]), found[1], width)

    picture = await datasette.archive.ask(drawn)
    if picture is None:
        return Response.text("no such plot", status=404)
    headers = {"content-security-policy": _PLOT_POLICY, "cache-control": "no-cache"}
    return Response(picture, headers=headers, content_type="image/svg+xml")


def _drawn(datasette: Dashboard, key: tuple[object, ...], timeline: Timeline, width: int) -> bytes:
    """The picture of a timeline; each state of an event is drawn once."""
    kept = datasette.plots.get(key)
    if kept is None:
        drawn = plot.svg(timeline, links=lambda point: f"/figures/{point.figure_id}", width_px=width)
        # A link opens in place of the page, not in the frame of the picture.
        kept = drawn.replace(b"<a href=", b'<a target="_top" href=')
        datasette.plots[key] = kept
        if len(datasette.plots) > _MOST_PLOTS:
            datasette.plots.popitem(last=False)
    return kept


# ------------------------------------------------------------------------------------------------------- words


def _read(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


@lru_cache(maxsize=10_000)  # a page of all outlets has a thousand times, most of them more than once
def _moment(moment: datetime | str | None) -> str:
    """`26 Nov 2026, 12:50`, in UTC."""
    if moment is None:
        return "–"
    read = _read(moment).astimezone(UTC)
    return f"{read.day} {read:%b %Y, %H:%M}"


def _day(day: date, now: datetime) -> str:
    """`Today`, `Yesterday`, `Thursday 26 November`."""
    year = "" if day.year == now.year else f" {day.year}"
    return {0: "Today", 1: "Yesterday"}.get((now.date() - day).days, f"{day:%A} {day.day} {day:%B}{year}")


def _code(told: str | None) -> Markup:
    """A description, what stands between backticks as code."""
    pieces = enumerate((told or "").split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(piece) if n % 2 else piece for n, piece in pieces)

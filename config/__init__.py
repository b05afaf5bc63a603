"""config.toml -> values. A mistake names file, key, value and remedy, and all mistakes are told at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from config.relations import key_of, position, relations
from config.tables import (
    AppriseTable,
    AtomTable,
    ChannelTable,
    Complaint,
    ConfigTable,
    EmailTable,
    HoursTable,
    OutletTable,
    Place,
    PrintTable,
    SlackTable,
    WatchTable,
    WebhookTable,
    read_tables,
)
from config.values import Secret as Secret  # part of what this package gives out
from config.values import Surroundings, cores
from model import ConfigError, Hours, Outlet, Parameters, Problem, Rule, Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintChannel:
    """Alerts on standard output."""

    name: str
    templates: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailChannel:
    """Alerts by SMTP. `ca_file` adds a private authority for a server of one's own."""

    name: str
    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    to: tuple[str, ...]
    username: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    templates: Path | None = None  # a folder with the user's own
    timeout: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlackChannel:
    """Alerts to a Slack channel by incoming webhook; the address is the secret."""

    name: str
    url: Secret
    timeout: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlackBotChannel:
    """Alerts to a Slack channel by a bot, a thread an event; `channel` is `#name` or an id."""

    name: str
    token: Secret
    channel: str
    timeout: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookChannel:
    """Alerts as signed JSON (Standard Webhooks). Each secret signs, so that one can be rotated out."""

    name: str
    url: str
    secrets: tuple[Secret, ...]
    timeout: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class AtomChannel:
    """The newest `keep` alerts as an Atom feed in a file."""

    name: str
    file: Path
    keep: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class AppriseChannel:
    """Alerts by a service that Apprise knows; the address is the secret."""

    name: str
    url: Secret
    templates: Path | None = None
    timeout: timedelta = timedelta(seconds=15)


Channel = PrintChannel | EmailChannel | SlackChannel | SlackBotChannel | WebhookChannel | AtomChannel | AppriseChannel


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlSettings:
    """The crawler's manners. `allow_networks` opts addresses in that are refused by default (loopback, private)."""

    contact: str
    spacing: timedelta = timedelta(seconds=2)  # between two requests to one host
    concurrency: int = 128  # requests under way over all hosts
    timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 4 * 1024 * 1024  # the largest real news page measured is 2.2 MB
    max_redirects: int = 5
    allow_networks: tuple[str, ...] = ()
    workers: int = field(default_factory=cores)  # processes that read pages
    read_timeout: timedelta = timedelta(seconds=20)  # a worker's time for one page


@dataclass(frozen=True, kw_only=True, slots=True)
class WebSettings:
    """Where the dashboard listens, and what opens it; `password` may be None on loopback only."""

    listen: str = "127.0.0.1:8001"
    password: Secret | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Keep:
    """How long the archive keeps what is no knowledge, None for ever; texts, claims, figures, changes always stay."""

    fetches: timedelta | None = timedelta(days=90)
    addresses: timedelta | None = timedelta(days=90)
    captures: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a subscriber of an outlet sends along: headers (a cookie, a token) and parameters of its addresses.

    They go to the hosts of `addresses` and to no other, the parameters to `addresses` themselves only.
    """

    addresses: tuple[str, ...]
    headers: tuple[tuple[str, Secret], ...] = ()
    query: tuple[tuple[str, Secret], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Everything that stands in one config.toml, checked.

    `credentials` are by the id of their outlet, `hours` by the name of their channel.
    """

    file: Path
    archive: Path
    health_listen: str
    crawl: CrawlSettings
    outlets: tuple[Outlet, ...]
    watches: tuple[Watch, ...]
    rules: tuple[Rule, ...]
    channels: tuple[Channel, ...]
    credentials: Mapping[str, Credentials] = field(default_factory=dict)
    captures: bool = True  # whether the original bytes are kept beside the archive
    hours: Mapping[str, Hours] = field(default_factory=dict)
    web: WebSettings = WebSettings()
    keep: Keep = Keep()


# Environment variables that stand above the file, so that an image runs with the shipped file as it is. One that is the
# secret itself is named by the key, as it would be in the file.
OVERRIDES: dict[str, tuple[str, ...]] = {
    "TOLLWATCH_ARCHIVE": ("archive",),
    "TOLLWATCH_CONTACT": ("crawl", "contact"),
    "TOLLWATCH_HEALTH_LISTEN": ("health", "listen"),
    "TOLLWATCH_WEB_LISTEN": ("web", "listen"),
    "TOLLWATCH_WEB_PASSWORD": ("web", "password_env"),
}


def load(file: Path, environ: Mapping[str, str]) -> Config:
    """Read and check `file`; secrets come out of `environ`. Raises ConfigError with every problem found."""
    raw = _parsed(file)
    overridden = _overrule(raw, environ)
    surroundings = Surroundings(folder=file.parent, environ=environ)
    tables, complaints = read_tables(raw, surroundings)
    complaints = (*complaints, *relations(raw))
    if tables is None or complaints:
        ordered = sorted(complaints, key=lambda complaint: position(raw, complaint.place))
        raise ConfigError([_problem(file, raw, overridden, complaint) for complaint in ordered])
    return _config(file, tables)


def _parsed(file: Path) -> dict[str, Any]:
    """The file's TOML; its first mistake of grammar hides all others, so that one is told alone."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        what, remedy = f"cannot be read ({error.strerror})", "name one that is there with --config"
        problem = Problem(file=str(file), key="the file", what=what, remedy=remedy)
    except UnicodeDecodeError:
        problem = Problem(file=str(file), key="the file", what="is not UTF-8 text", remedy="save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        said = re.fullmatch(r"(.*) \(at (.*)\)", str(error))
        what, where = said.groups() if said else (str(error), "the file")
        problem = Problem(file=str(file), key=where, what=f"is not TOML: {what}", remedy="mend what stands there")
    raise ConfigError([problem])


def _overrule(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[Place, str]:
    """Put what the environment says in place of what `raw` says; gives the places and their variables."""
    places: dict[Place, str] = {}
    for variable, place in OVERRIDES.items():
        table = raw if len(place) == 1 else raw.setdefault(place[0], {})
        if environ.get(variable) and isinstance(table, dict):
            table[place[-1]] = variable if place[-1] == "password_env" else environ[variable]
            places[place] = variable
    return places


def _problem(file: Path, raw: dict[str, Any], overridden: dict[Place, str], complaint: Complaint) -> Problem:
    variable = overridden.get(complaint.place)
    return Problem(
        file="environment" if variable else str(file),
        key=variable or key_of(raw, complaint.place),
        what=complaint.what,
        remedy=complaint.remedy,
    )


# ------------------------------------------------------------------------------------------- tables -> values

_SLOWER = 4  # times `every`: the longest pause between polls of a listing that seldom has news
_MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _config(file: Path, tables: ConfigTable) -> Config:
    return Config(
        file=file,
        archive=tables.archive,
        captures=tables.captures,
        health_listen=tables.health.listen,
        web=WebSettings(listen=tables.web.listen, password=tables.web.password_env or tables.web.password_file),
        crawl=CrawlSettings(**dict(tables.crawl)),
        outlets=tuple(map(_outlet, tables.outlets)),
        watches=tuple(_watch(table) for table in tables.watches),
        rules=tuple(Rule(**dict(table)) for table in tables.rules),
        channels=tuple(_channel(table) for table in tables.channels),
        credentials={table.id: _credentials(table) for table in tables.outlets if any(_keys(table))},
        hours={table.name: _hours(table) for table in tables.channels},
        keep=Keep(**dict(tables.keep)),
    )


def _outlet(table: OutletTable) -> Outlet:
    values = {name: value for name, value in dict(table).items() if not name.endswith(("_env", "_file"))}
    slowest = table.slowest or _SLOWER * table.every
    return Outlet(**{**values, "slowest": max(slowest, table.every)})


def _keys(table: OutletTable) -> tuple[dict[str, Secret], dict[str, Secret]]:
    """A subscriber's headers and parameters, wherever they are kept."""
    return {**table.headers_env, **table.headers_file}, {**table.query_env, **table.query_file}


def _credentials(table: OutletTable) -> Credentials:
    headers, query = _keys(table)
    return Credentials(
        addresses=table.feeds + table.sitemaps + table.front_pages,
        headers=tuple(headers.items()),
        query=tuple(query.items()),
    )


def _watch(table: WatchTable) -> Watch:
    values = {**dict(table), "since": _utc(table.since, table.timezone)}
    parameters = Parameters(**{field.name: values.pop(field.name) for field in fields(Parameters)})
    return Watch(**values, parameters=parameters)


def _utc(moment: datetime | None, timezone: str) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _hours(table: HoursTable) -> Hours:
    return Hours(**{one.name: getattr(table, one.name) for one in fields(Hours)})


def _channel(table: ChannelTable) -> Channel:
    match table:
        case PrintTable():
            return PrintChannel(name=table.name, templates=table.templates)
        case EmailTable():
            return _email(table)
        case SlackTable():
            return _slack(table)
        case WebhookTable():
            secrets = table.secret_envs + table.secret_files
            return WebhookChannel(name=table.name, url=table.url, secrets=secrets, timeout=table.timeout)
        case AtomTable():
            return AtomChannel(name=table.name, file=table.file, keep=table.keep)
        case AppriseTable():
            url = table.url_env or table.url_file
            assert url is not None  # the tables were found free of contradictions
            return AppriseChannel(name=table.name, url=url, templates=table.templates, timeout=table.timeout)


def _slack(table: SlackTable) -> SlackChannel | SlackBotChannel:
    token, url = table.token_env or table.token_file, table.url_env or table.url_file
    if token is not None and table.channel is not None:
        return SlackBotChannel(name=table.name, token=token, channel=table.channel, timeout=table.timeout)
    assert url is not None  # the tables were found free of contradictions
    return SlackChannel(name=table.name, url=url, timeout=table.timeout)


def _email(table: EmailTable) -> EmailChannel:
    return EmailChannel(
        name=table.name,
        host=table.host,
        port=table.port or _MAIL_PORTS[table.security],
        security=table.security,
        sender=table.sender,
        to=table.to,
        username=table.username,
        password=table.password_env or table.password_file,
        ca_file=table.ca_file,
        templates=table.templates,
        timeout=table.timeout,
    )

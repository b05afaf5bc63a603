"""What may stand in config.toml: one model a table, one field a key; `docs/configuration.md` says what each means.

`config.load` calls `read_tables`, looks at what values say of each other, and turns the tables into the frozen values
that the program knows. A kind of channel is one table here, one member of `ChannelTable` and one line in `CHANNELS`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from config.values import (
    AppriseUrlInEnv,
    AppriseUrlInFile,
    ArchivePath,
    BotTokenInEnv,
    BotTokenInFile,
    Contact,
    Country,
    DailyTimes,
    Duration,
    FeedFile,
    Folder,
    Groups,
    HeaderName,
    Host,
    Id,
    Kept,
    Language,
    Levels,
    ListenAddress,
    Mailbox,
    Many,
    Moment,
    Network,
    Outcomes,
    ParameterName,
    Pattern,
    Pause,
    Port,
    QuietHours,
    ReadableFile,
    ReceiverUrl,
    Regex,
    SecretInEnv,
    SecretInFile,
    Sender,
    SlackChannelName,
    SlackUrlInEnv,
    SlackUrlInFile,
    Some,
    Surroundings,
    TimeZone,
    Url,
    WebhookSecretInEnv,
    WebhookSecretInFile,
    WebPasswordInEnv,
    WebPasswordInFile,
    Word,
    WrongValueError,
    cores,
)
from model import Hours, Level, Parameters


class Table(BaseModel):
    """A table of the file: exact types, no unknown keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class CrawlTable(Table):
    """`[crawl]`: the crawler's manners."""

    contact: Contact
    spacing: Pause = timedelta(seconds=2)
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 128
    timeout: Duration = timedelta(seconds=30)
    max_bytes: Annotated[int, Field(ge=64 * 1024, le=64 * 1024 * 1024)] = 4 * 1024 * 1024
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    allow_networks: Many[Network] = ()
    workers: Annotated[int, Field(ge=1, le=64)] = Field(default_factory=cores)
    read_timeout: Duration = timedelta(seconds=20)


class HealthTable(Table):
    """`[health]`: where the daemon says how it is."""

    listen: ListenAddress = "127.0.0.1:8080"


class WebTable(Table):
    """`[web]`: where the dashboard is shown, and to whom."""

    listen: ListenAddress = "127.0.0.1:8001"
    password_env: WebPasswordInEnv | None = None
    password_file: WebPasswordInFile | None = None


class KeepTable(Table):
    """`[keep]`: how long the archive keeps what is no knowledge."""

    fetches: Kept = timedelta(days=90)
    addresses: Kept = timedelta(days=90)
    captures: Kept = None


class OutletTable(Table):
    """`[[outlets]]`: a publisher and where its news is listed."""

    id: Id
    name: Word
    homepage: Url
    country: Country | None = None
    language: Language | None = None
    feeds: Many[Url] = ()
    sitemaps: Many[Url] = ()
    front_pages: Many[Url] = ()
    link_pattern: Regex | None = None
    every: Duration = timedelta(minutes=15)
    slowest: Duration | None = None
    headers_env: dict[HeaderName, SecretInEnv] = {}
    query_env: dict[ParameterName, SecretInEnv] = {}
    headers_file: dict[HeaderName, SecretInFile] = {}
    query_file: dict[ParameterName, SecretInFile] = {}


class WatchTable(Table):
    """`[[watches]]`: what a user follows."""

    id: Id
    name: Word
    any: Many[Pattern] = ()
    all: Many[Pattern] = ()
    none: Many[Pattern] = ()
    languages: Many[Language] = ()
    outlets: Many[Word] = ()
    since: Moment | None = None
    timezone: TimeZone = "UTC"
    single: bool = False
    step_share: Annotated[float, Field(gt=0, le=1)] = 0.10
    least_step: Annotated[int, Field(ge=1)] = 2
    hedged_factor: Annotated[float, Field(ge=1)] = 1.5
    diverging_factor: Annotated[float, Field(ge=1)] = 1.5
    newer_by: Duration = timedelta(hours=12)
    milestones: Many[Annotated[int, Field(ge=1)]] = Parameters().milestones


class RuleTable(Table):
    """`[[rules]]`: which changes go to which channels."""

    name: Word
    channels: Some[Word]
    watches: Many[Word] = ()
    outcomes: Outcomes = ()
    who: Groups = ()
    sources: Many[Word] = ()
    levels: Levels = (Level.NOW, Level.DIGEST)
    minimum_step: Annotated[int, Field(ge=0)] = 0


class HoursTable(Table):
    """What every `[[channels]]` table may say: when the channel is told what."""

    name: Word
    timezone: TimeZone = "UTC"
    digests: DailyTimes = Hours().digests
    quiet: QuietHours = ()
    override_step: Annotated[int, Field(ge=1)] | None = None
    override_share: Annotated[float, Field(gt=0)] | None = None
    override_first: Annotated[int, Field(ge=1)] | None = None
    most_per_hour: Annotated[int, Field(ge=1)] | None = None
    notices: bool = True


class PrintTable(HoursTable):
    """`[[channels]]` of kind "print"."""

    kind: Literal["print"]
    templates: Folder | None = None


class EmailTable(HoursTable):
    """`[[channels]]` of kind "email". Without a port: 587 for starttls, 465 for tls, 25 for none."""

    kind: Literal["email"]
    host: Host
    port: Port | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: Sender
    to: Some[Mailbox]
    username: Word | None = None
    password_env: SecretInEnv | None = None
    password_file: SecretInFile | None = None
    ca_file: ReadableFile | None = None
    templates: Folder | None = None
    timeout: Duration = timedelta(seconds=30)


class SlackTable(HoursTable):
    """`[[channels]]` of kind "slack": by an incoming webhook's address, or by a bot's token into a channel."""

    kind: Literal["slack"]
    url_env: SlackUrlInEnv | None = None
    url_file: SlackUrlInFile | None = None
    token_env: BotTokenInEnv | None = None
    token_file: BotTokenInFile | None = None
    channel: SlackChannelName | None = None
    timeout: Duration = timedelta(seconds=15)


class WebhookTable(HoursTable):
    """`[[channels]]` of kind "webhook"."""

    kind: Literal["webhook"]
    url: ReceiverUrl
    secret_envs: Many[WebhookSecretInEnv] = ()
    secret_files: Many[WebhookSecretInFile] = ()
    timeout: Duration = timedelta(seconds=15)


class AtomTable(HoursTable):
    """`[[channels]]` of kind "atom"."""

    kind: Literal["atom"]
    file: FeedFile
    keep: Annotated[int, Field(ge=1, le=1000)] = 100


class AppriseTable(HoursTable):
    """`[[channels]]` of kind "apprise"."""

    kind: Literal["apprise"]
    url_env: AppriseUrlInEnv | None = None
    url_file: AppriseUrlInFile | None = None
    templates: Folder | None = None
    timeout: Duration = timedelta(seconds=15)


ChannelTable = PrintTable | EmailTable | SlackTable | WebhookTable | AtomTable | AppriseTable


class ConfigTable(Table):
    """The whole file."""

    archive: ArchivePath = Field(default=Path("var/tollwatch.db"), validate_default=True)
    captures: bool = True
    crawl: CrawlTable
    health: HealthTable = HealthTable()
    web: WebTable = WebTable()
    keep: KeepTable = KeepTable()
    outlets: Many[OutletTable] = ()
    watches: Many[WatchTable] = ()
    rules: Many[RuleTable] = ()
    channels: Many[Annotated[ChannelTable, Field(discriminator="kind")]] = ()


SECTIONS: dict[str, type[Table]] = {
    "crawl": CrawlTable,
    "health": HealthTable,
    "web": WebTable,
    "keep": KeepTable,
    "outlets": OutletTable,
    "watches": WatchTable,
    "rules": RuleTable,
}
CHANNELS: dict[str, type[Table]] = {
    "print": PrintTable,
    "email": EmailTable,
    "slack": SlackTable,
    "webhook": WebhookTable,
    "atom": AtomTable,
    "apprise": AppriseTable,
}


# ------------------------------------------------------------------------------- what is wrong, said to a person

Place = tuple[str | int, ...]  # the way to a value: ("outlets", 12, "feeds", 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """What is wrong at one place of the file, and what mends it."""

    place: Place
    what: str
    remedy: str


# pydantic's error types -> what a person is told. {found} is the kind of value that stands there; the value itself is
# quoted only where a word from a short list belongs, since elsewhere it may be a secret.
_SENTENCES = {
    "missing": ("this key is missing", "add it"),
    "string_type": ("{found} stands where text belongs", "write text in quotes"),
    "int_type": ("{found} stands where a whole number belongs", "write digits without quotes"),
    "float_type": ("{found} stands where a number belongs", "write digits without quotes"),
    "bool_type": ("{found} stands where true or false belongs", "write true or false without quotes"),
    "tuple_type": ("{found} stands where a list belongs", "put it in square brackets"),
    "model_type": ("{found} stands where a table belongs", "begin the table with its name in brackets"),
    "model_attributes_type": ("{found} stands where a table belongs", "begin the table with its name in brackets"),
    "enum": ('"{input}" is not known here', "use one of {expected}"),
    "literal_error": ('"{input}" is not known here', "use one of {expected}"),
    "union_tag_invalid": ('"{tag}" is no kind of channel', "use one of {expected_tags}"),
    "union_tag_not_found": ("this key is missing", 'add it, such as kind = "print"'),
    "greater_than_equal": ("{input} is out of range", "use {ge} or more"),
    "greater_than": ("{input} is out of range", "use more than {gt}"),
    "less_than_equal": ("{input} is out of range", "use {le} or less"),
}
_FOUND: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "text"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (list, "a list"),
    (dict, "a table"),
    ((date, time), "a date or time"),
)
# Keys that a secret would be written under, with the key that names its environment variable instead.
_SECRETS = {
    "email": {"password": "password_env", "smtp_password": "password_env"},
    "slack": {"url": "url_env", "webhook_url": "url_env", "token": "token_env", "bot_token": "token_env"},
    "webhook": {"secret": "secret_envs", "secrets": "secret_envs"},
    "apprise": {"url": "url_env", "urls": "url_env"},
    "web": {"password": "password_env", "token": "password_env"},
    "outlets": {"headers": "headers_env", "cookie": "headers_env", "cookies": "headers_env", "query": "query_env"},
}


def suggest(word: str, known: Iterable[str]) -> str:
    """The remedy for a word that is not known: the nearest that is, else all of them."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known are {', '.join(choices)}" if choices else "there is none yet"


def read_tables(raw: Mapping[str, Any], surroundings: Surroundings) -> tuple[ConfigTable | None, tuple[Complaint, ...]]:
    """The checked tables, or None and all that is wrong with single values (not what they say of each other)."""
    try:
        return ConfigTable.model_validate(raw, context=surroundings), ()
    except ValidationError as error:
        return None, tuple(_complaint(details) for details in error.errors(include_url=False))


def _complaint(details: ErrorDetails) -> Complaint:
    place = _without_tag(details["loc"])
    if details["type"].startswith("union_tag"):
        place = (*place, "kind")
    if details["type"] == "extra_forbidden":
        return _unknown_key(place, details["loc"])
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, WrongValueError):
        return Complaint(place=place, what=cause.what, remedy=cause.remedy)
    what, remedy = _SENTENCES.get(details["type"], (details["msg"], "see docs/configuration.md"))
    words = {"input": details["input"], "found": _found(details["input"]), **details.get("ctx", {})}
    return Complaint(place=place, what=what.format(**words), remedy=remedy.format(**words).replace("'", '"'))


def _without_tag(loc: Place) -> Place:
    """pydantic puts a channel's kind into the way to its keys: ("channels", 0, "email", "port"); [key] behind a key."""
    loc = loc[:-1] if loc[-1] == "[key]" else loc
    return (*loc[:2], *loc[3:]) if loc[0] == "channels" and len(loc) > 3 else loc


def _found(value: object) -> str:
    return next((words for kind, words in _FOUND if isinstance(value, kind)), "something else")


def _unknown_key(place: Place, loc: Place) -> Complaint:
    key, kind = str(place[-1]), str(loc[2]) if loc[0] == "channels" and len(loc) > 3 else ""
    named_by = _SECRETS.get(kind or str(loc[0]), {}).get(key)
    if named_by:
        remedy = f"put it into an environment variable and name that one with {named_by}"
        return Complaint(place=place, what="a secret stands in the file", remedy=remedy)
    table = CHANNELS[kind] if kind else SECTIONS.get(str(loc[0]), ConfigTable)
    return Complaint(place=place, what="this key is not known", remedy=suggest(key, table.model_fields))

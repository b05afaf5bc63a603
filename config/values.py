"""The kinds of value that config.toml knows, each judged by itself: an address, a duration, a secret, a time zone …

Each is a type that a table in `config.tables` uses. A value that will not do raises `WrongValueError` with one clause
on what is wrong and one on what mends it; a secret, or an address that may hold one, is never quoted in it.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from model import EVERY_DAY, DailyTime, Level, Outcome, Quiet, Who


class Secret:
    """A value that hides itself wherever it is printed; only `reveal()` gives it away."""

    __slots__ = ("_value", "origin")

    def __init__(self, value: str, *, origin: str) -> None:
        self._value = value
        self.origin = origin  # the environment variable or file that it came from

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret(from {self.origin})"

    __str__ = __repr__


class WrongValueError(ValueError):
    """A value that cannot stand where it stands; `what` and `remedy` become a `Problem`'s."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What values of the file refer to outside it: the folder of relative paths, the environment of secrets."""

    folder: Path
    environ: Mapping[str, str]


# ------------------------------------------------------------------------------------------- values, one by one

T = TypeVar("T")

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LEAST_KEPT, _MOST_KEPT = timedelta(days=1), timedelta(days=36_500)
_DURATION = re.compile(r"([1-9]\d{0,5})\s?([smhd])")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?")
_MAILBOX = re.compile(r"[^\s@<>,;\"]+@[\w-]+(\.[\w-]+)*")
_SENDER = re.compile(rf"(?:[^<>@\r\n]*<({_MAILBOX.pattern})>)|({_MAILBOX.pattern})")
_LISTEN = re.compile(r"(?:(?P<host>[\w.-]+)|\[(?P<six>[0-9A-Fa-f:.]+)\]):(?P<port>\d{1,5})")
_VARIABLE = re.compile(r"(?!whsec_)[A-Za-z_][A-Za-z0-9_]*")
_LAST_PORT = 65535
_SHORTEST_PASSWORD = 12  # characters: who guesses has a try a second
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAY = "|".join(_WEEKDAYS)
_DAYS = rf"(?P<first>{_WEEKDAY})(?:-(?P<last>{_WEEKDAY}))?"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DAILY = re.compile(rf"(?:{_DAYS} )?(?P<at>{_TIME})")
_QUIET = re.compile(rf"(?:{_DAYS}(?: |$))?(?:(?P<begins>{_TIME})-(?P<ends>{_TIME}|24:00))?")
_MINUTES_OF_DAY = 24 * 60
_MINUTES_OF_WEEK = 7 * _MINUTES_OF_DAY


def _fits(pattern: str, what: str, remedy: str) -> AfterValidator:
    """A check that a text matches `pattern` from end to end; `what` continues the quoted text."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise WrongValueError(f'"{text[:60]}" {what}', remedy)
        return text

    return AfterValidator(check)


def _not_empty(items: tuple[T, ...]) -> tuple[T, ...]:
    if not items:
        raise WrongValueError("the list is empty", "name at least one")
    return items


def read_duration(value: object) -> timedelta | None:
    """A duration such as "15m", None for anything else."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else None


def cores() -> int:
    """How many cores the machine has."""
    return os.cpu_count() or 1


def _duration(value: object) -> timedelta:
    read = read_duration(value)
    if read is None:
        shown = f'"{value}"' if isinstance(value, str) else "a value without quotes"
        raise WrongValueError(f"{shown} is no duration", 'write a whole number and s, m, h or d, such as "15m"')
    return read


def _pause(value: object) -> timedelta:
    return timedelta(0) if value == "0s" else _duration(value)


def _kept(value: object) -> timedelta | None:
    if value == "for ever":
        return None
    kept = read_duration(value)
    if kept is None or not _LEAST_KEPT <= kept <= _MOST_KEPT:
        raise WrongValueError(
            "this is no time to keep something", 'write days, at least one, such as "90d", or "for ever"'
        )
    return kept


def _address(text: str) -> str:
    """An http or https address with a host and without credentials, else WrongValueError (which never quotes it)."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise WrongValueError("the address is broken", "copy it anew from the browser") from error
    if parts.scheme not in ("http", "https"):
        raise WrongValueError("the address is neither http nor https", "begin it with https://")
    if parts.username is not None or parts.password is not None:
        raise WrongValueError("the address carries a user name or password", "take out what stands before the @")
    if not (_HOST.fullmatch(host) or ":" in host) or re.search(r"\s", text):
        raise WrongValueError("the address has no proper host", "write it whole, such as https://example.org/feed.xml")
    return text


def _contact(text: str) -> str:
    if _MAILBOX.fullmatch(text):
        return text
    try:
        return _address(text)
    except WrongValueError as error:
        raise WrongValueError(
            "this is neither an e-mail address nor a web address", "write how an outlet can reach you"
        ) from error


def _receiver(text: str) -> str:
    if urlsplit(_address(text)).hostname == "hooks.slack.com":
        raise WrongValueError(
            "a Slack webhook's address is a secret and stands in the file",
            'use kind = "slack" with url_env naming the environment variable that holds it',
        )
    return text


def _sender(text: str) -> str:
    if not _SENDER.fullmatch(text):
        raise WrongValueError(f'"{text}" is no e-mail address', 'write "name@host" or "Tollwatch <name@host>"')
    return text


def _regular_expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise WrongValueError(
            f"the regular expression is broken ({error})", "mend it; single quotes keep backslashes as they are"
        ) from error
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:  # unknown, malformed, a folder such as "Europe"
        raise WrongValueError(f'"{text}" is no time zone', 'write an IANA name, such as "Europe/Kyiv"') from error
    return text


def _weekdays(match: re.Match[str]) -> frozenset[int]:
    """The days that a value begins with, Monday as 0; every day where it names none."""
    if match["first"] is None:
        return EVERY_DAY
    first, last = (_WEEKDAYS.index(match[name] or match["first"]) for name in ("first", "last"))
    return frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))


def _daily(value: object) -> DailyTime:
    match = _DAILY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise WrongValueError("this is no time of day", 'write one in quotes, such as "08:00" or "Mon 08:00"')
    return DailyTime(at=time.fromisoformat(match["at"]), days=_weekdays(match))


def _quiet(value: object) -> Quiet:
    match = _QUIET.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        remedy = 'write them in quotes, such as "22:00-07:00", "Fri 18:00-24:00" or "Sat-Sun"'
        raise WrongValueError("these are no hours", remedy)
    begins, ends = match["begins"] or "00:00", match["ends"] or "24:00"
    if begins == ends:
        raise WrongValueError("these hours end when they begin", 'write "00:00-24:00" for a whole day')
    ends = "00:00" if ends == "24:00" else ends
    return Quiet(begins=time.fromisoformat(begins), ends=time.fromisoformat(ends), days=_weekdays(match))


def _not_for_ever(quiet: tuple[Quiet, ...]) -> tuple[Quiet, ...]:
    covered: set[int] = set()
    for one in quiet:
        begins, ends = (60 * at.hour + at.minute for at in (one.begins, one.ends))
        ends += _MINUTES_OF_DAY if ends <= begins else 0
        covered.update((day * _MINUTES_OF_DAY + n) % _MINUTES_OF_WEEK for day in one.days for n in range(begins, ends))
    if len(covered) == _MINUTES_OF_WEEK:
        raise WrongValueError("the quiet hours never end", "leave some time in which the channel may be told")
    return quiet


def _moment(value: object) -> datetime:
    """A TOML date or date-time; without an offset it stays naive and means the watch's own time zone."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    raise WrongValueError("this is no date", "write it without quotes, such as 2026-01-31 or 2026-01-31T08:00:00Z")


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise WrongValueError(f'"{text}" is no network', 'write one such as "127.0.0.0/8"') from error
    return text


def _listen_address(text: str) -> str:
    """`host:port` or `[ipv6]:port`, port 0 meaning any free one; else WrongValueError."""
    match = _LISTEN.fullmatch(text)
    if not match:
        raise WrongValueError(f'"{text}" is no address to listen on', 'write host:port, such as "127.0.0.1:8080"')
    if int(match["port"]) > _LAST_PORT:
        raise WrongValueError(f"port {match['port']} is out of range", f"use a port up to {_LAST_PORT}")
    return text


def _webhook_secret(secret: Secret) -> Secret:
    """A Standard Webhooks secret, `whsec_` and base64; else WrongValueError (which never quotes it)."""
    prefix, _, encoded = secret.reveal().partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if prefix != "whsec" or not key:
        raise WrongValueError(
            f"what {secret.origin} holds is no webhook secret", "it must be whsec_ followed by base64 of random bytes"
        )
    return secret


def _slack_address(secret: Secret) -> Secret:
    try:
        _address(secret.reveal())
    except WrongValueError as error:
        raise WrongValueError(f"what {secret.origin} holds is no web address", "copy the webhook's address") from error
    return secret


def _bot_token(secret: Secret) -> Secret:
    if not re.fullmatch(r"xox[bep][.-][\w.-]+", secret.reveal()):
        raise WrongValueError(
            f"what {secret.origin} holds is no token of a Slack app",
            "copy its Bot User OAuth Token, which begins with xoxb-",
        )
    return secret


def _web_password(secret: Secret) -> Secret:
    if len(secret.reveal()) < _SHORTEST_PASSWORD:
        raise WrongValueError(
            f"what {secret.origin} holds is shorter than {_SHORTEST_PASSWORD} characters", "make it longer"
        )
    return secret


def _apprise_address(secret: Secret) -> Secret:
    """One Apprise address; else WrongValueError (which never quotes it). Its scheme is Apprise's to judge."""
    addresses = re.findall(r"[A-Za-z][A-Za-z0-9+.-]*://", secret.reveal())
    if not addresses or re.search(r"\s", secret.reveal()):
        raise WrongValueError(
            f"what {secret.origin} holds is not one Apprise address",
            "write one such as ntfy://topic; more need a channel each",
        )
    return secret


def _surroundings(info: ValidationInfo) -> Surroundings:
    if not isinstance(info.context, Surroundings):
        raise TypeError("the tables are validated in the context of their Surroundings")
    return info.context


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise WrongValueError("this is not text", f"write the name of {what} in quotes")
    return value


def _from_environment(value: object, info: ValidationInfo) -> Secret:
    """The secret that the environment variable called `value` holds."""
    name = _text(value, "an environment variable")
    if not _VARIABLE.fullmatch(name):
        raise WrongValueError(
            "this is no name of an environment variable, it may be the secret itself",
            "put the secret into an environment variable and write that one's name here",
        )
    held = _surroundings(info).environ.get(name, "").strip()
    if not held:
        raise WrongValueError(
            f"the environment variable {name} is not set", "set it before the start, or take out what needs it"
        )
    return Secret(held, origin=name)


def _path(value: object, info: ValidationInfo) -> Path:
    """A path relative to the folder of the configuration file."""
    return _surroundings(info).folder / (value if isinstance(value, Path) else _text(value, "a file"))


def _readable(value: object, info: ValidationInfo) -> Path:
    path = _path(value, info)
    try:
        path.open("rb").close()
    except OSError as error:
        raise WrongValueError(f'"{value}" cannot be read ({error.strerror})', "name a file that is there") from error
    return path


def _folder(value: object, info: ValidationInfo) -> Path:
    path = _path(value, info)
    if not path.is_dir():
        raise WrongValueError(f'"{value}" is no folder', "name a folder that is there")
    return path


def _feed_file(value: object, info: ValidationInfo) -> Path:
    path = _path(value, info)
    if path.is_dir():
        raise WrongValueError(f'"{value}" is a folder', 'name a file in it, such as "var/alerts.xml"')
    return path


def _from_file(value: object, info: ValidationInfo) -> Secret:
    """The secret that the file at `value` holds, white space around it left out (a Docker secret, for one)."""
    try:
        held = _path(value, info).read_text(encoding="utf-8", errors="replace").strip()
    except (OSError, ValueError) as error:
        # Without the value, which may be the secret itself.
        said = error.strerror if isinstance(error, OSError) else "no path"
        raise WrongValueError(
            f"the file that this names cannot be read ({said})", "write the path of a file that holds the secret"
        ) from None
    if not held:
        raise WrongValueError(f'"{value}" is empty', "write the secret into it")
    return Secret(held, origin=str(value))


Many = Annotated[tuple[T, ...], Field(strict=False)]  # TOML knows lists only, and each item stays strict
Some = Annotated[tuple[T, ...], Field(strict=False), AfterValidator(_not_empty)]
Word = Annotated[str, _fits(r"(?s).*\S.*", "is blank", "write something or take it out")]
Id = Annotated[str, _fits(r"[a-z0-9][a-z0-9_-]*", "is no id", "use lower-case letters, digits and hyphens")]
Country = Annotated[str, _fits("[a-z]{2}", "is no country code", 'write two lower-case letters, such as "gb"')]
Language = Annotated[str, _fits("[a-z]{2}", "is no language code", 'write two lower-case letters, such as "en"')]
Pattern = Annotated[Word, _fits(r"[^*]*[^*\s]\*?", "is no word to look for", "a * may stand at the end only")]
Mailbox = Annotated[str, _fits(_MAILBOX.pattern, "is no e-mail address", 'write one such as "desk@example.org"')]
Host = Annotated[str, _fits(rf"{_HOST.pattern}|[0-9A-Fa-f:]+", "is no host", "write its bare name, without a port")]
Url = Annotated[str, AfterValidator(_address)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Kept = Annotated[timedelta | None, BeforeValidator(_kept)]
Pause = Annotated[timedelta, BeforeValidator(_pause)]  # may be none at all, for a host of one's own
ReadableFile = Annotated[Path, BeforeValidator(_readable)]
Folder = Annotated[Path, BeforeValidator(_folder)]
SecretInEnv = Annotated[Secret, BeforeValidator(_from_environment)]
SecretInFile = Annotated[Secret, BeforeValidator(_from_file)]


Outcomes = Many[Annotated[Outcome, Field(strict=False)]]
Groups = Many[Annotated[Who, Field(strict=False)]]
Levels = Many[Annotated[Level, Field(strict=False)]]
Port = Annotated[int, Field(ge=1, le=_LAST_PORT)]
Contact = Annotated[str, AfterValidator(_contact)]
Network = Annotated[str, AfterValidator(_network)]
ListenAddress = Annotated[str, AfterValidator(_listen_address)]
HeaderName = Annotated[str, _fits(r"[A-Za-z0-9-]+", "is no header's name", 'write one such as "Cookie"')]
ParameterName = Annotated[str, _fits(r"[\w.~\[\]-]+", "is no parameter's name", 'write one such as "api_key"')]
Regex = Annotated[str, AfterValidator(_regular_expression)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
DailyTimes = Some[Annotated[DailyTime, BeforeValidator(_daily)]]
QuietHours = Annotated[Many[Annotated[Quiet, BeforeValidator(_quiet)]], AfterValidator(_not_for_ever)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Sender = Annotated[str, AfterValidator(_sender)]
ReceiverUrl = Annotated[str, AfterValidator(_receiver)]
ArchivePath = Annotated[Path, BeforeValidator(_path)]
SlackUrlInEnv = Annotated[SecretInEnv, AfterValidator(_slack_address)]
SlackUrlInFile = Annotated[SecretInFile, AfterValidator(_slack_address)]
SlackChannelName = Annotated[
    str,
    _fits(
        r"#[^\s#@,]{1,80}|[CGD][A-Z0-9]{7,}",
        "is no channel of Slack's",
        'write "#name", or its id such as "C0123456789"',
    ),
]
BotTokenInEnv = Annotated[SecretInEnv, AfterValidator(_bot_token)]
BotTokenInFile = Annotated[SecretInFile, AfterValidator(_bot_token)]
WebPasswordInEnv = Annotated[SecretInEnv, AfterValidator(_web_password)]
WebPasswordInFile = Annotated[SecretInFile, AfterValidator(_web_password)]
AppriseUrlInEnv = Annotated[SecretInEnv, AfterValidator(_apprise_address)]
AppriseUrlInFile = Annotated[SecretInFile, AfterValidator(_apprise_address)]
FeedFile = Annotated[Path, BeforeValidator(_feed_file)]
WebhookSecretInEnv = Annotated[SecretInEnv, AfterValidator(_webhook_secret)]
WebhookSecretInFile = Annotated[SecretInFile, AfterValidator(_webhook_secret)]

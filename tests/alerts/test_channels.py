"""The contract: what every channel promises, tested once for all of them, on real servers.

It delivers, ends an attempt that hangs, tells a refusal from a failure, hears Retry-After, gets through two days of
failure, shows its secret to nobody and refuses a configuration that will not do. `CANNOT` names what does not apply.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from traceback import format_exception

import pytest
from click.testing import CliRunner

import config
from alerts.channels import CHANNELS, open_channel, open_channels
from alerts.channels.channel import Channel
from alerts.outbox import Courier
from archive import Archive
from cli.commands import tollwatch
from config import (
    AppriseChannel,
    AtomChannel,
    EmailChannel,
    PrintChannel,
    SlackBotChannel,
    SlackChannel,
    WebhookChannel,
)
from config.tables import CHANNELS as TABLES
from demo.servers import Answer, Mailbox, Post, Receiver
from jobs import OnThread
from model import Alert, Attempt, AttemptResult, ConfigError
from tests.alerts.rigs import (
    APPRISE_PIECES,
    BOT_TOKEN,
    CANNOT,
    CONTRACT,
    PASSWORD,
    RIGS,
    SECRETS,
    SIGNING,
    SIGNING_PIECES,
    SLACK_PATH,
    SLACK_PIECES,
    absent,
    opened,
    slack_at,
)
from tests.alerts.samples import NOON, composed, delivery, harbour_changes, harbour_fire

ENDS = {
    "delivers": AttemptResult.DELIVERED,
    "hangs": AttemptResult.FAILED,
    "hangs up slowly": AttemptResult.FAILED,
    "is absent": AttemptResult.FAILED,
    "asks to wait": AttemptResult.FAILED,
    "breaks": AttemptResult.FAILED,
    "refuses": AttemptResult.REFUSED,
    "refuses the password": AttemptResult.REFUSED,
    "repeats the login": AttemptResult.REFUSED,
    "is not in the channel": AttemptResult.REFUSED,
    "is in trouble": AttemptResult.FAILED,
    "is somebody else": AttemptResult.FAILED,
    "refuses, says Apprise": AttemptResult.FAILED,
    "asks to wait, says Apprise": AttemptResult.FAILED,
}
ALL = [pytest.param(kind, name, id=f"{kind.__name__} {name}") for kind, rig in RIGS.items() for name in rig]
EACH = pytest.mark.parametrize("kind", RIGS, ids=lambda kind: kind.__name__)


async def tried(kind: type, situation: str) -> tuple[Attempt, list[str]]:
    async with RIGS[kind][situation]() as (settings, arrived):
        channel = opened(settings)
        attempt = await channel.send(delivery(harbour_fire()), NOON)
        await channel.close()
        return attempt, arrived() if attempt.result is AttemptResult.DELIVERED else []


def test_every_channel_is_held_to_the_contract() -> None:
    assert RIGS.keys() == CHANNELS.keys()


def named(kind: type, situation: str) -> str:
    never = CANNOT.get(kind, {}).get(situation)
    return f"{kind.__name__} {situation}{f' - never, {never}' if never else ''}"


@pytest.mark.parametrize(
    ("kind", "situation"),
    [pytest.param(kind, name, id=named(kind, name)) for kind in RIGS for name in CONTRACT],
)
def test_each_case_of_the_contract_is_set_up_or_named_as_one_that_never_comes(kind: type, situation: str) -> None:
    assert (situation in RIGS[kind]) is (situation not in CANNOT.get(kind, {}))


# ------------------------------------------------------------------------- delivers, hangs, is refused, asks to wait


@pytest.mark.parametrize(("kind", "situation"), ALL)
async def test_an_attempt_ends_as_it_should(kind: type, situation: str) -> None:
    attempt, _ = await tried(kind, situation)
    assert attempt.result is ENDS[situation]
    assert attempt.detail


@EACH
async def test_what_is_delivered_has_arrived_once_and_whole(kind: type) -> None:
    _, arrived = await tried(kind, "delivers")
    assert len(arrived) == 1
    assert "41 → at least 63 (+22, +54 %)" in arrived[0]


@pytest.mark.parametrize("kind", [kind for kind, rig in RIGS.items() if "asks to wait" in rig])
async def test_a_receiver_that_asks_to_wait_is_heard(kind: type) -> None:
    attempt, _ = await tried(kind, "asks to wait")
    assert attempt.retry_after is not None
    assert attempt.retry_after.total_seconds() == 90


# ---------------------------------------------------------------------------------------------- two days of failure

STEP = timedelta(minutes=15)
OUTAGE = timedelta(days=2)
GIVEN_UP = timedelta(days=3)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def story() -> list[Alert]:
    """Three alerts of each of two events, in turn, a minute apart."""
    return [
        replace(
            composed(harbour_changes()[n:], event=event, event_name=f"{event} {n}"),
            created=NOON + timedelta(minutes=2 * n + (event == "two")),
        )
        for n in range(3)
        for event in ("one", "two")
    ]


@EACH
async def test_what_is_owed_through_two_days_of_failure_arrives_once_and_each_event_in_order(kind: type) -> None:
    clock, channels, archive = Clock(), dict[str, Channel](), OnThread(Archive.in_memory())
    for alert in story():
        archive.archive.outbox.owe(alert, ["desk"], clock())
    courier = Courier(archive, channels, now=clock, jitter=lambda: 0.5)

    async def deliver_until(over: Callable[[], bool]) -> int:
        delivered = 0
        while not over():
            delivered += await courier.deliver()
            clock.time += STEP
        return delivered

    async with RIGS[kind]["delivers"]() as (working, arrived):
        async with RIGS[kind]["breaks"]() as (broken, _):
            channels["desk"] = opened(broken)
            assert await deliver_until(lambda: clock.time >= NOON + OUTAGE) == 0
            await channels["desk"].close()
        channels["desk"] = opened(working)
        health = archive.archive.queries.health
        assert await deliver_until(lambda: health().owed == 0 or clock.time > NOON + GIVEN_UP) == len(story())
        await channels["desk"].close()
        messages = arrived()
    archive.close()
    assert clock.time <= NOON + GIVEN_UP
    names = [[n for n in range(3) if f"{event} {n}" in said] for event in ("one", "two") for said in messages]
    assert [n for each in names for n in each] == [0, 1, 2, 0, 1, 2]
    assert len(messages) == len(story())


# --------------------------------------------------------------------------------------------------------- secrets


class Everything(logging.Handler):
    """Keeps all that is logged, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """What every logger of the process says meanwhile, at every level, also those that are muted."""
    handler = Everything()
    known = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    with ExitStack() as after:
        for logger in (logging.root, *known):
            after.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.DEBUG)
            if logger is logging.root or not logger.propagate:
                logger.addHandler(handler)
                after.callback(logger.removeHandler, handler)
        yield handler.lines


def shown_secrets(*texts: str) -> list[str]:
    return [secret for secret in SECRETS for text in texts if secret in text]


def shown_secrets_in(folder: Path) -> list[str]:
    """The secrets in any byte of any file: the archive, its write-ahead log, its shared memory."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert files
    return [secret for secret in SECRETS for content in files if secret.encode() in content]


@pytest.mark.parametrize(("kind", "situation"), ALL)
async def test_no_secret_is_in_a_detail_a_log_of_any_level_or_a_byte_of_the_archive(
    kind: type, situation: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = OnThread(Archive.open(tmp_path / "tollwatch.db"))
    archive.archive.outbox.owe(harbour_fire(), ["desk"], NOON)
    async with RIGS[kind][situation]() as (settings, _):
        channel = opened(settings)
        with everything_logged() as lines:
            logging.getLogger("asyncio").debug("hears everything")
            await Courier(archive, {"desk": channel}, now=lambda: NOON, jitter=lambda: 0.5).deliver()
            await channel.close()
    (row,) = archive.archive.queries.alerts(9)
    assert row["attempts"] == 1
    written = shown_secrets_in(tmp_path)
    archive.close()
    assert lines
    assert shown_secrets(*lines, str(row["last_error"]), *capfd.readouterr()) == []
    assert written == shown_secrets_in(tmp_path) == []


MAIL = 'kind = "email"\nsender = "t@desk.example"\nto = ["e@desk.example"]'
LOGGED_IN = 'username = "alerts"\npassword_env = "SMTP_PASSWORD"'
ENVIRON = {
    "SMTP_PASSWORD": PASSWORD,
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "HOOK": SIGNING,
}
COMMANDS = (
    *("check", "deliver", "status", "status --json", "alerts --json"),
    *(f"test-alert desk-{name}" for name in ("mail", "slack", "hook", "phone")),
    *(f"preview --channel desk-{name}" for name in ("mail", "slack", "bot", "hook", "phone")),
)


def written_config(folder: Path, *channels: str) -> Path:
    file = folder / "config.toml"
    tables = "".join(f"[[channels]]\n{channel}\n" for channel in channels)
    file.write_text(
        'archive = "tollwatch.db"\n[crawl]\ncontact = "desk@news.example"\n'
        '[[outlets]]\nid = "lamp"\nname = "The Lamp"\nhomepage = "https://lamp.example"\n'
        'feeds = ["https://lamp.example/rss"]\n[[watches]]\nid = "all"\nname = "All"\n'
        f'{tables}[[rules]]\nname = "all"\nchannels = ["desk"]\n',
        encoding="utf-8",
    )
    return file


def said_by(command: str, file: Path, environ: Mapping[str, str]) -> str:
    """All that a command says on both outputs, with the error that it ends in."""
    done = CliRunner().invoke(tollwatch, [*command.split(), "--config", str(file)], env=dict(environ))
    return done.output + "".join(format_exception(done.exception) if done.exception else ())


async def test_no_command_shows_a_secret_that_a_receiver_repeats(tmp_path: Path) -> None:
    def refuse(post: Post) -> Answer:
        known = SIGNING_PIECES if post.path == "/hook" else SLACK_PIECES if post.path == SLACK_PATH else APPRISE_PIECES
        return Answer(status=404, text=" ".join(known))

    async with Mailbox(on_letter=lambda _: f"554 not with {PASSWORD}") as mailbox, Receiver(answer=refuse) as receiver:
        user, path, key = APPRISE_PIECES
        host = receiver.url.removeprefix("http://")
        environ = {
            **ENVIRON,
            "SLACK_URL": receiver.url + SLACK_PATH,
            "PHONE": f"json://desk:{user}@{host}/{path}?+X-Key={key}",
        }
        file = written_config(
            tmp_path,
            'name = "desk"\nkind = "print"',
            f'name = "desk-mail"\n{MAIL}\nhost = "127.0.0.1"\nport = {mailbox.port}\n{LOGGED_IN}',
            'name = "desk-slack"\nkind = "slack"\nurl_env = "SLACK_URL"',
            'name = "desk-bot"\nkind = "slack"\ntoken_env = "SLACK_BOT_TOKEN"\nchannel = "#desk"',
            f'name = "desk-hook"\nkind = "webhook"\nurl = "{receiver.url}/hook"\nsecret_envs = ["HOOK"]',
            'name = "desk-phone"\nkind = "apprise"\nurl_env = "PHONE"',
        )
        archive = Archive.open(tmp_path / "tollwatch.db")
        archive.outbox.owe(harbour_fire(), ["desk", "desk-mail", "desk-slack", "desk-hook", "desk-phone"], NOON)
        archive.close()
        with everything_logged() as lines:
            said = [await asyncio.to_thread(said_by, command, file, environ) for command in COMMANDS]
        assert receiver.posts
        assert [command for command, text in zip(COMMANDS, said, strict=True) if not text.strip()] == []
        assert shown_secrets(*said, *lines) == []
        assert shown_secrets_in(tmp_path) == []


async def test_an_address_that_is_none_is_refused_without_showing_it() -> None:
    channel = open_channel(slack_at("no address"))
    attempt = await channel.send(delivery(harbour_fire()), NOON)
    await channel.close()
    assert attempt.result is AttemptResult.REFUSED
    assert not any(secret in attempt.detail for secret in SECRETS)


def test_an_error_that_goes_with_a_log_line_shows_no_secret() -> None:
    open_channel(slack_at("https://hooks.slack.example"))
    with everything_logged() as lines:
        try:
            raise ValueError(f"cannot post to https://hooks.slack.example{SLACK_PATH}")
        except ValueError:
            logging.getLogger("some.library").exception("failed at %s", SLACK_PATH)
    assert "ValueError: cannot post to …" in lines[0]
    assert shown_secrets(*lines) == []


# --------------------------------------------------------------------------------------------------- configuration

WRONG: Mapping[type, Mapping[str, str]] = {
    PrintChannel: {"colour": 'kind = "print"\ncolour = true', "quiet[0]": 'kind = "print"\nquiet = ["at night"]'},
    EmailChannel: {
        "host": f'{MAIL}\nhost = "smtp.desk.example:25"',
        "password_env": f'{MAIL}\nhost = "smtp.desk.example"\nusername = "t"\npassword_env = "NOT_SET"',
        "security": f'{MAIL}\nhost = "smtp.desk.example"\nsecurity = "none"\n{LOGGED_IN}',
    },
    SlackChannel: {
        "url_env": f'kind = "slack"\nurl_env = "https://hooks.slack.example{SLACK_PATH}"',
        "url_file": 'kind = "slack"\nurl_file = "not-there"',
    },
    SlackBotChannel: {
        "token_env": f'kind = "slack"\nchannel = "#desk"\ntoken_env = "{BOT_TOKEN}"',
        "channel": 'kind = "slack"\ntoken_env = "SLACK_BOT_TOKEN"',
    },
    WebhookChannel: {
        "secret_envs": 'kind = "webhook"\nurl = "https://desk.example/hook"',
        "secret_envs[0]": 'kind = "webhook"\nurl = "https://desk.example/hook"\nsecret_envs = ["SMTP_PASSWORD"]',
        "url": 'kind = "webhook"\nurl = "ftp://desk.example"\nsecret_envs = ["HOOK"]',
    },
    AtomChannel: {"file": 'kind = "atom"\nfile = "."', "keep": 'kind = "atom"\nfile = "a.xml"\nkeep = 0'},
    AppriseChannel: {
        "url_env": 'kind = "apprise"\nurl_env = "SMTP_PASSWORD"',
        "url_file": f'kind = "apprise"\nurl_file = "json://{APPRISE_PIECES[0]}@host"',
    },
}


def test_every_kind_of_channel_and_table_has_its_mistakes() -> None:
    assert WRONG.keys() == CHANNELS.keys()
    assert len(TABLES) == len(WRONG) - 1  # a webhook of Slack's and a bot share a table


@pytest.mark.parametrize(
    ("key", "table"),
    [
        pytest.param(key, table, id=f"{kind.__name__} {key}")
        for kind, tables in WRONG.items()
        for key, table in tables.items()
    ],
)
def test_a_configuration_that_will_not_do_is_refused_by_file_and_key(key: str, table: str, tmp_path: Path) -> None:
    file = written_config(tmp_path, f'name = "desk"\n{table}')
    with pytest.raises(ConfigError) as caught:
        config.load(file, ENVIRON)
    sentences = [str(problem) for problem in caught.value.problems]
    assert len(sentences) == 1
    assert sentences[0].startswith(f'{file}: channels[0] "desk" {key}: ')
    assert "; " in sentences[0]
    assert shown_secrets(*sentences) == []


async def test_channels_are_opened_by_name() -> None:
    async with absent(lambda port: slack_at(f"http://127.0.0.1:{port}"))() as (slack, _):
        assert isinstance(slack, SlackChannel)
        channels = open_channels([PrintChannel(name="screen"), slack])
    assert {name: channel.name for name, channel in channels.items()} == {"screen": "screen", "desk": "desk"}

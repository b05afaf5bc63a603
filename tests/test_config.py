"""Every mistake in a config.toml, told in one sentence with its place and its remedy; and the shipped file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from alerts.channels import CHANNELS as CHANNELS_MADE
from config import (
    OVERRIDES,
    Config,
    EmailChannel,
    PrintChannel,
    SlackChannel,
    WebhookChannel,
    load,
)
from config.tables import CHANNELS, SECTIONS, ConfigTable, HoursTable
from model import ConfigError, DailyTime, Hours, Level, Outcome, Quiet, Who

ROOT = Path(__file__).resolve().parents[1]
SECRET = "whsec_c29tZSByYW5kb20gYnl0ZXMgZm9yIGEgdGVzdA=="
BOT = "xoxb-1-quiet-please"
SLACK = "https://hooks.slack.example/services/T0/B0/quiet-please"
ENVIRON = {
    "SMTP_PASSWORD": "open sesame",
    "SLACK_URL": SLACK,
    "HOOK": SECRET,
    "EMPTY": " ",
    "WORDS": "no secret",
    "BOT": BOT,
    "PHONE": "ntfy://hush-hush",
    "DASHBOARD": "open sesame for all",
    "SHORT": "sesame",
}

TOP = ""
CRAWL = '[crawl]\ncontact = "desk@example.org"\n'
OUTLET = '[[outlets]]\nid = "post"\nname = "The Post"\nhomepage = "https://post.example"\nfeeds = ["https://post.example/rss"]\n'
WATCH = '[[watches]]\nid = "floods"\nname = "Floods"\nany = ["flood*"]\n'
RULE = '[[rules]]\nname = "all"\nchannels = ["screen"]\n'
CHANNEL = '[[channels]]\nname = "screen"\nkind = "print"\n'
EMAIL = (
    '[[channels]]\nname = "mail"\nkind = "email"\nhost = "smtp.example.org"\nsender = "t@example.org"\n'
    'to = ["desk@example.org"]\nusername = "t"\npassword_env = "SMTP_PASSWORD"\n'
)
SLACK_CHANNEL = '[[channels]]\nname = "slack"\nkind = "slack"\nurl_env = "SLACK_URL"\n'
WEBHOOK = '[[channels]]\nname = "hook"\nkind = "webhook"\nurl = "https://example.org/hook"\nsecret_envs = ["HOOK"]\n'
WEB = '[web]\npassword_env = "DASHBOARD"\n'
GOOD = {
    "top": TOP,
    "crawl": CRAWL,
    "web": WEB,
    "outlet": OUTLET,
    "watch": WATCH,
    "rule": RULE,
    "channel": CHANNEL,
    "email": EMAIL,
    "slack": SLACK_CHANNEL,
    "webhook": WEBHOOK,
}


def written(folder: Path, **parts: str) -> Path:
    file = folder / "config.toml"
    file.write_text("\n".join({**GOOD, **parts}.values()), encoding="utf-8")
    return file


def loaded(folder: Path, environ: Mapping[str, str] = ENVIRON, **parts: str) -> Config:
    return load(written(folder, **parts), environ)


def told(file: Path, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(file, environ)
    return [str(problem).replace(str(file.parent) + "/", "") for problem in caught.value.problems]


MISTAKES = tomllib.loads((ROOT / "tests/config_mistakes.toml").read_text(encoding="utf-8"))["mistakes"]


def spoiled(mistake: dict[str, str]) -> str:
    good = GOOD[mistake["part"]]
    if "old" in mistake:
        assert mistake["old"] in good
        return good.replace(mistake["old"], mistake["new"])
    return good + mistake["add"] if "add" in mistake else mistake["text"]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake["told"][:60] for mistake in MISTAKES])
def test_a_mistake_earns_its_sentence(tmp_path: Path, mistake: dict[str, str]) -> None:
    (tmp_path / "slack-url").write_text(SLACK)
    assert told(written(tmp_path, **{mistake["part"]: spoiled(mistake)})) == [f"config.toml: {mistake['told']}"]


def test_a_file_without_channels_is_told_so(tmp_path: Path) -> None:
    problems = told(written(tmp_path, channel="", email="", slack="", webhook=""))
    assert any("there is no [[channels]] table, no alert could be delivered" in problem for problem in problems)


def test_all_mistakes_are_told_at_once_and_in_the_order_of_the_file(tmp_path: Path) -> None:
    outlets = OUTLET + OUTLET.replace("https://post.example/rss", "gopher://post.example")
    file = written(tmp_path, outlet=outlets, crawl='[crawl]\ncontact = ""', rule=RULE.replace("screen", "radio"))
    keys = [problem.split(": ")[1] for problem in told(file)]
    assert keys == [
        "crawl.contact",
        'outlets[1] "post" id',
        'outlets[1] "post" name',
        'outlets[1] "post" feeds[0]',
        'rules[0] "all" channels[0]',
    ]


def test_no_sentence_gives_a_secret_away(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        outlet=OUTLET.replace("https://post", "https://me:open sesame@post"),
        email=EMAIL.replace("SMTP_PASSWORD", "open sesame") + 'password = "open sesame"\n',
        slack=SLACK_CHANNEL.replace("SLACK_URL", SLACK),
        webhook=WEBHOOK.replace('"HOOK"', f'"{SECRET}", 5'),
    )
    said = "\n".join(told(file))
    assert not [secret for secret in ("sesame", "quiet-please", "whsec_c29t") if secret in said]


def test_a_loaded_configuration_prints_without_its_secrets(tmp_path: Path) -> None:
    printed = repr(loaded(tmp_path))
    assert "Secret(from SMTP_PASSWORD)" in printed
    assert not [secret for secret in ("sesame", "quiet-please", "whsec_c29t") if secret in printed]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    (sentence,) = told(tmp_path / "absent.toml")
    assert sentence == (
        "absent.toml: the file: cannot be read (No such file or directory); name one that is there with --config"
    )


def test_broken_toml_is_told_with_its_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('archive = "x.db"\ncrawl = contact\n')
    (sentence,) = told(file)
    assert sentence == "config.toml: line 2, column 9: is not TOML: Invalid value; mend what stands there"


def test_a_file_that_is_not_utf_8_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes('name = "Café"'.encode("latin-1"))
    assert told(file) == ["config.toml: the file: is not UTF-8 text; save it as UTF-8"]


def test_a_wrong_override_is_told_as_the_environments(tmp_path: Path) -> None:
    assert told(written(tmp_path), {**ENVIRON, "TOLLWATCH_HEALTH_LISTEN": "here"}) == [
        'environment: TOLLWATCH_HEALTH_LISTEN: "here" is no address to listen on; '
        'write host:port, such as "127.0.0.1:8080"'
    ]


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    environ = {
        "TOLLWATCH_ARCHIVE": "/data/tollwatch.db",
        "TOLLWATCH_CONTACT": "https://example.org/bot",
        "TOLLWATCH_HEALTH_LISTEN": "0.0.0.0:8080",
        "TOLLWATCH_WEB_LISTEN": "0.0.0.0:8001",
        "TOLLWATCH_WEB_PASSWORD": "a long enough one",
    }
    assert set(environ) == set(OVERRIDES)
    config = loaded(tmp_path, {**ENVIRON, **environ})
    assert config.archive == Path("/data/tollwatch.db")
    assert config.crawl.contact == "https://example.org/bot"
    assert config.health_listen == "0.0.0.0:8080"
    assert config.web.listen == "0.0.0.0:8001"
    assert config.web.password is not None
    assert config.web.password.reveal() == "a long enough one"


def test_paths_are_relative_to_the_folder_of_the_file(tmp_path: Path) -> None:
    assert loaded(tmp_path).archive == tmp_path / "var/tollwatch.db"
    assert loaded(tmp_path, top='archive = "toll.db"').archive == tmp_path / "toll.db"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("from a file\n")
    config = loaded(tmp_path, email=EMAIL.replace('password_env = "SMTP_PASSWORD"', 'password_file = "smtp"'))
    mail = config.channels[1]
    assert isinstance(mail, EmailChannel)
    assert mail.password is not None
    assert mail.password.reveal() == "from a file"


def test_channels_become_values_with_their_defaults(tmp_path: Path) -> None:
    screen, mail, slack, hook = loaded(tmp_path).channels
    assert isinstance(screen, PrintChannel)
    assert isinstance(mail, EmailChannel)
    assert isinstance(slack, SlackChannel)
    assert isinstance(hook, WebhookChannel)
    assert (mail.port, mail.security, mail.to) == (587, "starttls", ("desk@example.org",))
    assert slack.url.reveal() == SLACK
    assert [secret.reveal() for secret in hook.secrets] == [SECRET]


def test_outlets_watches_and_rules_become_values(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        outlet=OUTLET + 'every = "2h"\n',
        watch=WATCH + 'timezone = "Asia/Kathmandu"\nsince = 2026-01-31\n',
        rule=RULE + 'outcomes = ["killed"]\nwho = ["children"]\nlevels = ["now"]\nminimum_step = 5\n',
    )
    assert config.outlets[0].every == timedelta(hours=2)
    assert config.watches[0].since == datetime(2026, 1, 30, 18, 15, tzinfo=UTC)
    rule = config.rules[0]
    assert (rule.outcomes, rule.who, rule.levels) == ((Outcome.KILLED,), (Who.CHILDREN,), (Level.NOW,))
    assert rule.minimum_step == 5


@pytest.mark.parametrize(("keys", "slowest"), [("", 60), ('every = "2h"', 480), ('slowest = "30m"', 30)])
def test_the_slowest_pace_is_four_times_the_fastest_where_none_is_given(
    tmp_path: Path, keys: str, slowest: int
) -> None:
    assert loaded(tmp_path, outlet=f"{OUTLET}{keys}\n").outlets[0].slowest == timedelta(minutes=slowest)


def test_an_outlets_key_and_cookie_come_from_the_environment_and_hide(tmp_path: Path) -> None:
    keys = 'headers_env = { Cookie = "PAPER_COOKIE" }\nquery_env = { api_key = "PAPER_KEY" }\n'
    config = loaded(tmp_path, {**ENVIRON, "PAPER_COOKIE": "id=7", "PAPER_KEY": "k1"}, outlet=OUTLET + keys)
    known = config.credentials["post"]
    assert known.addresses == ("https://post.example/rss",)
    assert [(name, secret.reveal()) for name, secret in known.headers + known.query] == [
        ("Cookie", "id=7"),
        ("api_key", "k1"),
    ]
    assert "id=7" not in repr(config)


def test_an_outlets_key_and_cookie_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "cookie").write_text("id=7\n")
    (tmp_path / "key").write_text("k1")
    keys = 'headers_file = { Cookie = "cookie" }\nquery_file = { api_key = "key" }\n'
    known = loaded(tmp_path, outlet=OUTLET + keys).credentials["post"]
    assert [(name, secret.reveal()) for name, secret in known.headers + known.query] == [
        ("Cookie", "id=7"),
        ("api_key", "k1"),
    ]


def test_every_secret_may_come_from_the_environment_or_from_a_file() -> None:
    keys = {key for table in (*SECTIONS.values(), *CHANNELS.values()) for key in table.model_fields}
    named = {key for key in keys if key.endswith(("_env", "_envs"))}
    assert named
    assert {key.replace("_env", "_file") for key in named} <= keys


def test_the_container_is_given_every_secret_that_the_shipped_file_names() -> None:
    named = set(re.findall(r'_envs? = \[?"([A-Z_]+)"', (ROOT / "config.toml").read_text(encoding="utf-8")))
    services = (ROOT / "compose.yaml").read_text(encoding="utf-8").split("environment:\n")[1:]
    assert services
    assert all(named <= set(re.findall(r"^ +- ([A-Z_]+)$", service, flags=re.MULTILINE)) for service in services)


def test_a_channels_hours_become_values(tmp_path: Path) -> None:
    hours = (
        'timezone = "Europe/Kyiv"\ndigests = ["08:00", "Mon-Wed 18:30"]\n'
        'quiet = ["22:00-07:00", "Fri-Mon", "Tue 13:00-24:00"]\n'
        "override_step = 100\noverride_share = 1\nmost_per_hour = 20\n"
    )
    config = loaded(tmp_path, channel=CHANNEL + hours)
    assert config.hours["mail"] == Hours()
    assert config.hours["screen"] == Hours(
        timezone="Europe/Kyiv",
        digests=(DailyTime(at=time(8)), DailyTime(at=time(18, 30), days=frozenset({0, 1, 2}))),
        quiet=(
            Quiet(begins=time(22), ends=time(7)),
            Quiet(begins=time(), ends=time(), days=frozenset({4, 5, 6, 0})),
            Quiet(begins=time(13), ends=time(), days=frozenset({1})),
        ),
        override_step=100,
        override_share=1.0,
        most_per_hour=20,
    )


def test_the_shipped_file_loads_in_an_empty_environment() -> None:
    config = load(ROOT / "config.toml", {})
    assert len(config.outlets) >= 60
    assert len({outlet.country for outlet in config.outlets}) >= 20
    assert len(config.watches) == 2
    assert [type(channel) for channel in config.channels] == [PrintChannel]


def test_the_commented_examples_of_the_shipped_file_load_too(tmp_path: Path) -> None:
    shipped = (ROOT / "config.toml").read_text(encoding="utf-8")
    opened = re.sub(r"^# (?=\[\[|\w+ = )", "", shipped, flags=re.MULTILINE)
    file = tmp_path / "config.toml"
    file.write_text(opened, encoding="utf-8")
    names = {
        "SMTP_PASSWORD": "x",
        "SLACK_WEBHOOK_URL": SLACK,
        "SLACK_BOT_TOKEN": BOT,
        "TOLLWATCH_WEBHOOK_SECRET": SECRET,
        "APPRISE_URL": "ntfy://hush-hush",
    }
    kinds = [type(channel) for channel in load(file, names).channels]
    assert sorted(kinds, key=str) == sorted(CHANNELS_MADE, key=str)
    assert len(load(file, names).rules) == 2


HOURS = set(HoursTable.model_fields) - {"name"}


def documented() -> dict[str, set[str]]:
    """The keys in the tables of docs/configuration.md, by the heading above them."""
    found: dict[str, set[str]] = {}
    heading = ""
    for line in (ROOT / "docs/configuration.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").replace("`", "")
        elif row := re.match(r"\| `(\w+)` \|", line):
            found.setdefault(heading, set()).add(row[1])
    return found


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("The top of the file", set(ConfigTable.model_fields) - set(SECTIONS) - {"channels"}),
        *((f"[{name}]", set(SECTIONS[name].model_fields)) for name in ("crawl", "health", "web", "keep")),
        *((f"[[{name}]]", set(SECTIONS[name].model_fields)) for name in ("outlets", "watches", "rules")),
        ("When a channel is told", HOURS),
        *((f"[[channels]] of kind {kind}", set(table.model_fields) - HOURS) for kind, table in CHANNELS.items()),
    ],
)
def test_every_key_is_documented_under_its_table(heading: str, keys: set[str]) -> None:
    assert documented().get(heading) == keys, f"list these keys in docs/configuration.md under {heading}"


def test_every_example_in_the_documentation_is_toml() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert examples
    for example in examples:
        tomllib.loads(example)


def test_every_override_is_documented() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert [name for name in OVERRIDES if f"`{name}`" not in text] == []

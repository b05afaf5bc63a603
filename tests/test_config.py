"""Every mistake in a config.toml, told in one sentence with its place and its remedy; and the shipped file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import (
    OVERRIDES,
    Config,
    EmailChannel,
    PrintChannel,
    SlackChannel,
    WebhookChannel,
    load,
)
from config.tables import CHANNELS, SECTIONS, ConfigTable
from model import ConfigError, Level, Outcome, Who

ROOT = Path(__file__).resolve().parents[1]
SECRET = "whsec_c29tZSByYW5kb20gYnl0ZXMgZm9yIGEgdGVzdA=="
SLACK = "https://hooks.slack.example/services/T0/B0/quiet-please"
ENVIRON = {"SMTP_PASSWORD": "open sesame", "SLACK_URL": SLACK, "HOOK": SECRET, "EMPTY": " ", "WORDS": "no secret"}

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
GOOD = {
    "top": TOP,
    "crawl": CRAWL,
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


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


# (the part of a good file that goes bad, the bad text, the one sentence that it must earn)
MISTAKES: list[tuple[str, str, str]] = [
    # keys
    ("top", "archiv = 'x.db'", 'config.toml: archiv: this key is not known; did you mean "archive"?'),
    ("crawl", CRAWL + "spacin = '2s'", 'config.toml: crawl.spacin: this key is not known; did you mean "spacing"?'),
    (
        "outlet",
        OUTLET + 'feed = ["https://post.example/2"]',
        'config.toml: outlets[0] "post" feed: this key is not known; did you mean "feeds"?',
    ),
    (
        "channel",
        CHANNEL + "colour = true",
        'config.toml: channels[0] "screen" colour: this key is not known; known are kind, name',
    ),
    ("crawl", "[crawl]\n", "config.toml: crawl.contact: this key is missing; add it"),
    ("crawl", "", "config.toml: crawl.contact: this key is missing; add it"),
    ("rule", '[[rules]]\nname = "all"\n', 'config.toml: rules[0] "all" channels: this key is missing; add it'),
    # kinds of value
    (
        "outlet",
        changed(OUTLET, '"The Post"', "5"),
        'config.toml: outlets[0] "post" name: a number stands where text belongs; write text in quotes',
    ),
    (
        "crawl",
        CRAWL + 'workers = "2"',
        "config.toml: crawl.workers: text stands where a whole number belongs; write digits without quotes",
    ),
    (
        "watch",
        WATCH + "single = 1",
        'config.toml: watches[0] "floods" single: a number stands where true or false belongs; '
        "write true or false without quotes",
    ),
    (
        "outlet",
        changed(OUTLET, '["https://post.example/rss"]', '"https://post.example/rss"'),
        'config.toml: outlets[0] "post" feeds: text stands where a list belongs; put it in square brackets',
    ),
    (
        "top",
        "health = 8080",
        "config.toml: health: a number stands where a table belongs; begin the table with its name in brackets",
    ),
    ("crawl", CRAWL + "workers = 0", "config.toml: crawl.workers: 0 is out of range; use 1 or more"),
    ("crawl", CRAWL + "concurrency = 9999", "config.toml: crawl.concurrency: 9999 is out of range; use 1000 or less"),
    (
        "rule",
        changed(RULE, '["screen"]', "[]"),
        'config.toml: rules[0] "all" channels: the list is empty; name at least one',
    ),
    # single values
    (
        "outlet",
        OUTLET + 'every = "15 minutes"',
        'config.toml: outlets[0] "post" every: "15 minutes" is no duration; '
        'write a whole number and s, m, h or d, such as "15m"',
    ),
    (
        "outlet",
        OUTLET + "every = 15",
        'config.toml: outlets[0] "post" every: a value without quotes is no duration; '
        'write a whole number and s, m, h or d, such as "15m"',
    ),
    (
        "outlet",
        changed(OUTLET, '"https://post.example/rss"', '"ftp://post.example/rss"'),
        'config.toml: outlets[0] "post" feeds[0]: the address is neither http nor https; begin it with https://',
    ),
    (
        "outlet",
        changed(OUTLET, '"https://post.example/rss"', '"https:///rss"'),
        'config.toml: outlets[0] "post" feeds[0]: the address has no proper host; '
        "write it whole, such as https://example.org/feed.xml",
    ),
    (
        "outlet",
        changed(OUTLET, '"https://post.example"', '"https://post.example:port"'),
        'config.toml: outlets[0] "post" homepage: the address is broken; copy it anew from the browser',
    ),
    (
        "outlet",
        changed(OUTLET, '"https://post.example/rss"', '"https://me:hush@post.example/rss"'),
        'config.toml: outlets[0] "post" feeds[0]: the address carries a user name or password; '
        "take out what stands before the @",
    ),
    (
        "outlet",
        OUTLET + "link_pattern = '/news/('",
        'config.toml: outlets[0] "post" link_pattern: the regular expression is broken '
        "(missing ), unterminated subpattern at position 6); mend it; single quotes keep backslashes as they are",
    ),
    (
        "outlet",
        changed(OUTLET, '"post"', '"The Post"'),
        'config.toml: outlets[0] "The Post" id: "The Post" is no id; use lower-case letters, digits and hyphens',
    ),
    (
        "outlet",
        OUTLET + 'country = "UK"',
        'config.toml: outlets[0] "post" country: "UK" is no country code; write two lower-case letters, such as "gb"',
    ),
    (
        "watch",
        WATCH + 'timezone = "Mars/Olympus"',
        'config.toml: watches[0] "floods" timezone: "Mars/Olympus" is no time zone; '
        'write an IANA name, such as "Europe/Kyiv"',
    ),
    (
        "watch",
        WATCH + 'since = "yesterday"',
        'config.toml: watches[0] "floods" since: this is no date; '
        "write it without quotes, such as 2026-01-31 or 2026-01-31T08:00:00Z",
    ),
    (
        "watch",
        changed(WATCH, '"flood*"', '"fl*od"'),
        'config.toml: watches[0] "floods" any[0]: "fl*od" is no word to look for; a * may stand at the end only',
    ),
    (
        "watch",
        changed(WATCH, '"Floods"', '" "'),
        'config.toml: watches[0] "floods" name: " " is blank; write something or take it out',
    ),
    (
        "rule",
        RULE + 'outcomes = ["killed", "wounded"]',
        'config.toml: rules[0] "all" outcomes[1]: "wounded" is not known here; '
        'use one of "killed", "injured", "missing", "displaced", "detained", "abducted" or "casualties"',
    ),
    (
        "rule",
        RULE + 'levels = ["loud"]',
        'config.toml: rules[0] "all" levels[0]: "loud" is not known here; use one of "now", "digest" or "log"',
    ),
    (
        "top",
        '[health]\nlisten = "8080"',
        'config.toml: health.listen: "8080" is no address to listen on; write host:port, such as "127.0.0.1:8080"',
    ),
    (
        "top",
        '[health]\nlisten = "127.0.0.1:80800"',
        "config.toml: health.listen: port 80800 is out of range; use a port up to 65535",
    ),
    (
        "crawl",
        '[crawl]\ncontact = "the desk"',
        "config.toml: crawl.contact: this is neither an e-mail address nor a web address; "
        "write how an outlet can reach you",
    ),
    (
        "crawl",
        CRAWL + 'allow_networks = ["127.0.0.1/4"]',
        'config.toml: crawl.allow_networks[0]: "127.0.0.1/4" is no network; write one such as "127.0.0.0/8"',
    ),
    # names
    (
        "outlet",
        OUTLET + OUTLET.replace("/rss", "/2").replace("The Post", "Post"),
        'config.toml: outlets[1] "post" id: outlets[0] "post" id says the same; give each its own',
    ),
    (
        "outlet",
        OUTLET + OUTLET.replace("/rss", "/2").replace('"post"', '"other"'),
        'config.toml: outlets[1] "other" name: outlets[0] "post" name says the same; give each its own',
    ),
    (
        "outlet",
        OUTLET + OUTLET.replace('"post"', '"other"').replace("The Post", "Post"),
        'config.toml: outlets[1] "other" feeds[0]: outlets[0] "post" feeds[0] says the same; poll it once only',
    ),
    (
        "watch",
        WATCH + WATCH.replace("Floods", "More floods"),
        'config.toml: watches[1] "floods" id: watches[0] "floods" id says the same; give each its own',
    ),
    (
        "rule",
        RULE + RULE,
        'config.toml: rules[1] "all" name: rules[0] "all" name says the same; give each its own',
    ),
    (
        "channel",
        CHANNEL + CHANNEL,
        'config.toml: channels[1] "screen" name: channels[0] "screen" name says the same; give each its own',
    ),
    (
        "rule",
        changed(RULE, '"screen"', '"scren"'),
        'config.toml: rules[0] "all" channels[0]: "scren" is the name of none of the channels; did you mean "screen"?',
    ),
    (
        "rule",
        RULE + 'watches = ["flood"]',
        'config.toml: rules[0] "all" watches[0]: "flood" is the id of none of the watches; did you mean "floods"?',
    ),
    (
        "watch",
        WATCH + 'outlets = ["herald"]',
        'config.toml: watches[0] "floods" outlets[0]: "herald" is the id of none of the outlets; known are post',
    ),
    (
        "outlet",
        changed(OUTLET, 'feeds = ["https://post.example/rss"]\n', ""),
        'config.toml: outlets[0] "post": this outlet has no address to poll; add feeds, sitemaps or front_pages',
    ),
    (
        "outlet",
        "",
        "config.toml: outlets: there is no [[outlets]] table, there would be nothing to read; "
        "add one; docs/configuration.md has examples",
    ),
    (
        "watch",
        "",
        "config.toml: watches: there is no [[watches]] table, nothing would be followed; "
        "add one; docs/configuration.md has examples",
    ),
    (
        "rule",
        "",
        "config.toml: rules: there is no [[rules]] table, nothing would ever be told; "
        "add one; docs/configuration.md has examples",
    ),
    # channels
    (
        "channel",
        CHANNEL + '[[channels]]\nname = "pigeon"\nkind = "pigeon"\n',
        'config.toml: channels[1] "pigeon" kind: "pigeon" is no kind of channel; '
        'use one of "print", "email", "slack", "webhook"',
    ),
    (
        "channel",
        CHANNEL + '[[channels]]\nname = "pigeon"\n',
        'config.toml: channels[1] "pigeon" kind: this key is missing; add it, such as kind = "print"',
    ),
    (
        "email",
        changed(EMAIL, '"desk@example.org"', '"desk.example.org"'),
        'config.toml: channels[1] "mail" to[0]: "desk.example.org" is no e-mail address; '
        'write one such as "desk@example.org"',
    ),
    (
        "email",
        changed(EMAIL, '"t@example.org"', '"Tollwatch"'),
        'config.toml: channels[1] "mail" sender: "Tollwatch" is no e-mail address; '
        'write "name@host" or "Tollwatch <name@host>"',
    ),
    (
        "email",
        changed(EMAIL, '"smtp.example.org"', '"smtp.example.org:25"'),
        'config.toml: channels[1] "mail" host: "smtp.example.org:25" is no host; write its bare name, without a port',
    ),
    ("email", EMAIL + "port = 65536", 'config.toml: channels[1] "mail" port: 65536 is out of range; use 65535 or less'),
    (
        "email",
        EMAIL + 'security = "ssl"',
        'config.toml: channels[1] "mail" security: "ssl" is not known here; use one of "starttls", "tls" or "none"',
    ),
    (
        "email",
        EMAIL + 'security = "none"',
        'config.toml: channels[1] "mail" security: the password would travel unencrypted; use "starttls" or "tls"',
    ),
    (
        "email",
        changed(EMAIL, 'username = "t"\n', ""),
        'config.toml: channels[1] "mail" username: there is a password without a user name; add the user name',
    ),
    (
        "email",
        changed(EMAIL, 'password_env = "SMTP_PASSWORD"\n', ""),
        'config.toml: channels[1] "mail" password_env: this key is missing; '
        "write the name of the environment variable that holds the secret",
    ),
    (
        "email",
        EMAIL + 'ca_file = "our.pem"',
        'config.toml: channels[1] "mail" ca_file: "our.pem" cannot be read (No such file or directory); '
        "name a file that is there",
    ),
    (
        "webhook",
        changed(WEBHOOK, 'secret_envs = ["HOOK"]\n', ""),
        'config.toml: channels[3] "hook" secret_envs: nothing would sign the messages; '
        'name an environment variable with a whsec_ secret, such as ["TOLLWATCH_WEBHOOK_SECRET"]',
    ),
    # secrets
    (
        "email",
        changed(EMAIL, '"SMTP_PASSWORD"', '"SMTP_PASS"'),
        'config.toml: channels[1] "mail" password_env: the environment variable SMTP_PASS is not set; '
        "set it before the start, or take the channel out",
    ),
    (
        "email",
        changed(EMAIL, '"SMTP_PASSWORD"', '"EMPTY"'),
        'config.toml: channels[1] "mail" password_env: the environment variable EMPTY is not set; '
        "set it before the start, or take the channel out",
    ),
    (
        "email",
        EMAIL + 'password = "open sesame"',
        'config.toml: channels[1] "mail" password: a secret stands in the file; '
        "put it into an environment variable and name that one with password_env",
    ),
    (
        "slack",
        SLACK_CHANNEL + f'url = "{SLACK}"',
        'config.toml: channels[2] "slack" url: a secret stands in the file; '
        "put it into an environment variable and name that one with url_env",
    ),
    (
        "slack",
        changed(SLACK_CHANNEL, "SLACK_URL", SLACK),
        'config.toml: channels[2] "slack" url_env: this is no name of an environment variable, '
        "it may be the secret itself; put the secret into an environment variable and write that one's name here",
    ),
    (
        "slack",
        changed(SLACK_CHANNEL, "SLACK_URL", "WORDS"),
        'config.toml: channels[2] "slack" url_env: what WORDS holds is no web address; copy the webhook\'s address',
    ),
    (
        "slack",
        SLACK_CHANNEL + "url_file = 'slack-url'",
        'config.toml: channels[2] "slack" url_file: url_env stands beside it; keep one of the two',
    ),
    (
        "webhook",
        changed(WEBHOOK, '"HOOK"', f'"{SECRET}"'),
        'config.toml: channels[3] "hook" secret_envs[0]: this is no name of an environment variable, '
        "it may be the secret itself; put the secret into an environment variable and write that one's name here",
    ),
    (
        "webhook",
        changed(WEBHOOK, '"HOOK"', '"WORDS"'),
        'config.toml: channels[3] "hook" secret_envs[0]: what WORDS holds is no webhook secret; '
        "it must be whsec_ followed by base64 of random bytes",
    ),
    (
        "webhook",
        changed(WEBHOOK, "https://example.org/hook", "https://hooks.slack.com/services/T0/B0/hush"),
        'config.toml: channels[3] "hook" url: a Slack webhook\'s address is a secret and stands in the file; '
        'use kind = "slack" with url_env naming the environment variable that holds it',
    ),
]


@pytest.mark.parametrize(("part", "text", "sentence"), MISTAKES, ids=[sentence[13:70] for _, _, sentence in MISTAKES])
def test_a_mistake_earns_its_sentence(tmp_path: Path, part: str, text: str, sentence: str) -> None:
    (tmp_path / "slack-url").write_text(SLACK)
    assert told(written(tmp_path, **{part: text})) == [sentence]


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
    }
    assert set(environ) == set(OVERRIDES)
    config = loaded(tmp_path, {**ENVIRON, **environ})
    assert config.archive == Path("/data/tollwatch.db")
    assert config.crawl.contact == "https://example.org/bot"
    assert config.health_listen == "0.0.0.0:8080"


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
    names = {"SMTP_PASSWORD": "x", "SLACK_WEBHOOK_URL": SLACK, "TOLLWATCH_WEBHOOK_SECRET": SECRET}
    assert len(load(file, names).channels) == 4
    assert len(load(file, names).rules) == 2


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
        *((f"[{name}]", set(SECTIONS[name].model_fields)) for name in ("crawl", "health")),
        *((f"[[{name}]]", set(SECTIONS[name].model_fields)) for name in ("outlets", "watches", "rules")),
        *((f"[[channels]] of kind {kind}", set(table.model_fields)) for kind, table in CHANNELS.items()),
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

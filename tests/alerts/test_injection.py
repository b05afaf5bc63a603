"""Nothing that an article says can do more in a message than be read.

The walk is the whole one, from an article to the bytes that a real server receives, by every channel; beside it goes an
alert in which every field that comes from outside is hostile, those too that the reader would not let through.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest
from feedparser.api import parse as _untyped_parse
from lxml import etree

from alerts import webhook
from alerts.message import digest, notice
from archive import Archive
from config import (
    AppriseChannel,
    AtomChannel,
    Channel,
    EmailChannel,
    PrintChannel,
    SlackBotChannel,
    SlackChannel,
    WebhookChannel,
)
from config.values import Secret
from demo.servers import Answer, Mailbox
from model import Alert, AlertType, AttemptResult, Behind, Kind, Rule, Watch
from model import Page as Fetched
from monitor import Monitor, read
from telling import Teller
from tests.alerts.rigs import (
    PASSWORD,
    RIGS,
    Arrived,
    Situation,
    apprise_at,
    bot_at,
    email_at,
    opened,
    posting,
    slack_says,
    webhook_at,
)
from tests.alerts.samples import NOON, behind, change, claim, composed, delivery, figure
from tests.build import hour

_parse: Any = _untyped_parse

ATTACKS = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)><style>*{}</style> &lt;b&gt; &amp;",
    "slack": "<!channel> <!here|here> <@U012AB3CD> <#C012AB3CD> <https://evil.example|x> *bold* &lt;! @everyone",
    "headers": "a\r\nBcc: all@evil.example\r\n\r\nb\u2028Bcc: c@evil.example\u2029\x85Bcc: d@evil.example\x0b\x0c",
    "templates": "{{ 7*7 }} {{ alert }} {% for x in [1] %} {# x #} ${7*7} <%= 7*7 %> {{7|attr('x')}}",
    "directions": "\u202e31\u202c \u2066x\u2069 \u200e\u200f \u200bzero\u200dwidth\ufeff\u2060 \U000e0041",
    "controls": "\x00\x01\x07\x08\x7f \x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m \x1b[2J",
    "surrogates": "\ud800 \udfff \ud83d x \ufffe\uffff",
    "markdown": "**bold** [click](https://evil.example) ![x](https://evil.example/x.png) `code` ~~s~~ # h | a | _i_",
    "xml": "]]> <!DOCTYPE a> <!ENTITY x SYSTEM 'file:///x'> &x; <?xml version='1.0'?> <![CDATA[ </summary></entry>",
    "a megabyte": "and on <& so Ü " * 66_000,
}
# What of each is read in the end, whatever became of the rest of it.
READ_AS = {
    "html": "alert(1)",
    "slack": "!channel",
    "headers": "Bcc: all@evil.example",
    "templates": "{{ 7*7 }}",
    "directions": "zero\u200dwidth",
    "controls": "[31mred",
    "surrogates": " x",
    "markdown": "[click](https://evil.example)",
    "xml": "!DOCTYPE a",
    "a megabyte": "and on",
}
HIDDEN = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufffe\uffff\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
)
LONG = 5_000  # what no sentence, name or reason is, but a title may be
SLACK_TOTAL = 40_000  # characters of a message
ATTACKED = pytest.mark.parametrize("attack", ATTACKS)


LEAD = "A ferry sank off Port Vessel in the Marran Strait on Sunday morning as it carried traders home to the islands."


def page(title: str, said: str, at: float) -> Fetched:
    """A page of an outlet, published `at` hours after the start of the story, as a server sends it."""
    words = [
        escape(part).encode(errors="replace").decode() for part in (title, LEAD, said, LEAD.replace("A ferry", "It"))
    ]
    html = (
        f"<html lang='en'><head><title>{words[0]}</title><meta property='og:type' content='article'>"
        f"<meta property='article:published_time' content='{hour(at):%Y-%m-%dT%H:%M:%SZ}'></head>"
        f"<body><article><h1>{words[0][:LONG]}</h1><p>{'</p><p>'.join(words[1:])}</p></article></body></html>"
    )
    url = f"https://outlet.example/2026/03/08/ferry-sinks-off-port-vessel-{at}"
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Fetched(
        url=url, final_url=url, outlet="outlet", fetched=hour(at), milliseconds=1, status=200, headers=headers,
        body=html.encode(errors="surrogatepass"),
    )  # fmt: skip


def walked(evil: str) -> list[Alert]:
    """What is told of two articles whose titles, sentences, outlet and watch are hostile."""
    said = evil if len(evil) < LONG else evil[:60]  # in a sentence of a megabyte no figure is read
    name = said.encode(errors="replace").decode()  # a name comes out of a file in UTF-8
    watch = Watch(id="all", name=f"Watch {name}")
    archive = Archive.in_memory()
    teller = Teller(
        archive, watches=[watch], rules=[Rule(name="all", channels=("desk",))], outlet_names={"outlet": f"Out {name}"}
    )
    monitor = Monitor(archive, watches=[watch], teller=teller, since=lambda _: None)
    for at, toll in ((0, "Twenty-three"), (5, "Forty-one")):
        text = f"{toll} people were killed, the Marran coastguard said, {said} it said."
        title = f"Ferry {evil} sinks off Port Vessel"
        monitor.take(read(page(title, text, at), "en"), fetched=hour(at))
    alerts = [owed.alert for owed in archive.outbox.owed(hour(99))]
    archive.close()
    return alerts


def composed_of(evil: str) -> Alert:
    """An alert in which everything that may come from outside is hostile."""
    note = evil.encode(errors="replace").decode() if len(evil) < LONG else "n"
    new = replace(
        figure(claim(12), quote=f"\ud800 {evil} killed 12 {evil}", source=note, url="javascript:alert(1)"),
        claim=replace(claim(12, window=note), source=note),
    )
    old = figure(claim(7), quote=f"{note} 7 {note}", outlet=note, url='https://a.example/"><script>')
    also = change(figure(claim(5), quote=f"{note} 5 {note}"), kind=Kind.CONTRADICTED, reason=note, subset=note)
    voice = replace(behind().unconfirmed[0], source=note)
    standing = Behind(independent_sources=1, outlets=1, disagreeing=(voice,), unconfirmed=(voice,))
    changes = [change(new, old, reason=note, subset=note), also]
    return composed(
        changes,
        event=f"e{note}",
        event_name=f"Fire {evil if len(evil) >= LONG else note}",
        watches=(note,),
        behind=standing,
    )


@lru_cache
def hostile(attack: str) -> list[Alert]:
    """Alerts of every kind, the walked ones first."""
    evil = ATTACKS[attack]
    made = composed_of(evil)
    told = [
        *walked(evil),
        made,
        digest([made, replace(made, key="alert_2", event="other")], created=NOON),
        notice(AlertType.OUTLET_DEGRADED, about="x", headline=f"Out {evil}", body=f"Why: {evil}\n{evil}", created=NOON),
    ]
    assert len(told) == 5
    return told


@asynccontextmanager
async def letters() -> AsyncIterator[tuple[Channel, Arrived]]:
    async with Mailbox(login=("alerts", PASSWORD)) as mailbox:
        yield email_at(mailbox.port), lambda: [letter.raw.decode() for letter in mailbox.letters]


# As the receiver's socket sees it, where the contract looks at the words.
RAW: Mapping[type, Situation] = {
    **{kind: rig["delivers"] for kind, rig in RIGS.items()},
    EmailChannel: letters,
    SlackBotChannel: posting(bot_at, slack_says(ok=True, ts="1.1")),
    WebhookChannel: posting(webhook_at, Answer()),
    AppriseChannel: posting(apprise_at, Answer()),
}


async def received(kind: type, attack: str) -> list[str]:
    """What arrives of the hostile alerts: a text a message; of a feed the whole of it, of a screen all it shows."""
    async with RAW[kind]() as (settings, arrived):
        channel = opened(settings)
        for number, alert in enumerate(hostile(attack), start=1):
            attempt = await channel.send(delivery(alert, number=number), NOON)
            assert attempt.result is AttemptResult.DELIVERED, attempt.detail
        await channel.close()
        if isinstance(settings, AtomChannel):
            return [settings.file.read_text(encoding="utf-8")]
        return arrived() if kind is not PrintChannel else ["\n\n".join(arrived())]


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


class Page(HTMLParser):
    """What a browser makes of HTML: the tags, the attributes that call for something, and the words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not {name for name, _ in attrs if name.startswith("on")}
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action", "background"}]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


OURS = re.compile(r"https?://(outlet|a|lamp|u)\.example/[^<>\s]*|cid:\S+|tollwatch\b.*")


def is_only_read(html: str, attack: str) -> None:
    page = Page()
    page.feed(html)
    page.close()
    assert page.tags.isdisjoint({"script", "iframe", "object", "embed", "form", "input", "link", "base", "svg"})
    assert [link for link in page.links if not OURS.fullmatch(link)] == []
    assert not HIDDEN.search(html)
    assert READ_AS[attack] in "".join(page.words)


# ------------------------------------------------------------------------------------------------ channel by channel


@ATTACKED
async def test_on_a_screen_it_is_text_without_a_control_or_a_hidden_direction(attack: str) -> None:
    (shown,) = await received(PrintChannel, attack)
    assert not HIDDEN.search(shown)
    assert READ_AS[attack] in shown
    assert len(shown) < 30_000


@ATTACKED
async def test_in_a_letter_it_is_text_and_no_header(attack: str) -> None:
    for raw in await received(EmailChannel, attack):
        letter = message_from_bytes(raw.encode(), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        assert not {"bcc", "cc"} & {name.lower() for name in letter}
        assert len(letter.keys()) == len(set(letter.keys()))
        assert letter["To"] == "desk@news.example"
        assert not re.search(r"[\r\n]", letter["Subject"])
        assert not HIDDEN.search(letter["Subject"])
        assert not re.search(r"(?<!\r)\n|\r(?!\n)", raw)
        assert all(len(line) <= 998 for line in raw.split("\r\n"))
        assert len(raw) < 200_000
        parts = {part.get_content_type(): part for part in letter.walk()}
        plain = parts["text/plain"].get_content().replace("\r\n", "\n")
        assert not HIDDEN.search(plain)
        assert READ_AS[attack] in plain
        is_only_read(parts["text/html"].get_content().replace("\r\n", "\n"), attack)


@ATTACKED
@pytest.mark.parametrize("kind", [SlackChannel, SlackBotChannel], ids=lambda kind: kind.__name__)
async def test_in_slack_it_calls_nobody_and_links_nowhere(kind: type, attack: str) -> None:
    for raw in await received(kind, attack):
        words = list(strings(json.loads(raw)))
        assert sum(map(len, words)) <= SLACK_TOTAL
        assert [each for each in words if re.search(r"<(?!https?://(outlet|a|lamp|u)\.example/)", each)] == []
        assert not [each for each in words if "`code`" in each or "*bold*" in each or HIDDEN.search(each)]
        assert any(READ_AS[attack].replace("*", "∗") in each for each in words)


@ATTACKED
async def test_in_a_webhook_it_is_data_under_the_published_schema(attack: str) -> None:
    for raw in await received(WebhookChannel, attack):
        body = json.loads(raw)
        jsonschema.validate(body, json.loads(json.dumps(webhook.schema())))
        assert any(READ_AS[attack] in words for words in strings(body))


@ATTACKED
async def test_in_a_feed_it_is_text(attack: str) -> None:
    (raw,) = await received(AtomChannel, attack)
    root = etree.fromstring(raw.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    assert root.getroottree().docinfo.doctype == ""
    assert {etree.QName(element).localname for element in root.iter()} <= {
        *("feed", "id", "title", "updated", "published", "author", "name", "entry", "link", "category", "summary"),
        "content",
    }
    feed = _parse(raw.encode(), sanitize_html=False)
    assert not feed.bozo
    assert len(feed.entries) == 5
    for entry in feed.entries:
        assert (entry.title_detail.type, entry.summary_detail.type) == ("text/plain", "text/plain")
        assert not HIDDEN.search(entry.title + entry.summary)
        assert READ_AS[attack] in entry.summary
        is_only_read(entry.content[0].value, attack)


@ATTACKED
async def test_by_apprise_it_is_text_that_calls_nobody(attack: str) -> None:
    for raw in await received(AppriseChannel, attack):
        sent = json.loads(raw)
        words = sent["title"] + "\n" + sent["message"]
        assert not HIDDEN.search(words)
        assert "<" not in words
        assert "@everyone" not in words
        assert READ_AS[attack].translate(str.maketrans("<>", "‹›")) in words
        assert len(words) < 30_000


async def test_a_markdown_service_of_apprise_is_sent_escaped_text() -> None:
    async with posting(lambda base: replace(apprise_at(base), url=_as_markdown(base)), Answer())() as (
        settings,
        arrived,
    ):
        channel = opened(settings)
        await channel.send(delivery(hostile("markdown")[0]), NOON)
        await channel.close()
    message = json.loads(arrived()[0])["message"]
    assert r"\[click\]" in message
    assert "[click](" not in message


def _as_markdown(base: str) -> Secret:
    return Secret(f"json://{base.removeprefix('http://')}/x?format=markdown", origin="APPRISE_URL")


@pytest.mark.parametrize("kind", [SlackChannel, SlackBotChannel], ids=lambda kind: kind.__name__)
async def test_the_longest_digest_is_within_all_that_slack_takes(kind: type) -> None:
    said = "The port counted 41 dead, & <others>. " + "Longer and longer " * 30
    now, before = figure(claim(41), quote=said), figure(claim(30), quote=said.replace("41", "30"))
    one = composed([change(now, before, reason=str(n), subset=f"crew {n}") for n in range(60)])
    others = [composed([change(now, before)], event=str(n)) for n in range(60)]
    for alert in (digest([one], created=NOON), digest(others, created=NOON), replace(one, changes=one.changes[:12])):
        async with RAW[kind]() as (settings, arrived):
            channel = opened(settings)
            attempt = await channel.send(delivery(alert), NOON)
            await channel.close()
            (raw,) = arrived()
        assert attempt.result is AttemptResult.DELIVERED
        body = json.loads(raw)
        assert sum(map(len, strings(body))) <= SLACK_TOTAL
        assert len(body["blocks"]) <= 50
        assert alert.type is not AlertType.DIGEST or re.search(r"and \d+ more", raw)

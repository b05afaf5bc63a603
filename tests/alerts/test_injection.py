"""Nothing that an article says can do more in a message than be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from alerts import letter, slack, templates, text, webhook
from alerts.message import digest, notice
from model import Alert, AlertType, Behind, Kind
from tests.alerts.samples import NOON, behind, change, claim, composed, figure

EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> <!channel> <!here|here> <@U123> <https://evil.example|x> "
    "&amp; \u202egnik\u202c \u2066x\u2069 \x1b]0;x\x07 \r\nBcc: all@evil.example\r\n\r\n`code` *bold* \x00 \u2028"
)


def hostile(*, event_name: str = EVIL, note: str = EVIL) -> Alert:
    """An alert in which everything that may come from outside is hostile."""
    new = replace(
        figure(claim(12), quote=f"\ud800 {note} killed 12 {note}", source=note, url="javascript:alert(1)"),
        claim=replace(claim(12, window=note), source=note),
    )
    old = figure(claim(7), quote=f"{note} 7 {note}", outlet=note, url='https://a.example/"><script>')
    also = change(figure(claim(5), quote=f"{note} 5 {note}"), kind=Kind.CONTRADICTED, reason=note, subset=note)
    voice = replace(behind().unconfirmed[0], source=note)
    standing = Behind(independent_sources=1, outlets=1, disagreeing=(voice,), unconfirmed=(voice,))
    changes = [change(new, old, reason=note, subset=note), also]
    return composed(changes, event=f"e{note}", event_name=event_name, watches=(note,), behind=standing)


ALERTS = {
    "figures": hostile(),
    "digest": digest([hostile()], created=NOON),
    "notice": notice(AlertType.OUTLET_DEGRADED, about="x", headline=EVIL, body=EVIL, created=NOON),
}


@pytest.fixture(params=ALERTS)
def alert(request: pytest.FixtureRequest) -> Alert:
    return ALERTS[str(request.param)]


class Tags(HTMLParser):
    """Collects the tags and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        names = {name for name, _ in attrs}
        assert not {name for name in names if name.startswith("on") or name in {"src", "style"}}
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_no_markup_comes_out_of_an_article(alert: Alert) -> None:
    page = Tags()
    page.feed(templates.page(alert))
    ours = {"html", "head", "meta", "title", "style", "body", "div", "p", "span", "bdi", "blockquote", "mark", "ul"}
    assert page.tags <= ours | {"li", "a", "code", "hr"}
    assert all(re.match(r"https?://[a-z]+\.example/", link) for link in page.links)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def test_no_mention_or_link_comes_out_of_an_article(alert: Alert) -> None:
    body = slack.render(alert)
    for words in strings(body):
        assert not re.search(r"<[!@#]", words)
        assert "<https://evil" not in words
        assert "`code`" not in words
        assert "*bold*" not in words


HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


def test_no_control_character_or_hidden_direction_reaches_a_reader(alert: Alert) -> None:
    assert not HIDDEN.search(text.render(alert))
    assert not HIDDEN.search(templates.page(alert))
    assert not any(HIDDEN.search(words) for words in strings(slack.render(alert)))


def test_no_header_comes_out_of_an_article(alert: Alert) -> None:
    written = letter.write(alert, sender="Tollwatch <alerts@news.example>", to=("desk@news.example",))
    names = [
        line.split(b":")[0] for line in written.as_bytes().split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1].isalpha()
    ]
    assert b"Bcc" not in names
    assert written["To"] == "desk@news.example"
    assert "\n" not in written["Subject"]


def test_the_webhook_body_is_json_whatever_an_article_says() -> None:
    assert json.loads(webhook.encode(ALERTS["figures"]))["type"] == "figure.changed"


def test_a_title_of_a_megabyte_is_cut_everywhere() -> None:
    alert = hostile(event_name="Ü<&" * 400_000, note="n" * 1_000_000)
    assert len(text.render(alert)) < 12_000
    assert len(templates.page(alert)) < 40_000
    assert len(json.dumps(slack.render(alert))) < 40_000
    written = letter.write(alert, sender="alerts@news.example", to=("desk@news.example",))
    assert len(written["Subject"]) <= letter.SUBJECT_LENGTH
    assert all(len(line) <= 998 for line in written.as_bytes().split(b"\r\n"))

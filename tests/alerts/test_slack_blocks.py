"""The Slack message: what it shows, and that it stays within Slack's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from alerts.message import digest, notice
from alerts.slack import HEADER_LENGTH, MOST_BLOCKS, TEXT_LENGTH, render
from model import Alert, AlertType
from tests.alerts.samples import NOON, change, claim, composed, figure, harbour_fire


def long(quote: str) -> Alert:
    """An alert that is as long as can be in every place."""
    others = [change(figure(claim(n), quote=f"{quote} {n} {quote}", source=quote)) for n in range(100, 180)]
    return composed(others, event_name=quote, watches=[quote] * 40)


ALERTS = {
    "usual": harbour_fire(),
    "long": long("& " * 600),
    "links": composed([change(figure(claim(5), url=f"https://a.example/{'x' * 1400}"))]),
    "digest": digest([long("<b>" * 200), harbour_fire()], created=NOON),
    "events": digest(
        [composed([change(figure(claim(n)))], event=str(n), event_name=f"E {n}") for n in range(1, 90)], created=NOON
    ),
    "long digest": digest(
        [
            composed(
                [
                    change(
                        figure(claim(n), quote=f"{'many words ' * 40}{n}"),
                        figure(claim(n + 9), quote=f"{'x ' * 200}{n + 9}"),
                    )
                ],
                event=str(n),
                event_name=f"E {n}",
            )
            for n in range(1, 60)
        ],
        created=NOON,
    ),
    "notice": notice(AlertType.TEST, about="x", headline="x" * 999, body="& " * 9999, created=NOON),
}


def blocks(alert: Alert) -> list[Any]:
    found = render(alert)["blocks"]
    assert isinstance(found, list)
    return found


def texts(alert: Alert) -> list[str]:
    parts = [part for block in blocks(alert) for part in (block.get("elements") or [block["text"]])]
    return [part["text"] for part in parts]


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS.keys())
def test_a_message_stays_within_slacks_limits(alert: Alert) -> None:
    assert problems_of(render(alert)) == []
    assert len(blocks(alert)) <= MOST_BLOCKS
    assert len(blocks(alert)[0]["text"]["text"]) <= HEADER_LENGTH
    assert all(len(text) <= TEXT_LENGTH for text in texts(alert))


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}, "a text of 151 characters"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "a text that is not plain_text"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": ""}}, "a text of 0 characters"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}, "a key that no mrkdwn has"),
        ({"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}, "more than 10 fields"),
        ({"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2_001}]}, "a text of 2001 characters"),
        ({"type": "section"}, "a section without text and fields"),
        ({"type": "context", "elements": []}, "no element, or more than 10"),
        ({"type": "divider", "block_id": "x" * 256}, "a block_id of more than 255 characters"),
    ],
)
def test_what_slack_refuses_would_be_seen(block: dict[str, Any], problem: str) -> None:
    (found,) = problems_of({"text": "x", "blocks": [block]})
    assert found.startswith(problem)


def test_a_message_that_slack_would_cut_would_be_seen() -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_000}}
    assert problems_of({"text": "x", "blocks": [block] * 14}) == ["a message of more than 40,000 characters"]
    assert problems_of({"text": "", "blocks": [{"type": "divider"}] * 51}) == [
        "no block, or more than 50",
        "no text for the notification",
    ]


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS.keys())
def test_a_cut_never_falls_into_a_link_or_an_entity(alert: Alert) -> None:
    for text in texts(alert)[1:]:
        assert text.count("<") == text.count(">") - text.count("\n> ") - text.startswith("> ")
        assert text.count("&") == sum(text.count(entity) for entity in ("&amp;", "&lt;", "&gt;"))


def test_a_message_says_all_that_the_plain_text_says() -> None:
    whole = "\n".join(texts(harbour_fire()))
    for words in (
        "Velmora harbour fire · people killed 41 → at least 63 (+22, +54 %)",
        "*raised*\nVelmora Port Authority, through The Lamp · as of 4 May",
        "*now* · <https://lamp.example/harbour-fire|The Lamp, 4 May>\n> “At least ▸63◂ dock workers",
        "*before* · <https://herald.example/harbour-fire|Velmora Herald, 3 May>",
        "• people injured 90 → 118 (+28, +31 %)",
        "“Another ▸118◂ were injured, ▸9◂ of them children.”",
        "1 independent source, carried by 3 outlets · nobody disagrees",
        "`tollwatch timeline velmora-harbour-fire`",
    ):
        assert words in whole


def test_a_notification_shows_the_headline_and_the_verdict() -> None:
    assert render(harbour_fire())["text"] == (
        "Velmora harbour fire · people killed 41 → at least 63 (+22, +54 %) · raised"
    )


def test_a_digest_that_is_too_long_says_how_much_it_leaves_out() -> None:
    assert texts(ALERTS["events"])[-1] == "and 65 more"


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS.keys())
def test_a_message_carries_its_alerts_key_so_that_a_repeat_is_known_as_one(alert: Alert) -> None:
    assert blocks(alert)[0]["block_id"] == alert.key
    assert len(alert.key) <= 255


# Slack's reference of blocks and of composition objects: what is refused as `invalid_blocks` if it is otherwise.
_TEXT = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
_MOST_ELEMENTS = 10
_MOST_FIELDS, _FIELD_LENGTH = 10, 2_000
_BLOCK_ID_LENGTH = 255
_KEYS = {
    "header": {"type", "block_id", "text"},
    "section": {"type", "block_id", "text", "fields", "accessory", "expand"},
    "context": {"type", "block_id", "elements"},
    "divider": {"type", "block_id"},
}


def problems_of(message: dict[str, Any]) -> list[str]:
    """What Slack would refuse or cut of a message, in words."""
    found = [problem for block in message["blocks"] for problem in _problems_of_block(block)]
    ids = [block["block_id"] for block in message["blocks"] if "block_id" in block]
    return [
        *found,
        *(["no block, or more than 50"] if not 0 < len(message["blocks"]) <= 50 else []),
        *(["a block_id twice"] if len(set(ids)) < len(ids) else []),
        *(
            ["a message of more than 40,000 characters"]
            if len(json.dumps(message, ensure_ascii=False)) > 40_000
            else []
        ),
        *(["no text for the notification"] if not message["text"] else []),
    ]


def _problems_of_block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if extra := block.keys() - _KEYS[kind]:
        yield f"{kind} has no {extra}"
    if not 0 < len(block.get("block_id", "-")) <= _BLOCK_ID_LENGTH:
        yield "a block_id of more than 255 characters"
    if kind == "header":
        yield from _problems_of_text(block["text"], 150, "plain_text")
    if kind == "section":
        yield from _problems_of_section(block)
    if kind == "context":
        if not 0 < len(block["elements"]) <= _MOST_ELEMENTS:
            yield "no element, or more than 10"
        for element in block["elements"]:
            yield from _problems_of_text(element, 3_000)


def _problems_of_section(section: dict[str, Any]) -> Iterator[str]:
    fields = section.get("fields", ())
    if "text" not in section and not fields:
        yield "a section without text and fields"
    yield from _problems_of_text(section.get("text"), 3_000)
    if len(fields) > _MOST_FIELDS:
        yield "more than 10 fields"
    for field in fields:
        yield from _problems_of_text(field, _FIELD_LENGTH)


def _problems_of_text(text: dict[str, Any] | None, most: int, kind: str | None = None) -> Iterator[str]:
    if text is None:
        return
    if kind is not None and text["type"] != kind:
        yield f"a text that is not {kind}"
    if text.keys() - _TEXT[text["type"]]:
        yield f"a key that no {text['type']} has"
    if not 0 < len(text["text"]) <= most:
        yield f"a text of {len(text['text'])} characters where {most} are allowed"

"""The Slack message: what it shows, and that it stays within Slack's limits."""

from __future__ import annotations

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
    assert 0 < len(blocks(alert)) <= MOST_BLOCKS
    assert len(blocks(alert)[0]["text"]["text"]) <= HEADER_LENGTH
    assert all(0 < len(text) <= TEXT_LENGTH for text in texts(alert))
    assert isinstance(render(alert)["text"], str)


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

"""What every channel promises, tested once for all of them, on real servers."""

from __future__ import annotations

import logging

import pytest

from alerts.channels import CHANNELS, open_channel, open_channels
from config import PrintChannel, SlackChannel
from model import Attempt, AttemptResult
from tests.alerts.rigs import RIGS, SECRETS, absent, opened, slack_at
from tests.alerts.samples import NOON, delivery, harbour_fire

ENDS = {
    "delivers": AttemptResult.DELIVERED,
    "hangs": AttemptResult.FAILED,
    "hangs up slowly": AttemptResult.FAILED,
    "is absent": AttemptResult.FAILED,
    "asks to wait": AttemptResult.FAILED,
    "breaks": AttemptResult.FAILED,
    "refuses": AttemptResult.REFUSED,
    "refuses the password": AttemptResult.REFUSED,
    "is not in the channel": AttemptResult.REFUSED,
    "is in trouble": AttemptResult.FAILED,
    "is somebody else": AttemptResult.FAILED,
    "refuses, says Apprise": AttemptResult.FAILED,
}
ALL = [pytest.param(kind, name, id=f"{kind.__name__} {name}") for kind, rig in RIGS.items() for name in rig]


async def tried(kind: type, situation: str) -> tuple[Attempt, list[str]]:
    async with RIGS[kind][situation]() as (settings, arrived):
        channel = opened(settings)
        attempt = await channel.send(delivery(harbour_fire()), NOON)
        await channel.close()
        return attempt, arrived() if attempt.result is AttemptResult.DELIVERED else []


def test_every_channel_is_held_to_the_contract() -> None:
    assert RIGS.keys() == CHANNELS.keys()
    assert all({"delivers", "breaks"} <= rig.keys() for rig in RIGS.values())


@pytest.mark.parametrize(("kind", "situation"), ALL)
async def test_an_attempt_ends_as_it_should(kind: type, situation: str) -> None:
    attempt, _ = await tried(kind, situation)
    assert attempt.result is ENDS[situation]
    assert attempt.detail


@pytest.mark.parametrize(("kind", "situation"), ALL)
async def test_an_attempt_tells_no_secret_to_anybody_nor_to_a_log(
    kind: type, situation: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        attempt, _ = await tried(kind, situation)
    assert not any(secret in attempt.detail or secret in caplog.text for secret in SECRETS)


@pytest.mark.parametrize("kind", RIGS, ids=lambda kind: kind.__name__)
async def test_what_is_delivered_has_arrived_once_and_whole(kind: type) -> None:
    _, arrived = await tried(kind, "delivers")
    assert len(arrived) == 1
    assert "41 → at least 63 (+22, +54 %)" in arrived[0]


@pytest.mark.parametrize("kind", [kind for kind, rig in RIGS.items() if "asks to wait" in rig])
async def test_a_receiver_that_asks_to_wait_is_heard(kind: type) -> None:
    attempt, _ = await tried(kind, "asks to wait")
    assert attempt.retry_after is not None
    assert attempt.retry_after.total_seconds() == 90


async def test_an_address_that_is_none_is_refused_without_showing_it() -> None:
    channel = open_channel(slack_at("no address"))
    attempt = await channel.send(delivery(harbour_fire()), NOON)
    await channel.close()
    assert attempt.result is AttemptResult.REFUSED
    assert not any(secret in attempt.detail for secret in SECRETS)


async def test_channels_are_opened_by_name() -> None:
    async with absent(lambda port: slack_at(f"http://127.0.0.1:{port}"))() as (slack, _):
        assert isinstance(slack, SlackChannel)
        channels = open_channels([PrintChannel(name="screen"), slack])
    assert {name: channel.name for name, channel in channels.items()} == {"screen": "screen", "desk": "desk"}

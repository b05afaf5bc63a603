"""Apprise: title and text arrive; an address that it cannot use ends the start, unseen."""

from __future__ import annotations

import json
import logging

import pytest

from alerts.channels import open_channel
from config import AppriseChannel
from config.values import Secret
from demo.servers import Receiver
from model import AttemptResult, ChannelError
from tests.alerts.rigs import APPRISE_PIECES, apprise_at
from tests.alerts.samples import NOON, delivery, harbour_fire


async def test_title_and_plain_text_arrive() -> None:
    async with Receiver() as receiver:
        attempt = await open_channel(apprise_at(receiver.url)).send(delivery(harbour_fire()), NOON)
        (post,) = receiver.posts
    sent = json.loads(post.body)
    assert attempt.result is AttemptResult.DELIVERED
    assert post.path == f"/{APPRISE_PIECES[1]}"
    assert sent["title"] == harbour_fire().headline
    assert "“At least ▸63◂ dock workers were killed" in sent["message"]


@pytest.mark.parametrize("url", ["nosuchthing://hush-hush/4711", "json://"])
def test_an_address_that_apprise_cannot_use_ends_the_start_unseen(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ChannelError) as caught:
        open_channel(AppriseChannel(name="phone", url=Secret(url, origin="APPRISE_URL")))
    assert str(caught.value) == (
        "channel phone: what APPRISE_URL holds is no address that Apprise can use; "
        "compare it with the service's page in Apprise's documentation"
    )
    assert caught.value.__cause__ is None
    assert url not in caplog.text

"""The webhook's signature, checked by the library and by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from alerts.channels.webhook import Webhook
from config import WebhookChannel
from config.values import Secret
from demo.servers import Answer, Post, Receiver
from model import AttemptResult, ChannelError
from tests.alerts.samples import NOON, delivery, harbour_fire

KEYS = (b"the first key, which is being rotated out", b"the second key, which is taking over")
SECRETS = tuple(f"whsec_{base64.b64encode(key).decode()}" for key in KEYS)


def channel(url: str, *secrets: str) -> Webhook:
    return Webhook(
        WebhookChannel(name="hook", url=url, secrets=tuple(Secret(each, origin="HOOK_SECRET") for each in secrets))
    )


async def sent(now: datetime, *secrets: str) -> Post:
    async with Receiver() as receiver:
        hook = channel(f"{receiver.url}/alerts", *secrets)
        attempt = await hook.send(delivery(harbour_fire()), now)
        await hook.close()
    assert attempt.result is AttemptResult.DELIVERED
    return receiver.posts[0]


async def test_a_receiver_verifies_with_the_library_and_any_of_the_secrets() -> None:
    post = await sent(datetime.now(UTC), *SECRETS)
    for secret in SECRETS:
        body = Verifier(secret).verify(post.body, dict(post.headers))
        assert body["type"] == "figure.changed"
        assert body["data"]["headline"] == harbour_fire().headline


async def test_a_receiver_verifies_by_hand() -> None:
    post = await sent(NOON + timedelta(microseconds=999_999), *SECRETS)
    assert post.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    signed = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    by_hand = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in KEYS]
    assert post.headers["webhook-signature"] == " ".join(f"v1,{each}" for each in by_hand)


async def test_a_retry_has_the_same_id_and_body_and_a_new_time() -> None:
    first, second = await sent(NOON, SECRETS[0]), await sent(NOON + timedelta(hours=1), SECRETS[0])
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == harbour_fire().key
    assert first.body == second.body
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


async def test_the_body_holds_the_changes_with_quotes_intervals_and_reason() -> None:
    body = json.loads((await sent(NOON, SECRETS[0])).body)
    assert body.keys() == {"type", "timestamp", "data"}
    assert body["timestamp"] == "2026-05-04T12:00:00Z"
    lead = body["data"]["changes"][0]
    assert (lead["value"]["low"], lead["value"]["high"], lead["previous"]["low"]) == (63, None, 41)
    start, end = lead["quote"]["mark"]
    assert lead["quote"]["text"][start:end] == "63"
    assert lead["reason"]


async def test_a_redirect_is_not_followed() -> None:
    def elsewhere(_: Post) -> Answer:
        return Answer(status=302, headers=(("Location", "/elsewhere"),))

    async with Receiver(answer=elsewhere) as receiver:
        hook = channel(receiver.url, SECRETS[0])
        attempt = await hook.send(delivery(harbour_fire()), NOON)
        await hook.close()
    assert attempt.result is AttemptResult.FAILED
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("secrets", [(), ("whsec_",), ("whsec_not base64 é",), ("whsec_a",)])
def test_a_channel_without_a_usable_secret_is_refused_without_showing_it(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ChannelError) as refused:
        channel("https://hook.example", *secrets)
    assert "base64 é" not in str(refused.value)
    assert refused.value.__cause__ is None

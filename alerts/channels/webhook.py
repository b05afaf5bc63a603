"""Alerts as signed JSON, after Standard Webhooks. The id is the alert's key, so a receiver knows a retry as such."""

from __future__ import annotations

import binascii
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer
from standardwebhooks.webhooks import EmptyWebhookSecretError

from alerts.channels.post import Poster
from alerts.webhook import encode
from config import WebhookChannel
from config.values import Secret
from model import Attempt, ChannelError, Delivery


class Webhook:
    """Posts each alert, signed with every secret of the channel."""

    def __init__(self, settings: WebhookChannel) -> None:
        self.name = settings.name
        if not settings.secrets:
            raise ChannelError(channel=self.name, what="has no secret to sign with", remedy="name one in its table")
        self._signers = tuple(_signer(self.name, secret) for secret in settings.secrets)
        self._poster = Poster(settings.url, timeout=settings.timeout, secrets=settings.secrets)

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Sign the alert at `now` and post it."""
        body = encode(delivery.alert)
        return await self._poster.post(body.encode(), self._headers(delivery.alert.key, body, now), now)

    async def close(self) -> None:
        """Close the connection."""
        await self._poster.close()

    def _headers(self, key: str, body: str, now: datetime) -> dict[str, str]:
        time = now.astimezone(UTC).replace(microsecond=0)
        signatures = (signer.sign(msg_id=key, timestamp=time, data=body) for signer in self._signers)
        return {
            "Content-Type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": str(int(time.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _signer(name: str, secret: Secret) -> Signer:
    try:
        return Signer(secret.reveal())
    except (binascii.Error, EmptyWebhookSecretError, ValueError):
        # Without its cause, whose frames hold the secret.
        raise ChannelError(
            channel=name,
            what=f"its secret ({secret.origin}) is no base64",
            remedy="give it as whsec_ and 24 to 64 random bytes in base64",
        ) from None

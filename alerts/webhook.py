"""An alert as the body of a signed webhook (Standard Webhooks). Pure; the channel signs and sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from model import Alert, AlertType


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The body of a webhook. `timestamp` is when the alert was made, the same at every retry."""

    type: AlertType
    timestamp: datetime
    data: Alert


def schema() -> dict[str, object]:
    """Return the JSON Schema of the body (draft 2020-12), which docs/webhook.schema.json holds."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Body)}


def encode(alert: Alert) -> str:
    """Return the body as it is sent and signed; the same at every retry."""
    return msgspec.json.encode(Body(type=alert.type, timestamp=alert.created, data=alert)).decode()

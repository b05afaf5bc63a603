"""An alert as the body of a signed webhook (Standard Webhooks). Pure; the channel signs and sends it."""

from __future__ import annotations

import msgspec

from model import Alert


def render(alert: Alert) -> dict[str, object]:
    """Return `type`, `timestamp` and `data`, the whole alert in plain JSON types; the same at every retry."""
    data = msgspec.to_builtins(alert)
    return {"type": data["type"], "timestamp": data["created"], "data": data}


def encode(alert: Alert) -> str:
    """Return the body as it is sent and signed."""
    return msgspec.json.encode(render(alert)).decode()

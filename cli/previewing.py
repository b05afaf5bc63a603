"""What a channel would send of an alert, shown and not sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

import config
from alerts import atom, letter, slack, text, webhook
from archive import Archive
from config import AppriseChannel, Config, EmailChannel, SlackBotChannel
from model import Alert, InputError


def kept(archive: Archive, key: str, where: Path) -> Alert:
    """The newest alert whose key begins with `key`. Raises InputError where there is none."""
    data = archive.queries.alert(key)
    if data is None:
        what = f"holds no alert whose key begins with {key!r}" if key else "holds no alert yet"
        raise InputError(where=str(where), what=what, remedy="`tollwatch alerts --json` lists those that are there")
    return msgspec.json.decode(data, type=Alert)


def shown(settings: config.Channel, alert: Alert) -> str:
    """What the channel would send, as text."""
    return SHOWN[type(settings)](settings, alert)


def channel_of(given: Config, name: str) -> config.Channel:
    """The channel of that name. Raises InputError where the configuration has none."""
    for settings in given.channels:
        if settings.name == name:
            return settings
    known = ", ".join(channel.name for channel in given.channels)
    raise InputError(where=str(given.file), what=f"has no channel named {name!r}", remedy=f"it has {known}")


def _text(_: config.Channel, alert: Alert) -> str:
    return text.render(alert)


def _letter(settings: EmailChannel, alert: Alert) -> str:
    written = letter.write(alert, sender=settings.sender, to=settings.to)
    headers = "".join(f"{name}: {value}\n" for name, value in written.items())
    return f"{headers}\n{text.render(alert)}"


def _blocks(_: config.Channel, alert: Alert) -> str:
    return _json(slack.render(alert))


def _bot(settings: SlackBotChannel, alert: Alert) -> str:
    return _json({"channel": settings.channel, **slack.render(alert)})


def _body(_: config.Channel, alert: Alert) -> str:
    return _json(json.loads(webhook.encode(alert)))


def _entry(_: config.Channel, alert: Alert) -> str:
    return atom.render(alert)


def _titled(_: AppriseChannel, alert: Alert) -> str:
    from alerts.channels.apprise import message

    title, body = message(alert)
    return f"{title}\n\n{body}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


SHOWN: Mapping[type, Callable[[Any, Alert], str]] = MappingProxyType(
    {
        config.PrintChannel: _text,
        config.EmailChannel: _letter,
        config.SlackChannel: _blocks,
        config.SlackBotChannel: _bot,
        config.WebhookChannel: _body,
        config.AtomChannel: _entry,
        config.AppriseChannel: _titled,
    }
)

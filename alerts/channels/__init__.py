"""The channels. A new one is a file here, its settings in `config.py`, and a line in `CHANNELS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType

import config
from alerts.channels.atom import Atom
from alerts.channels.channel import Channel
from alerts.channels.print import Print
from alerts.channels.secrecy import keep_from_logs
from alerts.channels.slack import Slack
from alerts.channels.slack_bot import SlackBot, Threads
from alerts.channels.smtp import Email
from alerts.channels.webhook import Webhook
from alerts.studio import Studio
from config.values import Secret


def _via_apprise(settings: config.AppriseChannel, studio: Studio | None = None) -> Channel:
    from alerts.channels.apprise import ViaApprise  # noqa: PLC0415 - 14 MB and 0.3 s that most installations need not

    return ViaApprise(settings, studio)


CHANNELS: Mapping[type, Callable[..., Channel]] = MappingProxyType(
    {
        config.PrintChannel: Print,
        config.EmailChannel: Email,
        config.SlackChannel: Slack,
        config.SlackBotChannel: SlackBot,
        config.WebhookChannel: Webhook,
        config.AtomChannel: Atom,
        config.AppriseChannel: _via_apprise,
    }
)


_WITH_TEMPLATES = config.PrintChannel | config.EmailChannel | config.AppriseChannel


def open_channel(settings: config.Channel, threads: Threads | None = None, studio: Studio | None = None) -> Channel:
    """Make the channel that `settings` describes. Raises ChannelError where it cannot be used at all.

    `threads` remembers which message opened the thread of an event, for a channel that has threads; `studio` draws and
    fills templates, for those that need it, and is closed with them.
    """
    keep_from_logs(_secrets(settings))
    if isinstance(settings, config.SlackBotChannel):
        return SlackBot(settings, threads=threads)
    if isinstance(settings, _WITH_TEMPLATES):
        return CHANNELS[type(settings)](settings, studio)
    return CHANNELS[type(settings)](settings)


def open_channels(settings: Iterable[config.Channel], threads: Threads | None = None) -> dict[str, Channel]:
    """Make all channels, by name. Raises ChannelError at the first that cannot be used."""
    studio = Studio()
    return {each.name: open_channel(each, threads, studio) for each in settings}


def _secrets(settings: config.Channel) -> Iterator[Secret]:
    for field in fields(settings):
        value = getattr(settings, field.name)
        yield from (each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Secret))

"""The channels. A new one is a file here, its settings in `config.py`, and a line in `CHANNELS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import config
from alerts.channels.apprise import ViaApprise
from alerts.channels.atom import Atom
from alerts.channels.channel import Channel
from alerts.channels.print import Print
from alerts.channels.slack import Slack
from alerts.channels.slack_bot import SlackBot
from alerts.channels.smtp import Email
from alerts.channels.webhook import Webhook

CHANNELS: Mapping[type, Callable[[Any], Channel]] = MappingProxyType(
    {
        config.PrintChannel: Print,
        config.EmailChannel: Email,
        config.SlackChannel: Slack,
        config.SlackBotChannel: SlackBot,
        config.WebhookChannel: Webhook,
        config.AtomChannel: Atom,
        config.AppriseChannel: ViaApprise,
    }
)


def open_channel(settings: config.Channel) -> Channel:
    """Make the channel that `settings` describes. Raises ChannelError where it cannot be used at all."""
    return CHANNELS[type(settings)](settings)


def open_channels(settings: Iterable[config.Channel]) -> dict[str, Channel]:
    """Make all channels, by name. Raises ChannelError at the first that cannot be used."""
    return {each.name: open_channel(each) for each in settings}

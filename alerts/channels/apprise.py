"""Alerts by whatever Apprise knows (chats, push services, SMS). The address is the secret; the only home of apprise."""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, PersistentStoreMode

from alerts.channels.forms import Forms
from alerts.channels.secrecy import detail
from alerts.studio import Studio
from alerts.templates import MESSAGE, SUBJECT
from alerts.text import render
from alerts.view import headline
from alerts.wording import clean
from config import AppriseChannel
from model import Alert, Attempt, AttemptResult, ChannelError, Delivery

TEMPLATES = (SUBJECT, MESSAGE)
_TITLE_LENGTH = 150
# Services of Apprise's make calls and links of these (`@everyone`, `<!channel>`, `<@U1>`), also out of plain text, and
# know no escape for them: so they become their look-alikes. An address keeps its @.
_CALL = re.compile(r"(?<![\w/])@(?=\w)")
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›"})
_SHOWN = 3  # lines of what Apprise logged that explain a failure

# What Apprise says of a failure stands in the attempt's detail; in the log it would be said once more at each retry.
logging.getLogger("apprise").propagate = False
logging.getLogger("apprise").addHandler(logging.NullHandler())


class ViaApprise:
    """Sends each alert as title and plain text. Apprise says no more than whether it went, so no failure is final."""

    def __init__(self, settings: AppriseChannel, studio: Studio | None = None) -> None:
        self.name = settings.name
        self._forms = Forms(self.name, settings.templates, TEMPLATES, studio)
        self._settings = settings
        self._apprise = Apprise(asset=_asset())
        self._apprise.add(_service(settings))

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Send the alert, in a thread of its own: Apprise blocks."""
        title, body = message(delivery.alert, (await self._forms.made(delivery.alert)).texts)
        try:
            result = await asyncio.to_thread(
                self._apprise.notify,
                body=body,
                title=title,
                body_format=NotifyFormat.TEXT,
                timeout=self._settings.timeout.total_seconds(),
            )
        except Exception as error:  # Apprise's plugins are by many hands, and raise whatever their libraries do
            return self._ended(AttemptResult.FAILED, f"Apprise broke: {type(error).__name__}")
        if result:
            return self._ended(AttemptResult.DELIVERED, "sent")
        said = "; ".join(entry.message for entry in list(result.logs())[:_SHOWN])
        return self._ended(AttemptResult.FAILED, said or f"not sent: {result.status.value}")

    async def close(self) -> None:
        """End what fills templates; a connection lasts for one message."""
        await self._forms.close()

    def _ended(self, result: AttemptResult, words: str) -> Attempt:
        return Attempt(result=result, detail=detail(words, [self._settings.url]))


def message(alert: Alert, texts: Mapping[str, str] = MappingProxyType({})) -> tuple[str, str]:
    """Return title and body of a message; `texts` are by the template that they come from."""
    title = clean(texts.get(SUBJECT, ""), _TITLE_LENGTH) or headline(alert, _TITLE_LENGTH)
    return _uncalling(title), _uncalling(texts.get(MESSAGE) or render(alert))


def _uncalling(words: str) -> str:
    return _CALL.sub("＠", words).translate(_LOOK_ALIKES)


def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="Tollwatch", app_desc="Tollwatch", storage_mode=PersistentStoreMode.MEMORY)


def _service(settings: AppriseChannel) -> NotifyBase:
    try:
        # The first address loads every plugin there is, and their libraries warn of what is none of ours.
        with warnings.catch_warnings(action="ignore"):
            service = Apprise.instantiate(settings.url.reveal(), asset=_asset(), suppress_exceptions=True)
    except Exception:  # a plugin's constructor may raise anything; the cause is left out, since it may hold the secret
        service = None
    if not isinstance(service, NotifyBase):
        raise ChannelError(
            channel=settings.name,
            what=f"what {settings.url.origin} holds is no address that Apprise can use",
            remedy="compare it with the service's page in Apprise's documentation",
        ) from None
    seconds = settings.timeout.total_seconds()
    service.socket_connect_timeout = service.socket_read_timeout = seconds
    return service

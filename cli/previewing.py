"""What a channel would send of an alert, shown and not sent."""

from __future__ import annotations

import asyncio
import json
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

import config
from alerts import atom, slack, text, webhook
from alerts.channels import print as printing
from alerts.channels.forms import Forms
from alerts.channels.smtp import Email
from alerts.studio import Made
from alerts.templates import MESSAGE
from archive import Archive
from config import AppriseChannel, Config, EmailChannel, PrintChannel, SlackBotChannel
from model import Alert, InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What would be sent: as text, and for email as a page; `problems` say what is in its built-in form, and why."""

    text: str
    page: str = ""
    problems: tuple[str, ...] = ()


def kept(archive: Archive, key: str, where: Path) -> Alert:
    """The newest alert whose key begins with `key`. Raises InputError where there is none."""
    data = archive.queries.alert(key)
    if data is None:
        what = f"holds no alert whose key begins with {key!r}" if key else "holds no alert yet"
        raise InputError(where=str(where), what=what, remedy="`tollwatch alerts --json` lists those that are there")
    return msgspec.json.decode(data, type=Alert)


def shown(settings: config.Channel | None, alert: Alert, *, page: bool = False) -> Shown:
    """What the channel would send; without one, what a screen would show, and a mailbox where its `page` is wanted."""
    if settings is not None:
        return SHOWN[type(settings)](settings, alert)
    letter = _letter(_SOME_MAILBOX, alert) if page else Shown(text="")
    return replace(letter, text=text.render(alert))


def write_page(of: Shown, file: Path | None) -> Path:
    """Write the page of an email into a file, or into a new one that is there for looking at.

    Raises InputError where there is no page, or no such file can be written.
    """
    if not of.page:
        raise InputError(where="--html", what="is for channels of kind email", remedy="leave it out, or name another")
    if file is None:
        with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as new:
            new.write(of.page)
        return Path(new.name)
    try:
        file.write_text(of.page, encoding="utf-8")
    except OSError as error:
        why = f"cannot be written ({error.strerror or error})"
        raise InputError(where=str(file), what=why, remedy="name another file with --html") from error
    return file


def channel_of(given: Config, name: str) -> config.Channel:
    """The channel of that name. Raises InputError where the configuration has none."""
    for settings in given.channels:
        if settings.name == name:
            return settings
    known = ", ".join(channel.name for channel in given.channels)
    raise InputError(where=str(given.file), what=f"has no channel named {name!r}", remedy=f"it has {known}")


_SOME_MAILBOX = EmailChannel(
    name="mailbox", host="localhost", port=25, security="none", sender="tollwatch@localhost", to=("you@localhost",)
)


def _letter(settings: EmailChannel, alert: Alert) -> Shown:
    async def write() -> tuple[EmailMessage, Made]:
        channel = Email(settings)
        try:
            return await channel.write(alert)
        finally:
            await channel.close()

    letter, made = asyncio.run(write())
    headers = "".join(f"{name}: {value}\n" for name, value in letter.items())
    plain, page = (letter.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    assert plain is not None  # every letter has both
    assert page is not None
    return Shown(text=f"{headers}\n{_lines(plain)}", page=_with_pictures(letter, _lines(page)), problems=made.problems)


def _lines(part: Any) -> str:  # noqa: ANN401 - the library's own word for what a part holds
    return str(part.get_content()).replace("\r\n", "\n")


def _with_pictures(letter: EmailMessage, page: str) -> str:
    """The page with its pictures inside, since a browser has no letter to take them out of."""
    for part in letter.walk():
        address = part["Content-ID"]
        if address and part.get_content_maintype() == "image":
            data = b64encode(part.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type]
            page = page.replace(f"cid:{address.strip('<>')}", f"data:image/png;base64,{data}")
    return page


def _printed(settings: PrintChannel, alert: Alert) -> Shown:
    made = _made(settings.name, settings.templates, printing.TEMPLATES, alert)
    return Shown(text=made.texts.get(MESSAGE) or text.render(alert), problems=made.problems)


def _titled(settings: AppriseChannel, alert: Alert) -> Shown:
    from alerts.channels.apprise import TEMPLATES, message

    made = _made(settings.name, settings.templates, TEMPLATES, alert)
    title, body = message(alert, made.texts)
    return Shown(text=f"{title}\n\n{body}", problems=made.problems)


def _made(name: str, folder: Path | None, names: tuple[str, ...], alert: Alert) -> Made:
    async def make() -> Made:
        forms = Forms(name, folder, names, None)
        try:
            return await forms.made(alert)
        finally:
            await forms.close()

    return asyncio.run(make())


def _blocks(_: config.Channel, alert: Alert) -> Shown:
    return _json(slack.render(alert))


def _bot(settings: SlackBotChannel, alert: Alert) -> Shown:
    return _json({"channel": settings.channel, **slack.render(alert)})


def _body(_: config.Channel, alert: Alert) -> Shown:
    return _json(json.loads(webhook.encode(alert)))


def _entry(_: config.Channel, alert: Alert) -> Shown:
    return Shown(text=atom.render(alert))


def _json(value: object) -> Shown:
    return Shown(text=json.dumps(value, ensure_ascii=False, indent=2) + "\n")


SHOWN: Mapping[type, Callable[[Any, Alert], Shown]] = MappingProxyType(
    {
        config.PrintChannel: _printed,
        config.EmailChannel: _letter,
        config.SlackChannel: _blocks,
        config.SlackBotChannel: _bot,
        config.WebhookChannel: _body,
        config.AtomChannel: _entry,
        config.AppriseChannel: _titled,
    }
)

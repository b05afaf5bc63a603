"""Alerts by email."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.message import EmailMessage

import aiosmtplib

from alerts.channels.forms import Forms
from alerts.channels.secrecy import detail
from alerts.letter import address_of, address_of_picture, drawable, picture_of, write
from alerts.studio import Made, Studio
from alerts.templates import LETTER, PAGE, SUBJECT
from config import EmailChannel
from model import Alert, Attempt, AttemptResult, ChannelError, Delivery

_PERMANENT = range(500, 600)
TEMPLATES = (SUBJECT, LETTER, PAGE)
_MOST_REMEMBERED = 1000  # half-delivered letters; each is a few addresses

Refused = Mapping[str, tuple[int, str]]  # address -> the server's code and words


class Email:
    """Sends each alert as one letter to all recipients, over a connection of its own.

    Where a server takes some recipients and puts others off, the next attempt goes to the others only. That memory
    ends with the process; a letter that comes twice then has the same Message-ID, which mailboxes fold into one.
    """

    def __init__(self, settings: EmailChannel, studio: Studio | None = None) -> None:
        self.name = settings.name
        self._settings = settings
        self._forms = Forms(self.name, settings.templates, TEMPLATES, studio)
        self._secrets = [settings.password] if settings.password else []
        self._tls = _tls(settings)
        self._recipients = tuple(dict.fromkeys(map(address_of, settings.to)))
        self._reached: dict[str, set[str]] = {}

    async def send(self, delivery: Delivery, now: datetime) -> Attempt:
        """Send the letter to whoever has not got it yet."""
        key = delivery.alert.key
        reached = self._reached.get(key, set())
        try:
            attempt, done = await self._hand_over(delivery, [to for to in self._recipients if to not in reached])
        except aiosmtplib.SMTPRecipientsRefused as error:
            attempt, done = self._judge({each.recipient: (each.code, each.message) for each in error.recipients}, [])
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            attempt, done = self._ended(_verdict(error), _words(error)), []
        self._remember(key, attempt, {*reached, *done})
        return attempt

    async def close(self) -> None:
        """End what draws; a connection lasts for one letter."""
        await self._forms.close()

    async def _hand_over(self, delivery: Delivery, recipients: list[str]) -> tuple[Attempt, list[str]]:
        settings = self._settings
        letter, _ = await self.write(delivery.alert)
        async with self._client() as client:
            # As bytes, since the library's own way to write a letter breaks message ids of more than 78 characters.
            refused, _ = await client.sendmail(address_of(settings.sender), recipients, letter.as_bytes())
        taken = [to for to in recipients if to not in refused]
        return self._judge({to: (answer.code, answer.message) for to, answer in refused.items()}, taken)

    async def write(self, alert: Alert) -> tuple[EmailMessage, Made]:
        """Write the letter, with its picture and by the user's templates where they can be had; tell what was made."""
        settings, timeline = self._settings, drawable(alert)
        address = address_of_picture(alert, settings.sender)
        made = await self._forms.made(alert, timeline=timeline, picture=address)
        picture = picture_of(made.picture, timeline, address) if timeline and made.picture else None
        letter = write(alert, sender=settings.sender, to=settings.to, picture=picture, texts=made.texts)
        return letter, made

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password.reveal() if settings.password else None,
            # The library's default asks the name server for a full name, which may block the loop for seconds.
            local_hostname=socket.gethostname(),
            timeout=settings.timeout.total_seconds(),
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._tls,
        )

    def _judge(self, refused: Refused, taken: list[str]) -> tuple[Attempt, list[str]]:
        """Weigh the recipients: one that is put off is tried again; refused for good counts only where all are."""
        put_off = {to: answer for to, answer in refused.items() if answer[0] not in _PERMANENT}
        words = "; ".join(f"{to}: {code} {message}" for to, (code, message) in refused.items())
        if put_off:
            return self._ended(AttemptResult.FAILED, f"put off: {words}"), [*taken, *(refused.keys() - put_off.keys())]
        if refused and not taken:
            return self._ended(AttemptResult.REFUSED, f"refused: {words}"), []
        return self._ended(AttemptResult.DELIVERED, f"taken, but refused: {words}" if refused else "taken"), taken

    def _ended(self, result: AttemptResult, words: str) -> Attempt:
        return Attempt(result=result, detail=detail(words, self._secrets))

    def _remember(self, key: str, attempt: Attempt, reached: Iterable[str]) -> None:
        self._reached.pop(key, None)
        if attempt.result is AttemptResult.FAILED and reached:
            self._reached[key] = set(reached)
        while len(self._reached) > _MOST_REMEMBERED:
            del self._reached[next(iter(self._reached))]


def _tls(settings: EmailChannel) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca_file:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ChannelError(
                channel=settings.name,
                what=f"cannot read the certificate authority in {settings.ca_file}",
                remedy="point ca_file at a readable PEM file",
            ) from error
    return context


def _verdict(error: Exception) -> AttemptResult:
    """Return whether the same letter may pass later: not where the server said 5xx, nor where it cannot be written."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return AttemptResult.REFUSED if error.code in _PERMANENT else AttemptResult.FAILED
    # A certificate that cannot be verified is an OSError and a ValueError; it may be renewed.
    return AttemptResult.FAILED if isinstance(error, OSError | aiosmtplib.SMTPException) else AttemptResult.REFUSED


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"SMTP {error.code} {error.message}"
    return f"{type(error).__name__}: {error}"

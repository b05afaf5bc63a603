"""An alert as an email: headers that thread by event and survive a retry, text, page and picture. Pure."""

from __future__ import annotations

import email.policy
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from types import MappingProxyType

from alerts import templates, text
from alerts.templates import LETTER, PAGE, SUBJECT, Picture
from alerts.view import headline
from alerts.wording import clean
from model import Alert, Timeline

SUBJECT_LENGTH = 150
DRAWN_WIDTH = 340  # px of the picture as it is drawn: a phone, which shows 330 of them, must be able to read it
SHOWN_WIDTH = 420  # px at most that a page gives it
_FEWEST_POINTS = 2  # one figure is no course
_AS_BUILT_IN: Mapping[str, str] = MappingProxyType({})

# Longer than the usual 78, since the library breaks a message id that does not fit the line; RFC 5322 allows 998.
_POLICY = email.policy.SMTP.clone(max_line_length=200)
_NO_DOMAIN = "localhost"


def write(
    alert: Alert,
    *,
    sender: str,
    to: tuple[str, ...],
    picture: Picture | None = None,
    texts: Mapping[str, str] = _AS_BUILT_IN,
) -> EmailMessage:
    """Write the letter. The same alert gives the same letter, whenever and however often it is written.

    `texts` are by the name of the template that they come from, in place of the built-in subject, text and page.
    """
    domain = domain_of(sender)
    letter = EmailMessage(policy=_POLICY)
    subject = clean(texts.get(SUBJECT, ""), SUBJECT_LENGTH)
    letter["Subject"] = subject or headline(alert, SUBJECT_LENGTH)
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    letter["Date"] = format_datetime(alert.created)
    letter["Message-ID"] = f"<{alert.key}@{domain}>"
    letter["List-Id"] = f"Tollwatch <tollwatch.{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Tollwatch-Type"] = alert.type.value
    if alert.event:
        root = f"<event.{sha256(alert.event.encode()).hexdigest()[:24]}@{domain}>"
        letter["In-Reply-To"] = root
        letter["References"] = root
    letter.set_content(texts.get(LETTER) or text.render(alert), cte="quoted-printable")
    page = texts.get(PAGE) or templates.page(alert, picture)
    letter.add_alternative(page, subtype="html", cte="quoted-printable")
    # The boundary is out of the alert: the library's is drawn by chance, and a retry would be another letter.
    letter.set_boundary(f"=_{alert.key}")
    if picture is not None and picture.address in page:
        _enclose(letter, picture, alert)
    return letter


def drawable(alert: Alert) -> Timeline | None:
    """Return the timeline that a letter shows, None where there is none worth a picture."""
    timeline = alert.timeline
    return timeline if timeline is not None and len(timeline.points) >= _FEWEST_POINTS else None


def address_of_picture(alert: Alert, sender: str) -> str:
    """Return the address under which the page of a letter shows its picture."""
    return f"cid:{alert.key}.timeline@{domain_of(sender)}"


def picture_of(png: bytes, timeline: Timeline, address: str) -> Picture:
    """Return a drawn timeline as the page shows it."""
    return templates.picture_of(png, timeline, width=SHOWN_WIDTH, address=address)


def address_of(mailbox: str) -> str:
    """Return the bare address of `Name <name@example.org>`."""
    return parseaddr(mailbox)[1]


def domain_of(mailbox: str) -> str:
    """Return the domain of a mailbox, in ASCII; `localhost` where it has none that a header can hold."""
    domain = address_of(mailbox).rpartition("@")[2].strip().lower()
    try:
        return domain.encode("idna").decode("ascii") or _NO_DOMAIN
    except UnicodeError:
        return _NO_DOMAIN


def _enclose(letter: EmailMessage, picture: Picture, alert: Alert) -> None:
    """Put the picture beside the page that shows it."""
    page = letter.get_body(preferencelist=("html",))
    if isinstance(page, EmailMessage):
        page.add_related(
            picture.png,
            "image",
            "png",
            cid=f"<{picture.address.removeprefix('cid:')}>",
            disposition="inline",
            filename="timeline.png",
        )
        page.set_boundary(f"=_{alert.key}_page")

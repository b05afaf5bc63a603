"""An alert as an email: headers that thread by event and survive a retry, plain text and HTML. Pure."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256

from alerts import markup, text
from alerts.view import headline
from model import Alert

SUBJECT_LENGTH = 150

# Longer than the usual 78, since the library breaks a message id that does not fit the line; RFC 5322 allows 998.
_POLICY = email.policy.SMTP.clone(max_line_length=200)
_NO_DOMAIN = "localhost"


def write(alert: Alert, *, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Write the letter. The same alert gives the same letter, whenever and however often it is written."""
    domain = domain_of(sender)
    letter = EmailMessage(policy=_POLICY)
    letter["Subject"] = headline(alert, SUBJECT_LENGTH)
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
    letter.set_content(text.render(alert), cte="quoted-printable")
    letter.add_alternative(markup.render(alert), subtype="html", cte="quoted-printable")
    _fix_boundary(letter, alert)
    return letter


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


def _fix_boundary(letter: EmailMessage, alert: Alert) -> None:
    """Take the boundary out of the alert: the library's is drawn by chance, and a retry would be another letter."""
    letter.set_boundary(f"=_{alert.key}")

"""Email over a real SMTP server: TLS, logins, and recipients who differ."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import trustme

from alerts.channels.smtp import Email
from config import EmailChannel
from config.values import Secret
from demo.servers import LOOPBACK, Mailbox
from model import Attempt, AttemptResult, ChannelError
from tests.alerts.rigs import PASSWORD, email_at
from tests.alerts.samples import NOON, delivery, harbour_fire

TO = ("Night Desk <desk@news.example>", "ops@news.example", "gone@news.example")


class Authority:
    """A private certificate authority, its file, and a server's side of TLS."""

    def __init__(self, folder: Path, host: str = LOOPBACK) -> None:
        self.file = folder / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.file)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(self.server)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def sent(settings: EmailChannel) -> Attempt:
    return await Email(settings).send(delivery(harbour_fire()), NOON)


def without_login(port: int, **changes: object) -> EmailChannel:
    return replace(email_at(port), username=None, password=None, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_letter_goes_over_tls_to_a_server_of_ones_own(
    authority: Authority, security: Literal["tls", "starttls"]
) -> None:
    login = ("alerts", PASSWORD)
    async with Mailbox(tls=authority.server, starttls=security == "starttls", login=login) as mailbox:
        attempt = await sent(replace(email_at(mailbox.port), security=security, ca_file=authority.file))
    assert attempt.result is AttemptResult.DELIVERED
    assert mailbox.letters[0].recipients == ("desk@news.example",)
    assert mailbox.letters[0].sender == "alerts@news.example"


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_an_unknown_authority_is_not_trusted(authority: Authority, security: Literal["tls", "starttls"]) -> None:
    async with Mailbox(tls=authority.server, starttls=security == "starttls") as mailbox:
        attempt = await sent(without_login(mailbox.port, security=security))
    assert attempt.result is AttemptResult.FAILED
    assert "certificate" in attempt.detail.lower()
    assert mailbox.letters == []


async def test_a_certificate_for_another_host_is_not_trusted(tmp_path: Path) -> None:
    other = Authority(tmp_path, host="elsewhere.example")
    async with Mailbox(tls=other.server) as mailbox:
        attempt = await sent(without_login(mailbox.port, security="tls", ca_file=other.file))
    assert attempt.result is AttemptResult.FAILED
    assert mailbox.letters == []


async def test_no_password_goes_to_a_server_that_offers_no_tls() -> None:
    async with Mailbox(login=("alerts", PASSWORD)) as mailbox:
        attempt = await sent(replace(email_at(mailbox.port), security="starttls"))
    assert attempt.result is AttemptResult.FAILED
    assert mailbox.letters == []


def test_an_authority_that_cannot_be_read_is_a_channel_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="certificate authority"):
        Email(replace(email_at(25), ca_file=tmp_path / "none.pem"))
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    with pytest.raises(ChannelError, match="certificate authority"):
        Email(replace(email_at(25), ca_file=broken))


async def test_a_recipient_refused_for_good_does_not_hold_up_the_others() -> None:
    def answer(address: str) -> str:
        return "550 5.1.1 no such user" if address.startswith("gone") else "250 OK"

    async with Mailbox(on_recipient=answer) as mailbox:
        attempt = await sent(without_login(mailbox.port, to=TO))
    assert attempt.result is AttemptResult.DELIVERED
    assert "gone@news.example: 550" in attempt.detail
    assert mailbox.letters[0].recipients == ("desk@news.example", "ops@news.example")


async def test_a_recipient_who_is_put_off_is_tried_again_alone() -> None:
    busy = {"ops@news.example"}

    def answer(address: str) -> str:
        return "450 4.2.1 busy" if address in busy else "550 gone" if address.startswith("gone") else "250 OK"

    async with Mailbox(on_recipient=answer) as mailbox:
        channel = Email(without_login(mailbox.port, to=TO))
        first = await channel.send(delivery(harbour_fire()), NOON)
        busy.clear()
        second = await channel.send(delivery(harbour_fire()), NOON)
    assert (first.result, second.result) == (AttemptResult.FAILED, AttemptResult.DELIVERED)
    assert [letter.recipients for letter in mailbox.letters] == [("desk@news.example",), ("ops@news.example",)]
    assert mailbox.letters[0].message["Message-ID"] == mailbox.letters[1].message["Message-ID"]


@pytest.mark.parametrize(
    ("codes", "result"),
    [
        (("550", "550"), AttemptResult.REFUSED),
        (("450", "450"), AttemptResult.FAILED),
        (("550", "450"), AttemptResult.FAILED),
    ],
)
async def test_a_letter_that_nobody_takes_is_refused_only_where_all_refuse_for_good(
    codes: tuple[str, str], result: AttemptResult
) -> None:
    answers = dict(zip(("a@news.example", "b@news.example"), codes, strict=True))
    async with Mailbox(on_recipient=lambda address: f"{answers[address]} no") as mailbox:
        attempt = await sent(without_login(mailbox.port, to=tuple(answers)))
    assert attempt.result is result


@pytest.mark.parametrize("last_word", ["554 5.0.0 no", "421 4.3.2 closing", "what?"])
async def test_a_letter_that_was_taken_is_delivered_however_the_server_takes_its_leave(last_word: str) -> None:
    class Rude(Mailbox):
        async def handle_QUIT(self, *_: object) -> str:  # noqa: N802 - the name that aiosmtpd looks for
            return last_word

    async with Rude() as mailbox:
        attempt = await sent(without_login(mailbox.port))
    assert attempt.result is AttemptResult.DELIVERED
    assert len(mailbox.letters) == 1


async def test_a_password_with_other_letters_is_sent_whole() -> None:
    password = "pä$$ wörd"
    async with Mailbox(login=("alerts", password)) as mailbox:
        attempt = await sent(replace(email_at(mailbox.port), password=Secret(password, origin="P")))
    assert attempt.result is AttemptResult.DELIVERED


async def test_a_full_letter_arrives_as_it_was_written() -> None:
    async with Mailbox() as mailbox:
        await sent(without_login(mailbox.port, to=TO))
    letter = mailbox.letters[0]
    assert letter.message["Subject"] == harbour_fire().headline
    assert letter.message["To"] == ", ".join(TO)
    assert "behind it 1 independent source" in letter.part("plain")
    assert "<mark>63</mark>" in letter.part("html")

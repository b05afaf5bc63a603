"""The email: threads, retries, what a mailbox shows."""

from __future__ import annotations

import pytest

from alerts.letter import SUBJECT_LENGTH, domain_of, write
from alerts.message import digest, notice
from alerts.templates import MOST_IN_DIGEST
from alerts.templates import page as render
from alerts.text import render as render_text
from model import AlertType
from tests.alerts.samples import NOON, change, claim, composed, figure, harbour_fire, raised

SENDER = "Tollwatch <alerts@news.example>"
TO = ("Night Desk <desk@news.example>", "ops@news.example")


def test_the_subject_is_the_headline() -> None:
    assert (
        write(harbour_fire(), sender=SENDER, to=TO)["Subject"]
        == "Velmora harbour fire · people killed 41 → at least 63 (+22, +54 %)"
    )


def test_a_letter_is_the_same_at_every_retry() -> None:
    assert (
        write(harbour_fire(), sender=SENDER, to=TO).as_bytes() == write(harbour_fire(), sender=SENDER, to=TO).as_bytes()
    )


def test_the_letters_of_an_event_are_one_thread() -> None:
    first, second = (write(alert, sender=SENDER, to=TO) for alert in (harbour_fire(), composed([raised()])))
    other = write(composed([raised()], event="other"), sender=SENDER, to=TO)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert other["References"] != first["References"]


def test_a_message_id_stays_whole_under_a_long_domain() -> None:
    sender = f"alerts@{'newsroom.' * 12}example"
    raw = write(harbour_fire(), sender=sender, to=TO).as_bytes().decode()
    assert "\r\nReferences: <event." in raw
    assert f"\r\nMessage-ID: <{harbour_fire().key}@newsroom." in raw
    assert "\r\nList-Id: Tollwatch <tollwatch.newsroom." in raw


def test_a_letter_says_that_a_machine_wrote_it_and_for_which_list() -> None:
    letter = write(harbour_fire(), sender=SENDER, to=TO)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Id"] == "Tollwatch <tollwatch.news.example>"
    assert letter["Date"] == "Mon, 04 May 2026 12:00:00 +0000"


def test_a_letter_holds_the_plain_text_and_the_page() -> None:
    letter = write(harbour_fire(), sender=SENDER, to=TO)
    plain, page = (letter.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert page is not None
    assert plain.get_content().replace("\r\n", "\n") == render_text(harbour_fire())
    assert "<mark>63</mark>" in page.get_content()


def test_a_page_asks_nothing_of_the_outside() -> None:
    page = render(harbour_fire())
    assert "src=" not in page
    assert "url(" not in page
    assert "@import" not in page


def test_a_page_answers_to_dark_mode() -> None:
    assert "prefers-color-scheme:dark" in render(harbour_fire())


def test_a_mailbox_previews_the_verdict_the_source_and_the_sentence() -> None:
    assert (
        'overflow:hidden">raised · Velmora Port Authority, through The Lamp · as of 4 May · At least 63 dock'
        in render(harbour_fire())
    )


def test_a_long_digest_stays_below_the_size_at_which_mail_programs_cut() -> None:
    alerts = [
        composed([change(figure(claim(n)), figure(claim(n + 500)))], event=str(n), event_name=f"Fire {n}")
        for n in range(1, MOST_IN_DIGEST + 41)
    ]
    page = render(digest(alerts, created=NOON))
    assert len(page.encode()) < 100_000
    assert "and 40 more" in page


def test_a_notice_is_a_letter_too() -> None:
    letter = write(
        notice(AlertType.TEST, about="now", headline="A test", body="It works.", created=NOON), sender=SENDER, to=TO
    )
    assert letter["Subject"] == "A test"
    assert letter["References"] is None
    assert len(letter["Subject"]) <= SUBJECT_LENGTH


@pytest.mark.parametrize(
    ("mailbox", "domain"),
    [
        (SENDER, "news.example"),
        ("alerts@News.Example", "news.example"),
        ("alerts@münchen.example", "xn--mnchen-3ya.example"),
        ("root", "root"),
        ("", "localhost"),
        (f"a@{'x' * 70}.example", "localhost"),
    ],
)
def test_ids_carry_the_senders_domain(mailbox: str, domain: str) -> None:
    assert domain_of(mailbox) == domain

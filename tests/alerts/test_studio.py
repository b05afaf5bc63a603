"""A letter's picture is drawn in a process of its own, and no letter is lost with it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from alerts.channels.smtp import Email
from alerts.letter import DRAWN_WIDTH, SHOWN_WIDTH
from alerts.message import MOST_POINTS, brief
from alerts.studio import Studio, Work
from config import EmailChannel
from demo.servers import Mailbox
from model import Alert, AttemptResult, Qualifier, Timeline
from tests.alerts.rigs import email_at
from tests.alerts.samples import NOON, delivery, harbour_fire
from tests.timelines import COURSE, point, timeline

SETTINGS = EmailChannel(
    name="desk", host="smtp.example", port=25, security="none", sender="Tollwatch <a@news.example>",
    to=("b@news.example",),
)  # fmt: skip


def with_course() -> Alert:
    return replace(harbour_fire(), timeline=brief(COURSE))


async def written(alert: Alert, channel: Email | None = None) -> EmailMessage:
    channel = channel or Email(SETTINGS)
    try:
        letter, _ = await channel.write(alert)
    finally:
        await channel.close()
    return letter


async def test_a_letter_holds_the_picture_that_its_page_shows() -> None:
    letter = await written(with_course())
    page = letter.get_body(preferencelist=("html",))
    assert page is not None
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    address = picture["Content-ID"].strip("<>")
    assert f'<img src="cid:{address}" width="{SHOWN_WIDTH}" height="' in page.get_content()
    assert picture.get_content_disposition() == "inline"
    drawn = picture.get_payload(decode=True)
    assert isinstance(drawn, bytes)
    assert int.from_bytes(drawn[16:20]) == DRAWN_WIDTH * 2.5
    kinds = [part.get_content_type() for part in letter.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]


async def test_the_pictures_words_say_its_figures() -> None:
    page = (await written(with_course())).get_body(preferencelist=("html",))
    assert page is not None
    words = page.get_content()
    assert 'alt="People killed over time, Ferry off Port Vessel. ' in words
    assert "Coastguard: 12 as of 8 March 2026, 12:00 UTC; at least 31 as of" in words


async def test_a_letter_with_a_picture_is_the_same_at_every_retry() -> None:
    one, other = [(await written(with_course())).as_bytes() for _ in range(2)]
    assert one == other
    assert message_from_bytes(one, policy=policy.SMTP).is_multipart()


@pytest.mark.parametrize("course", [None, timeline(), timeline(point(7))])
async def test_a_letter_about_no_course_has_no_picture(course: Timeline | None) -> None:
    letter = await written(replace(harbour_fire(), timeline=course))
    assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]


async def test_a_letter_goes_without_its_picture_where_none_can_be_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plot.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    async with Mailbox(login=("alerts", "s3cret-s3cret")) as mailbox:
        settings = replace(email_at(mailbox.port), username=None, password=None)
        channel = Email(settings)
        attempt = await channel.send(delivery(with_course()), NOON)
        await channel.close()
    assert attempt.result in {AttemptResult.DELIVERED, AttemptResult.REFUSED}
    letter, made = await Email(settings).write(with_course())
    assert made.problems == ("the process that makes it ended: IncompleteReadError",)
    assert "image/png" not in [part.get_content_type() for part in letter.walk()]


async def test_what_takes_too_long_is_given_up() -> None:
    studio = Studio(limit=timedelta(milliseconds=1))
    assert (await studio.make(Work(timeline=COURSE))).problems == ("not made within 0.001 s",)
    await studio.close()


async def test_the_process_ends_when_it_has_nothing_to_do_and_comes_back() -> None:
    studio = Studio(idle=timedelta(milliseconds=50))
    assert (await studio.make(Work(timeline=COURSE))).picture
    while studio.running:
        await asyncio.sleep(0.02)
    assert (await studio.make(Work(timeline=COURSE))).picture
    await studio.close()
    assert not studio.running


async def test_a_call_that_is_broken_off_does_not_answer_the_next_one() -> None:
    studio = Studio()
    task = asyncio.create_task(studio.make(Work(timeline=COURSE)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    made = await studio.make(Work(alert=harbour_fire(), templates={"a.j2": "{{ headline }}"}, names=("a.j2",)))
    await studio.close()
    assert not made.picture
    assert made.texts


async def test_no_secret_goes_into_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    studio = Studio()
    await studio.make(Work(timeline=COURSE))
    environment = Path(f"/proc/{studio.running}/environ")
    if not environment.exists():
        pytest.skip("there is no /proc here")
    assert b"hunter2" not in environment.read_bytes()
    assert os.environ["SMTP_PASSWORD"] == "hunter2"
    await studio.close()


def test_a_message_carries_a_long_course_thinned_out_with_each_sources_last_figure() -> None:
    long = timeline(*(point(10 + n, n, source=f"Source {n % 3}") for n in range(1_000)), point(5, 1, Qualifier.UP_TO))
    short = brief(long)
    assert len(short.points) <= MOST_POINTS + 4
    assert {1_009, 1_008, 1_007, 5} <= {of.number for of in short.points}
    assert [of.number for of in short.points if of.quote] == [5, 1_007, 1_008, 1_009]

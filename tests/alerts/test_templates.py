"""Templates of a user's own: they say what they want, break nothing, and cannot do more than write."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels import open_channel
from alerts.channels.forms import Forms
from alerts.channels.print import Print
from alerts.course import describe
from alerts.letter import write
from alerts.studio import Studio, Work
from alerts.templates import (
    KNOWN,
    LETTER,
    MESSAGE,
    PAGE,
    SUBJECT,
    Picture,
    TemplateProblemError,
    check,
    context,
    fill,
    load,
    page,
)
from config import EmailChannel, PrintChannel
from model import ChannelError
from tests.alerts.samples import ALERTS, NOON, delivery, harbour_fire
from tests.timelines import point, timeline

ROOT = Path(__file__).resolve().parents[2]
EXTENDED = """{% extends "tollwatch/letter.html.j2" %}
{% block foot %}<p>Ask the night desk.</p>{% endblock %}
"""


def filled(source: str, name: str = MESSAGE, **others: str) -> str:
    return fill({name: source, **others}, name, context(harbour_fire()))


def test_a_template_says_what_it_wants_of_an_alert() -> None:
    wanted = (
        "{{ figures.event }}: {{ figures.lead.movement }} <{{ alert.url }}>\n"
        "{% for one in figures.also %}- {{ one }}\n{% endfor %}"
    )
    assert filled(wanted) == (
        "Velmora harbour fire: 41 → at least 63 (+22, +54 %) <https://lamp.example/harbour-fire>\n"
        "- people injured 90 → 118 (+28, +31 %)\n- children injured 9, first figure\n"
    )  # fmt: skip


def test_the_built_in_page_can_be_extended() -> None:
    page = filled(EXTENDED, PAGE)
    assert "<mark>63</mark>" in page
    assert page.endswith("<p>Ask the night desk.</p></div></div></body></html>\n")


def test_another_file_of_the_folder_can_be_included() -> None:
    assert filled('{% include "line.j2" %}', **{"line.j2": "{{ headline }}"}).startswith("Velmora harbour fire · ")


@pytest.mark.parametrize("name", ALERTS)
def test_every_name_that_is_documented_is_known_for_every_alert(name: str) -> None:
    assert set(context(ALERTS[name])) == KNOWN
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert [known for known in KNOWN if f"`{known}`" not in page] == []


def test_a_page_is_escaped_and_a_text_is_not() -> None:
    assert filled("{{ '<b>' ~ headline[:0] }}", PAGE) == "&lt;b&gt;"
    assert filled("{{ '<b>' }}", LETTER) == "<b>"


def test_an_address_that_is_no_web_address_makes_no_link() -> None:
    assert filled("{{ 'javascript:alert(1)' | web_address }}", PAGE) == "None"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("\n{{ headline }", "message.txt.j2, line 2: unexpected '}'"),
        ("{% if figures %}\n", "message.txt.j2, line 1: Unexpected end of template."),
        ("a\nb {{ hedline }}", "message.txt.j2, line 2: 'hedline' is nothing that a template knows"),
        ("{{ headline | shout }}", "message.txt.j2, line 1: No filter named 'shout'."),
    ],
)
def test_what_cannot_work_is_told_with_file_and_line(tmp_path: Path, source: str, told: str) -> None:
    with pytest.raises(TemplateProblemError) as raised:
        check({MESSAGE: source}, MESSAGE)
    assert told in str(raised.value)
    (tmp_path / MESSAGE).write_text(source, encoding="utf-8")
    with pytest.raises(ChannelError) as refused:
        open_channel(PrintChannel(name="screen", templates=tmp_path))
    assert str(refused.value).startswith(f"channel screen: {tmp_path}/message.txt.j2, line ")
    assert str(refused.value).endswith("; mend the template")


def test_a_folder_without_a_template_for_the_channel_is_told(tmp_path: Path) -> None:
    (tmp_path / "leter.html.j2").write_text("x", encoding="utf-8")
    with pytest.raises(ChannelError, match=r"holds none of subject\.txt\.j2, letter\.txt\.j2, letter\.html\.j2"):
        load(tmp_path, channel="desk", names=(SUBJECT, LETTER, PAGE))


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ alert.__class__.__init__.__globals__ }}",
        "{{ [].append(1) }}",
        "{% for n in range(1000000) %}{{ n }}{% endfor %}",
        "{{ 'a' * 3000000 }}",
        '{% include "/etc/passwd" %}',
        '{% include "tollwatch/../__init__.py" %}',
    ],
)
def test_a_template_reaches_and_changes_nothing(source: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - the sandbox has an error of its own for each
        filled(source)


async def test_what_is_broken_is_told_in_its_built_in_form(tmp_path: Path) -> None:
    (tmp_path / SUBJECT).write_text("Fire! {{ figures.event }}\n", encoding="utf-8")
    (tmp_path / LETTER).write_text("first\n{{ figures.lead.no_such_thing }}", encoding="utf-8")
    forms = Forms("desk", tmp_path, (SUBJECT, LETTER, PAGE), None)
    try:
        made = await forms.made(harbour_fire())
    finally:
        await forms.close()
    assert len(made.problems) == 1
    assert made.problems[0].startswith("letter.txt.j2, line 2: ")
    assert "no_such_thing" in made.problems[0]
    letter = write(harbour_fire(), sender="a@news.example", to=("b@news.example",), texts=made.texts)
    assert letter["Subject"] == "Fire! Velmora harbour fire"
    plain = letter.get_body(preferencelist=("plain",))
    assert plain is not None
    assert "at least 63" in plain.get_content()


async def test_a_template_that_never_ends_is_given_up() -> None:
    endless = "{% for n in range(99999) %}" * 3 + "{% endfor %}" * 3
    studio = Studio(limit=timedelta(seconds=1))
    made = await studio.make(Work(alert=harbour_fire(), templates={MESSAGE: endless}, names=(MESSAGE,)))
    assert made.problems == ("not made within 1 s",)
    assert studio.running is None
    await studio.close()


async def test_a_template_that_grows_without_end_breaks_alone() -> None:
    growing = "{% set ns = namespace(s='x' * 1000) %}{% for n in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}"
    studio = Studio()
    try:
        made = await studio.make(Work(alert=harbour_fire(), templates={MESSAGE: growing}, names=(MESSAGE,)))
    finally:
        await studio.close()
    assert made.texts == {}
    assert made.problems


async def test_a_screen_shows_its_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / MESSAGE).write_text("* {{ headline }}", encoding="utf-8")
    channel = open_channel(PrintChannel(name="screen", templates=tmp_path))
    assert isinstance(channel, Print)
    await channel.send(delivery(harbour_fire()), NOON)
    await channel.close()
    assert capsys.readouterr().out.startswith("* Velmora harbour fire · ")


def test_a_mailbox_takes_templates(tmp_path: Path) -> None:
    (tmp_path / PAGE).write_text(EXTENDED, encoding="utf-8")
    settings = EmailChannel(
        name="desk", host="smtp.example", port=25, security="none", sender="a@b.example", to=("c@d.example",),
        templates=tmp_path,
    )  # fmt: skip
    assert open_channel(settings).name == "desk"


def test_template_syntax_in_a_text_stays_text() -> None:
    said = "{{ 7 * 7 }} {% include 'x' %} {# gone #}"
    alert = replace(harbour_fire(), event_name=said)
    assert fill({MESSAGE: "{{ figures.event }}"}, MESSAGE, context(alert)) == said
    assert "{{ 7 * 7 }} {% include &#39;x&#39; %} {# gone #}" in page(alert)


def test_what_a_source_is_called_cannot_leave_the_pictures_words() -> None:
    course = timeline(point(3), point(5, 1, source='x" onerror="alert(1)'), event_name='"><script>')
    shown = page(harbour_fire(), Picture(png=b"", width=1, height=1, words=describe(course), address="cid:x"))
    assert "<script>" not in shown
    assert "X&#34; onerror=&#34;alert(1): 5 as of" in shown

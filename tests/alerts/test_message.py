"""Composing: the key, the order, the quotes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.message import QUOTE_LENGTH, cut_quote, digest, in_order, notice
from model import Alert, AlertType, Kind, Level, Outcome, Who
from tests.alerts.samples import (
    EVENT,
    NOON,
    anchor,
    change,
    claim,
    composed,
    figure,
    harbour_changes,
    harbour_fire,
    raised,
)


def test_the_same_changes_make_the_same_key_whenever_and_in_whatever_order() -> None:
    later = composed(list(reversed(harbour_changes())), created=NOON + timedelta(days=3))
    assert later.key == composed(harbour_changes()).key


@pytest.mark.parametrize(
    "other",
    [
        [change(replace(raised().to, revision_id=8), raised().previous)],
        [change(replace(raised().to, article_url="https://lamp.example/other"), raised().previous)],
        [change(raised().to, raised().previous, kind=Kind.REFINED)],
        [change(figure(claim(64)), raised().previous)],
        [raised(), change(figure(claim(5, outcome=Outcome.INJURED)))],
    ],
)
def test_other_changes_make_another_key(other: list[object]) -> None:
    assert composed(other).key != composed([raised()]).key  # type: ignore[arg-type]


def test_another_event_makes_another_key() -> None:
    assert composed([raised()], event="another").key != composed([raised()]).key


def test_a_key_fits_a_header_and_holds_no_dot() -> None:
    key = harbour_fire().key
    assert key.isascii()
    assert key.replace("_", "").isalnum()
    assert len(key) < 64


def test_the_gravest_change_leads() -> None:
    dead = change(figure(claim(3)), figure(claim(2)))
    more_dead = change(figure(claim(30, who=Who.CIVILIANS)), figure(claim(10, who=Who.CIVILIANS)))
    hurt = change(figure(claim(900, outcome=Outcome.INJURED)))
    later = change(figure(claim(5000, outcome=Outcome.DISPLACED)), level=Level.DIGEST)
    remark = change(figure(claim(400)), kind=Kind.CONFIRMED)
    ordered = composed([later, remark, hurt, dead, more_dead]).changes
    assert [told.value.anchor for told in ordered] == [30, 3, 900, 400, 5000]


def test_the_change_that_leads_is_known_before_the_alert_is_composed() -> None:
    first = in_order(harbour_changes(), anchor)[0]
    assert (first.to.article_url, first.to.quote) == (harbour_fire().url, harbour_fire().changes[0].quote.text)


def test_an_alert_without_changes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one change"):
        composed([])
    with pytest.raises(ValueError, match="at least one alert"):
        digest([], created=NOON)


def test_an_alert_survives_the_archive() -> None:
    for alert in (harbour_fire(), digest([harbour_fire()], created=NOON)):
        assert msgspec.json.decode(msgspec.json.encode(alert), type=Alert) == alert


def test_text_that_is_no_unicode_survives_the_archive_too() -> None:
    broken = change(figure(claim(12), quote="It \ud800 killed 12."))
    alert = composed([broken])
    assert msgspec.json.decode(msgspec.json.encode(alert), type=Alert) == alert
    assert alert.changes[0].quote.text == "It \ufffd killed 12."


def test_the_outlets_own_voice_has_no_source() -> None:
    told = composed([change(figure(claim(12), source="outlet:lamp"))]).changes[0]
    assert told.source is None


def test_whose_the_previous_figure_is_is_named_only_where_it_is_anothers() -> None:
    own = composed([raised()]).changes[0]
    against = change(figure(claim(40)), figure(claim(12), source="outlet:herald"), kind=Kind.CONTRADICTED)
    assert own.previous_source is None
    assert composed([against]).changes[0].previous_source == "Velmora Herald"


def test_a_digest_keeps_the_changes_of_an_event_together() -> None:
    small = composed([change(figure(claim(1)))], event="b", event_name="B")
    other = composed([change(figure(claim(500)))], event="c", event_name="C")
    whole = digest([harbour_fire(), small, other], created=NOON)
    assert [told.event for told in whole.changes] == ["c", EVENT, EVENT, EVENT, "b"]
    assert whole.type is AlertType.DIGEST
    assert whole.event is None
    assert whole.watches == ("Ports",)


def test_a_digest_of_the_same_alerts_has_the_same_key() -> None:
    one, two = harbour_fire(), composed([raised()])
    assert digest([one, two], created=NOON).key == digest([two, one], created=NOON + timedelta(hours=1)).key


def test_a_notice_is_known_by_what_it_is_about() -> None:
    def silent(about: str) -> str:
        return notice(AlertType.OUTLET_DEGRADED, about=about, headline="h", body="b", created=NOON).key

    assert silent("lamp/1") == silent("lamp/1") != silent("lamp/2")


@given(st.text(max_size=3000), st.integers(0, 3000), st.integers(0, 12), st.integers(40, QUOTE_LENGTH))
def test_a_cut_quote_keeps_its_number(text: str, at: int, length: int, limit: int) -> None:
    start = min(at, len(text))
    end = min(start + length, len(text))
    cut, mark = cut_quote(text, (start, end), limit)
    assert cut[mark[0] : mark[1]] == text[start:end]
    assert len(cut) <= limit + 2

"""The plain text, word by word: what an editor forwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from alerts.message import digest, notice
from alerts.text import MOST_IN_DIGEST, render
from model import AlertType, Kind, Qualifier
from tests.alerts.samples import NOON, change, claim, composed, figure, harbour_fire, raised

FULL = """\
Velmora harbour fire · people killed 41 → at least 63 (+22, +54 %)          raised
Velmora Port Authority, through The Lamp · as of 4 May
  now     “At least ▸63◂ dock workers were killed when the grain store burned, the port authority said Monday.”
  before  “The port authority counted ▸41◂ dead by nightfall.” · Velmora Herald, 3 May
also      people injured 90 → 118 (+28, +31 %) · children injured 9, first figure
          “Another ▸118◂ were injured, ▸9◂ of them children.”
behind it 1 independent source, carried by 3 outlets · nobody disagrees · unconfirmed: up to 100 (dockers’ union)
article   https://lamp.example/harbour-fire
before    https://herald.example/harbour-fire
timeline  tollwatch timeline velmora-harbour-fire
why       63 is wholly above 41, by more than a tenth. (row 9)
watches   Ports
"""

DIGEST = """\
Digest · 2 changes in 2 events

Orrin pass avalanche
  people killed dozens                                                      first figure
    Northern Wire, in its own voice · as of 4 May
      now     “It killed ▸dozens◂ on the pass.”
      https://northern.example/harbour-fire

Velmora harbour fire
  people killed 41 → at least 63 (+22, +54 %)                               raised
    Velmora Port Authority, through The Lamp · as of 4 May
      now     “At least ▸63◂ dock workers were killed when the grain store burned, the port authority said Monday.”
      before  “The port authority counted ▸41◂ dead by nightfall.” · Velmora Herald, 3 May
      https://lamp.example/harbour-fire
"""


def test_a_full_alert_reads_as_the_design_says() -> None:
    assert render(harbour_fire()) == FULL


def test_a_digest_goes_event_by_event() -> None:
    vague = figure(
        claim(None, qualifier=Qualifier.VAGUE, phrase="dozens"),
        quote="It killed dozens on the pass.",
        outlet="northern",
        source="outlet:northern",
    )
    other = composed([change(vague)], event="orrin", event_name="Orrin pass avalanche")
    assert render(digest([other, composed([raised()])], created=NOON)) == DIGEST


def test_a_baseline_goes_event_by_event_too() -> None:
    whole = digest([harbour_fire(), composed([raised()], event="other", event_name="Other fire")], created=NOON)
    assert "\n\nOther fire\n" in render(replace(whole, type=AlertType.BASELINE))


def test_a_long_digest_says_how_much_it_leaves_out() -> None:
    alerts = [
        composed([change(figure(claim(n)))], event=str(n), event_name=f"Fire {n}") for n in range(1, MOST_IN_DIGEST + 4)
    ]
    assert render(digest(alerts, created=NOON)).endswith("\nand 3 more\n")


def test_a_year_is_named_where_it_is_not_the_alerts_own() -> None:
    old = change(figure(claim(5), as_of=NOON - timedelta(days=400)))
    assert "as of 30 March 2025\n" in render(composed([old]))


def test_a_silent_edit_is_called_one() -> None:
    edited = change(figure(claim(12)), figure(claim(14)), kind=Kind.LOWERED, silent_edit=True)
    text = render(composed([edited]))
    assert "people killed 14 → 12 (−2, −14 %)" in text
    assert "lowered, edited in place without notice" in text


def test_an_alert_without_figures_is_headline_and_body() -> None:
    down = notice(
        AlertType.OUTLET_DEGRADED, about="lamp/2026-05-04", headline="The Lamp is silent", body="a\n\nb", created=NOON
    )
    assert render(down) == "The Lamp is silent\na\nb\n"


def test_an_article_cannot_set_marks_of_its_own() -> None:
    faked = change(figure(claim(12), quote="No ▸5,000◂ died, but 12 did."))
    assert "“No 5,000 died, but ▸12◂ did.”" in render(composed([faked]))

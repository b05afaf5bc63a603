"""The demo shows what the product is for: first figures, a rise with both quotes, a fall, an edit, and silence."""

from __future__ import annotations

import pytest

from tests.conftest import Demo


@pytest.fixture(scope="module")
def shown(demo: Demo) -> str:
    return demo.shown


def test_first_figures_are_told(shown: str) -> None:
    assert "first figure" in shown.split("Crawl 2 of 2", maxsplit=1)[0]


def test_a_raised_figure_is_told_with_old_and_new_quote(shown: str) -> None:
    alert = next(part for part in shown.split("\nemail to") if "people killed at least 23 → 41 (+18, +78 %)" in part)
    assert "▸41◂" in alert.split("before", maxsplit=1)[0]
    assert "▸23◂" in alert.split("before", maxsplit=1)[1]


def test_a_corrected_figure_is_told(shown: str) -> None:
    assert "civilians killed 14 → 11 (−3, −21 %)" in shown


def test_a_figure_edited_in_place_is_told_as_such(shown: str) -> None:
    assert "raised, edited in place without notice" in shown


def test_each_movement_is_told_once_though_reprints_repeat_it(shown: str) -> None:
    subjects = [line for line in shown.splitlines() if line.startswith("email to")]
    assert len([line for line in subjects if "→ 41" in line]) == 1
    assert len(subjects) == len(set(subjects))


def test_slack_and_the_signed_webhook_receive_the_same_alerts(shown: str) -> None:
    assert "webhook-signature: v1," in shown
    assert '"type": "header"' in shown


def test_the_timeline_is_shown_in_the_end(shown: str) -> None:
    assert "How the figures moved" in shown
    assert "reader failed" not in shown

"""The page of a letter in a browser: it fits a phone, can be read in both schemes, and says what its picture shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from alerts.letter import picture_of
from alerts.message import brief
from alerts.templates import page
from model import Alert
from tests.alerts.samples import ALERTS
from tests.alerts.test_slack_blocks import long
from tests.timelines import COURSE

CHROMIUM = Path("/usr/bin/chromium")
Scheme = Literal["light", "dark"]

# The contrast of each piece of text against the nearest background that is painted behind it (WCAG 2.2, 1.4.3).
CONTRASTS = """() => {
    const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
    const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parts(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
        const [one, other] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
        found.push([(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), walker.currentNode.data.trim()]);
    }
    return found;
}"""


def with_picture() -> str:
    course = brief(COURSE)
    drawn = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (850).to_bytes(4) + (900).to_bytes(4)
    return page(replace(ALERTS["figures"], timeline=course), picture_of(drawn, course, "cid:picture"))


def pages() -> dict[str, str]:
    others: dict[str, Alert] = {**ALERTS, "long": long("no_break_anywhere_" * 30)}
    return {"picture": with_picture(), **{name: page(alert) for name, alert in others.items()}}


PAGES = pages()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def shown(browser: Any, name: str, *, width: int = 390, scheme: Scheme = "light") -> Any:
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab.set_content(PAGES[name])
    return tab


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(browser: Any, name: str) -> None:
    tab = shown(browser, name, width=320)
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_text_stands_out_from_what_is_behind_it(browser: Any, name: str, scheme: Scheme) -> None:
    tab = shown(browser, name, scheme=scheme)
    found = tab.evaluate(CONTRASTS)
    assert found
    assert [(round(contrast, 2), words) for contrast, words in found if contrast < 4.5] == []
    tab.close()


def test_the_dark_scheme_is_dark(browser: Any) -> None:
    tab = shown(browser, "figures", scheme="dark")
    assert tab.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(27, 30, 34)"
    tab.close()


def test_a_picture_keeps_its_shape_and_says_its_figures(browser: Any) -> None:
    tab = shown(browser, "picture", width=320)
    assert "Coastguard: 12 as of 8 March 2026" in tab.get_attribute("img", "alt")
    box = tab.locator("img").bounding_box()
    assert box["width"] <= 280
    assert tab.get_attribute("img", "width") == "420"
    tab.close()


def test_what_a_mailbox_previews_is_not_seen_on_the_page(browser: Any) -> None:
    tab = shown(browser, "figures")
    assert not tab.locator(".ahead").is_visible()
    tab.close()

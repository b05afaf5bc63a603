"""The dashboard in a browser: Debian's Chromium, headless, driven by Playwright; axe-core judges what can be judged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.web.rig import Served

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
MODES = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
PAGES = ("/", "event", "then", "article", "edited", "/watches/kestria", "/sources", "/search?q=killed", "/alerts",
         "/archive", "/archive/events", "/archive/current_figures", "/archive/moved", "/nowhere",
         "/archive/events/none", "/archive?sql=select+*+from+figures+limit+20", "/archive?sql=select")  # fmt: skip
_GRAVE = {"serious", "critical"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (.ci/browser installs it)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def page_of(browser: Any, width: int = 1280, scheme: str = "light") -> Iterator[Any]:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.set_default_timeout(60_000)  # for a machine that has much else to do
    try:
        yield context.new_page()
    finally:
        context.close()


def address(dashboard: Served, page: str) -> str:
    named = {
        "event": lambda: dashboard.event("earthquake"),
        "then": lambda: dashboard.event("earthquake") + "?seen_by=2100-01-01T00:00",
        "article": lambda: dashboard.article("families wait"),
        "edited": lambda: dashboard.article("Wounded"),
    }
    return dashboard.address + (named[page]() if page in named else page)


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """What a page showed, said and asked for in one mode; `grave` is None without axe-core."""

    widest: int
    said: list[str]
    asked: list[str]
    grave: list[str] | None


@pytest.fixture(scope="module")
def visits() -> dict[tuple[str, int, str], Visit]:
    """Each page in each mode is visited once, for all who judge it."""
    return {}


def visit(
    visits: dict[tuple[str, int, str], Visit], browser: Any, dashboard: Served, page: str, width: int, scheme: str
) -> Visit:
    known = visits.get((page, width, scheme))
    if known is None:
        known = visits[page, width, scheme] = look(browser, address(dashboard, page), width, scheme)
    return known


def look(browser: Any, url: str, width: int, scheme: str) -> Visit:
    said: list[str] = []
    asked: list[str] = []
    grave = None
    with page_of(browser, width, scheme) as shown:
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(url)
        widest = shown.evaluate("document.documentElement.scrollWidth")
        shown.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        if AXE.exists():
            shown.evaluate(AXE.read_text(encoding="utf-8"))
            found = shown.evaluate("axe.run(document, {iframes: false})")["violations"]
            grave = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in _GRAVE]
    return Visit(widest=widest, said=said, asked=asked, grave=grave)


@pytest.mark.parametrize(("width", "scheme"), MODES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_complains_of_nothing_and_asks_nobody_else(
    visits: dict[tuple[str, int, str], Visit], browser: Any, dashboard: Served, page: str, width: int, scheme: str
) -> None:
    seen = visit(visits, browser, dashboard, page, width, scheme)
    assert seen.widest <= width
    expected = "Failed to load resource: the server responded with a status of 4"  # the error pages are pages, too
    assert [words for words in seen.said if not words.startswith(expected)] == []
    assert [url for url in seen.asked if not url.startswith(dashboard.address)] == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (.ci/browser installs it)")
@pytest.mark.parametrize(("width", "scheme"), MODES)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_grave(
    visits: dict[tuple[str, int, str], Visit], browser: Any, dashboard: Served, page: str, width: int, scheme: str
) -> None:
    assert visit(visits, browser, dashboard, page, width, scheme).grave == []


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_start_page_to_the_event_to_the_sentence(browser: Any, dashboard: Served, width: int) -> None:
    with page_of(browser, width) as shown:
        shown.goto(dashboard.address)
        shown.get_by_role("link", name="Kestria's Sarn earthquake").first.click()
        shown.wait_for_url("**/events/*")
        assert shown.get_by_role("heading", level=1).inner_text() == "Kestria's Sarn earthquake"
        shown.wait_for_load_state("load")
        drawn = f"/plot-killed-people-{720 if width > 768 else 360}.svg"
        (plot,) = [frame for frame in shown.frames if frame.url.endswith(drawn)]
        plot.locator("a").first.click()
        shown.wait_for_url("**/articles/*#claim-*")
        marked = shown.locator(":target mark")
        assert marked.inner_text() == "23"
        assert marked.is_visible()
        box = marked.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 800
        assert str(shown.locator(":target").get_attribute("title")).startswith(
            "at least 23 people killed, according to Interior Ministry; rule "
        )


def test_a_quoted_number_leads_to_its_sentence_too(browser: Any, dashboard: Served) -> None:
    with page_of(browser) as shown:
        shown.goto(dashboard.address)
        shown.locator("a.figure", has_text="58").first.click()
        assert shown.locator(":target mark").inner_text() == "58"


def test_the_keyboard_gets_everywhere_and_shows_where_it_is(browser: Any, dashboard: Served) -> None:
    with page_of(browser) as shown:
        shown.goto(dashboard.address)
        names = []
        for _ in range(9):
            shown.keyboard.press("Tab")
            focused = shown.evaluate(
                """() => { const at = document.activeElement, style = getComputedStyle(at);
                const box = at.getBoundingClientRect();
                return {name: (at.innerText || at.name).trim(), outline: style.outlineStyle, width: style.outlineWidth,
                        shown: box.top >= 0 && box.width > 0} }"""
            )
            assert focused["outline"] == "solid", focused
            assert focused["width"] == "3px", focused
            assert focused["shown"], focused
            names.append(focused["name"])
        assert names[:7] == ["Skip to content", "Tollwatch", "Sources", "Alerts", "Tables and SQL", "q", "Search"]
        assert names[7] == "Tolmeri, Kestria attack"


def test_the_skip_link_skips(browser: Any, dashboard: Served) -> None:
    with page_of(browser) as shown:
        shown.goto(dashboard.address)
        shown.keyboard.press("Tab")
        shown.keyboard.press("Enter")
        assert shown.evaluate("document.activeElement.id") == "main"
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.innerText") == "Tolmeri, Kestria attack"


def test_search_works_by_keyboard_alone(browser: Any, dashboard: Served) -> None:
    with page_of(browser, 390) as shown:
        shown.goto(dashboard.address)
        shown.get_by_role("searchbox").press_sequentially("abducted ministry")
        shown.keyboard.press("Enter")
        shown.wait_for_url("**/search?q=*")
        assert shown.locator("mark", has_text="abducted").first.is_visible()


def test_it_reads_the_same_without_javascript(browser: Any, dashboard: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    shown = context.new_page()
    shown.goto(address(dashboard, "event"))
    assert shown.locator("q mark", has_text="58").first.is_visible()
    shown.locator("details.why summary").first.click()
    assert shown.locator("details.why[open]").count() == 1
    context.close()

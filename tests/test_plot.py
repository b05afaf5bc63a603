"""The picture of a timeline: all that it says can be read, it is the same every time, and it costs nothing unasked."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from itertools import combinations

import pytest
from lxml import etree
from PIL import Image

import plot
from model import Timeline, TimelinePoint
from tests.timelines import COURSE, point, timeline

SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = (320, 640, 1_200)


def drawn(of: Timeline, **how: object) -> etree._Element:
    return etree.fromstring(plot.svg(of, **how))  # type: ignore[arg-type]


def texts(of: etree._Element) -> list[str]:
    return [(element.text or "").strip() for element in of.iter(f"{SVG}text")]


def link(of: TimelinePoint) -> str:
    return f"/figure?id={of.figure_id}&from=plot"


@pytest.mark.parametrize("width", WIDTHS)
def test_every_source_stands_in_the_legend_with_its_last_number_and_sentence(width: int) -> None:
    said = texts(drawn(COURSE, width_px=width))
    assert {"Coastguard", "998", "Harbour police", "60, taken back", "Relatives", "up to 4,000, unconfirmed"} <= {*said}
    assert any("998" in words and words.startswith("“") for words in said)


def test_numbers_have_thousands_separators_and_their_bounds() -> None:
    said = texts(drawn(COURSE))
    assert {"12", "31+", "1,045", "998", "≤4,000", "taken back"} <= {*said}
    assert "2,000" in said  # of the axis


def test_the_time_axis_names_its_zone_and_its_days() -> None:
    assert "8–9 March 2026 · times in UTC" in texts(drawn(COURSE))


def test_text_is_text_and_nothing_is_fetched() -> None:
    whole = plot.svg(COURSE, links=link).decode()
    assert "http" not in whole.replace("http://www.w3.org/", "")
    assert "url(#" in whole or "<image" not in whole
    assert "system-ui" in whole


def test_who_does_not_see_it_is_told_the_course() -> None:
    root = drawn(COURSE)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "people killed, Ferry off Port Vessel"
    described = root.findtext(f"{SVG}desc") or ""
    assert "Coastguard: 12 as of 8 March 2026, 12:00 UTC; at least 31 as of 8 March 2026, 15:00 UTC" in described
    assert "up to 4,000, unconfirmed" in described
    assert "60, taken back" in described


def test_each_figure_is_a_link_with_its_words() -> None:
    root = drawn(COURSE, links=link)
    links = {a.get("href"): a.findtext(f"{SVG}title") for a in root.iter(f"{SVG}a")}
    assert links["/figure?id=1045&from=plot"] == "Coastguard: 1,045, as of 8 March 2026, 21:00 UTC"
    assert len(links) == len({point.figure_id for point in COURSE.points})
    assert root.get("role") == "group"


def test_a_link_that_is_refused_leaves_the_words() -> None:
    root = drawn(COURSE, links=lambda _: "")
    assert not list(root.iter(f"{SVG}a"))
    assert len(root.findall(f".//{SVG}g/{SVG}title")) == len(COURSE.points)


def test_the_scheme_is_the_readers_unless_it_is_chosen() -> None:
    assert b"prefers-color-scheme:dark" in plot.svg(COURSE)
    assert b"var(" not in plot.svg(COURSE, dark=True)
    assert plot.DARK.paper.encode() in plot.svg(COURSE, dark=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_do_not_cover_each_other(width: int) -> None:
    crowded = timeline(*(point(100 + 7 * n, n / 4, source=f"Source {n % 5}") for n in range(60)))
    root = drawn(crowded, width_px=width)
    bold = [text for text in root.iter(f"{SVG}text") if "700" in (text.get("style") or "") and text.get("x")]
    places = [(float(text.get("x") or 0), float(text.get("y") or 0), len(text.text or "")) for text in bold]
    for (x, y, long), (other_x, other_y, other_long) in combinations(places, 2):
        assert abs(y - other_y) >= 10 or x + 7 * long <= other_x or other_x + 7 * other_long <= x


def test_a_picture_is_as_wide_as_asked_and_small() -> None:
    drawn = plot.png(COURSE, width_px=600, scale=2)
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.width == 1_200
        assert not {"Software", "Date", "Creation Time"} & {*image.info}
    assert len(drawn) < 80_000


def test_the_same_timeline_gives_the_same_bytes() -> None:
    assert plot.png(COURSE, width_px=400) == plot.png(COURSE, width_px=400)
    assert plot.svg(COURSE, links=link) == plot.svg(COURSE, links=link)


def test_what_texts_hold_is_shown_as_text() -> None:
    evil = replace(COURSE, event_name="<script>alert(1)</script> $\\frac{1}{0}$ \u202eevil\x00", subset="a\nb")
    root = drawn(evil, links=link)
    assert not list(root.iter(f"{SVG}script"))
    assert any("<script>alert(1)</script> $\\frac{1}{0}$ evil" in words for words in texts(root))
    assert plot.png(evil, width_px=300)


def test_a_sign_that_the_font_lacks_is_no_error() -> None:
    assert plot.png(timeline(point(3, source="联合国人权事务办公室"), point(5, 1, source="مصدر محلي")), width_px=320)


def test_a_timeline_without_figures_is_an_empty_picture() -> None:
    assert plot.png(timeline(), width_px=320)
    assert drawn(timeline()).get("role") == "img"


def test_sources_beyond_six_are_dots() -> None:
    many = timeline(*(point(10 + n, n, source=f"Source {n}") for n in range(8)))
    assert "dots: 2 more sources" in texts(drawn(many))


def test_marks_that_do_not_explain_themselves_are_explained() -> None:
    assert {"hollow: unconfirmed", "shaded: at least"} <= {*texts(drawn(COURSE))}
    assert not any("hollow" in words for words in texts(drawn(timeline(point(1), point(2, 3)))))


def test_the_drawing_library_is_loaded_with_the_first_picture_only() -> None:
    code = "import plot, sys; sys.exit('matplotlib' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_matplotlibs_settings_are_left_as_they_were() -> None:
    import matplotlib

    before = matplotlib.rcParams.copy()
    plot.svg(COURSE)
    assert matplotlib.rcParams.copy() == before

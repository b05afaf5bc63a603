"""A timeline as a picture: one line a source, in steps; bounds as bands. Values in, bytes out; matplotlib's only home.

    title and event
    ┌ steps of each source, its numbers beside them ┐
    │ hollow and unconnected: unconfirmed           │
    └ time, in UTC                                  ┘
    legend: source, what it says now, the sentence

matplotlib takes half a second and 60 MB to load, so that happens with the first picture. The same timeline gives the
same bytes. All measures are px; the picture is as high as what it has to say.
"""

from __future__ import annotations

import io
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any

from alerts.course import by_source, counts, describe, in_words, short, speaker, state, time_of
from model import Timeline, TimelinePoint

if TYPE_CHECKING:
    from lxml.etree import _Element
    from matplotlib.artist import Artist
    from matplotlib.backend_bases import RendererBase
    from matplotlib.text import Text

Links = Callable[[TimelinePoint], str]

WIDTH = 720
_NARROWEST = 280
_MOST_LINES = 6  # more colours and shapes than that cannot be told apart
_PX_PER_INCH = 72  # so that a point, in which matplotlib measures text and lines, is a px
_TITLE, _TEXT, _NUMBER = 15, 12, 12  # font sizes
_LINE_HEIGHT = 17
_MARGIN = 12
_GAP = 12  # at least, between a source and its number
_WIDEST_LEGEND = 560  # an eye that goes from a source to its number should not lose the line
_MARKER = 8
_MOST_NUMBERS = 40
_SHADES = 96
_VEIL = 0.75  # opacity of what parts a number from a line that it has to stand on
_FADES = (0.26, 0.21, 0.16, 0.11, 0.07, 0.03)  # opacity of the strips of a bound that is open, from the number on
_FADE_SHARE = 0.16  # of the axis' height that such strips take
_SHAPES = ("o", "s", "D", "^", "v", "P")
_BEFORE = {"left": 0, "center": 0.5, "right": 1}  # the share of a text's width that stands before its place
_ABOVE = {"top": -0.76, "center": -0.26, "bottom": 0.24}  # from a text's place up to its base line, in font sizes
_FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,'DejaVu Sans',sans-serif"
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_TARGET = 12  # radius of what can be hit with a finger: 24 px across

# The settings of matplotlib are the whole process' own; they are put back after each picture, one picture at a time.
_drawing = threading.Lock()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Colours:
    """Text has at least 4.5:1 against the paper, lines 3:1; eyes that see no red or green can tell the lines apart."""

    paper: str
    ink: str
    muted: str
    rule: str
    lines: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (self.paper, self.ink, self.muted, self.rule, *self.lines)


LIGHT = _Colours(
    paper="#ffffff",
    ink="#16191d",
    muted="#5a636e",
    rule="#dde1e6",
    lines=("#0072b2", "#c8501e", "#00795a", "#a2467f", "#806600", "#6b737d"),
)
DARK = _Colours(
    paper="#1b1e22",
    ink="#e8eaed",
    muted="#a3acb7",
    rule="#343a41",
    lines=("#56b4e9", "#f0894a", "#3fc49c", "#df9cc8", "#d9bd45", "#9aa3ad"),
)


def svg(timeline: Timeline, *, dark: bool | None = None, links: Links | None = None, width_px: int = WIDTH) -> bytes:
    """Draw for a browser: text is text, each figure a link; without `dark` the colours follow the reader's scheme.

    Addresses of `links` are put in as they are: they must be http(s) or relative.
    """
    buffer = io.BytesIO()
    with _settings():
        picture = _Picture(timeline, width_px, DARK if dark else LIGHT)
        picture.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _finish(buffer.getvalue(), picture, follows=dark is None, links=links)


def png(timeline: Timeline, *, width_px: int = WIDTH, scale: float = 2, dark: bool = False) -> bytes:
    """Draw for a letter: `width_px` wide as it is shown, with `scale` pixels of the picture for each px."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    colours = DARK if dark else LIGHT
    with _settings():
        figure = _Picture(timeline, width_px, colours).figure
        figure.set_dpi(_PX_PER_INCH * scale)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        drawn = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    buffer = io.BytesIO()
    # With a palette it is a third as large; the palette's paper is a shade off, which would show on a page.
    reduced = drawn.convert("RGB").quantize(_SHADES, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette, paper = reduced.getpalette() or [], 3 * reduced.tobytes()[0]
    reduced.putpalette([*palette[:paper], *bytes.fromhex(colours.paper.removeprefix("#")), *palette[paper + 3 :]])
    reduced.save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def _settings() -> Iterator[None]:
    """matplotlib's settings while a picture is drawn; a sign that its font lacks is a box, not a warning."""
    import matplotlib

    settings: dict[Any, Any] = {"svg.hashsalt": "tollwatch", "svg.fonttype": "none", "text.hinting": "none"}
    with _drawing, warnings.catch_warnings(), matplotlib.rc_context(settings):
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=4096)
def _advance(sign: str, size: int, bold: bool) -> float:
    """How much room a sign takes, px: to ask for each once is a hundred times cheaper than to lay out each text."""
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.ft2font import LoadFlags

    name = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    font = get_font(findfont(name))
    if not font.get_char_index(ord(sign)):
        return 1.5 * size  # about what the box takes that is drawn instead
    font.set_size(size, _PX_PER_INCH)
    return float(font.load_char(ord(sign), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65_536


def _width(words: str, size: int, *, bold: bool) -> float:
    return sum(_advance(sign, size, bold) for sign in words)


@lru_cache(maxsize=1)
def _words() -> type[Text]:
    """A text of matplotlib's that stands where it was put: to have each laid out takes as long as all else."""
    from matplotlib.text import Text

    class Words(Text):
        """One line; the vertical place does not change with the letters that are in it."""

        def draw(self, renderer: RendererBase) -> None:
            x, y = self.get_transform().transform(self.get_unitless_position())
            size, words = self.get_fontproperties().get_size_in_points(), self.get_text()
            wide = _width(words, round(size), bold=self.get_fontweight() == "bold")
            x -= renderer.points_to_pixels(wide * _BEFORE[self.get_horizontalalignment()])
            y += renderer.points_to_pixels(size * _ABOVE[self.get_verticalalignment()])
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            look = renderer.new_gc()
            look.set_foreground(self.get_color())
            renderer.draw_text(look, x, y, words, self.get_fontproperties(), 0, False, self)
            look.restore()

    return Words


# ------------------------------------------------------------------------------------------------- the picture


class _Picture:
    """A figure of matplotlib's with the timeline drawn into it."""

    def __init__(self, timeline: Timeline, width: int, colours: _Colours) -> None:
        from matplotlib.figure import Figure

        self.timeline, self.width, self.colours = timeline, max(width, _NARROWEST), colours
        sources = by_source(timeline)
        # The sources that spoke last have a line each; a point is drawn in the place of its source among them.
        self._named = dict(list(sources.items())[-_MOST_LINES:][::-1])
        self._others = [point for name, points in sources.items() if name not in self._named for point in points]
        plot_height = min(max(round(self.width * 0.42), 170), 360)
        self._top = _MARGIN + _TITLE + 2 * _LINE_HEIGHT
        self._notes = list(_notes(timeline, len(sources) - len(self._named)))
        legend = 2 * _LINE_HEIGHT * len(self._named) + _LINE_HEIGHT * len(self._notes) + 12
        self.height = self._top + plot_height + 3 * _LINE_HEIGHT + legend + _MARGIN
        self.figure = Figure(
            figsize=(self.width / _PX_PER_INCH, self.height / _PX_PER_INCH), dpi=_PX_PER_INCH, facecolor=colours.paper
        )
        self._span = _Span.of(timeline.points)
        self.marks: list[tuple[TimelinePoint, ...]] = []  # what is drawn alike, by the number of its group
        self._spots: list[tuple[TimelinePoint, float, float]] = []
        self._title()
        self._make_axes(plot_height)
        self._draw()
        self._legend(self._top + plot_height + 3 * _LINE_HEIGHT)

    # Text is placed in px from the upper left corner.

    def _write(
        self, x: float, y: float, words: str, *, colour: str, size: int = _TEXT, bold: bool = False,
        right: bool = False, centred: bool = False, middle: bool = False,
    ) -> None:  # fmt: skip
        text = _words()(
            x / self.width, 1 - y / self.height, words, color=colour, fontsize=size, fontfamily="DejaVu Sans",
            fontweight="bold" if bold else "normal", transform=self.figure.transFigure,
            ha="right" if right else "center" if centred else "left", va="center" if middle else "top",
        )  # fmt: skip
        self.figure.add_artist(text)

    def _measure(self, words: str, size: int = _TEXT, *, bold: bool = False) -> float:
        return _width(words, size, bold=bold)

    def _fit(self, words: str, room: float, size: int = _TEXT, *, bold: bool = False) -> str:
        """Cut `words` to the room there is."""
        if self._measure(words, size, bold=bold) <= room:
            return words
        fits, too_long = 0, len(words)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self._measure(f"{words[:middle].rstrip()}…", size, bold=bold) <= room:
                fits = middle
            else:
                too_long = middle
        return f"{words[:fits].rstrip()}…"

    def _title(self) -> None:
        room = self.width - 2 * _MARGIN
        what = counts(self.timeline)
        title = self._fit(what[:1].upper() + what[1:], room, _TITLE, bold=True)
        self._write(_MARGIN, _MARGIN, title, colour=self.colours.ink, size=_TITLE, bold=True)
        event = self._fit(plain(self.timeline.event_name), room)
        self._write(_MARGIN, _MARGIN + _TITLE + 7, event, colour=self.colours.muted)

    # ------------------------------------------------------------------------------------------------ the axes

    # matplotlib's own Axes take as long as all the rest: ticks, labels and lines are placed here.

    def _make_axes(self, height: int) -> None:
        from matplotlib.patches import Rectangle
        from matplotlib.ticker import MaxNLocator
        from matplotlib.transforms import Affine2D

        highest = max((max(point.number, point.high or 0) for point in self.timeline.points), default=1)
        top = max(highest * 1.2, 1.5)
        steps = MaxNLocator(nbins=4, integer=True, steps=[1, 2, 2.5, 5, 10], min_n_ticks=2).tick_values(0, top)
        ticks = {float(value): f"{value:,.0f}" for value in steps if 0 <= value <= top}
        left = _MARGIN + max(map(self._measure, ticks.values())) + 6
        width, bottom = self.width - left - _MARGIN, self._top + height
        self._scale = (width / self._span.length, height / top)  # px for a day, px for a person
        self._ceiling = top
        px = Affine2D().scale(1 / _PX_PER_INCH) + self.figure.dpi_scale_trans
        self._on_axes = (
            Affine2D().translate(-self._span.days[0], 0).scale(*self._scale).translate(left, self.height - bottom) + px
        )
        self._frame = Rectangle((left, self.height - bottom), width, height, transform=px)
        for value, words in ticks.items():
            y = bottom - value * self._scale[1]
            self._write(left - 5, y, words, colour=self.colours.muted, right=True, middle=True)
        self._lines([[(day, value) for day in self._span.days] for value in ticks], self.colours.rule, zorder=0.5)
        self._lines([[(day, 0.0) for day in self._span.days]], self.colours.muted, zorder=2.5)
        below = -4 / self._scale[1]
        days = self._day_ticks(width)
        self._lines([[(day, 0.0), (day, below)] for day in days], self.colours.rule, zorder=2, clipped=False)
        for day, words in days.items():
            half = self._measure(words) / 2
            x = min(left + (day - self._span.days[0]) * self._scale[0], self.width - half - 2)
            self._write(max(x, half + 2), bottom + 9, words, colour=self.colours.muted, centred=True)
        self._write(
            self.width - _MARGIN, bottom + 1.6 * _LINE_HEIGHT,
            f"{self._span.words} · times in UTC", colour=self.colours.muted, right=True,
        )  # fmt: skip

    def _day_ticks(self, width: float) -> dict[float, str]:
        """The days (and times) that are named below the axis."""
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date

        dates = AutoDateLocator(tz=UTC, minticks=2, maxticks=max(3, round(width / 85)))
        day = "%-d %b"
        names = ConciseDateFormatter(
            dates, tz=UTC, show_offset=False,
            formats=["%Y", "%b", day, "%H:%M", "%H:%M", "%H:%M:%S"],
            zero_formats=["", "%Y", day, day, "%H:%M", "%H:%M"],
        )  # fmt: skip
        begin, end = self._span.days
        places = [float(at) for at in dates.tick_values(*num2date(self._span.days, tz=UTC)) if begin <= at <= end]
        if len(places) == 1:  # which the library takes for an hour
            return {places[0]: num2date(places[0], tz=UTC).strftime(day)}
        return dict(zip(places, names.format_ticks(places), strict=True))

    def _lines(
        self, lines: Sequence[Sequence[tuple[float, float]]], colour: str, *, zorder: float, width: float = 1,
        clipped: bool = True,
    ) -> None:  # fmt: skip
        from matplotlib.collections import LineCollection

        drawn = LineCollection(
            lines, colors=colour, linewidths=width, capstyle="butt", zorder=zorder, transform=self._on_axes
        )
        self._add(drawn, clipped=clipped)

    def _add(self, artist: Artist, *, clipped: bool) -> None:
        self.figure.add_artist(artist)
        if clipped:
            artist.set_clip_path(self._frame)

    # ----------------------------------------------------------------------------------------------- the lines

    def _draw(self) -> None:
        for place, points in reversed(list(enumerate(self._named.values()))):
            self._draw_source(points, self.colours.lines[place], _SHAPES[place])
        if self._others:
            self._mark(self._others, self.colours.muted, ".")
        self._label()

    def _draw_source(self, points: Sequence[TimelinePoint], colour: str, shape: str) -> None:
        spans = list(self._spans(points))
        self._draw_bands(spans, colour)
        self._lines([line for line, _ in spans], colour, zorder=3, width=2)
        self._mark(points, colour, shape)

    def _spans(self, points: Sequence[TimelinePoint]) -> Iterator[tuple[list[tuple[float, float]], TimelinePoint]]:
        """Each standing figure with its step: level until the next, then up or down; where it is taken back it ends."""
        standing = [point for point in points if point.stands or point.withdrawn]
        for point, after in zip_longest(standing, standing[1:]):
            if point.withdrawn:
                continue
            begins = _days(point.as_of)
            ends = self._span.days[1] if after is None else _days(after.as_of)
            line = [(begins, float(point.number)), (ends, float(point.number))]
            yield ([*line, (ends, float(after.number))] if after else line), point

    def _draw_bands(self, spans: Sequence[tuple[list[tuple[float, float]], TimelinePoint]], colour: str) -> None:
        from matplotlib.collections import PolyCollection
        from matplotlib.colors import to_rgba

        boxes, shades = [], []
        for line, point in spans:
            for low, high, opacity in _bands(point, self._ceiling * _FADE_SHARE):
                (left, _), (right, _) = line[0], line[1]
                boxes.append([(left, low), (right, low), (right, high), (left, high)])
                shades.append(to_rgba(colour, opacity))
        if boxes:
            bands = PolyCollection(
                boxes, facecolors=shades, linewidths=0, antialiased=False, zorder=1.5, transform=self._on_axes
            )
            self._add(bands, clipped=True)

    def _mark(self, points: Sequence[TimelinePoint], colour: str, shape: str) -> None:
        solid = [point for point in points if point.stands and not point.withdrawn]
        hollow = [point for point in points if not point.stands and not point.withdrawn]
        taken_back = [point for point in points if point.withdrawn]
        self._mark_alike(solid, colour, shape, fill=colour, edge=colour)
        self._mark_alike(hollow, colour, shape, fill=self.colours.paper, edge=colour)
        self._mark_alike(taken_back, colour, "X", fill=colour, edge=self.colours.paper, size=_MARKER + 2)

    def _mark_alike(
        self, points: Sequence[TimelinePoint], colour: str, shape: str, *, fill: str, edge: str, size: int = _MARKER
    ) -> None:
        from matplotlib.lines import Line2D

        if not points:
            return
        x, y = [_days(point.as_of) for point in points], [point.number for point in points]
        marks = Line2D(
            x, y, linestyle="none", marker=shape, color=colour, markersize=size, markerfacecolor=fill,
            markeredgecolor=edge, markeredgewidth=1.6, zorder=5, gid=f"figures-{len(self.marks)}",
            transform=self._on_axes,
        )  # fmt: skip
        self._add(marks, clipped=False)
        self.marks.append(tuple(points))
        self._spots.extend((point, *self._place(at, value)) for point, at, value in zip(points, x, y, strict=True))

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a value stands, in px from the lower left corner of the axes."""
        return ((x - self._span.days[0]) * self._scale[0], y * self._scale[1])

    # ---------------------------------------------------------------------------------------------- the numbers

    def _label(self) -> None:
        """Write the numbers beside their marks, the latest of each source first; where there is no room, none."""
        width, height = (self._span.length * self._scale[0], self._ceiling * self._scale[1])
        taken = [_Box(x - 5, y - 5, x + 5, y + 5) for _, x, y in self._spots]
        steps = [box for points in self._named.values() for box in self._step_boxes(points)]
        labels: list[_Box] = []
        for point, x, y in sorted(self._spots, key=self._urgency)[:_MOST_NUMBERS]:
            words = state(point) if point.withdrawn else short(point)
            wide = self._measure(words, _NUMBER)
            places = [
                _Box(at_x, at_y, at_x + wide, at_y + _NUMBER)
                for at_y in (y + 8, y - 8 - _NUMBER, y - _NUMBER / 2)
                for at_x in (x + 8, x - wide - 8, x - wide / 2)
            ]
            free = [
                box for box in places
                if box.inside(width, height) and not any(map(box.meets, (*labels, *taken)))
            ]  # fmt: skip
            if free:
                best = min(free, key=lambda box: sum(map(box.meets, steps)))
                covers = any(map(best.meets, steps))
                if not covers or point in self._latest():
                    labels.append(best)
                    self._number(best, words, faint=point.withdrawn or not point.stands, covers=covers)

    def _number(self, box: _Box, words: str, *, faint: bool, covers: bool) -> None:
        x, y = box.left / self._scale[0] + self._span.days[0], box.low / self._scale[1]
        if covers:
            self._veil(box)
        text = _words()(
            x, y, words, transform=self._on_axes, fontsize=_NUMBER, fontfamily="DejaVu Sans", va="bottom",
            zorder=6, color=self.colours.muted if faint else self.colours.ink,
            fontweight="normal" if faint else "bold",
        )  # fmt: skip
        self.figure.add_artist(text)

    def _veil(self, box: _Box) -> None:
        from matplotlib.patches import Rectangle

        left, low = (box.left - 1) / self._scale[0] + self._span.days[0], (box.low - 1) / self._scale[1]
        wide, high = (box.right - box.left + 2) / self._scale[0], (box.high - box.low + 2) / self._scale[1]
        veil = Rectangle((left, low), wide, high, transform=self._on_axes, zorder=6)
        veil.set(facecolor=self.colours.paper, alpha=_VEIL, linewidth=0)
        self._add(veil, clipped=False)

    def _latest(self) -> list[TimelinePoint]:
        return [points[-1] for points in self._named.values()]

    def _urgency(self, spot: tuple[TimelinePoint, float, float]) -> tuple[bool, bool, int]:
        point = spot[0]
        return (point not in self._latest(), not point.stands, -point.number)

    def _step_boxes(self, points: Sequence[TimelinePoint]) -> Iterator[_Box]:
        for line, _ in self._spans(points):
            at = [self._place(x, y) for x, y in line]
            for (left, low), (right, high) in pairwise(at):
                yield _Box(min(left, right) - 1, min(low, high) - 1, max(left, right) + 1, max(low, high) + 1)

    # ----------------------------------------------------------------------------------------------- the legend

    def _legend(self, top: int) -> None:
        from matplotlib.lines import Line2D

        y, x, room = top + 8, _MARGIN + 18, min(self.width - 2 * _MARGIN - 18, _WIDEST_LEGEND)
        for place, (name, points) in enumerate(self._named.items()):
            last = points[-1]
            colour = self.colours.lines[place]
            self.figure.add_artist(
                Line2D(
                    [(_MARGIN + 5) / self.width], [1 - (y + 7) / self.height], marker=_SHAPES[place], color=colour,
                    markersize=_MARKER, markeredgewidth=1.6,
                    markerfacecolor=colour if last.stands else self.colours.paper,
                )
            )  # fmt: skip
            now = ", ".join(filter(None, (in_words(last), state(last))))
            shown = self._fit(name, room - _GAP - self._measure(now, bold=True))
            self._write(x, y, shown, colour=self.colours.ink)
            self._write(x + room, y, now, colour=self.colours.ink, bold=True, right=True)
            self._write(x, y + _LINE_HEIGHT - 2, self._quote(last, room), colour=self.colours.muted)
            y += 2 * _LINE_HEIGHT
        for line, note in enumerate(self._notes):
            words = self._fit(note, self.width - 2 * _MARGIN)
            self._write(_MARGIN, y + 4 + line * _LINE_HEIGHT, words, colour=self.colours.muted)

    def _quote(self, point: TimelinePoint, room: float) -> str:
        """Cut the sentence so that its number is in it."""
        start = max(0, min(point.mark[0], len(point.quote)))
        before, after = plain(point.quote[:start]), plain(point.quote[start:])
        gap = " " if point.quote[:start][-1:].isspace() else ""
        whole = f"“{before}{gap}{after}”"
        if self._measure(whole) <= room:
            return whole
        words = before.split(" ")
        while words and self._measure(f"“…{' '.join(words)}{gap}") > room / 3:
            del words[0]
        cut = "…" if len(" ".join(words)) < len(before) else ""
        return self._fit(f"“{cut}{' '.join(words)}{gap if words else ''}{after}”", room)


# ------------------------------------------------------------------------------------------------ places and times


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle in px."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: _Box) -> bool:
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high

    def inside(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.low >= 1 and self.right <= width and self.high <= height


@dataclass(frozen=True, kw_only=True, slots=True)
class _Span:
    """The time that is shown, in days as matplotlib counts them."""

    days: tuple[float, float]
    words: str

    @property
    def length(self) -> float:
        return self.days[1] - self.days[0]

    @classmethod
    def of(cls, points: Sequence[TimelinePoint]) -> _Span:
        first = min((point.as_of for point in points), default=_EPOCH)
        last = max((point.as_of for point in points), default=_EPOCH)
        room = max((last - first) * 0.12, timedelta(hours=4))
        return cls(days=(_days(first - room / 2), _days(last + room)), words=_dates(first, last))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _days(at: datetime) -> float:
    return (at - _EPOCH) / timedelta(days=1)


def _dates(first: datetime, last: datetime) -> str:
    """Return `8–10 March 2025`, `28 February – 3 March 2025`."""
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    end = f"{last.day} {last:%B %Y}"
    if first.date() == last.date():
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    return f"{first.day} {first:%B} – {end}" if first.year == last.year else f"{first.day} {first:%B %Y} – {end}"


def _bands(point: TimelinePoint, fade: float) -> Iterator[tuple[float, float, float]]:
    """The strips of what a figure leaves open: (from, to, opacity); a bound that is not said fades out."""
    low, high, number = point.low, point.high, float(point.number)
    if low is not None and high is not None:
        if low < high:
            yield (float(low), float(high), _FADES[1])
        return
    strip = fade / len(_FADES)
    upwards = 1 if high is None else -1
    for place, opacity in enumerate(_FADES):
        ends = sorted((number + upwards * place * strip, number + upwards * (place + 1) * strip))
        yield (max(ends[0], 0), max(ends[1], 0), opacity)


def _notes(timeline: Timeline, others: int) -> Iterator[str]:
    """What the marks mean that do not explain themselves."""
    if not all(point.stands or point.withdrawn for point in timeline.points):
        yield "hollow: unconfirmed"
    if bounds := dict.fromkeys(_bound(point) for point in timeline.points if point.stands and point.low != point.high):
        yield f"shaded: {', '.join(bounds)}"
    if others:
        yield f"dots: {others} more source{'s' if others > 1 else ''}"


def _bound(point: TimelinePoint) -> str:
    if point.low is None:
        return "at most"
    return "at least" if point.high is None else "a range"


def plain(words: str) -> str:
    """Return words on one line, without what a picture cannot show or what would turn it around."""
    return "".join(sign for sign in " ".join(words.split()) if sign.isprintable())


# ------------------------------------------------------------------------------------------------------- as SVG


def _finish(drawn: bytes, picture: _Picture, *, follows: bool, links: Links | None) -> bytes:
    """Give matplotlib's SVG what readers need: words for those who do not see it, links, safe fonts, a scheme."""
    from lxml import etree

    root = etree.fromstring(drawn)
    for unneeded in root.findall(f"{_SVG}metadata"):
        root.remove(unneeded)
    root.set("width", str(picture.width))
    root.set("height", str(picture.height))
    root.set("style", "max-width:100%;height:auto")
    # What is an image to a screen reader has nothing inside that it could reach.
    root.set("role", "group" if links else "img")
    title = plain(f"{counts(picture.timeline)}, {picture.timeline.event_name}")
    root.set("aria-label", title)
    for place, (name, words) in enumerate((("title", title), ("desc", plain(describe(picture.timeline))))):
        element = etree.Element(f"{_SVG}{name}")
        element.text = words
        root.insert(place, element)
    for number, points in enumerate(picture.marks):
        marks = root.findall(f".//*[@id='figures-{number}']//{_SVG}use")
        for mark, point in zip(marks, points, strict=True):
            _tell(mark, point, links(point) if links else "")
    text = str(etree.tostring(root, encoding="unicode")).replace("'DejaVu Sans'", _FONTS)
    return (_following(text) if follows else text).encode()


def _following(text: str) -> str:
    """Let the reader's scheme choose the colours: each becomes a variable with the light one as what it is without."""
    names = {colour: f"--c{place}" for place, colour in enumerate(LIGHT.all)}
    text = re.sub("|".join(names), lambda found: f"var({names[found[0]]},{found[0]})", text)
    dark = "".join(f"{name}:{colour};" for name, colour in zip(names.values(), DARK.all, strict=True))
    return text.replace("<defs>", f"<style>@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style><defs>", 1)


def _tell(mark: _Element, point: TimelinePoint, link: str) -> None:
    """Give a figure's mark its words and its link, and room for a finger."""
    from lxml import etree

    beside = f", {state(point)}" if state(point) else ""
    wrapper = etree.Element(f"{_SVG}a" if link else f"{_SVG}g", {"href": link, _HREF: link} if link else {})
    etree.SubElement(wrapper, f"{_SVG}title").text = plain(
        f"{speaker(point)}: {in_words(point)}{beside}, as of {time_of(point)}"
    )
    place = {"cx": str(mark.get("x")), "cy": str(mark.get("y")), "r": str(_TARGET), "style": "fill:transparent"}
    etree.SubElement(wrapper, f"{_SVG}circle", place)
    group = mark.getparent()
    if group is not None:
        group.replace(mark, wrapper)
        wrapper.append(mark)

"""Messages out of templates: the built-in page, and those of a user's own in place of the built-in forms.

What a user wrote runs in a sandbox (nothing of Python's is reached, nothing is changed), and in the daemon only within
alerts/studio.py: a template may still run for ever. The only home of Jinja.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import TemplateNotFound
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from alerts import text
from alerts.course import cut_description
from alerts.view import Section, body, headline, is_digest, sections, view
from alerts.wording import web_address
from model import Alert, ChannelError, Timeline

_AnyEnvironment = TypeVar("_AnyEnvironment", bound=Environment)

SUBJECT = "subject.txt.j2"
LETTER = "letter.txt.j2"
PAGE = "letter.html.j2"
MESSAGE = "message.txt.j2"
MOST_IN_DIGEST = 60  # a mail program cuts a letter above about 100 kB; a card takes about 1 kB
_OURS = "tollwatch/"  # how a user's template names a built-in one
_LONGEST = 1_000_000  # characters that a template may write
_LARGEST = 256 * 1024  # bytes of a template
_MOST_FILES = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture as a page shows it: a PNG, its size in px, its words, and the address that the page gives it."""

    png: bytes
    width: int
    height: int
    words: str
    address: str = ""


class TemplateProblemError(Exception):
    """What is wrong with a template: its message names file, line and problem."""


# ------------------------------------------------------------------------------------------- what a template knows


def context(alert: Alert, *, picture: Picture | None = None) -> dict[str, Any]:
    """Return the values of a template; docs/configuration.md describes them."""
    shown, left_out = _shown(sections(alert)) if is_digest(alert) else ((), 0)
    figures = view(alert) if alert.changes and not is_digest(alert) else None
    return {
        "alert": alert,
        "headline": headline(alert),
        "preview": preview(alert),
        "body": body(alert),
        "figures": figures,
        "sections": shown,
        "left_out": left_out,
        "picture": picture,
        "text": text.render(alert),
    }


KNOWN = frozenset(
    ("alert", "headline", "preview", "body", "figures", "sections", "left_out", "picture", "text")
)  # fmt: skip


def preview(alert: Alert) -> str:
    """Return the line that a mailbox shows after the subject."""
    if is_digest(alert):
        return " · ".join(f"{section.event}: {section.cards[0].figure}" for section in sections(alert)[:4])
    if alert.changes:
        lead = view(alert).lead
        return f"{lead.kind} · {lead.byline} · {''.join(piece.text for piece in lead.now.pieces)}"
    return " ".join(body(alert))


def _shown(all_sections: tuple[Section, ...]) -> tuple[tuple[Section, ...], int]:
    """Cut a digest to what a letter holds; returns also how many changes are left out."""
    shown: list[Section] = []
    room = MOST_IN_DIGEST
    for section in all_sections:
        if room:
            shown.append(Section(event=section.event, cards=section.cards[:room]))
        room = max(0, room - len(section.cards))
    return tuple(shown), max(0, sum(len(section.cards) for section in all_sections) - MOST_IN_DIGEST)


def picture_of(png: bytes, timeline: Timeline, *, width: int, address: str) -> Picture:
    """Return a PNG as a page shows it, `width` px wide."""
    # The header of a PNG has its size at a fixed place.
    across, down = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    return Picture(
        png=png, width=width, height=round(down * width / across), words=cut_description(timeline), address=address
    )


# -------------------------------------------------------------------------------------------------- the built-in page


def page(alert: Alert, picture: Picture | None = None) -> str:
    """Return the alert as a whole HTML document."""
    return _built_in().get_template(_OURS + PAGE).render(context(alert, picture=picture))


def fragment(alert: Alert) -> str:
    """Return what is inside the page's card alone, for a reader that has a style of its own."""
    return _built_in().get_template(f"{_OURS}message.html.j2").render(context(alert))


@lru_cache(maxsize=1)
def _built_in() -> Environment:
    return _ready(Environment(autoescape=True, **_MANNERS, loader=_Files({})))


# ------------------------------------------------------------------------------------------------- a user's own


def load(folder: Path, *, channel: str, names: tuple[str, ...]) -> dict[str, str]:
    """Read the templates of a folder, by file name. Raises ChannelError at the first that is wrong.

    `names` are those that the channel fills; a file of another name is there to be included by them.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(".j2"))
        found = {path.name: _read(path) for path in paths[:_MOST_FILES]}
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ChannelError(channel=channel, what=f"cannot read {folder}: {error}", remedy="mend the folder") from error
    if not set(names) & set(found):
        known = ", ".join(names)
        raise ChannelError(channel=channel, what=f"{folder} holds none of {known}", remedy="add one of them")
    for name in found:
        try:
            check(found, name)
        except TemplateProblemError as error:
            raise ChannelError(channel=channel, what=str(folder / str(error)), remedy="mend the template") from None
    return found


def check(templates: Mapping[str, str], name: str) -> None:
    """Compile a template. Raises TemplateProblemError where it is no template or asks for what is not there."""
    environment = _sandbox(tuple(templates.items()))
    try:
        environment.get_template(name)
        unknown = find_undeclared_variables(environment.parse(templates[name], name)) - KNOWN
    except TemplateError as error:
        raise TemplateProblemError(explain(name, error)) from error
    if unknown and name in {SUBJECT, LETTER, PAGE, MESSAGE}:
        first = min(unknown)
        line = next((at for at, it in enumerate(templates[name].splitlines(), 1) if re.search(rf"\b{first}\b", it)), 1)
        raise TemplateProblemError(f"{name}, line {line}: {first!r} is nothing that a template knows")


def fill(templates: Mapping[str, str], name: str, values: Mapping[str, Any]) -> str:
    """Fill a user's template. Raises whatever a template can; `explain` says what and where."""
    pieces: list[str] = []
    length = 0
    for piece in _sandbox(tuple(templates.items())).get_template(name).generate(values):
        pieces.append(piece)
        length += len(piece)
        if length > _LONGEST:
            raise ValueError(f"writes more than {_LONGEST:,} characters")
    return "".join(pieces)


def explain(name: str, error: BaseException) -> str:
    """Say what went wrong in a template: file, line, and the problem."""
    what = str(error) or type(error).__name__
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or name}, line {error.lineno}: {error.message}"
    if isinstance(error, TemplateNotFound):
        what = f"there is no template {error.name!r}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith(".j2"):
            return f"{frame.filename}, line {frame.lineno}: {what}"
    return f"{name}: {what}"


@lru_cache(maxsize=16)
def _sandbox(templates: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=_is_page, undefined=StrictUndefined, **_MANNERS, loader=_Files(dict(templates))
    )
    return _ready(environment)


# ------------------------------------------------------------------------------------------------------- the files

_MANNERS: Mapping[str, Any] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "auto_reload": False,
}


class _Files(BaseLoader):
    """The files of a user's folder as they were read, and the built-in ones under `tollwatch/`."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = templates

    def get_source(self, _: Environment, template: str) -> tuple[str, str, None]:
        if template.startswith(_OURS):
            source = files(__package__).joinpath(Path(template).name)
            if source.name.endswith(".j2") and source.is_file():
                return source.read_text(encoding="utf-8"), template, None
        elif template in self._templates:
            return self._templates[template], template, None
        raise TemplateNotFound(template)


def _read(path: Path) -> str:
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"{path.name} is larger than {_LARGEST // 1024} KiB")
    return path.read_text(encoding="utf-8")


def _is_page(name: str | None) -> bool:
    return name is None or ".html" in name


def _ready(environment: _AnyEnvironment) -> _AnyEnvironment:
    environment.filters["web_address"] = web_address
    environment.filters["unbroken"] = _unbroken
    return environment


def _unbroken(words: str) -> Markup:
    """Keep a step such as (+228, +31 %) on one line."""
    joined = words.replace(" %)", "\xa0%)").replace(", +", ",\xa0+").replace(", −", ",\xa0−")
    return escape(joined)

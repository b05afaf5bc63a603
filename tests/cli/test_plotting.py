"""`tollwatch plot`: the picture in a file, or a sentence that says what to give instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive import Archive
from cli.plotting import draw
from model import InputError, Who
from tests.desk import dead, desk, reading


@pytest.fixture(scope="module")
def archive() -> Archive:
    of = desk()
    of.take(reading(dead(12), dead(3, who=Who.CHILDREN)), at=0)
    of.take(reading(dead(31), url="https://two.example/ferry", at=4), at=4)
    return of.archive


def event_in(archive: Archive) -> str:
    return str(archive.queries.events()[0]["id"])


@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<svg"), ("a.PNG", b"\x89PNG")])
def test_a_picture_is_of_the_kind_that_its_file_is_called(
    archive: Archive, tmp_path: Path, name: str, begins: bytes
) -> None:
    said = draw(archive, event_in(archive), tmp_path / name, group=None, dark=False)
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert said.endswith("--group draws one of: children killed")


def test_a_group_is_chosen_by_its_words(archive: Archive, tmp_path: Path) -> None:
    said = draw(archive, "ferry", tmp_path / "a.svg", group="Children killed", dark=True)
    assert "a.svg: children killed, " in said
    assert b"Children killed" in (tmp_path / "a.svg").read_bytes()


@pytest.mark.parametrize(
    ("event", "file", "group", "said"),
    [
        ("flood", "a.svg", None, "flood: is no event that is known; `tollwatch timeline` lists them"),
        ("ferry", "a.svg", "women", '--group takes "people killed", "children killed"'),
        ("ferry", "a.jpg", None, "is no kind of picture that is drawn; end it in .svg or .png"),
        ("ferry", "none/a.svg", None, "cannot be written (No such file or directory); name another file with -o"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    archive: Archive, tmp_path: Path, event: str, file: str, group: str | None, said: str
) -> None:
    with pytest.raises(InputError) as raised:
        draw(archive, event, tmp_path / file, group=group, dark=False)
    assert str(raised.value).endswith(said)

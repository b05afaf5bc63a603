"""The process that draws, and fills the templates that users wrote; alerts/studio.py starts it and asks by its input.

It knows no secret, its memory is bounded, and its time is what its parent gives it.
"""

from __future__ import annotations

import gc
import resource
import sys
from typing import BinaryIO

import msgspec

import plot
from alerts.letter import DRAWN_WIDTH, picture_of
from alerts.studio import LENGTH, Made, Work
from alerts.templates import context, explain, fill
from model import Timeline

_MEMORY = 512 * 1024 * 1024  # bytes of data; a picture takes a fifth of it
_SCALE = 2.5


def main() -> None:
    """Answer each work until the input ends."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not stand among the answers
    while body := _read(source):
        answer = msgspec.msgpack.encode(make(msgspec.msgpack.decode(body, type=Work)))
        sink.write(len(answer).to_bytes(LENGTH) + answer)
        sink.flush()
        # A picture is thousands of values that hold each other: left to themselves 90 of them had grown to 45 MB. What
        # is there for good is looked through once only.
        gc.collect()
        gc.freeze()


def make(work: Work) -> Made:
    """Draw, then fill the templates, which may show what was drawn."""
    drawn, problems = _draw(work.timeline)
    texts: dict[str, str] = {}
    if work.alert is not None:
        shown = picture_of(drawn, work.timeline, work.picture) if drawn and work.timeline else None
        values = context(work.alert, picture=shown)
        for name in work.names:
            try:
                texts[name] = fill(work.templates, name, values)
            except Exception as error:  # a template may raise whatever there is
                problems = (*problems, explain(name, error))
    return Made(picture=drawn, texts=texts, problems=problems)


def _draw(timeline: Timeline | None) -> tuple[bytes, tuple[str, ...]]:
    if timeline is None:
        return b"", ()
    try:
        return plot.png(timeline, width_px=DRAWN_WIDTH, scale=_SCALE), ()
    except Exception as error:  # a letter without its picture is better than none
        return b"", (f"no picture: {type(error).__name__}: {error}",)


def _read(source: BinaryIO) -> bytes:
    length = source.read(LENGTH)
    return source.read(int.from_bytes(length)) if len(length) == LENGTH else b""


if __name__ == "__main__":
    main()

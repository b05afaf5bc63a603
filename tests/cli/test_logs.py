"""What the daemon logs shows no secret, on a terminal neither."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from alerts.channels.secrecy import keep_from_logs
from cli.logs import to_stderr
from config.values import Secret


class Screen(io.StringIO):
    """Standard error as a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[io.StringIO, Screen])
def errors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream: io.StringIO = request.param()
    monkeypatch.setattr(sys, "stderr", stream)
    to_stderr()
    yield stream
    structlog.reset_defaults()


def test_an_error_is_logged_without_what_variables_hold_and_without_secrets(errors: io.StringIO) -> None:
    keep_from_logs([Secret("wörd of pass", origin="P")])
    held = "what a variable holds".upper()
    try:
        raise ValueError("no wörd of pass", len(held))
    except ValueError:
        structlog.get_logger().exception("a job failed", job="https://desk.example/wörd of pass")
    said = errors.getvalue()
    assert "a job failed" in said
    assert "ValueError" in said
    assert not [shown for shown in ("of pass", "WHAT A VARIABLE") if shown in said]

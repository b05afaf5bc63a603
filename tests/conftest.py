"""What several tests look at, made once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """A demo that ran: what it showed, and the archive that it left."""

    shown: str
    archive: Path


@pytest.fixture(autouse=True)
def logs_as_nobody_set_them_up() -> Iterator[None]:
    """A command that a test runs in its own process sets logs up; what is said in later tests would not be heard."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    ran = subprocess.run(
        [sys.executable, "-m", "cli", "demo"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    (archive,) = folder.glob("*/tollwatch.db")
    return Demo(shown=ran.stdout, archive=archive)

"""One dashboard for all tests of this directory that change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.rig import Served, make_archive, serve


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive; a test that changes it takes a copy."""
    return make_archive(tmp_path_factory.mktemp("dashboard"))


@pytest.fixture(scope="session")
def dashboard(archive: Path) -> Iterator[Served]:
    with serve(archive) as served:
        yield served

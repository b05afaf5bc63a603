"""Imports go one way: model <- config <- everything; the four parts do not know each other; a library has one home."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = {"crawler", "extract", "archive", "alerts"}
OURS = PARTS | {
    "model",
    "config",
    "monitor",
    "painting",
    "placing",
    "plot",
    "settling",
    "stood",
    "views",
    "deciding",
    "telling",
    "noticing",
    "jobs",
    "health",
    "scheduler",
    "dashboard",
    "cli",
    "demo",
    "bench",
}

ALLOWED = {
    "model": set(),
    "config": {"model"},
    **{part: {"model", "config", part} for part in PARTS},
    "views": {"model", "archive", "extract"},
    "settling": {"model", "archive", "extract"},
    "stood": {"archive", "extract"},
    "placing": {"model", "archive", "extract", "settling"},
    "deciding": {"model", "archive", "placing", "settling", "views"},
    "telling": {"model", "config", "archive", "alerts", "extract", "views"},
    "noticing": {"model", "archive", "alerts", "crawler", "jobs"},
    "monitor": {"model", "archive", "extract", "deciding", "placing", "settling", "telling"},
    "health": {"model"},
    "plot": {"model", "alerts"},
    "painting": {"model", "alerts", "plot"},
    "jobs": {"model", "archive", "crawler", "extract", "monitor"},
    "scheduler": OURS - {"cli", "dashboard", "demo", "bench"},
    "dashboard": {"model", "config", "archive", "alerts", "crawler", "extract", "plot", "stood"},
    "cli": OURS - {"bench"},
    "demo": OURS - {"cli", "bench"} | {"cli"},
    "bench": OURS,
}
HOMES = {
    "scrapy": {"crawler"},
    "twisted": {"crawler"},
    "feedparser": {"crawler"},
    "trafilatura": {"extract/text.py"},
    "htmldate": {"extract/text.py"},
    "babel": {"extract/places.py"},
    "sqlite_utils": {"archive"},
    "sqlite3": {"archive"},
    "warcio": {"archive/captures.py", "archive/warcs.py"},
    "apscheduler": {"scheduler.py"},
    "aiosmtplib": {"alerts"},
    "apprise": {"alerts/channels/apprise.py"},
    "slack_sdk": {"alerts/channels/slack_bot.py"},
    "datasette": {"dashboard"},
    "uvicorn": {"dashboard"},
    "matplotlib": {"plot.py"},
    "jinja2": {"alerts/templates/__init__.py", "dashboard/site.py"},
}


def _modules() -> list[Path]:
    tracked = [path for name in OURS for path in (ROOT / name).rglob("*.py")] + list(ROOT.glob("*.py"))
    return sorted(path.relative_to(ROOT) for path in tracked)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.split(".")[0] for name in found}


@pytest.mark.parametrize("path", _modules(), ids=str)
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    part = path.parts[0].removesuffix(".py")
    assert _imports(path) & OURS <= ALLOWED[part] | {part}


@pytest.mark.parametrize("path", _modules(), ids=str)
def test_a_library_is_used_in_its_home_only(path: Path) -> None:
    if path.parts[0] == "bench":
        pytest.skip("a bench measures the bare libraries")
    for library in _imports(path) & set(HOMES):
        assert path.parts[0] in HOMES[library] or path.as_posix() in HOMES[library], library


def test_extract_reads_no_clock_and_no_network() -> None:
    for path in (ROOT / "extract").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert ".now(" not in text, path
        assert _imports(path.relative_to(ROOT)).isdisjoint(
            {"time", "socket", "urllib3", "aiohttp", "logging", "structlog"}
        ), path

"""The benches run, and their last line says what they promise."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _figures(*command: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", *command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures: dict[str, Any] = json.loads(line)
    return figures


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the meters are Linux's")
def test_the_crawl_is_measured_beside_bare_trafilatura(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    paragraphs = "".join(f"<p>At least {n} people were killed in Mossby, police said.</p>" for n in range(2, 9))
    for name in ("one", "two"):
        (tmp_path / "pages" / f"{name}.html").write_text(f"<html><body><h1>{name}</h1>{paragraphs}</body></html>")
    right = {"path": "one.html", "body": "At least 2 people were killed in Mossby, police said."}
    (tmp_path / "pages.jsonl").write_text(json.dumps(right))
    figures = _figures("bench.crawl", "--pages", str(tmp_path / "pages"), "--size", "4", "--seconds", "0.5")
    assert figures["pages"] == 4
    assert {"pages_per_s", "trafilatura_pages_per_s", "ratio", "ratio_wall", "lag_p99_ms"} <= figures.keys()
    assert {"idle_5000_feeds_core_share", "idle_5000_feeds_mb"} <= figures.keys()
    assert 0 < figures["text_f1"] < 1


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the meters are Linux's")
def test_the_import_is_measured_beside_bare_trafilatura(tmp_path: Path) -> None:
    for name in ("one", "two"):
        paragraphs = "".join(f"<p>At least {n} people were killed in {name}, police said.</p>" for n in range(2, 9))
        (tmp_path / f"{name}.html").write_text(f"<html><body><h1>{name}</h1>{paragraphs}</body></html>")
    figures = _figures("bench.importing", "--pages", str(tmp_path), "--size", "6")
    assert figures["outcomes"] == {"new_article": 6}
    assert {"articles_per_s", "trafilatura_articles_per_s", "ratio", "ratio_cpu", "peak_mb"} <= figures.keys()


def test_bent_input_is_counted_by_kind() -> None:
    figures = _figures("bench.fuzz", "--inputs", "15", "--seed", "7")
    assert figures["inputs"] == sum(figures["inputs_by_kind"].values()) == 15
    assert (figures["failures"], figures["hung"]) == (0, 0)
    assert figures["slowest_s"] > 0


def test_changes_are_timed_from_the_poll_that_saw_them_to_every_receiver() -> None:
    figures = _figures("bench.alerts", "--changes", "3", "--minutes", "0.05")
    assert (figures["changes"], figures["alerts"], figures["lost"]) == (3, 3, 0)
    assert 0 < figures["until_asked_p50_ms"] < figures["latency_p50_ms"] <= figures["latency_p99_ms"]
    assert figures["channels"].keys() == {"mail", "hook", "slack"}

"""The benches run, and their last line says what they promise."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.stock import make_stock
from extract.claims import read_claims

ROOT = Path(__file__).resolve().parents[1]
_HEAD = 900  # characters of a made text that hold all its figures
_BROKEN = {
    "a figure stands in its own series": """SELECT * FROM series s WHERE current_figure IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM figures f WHERE f.id = s.current_figure AND f.series_id = s.id)""",
    "an event counts its articles": """SELECT * FROM events e
        WHERE articles <> (SELECT COUNT(*) FROM event_articles ea WHERE ea.event = e.id)""",
    "a claim stands where it says": """SELECT * FROM claims c JOIN revisions r ON r.id = c.revision_id
        WHERE substr(r.reading_text, c.start + 1, c.end - c.start) <> c.phrase""",
    "a quote is of its text": """SELECT * FROM figures f JOIN revisions r ON r.id = f.revision_id
        WHERE instr(r.reading_text, f.quote) = 0""",
    "an article knows its newest text": """SELECT * FROM articles a
        WHERE revision_id <> (SELECT MAX(id) FROM revisions r WHERE r.article_id = a.id)""",
    "what is told was a figure": """SELECT * FROM series s WHERE told IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM figures f WHERE f.series_id = s.id AND f.number = s.told)""",
    "rows are counted": """SELECT 'articles', COUNT(*) FROM articles UNION ALL SELECT 'claims', COUNT(*) FROM claims
        UNION ALL SELECT 'events', COUNT(*) FROM events UNION ALL SELECT 'revisions', COUNT(*) FROM revisions
        EXCEPT SELECT kept, rows FROM row_counts""",
    "deliveries are counted": """SELECT channel, state, COUNT(*) FROM deliveries GROUP BY channel, state
        EXCEPT SELECT channel, state, deliveries FROM channel_counts""",
    "disagreements are those of what stands": """SELECT event, outcome, who, MIN(number), MAX(number)
        FROM current_figures WHERE NOT hedged GROUP BY event, outcome, who, subset HAVING MIN(number) < MAX(number)
        EXCEPT SELECT event, outcome, who, lowest, highest FROM disagreements""",
}


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


def test_an_archive_is_asked_while_it_is_written(tmp_path: Path) -> None:
    figures = _figures("bench.archive", "--size", "150", "--runs", "1", "--keep", str(tmp_path))
    assert figures["articles"] >= 150
    assert figures["claims"] > figures["articles"]
    assert min(figures["bytes"], figures["insert_per_s"], figures["worst_p95_ms"]) > 0
    assert figures["worst_p95_ms"] == figures["asked"][figures["worst"]]["p95_ms"]


def test_a_stock_is_what_a_monitor_would_have_kept(tmp_path: Path) -> None:
    make_stock(tmp_path / "archive.db", 300, until=datetime(2026, 11, 1, tzinfo=UTC), quiet=True)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO revisions_fts(revisions_fts, rank) VALUES ('integrity-check', 1)")
        for what, broken in _BROKEN.items():
            assert db.execute(f"SELECT * FROM ({broken}) LIMIT 3").fetchall() == [], what
        for text, published, revision in db.execute(
            "SELECT reading_text, published, id FROM revisions LIMIT 12"
        ).fetchall():
            kept = db.execute(
                "SELECT start, end, outcome, who, source FROM claims WHERE revision_id = ? ORDER BY id", [revision]
            )
            read = read_claims(text[:_HEAD], published=datetime.fromisoformat(published), language="en")
            assert kept.fetchall() == [(c.start, c.end, c.outcome, c.who, c.source) for c in read]

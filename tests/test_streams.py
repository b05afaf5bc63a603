from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SCORER = SHARED / "eval" / "score_alerts.py"
STREAMS = sorted((SHARED / "gold").glob("stream-*.jsonl"))
# Where an alert is told of another source: one that is called by a description only and named in another article.
FLOORS = {"stream-dev-1-coastal-massacres": 0.95}
REPLAY = [sys.executable, "-m", "cli", "replay", "--jsonl"]


@pytest.mark.skipif(not STREAMS or not SCORER.is_file(), reason="the annotated streams are not beside this checkout")
@pytest.mark.parametrize("stream", STREAMS or [SHARED], ids=lambda stream: stream.stem)
def test_every_alert_of_an_annotated_stream_is_told_and_no_other(stream: Path) -> None:
    command = [sys.executable, str(SCORER), "--json", str(stream), "--", *REPLAY]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    figures = json.loads(told)
    assert (figures["recall"], figures["precision"], figures["quiet_broken"]) == (1.0, 1.0, 0)
    assert min(figures["kind"], figures["source"]) >= FLOORS.get(stream.stem, 1.0)

"""Real pages of many outlets, whose right bodies and days are known: what the reader must not fall below."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from extract.text import read_article
from model import Article, ArticleKind, Page

CORPORA = Path(__file__).resolve().parents[2].parent / "shared" / "corpora"
BENCHMARK = CORPORA / "article-extraction-benchmark"
pytestmark = pytest.mark.skipif(not CORPORA.exists(), reason="the corpora of real pages are not here")

# Measured figures less .002, which is what the last digits of the libraries below us may move. Bare trafilatura:
# .960, .972, .992 and .959.
ALL_F1, ENGLISH_F1, DAY_RIGHT, BENCHMARK_F1 = 0.968, 0.976, 0.990, 0.961
OTHER_THAN_ARTICLES = 0.01  # share of real articles that may be called something else


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def _f1(said: str, truth: str) -> float:
    ours, right = _words(said), _words(truth)
    return 2 * sum((ours & right).values()) / max(1, ours.total() + right.total())


def _read(path: Path, url: str, fetched: str = "2026-11-01") -> Article:
    when = datetime.fromisoformat(fetched).replace(tzinfo=UTC)
    body = gzip.decompress(path.read_bytes())
    return read_article(
        Page(url=url, final_url=url, outlet="real", fetched=when, milliseconds=0, status=200, body=body)
    )


@cache
def _outlets() -> list[tuple[dict[str, Any], Article]]:
    with (CORPORA / "pages.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row, _read(CORPORA / "pages" / row["path"], row["url"], row["crawled"])) for row in rows]


@cache
def _benchmark() -> list[tuple[dict[str, Any], Article]]:
    rows = json.loads((BENCHMARK / "ground-truth.json").read_text(encoding="utf-8"))
    return [(row, _read(BENCHMARK / "html" / f"{name}.html.gz", row["url"])) for name, row in rows.items()]


def _mean(values: Iterator[float]) -> float:
    all_values = list(values)
    return sum(all_values) / len(all_values)


def test_bodies_of_many_outlets_are_right() -> None:
    assert _mean(_f1(read.text, row["body"]) for row, read in _outlets()) >= ALL_F1


def test_english_bodies_are_right() -> None:
    assert _mean(_f1(read.text, row["body"]) for row, read in _outlets() if row["lang"] == "en") >= ENGLISH_F1


def test_bodies_of_the_benchmark_are_right() -> None:
    assert _mean(_f1(read.text, row["articleBody"]) for row, read in _benchmark()) >= BENCHMARK_F1


def test_the_day_of_publication_is_right() -> None:
    dated = [(row["published"], read.published) for row, read in _outlets() if row["published"]]
    right = [
        said is not None and abs((said.date() - datetime.fromisoformat(truth).date()).days) <= 1
        for truth, said in dated
    ]
    assert sum(right) / len(right) >= DAY_RIGHT


def test_articles_are_taken_for_articles() -> None:
    reads = [read for _, read in [*_outlets(), *_benchmark()]]
    others = [read.url for read in reads if read.kind is not ArticleKind.ARTICLE]
    assert len(others) <= OTHER_THAN_ARTICLES * len(reads), others


def test_english_pages_are_english_and_others_are_not() -> None:
    wrong = [read.url for row, read in _outlets() if (row["lang"] == "en") != (read.language == "en")]
    assert not wrong

"""Every question of the cookbook has one answer on the demo's archive: in sqlite3, sqlite-utils and Datasette alike."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from sqlite_utils.cli import cli as sqlite_utils

from tests.conftest import Demo

COOKBOOK = (Path(__file__).resolve().parents[1] / "docs/cookbook.md").read_text(encoding="utf-8")
QUESTIONS = dict(re.findall(r"^## (.+?\?)\n.*?^```sql\n(.+?)^```", COOKBOOK, re.MULTILINE | re.DOTALL))
GIVEN = {
    "event": "%Kestria%",
    "since": "2020-01-01T00:00:00.000Z",
    "factor": "1.2",
    "party": "%ministry%",
    "words": '"red crescent" OR wounded',
}
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def given(demo: Demo) -> Mapping[str, str]:
    """The parameters; `at` is after the first crawl and before the second."""
    with sqlite3.connect(demo.archive) as db:
        (first, last) = db.execute("SELECT MIN(fetched), MAX(fetched) FROM revisions").fetchone()
    db.close()
    assert first < last
    return {**GIVEN, "at": first}


def parameters(sql: str, given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in set(re.findall(r"(?<![:\w]):([a-z]+)", sql))}


def in_sqlite3(archive: Path, sql: str, given: Mapping[str, str]) -> Rows:
    """By the command line tool where there is one, else by the library that it is made of."""
    if shutil.which("sqlite3") is None:
        db = sqlite3.connect(archive)
        db.row_factory = sqlite3.Row
        rows = [dict(row) for row in db.execute(sql, given)]
        db.close()
        return rows
    quoted = {name: "'" + value.replace("'", "''") + "'" for name, value in given.items()}
    settings = [
        f'.parameter set :{name} "{value.replace(chr(34), chr(92) + chr(34))}"' for name, value in quoted.items()
    ]
    script = "\n".join([*settings, ".mode json", sql])
    answered = subprocess.run(
        ["sqlite3", "-readonly", str(archive)], input=script, capture_output=True, text=True, check=True
    )
    assert answered.stderr == ""
    return json.loads(answered.stdout or "[]")  # type: ignore[no-any-return]


def in_sqlite_utils(archive: Path, sql: str, given: Mapping[str, str]) -> Rows:
    named = [part for name, value in given.items() for part in ("-p", name, value)]
    asked = CliRunner().invoke(sqlite_utils, ["query", str(archive), sql, *named], catch_exceptions=False)
    assert asked.exit_code == 0, asked.output
    return json.loads(asked.stdout)  # type: ignore[no-any-return]


async def in_datasette(archive: Path, sql: str, given: Mapping[str, str]) -> Rows:
    datasette = Datasette([str(archive)], settings={"sql_time_limit_ms": 20_000})
    answered = await datasette.client.get("/tollwatch.json", params={"sql": sql, "_shape": "array", **given})
    assert answered.status_code == 200, answered.text
    return answered.json()  # type: ignore[no-any-return]


def test_there_are_fifteen_questions_at_least_and_each_is_asked_once() -> None:
    assert len(QUESTIONS) == COOKBOOK.count("```sql\n") == COOKBOOK.count("\n## ") >= 15


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_has_one_answer_wherever_it_is_asked(
    question: str, demo: Demo, given: Mapping[str, str]
) -> None:
    sql = QUESTIONS[question]
    asked = parameters(sql, given)
    rows = in_sqlite_utils(demo.archive, sql, asked)
    assert rows
    assert in_sqlite3(demo.archive, sql, asked) == rows
    assert await in_datasette(demo.archive, sql, asked) == rows


def test_who_was_first_is_who_published_first(demo: Demo) -> None:
    sql = QUESTIONS["Who was first with a number, and how far behind were the others?"]
    first = in_sqlite3(demo.archive, sql, {"event": "%quake%"})[0]
    assert (first["first_outlet"], first["outlets"]) == ("kpa", 3)

"""The documentation says what is there: every table, view, verdict and command."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from archive import Archive
from archive.describe import descriptions, with_tables
from cli.commands import tollwatch
from extract.compare import ROWS, TITLES
from extract.explain import RULES
from model import Kind

DOCS = Path(__file__).resolve().parents[1] / "docs"
BORROWING = {"source_health", "alert_log"}  # views whose columns are for the most part described by their tables
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")


def _schema() -> dict[str, tuple[str, ...]]:
    archive = Archive.in_memory()
    try:
        return archive.queries.columns()
    finally:
        archive.close()


def test_every_table_view_and_column_is_described_and_nothing_else() -> None:
    told = {name: set(described.columns) for name, described in descriptions().items()}
    schema = {name: set(columns) for name, columns in _schema().items()}
    assert told.keys() == schema.keys(), "archive/descriptions.toml tells every table and view"
    for name, columns in schema.items():
        assert columns <= told[name], f"archive/descriptions.toml: [{name}.columns] tells every column"
        assert columns == told[name] or name in BORROWING, f"archive/descriptions.toml: [{name}.columns] tells no other"


def test_the_tables_of_the_archive_are_documented_as_they_are_described() -> None:
    document = (DOCS / "archive.md").read_text(encoding="utf-8")
    assert with_tables(document, _schema()) == document, "`make docs` writes them anew"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PARTS_EXCEED_TOTAL])
def test_every_verdict_is_described(kind: Kind) -> None:
    assert f"`{kind}`" in (DOCS / "verdicts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ["7", *(name for name, _ in ROWS)])
def test_every_row_of_the_decision_table_is_described_as_a_verdict_is_explained(row: str) -> None:
    assert f"| {row} | {TITLES[row]} |" in (DOCS / "verdicts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_reading_is_described(rule: str) -> None:
    assert f"| `{rule}` |" in (DOCS / "reading.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(tollwatch.commands))
def test_every_command_is_in_the_readme_and_explains_itself(name: str) -> None:
    command = tollwatch.commands[name]
    assert isinstance(command, click.Command)
    assert name in README
    assert command.help

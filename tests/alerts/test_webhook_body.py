"""The body of a webhook is what its published schema says, for every alert that there is."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from alerts import webhook
from tests.alerts.samples import ALERTS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PUBLISHED = json.loads((DOCS / "webhook.schema.json").read_text(encoding="utf-8"))


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json.loads(json.dumps(webhook.schema())) == PUBLISHED


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_is_valid_under_the_published_schema(name: str) -> None:
    jsonschema.validate(json.loads(webhook.encode(ALERTS[name])), PUBLISHED)


def test_a_body_without_its_type_is_not_valid() -> None:
    body = json.loads(webhook.encode(next(iter(ALERTS.values()))))
    del body["type"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, PUBLISHED)


def _fields(name: str) -> list[str]:
    return list(PUBLISHED["$defs"][name]["properties"])


@pytest.mark.parametrize(
    "name", ["Body", "Alert", "Told", "Value", "Quote", "Behind", "OtherVoice", "Timeline", "TimelinePoint"]
)
def test_every_field_is_explained(name: str) -> None:
    page = (DOCS / "webhook.md").read_text(encoding="utf-8")
    assert [field for field in _fields(name) if f"`{field}`" not in page] == []

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cli.reading import written_time
from extract.claims import read_claims
from model import Claim
from tests.extract.corpus_reader import CORPORA, CORPUS, examples

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))
GOLDS = FLOORS["gold"]


def options(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def words(name: str) -> set[str]:
    plain = "".join(letter if letter.isalnum() else " " for letter in name.lower())
    return set(plain.split()) - {"the", "a", "an", "s", "of", "for", "and", "in", "at", "on", "to", "its", "said"}


def same_source(gold: Any, said: list[str]) -> bool:
    if not gold or not said:
        return (not gold and not said) or (not said and None in gold)
    return any(words(a) <= words(b) or words(b) <= words(a) for a in gold if a for b in said if words(a) and words(b))


def same_value(gold: dict[str, Any], claim: Any) -> bool:
    if "vague" in options(gold["qualifier"]):
        return bool(claim.qualifier == "vague")
    fair = [(gold["low"], gold["high"])]
    if len(options(gold["qualifier"])) > 1:
        n = gold["low"] if gold["low"] is not None else gold["high"]
        fair += [(n, n), (n, None), (n - 1, n - 1)]
    return (claim.low, claim.high) in fair


def same_place(gold: dict[str, Any], claim: Any) -> bool:
    return "start" not in gold or (claim.start < gold["start"] + len(gold["phrase"]) and gold["start"] < claim.end)


def is_full(gold: dict[str, Any], claim: Any) -> bool:
    said = [name for name in (claim.source, claim.source_text) if name]
    return (
        claim.who in options(gold["who"])
        and claim.scope in options(gold["scope"])
        and same_source(gold["source"], said)
    )


def _read(document: dict[str, Any]) -> tuple[Claim, ...]:
    published = written_time(document.get("published"))
    return read_claims(document["text"], published=published, language=document.get("lang") or "en")


def score(name: str) -> tuple[float, float]:
    """F1 of the claims, and F1 where who, scope and source must agree as well; background is no matter of either."""
    right = full = said = wanted = 0
    for line in (SHARED / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        found = list(_read(document))
        for gold in document["claims"]:
            background = "background" in options(gold["scope"])
            near = [c for c in found if same_place(gold, c) and (background or c.scope != "background")]
            fits = [c for c in near if same_value(gold, c) and c.outcome in options(gold["outcome"])]
            wanted += not background
            for claim in near if background else fits[:1]:
                found.remove(claim)
            if fits and not background:
                right, full = right + 1, full + is_full(gold, fits[0])
        said += sum(claim.scope != "background" for claim in found)
    return 2 * right / (said + right + wanted), 2 * full / (said + right + wanted)


@pytest.mark.skipif(not (SHARED / "gold").is_dir(), reason="the annotated texts are not at hand")
@pytest.mark.parametrize("name", GOLDS)
def test_accuracy_on_annotated_texts_stays_above_its_floor_and_the_floor_close_below(name: str) -> None:
    for measure, reached in zip(("f1", "full_f1"), score(name), strict=True):
        floor = GOLDS[name][measure]
        assert reached >= floor - FLOORS["epsilon"], f"{name}: {measure} fell to {reached:.4f}"
        assert reached <= floor + FLOORS["slack"], f"{name}: raise the floor of {measure} to {reached:.4f}"


@pytest.mark.parametrize("language", CORPORA)
def test_a_corpus_is_not_changed_silently(language: str) -> None:
    content = (CORPUS / f"{CORPORA[language]}.txt").read_bytes()
    reached = hashlib.sha256(content).hexdigest()
    assert reached == FLOORS["corpus"][language], f'if the change is meant, set {language} = "{reached}" in floors.toml'


@pytest.mark.parametrize("language", CORPORA)
def test_a_corpus_has_what_must_and_what_must_not_be_read(language: str) -> None:
    texts = examples(language)
    read = sum(bool(example.claims) for example in texts)
    assert read >= (50 if language == "en" else 25)
    assert len(texts) - read >= (20 if language == "en" else 12)

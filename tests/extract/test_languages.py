"""What holds for every language that claims can be read in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import extract
from extract.languages import REGISTRY, available, guess, lexicon
from extract.quantities import NumberKind, read
from extract.spelling import conjugated, spelled_set
from extract.words import words_of
from model import Outcome, Qualifier, Vague, Who
from tests.extract.corpus_reader import CORPORA

CODE = Path(extract.__file__).parent
OWN_KEYS = ("numbers", "scales", "round_numbers", "paradigms")  # sections whose keys are words of the language
ASKED = re.compile(r"""(?:words\.words|\.pattern|_pattern)\((?:(?:self\.)?language, )?"(\w+)", "([\w.]+)"\)""")


def data(language: str) -> dict[str, Any]:
    return tomllib.loads((CODE / "languages" / REGISTRY[language]).read_text(encoding="utf-8"))


def keys(table: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield f"{path}{key}"
        if isinstance(value, dict) and key not in OWN_KEYS:
            yield from keys(value, f"{path}{key}.")


@pytest.mark.parametrize("language", REGISTRY)
def test_a_language_has_every_section_and_key_that_english_has(language: str) -> None:
    missing = sorted(set(keys(data("en"))) - set(keys(data(language))))
    assert not missing, f"{REGISTRY[language]} lacks {', '.join(missing)}: add each, empty where there is none"
    unknown = sorted(set(keys(data(language))) - set(keys(data("en"))))
    assert not unknown, f"{REGISTRY[language]} has {', '.join(unknown)}, which nothing reads"


def test_english_has_every_key_that_the_code_asks_for() -> None:
    asked = {match for file in CODE.glob("*.py") for match in ASKED.findall(file.read_text(encoding="utf-8"))}
    known = data("en")
    assert len(asked) > 50, "the code no longer asks for words in the way that this test knows"
    missing = sorted(f"{section}.{key}" for section, key in asked if key not in known.get(section, {}))
    assert not missing, f"en.toml lacks {', '.join(missing)}"


@pytest.mark.parametrize("language", REGISTRY)
def test_a_language_has_words_for_every_outcome_and_group(language: str) -> None:
    written = data(language)
    assert set(written["outcome"]) == {outcome.value for outcome in Outcome}
    assert {who for who, words in written["people"].items() if words} == {who.value for who in Who}


@pytest.mark.parametrize("language", REGISTRY)
def test_a_language_has_a_corpus_and_says_which_it_is(language: str) -> None:
    assert language in CORPORA
    assert data(language)["language"] == language
    assert lexicon(language).function_words


@pytest.mark.parametrize("language", REGISTRY)
def test_events_are_told_apart_in_every_language(language: str) -> None:
    words = words_of(language)
    assert len(words.weekdays) == 7
    assert words.common
    assert words.happenings
    assert words.saying
    assert words.corrections


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The river rose in the night and the people of the town were told to leave their homes.", "en"),
        ("Le fleuve est monté dans la nuit et les habitants de la ville ont dû quitter leurs maisons.", "fr"),
        ("El río creció por la noche y los vecinos del pueblo tuvieron que dejar sus casas.", "es"),
        ("Der Fluss stieg in der Nacht, und die Leute im Ort sollten ihre Häuser verlassen.", None),
        ("O rio subiu de noite e os moradores da cidade tiveram de deixar as suas casas.", None),
        ("Il fiume è cresciuto nella notte e gli abitanti del paese hanno dovuto lasciare le loro case.", None),
        ("12 34", None),
    ],
)
def test_a_language_with_a_reader_is_told_by_its_small_words(text: str, language: str | None) -> None:
    assert guess(text) == language
    assert language is None or language in available()


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("fr", "vingt et un", 21),
        ("fr", "soixante-dix-sept", 77),
        ("fr", "quatre-vingts", 80),
        ("fr", "quatre-vingt-onze", 91),
        ("fr", "quatre-vingt-dix-sept", 97),
        ("fr", "cent douze", 112),
        ("fr", "deux cents", 200),
        ("fr", "mille deux cent trente-quatre", 1234),
        ("fr", "deux millions cinq cent mille", 2_500_000),
        ("fr", "1 200", 1200),
        ("fr", "1\u202f200", 1200),
        ("fr", "7.000", 7000),
        ("fr", "1,5 million", 1_500_000),
        ("es", "veintiún", 21),
        ("es", "treinta y uno", 31),
        ("es", "ciento cuarenta y tres", 143),
        ("es", "doscientas", 200),
        ("es", "mil doscientos treinta y cuatro", 1234),
        ("es", "dos millones quinientos mil", 2_500_000),
        ("es", "7.000", 7000),
        ("es", "7,000", 7000),
        ("es", "1.234.567", 1_234_567),
        ("es", "1,5 millones", 1_500_000),
        ("es", "media docena", 6),
    ],
)
def test_a_number_of_another_language_has_its_value(language: str, text: str, value: int) -> None:
    (quantity,) = read(f"{text} {'personnes' if language == 'fr' else 'personas'}", language)
    assert (quantity.low, quantity.high, quantity.kind) == (value, value, NumberKind.COUNT)
    assert quantity.qualifier is Qualifier.EXACT


@pytest.mark.parametrize(
    ("language", "text", "qualifier", "low", "high"),
    [
        ("fr", "au moins 12 morts", Qualifier.AT_LEAST, 12, None),
        ("fr", "plus d'un millier de civils", Qualifier.MORE_THAN, 1001, None),
        ("fr", "une vingtaine de blessés", Qualifier.ABOUT, 20, 20),
        ("fr", "jusqu'à 40 morts", Qualifier.UP_TO, None, 40),
        ("fr", "10 à 15 morts", Qualifier.RANGE, 10, 15),
        ("es", "al menos 12 muertos", Qualifier.AT_LEAST, 12, None),
        ("es", "más de mil civiles", Qualifier.MORE_THAN, 1001, None),
        ("es", "una decena de heridos", Qualifier.ABOUT, 10, 10),
        ("es", "unos 40 heridos", Qualifier.ABOUT, 40, 40),
        ("es", "entre 10 y 15 muertos", Qualifier.RANGE, 10, 15),
    ],
)
def test_a_qualifier_of_another_language_becomes_a_bound(
    language: str, text: str, qualifier: Qualifier, low: int | None, high: int | None
) -> None:
    (quantity,) = read(text, language)
    assert (quantity.qualifier, quantity.low, quantity.high) == (qualifier, low, high)


@pytest.mark.parametrize(
    ("language", "text", "vague"),
    [
        ("fr", "des dizaines de morts", Vague.TENS),
        ("fr", "plusieurs blessés", Vague.SEVERAL),
        ("fr", "des dizaines de milliers de personnes", Vague.TENS_OF_THOUSANDS),
        ("es", "decenas de muertos", Vague.TENS),
        ("es", "cientos de heridos", Vague.HUNDREDS),
        ("es", "cientos de miles de personas", Vague.HUNDREDS_OF_THOUSANDS),
    ],
)
def test_a_vague_word_of_another_language_has_its_entry(language: str, text: str, vague: Vague) -> None:
    (quantity,) = read(text, language)
    assert quantity.vague is vague


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("fr", "le 8 mars", NumberKind.DATE),
        ("fr", "en 2011", NumberKind.DATE),
        ("fr", "à 2h14", NumberKind.CLOCK),
        ("fr", "3,5 millions d'euros", NumberKind.MONEY),
        ("fr", "20 % des votes", NumberKind.RATIO),
        ("fr", "magnitude 6,8", NumberKind.MEASURE),
        ("fr", "pendant 13 heures", NumberKind.DURATION),
        ("fr", "la 12e brigade", NumberKind.ORDINAL),
        ("es", "el 8 de marzo", NumberKind.DATE),
        ("es", "en 2011", NumberKind.DATE),
        ("es", "a las 2:14", NumberKind.CLOCK),
        ("es", "500 euros", NumberKind.MONEY),
        ("es", "20 por ciento", NumberKind.RATIO),
        ("es", "6,8 grados", NumberKind.MEASURE),
        ("es", "durante 13 horas", NumberKind.DURATION),
        ("es", "ruta 12", NumberKind.IDENTIFIER),
    ],
)
def test_a_number_of_another_language_that_counts_nobody_is_typed(language: str, text: str, kind: NumberKind) -> None:
    assert kind in {quantity.kind for quantity in read(text, language)}


def test_an_article_is_a_number_only_where_it_counts() -> None:
    assert [quantity.low for quantity in read("une explosion a fait un mort", "fr")] == [1]
    assert [quantity.low for quantity in read("una explosión dejó un muerto", "es")] == [1]


def test_alternatives_and_verb_classes_are_spelled_out() -> None:
    assert spelled_set("tué(/e/s)|morts") == {"tué", "tuée", "tués", "morts"}
    assert spelled_set("") == frozenset()
    forms = conjugated("trouv~er la mort", {"er": "er|e(/nt)|a|é|ant"})
    assert ("s", "trouvent la mort") in forms
    assert ("part", "trouvé la mort") in forms

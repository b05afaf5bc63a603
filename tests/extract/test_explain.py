"""Why a number is a claim or none: never another answer than the reader's, and always one."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import explain as explaining
from extract import tables
from extract.claims import LONGEST, read_claims
from extract.explain import KINDS, RULES, Explanation, Grounds, explain
from extract.languages import available
from extract.units import NumberKind
from tests.extract.corpus_reader import Example, examples

PUBLISHED = datetime(2026, 3, 11, 9, tzinfo=UTC)
CORPUS = examples("en")
EXTRACT = Path(explaining.__file__).parent

NUMBERS = ("12", "1, 000", "three", "one", "no", "dozens", "or hundreds", "2026", "at least", "up from", "as many", "0")
NOUNS = (
    "people",
    "of them",
    "of the",
    "soldiers",
    "lorries",
    "cartons",
    "deaths",
    "toll",
    "lives",
    "hostages",
    "years",
)
FRAMES = (
    "killed",
    "were",
    "missing",
    "survived",
    "died",
    "police said",
    "It said",
    "the",
    "and",
    "including",
    "|",
    "| Dead |",
)
WORDS = st.sampled_from((*NUMBERS, *NOUNS, *FRAMES, ",", ".", ". The", "?", ";", "(", ")", "-", "%", "\n"))


LANGUAGES = sorted(available())


def read(text: str, language: str = "en") -> tuple[Explanation, ...]:
    return explain(text, published=PUBLISHED, language=language)


def reason(text: str, phrase: str) -> str:
    (number,) = [number for number in read(text) if number.phrase == phrase]
    assert number.claim is None
    assert number.reason is not None
    return number.reason


def grounds(text: str, phrase: str) -> Grounds:
    number = [number for number in read(text) if number.phrase == phrase][-1]
    assert number.grounds is not None, number.reason
    return number.grounds


def agrees_with_the_reader(text: str, language: str = "en") -> None:
    numbers = read(text, language)
    claims = read_claims(text, published=PUBLISHED, language=language)
    assert tuple(number.claim for number in numbers if number.claim) == claims
    assert [number.start for number in numbers] == sorted({number.start for number in numbers})
    for number in numbers:
        assert text[number.start : number.end] == number.phrase
        assert number.sentence_start <= number.start < number.end <= number.sentence_end
        if number.claim is None:
            assert number.reason
            assert number.grounds is None
        else:
            assert number.reason is None
            assert number.grounds is not None
            assert all((number.grounds.outcome, number.grounds.qualifier, number.grounds.who, number.grounds.scope))


@pytest.mark.parametrize("example", CORPUS, ids=lambda example: example.text[:60])
def test_a_text_of_the_corpus_is_explained_as_it_is_read(example: Example) -> None:
    agrees_with_the_reader(example.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_texts_of_a_corpus_in_one_are_explained_as_they_are_read(language: str) -> None:
    texts = [example.text for example in examples(language)]
    for text in (*texts, "\n".join(texts), " ".join(texts)):
        agrees_with_the_reader(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_words_of_a_corpus_in_any_order_are_explained_as_they_are_read(language: str, data: st.DataObject) -> None:
    known = sorted({word for example in examples(language) for word in example.text.split()})
    words = data.draw(st.lists(st.sampled_from((*known, "12", "40", "\n", "|")), max_size=50))
    agrees_with_the_reader(" ".join(words), language)


@given(st.lists(WORDS, max_size=60).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_whatever_the_words_they_are_explained_as_they_are_read(text: str) -> None:
    agrees_with_the_reader(text)


@given(st.lists(st.sampled_from(CORPUS), max_size=6), st.sampled_from((" ", "\n", ", ")))
@settings(max_examples=100, deadline=None)
def test_sentences_in_any_order_are_explained_as_they_are_read(texts: list[Example], joint: str) -> None:
    agrees_with_the_reader(joint.join(example.text for example in texts))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_text_is_beyond_explanation(text: str) -> None:
    agrees_with_the_reader(text)


def test_every_rule_that_the_reader_has_can_be_put_into_words() -> None:
    named: set[str] = set()
    for path in EXTRACT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Found":
                (rule,) = [word.value for word in node.keywords if word.arg == "rule"]
                named |= {str(part.value) for part in ast.walk(rule) if isinstance(part, ast.Constant)}
    assert named | {tables.RULE} == set(RULES)


def test_every_kind_of_number_can_be_put_into_words() -> None:
    assert set(KINDS) == set(NumberKind) - {NumberKind.COUNT}


@pytest.mark.parametrize(
    ("text", "phrase", "says"),
    [
        ("In 1998 a flood killed nine people.", "1998", "is a date"),
        ("Marta Oller, 54, was killed.", "54", "is an age"),
        ("Some 20 per cent of the dead were children.", "20", "is a share or ratio"),
        ("The plague killed 99 billion billion people.", "99 billion billion", "is larger than any count of people"),
        ("Police found 0 dead.", "0", "is zero"),
        ("Twelve lorries were destroyed and nine people killed.", "Twelve", "counts “lorries”, which are not people"),
        ("Two of the lorries burned and nine people were killed.", "Two", "counts “lorries”, which are not people"),
        ("All 14 survived and nine were killed.", "14", "counts survivors, or people set free"),
        ("He made 22 recommendations.", "22", "no word of an outcome in its sentence, and no claim close before it"),
        ("Were 12 people killed?", "12", "the sentence is a question"),
        ("In the film 12 people are killed.", "12", "the sentence speaks of no real event"),
        (
            "Two of the 12 soldiers in the lorry died.",
            "12",
            "is part of “Two of the 12 soldiers”, read with the number “Two”",
        ),
        ("One of four victims died.", "One", "is part of “One of four victims”, read with the number “four”"),
        (
            "Four gunmen killed 12.",
            "Four",
            "no verb or noun of an outcome binds it: the nearest is “killed”, bound to “12”",
        ),
        (", ".join(["12 killed"] * 41) + ", 99 killed", "99", "the sentence has too many counts to be prose"),
    ],
)
def test_a_number_that_is_no_claim_has_the_reason_for_which_it_was_passed_over(
    text: str, phrase: str, says: str
) -> None:
    assert reason(text, phrase) == says


def test_a_number_after_a_claim_is_read_even_without_a_word_of_an_outcome() -> None:
    said = reason("Nine people were killed. Some 40 watched.", "40")
    assert said == "counts “watched”, which are not known to be people, and no rule gives them an outcome"


def test_a_row_of_a_table_is_explained_by_its_cells() -> None:
    text = "Place | Dead | Height\nOrle | 12 | 300\nOsk 2 | 0 | 1,200"
    dead, height, named, none, high = read(text)
    assert dead.claim is not None
    assert dead.grounds is not None
    assert (dead.grounds.outcome, dead.grounds.scope) == ("the head of its column", "its row is one of several")
    assert dead.grounds.who == "no group is named"
    assert none.reason == "is zero"
    assert height.reason == named.reason == high.reason == explaining.CELL
    agrees_with_the_reader(text)


def test_what_stands_behind_the_most_claims_of_one_text_is_not_read() -> None:
    text = "Nine people were killed.\n" * 1600
    assert read(text)[-1].reason == "stands after more claims than are read of one text"


def test_only_what_is_read_of_a_text_is_explained() -> None:
    text = "Nine people were killed." + "\n" * LONGEST + "Ten people were killed."
    assert [number.phrase for number in read(text)] == ["Nine"]


@pytest.mark.parametrize(
    ("text", "phrase", "says"),
    [
        ("Twelve people were killed.", "Twelve", "“killed”, whose subject it is"),
        ("The blast killed 12.", "12", "“killed”, whose object it is"),
        ("The death toll rose to 31.", "31", "“death toll”, whose number it is"),
        ("There were 12 deaths.", "12", "“12 deaths” says it by itself"),
        ("Twelve people died, three of them children.", "three", "“died”, as a part of “Twelve”"),
        ("It killed five soldiers and 12 rebels.", "12", "“killed”, shared in a list with “five”"),
    ],
)
def test_a_claim_names_the_word_that_gives_its_outcome(text: str, phrase: str, says: str) -> None:
    assert grounds(text, phrase).outcome == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("At least 12 people were killed.", "“At least”"),
        ("12 or more people were killed.", "“or more”"),
        ("12 people were killed.", "no word sets a bound"),
        ("Another 12 people were killed.", "“Another” sets no bound"),
    ],
)
def test_a_claim_names_the_words_of_its_bound(text: str, says: str) -> None:
    assert grounds(text, "12").qualifier == says


def test_a_claim_names_its_group() -> None:
    assert grounds("Nine soldiers were killed.", "Nine").who == "“soldiers”"
    assert grounds("Nine villagers were killed.", "Nine").who == "“villagers” names no group"
    assert grounds("Two soldiers were killed and nine wounded.", "nine").who == "told by the words around it"
    assert grounds("Nine were killed.", "Nine").who == "no group is named"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Nine people were killed, police said.", "“police said”"),
        ("Nine people were killed, according to the ministry.", "“according to the ministry”"),
        ("Nine people were killed.", "nobody is named who says so"),
        (
            "The Orle Monitor said 40 people were killed. It said Nine were children.",
            "“It said” stands for “The Orle Monitor”",
        ),
        (
            "The Orle Monitor said 40 people were killed. Of those, Nine were children.",
            "goes on with what was said before, by “The Orle Monitor”",
        ),
    ],
)
def test_a_claim_names_the_words_of_its_source(text: str, says: str) -> None:
    assert grounds(text, "Nine").source == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Nine people were killed.", "nothing says that it covers less than the whole"),
        ("Forty people were killed. Nine people were killed.", "smaller than the total of Forty before it"),
        ("The toll rose to 40, up from Nine.", "its rule reads an older figure"),
        ("Forty people died. Another Nine people died.", "it is added to those counted before"),
        ("In 1998 a flood killed Nine people.", "“1998” makes it another event's"),
        (
            "Forty people died. In Osk, the district beside the river, Nine people died.",
            "of a place of its own, and smaller than the total of Forty before it",
        ),
        (
            "Forty people died. Nine people died on January 3.",
            "its day, 2026-01-03, is long before the text's",
        ),
        ("Forty were hurt. Nine people were hurt.", "smaller than the total of Forty before it"),
        ("The ministry denied that Nine people were killed.", "its source denies it"),
        ("Forty died. In the past 24 hours Nine people were killed.", "“in the past 24 hours” leaves out others"),
    ],
)
def test_a_claim_names_what_gives_its_scope(text: str, says: str) -> None:
    assert grounds(text, "Nine").scope == says

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.claims import read_claims
from model import Claim, Cue, Outcome, Precision, Qualifier, Scope
from tests.extract.corpus_reader import CORPORA, Example, Wanted, examples, misread

PUBLISHED = datetime(2026, 3, 11, 9, tzinfo=UTC)  # a Wednesday

NUMBERS = ("12", "1, 000", "three", "dozens", "2026", "at least", "more than", "from", "up", "in", "of", "to")
PHRASES = ("people", "soldiers", "children", "killed", "wounded", "missing", "were", "the", "toll", "rose", "them")
FRAMES = ("police", "said", "according to", "Reuters", "March", "Monday", "including")
WORDS = st.sampled_from((*NUMBERS, *PHRASES, *FRAMES, ",", ";", ".", ":", "(", ")", "“", "”", "-", "%"))


def seen(claim: Claim) -> Wanted:
    return Wanted(
        phrase=claim.phrase,
        low=claim.low,
        high=claim.high,
        outcome=claim.outcome.value,
        who=claim.who.value,
        scope=claim.scope.value,
        source=claim.source,
    )


def read(text: str, language: str = "en") -> tuple[Claim, ...]:
    return read_claims(text, published=PUBLISHED, language=language)


SENTENCES = [
    pytest.param(language, example, id=f"{language}-{example.text[:60]}")
    for language in CORPORA
    for example in examples(language)
]


@pytest.mark.parametrize(("language", "example"), SENTENCES)
def test_a_sentence_of_the_corpus_yields_its_claims_and_no_other(language: str, example: Example) -> None:
    assert tuple(seen(claim) for claim in read(example.text, language)) == example.claims


@pytest.mark.xfail(reason="a known misreading", strict=True)
@pytest.mark.parametrize("example", [pytest.param(example, id=example.text[:60]) for example in misread()])
def test_a_text_that_is_still_misread_comes_right_one_day(example: Example) -> None:
    assert tuple(seen(claim) for claim in read(example.text)) == example.claims


@given(st.lists(WORDS, max_size=60).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_whatever_the_words_every_claim_stands_where_it_says(text: str) -> None:
    claims = read(text)
    assert list(claims) == sorted(claims, key=lambda claim: claim.start)
    for claim in claims:
        assert text[claim.start : claim.end] == claim.phrase
        assert claim.sentence_start <= claim.start < claim.end <= claim.sentence_end <= len(text)
        assert claim.rule


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_the_reader_fail(text: str) -> None:
    read(text)


@given(st.integers(1, 110))
@settings(max_examples=40, deadline=None)
def test_an_age_is_never_a_claim(age: int) -> None:
    assert read(f"Marta Oller, {age}, was killed in the fire.") == ()


@given(st.integers(2, 9_999_999))
@settings(max_examples=60, deadline=None)
def test_a_number_reads_the_same_with_and_without_separators(number: int) -> None:
    plain = read(f"At least {number} people were killed.")
    parted = read(f"At least {number:,} people were killed.")
    assert [claim.low for claim in plain] == [claim.low for claim in parted] == [number]


def test_a_long_run_of_spaces_does_not_hold_up_the_reader() -> None:
    (claim,) = read("Nine people were killed." + " " * 150_000 + ".")
    assert claim.phrase == "Nine"


@pytest.mark.parametrize(("language", "text"), [("en", "Twelve people were to death."), ("es", "12 ser a muerte.")])
def test_a_verb_that_a_page_has_lost_does_not_hold_up_the_reader(language: str, text: str) -> None:
    assert read_claims(text, published=PUBLISHED, language=language) == ()


def test_a_stated_day_is_its_end_but_never_later_than_the_text() -> None:
    (monday,) = read("At least 12 people were killed, police said on Monday.")
    assert (monday.as_of, monday.as_of_precision) == (datetime(2026, 3, 10, tzinfo=UTC), Precision.DAY)
    (today,) = read("At least 12 people were killed, police said on Wednesday.")
    assert today.as_of == PUBLISHED


@pytest.mark.parametrize("day", ["on Tuesday", "on March 10"])
def test_a_day_that_has_begun_in_the_east_is_no_day_of_last_week_nor_of_last_year(day: str) -> None:
    published = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)  # a Monday
    (claim,) = read_claims(f"At least 12 people were killed, police said {day}.", published=published)
    assert claim.as_of == published


@pytest.mark.parametrize("number", ["9,007,199,254,740,993", "9" * 400, "99 billion billion"])
def test_a_number_beyond_any_count_of_people_is_no_claim(number: str) -> None:
    assert read(f"The plague killed {number} people.") == ()


def test_half_a_character_parts_words_and_gets_into_no_field() -> None:
    (claim,) = read("Orle\udc9f police said that 12 \ud83d people were killed.")
    assert (claim.start, claim.phrase) == (23, "12")
    for said in (claim.phrase, claim.who_text, claim.source, claim.source_text):
        assert (said or "").encode()


def test_a_clock_time_after_by_dates_the_figure() -> None:
    (claim,) = read("The hospital said that 21 bodies had been received by 2.30 am.")
    assert (claim.as_of, claim.as_of_precision) == (datetime(2026, 3, 11, 2, 30, tzinfo=UTC), Precision.INSTANT)


def test_the_day_of_the_deed_does_not_date_the_figure() -> None:
    (claim,) = read("Twelve people were killed on Monday in Mossby.")
    assert claim.as_of is None


def test_without_a_publication_time_nothing_is_dated() -> None:
    (claim,) = read_claims("At least 12 people were killed, police said on Monday.", published=None)
    assert claim.as_of is None


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("The death toll rose to 48.", Cue.RAISED),
        ("Police lowered the death toll to 19.", Cue.LOWERED),
        ("The toll was corrected to 19.", Cue.CORRECTED),
        ("Nine people were killed.", Cue.NONE),
    ],
)
def test_the_words_of_movement_become_the_cue(text: str, cue: Cue) -> None:
    assert read(text)[-1].cue is cue


def test_a_retracted_figure_is_withdrawn() -> None:
    (claim,) = read("The hospital director retracted his earlier statement that 25 children had died.")
    assert (claim.scope, claim.cue) == (Scope.PREVIOUS, Cue.WITHDRAWN)


def test_what_its_speaker_denies_is_marked_denied() -> None:
    (claim,) = read("The ministry denied that 104 civilians had been killed.")
    assert claim.denied


@pytest.mark.parametrize("word", ["reportedly", "believed", "feared"])
def test_a_doubted_figure_is_hedged(word: str) -> None:
    assert read(f"Nine people are {word} killed.")[0].hedged or read(f"Nine people were {word} killed.")[0].hedged


def test_a_doubling_of_outcomes_is_casualties() -> None:
    (claim,) = read("The raid killed and wounded dozens of people.")
    assert (claim.outcome, claim.qualifier) == (Outcome.CASUALTIES, Qualifier.VAGUE)


def test_the_person_who_speaks_for_an_office_is_its_speaker() -> None:
    (claim,) = read("At least seven workers were killed, Police Commissioner Orin Vale said.")
    assert (claim.source, claim.speaker, claim.source_text) == ("police", "Orin Vale", "Police Commissioner Orin Vale")


def test_one_who_quotes_is_the_relay() -> None:
    (claim,) = read("Reuters, citing the Arle emergency committee, put the number of dead at 34.")
    assert (claim.source, claim.relay) == ("Arle emergency committee", "Reuters")


def test_a_part_of_a_period_names_its_window() -> None:
    (claim,) = read("In the past 24 hours, 32 people were killed.")
    assert (claim.scope, claim.window) == (Scope.PART, "in the past 24 hours")


def test_a_share_by_role_is_a_subset() -> None:
    _, share = read("The collapse killed seven, two of them firefighters.")
    assert (share.subset, share.scope) == ("firefighters", Scope.TOTAL)


def test_a_smaller_count_after_the_toll_is_a_part() -> None:
    text = "Floods killed 40 people in Varr.\nIn Mossby nine people died."
    assert [claim.scope for claim in read(text)] == [Scope.TOTAL, Scope.PART]


def test_what_happened_overnight_is_a_part_only_beside_a_whole() -> None:
    alone = read("Overnight 12 people were killed in Hask.")
    beside = read("Shelling has killed 40 people in Varr since Monday.\nOvernight 12 people were killed in Hask.")
    assert [claim.scope for claim in (*alone, *beside)] == [Scope.TOTAL, Scope.TOTAL, Scope.PART]


def test_those_in_a_grave_state_are_a_part_of_the_injured() -> None:
    text = "The crash in Mossby injured 30 people.\nForty people were hurt in all. Six are in critical condition."
    assert [claim.scope for claim in read(text)] == [Scope.TOTAL, Scope.TOTAL, Scope.PART]


def test_a_share_told_right_after_the_whole_has_its_source() -> None:
    text = "Nine people were shot, the Varr police said. One of them later died."
    assert [claim.source for claim in read(text)] == ["police", "police"]
    text = "Raids killed 60 people, the Orle monitor said. Among the dead were 14 children and five women."
    assert {claim.source for claim in read(text)} == {"Orle monitor"}


def test_a_sentence_that_opens_with_a_place_counts_a_part_whoever_says_so() -> None:
    text = "Gunmen killed 14 people in Varr, police said.\nIn Dal, seven men were shot dead, a teacher said."
    assert [claim.scope for claim in read(text)] == [Scope.TOTAL, Scope.PART]


def test_a_window_with_the_event_s_own_count_is_the_whole() -> None:
    text = "Strikes kill 24 in a day\nAir strikes killed 24 people across Varr on Tuesday."
    assert {claim.scope for claim in read(text)} == {Scope.TOTAL}


def test_the_group_is_the_body_that_was_named_before() -> None:
    text = "Raids killed 24 people, the Varr Rights Monitor said. Eleven died in Osk, said the group, which has aides."
    assert {claim.source for claim in read(text)} == {"Varr Rights Monitor"}


def test_a_share_of_the_captives_is_captive() -> None:
    text = "Gunmen abducted 30 people.\nPolice said nine people had died.\nTwelve of the captives are women."
    assert [claim.outcome for claim in read(text)] == [Outcome.ABDUCTED, Outcome.KILLED, Outcome.ABDUCTED]


def test_a_count_of_a_month_long_past_is_background_though_nothing_else_is_dated() -> None:
    text = "A blast in Hask killed nine workers.\nIn January, six people were killed at a workshop nearby."
    assert [claim.scope for claim in read(text)] == [Scope.TOTAL, Scope.BACKGROUND]


def test_a_body_is_known_by_its_initials_and_owns_its_bulletin() -> None:
    text = "The Varr Disaster Office said 12 people had died. Four are missing, according to the VDO's latest bulletin."
    assert {claim.source for claim in read(text)} == {"Varr Disaster Office"}


def test_a_war_s_count_in_a_report_on_one_strike_is_background() -> None:
    text = "A strike killed 12 people in Hask.\nThe war has killed more than 30,000 people."
    assert [claim.scope for claim in read(text)] == [Scope.TOTAL, Scope.BACKGROUND]


def test_the_quote_of_a_very_long_sentence_stays_short_and_holds_the_number() -> None:
    text = "Rain fell on the hills of Varr and on the plain below " * 10 + "and 12 people were killed " + "there " * 80
    (claim,) = read(text)
    assert claim.sentence_end - claim.sentence_start <= 400
    assert claim.sentence_start <= claim.start < claim.sentence_end


def test_a_line_of_a_transcript_is_its_speaker_s_unless_it_names_another_source() -> None:
    nine, forty = read(
        "WALT: Good evening.\nMARA: The army says it killed nine rebels.\nWALT: And 40 people were hurt."
    )
    assert (nine.phrase, nine.source) == ("nine", "army")
    assert (forty.phrase, forty.source) == ("40", "Walt")


def test_one_line_with_a_word_in_capitals_is_no_transcript() -> None:
    (claim,) = read("BREAKING: Nine people were killed in Hask.")
    assert claim.source is None


def test_an_answer_of_a_dialogue_is_read_and_its_question_is_not() -> None:
    (claim,) = read("Q: Were 40 people hurt?\nA: We have nine people missing.")
    assert claim.phrase == "nine"


def test_a_speaker_s_line_without_a_figure_makes_the_next_line_nobody_else_s() -> None:
    (claim,) = read("WALT: Nine people were killed.\nMARA: How terrible.\nThe inquest opens on Friday.")
    assert claim.source == "Walt"


def test_an_unknown_language_has_no_reader() -> None:
    with pytest.raises(KeyError):
        read_claims("Doce muertos.", published=None, language="xx")

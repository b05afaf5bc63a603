"""What becomes of a page once it is read: kept, compared and owed in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from model import (
    AlertType,
    Claim,
    Cue,
    Kind,
    Level,
    PageOutcome,
    Precision,
    Qualifier,
    Rule,
    Scope,
    Watch,
    Who,
)
from monitor import Taken
from telling import GATHERING
from tests.build import claim, hour
from tests.desk import LEAD, WATCH, Desk, Desks, dead, desk, reading


@pytest.fixture
def desks() -> Iterator[Desks]:
    opened: list[Desk] = []

    def another(**fields: Any) -> Desk:
        opened.append(desk(**fields))
        return opened[-1]

    yield another
    for made in opened:
        made.archive.close()


@pytest.fixture
def at_desk(desks: Desks) -> Desk:
    return desks()


def kinds(taken: Taken) -> list[tuple[Kind, Level]]:
    return [(change.kind, change.level) for change in taken.changes]


# ------------------------------------------------------------------------------------------------------ keeping


def test_a_first_figure_is_told_at_once(at_desk: Desk) -> None:
    taken = at_desk.take(reading(dead(23)))
    assert taken.outcome is PageOutcome.NEW_ARTICLE
    assert kinds(taken) == [(Kind.NEW, Level.NOW)]
    (delivery,) = at_desk.owed()
    assert delivery.channel == "desk"
    assert "23" in delivery.alert.headline


def test_feeding_an_article_twice_changes_nothing(at_desk: Desk) -> None:
    at_desk.take(reading(dead(23)))
    before = at_desk.archive.queries.health()
    assert at_desk.take(reading(dead(23)), at=2).outcome is PageOutcome.UNCHANGED
    assert at_desk.archive.queries.health() == before


def test_a_raised_figure_is_told_with_both_quotes(at_desk: Desk) -> None:
    at_desk.take(reading(dead(23)))
    at_desk.take(reading(dead(41), url="https://two.example/toll", at=5))
    _, second = at_desk.owed()
    (told,) = second.alert.changes
    assert told.kind is Kind.RAISED
    assert told.quote.text == "The dead number 41, it was said."
    assert told.previous_quote is not None
    assert told.previous_quote.text == "The dead number 23, it was said."


def test_a_copy_of_a_text_is_not_told(at_desk: Desk) -> None:
    long_lead = " ".join(f"{LEAD} Witness {chr(65 + i)} told of high waves and of a list to port." for i in range(4))
    at_desk.take(reading(dead(23, source=None), lead=long_lead))
    copy = at_desk.take(reading(dead(23, source=None), lead=long_lead, url="https://two.example/copy", at=2))
    assert kinds(copy) == [(Kind.REPEAT, Level.LOG)]
    assert len(at_desk.owed()) == 1


def test_a_number_changed_in_place_is_told_as_a_silent_edit(at_desk: Desk) -> None:
    at_desk.take(reading(dead(41)))
    edited = at_desk.take(reading(dead(39), modified=hour(3)), at=4)
    assert edited.outcome is PageOutcome.NEW_REVISION
    assert kinds(edited) == [(Kind.LOWERED, Level.NOW)]
    assert edited.changes[0].silent_edit


def test_an_earlier_revision_of_the_same_address_is_never_an_echo_even_by_way_of_its_copy(at_desk: Desk) -> None:
    long_lead = " ".join(f"{LEAD} Witness {chr(65 + i)} told of high waves and of a list to port." for i in range(4))
    at_desk.take(reading(dead(41, source=None), lead=long_lead))
    at_desk.take(reading(dead(41, source=None), lead=long_lead, url="https://two.example/copy", at=1))
    edited = at_desk.take(reading(dead(39, source=None), lead=long_lead, modified=hour(3)), at=4)
    assert edited.changes[0].kind is Kind.LOWERED


def test_an_article_without_figures_is_kept_and_stays_quiet(at_desk: Desk) -> None:
    taken = at_desk.take(reading())
    assert taken.outcome is PageOutcome.NEW_ARTICLE
    assert taken.event is None
    assert at_desk.owed() == []


def test_background_figures_open_no_event(at_desk: Desk) -> None:
    taken = at_desk.take(reading(dead(230, scope=Scope.BACKGROUND)))
    assert taken.event is None


def test_what_matches_no_watch_is_kept_and_not_told(desks: Desks) -> None:
    quiet = desks(watch=Watch(id="quakes", name="Quakes", any=("earthquake*",)))
    assert quiet.take(reading(dead(23))).event is not None
    assert quiet.owed() == []


def test_a_watch_that_meets_an_event_at_its_second_article_is_told_what_it_missed(desks: Desks) -> None:
    late = desks(watch=Watch(id="strait", name="The strait", any=("Salt Point",)))
    late.take(reading(dead(23)))
    assert late.owed() == []
    second = reading(dead(23), url="https://two.example/toll", at=2, lead=f"{LEAD} Divers came from Salt Point.")
    late.take(second)
    (delivery,) = late.owed()
    assert [told.value.anchor for told in delivery.alert.changes] == [23]


def test_a_failed_verdict_leaves_nothing_behind(at_desk: Desk) -> None:
    good = reading(dead(23))
    broken = replace(good, claims=(*good.claims, replace(good.claims[0], low=None, high=None, as_of="no time")))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        at_desk.take(broken)
    assert at_desk.archive.queries.health().articles == 0


# ------------------------------------------------------------------------------------------------------- events


def test_reports_of_one_happening_join_one_event(at_desk: Desk) -> None:
    first = at_desk.take(reading(dead(23)))
    second = at_desk.take(reading(dead(41), url="https://two.example/toll", at=5))
    assert first.event == second.event


def test_another_happening_opens_its_own_event(at_desk: Desk) -> None:
    at_desk.take(reading(dead(23)))
    other_lead = "A bomb went off at a bus station in Kelvat on Sunday evening, in the second such attack of the month."
    elsewhere = reading(dead(7, source="Police"), url="https://two.example/bomb", at=5, lead=other_lead)
    assert elsewhere.article is not None
    elsewhere = replace(elsewhere, article=replace(elsewhere.article, title="Bomb at bus station in Kelvat"))
    taken = at_desk.take(elsewhere)
    assert kinds(taken) == [(Kind.NEW, Level.NOW)]
    assert len(at_desk.archive.queries.events()) == 2


def test_a_watch_that_is_single_holds_its_articles_to_one_event(desks: Desks) -> None:
    one = desks(watch=Watch(id="ferry", name="Ferry", single=True))
    first = one.take(reading(dead(23)))
    second = one.take(
        reading(dead(41), url="https://two.example/x", at=5, lead="Nothing here is like the first report.")
    )
    assert first.event == second.event


# ---------------------------------------------------------------------------------------- gathering and baseline


def test_a_small_rise_within_half_an_hour_is_held_back_and_told_when_the_time_has_passed(at_desk: Desk) -> None:
    at_desk.take(reading(dead(40)))
    at_desk.take(reading(dead(46), url="https://two.example/toll", at=0.2))
    assert len(at_desk.owed()) == 1
    assert at_desk.teller.release(hour(0.3)) == 0
    assert at_desk.teller.release(hour(0) + GATHERING) == 1
    assert len(at_desk.owed()) == 2


@pytest.mark.parametrize(
    "urgent",
    [dead(80), dead(30, cue=Cue.LOWERED), dead(12, source="Ministry")],
    ids=["a jump of half", "a fall", "a contradiction"],
)
def test_what_cannot_wait_is_told_within_the_half_hour(at_desk: Desk, urgent: tuple[str, Claim]) -> None:
    at_desk.take(reading(dead(40)))
    at_desk.take(reading(urgent, url="https://two.example/toll", at=0.2))
    assert len(at_desk.owed()) == 2


def test_digest_changes_wait_for_the_morning(at_desk: Desk) -> None:
    at_desk.take(reading(dead(40), dead(5, who=Who.CIVILIANS)))
    at_desk.take(reading(dead(3, who=Who.CHILDREN), url="https://two.example/children", at=5))
    assert len(at_desk.owed()) == 1
    assert at_desk.teller.release(hour(10)) == 0
    assert at_desk.teller.release(hour(20.5)) == 1
    assert at_desk.owed()[-1].alert.type is AlertType.DIGEST


def test_what_was_published_before_anybody_looked_is_told_in_one_summary(desks: Desks) -> None:
    late = desks(since=hour(10))
    late.take(reading(dead(23)), at=10.1)
    late.take(reading(dead(41), url="https://two.example/toll", at=5), at=10.1)
    assert late.owed() == []
    late.teller.release(hour(10.1) + timedelta(minutes=10))
    (summary,) = late.owed()
    assert summary.alert.type is AlertType.BASELINE
    assert [told.value.anchor for told in summary.alert.changes] == [41]


def test_a_rise_after_the_baseline_is_told(desks: Desks) -> None:
    late = desks(since=hour(10))
    late.take(reading(dead(23)), at=10.1)
    late.take(reading(dead(41), url="https://two.example/toll", at=11), at=11.1)
    (delivery,) = late.owed()
    assert delivery.alert.changes[0].kind is Kind.RAISED


# ------------------------------------------------------------------------------------------------- who says so


def test_a_headline_takes_the_source_that_the_text_gives_for_the_number(at_desk: Desk) -> None:
    taken = at_desk.take(reading(dead(23, source=None), dead(23)))
    (change,) = taken.changes
    assert change.series.source == "Coastguard"


def test_the_narrowest_of_compatible_claims_stands_for_them(at_desk: Desk) -> None:
    taken = at_desk.take(reading(dead(600, Qualifier.MORE_THAN, source=None), dead(612)))
    (change,) = taken.changes
    assert change.to.claim.low == 612


def test_an_outlet_with_nobody_named_speaks_for_itself(at_desk: Desk) -> None:
    (change,) = at_desk.take(reading(dead(23, source=None))).changes
    assert change.series.source == "outlet:one.example"


def test_independence_counts_sources_not_outlets(at_desk: Desk) -> None:
    at_desk.take(reading(dead(23)))
    at_desk.take(reading(dead(41), url="https://two.example/toll", at=5))
    behind = at_desk.owed()[-1].alert.behind
    assert behind is not None
    assert behind.independent_sources == 1


# ------------------------------------------------------------------------------------------- told once, and told


def test_a_drift_too_small_to_be_told_goes_into_a_digest_after_a_day(at_desk: Desk) -> None:
    at_desk.take(reading(dead(100)))
    at_desk.take(reading(dead(104), url="https://two.example/toll", at=5))
    assert at_desk.teller.release(hour(43)) == 0
    assert at_desk.teller.release(hour(44)) == 1
    assert at_desk.owed()[-1].alert.type is AlertType.DIGEST


def test_a_drift_that_was_overtaken_is_not_told(at_desk: Desk) -> None:
    at_desk.take(reading(dead(100)))
    at_desk.take(reading(dead(104), url="https://two.example/toll", at=5))
    at_desk.take(reading(dead(150), url="https://three.example/toll", at=6))
    at_desk.teller.release(hour(44))
    assert [delivery.alert.type for delivery in at_desk.owed()] == [AlertType.FIGURE_CHANGED] * 2


def test_a_part_above_the_whole_is_told_once_however_many_repeat_it(at_desk: Desk) -> None:
    at_desk.take(reading(dead(40)))
    for n in range(3):
        at_desk.take(reading(dead(50, scope=Scope.PART), url=f"https://paper{n}.example/part", at=1 + n))
    assert len(at_desk.owed()) == 2


def test_a_withdrawal_is_told_once_and_its_number_does_not_come_back_as_news(at_desk: Desk) -> None:
    at_desk.take(reading(dead(40)))
    for n in range(2):
        at_desk.take(reading(dead(40, cue=Cue.WITHDRAWN), url=f"https://paper{n}.example/back", at=1 + n))
    again = at_desk.take(reading(dead(40), url="https://late.example/toll", at=5))
    assert [change.level for change in again.changes] == [Level.LOG]
    assert len(at_desk.owed()) == 2


def test_a_correction_dated_by_day_is_told_once(at_desk: Desk) -> None:
    at_desk.take(reading(dead(50)))
    corrected = dead(46, as_of=hour(-12), as_of_precision=Precision.DAY, cue=Cue.CORRECTED)
    for n in range(3):
        at_desk.take(reading(corrected, url=f"https://paper{n}.example/x", at=1 + n))
    told = [delivery.alert.changes[0].kind for delivery in at_desk.owed()]
    assert told.count(Kind.LOWERED) <= 1


def test_a_mended_typo_beside_two_figures_is_no_silent_edit(at_desk: Desk) -> None:
    at_desk.take(reading(dead(19), dead(11)))
    mended = at_desk.take(reading(dead(19), dead(11), lead=LEAD + " It was calm.", modified=hour(2)), at=3)
    assert not any(change.silent_edit for change in mended.changes)


def test_a_stated_correction_is_no_silent_edit(at_desk: Desk) -> None:
    at_desk.take(reading(dead(41)))
    lead = LEAD + " Correction: an earlier version of this article gave a wrong number."
    edited = at_desk.take(reading(dead(39), lead=lead, modified=hour(3)), at=4)
    assert (edited.changes[0].kind, edited.changes[0].silent_edit) == (Kind.LOWERED, False)


def test_a_number_up_to_which_there_may_be_dead_moves_no_firm_figure(at_desk: Desk) -> None:
    at_desk.take(reading(dead(20)))
    taken = at_desk.take(reading(dead(40, Qualifier.UP_TO), url="https://two.example/x", at=3))
    assert taken.changes[0].kind is Kind.HEDGED_HIGH


def test_a_second_watch_that_meets_an_event_late_is_told_on_its_own_channel(desks: Desks) -> None:
    both = desks(watches=[WATCH, Watch(id="strait", name="The strait", any=("Salt Point",))], rules=[
        Rule(name="a", channels=("desk",), watches=("all",)),
        Rule(name="b", channels=("strait",), watches=("strait",)),
    ])  # fmt: skip
    both.take(reading(dead(23)))
    both.take(reading(dead(23), url="https://two.example/x", at=2, lead=f"{LEAD} Divers came from Salt Point."))
    assert [delivery.channel for delivery in both.owed()] == ["desk", "strait"]


def test_a_total_that_does_not_add_up_with_its_increment_says_so(at_desk: Desk) -> None:
    at_desk.take(reading(dead(31)))
    total = dead(45)
    added = ("Another 12 were found, it was said.", claim(12, source="Coastguard", scope=Scope.INCREMENT))
    taken = at_desk.take(reading(total, added, url="https://two.example/x", at=5))
    assert taken.changes[0].reason.endswith("31 and another 12 would be 43")

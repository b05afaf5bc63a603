"""Each row of the decision table (docs/verdicts.md), and what must hold whatever arrives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extract.case import Case, EventView
from extract.compare import decide
from model import Change, Claim, Cue, Figure, Kind, Level, Outcome, Precision, Qualifier, Scope, Vague, Who
from tests.build import claim, figure, hour, key, view

CASES = Path(__file__).resolve().parents[3] / "shared" / "gold" / "diff-cases.jsonl"


def verdict(new: Figure, known: EventView | None = None, **case: Any) -> Change:
    return decide(Case(figure=new, key=key(new), view=known or view(), **case))


def told(change: Change) -> tuple[Kind, Level]:
    return change.kind, change.level


# ------------------------------------------------------------------------------------------------- rows 1 to 8a


def test_row_1_a_denied_figure_is_only_kept() -> None:
    change = verdict(figure(claim(20, denied=True), at=1), view(figure(claim(2))))
    assert told(change) == (Kind.DENIED, Level.LOG)


def test_row_1a_a_figure_taken_back_is_told_at_once_and_ends_its_series() -> None:
    before, back = figure(claim(20)), figure(claim(20, cue=Cue.WITHDRAWN), at=2)
    assert told(verdict(back, view(before))) == (Kind.WITHDRAWN, Level.NOW)
    assert view(before, back).series[key(before)].current is None


def test_row_2_an_echo_is_a_repeat() -> None:
    change = verdict(figure(claim(20), at=1), view(figure(claim(20))), is_echo=True)
    assert told(change) == (Kind.REPEAT, Level.LOG)


@pytest.mark.parametrize("scope", [Scope.PREVIOUS, Scope.BACKGROUND])
def test_row_3_previous_and_background_figures_are_context(scope: Scope) -> None:
    change = verdict(figure(claim(230_000, scope=scope), at=1), view(figure(claim(45))))
    assert told(change) == (Kind.CONTEXT, Level.LOG)


def test_row_4_a_part_above_the_whole_raises_the_whole() -> None:
    change = verdict(figure(claim(58, scope=Scope.PART), at=3), view(figure(claim(46))))
    assert told(change) == (Kind.RAISED, Level.NOW)
    assert change.row == "4"


def test_row_4_a_part_above_an_open_bound_is_only_a_part() -> None:
    change = verdict(figure(claim(58, scope=Scope.PART), at=3), view(figure(claim(46, Qualifier.AT_LEAST))))
    assert change.kind is Kind.PART


def test_row_5_a_weighty_part_goes_into_the_digest_and_a_slight_one_is_kept() -> None:
    known = view(figure(claim(973, Qualifier.AT_LEAST)))
    assert told(verdict(figure(claim(143, scope=Scope.PART), at=1), known)) == (Kind.PART, Level.DIGEST)
    assert told(verdict(figure(claim(14, scope=Scope.PART), at=1), known)) == (Kind.PART, Level.LOG)


def test_row_6_an_increment_goes_into_the_digest() -> None:
    change = verdict(figure(claim(12, scope=Scope.INCREMENT), at=1), view(figure(claim(45))))
    assert told(change) == (Kind.INCREMENT, Level.DIGEST)


def test_row_7_a_number_changed_in_place_is_told_whatever_the_step_and_silence_is_marked() -> None:
    before = figure(claim(15), url="https://outlet.example/a")
    after = figure(claim(14), at=2, url="https://outlet.example/a", edited=True)
    change = verdict(after, view(before), edited_from=before)
    assert told(change) == (Kind.LOWERED, Level.NOW)
    assert change.silent_edit


def test_row_7_a_noted_correction_is_no_silent_edit() -> None:
    before = figure(claim(15), url="https://outlet.example/a")
    after = figure(claim(14, cue=Cue.CORRECTED), at=2, url="https://outlet.example/a", edited=True)
    assert not verdict(after, view(before), edited_from=before).silent_edit


def test_row_8_an_older_figure_moves_nothing() -> None:
    change = verdict(figure(claim(745), at=0), view(figure(claim(973), at=24)))
    assert told(change) == (Kind.STALE, Level.LOG)


def test_row_8_an_undated_reprint_of_a_superseded_figure_is_stale_however_late_it_comes() -> None:
    known = view(figure(claim(745)), figure(claim(973), at=24))
    assert told(verdict(figure(claim(745), at=48), known)) == (Kind.STALE, Level.LOG)


def test_row_8_an_older_lower_figure_of_a_source_without_a_series_is_stale() -> None:
    known = view(figure(claim(60), at=24, source="Ministry"))
    assert told(verdict(figure(claim(45), at=0, source="Hospital"), known)) == (Kind.STALE, Level.LOG)


def test_row_8a_an_unconfirmed_figure_beside_a_firm_one_is_told_once_in_a_digest_where_far_above() -> None:
    known = view(figure(claim(973, Qualifier.AT_LEAST)))
    far = figure(claim(4_000, Qualifier.UP_TO, hedged=True), at=1, source="Activists")
    near = figure(claim(1_000, Qualifier.UP_TO, hedged=True), at=1, source="Activists")
    assert told(verdict(far, known)) == (Kind.HEDGED_HIGH, Level.DIGEST)
    assert told(verdict(near, known)) == (Kind.HEDGED_HIGH, Level.LOG)


# ---------------------------------------------------------------------------------------------------------- row 9


@pytest.mark.parametrize(
    ("before", "after", "kind", "level"),
    [
        (claim(745, Qualifier.AT_LEAST), claim(973, Qualifier.AT_LEAST), Kind.RAISED, Level.NOW),
        (claim(973, Qualifier.AT_LEAST), claim(973, Qualifier.AT_LEAST), Kind.RESTATED, Level.LOG),
        (claim(973, Qualifier.AT_LEAST), claim(973), Kind.REFINED, Level.LOG),
        (claim(1018), claim(1000, Qualifier.MORE_THAN), Kind.RESTATED, Level.LOG),
        (claim(1000, Qualifier.MORE_THAN), claim(1018), Kind.REFINED, Level.LOG),
        (claim(1000, Qualifier.MORE_THAN), claim(1450), Kind.RAISED, Level.DIGEST),
        (claim(45), claim(46), Kind.RAISED, Level.LOG),
        (claim(49), claim(50), Kind.RAISED, Level.NOW),
        (claim(745), claim(500, Qualifier.AT_LEAST), Kind.RESTATED, Level.LOG),
        (claim(973), claim(1000, Qualifier.ABOUT), Kind.REFINED, Level.LOG),
        (claim(Vague.DOZENS), claim(31), Kind.QUANTIFIED, Level.DIGEST),
        (claim(31), claim(Vague.DOZENS), Kind.RESTATED, Level.LOG),
        (claim(31), claim(Vague.HUNDREDS), Kind.RAISED, Level.NOW),
        (claim(40, Qualifier.UP_TO, hedged=True), claim(12), Kind.FIRMED, Level.NOW),
        (claim(30), claim(300), Kind.IMPLAUSIBLE, Level.DIGEST),
        (claim(115), claim(97), Kind.LOWERED_UNCONFIRMED, Level.DIGEST),
        (claim(115, Qualifier.AT_LEAST), claim(97, cue=Cue.LOWERED), Kind.LOWERED, Level.NOW),
    ],
)
def test_row_9_how_a_source_moves_its_own_figure(before: Claim, after: Claim, kind: Kind, level: Level) -> None:
    assert told(verdict(figure(after, at=24), view(figure(before)))) == (kind, level)


def test_row_9_the_missing_who_are_found_are_lowered_like_anything_else() -> None:
    before, after = (claim(n, outcome=Outcome.MISSING, cue=cue) for n, cue in ((41, Cue.NONE), (29, Cue.LOWERED)))
    assert told(verdict(figure(after, at=24), view(figure(before)))) == (Kind.LOWERED, Level.NOW)


def test_row_9_small_rises_add_up_from_the_number_last_told() -> None:
    known = view(figure(claim(40)), figure(claim(42), at=1), told=40)
    assert verdict(figure(claim(43), at=2), known).level is Level.LOG
    assert verdict(figure(claim(44), at=2), known).level is Level.NOW


def test_row_9_a_fall_without_a_word_of_correction_is_told_at_its_second_sighting() -> None:
    known = view(figure(claim(115)), figure(claim(97), at=24, url="https://one.example/"))
    assert known.series[key(figure(claim(97)))].current is not None
    change = verdict(figure(claim(97), at=30, url="https://two.example/"), known)
    assert told(change) == (Kind.LOWERED, Level.NOW)


def test_row_9_a_rise_that_leaves_another_source_behind_is_marked_contradicted() -> None:
    known = view(figure(claim(50), source="Ministry"), figure(claim(52), at=1, source="Monitor"))
    change = verdict(figure(claim(80), at=2, source="Monitor"), known)
    assert change.kind is Kind.RAISED
    assert Kind.CONTRADICTED in change.attached


# ------------------------------------------------------------------------------------------------- rows 10 to 16


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        (Outcome.KILLED, Level.NOW),
        (Outcome.INJURED, Level.NOW),
        (Outcome.MISSING, Level.NOW),
        (Outcome.ABDUCTED, Level.NOW),
        (Outcome.DISPLACED, Level.DIGEST),
        (Outcome.DETAINED, Level.DIGEST),
        (Outcome.CASUALTIES, Level.DIGEST),
    ],
)
def test_row_10_the_first_figure_of_an_event(outcome: Outcome, level: Level) -> None:
    assert told(verdict(figure(claim(20, outcome=outcome)))) == (Kind.NEW, level)


def test_row_11_the_first_firm_figure_after_unconfirmed_ones_of_others_is_told() -> None:
    known = view(figure(claim(6, Qualifier.UP_TO, hedged=True), source="Mayor"))
    assert told(verdict(figure(claim(4), at=4, source="Rescue service"), known)) == (Kind.FIRMED, Level.NOW)


def test_row_12_two_sources_that_cannot_both_be_right() -> None:
    known = view(figure(claim(745, Qualifier.AT_LEAST), source="Monitor"))
    assert told(verdict(figure(claim(120), at=3), known)) == (Kind.CONTRADICTED, Level.NOW)


def test_row_12_a_total_below_one_of_its_groups_contradicts_it() -> None:
    known = view(figure(claim(745, who=Who.CIVILIANS), source="Monitor", at=24))
    assert verdict(figure(claim(600), at=25), known).kind is Kind.CONTRADICTED


def test_row_13_a_later_higher_count_of_another_source_is_a_rise() -> None:
    change = verdict(figure(claim(60), at=24, source="Hospital"), view(figure(claim(45))))
    assert told(change) == (Kind.RAISED, Level.NOW)
    assert change.row == "13"


def test_row_14_two_open_bounds_far_apart_diverge() -> None:
    known = view(figure(claim(300, Qualifier.AT_LEAST), source="Monitor"))
    assert told(verdict(figure(claim(100, Qualifier.AT_LEAST), at=3), known)) == (Kind.DIVERGES, Level.DIGEST)


def test_row_15_the_second_independent_source_goes_into_the_digest_and_a_third_is_kept() -> None:
    one, two = figure(claim(45), source="Ministry"), figure(claim(46), at=1, source="Hospital")
    three = figure(claim(45), at=2, source="Monitor")
    assert told(verdict(two, view(one))) == (Kind.CONFIRMED, Level.DIGEST)
    assert told(verdict(three, view(one, two))) == (Kind.CONFIRMED, Level.LOG)


def test_row_15_a_party_cannot_confirm_itself() -> None:
    one = figure(claim(45), source="Health ministry", party="government")
    two = figure(claim(45), at=1, source="Interior ministry", party="government")
    assert verdict(two, view(one)).kind is Kind.RESTATED


@pytest.mark.parametrize(
    ("who", "subset", "opens", "level"),
    [
        (Who.CHILDREN, None, False, Level.DIGEST),
        (Who.SECURITY_FORCES, None, False, Level.LOG),
        (Who.PEOPLE, "drivers", False, Level.LOG),
        (Who.SECURITY_FORCES, None, True, Level.NOW),
    ],
)
def test_row_16_a_group_that_was_not_counted_before(who: Who, subset: str | None, opens: bool, level: Level) -> None:
    known = view(figure(claim(10, who=Who.CIVILIANS)))
    change = verdict(figure(claim(3, who=who, subset=subset), at=1), known, opens=opens)
    assert told(change) == (Kind.NEW, level)


def test_groups_that_no_longer_fit_under_their_total_are_marked() -> None:
    known = view(
        figure(claim(1_000, Qualifier.MORE_THAN)),
        figure(claim(745, who=Who.CIVILIANS)),
        figure(claim(231, who=Who.SECURITY_FORCES)),
        figure(claim(250, who=Who.COMBATANTS)),
    )
    change = verdict(figure(claim(1_073, who=Who.CIVILIANS), at=24), known)
    assert Kind.PARTS_EXCEED_TOTAL in change.attached
    assert "1,554" in change.reason


# -------------------------------------------------------------------------------------- what every verdict has


def test_every_verdict_names_its_row_its_reason_and_the_figure_that_it_was_compared_with() -> None:
    change = verdict(figure(claim(60), at=24), view(figure(claim(45))))
    assert change.row == "9"
    assert "45 → 60 (+15, +33%)" in change.reason
    assert change.previous is not None
    assert change.previous.claim.low == 45


def test_days_are_not_told_apart_more_sharply_than_they_are_stated() -> None:
    known = view(figure(claim(45), at=20))
    stated_day = replace(figure(claim(60), at=12), as_of_precision=Precision.DAY)
    assert verdict(stated_day, known).kind is Kind.RAISED


# -------------------------------------------------------------------------------------------------- the gold cases


def _gold() -> list[Any]:
    if not CASES.exists():
        return []
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines() if line.strip()]


def _gold_figure(said: dict[str, Any], place: str) -> Figure:
    vague = {24: Vague.DOZENS, 200: Vague.HUNDREDS}
    number = vague[said["n"]] if said["qualifier"] == "vague" else said["n"]
    made = claim(
        number,
        Qualifier(said["qualifier"]),
        who=Who(said["who"]),
        outcome=Outcome(said["outcome"]),
        scope=Scope(said["scope"]),
        cue=Cue(said.get("cue") or "none"),
        subset=said.get("subset"),
        hedged=bool(said.get("hedged")),
        denied=bool(said.get("denied")),
    )
    dated = "as_of_hour" in said
    return figure(
        made,
        at=said.get("as_of_hour") or 0,
        source=said["source"],
        url=said.get("url") or place,
        dated=dated,
        edited=bool(said.get("edit")),
    )


@pytest.mark.skipif(not CASES.exists(), reason="the annotated cases are not beside this checkout")
@pytest.mark.parametrize("case", _gold(), ids=lambda case: case["case"])
def test_the_annotated_cases_agree(case: dict[str, Any]) -> None:
    live = [_gold_figure(said, f"live {i}") for i, said in enumerate(case["live"])]
    past = [
        replace(one, claim=claim(n), as_of=hour(-5), published=hour(-5)) for n in case["superseded"] for one in live
    ]
    past = [replace(one, claim=replace(one.claim, who=live[0].claim.who)) for one in past]
    new = _gold_figure(case["new"], "new")
    before = live[0] if case["new"].get("edit") else None
    change = verdict(new, view(*past, *live), is_echo=bool(case["new"].get("echo")), edited_from=before)
    assert (change.kind, change.level, change.silent_edit) == (case["verdict"], case["level"], case["silent_edit"])


def test_a_jump_to_a_number_that_the_text_counts_of_things_is_implausible() -> None:
    known = view(figure(claim(900, source="A"), source="A"))
    jump = figure(claim(4460, source="A"), source="A", at=5, doubtful=True)
    assert told(verdict(jump, known)) == (Kind.IMPLAUSIBLE, Level.DIGEST)
    assert told(verdict(replace(jump, doubtful=False), known)) == (Kind.RAISED, Level.NOW)

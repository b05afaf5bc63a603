"""Who hears of what, and how soon."""

from __future__ import annotations

import pytest

from alerts.rules import Share, channels_for, share_out
from model import Kind, Level, Outcome, Rule, Who
from tests.alerts.samples import AUTHORITY, change, claim, figure, raised


def rule(**fields: object) -> Rule:
    settings: dict[str, object] = {"name": "r", "channels": ("desk",), **fields}
    return Rule(**settings)  # type: ignore[arg-type]


def told_of(one: Rule, *, watches: tuple[str, ...] = ("ports",), level: Level = Level.NOW) -> dict[str, Level]:
    new, old = raised().to, raised().previous
    return channels_for(change(new, old, level=level), watches, [one])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"watches": ("ports", "trains")},
        {"outcomes": (Outcome.KILLED,)},
        {"who": (Who.PEOPLE,)},
        {"sources": (AUTHORITY.upper(),)},
        {"levels": (Level.NOW,)},
        {"minimum_step": 22},
    ],
)
def test_a_rule_passes_on_what_fits_it(fields: dict[str, object]) -> None:
    assert told_of(rule(**fields)) == {"desk": Level.NOW}


@pytest.mark.parametrize(
    "fields",
    [
        {"watches": ("trains",)},
        {"outcomes": (Outcome.INJURED,)},
        {"who": (Who.CHILDREN,)},
        {"sources": ("Somebody else",)},
        {"minimum_step": 23},
    ],
)
def test_a_rule_keeps_back_what_does_not_fit_it(fields: dict[str, object]) -> None:
    assert told_of(rule(**fields)) == {}


def test_log_is_never_told() -> None:
    assert told_of(rule(levels=(Level.NOW, Level.DIGEST, Level.LOG)), level=Level.LOG) == {}


def test_a_channel_that_only_takes_urgent_news_hears_no_digest() -> None:
    assert told_of(rule(levels=(Level.NOW,)), level=Level.DIGEST) == {}


def test_a_channel_that_only_takes_digests_finds_the_urgent_news_there() -> None:
    assert told_of(rule(levels=(Level.DIGEST,))) == {"desk": Level.DIGEST}


def test_the_most_urgent_of_several_rules_decides_for_a_channel() -> None:
    rules = [rule(levels=(Level.DIGEST,)), rule(levels=(Level.NOW,)), rule(channels=("archive",))]
    assert channels_for(raised(), [], rules) == {"desk": Level.NOW, "archive": Level.NOW}


def test_a_withdrawn_figure_passes_whatever_the_minimum_step() -> None:
    taken_back = change(figure(claim(41)), figure(claim(41)), kind=Kind.WITHDRAWN)
    assert channels_for(taken_back, [], [rule(minimum_step=1000)]) == {"desk": Level.NOW}


def test_a_first_figure_counts_as_a_step_from_nothing() -> None:
    first = change(figure(claim(4)))
    assert channels_for(first, [], [rule(minimum_step=5)]) == {}
    assert channels_for(first, [], [rule(minimum_step=4)]) == {"desk": Level.NOW}


def test_an_article_is_one_message_for_a_channel_that_hears_of_any_of_it_at_once() -> None:
    urgent, later = raised(), change(figure(claim(9, outcome=Outcome.INJURED)), level=Level.DIGEST)
    rules = [rule(channels=("desk", "slack")), rule(channels=("weekly",), levels=(Level.DIGEST,))]
    assert share_out([urgent, later], [], rules) == (
        Share(level=Level.NOW, channels=("desk", "slack"), changes=(urgent, later)),
        Share(level=Level.DIGEST, channels=("weekly",), changes=(urgent, later)),
    )


def test_nothing_is_shared_out_where_no_rule_fits() -> None:
    assert share_out([raised()], [], [rule(outcomes=(Outcome.MISSING,))]) == ()

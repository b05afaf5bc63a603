"""What a channel can be told to take and when, key by key: from the configuration to what is owed."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import load
from model import AlertType, Claim, Level, Outcome, Who
from monitor import Monitor
from telling import Teller
from tests.build import hour
from tests.desk import Desk, dead, desk, reading

FILE = """
[crawl]
contact = "desk@news.example"
[[outlets]]
id = "one"
name = "One"
homepage = "https://one.example"
feeds = ["https://one.example/rss"]
[[watches]]
id = "ferries"
name = "Ferries"
any = ["ferry"]
[[watches]]
id = "mines"
name = "Mines"
any = ["mine"]
[[channels]]
name = "desk"
kind = "print"
{channel}
[[channels]]
name = "all"
kind = "print"
[[rules]]
name = "to the desk"
channels = ["desk"]
{rule}
[[rules]]
name = "everything"
channels = ["all"]
"""


class Told:
    """A desk with a rule and hours out of a configuration, beside a channel that takes everything."""

    def __init__(self, at: Desk) -> None:
        self.at = at
        self.number = 0

    def take(self, *said: tuple[str, Claim], at: float = 0) -> None:
        self.number += 1
        self.at.take(reading(*said, url=f"https://two.example/{self.number}", at=at))

    def heard(self, channel: str = "desk") -> list[int]:
        """The numbers that a channel was told at once."""
        return [
            told.value.anchor
            for owed in self.at.owed()
            if owed.channel == channel and owed.alert.type is AlertType.FIGURE_CHANGED
            for told in owed.alert.changes
        ]

    def digests(self, at: float, channel: str = "desk") -> list[int]:
        """The numbers that a channel is told in digests up to an hour."""
        self.at.teller.release(hour(at))
        return [
            told.value.anchor
            for owed in self.at.owed()
            if owed.channel == channel and owed.alert.type is AlertType.DIGEST
            for told in owed.alert.changes
        ]


def told(folder: Path, *, rule: str = "", channel: str = "") -> Told:
    file = folder / "config.toml"
    file.write_text(FILE.format(rule=rule, channel=channel), encoding="utf-8")
    config = load(file, {})
    made = desk()
    teller = Teller(made.archive, watches=config.watches, rules=config.rules, outlet_names={}, hours=config.hours)
    return Told(
        Desk(made.archive, Monitor(made.archive, watches=config.watches, teller=teller, since=lambda _: None), teller)
    )


@pytest.mark.parametrize(("watch", "heard"), [("ferries", [20]), ("mines", [])])
def test_watches(tmp_path: Path, watch: str, heard: list[int]) -> None:
    at = told(tmp_path, rule=f'watches = ["{watch}"]')
    at.take(dead(20))
    assert (at.heard(), at.heard("all")) == (heard, [20])


def test_outcomes(tmp_path: Path) -> None:
    at = told(tmp_path, rule='outcomes = ["injured"]')
    at.take(dead(20), dead(45, outcome=Outcome.INJURED))
    assert (at.heard(), sorted(at.heard("all"))) == ([45], [20, 45])


def test_groups(tmp_path: Path) -> None:
    at = told(tmp_path, rule='who = ["children"]')
    at.take(dead(20), dead(7, who=Who.CHILDREN))
    assert 20 not in at.heard() + at.digests(100)
    assert 7 in at.heard() + at.digests(100)
    assert 20 in at.heard("all")


@pytest.mark.parametrize(
    ("levels", "at_once", "later"),
    [(["now"], [20], []), (["digest"], [], [20, 9]), (["now", "digest"], [20], [9])],
)
def test_levels(tmp_path: Path, levels: list[str], at_once: list[int], later: list[int]) -> None:
    at = told(tmp_path, rule=f"levels = {levels}")
    at.take(dead(20))
    at.take(dead(9, outcome=Outcome.DISPLACED), at=1)
    assert (at.heard(), at.digests(100)) == (at_once, later)
    assert {level.value for level in Level} >= set(levels)


def test_minimum_step(tmp_path: Path) -> None:
    at = told(tmp_path, rule="minimum_step = 25")
    for n, number in enumerate((20, 40, 66)):
        at.take(dead(number), at=2 * n)
    assert (at.heard(), at.heard("all")) == ([66], [20, 40, 66])


def test_sources(tmp_path: Path) -> None:
    at = told(tmp_path, rule='sources = ["Harbour Office"]')
    at.take(dead(20))
    at.take(dead(60, source="Harbour Office"), at=2)
    assert (at.heard(), at.heard("all")) == ([60], [20, 60])


def test_quiet_hours_with_override(tmp_path: Path) -> None:
    at = told(tmp_path, channel='quiet = ["12:00-18:00"]\noverride_step = 100')  # the story begins at noon
    at.take(dead(20), at=1)
    assert at.heard() == []
    at.take(dead(150), at=2)
    assert at.heard() == [150]
    at.take(dead(190), at=4)
    at.at.teller.release(hour(5.9))
    assert at.heard() == [150]
    at.at.teller.release(hour(6))
    assert at.heard() == [150, 190]


def test_digest_times_in_a_zone(tmp_path: Path) -> None:
    at = told(tmp_path, channel='timezone = "Asia/Kathmandu"\ndigests = ["21:00"]')  # 15:15 UTC
    at.take(dead(9, outcome=Outcome.DISPLACED))
    assert (at.digests(3.2), at.digests(3.2, "all")) == ([], [])
    assert (at.digests(3.25), at.digests(3.25, "all")) == ([9], [])
    assert at.digests(20, "all") == [9]


def test_rate_cap_that_turns_into_a_digest(tmp_path: Path) -> None:
    at = told(tmp_path, channel="most_per_hour = 1")
    at.take(dead(20))
    at.take(dead(60), at=0.2)
    at.take(dead(130), at=0.4)
    assert (at.heard(), at.digests(0.9), at.digests(1)) == ([20], [], [130])
    assert at.heard("all") == [20, 60, 130]

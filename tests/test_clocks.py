"""Whatever the clocks do, nothing is lost, told twice, or told in quiet hours.

Clocks on the wall change in four zones (one by half an hour, one at midnight), the machine's own clock is put forward
and back, the daemon ends at any moment, also in the middle of telling.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.hours import next_digest, quiet_until
from model import Alert, AlertType, Cue, DailyTime, Delivery, Hours, Quiet, Told
from tests.build import START
from tests.desk import TITLE, Desk, dead, desk, reading
from tests.test_telling import PLACES, restarted

HOUR = timedelta(hours=1)
# When the clocks of a zone are put forward and back, in UTC.
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2027-03-14T07:00", "2026-11-01T06:00"),
    "Asia/Beirut": ("2026-03-28T22:00", "2026-10-24T21:00"),
    "Australia/Lord_Howe": ("2026-10-03T15:30", "2026-04-04T15:00"),
}
BEGINS = st.sampled_from(
    [(zone, datetime.fromisoformat(at).replace(tzinfo=UTC)) for zone, moments in CHANGES.items() for at in moments]
)
NIGHT = Quiet(begins=time(22), ends=time(7))
SMALL_HOURS = Quiet(begins=time(0), ends=time(2, 30))  # they end in the hour that is skipped or comes twice
OVERRIDE = 60
HOURS = st.builds(
    Hours,
    digests=st.sampled_from([(DailyTime(at=time(8)),), (DailyTime(at=time(2, 15)), DailyTime(at=time(18)))]),
    quiet=st.sampled_from(
        [(), (NIGHT,), (SMALL_HOURS,), (NIGHT, Quiet(begins=time(), ends=time(), days=frozenset({6})))]
    ),
    override_step=st.sampled_from([None, OVERRIDE]),
    most_per_hour=st.sampled_from([None, 1, 2]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["text", "text", "text", "text", "release", "restart", "crash", "clock"]),
        st.sampled_from([0.05, 0.3, 1, 4, 11, 26]),  # hours that pass
        st.integers(0, 2),  # the event
        st.sampled_from([-15, -4, 1, 3, 8, 20, 90]),  # by how much its figure moves
        st.sampled_from([-30, -3, -1, 1, 3, 30]),  # hours that the machine's clock is put forward
    ),
    min_size=3,
    max_size=12,
)


@dataclass
class Story:
    """A desk, the true time, and a machine whose clock may be wrong."""

    at: Desk
    hours: Hours
    now: datetime
    wrong_by: timedelta = timedelta(0)
    latest: datetime = START
    figures: list[int] = field(default_factory=lambda: [30, 60, 90])
    told: list[tuple[datetime, Alert]] = field(default_factory=list)

    @property
    def clock(self) -> datetime:
        """What the machine takes for now."""
        return self.now + self.wrong_by

    def look(self) -> None:
        """Note what was owed since the last look, and when by the machine's clock."""
        self.latest = max(self.latest, self.clock)
        known = {alert.key for _, alert in self.told}
        owed: Iterable[Delivery] = self.at.archive.outbox.owed(self.clock + 99_999 * HOUR)
        self.told += [(self.clock, one.alert) for one in owed if one.alert.key not in known]

    def text(self, event: int, step: int) -> None:
        self.figures[event] = max(1, self.figures[event] + step)
        place, n = PLACES[event], self.figures[event]
        lead = f"A mine near {place} collapsed in {place} district, the {place} prefect told {place} radio at {place}."
        said = dead(n, cue=Cue.LOWERED if step < 0 else Cue.NONE)
        since_start = (self.now - START) / HOUR
        page = reading(said, url=f"https://{place}.example/{n}/{since_start}", at=since_start, lead=lead)
        assert page.article is not None
        page = replace(page, article=replace(page.article, title=f"{place} mine falls in".ljust(len(TITLE), "!")))
        self.at.monitor.take(page, fetched=self.clock)

    def crash(self) -> None:
        """End in the middle of telling: what was begun is undone."""

        def fail(*_: object) -> None:
            raise InterruptedError

        self.at.archive.outbox.owe = fail  # type: ignore[assignment, method-assign]
        with suppress(InterruptedError):
            self.at.teller.release(self.clock)
        del self.at.archive.outbox.owe
        self.at = restarted(self.at, self.hours)

    def goes_on(self, kind: str, passes: float, event: int, step: int, put: float) -> None:
        self.now += passes * HOUR
        match kind:
            case "text":
                self.text(event, step)
            case "restart":
                self.at = restarted(self.at, self.hours)
            case "crash":
                self.crash()
            case "clock":
                self.wrong_by += put * HOUR
        if kind in ("release", "clock"):
            self.at.teller.release(self.clock)
        self.look()

    def ends(self) -> None:
        """Go on, hour by hour, until whatever waited by the machine's latest clock has had its time."""
        self.now = self.latest - self.wrong_by
        for _ in range(_PATIENCE_H):
            self.now += HOUR
            self.at.teller.release(self.clock)
            self.look()


_PATIENCE_H = 4 * 24  # a small step waits a day, then for the next digest, then for the end of the night


def of_figures(story: Story) -> list[tuple[datetime, Alert]]:
    return [(at, alert) for at, alert in story.told if alert.type in (AlertType.FIGURE_CHANGED, AlertType.DIGEST)]


def is_large(told: Told, last: int | None) -> bool:
    """Whether a step reaches the override, from the figure before or from what was told last."""
    before = None if told.previous is None else told.previous.anchor
    known = [value for value in (last, before) if value is not None]
    return any(abs(told.value.anchor - value) >= OVERRIDE for value in known or [0])


@settings(max_examples=25, deadline=None)
@given(begins=BEGINS, early=st.integers(0, 40), hours=HOURS, steps=STEPS)
def test_whatever_the_clocks_do_nothing_is_lost_told_twice_or_told_in_quiet_hours(
    begins: tuple[str, datetime], early: int, hours: Hours, steps: list[tuple[str, float, int, int, float]]
) -> None:
    hours = replace(hours, timezone=begins[0])
    story = Story(at=desk(hours=hours), hours=hours, now=begins[1] - early * HOUR)
    for step in steps:
        story.goes_on(*step)
    story.ends()

    # Every change that was held back has been told or overtaken by now.
    archive = story.at.archive
    assert archive.outbox.due_pending(story.latest + 99_999 * HOUR) == []
    last: dict[str | None, int] = {}
    for at, alert in of_figures(story):
        large = [is_large(told, last.get(told.event)) for told in alert.changes]
        assert quiet_until(at, hours) is None or (hours.override_step is not None and any(large))
        for told in alert.changes:
            # Nothing is told twice: a number only after another one.
            assert last.get(told.event) != told.value.anchor
            last[told.event] = told.value.anchor
    # Nothing is lost: what stands was told, and was told last.
    standing = {
        event["id"]: row["number"] for event in archive.queries.events() for row in archive.queries.current(event["id"])
    }
    assert {event: last.get(event) for event in standing} == standing
    archive.close()


@given(begins=BEGINS, about=st.integers(-72 * 60, 72 * 60), hours=HOURS)
def test_quiet_hours_and_digests_go_by_the_clock_on_the_wall(
    begins: tuple[str, datetime], about: int, hours: Hours
) -> None:
    hours = replace(hours, timezone=begins[0])
    now = begins[1] + about * HOUR / 60
    ends = quiet_until(now, hours)
    assert ends is None or (now < ends <= now + 35 * HOUR and quiet_until(ends, hours) is None)
    due = next_digest(now, hours)
    assert now < due <= now + 25 * HOUR
    assert next_digest(due, hours) > due

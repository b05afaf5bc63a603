"""What is owed: alerts, their deliveries, and the changes that wait for a digest or for the gathering time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlite_utils import Database

from archive.rows import Row, marks, moment, text, to_text
from model import Alert, AlertType, Attempt, AttemptResult, Delivery, DeliveryState, Kind, Outcome, Wait, Who


class Outbox:
    """Verbs of what is owed to channels."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def owe(self, alert: Alert, channels: Iterable[str], now: datetime) -> None:
        """Keep an alert and owe it to channels; what is owed already stays as it is."""
        self._db.execute(
            "INSERT OR IGNORE INTO alerts (key, type, event, created, headline, data) VALUES (?, ?, ?, ?, ?, ?)",
            [
                alert.key,
                alert.type,
                alert.event,
                text(alert.created),
                alert.headline,
                msgspec.json.encode(alert).decode(),
            ],
        )
        for channel in channels:
            self._db.execute(
                """INSERT OR IGNORE INTO deliveries (alert_key, channel, state, owed_since, next_try)
                VALUES (?, ?, 'owed', ?, ?)""",
                [alert.key, channel, text(now), text(now)],
            )

    def owed(self, now: datetime, *, channel: str | None = None, limit: int = 200) -> list[Delivery]:
        """The deliveries to one channel (None: to each) that may be tried now, in the order in which they were owed.

        At most `limit` of a channel. A delivery waits for an earlier one of its event that is still owed to the same
        channel: stories stay in order. One whose alert this version cannot read is given up, visibly.
        """
        # Each channel is counted by itself: what piles up for a receiver that is down must not hide what others are owed.
        rows = self._db.execute(
            """WITH held AS MATERIALIZED (
                SELECT d.channel, a.event, MIN(d.id) AS first FROM deliveries d JOIN alerts a ON a.key = d.alert_key
                WHERE d.state = 'owed' AND d.next_try > :now AND (:channel IS NULL OR d.channel = :channel) GROUP BY 1, 2),
            due AS (
                SELECT d.id, ROW_NUMBER() OVER (PARTITION BY d.channel ORDER BY d.id) AS turn
                FROM deliveries d JOIN alerts a ON a.key = d.alert_key
                LEFT JOIN held ON held.channel = d.channel AND held.event = a.event AND held.first < d.id
                WHERE d.state = 'owed' AND d.next_try <= :now AND (:channel IS NULL OR d.channel = :channel)
                AND held.first IS NULL)
            SELECT d.*, a.data FROM due JOIN deliveries d ON d.id = due.id JOIN alerts a ON a.key = d.alert_key
            WHERE turn <= :limit ORDER BY d.id""",
            {"now": text(now), "channel": channel, "limit": limit},
        ).fetchall()
        return [delivery for row in rows if (delivery := self._delivery(row)) is not None]

    def _delivery(self, row: Row) -> Delivery | None:
        try:
            alert = msgspec.json.decode(row["data"], type=Alert)
        except msgspec.MsgspecError as error:  # one that another version wrote must not hold up all that is owed
            self._give_up("id = ?", [row["id"]], f"this version of Tollwatch cannot read the alert: {error}")
            return None
        return Delivery(
            id=row["id"],
            channel=row["channel"],
            alert=alert,
            attempts=row["attempts"],
            owed_since=moment(row["owed_since"]),
        )

    def record(
        self, delivery: Delivery, attempt: Attempt, state: DeliveryState, next_try: datetime | None, at: datetime
    ) -> None:
        """Keep how one attempt ended."""
        delivered = attempt.result is AttemptResult.DELIVERED
        self._db.execute(
            """UPDATE deliveries SET state = ?, attempts = attempts + 1, next_try = ?, last_error = ?, delivered_at = ?
            WHERE id = ?""",
            [
                state,
                to_text(next_try),
                None if delivered else attempt.detail,
                text(at) if delivered else None,
                delivery.id,
            ],
        )

    def drop_channels(self, known: Sequence[str]) -> None:
        """Deliveries to channels that are no longer configured are given up, visibly."""
        marks = ", ".join("?" for _ in known)
        self._give_up(f"channel NOT IN ({marks})", known, "the channel is no longer configured")
        self._db.execute(f"DELETE FROM pending WHERE channel NOT IN ({marks})", list(known))

    def _give_up(self, which: str, values: Sequence[object], why: str) -> None:
        self._db.execute(
            f"UPDATE deliveries SET state = 'dead', next_try = NULL, last_error = ? WHERE state = 'owed' AND {which}",
            [why, *values],
        )

    def rest(self, channel: str, until: datetime) -> None:
        """Let nothing of what is owed to a channel be due before `until`."""
        self._db.execute(
            "UPDATE deliveries SET next_try = ? WHERE state = 'owed' AND channel = ? AND next_try < ?",
            [text(until), channel, text(until)],
        )

    def owe_again(self, deliveries: Iterable[int], now: datetime) -> None:
        """Owe dead deliveries anew, as if they were owed since now."""
        for delivery in deliveries:
            self._db.execute(
                """UPDATE deliveries SET state = 'owed', attempts = 0, owed_since = ?, next_try = ?
                WHERE id = ? AND state = 'dead'""",
                [text(now), text(now), delivery],
            )

    def hurry(self, now: datetime) -> None:
        """Let everything that is owed be due at once, whatever pause it was in."""
        self._db.execute("UPDATE deliveries SET next_try = ? WHERE state = 'owed'", [text(now)])

    def wait(self, change_id: int, channel: str, *, as_: Wait, watches: Sequence[str], due: datetime) -> None:
        """Hold a change back for a channel until `due`."""
        self._db.execute(
            "INSERT OR IGNORE INTO pending VALUES (?, ?, ?, ?, ?)",
            [change_id, channel, as_, "\n".join(watches), text(due)],
        )

    def wait_on(self, change_id: int, channel: str, *, as_: Wait, due: datetime) -> None:
        """Hold a change back longer."""
        self._db.execute(
            "UPDATE pending SET level = ?, due = ? WHERE change_id = ? AND channel = ?",
            [as_, text(due), change_id, channel],
        )

    def due_pending(self, now: datetime) -> list[tuple[int, str, Wait, tuple[str, ...]]]:
        """What was held back and is due: (change id, channel, how it waits, watches), in the order of the changes."""
        rows = self._db.execute("SELECT * FROM pending WHERE due <= ? ORDER BY channel, change_id", [text(now)])
        return [
            (r["change_id"], r["channel"], Wait(r["level"]), tuple(filter(None, r["watches"].split("\n"))))
            for r in rows
        ]

    def released(self, change_id: int, channel: str) -> None:
        """A held-back change was put into an alert."""
        self._db.execute("DELETE FROM pending WHERE change_id = ? AND channel = ?", [change_id, channel])

    def overtaken(self, change_id: int, channel: str, kinds: Iterable[Kind]) -> None:
        """Let go of the earlier changes of some kinds that wait for a channel: it was told a later one of the series."""
        of_kinds = list(kinds)
        # From the series on, whose figures are some hundred: what waits for a digest may be tens of thousands.
        self._db.execute(
            f"""DELETE FROM pending WHERE channel = ? AND change_id IN (
                SELECT e.id FROM figures f CROSS JOIN changes e ON e.figure_id = f.id
                WHERE f.series_id = (SELECT l.series_id FROM changes l WHERE l.id = ?)
                AND e.id >= (SELECT MIN(change_id) FROM pending) AND e.id <> ? AND e.kind IN ({marks(of_kinds)}))""",
            [channel, change_id, change_id, *of_kinds],
        )

    def messages(self, channel: str, *, after: datetime, until: datetime) -> list[datetime]:
        """When messages about single events were owed to a channel within a time, the earliest first."""
        rows = self._db.execute(
            """SELECT d.owed_since FROM deliveries d JOIN alerts a ON a.key = d.alert_key
            WHERE d.channel = ? AND d.owed_since > ? AND d.owed_since <= ? AND a.type = ? ORDER BY d.owed_since""",
            [channel, text(after), text(until), AlertType.FIGURE_CHANGED],
        )
        return [moment(row["owed_since"]) for row in rows]

    def thread_of(self, channel: str, event: str) -> str | None:
        """What opened the thread of an event in a channel, in the channel's own words; None where none is open."""
        row = self._db.execute(
            "SELECT opened_by FROM threads WHERE channel = ? AND event = ?", [channel, event]
        ).fetchone()
        return None if row is None else str(row["opened_by"])

    def open_thread(self, channel: str, event: str, opened_by: str) -> None:
        """Remember what opened the thread of an event; an earlier one is forgotten."""
        self._db.execute("INSERT OR REPLACE INTO threads VALUES (?, ?, ?)", [channel, event, opened_by])

    def last_told(self, event: str, outcome: Outcome, who: Who) -> datetime | None:
        """When a change of this event, outcome and group was last told at once."""
        row = self._db.execute(
            "SELECT at FROM told WHERE event = ? AND outcome = ? AND who = ?", [event, outcome, who]
        ).fetchone()
        return None if row is None else moment(row[0])

    def mark_told(self, event: str, outcome: Outcome, who: Who, at: datetime) -> None:
        """Remember that a change of this event, outcome and group was told at once."""
        self._db.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)", [event, outcome, who, text(at)])

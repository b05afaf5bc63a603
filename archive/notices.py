"""What was told of outlets and channels that are not well, and what is known of each channel's deliveries."""

from __future__ import annotations

from sqlite_utils import Database

from archive.rows import moment, text, to_moment, to_text
from model import ChannelRecord, Noticed

_HAS_FAILED = 3  # attempts after which a delivery that is owed counts as failing


class Notices:
    """Verbs of what is told of the watch itself."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, channel: str) -> dict[str, Noticed]:
        """What a channel was told is not well, by what it is about; the empty channel is all of them."""
        rows = self._db.execute("SELECT * FROM notices WHERE channel = ?", [channel])
        return {
            row["about"]: Noticed(
                told=moment(row["told"]), well_since=to_moment(row["well_since"]), last_dead=row["last_dead"]
            )
            for row in rows
        }

    def keep(self, channel: str, about: str, noticed: Noticed) -> None:
        """Remember what a channel was told; what was remembered before is forgotten."""
        self._db.execute(
            "INSERT OR REPLACE INTO notices (about, channel, told, well_since, last_dead) VALUES (?, ?, ?, ?, ?)",
            [about, channel, text(noticed.told), to_text(noticed.well_since), noticed.last_dead],
        )

    def forget(self, channel: str, about: str) -> None:
        """Forget that a channel was told."""
        self._db.execute("DELETE FROM notices WHERE channel = ? AND about = ?", [channel, about])

    def channel_record(self, channel: str, *, since: int) -> ChannelRecord:
        """What is known of a channel's deliveries; the dead ones are counted from the delivery after `since` on."""
        delivered = self._db.execute(
            "SELECT MAX(delivered_at) FROM deliveries WHERE channel = ? AND state = 'delivered'", [channel]
        ).fetchone()[0]
        dead = self._db.execute(
            "SELECT COUNT(*), MAX(id) FROM deliveries WHERE channel = ? AND state = 'dead' AND id > ?", [channel, since]
        ).fetchone()
        owed = self._db.execute(
            "SELECT COUNT(*), MIN(owed_since), MAX(id) FROM deliveries WHERE state = 'owed' AND channel = ? AND attempts >= ?",
            [channel, _HAS_FAILED],
        ).fetchone()
        return ChannelRecord(
            channel=channel,
            delivered=to_moment(delivered),
            dead=dead[0],
            last_dead=dead[1] or since,
            waiting=owed[0],
            waiting_since=to_moment(owed[1]),
            last_error=self._last_error(dead[1] or owed[2]),
        )

    def _last_error(self, delivery: int | None) -> str:
        row = self._db.execute("SELECT last_error FROM deliveries WHERE id = ?", [delivery]).fetchone()
        return "" if row is None else row["last_error"] or ""

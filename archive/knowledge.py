"""What follows from what was read: series and their figures, the verdicts on them, and who watches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlite_utils import Database

from archive.known import SETTLED
from archive.rows import (
    FIGURE_FROM,
    FIGURE_SELECT,
    change_from,
    insert,
    moment,
    read_figures,
    row_to_figure,
    row_to_key,
    text,
    to_text,
)
from model import Change, Figure, History, Scope, SeriesKey, Watch


class Knowledge:
    """Verbs of what is known and was decided."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def histories(self, event: str) -> list[History]:
        """Every series of an event with all figures that move it."""
        figures: dict[int, list[Figure]] = {}
        for row in self._db.execute(
            f"""SELECT f.series_id, {FIGURE_SELECT} FROM {FIGURE_FROM} JOIN series s ON s.id = f.series_id
            WHERE s.event = ? AND f.moves""",
            [event],
        ):
            figures.setdefault(row["series_id"], []).append(row_to_figure(row))
        for of_series in figures.values():  # here, since SQLite would sort whole rows
            of_series.sort(key=lambda figure: figure.id or 0)
        return [
            History(key=row_to_key(row), figures=tuple(figures.get(row["id"], ())), told=row["told"])
            for row in self._db.execute("SELECT * FROM series WHERE event = ? ORDER BY id", [event])
        ]

    def history(self, key: SeriesKey) -> History:
        """One series with all figures that move it."""
        row = self._db.execute("SELECT * FROM series WHERE id = ?", [self.series(key)]).fetchone()
        figures = read_figures(self._db, "f.series_id = ? AND f.moves", [row["id"]])
        return History(key=key, figures=tuple(figures), told=row["told"])

    def beside(self, event: str) -> tuple[Figure, ...]:
        """The figures of an event that move no series: its parts and increments."""
        return tuple(
            read_figures(
                self._db,
                "f.scope IN (?, ?) AND f.series_id IN (SELECT id FROM series WHERE event = ?)",
                [Scope.PART, Scope.INCREMENT, event],
            )
        )

    def figures_of(self, revision_id: int) -> list[Figure]:
        """The figures that one revision stated."""
        return read_figures(self._db, "f.revision_id = ?", [revision_id])

    def foreign_places(self, revision_id: int) -> frozenset[int]:
        """Where the claims of a revision start that were taken for another event's."""
        rows = self._db.execute(
            """SELECT c.start FROM figures f JOIN claims c ON c.id = f.claim_id
            WHERE f.revision_id = ? AND f.scope = ? AND c.scope <> ?""",
            [revision_id, Scope.BACKGROUND, Scope.BACKGROUND],
        )
        return frozenset(row["start"] for row in rows)

    def series(self, key: SeriesKey) -> int:
        """The id of a series, opened where there is none yet."""
        values = [key.event, key.outcome, key.who, key.subset or "", key.source]
        row = self._db.execute(
            "SELECT id FROM series WHERE event = ? AND outcome = ? AND who = ? AND IFNULL(subset, '') = ? AND source = ?",
            values,
        ).fetchone()
        if row is not None:
            return int(row[0])
        return insert(
            self._db,
            "series",
            event=key.event,
            outcome=key.outcome,
            who=key.who,
            subset=key.subset,
            source=key.source,
        )

    def add_figure(
        self, series: int, figure: Figure, *, number: int, claim_id: int, article_id: int, moves: bool
    ) -> int:
        """Keep a figure in a series; `moves` tells whether it counts for what the series says now."""
        mark_start, mark_end = figure.quote_mark
        return insert(
            self._db,
            "figures",
            series_id=series,
            claim_id=claim_id,
            revision_id=figure.revision_id,
            article_id=article_id,
            party=figure.party,
            moves=moves,
            dated=figure.dated,
            edited=figure.edited,
            doubtful=figure.doubtful,
            as_of=text(figure.as_of),
            as_of_precision=figure.as_of_precision,
            seen=text(figure.seen),
            published=to_text(figure.published),
            quote=figure.quote,
            mark_start=mark_start,
            mark_end=mark_end,
            source=figure.source,
            scope=figure.claim.scope,
            cue=figure.claim.cue,
            number=number,
        )

    def settle_figure(
        self, claim_id: int, key: SeriesKey, figure: Figure, *, number: int, moves: bool, at: datetime
    ) -> SeriesKey | None:
        """Put a figure that was kept into the series that it belongs to now; returns the one it was in, if another.

        The verdict on it goes with it, as it was given. Where the figure lay before `at` is kept.
        """
        row = self._db.execute(
            """SELECT f.id AS figure_id, f.moves, f.scope, f.edited, f.party, f.as_of, s.* FROM figures f
            JOIN series s ON s.id = f.series_id WHERE f.claim_id = ?""",
            [claim_id],
        ).fetchone()
        was, as_of = row_to_key(row), text(figure.as_of)
        before = (was, bool(row["moves"]), row["scope"], bool(row["edited"]), row["party"], row["as_of"])
        if before == (key, moves, figure.claim.scope, figure.edited, figure.party, as_of):
            return None
        series, settled = self.series(key), ", ".join(SETTLED)
        self._db.execute(
            f"INSERT INTO resettled (figure_id, until, {settled}) SELECT id, ?, {settled} FROM figures WHERE id = ?",
            [text(at), row["figure_id"]],
        )
        self._db.execute(
            """UPDATE figures SET series_id = ?, source = ?, party = ?, moves = ?, edited = ?, scope = ?, number = ?,
                as_of = ?, as_of_precision = ?, dated = ? WHERE id = ?""",
            [
                series,
                figure.source,
                figure.party,
                moves,
                figure.edited,
                figure.claim.scope,
                number,
                as_of,
                figure.as_of_precision,
                figure.dated,
                row["figure_id"],
            ],
        )
        self._db.execute(
            "UPDATE changes SET series_id = ?, event = ? WHERE figure_id = ?", [series, key.event, row["figure_id"]]
        )
        return was

    def names(self, event: str) -> Iterator[tuple[str, str, tuple[datetime, str]]]:
        """Each name of an event's sources and speakers as often as it was said: (name, its source, (published, url)).

        Those of one text come in the order of its claims.
        """
        for row in self._db.execute(
            """SELECT f.source, c.source AS said, c.speaker, f.published, a.url FROM series s
            JOIN figures f ON f.series_id = s.id JOIN claims c ON c.id = f.claim_id JOIN articles a ON a.id = f.article_id
            WHERE s.event = ? AND f.published IS NOT NULL ORDER BY c.start""",
            [event],
        ):
            place = (moment(row["published"]), row["url"])
            for name in (row["source"], row["said"], row["speaker"]):
                if name is not None:
                    yield name, row["source"], place

    def said_before(self, key: SeriesKey, number: int, stated: datetime, url: str) -> list[tuple[str, str, str]]:
        """Who gave a number of an event, outcome and group as a total before a text: (quote, source, party), in order."""
        rows = self._db.execute(
            """SELECT f.quote, f.source, f.party FROM series s JOIN figures f ON f.series_id = s.id AND f.number = ?
            JOIN articles a ON a.id = f.article_id
            WHERE s.event = ? AND s.outcome = ? AND s.who = ? AND s.subset IS ? AND f.moves AND a.url <> ?
            AND (f.published, a.url) < (?, ?) ORDER BY f.published, a.url LIMIT 20""",
            [number, key.event, key.outcome, key.who, key.subset, url, text(stated), url],
        )
        return [(row["quote"], row["source"], row["party"]) for row in rows]

    def sources_saying(self, key: SeriesKey, number: int, stated: datetime, url: str) -> frozenset[str]:
        """The named sources that gave a number of an event, outcome and group as a total before a text was published."""
        rows = self._db.execute(
            """SELECT DISTINCT f.source FROM series s JOIN figures f ON f.series_id = s.id AND f.number = ?
            JOIN articles a ON a.id = f.article_id
            WHERE s.event = ? AND s.outcome = ? AND s.who = ? AND s.subset IS ? AND f.moves
            AND f.source NOT LIKE 'outlet:%' AND (f.published, a.url) < (?, ?)""",
            [number, key.event, key.outcome, key.who, key.subset, text(stated), url],
        )
        return frozenset(row["source"] for row in rows)

    def outlets_saying(self, key: SeriesKey, number: int) -> int:
        """How many outlets carried a number of an event, outcome and group, whoever they had it from."""
        row = self._db.execute(
            """SELECT COUNT(DISTINCT a.outlet) FROM series s JOIN figures f ON f.series_id = s.id AND f.number = ?
            JOIN articles a ON a.id = f.article_id
            WHERE s.event = ? AND s.outcome = ? AND s.who = ? AND s.subset IS ? AND f.scope NOT IN (?, ?)""",
            [number, key.event, key.outcome, key.who, key.subset, Scope.BACKGROUND, Scope.PREVIOUS],
        ).fetchone()
        return int(row[0])

    def add_source(self, name: str, party: str, at: datetime) -> None:
        """Keep a body that counts."""
        self._db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?, ?)", [name, party, text(at)])

    def set_current(self, series: int, figure_id: int | None) -> None:
        """Keep which figure stands in a series, for those who read the archive with SQL."""
        self._db.execute("UPDATE series SET current_figure = ? WHERE id = ?", [figure_id, series])

    def stand_from(self, series: int, figure_id: int | None, at: datetime) -> None:
        """Keep which figure stands in a series from `at` on, where it is not the one that a verdict was given on then."""
        self._db.execute(
            """INSERT INTO standings (series_id, figure_id, at, change_id)
            SELECT id, ?1, ?2, (SELECT MAX(id) FROM changes) FROM series
            WHERE id = ?3 AND IFNULL(current_figure, ?1) IS NOT NULL""",
            [figure_id, text(at), series],
        )
        self.set_current(series, figure_id)

    def current_of(self, key: SeriesKey) -> int | None:
        """The id of the figure that stands in a series."""
        row = self._db.execute("SELECT current_figure FROM series WHERE id = ?", [self.series(key)]).fetchone()
        return None if row is None else row["current_figure"]

    def set_told(self, series: int, number: int, change_id: int) -> None:
        """Keep the number that subscribers were last told of a series, and by which verdict."""
        self._db.execute("UPDATE series SET told = ? WHERE id = ?", [number, series])
        self._db.execute("UPDATE changes SET heard = 1 WHERE id = ?", [change_id])

    def reset_series(self, key: SeriesKey, current: int | None, at: datetime) -> None:
        """Keep what stands from `at` on in a series whose figures came or went, and what was told of those it has now."""
        series = self.series(key)
        self.stand_from(series, current, at)
        self._db.execute(
            """UPDATE series SET told = (SELECT f.number FROM changes ch JOIN figures f
                ON f.id = ch.figure_id WHERE f.series_id = series.id AND ch.heard ORDER BY ch.id DESC LIMIT 1)
            WHERE id = ?""",
            [series],
        )

    # ------------------------------------------------------------------------------------------------- changes

    def add_change(
        self, change: Change, *, series: int, figure_id: int, baseline: bool, stands: bool, at: datetime
    ) -> int:
        """Keep a verdict; `stands` tells that its figure stands in its series from then on."""
        return insert(
            self._db,
            "changes",
            event=change.series.event,
            series_id=series,
            figure_id=figure_id,
            previous_figure_id=None if change.previous is None else change.previous.id,
            kind=change.kind,
            level=change.level,
            row=change.row,
            reason=change.reason,
            attached=" ".join(change.attached),
            silent_edit=change.silent_edit,
            baseline=baseline,
            stands=stands,
            at=text(at),
        )

    def last_moved(self, event: str) -> datetime | None:
        """When a figure of an event moved last, None for an event at which none did yet."""
        row = self._db.execute(
            "SELECT at FROM changes WHERE event = ? AND level <> 'log' ORDER BY at DESC LIMIT 1", [event]
        ).fetchone()
        return None if row is None else moment(row["at"])

    def standing_changes(self, event: str) -> list[tuple[int, Change]]:
        """The verdicts on the figures that stand in an event now, with their ids."""
        rows = self._db.execute(
            """SELECT ch.id FROM changes ch JOIN series s ON s.current_figure = ch.figure_id
            WHERE s.event = ? ORDER BY ch.id""",
            [event],
        ).fetchall()
        return [(row["id"], self.change(row["id"])) for row in rows]

    def has_change(self, change_id: int) -> bool:
        """Whether there is a verdict of that number."""
        return self._db.execute("SELECT 1 FROM changes WHERE id = ?", [change_id]).fetchone() is not None

    def change(self, change_id: int) -> Change:
        """A verdict that was kept, with its figures."""
        row = self._db.execute("SELECT * FROM changes WHERE id = ?", [change_id]).fetchone()
        key = row_to_key(self._db.execute("SELECT * FROM series WHERE id = ?", [row["series_id"]]).fetchone())
        (to,) = read_figures(self._db, "f.id = ?", [row["figure_id"]])
        previous = read_figures(self._db, "f.id = ?", [row["previous_figure_id"]]) if row["previous_figure_id"] else []
        return change_from(row, key=key, to=to, previous=previous[0] if previous else None)

    # ------------------------------------------------------------------------------------------------- watches

    def sync_watches(self, watches: Sequence[Watch], now: datetime) -> None:
        """Make the archive's watches those of the configuration; what is gone keeps its history."""
        self._db.execute("UPDATE watches SET removed = ? WHERE removed IS NULL", [text(now)])
        for watch in watches:
            self._db.execute(
                """INSERT INTO watches (id, name, definition, added) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
                SET name = excluded.name, definition = excluded.definition, removed = NULL""",
                [watch.id, watch.name, repr(watch), text(now)],
            )

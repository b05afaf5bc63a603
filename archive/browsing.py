"""The questions that the dashboard's pages put to the archive. Each is plain SQL that anybody may put, too.

Every question is answered from an index and ends with a limit: a page costs the same in an archive of a million texts.
An empty parameter is one that was not given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive.queries import Answer
from archive.rows import marks

_GRAVITY = """CASE s.outcome WHEN 'killed' THEN 1 WHEN 'missing' THEN 2 WHEN 'abducted' THEN 3 WHEN 'injured' THEN 4
    WHEN 'casualties' THEN 5 WHEN 'detained' THEN 6 ELSE 7 END"""
_WHAT = "s.outcome, s.who, s.subset"
_FIGURE = """c.qualifier, f.number, c.low, c.high, c.phrase, c.hedged, s.source, c.source_text, f.as_of,
    f.as_of_precision, f.dated, f.cue, c.window, f.published, f.seen, a.outlet, IFNULL(o.name, a.outlet) AS outlet_name, f.article_id AS article, f.id AS figure,
    f.quote, f.mark_start, f.mark_end"""
_FIGURE_FROM = """JOIN claims c ON c.id = f.claim_id JOIN articles a ON a.id = f.article_id
    LEFT JOIN outlets o ON o.id = a.outlet"""
_MOVE = f"""ch.id AS change, ch.at, ch.event, e.name AS event_name, {_WHAT}, ch.kind, ch.level, ch."row", ch.reason, ch.attached, ch.silent_edit,
    pc.qualifier AS qualifier_before, p.number AS number_before, pc.low AS low_before, pc.high AS high_before,
    pc.phrase AS phrase_before, ps.source AS source_before, {_FIGURE}"""
_MOVE_FROM = f"""changes ch JOIN figures f ON f.id = ch.figure_id {_FIGURE_FROM} JOIN series s ON s.id = ch.series_id
    JOIN events e ON e.id = ch.event LEFT JOIN figures p ON p.id = ch.previous_figure_id
    LEFT JOIN claims pc ON pc.id = p.claim_id LEFT JOIN series ps ON ps.id = p.series_id"""
_WEIGHT = f"""{_GRAVITY}, MAX(f.number) OVER (PARTITION BY s.outcome, s.who, s.subset) DESC, s.who, s.subset,
    f.number DESC, s.source"""
_GRAVEST = f"""SELECT s.id FROM series s JOIN figures f ON f.id = s.current_figure
    WHERE s.event = :event ORDER BY {_WEIGHT} LIMIT 50"""
_STANDING = f"{_WHAT}, {_FIGURE}, f.party, s.id AS series"
_TOLD = "ch.level <> 'log' AND NOT ch.baseline"
_TEXT = """a.id AS article, a.outlet, IFNULL(o.name, a.outlet) AS outlet_name, r.title, IFNULL(a.published, a.first_seen) AS
    published, r.number AS revisions, a.url"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One table of a page: `sql` names its parameters as :name."""

    title: str
    description: str
    sql: str


QUESTIONS: Mapping[str, Question] = {
    "watches_followed": Question(
        title="Watches",
        description="What is followed, and how many events each watch has seen (counted up to 1,000).",
        sql="""SELECT w.id AS watch, w.name, (SELECT COUNT(*) FROM (SELECT 1 FROM event_watches ew WHERE ew.watch = w.id LIMIT 1000)) AS events, w.added
            FROM watches w WHERE w.removed IS NULL ORDER BY w.name LIMIT 500""",
    ),
    "moved": Question(
        title="What moved",
        description="Changes that were told or wait for a digest, the newest first; `before` is a time.",
        sql=f"""SELECT {_MOVE} FROM {_MOVE_FROM}
            WHERE {_TOLD} AND ch.at < IIF(:before = '', '9', :before) ORDER BY ch.at DESC, ch.id DESC LIMIT 50""",
    ),
    "watch_moved": Question(
        title="What moved for a watch",
        description="The 50 newest changes that a watch saw among the newest 1,000 of all; where there are fewer, those of its newest 50 events, too.",
        sql=f"""WITH newest AS (
                SELECT n.id, n.at FROM (SELECT ch.id, ch.at, ch.event FROM changes ch WHERE {_TOLD} ORDER BY ch.at DESC LIMIT 1000) n
                    CROSS JOIN event_watches ew ON ew.event = n.event AND ew.watch = :watch ORDER BY n.at DESC, n.id DESC LIMIT 50)
            SELECT {_MOVE} FROM (
                SELECT id, at FROM newest
                UNION SELECT ch.id, ch.at FROM (SELECT event FROM event_watches WHERE watch = :watch
                        AND (SELECT COUNT(*) FROM newest) < 50 ORDER BY event DESC LIMIT 50) ew
                    JOIN changes ch ON ch.event = ew.event WHERE {_TOLD}
                ORDER BY 2 DESC, 1 DESC LIMIT 50
            ) seen CROSS JOIN {_MOVE_FROM} WHERE ch.id = seen.id ORDER BY ch.at DESC, ch.id DESC""",
    ),
    "events_lately": Question(
        title="Events",
        description="The events that were written about last, each with its gravest and highest standing figure.",
        sql=f"""SELECT e.id AS event, e.name AS event_name, e.opened, e.last_seen, e.articles, {_WHAT}, {_FIGURE}
            FROM (SELECT *, (SELECT f.id FROM series s JOIN figures f ON f.id = s.current_figure WHERE s.event = events.id
                ORDER BY {_GRAVITY}, f.number DESC LIMIT 1) AS gravest FROM events
                WHERE articles > 0 AND last_seen < IIF(:before = '', '9', :before) ORDER BY last_seen DESC LIMIT 30) e
            LEFT JOIN figures f ON f.id = e.gravest LEFT JOIN series s ON s.id = f.series_id
            LEFT JOIN claims c ON c.id = f.claim_id LEFT JOIN articles a ON a.id = f.article_id
            LEFT JOIN outlets o ON o.id = a.outlet ORDER BY e.last_seen DESC""",
    ),
    "watch_events": Question(
        title="Events of a watch",
        description="The 200 newest events that a watch has seen.",
        sql="""SELECT e.id AS event, e.name AS event_name, e.opened, e.last_seen, e.articles
            FROM (SELECT event FROM event_watches WHERE watch = :watch ORDER BY event DESC LIMIT 200) ew
            JOIN events e ON e.id = ew.event WHERE e.articles > 0 ORDER BY e.last_seen DESC""",
    ),
    "event_figures": Question(
        title="What each source says",
        description="The figure that stands in each series of an event, the gravest 50.",
        sql=f"""SELECT {_STANDING} FROM ({_GRAVEST}) gravest
            JOIN series s ON s.id = gravest.id JOIN figures f ON f.id = s.current_figure {_FIGURE_FROM} ORDER BY {_WEIGHT}""",
    ),
    "event_carriers": Question(
        title="Who carries each figure",
        description="The first five outlets that printed each of an event's gravest 50 standing figures, the first one first; `carried` counts all.",
        sql=f"""SELECT series, outcome, who, subset, source, number, outlet, outlet_name, first_seen, article, figure, carried FROM (
            SELECT s.id AS series, {_WHAT}, s.source, f.number, a.outlet, IFNULL(o.name, a.outlet) AS outlet_name,
                MIN(f.seen) AS first_seen, f.article_id AS article, f.id AS figure,
                ROW_NUMBER() OVER (PARTITION BY s.id ORDER BY MIN(f.seen), f.id) AS place,
                COUNT(*) OVER (PARTITION BY s.id) AS carried
            FROM ({_GRAVEST}) gravest JOIN series s ON s.id = gravest.id
            JOIN figures n ON n.id = s.current_figure JOIN figures f ON f.series_id = s.id AND f.number = n.number
            JOIN articles a ON a.id = f.article_id LEFT JOIN outlets o ON o.id = a.outlet
            GROUP BY s.id, a.outlet) WHERE place <= 5 ORDER BY series, place""",
    ),
    "event_course": Question(
        title="How the figures moved",
        description="The newest 50 figures of an event that said something new, among its newest 2,000, as they were true.",
        sql=f"""SELECT {_MOVE} FROM (
                SELECT n.id FROM (SELECT id, kind, at FROM changes WHERE event = :event AND at <= IIF(:seen_by = '', '9', :seen_by)
                    ORDER BY at DESC LIMIT 2000) n
                WHERE n.kind NOT IN ('restated', 'repeat', 'stale', 'context', 'refined', 'denied') ORDER BY n.at DESC LIMIT 50
            ) seen CROSS JOIN {_MOVE_FROM} WHERE ch.id = seen.id AND f.as_of <= IIF(:as_of = '', '9', :as_of)
            ORDER BY f.as_of, f.id""",
    ),
    "event_texts": Question(
        title="Articles",
        description="The 50 newest articles of an event; `copy_of` is the article whose text each repeats.",
        sql=f"""SELECT {_TEXT}, er.article_id AS copy_of, IFNULL(eo.name, x.outlet) AS copy_of_outlet
            FROM (SELECT a.* FROM (SELECT article_id FROM event_articles WHERE event = :event ORDER BY article_id DESC LIMIT 1000) ea
                JOIN articles a ON a.id = ea.article_id ORDER BY IFNULL(a.published, a.first_seen) DESC LIMIT 50) a
            JOIN revisions r ON r.id = a.revision_id LEFT JOIN outlets o ON o.id = a.outlet
            LEFT JOIN revisions er ON er.id = r.echo_of LEFT JOIN articles x ON x.id = er.article_id
            LEFT JOIN outlets eo ON eo.id = x.outlet ORDER BY published DESC""",
    ),
    "event_watched_by": Question(
        title="Watches of an event",
        description="The watches that see an event.",
        sql="""SELECT w.id AS watch, w.name FROM event_watches ew JOIN watches w ON w.id = ew.watch
            WHERE ew.event = :event ORDER BY w.name LIMIT 100""",
    ),
    "article_claims": Question(
        title="Claims",
        description="Every claim of a revision, where it stands, and what became of it.",
        sql="""SELECT c.id AS claim, c.start, c.end, c.phrase, c.sentence_start, c.sentence_end, c.qualifier, c.low, c.high, c.outcome, c.who,
                c.who_text, c.subset, IFNULL(f.source, c.source) AS source, c.source_text, c.speaker, c.relay,
                IFNULL(f.scope, c.scope) AS scope, c.window, IFNULL(f.as_of, c.as_of) AS as_of, c.hedged, c.denied, c.rule,
                f.id AS figure, f.number, s.event, e.name AS event_name, ch.kind, ch.reason
            FROM claims c LEFT JOIN figures f ON f.claim_id = c.id LEFT JOIN series s ON s.id = f.series_id
            LEFT JOIN events e ON e.id = s.event
            LEFT JOIN changes ch ON ch.id = (SELECT MAX(id) FROM changes WHERE figure_id = f.id)
            WHERE c.revision_id = :revision ORDER BY c.start LIMIT 1000""",
    ),
    "article_revisions": Question(
        title="Revisions",
        description="Every distinct text of an article, without the text.",
        sql="""SELECT r.id AS revision, r.number, r.title, r.language, r.kind, r.credit, r.published, r.modified, r.fetched, r.stated,
                r.sha256, r.reader_version, er.article_id AS copy_of
            FROM revisions r LEFT JOIN revisions er ON er.id = r.echo_of
            WHERE r.article_id = :article ORDER BY r.number LIMIT 200""",
    ),
    "article_copies": Question(
        title="Copies",
        description="The newest 100 texts that repeat a revision of an article.",
        sql=f"""SELECT {_TEXT} FROM revisions own JOIN revisions r ON r.echo_of = own.id JOIN articles a ON a.id = r.article_id
            LEFT JOIN outlets o ON o.id = a.outlet WHERE own.article_id = :article AND a.id <> :article
            GROUP BY a.id ORDER BY r.id DESC LIMIT 100""",
    ),
    "article_captures": Question(
        title="Captures",
        description="The original bytes that are kept of an article: the WARC file, where in it, and their hash.",
        sql="""SELECT r.number AS revision, k.fetched, k.url, k.bytes, k.sha256, k.file, k.offset, k.length
            FROM revisions r JOIN captures k ON k.revision_id = r.id WHERE r.article_id = :article ORDER BY k.id LIMIT 200""",
    ),
    "article_events": Question(
        title="Events of an article",
        description="The events that an article belongs to.",
        sql="""SELECT e.id AS event, e.name AS event_name FROM event_articles ea JOIN events e ON e.id = ea.event
            WHERE ea.article_id = :article ORDER BY e.last_seen DESC LIMIT 20""",
    ),
    "addresses_polled": Question(
        title="Addresses",
        description="The addresses that are polled, those that fail first, 300 at most; `source_health` has all.",
        sql="SELECT * FROM source_health ORDER BY failures DESC, outlet, url LIMIT 300",
    ),
    "texts_found": Question(
        title="Texts that hold all words",
        description="The 50 newest revisions that match `words`, a full-text query.",
        sql="""SELECT a.id AS article, a.outlet, IFNULL(o.name, a.outlet) AS outlet_name, r.number AS revision, r.stated, r.title,
                snippet(revisions_fts, 1, char(2), char(3), ' … ', 28) AS found, a.url
            FROM (SELECT rowid AS id FROM revisions_fts WHERE revisions_fts MATCH :words ORDER BY rowid DESC LIMIT 50) n
            JOIN revisions_fts ON revisions_fts.rowid = n.id AND revisions_fts MATCH :words
            JOIN revisions r ON r.id = n.id JOIN articles a ON a.id = r.article_id LEFT JOIN outlets o ON o.id = a.outlet
            ORDER BY n.id DESC""",
    ),
    "alerts_lately": Question(
        title="Alerts",
        description="The 50 newest alerts with each delivery; `before` is a time.",
        sql="""SELECT a.key, a.created, a.type, a.event, e.name AS event_name, a.headline, d.channel, d.state, d.attempts,
                d.owed_since, d.next_try, d.delivered_at, d.last_error
            FROM (SELECT rowid, * FROM alerts WHERE created < IIF(:before = '', '9', :before)
                ORDER BY created DESC, rowid DESC LIMIT 50) a
            LEFT JOIN deliveries d ON d.alert_key = a.key LEFT JOIN events e ON e.id = a.event
            ORDER BY a.created DESC, a.rowid DESC, d.channel LIMIT 1000""",
    ),
}
_EVENT = "SELECT * FROM events WHERE id = ?"
_WATCH = "SELECT * FROM watches WHERE id = ?"
_ARTICLE = """SELECT a.*, IFNULL(o.name, a.outlet) AS outlet_name, o.homepage FROM articles a
    LEFT JOIN outlets o ON o.id = a.outlet WHERE a.id = ?"""
_PLACE = """SELECT f.article_id AS article, r.number AS revision, f.claim_id AS claim FROM figures f
    JOIN revisions r ON r.id = f.revision_id WHERE f.id = ?"""


COUNTED = "SELECT kept, rows FROM row_counts"


def counting(table: str) -> str:
    """SQL for how many rows a table has: as it is known, or row by row.

    SQLite counts a whole table in one step, which no limit breaks off; under a condition it does not.
    """
    counted = f"SELECT COUNT(*) FROM [{table}] WHERE 1"
    return f"SELECT IFNULL((SELECT rows FROM row_counts WHERE kept = '{table}'), ({counted}))"


def counting_up_to(most: int, tables: Sequence[str]) -> str:
    """SQL for one row with how many rows each table has, `most` + 1 for all that have more."""
    names = [table.replace('"', '""') for table in tables]
    return "SELECT " + ", ".join(f'(SELECT COUNT(*) FROM (SELECT 1 FROM "{one}" LIMIT {most + 1}))' for one in names)


class Browsing:
    """Verbs of the dashboard's pages."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def answer(self, question: str, **values: object) -> Answer:
        """The rows of one of the QUESTIONS; a parameter that is not given is empty."""
        given = {"before": "", "as_of": "", "seen_by": "", **values}
        return [dict(row) for row in self._db.execute(QUESTIONS[question].sql, given)]

    def standing(self, figures: Sequence[int]) -> Answer:
        """The rows of `event_figures` for figures that stood at another time."""
        sql = f"""SELECT {_STANDING} FROM figures f JOIN series s ON s.id = f.series_id {_FIGURE_FROM}
            WHERE f.id IN ({marks(figures)}) ORDER BY {_WEIGHT}"""
        return [dict(row) for row in self._db.execute(sql, list(figures))]

    def event(self, key: str) -> dict[str, Any] | None:
        """An event by its id."""
        return self._one(_EVENT, key)

    def watch(self, key: str) -> dict[str, Any] | None:
        """A watch by its id."""
        return self._one(_WATCH, key)

    def article(self, key: int) -> dict[str, Any] | None:
        """An article by its number."""
        return self._one(_ARTICLE, key)

    def texts(self, article: int, numbers: tuple[int, int]) -> dict[int, str]:
        """The reading texts of an article's revisions from one number to another."""
        rows = self._db.execute(
            "SELECT number, reading_text FROM revisions WHERE article_id = ? AND number BETWEEN ? AND ?",
            [article, *numbers],
        )
        return {row["number"]: row["reading_text"] for row in rows}

    def place(self, figure: int) -> dict[str, Any] | None:
        """Where a figure was said: article, number of the revision, claim."""
        return self._one(_PLACE, figure)

    def last_change(self, event: str) -> str:
        """What tells one state of an event's figures from another: its newest verdict, and how its series stand."""
        row = self._db.execute(
            """SELECT e.name, e.last_seen, (SELECT MAX(at) FROM changes WHERE event = e.id) AS at,
            (SELECT TOTAL(id * 31 + IFNULL(current_figure, 0)) FROM series WHERE event = e.id) AS state
            FROM events e WHERE e.id = ?""",
            [event],
        ).fetchone()
        return repr(tuple(row)) if row else ""

    def _one(self, sql: str, key: object) -> dict[str, Any] | None:
        row = self._db.execute(sql, [key]).fetchone()
        return None if row is None else dict(row)

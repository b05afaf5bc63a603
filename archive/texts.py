"""What was read: articles and their revisions, the claims in them, and which text copies which."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from archive.rows import (
    CLAIM_SELECT,
    Row,
    claim_to_row,
    insert,
    marks,
    moment,
    read_figures,
    row_to_claim,
    text,
    to_moment,
    to_text,
)
from model import Article, ArticleKind, Claim, KnownArticle, KnownText, Text

_LEAST_SHARED = 2  # keys that a copy has in common with its first: extract/echo.py says how sure that is
_NEWEST_OF_KEY = 16  # texts of one key that are looked at


def text_hash(article: Article) -> str:
    """SHA-256 of what a reader reads; two texts with one hash are one revision."""
    return hashlib.sha256(f"{article.title}\n{article.text}".encode()).hexdigest()


def _sketch(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)


class Texts:
    """Verbs of what was read."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # ------------------------------------------------------------------------------------------------ articles

    def article(self, url: str) -> KnownArticle | None:
        """What is kept of a canonical address."""
        row = self._db.execute(
            """SELECT a.id, a.url, r.id AS revision_id, r.number, r.sha256, r.stated, r.reader_version
            FROM articles a JOIN revisions r ON r.id = a.revision_id WHERE a.url = ?""",
            [url],
        ).fetchone()
        if row is None:
            return None
        return KnownArticle(
            id=row["id"],
            url=row["url"],
            revision_id=row["revision_id"],
            number=row["number"],
            sha256=row["sha256"],
            stated=moment(row["stated"]),
            reader_version=row["reader_version"],
        )

    def add_revision(
        self,
        article: Article,
        *,
        known: KnownArticle | None,
        fetched_as: str,
        fetched: datetime,
        stated: datetime,
        sketch: Sequence[int],
        reader_version: str,
    ) -> tuple[int, int]:
        """Keep a distinct text of an article; `stated` is when it was published. Returns (article id, revision id)."""
        if known is None:
            article_id = insert(
                self._db, "articles", url=article.url, outlet=article.outlet, first_seen=text(fetched), fetched_as=fetched_as,
                published=to_text(article.published),
            )  # fmt: skip
        else:
            article_id = known.id
        reading_text = article.reading_text
        revision_id = insert(
            self._db,
            "revisions",
            article_id=article_id,
            number=1 if known is None else known.number + 1,
            sha256=text_hash(article),
            title=article.title,
            body_start=len(reading_text) - len(article.text),
            reading_text=reading_text,
            language=article.language,
            kind=article.kind,
            credit=article.credit,
            published=to_text(article.published),
            modified=to_text(article.modified),
            fetched=text(fetched),
            stated=text(stated),
            sketch=struct.pack(f"<{len(sketch)}q", *sketch),
            reader_version=reader_version,
        )
        self._db.execute("UPDATE articles SET revision_id = ? WHERE id = ?", [revision_id, article_id])
        return article_id, revision_id

    def add_claims(self, revision_id: int, claims: Sequence[Claim], reader_version: str) -> list[int]:
        """Keep the claims of a revision; returns their ids in order."""
        return [
            insert(self._db, "claims", revision_id=revision_id, reader_version=reader_version, **claim_to_row(claim))
            for claim in claims
        ]

    def text(self, revision_id: int) -> Text:
        """One revision with its claims."""
        row = self._db.execute(
            """SELECT r.*, a.url, a.outlet, (SELECT p.id FROM revisions p WHERE p.article_id = r.article_id
                AND p.number < r.number ORDER BY p.number DESC LIMIT 1) AS earlier
            FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.id = ?""",
            [revision_id],
        ).fetchone()
        claims = self._db.execute(
            f"SELECT c.id, {CLAIM_SELECT} FROM claims c WHERE c.revision_id = ? ORDER BY c.id", [revision_id]
        )
        return Text(
            article=_article(row),
            article_id=row["article_id"],
            revision_id=revision_id,
            number=row["number"],
            earlier=row["earlier"],
            stated=moment(row["stated"]),
            seen=moment(row["fetched"]),
            reader_version=row["reader_version"],
            sketch=_sketch(row["sketch"]),
            claims=tuple((claim["id"], row_to_claim(claim)) for claim in claims),
        )

    # -------------------------------------------------------------------------------------------------- echoes

    def add_echo_keys(self, revision_id: int, keys: Iterable[int]) -> None:
        """Make a revision findable by the keys of its sketch."""
        self._db.conn.executemany("INSERT OR IGNORE INTO echo_keys VALUES (?, ?)", [(key, revision_id) for key in keys])

    def texts_like(
        self,
        keys: Sequence[int],
        *,
        article_id: int,
        since: tuple[datetime, str],
        until: tuple[datetime, str],
        limit: int = 8,
    ) -> list[KnownText]:
        """The revisions of other articles that share most keys, without their figures; copies of this one are left out.

        `since` and `until` are times of publication with an address, which parts texts of one time.
        """
        if not keys:
            return []
        # The newest of each key: a run of words that everybody uses tells nothing, and must not be read through.
        newest = f"SELECT * FROM (SELECT revision_id FROM echo_keys WHERE key = ? ORDER BY revision_id DESC LIMIT {_NEWEST_OF_KEY})"
        near = self._db.execute(
            f"""SELECT revision_id FROM ({" UNION ALL ".join([newest] * len(keys))}) GROUP BY revision_id
            HAVING COUNT(*) >= {_LEAST_SHARED} ORDER BY COUNT(*) DESC, revision_id LIMIT ?""",
            [*keys, limit],
        )
        wanted = [row[0] for row in near]
        if not wanted:
            return []
        rows = self._db.execute(
            f"""SELECT r.id, a.url, r.stated, r.sketch FROM revisions r JOIN articles a ON a.id = r.article_id
            LEFT JOIN revisions o ON o.id = r.echo_of
            WHERE r.id IN ({marks(wanted)}) AND a.id <> ? AND IFNULL(o.article_id, 0) <> ?
            AND (r.stated, a.url) BETWEEN (?, ?) AND (?, ?)""",
            [*wanted, article_id, article_id, text(since[0]), since[1], text(until[0]), until[1]],
        ).fetchall()
        return [_known(row) for row in rows]

    def with_figures(self, known: Iterable[KnownText]) -> list[KnownText]:
        """The texts with the figures that they state."""
        return [
            replace(one, figures=tuple(read_figures(self._db, "f.revision_id = ?", [one.revision_id]))) for one in known
        ]

    def first_of(self, revision_id: int) -> list[KnownText]:
        """The text that a revision is known to copy first, if it copies one, with its figures."""
        row = self._db.execute(
            """SELECT r.id, a.url, r.stated, r.sketch FROM revisions c JOIN revisions r ON r.id = c.echo_of
            JOIN articles a ON a.id = r.article_id WHERE c.id = ?""",
            [revision_id],
        ).fetchone()
        return [] if row is None else self.with_figures([_known(row)])

    def first_revision(self, article_ids: Sequence[int]) -> int:
        """The revision of these articles that was published first."""
        row = self._db.execute(
            f"SELECT id FROM revisions WHERE article_id IN ({marks(article_ids)}) ORDER BY stated, id LIMIT 1",
            list(article_ids),
        ).fetchone()
        return int(row["id"])

    def had_claims(self, article_id: int, *, before: int) -> bool:
        """Whether a revision of an article before that number had claims."""
        row = self._db.execute(
            """SELECT 1 FROM revisions r JOIN claims c ON c.revision_id = r.id
            WHERE r.article_id = ? AND r.number < ? LIMIT 1""",
            [article_id, before],
        ).fetchone()
        return row is not None

    def in_order(self, revision_ids: Iterable[int]) -> list[int]:
        """Revisions in the order in which they were published."""
        wanted = list(revision_ids)
        rows = self._db.execute(
            f"""SELECT r.id FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.id IN ({marks(wanted)})
            ORDER BY r.stated, a.url, r.number""",
            wanted,
        )
        return [row["id"] for row in rows]

    def copies_of(self, revision_ids: Sequence[int]) -> list[int]:
        """The revisions that are known to copy one of these."""
        rows = self._db.execute(
            f"SELECT id FROM revisions WHERE echo_of IN ({marks(revision_ids)})", list(revision_ids)
        )
        return [row["id"] for row in rows]

    def mark_echo(self, revision_id: int, of: int | None) -> None:
        """Keep that a revision copies another, or none."""
        self._db.execute("UPDATE revisions SET echo_of = ? WHERE id = ?", [of, revision_id])


def _article(row: Row) -> Article:
    return Article(
        url=row["url"],
        outlet=row["outlet"],
        title=row["title"],
        text=row["text"],
        published=to_moment(row["published"]),
        modified=to_moment(row["modified"]),
        language=row["language"],
        credit=row["credit"],
        kind=ArticleKind(row["kind"]),
    )


def _known(row: Row) -> KnownText:
    return KnownText(revision_id=row["id"], url=row["url"], stated=moment(row["stated"]), sketch=_sketch(row["sketch"]))

"""What is polled: outlets, their addresses, the frontier of addresses to fetch, hosts, and every fetch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.rows import moment, row_to_lead, row_to_listing, text, to_moment, to_text
from model import Lead, Listing, ListingKind, Outlet, Page, PageOutcome


def _addresses(outlet: Outlet) -> Iterable[tuple[str, ListingKind]]:
    yield from ((url, ListingKind.FEED) for url in outlet.feeds)
    yield from ((url, ListingKind.SITEMAP) for url in outlet.sitemaps)
    yield from ((url, ListingKind.FRONT_PAGE) for url in outlet.front_pages)


class Polling:
    """Verbs of the crawl."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def sync(self, outlets: Sequence[Outlet], now: datetime) -> None:
        """Make the archive's outlets and their addresses those of the configuration; what is gone keeps its history."""
        with self._db.atomic():
            self._db.execute("UPDATE outlets SET removed = ? WHERE removed IS NULL", [text(now)])
            self._db.execute("UPDATE feeds SET removed = ? WHERE removed IS NULL", [text(now)])
            for outlet in outlets:
                self._sync_outlet(outlet, now)

    def _sync_outlet(self, outlet: Outlet, now: datetime) -> None:
        self._db.execute(
            """INSERT INTO outlets (id, name, homepage, country, language) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, homepage = excluded.homepage,
            country = excluded.country, language = excluded.language, removed = NULL""",
            [outlet.id, outlet.name, outlet.homepage, outlet.country, outlet.language],
        )
        for url, kind in _addresses(outlet):
            self._db.execute(
                """INSERT INTO feeds (url, outlet, kind, link_pattern, every_s, due) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (url) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind,
                link_pattern = excluded.link_pattern, every_s = excluded.every_s, removed = NULL""",
                [url, outlet.id, kind, outlet.link_pattern, outlet.every.total_seconds(), text(now)],
            )

    def due_listings(self, now: datetime, *, outlet: str | None = None) -> list[Listing]:
        """The addresses whose time has come, the longest waiting first; with `outlet`, all of that one's that are due."""
        rows = self._db.execute(
            "SELECT * FROM feeds WHERE removed IS NULL AND due <= ? AND (? IS NULL OR outlet = ?) ORDER BY due",
            [text(now), outlet, outlet],
        )
        return [row_to_listing(row) for row in rows]

    def record_poll(
        self,
        listing: Listing,
        page: Page,
        *,
        outcome: PageOutcome,
        body_hash: str | None,
        validators: tuple[str | None, str | None],
        interval: timedelta,
        due: datetime,
        new_leads: int,
    ) -> None:
        """Keep what a poll taught. `validators` are (ETag, Last-Modified) of the body that was read last."""
        good = outcome in (PageOutcome.LISTED, PageOutcome.NOT_MODIFIED, PageOutcome.UNCHANGED)
        at = text(page.fetched)
        self._db.execute(
            """UPDATE feeds SET etag = ?, last_modified = ?, body_hash = ?, interval_s = ?, due = ?, last_outcome = ?,
            failures = ?, first_polled = IFNULL(first_polled, ?), last_success = IFNULL(?, last_success),
            last_news = IFNULL(?, last_news) WHERE url = ?""",
            [
                *validators,
                body_hash,
                interval.total_seconds(),
                text(due),
                outcome,
                0 if good else listing.failures + 1,
                at if good else None,
                at if good else None,
                at if new_leads else None,
                listing.url,
            ],
        )
        if good:
            self._db.execute(
                "UPDATE outlets SET first_polled = IFNULL(first_polled, ?) WHERE id = ?", [at, listing.outlet]
            )

    def first_polled(self, outlet: str) -> datetime | None:
        """When an address of this outlet was read for the first time."""
        row = self._db.execute("SELECT first_polled FROM outlets WHERE id = ?", [outlet]).fetchone()
        return None if row is None else to_moment(row[0])

    def add_leads(self, leads: Sequence[Lead], now: datetime, *, baseline: bool) -> int:
        """Write down addresses before they are fetched; returns how many were not known.

        `baseline` marks those that were listed when their outlet was first looked at.
        """
        added = 0
        for lead in leads:
            added += self._db.execute(
                """INSERT OR IGNORE INTO frontier
                (key, url, outlet, via, found, title, published, guid, due, baseline)
                SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM articles WHERE url = ?)""",
                [
                    lead.key, lead.url, lead.outlet, lead.via, text(lead.found), lead.title, to_text(lead.published),
                    lead.guid, text(now), baseline, lead.key,
                ],
            ).rowcount  # fmt: skip
        return added

    def due_leads(self, now: datetime, *, limit: int, outlet: str | None = None) -> list[Lead]:
        """Addresses whose time has come: each outlet's oldest first, the outlets in turn."""
        rows = self._db.execute(
            """SELECT *, ROW_NUMBER() OVER (PARTITION BY outlet ORDER BY due, rowid) AS turn FROM frontier
            WHERE due <= ? AND (? IS NULL OR outlet = ?) ORDER BY turn, due LIMIT ?""",
            [text(now), outlet, outlet, limit],
        )
        return [row_to_lead(row) for row in rows]

    def is_baseline(self, key: str) -> bool:
        """Whether an address was listed when its outlet was first looked at."""
        row = self._db.execute("SELECT baseline FROM frontier WHERE key = ?", [key]).fetchone()
        return row is not None and bool(row[0])

    def baseline_waiting(self) -> int:
        """How many baseline addresses have not been tried yet."""
        row = self._db.execute(
            "SELECT COUNT(*) FROM frontier WHERE baseline AND last_outcome IS NULL AND due IS NOT NULL"
        ).fetchone()
        return int(row[0])

    def attempts(self, key: str) -> int:
        """How often an address was tried since it last succeeded."""
        row = self._db.execute("SELECT attempts FROM frontier WHERE key = ?", [key]).fetchone()
        return 0 if row is None else int(row[0])

    def settle_lead(self, key: str, *, outcome: PageOutcome, failed: bool, due: datetime | None) -> None:
        """Keep how a frontier address ended and when it is to be fetched again (None: not again)."""
        self._db.execute(
            "UPDATE frontier SET last_outcome = ?, attempts = CASE WHEN ? THEN attempts + 1 ELSE 0 END, due = ? WHERE key = ?",
            [outcome, failed, to_text(due), key],
        )

    def record_fetch(self, page: Page, outcome: PageOutcome, detail: str) -> None:
        """Count one request and what became of it."""
        self._db.execute(
            "INSERT INTO fetches (at, url, outlet, status, bytes, milliseconds, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                text(page.fetched),
                page.url,
                page.outlet,
                page.status,
                len(page.body),
                page.milliseconds,
                outcome,
                detail,
            ],
        )

    def hosts(self) -> Mapping[str, datetime]:
        """The next allowed time of each host that has one."""
        return {row["host"]: moment(row["next_allowed"]) for row in self._db.execute("SELECT * FROM hosts")}

    def keep_hosts(self, hosts: Mapping[str, datetime], now: datetime) -> None:
        """Keep the next allowed times that still lie ahead."""
        with self._db.atomic():
            self._db.execute("DELETE FROM hosts")
            for host, allowed in hosts.items():
                if allowed > now:
                    self._db.execute("INSERT INTO hosts VALUES (?, ?)", [host, text(allowed)])

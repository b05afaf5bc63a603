"""What is polled: outlets, their addresses, the frontier of addresses to fetch, hosts, and every fetch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from archive.rows import moment, row_to_lead, row_to_listing, text, to_moment, to_text
from model import Lead, Listing, ListingKind, Outlet, Page, PageOutcome, Polled

_OF_ONE_OUTLET = 16  # addresses that are looked at in one round, new ones and others each
_MOST_UNVISITED = 5_000  # addresses of one outlet; a feed that names hundreds of new ones at each look has no end


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
                """INSERT INTO feeds (url, outlet, kind, link_pattern, every_s, slowest_s, due) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (url) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind,
                link_pattern = excluded.link_pattern, every_s = excluded.every_s, slowest_s = excluded.slowest_s,
                removed = NULL""",
                [
                    url,
                    outlet.id,
                    kind,
                    outlet.link_pattern,
                    outlet.every.total_seconds(),
                    outlet.slowest.total_seconds(),
                    text(now),
                ],
            )

    def due_listings(self, now: datetime, *, outlet: str | None = None) -> list[Listing]:
        """The addresses whose time has come, the longest waiting first; with `outlet`, all of that one's that are due."""
        rows = self._db.execute(
            "SELECT * FROM feeds WHERE removed IS NULL AND due <= ? AND (? IS NULL OR outlet = ?) ORDER BY due",
            [text(now), outlet, outlet],
        )
        return [row_to_listing(row) for row in rows]

    def record_poll(self, listing: Listing, polled: Polled, at: datetime) -> None:
        """Keep what a poll taught of a listing."""
        good = polled.outcome in (PageOutcome.LISTED, PageOutcome.NOT_MODIFIED, PageOutcome.UNCHANGED)
        when = text(at)
        self._db.execute(
            """UPDATE feeds SET etag = ?, last_modified = ?, body_hash = ?, moved_to = ?, gap_s = ?, interval_s = ?, due = ?,
            last_outcome = ?, last_detail = ?, failures = ?,
            failing_since = CASE WHEN ? THEN NULL ELSE IFNULL(failing_since, ?) END,
            first_polled = IFNULL(first_polled, ?), last_success = IFNULL(?, last_success), last_news = IFNULL(?, last_news)
            WHERE url = ?""",
            [
                *polled.validators, polled.body_hash, polled.moved_to,
                None if polled.gap is None else polled.gap.total_seconds(), polled.interval.total_seconds(),
                text(polled.due), polled.outcome, polled.detail, 0 if good else listing.failures + 1, good, when,
                when if good else None, when if good else None, when if polled.new_leads else None, listing.url,
            ],
        )  # fmt: skip
        if good:
            self._db.execute(
                "UPDATE outlets SET first_polled = IFNULL(first_polled, ?) WHERE id = ?", [when, listing.outlet]
            )

    def first_polled(self, outlet: str) -> datetime | None:
        """When an address of this outlet was read for the first time."""
        row = self._db.execute("SELECT first_polled FROM outlets WHERE id = ?", [outlet]).fetchone()
        return None if row is None else to_moment(row[0])

    def add_leads(self, leads: Sequence[Lead], now: datetime, *, baseline: bool) -> int:
        """Write down addresses before they are fetched; returns how many were not known.

        `baseline` marks those that were listed when their outlet was first looked at. An address whose guid is known
        under another one is that article's new address: it is read anew, and no new one. Of an outlet for which very many
        wait, nothing is written down until they have been visited: what it still lists then is found then.
        """
        if leads and self._unvisited(leads[0].outlet) > _MOST_UNVISITED:
            return 0
        added = 0
        guids = Counter(lead.guid for lead in leads)
        for lead in leads:
            if lead.guid and guids[lead.guid] == 1 and self._has_moved(lead, now):
                continue
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

    def _unvisited(self, outlet: str) -> int:
        row = self._db.execute(
            "SELECT COUNT(*) FROM frontier WHERE outlet = ? AND article IS NULL AND due IS NOT NULL", [outlet]
        ).fetchone()
        return int(row[0])

    def _has_moved(self, lead: Lead, now: datetime) -> bool:
        """Whether the guid of a lead is known under another address, which then gives way to the lead's."""
        row = self._db.execute(
            """SELECT key FROM frontier WHERE outlet = ? AND guid = ? AND key <> ?
            AND NOT EXISTS (SELECT 1 FROM frontier f WHERE f.key = ?) LIMIT 1""",
            [lead.outlet, lead.guid, lead.key, lead.key],
        ).fetchone()
        if row is None:
            return False
        self._db.execute("UPDATE frontier SET url = ?, due = ? WHERE key = ?", [lead.url, text(now), row["key"]])
        # Written down as known: where an outlet lists one article at two addresses for good, it is read anew once.
        self._db.execute(
            """INSERT INTO frontier (key, url, outlet, via, found, title, published, guid, due, last_outcome, baseline, article)
            SELECT ?, ?, outlet, via, ?, title, published, NULL, NULL, last_outcome, baseline, article
            FROM frontier WHERE key = ?""",
            [lead.key, lead.url, text(now), row["key"]],
        )
        return True

    def due_leads(self, now: datetime, *, limit: int, outlet: str | None = None) -> list[Lead]:
        """Addresses whose time has come, the outlets in turn: of each the new ones first, then the longest waiting."""
        outlets = "SELECT DISTINCT outlet FROM frontier WHERE due <= :now" if outlet is None else "SELECT :outlet"
        rows = self._db.execute(
            f"""WITH due(outlet) AS ({outlets})
            SELECT f.*, ROW_NUMBER() OVER (PARTITION BY f.outlet ORDER BY f.article IS NOT NULL, f.due, f.rowid) AS turn
            FROM due JOIN frontier f ON
            f.rowid IN (SELECT n.rowid FROM frontier n INDEXED BY frontier_new
                WHERE n.outlet = due.outlet AND n.article IS NULL AND n.due <= :now ORDER BY n.due, n.rowid LIMIT :share)
            OR f.rowid IN (SELECT n.rowid FROM frontier n INDEXED BY frontier_again
                WHERE n.outlet = due.outlet AND n.article IS NOT NULL AND n.due <= :now ORDER BY n.due, n.rowid LIMIT :share)
            ORDER BY turn, f.due LIMIT :limit""",
            {"now": text(now), "outlet": outlet, "limit": limit, "share": _OF_ONE_OUTLET if outlet is None else limit},
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

    def waiting_until(self, outlet: str, until: datetime) -> int:
        """How many known articles of an outlet are to be read again before `until`."""
        row = self._db.execute(
            "SELECT COUNT(*) FROM frontier WHERE outlet = ? AND due < ? AND article IS NOT NULL", [outlet, text(until)]
        ).fetchone()
        return int(row[0])

    def article_of(self, key: str) -> str | None:
        """The address under which what was read at a frontier address is known."""
        row = self._db.execute("SELECT article FROM frontier WHERE key = ?", [key]).fetchone()
        return None if row is None else row["article"]

    def settle_lead(
        self, key: str, *, outcome: PageOutcome, article: str | None, failed: bool, due: datetime | None
    ) -> None:
        """Keep how a frontier address ended, what article it gave, and when to fetch it again (None: not again)."""
        self._db.execute(
            """UPDATE frontier SET last_outcome = ?, article = IFNULL(?, article),
            attempts = CASE WHEN ? THEN attempts + 1 ELSE 0 END, due = ? WHERE key = ?""",
            [outcome, article, failed, to_text(due), key],
        )

    def record_fetch(self, page: Page, outcome: PageOutcome, detail: str, *, listing: bool) -> None:
        """Count one request, for a listing or a page, and what became of it; keep the pause that its host asked for."""
        self._db.execute(
            """INSERT INTO fetches (at, url, outlet, kind, status, bytes, milliseconds, outcome, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                text(page.fetched), page.url, page.outlet, "listing" if listing else "page", page.status,
                len(page.body), page.milliseconds, outcome, detail,
            ],
        )  # fmt: skip
        if page.hold is not None:
            host, until = page.hold
            self._db.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?)", [host, text(until)])

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

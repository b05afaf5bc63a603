CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE outlets (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, homepage TEXT NOT NULL, country TEXT, language TEXT,
    first_polled TEXT, removed TEXT
);
CREATE TABLE watches (id TEXT PRIMARY KEY, name TEXT NOT NULL, definition TEXT NOT NULL, added TEXT NOT NULL, removed TEXT);
CREATE TABLE hosts (host TEXT PRIMARY KEY, next_allowed TEXT NOT NULL);
CREATE TABLE feeds (
    url TEXT PRIMARY KEY, outlet TEXT NOT NULL REFERENCES outlets(id), kind TEXT NOT NULL, link_pattern TEXT,
    every_s REAL NOT NULL, slowest_s REAL NOT NULL, interval_s REAL, gap_s REAL, moved_to TEXT, etag TEXT,
    last_modified TEXT, body_hash TEXT, due TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0, failing_since TEXT,
    first_polled TEXT, last_success TEXT, last_news TEXT, last_outcome TEXT, last_detail TEXT, removed TEXT
);
CREATE INDEX feeds_due ON feeds(due) WHERE removed IS NULL;
CREATE TABLE frontier (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, outlet TEXT NOT NULL, via TEXT NOT NULL, found TEXT NOT NULL, title TEXT,
    published TEXT, guid TEXT, due TEXT, attempts INTEGER NOT NULL DEFAULT 0, last_outcome TEXT, baseline INTEGER NOT NULL DEFAULT 0,
    article TEXT
);
CREATE INDEX frontier_due ON frontier(due, outlet) WHERE due IS NOT NULL;
CREATE INDEX frontier_new ON frontier(outlet, due) WHERE article IS NULL;
CREATE INDEX frontier_again ON frontier(outlet, due) WHERE article IS NOT NULL;
CREATE INDEX frontier_guid ON frontier(outlet, guid) WHERE guid IS NOT NULL;
CREATE TABLE fetches (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, url TEXT NOT NULL, outlet TEXT NOT NULL, kind TEXT NOT NULL, status INTEGER,
    bytes INTEGER NOT NULL, milliseconds INTEGER NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX fetches_outlet ON fetches(outlet, kind, at, outcome, detail);
CREATE TABLE fetch_counts (outcome TEXT PRIMARY KEY, fetches INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER fetches_ai AFTER INSERT ON fetches BEGIN
    INSERT INTO fetch_counts VALUES (new.outcome, 1) ON CONFLICT (outcome) DO UPDATE SET fetches = fetches + 1;
END;
CREATE TABLE imports (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, head_sha256 TEXT NOT NULL, selection TEXT NOT NULL,
    begun TEXT NOT NULL, ended TEXT, position INTEGER NOT NULL DEFAULT 0, records INTEGER NOT NULL DEFAULT 0,
    outcomes TEXT NOT NULL DEFAULT '{}', UNIQUE (size, head_sha256, selection)
);
CREATE TABLE articles (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, outlet TEXT NOT NULL, first_seen TEXT NOT NULL, published TEXT,
    revision_id INTEGER, fetched_as TEXT
);
CREATE INDEX articles_outlet ON articles(outlet, published, revision_id);
CREATE INDEX articles_fetched_as ON articles(fetched_as);
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles(id), number INTEGER NOT NULL,
    sha256 TEXT NOT NULL, language TEXT, kind TEXT NOT NULL, credit TEXT, published TEXT, modified TEXT,
    fetched TEXT NOT NULL, stated TEXT NOT NULL, echo_of INTEGER REFERENCES revisions(id), reader_version TEXT NOT NULL,
    sketch BLOB, title TEXT NOT NULL, body_start INTEGER NOT NULL, reading_text TEXT NOT NULL,
    text TEXT NOT NULL GENERATED ALWAYS AS (substr(reading_text, body_start + 1)) VIRTUAL, UNIQUE (article_id, number)
);
CREATE INDEX revisions_stated ON revisions(stated);
CREATE INDEX revisions_thousand_stated ON revisions(id / 1000, stated);
CREATE INDEX revisions_thousand_fetched ON revisions(id / 1000, fetched);
CREATE INDEX revisions_echo ON revisions(echo_of) WHERE echo_of IS NOT NULL;
CREATE VIRTUAL TABLE revisions_fts USING fts5(
    title, text, content='revisions', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
CREATE TRIGGER revisions_ai AFTER INSERT ON revisions BEGIN
    INSERT INTO revisions_fts(rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER revisions_ad AFTER DELETE ON revisions BEGIN
    INSERT INTO revisions_fts(revisions_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
END;
CREATE TRIGGER revisions_au AFTER UPDATE OF title, reading_text ON revisions BEGIN
    INSERT INTO revisions_fts(revisions_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
    INSERT INTO revisions_fts(rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TABLE captures (
    id INTEGER PRIMARY KEY, revision_id INTEGER NOT NULL REFERENCES revisions(id), url TEXT NOT NULL, fetched TEXT NOT NULL,
    file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL
);
CREATE INDEX captures_revision ON captures(revision_id);
CREATE TABLE echo_keys (key INTEGER NOT NULL, revision_id INTEGER NOT NULL REFERENCES revisions(id),
    PRIMARY KEY (key, revision_id)) WITHOUT ROWID;
CREATE TABLE claims (
    id INTEGER PRIMARY KEY, revision_id INTEGER NOT NULL REFERENCES revisions(id), start INTEGER NOT NULL,
    end INTEGER NOT NULL, phrase TEXT NOT NULL, sentence_start INTEGER NOT NULL, sentence_end INTEGER NOT NULL,
    low INTEGER, high INTEGER, qualifier TEXT NOT NULL, vague TEXT, outcome TEXT NOT NULL, who TEXT NOT NULL,
    who_text TEXT NOT NULL, subset TEXT, source TEXT, source_text TEXT, speaker TEXT, relay TEXT, scope TEXT NOT NULL,
    window TEXT, as_of TEXT, as_of_precision TEXT, cue TEXT NOT NULL, hedged INTEGER NOT NULL, denied INTEGER NOT NULL,
    rule TEXT NOT NULL, reader_version TEXT NOT NULL
);
CREATE INDEX claims_revision ON claims(revision_id);
CREATE TABLE sources (name TEXT PRIMARY KEY, party TEXT NOT NULL, first_seen TEXT NOT NULL);
CREATE TABLE events (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, opened TEXT NOT NULL, last_seen TEXT NOT NULL, watch TEXT,
    articles INTEGER NOT NULL DEFAULT 0, merged_into TEXT REFERENCES events(id)
);
CREATE INDEX events_last_seen ON events(last_seen);
CREATE INDEX events_watch ON events(watch) WHERE watch IS NOT NULL;
CREATE TABLE event_articles (
    event TEXT NOT NULL REFERENCES events(id), article_id INTEGER NOT NULL REFERENCES articles(id),
    pinned INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (event, article_id)
) WITHOUT ROWID;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL, other TEXT NOT NULL,
    articles TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE event_watches (
    event TEXT NOT NULL REFERENCES events(id), watch TEXT NOT NULL, PRIMARY KEY (event, watch)
) WITHOUT ROWID;
CREATE INDEX event_watches_watch ON event_watches(watch, event);
CREATE INDEX event_articles_article ON event_articles(article_id);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL REFERENCES events(id), outcome TEXT NOT NULL, who TEXT NOT NULL,
    subset TEXT, source TEXT NOT NULL, told INTEGER, current_figure INTEGER
);
CREATE UNIQUE INDEX series_key ON series(event, outcome, who, IFNULL(subset, ''), source);
CREATE INDEX series_source ON series(source);
CREATE TABLE figures (
    id INTEGER PRIMARY KEY, series_id INTEGER NOT NULL REFERENCES series(id), claim_id INTEGER NOT NULL REFERENCES claims(id),
    revision_id INTEGER NOT NULL REFERENCES revisions(id), article_id INTEGER NOT NULL REFERENCES articles(id),
    party TEXT NOT NULL, moves INTEGER NOT NULL, dated INTEGER NOT NULL, edited INTEGER NOT NULL,
    doubtful INTEGER NOT NULL, as_of TEXT NOT NULL,
    as_of_precision TEXT NOT NULL, seen TEXT NOT NULL, published TEXT, quote TEXT NOT NULL, mark_start INTEGER NOT NULL,
    mark_end INTEGER NOT NULL, source TEXT NOT NULL, scope TEXT NOT NULL, cue TEXT NOT NULL, number INTEGER NOT NULL
);
CREATE INDEX figures_series ON figures(series_id, number);
CREATE UNIQUE INDEX figures_claim ON figures(claim_id);
CREATE INDEX figures_revision ON figures(revision_id);
CREATE INDEX figures_article ON figures(article_id);
CREATE TABLE standings (
    id INTEGER PRIMARY KEY, series_id INTEGER NOT NULL REFERENCES series(id), figure_id INTEGER REFERENCES figures(id),
    at TEXT NOT NULL, change_id INTEGER NOT NULL
);
CREATE INDEX standings_series ON standings(series_id);
CREATE TABLE resettled (
    id INTEGER PRIMARY KEY, figure_id INTEGER NOT NULL REFERENCES figures(id),
    series_id INTEGER NOT NULL REFERENCES series(id), until TEXT NOT NULL, party TEXT NOT NULL, moves INTEGER NOT NULL,
    dated INTEGER NOT NULL, edited INTEGER NOT NULL, as_of TEXT NOT NULL, as_of_precision TEXT NOT NULL, scope TEXT NOT NULL
);
CREATE INDEX resettled_figure ON resettled(figure_id, id);
CREATE INDEX resettled_series ON resettled(series_id);
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL REFERENCES events(id), series_id INTEGER NOT NULL REFERENCES series(id),
    figure_id INTEGER NOT NULL REFERENCES figures(id), previous_figure_id INTEGER REFERENCES figures(id),
    kind TEXT NOT NULL, level TEXT NOT NULL, "row" TEXT NOT NULL, reason TEXT NOT NULL, attached TEXT NOT NULL,
    silent_edit INTEGER NOT NULL, baseline INTEGER NOT NULL, heard INTEGER NOT NULL DEFAULT 0, stands INTEGER NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX changes_event ON changes(event, at, stands, series_id, figure_id);
CREATE INDEX changes_told ON changes(at) WHERE level <> 'log' AND NOT baseline;
CREATE INDEX changes_figure ON changes(figure_id);
CREATE TABLE spreads (
    event TEXT NOT NULL REFERENCES events(id), outcome TEXT NOT NULL, who TEXT NOT NULL, subset TEXT,
    lowest INTEGER NOT NULL, highest INTEGER NOT NULL, factor REAL NOT NULL, sources INTEGER NOT NULL,
    parties INTEGER NOT NULL, newest TEXT NOT NULL, by_source TEXT NOT NULL
);
CREATE UNIQUE INDEX spreads_key ON spreads(event, outcome, who, IFNULL(subset, ''));
CREATE INDEX spreads_factor ON spreads(factor);
CREATE INDEX spreads_newest ON spreads(newest);
CREATE TRIGGER series_au AFTER UPDATE OF current_figure ON series BEGIN
    DELETE FROM spreads WHERE event = new.event AND outcome = new.outcome AND who = new.who
        AND IFNULL(subset, '') = IFNULL(new.subset, '');
    INSERT INTO spreads
    SELECT s.event, s.outcome, s.who, s.subset, MIN(f.number), MAX(f.number),
        ROUND(1.0 * MAX(f.number) / MAX(MIN(f.number), 1), 2), COUNT(*), COUNT(DISTINCT f.party), MAX(f.as_of),
        GROUP_CONCAT(s.source || ' ' || f.number, '; ')
    FROM series s JOIN figures f ON f.id = s.current_figure JOIN claims c ON c.id = f.claim_id
    WHERE s.event = new.event AND s.outcome = new.outcome AND s.who = new.who
        AND IFNULL(s.subset, '') = IFNULL(new.subset, '') AND NOT c.hedged
    HAVING MIN(f.number) < MAX(f.number);
END;
CREATE TRIGGER series_ad AFTER DELETE ON series BEGIN
    DELETE FROM spreads WHERE event = old.event AND outcome = old.outcome AND who = old.who
        AND IFNULL(subset, '') = IFNULL(old.subset, '');
    INSERT INTO spreads
    SELECT s.event, s.outcome, s.who, s.subset, MIN(f.number), MAX(f.number),
        ROUND(1.0 * MAX(f.number) / MAX(MIN(f.number), 1), 2), COUNT(*), COUNT(DISTINCT f.party), MAX(f.as_of),
        GROUP_CONCAT(s.source || ' ' || f.number, '; ')
    FROM series s JOIN figures f ON f.id = s.current_figure JOIN claims c ON c.id = f.claim_id
    WHERE s.event = old.event AND s.outcome = old.outcome AND s.who = old.who
        AND IFNULL(s.subset, '') = IFNULL(old.subset, '') AND NOT c.hedged
    HAVING MIN(f.number) < MAX(f.number);
END;
CREATE TABLE pending (
    change_id INTEGER NOT NULL REFERENCES changes(id), channel TEXT NOT NULL, level TEXT NOT NULL, watches TEXT NOT NULL,
    due TEXT NOT NULL, PRIMARY KEY (change_id, channel)
) WITHOUT ROWID;
CREATE INDEX pending_due ON pending(due);
CREATE TABLE alerts (
    key TEXT PRIMARY KEY, type TEXT NOT NULL, event TEXT, created TEXT NOT NULL, headline TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX alerts_created ON alerts(created);
CREATE INDEX alerts_event ON alerts(event, created);
CREATE TABLE channel_counts (
    channel TEXT NOT NULL, state TEXT NOT NULL, deliveries INTEGER NOT NULL, PRIMARY KEY (channel, state)
) WITHOUT ROWID;
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY, alert_key TEXT NOT NULL REFERENCES alerts(key), channel TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, owed_since TEXT NOT NULL, next_try TEXT, last_error TEXT, delivered_at TEXT,
    UNIQUE (alert_key, channel)
);
CREATE INDEX deliveries_owed ON deliveries(next_try) WHERE state = 'owed';
CREATE INDEX deliveries_delivered ON deliveries(channel, delivered_at) WHERE state = 'delivered';
CREATE INDEX deliveries_dead ON deliveries(channel, id) WHERE state = 'dead';
CREATE INDEX deliveries_state ON deliveries(state, channel);
CREATE TABLE notices (
    about TEXT NOT NULL, channel TEXT NOT NULL, told TEXT NOT NULL, well_since TEXT, last_dead INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (about, channel)
) WITHOUT ROWID;
CREATE TABLE threads (
    channel TEXT NOT NULL, event TEXT NOT NULL, opened_by TEXT NOT NULL, PRIMARY KEY (channel, event)
) WITHOUT ROWID;
CREATE TABLE told (event TEXT NOT NULL, outcome TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (event, outcome, who)) WITHOUT ROWID;
CREATE TABLE row_counts (kept TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER deliveries_counted AFTER INSERT ON deliveries BEGIN
    INSERT INTO channel_counts VALUES (new.channel, new.state, 1)
        ON CONFLICT (channel, state) DO UPDATE SET deliveries = deliveries + 1;
END;
CREATE TRIGGER deliveries_recounted AFTER UPDATE OF state ON deliveries WHEN old.state <> new.state BEGIN
    UPDATE channel_counts SET deliveries = deliveries - 1 WHERE channel = old.channel AND state = old.state;
    INSERT INTO channel_counts VALUES (new.channel, new.state, 1)
        ON CONFLICT (channel, state) DO UPDATE SET deliveries = deliveries + 1;
END;
CREATE TRIGGER deliveries_uncounted AFTER DELETE ON deliveries BEGIN
    UPDATE channel_counts SET deliveries = deliveries - 1 WHERE channel = old.channel AND state = old.state;
END;
CREATE TRIGGER articles_counted AFTER INSERT ON articles BEGIN
    INSERT INTO row_counts VALUES ('articles', 1) ON CONFLICT (kept) DO UPDATE SET rows = rows + 1;
END;
CREATE TRIGGER articles_uncounted AFTER DELETE ON articles BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE kept = 'articles';
END;
CREATE TRIGGER revisions_counted AFTER INSERT ON revisions BEGIN
    INSERT INTO row_counts VALUES ('revisions', 1) ON CONFLICT (kept) DO UPDATE SET rows = rows + 1;
END;
CREATE TRIGGER revisions_uncounted AFTER DELETE ON revisions BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE kept = 'revisions';
END;
CREATE TRIGGER claims_counted AFTER INSERT ON claims BEGIN
    INSERT INTO row_counts VALUES ('claims', 1) ON CONFLICT (kept) DO UPDATE SET rows = rows + 1;
END;
CREATE TRIGGER claims_uncounted AFTER DELETE ON claims BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE kept = 'claims';
END;
CREATE TRIGGER events_counted AFTER INSERT ON events BEGIN
    INSERT INTO row_counts VALUES ('events', 1) ON CONFLICT (kept) DO UPDATE SET rows = rows + 1;
END;
CREATE TRIGGER events_uncounted AFTER DELETE ON events BEGIN
    UPDATE row_counts SET rows = rows - 1 WHERE kept = 'events';
END;
CREATE VIEW figure_history AS
    SELECT f.id, s.event, e.name AS event_name, s.outcome, s.who, s.subset, s.source, f.party, c.low, c.high, c.qualifier,
        c.phrase, f.number, c.hedged, c.denied, f.scope, c.window, f.as_of, f.as_of_precision, f.seen, f.published,
        a.outlet, a.url, c.source_text, c.speaker, f.quote, ch.kind, ch.level, ch.reason, ch.silent_edit,
        ch.id AS change_id, f.series_id, f.claim_id, f.article_id, f.revision_id
    FROM figures f JOIN series s ON s.id = f.series_id JOIN events e ON e.id = s.event JOIN claims c ON c.id = f.claim_id
        JOIN articles a ON a.id = f.article_id LEFT JOIN changes ch ON ch.figure_id = f.id;
CREATE VIEW current_figures AS
    SELECT h.* FROM series s JOIN figure_history h ON h.id = s.current_figure AND h.series_id = s.id;
CREATE VIEW known_figures AS
    SELECT k.since, k.until, h.id, k.event, h.event_name, s.outcome, s.who, s.subset, s.source,
        IFNULL(r.party, h.party) AS party, h.low, h.high, h.qualifier, h.phrase, h.number, h.hedged, h.denied,
        IFNULL(r.scope, h.scope) AS scope, h.window, IFNULL(r.as_of, h.as_of) AS as_of,
        IFNULL(r.as_of_precision, h.as_of_precision) AS as_of_precision, h.seen, h.published, h.outlet, h.url,
        h.source_text, h.speaker, h.quote, h.kind, h.level, h.reason, h.silent_edit, h.change_id, k.series_id, h.claim_id,
        h.article_id, h.revision_id
    FROM (
        SELECT event, series_id, figure_id, at AS since, MIN(at) OVER (
            PARTITION BY event, series_id ORDER BY change_id DESC, place DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS until
        FROM (
            SELECT c.event, c.series_id, c.figure_id, c.at, c.id AS change_id, 0 AS place FROM changes c
            WHERE c.stands AND NOT EXISTS (SELECT 1 FROM resettled r WHERE r.figure_id = c.figure_id)
            UNION ALL
            SELECT s.event, r.series_id, c.figure_id, c.at, c.id, 0 FROM series s
                JOIN resettled r ON r.series_id = s.id JOIN changes c ON c.figure_id = r.figure_id
            WHERE c.stands AND r.id = (SELECT MIN(v.id) FROM resettled v WHERE v.figure_id = r.figure_id)
            UNION ALL
            SELECT s.event, st.series_id, st.figure_id, st.at, st.change_id, st.id FROM series s
                JOIN standings st ON st.series_id = s.id
        )
    ) k JOIN series s ON s.id = k.series_id JOIN figure_history h ON h.id = k.figure_id
        LEFT JOIN resettled r ON r.id = (
            SELECT MIN(v.id) FROM resettled v WHERE v.figure_id = k.figure_id AND v.until > k.since)
    WHERE k.until IS NULL OR k.until > k.since;
CREATE VIEW disagreements AS
    SELECT p.event, e.name AS event_name, p.outcome, p.who, p.subset, p.lowest, p.highest, p.factor, p.sources, p.parties,
        p.newest, p.by_source
    FROM spreads p JOIN events e ON e.id = p.event;
CREATE VIEW source_health AS
    SELECT o.id AS outlet, o.name, o.country, f.url, f.kind, f.failures, f.failing_since, f.last_outcome, f.last_detail,
        f.first_polled, f.last_success, f.last_news, f.interval_s, f.moved_to, f.due
    FROM feeds f JOIN outlets o ON o.id = f.outlet WHERE f.removed IS NULL;
CREATE VIEW alert_log AS
    SELECT a.created, a.type, a.event, e.name AS event_name, a.headline, d.channel, d.state, d.attempts, d.owed_since,
        d.next_try, d.delivered_at, d.last_error, a.key
    FROM alerts a LEFT JOIN events e ON e.id = a.event LEFT JOIN deliveries d ON d.alert_key = a.key;
INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('tollwatch', 'm001_first_schema', '2026-01-01');

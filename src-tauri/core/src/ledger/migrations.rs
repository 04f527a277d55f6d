//! The ledger's tables, as they grew. A step that was released is never changed.

/// One step for each version that was ever released; the ledger counts how many it has taken.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE places (id TEXT PRIMARY KEY, position INTEGER NOT NULL, definition TEXT NOT NULL) STRICT;
    CREATE TABLE links (
        id TEXT PRIMARY KEY, place TEXT NOT NULL, name TEXT NOT NULL,
        made_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, ends_because TEXT NOT NULL
    ) STRICT;
    CREATE INDEX links_by_end ON links (place, ends_at);
    ",
    // The journal of transfers. A row is forgotten when its transfer is; what it began at the store is remembered until
    // that was taken back.
    "
    CREATE TABLE transfer_places (number INTEGER PRIMARY KEY, definition TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE transfers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        runner TEXT,
        place INTEGER NOT NULL REFERENCES transfer_places (number),
        direction TEXT NOT NULL,
        path BLOB NOT NULL,
        name TEXT NOT NULL,
        below TEXT NOT NULL DEFAULT '',
        on_conflict TEXT NOT NULL,
        size INTEGER NOT NULL,
        token TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        trying_name TEXT,
        finished_at INTEGER
    ) STRICT;
    CREATE INDEX transfers_by_name ON transfers (name);
    CREATE INDEX transfers_by_runner ON transfers (runner);
    CREATE TABLE unfinished_uploads (
        number INTEGER PRIMARY KEY,
        transfer INTEGER UNIQUE REFERENCES transfers (id) ON DELETE SET NULL,
        runner TEXT,
        place INTEGER NOT NULL REFERENCES transfer_places (number),
        key TEXT NOT NULL,
        upload TEXT NOT NULL,
        part_bytes INTEGER NOT NULL,
        source TEXT NOT NULL,
        checksums INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sent_parts (
        upload INTEGER NOT NULL REFERENCES unfinished_uploads (number) ON DELETE CASCADE,
        part INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        etag TEXT NOT NULL,
        crc INTEGER NOT NULL,
        md5 BLOB,
        proven INTEGER NOT NULL,
        PRIMARY KEY (upload, part)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE partial_files (
        transfer INTEGER PRIMARY KEY REFERENCES transfers (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        etag TEXT,
        size INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE saved_stretches (
        transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        PRIMARY KEY (transfer, start)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE capabilities (address TEXT PRIMARY KEY, learnt TEXT NOT NULL) STRICT;
    ",
    // What one process asks of the one that has a transfer. An answer outlives the row that it is about.
    "
    CREATE TABLE wishes (transfer INTEGER PRIMARY KEY, wish TEXT NOT NULL, became TEXT) STRICT;
    ",
    // What it takes to sign a link again, to stop it and to tell it apart; still nothing that opens it.
    "
    ALTER TABLE links ADD COLUMN opens TEXT;
    ALTER TABLE links ADD COLUMN signed_from INTEGER;
    ALTER TABLE links ADD COLUMN lasts INTEGER;
    ALTER TABLE links ADD COLUMN disposition TEXT;
    ALTER TABLE links ADD COLUMN content_type TEXT;
    ALTER TABLE links ADD COLUMN fingerprint TEXT;
    ALTER TABLE links ADD COLUMN stoppable INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE links ADD COLUMN recorded INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE links ADD COLUMN files INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE links ADD COLUMN size INTEGER;
    ALTER TABLE links ADD COLUMN etag TEXT;
    ALTER TABLE links ADD COLUMN note TEXT;
    ALTER TABLE links ADD COLUMN stopped_at INTEGER;
    CREATE INDEX links_by_time ON links (place, made_at);
    ",
    // Folders that came with everything in them by one gesture. What is done is not remembered for ever, but counted.
    "
    CREATE TABLE transfer_groups (
        number INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        path BLOB NOT NULL,
        forgotten_files INTEGER NOT NULL DEFAULT 0,
        forgotten_bytes INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    ALTER TABLE transfers ADD COLUMN in_group INTEGER REFERENCES transfer_groups (number);
    ",
];

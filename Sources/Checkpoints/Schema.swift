import GRDB

/// The tables, as a list of migrations that only ever grows. `Documentation/CheckpointStore.md` describes them.
enum Schema {
    /// The letters `JACQ`.
    static let applicationID = 0x4A41_4351
    static let pageSize = 8192
    /// The schema's version, which SQLite's `user_version` holds after the last migration.
    static var version: Int { migrations.count }

    static let migrations: [(name: String, sql: String)] = [
        ("runs, checkpoints and history", runsCheckpointsAndHistory), ("codes", codes), ("checksums", checksums),
        ("owners", owners), ("texts", texts),
    ]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (index, migration) in migrations.enumerated() {
            // Foreign keys are not looked through afterwards: no migration changes rows.
            migrator.registerMigration(migration.name, foreignKeyChecks: .immediate) { database in
                try database.execute(sql: migration.sql)
                try database.execute(sql: "PRAGMA user_version = \(index + 1)")
            }
        }
        return migrator
    }

    // `data` comes last in its row: what stands behind a BLOB is reached by walking through all of it.
    private static let runsCheckpointsAndHistory = """
        CREATE TABLE run (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            created_at TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'interrupted', 'failed')),
            configuration TEXT NOT NULL,
            corpus TEXT NOT NULL
        ) STRICT;

        CREATE TABLE checkpoint (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            epoch REAL NOT NULL,
            created_at TEXT NOT NULL,
            is_latest INTEGER NOT NULL CHECK (is_latest IN (0, 1)),
            is_best INTEGER NOT NULL CHECK (is_best IN (0, 1)),
            validation_loss REAL,
            state TEXT NOT NULL,
            tensor_count INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX checkpoint_by_run ON checkpoint (run_id, step);
        CREATE UNIQUE INDEX one_latest_checkpoint ON checkpoint (run_id) WHERE is_latest = 1;
        CREATE UNIQUE INDEX one_best_checkpoint ON checkpoint (run_id) WHERE is_best = 1;

        CREATE TABLE tensor (
            checkpoint_id INTEGER NOT NULL REFERENCES checkpoint (id) ON DELETE CASCADE,
            section TEXT NOT NULL CHECK (section IN ('parameter', 'buffer', 'optimizer', 'state')),
            name TEXT NOT NULL,
            position INTEGER NOT NULL,
            shape TEXT NOT NULL,
            chunk INTEGER NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (checkpoint_id, section, name, chunk)
        ) STRICT;

        CREATE TABLE metric (
            run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            step INTEGER NOT NULL,
            epoch REAL NOT NULL,
            value REAL NOT NULL,
            seconds REAL NOT NULL,
            PRIMARY KEY (run_id, name, step)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE sample (
            id INTEGER PRIMARY KEY,
            run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            temperature REAL NOT NULL,
            seed TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX sample_by_run ON sample (run_id, step);

        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
            time TEXT NOT NULL,
            step INTEGER,
            kind TEXT NOT NULL,
            message TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_by_run ON event (run_id);
        """

    private static let codes = """
        CREATE TABLE code (
            id INTEGER PRIMARY KEY,
            run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            label TEXT,
            step INTEGER NOT NULL,
            length INTEGER NOT NULL,
            data BLOB NOT NULL,
            UNIQUE (run_id, name)
        ) STRICT;
        """

    // NULL in rows that were written before there were any.
    private static let checksums = """
        ALTER TABLE run ADD COLUMN configuration_crc32 INTEGER;
        ALTER TABLE run ADD COLUMN corpus_crc32 INTEGER;
        ALTER TABLE checkpoint ADD COLUMN state_crc32 INTEGER;
        ALTER TABLE tensor ADD COLUMN crc32 INTEGER;
        ALTER TABLE code ADD COLUMN crc32 INTEGER;
        """

    private static let owners = """
        CREATE TABLE owner (
            run_id INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
            token TEXT NOT NULL,
            host TEXT NOT NULL,
            boot TEXT NOT NULL,
            namespace TEXT NOT NULL,
            process INTEGER NOT NULL,
            process_start INTEGER NOT NULL,
            file TEXT NOT NULL,
            since TEXT NOT NULL,
            heartbeat TEXT NOT NULL
        ) STRICT;
        """

    private static let texts = """
        CREATE TABLE text (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title BLOB NOT NULL,
            title_crc32 INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            changed_at TEXT NOT NULL,
            revision INTEGER NOT NULL,
            characters INTEGER NOT NULL,
            settings TEXT NOT NULL,
            settings_crc32 INTEGER NOT NULL,
            crc32 INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT;
        """

    /// What a value of this column is bound to in a statement that copies rows. A BLOB of no length may have no
    /// address, and one without is bound as NULL.
    static func placeholder(for column: String) -> String {
        switch column {
        case "data", "title": "ifnull(?, x'')"
        // One that may hold NULs, before which GRDB ends the texts that it binds: it comes as bytes.
        case "text": "CAST(? AS TEXT)"
        default: "?"
        }
    }

    /// What to select of a column. GRDB ends a text at its first NUL: one that has any is read as its bytes.
    static func selection(of column: String) -> String {
        column == "text"
            ? "CASE WHEN typeof(text) = 'text' AND instr(CAST(text AS BLOB), x'00') THEN CAST(text AS BLOB) ELSE text END AS text"
            : column
    }

    /// What to select of the table `sample`.
    static let sampleColumns = ["id", "run_id", "step", "created_at", "temperature", "seed", "text"]
        .map(selection).joined(separator: ", ")
}

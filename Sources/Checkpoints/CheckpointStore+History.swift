import Foundation
import GRDB

extension CheckpointStore {
    /// Records what happened, in one transaction. A metric of a step that has one of that name replaces it.
    ///
    /// - Throws: `runRemoved`, `beingTrained`, `takenOver`, `full`, `locked`.
    public func record(_ history: History, in id: Run.ID) throws(StoreError) {
        guard !history.isEmpty else { return }
        try write { database in
            try take(fetchRun(database, id), in: database)
            try insert(history, of: id, into: database)
        }
    }

    /// Metrics in the order of their steps; of one name, if one is given, otherwise by name.
    public func metrics(named name: String? = nil, of id: Run.ID) throws(StoreError) -> [Metric] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM metric WHERE run_id = ?1 AND (name = ?2 OR ?2 IS NULL) ORDER BY name, step",
                arguments: [id.rawValue, name]
            ).map { row in
                Metric(
                    step: row["step"], epoch: row["epoch"], name: row["name"], value: row["value"],
                    seconds: row["seconds"])
            }
        }
    }

    /// Samples in the order of their steps.
    public func samples(of id: Run.ID) throws(StoreError) -> [Sample] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM sample WHERE run_id = ? ORDER BY step, id", arguments: [id.rawValue]
            ).map { row in
                guard let seed = UInt64(row["seed"] as String) else {
                    throw StoreError.corrupt(path: path, detail: "'\(row["seed"] as String)' is not a seed")
                }
                return Sample(step: row["step"], temperature: row["temperature"], seed: seed, text: row["text"])
            }
        }
    }

    /// Events in the order in which they were recorded.
    public func events(of id: Run.ID) throws(StoreError) -> [Event] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM event WHERE run_id = ? ORDER BY id", arguments: [id.rawValue]
            ).map { row in
                Event(
                    time: try Timestamp.date(row["time"], path: path), step: row["step"], kind: row["kind"],
                    message: row["message"])
            }
        }
    }

    /// Forgets metrics and samples of later steps than `step`: a run that is resumed there will make them again.
    /// Events stay.
    public func forgetHistory(after step: Int, of id: Run.ID) throws(StoreError) {
        try write { database in
            try take(fetchRun(database, id), in: database)
            for table in ["metric", "sample"] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE run_id = ? AND step > ?", arguments: [id.rawValue, step])
            }
        }
    }

    func insert(_ history: History, of id: Run.ID, into database: Database) throws {
        for metric in history.metrics {
            guard metric.value.isFinite, metric.epoch.isFinite, metric.seconds.isFinite else {
                let event = Self.event(ofNotFinite: metric.name, metric.value, step: metric.step)
                try insert(event, of: id, into: database)
                continue
            }
            try database.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO metric (run_id, name, step, epoch, value, seconds)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                id.rawValue, metric.name, metric.step, metric.epoch, metric.value, metric.seconds,
            ])
        }
        for sample in history.samples {
            try database.cachedStatement(
                sql: """
                    INSERT INTO sample (run_id, step, created_at, temperature, seed, text) VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                id.rawValue, sample.step, Timestamp.text(Date()), sample.temperature, String(sample.seed), sample.text,
            ])
        }
        for event in history.events { try insert(event, of: id, into: database) }
    }

    func insert(_ event: Event, of id: Run.ID, into database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO event (run_id, time, step, kind, message) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [id.rawValue, Timestamp.text(event.time), event.step, event.kind, event.message])
    }

    static func event(ofNotFinite name: String, _ value: Double, step: Int) -> Event {
        Event(step: step, kind: "not_finite", message: "\(name) is \(value)")
    }
}

package import Foundation
import GRDB

extension CheckpointStore {
    /// Records what happened, in one transaction. A metric of a step that has one of that name replaces it.
    ///
    /// - Throws: `runRemoved`, `beingTrained`, `takenOver`, `full`, `locked`.
    package func record(_ history: History, in id: Run.ID) throws(StoreError) {
        guard !history.isEmpty else { return }
        try write { database in
            try take(fetchRun(database, id), in: database)
            try insert(history, of: id, into: database)
        }
    }

    /// Metrics in the order of their steps; of one name, if one is given, otherwise by name.
    public func metrics(named name: String? = nil, of id: Run.ID) throws(StoreError) -> [MetricRecord] {
        try read { database in
            try StoredRow.fetchAll(
                database, "metric", "WHERE run_id = ?1 AND (name = ?2 OR ?2 IS NULL) ORDER BY name, step",
                [id.rawValue, name], path: path
            ).map { try metric(from: $0) }
        }
    }

    /// The last step of which a metric is known; nil if there is none.
    package func lastStep(of id: Run.ID) throws(StoreError) -> Int? {
        try read { database in
            try StoredRow.fetchAll(
                database, "metric", "WHERE run_id = ?", [id.rawValue], columns: "run_id, max(step) AS step", path: path
            ).first?.optionalInteger("step")
        }
    }

    /// Samples in the order of their steps.
    package func samples(of id: Run.ID) throws(StoreError) -> [SampleRecord] {
        try read { database in
            try StoredRow.fetchAll(
                database, "sample", "WHERE run_id = ? ORDER BY step, id", [id.rawValue], columns: Schema.sampleColumns,
                path: path
            ).map { try sample(from: $0) }
        }
    }

    /// Events in the order in which they were recorded.
    package func events(of id: Run.ID) throws(StoreError) -> [EventRecord] {
        try read { database in
            try StoredRow.fetchAll(database, "event", "WHERE run_id = ? ORDER BY id", [id.rawValue], path: path)
                .map { try event(from: $0) }
        }
    }

    func metric(from row: StoredRow) throws(StoreError) -> MetricRecord {
        MetricRecord(
            step: try row.integer("step"), epoch: try row.number("epoch"), name: try row.text("name"),
            value: try row.number("value"), seconds: try row.number("seconds"))
    }

    func sample(from row: StoredRow) throws(StoreError) -> SampleRecord {
        guard let seed = UInt64(try row.text("seed")) else { throw row.unexpected("seed", "a whole number") }
        return SampleRecord(
            step: try row.integer("step"), temperature: try row.number("temperature"), seed: seed,
            text: try row.textWithNULs("text"))
    }

    func event(from row: StoredRow) throws(StoreError) -> EventRecord {
        EventRecord(
            time: try row.time("time"), step: try row.optionalInteger("step"), kind: try row.text("kind"),
            message: try row.text("message"))
    }

    /// Forgets metrics and samples of later steps than `step`: a run that is resumed there will make them again.
    /// Events stay.
    package func forgetHistory(after step: Int, of id: Run.ID) throws(StoreError) {
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
        // A save that failed in its last moment is done again, and may turn out to have been done.
        for sample in history.samples {
            try database.cachedStatement(
                sql: """
                    INSERT INTO sample (run_id, step, created_at, temperature, seed, text)
                    SELECT ?1, ?2, ?3, ?4, ?5, text FROM (SELECT CAST(?6 AS TEXT) AS text) AS new
                    WHERE NOT EXISTS (
                        SELECT 1 FROM sample WHERE run_id = ?1 AND step = ?2 AND temperature = ?4 AND seed = ?5
                            AND sample.text = new.text)
                    """
            ).execute(arguments: [
                id.rawValue, sample.step, Timestamp.text(Date()), sample.temperature, String(sample.seed),
                sample.text.utf8.contains(0) ? Data(sample.text.utf8).databaseValue : sample.text.databaseValue,
            ])
        }
        for event in history.events { try insert(event, of: id, into: database) }
    }

    func insert(_ event: EventRecord, of id: Run.ID, into database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO event (run_id, time, step, kind, message) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [id.rawValue, Timestamp.text(event.time), event.step, event.kind, event.message])
    }

    static func event(ofNotFinite name: String, _ value: Double, step: Int) -> EventRecord {
        EventRecord(step: step, kind: "not_finite", message: "\(name) is \(value)")
    }
}

/// A number that belongs to a step.
public struct MetricRecord: Sendable, Equatable {
    /// Optimizer steps done.
    public var step: Int
    /// Passes over the training part, with fraction.
    public var epoch: Double
    /// `training_loss`, `validation_loss`, `learning_rate`, …
    public var name: String
    /// The number itself. One that is not finite is recorded as an event instead.
    public var value: Double
    /// Seconds of training up to this step, over all sessions of the run.
    public var seconds: Double

    package init(step: Int, epoch: Double, name: String, value: Double, seconds: Double) {
        self.step = step
        self.epoch = epoch
        self.name = name
        self.value = value
        self.seconds = seconds
    }
}

/// A text the model wrote during training.
package struct SampleRecord: Sendable, Equatable {
    /// Optimizer steps done.
    package var step: Int
    /// How freely it chose: 1 as the probabilities say.
    package var temperature: Double
    /// Of the random numbers it chose with.
    package var seed: UInt64
    /// What it wrote.
    package var text: String

    package init(step: Int, temperature: Double, seed: UInt64, text: String) {
        self.step = step
        self.temperature = temperature
        self.seed = seed
        self.text = text
    }
}

/// Something that happened.
package struct EventRecord: Sendable, Equatable {
    /// When.
    package var time: Date
    /// Optimizer steps done; nil where there is no telling.
    package var step: Int?
    /// A word: `started`, `resumed`, `rolled_back`.
    package var kind: String
    /// A sentence for people.
    package var message: String

    package init(time: Date = Date(), step: Int? = nil, kind: String, message: String) {
        self.time = time
        self.step = step
        self.kind = kind
        self.message = message
    }
}

/// Metrics, samples and events together.
package struct History: Sendable, Equatable {
    package var metrics: [MetricRecord]
    package var samples: [SampleRecord]
    package var events: [EventRecord]

    package init(metrics: [MetricRecord] = [], samples: [SampleRecord] = [], events: [EventRecord] = []) {
        self.metrics = metrics
        self.samples = samples
        self.events = events
    }

    package var isEmpty: Bool { metrics.isEmpty && samples.isEmpty && events.isEmpty }
}

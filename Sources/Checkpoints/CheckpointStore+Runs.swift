import FileTrees
import Foundation
import GRDB

extension CheckpointStore {
    /// Creates a run of status `running`, and takes it. A run of that name which was killed before it saved anything
    /// gives way.
    ///
    /// - Throws: `nameTaken`, `beingTrained`, `invalidRunName`, `json`.
    package func createRun(_ description: RunDescription) throws(StoreError) -> Run {
        let configuration = try CanonicalJSON.encode(description.configuration, what: "the configuration of the run")
        let corpus = try CanonicalJSON.encode(description.corpus, what: "the description of the corpus")
        return try createRun(
            name: description.name, base: description.baseName, kind: description.kind, configuration, corpus)
    }

    /// Creates a run like one of this store or another, to keep what cannot be saved there.
    ///
    /// - Parameter name: nil makes one up after the other run's.
    /// - Throws: `nameTaken`, `invalidRunName`.
    package func createRun(like run: Run, name: String?) throws(StoreError) -> Run {
        try createRun(
            name: name, base: "\(run.name)-rescued", kind: run.kind, run.configuration, run.corpus)
    }

    private func createRun(
        name: String?, base: String, kind: String, _ configuration: Data, _ corpus: Data
    ) throws(StoreError) -> Run {
        if let name { try RunNames.validate(name) }
        return try write { database in
            let taken = try names(database)
            let name = name ?? RunNames.generate(base: base, kind: kind, taken: taken)
            // Swift's equality: two spellings of an accented letter are one name.
            if let spelling = taken.first(where: { $0 == name }) {
                let rows = try StoredRow.fetchAll(database, "run", "WHERE name = ?", [spelling], path: path)
                guard let other = try rows.first.map(run(from:)), try isStillborn(other, in: database) else {
                    throw StoreError.nameTaken(name: name, path: path)
                }
                try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [other.id.rawValue])
            }
            try database.execute(
                sql: """
                    INSERT INTO run (name, kind, created_at, status, configuration, configuration_crc32, corpus,
                                     corpus_crc32)
                    VALUES (?1, ?2, ?3, 'running', ?4, crc32(?4), ?5, crc32(?5))
                    """,
                arguments: [
                    name, kind, Timestamp.text(Date()),
                    String(decoding: configuration, as: UTF8.self), String(decoding: corpus, as: UTF8.self),
                ])
            let run = try fetchRun(database, Run.ID(rawValue: database.lastInsertedRowID))
            try take(run, in: database)
            return run
        }
    }

    /// All runs, newest first; of one kind, if one is named.
    public func runs(kind: String? = nil) throws(StoreError) -> [Run] {
        try read { database in
            try StoredRow.fetchAll(
                database, "run", "WHERE kind = ?1 OR ?1 IS NULL ORDER BY id DESC", [kind], path: path
            ).map { try run(from: $0) }
        }
    }

    /// The run of a name.
    /// - Parameters:
    ///   - name: as it is stored.
    ///   - kind: of the runs whose names may have been meant where none has this name.
    /// - Throws: `unknownRun` with the names that come near; `noRuns`.
    public func run(named name: String, kind: String? = nil) throws(StoreError) -> Run {
        let all = try runs()
        if let run = all.first(where: { $0.name == name }) { return run }
        let candidates = all.filter { kind == nil || $0.kind == kind }
        guard !candidates.isEmpty else { throw .noRuns(path: path, kind: kind) }
        throw .unknownRun(name: name, near: NearNames.near(name, among: candidates.map(\.name)), path: path)
    }

    /// The run that is meant, which must be of this kind.
    ///
    /// - Throws: `noRuns`, `unknownRun`, `wrongKind`, `noCheckpoint`.
    package func run(_ selection: RunSelection, kind: String) throws(StoreError) -> Run {
        let candidates = try runs(kind: kind)
        if case .named(let name) = selection {
            let run = try run(named: name, kind: kind)
            guard run.kind == kind else { throw .wrongKind(run: run.name, kind: run.kind, expected: kind) }
            return run
        }
        guard let newest = candidates.first else { throw .noRuns(path: path, kind: kind) }
        guard selection == .newestWithBest else { return newest }
        let withBest = try read { database in
            try Set(
                StoredRow.fetchAll(
                    database, "checkpoint", "WHERE is_best = 1", columns: "id, run_id", path: path
                ).map { try $0.identifier("run_id") })
        }
        guard let run = candidates.first(where: { withBest.contains($0.id.rawValue) }) else {
            throw .noCheckpoint(run: newest.name, wanted: "best", path: path)
        }
        return run
    }

    /// - Throws: `runRemoved`.
    package func run(_ id: Run.ID) throws(StoreError) -> Run {
        try read { try fetchRun($0, id) }
    }

    /// Sets the status; any but `running` also gives the run back.
    ///
    /// - Throws: `runRemoved`, `beingTrained`, `takenOver`.
    package func setStatus(_ status: Run.Status, of id: Run.ID) throws(StoreError) {
        try update("status = ?1", status.rawValue, of: id) { database in
            if status != .running { try deleteOwner(of: id, in: database) }
        }
        // Others may have the store open: to close it would leave this in the log.
        if status != .running { try? moveLogIntoStore() }
    }

    /// Replaces the configuration: when the number of steps becomes known after the run began, for instance.
    ///
    /// - Throws: `json`, `runRemoved`, `beingTrained`, `takenOver`.
    package func setConfiguration(_ configuration: some Encodable, of id: Run.ID) throws(StoreError) {
        let data = try CanonicalJSON.encode(configuration, what: "the configuration of the run")
        try update(
            "configuration = ?1, configuration_crc32 = crc32(?1)", String(decoding: data, as: UTF8.self), of: id)
    }

    /// Gives a run another name.
    /// - Throws: `nameTaken`, `invalidRunName`, `runRemoved`, `beingTrained`.
    public func rename(_ id: Run.ID, to name: String) throws(StoreError) {
        try RunNames.validate(name)
        try write { database in
            try refuseIfTaken(fetchRun(database, id), in: database)
            guard try !names(database, besides: id).contains(name) else {
                throw StoreError.nameTaken(name: name, path: path)
            }
            try database.execute(sql: "UPDATE run SET name = ? WHERE id = ?", arguments: [name, id.rawValue])
        }
    }

    private func update(
        _ assignment: String, _ value: String, of id: Run.ID, alsoIn transaction: (Database) throws -> Void = { _ in }
    ) throws(StoreError) {
        try write { database in
            try take(fetchRun(database, id), in: database)
            try database.execute(sql: "UPDATE run SET \(assignment) WHERE id = ?2", arguments: [value, id.rawValue])
            try transaction(database)
        }
    }

    private func names(_ database: Database, besides id: Run.ID? = nil) throws -> [String] {
        try StoredRow.fetchAll(
            database, "run", "WHERE id IS NOT ?", [id?.rawValue], columns: "id, name", path: path
        ).map { try $0.text("name") }
    }

    func fetchRun(_ database: Database, _ id: Run.ID) throws -> Run {
        let rows = try StoredRow.fetchAll(database, "run", "WHERE id = ?", [id.rawValue], path: path)
        guard let row = rows.first else { throw StoreError.runRemoved(path: path) }
        return try run(from: row)
    }

    func run(from row: StoredRow) throws(StoreError) -> Run {
        guard let status = Run.Status(rawValue: try row.text("status")) else {
            throw row.unexpected("status", "running, finished, interrupted or failed")
        }
        return Run(
            id: Run.ID(rawValue: try row.identifier("id")), name: try row.text("name"), kind: try row.text("kind"),
            createdAt: try row.time("created_at"), status: status,
            configuration: Data(try row.verifiedText("configuration").utf8),
            corpus: Data(try row.verifiedText("corpus").utf8))
    }
}

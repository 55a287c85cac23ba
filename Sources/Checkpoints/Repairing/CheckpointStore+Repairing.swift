import FileTrees
import Foundation
import GRDB

extension CheckpointStore {
    /// Makes a new store of what can be read of a damaged one, row by row and with every check. The damaged store, and
    /// what is beside it, is not written to: all is done with a copy.
    ///
    /// A checkpoint is saved if all its tensors are whole; one whose weights are whole, but not all that training needs,
    /// is saved without the rest, and can be used but not resumed.
    ///
    /// - Parameters:
    ///   - path: also of a file that lost the marks of a store, as one made by `.dump` has none.
    ///   - destination: must not exist.
    /// - Throws: `nothingToRepair`, `folder`, `notAFile`; `storeItself`, `repairExists`; `inUse` if the store was written
    ///   to meanwhile; `corrupt` if nothing can be read; `notWritable`, `full`. Nothing is left behind then.
    package static func repair(_ path: String, into destination: String) throws(StoreError) -> RepairReport {
        let source = StoreFile(path), target = StoreFile(destination)
        guard source.isThere else { throw .nothingToRepair(path: path) }
        try source.requireNoOtherKind()
        guard !target.isSameFile(as: source) else { throw .storeItself(path: destination) }
        guard !target.isThere else { throw .repairExists(path: destination) }
        try target.prepareFolder()
        let working = try UnfinishedStore(for: target)
        defer { working.remove() }
        let made = try UnfinishedStore(for: target)
        var isFinished = false
        defer { if !isFinished { made.remove() } }
        let busyTimeout = StoreOptions().busyTimeout
        let report = try translating(path: path, busyTimeout: busyTimeout) {
            try working.naming(destination) { try DamagedStore.copy(source, to: working.file) }
            let damaged = try working.naming(path) {
                try translating(path: working.file.path, busyTimeout: busyTimeout) {
                    try DamagedStore(working.file, path: path)
                }
            }
            let store = try made.naming(destination) {
                try CheckpointStore.open(at: made.file.path, access: .readWrite)
            }
            do {
                let report = try store.write { try StoreRepair(damaged, store, $0).carryOut() }
                guard !report.runs.isEmpty || report.texts > 0 else {
                    throw StoreError.corrupt(
                        path: path, detail: "no run and no text can be read; " + report.losses.joined(separator: "; "))
                }
                try store.closeAsOneFile()
                return report
            } catch {
                try? store.close()
                throw (error as? StoreError)?.naming(destination, insteadOf: made.file.path) ?? error
            }
        }
        try translating(path: destination, busyTimeout: busyTimeout) {
            try made.naming(destination) { try made.takePlace(overwrite: false, busyTimeout: busyTimeout) }
        }
        isFinished = true
        return report
    }
}

/// One repair: from the rows of a damaged store to those of a new one, in one transaction.
final class StoreRepair {
    private let damaged: DamagedStore
    private let store: CheckpointStore
    private let database: Database
    private var report = RepairReport()

    init(_ damaged: DamagedStore, _ store: CheckpointStore, _ database: Database) {
        (self.damaged, self.store, self.database) = (damaged, store, database)
    }

    func carryOut() throws -> RepairReport {
        try copyRuns()
        let roles = try copyCheckpoints()
        try copyTensors()
        try keepWholeCheckpoints(roles)
        for table in ["metric", "sample", "event", "code"] { try copyHistory(table) }
        try copy("text", check: { row in _ = try store.text(from: row) }) { row, reason in
            "the text of \(row.name): \(reason)"
        }
        try keepNumbers()
        report.texts = try Int.fetchOne(database, sql: "SELECT count(*) FROM text") ?? 0
        for id in try Int64.fetchAll(database, sql: "SELECT id FROM run ORDER BY id") {
            let run = try store.fetchRun(database, Run.ID(rawValue: id))
            let steps = try Int.fetchAll(
                database, sql: "SELECT step FROM checkpoint WHERE run_id = ? ORDER BY id", arguments: [id])
            report.runs.append(RepairReport.SavedRun(name: run.name, kind: run.kind, steps: steps))
        }
        return report
    }

    // MARK: Runs

    private func copyRuns() throws {
        try copy("run", check: { row in _ = try store.run(from: row) }) { row, reason in
            "the run of \(row.name): \(reason)"
        }
        try database.execute(sql: "UPDATE run SET status = 'interrupted' WHERE status = 'running'")
    }

    // MARK: Checkpoints

    /// Whether a checkpoint was the latest or the best of its run.
    private struct Roles { var isLatest = false, isBest = false }

    private func copyCheckpoints() throws -> [Int64: Roles] {
        var roles: [Int64: Roles] = [:]
        try copy(
            "checkpoint",
            check: { row in
                _ = try (row.integer("step"), row.number("epoch"), row.time("created_at"), row.integer("tensor_count"))
                _ = try (row.optionalNumber("validation_loss"), row.verifiedText("state"))
                roles[try row.identifier("id")] = Roles(
                    isLatest: try row.flag("is_latest"), isBest: try row.flag("is_best"))
            },
            replacing: ["is_latest": 0.databaseValue, "is_best": 0.databaseValue]
        ) { row, reason in "the checkpoint of \(row.name): \(reason)" }
        return roles
    }

    /// Tensors that only training needs, of which a row was lost, by checkpoint.
    private var damagedExtras: [Int64: Set<[String]>] = [:]

    private func copyTensors() throws {
        try copy("tensor", check: { row in _ = try row.verifiedData("data") }) { row, reason in
            if let checkpoint = try? row.identifier("checkpoint_id"), let section = try? row.text("section"),
                let name = try? row.text("name"), ["optimizer", "state"].contains(section)
            {
                damagedExtras[checkpoint, default: []].insert([section, name])
            }
            return "a piece of a tensor, \(row.name): \(reason)"
        }
    }

    private func keepWholeCheckpoints(_ roles: [Int64: Roles]) throws {
        let rows = try StoredRow.fetchAll(database, "checkpoint", "ORDER BY id", path: damaged.path)
        var complete: Set<Int64> = [], weightsOfRuns: [Int64: Set<String>] = [:], problems: [Int64: String] = [:]
        for row in rows {
            let id = try row.identifier("id")
            switch try wholeTensors(of: id, expected: try row.integer("tensor_count")) {
            case .success(let tensors):
                complete.insert(id)
                weightsOfRuns[try row.identifier("run_id")] = Self.weightNames(tensors)
            case .failure(let problem): problems[id] = problem.text
            }
        }
        for row in rows {
            let id = try row.identifier("id"), run = try row.identifier("run_id")
            guard let problem = problems[id] else { continue }
            let name = try store.fetchRun(database, Run.ID(rawValue: run)).name
            let title = "the checkpoint of run '\(name)', step \(try row.integer("step"))"
            if let problem = try keepWeights(of: row, known: weightsOfRuns[run]) ? nil : problem {
                report.losses.append("\(title): \(problem)")
                try database.execute(sql: "DELETE FROM checkpoint WHERE id = ?", arguments: [id])
            } else {
                report.losses.append("what training needs besides the weights in \(title): it can be used, not resumed")
            }
        }
        try giveRoles(roles, complete: complete)
    }

    private static func weightNames(_ tensors: [StoredTensor]) -> Set<String> {
        Set(tensors.filter { [.parameter, .buffer].contains($0.section) }.map(\.name))
    }

    /// Leaves of a checkpoint what the model consists of, if that is known to be all there: it has the tensors of
    /// another checkpoint of the run that is whole, or none is missing but such as training alone needs.
    private func keepWeights(of row: StoredRow, known: Set<String>?) throws -> Bool {
        let id = try row.identifier("id")
        let extras = try StoredRow.fetchAll(
            database, "tensor", "WHERE checkpoint_id = ? AND section NOT IN ('parameter', 'buffer')", [id],
            columns: "rowid, section, name", path: damaged.path
        ).map { [try $0.text("section"), try $0.text("name")] }
        let expected = try row.integer("tensor_count") - damagedExtras[id, default: []].union(extras).count
        try database.execute(
            sql: "DELETE FROM tensor WHERE checkpoint_id = ? AND section NOT IN ('parameter', 'buffer')",
            arguments: [id])
        guard case .success(let tensors) = try wholeTensors(of: id, expected: nil) else { return false }
        let names = Self.weightNames(tensors)
        guard !names.isEmpty, known.map({ $0 == names }) ?? (tensors.count == expected) else { return false }
        try database.execute(
            sql: "UPDATE checkpoint SET tensor_count = ? WHERE id = ?", arguments: [tensors.count, id])
        return true
    }

    private struct Problem: Error { let text: String }

    /// The tensors of a checkpoint, if all are whole.
    private func wholeTensors(of checkpoint: Int64, expected: Int?) throws -> Result<[StoredTensor], Problem> {
        do {
            func damage(_ name: String, _ reason: String) -> StoreError {
                .damagedTensor(name: name, run: "", step: 0, reason: reason, path: damaged.path)
            }
            let tensors = try StoredTensor.fetchAll(
                database, checkpoint: checkpoint, path: damaged.path, damage: damage)
            if let expected, expected != tensors.count {
                return .failure(Problem(text: "of its \(expected) tensors, \(tensors.count) are there"))
            }
            for tensor in tensors {
                _ = try tensor.read(
                    database, checkpoint: checkpoint, path: damaged.path,
                    damage: { damage(tensor.name, $0) })
            }
            return .success(tensors)
        } catch StoreError.damagedTensor(let name, _, _, let reason, _) {
            return .failure(Problem(text: "its tensor '\(name)': \(reason)"))
        } catch let error as StoreError where error.isDamage {
            return .failure(Problem(text: "\(error)"))
        }
    }

    /// The latest is the one that was, or the newest from which training can go on, or the newest.
    private func giveRoles(_ roles: [Int64: Roles], complete: Set<Int64>) throws {
        for run in try Int64.fetchAll(database, sql: "SELECT id FROM run") {
            let left = try Int64.fetchAll(
                database, sql: "SELECT id FROM checkpoint WHERE run_id = ? ORDER BY id", arguments: [run])
            let latest =
                left.last { roles[$0]?.isLatest == true && complete.contains($0) }
                ?? left.last(where: complete.contains) ?? left.last
            try database.execute(sql: "UPDATE checkpoint SET is_latest = 1 WHERE id = ?", arguments: [latest])
            try database.execute(
                sql: "UPDATE checkpoint SET is_best = 1 WHERE id = ?",
                arguments: [left.last { roles[$0]?.isBest == true }])
        }
    }

    // MARK: History

    private func copyHistory(_ table: String) throws {
        try copy(
            table,
            check: { row in
                switch table {
                case "metric": _ = try store.metric(from: row)
                case "sample": _ = try store.sample(from: row)
                case "event": _ = try store.event(from: row)
                default: _ = try store.code(from: row)
                }
            }
        ) { row, reason in "a row of \(table), \(row.name): \(reason)" }
    }

    /// No number is used twice, also none of what was removed or is lost.
    private func keepNumbers() throws {
        let columns = try database.columns(in: "sqlite_sequence")
        _ = try damaged.forEachRow(of: "sqlite_sequence", columns: columns) { row in
            guard let table = try? row.text("name"), let number = try? row.integer("seq"),
                try database.tableExists(table)
            else { return }
            try database.execute(
                sql: "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", arguments: [number, table])
            guard database.changesCount == 0 else { return }
            try database.execute(
                sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", arguments: [table, number])
        }
    }

    // MARK: Rows

    /// Copies the rows of a table that can be read, pass the check, and belong to something that was saved.
    private func copy(
        _ table: String, check: (StoredRow) throws -> Void, replacing: [String: DatabaseValue] = [:],
        loss: (_ row: StoredRow, _ reason: String) -> String
    ) throws {
        let known = try database.columns(in: table), columns = known.map(\.name)
        let list = columns.joined(separator: ", ")
        let marks = columns.map(Schema.placeholder).joined(separator: ", ")
        let insertion = try database.makeStatement(sql: "INSERT INTO \(table) (\(list)) VALUES (\(marks))")
        var losses: [String] = [], orphans = 0
        let unread = try damaged.forEachRow(of: table, columns: known) { row in
            do {
                try check(row)
                let values = columns.map { replacing[$0] ?? (row.row.hasColumn($0) ? row.row[$0] : .null) }
                try insertion.execute(arguments: StatementArguments(values))
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
                orphans += 1
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                losses.append(loss(row, "there are two of it"))
            } catch StoreError.damagedValue(_, _, let column, let reason, _) {
                losses.append(loss(row, "the column \(column) holds \(reason)"))
            }
        }
        // One line for each is too much where a table of thousands of rows is gone.
        report.losses += losses.prefix(10)
        if losses.count > 10 { report.losses.append("\(losses.count - 10) more rows of the table \(table)") }
        if orphans > 0 { report.losses.append("\(orphans) rows of the table \(table) that belong to what was lost") }
        if let unread { report.losses.append(unread) }
    }
}

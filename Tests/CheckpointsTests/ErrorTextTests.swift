import Checkpoints
import Foundation
import GRDB
import Testing
import TestSupport

/// What an error says is what a user has: the place, and what to do.
@Suite struct ErrorTextTests {
    private static let path = "models/a b.sqlite"
    /// Each with what its text has to hold besides the path.
    static let errors: [(StoreError, [String])] = [
        (.noStore(path: path), ["no model has been trained yet", "`charnn train FILE`", "`store`"]),
        (.noRuns(path: path, kind: "ae"), ["no ae model", "`ae train`"]),
        (.noRuns(path: path, kind: nil), ["no run", "`charnn train FILE`", "`ae train FOLDER`"]),
        (.unknownRun(name: "x", near: [], path: path), ["'x'", "None has a name like it", "'runs'"]),
        (.unknownRun(name: "x", near: ["x1"], path: path), ["Did you mean 'x1'?"]),
        (.unknownRun(name: "x", near: ["x1", "x2", "x3"], path: path), ["Did you mean 'x1', 'x2' or 'x3'?"]),
        (.runRemoved(path: path), ["removed meanwhile"]),
        (.takenOver(run: "x", by: nil, path: path), ["'x'", "was taken over, which", "left as they are"]),
        (.goesBack(run: "x", from: 9, to: 8, path: path), ["'x'", "step 9", "step 8"]),
        (.moved(path: path, isReplaced: true), ["another file than before"]),
        (.moved(path: path, isReplaced: false), ["deleted or moved"]),
        (.nameTaken(name: "x", path: path), ["'x'", "Choose another name"]),
        (.noCheckpoint(run: "x", wanted: "best", path: path), ["'x'", "no best checkpoint", "Train it further"]),
        (.noText(id: 7, path: path), ["text number 7"]),
        (.textChanged(id: 7, expected: 2, found: 3, path: path), ["revision 3", "and 2 was", "Read it again"]),
        (.folder(path: path), ["is a folder", "\(path)/jacquard.sqlite"]),
        (.notAFile(path: path), ["is a pipe or a device", "Name a file", "nothing was changed"]),
        (.notSQLite(path: path), ["not an SQLite file", "`store`", "nothing was changed"]),
        (
            .otherApplication(path: path, applicationID: 0),
            ["no program has put its mark", "`charnn repair '\(path)'`"]
        ),
        (.otherApplication(path: path, applicationID: 77), ["application id 77", "nothing was changed"]),
        (.newerSchema(path: path, found: 9, supported: 3), ["schema 9", "up to 3", "Update this program"]),
        (.foreignSchema(path: path, object: "trigger 'x'", isChanged: false), ["trigger 'x' does not belong", "DROP"]),
        (
            .foreignSchema(path: path, object: "table 'x'", isChanged: true),
            ["table 'x' is declared otherwise", "Take the change back in sqlite3"]
        ),
        (.unreadable(path: path, reason: "why"), ["why", "permissions"]),
        (.notWritable(path: path, reason: "why"), ["why", "permissions"]),
        (.openedReadOnly(path: path), ["opened to read only", "nothing was changed", ".readWrite"]),
        (.locked(path: path, seconds: 2.5), ["waited 2.5 s", "fuser"]),
        (.full(path: path), ["disk is full", "intact", "Free some space"]),
        (.failing(path: path, doing: "reading"), ["reading", "dmesg"]),
        (.corrupt(path: path, detail: "what"), ["what", "`charnn repair '\(path)'`"]),
        (
            .damagedTensor(name: "w", run: "x", step: 5, reason: "why", path: path),
            ["'w'", "'x'", "step 5", "why", "another checkpoint", "`charnn repair '\(path)'`"]
        ),
        (
            .damagedValue(table: "run", row: "id 1", column: "name", reason: "NULL", path: path),
            ["table run", "id 1", "column name", "NULL", "`charnn repair '\(path)'`"]
        ),
        (.exportExists(path: path), ["exists already", "`force`"]),
        (.storeItself(path: path), ["is the store itself", "another name"]),
        (.nothingToRepair(path: path), ["no file \(path)", "Name the damaged store"]),
        (.repairExists(path: path), ["exists already", "`output`"]),
        (.inUse(path: path), ["another program has open", "another name"]),
        (.besideIt(path: path, other: "other-wal"), ["other-wal", "Move it away"]),
        (.closed(path: path), ["has been closed"]),
        (.database(path: path, code: 1, message: "what", sql: "SELECT 1"), ["error 1", "what", "SELECT 1"]),
        (.database(path: path, code: 1, message: "what", sql: nil), ["error 1", "what"]),
    ]

    @Test(arguments: errors.indices) func saysWhereAndWhatToDo(index: Int) {
        let (error, fragments) = Self.errors[index], text = error.text(for: .user)
        for fragment in [Self.path] + fragments { #expect(text.contains(fragment), "\(text)") }
        #expect(text.contains(" while executing") == fragments.contains("SELECT 1"))
    }

    /// Who calls functions is told of functions.
    @Test(arguments: errors.indices) func tellsADeveloperOfNoOptions(index: Int) {
        let text = "\(Self.errors[index].0)"
        for word in ["`store`", "`force`", "`output`", "'runs'", "JACQUARD_STORE", "charnn train", "ae train", "  "] {
            #expect(!text.contains(word), "\(text)")
        }
        #expect(text.contains(Self.path))
    }

    @Test func namesWhatADeveloperCanCall() {
        let path = Self.path
        for (error, fragments) in [
            (StoreError.noStore(path: path), ["`TextModel.train`", "`PictureModel.train`", "`Trainer.fit`"]),
            (.noRuns(path: path, kind: "ae"), ["`PictureModel`"]),
            (.noRuns(path: path, kind: nil), ["`TextModel`", "`PictureModel`", "`Trainer`"]),
            (.unknownRun(name: "x", near: [], path: path), ["`runs()`"]),
            (.wrongKind(run: "x", kind: "ae", expected: "charnn"), ["`PictureModel`", #"`runs(kind: "charnn")`"#]),
            (.wrongKind(run: "x", kind: "network", expected: "ae"), ["`Trainer`"]),
            (.exportExists(path: path), ["`overwrite: true`"]),
        ] {
            for fragment in fragments { #expect("\(error)".contains(fragment), "\(error)") }
        }
    }

    /// What SQLite's result codes (https://www.sqlite.org/rescode.html) are to somebody who wanted to train.
    @Test func whatSQLiteSaysIsSaidInOtherWords() throws {
        let folder = try TemporaryFolder(), path = folder.store
        let store = try CheckpointStore.open(at: path, access: .readWrite, options: StoreOptions(busyTimeout: 2))
        func failing(_ what: String) -> StoreError { .failing(path: path, doing: what) }
        let meanings: [(ResultCode, StoreError)] = [
            (.SQLITE_BUSY, .locked(path: path, seconds: 2)), (.SQLITE_LOCKED, .locked(path: path, seconds: 2)),
            (.SQLITE_PROTOCOL, .locked(path: path, seconds: 2)), (.SQLITE_FULL, .full(path: path)),
            (.SQLITE_CORRUPT, .corrupt(path: path, detail: "what")), (.SQLITE_NOTADB, .notSQLite(path: path)),
            (.SQLITE_READONLY, .notWritable(path: path, reason: "what")),
            (.SQLITE_PERM, .notWritable(path: path, reason: "what")), (.SQLITE_IOERR_SHMSIZE, .full(path: path)),
            (.SQLITE_IOERR_SHMOPEN, failing("using")), (.SQLITE_IOERR_READ, failing("reading")),
            (.SQLITE_IOERR_SHORT_READ, failing("reading")), (.SQLITE_IOERR_WRITE, failing("writing to")),
            (.SQLITE_IOERR_TRUNCATE, failing("writing to")), (.SQLITE_IOERR_FSYNC, failing("synchronizing")),
            (.SQLITE_IOERR_LOCK, failing("locking")), (.SQLITE_IOERR_DELETE, failing("removing")),
            (.SQLITE_MISUSE, .database(path: path, code: 21, message: "what", sql: nil)),
        ]
        for (code, meaning) in meanings {
            let error = try storeError {
                try store.read { _ in throw DatabaseError(resultCode: code, message: "what") }
            }
            #expect(error == meaning, "\(code)")
        }
        try store.close()
    }

    @Test func othersNameWhatTheyAreAbout() {
        #expect("\(StoreError.invalidRunName(name: "a/b", reason: "why"))" == "'a/b' cannot name a run: why")
        #expect("\(StoreError.json(what: "it", reason: "why"))" == "it cannot be written or read as JSON: why")
        #expect("\(StoreError.folder(path: ""))".hasPrefix("an empty path leads to no store."))
        let wrong = StoreError.wrongKind(run: "x", kind: "ae", expected: "charnn").text(for: .user)
        #expect(wrong.contains("'x' is a model of ae") && wrong.contains("`charnn runs`"))
        // Runs of a `Trainer`: no program is named after their kind.
        let trained = StoreError.wrongKind(run: "x", kind: "network", expected: "charnn").text(for: .user)
        #expect(
            trained.contains("Use it with the Trainer of a Swift program, or choose one of those that `charnn runs`"))
        let needed = StoreError.wrongKind(run: "x", kind: "charnn", expected: "network").text(for: .user)
        #expect(needed.contains("Use it with the command 'charnn', or choose another run."))
        #expect(
            StoreError.noRuns(path: "a", kind: "network").text(for: .user).contains(
                "with the Trainer of a Swift program, or"))
        #expect(
            !"\(StoreError.foreignSchema(path: "a", object: "table 'run'", isChanged: true))".contains("DROP table"))
        // A path that a shell would not take as it is, and one that it would.
        #expect("\(StoreError.corrupt(path: "it's", detail: ""))".contains(#"`charnn repair 'it'\''s'`"#))
        #expect("\(StoreError.corrupt(path: "a/b-1.sqlite", detail: ""))".contains("`charnn repair a/b-1.sqlite`"))
    }
}

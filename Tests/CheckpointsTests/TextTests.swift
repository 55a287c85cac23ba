import Checkpoints
import Foundation
import GRDB
import TensorCore
import Testing
import TestSupport

/// The texts that people write with a model are kept in the store, whole.
@Suite struct TextTests {
    private static let settings = Data(#"{"model":"weavers-1","temperature":0.8}"#.utf8)

    private func time(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_790_000_000 + seconds) }

    /// Who has the store open keeps its log from being removed, but nothing is left in there: a copy of the file has it all.
    @Test func whatWasSavedIsInTheFileWhileOthersHaveItOpen() throws {
        let folder = try TemporaryFolder(), copy = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let run = try store.createRun(description("run"))
        let other = try CheckpointStore.open(at: folder.store, access: .readOnly)
        var text = try store.createText(title: "One", text: "Once", settings: Self.settings)
        #expect(try folder.size("jacquard.sqlite-wal") == 0)
        text = try store.updateText(
            text.summary.id, revision: 1, title: "One", text: "Once upon", settings: Self.settings)
        #expect(try folder.size("jacquard.sqlite-wal") == 0)
        let code = StoredCode(name: "a.png", label: nil, step: 1, values: [1, 2])
        try store.saveCodes([code], of: run.id)
        #expect(try folder.size("jacquard.sqlite-wal") == 0)
        try store.setStatus(.finished, of: run.id)
        #expect(try folder.size("jacquard.sqlite-wal") == 0)
        try FileManager.default.copyItem(atPath: folder.store, toPath: copy.store)
        let copied = try CheckpointStore.open(at: copy.store, access: .readOnly)
        #expect(try copied.allTexts() == [text] && copied.codes(of: run.id) == [code])
        #expect(try copied.run(run.id).status == .finished)
        for opened in [store, other, copied] { try opened.close() }
    }

    @Test func aTextIsKeptChangedListedAndRemoved() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        #expect(try store.texts() == [] && store.allTexts() == [])
        let first = try store.createText(title: "One", text: "Once", settings: Self.settings, at: time(1))
        let second = try store.createText(title: "Two", text: "upon", settings: Data("{}".utf8), at: time(2))
        #expect(first.summary.revision == 1 && first.summary.characters == 4 && first.text == "Once")
        #expect(first.summary.createdAt == time(1) && first.summary.changedAt == time(1))
        #expect(first.settings == Self.settings && first.summary.id != second.summary.id)
        #expect(try store.texts() == [second.summary, first.summary])

        let changed = try store.updateText(
            first.summary.id, revision: 1, title: "Uno", text: "Once upon", settings: Data("[]".utf8), at: time(3))
        #expect(changed.summary.title == "Uno" && changed.summary.revision == 2 && changed.summary.characters == 9)
        #expect(changed.summary.createdAt == time(1) && changed.summary.changedAt == time(3))
        #expect(changed.settings == Data("[]".utf8))
        // The one that was changed last comes first; all of them, in the order in which they came.
        #expect(try store.texts() == [changed.summary, second.summary])
        #expect(try store.allTexts() == [changed, second])
        try store.close()

        let again = try CheckpointStore.open(at: folder.store, access: .readWrite)
        #expect(try again.text(first.summary.id) == changed && again.text(second.summary.id) == second)
        try again.removeText(second.summary.id)
        #expect(try again.allTexts() == [changed])
        for call in [
            { _ = try again.text(second.summary.id) }, { try again.removeText(second.summary.id) },
            {
                _ = try again.updateText(
                    second.summary.id, revision: 1, title: "", text: "", settings: Data("{}".utf8))
            },
        ] {
            let error = try storeError(call)
            #expect(error == .noText(id: second.summary.id.rawValue, path: folder.store))
            #expect("\(error)".contains("there is no text number 2 in \(folder.store)"))
        }
        // A page that still shows the removed one must not change another.
        #expect(try again.createText(title: "", text: "", settings: Data("{}".utf8)).summary.id.rawValue == 3)
        try again.close()
    }

    @Test func whatAnotherSavedMeanwhileIsNotReplaced() throws {
        let folder = try TemporaryFolder()
        let one = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let other = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let id = try one.createText(title: "t", text: "a", settings: Data("{}".utf8)).summary.id
        let theirs = try other.updateText(id, revision: 1, title: "t", text: "theirs", settings: Data("{}".utf8))
        let error = try storeError {
            _ = try one.updateText(id, revision: 1, title: "t", text: "mine", settings: Data("{}".utf8))
        }
        #expect(error == .textChanged(id: id.rawValue, expected: 1, found: 2, path: folder.store))
        #expect("\(error)".contains("it has revision 2, and 1 was to be replaced"))
        #expect(try one.text(id) == theirs)
        #expect(try one.updateText(id, revision: 2, title: "t", text: "both", settings: Data("{}".utf8)).text == "both")
        try one.close()
        try other.close()
    }

    @Test(arguments: [
        "", "\0", "a\0b\0", "Zeile\r\nZeile\u{2028}\u{feff}", "e\u{301} é", "👩‍👩‍👧 \u{10ffff}",
        String(repeating: "long ", count: 400_000),
    ])
    func anyTextComesBackAsItWas(text: String) throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let title = String(text.prefix(60)), escaped = Data(#"{"stop":"\u0000"}"#.utf8)
        let created = try store.createText(title: title, text: text, settings: escaped)
        let updated = try store.updateText(
            created.summary.id, revision: 1, title: text, text: title + text, settings: escaped)
        try store.close()
        let reader = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let read = try reader.text(created.summary.id)
        // Scalar by scalar: Swift takes é in one and in two for the same.
        #expect(Array(created.text.utf8) == Array(text.utf8) && Array(created.summary.title.utf8) == Array(title.utf8))
        #expect(
            Array(read.text.utf8) == Array((title + text).utf8) && Array(read.summary.title.utf8) == Array(text.utf8))
        #expect(read == updated && read.settings == escaped)
        #expect(try reader.texts().map(\.characters) == [(title + text).unicodeScalars.count])
        try reader.close()
    }

    @Test(arguments: ["{", "", "{\"a\":NaN}", "\u{fffe}"]) func settingsAreJSON(text: String) throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        for settings in [Data(text.utf8), Data("{}".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })] {
            let error = try storeError { _ = try store.createText(title: "", text: "", settings: settings) }
            guard case .json(let what, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(what == "the settings of a text")
        }
        #expect(try store.texts().isEmpty)
        try store.close()
    }

    /// Killed before any statement with which a text is replaced, and as soon as the call has returned.
    @Test func aProcessKilledWhileItSavesAText() throws {
        let original = try TemporaryFolder()
        #expect(try Tool("save-text", original.store, "earlier").wait().output == "revision 1")
        var survivors: [String] = []
        for occurrence in 1...40 {
            let folder = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: original.store, toPath: folder.store)
            let killed = try Tool("die-saving-text", folder.store, "later", "\(occurrence)").wait()
            #expect(killed.status == -9)
            let hasReturned = killed.output == "returned"
            let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
            let text = try #require(try store.allTexts().first)
            let survivor = text.summary.title
            #expect(text.text == String(repeating: survivor + " ", count: 30_000))
            #expect(text.summary.revision == (survivor == "later" ? 2 : 1))
            #expect(survivor == "later" || !hasReturned)
            try store.close()
            let next = try Tool("save-text", folder.store, "last").wait().output
            #expect(next == "revision \(survivor == "later" ? 3 : 2)")
            #expect(folder.contents == ["jacquard.sqlite"])
            survivors.append(survivor)
            if hasReturned { break }
        }
        #expect(survivors.first == "earlier" && survivors.last == "later" && survivors.count < 40)
    }

    @Test func processesThatSaveTheSameTextLoseNothing() throws {
        let folder = try TemporaryFolder()
        #expect(try Tool("save-text", folder.store, "first").wait().output == "revision 1")
        let tools = try ["a", "b", "c"].map { try Tool("append-often", folder.store, $0, "40") }
        #expect(tools.map { $0.wait().output } == ["appended 40", "appended 40", "appended 40"])
        let store = try CheckpointStore.open(at: folder.store, access: .readOnly)
        let text = try #require(try store.allTexts().first)
        #expect(text.summary.revision == 121)
        for letter in ["a", "b", "c"] { #expect(text.text.count { String($0) == letter } == 40) }
        try store.close()
    }

    @Test func anOlderStoreHasNoTexts() throws {
        let folder = try TemporaryFolder(), place = folder.file("tapes"), path = place + "/jacquard.sqlite"
        try makeFullStore(at: path)
        try edit(path, "DROP TABLE text; DELETE FROM grdb_migrations WHERE rowid > 4; PRAGMA user_version = 4")
        chmod(path, 0o444)
        chmod(place, 0o555)
        let read = try Tool("texts-as-nobody", path).wait()
        #expect(read.output == "0 texts" && read.status == 0)
        chmod(place, 0o755)
        chmod(path, 0o644)
        // Where it can be written to, it is brought up to date.
        let store = try CheckpointStore.open(at: path, access: .readWrite)
        let run = try store.run(named: "run")
        #expect(try store.loadCheckpoint(.best, of: run.id) == checkpoint(step: 1, loss: 2, shape: [60, 50]))
        #expect(try store.createText(title: "t", text: "x", settings: Data("{}".utf8)).summary.id.rawValue == 1)
        try store.close()
        try readAll(path)
    }

    @Test func textsStayWhenRunsGo() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store, second: true)
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let texts = try store.allTexts(), run = try store.run(named: "second")
        // They belong to no run: an export does not hold them.
        try store.export(run.id, to: folder.file("run.sqlite"))
        #expect(try CheckpointStore.open(at: folder.file("run.sqlite"), access: .readOnly).allTexts().isEmpty)
        try store.remove(store.runs().map(\.id))
        #expect(try store.allTexts() == texts && texts.count == 2)
        try store.close()
    }

    @Test func repairSavesTextsAndNamesThoseThatAreLost() throws {
        let folder = try TemporaryFolder()
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite)
        let texts = try (1...3).map { number in
            try store.createText(
                title: "", text: "\0" + String(repeating: "x", count: number), settings: Data("{}".utf8))
        }
        try store.close()
        // A store of texts alone is worth a repair.
        let whole = try CheckpointStore.repair(folder.store, into: folder.file("whole.sqlite"))
        #expect(whole.texts == 3 && whole.runs.isEmpty && whole.losses.isEmpty)
        #expect(try CheckpointStore.open(at: folder.file("whole.sqlite"), access: .readOnly).allTexts() == texts)
        try edit(folder.store, "UPDATE text SET data = x'007879' WHERE id = 2")
        let error = try storeError { try readAll(folder.store) }
        guard case .damagedValue("text", "id 2", "data", let reason, folder.store) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.contains("its checksum is"))
        let report = try CheckpointStore.repair(folder.store, into: folder.file("saved.sqlite"))
        #expect(report.texts == 2 && report.losses.count == 1)
        #expect(report.losses.first?.hasPrefix("the text of id 2: the column data holds") == true)
        #expect(
            try CheckpointStore.open(at: folder.file("saved.sqlite"), access: .readOnly).allTexts()
                == [texts[0], texts[2]])
    }

    @Test func aFullDiskLeavesTheTextAsItWas() throws {
        let folder = try TemporaryFolder()
        try makeFullStore(at: folder.store)
        let limited = StoreOptions(prepare: { try $0.execute(sql: "PRAGMA max_page_count = 60") })
        let store = try CheckpointStore.open(at: folder.store, access: .readWrite, options: limited)
        let before = try #require(try store.allTexts().first)
        let error = try storeError {
            _ = try store.updateText(
                before.summary.id, revision: 1, title: "", text: String(repeating: "x", count: 1_000_000),
                settings: Data("{}".utf8))
        }
        #expect(error == .full(path: folder.store))
        #expect(try store.allTexts() == [before])
        try store.close()
    }
}

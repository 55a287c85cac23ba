import Autoencoders
import Checkpoints
import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Every input that was ever found to matter, and those to begin with: no target stops at one, or contradicts itself.
@Suite struct FuzzTargetTests {
    @Test(arguments: FuzzTarget.all.map(\.name)) func everyKeptInputIsReadOrRefused(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try target.seeds().enumerated().map { (name: "seed \($0.offset)", bytes: $0.element) }
        let inputs = try seeds + Corpus.inputs(of: target)
        #expect(!inputs.isEmpty)
        for input in inputs {
            #expect(throws: Never.self, "\(name), \(input.name)") { try target.run(input.bytes) }
            // What is mended stays as it is when it is mended again.
            if let mend = target.mend {
                let mended = mend(input.bytes)
                #expect(mend(mended) == mended)
                #expect(throws: Never.self, "\(name), \(input.name), mended") { try target.run(mended) }
            }
        }
    }

    /// What a target is not called by any more, nobody tries.
    @Test func keptInputsBelongToTargets() throws {
        let kept = try Corpus.targets(), names = Set(FuzzTarget.all.map(\.name))
        #expect(!kept.isEmpty && kept.isSubset(of: names), "\(kept.subtracting(names).sorted())")
        for name in kept { #expect(try !Corpus.inputs(of: #require(FuzzTarget.named(name))).isEmpty, "\(name)") }
    }

    @Test func theStoreToBeginWithHasSomethingOfEverything() throws {
        let folder = try TemporaryFolder(), path = folder.file("store.sqlite")
        try StoreBase.shared.write([], to: path)
        let store = try CheckpointStore.open(at: path, access: .readOnly)
        defer { try? store.close() }
        let runs = try store.runs()
        #expect(Set(runs.map(\.kind)).count == 2 && runs.count == 2 && runs.allSatisfy { $0.status == .finished })
        let pictures = try #require(runs.first { $0.kind == AutoencoderTask.runKind })
        #expect(try store.codes(of: pictures.id).count == 3)
        #expect(try store.allTexts().map(\.text) == ["some text\n"])
    }

    /// Nothing owns a run of the store to begin with.
    static let changes: [StoreChange] =
        StoreChange.tables.indices.dropLast().flatMap { table in
            [.removed(table: table, row: 0)] + (1..<6).map { .value(table: table, column: $0, row: 0, "'2'") }
        }
        + (0..<8).map { .number(document: $0, index: 1, "77") }
        + [
            .tensor(1, at: 0, [1, 2, 3, 4]), .tensor(1, at: 0, []), .shape(1, "[3,2]"), .bytes(at: 9000, [1, 2, 3]),
            .page(1, 2), .cut(5000),
        ]

    @Test(arguments: changes) func changesChangeTheStore(_ change: StoreChange) throws {
        let folder = try TemporaryFolder(), path = folder.file("store.sqlite")
        func rows(_ changes: [StoreChange]) throws -> Data {
            try StoreBase.shared.write(changes, to: path)
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }
        // Of rows one that is not there: what the schema is loosened by is no change.
        #expect(try rows([change]) != rows([.removed(table: 0, row: 1000)]))
        #expect(try rows([change]) != rows([]))
    }
}

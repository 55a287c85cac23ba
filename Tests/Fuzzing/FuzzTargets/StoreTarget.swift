import Autoencoders
import Checkpoints
import CommandLineSupport
import FileTrees
import Foundation
import Images
import LanguageModels
import ModelFiles
import PageParts
import PictureRunReports
import TensorCore
import TextRunReports
import TrainingRuns

extension FuzzTarget {
    /// What is done with the store, see ``StoreReading``, and a list of changes to a small one with a run of either program,
    /// see ``StoreChange``.
    static let store = FuzzTarget(
        "store",
        "Stores whose values, pages and bytes were changed, with check sums made right: opened, listed, shown, compared, put "
            + "on pages, used, resumed, exported, repaired and removed from. What is repaired is whole",
        words: ["9223372036854775807", "-1", "1e308", "null", "[]", "\"x\"", "4611686018427387904", "0.5", "[1,2,3]"],
        longest: 200,
        seeds: {
            let nothing: [UInt8] = []
            let bytes =
                [[0, 0, 0, 0, 0, 1, 83], [0, 0, 24, 0, 0, 3, 9, 9, 9], [1, 1, 3], [2, 0, 0x40, 0, 0]] as [[UInt8]]
            let values = (UInt8(0)..<40).map { [3, $0 % 10, $0 % 7, $0 % 3, $0 % 8] as [UInt8] }
            let numbers = (UInt8(0)..<60).map { [4, $0 % 6, $0, $0 % 20] as [UInt8] }
            let others: [[UInt8]] = [
                [5, 0, 3, 4, 0, 0, 192, 127], [5, 1, 0, 0], [6, 3, 1], [7, 2, 1],
                [4, 0, 2, 3, 4, 1, 5, 6, 3, 0, 1, 2, 3],
            ]
            let changes = [nothing] + bytes + values + numbers + others
            return [[7]] + changes.enumerated().map { [UInt8($0.offset % 7)] + $0.element }
        },
        run: { input in
            var input = InputReader(input)
            let parts = StoreReading.parts(input.byte()), path = ScratchFolder.file("store.sqlite")
            try StoreBase.shared.write(StoreChange.list(input.remainder()), to: path)
            for part in parts { try part(path) }
            StoreReading.remove(path)
        })
}

/// What is done with a store by all commands.
enum StoreReading {
    static func parts(_ choice: UInt8) -> [(String) throws -> Void] {
        let parts: [(String) throws -> Void] = [
            report, useTexts, usePictures, export, repair, resumeTexts, resumePictures, removeRuns,
        ]
        return choice & 7 == 7 ? parts : [parts[Int(choice & 7)]]
    }

    private static func open(_ path: String, _ access: CheckpointStore.Access = .readOnly) throws -> CheckpointStore? {
        try attempt { try CheckpointStore.open(at: path, access: access) }
    }

    private static func report(_ path: String) throws {
        guard let store = try open(path) else { return }
        defer { try? store.close() }
        _ = try (attempt { try store.texts() }, attempt { try store.allTexts() })
        _ = try (reports(of: CharnnRuns.self, in: store), reports(of: AeRuns.self, in: store))
    }

    private static func useTexts(_ path: String) throws {
        guard let store = try open(path) else { return }
        defer { try? store.close() }
        let context = ComputeContext(threads: 1)
        guard let saved = try attempt({ try SavedLanguageModel.load(.latest, from: store, in: context) }) else {
            return
        }
        var generator = TextGenerator(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns,
            options: SamplingOptions(length: 4), seed: 1, index: 0, in: context)
        generator.read("a line")
        _ = generator.text()
        _ = try attempt { try saved.exchanged().encoded() }
        _ = try attempt { try saved.operatorGraph() }
    }

    private static func usePictures(_ path: String) throws {
        guard let store = try open(path) else { return }
        defer { try? store.close() }
        let context = ComputeContext(threads: 1)
        guard let saved = try attempt({ try SavedAutoencoder.load(.latest, from: store, in: context) }) else { return }
        if let codes = try attempt({ try StoredCodes.read(of: saved, from: store).codes }) {
            _ = saved.decode(codes.codes, in: context)
        }
        let format = saved.format
        if format.count <= 1 << 14 {
            _ = saved.reconstruct(Tensor(zeros: [1, format.channels, format.height, format.width]), in: context)
        }
        _ = try attempt { try saved.exchanged().encoded() }
    }

    private static func export(_ path: String) throws {
        guard let store = try open(path) else { return }
        defer { try? store.close() }
        let copy = ScratchFolder.file("copy.sqlite")
        for run in try attempt({ try store.runs() }) ?? [] {
            remove(copy)
            guard try attempt({ try store.export(run.id, to: copy) }) != nil else { continue }
            try demand(try open(copy) != nil, "what was exported cannot be opened")
        }
        remove(copy)
    }

    private static func removeRuns(_ path: String) throws {
        guard let store = try open(path, .readWrite) else { return }
        defer { try? store.close() }
        _ = try attempt { for run in try store.runs() { try store.remove(run.id) } }
    }

    /// Everything that is said of the runs of a program.
    private static func reports<Program: ModelProgram>(
        of program: Program.Type, in store: CheckpointStore
    ) throws -> [Run] {
        guard let runs = try attempt({ try store.runs(kind: program.runKind) }) else { return [] }
        var reports: [RunReport] = [], summaries: [RunSummary] = []
        for run in runs {
            if let summary = try attempt({ try RunSummary(run, of: program, in: store) }) { summaries.append(summary) }
            if let report = try attempt({ try RunReport(run, of: program, in: store) }) { reports.append(report) }
        }
        _ = (RunSummary.table(summaries).lines, summaries.map(\.json.text))
        for report in reports {
            _ = (report.lines(columns: 80, samples: 3), report.json.text)
            _ = RunPage(report: report, figures: [], maker: "tests").page.text
        }
        if let first = reports.first, let last = reports.last {
            let both = RunComparison(first: first, second: last)
            _ = (both.lines(columns: 80), both.json.text, both.page.text)
        }
        return runs
    }

    private static func repair(_ path: String) throws {
        let copy = ScratchFolder.file("copy.sqlite")
        remove(copy)
        guard let report = try attempt({ try CheckpointStore.repair(path, into: copy) }) else { return }
        guard let store = try open(copy) else { throw Contradiction("what was repaired cannot be opened") }
        defer { try? store.close() }
        for run in try store.runs() {
            for checkpoint in try store.checkpoints(of: run.id) {
                _ = try store.loadCheckpoint(.step(checkpoint.step), of: run.id, mustBeFinite: false)
            }
            _ = try (
                store.metrics(of: run.id), store.samples(of: run.id), store.events(of: run.id), store.codes(of: run.id)
            )
        }
        try demand(try store.runs().count == report.runs.count, "as many runs are not saved as is said")
        _ = try store.allTexts()
        remove(copy)
    }

    private static let more = ResumeOptions(steps: StoreBase.steps + 1)

    private static func resumeTexts(_ path: String) throws {
        guard let store = try open(path, .readWrite) else { return }
        defer { try? store.close() }
        let context = ComputeContext(threads: 1)
        _ = try attempt { try LanguageModelTraining.resume(.latest, options: more, store: store, in: context).train() }
    }

    private static func resumePictures(_ path: String) throws {
        guard let store = try open(path, .readWrite) else { return }
        defer { try? store.close() }
        let context = ComputeContext(threads: 1)
        for run in try attempt({ try store.runs(kind: AutoencoderTask.runKind) }) ?? [] {
            _ = try attempt { try AutoencoderTraining.resume(run, options: more, store: store, in: context).train() }
        }
    }

    static func remove(_ path: String) {
        for end in ["", "-wal", "-shm", "-journal"] { unlink(path + end) }
    }
}

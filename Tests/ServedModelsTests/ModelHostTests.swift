import Checkpoints
import Foundation
import Jacquard
import LanguageModels
import ServedModels
import TensorCore
import Testing
import TestSupport
import TextCorpora

/// Requests that come at the same time, against each of them alone.
@Suite struct ModelHostTests {
    static let text = (0..<400).map { "line \($0 * 7919 % 1000) of the play, said \(["HESTER", "PELL"][$0 % 2])\n" }
        .joined()

    /// A store with two runs, and a host on it.
    final class Place {
        let folder: TemporaryFolder
        let store: CheckpointStore
        let host: ModelHost

        init(_ change: (inout ModelHost.Limits) -> Void = { _ in }) throws {
            folder = try TemporaryFolder()
            store = try CheckpointStore.open(at: folder.file("store.sqlite"), access: .readWrite)
            var limits = ModelHost.Limits()
            change(&limits)
            host = ModelHost(store: store, limits: limits) { ComputeContext(threads: 2) }
            for name in ["first", "second"] { try train(name, epochs: 1) }
        }

        func train(_ name: String, epochs: Double) throws {
            let path = try folder.write("\(name).txt", ModelHostTests.text)
            var options = TextOptions()
            (options.hidden, options.layers, options.epochs) = (24, 1, epochs)
            _ = try TextModel.train(on: [path], options: options, store: store, name: name)
        }

        func load(_ run: String) throws -> SavedLanguageModel {
            try SavedLanguageModel.load(.named(run), from: store, in: ComputeContext(threads: 1))
        }

        /// What a model writes alone.
        func alone(_ request: WritingRequest, _ run: String) throws -> String { alone(request, try load(run)) }

        /// As training saves them: another step of the same run, which is the best.
        func saveOtherWeights(of saved: SavedLanguageModel) throws -> Int {
            var stored = try store.loadCheckpoint(.latest, of: saved.run.id)
            stored.step += 1
            for (name, tensor) in try #require(stored.sections[.parameter]) {
                stored.sections[.parameter]?[name] = Tensor(tensor.values.map { $0 * 1.25 }, shape: tensor.shape)
            }
            try store.save(stored, in: saved.run.id, isBest: true)
            return stored.step
        }

        func alone(_ request: WritingRequest, _ saved: SavedLanguageModel) -> String {
            let context = ComputeContext(threads: 1)
            var generator = TextGenerator(
                model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns,
                options: request.options, seed: request.seed, index: request.index, in: context)
            generator.read(request.prompt)
            return generator.text()
        }
    }

    static func request(_ number: Int, length: Int? = nil) -> WritingRequest {
        WritingRequest(
            prompt: Array(["HESTER", "", "line 12", "of the play, "][number % 4].utf8),
            options: SamplingOptions(temperature: 0.9, length: length ?? 20 + number % 30, stop: ["PELL\nline 1"]),
            seed: UInt64(number / 3), index: number % 3)
    }

    /// Nothing stops it before its length.
    static func unstopped(length: Int) -> WritingRequest {
        WritingRequest(
            prompt: Array("HESTER".utf8), options: SamplingOptions(temperature: 0.9, length: length), seed: 3)
    }

    /// A text that is far longer than a test may take: what ends it is not its length.
    static let endless = unstopped(length: 50_000_000)

    /// What comes of a request's only text until it has so many bytes more.
    static func read(_ count: Int, of writing: ModelHost.Writing, after written: String) async throws -> String {
        var bytes = Array(written.utf8)
        while bytes.count < written.utf8.count + count {
            for piece in try #require(try await writing.pieces.next()) { bytes += piece.bytes }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func texts(_ writing: ModelHost.Writing, count: Int) async throws -> [String] {
        var bytes = Array(repeating: [UInt8](), count: count)
        while let pieces = try await writing.pieces.next() {
            for piece in pieces { bytes[piece.text] += piece.bytes }
        }
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func manyAtOnceGetWhatEachGetsAlone() async throws {
        let place = try Place { $0.texts = 9 }
        let requests = (0..<40).map { Self.request($0) }
        let found = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for start in stride(from: 0, to: 40, by: 2) {
                group.addTask { [host = place.host] in
                    let run = start % 4 == 0 ? "first" : "second"
                    let writing = try await host.write(Array(requests[start..<start + 2]), with: host.model(run))
                    return (start, try await Self.texts(writing, count: 2))
                }
            }
            return try await group.reduce(into: [Int: [String]]()) { $0[$1.0] = $1.1 }
        }
        for start in stride(from: 0, to: 40, by: 2) {
            let run = start % 4 == 0 ? "first" : "second"
            #expect(found[start] == [try place.alone(requests[start], run), try place.alone(requests[start + 1], run)])
        }
        let figures = await place.host.figures
        #expect(figures.loads == 2 && figures.texts == 0 && figures.waitingTexts == 0 && figures.writtenUnits > 500)
    }

    @Test func moreThanMayWaitAreRefused() async throws {
        let place = try Place { ($0.texts, $0.waiting) = (2, 3) }
        let long = Self.request(1, length: 100_000)
        let first = try await place.host.write([long, long, long, long, long], with: place.host.model(nil))
        await #expect(throws: ServedModelError.busy) { try await place.host.write([long], with: place.host.model(nil)) }
        first.pieces.abandon()
        // The lanes are free again as soon as a step has been made.
        let small = try await retrying { try await place.host.write([Self.request(1)], with: place.host.model(nil)) }
        #expect(try await Self.texts(small, count: 1) == [try place.alone(Self.request(1), "second")])
    }

    private func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        for _ in 0..<10_000 {
            do { return try await body() } catch ServedModelError.busy { try await Task.sleep(for: .milliseconds(10)) }
        }
        return try await body()
    }

    @Test func whoGoesAwayFreesTheLane() async throws {
        let place = try Place()
        let writing = try await place.host.write([Self.endless], with: place.host.model("first"))
        _ = try await writing.pieces.next()
        #expect(await place.host.figures.texts == 1)
        writing.pieces.abandon()
        for _ in 0..<10_000 where await place.host.figures.texts > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(await place.host.figures.texts == 0)
        // What had been written before may be taken; the text never seems to have come to its end.
        await #expect(throws: CancellationError.self) {
            while let pieces = try await writing.pieces.next() { #expect(pieces.allSatisfy { $0.ending == nil }) }
        }
    }

    @Test func whoReadsSlowlyStopsNobody() async throws {
        let place = try Place()
        // Nobody reads this one.
        let slow = try await place.host.write([Self.request(0, length: 3000)], with: place.host.model("first"))
        for number in 0..<6 {
            let quick = try await place.host.write([Self.request(number)], with: place.host.model("first"))
            #expect(try await Self.texts(quick, count: 1) == [try place.alone(Self.request(number), "first")])
        }
        let all = try await Self.texts(slow, count: 1)
        #expect(all == [try place.alone(Self.request(0, length: 3000), "first")])
    }

    /// What a model makes of a prompt and what it writes after it go together in one answer.
    @Test func aRequestIsAnsweredByTheSameWeightsThroughout() async throws {
        let place = try Place(), old = try place.load("first"), text = Array("HESTER".utf8)
        let model = try await place.host.model("first")
        let before = try await place.host.score(text, alternatives: 0, with: model).units
        _ = try place.saveOtherWeights(of: old)
        let newer = try await place.host.model("first")
        #expect(try await place.host.score(text, alternatives: 0, with: model).units == before)
        #expect(try await place.host.score(text, alternatives: 0, with: newer).units != before)
        let request = Self.unstopped(length: 300)
        let written = try await place.host.write([request], with: model)
        #expect(try await Self.texts(written, count: 1) == [place.alone(request, old)])
        #expect(try place.alone(request, "first") != place.alone(request, old))
    }

    @Test func betterWeightsAreTakenUpAndRunningTextsKeepTheirs() async throws {
        let place = try Place(), old = try place.load("first")
        let running = try await place.host.write([Self.endless], with: place.host.model("first"))
        defer { running.pieces.abandon() }
        let before = try await Self.read(1, of: running, after: "")
        let step = try place.saveOtherWeights(of: old)
        #expect(try await place.host.model("first").step == step)
        let figures = await place.host.figures
        // A model that nobody advances would let the text wait for ever.
        try #require(figures.texts == 1 && figures.loadedModels == 2 && figures.loads == 2)
        // The vocabulary has a byte for each unit.
        let more = try await Self.read(3000, of: running, after: before)
        #expect(more == place.alone(Self.unstopped(length: more.utf8.count), old))
        let request = Self.unstopped(length: 300), new = try place.alone(request, "first")
        let after = try await place.host.write([request], with: place.host.model("first"))
        #expect(try await Self.texts(after, count: 1) == [new])
        #expect(new != place.alone(request, old))
        running.pieces.abandon()
        for _ in 0..<10_000 where await place.host.figures.loadedModels > 1 {
            try await Task.sleep(for: .milliseconds(10))
        }
        let last = await place.host.figures
        #expect(last.loadedModels == 1 && last.loads == 2)
    }

    /// A new store may get the number of the file that was removed, and counts its runs from 1 too.
    @Test func aRunOfTheSameNumberNameAndStepIsAnother() async throws {
        let place = try Place(), other = try Place()
        let old = try await place.host.model("first").step
        try other.store.close()
        place.store.rest()
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: place.folder.file("store.sqlite")))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(contentsOf: URL(fileURLWithPath: other.folder.file("store.sqlite"))))
        try file.close()
        #expect(try await place.host.model("first").step == old)
        #expect(await place.host.figures.loads == 2)
    }

    @Test func modelsThatNobodyUsesAreDropped() async throws {
        let place = try Place { $0.idleSeconds = 0 }
        _ = try await place.host.model("first")
        #expect(await place.host.figures.loadedModels == 1)
        await place.host.dropUnused()
        #expect(await place.host.figures.loadedModels == 0)
        _ = try await place.host.model("first")
        #expect(await place.host.figures.loads == 2)
    }

    @Test func modelsThatWriteAreNotDropped() async throws {
        let place = try Place { $0.idleSeconds = 0 }
        let running = try await place.host.write([Self.endless], with: place.host.model("first"))
        defer { running.pieces.abandon() }
        let before = try await Self.read(1, of: running, after: "")
        await place.host.dropUnused()
        let figures = await place.host.figures
        try #require(figures.texts == 1 && figures.loadedModels == 1)
        let more = try await Self.read(1000, of: running, after: before)
        #expect(try more == place.alone(Self.unstopped(length: more.utf8.count), "first"))
    }

    @Test func modelsThatWereUsedALittleWhileAgoAreNotDropped() async throws {
        let place = try Place { $0.idleSeconds = 1_000_000 }
        _ = try await place.host.model("first")
        await place.host.dropUnused()
        let figures = await place.host.figures
        #expect(figures.loadedModels == 1 && figures.loads == 1)
        #expect(ModelHost.Limits().idleSeconds == 300)
    }

    @Test func textsAreScoredWhileOthersAreWritten() async throws {
        let place = try Place()
        let writing = try await place.host.write([Self.request(0, length: 5000)], with: place.host.model("first"))
        let text = String(Self.text.prefix(700))
        let scored = try await place.host.score(Array(text.utf8), alternatives: 2, with: place.host.model("first"))
        #expect(scored.units.count == 700)
        let context = ComputeContext(threads: 1)
        let saved = try SavedLanguageModel.load(.named("first"), from: place.store, in: context)
        var scorer = UnitScorer(
            model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns, alternatives: 2,
            in: context)
        #expect(scorer.read(saved.vocabulary.encode(text).ids[...]) == scored.units)
        _ = try await Self.texts(writing, count: 1)
    }

    /// Far longer than a test may take to score.
    private static let longText = Array(String(repeating: text, count: 200).utf8)

    private func scoringBegins(_ host: ModelHost) async throws {
        for _ in 0..<10_000 where await host.figures.readUnits == 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(await host.figures.readUnits > 0)
    }

    @Test func scoresCountAmongTheTextsAndEndWithWhoAsked() async throws {
        let place = try Place { ($0.texts, $0.waiting, $0.promptUnits) = (1, 0, 10_000_000) }
        let scoring = Task { [host = place.host] in
            try await host.score(Self.longText, alternatives: 0, with: host.model("first"))
        }
        try await scoringBegins(place.host)
        await #expect(throws: ServedModelError.busy) {
            try await place.host.score(Array("a".utf8), alternatives: 0, with: place.host.model("first"))
        }
        await #expect(throws: ServedModelError.busy) {
            try await place.host.write([Self.request(1)], with: place.host.model("first"))
        }
        scoring.cancel()
        await #expect(throws: CancellationError.self) { try await scoring.value }
        let written = try await place.host.write([Self.request(1)], with: place.host.model("first"))
        #expect(try await Self.texts(written, count: 1) == [try place.alone(Self.request(1), "first")])
    }

    @Test func endingBreaksOffAScore() async throws {
        let place = try Place { $0.promptUnits = 10_000_000 }
        let scoring = Task { [host = place.host] in
            try await host.score(Self.longText, alternatives: 0, with: host.model("first"))
        }
        try await scoringBegins(place.host)
        await place.host.refuseNew()
        await place.host.breakOff(after: 0.1)
        await #expect(throws: ServedModelError.stopping) { try await scoring.value }
    }

    @Test func moreTextsThanCouldEverWaitAreNotToldToTryAgain() async throws {
        let place = try Place { ($0.texts, $0.waiting) = (2, 3) }
        let refused = await #expect(throws: ServedModelError.self) {
            _ = try await place.host.write((0..<6).map { Self.request($0) }, with: place.host.model(nil))
        }
        #expect(refused?.description.contains("at most 5 are written and waited for") == true)
        #expect(refused?.description.contains("`max-concurrent`") == true)
        let five = try await place.host.write((0..<5).map { Self.request($0) }, with: place.host.model(nil))
        #expect(try await Self.texts(five, count: 5).count == 5)
    }

    @Test func whatTheModelHasNeverSeenIsSaid() async throws {
        let place = try Place()
        let request = WritingRequest(prompt: Array("line ü織ü\r\n".utf8), options: SamplingOptions(length: 1), seed: 1)
        let written = try await place.host.write([request], with: place.host.model(nil)).prompts
        #expect(written.map { $0.unknown.map(\.label) } == [["\"ü\"", "\"織\""]])
        #expect(written.first?.ids.count == 9)
        let scored = try await place.host.score(Array("line ö".utf8), alternatives: 0, with: place.host.model(nil))
        #expect(scored.text.unknown.map(\.label) == ["\"ö\""])
        #expect(scored.text.note?.contains("never seen \"ö\" (1×)") == true)
    }

    @Test func namesThatAreNoModelsAreSaid() async throws {
        let place = try Place { $0.promptUnits = 50 }
        await #expect(throws: ServedModelError.unknownModel("../store", kind: "text")) {
            try await place.host.model("../store")
        }
        await #expect(throws: ServedModelError.self) {
            try await place.host.score(
                Array(String(repeating: "a", count: 51).utf8), alternatives: 0, with: place.host.model(nil))
        }
        let long = WritingRequest(
            prompt: Array(String(repeating: "a", count: 51).utf8), options: SamplingOptions(length: 5), seed: 1)
        await #expect(throws: ServedModelError.self) {
            _ = try await place.host.write([long], with: place.host.model(nil))
        }
    }

    @Test func endingRefusesTheNewAndBreaksOffTheOldInTime() async throws {
        let place = try Place()
        let writing = try await place.host.write([Self.endless], with: place.host.model(nil))
        await place.host.refuseNew()
        await #expect(throws: ServedModelError.stopping) {
            try await place.host.write([Self.request(1)], with: place.host.model(nil))
        }
        await place.host.breakOff(after: 0.2)
        await #expect(throws: ServedModelError.stopping) { while try await writing.pieces.next() != nil {} }
    }

    @Test func endingWaitsForWhatWasBegun() async throws {
        let place = try Place { $0.texts = 1 }, request = Self.unstopped(length: 2000)
        // The second waits for its turn, and is still written.
        let writing = try await place.host.write([request, Self.request(1)], with: place.host.model("first"))
        await place.host.refuseNew()
        await place.host.breakOff(after: 600)
        let alone = [try place.alone(request, "first"), try place.alone(Self.request(1), "first")]
        #expect(try await Self.texts(writing, count: 2) == alone)
    }
}

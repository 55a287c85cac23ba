import Checkpoints
import Kernels
import LanguageModels
import ServedModels
import TensorCore
import Testing

/// A host whose models write and score in bytes.
@Suite struct BytePrecisionTests {
    @Test func requestsGetWhatAModelWritesAloneInBytes() async throws {
        let place = try ModelHostTests.Place()
        let host = ModelHost(store: place.store, limits: ModelHost.Limits(), precision: .int8) {
            ComputeContext(threads: 2)
        }
        let requests = (0..<12).map { ModelHostTests.request($0, length: 60) }
        let texts = try await ModelHostTests.texts(host.write(requests, with: host.model("first")), count: 12)
        let context = ComputeContext(threads: 1)
        let saved = try SavedLanguageModel.load(.named("first"), from: place.store, precision: .int8, in: context)
        for (request, text) in zip(requests, texts) {
            var generator = TextGenerator(
                model: saved.model, vocabulary: saved.vocabulary, leadIns: saved.corpus.leadIns,
                options: request.options, seed: request.seed, index: request.index, in: context)
            generator.read(request.prompt)
            #expect(generator.text() == text)
        }
        #expect(try zip(requests, texts).contains { try place.alone($0, "first") != $1 })
        let scored = try await host.score(Array("HESTER".utf8), alternatives: 2, with: host.model("first"))
        let single = try await place.host.score(Array("HESTER".utf8), alternatives: 2, with: place.host.model("first"))
        #expect(scored.units.count == 6 && scored.units != single.units)
    }
}

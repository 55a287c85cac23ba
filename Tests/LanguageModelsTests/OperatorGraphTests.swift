import Autodiff
import Checkpoints
import Digests
import Foundation
import LanguageModels
import Layers
import ModelFiles
import TensorCore
import TestSupport
import Testing

/// Files that others run, as onnxruntime ran them: `Tests/Fixtures/files/onnx.json`.
@Suite struct OperatorGraphTests {
    struct Exported: Decodable {
        struct Model: Decodable {
            let name: String
            /// Safetensors.
            let file: Data
            let steps: Int
            let lanes: Int
            let ids: [Int32]
            /// By onnxruntime, of the ONNX file with this fingerprint.
            let logits: [Double]
            let sha256: String
        }
        let texts: [Model]
    }

    @Test func onnxruntimeComputesWhatTheModelComputesHere() throws {
        let folder = try TemporaryFolder(), context = ComputeContext(threads: 1)
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/files/onnx.json")
        let exported = try JSONDecoder().decode(Exported.self, from: Data(contentsOf: url))
        #expect(exported.texts.count == 6)
        for (index, model) in exported.texts.enumerated() {
            try folder.write("m.safetensors", Array(model.file))
            let store = try CheckpointStore.open(at: folder("\(index).sqlite"), access: .readWrite)
            _ = try ImportedLanguageModel(path: folder("m.safetensors"), vocabulary: nil).store(in: store, as: "m")
            let saved = try SavedLanguageModel.load(.named("m"), from: store, in: context)
            let tape = Tape(in: context, recording: false)
            let state = LanguageModelState(zerosFor: saved.model.configuration, lanes: model.lanes)
            let own = saved.model(model.ids, state: state, mode: .inference, on: tape).logits.value.values.map(
                Double.init)
            try #require(own.count == model.logits.count, "\(model.name)")
            let scale = model.logits.reduce(0) { max($0, abs($1)) }
            let worst = zip(own, model.logits).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(worst <= 1e-5 * scale, "\(model.name): \(worst / scale) of their scale")

            let graph = try saved.operatorGraph()
            #expect(graph.inputNames.first == "ids" && graph.outputNames.first == "logits")
            #expect(graph.outputNames.dropFirst() == graph.inputNames.dropFirst().map { "\($0).next" }[...])
            #if ONNX
                // What onnxruntime ran is what is written now, byte for byte.
                var hash = SHA256()
                hash.update(try ONNXFile.encoded(graph))
                #expect(hash.finish() == model.sha256, "\(model.name): run generate/onnx_files.py again")
            #else
                #expect(throws: ModelFileError.notBuiltIn(format: "ONNX", trait: "ONNX")) {
                    try ONNXFile.encoded(graph)
                }
            #endif
            try store.close()
        }
    }
}

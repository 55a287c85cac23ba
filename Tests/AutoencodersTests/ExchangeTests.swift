import Autoencoders
import Checkpoints
import Digests
import Foundation
import Images
import ModelFiles
import TensorCore
import TestSupport
import Testing

/// Autoencoders that come from other programs and go to them.
@Suite struct ExchangeTests {
    private let folder: TemporaryFolder
    private let context = ComputeContext(threads: 1)

    init() throws { folder = try TemporaryFolder() }

    private func fixture<Content: Decodable>(_ name: String) throws -> Content {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/files/\(name).json")
        return try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
    }

    private func load(_ file: Data, size: PictureSize?, named name: String) throws -> SavedAutoencoder {
        try folder.write("m.safetensors", Array(file))
        let store = try CheckpointStore.open(at: folder("\(name).sqlite"), access: .readWrite)
        defer { try? store.close() }
        let imported = try ImportedAutoencoder(path: folder("m.safetensors"), size: size, in: context)
        let run = try imported.store(in: store, as: "m")
        #expect(run.name == "m")
        #expect(try store.runs().first?.status == .finished)
        return try SavedAutoencoder.load(.named("m"), from: store, in: context)
    }

    /// The greatest difference, as a share of the greatest expected number.
    private func difference(_ found: Tensor, _ expected: [Double]) throws -> Double {
        let values = found.values.map(Double.init)
        try #require(values.count == expected.count)
        let scale = expected.reduce(1e-30) { max($0, abs($1)) }
        return zip(values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
    }

    // MARK: Files that others run

    struct Exported: Decodable {
        struct Model: Decodable {
            let name: String
            /// Safetensors, as `ae export` wrote it.
            let file: Data
            let pictures: [Float]
            /// By onnxruntime, of the ONNX files with these fingerprints: whole, encoder, decoder.
            let codes: [Double]
            let reconstructions: [Double]
            let sha256: [String]
        }
        let pictures: [Model]
    }

    @Test func onnxruntimeComputesWhatTheModelComputesHere() throws {
        let exported: Exported = try fixture("onnx")
        #expect(exported.pictures.count == 8)
        for (index, model) in exported.pictures.enumerated() {
            let saved = try load(model.file, size: nil, named: "\(index)"), format = saved.format
            let pictures = Tensor(model.pictures, shape: [3, format.channels, format.height, format.width])
            let codes = saved.encode(pictures, in: context)
            #expect(try difference(codes, model.codes) <= 1e-5, "\(model.name)")
            let back = saved.decode(codes, in: context)
            #expect(try difference(back, model.reconstructions) <= 1e-5, "\(model.name)")
            for (half, expected) in zip([nil, .encoder, .decoder] as [AutoencoderHalf?], model.sha256) {
                let graph = try saved.operatorGraph(half)
                #expect(graph.inputNames == [half == .decoder ? "codes" : "pictures"])
                #if ONNX
                    // What onnxruntime ran is what is written now, byte for byte.
                    var hash = SHA256()
                    hash.update(try ONNXFile.encoded(graph))
                    #expect(hash.finish() == expected, "\(model.name): run generate/onnx_files.py again")
                #else
                    #expect(!expected.isEmpty)
                #endif
            }
        }
    }

    /// Ours go and come back as they were.
    @Test func exportedModelsComeBackWithTheSameFingerprint() throws {
        let exported: Exported = try fixture("onnx")
        for (index, model) in exported.pictures.enumerated() {
            try folder.write("original.safetensors", Array(model.file))
            let original = try Safetensors(path: folder("original.safetensors"))
            let saved = try load(model.file, size: nil, named: "\(index)")
            let exchanged = try saved.exchanged()
            #expect(exchanged.tensors == original.tensors, "\(model.name)")
            let names = Set(saved.model.weights.names)
            let parameters = NamedTensors(original.tensors.filter { names.contains($0.name) })
            #expect(weightsSHA256(of: saved.model.weights) == weightsSHA256(of: parameters) && !names.isEmpty)
            #expect(exchanged.metadata[ExchangeKey.model] == original.metadata[ExchangeKey.model])
        }
    }

    // MARK: Files of others

    struct Foreign: Decodable {
        struct Model: Decodable {
            let name: String
            let file: Data
            let size: String
            let pictures: [Float]
            let codes: [Double]
            let reconstructions: [Double]
        }
        struct Refused: Decodable {
            let name: String
            let file: Data
            let says: String
        }
        let models: [Model]
        let refused: [Refused]
    }

    @Test func whatPyTorchSavedEncodesAndDecodesAsItDoesThere() throws {
        let foreign: Foreign = try fixture("autoencoders")
        #expect(foreign.models.count == 4)
        for (index, model) in foreign.models.enumerated() {
            let saved = try load(model.file, size: PictureSize(parsing: model.size), named: "\(index)")
            let format = saved.format
            let pictures = Tensor(model.pictures, shape: [3, format.channels, format.height, format.width])
            let codes = saved.encode(pictures, in: context)
            #expect(try difference(codes, model.codes) <= 2e-6, "\(model.name)")
            #expect(try difference(saved.decode(codes, in: context), model.reconstructions) <= 2e-6, "\(model.name)")
        }
        #expect(throws: AutoencoderError.pictureSizeNeeded(path: folder("m.safetensors"))) {
            try load(foreign.models[0].file, size: nil, named: "none")
        }
        // Of another size the layers do not fit together.
        #expect(throws: AutoencoderError.self) {
            try load(foreign.models[0].file, size: PictureSize(width: 28, height: 28), named: "none")
        }
    }

    @Test func whatIsNoAutoencoderIsRefusedWithWhatIsWrong() throws {
        let foreign: Foreign = try fixture("autoencoders")
        #expect(foreign.refused.count == 14)
        for refused in foreign.refused {
            let error = #expect(throws: (any Error).self, "\(refused.name)") {
                try load(refused.file, size: PictureSize(width: 8, height: 8), named: "none")
            }
            let message = error.map { "\($0)" } ?? ""
            #expect(message.contains(refused.says) && message.contains("m.safetensors"), "\(refused.name): \(message)")
        }
    }

    /// A file is data: a configuration in its metadata may say anything.
    @Test(arguments: [
        "{}", "[]", #"{"architecture":"standard"}"#,
        #"{"architecture":"standard","channels":[4],"code":-3,"format":{"channels":1,"height":6,"width":9},"hidden":0,"kind":{"plain":{}}}"#,
        #"{"architecture":"standard","channels":[9000000000000000000],"code":3,"format":{"channels":1,"height":6,"width":9},"hidden":0,"kind":{"plain":{}}}"#,
        #"{"architecture":"standard","channels":[4,5],"code":3,"format":{"channels":1,"height":65536,"width":65536},"hidden":7,"kind":{"plain":{}}}"#,
    ])
    func configurationsThatNoModelHasAreRefused(configuration: String) throws {
        let exported: Exported = try fixture("onnx")
        try folder.write("original.safetensors", Array(exported.pictures[0].file))
        var file = try Safetensors(path: folder("original.safetensors"))
        file.metadata[ExchangeKey.model] = configuration
        let error = #expect(throws: AutoencoderError.self) {
            try load(Data(file.encoded()), size: nil, named: "none")
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("holds no autoencoder that can be read"))
    }
}

import Autodiff
import Checkpoints
import Foundation
import LanguageModels
import Layers
import ModelFiles
import TensorCore
import TestSupport
import Testing
import TextCorpora

/// Models that PyTorch saved, as runs of ours: `Tests/Fixtures/files/weights.json`.
@Suite struct ImportTests {
    struct Weights: Decodable {
        struct Model: Decodable {
            let name: String
            let file: Data
            let vocabulary: String
            let nats: Double
        }
        struct Refused: Decodable {
            let name: String
            let file: Data
            let says: String
        }
        let text: String
        let models: [Model]
        let refused: [Refused]

        static func load() throws -> Weights {
            let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../Fixtures/files/weights.json")
            return try JSONDecoder().decode(Weights.self, from: Data(contentsOf: url))
        }
    }

    private let folder: TemporaryFolder
    private let context = ComputeContext(threads: 2)

    init() throws { folder = try TemporaryFolder() }

    @Test func whatPyTorchSavedScoresATextAsPyTorchDoes() throws {
        let weights = try Weights.load()
        #expect(weights.models.count == 8)
        let store = try CheckpointStore.open(at: folder("s.sqlite"), access: .readWrite)
        for (index, model) in weights.models.enumerated() {
            try folder.write("m.safetensors", Array(model.file))
            try folder.write("v.json", Array(model.vocabulary.utf8))
            let imported = try ImportedLanguageModel(
                path: folder("m.safetensors"), vocabulary: ForeignVocabulary(path: folder("v.json")))
            let run = try imported.store(in: store, as: "m\(index)")
            let saved = try SavedLanguageModel.load(.named(run.name), from: store, in: context)
            #expect(saved.vocabulary.count == 8 && saved.step == 0 && run.name == "m\(index)")
            let ids = saved.vocabulary.encode(weights.text).ids
            #expect(ids.count == weights.text.unicodeScalars.count)
            let nats = try naturalScore(saved, ids)
            #expect(abs(nats - model.nats) < 2e-6, "\(model.name): \(nats), PyTorch \(model.nats)")

            // And back: the same numbers under PyTorch's names, the second bias zero.
            let exchanged = try saved.exchanged()
            try exchanged.write(to: folder("back.safetensors"))
            let back = try ImportedLanguageModel(path: folder("back.safetensors"), vocabulary: nil)
            #expect(back.configuration == saved.model.configuration && back.vocabulary == saved.vocabulary)
            #expect(back.weights == saved.model.weights)
        }
        #expect(try store.runs().map(\.status).allSatisfy { $0 == .finished })
    }

    /// The mean of -ln p over a text after its first character, with softmax in Double.
    private func naturalScore(_ saved: SavedLanguageModel, _ ids: [Int32]) throws -> Double {
        let tape = Tape(in: context, recording: false)
        let state = LanguageModelState(zerosFor: saved.model.configuration, lanes: 1)
        let logits = saved.model(ids, state: state, mode: .inference, on: tape).logits.value
        let rows = logits.reshaped(to: [ids.count, saved.vocabulary.count])
        return (0..<ids.count - 1).reduce(0.0) { sum, step in
            let row = rows.row(step).values.map(Double.init)
            let total = row.reduce(0) { $0 + Foundation.exp($1) }
            return sum - (row[Int(ids[step + 1])] - Foundation.log(total))
        } / Double(ids.count - 1)
    }

    @Test func whatIsNoLanguageModelIsRefusedWithWhatIsMissing() throws {
        for refused in try Weights.load().refused {
            try folder.write("m.safetensors", Array(refused.file))
            let error = #expect(throws: (any Error).self, "\(refused.name)") {
                try ImportedLanguageModel(path: folder("m.safetensors"), vocabulary: nil)
            }
            let message = error.map { "\($0)" } ?? ""
            #expect(message.contains(refused.says) && message.contains("m.safetensors"), "\(refused.name): \(message)")
        }
    }

    @Test(arguments: [
        (#"["a", "b", "a"]"#, "stands twice"), (#"["a", ""]"#, "is empty"),
        (#"{"a": 0, "b": 2}"#, "ids are not 0 to 1"),
        (#"{"0": "a", "x": "b"}"#, "'x' is no id"), (#"["<unk>", "\#u{FFFD}"]"#, "several units"),
        (#"["a", "b"]"#, "tells 8 units apart, and 2 are named"),
        (#"{"a": 0, "the": 1}"#, "'the' is more than one character"),
    ])
    func badVocabulariesAreRefused(_ json: String, _ says: String) throws {
        let model = try Weights.load().models[0]
        try folder.write("m.safetensors", Array(model.file))
        try folder.write("v.json", Array(json.utf8))
        let error = #expect(throws: LanguageModelError.self) {
            try ImportedLanguageModel(
                path: folder("m.safetensors"), vocabulary: ForeignVocabulary(path: folder("v.json")))
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(says), "\(error.map { "\($0)" } ?? "")")
        #expect(throws: LanguageModelError.vocabularyNeeded(path: folder("m.safetensors"), count: 8)) {
            try ImportedLanguageModel(path: folder("m.safetensors"), vocabulary: nil)
        }
    }

    /// A letter and a sign of a unit, punctuation of two alphabets, an ideograph and its double: equal as strings.
    @Test(arguments: [
        #"["K", "\u212a", ";", "\u037e", "\u8c48", "\uf900", ":", "\\"]"#,
        #"{"K": 0, "\u212a": 1, ";": 2, "\u037e": 3, "\u8c48": 4, "\uf900": 5, ":": 6, "\\": 7}"#,
        #"{"0": "K", "1": "\u212a", "2": ";", "3": "\u037e", "4": "\u8c48", "5": "\uf900", "6": ":", "7": "\\"}"#,
    ])
    func canonicalEquivalentsAreUnitsOfTheirOwn(_ json: String) throws {
        let vocabulary = try importing(0, with: json).vocabulary
        #expect(vocabulary.unit == .scalar && vocabulary.count == 8 && !vocabulary.hasReplacement)
        let encoded = vocabulary.encode("K\u{212a};\u{37e}\u{8c48}\u{f900}:\\")
        #expect(encoded.unknown.isEmpty && encoded.ids.sorted() == Array(0..<8))
    }

    /// A letter with its accent is one character, and so a cluster; what does not know some character has none for it.
    @Test func clustersAreUnits() throws {
        let vocabulary = try importing(0, with: #"["a", "b", "c", "d", "e", "e\u0301", "f", "<unk>"]"#).vocabulary
        #expect(vocabulary.unit == .grapheme && vocabulary.encode("e\u{301}e").ids == [5, 4])
        #expect(vocabulary.hasReplacement && vocabulary.count == 8)
    }

    /// What stands for no text at all does not decide how texts are cut.
    @Test func marksOfOthersAreUnitsThatNoTextHas() throws {
        let vocabulary = try importing(0, with: #"["<pad>", "<bos>", "[SEP]", "a", "e", "\u0301", "\ue000", "<unk>"]"#)
            .vocabulary
        #expect(vocabulary.unit == .scalar && vocabulary.hasReplacement && vocabulary.count == 8)
        #expect(vocabulary.encode("ae\u{301}").unknown.isEmpty && vocabulary.encode("<pad>").unknown.count == 4)
    }

    /// As PowerShell writes it.
    @Test func vocabulariesInWideTextAreRead() throws {
        let json = #"{"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5, ":": 6, "\"": 7}"#
        let vocabulary = try ForeignVocabulary(
            Data([0xff, 0xfe]) + #require(json.data(using: .utf16LittleEndian)), path: "v.json")
        #expect(try vocabulary == ForeignVocabulary(Data(json.utf8), path: "v.json"))
    }

    private func importing(_ index: Int, with vocabulary: String) throws -> ImportedLanguageModel {
        try folder.write("m.safetensors", Array(Weights.load().models[index].file))
        try folder.write("v.json", Array(vocabulary.utf8))
        return try ImportedLanguageModel(
            path: folder("m.safetensors"), vocabulary: ForeignVocabulary(path: folder("v.json")))
    }

    /// Such weights would be stored as a run that nobody can use.
    @Test(arguments: [Float.nan, .infinity, -.infinity]) func weightsThatAreNotFiniteAreRefused(_ value: Float) throws {
        let model = try Weights.load().models[0]
        try folder.write("m.safetensors", Array(model.file))
        try folder.write("v.json", Array(model.vocabulary.utf8))
        let file = try Safetensors(path: folder("m.safetensors"))
        for name in file.tensors.names {
            var tensors = file.tensors
            let good = try #require(tensors[name])
            tensors[name] = Tensor(good.values.dropLast() + [value], shape: good.shape)
            try Safetensors(tensors, metadata: [:]).write(to: folder("bad.safetensors"))
            let reason = "\(name) holds numbers that are not finite"
            #expect(throws: LanguageModelError.notALanguageModel(path: folder("bad.safetensors"), reason: reason)) {
                try ImportedLanguageModel(
                    path: folder("bad.safetensors"), vocabulary: ForeignVocabulary(path: folder("v.json")))
            }
        }
    }

    /// The usual lines of Python, `sorted(set(text))`, need no file of their own.
    @Test func aTextIsAVocabulary() throws {
        try folder.write("text.txt", Array("hé \nhello".utf8))
        let model = try Weights.load().models[0]
        try folder.write("m.safetensors", Array(model.file))
        #expect(throws: LanguageModelError.self) {
            // Seven characters: \n, space, e, h, l, o, é.
            try ImportedLanguageModel(
                path: folder("m.safetensors"), vocabulary: ForeignVocabulary(path: folder("text.txt")))
        }
        try folder.write("text.txt", Array("hé \nhello!".utf8))
        let imported = try ImportedLanguageModel(
            path: folder("m.safetensors"), vocabulary: ForeignVocabulary(path: folder("text.txt")))
        #expect(imported.vocabulary.encode("\n !ehloé").ids == [0, 1, 2, 3, 4, 5, 6, 7])
        // As Python reads it, and as it stands.
        for (text, units) in [
            ("hé \r\nhello!", "\n !ehloé"), ("hé \rhello!", "\n !ehloé"), ("hé \r\nhello", "\n\r ehloé"),
        ] {
            let found = try importing(0, with: text).vocabulary
            #expect(found.unit == .scalar && found.decode(0..<8).utf8.elementsEqual(units.utf8), "\(units)")
        }
    }
}

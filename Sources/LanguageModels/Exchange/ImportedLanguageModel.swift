package import Checkpoints
import Foundation
import ModelFiles
package import TensorCore
package import TextCorpora
import Training
import TrainingRuns

/// A language model from a file of weights, to be kept as a run: it writes, scores, and can be trained on from.
package struct ImportedLanguageModel {
    package let configuration: LanguageModelConfiguration
    package let vocabulary: Vocabulary
    package let weights: NamedTensors
    private let path: String
    private let foreign: ForeignVocabulary?

    /// - Parameters:
    ///   - path: of a file in the safetensors format.
    ///   - foreign: the units in the order of their ids; not needed for a file that this project has written.
    /// - Throws: `ModelFileError`; ``LanguageModelError``.
    package init(path: String, vocabulary foreign: ForeignVocabulary?) throws {
        (self.path, self.foreign) = (path, foreign)
        let file = try Safetensors(path: path)
        let model = try ForeignLanguageModel(file.tensors, path: path)
        if let foreign {
            let (vocabulary, ids) = foreign.sorted(for: model.configuration.classes)
            try Self.check(ids.count, model, path)
            (configuration, self.vocabulary) = (model.configuration, vocabulary)
            weights = model.configuration.reordering(model.weights, ids)
            return
        }
        guard let text = file.metadata[ExchangeKey.vocabulary] else {
            throw LanguageModelError.vocabularyNeeded(path: path, count: model.configuration.classes)
        }
        do {
            vocabulary = try JSONDecoder().decode(Vocabulary.self, from: Data(text.utf8))
        } catch {
            throw LanguageModelError.vocabulary(path: path, reason: "the one in its metadata is damaged")
        }
        try Self.check(vocabulary.count, model, path)
        // Of our own files the cell is written out, where the weights' shapes do not tell all.
        var known = model.configuration
        if let text = file.metadata[ExchangeKey.model],
            let written = try? JSONDecoder().decode(LanguageModelConfiguration.self, from: Data(text.utf8)),
            written.parameterShapes.elementsEqual(
                known.parameterShapes, by: { $0.name == $1.name && $0.shape == $1.shape })
        {
            known = written
        }
        (configuration, weights) = (known, model.weights)
    }

    private static func check(
        _ units: Int, _ model: ForeignLanguageModel, _ path: String
    ) throws(LanguageModelError) {
        guard units == model.configuration.classes else {
            throw .vocabulary(
                path: path, reason: "the model tells \(model.configuration.classes) units apart, and \(units) are named"
            )
        }
    }

    /// Stores the model as a finished run.
    /// - Throws: `StoreError`
    package func store(in store: CheckpointStore, as name: String?) throws -> Run {
        let settings = RunSettings(
            steps: 0, stepsPerEpoch: 1, optimizer: .adamw(), learningRate: 0.001, schedule: .constant, warmUp: 0,
            clipNorm: nil, patience: nil, evaluateEvery: 1, seed: 1)
        let plan = LanguageModelPlan(
            model: configuration, lanes: 1, window: 64, randomWindows: false, clipValue: nil, sampleEvery: nil,
            startedFrom: nil, settings: settings)
        let nothing = TextSplit(training: 0..<0, validation: 0..<0, test: 0..<0)
        var record = CorpusRecord(
            paths: [], unit: vocabulary.unit, encoding: nil, keepCarriageReturns: false, fingerprint: "", count: 0,
            split: nothing, vocabulary: vocabulary)
        let file = URL(fileURLWithPath: path), base = file.deletingPathExtension().lastPathComponent
        // Without its folder, which says nothing elsewhere.
        record.importedFrom = file.lastPathComponent
        record.importedVocabulary = foreign?.name
        let run = try store.createRun(
            RunDescription(
                name: name, baseName: base.isEmpty ? "imported" : base, kind: LanguageModel.runKind,
                configuration: plan,
                corpus: record))
        let checkpoint = Checkpoint(step: 0, epoch: 0, sections: [.parameter: weights])
        let event = EventRecord(kind: "imported", message: "from \(file.lastPathComponent)")
        try store.save(checkpoint, in: run.id, isBest: true, with: History(events: [event]))
        try store.setStatus(.finished, of: run.id)
        return run
    }
}

extension LanguageModelConfiguration {
    /// Weights whose units come in another order: unit k of the result is unit `ids[k]` of the given ones.
    fileprivate func reordering(_ weights: NamedTensors, _ ids: [Int]) -> NamedTensors {
        var result = weights
        for name in ["embedding.weight", "head.weight", "head.bias"] {
            if let tensor = weights[name] { result[name] = tensor.rows(ids) }
        }
        if embedding == 0, let oneHot = weights["layers.0.cell.weight_ih_l0"] {
            result["layers.0.cell.weight_ih_l0"] = oneHot.transposed.rows(ids).transposed
        }
        return result
    }
}

import CommandLineSupport
import LanguageModels
import TensorCore
import TextCorpora
import TrainingRuns

/// How the training of a language model is spoken of.
struct TextTerms: TrainingTerms {
    let unit: TextUnit
    let resumePaths: [String]
    let resumeNote: String?

    /// - Parameter paths: where the text of a run that goes on was said to be; empty: where it was.
    init(_ corpus: PreparedCorpus, resumedAt paths: [String] = []) {
        unit = corpus.vocabulary.unit
        let isKnown = !(paths.isEmpty ? corpus.record.paths : paths).contains {
            CorpusRecord.path(recording: $0) == "-"
        }
        resumePaths = isKnown ? paths : ["FILE"]
        resumeNote =
            isKnown ? nil : "FILE is the same text in a file: what came from a pipe cannot be read again"
    }

    var program: String { "charnn" }
    var finalMetric: String { LanguageModel.bestValidationMetric }
    /// Short for a line that must fit.
    var rateUnit: String { unit == .byte ? "byte" : "char" }
    var digits: Int { 3 }

    func short(_ nats: Double) -> String { "\(NumberText.fixed(nats, 3)) (\(bits(nats)))" }
    func long(_ nats: Double) -> String { "\(NumberText.fixed(nats, 4)) nats (\(bits(nats)))" }

    func result(_ score: FinalScore, bestStep: Int) -> String {
        "\(NumberText.fixed(score.loss, 4)) nats per \(unit.name(count: 1)) "
            + "(\(NumberText.fixed(score.loss / DeterministicMath.log(2), 3)) bits), at step \(NumberText.grouped(bestStep)), over "
            + count(score.units)
    }

    func scoring(units: Int) -> String { "Scoring \(count(units)) with the best weights, in one stream" }
    func next(run: String) -> String { "sample --run \(run)" }

    private func bits(_ nats: Double) -> String {
        NumberText.fixed(nats / DeterministicMath.log(2), 2) + " bits/\(rateUnit)"
    }
    private func count(_ units: Int) -> String { "\(NumberText.grouped(units)) \(unit.name(count: units))" }
}

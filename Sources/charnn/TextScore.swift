import Checkpoints
import CommandLineSupport
import Kernels
import LanguageModels
import TensorCore
import TextCorpora

/// How well a model guesses a text.
struct TextScore {
    let saved: SavedLanguageModel
    let evaluation: LanguageModelEvaluation
    let unknownUnits: Int
    /// Of all nats, those of unknown units.
    let unknownShare: Double
    /// The most frequent of them.
    let unknownLabels: [String]
    /// Whether the model knows some of them, or of what was left out, in another of Unicode's normalization forms.
    let isInAnotherForm: Bool
    /// What the model has no way to read, and what was passed over for that.
    let leftOut: [UnitCount]
    let lanes: Int

    static func measure(
        _ saved: SavedLanguageModel, _ corpus: TextCorpus, range: Range<Int>, leftOut: [UnitCount], lanes: Int,
        console: Console, in context: ComputeContext
    ) throws -> TextScore {
        let tokens = try corpus.tokens(using: saved.vocabulary)
        // A short text is not worth several lanes.
        let inLanes = EvaluationPlan.lanes(tokens, range: range, lanes: lanes, limit: range.count)
        let plan = inLanes.scoredRanges.count > 1 ? inLanes : .stream(tokens, range: range)
        let replacement = saved.vocabulary.replacementId
        var unknown = 0, unknownNats = 0.0, done = 0
        let evaluation = saved.model.evaluate(plan, in: context) { target, nats in
            done += 1
            if target == replacement {
                unknown += 1
                unknownNats += Double(nats)
            }
            if done % 512 == 0 {
                console.progress { "scored \(NumberText.grouped(done)) of \(NumberText.grouped(plan.scoredCount))" }
            }
        }
        let unknownKinds = corpus.unknownUnits(to: saved.vocabulary, in: EvaluationPlan.scorable(range))
        return TextScore(
            saved: saved, evaluation: evaluation, unknownUnits: unknown,
            unknownShare: evaluation.nats > 0 ? unknownNats / evaluation.nats : 0,
            unknownLabels: Self.labels(unknownKinds),
            isInAnotherForm: (unknownKinds + leftOut).contains { saved.vocabulary.isListedInAnotherForm($0.bytes) },
            leftOut: leftOut,
            lanes: plan.scoredRanges.count)
    }

    private static func labels(_ units: [UnitCount]) -> [String] {
        units.prefix(5).map { "\($0.label) (\($0.count)×)" }
    }

    private var leftOutCount: Int { leftOut.reduce(0) { $0 + $1.count } }

    /// What exactly was measured.
    private var protocolText: String {
        let unit = saved.vocabulary.unit.name(count: 1)
        let carried = "with carried state, each \(unit) after the first scored once"
        return lanes == 1
            ? "one stream in order \(carried)"
            : "\(lanes) lanes side by side, each warmed on the 256 \(saved.vocabulary.unit.name(count: 2)) before it, "
                + carried
    }

    var lines: [String] {
        let unit = saved.vocabulary.unit.name(count: 1)
        func row(_ value: String, _ what: String) -> String {
            String(repeating: " ", count: max(0, 12 - value.count)) + value + "  " + what
        }
        var lines = [
            row(NumberText.fixed(evaluation.natsPerUnit, 4), "nats per \(unit)"),
            row(NumberText.fixed(evaluation.bitsPerUnit, 4), "bits per \(unit)"),
            row(NumberText.fixed(evaluation.bitsPerByte, 4), "bits per byte"),
            row(NumberText.fixed(evaluation.perplexity, 3), "perplexity"),
            row(NumberText.grouped(evaluation.units), "\(saved.vocabulary.unit.name(count: 2)) scored"),
        ]
        var unknown = row(NumberText.grouped(unknownUnits), "of them unknown to the model")
        if unknownUnits > 0 {
            unknown += ", \(NumberText.fixed(100 * unknownShare, 1)) % of the nats"
            unknown += unknownLabels.isEmpty ? "" : ": \(unknownLabels.joined(separator: ", "))"
        }
        lines.append(unknown)
        if leftOutCount > 0 {
            lines.append(
                row(NumberText.grouped(leftOutCount), "left out, as the model has never seen them")
                    + ": \(Self.labels(leftOut).joined(separator: ", "))")
        }
        if isInAnotherForm { lines.append("note: \(Vocabulary.normalizationAdvice)") }
        lines.append(
            "run '\(saved.run.name)', step \(NumberText.grouped(saved.step))\(saved.model.precision.note); \(protocolText)"
        )
        return lines
    }

    var json: JSONValue {
        [
            "nats_per_unit": .number(evaluation.natsPerUnit), "bits_per_unit": .number(evaluation.bitsPerUnit),
            "bits_per_byte": .number(evaluation.bitsPerByte), "perplexity": .number(evaluation.perplexity),
            "nats": .number(evaluation.nats), "units": .int(evaluation.units), "bytes": .int(evaluation.bytes),
            "unit": .string(saved.vocabulary.unit.rawValue), "unknown_units": .int(unknownUnits),
            "left_out_units": .int(leftOutCount),
            "unknown_share_of_nats": .number(unknownShare), "run": .string(saved.run.name), "step": .int(saved.step),
            "precision": .string(saved.model.precision.rawValue), "lanes": .int(lanes),
            "protocol": .string(protocolText),
        ]
    }
}

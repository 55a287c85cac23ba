import Kernels
package import TensorCore
package import TextCorpora
import Autodiff
import Foundation
import LayerEngines
import Layers

/// The loss of a model on a text.
package struct LanguageModelEvaluation: Equatable, Sendable {
    /// Units scored, each once.
    package var units: Int
    /// The sum of their losses, in nats.
    package var nats: Double
    /// UTF-8 bytes that the units take.
    package var bytes: Int

    package var natsPerUnit: Double { nats / Double(max(1, units)) }
    package var bitsPerUnit: Double { natsPerUnit / DeterministicMath.log(2) }
    package var bitsPerByte: Double { nats / DeterministicMath.log(2) / Double(max(1, bytes)) }
    /// exp of the nats per unit: the number of equally likely units that would be as hard to guess.
    package var perplexity: Double { DeterministicMath.exp(natsPerUnit) }
}

extension LanguageModel {
    /// Scores a text as a plan cuts it. The sum runs in Double, lane by lane within a window, so that it does not
    /// depend on threads.
    /// - Parameters:
    ///   - observe: called with each scored target and its loss.
    ///   - shouldStop: asked before each window; true ends the scoring early.
    package func evaluate(
        _ plan: EvaluationPlan, in context: ComputeContext, observe: ((_ target: Int32, _ nats: Float) -> Void)? = nil,
        shouldStop: () -> Bool = { false }
    ) -> LanguageModelEvaluation {
        var result = LanguageModelEvaluation(units: 0, nats: 0, bytes: plan.scoredUTF8Count)
        var state: LanguageModelState?
        var reader = WindowReader(model: self, context: context)
        for window in plan {
            if shouldStop() { break }
            let batch = window.batch
            let before = batch.resetsState ? nil : state
            let (logits, after) = reader.read(
                batch.inputs, state: before ?? LanguageModelState(zerosFor: configuration, lanes: batch.lanes))
            state = after
            let losses = SoftmaxCrossEntropy.losses(logits, targets: batch.targets, in: context)
            for lane in 0..<batch.lanes {
                for step in window.scored[lane] {
                    let row = step * batch.lanes + lane
                    result.nats += Double(losses[row])
                    result.units += 1
                    observe?(batch.targets[row], losses[row])
                }
            }
        }
        return result
    }

    /// The cut for validation while training: in up to 64 lanes, each warmed on the 256 units before it.
    package static func validationPlan(
        _ tokens: Tokens, range: Range<Int>, limit: Int = 1_000_000
    ) -> EvaluationPlan {
        // Logits of at most 8 million numbers.
        let window = max(8, min(128, 8_000_000 / (64 * max(1, tokens.vocabularyCount))))
        return .lanes(tokens, range: range, lanes: 64, window: window, warmUp: 256, limit: limit)
    }

    /// The cuts for the final score: what ``validationPlan(_:range:limit:)`` scores, in order, in one stream with carried
    /// state. Of a part so large that only an evenly spread subset counts, each piece is a stream, warmed likewise.
    package static func finalPlans(
        _ tokens: Tokens, range: Range<Int>, limit: Int = 1_000_000
    ) -> [EvaluationPlan] {
        let lanes = validationPlan(tokens, range: range, limit: limit).scoredRanges
        if lanes.reduce(0, { $0 + $1.count }) >= range.count - 1 { return [.stream(tokens, range: range)] }
        return lanes.map { .stream(tokens, range: $0, warmUp: 256) }
    }
}

/// Reads windows in a model's precision.
private struct WindowReader {
    let model: LanguageModel
    let context: ComputeContext
    private var stepper: (any RecurrentStepper)?

    init(model: LanguageModel, context: ComputeContext) { (self.model, self.context) = (model, context) }

    /// - Returns: logits [T, N, V], and the state after the window.
    mutating func read(
        _ inputs: [Int32], state: LanguageModelState
    ) -> (logits: Tensor, state: LanguageModelState) {
        let lanes = state.lanes, classes = model.configuration.classes
        if model.precision != .single, stepper?.batch != lanes { stepper = model.stepped(lanes: lanes, in: context) }
        guard let stepper else {
            let tape = Tape(in: context, recording: false)
            let (logits, after) = model(inputs, state: state, mode: .inference, on: tape)
            return (logits.value, after)
        }
        stepper.set(state)
        var logits = Tensor(uninitialized: [inputs.count / lanes, lanes, classes], in: context)
        logits.withUnsafeMutablePointer { all in
            for first in stride(from: 0, to: inputs.count, by: lanes) {
                stepper.advance(Array(inputs[first..<first + lanes])).withUnsafePointer {
                    (all + first * classes).update(from: $0, count: lanes * classes)
                }
            }
        }
        return (logits, stepper.state(ofLayers: state.layers.count))
    }
}

extension LanguageModelEvaluation {
    package static func + (left: LanguageModelEvaluation, right: LanguageModelEvaluation) -> LanguageModelEvaluation {
        LanguageModelEvaluation(
            units: left.units + right.units, nats: left.nats + right.nats, bytes: left.bytes + right.bytes)
    }
}

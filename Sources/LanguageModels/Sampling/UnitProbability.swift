import CKernels
import TensorCore

/// How probable a model held a unit that was written, or a part of one.
package struct UnitProbability: Sendable, Equatable {
    /// Among all units that the model knows, before temperature and other options chose among them: *e* to minus the
    /// nats that an evaluation counts for the unit. Nil for what is left of a unit whose beginning was given out before.
    package let probability: Float?
    package let byteCount: Int
}

/// The probabilities of the units of a text that is given out in pieces, in the order of its bytes.
struct ProbabilityTrace {
    private let context: ComputeContext
    private var weights: [Float] = []
    private var waiting: [UnitProbability] = []

    init(in context: ComputeContext) { self.context = context }

    /// - Parameters:
    ///   - byteCount: of the unit.
    ///   - logits: what it was chosen from.
    mutating func append(_ id: Int32, byteCount: Int, logits: UnsafeBufferPointer<Float>) {
        waiting.append(UnitProbability(probability: probability(of: id, logits), byteCount: byteCount))
    }

    /// What the next `count` bytes of the text belong to.
    mutating func take(_ count: Int) -> [UnitProbability] {
        var taken: [UnitProbability] = [], missing = count, whole = 0
        while missing > 0, whole < waiting.count {
            let unit = waiting[whole]
            if unit.byteCount > missing {
                taken.append(UnitProbability(probability: unit.probability, byteCount: missing))
                waiting[whole] = UnitProbability(probability: nil, byteCount: unit.byteCount - missing)
                missing = 0
            } else {
                taken.append(unit)
                missing -= unit.byteCount
                whole += 1
            }
        }
        waiting.removeFirst(whole)
        return taken
    }

    /// The softmax, summed in Double by id: the same bits on every machine and on any number of threads.
    private mutating func probability(of id: Int32, _ logits: UnsafeBufferPointer<Float>) -> Float {
        // The kernel writes up to the next multiple of 16.
        if weights.count < logits.count { weights = Array(repeating: 0, count: (logits.count + 15) / 16 * 16) }
        let top = logits.max() ?? 0, context = context
        return weights.withUnsafeMutableBufferPointer { weights in
            guard let base = weights.baseAddress else { return 1 }
            for id in logits.indices { weights[id] = logits[id] - top }
            context.kernels.exp(base, base, logits.count)
            var total = 0.0
            for id in logits.indices { total += Double(weights[id]) }
            return Float(Double(weights[Int(id)]) / total)
        }
    }
}

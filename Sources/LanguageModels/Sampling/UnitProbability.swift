import CKernels
import TensorCore

/// How probable a model held a unit that was written, or a part of one.
package struct UnitProbability: Sendable, Equatable {
    /// Among all units that the model knows, before temperature and other options chose among them: *e* to minus the
    /// nats that an evaluation counts for the unit. Nil for what is left of a unit whose beginning was given out before.
    package let probability: Float?
    package let byteCount: Int
    /// The unit itself, with its logarithm and the most probable ones beside it, where those were asked for.
    package var details: Details?

    package struct Details: Sendable, Equatable {
        package let chosen: Alternative
        /// The most probable units, the chosen one among them or not; the smaller id first of equal ones.
        package let alternatives: [Alternative]
    }

    package struct Alternative: Sendable, Equatable {
        package let id: Int32
        /// In nats: the natural logarithm of the probability.
        package let logProbability: Double
    }

    package init(probability: Float?, byteCount: Int, details: Details? = nil) {
        (self.probability, self.byteCount, self.details) = (probability, byteCount, details)
    }
}

/// What is said of each unit beside the text.
package enum UnitTracing: Sendable, Equatable {
    case none
    case probabilities
    /// Its id and so many of the most probable units too.
    case alternatives(Int)
}

/// The probabilities of the units of a text that is given out in pieces, in the order of its bytes.
struct ProbabilityTrace {
    private let context: ComputeContext
    /// Nil: nobody asks for units beside the chosen one.
    private let alternatives: Int?
    private var weights: [Float] = []
    private var waiting: [UnitProbability] = []

    /// Nil where nothing is to be traced.
    init?(_ tracing: UnitTracing, in context: ComputeContext) {
        switch tracing {
        case .none: return nil
        case .probabilities: alternatives = nil
        case .alternatives(let count): alternatives = count
        }
        self.context = context
    }

    /// - Parameters:
    ///   - byteCount: of the unit.
    ///   - logits: what it was chosen from.
    mutating func append(_ id: Int32, byteCount: Int, logits: UnsafeBufferPointer<Float>) {
        let (top, total) = weigh(logits)
        let details = alternatives.map { count in
            UnitProbability.Details(id, of: logits, logTotal: Double(top) + DeterministicMath.log(total), beside: count)
        }
        let probability = Float(Double(weights[Int(id)]) / total)
        waiting.append(UnitProbability(probability: probability, byteCount: byteCount, details: details))
    }

    /// What the next `count` bytes of the text belong to.
    mutating func take(_ count: Int) -> [UnitProbability] {
        var taken: [UnitProbability] = [], missing = count, whole = 0
        while missing > 0, whole < waiting.count {
            let unit = waiting[whole]
            if unit.byteCount > missing {
                taken.append(
                    UnitProbability(probability: unit.probability, byteCount: missing, details: unit.details))
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

    /// Exponentials of the logits above the largest one, summed in Double by id: the same bits on every machine and on
    /// any number of threads.
    private mutating func weigh(_ logits: UnsafeBufferPointer<Float>) -> (top: Float, total: Double) {
        // The kernel writes up to the next multiple of 16.
        if weights.count < logits.count { weights = Array(repeating: 0, count: (logits.count + 15) / 16 * 16) }
        let top = logits.max() ?? 0, context = context
        let total = weights.withUnsafeMutableBufferPointer { weights in
            guard let base = weights.baseAddress else { return 1.0 }
            for id in logits.indices { weights[id] = logits[id] - top }
            context.kernels.exp(base, base, logits.count)
            var total = 0.0
            for id in logits.indices { total += Double(weights[id]) }
            return total
        }
        return (top, total)
    }
}

extension UnitProbability.Details {
    /// - Parameter logTotal: the logarithm of the sum of the exponentials of all logits.
    init(_ id: Int32, of logits: UnsafeBufferPointer<Float>, logTotal: Double, beside count: Int) {
        func alternative(_ id: Int) -> UnitProbability.Alternative {
            .init(id: Int32(id), logProbability: Double(logits[id]) - logTotal)
        }
        chosen = alternative(Int(id))
        alternatives = Self.largest(count, of: logits).map(alternative)
    }

    /// The places of the largest numbers, the largest first, the smaller place first of equal ones.
    private static func largest(_ count: Int, of numbers: UnsafeBufferPointer<Float>) -> [Int] {
        func goesBefore(_ a: Int, _ b: Int) -> Bool {
            numbers[a] != numbers[b] ? numbers[a] > numbers[b] : a < b
        }
        guard count < 16 else { return Array(numbers.indices.sorted(by: goesBefore).prefix(count)) }
        var kept: [Int] = []
        for place in numbers.indices {
            if kept.count == count, kept.last.map({ !goesBefore(place, $0) }) ?? true { continue }
            kept.insert(place, at: kept.firstIndex { goesBefore(place, $0) } ?? kept.count)
            if kept.count > count { kept.removeLast() }
        }
        return kept
    }
}

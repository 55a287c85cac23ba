import CKernels
import Requirements
package import TensorCore

/// Chooses one unit after the other from logits: a pure function of the logits, the options, what came before, and one
/// random number each.
/// The bits depend neither on the instruction set nor on the threads.
///
/// Cost: an exponential for each class, sixteen at a time; a sort of the classes where an option keeps some of them only.
/// Nothing is allocated after the first choice.
package struct UnitSampler {
    private let options: SamplingOptions
    /// An id that is never chosen: that of the replacement symbol.
    private let excluded: Int32?
    private let context: ComputeContext
    private var scores: [Double] = []
    /// With room for whole vectors: kernels write up to the next multiple of 16. What is past the classes is nothing.
    private var weights: [Float] = []
    private var order: [Int] = []
    private var isPenalized: [Bool] = []
    /// How often each unit was chosen; empty where no option asks.
    private var chosenCounts: [Int32] = []

    package static let memory = 64
    /// The kernel's exponential ends at e⁻⁸⁷: what comes out below this is as good as impossible, and is made so.
    private static let leastWeight: Float = 2e-38

    package init(options: SamplingOptions, excluded: Int32?, in context: ComputeContext) {
        self.options = options
        self.excluded = excluded
        self.context = context
    }

    /// - Parameters:
    ///   - logits: V of them, the same number each time.
    ///   - recent: the units before, oldest first; the last ``memory`` count for the repetition penalty.
    ///   - coin: uniform in [0, 1).
    package mutating func choose(
        _ logits: UnsafeBufferPointer<Float>, recent: ArraySlice<Int32>, coin: Double
    ) -> Int32 {
        if scores.count != logits.count {
            scores = Array(repeating: 0, count: logits.count)
            weights = Array(repeating: 0, count: (logits.count + 15) / 16 * 16)
        }
        score(logits, recent: recent)
        let id = chosen(coin)
        if !chosenCounts.isEmpty { chosenCounts[id] += 1 }
        return Int32(id)
    }

    private mutating func chosen(_ coin: Double) -> Int {
        let (best, top) = largestScore()
        guard options.temperature > 0 else { return best }
        weigh(above: top)
        if options.topK != nil || options.topP != nil || options.minP != nil { keepProbable() }
        return drawn(coin, otherwise: best)
    }

    private mutating func score(_ logits: UnsafeBufferPointer<Float>, recent: ArraySlice<Int32>) {
        var areNumbers = true
        scores.withUnsafeMutableBufferPointer { scores in
            for id in scores.indices {
                scores[id] = Self.finite(Double(logits[id]))
                areNumbers = areNumbers && !logits[id].isNaN
            }
        }
        require(areNumbers, "logits that are no numbers: no unit is more probable than another")
        if options.repetitionPenalty != 1 { penalizeRecent(recent) }
        if options.presencePenalty != 0 || options.frequencyPenalty != 0 { penalizeChosen() }
        for (id, bias) in options.logitBias where scores.indices.contains(Int(id)) {
            scores[Int(id)] = Self.finite(scores[Int(id)] + bias)
        }
        if let excluded { scores[Int(excluded)] = -.infinity }
    }

    /// However far penalties and biases go, a score stays a number above that of the excluded unit.
    private static func finite(_ score: Double) -> Double {
        let largest = Double.greatestFiniteMagnitude
        return max(-largest, min(largest, score))
    }

    private mutating func penalizeRecent(_ recent: ArraySlice<Int32>) {
        let penalty = options.repetitionPenalty
        if isPenalized.isEmpty { isPenalized = Array(repeating: false, count: scores.count) }
        let recent = recent.suffix(Self.memory)
        for id in recent where !isPenalized[Int(id)] {
            isPenalized[Int(id)] = true
            let score = scores[Int(id)]
            scores[Int(id)] = Self.finite(score > 0 ? score / penalty : score * penalty)
        }
        for id in recent { isPenalized[Int(id)] = false }
    }

    private mutating func penalizeChosen() {
        if chosenCounts.isEmpty { chosenCounts = Array(repeating: 0, count: scores.count) }
        for (id, count) in chosenCounts.enumerated() where count > 0 {
            scores[id] = Self.finite(
                scores[id] - (options.presencePenalty + Double(count) * options.frequencyPenalty))
        }
    }

    /// The id of the largest score, the first of equal ones.
    private func largestScore() -> (id: Int, score: Double) {
        var best = 0
        return scores.withUnsafeBufferPointer { scores in
            for id in scores.indices where scores[id] > scores[best] { best = id }
            return (best, scores[best])
        }
    }

    /// weight = exp((score - top) / temperature)
    private mutating func weigh(above top: Double) {
        let temperature = options.temperature, context = context
        scores.withUnsafeBufferPointer { scores in
            weights.withUnsafeMutableBufferPointer { weights in
                guard let base = weights.baseAddress else { return }
                for id in scores.indices { weights[id] = Float((scores[id] - top) / temperature) }
                context.kernels.exp(base, base, scores.count)
                for id in scores.indices where weights[id] < Self.leastWeight { weights[id] = 0 }
                for id in scores.count..<weights.count { weights[id] = 0 }
            }
        }
    }

    /// The unit on which a share of all weight falls, with the units side by side by id. Sums are in Double, by id.
    private func drawn(_ coin: Double, otherwise best: Int) -> Int {
        weights.withUnsafeBufferPointer { weights in
            var total = 0.0
            for weight in weights { total += Double(weight) }
            var remaining = coin * total, last = best
            for (id, weight) in weights.enumerated() where weight > 0 {
                if remaining < Double(weight) { return id }
                remaining -= Double(weight)
                last = id
            }
            return last  // rounding left a little over
        }
    }

    private mutating func keepProbable() {
        // By score, the smaller id first among equals: the order is a function of the scores.
        let scores = scores
        order.removeAll(keepingCapacity: true)
        order.append(contentsOf: scores.indices)
        order.sort { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        var kept = min(options.topK ?? order.count, order.count)
        if let share = options.minP, share > 0 {
            // By scores: at a high temperature weights in single precision do not tell all units apart.
            let top = scores[order[0]], limit = DeterministicMath.log(share)
            var count = 0
            while count < kept, (scores[order[count]] - top) / options.temperature >= limit { count += 1 }
            kept = count
        }
        if let share = options.topP {
            var wanted = 0.0
            for place in 0..<kept { wanted += Double(weights[order[place]]) }
            wanted *= share
            var sum = 0.0, count = 0
            while count < kept, sum < wanted {
                sum += Double(weights[order[count]])
                count += 1
            }
            kept = count
        }
        for place in max(1, kept)..<max(1, order.count) { weights[order[place]] = 0 }
    }
}

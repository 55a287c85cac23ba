import Foundation

extension Oracle {
    /// Row by row x − log Σ eˣ, the maximum taken out first: [M, V] → [M, V].
    public static func logSoftmax(_ logits: ArrayND) -> ArrayND {
        precondition(logits.shape.count == 2, "log softmax of \(logits.shape)")
        let V = logits.shape[1]
        var result = logits.values
        for row in stride(from: 0, to: result.count, by: V) {
            let largest = result[row..<row + V].max() ?? 0
            let sum = result[row..<row + V].reduce(0) { $0 + exp($1 - largest) }
            for column in row..<row + V { result[column] -= largest + log(sum) }
        }
        return ArrayND(shape: logits.shape, values: result)
    }

    /// Mean of −log softmax at the targets, in nats: logits [M, V], targets M ids.
    public static func crossEntropy(_ logits: ArrayND, targets: [Int]) -> Double {
        precondition(logits.shape.count == 2 && logits.shape[0] == targets.count, "\(targets.count) targets")
        let scores = logSoftmax(logits)
        return -targets.indices.reduce(0) { $0 + scores[$1, targets[$1]] } / Double(targets.count)
    }

    /// Mean of the squared differences over all elements (the book's divides by the rows only).
    public static func meanSquaredError(_ prediction: ArrayND, _ target: ArrayND) -> Double {
        prediction.zip(target) { ($0 - $1) * ($0 - $1) }.values.reduce(0, +) / Double(target.count)
    }

    /// Mean of the absolute differences over all elements.
    public static func meanAbsoluteError(_ prediction: ArrayND, _ target: ArrayND) -> Double {
        prediction.zip(target) { abs($0 - $1) }.values.reduce(0, +) / Double(target.count)
    }

    /// Mean of −t log p − (1 − t) log(1 − p) over all elements, p = 1 / (1 + e^−z), in nats. The logarithms of p and
    /// 1 − p are −log(1 + e^−z) and −log(1 + e^z).
    public static func binaryCrossEntropy(_ logits: ArrayND, _ targets: ArrayND) -> Double {
        func softplus(_ z: Double) -> Double { z > 30 ? z + log1p(exp(-z)) : log1p(exp(z)) }
        let losses = logits.zip(targets) { z, t in t * softplus(-z) + (1 - t) * softplus(z) }
        return losses.values.reduce(0, +) / Double(targets.count)
    }

    /// KL of N(mean, e^logVariance) from N(0, 1) for each dimension, averaged over images: [N, K] → K values, nats.
    public static func gaussianDivergences(mean: ArrayND, logVariance: ArrayND) -> [Double] {
        let (N, K) = (mean.shape[0], mean.shape[1])
        return (0..<K).map { k in
            (0..<N).reduce(0) { sum, n in
                let m = mean[n, k], l = logVariance[n, k]
                return sum + (m * m + exp(l) - l - 1) / 2
            } / Double(N)
        }
    }
}

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
}

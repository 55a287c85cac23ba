package import TensorCore
package import TextCorpora

/// Weights of a trained model under another vocabulary, matched character by character: rows of characters that both
/// know are taken over, new characters start as in a new model.
package enum FineTuning {
    package struct Transfer: Sendable {
        package var weights: NamedTensors
        /// Units of the new vocabulary that the old model did not know.
        package var newUnits: Int
        /// Units that the old model knew and the new vocabulary lacks.
        package var lostUnits: Int
    }

    /// - Parameters:
    ///   - model: of the old weights.
    ///   - fresh: a new model of the same sizes but for its classes.
    package static func transfer(
        from model: LanguageModel, vocabulary old: Vocabulary, to fresh: LanguageModel, vocabulary new: Vocabulary
    ) -> Transfer {
        let oldIds: [Int?] = (0..<new.count).map { id in
            if Int32(id) == new.replacementId { return old.replacementId.map(Int.init) }
            return old.id(ofUnit: new.bytes(of: Int32(id))).map(Int.init)
        }
        let oldWeights = model.weights
        var weights = NamedTensors()
        for (name, start) in fresh.weights {
            guard let stored = oldWeights[name] else { continue }
            weights[name] = stored
            let isOneHot = name == "layers.0.cell.weight_ih_l0" && model.configuration.embedding == 0
            if name == "embedding.weight" || name.hasPrefix("head.") {
                weights[name] = rows(oldIds, from: stored, into: start)
            } else if isOneHot {
                weights[name] = columns(oldIds, from: stored, into: start)
            }
        }
        let known = oldIds.compactMap { $0 }.count
        return Transfer(weights: weights, newUnits: new.count - known, lostUnits: max(0, old.count - known))
    }

    private static func rows(_ ids: [Int?], from old: Tensor, into start: Tensor) -> Tensor {
        var result = start
        let width = start.count / max(1, start.shape[0])
        old.withUnsafePointer { source in
            result.withUnsafeMutablePointer { target in
                for (row, id) in ids.enumerated() {
                    if let id { (target + row * width).update(from: source + id * width, count: width) }
                }
            }
        }
        return result
    }

    private static func columns(_ ids: [Int?], from old: Tensor, into start: Tensor) -> Tensor {
        var result = start
        let (rows, width, oldWidth) = (start.shape[0], start.shape[1], old.shape[1])
        old.withUnsafePointer { source in
            result.withUnsafeMutablePointer { target in
                for row in 0..<rows {
                    for (column, id) in ids.enumerated() {
                        if let id { target[row * width + column] = source[row * oldWidth + id] }
                    }
                }
            }
        }
        return result
    }
}

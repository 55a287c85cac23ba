import Requirements

/// One window of text in several lanes: what a recurrent model reads, and what it should have predicted.
package struct TokenBatch: Sendable, Equatable {
    /// T, the number of steps.
    package let steps: Int
    /// N, the number of lanes.
    package let lanes: Int
    /// Shape [T][N], time-major: the id at step t of lane n is `inputs[t * lanes + n]`.
    package internal(set) var inputs: [Int32]
    /// Shape [T][N]: the unit after each input.
    package internal(set) var targets: [Int32]
    /// The lanes do not go on where the last batch ended: the carried state must start from zero.
    package let resetsState: Bool
    /// 0 in the first pass over the text.
    package let epoch: Int
    /// The last batch of its epoch.
    package let endsEpoch: Bool

    package init(
        steps: Int, lanes: Int, inputs: [Int32], targets: [Int32], resetsState: Bool, epoch: Int = 0,
        endsEpoch: Bool = false
    ) {
        require(
            inputs.count == steps * lanes && targets.count == steps * lanes,
            "\(inputs.count) inputs and \(targets.count) targets for \(steps) steps of \(lanes) lanes")
        self.steps = steps
        self.lanes = lanes
        self.inputs = inputs
        self.targets = targets
        self.resetsState = resetsState
        self.epoch = epoch
        self.endsEpoch = endsEpoch
    }

    /// Inputs as dense rows, for teaching and tests: shape [T][N][V], one 1 in each row and 0 elsewhere.
    package func oneHotInputs(vocabularyCount: Int) -> [Float] {
        var rows = [Float](repeating: 0, count: inputs.count * vocabularyCount)
        for (row, id) in inputs.enumerated() {
            require(id >= 0 && Int(id) < vocabularyCount, "id \(id) outside a vocabulary of \(vocabularyCount)")
            rows[row * vocabularyCount + Int(id)] = 1
        }
        return rows
    }
}

extension TokenBatch {
    /// Fills a batch whose lane n begins at `starts[n]`, and whose targets come one unit later. Beyond the end of the
    /// text (in an evaluation, whose lanes may end before the others) ids are 0.
    init(
        _ tokens: Tokens, starts: [Int], steps: Int, replacement: UnitReplacement?, resetsState: Bool, epoch: Int,
        endsEpoch: Bool
    ) {
        let lanes = starts.count
        var inputs = [Int32](repeating: 0, count: steps * lanes)
        var targets = [Int32](repeating: 0, count: steps * lanes)
        inputs.withUnsafeMutableBufferPointer { inputs in
            targets.withUnsafeMutableBufferPointer { targets in
                guard let firstInput = inputs.baseAddress, let firstTarget = targets.baseAddress else { return }
                for (lane, start) in starts.enumerated() {
                    let present = min(steps, tokens.count - 1 - start)
                    guard present > 0 else { continue }
                    tokens.copy(start..<start + present, to: firstInput + lane, stride: lanes)
                    tokens.copy(start + 1..<start + present + 1, to: firstTarget + lane, stride: lanes)
                    guard let replacement else { continue }
                    // As input and as target alike: a position is replaced, not an occurrence of it in a batch.
                    for step in 0...steps where replacement.isReplaced(epoch: epoch, position: start + step) {
                        if step < steps { inputs[step * lanes + lane] = replacement.replacementId }
                        if step > 0 { targets[(step - 1) * lanes + lane] = replacement.replacementId }
                    }
                }
            }
        }
        self.init(
            steps: steps, lanes: lanes, inputs: inputs, targets: targets, resetsState: resetsState, epoch: epoch,
            endsEpoch: endsEpoch)
    }
}

/// Replaces a unit of the training text by the replacement symbol now and then, so that the symbol is trained even
/// where every unit is listed. A pure function of seed, epoch and position: it does not matter who asks, or when.
package struct UnitReplacement: Codable, Sendable, Equatable {
    package let seed: UInt64
    package let probability: Double
    package let replacementId: Int32

    package init(seed: UInt64, probability: Double, replacementId: Int32) {
        require(probability >= 0 && probability < 1, "replacement probability \(probability)")
        self.seed = seed
        self.probability = probability
        self.replacementId = replacementId
    }

    /// What a vocabulary needs for a training part of `count` units: nil where it has no replacement symbol, or where
    /// rare units train it. About 64 units an epoch, but between 1 in 100 and 1 in 5,000: in a long text the cost to
    /// the model's other predictions is 0.0002 nats a unit.
    package init?(for vocabulary: Vocabulary, trainingCount count: Int, seed: UInt64) {
        guard let id = vocabulary.replacementId, vocabulary.replacedInTraining == 0 else { return nil }
        let share = 64 / Double(max(1, count))
        self.init(seed: seed, probability: min(1.0 / 100, max(1.0 / 5000, share)), replacementId: id)
    }

    /// Whether the unit at a position of the corpus is replaced in an epoch.
    package func isReplaced(epoch: Int, position: Int) -> Bool {
        CounterRandom(seed: seed, stream: UInt64(truncatingIfNeeded: epoch))
            .uniform(at: UInt64(truncatingIfNeeded: position)) < probability
    }
}

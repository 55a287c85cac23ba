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

import Requirements

/// The place that training has reached in the text; stored with a checkpoint.
package struct BatchCursor: Codable, Sendable, Equatable {
    /// Complete passes behind it.
    package var epoch: Int
    /// Steps behind it in this pass, the same in every lane.
    package var position: Int

    package init(epoch: Int = 0, position: Int = 0) {
        self.epoch = epoch
        self.position = position
    }

    /// Whether a text could have such a place. One from a store may be damaged, or written by others.
    package var isPossible: Bool {
        (0...TextCorpus.mostUnits).contains(epoch) && (0...TextCorpus.mostUnits).contains(position)
    }
}

/// Truncated back-propagation through time: the text cut in N contiguous lanes, read side by side in windows of T
/// steps, each going on where the one before ended, so that a model can carry its state.
///
///     var batches = LaneBatches(tokens, range: split.training, lanes: 64, window: 128, epochs: 10)
///     while let batch = batches.next() { … }
///
/// Of n units, each lane predicts ⌊(n − 1)/N⌋; the units left over differ from epoch to epoch. The last window of a
/// pass is shorter, or is left out where it would be shorter than `minimumWindow`. No target wraps round.
package struct LaneBatches: Sequence, IteratorProtocol, Sendable {
    package let lanes: Int
    package let window: Int
    /// Predictions in each lane in one pass.
    package let laneLength: Int
    /// Where the next batch begins. Set it to go on from a checkpoint.
    package var cursor: BatchCursor {
        didSet {
            require(
                cursor.position >= 0 && cursor.position < usedLength, "cursor \(cursor) in lanes of \(usedLength)")
        }
    }

    private let tokens: Tokens
    private let range: Range<Int>
    private let replacement: UnitReplacement?
    private let epochs: Int?
    /// `laneLength`, less a last window that is too short.
    private let usedLength: Int

    /// - Parameters:
    ///   - minimumWindow: the least length of a last window; nil is an eighth of the window.
    ///   - replacement: what trains the replacement symbol, if something must.
    ///   - epochs: passes after which `next` gives nil; nil goes on for ever.
    /// - Precondition: the range holds more units than there are lanes.
    package init(
        _ tokens: Tokens, range: Range<Int>, lanes: Int, window: Int, minimumWindow: Int? = nil,
        replacement: UnitReplacement? = nil, epochs: Int? = nil, cursor: BatchCursor = BatchCursor()
    ) {
        require(lanes > 0 && window > 0, "\(lanes) lanes, window \(window)")
        require(
            range.lowerBound >= 0 && range.upperBound <= tokens.count, "range \(range) outside 0..<\(tokens.count)")
        require(range.count > lanes, "\(range.count) units are too few for \(lanes) lanes")
        self.tokens = tokens
        self.range = range
        self.lanes = lanes
        self.window = window
        self.replacement = replacement
        self.epochs = epochs
        laneLength = (range.count - 1) / lanes
        usedLength = Self.usedLength(laneLength, window: window, minimumWindow: minimumWindow)
        require(cursor.position >= 0 && cursor.position < usedLength, "cursor \(cursor) in lanes of \(usedLength)")
        self.cursor = cursor
    }

    /// Predictions of a lane in one pass, less a last window that is too short.
    private static func usedLength(_ laneLength: Int, window: Int, minimumWindow: Int?) -> Int {
        let rest = laneLength % window, minimum = minimumWindow ?? Swift.max(1, window / 8)
        return rest > 0 && rest < minimum && laneLength > window ? laneLength - rest : laneLength
    }

    /// What ``batchesPerEpoch`` will be for a range of this many units.
    /// - Precondition: more units than lanes.
    package static func batchesPerEpoch(units: Int, lanes: Int, window: Int) -> Int {
        require(lanes > 0 && window > 0 && units > lanes, "\(units) units in \(lanes) lanes, window \(window)")
        return (usedLength((units - 1) / lanes, window: window, minimumWindow: nil) + window - 1) / window
    }

    /// Whether a cursor is a place in these lanes.
    package func accepts(_ cursor: BatchCursor) -> Bool {
        cursor.isPossible && cursor.position < usedLength
    }

    /// Batches in one pass.
    package var batchesPerEpoch: Int { (usedLength + window - 1) / window }

    /// Units predicted in one pass, over all lanes.
    package var unitsPerEpoch: Int { usedLength * lanes }

    package mutating func next() -> TokenBatch? {
        if let epochs, cursor.epoch >= epochs { return nil }
        let steps = Swift.min(window, usedLength - cursor.position)
        let end = cursor.position + steps
        let endsEpoch = end == usedLength
        // The (n − 1) mod N units left over lie at the end in the first pass, and move to the front one by one.
        let spare = range.count - 1 - laneLength * lanes
        let first = range.lowerBound + cursor.epoch % (spare + 1) + cursor.position
        let batch = TokenBatch(
            tokens, starts: (0..<lanes).map { first + $0 * laneLength }, steps: steps, replacement: replacement,
            resetsState: cursor.position == 0, epoch: cursor.epoch, endsEpoch: endsEpoch)
        cursor = endsEpoch ? BatchCursor(epoch: cursor.epoch + 1) : BatchCursor(epoch: cursor.epoch, position: end)
        return batch
    }
}

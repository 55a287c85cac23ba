package import TensorCore
package import TextCorpora

/// Reads a text, and says of each unit how probable the model held it after all that came before.
///
///     var scorer = UnitScorer(model: model, vocabulary: vocabulary, leadIns: leadIns, alternatives: 5, in: context)
///     let units = scorer.read(vocabulary.encode("HESTER:").ids[...])
///
/// The text is read as one that begins: after the first of the run's lead-ins, so that its first unit has a probability
/// too. Reading it in slices gives the same numbers.
package struct UnitScorer {
    private let vocabulary: Vocabulary
    private var lane: ModelLanes
    private var trace: ProbabilityTrace?

    /// - Parameter alternatives: how many of the most probable units to name beside each.
    package init(
        model: LanguageModel, vocabulary: Vocabulary, leadIns: LeadIns?, alternatives: Int, in context: ComputeContext
    ) {
        self.vocabulary = vocabulary
        trace = ProbabilityTrace(.alternatives(alternatives), in: context)
        lane = ModelLanes(model, in: context)
        let opening = TextOpening(leadIns, vocabulary, choice: leadIns == nil ? nil : 0).units(before: [])
        lane.read(opening.leadIn + opening.prompt)
    }

    /// - Returns: one for each unit.
    package mutating func read(_ ids: ArraySlice<Int32>) -> [UnitProbability] {
        guard let first = ids.first else { return [] }
        let ids = Array(ids), vocabulary = vocabulary
        var trace = trace, bytes = 0
        func append(_ id: Int32, _ logits: UnsafeBufferPointer<Float>) {
            let count = vocabulary.bytes(of: id).count
            trace?.append(id, byteCount: count, logits: logits)
            bytes += count
        }
        lane.withLogits(ofLane: 0) { append(first, $0) }
        lane.read(ids) { place, logits in
            if place + 1 < ids.count { append(ids[place + 1], logits) }
        }
        defer { self.trace = trace }
        return trace?.take(bytes) ?? []
    }
}

public import Foundation
package import TensorCore

/// A state of a run from which training can go on, or from which a model can be used.
package struct Checkpoint: Sendable, Equatable {
    /// The part that a tensor plays in its run.
    package enum Section: String, Sendable, CaseIterable, Hashable {
        /// Trained weights.
        case parameter
        /// Statistics of normalization: saved, not trained.
        case buffer
        /// The optimizer's slots.
        case optimizer
        /// State that training carries from step to step, such as the hidden state of recurrent layers.
        case state
    }

    /// Optimizer steps done.
    package var step: Int
    /// Passes over the training part, with fraction.
    package var epoch: Double
    /// The loss on held-out data, measured at this step; nil when none was measured.
    package var validationLoss: Double?
    /// Tensors by what they are to the model; those sections that were asked for.
    package var sections: [Section: NamedTensors]
    /// JSON: position in schedule and corpus, random generators, and so on.
    package var state: Data

    package init(
        step: Int, epoch: Double, validationLoss: Double? = nil, sections: [Section: NamedTensors],
        state: Data = Data("{}".utf8)
    ) {
        self.step = step
        self.epoch = epoch
        self.validationLoss = validationLoss
        self.sections = sections
        self.state = state
    }
}

/// A checkpoint without its tensors.
public struct CheckpointSummary: Sendable, Equatable {
    /// Optimizer steps done.
    public let step: Int
    /// Passes over the training part, with fraction.
    public let epoch: Double
    /// When it was saved.
    public let createdAt: Date
    /// Whether a run that goes on does so from here.
    public let isLatest: Bool
    /// Whether validation has found nothing better.
    public let isBest: Bool
    /// Nil when none was measured at this step.
    public let validationLoss: Double?
}

/// Names one checkpoint of a run.
package enum CheckpointSelection: Sendable, Equatable, CustomStringConvertible {
    /// The last one that was saved.
    case latest
    /// The one with the least validation loss.
    case best
    /// The checkpoint of this step; of several, the one saved last.
    case step(Int)

    /// `latest`, `best` or `step-120`.
    package var description: String {
        switch self {
        case .latest: "latest"
        case .best: "best"
        case .step(let step): "step-\(step)"
        }
    }
}

/// Which checkpoints stay when another one is saved. The best always does.
package enum Retention: Sendable, Equatable {
    case last(Int)
    case all
}

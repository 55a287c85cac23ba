import Foundation
import TensorCore

/// A state of a run from which training can go on, or from which a model can be used.
public struct Checkpoint: Sendable, Equatable {
    /// What a tensor is to its model.
    public enum Section: String, Sendable, CaseIterable, Hashable {
        /// Weights.
        case parameter
        /// Statistics of normalisation: saved, not trained.
        case buffer
        /// The optimizer's slots.
        case optimizer
        /// What is carried from step to step, such as hidden state.
        case state
    }

    /// Optimizer steps done.
    public var step: Int
    /// Passes over the training part, with fraction.
    public var epoch: Double
    /// Nil when none was measured at this step.
    public var validationLoss: Double?
    public var sections: [Section: NamedTensors]
    /// JSON: position in schedule and corpus, random generators, and so on.
    public var state: Data

    public init(
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
    public let step: Int
    public let epoch: Double
    public let createdAt: Date
    public let isLatest: Bool
    public let isBest: Bool
    public let validationLoss: Double?
}

/// Which checkpoint of a run is meant.
public enum CheckpointSelection: Sendable, Equatable, CustomStringConvertible {
    case latest
    case best
    /// The one of this step that was saved last.
    case step(Int)

    public var description: String {
        switch self {
        case .latest: "latest"
        case .best: "best"
        case .step(let step): "step-\(step)"
        }
    }
}

/// Which checkpoints stay when another one is saved. The best always does.
public enum Retention: Sendable, Equatable {
    case last(Int)
    case all
}

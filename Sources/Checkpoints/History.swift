import Foundation

/// A number that belongs to a step.
public struct Metric: Sendable, Equatable {
    public var step: Int
    public var epoch: Double
    public var name: String
    /// One that is not finite is recorded as an event instead.
    public var value: Double
    /// Of training so far.
    public var seconds: Double

    public init(step: Int, epoch: Double, name: String, value: Double, seconds: Double) {
        self.step = step
        self.epoch = epoch
        self.name = name
        self.value = value
        self.seconds = seconds
    }
}

/// A text the model wrote during training.
public struct Sample: Sendable, Equatable {
    public var step: Int
    public var temperature: Double
    public var seed: UInt64
    public var text: String

    public init(step: Int, temperature: Double, seed: UInt64, text: String) {
        self.step = step
        self.temperature = temperature
        self.seed = seed
        self.text = text
    }
}

/// Something that happened.
public struct Event: Sendable, Equatable {
    public var time: Date
    public var step: Int?
    /// A word: `started`, `resumed`, `rolled_back`.
    public var kind: String
    public var message: String

    public init(time: Date = Date(), step: Int? = nil, kind: String, message: String) {
        self.time = time
        self.step = step
        self.kind = kind
        self.message = message
    }
}

/// Metrics, samples and events together.
public struct History: Sendable, Equatable {
    public var metrics: [Metric]
    public var samples: [Sample]
    public var events: [Event]

    public init(metrics: [Metric] = [], samples: [Sample] = [], events: [Event] = []) {
        self.metrics = metrics
        self.samples = samples
        self.events = events
    }

    public var isEmpty: Bool { metrics.isEmpty && samples.isEmpty && events.isEmpty }
}

package import Foundation

/// A number that belongs to a step.
package struct MetricRecord: Sendable, Equatable {
    package var step: Int
    package var epoch: Double
    package var name: String
    /// One that is not finite is recorded as an event instead.
    package var value: Double
    /// Of training so far.
    package var seconds: Double

    package init(step: Int, epoch: Double, name: String, value: Double, seconds: Double) {
        self.step = step
        self.epoch = epoch
        self.name = name
        self.value = value
        self.seconds = seconds
    }
}

/// A text the model wrote during training.
package struct SampleRecord: Sendable, Equatable {
    package var step: Int
    package var temperature: Double
    package var seed: UInt64
    package var text: String

    package init(step: Int, temperature: Double, seed: UInt64, text: String) {
        self.step = step
        self.temperature = temperature
        self.seed = seed
        self.text = text
    }
}

/// Something that happened.
package struct EventRecord: Sendable, Equatable {
    package var time: Date
    package var step: Int?
    /// A word: `started`, `resumed`, `rolled_back`.
    package var kind: String
    package var message: String

    package init(time: Date = Date(), step: Int? = nil, kind: String, message: String) {
        self.time = time
        self.step = step
        self.kind = kind
        self.message = message
    }
}

/// Metrics, samples and events together.
package struct History: Sendable, Equatable {
    package var metrics: [MetricRecord]
    package var samples: [SampleRecord]
    package var events: [EventRecord]

    package init(metrics: [MetricRecord] = [], samples: [SampleRecord] = [], events: [EventRecord] = []) {
        self.metrics = metrics
        self.samples = samples
        self.events = events
    }

    package var isEmpty: Bool { metrics.isEmpty && samples.isEmpty && events.isEmpty }
}

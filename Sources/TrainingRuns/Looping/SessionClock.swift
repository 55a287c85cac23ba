import Foundation

/// How long things take in this session. Nothing here reaches a weight.
package struct SessionClock {
    private let now: () -> Double
    private let start: Double
    private let secondsBefore: Double
    private(set) var stepsMeasured = 0
    private var seconds = 0.0
    /// Recent rate: forgets over some fifty steps.
    private var recentUnits = 0.0
    private var recentSeconds = 0.0

    /// - Parameter now: seconds since any moment.
    package init(secondsBefore: Double = 0, now: @escaping () -> Double = SessionClock.systemSeconds) {
        (self.secondsBefore, self.now) = (secondsBefore, now)
        start = now()
    }

    /// Of the system's clock, which also runs while the machine sleeps.
    package static let systemSeconds: @Sendable () -> Double = {
        let began = ContinuousClock.now
        return { seconds(ContinuousClock.now - began) }
    }()

    package var sessionSeconds: Double { now() - start }
    /// Over all sessions of the run.
    var totalSeconds: Double { secondsBefore + sessionSeconds }
    /// Of training alone.
    package var secondsPerStep: Double { seconds / Double(max(1, stepsMeasured)) }
    /// With everything between the steps.
    var wallSecondsPerStep: Double { sessionSeconds / Double(max(1, stepsMeasured)) }
    var unitsPerSecond: Double { recentSeconds > 0 ? recentUnits / recentSeconds : 0 }

    mutating func stepDone(units: Int, seconds: Double) {
        stepMeasured(seconds: seconds)
        recentUnits = recentUnits * 0.98 + Double(units)
        recentSeconds = recentSeconds * 0.98 + seconds
    }

    /// A step that was made to see how long it takes, and for nothing else.
    package mutating func stepMeasured(seconds: Double) {
        stepsMeasured += 1
        // The first steps make buffers and warm caches: they would count against a time limit.
        if stepsMeasured == 3 { self.seconds = seconds * 3 } else { self.seconds += seconds }
    }

    private static func seconds(_ duration: Duration) -> Double {
        duration / .seconds(1)
    }
}

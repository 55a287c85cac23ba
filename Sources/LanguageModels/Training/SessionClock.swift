import Foundation

/// How long things take in this session. Nothing here reaches a weight.
struct SessionClock {
    private let start = ContinuousClock.now
    private let secondsBefore: Double
    private var lastSave = ContinuousClock.now
    private(set) var stepsSinceSave = 0
    private var steps = 0
    private var units = 0
    private var seconds = 0.0
    /// Recent rate: forgets over some fifty steps.
    private var recentUnits = 0.0
    private var recentSeconds = 0.0

    init(secondsBefore: Double = 0) { self.secondsBefore = secondsBefore }

    var sessionSeconds: Double { Self.seconds(ContinuousClock.now - start) }
    /// Over all sessions of the run.
    var totalSeconds: Double { secondsBefore + sessionSeconds }
    var secondsSinceSave: Double { Self.seconds(ContinuousClock.now - lastSave) }
    /// Of training alone.
    var secondsPerStep: Double { seconds / Double(max(1, steps)) }
    /// With everything between the steps.
    var wallSecondsPerStep: Double { sessionSeconds / Double(max(1, steps)) }
    var unitsPerSecond: Double { recentSeconds > 0 ? recentUnits / recentSeconds : 0 }

    mutating func stepDone(units: Int, seconds: Double) {
        steps += 1
        stepsSinceSave += 1
        self.units += units
        // The first steps make buffers and warm caches: they would count against a time limit.
        if steps == 3 { (self.seconds, self.units) = (seconds * 3, units * 3) } else { self.seconds += seconds }
        recentUnits = recentUnits * 0.98 + Double(units)
        recentSeconds = recentSeconds * 0.98 + seconds
    }

    mutating func saved() {
        lastSave = ContinuousClock.now
        stepsSinceSave = 0
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}

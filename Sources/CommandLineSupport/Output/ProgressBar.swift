/// How far something of known length has come: a bar, the count, the rate and the time left, as parts of a line, the more
/// important first.
package struct ProgressBar: Sendable {
    /// What is being done: "encoding".
    package var title: String
    /// What is counted: "images".
    package var unit: String
    /// Characters of the bar; 0 for none, as in a log.
    package var width: Int

    package init(_ title: String, unit: String, width: Int = 24) {
        (self.title, self.unit, self.width) = (title, unit, width)
    }

    /// - Parameter seconds: since the beginning.
    package func parts(done: Int, of count: Int, seconds: Double) -> [String] {
        let share = count > 0 ? Double(done) / Double(count) : 1
        let bar = width > 0 ? [bar(share)] : []
        var parts = [title] + bar + ["\(NumberText.grouped(done))/\(NumberText.grouped(count))"]
        guard done > 0, seconds > 0 else { return parts }
        let rate = Double(done) / seconds
        parts.append("\(NumberText.short(rate)) \(unit)/s")
        if done < count { parts.append("\(TimeSpan(seconds: Double(count - done) / rate)) left") }
        return parts
    }

    /// The bar, in steps of an eighth of a character.
    private func bar(_ share: Double) -> String {
        let eighths = Int(min(max(share, 0), 1) * Double(8 * width))
        let full = String(repeating: "█", count: eighths / 8)
        let part = eighths % 8 > 0 ? String(Self.blocks[eighths % 8 - 1]) : ""
        return full + part + String(repeating: "░", count: width - full.count - part.count)
    }

    private static let blocks = Array("▏▎▍▌▋▊▉")
}

/// Lets at most one event happen in each interval.
package struct Pacing: Equatable, Sendable {
    package let interval: Double
    private var next: Double

    /// - Parameters:
    ///   - interval: seconds.
    ///   - startsAtOnce: the first event need not wait for an interval to pass.
    package init(interval: Double, startsAtOnce: Bool = false) {
        self.interval = interval
        next = startsAtOnce ? -.infinity : interval
    }

    package mutating func isDue(at seconds: Double) -> Bool {
        guard seconds >= next else { return false }
        next = seconds + interval
        return true
    }

    /// The next event is due at once.
    package mutating func reset() { next = -.infinity }
}

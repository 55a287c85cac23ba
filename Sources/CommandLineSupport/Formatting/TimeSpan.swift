package import TrainingRuns

extension TimeSpan: CustomStringConvertible {
    /// Two units at most: `0.4s`, `42s`, `4m 20s`, `1h 30m`, `3d 2h`.
    package var description: String {
        guard seconds.isFinite else { return "?" }
        if seconds < 9.95 { return NumberText.fixed(max(0, seconds), 1) + "s" }
        let whole = Int(min(seconds, 1e15).rounded())
        func both(_ large: Int, _ first: String, _ small: Int, _ second: String) -> String {
            small == 0 ? "\(large)\(first)" : "\(large)\(first) \(small)\(second)"
        }
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3600: return both(whole / 60, "m", whole % 60, "s")
        case ..<86_400: return both(whole / 3600, "h", whole % 3600 / 60, "m")
        default: return both(whole / 86_400, "d", whole % 86_400 / 3600, "h")
        }
    }

    /// How long ago something was, in one unit: `12 seconds ago`, `3 days ago`.
    package var ago: String {
        guard seconds.isFinite else { return "?" }
        let seconds = min(seconds, 1e15)
        for (name, length) in [("day", 86_400.0), ("hour", 3600), ("minute", 60)] where seconds >= length {
            return NumberText.count(Int(seconds / length), name) + " ago"
        }
        return seconds < 1 ? "just now" : NumberText.count(Int(seconds), "second") + " ago"
    }
}

/// How often errors of pixels in 0...1 are how large: enough to find their quantiles in constant memory.
struct ErrorHistogram {
    private var counts = [Int](repeating: 0, count: bins)
    private(set) var total = 0

    private static let bins = 2048

    mutating func add(_ errors: some Sequence<Float>) {
        for error in errors {
            // What is no number fails the test, and counts as the largest.
            counts[error < 1 ? Int(max(0, error) * Float(Self.bins)) : Self.bins - 1] += 1
            total += 1
        }
    }

    /// The error that no more than a share of all exceed, to 1 / 2048; 0 of none.
    func quantile(_ share: Double) -> Float {
        let wanted = Int((Double(total) * share).rounded(.up))
        var seen = 0
        for (bin, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return Float(bin + 1) / Float(Self.bins) }
        }
        return 0
    }
}

import Jacquard

/// The unit in which a number of one's own table is learned, as the book has prices in thousands of dollars: the power of
/// ten that leaves a deviation from 1 up to 10. The rates and first weights of the lessons are made for such numbers.
struct TargetUnit {
    /// Subtracted first: about the mean, where that lies more than ten deviations from zero, and 0 otherwise.
    private let origin: Float
    private let unit: Double

    /// - Parameter targets: of the examples to learn from, of which two differ.
    init(fittedTo targets: Tensor) {
        let values = targets.values.map(Double.init), count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        var power = 1.0
        while deviation >= 10 * power { power *= 10 }
        if deviation < 1 {
            while deviation * power < 1 { power *= 10 }
            power = 1 / power
        }
        unit = power
        origin = mean.magnitude > 10 * deviation ? Float((mean / unit).rounded() * unit) : 0
    }

    /// The same examples with targets in this unit.
    func callAsFunction(_ data: Dataset) throws -> Dataset {
        let all = try data.batch(0..<data.count), targets = all.targets.numbers
        let values = targets.values.map { Float((Double($0) - Double(origin)) / unit) }
        return Dataset(inputs: all.inputs, targets: Tensor(values, shape: targets.shape))
    }

    /// Behind the name of a table: ", price in units of 1000", and nothing where numbers stay as they are.
    func words(for name: String) -> String {
        guard origin != 0 || unit != 1 else { return "" }
        func text(_ number: some CustomStringConvertible) -> String {
            let text = "\(number)"
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        return ", \(name)" + (origin < 0 ? " + \(text(-origin))" : origin > 0 ? " - \(text(origin))" : "")
            + (unit == 1 ? "" : " in units of \(text(unit))")
    }
}

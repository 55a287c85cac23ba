import Foundation
import Requirements
public import TensorCore

/// A number that tells people how good answers are. Training does not see it.
///
/// It is computed from sums over batches, in double precision, so that a data set of any size takes no memory.
public struct Metric: Sendable {
    /// As it is printed: `accuracy`.
    public let name: String
    let sums: @Sendable (Tensor, Targets) -> [Double]
    let merged: @Sendable ([Double], [Double]) -> [Double]
    let result: @Sendable ([Double]) -> Double

    /// A metric of your own.
    ///
    /// ```swift
    /// let within = Metric("within 0.1") { answers, targets in
    ///     guard case .values(let values) = targets else { fatalError("numbers are due") }
    ///     let close = zip(answers.values, values.values).count { abs($0 - $1) < 0.1 }
    ///     return [Double(close), Double(answers.count)]
    /// } result: {
    ///     $0[0] / $0[1]
    /// }
    /// ```
    /// - Parameters:
    ///   - name: as it is printed.
    ///   - sums: numbers of a batch, from answers [N, …] and targets; those of all batches are added up.
    ///   - result: the metric, from the sums over all batches.
    public init(
        _ name: String, sums: @escaping @Sendable (_ answers: Tensor, _ targets: Targets) -> [Double],
        result: @escaping @Sendable (_ sums: [Double]) -> Double
    ) {
        self.init(name, sums: sums, merged: { zip($0, $1).map(+) }, result: result)
    }

    /// - Parameter merged: what stands for the examples of two parts, from what stands for each.
    private init(
        _ name: String, sums: @escaping @Sendable (Tensor, Targets) -> [Double],
        merged: @escaping @Sendable ([Double], [Double]) -> [Double],
        result: @escaping @Sendable ([Double]) -> Double
    ) {
        (self.name, self.sums, self.merged, self.result) = (name, sums, merged, result)
    }

    /// The share of examples whose greatest answer is that of their class; of answers [N, 1] to yes or no, a logit above 0
    /// is a yes. NaN if an answer is.
    public static let accuracy = Metric("accuracy") { answers, targets in
        let (actual, answered) = decisions(answers, targets, "accuracy")
        guard !answered.contains(nil) else { return [.nan, Double(actual.count)] }
        return [Double(zip(actual, answered).count { $0 == $1 }), Double(actual.count)]
    } result: {
        $0[0] / $0[1]
    }

    /// |y - t|, the mean over all numbers.
    public static let meanAbsoluteError = Metric("mean absolute error") { answers, targets in
        errors(answers, targets, "mean absolute error") { [abs($0 - $1), 1] }
    } result: {
        $0[0] / $0[1]
    }

    /// The root of the mean of (y - t)² over all numbers, in the unit of the targets.
    public static let rootMeanSquareError = Metric("root mean square error") { answers, targets in
        errors(answers, targets, "root mean square error") { [($0 - $1) * ($0 - $1), 1] }
    } result: {
        ($0[0] / $0[1]).squareRoot()
    }

    /// The share of the targets' variance that the answers explain, 1 - Σ(y - t)² / Σ(t - mean t)²: 1 is perfect, 0 as good
    /// as the mean. Where all targets are one number there is no variance: 1 if every answer is that number, else -∞.
    ///
    /// Means and squared deviations of parts are merged after Chan, Golub and LeVeque, *Updating Formulae and a Pairwise
    /// Algorithm for Computing Sample Variances* (1979): the difference of Σt² and (Σt)²/N has no digit left where targets
    /// lie far from zero.
    public static let rSquared = Metric("R²") { answers, targets in
        let values = targets.values(like: answers.shape, for: "R²").values.map(Double.init)
        let error = zip(answers.values, values).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
        // From the first on, so that the mean of equal numbers is that number.
        let first = values.first ?? 0, mean = first + values.reduce(0) { $0 + ($1 - first) } / Double(values.count)
        return [error, Double(values.count), mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }]
    } merged: { one, other in
        let count = one[1] + other[1], apart = other[2] - one[2]
        return [
            one[0] + other[0], count, one[2] + apart * other[1] / count,
            one[3] + other[3] + apart * apart * one[1] * other[1] / count,
        ]
    } result: {
        $0[3] > 0 ? 1 - $0[0] / $0[3] : ($0[0] > 0 ? -.infinity : 1)
    }

    private static func errors(
        _ answers: Tensor, _ targets: Targets, _ what: String, _ terms: (Double, Double) -> [Double]
    ) -> [Double] {
        var sums: [Double] = []
        let values = targets.values(like: answers.shape, for: what).values
        for (answer, value) in zip(answers.values, values) {
            let more = terms(Double(answer), Double(value))
            sums = sums.isEmpty ? more : zip(sums, more).map { $0 + $1 }
        }
        return sums
    }

    /// Classes, and what the answers decide for: for nothing where one of them is NaN.
    static func decisions(_ answers: Tensor, _ targets: Targets, _ what: String) -> (actual: [Int], answered: [Int?]) {
        guard answers.shape.columns > 1, case .labels(let labels) = targets else {
            let values = targets.values(like: answers.shape, for: what).values
            return (values.map { $0 > 0.5 ? 1 : 0 }, answers.values.map { $0.isNaN ? nil : $0 > 0 ? 1 : 0 })
        }
        checkClasses(answers.shape, labels, what)
        let values = answers.values, columns = answers.shape.columns
        let answered = answers.argMax.enumerated().map { row, decision in
            values[row * columns..<(row + 1) * columns].contains(where: \.isNaN) ? nil : decision
        }
        return (labels.map(Int.init), answered)
    }
}

/// How often each class was answered with which. Examples whose answer is NaN are not counted: that is no class.
public struct ConfusionMatrix: Sendable, Equatable, CustomStringConvertible {
    /// Names of the classes.
    public let classes: [String]
    /// Examples by their class, then by the answer.
    public internal(set) var counts: [[Int]]

    init(classes: [String]) {
        self.classes = classes
        counts = classes.map { _ in classes.map { _ in 0 } }
    }

    /// Examples of a class that were answered with another or the same.
    public subscript(actual actual: Int, answered answered: Int) -> Int { counts[actual][answered] }

    mutating func add(_ answers: Tensor, _ targets: Targets) {
        let (actual, answered) = Metric.decisions(answers, targets, "a confusion matrix")
        for (actual, answered) in zip(actual, answered) {
            guard let answered else { continue }
            require(
                actual < classes.count && answered < classes.count,
                "the model answers more classes than the \(classes.count) of the data")
            counts[actual][answered] += 1
        }
    }

    /// A table, a line for each class.
    public var description: String {
        let cells = [[""] + classes] + zip(classes, counts).map { [$0] + $1.map(String.init) }
        let width = cells.joined().map(\.count).max() ?? 0
        func padded(_ text: String) -> String { String(repeating: " ", count: width - text.count) + text }
        return cells.map { $0.map(padded).joined(separator: " ") }.joined(separator: "\n")
    }
}

/// What a model reaches on some examples. It prints as `loss 0.21, accuracy 0.947`.
public struct Evaluation: Sendable, Equatable, CustomStringConvertible {
    /// The mean over the examples.
    public let loss: Double
    /// In the order in which the trainer was given them.
    public let metrics: [NamedValue]
    /// Examples.
    public let count: Int

    /// The value of a metric.
    public struct NamedValue: Sendable, Equatable {
        /// That of the metric.
        public let name: String
        /// Its value.
        public let value: Double
    }

    /// The value of a metric; nil if the trainer was not given it.
    public subscript(metric: Metric) -> Double? { metrics.first { $0.name == metric.name }?.value }

    /// For instance `loss 0.21, accuracy 0.947`.
    public var description: String {
        let loss = "loss " + (loss.magnitude < 0.1 ? String(format: "%.4f", loss) : String(format: "%.2f", loss))
        return ([loss] + metrics.map { $0.name + String(format: " %.3f", $0.value) }).joined(separator: ", ")
    }
}

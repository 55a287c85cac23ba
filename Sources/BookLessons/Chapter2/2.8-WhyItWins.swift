import Jacquard

/// # 2.8 Why the network wins
///
/// Let one input go from its least to its greatest value while all others stay at their means, and see what a model foretells.
/// Of a linear model that is a straight line, whatever it has learned:
///
///     P = w x + (what the others say)
///
/// A sum of sigmoids can bend: steep where H is near ½, flat where it is near 0 or 1. The book looks at its most important input.
/// Here all inputs are tried, and the one is drawn over which the two models disagree most. If the truth is known, it is
/// drawn too.
public struct WhyItWins: Lesson {
    public static let about = About(
        "2.8", "Why the network wins", shows: "What line and network foretell while one input moves.", data: .table,
        seconds: 0.2)

    /// The models of 2.3 and 2.7.
    public var line = LinearRegression(), network = FirstNetwork()
    /// Points of a curve.
    public var points = 40

    public init() {}

    public func run(with materials: Materials) throws -> Report {
        let table = try materials.regression(), context = materials.context
        let scale = try Standardization(fittedTo: table.training)
        let training = table.training.standardized(by: scale)
        let line = try line.learn(training, in: context), network = try network.learn(training, in: context)

        let inputs = try table.training.batch(0..<table.training.count).inputs.transposed
        /// All inputs at their means, but for one, which goes from its least to its greatest value.
        func sweep(_ input: Int) -> Tensor {
            let values = inputs.row(input).values, low = values.min() ?? 0, high = values.max() ?? 1
            var rows = scale.mean.broadcast(to: [points, scale.mean.count])
            for point in 0..<points { rows[point, input] = low + (high - low) * Float(point) / Float(points - 1) }
            return rows
        }
        /// How far the two are apart on the way.
        func gap(_ input: Int) -> Double {
            let x = scale(sweep(input))
            return (line(x, in: context) - network(x, in: context)).map(abs).mean
        }
        /// How far a curve leaves the straight line between its ends, as a part of its height.
        func bend(_ y: [Double]) -> Double {
            let distances = y.indices.map {
                abs(y[$0] - y[0] - (y[points - 1] - y[0]) * Double($0) / Double(points - 1))
            }
            return (distances.max() ?? 0) / max(1e-9, (y.max() ?? 0) - (y.min() ?? 0))
        }

        let input = (0..<scale.mean.count).max { gap($0) < gap($1) } ?? 0, rows = sweep(input)
        let byLine = line(scale(rows), in: context).values.map(Double.init)
        let byNetwork = network(scale(rows), in: context).values.map(Double.init)
        let x = (0..<points).map { Double(rows[$0, input]) }
        func curve(_ name: String, _ y: [Double]) -> Figure.Curve { .init(name, zip(x, y).map { ($0, $1) }) }
        var curves = [curve("line", byLine), curve("network", byNetwork)]
        var report = [
            Row("input over which they disagree most", here: table.columns[input]),
            Row("bend of the line, of its height", here: bend(byLine), as: .percent),
            Row("bend of the network", here: bend(byNetwork), as: .percent),
        ]
        if let truth = table.truth {
            let exact = (0..<points).map { truth(rows.row($0).values.map(Double.init)) }
            curves.append(curve("truth", exact))
            func distance(_ y: [Double]) -> Double {
                zip(y, exact).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(points)
            }
            report.append(Row("bend of the truth", here: bend(exact), as: .percent))
            report.append(Row("from line to truth, mean distance", here: distance(byLine)))
            report.append(Row("from network to truth", here: distance(byNetwork)))
        }
        return Report(
            report,
            takeaway:
                "Line and network disagree most along \(table.columns[input]): there the network's curve bends by "
                + "\(fixed(100 * bend(byNetwork), 0)) % of its height, and a line cannot bend.",
            figures: [
                Figure(
                    "2.8-bent", "What is foretold while one input moves and all others stay at their means.",
                    .curves(curves, x: table.columns[input], y: "foretold"))
            ])
    }
}

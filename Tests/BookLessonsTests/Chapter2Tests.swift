import BookLessons
import Foundation
import Jacquard
import Testing

@Suite("The lessons of chapter 2") struct Chapter2Tests {
    let materials = Materials(digits: .drawn(writers: 5))

    @Test("the drawn table is Friedman's function and noise of deviation 1") func table() throws {
        let table = try materials.regression(), truth = try #require(table.truth)
        #expect(table.training.count == 2800 && table.test.count == 1200 && table.columns.count == 10)
        let all = try table.training.batch(0..<table.training.count), y = all.targets.numbers.values
        var noise = 0.0, squares = 0.0
        for row in 0..<table.training.count {
            let x = all.inputs.row(row).values.map(Double.init)
            let smooth =
                10 * Foundation.sin(.pi * x[0] * x[1]) + 20 * Foundation.pow(x[2] - 0.5, 2) + 10 * x[3] + 5 * x[4]
            #expect(abs(truth(x) - smooth) < 1e-9)
            noise += Double(y[row]) - smooth
            squares += Foundation.pow(Double(y[row]) - smooth, 2)
        }
        #expect(abs(noise / 2800) < 0.06 && abs(squares / 2800 - 1) < 0.08)
    }

    @Test("the learned line comes to the exact one, and that is the best there is") func linearRegression() throws {
        let report = try LinearRegression().run(with: materials)
        let exact = try #require(report["root mean square error, exact"].value)
        let learned = try #require(report["root mean square error, learned"].value)
        #expect(learned < 1.02 * exact)
        #expect(exact < 0.6 * (try #require(report["root mean square error of the mean"].value)))
        #expect(report["most important input"].here == "x4")
        // Ten times x4, whose deviation is √(1/12).
        #expect(abs(try #require(report["its weight, exact"].value) - 10 / 12.0.squareRoot()) < 0.15)
        #expect(abs(exact - (try leastSquaresError())) < 1e-3)
    }

    /// Of the raw table with a column of ones, by Cholesky's factors in double precision.
    private func leastSquaresError() throws -> Double {
        let table = try materials.regression()
        func rows(_ data: Dataset) throws -> ([[Double]], [Double]) {
            let all = try data.batch(0..<data.count)
            return (
                (0..<data.count).map { [1] + all.inputs.row($0).values.map(Double.init) },
                all.targets.numbers.values.map(Double.init)
            )
        }
        let (x, y) = try rows(table.training), size = x[0].count
        var l = (0..<size).map { i in (0..<size).map { j in x.reduce(0) { $0 + $1[i] * $1[j] } } }
        var z = (0..<size).map { i in zip(x, y).reduce(0) { $0 + $1.0[i] * $1.1 } }
        for j in 0..<size {
            for k in 0..<j { for i in j..<size { l[i][j] -= l[i][k] * l[j][k] } }
            let root = l[j][j].squareRoot()
            for i in j..<size { l[i][j] /= root }
        }
        for i in 0..<size {
            for k in 0..<i { z[i] -= l[i][k] * z[k] }
            z[i] /= l[i][i]
        }
        for i in (0..<size).reversed() {
            for k in i + 1..<size { z[i] -= l[k][i] * z[k] }
            z[i] /= l[i][i]
        }
        let (testX, testY) = try rows(table.test)
        let squares = zip(testX, testY).map { row, y in Foundation.pow(zip(row, z).reduce(-y) { $0 + $1.0 * $1.1 }, 2) }
        return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }

    @Test("a network by hand beats the line, and its gradients are the tape's") func firstNetwork() throws {
        let report = try FirstNetwork().run(with: materials)
        let error = try #require(report["root mean square error"].value)
        #expect(error < 0.7 * (try #require(report["the same of linear regression"].value)) && error > 1)
        #expect(try #require(report["gradients, by hand to the tape's, at most"].value) < 1e-4)
    }

    @Test("summed twice, the gradient of the hidden biases moves all of them alike") func sharedBias() throws {
        var lesson = FirstNetwork()
        lesson.iterations = 500
        let report = try lesson.run(with: materials)
        func ends(_ name: String) -> [Double] {
            report[name].here.dropFirst().dropLast().split(separator: " ").compactMap { Double($0) }
        }
        let wrong = ends("one gradient for all of them: moved"), right = ends("hidden biases moved, from … to")
        #expect(wrong.count == 2 && abs(wrong[0] - wrong[1]) < 1e-3 && abs(wrong[0]) > 0.01)
        #expect(right.count == 2 && right[1] - right[0] > 0.1)
    }

    @Test("the network bends where the truth does, and comes nearer to it than the line") func whyItWins() throws {
        let report = try WhyItWins().run(with: materials)
        #expect(report["input over which they disagree most"].here == "x3")
        #expect(try #require(report["bend of the line, of its height"].value) < 0.001)
        #expect(try #require(report["bend of the network"].value) > 0.3)
        let line = try #require(report["from line to truth, mean distance"].value)
        #expect(try #require(report["from network to truth"].value) < 0.6 * line)
    }

    @Test("a table of the reader's own is foretold, columns that say nothing new included, with no floor")
    func ownTable() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = (0..<200).map { row in
            let (size, age) = (Double(row * 37 % 100) / 10, Double(row * 53 % 71))
            return "\(size),\(age),\(2 * age),7,\(20 + 3 * size - 0.1 * age)"
        }
        try (["size,age,twice,seven,price"] + rows).joined(separator: "\n").write(
            toFile: path, atomically: true, encoding: .utf8)
        let materials = Materials(digits: .drawn(writers: 5), table: (path, "price"))
        let report = try LinearRegression().run(with: materials)
        #expect(report["most important input"].here == "size")
        #expect(try #require(report["root mean square error, exact"].value) < 1e-3)
        #expect(!report.rows.contains { $0.name.hasPrefix("no model can") })
        var why = WhyItWins()
        why.network.iterations = 200
        #expect(try why.run(with: materials).rows.count == 3)
    }

    /// The recipes of the lessons are made for prices in thousands of dollars: dollars would be learned to infinity, years
    /// would be taken for their mean alone.
    @Test(
        "a target of any size is learned in a unit of its own, which is named",
        arguments: [
            (100_000.0, 0.0, ", price in units of 100000"), (1e-6, 0, ", price in units of 1e-06"),
            (1, 2000, ", price - 2000"), (100, -1e6, ", price + 1000000 in units of 100"), (1, 0, ""),
        ])
    func unitOfATarget(scale: Double, origin: Double, words: String) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        // Mean 0 and deviation 3, among the rows to learn from too, nearly.
        let rows = (0..<400).map { row in
            let (a, b) = (Double(row * 37 % 101) / 50 - 1, Double(row * 53 % 71) / 35 - 1)
            return "\(a),\(b),\(origin + scale * (4.5 * a + 2.6 * b))"
        }
        try (["a,b,price"] + rows).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let materials = Materials(digits: .drawn(writers: 5), table: (path, "price"))
        #expect(try materials.regression().source == "400 rows of \(path)" + words)
        let report = try OptimizerAndTrainer().run(with: materials)
        #expect(try #require(report["by trainer: root mean square error"].value) < 1.5)
        #expect(try #require(report["weights, by hand to optimizer, at most"].value) < 1e-4)
    }

    @Test("few rows are batches of three sizes, and no lesson says that it gains where its table has a loss")
    func takeaways() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        // A line, which no network comes as near to as a line does.
        let rows = (0..<100).map {
            "\($0 * 37 % 101),\($0 * 53 % 71),\(Double($0 * 37 % 101) / 10 - Double($0 * 53 % 71) / 20)"
        }
        try (["a,b,price"] + rows).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let materials = Materials(table: (path, "price"))
        let network = try FirstNetwork().run(with: materials)
        #expect(
            try #require(network["root mean square error"].value)
                > (try #require(network["the same of linear regression"].value)))
        #expect(network.takeaway.contains("is no worse than the network"))
        let batches = try NetworkAndBatches().run(with: materials)
        let steps = batches.rows.filter { $0.name.hasSuffix("steps") }.compactMap(\.value)
        #expect(steps.count == 3 && steps[0] < steps[1] && steps[1] < steps[2], "\(steps)")
    }

    @Test("a target that is the same in every row is refused") func constantTarget() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try (["size,price"] + (0..<60).map { "\($0),7" }).joined(separator: "\n").write(
            toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: LessonError.tooLittle(path, reason: "price is the same in all rows to learn from")) {
            try Materials(table: (path, "price")).regression()
        }
    }
}

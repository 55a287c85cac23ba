import Foundation
import Jacquard
import TestSupport
import Testing

@Suite struct LossAndMetricTests {
    private let answers: [[Double]]
    private let values: [[Double]]
    private let labels = [2, 0, 3, 1, 2]

    init() {
        var chance = Chance(17)
        answers = (0..<5).map { _ in (0..<4).map { _ in 3 * chance.next() } }
        values = (0..<5).map { _ in (0..<4).map { _ in (1 + chance.next()) / 2 } }
    }

    private func tensor(_ rows: [[Double]]) -> Tensor { Tensor(rows.map { $0.map(Float.init) }) }
    private var asValues: Targets { .values(tensor(values)) }
    private var asLabels: Targets { .labels(labels.map(Int32.init)) }

    /// The loss and its gradient by the answers, central differences of the oracle.
    private func check(_ loss: Loss, _ targets: Targets, _ oracle: ([[Double]]) -> Double) {
        let tape = Tape(in: ComputeContext(threads: 1)), variable = tape.variable(tensor(answers))
        let value = loss(variable, targets)
        let exact = tensor(answers).values.map(Double.init)
        let rows = { (flat: [Double]) in stride(from: 0, to: 20, by: 4).map { Array(flat[$0..<$0 + 4]) } }
        #expect(abs(Double(value.value.scalar) - oracle(rows(exact))) < 1e-6 * (1 + abs(oracle(rows(exact)))))
        let expected = exact.indices.map { index in
            var (up, down) = (exact, exact)
            up[index] += 1e-5
            down[index] -= 1e-5
            return (oracle(rows(up)) - oracle(rows(down))) / 2e-5
        }
        expectGradientsMatch(
            engine: tape.backward(from: value)[variable]?.values ?? [], oracle: expected, loss.name)
    }

    private func meanOfPairs(_ rows: [[Double]], _ term: (Double, Double) -> Double) -> Double {
        let targets = tensor(values).values.map(Double.init)
        return zip(rows.joined(), targets).reduce(0) { $0 + term($1.0, $1.1) } / 20
    }

    @Test func lossesAreTheirFormulas() {
        check(.squaredError, asValues) { meanOfPairs($0) { ($0 - $1) * ($0 - $1) } }
        check(.absoluteError, asValues) { meanOfPairs($0) { abs($0 - $1) } }
        check(.binaryCrossEntropy, asValues) {
            meanOfPairs($0) { -$1 * log(1 / (1 + exp(-$0))) - (1 - $1) * log(1 - 1 / (1 + exp(-$0))) }
        }
        check(.softmaxCrossEntropy, asLabels) { rows in
            zip(rows, labels).reduce(0) { $0 + log($1.0.map(exp).reduce(0, +)) - $1.0[$1.1] } / 5
        }
        let own = Loss("fourth power") { prediction, targets in
            guard case .values(let values) = targets else { fatalError("numbers are due") }
            return (prediction - prediction.tape.constant(values)).squared().squared().mean()
        }
        check(own, asValues) { meanOfPairs($0) { pow($0 - $1, 4) } }
    }

    /// A model that answers what it is shown.
    private struct Echo: Layer {
        let unused = Parameter(Tensor([1]))
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable { x }
    }

    private func trainer(_ loss: Loss, _ metrics: [Metric] = []) -> Trainer {
        let echo = Echo()
        echo.initialize(seed: 1)
        return Trainer(echo, loss: loss, optimizer: .sgd(rate: 1), metrics: metrics, in: ComputeContext(threads: 1))
    }

    private func evaluation(_ data: Dataset, _ loss: Loss, _ metrics: [Metric]) throws -> Evaluation {
        // Batches of three and two: what is added up must not depend on them.
        try trainer(loss, metrics).evaluate(data, batch: 3)
    }

    private func matrix(_ data: Dataset, _ loss: Loss) throws -> ConfusionMatrix {
        try trainer(loss).confusionMatrix(data, batch: 2)
    }

    @Test func metricsAreTheirFormulas() throws {
        let data = Dataset(inputs: tensor(answers), targets: tensor(values))
        let found = try evaluation(data, .squaredError, [.meanAbsoluteError, .rootMeanSquareError, .rSquared])
        let flat = tensor(values).values.map(Double.init), mean = flat.reduce(0, +) / 20
        let errors = zip(tensor(answers).values.map(Double.init), flat).map { $0 - $1 }
        let squares = errors.reduce(0) { $0 + $1 * $1 }, spread = flat.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(abs(found.loss - squares / 20) < 1e-6)
        #expect(abs((found[.meanAbsoluteError] ?? .nan) - errors.reduce(0) { $0 + abs($1) } / 20) < 1e-6)
        #expect(abs((found[.rootMeanSquareError] ?? .nan) - (squares / 20).squareRoot()) < 1e-6)
        #expect(abs((found[.rSquared] ?? .nan) - (1 - squares / spread)) < 1e-5)
        #expect(found[.accuracy] == nil && found.count == 5)
    }

    /// Times in seconds since 1970 have no digit to spare in single precision, and their squares none in double precision.
    @Test(arguments: [(Float(0), Float(1)), (1e6, 0.25), (1.7e9, 256)])
    func explainedVarianceFarFromZero(offset: Float, unit: Float) throws {
        let count = 4000
        let targets = (0..<count).map { offset + unit * Float($0 * 7919 % 41 - 20) }
        let answers = targets.indices.map { targets[$0] + unit * Float($0 * 104_729 % 17 - 8) }
        let data = Dataset(inputs: Tensor(answers, shape: [count, 1]), targets: Tensor(targets, shape: [count, 1]))
        let found = try evaluation(data, .squaredError, [.rSquared])[.rSquared] ?? .nan
        // In units, where all numbers are small and exact.
        let t = targets.map { Double($0 - offset) / Double(unit) }
        let e = zip(answers, targets).map { Double($0 - $1) / Double(unit) }
        let mean = t.reduce(0, +) / Double(count)
        let expected = 1 - e.reduce(0) { $0 + $1 * $1 } / t.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(abs(found - expected) < 1e-9 && expected > 0.5 && expected < 0.95)
    }

    @Test func targetsWithoutVariance() throws {
        let same = Tensor([Float](repeating: 0.1, count: 20), shape: [20, 1])
        let right = Dataset(inputs: same, targets: same)
        #expect(try evaluation(right, .squaredError, [.rSquared])[.rSquared] == 1)
        let wrong = Dataset(inputs: tensor((0..<20).map { [Double($0)] }), targets: same)
        #expect(try evaluation(wrong, .squaredError, [.rSquared])[.rSquared] == -.infinity)
    }

    @Test func classesAreCounted() throws {
        let data = Dataset(inputs: tensor(answers), labels: labels, classes: ["a", "b", "c", "d"])
        let decided = answers.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
        let right = zip(decided, labels).count { $0 == $1 }
        #expect(right < 5)
        let own = Metric("hits") { answers, targets in
            [Double(answers.shape[0])]
        } result: {
            $0[0]
        }
        let found = try evaluation(data, .softmaxCrossEntropy, [.accuracy, own])
        #expect(found[.accuracy] == Double(right) / 5 && found[own] == 5)
        let matrix = try matrix(data, .softmaxCrossEntropy)
        for actual in 0..<4 {
            for answered in 0..<4 {
                let expected = zip(labels, decided).count { $0 == actual && $1 == answered }
                #expect(matrix[actual: actual, answered: answered] == expected)
            }
        }
        #expect(matrix.description.split(separator: "\n").count == 5)
    }

    /// To decide for the first class where nothing was computed would be right as often as that class is met.
    @Test func answersThatAreNoNumbersAreNoDecisions() throws {
        let none = Tensor([Float](repeating: .nan, count: 8), shape: [4, 2])
        let data = Dataset(inputs: none, labels: [0, 0, 1, 0], classes: ["a", "b"])
        #expect(try evaluation(data, .softmaxCrossEntropy, [.accuracy])[.accuracy]?.isNaN == true)
        let partly = Dataset(inputs: [[0, 1], [.nan, 1], [1, 0]], labels: [1, 1, 1], classes: ["a", "b"])
        #expect(try matrix(partly, .softmaxCrossEntropy).counts == [[0, 0], [1, 1]])
        let logits = Dataset(inputs: [[2], [.nan], [-1]], labels: [1, 0, 0])
        #expect(try evaluation(logits, .binaryCrossEntropy, [.accuracy])[.accuracy]?.isNaN == true)
        #expect(try matrix(logits, .binaryCrossEntropy).counts == [[1, 0], [0, 1]])
    }

    @Test func yesOrNoIsALogitAboveZero() throws {
        let data = Dataset(inputs: [[2], [-1], [0.5], [-3]], labels: [1, 0, 0, 1])
        let found = try evaluation(data, .binaryCrossEntropy, [.accuracy])
        #expect(found[.accuracy] == 0.5)
        let expected = [log(1 + exp(-2.0)), log(1 + exp(-1.0)), log(1 + exp(0.5)), log(1 + exp(3.0))].reduce(0, +) / 4
        #expect(abs(found.loss - expected) < 1e-6)
        #expect("\(found)" == "loss 1.12, accuracy 0.500")
    }
}

import Autodiff
import Foundation
import TensorCore
import TestSupport
import Testing
import Training

/// Early stopping, roll-back and averages, each also stopped in the middle and read back.
@Suite struct LoopPieceTests {
    static func readBack<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }

    @Test func earlyStoppingKnowsTheBestStep() throws {
        var stopping = EarlyStopping(patience: 2)
        let losses = [3, 2.5, 2.75, .nan, 2.25, 2.25, 2.5],
            verdicts = losses.enumerated().map { index, loss in
                stopping.record(loss, after: 100 * (index + 1))
            }
        #expect(verdicts == [.improved, .improved, .notImproved, .stop, .improved, .notImproved, .stop])
        #expect(stopping.bestLoss == 2.25)
        #expect(stopping.bestStep == 500)
        #expect(try Self.readBack(stopping) == stopping)
    }

    @Test func withoutPatienceNothingStops() {
        var stopping = EarlyStopping()
        #expect(stopping.record(.infinity, after: 1) == .notImproved)
        #expect(stopping.bestStep == nil)
        #expect(stopping.record(1, after: 2) == .improved)
        for step in 3..<1000 { #expect(stopping.record(2, after: step) == .notImproved) }
        #expect(stopping.badEvaluations == 997)
    }

    /// The best at step 600; then it rises, and falls a little at times.
    @Test func automaticPatienceWaitsForAClearRise() throws {
        func end(_ losses: [Double], every: Int = 50) throws -> Int? {
            var stopping = EarlyStopping(patience: .automatic)
            for (index, loss) in losses.enumerated() {
                if index == 14 { stopping = try Self.readBack(stopping) }
                if stopping.record(loss, after: every * (index + 1)) == .stop {
                    #expect(stopping.isExhausted)
                    return every * (index + 1)
                }
                #expect(!stopping.isExhausted)
            }
            return nil
        }
        let falling = (1...12).map { 2 - Double($0) / 20 }, level = [1.4, 1.4, 1.4, 1.4, 1.4]
        func many(_ loss: Double) -> [Double] { Array(repeating: loss, count: 40) }
        // Five at 1.4, then two of five three per cent above it.
        #expect(try end(falling + level + many(1.442)) == 950)
        #expect(try end(falling + level + many(1.442), every: 2) == 38)
        #expect(try end([1, 2, 2, 2, 2, 2, 2]) == 300)
        #expect(try end(falling + many(2.1)) == 800, "a third as many steps as led to the best have to pass")
        #expect(try end(falling + many(1.428)) == nil, "the best was a single one: this is a level")
        #expect(try end(falling + level + many(1.41)) == nil, "less than one per cent")
        #expect(try end(falling + level + (0..<100).map { $0 % 5 == 0 ? 1.46 : 1.4 }) == nil, "one bad one in five")
        #expect(try end(falling + [.nan, .infinity] + level + many(1.442)) == 1050)
    }

    @Test func patienceIsStoredAsItWas() throws {
        for (patience, text) in [(Patience.evaluations(7), "[7]"), (.automatic, #"["auto"]"#), (.unlimited, "[0]")] {
            let data = try JSONEncoder().encode([patience])
            #expect(String(decoding: data, as: UTF8.self) == text)
            #expect(try JSONDecoder().decode([Patience].self, from: data) == [patience])
        }
        // As a run of an earlier version stored it.
        let stored = #"{"patience":3,"bestLoss":1.5,"bestStep":40,"badEvaluations":2}"#
        var stopping = try JSONDecoder().decode(EarlyStopping.self, from: Data(stored.utf8))
        #expect(stopping.patience == 3 && stopping.bestStep == 40)
        #expect(stopping.record(2, after: 50) == .stop)
    }

    @Test func rollsBackAFewTimes() throws {
        var rollBack = RollBack(limit: 2, factor: 0.25)
        #expect(rollBack.inspect(loss: 2, gradientNorm: 3) == .proceed)
        #expect(rollBack.rateFraction == 1)
        #expect(rollBack.inspect(loss: .infinity, gradientNorm: 3) == .goBack(because: .loss(.infinity)))
        #expect(rollBack.rateFraction == 0.25)
        rollBack = try Self.readBack(rollBack)
        #expect(rollBack.inspect(loss: 2, gradientNorm: 3) == .proceed)
        #expect(rollBack.inspect(loss: 2, gradientNorm: .infinity) == .goBack(because: .gradientNorm(.infinity)))
        #expect(rollBack.rateFraction == 0.0625)
        guard case .giveUp(let failure) = rollBack.inspect(loss: .nan, gradientNorm: .nan) else {
            Issue.record("a third failure is one too many")
            return
        }
        #expect("\(failure)" == "the loss is not a number")
        #expect(rollBack.count == 2)
        #expect(rollBack.rateFraction == 0.0625)
    }

    @Test func runningAverageStartsExact() throws {
        var average = RunningAverage(decay: 0.75)
        #expect(average.value == nil)
        average.record(.nan)
        #expect(average.value == nil)
        average.record(8)
        #expect(average.value == 8)
        average.record(1)
        average.record(.infinity)
        average = try Self.readBack(average)
        average.record(2)
        let expected = (8 * 0.5625 + 1 * 0.75 + 2) / (0.5625 + 0.75 + 1)
        #expect(abs((average.value ?? 0) - expected) < 1e-15)
    }

    @Test func weightAverageEqualsDouble() throws {
        let context = ComputeContext(threads: 2), problem = Problem(in: context), decay = 0.8
        var optimizer = OptimizerConfiguration(.adam).makeOptimizer()
        var average = WeightAverage(decay: decay), history: [[Tensor]] = []
        for step in 0..<6 {
            problem.run(&optimizer, steps: step..<step + 1)
            average.update(with: problem.parameters, in: context)
            history.append(problem.values)
            if step == 0 { #expect(problem.parameters.allSatisfy { average.tensors[$0.name] == $0.value }) }
        }
        for (index, parameter) in problem.parameters.enumerated() {
            var sums = [Double](repeating: 0, count: parameter.value.count), weight = 0.0
            for values in history {
                for (element, value) in values[index].values.enumerated() {
                    sums[element] = sums[element] * decay + Double(value)
                }
                weight = weight * decay + 1
            }
            let found = try #require(average.tensors[parameter.name]).values
            expectValuesMatch(engine: found, oracle: sums.map { $0 / weight }, parameter.name)
        }
    }

    @Test func weightAverageComesAndGoes() {
        let context = ComputeContext(threads: 1), problem = Problem(in: context)
        var optimizer = OptimizerConfiguration(.sgd).makeOptimizer(), average = WeightAverage(decay: 0.5)
        let start = problem.values
        average.exchange(with: problem.parameters)
        #expect(problem.values == start)
        for step in 0..<3 {
            problem.run(&optimizer, steps: step..<step + 1)
            average.update(with: problem.parameters, in: context)
        }
        let values = problem.values, mean = average.tensors, versions = problem.parameters.map(\.version)
        average.exchange(with: problem.parameters)
        #expect(problem.values == mean.map(\.tensor))
        #expect(average.tensors.map(\.tensor) == values)
        // Packed copies of the weights notice.
        #expect(zip(problem.parameters, versions).allSatisfy { $0.version > $1 })
        average.exchange(with: problem.parameters)
        #expect(problem.values == values)
        #expect(average.tensors == mean)
    }

    @Test func weightAverageGoesOnBitForBitWithAnyThreads() {
        func run(_ average: inout WeightAverage, threads: Int, steps: Range<Int>) {
            let problem = Problem(in: ComputeContext(threads: threads))
            for step in steps {
                for (parameter, gradient) in zip(problem.parameters, problem.gradients(at: step)) {
                    parameter.value = gradient.tensor
                }
                average.update(with: problem.parameters, in: problem.context)
            }
        }
        var whole = WeightAverage(decay: 0.9), first = WeightAverage(decay: 0.9)
        run(&whole, threads: 1, steps: 0..<7)
        run(&first, threads: 2, steps: 0..<3)
        var second = WeightAverage(decay: first.decay, updates: first.updates, tensors: first.tensors)
        run(&second, threads: 3, steps: 3..<7)
        #expect(second.tensors == whole.tensors)
    }

    @Test func weightAverageWritesInPlace() {
        let context = ComputeContext(threads: 2), problem = Problem(in: context)
        var average = WeightAverage(decay: 0.9)
        average.update(with: problem.parameters, in: context)
        func addresses() -> [UnsafePointer<Float>] { average.tensors.map { $0.tensor.withUnsafePointer { $0 } } }
        let before = addresses()
        average.update(with: problem.parameters, in: context)
        #expect(addresses() == before)
    }
}

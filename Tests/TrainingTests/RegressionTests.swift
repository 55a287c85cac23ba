import Autodiff
import Layers
import TensorCore
import TestSupport
import Testing
import Training

/// The first systems of *Deep Learning from Scratch* (chapters 2 and 3) from end to end: tape, layers, clipping, schedule
/// and optimizer.
@Suite struct RegressionTests {
    static let inputs = 5

    /// N rows of inputs [N, 5] and targets [N, 1] by a formula.
    struct Examples {
        let x: Tensor
        let y: Tensor

        init(_ rows: Int, seed: UInt64, in context: ComputeContext, target: ([Double]) -> Double) {
            x = RandomStream(seed: seed).uniform([rows, RegressionTests.inputs], low: -1.5, high: 1.5, in: context)
            let values = x.values.map(Double.init), width = RegressionTests.inputs
            y = Tensor(
                (0..<rows).map { Float(target(Array(values[$0 * width..<($0 + 1) * width]))) }, shape: [rows, 1])
        }

        func batch(_ rows: Range<Int>) -> (x: Tensor, y: Tensor) {
            let width = RegressionTests.inputs
            return (
                Tensor(x.values[rows.lowerBound * width..<rows.upperBound * width], shape: [rows.count, width]),
                Tensor(y.values[rows], shape: [rows.count, 1])
            )
        }
    }

    static func loss(_ model: some Layer, _ x: Tensor, _ y: Tensor, on tape: Tape, mode: Mode) -> Variable {
        (model(tape.constant(x), mode: mode) - tape.constant(y)).squared().mean()
    }

    static func evaluate(_ model: some Layer, _ examples: Examples, in context: ComputeContext) -> Float {
        loss(model, examples.x, examples.y, on: Tape(in: context, recording: false), mode: .inference).value.scalar
    }

    /// Batches of 23 rows, in order, again and again.
    static func train(
        _ model: some Layer, on examples: Examples, with configuration: OptimizerConfiguration,
        schedule: LearningRateSchedule, in context: ComputeContext
    ) {
        var optimizer = configuration.makeOptimizer()
        let clipping = GradientClipping(maximumNorm: 5), batches = examples.x.shape.rows / 23
        for step in 0..<schedule.steps {
            let first = step % batches * 23, batch = examples.batch(first..<first + 23)
            let tape = Tape(in: context)
            let loss = loss(
                model, batch.x, batch.y, on: tape, mode: .training(RandomStream(seed: 1, step: UInt64(step))))
            var gradients = tape.backward(from: loss).named(model.parameters)
            let clipped = clipping.apply(to: &gradients, in: context)
            optimizer.update(
                model.parameters, along: gradients, rate: Float(schedule.rate(at: step)), scale: clipped.scale,
                in: context)
        }
    }

    static func linearModel(in context: ComputeContext) -> Dense {
        Dense("linear", inputs: inputs, outputs: 1, from: RandomStream(seed: 2), in: context)
    }

    static func network(in context: ComputeContext) -> Sequential {
        Sequential(
            Dense("hidden", inputs: inputs, outputs: 29, from: RandomStream(seed: 2, stream: 1), in: context),
            Activation.tanh,
            Dense("out", inputs: 29, outputs: 1, from: RandomStream(seed: 2, stream: 2), in: context))
    }

    /// The target is linear, so that its weights are the one solution, and they are found.
    @Test(arguments: OptimizerKind.allCases) func linearRegressionFindsTheSolution(_ kind: OptimizerKind) {
        let context = ComputeContext(threads: 1)
        let weights = [1.5, -2, 0.75, 0, 0.25], bias = 0.5
        let examples = Examples(230, seed: 3, in: context) { zip($0, weights).map(*).reduce(bias, +) }
        let model = Self.linearModel(in: context)
        let base = [.sgd: 0.1, .momentum: 0.02, .nesterov: 0.02, .adagrad: 0.5][kind] ?? 0.03
        Self.train(
            model, on: examples, with: OptimizerConfiguration(kind, weightDecay: 0),
            schedule: LearningRateSchedule(
                base: base, shape: .cosine(finalFraction: 0), steps: 800, warmUp: 20), in: context)
        for (found, wanted) in zip(model.parameters.flatMap { $0.value.values.map(Double.init) }, weights + [bias]) {
            #expect(abs(found - wanted) < 1e-3, "\(kind): \(found), expected \(wanted)")
        }
    }

    /// The target bends: no linear model explains it, two layers do, on examples they have not seen.
    @Test func twoLayersBeatOne() {
        let context = ComputeContext(threads: 1)
        func target(_ x: [Double]) -> Double { x[0] * x[1] + x[2] * x[2] - 0.5 * x[3] }
        let examples = Examples(2300, seed: 4, in: context, target: target)
        let heldOut = Examples(301, seed: 5, in: context, target: target)
        let schedule = LearningRateSchedule(base: 0.01, shape: .cosine(finalFraction: 0.01), steps: 3000, warmUp: 50)
        let linear = Self.linearModel(in: context), network = Self.network(in: context)
        Self.train(linear, on: examples, with: .adamw(), schedule: schedule, in: context)
        Self.train(network, on: examples, with: .adamw(), schedule: schedule, in: context)
        let linearLoss = Self.evaluate(linear, heldOut, in: context)
        let networkLoss = Self.evaluate(network, heldOut, in: context)
        // The variance of x0 x1 and of x2^2 is out of a linear model's reach: 0.5625 and 0.45.
        #expect(linearLoss > 0.8 && linearLoss < 1.3, "\(linearLoss)")
        #expect(networkLoss < 0.01, "\(networkLoss)")
    }

    /// A rate far too high diverges; going back with a lower one, as often as it takes, ends with a trained model.
    @Test func divergesAndRecovers() {
        let context = ComputeContext(threads: 1)
        let examples = Examples(230, seed: 6, in: context) { 2 * $0[0] - $0[4] }
        let model = Self.linearModel(in: context), batch = examples.batch(0..<23)
        var optimizer = OptimizerConfiguration(.sgd).makeOptimizer(), rollBack = RollBack(limit: 5, factor: 0.25)
        let good = model.parameters.map(\.value), clipping = GradientClipping()
        var goneBack = 0
        for _ in 0..<2000 {
            let tape = Tape(in: context)
            let loss = Self.loss(model, batch.x, batch.y, on: tape, mode: .inference)
            var gradients = tape.backward(from: loss).named(model.parameters)
            let clipped = clipping.apply(to: &gradients, in: context)
            switch rollBack.inspect(loss: Double(loss.value.scalar), gradientNorm: clipped.norm) {
            case .proceed:
                optimizer.update(
                    model.parameters, along: gradients, rate: Float(4 * rollBack.rateFraction), scale: clipped.scale,
                    in: context)
            case .goBack:
                goneBack += 1
                for (parameter, value) in zip(model.parameters, good) { parameter.value = value }
                optimizer = OptimizerConfiguration(.sgd).makeOptimizer()
            case .giveUp(let failure):
                Issue.record("gave up: \(failure)")
                return
            }
        }
        #expect(goneBack == rollBack.count)
        #expect((1...4).contains(goneBack), "\(goneBack)")
        #expect(Self.loss(model, batch.x, batch.y, on: Tape(in: context), mode: .inference).value.scalar < 1e-6)
    }
}

import Autodiff
import Foundation
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct LossTests {
    let prediction = samples([3, 2, 7], seed: 1, low: -4, high: 4)
    let target = samples([3, 2, 7], seed: 2, low: 0, high: 1)

    func tensor(_ array: ArrayND) -> Tensor { Tensor(array.floats, shape: Shape(array.shape)) }

    /// Both reductions, by value and gradient. `oracle` is a mean over elements.
    func checkLoss(
        _ name: String, oracle: (ArrayND, ArrayND) -> Double, engine: (Variable, Tensor, LossReduction) -> Variable
    ) {
        for (reduction, factor) in [(LossReduction.meanOverElements, 1.0), (.sumPerImage, 14.0)] {
            check(
                "\(name), \(reduction)", [prediction],
                oracle: { ArrayND(shape: [], values: [oracle($0[0], target) * factor]) },
                engine: { engine($0[0], tensor(target), reduction) })
        }
    }

    @Test func errors() {
        checkLoss("squared error", oracle: Oracle.meanSquaredError) { $0.squaredError(to: $1, reduction: $2) }
        checkLoss("absolute error", oracle: Oracle.meanAbsoluteError) { $0.absoluteError(to: $1, reduction: $2) }
        checkLoss("binary cross-entropy", oracle: Oracle.binaryCrossEntropy) {
            $0.binaryCrossEntropy(targets: $1, reduction: $2)
        }
    }

    /// Rows longer than a chunk, and a batch that is split over threads.
    @Test(arguments: [(1, 2500), (17, 1030)])
    func longRows(_ images: Int, _ size: Int) {
        let context = ComputeContext(threads: 2)
        let x = RandomStream(seed: 1).normal([images, size], deviation: 2, in: context)
        let t = RandomStream(seed: 2).uniform([images, size], low: 0, high: 1, in: context)
        let wide = ArrayND(shape: [images, size], floats: x.values),
            wanted = ArrayND(shape: wide.shape, floats: t.values)
        for (kind, oracle) in [
            (ElementLoss.Kind.squaredError, Oracle.meanSquaredError), (.absoluteError, Oracle.meanAbsoluteError),
            (.binaryCrossEntropy, Oracle.binaryCrossEntropy),
        ] {
            let tape = Tape(in: context),
                loss = tape(ElementLoss(kind, target: t, reduction: .sumPerImage), tape.variable(x))
            expectValuesMatch(
                engine: [loss.value.scalar], oracle: [oracle(wide, wanted) * Double(size)], kind.rawValue)
            let each = ElementLoss.imageSums(kind, x, target: t, in: context)
            expectValuesMatch(
                engine: each, oracle: (0..<images).map { oracle(wide.part($0), wanted.part($0)) * Double(size) },
                "\(kind.rawValue) of each image")
        }
    }

    /// Logits at which exp overflows, and losses far below what 1 + e can hold.
    @Test func extremeLogits() throws {
        let tape = Tape(in: ComputeContext(threads: 1))
        func loss(_ logit: Float, _ target: Float) throws -> (value: Float, gradient: Float) {
            let tape = Tape(in: tape.context), x = tape.variable(Tensor([logit], shape: [1, 1]))
            let y = x.binaryCrossEntropy(targets: Tensor([target], shape: [1, 1]))
            return (y.value.scalar, try #require(tape.backward(from: y)[x]).scalar)
        }
        #expect(try loss(200, 0) == (200, 1))
        #expect(try loss(-200, 1) == (200, -1))
        #expect(try loss(200, 1).value < 1e-30 && loss(200, 1).gradient == 0)
        for logit in [Float(-20), 20] {
            let (value, gradient) = try loss(logit, logit > 0 ? 1 : 0), expected = Foundation.exp(-20.0)
            #expect(abs(Double(value) / expected - 1) < 1e-6)
            #expect(abs(gradient) < 1e-7)
        }
        #expect(try loss(.nan, 1).value.isNaN && loss(.nan, 1).gradient.isNaN)
    }

    @Test func absoluteErrorAtZero() {
        let tape = Tape(in: ComputeContext(threads: 1)), x = tape.variable(Tensor([3, 5, 1], shape: [1, 3]))
        let y = x.absoluteError(to: Tensor([3, 1, 2], shape: [1, 3]), reduction: .sumPerImage)
        #expect(y.value.scalar == 5 && tape.backward(from: y * 2)[x]?.values == [0, 2, -2])
    }

    @Test(arguments: [0, 0.4])
    func gaussianDivergence(_ freeNats: Double) {
        let mean = samples([5, 4], seed: 3), logVariance = samples([5, 4], seed: 4, low: -1, high: 0.5)
        let each = Oracle.gaussianDivergences(mean: mean, logVariance: logVariance)
        #expect(freeNats == 0 || each.contains { $0 < freeNats } && each.contains { $0 > freeNats })
        check(
            "divergence", [mean, logVariance],
            oracle: { inputs in
                let nats = Oracle.gaussianDivergences(mean: inputs[0], logVariance: inputs[1])
                return ArrayND(shape: [], values: [nats.reduce(0) { $0 + max(Double(Float(freeNats)), $1) }])
            },
            engine: { $0[0].gaussianDivergence(logVariance: $0[1], freeNats: Float(freeNats)) })
        let context = ComputeContext(threads: 1)
        let found = GaussianDivergence.divergences(
            mean: tensor(mean), logVariance: tensor(logVariance), in: context)
        expectMatch(found.perDimension, each, "nats of each dimension", tolerance: 1e-6)
        expectMatch(
            found.perImage,
            (0..<5).map { image in
                Oracle.gaussianDivergences(
                    mean: mean.parts(image..<image + 1), logVariance: logVariance.parts(image..<image + 1)
                ).reduce(0, +)
            }, "nats of each image", tolerance: 1e-6)
    }

    /// A loss that is no number says so, whatever is free: training goes back by it.
    @Test(arguments: [0, 0.4]) func gaussianDivergenceOfWhatIsNoNumber(_ freeNats: Float) {
        let tape = Tape(in: ComputeContext(threads: 1))
        let mean = tape.variable(Tensor([1, 2, .nan, 4], shape: [2, 2])), zero = tape.constant(Tensor(zeros: [2, 2]))
        #expect(mean.gaussianDivergence(logVariance: zero, freeNats: freeNats).value.scalar.isNaN)
    }

    /// The noise is the stream's; the gradient is that of mean + exp(log variance / 2) ε with ε fixed.
    @Test func gaussianDraw() {
        let stream = RandomStream(seed: 8, stream: 3, step: 2), context = ComputeContext(threads: 2)
        let noise = ArrayND(shape: [5, 4], floats: stream.normal([5, 4], in: context).values)
        check(
            "draw", [samples([5, 4], seed: 3), samples([5, 4], seed: 4)],
            oracle: { inputs in
                inputs[0].zip(inputs[1].map { Foundation.exp($0 / 2) }.zip(noise, *), +)
            },
            engine: { $0[0].gaussianDraw(logVariance: $0[1], from: stream) })
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) {
        func run(_ context: ComputeContext) -> [Tensor] {
            let stream = RandomStream(seed: 6), shape: Shape = [37, 530], tape = Tape(in: context)
            let m = tape.variable(stream.normal(shape, in: context))
            let l = tape.variable(RandomStream(seed: 7).normal(shape, in: context))
            let t = RandomStream(seed: 8).uniform(shape, low: 0, high: 1, in: context)
            let z = m.gaussianDraw(logVariance: l, from: stream)
            let losses = [
                z.binaryCrossEntropy(targets: t, reduction: .sumPerImage), z.squaredError(to: t),
                z.absoluteError(to: t),
                m.gaussianDivergence(logVariance: l, freeNats: 0.7),
            ]
            let gradients = tape.backward(from: losses.dropFirst().reduce(losses[0], +))
            return losses.map(\.value) + [gradients[m]!, gradients[l]!]
        }
        let expected = run(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 { #expect(run(ComputeContext(threads: threads, instructionSet: set)) == expected) }
    }

    @Test func equalPyTorch() throws {
        let context = ComputeContext(threads: 2)
        func compare(_ fixture: String, _ inputs: [String], _ loss: (Fixture, [Variable]) throws -> Variable) throws {
            let fixture = try Fixture.load(fixture), tape = Tape(in: context)
            let variables = try inputs.map { tape.variable(tensor(try fixture[$0])) }
            let value = try loss(fixture, variables)
            expectValuesMatch(engine: [value.value.scalar], oracle: [try fixture["loss"].scalar], fixture.name)
            let gradients = tape.backward(from: value)
            for (name, variable) in zip(inputs, variables) {
                expectGradientsMatch(
                    engine: try #require(gradients[variable]).values, oracle: try fixture.gradient(of: name).values,
                    "\(fixture.name), \(name)")
            }
        }
        try compare("mean_squared_error", ["prediction"]) { $1[0].squaredError(to: tensor(try $0["target"])) }
        try compare("mean_absolute_error", ["prediction"]) { $1[0].absoluteError(to: tensor(try $0["target"])) }
        try compare("binary_cross_entropy", ["logits"]) {
            $1[0].binaryCrossEntropy(targets: tensor(try $0["targets"]), reduction: .sumPerImage)
        }
        try compare("gaussian_divergence", ["mean", "log_variance"]) { $1[0].gaussianDivergence(logVariance: $1[1]) }
    }

    @Test func differentShapesStopTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1))
            _ = tape.variable(Tensor(zeros: [2, 3])).squaredError(to: Tensor(zeros: [3, 2]))
        }
        expectMessage("a prediction of shape [2, 3] for a target of [3, 2]", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1)), x = tape.variable(Tensor(zeros: [2, 3]))
            _ = x.gaussianDivergence(logVariance: tape.variable(Tensor(zeros: [3, 2])))
        }
        expectMessage("[3, 2]", from: result2)
    }
}

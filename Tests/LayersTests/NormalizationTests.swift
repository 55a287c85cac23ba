import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct NormalizationTests {
    static let activations: [Activation] = [.linear, .relu, .leakyReLU(slope: 0.25), .tanh]

    static func function(_ activation: Activation) -> (Double) -> Double {
        switch activation {
        case .tanh: { Oracle.tanh($0) }
        case .relu: { Oracle.relu($0) }
        case .leakyReLU(let slope): { Oracle.leakyReLU($0, slope: Double(slope)) }
        default: { $0 }
        }
    }

    static func start(_ parameters: [Parameter]) {
        for (index, p) in parameters.enumerated() {
            let values = LaneChecks.samples(p.value.shape.dimensions, seed: 40 + UInt64(index), low: 0.5, high: 2)
            p.value = Tensor(values.floats, shape: p.value.shape)
        }
    }

    /// A batch with a mean of its own in each channel, one of them far from zero for its deviation.
    static func batch(_ count: Int, channels: Int = 3, seed: UInt64 = 7) -> ArrayND {
        var x = LaneChecks.samples([count, channels, 3, 2], seed: seed)
        for index in x.values.indices { x.values[index] += Double(index / 6 % channels) * 8 }
        return x
    }

    /// A batch that a layer with these parameters, its activation left out, takes to nowhere near zero: central
    /// differences would straddle the corner of a ReLU.
    static func awayFromZero(
        _ count: Int, channels: Int, _ parameters: [Parameter], _ oracle: (ArrayND, [String: ArrayND]) -> ArrayND
    ) -> ArrayND {
        var arrays: [String: ArrayND] = [:]
        for p in parameters { arrays[p.name] = ArrayND(shape: p.value.shape.dimensions, floats: p.value.values) }
        let seeds = (7...).lazy.map { batch(count, channels: channels, seed: $0) }
        return seeds.first { oracle($0, arrays).values.allSatisfy { abs($0) > 0.01 } }!
    }

    @Test(arguments: [2, 16, 17])
    func batchNormalizationWhileTraining(_ count: Int) {
        for activation in Self.activations {
            let layer = BatchNormalization2D("bn", channels: 3, activation: activation)
            Self.start(layer.parameters)
            func plain(_ x: ArrayND, _ p: [String: ArrayND]) -> ArrayND {
                Oracle.batchNormalization(
                    x, weight: p["bn.weight"]!, bias: p["bn.bias"]!, epsilon: Double(layer.epsilon))
            }
            LaneChecks.check(
                "batch normalization of \(count), \(activation)",
                Self.awayFromZero(count, channels: 3, layer.parameters, plain), parameters: layer.parameters,
                tolerance: 5e-6, oracle: { plain($0, $1).map(Self.function(activation)) },
                engine: { layer($0, mode: .training(RandomStream(seed: 1))) })
        }
    }

    @Test(arguments: [2, 17])
    func batchNormalizationWithRunningStatistics(_ count: Int) {
        let layer = BatchNormalization2D("bn", channels: 3, activation: .leakyReLU(slope: 0.25), epsilon: 1e-3)
        Self.start(layer.parameters)
        #expect(layer.buffers.map(\.name) == ["bn.running_mean", "bn.running_var"])
        layer.runningMean.value = Tensor([0.5, 7, 17])
        layer.runningVariance.value = Tensor([0.25, 2, 7])
        let before = layer.weights
        LaneChecks.check(
            "with running statistics", Self.batch(count), parameters: layer.parameters, tolerance: 2e-6,
            oracle: { x, p in
                Oracle.batchNormalization(
                    x, weight: p["bn.weight"]!, bias: p["bn.bias"]!, epsilon: Double(layer.epsilon),
                    mean: [0.5, 7, 17], variance: [0.25, 2, 7]
                ).map(Self.function(layer.activation))
            },
            engine: { layer($0, mode: .inference) })
        layer.commitBuffers()
        #expect(layer.weights == before)
    }

    /// Images of more than one chunk of pixels: the chunks' statistics are merged.
    @Test func manyPixels() {
        let context = ComputeContext(threads: 2), size = 2 * 2 * 31 * 27
        let x = ArrayND(
            shape: [2, 2, 31, 27], floats: RandomStream(seed: 5).normal([size], mean: 9, in: context).values)
        let layer = BatchNormalization2D("bn", channels: 2), tape = Tape(in: context),
            input = tape.variable(LaneChecks.lanes(x))
        let y = layer(ImageBlocks(input, count: 2), mode: .training(RandomStream(seed: 1)))
        let one = ArrayND(repeating: 1, shape: [2]), zero = ArrayND(shape: [2])
        func oracle(_ x: ArrayND) -> ArrayND { Oracle.batchNormalization(x, weight: one, bias: zero, epsilon: 1e-5) }
        expectValuesMatch(engine: LaneChecks.images(y.variable.value, count: 2).inside, oracle: oracle(x).values, "y")
        let weights = LaneChecks.samples(x.shape, seed: 3), some = [0, 255 * 2, 31 * 27 - 1, 31 * 27 + 5, size - 1]
        let dx = tape.backward(from: [(y.variable, LaneChecks.lanes(weights, beyond: 0))])[input]!
        let found = LaneChecks.images(dx, count: 2).inside
        expectGradientsMatch(
            engine: some.map { found[$0] },
            oracle: centralDifferences(at: x.values, indices: some) {
                oracle(ArrayND(shape: x.shape, values: $0)).dot(weights)
            }, "x")
    }

    /// r + 0.1 (batch - r), the variance with n - 1; images beyond the count are not in it.
    @Test(arguments: [2, 16, 17])
    func runningStatistics(_ count: Int) {
        let layer = BatchNormalization2D("bn", channels: 3), x = Self.batch(count), n = Double(count * 6)
        #expect(layer.runningMean.value == Tensor(zeros: [3]))
        #expect(layer.runningVariance.value == Tensor([1, 1, 1]))
        var mean = [0.0, 0, 0], variance = [1.0, 1, 1]
        for _ in 0..<3 {
            let tape = Tape(in: ComputeContext(threads: 2))
            let batch = ImageBlocks(tape.constant(LaneChecks.lanes(x)), count: count)
            _ = layer(batch, mode: .training(RandomStream(seed: 1)))
            layer.commitBuffers()
            for c in 0..<3 {
                let own = Oracle.moments(x, images: 0..<count, channels: c..<c + 1)
                mean[c] += 0.1 * (own.mean - mean[c])
                variance[c] += 0.1 * (own.variance * n / (n - 1) - variance[c])
            }
        }
        expectValuesMatch(engine: layer.runningMean.value.values, oracle: mean, "running mean")
        expectValuesMatch(engine: layer.runningVariance.value.values, oracle: variance, "running variance")
    }

    /// One image of one pixel has no variance: the running statistics serve, and stay.
    @Test func aSingleValueForEachChannel() {
        let layer = BatchNormalization2D("bn", channels: 2), tape = Tape(in: ComputeContext(threads: 1))
        layer.runningMean.value = Tensor([1, 2])
        let before = layer.weights, x = tape.variable(LaneChecks.lanes(ArrayND(shape: [1, 2, 1, 1], values: [3, 5])))
        let y = layer(ImageBlocks(x, count: 1), mode: .training(RandomStream(seed: 1)))
        expectValuesMatch(
            engine: LaneChecks.images(y.variable.value, count: 1).inside,
            oracle: [2 / 1.00001.squareRoot(), 3 / 1.00001.squareRoot()],
            "y")
        layer.commitBuffers()
        #expect(layer.weights == before)
        let dx = LaneChecks.images(tape.backward(from: y.variable.sum())[x]!, count: 1)
        #expect(dx.inside.allSatisfy { abs($0 - 1) < 1e-5 } && dx.beyond.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [(2, 1), (2, 2), (16, 4), (17, 2)])
    func groupNormalization(_ count: Int, _ groups: Int) {
        for activation in Self.activations {
            let layer = GroupNormalization("gn", groups: groups, channels: 4, activation: activation)
            Self.start(layer.parameters)
            func plain(_ x: ArrayND, _ p: [String: ArrayND]) -> ArrayND {
                Oracle.groupNormalization(
                    x, groups: groups, weight: p["gn.weight"]!, bias: p["gn.bias"]!, epsilon: Double(layer.epsilon))
            }
            LaneChecks.check(
                "group normalization of \(count), \(activation)",
                Self.awayFromZero(count, channels: 4, layer.parameters, plain), parameters: layer.parameters,
                tolerance: 5e-6, oracle: { plain($0, $1).map(Self.function(activation)) }, engine: { layer($0) })
        }
    }

    /// The fused activation is the plain one, bit for bit.
    @Test func fusedActivationsAreTheSame() {
        let context = ComputeContext(threads: 2), stream = RandomStream(seed: 3)
        let x = stream.normal([2, 3, 5, 4, 16], in: context)
        func run(_ fused: Activation, _ after: (Variable) -> Variable) -> [Tensor] {
            let layer = BatchNormalization2D("bn", channels: 3, activation: fused), tape = Tape(in: context)
            Self.start(layer.parameters)
            let v = tape.variable(x), y = layer(ImageBlocks(v, count: 20), mode: .training(stream))
            let z = y.map(after).variable, gradients = tape.backward(from: (z * z).sum())
            return [z.value, gradients[v]!, gradients[layer.weight]!, gradients[layer.bias]!]
        }
        #expect(run(.relu) { $0 } == run(.linear) { $0.relu() })
        #expect(run(.leakyReLU(slope: 0.1)) { $0 } == run(.linear) { $0.leakyReLU(slope: 0.1) })
    }

    @Test(arguments: InstructionSet.available)
    func sameBits(_ set: InstructionSet) {
        func run(_ context: ComputeContext) -> [Tensor] {
            let stream = RandomStream(seed: 3),
                network = Sequential(
                    BatchNormalization2D("a", channels: 6, activation: .relu),
                    GroupNormalization("b", groups: 3, channels: 6, activation: .leakyReLU(slope: 0.1)))
            Self.start(network.parameters)
            let tape = Tape(in: context), x = tape.variable(stream.normal([3, 6, 17, 5, 16], in: context))
            let y = network(ImageBlocks(x, count: 35), mode: .training(stream)).variable
            let weights = RandomStream(seed: 9).normal(y.shape, in: context)
            let gradients = tape.backward(from: [(y, weights)])
            network.commitBuffers()
            return [y.value, gradients[x]!] + network.parameters.map { gradients[$0]! }
                + network.buffers.map(\.value)
        }
        let expected = run(ComputeContext(threads: 1, instructionSet: InstructionSet.available[0]))
        for threads in 1...3 { #expect(run(ComputeContext(threads: threads, instructionSet: set)) == expected) }
    }

    /// Layers in a row: parameters and buffers of all under their names, modes and buffers passed on.
    @Test func sequence() {
        let context = ComputeContext(threads: 1),
            network = Sequential(
                BatchNormalization2D("1", channels: 2), Activation.tanh, Dropout(rate: 0.5, stream: 4),
                BatchNormalization2D("2", channels: 2))
        #expect(network.parameters.map(\.name) == ["1.weight", "1.bias", "2.weight", "2.bias"])
        #expect(network.buffers.map(\.name) == ["1.running_mean", "1.running_var", "2.running_mean", "2.running_var"])
        let tape = Tape(in: context),
            x = ImageBlocks(tape.constant(LaneChecks.lanes(Self.batch(17, channels: 2))), count: 17)
        let before = network.weights, stream = RandomStream(seed: 1)
        let still = network(x, mode: .inference)
        network.commitBuffers()
        #expect(network.weights == before)
        let dropped = Sequential(network.layers[2])(x, mode: .training(stream)).variable.value.values
        #expect(dropped.contains(0) && !still.variable.value.values.contains(0))
        _ = network(x, mode: .training(stream))
        network.commitBuffers()
        for buffer in network.buffers { #expect(before[buffer.name] != buffer.value, "\(buffer.name)") }
    }

    @Test func buffersOfAnotherShapeAndSharedNamesStopTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            BatchNormalization2D("bn", channels: 2).runningMean.value = Tensor(zeros: [3])
        }
        expectMessage("buffer bn.running_mean has shape [2], not [3]", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let layer = BatchNormalization2D("bn", channels: 2)
            _ = Sequential(layer, BatchNormalization2D("bn", channels: 2))
        }
        expectMessage("share a name", from: result2)
        let result3 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let tape = Tape(in: ComputeContext(threads: 1)), x = tape.constant(Tensor(zeros: [1, 2, 1, 2, 16]))
            _ = GroupNormalization("gn", groups: 1, channels: 3)(ImageBlocks(x, count: 3))
        }
        expectMessage("gn", from: result3)
    }
}

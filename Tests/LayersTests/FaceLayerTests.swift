import Autodiff
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// Layers as a user writes them, in a model, against naive arithmetic in Double.
@Suite struct FaceLayerTests {
    let context = ComputeContext(threads: 2)

    static func array(_ x: Tensor) -> ArrayND { ArrayND(shape: x.shape.dimensions, floats: x.values) }

    /// The value and, by input and parameters, the gradients of a weighted sum of a model's results.
    func check(
        _ name: String, _ model: Sequential, _ input: Tensor, mode: Mode = .inference, tolerance: Double = 3e-6,
        inputHasGradient: Bool = true, oracle: ([String: ArrayND]) -> ArrayND,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for (index, p) in model.parameters.enumerated() where p.shape.rank == 1 {
            p.value = RandomStream(seed: 70 + UInt64(index)).uniform(p.shape, low: 0.5, high: 1.5, in: context)
        }
        var arrays = ["x": Self.array(input)]
        for p in model.parameters { arrays[p.name] = Self.array(p.value) }
        let tape = Tape(in: context), x = tape.variable(input), y = model(x, mode: mode), expected = oracle(arrays)
        #expect(y.shape.dimensions == expected.shape, "\(name)", sourceLocation: sourceLocation)
        expectValuesMatch(
            engine: y.value.values, oracle: expected.values, name, tolerance: tolerance,
            sourceLocation: sourceLocation)
        let weights = RandomStream(seed: 99).normal(y.shape, in: context)
        let gradients = tape.backward(from: [(y, weights)])
        if !inputHasGradient { arrays["x"] = nil }
        let constant = Self.array(input)
        let differences = centralDifferences(at: arrays) { moved in
            oracle(moved.merging(["x": constant]) { own, _ in own }).dot(Self.array(weights))
        }
        if inputHasGradient {
            expectGradientsMatch(
                engine: try #require(gradients[x]).values, oracle: differences["x"]!.values, "\(name), x",
                sourceLocation: sourceLocation)
        }
        for p in model.parameters {
            expectGradientsMatch(
                engine: try #require(gradients[p]).values, oracle: differences[p.name]!.values, "\(name), \(p.name)",
                sourceLocation: sourceLocation)
        }
    }

    func normal(_ shape: Shape, seed: UInt64 = 5) -> Tensor {
        RandomStream(seed: seed).normal(shape, in: context)
    }

    /// [N, T, D] as the oracles take it, [T, N, D], and back.
    static func exchanged(_ x: ArrayND) -> ArrayND {
        let (a, b, c) = (x.shape[0], x.shape[1], x.shape[2])
        var y = ArrayND(shape: [b, a, c])
        for i in 0..<a { for j in 0..<b { for k in 0..<c { y[j, i, k] = x[i, j, k] } } }
        return y
    }

    @Test func recurrentLayersTakeTheBatchFirst() throws {
        func window(_ a: [String: ArrayND], _ prefix: String, _ x: ArrayND, hidden: Int) -> (
            ArrayND, Oracle.RecurrentState
        ) {
            let weights = Oracle.RecurrentWeights(
                weightIH: a["\(prefix).weight_ih_l0"]!, weightHH: a["\(prefix).weight_hh_l0"]!,
                biasIH: a["\(prefix).bias_ih_l0"]!, biasHH: a["\(prefix).bias_hh_l0"])
            let zero = ArrayND(shape: [x.shape[1], hidden])
            let found =
                switch weights.weightIH.shape[0] / hidden {
                case 4: Oracle.lstm(x, Oracle.RecurrentState(h: zero, c: zero), weights)
                case 3: Oracle.gru(x, Oracle.RecurrentState(h: zero), weights)
                default: Oracle.rnn(x, Oracle.RecurrentState(h: zero), weights)
                }
            return (found.output, found.final)
        }
        let layers: [(String, (RecurrentResult) -> any Layer)] = [
            ("LSTM", { LSTM(3, 5, returns: $0) }), ("GRU", { GRU(3, 5, returns: $0) }),
            ("RNN", { RNN(3, 5, returns: $0) }),
        ]
        for (name, layer) in layers {
            for result in [RecurrentResult.allSteps, .lastStep] {
                let model = Sequential(seed: 1, in: context) { layer(result) }
                try check("\(name), \(result)", model, normal([2, 4, 3])) { a in
                    let (output, state) = window(a, "0", Self.exchanged(a["x"]!), hidden: 5)
                    return result == .lastStep ? state.h : Self.exchanged(output)
                }
            }
        }
        // Embedding, two recurrent layers, a dense one: a classifier of texts.
        let model = Sequential(seed: 2, in: context) {
            Embedding(count: 6, size: 3)
            LSTM(3, 4)
            GRU(4, 5, returns: .lastStep)
            Dense(5, 2)
        }
        #expect(
            model.parameters.map(\.name) == [
                "0.weight", "1.weight_ih_l0", "1.weight_hh_l0", "1.bias_ih_l0", "2.weight_ih_l0", "2.weight_hh_l0",
                "2.bias_ih_l0", "2.bias_hh_l0", "3.weight", "3.bias",
            ])
        #expect(model.parameters[3].value == Tensor([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]))
        let ids: [Float] = [0, 5, 2, 3, 3, 1]
        try check("a classifier of texts", model, Tensor(ids, shape: [2, 3]), inputHasGradient: false) { a in
            let rows = Oracle.embedding(ids.map { Int($0) }, shape: [2, 3], weight: a["0.weight"]!)
            let (first, _) = window(a, "1", Self.exchanged(rows), hidden: 4)
            let (_, state) = window(a, "2", first, hidden: 5)
            return Oracle.dense(state.h, weight: a["3.weight"]!, bias: a["3.bias"]!)
        }
    }

    @Test func aRunOfImageLayers() throws {
        let images = 2
        let model = Sequential(seed: 3, in: context) {
            Convolution2D(2, 3, kernel: 3, stride: 2, padding: 1, activation: .tanh)
            Sequential {
                GroupNormalization(groups: 1, channels: 3)
                Activation.sigmoid
            }
            MaxPool2D(2, stride: 1)
            Flatten()
            Dense(3 * 2 * 3, 8)
            Reshape([4, 2, 1])
            TransposedConvolution2D(4, 2, kernel: 3, stride: 2, padding: 1, outputPadding: 1, bias: false)
            BatchNormalization2D(2)
            NearestUpsample2D(factor: 2)
            AveragePool2D(Size2D(height: 2, width: 1))
            BilinearUpsample2D(height: 3, width: 5)
        }
        #expect(
            model.weights.names == [
                "0.weight", "0.bias", "1.0.weight", "1.0.bias", "4.weight", "4.bias", "6.weight", "7.weight", "7.bias",
                "7.running_mean", "7.running_var",
            ])
        try check(
            "\(images) images", model, normal([images, 2, 5, 7]), mode: .training(RandomStream(seed: 1)),
            tolerance: 1e-5
        ) { a in
            var settings = ConvolutionSettings(stride: (2, 2), padding: (1, 1))
            var y = Oracle.convolution(a["x"]!, weight: a["0.weight"]!, bias: a["0.bias"]!, settings).map(Oracle.tanh)
            y = Oracle.groupNormalization(
                y, groups: 1, weight: a["1.0.weight"]!, bias: a["1.0.bias"]!, epsilon: Double(Float(1e-5))
            ).map(Oracle.sigmoid)
            y = Oracle.maxPool(y, kernel: (2, 2), stride: (1, 1), padding: (0, 0))
            y = Oracle.dense(y.reshaped([images, 18]), weight: a["4.weight"]!, bias: a["4.bias"]!)
            settings = ConvolutionSettings(stride: (2, 2), padding: (1, 1), outputPadding: (1, 1))
            y = Oracle.transposedConvolution(y.reshaped([images, 4, 2, 1]), weight: a["6.weight"]!, settings)
            y = Oracle.batchNormalization(
                y, weight: a["7.weight"]!, bias: a["7.bias"]!, epsilon: Double(Float(1e-5)))
            y = Oracle.nearest(y, height: 8, width: 4)
            y = Oracle.averagePool(y, kernel: (2, 1), stride: (2, 1), padding: (0, 0))
            return Oracle.bilinear(y, height: 3, width: 5)
        }
        #expect(model.buffers[0].value == Tensor(zeros: [2]))
        model.commitBuffers()
        #expect(model.buffers[0].value != Tensor(zeros: [2]))
    }

    /// A run in blocks is what its layers are one by one, to the bit.
    @Test func aRunInBlocksIsItsLayersOneByOne() {
        let model = Sequential(seed: 4, in: context) {
            Convolution2D(1, 3, kernel: 3)
            Activation.gelu
            BatchNormalization2D(3, activation: .relu)
            TransposedConvolution2D(3, 2, kernel: 2, stride: 2)
        }
        let x = normal([18, 1, 6, 5]), tape = Tape(in: context, recording: false)
        let single = model.layers.reduce(tape.constant(x)) { $1($0, mode: .inference) }
        #expect(model.predict(x) == single.value)
        #expect(model.predict(x, in: ComputeContext(threads: 1)) == single.value)
    }

    @Test func modelsPrintAsTables() {
        struct Own: Layer {
            let scale = Parameter(Tensor([1]))
            func callAsFunction(_ x: Variable, mode: Mode) -> Variable { x }
        }
        let dense = Sequential(seed: 1) {
            Dense(784, 89)
            Activation.tanh
            Dropout(0.2)
            Own()
            Dense(89, 10, bias: false)
        }
        #expect(
            "\(dense)" == """
                0  Dense(784, 89)              [N, 89]  69,865
                1  Activation.tanh             [N, 89]       0
                2  Dropout(0.2)                [N, 89]       0
                3  Own                         ?             1
                4  Dense(89, 10, bias: false)  [N, 10]     890
                   70,756 parameters
                """)
        let images = Sequential {
            Convolution2D(1, 16, kernel: 3, stride: 2, padding: 1, activation: .relu)
            Sequential {
                MaxPool2D(2)
                BatchNormalization2D(16)
            }
            Flatten()
            Dense(784, 10)
        }
        #expect(
            "\(images)" == """
                0    Convolution2D(1, 16, kernel: 3, stride: 2, padding: 1, relu)  [N, 16, ?, ?]    160
                1.0  MaxPool2D(2)                                                  [N, 16, ?, ?]      0
                1.1  BatchNormalization2D(16)                                      [N, 16, ?, ?]     32
                2    Flatten()                                                     [N, ?]             0
                3    Dense(784, 10)                                                [N, 10]        7,850
                     8,042 parameters
                """)
        #expect(images.summary(input: [1, 28, 28]).contains("MaxPool2D(2)  "))
        for part in ["[N, 16, 14, 14]    160", "[N, 16, 7, 7]        0", "[N, 784]             0"] {
            #expect(images.summary(input: [1, 28, 28]).contains(part))
        }
        let text = Sequential {
            Embedding(count: 65, size: 8)
            LSTM(8, 12)
            RNN(12, 3, returns: .lastStep)
        }
        for part in ["Embedding(count: 65, size: 8)   [N, 40, 8] ", "[N, 40, 12]", "lastStep)  [N, 3] "] {
            #expect(text.summary(input: [40]).contains(part), "\(text.summary(input: [40]))")
        }
    }

    /// The public checker of gradients finds what is right, and a derivative that is wrong by a hundredth.
    @Test func gradientsCanBeChecked() {
        struct Wrong: Operation {
            let factor: Float
            func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Tensor) {
                ([inputs[0] * inputs[0]], inputs[0])
            }
            func backward(
                _ gradients: [Tensor?], saved x: Tensor, wanted: [Bool], in context: ComputeContext
            ) -> [Tensor?] { [gradients[0].map { $0 * x * factor }] }
        }
        let x = normal([3, 4]), y = normal([4, 5])
        let right = checkGradients(at: [x, y], in: context) { $0[0].tanh().multiplied(by: $0[1]).softmax() }
        #expect(right.error < 1e-4, "\(right)")
        #expect(checkGradients(at: [x], in: context) { $0[0].tape(Wrong(factor: 2), $0[0]) }.error < 1e-4)
        let wrong = checkGradients(at: [x], in: context) { $0[0].tape(Wrong(factor: 2.02), $0[0]) }
        #expect(wrong.error > 0.005 && wrong.worst.input == "input 0", "\(wrong)")
        let forgotten = checkGradients(at: [x], in: context) { $0[0].detached + $0[0] }
        #expect(forgotten.error > 0.4)

        let model = Sequential(seed: 1, in: context) {
            Dense(4, 6); Activation.tanh; Dropout(0.3); GRUOverOne(6)
        }
        let before = model.weights
        let layer = checkGradients(of: model, at: x, mode: .training(RandomStream(seed: 2)), in: context)
        #expect(layer.error < 1e-4, "\(layer)")
        #expect(model.weights == before)
    }

    /// Each row as a sequence of one step.
    private struct GRUOverOne: Layer {
        let gru: GRU
        init(_ size: Int) { gru = GRU(size, 3, returns: .lastStep) }
        func callAsFunction(_ x: Variable, mode: Mode) -> Variable {
            gru(x.reshaped(to: [x.shape[0], 1, x.shape[1]]), mode: mode)
        }
    }

    /// A sequence in two pieces, with the state handed over, is the sequence in one.
    @Test func aSequenceMayComeInPieces() throws {
        let x = normal([2, 7, 3]), tape = Tape(in: context)
        let (first, second) = (Tensor.part(of: x, steps: 0..<3), Tensor.part(of: x, steps: 3..<7))
        func check<Layer: Layers.Layer>(
            _ layer: Layer, _ run: (Layer, Variable, RecurrentState?) -> (output: Variable, state: RecurrentState)
        ) {
            layer.initialize(seed: 4, in: context)
            let whole = run(layer, tape.constant(x), nil), one = run(layer, tape.constant(first), nil)
            let two = run(layer, tape.constant(second), one.state)
            #expect(two.state.hidden == whole.state.hidden && two.state.cell == whole.state.cell)
            #expect(Tensor.part(of: whole.output.value, steps: 3..<7) == two.output.value)
            #expect(Tensor.part(of: whole.output.value, steps: 6..<7).values == whole.state.hidden.values)
            #expect(run(layer, tape.constant(second), nil).output.value != two.output.value)
        }
        check(LSTM(3, 5)) { $0($1, from: $2) }
        check(GRU(3, 5)) { $0($1, from: $2) }
        check(RNN(3, 5)) { $0($1, from: $2) }
        let lstm = LSTM(3, 5), gru = GRU(3, 5)
        lstm.initialize(seed: 1, in: context)
        gru.initialize(seed: 1, in: context)
        #expect(lstm(tape.constant(x), from: nil).state.cell?.shape == [2, 5])
        #expect(gru(tape.constant(x), from: nil).state.cell == nil)
    }

    @Test func aStateOfAnotherLayerStopsTheProgram() async {
        let cell = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let lstm = LSTM(3, 5), tape = Tape(in: ComputeContext(threads: 1))
            lstm.initialize(seed: 1)
            _ = lstm(tape.constant(Tensor(zeros: [2, 4, 3])), from: RecurrentState(hidden: Tensor(zeros: [2, 5])))
        }
        expectMessage(
            "LSTM(3, 5) starts from a hidden state [2, 5] and a cell state alike, not from [2, 5]", from: cell)
        let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let gru = GRU(3, 5), tape = Tape(in: ComputeContext(threads: 1))
            gru.initialize(seed: 1)
            _ = gru(tape.constant(Tensor(zeros: [2, 4, 3])), from: RecurrentState(hidden: Tensor(zeros: [3, 5])))
        }
        expectMessage("GRU(3, 5) starts from a hidden state [2, 5], not from [3, 5]", from: rows)
    }

    @Test func theBiasOfADenseLayerStartsAsItIsTold() {
        let model = Sequential(seed: 3, in: context) {
            Dense(40, 50, weights: .constant(0), biases: .normal(deviation: 1))
        }
        let bias = model.parameters[1].value
        #expect(abs(bias.mean) < 0.5 && abs((bias * bias).mean - 1) < 0.6)
        #expect(Sequential(seed: 3, in: context) { Dense(4, 5) }.parameters[1].value == Tensor(zeros: [5]))
    }

    @Test func wrongInputsStopTheProgram() async {
        let id = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential(seed: 1) { Embedding(count: 6, size: 3) }.predict(Tensor([0, 2.5]))
        }
        expectMessage("2.5 is no id of an embedding of 6", from: id)
        let sequence = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential(seed: 1) { GRU(3, 4) }.predict(Tensor(zeros: [2, 5, 4]))
        }
        expectMessage(
            "GRU(3, 4) takes sequences [N, T, 3], at least one of at least one step, not [2, 5, 4]", from: sequence)
        let images = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential(seed: 1) { MaxPool2D(2) }.predict(Tensor(zeros: [2, 5]))
        }
        expectMessage("images are [N, C, H, W], one or more, not [2, 5]", from: images)
        let noImages = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential(seed: 1) { Convolution2D(1, 2, kernel: 3) }.predict(Tensor(zeros: [0, 1, 8, 8]))
        }
        expectMessage("images are [N, C, H, W], one or more, not [0, 1, 8, 8]", from: noImages)
        let channels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential(seed: 1) { BatchNormalization2D(3) }.predict(Tensor(zeros: [2, 4, 5, 5]))
        }
        expectMessage("0.weight has 3 channels, the images 4", from: channels)
        let examples = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Sequential(seed: 1) { Reshape([4, 2]) }.predict(Tensor(zeros: [2, 9]))
        }
        expectMessage("[2, 9] does not consist of examples of shape [4, 2]", from: examples)
    }
}

extension Tensor {
    /// Steps of a batch of sequences [N, T, D].
    fileprivate static func part(of x: Tensor, steps: Range<Int>) -> Tensor {
        let rows = (0..<x.shape[0]).flatMap { x.row($0).rows(steps).values }
        return Tensor(rows, shape: [x.shape[0], steps.count, x.shape[2]])
    }
}

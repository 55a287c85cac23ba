import Foundation
import Kernels
import LayerEngines
import TensorCore
import TestSupport
import Testing

/// Steps with weights of bytes against whole numbers one by one, and cells in double precision.
@Suite struct ByteStackTests {
    struct Sizes: CustomTestStringConvertible, Sendable {
        let kind: CellKind
        var resetsBefore = false
        let hidden: [Int]
        let classes, outputs, batch: Int
        var testDescription: String {
            "\(kind)\(resetsBefore ? ", reset before" : "") \(hidden), \(classes) classes, \(batch) rows"
        }
    }
    static let sizes: [Sizes] = [
        Sizes(kind: .lstm, hidden: [1], classes: 2, outputs: 1, batch: 1),
        Sizes(kind: .lstm, hidden: [38, 70], classes: 11, outputs: 67, batch: 1),
        Sizes(kind: .lstm, hidden: [64, 16, 130], classes: 5, outputs: 64, batch: 7),
        Sizes(kind: .gru, hidden: [1, 2], classes: 3, outputs: 2, batch: 2),
        Sizes(kind: .gru, hidden: [33, 17], classes: 9, outputs: 130, batch: 5),
        Sizes(kind: .gru, resetsBefore: true, hidden: [19, 50], classes: 7, outputs: 5, batch: 3),
        Sizes(kind: .gru, resetsBefore: true, hidden: [1], classes: 2, outputs: 3, batch: 1),
        Sizes(kind: .rnn, hidden: [65, 20], classes: 4, outputs: 7, batch: 9),
        Sizes(kind: .rnn, hidden: [1, 1], classes: 2, outputs: 2, batch: 1),
    ]

    /// A layer's weights as rows of numbers.
    struct Layer {
        let sizes: Sizes
        let isFirst: Bool
        let input, recurrent: Tensor
        let biasIH: Tensor, biasHH: Tensor?

        var hidden: Int { recurrent.shape[1] }

        func made(in context: ComputeContext) -> ByteLayer {
            ByteLayer(
                kind: sizes.kind, resetsBefore: sizes.resetsBefore,
                input: isFirst ? .columns(of: input) : .states(input), weightHH: recurrent, biasIH: biasIH,
                biasHH: biasHH, in: context)
        }

        /// - Parameters:
        ///   - below: the states of the layer below after the step; of the first layer nothing.
        func step(id: Int32, below: [Float], h: [Float], c: [Float]) -> (h: [Double], c: [Double]) {
            let gates = sizes.kind.gates, size = hidden
            var fromInput = [Double](repeating: 0, count: gates * size), fromState = fromInput
            func largest(_ weight: Tensor, _ row: Int) -> Float {
                let columns = weight.shape[1]
                return weight.values[row * columns..<(row + 1) * columns].map(\.magnitude).max() ?? 0
            }
            for row in 0..<gates * size {
                // The parts of a GRU's n have scales of their own; all others share one.
                let isApart = sizes.kind == .gru && row >= 2 * size
                let ofState = largest(recurrent, row), ofInput = isFirst ? 0 : largest(input, row)
                let both = max(ofState, ofInput)
                fromInput[row] =
                    Double(biasIH.values[row])
                    + (isFirst
                        ? Double(input.values[row * input.shape[1] + Int(id)])
                        : ByteStackTests.product(input, row, below, largest: isApart ? ofInput : both))
                fromState[row] = Double(biasHH?.values[row] ?? 0)
                if !(sizes.resetsBefore && isApart) {
                    fromState[row] += ByteStackTests.product(recurrent, row, h, largest: isApart ? ofState : both)
                }
            }
            func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
            func gate(_ index: Int, _ unit: Int) -> Double {
                fromInput[index * size + unit] + fromState[index * size + unit]
            }
            switch sizes.kind {
            case .lstm:
                let next = (0..<size).map {
                    sigmoid(gate(1, $0)) * Double(c[$0]) + sigmoid(gate(0, $0)) * tanh(gate(2, $0))
                }
                return ((0..<size).map { sigmoid(gate(3, $0)) * tanh(next[$0]) }, next)
            case .gru:
                let r = (0..<size).map { sigmoid(gate(0, $0)) }
                let reset = (0..<size).map { Float(r[$0] * Double(h[$0])) }
                let next = (0..<size).map { unit in
                    let row = 2 * size + unit, z = sigmoid(gate(1, unit)), part: Double
                    if sizes.resetsBefore {
                        part =
                            fromState[row]
                            + ByteStackTests.product(recurrent, row, reset, largest: largest(recurrent, row))
                    } else {
                        part = r[unit] * fromState[row]
                    }
                    return (1 - z) * tanh(fromInput[row] + part) + z * Double(h[unit])
                }
                return (next, [])
            case .rnn: return ((0..<size).map { tanh(gate(0, $0)) }, [])
            }
        }
    }

    static func byte(_ state: Float) -> Int { Int(min(max((state * 127).rounded(.toNearestOrEven), -127), 127)) }

    /// A row times states, both rounded to bytes.
    static func product(_ weight: Tensor, _ row: Int, _ states: [Float], largest: Float) -> Double {
        // Smaller rows count as zeros.
        guard largest >= 1e-30 else { return 0 }
        let columns = weight.shape[1]
        var sum = 0
        for column in 0..<columns {
            let exact = weight.values[row * columns + column]
            let rounded = Int((exact * (127 / largest)).rounded(.toNearestOrEven))
            // A byte is within half a step of the number.
            precondition(abs(Double(rounded) * Double(largest) / 127 - Double(exact)) <= Double(largest) / 253.9)
            sum += rounded * byte(states[column])
        }
        return Double(sum) * Double(largest) / (127 * 127)
    }

    static func made(_ sizes: Sizes, in context: ComputeContext) -> (layers: [Layer], head: Tensor, bias: Tensor) {
        var inputs = sizes.classes, seed: UInt64 = 0
        func numbers(_ shape: Shape, _ deviation: Float) -> Tensor {
            seed += 1
            return RandomStream(seed: seed).normal(shape, deviation: deviation, in: context)
        }
        let layers = sizes.hidden.enumerated().map { index, hidden in
            defer { inputs = hidden }
            let rows = sizes.kind.gates * hidden
            return Layer(
                sizes: sizes, isFirst: index == 0, input: numbers([rows, inputs], 0.5),
                recurrent: numbers([rows, hidden], 0.3), biasIH: numbers([rows], 0.2),
                biasHH: sizes.kind.hasHiddenBias ? numbers([rows], 0.2) : nil)
        }
        return (layers, numbers([sizes.outputs, inputs], 1), numbers([sizes.outputs], 1))
    }

    static func stack(_ sizes: Sizes, batch: Int? = nil, in context: ComputeContext) -> ByteStack {
        let (layers, head, bias) = made(sizes, in: context)
        let weights = ByteWeights(
            layers.map { $0.made(in: context) }, head: ByteHead(weight: head, bias: bias, in: context))
        return ByteStack(weights, batch: batch ?? sizes.batch, in: context)
    }

    static func ids(_ sizes: Sizes, _ step: Int) -> [Int32] {
        (0..<sizes.batch).map { Int32(($0 * 5 + step * 3 + $0 * step) % sizes.classes) }
    }

    @Test(arguments: sizes) func aStepIsWhatItIsMadeOf(_ sizes: Sizes) {
        let context = ComputeContext(threads: 1), (layers, head, bias) = Self.made(sizes, in: context)
        let stack = Self.stack(sizes, in: context), batch = sizes.batch
        func row(_ tensor: Tensor?, _ n: Int) -> [Float] {
            guard let tensor else { return [] }
            return Array(tensor.values[n * tensor.shape[1]..<(n + 1) * tensor.shape[1]])
        }
        for step in 0..<6 {
            let ids = Self.ids(sizes, step), before = layers.indices.map { stack.state(ofLayer: $0) }
            let logits = stack.advance(ids), after = layers.indices.map { stack.state(ofLayer: $0) }
            for n in 0..<batch {
                for (index, layer) in layers.enumerated() {
                    let below = index == 0 ? [] : row(after[index - 1].h, n)
                    let (h, c) = layer.step(
                        id: ids[n], below: below, h: row(before[index].h, n), c: row(before[index].c, n))
                    for (found, wanted) in zip(row(after[index].h, n) + row(after[index].c, n), h + c) {
                        #expect(abs(Double(found) - wanted) < 4e-6, "step \(step), row \(n), layer \(index)")
                    }
                }
                let top = row(after[layers.count - 1].h, n)
                for output in 0..<sizes.outputs {
                    let largest = row(head, output).map(\.magnitude).max() ?? 0
                    let wanted = Double(bias.values[output]) + Self.product(head, output, top, largest: largest)
                    #expect(abs(Double(row(logits, n)[output]) - wanted) < 1e-5, "step \(step), row \(n)")
                }
            }
        }
    }

    /// On any number of threads, with every instruction set, together or alone.
    @Test(
        arguments: sizes + [
            Sizes(kind: .lstm, hidden: [256, 160], classes: 3, outputs: 300, batch: 13),
            Sizes(kind: .gru, resetsBefore: true, hidden: [300], classes: 3, outputs: 70, batch: 11),
            Sizes(kind: .gru, hidden: [250, 130], classes: 3, outputs: 70, batch: 6),
            Sizes(kind: .rnn, hidden: [520, 310], classes: 3, outputs: 70, batch: 7),
        ])
    func theBitsAreTheSameEverywhere(_ sizes: Sizes) {
        func logits(_ stack: ByteStack) -> [[Float]] { (0..<5).map { stack.advance(Self.ids(sizes, $0)).values } }
        let expected = logits(Self.stack(sizes, in: ComputeContext(threads: 1)))
        #expect(Set(expected.joined()).count > 1)
        for set in InstructionSet.available {
            for threads in 1...3 {
                let context = ComputeContext(threads: threads, instructionSet: set)
                #expect(logits(Self.stack(sizes, in: context)) == expected, "\(set), \(threads) threads")
            }
        }
        let context = ComputeContext(threads: 2)
        for n in [0, sizes.batch - 1] {
            let alone = Self.stack(sizes, batch: 1, in: context)
            for step in 0..<5 {
                let found = alone.advance([Self.ids(sizes, step)[n]]).values
                #expect(found == Array(expected[step][n * sizes.outputs..<(n + 1) * sizes.outputs]), "row \(n)")
            }
        }
    }

    @Test(arguments: [sizes[1], sizes[4], sizes[5], sizes[7]]) func aStateCanBeTakenUpAnywhere(_ sizes: Sizes) {
        let context = ComputeContext(threads: 1)
        let whole = Self.stack(sizes, in: context), other = Self.stack(sizes, in: context)
        for step in 0..<3 { _ = whole.advance(Self.ids(sizes, step)) }
        // In the middle of steps of its own, with the other buffer in turn.
        _ = other.advance(Self.ids(sizes, 9))
        for index in sizes.hidden.indices {
            let (h, c) = whole.state(ofLayer: index)
            other.setState(ofLayer: index, h: h, c: c)
        }
        #expect(other.advance(Self.ids(sizes, 3)) == whole.advance(Self.ids(sizes, 3)))
    }

    /// Rows of zeros, of numbers that are as good as zeros, and of very large ones among others.
    @Test func everySizeOfNumbersIsRoundedToItsOwnScale() {
        let context = ComputeContext(threads: 1),
            sizes = Sizes(kind: .rnn, hidden: [4], classes: 2, outputs: 4, batch: 1)
        let scales: [Float] = [0, 1e-38, 1e-20, 1e30]
        let recurrent = Tensor(scales.flatMap { scale in [1, -0.5, 0.25, 1].map { $0 * scale } }, shape: [4, 4])
        let layer = Layer(
            sizes: sizes, isFirst: true, input: Tensor([Float](repeating: 1, count: 8), shape: [4, 2]),
            recurrent: recurrent, biasIH: Tensor(zeros: [4]), biasHH: nil)
        let head = Tensor(recurrent.values, shape: [4, 4])
        let stack = ByteStack(
            ByteWeights([layer.made(in: context)], head: ByteHead(weight: head, bias: nil, in: context)), batch: 1,
            in: context)
        _ = stack.advance([0])
        let before = stack.state(ofLayer: 0).h.values, logits = stack.advance([1]).values
        let after = stack.state(ofLayer: 0).h.values, wanted = layer.step(id: 1, below: [], h: before, c: []).h
        #expect(zip(after, wanted).allSatisfy { abs(Double($0) - $1) < 1e-6 }, "\(after), not \(wanted)")
        #expect(logits[0] == 0 && logits[1] == 0)
        for output in 2..<4 {
            let exact = Self.product(head, output, after, largest: scales[output])
            #expect(abs(Double(logits[output]) / exact - 1) < 1e-6)
        }
    }

    /// As in single precision nothing is said of what comes after what is no number.
    @Test(arguments: [Float.nan, .infinity, -.infinity]) func whatIsNoNumberIsNotHidden(_ value: Float) {
        let context = ComputeContext(threads: 1), sizes = Self.sizes[4]
        for place in 0..<6 {
            var (layers, head, bias) = Self.made(sizes, in: context)
            func spoiled(_ tensor: Tensor) -> Tensor {
                var values = tensor.values
                values[values.count / 2] = value
                return Tensor(values, shape: tensor.shape)
            }
            func replaced(_ index: Int, input: Bool = false, recurrent: Bool = false, bias: Bool = false) -> Layer {
                let layer = layers[index]
                return Layer(
                    sizes: sizes, isFirst: layer.isFirst, input: input ? spoiled(layer.input) : layer.input,
                    recurrent: recurrent ? spoiled(layer.recurrent) : layer.recurrent,
                    biasIH: bias ? spoiled(layer.biasIH) : layer.biasIH, biasHH: layer.biasHH)
            }
            switch place {
            case 0: layers[0] = replaced(0, input: true)
            case 1: layers[1] = replaced(1, input: true)
            case 2: layers[1] = replaced(1, recurrent: true)
            case 3: layers[0] = replaced(0, bias: true)
            case 4: head = spoiled(head)
            default: bias = spoiled(bias)
            }
            let stack = ByteStack(
                ByteWeights(layers.map { $0.made(in: context) }, head: ByteHead(weight: head, bias: bias, in: context)),
                batch: 5, in: context)
            #expect(stack.advance([1, 0, 1, 0, 2]).values.allSatisfy { $0.isNaN }, "place \(place)")
        }
    }

    @Test func layersThatDoNotFitStopTheProgram() async {
        let layers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Self.misfit(secondInputs: 40, headInputs: 8)
        }
        expectMessage("a layer of 40 inputs on one of 8 units", from: layers)
        let head = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Self.misfit(secondInputs: 8, headInputs: 64)
        }
        expectMessage("a dense layer of 64 inputs on a layer of 8 units", from: head)
    }

    private static func misfit(secondInputs: Int, headInputs: Int) {
        let context = ComputeContext(threads: 1)
        func layer(_ input: ByteLayer.Input) -> ByteLayer {
            ByteLayer(
                kind: .rnn, input: input, weightHH: Tensor(zeros: [8, 8]), biasIH: Tensor(zeros: [8]), biasHH: nil,
                in: context)
        }
        _ = ByteWeights(
            [layer(.columns(of: Tensor(zeros: [8, 3]))), layer(.states(Tensor(zeros: [8, secondInputs])))],
            head: ByteHead(weight: Tensor(zeros: [5, headInputs]), bias: nil, in: context))
    }
}

import Autodiff
import Kernels
import LayerEngines
import Layers
import TensorCore
import TestSupport
import Testing

/// Recurrent windows with products of half precision: the gradients of a naive network in Double whose products round
/// their operands, and the same bits however they are computed.
@Suite struct HalfPrecisionWindowTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let kind: CellKind
        let hidden, inputs, batch, steps: Int
        var oneHot = false
        var testDescription: String {
            "\(kind) of \(hidden) on \(inputs)\(oneHot ? " one-hot" : ""), \(batch) lanes of \(steps)"
        }
    }
    /// Six steps of 51 lanes are more than the weight gradients take at once.
    static let cases = CellKind.allCases.flatMap { kind in
        [
            Case(kind: kind, hidden: 37, inputs: 19, batch: 5, steps: 4),
            Case(kind: kind, hidden: 70, inputs: 130, batch: 51, steps: 6),
            Case(kind: kind, hidden: 130, inputs: 11, batch: 8, steps: 5, oneHot: true),
        ]
    }

    struct Run {
        var names: [String] = []
        var tensors: [Tensor] = []
    }

    /// y, h and all gradients of two weighted sums of them.
    static func run(_ test: Case, _ precision: ProductPrecision, in context: ComputeContext) -> Run {
        let layer = layer(test, in: context), tape = Tape(in: context)
        let start = RecurrentLayer.State(
            h: tape.variable(random([test.batch, test.hidden], 1)),
            c: test.kind.hasCellState ? tape.variable(random([test.batch, test.hidden], 2)) : nil)
        let x = tape.variable(random([test.steps, test.batch, test.inputs], 3))
        let (y, end) = layer(
            test.oneHot ? .oneHot(ids(test), batch: test.batch) : .sequence(x), state: start, precision: precision)
        let gradients = tape.backward(from: [(y, random(y.shape, 5)), (end.h, random(end.h.shape, 6))])
        var run = Run(names: ["y", "h"], tensors: [y.value, end.h.value])
        for parameter in layer.parameters {
            guard let gradient = gradients[parameter] else { continue }
            run.names.append(parameter.name)
            run.tensors.append(gradient)
        }
        for (name, variable) in [("h0", start.h), ("x", x)] {
            guard let gradient = gradients[variable] else { continue }
            run.names.append(name)
            run.tensors.append(gradient)
        }
        return run
    }

    static func layer(_ test: Case, in context: ComputeContext) -> RecurrentLayer {
        RecurrentLayer(
            "r", kind: test.kind, inputs: test.inputs, hidden: test.hidden, stream: RandomStream(seed: 3), in: context)
    }
    static func random(_ shape: Shape, _ step: UInt64) -> Tensor {
        RandomStream(seed: 4, step: step).normal(shape, deviation: 0.5, in: ComputeContext(threads: 1))
    }
    static func ids(_ test: Case) -> [Int32] {
        RandomStream(seed: 4).uniform(count: test.steps * test.batch, in: ComputeContext(threads: 1))
            .map { Int32($0 * Float(test.inputs)) }
    }

    /// A number of the engine and one of the network in Double may lie on both sides of a middle, and are rounded to
    /// neighbors then: a two-hundredth of one number, and of a whole tensor far less.
    @Test(arguments: cases) func gradientsAreThoseOfRoundedProducts(_ test: Case) {
        let context = ComputeContext(threads: 2)
        let found = Self.run(test, .bfloat16, in: context)
        let rounded = NaiveWindow(test, rounding: true).run(), exact = NaiveWindow(test, rounding: false).run()
        #expect(found.names.count == (test.oneHot ? 1 : 2) + 2 + Self.layer(test, in: context).parameters.count)
        for (name, tensor) in zip(found.names, found.tensors) {
            let values = tensor.values.map(Double.init)
            let near = Self.distance(values, rounded[name] ?? []), far = Self.distance(values, exact[name] ?? [])
            #expect(near < 1e-3, "\(name): \(near)")
            #expect(far < 1e-2, "\(name): \(far) from exact products")
            #expect(far > 1e-4, "\(name): \(far) from exact products: is anything rounded?")
        }
    }

    /// ‖a − b‖ / ‖b‖
    static func distance(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count == b.count else { return .infinity }
        let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// The network in Double against the engine in single precision: it is right, too.
    @Test(arguments: cases) func theNaiveNetworkIsRight(_ test: Case) {
        let found = Self.run(test, .single, in: ComputeContext(threads: 1)),
            exact = NaiveWindow(test, rounding: false).run()
        for (name, tensor) in zip(found.names, found.tensors) {
            let distance = Self.distance(tensor.values.map(Double.init), exact[name] ?? [])
            #expect(distance < 2e-6, "\(name): \(distance)")
        }
    }

    @Test(arguments: cases) func sameBitsOnAnyThreadsAndInstructionSet(_ test: Case) {
        let expected = Self.run(test, .bfloat16, in: ComputeContext(threads: 1))
        for set in InstructionSet.available where set != .portable || test.hidden == 37 {
            for threads in 1...3 {
                let found = Self.run(test, .bfloat16, in: ComputeContext(threads: threads, instructionSet: set))
                #expect(found.tensors == expected.tensors, "\(set), \(threads) threads")
            }
        }
    }

    /// Wide enough for Strassen's algorithm in single precision, and for barriers between the steps.
    @Test(arguments: CellKind.allCases) func wideWindowsGiveTheSameBits(_ kind: CellKind) {
        let test = Case(kind: kind, hidden: kind == .rnn ? 1100 : 340, inputs: 48, batch: 34, steps: 3)
        let expected = Self.run(test, .bfloat16, in: ComputeContext(threads: 1))
        for set in InstructionSet.available where set != .portable {
            for threads in 2...3 {
                let found = Self.run(test, .bfloat16, in: ComputeContext(threads: threads, instructionSet: set))
                #expect(found.tensors == expected.tensors, "\(set), \(threads) threads")
            }
        }
    }

    /// Packs of one precision do not serve the other.
    @Test func precisionsTakeTurns() {
        let test = Self.cases[1], context = ComputeContext(threads: 1), layer = Self.layer(test, in: context)
        let x = Self.random([test.steps, test.batch, test.inputs], 3)
        func output(_ layer: RecurrentLayer, _ precision: ProductPrecision) -> Tensor {
            let tape = Tape(in: context, recording: false)
            return layer(
                .sequence(tape.constant(x)), state: layer.zeroState(batch: test.batch, on: tape), precision: precision
            ).output.value
        }
        let single = output(layer, .single), half = output(layer, .bfloat16)
        #expect(single != half)
        #expect(output(layer, .single) == single && output(layer, .bfloat16) == half)
        #expect(output(Self.layer(test, in: context), .bfloat16) == half)
    }
}

/// A recurrent layer over a window in Double, forward and backward, one number after the other.
struct NaiveWindow {
    let test: HalfPrecisionWindowTests.Case
    /// Whether the operands of products are rounded to half precision.
    let rounding: Bool

    init(_ test: HalfPrecisionWindowTests.Case, rounding: Bool) { (self.test, self.rounding) = (test, rounding) }

    typealias Matrix = [[Double]]

    private func rounded(_ x: Double) -> Double {
        guard rounding, x != 0 else { return x }
        let step = Double(sign: .plus, exponent: Float(x).exponent.advanced(by: -7), significand: 1)
        return (Double(Float(x)) / step).rounded(.toNearestOrEven) * step
    }

    /// a b^T
    private func product(_ a: Matrix, transposed b: Matrix) -> Matrix {
        let a = a.map { $0.map(rounded) }, b = b.map { $0.map(rounded) }
        return a.map { row in b.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
    }
    private func transposed(_ a: Matrix) -> Matrix { a[0].indices.map { column in a.map { $0[column] } } }
    private func sum(_ a: Matrix, _ b: Matrix) -> Matrix { zip(a, b).map { zip($0, $1).map(+) } }
    private func matrix(_ tensor: Tensor, _ step: Int? = nil) -> Matrix {
        let rows = tensor.shape[tensor.shape.rank - 2], columns = tensor.shape.columns, values = tensor.values
        return (0..<rows).map { row in
            (0..<columns).map { Double(values[((step ?? 0) * rows + row) * columns + $0]) }
        }
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + DeterministicMath.exp(-x)) }
    private func tanh(_ x: Double) -> Double { DeterministicMath.tanh(x) }

    /// What a step leaves for the way back: the gates, for GRU with W_n h + b, and both states before.
    private struct Step {
        var gates: [Matrix]
        var inner: Matrix
        var h, c, cAfter: Matrix
    }

    func run() -> [String: [Double]] {
        let layer = HalfPrecisionWindowTests.layer(test, in: ComputeContext(threads: 1)), H = test.hidden
        let weightIH = matrix(layer.weightIH.value), weightHH = matrix(layer.weightHH.value)
        let biasIH = layer.biasIH.value.values.map(Double.init)
        let biasHH = layer.biasHH?.value.values.map(Double.init) ?? biasIH.map { _ in 0 }
        let x = HalfPrecisionWindowTests.random([test.steps, test.batch, test.inputs], 3)
        let ids = HalfPrecisionWindowTests.ids(test)
        var h = matrix(HalfPrecisionWindowTests.random([test.batch, H], 1))
        var c = test.kind.hasCellState ? matrix(HalfPrecisionWindowTests.random([test.batch, H], 2)) : h
        var steps: [Step] = [], y: [Double] = []
        for step in 0..<test.steps {
            let fromInput =
                test.oneHot
                ? (0..<test.batch).map { row in weightIH.map { $0[Int(ids[step * test.batch + row])] } }
                : product(matrix(x, step), transposed: weightIH)
            let input = fromInput.map { zip($0, biasIH).map(+) }
            let recurrent = product(h, transposed: weightHH).map { zip($0, biasHH).map(+) }
            let (saved, after) = cell(input, recurrent, h: h, c: c)
            steps.append(saved)
            (h, c) = (after.h, after.c)
            y += h.flatMap(\.self)
        }
        var result = ["y": y, "h": h.flatMap(\.self)]
        for (name, values) in backward(steps, x: x, ids: ids, weightIH, weightHH) { result[name] = values }
        return result
    }

    private func gate(_ rows: Matrix, _ number: Int) -> Matrix {
        rows.map { Array($0[number * test.hidden..<(number + 1) * test.hidden]) }
    }
    private func map(_ a: Matrix, _ b: Matrix, _ f: (Double, Double) -> Double) -> Matrix {
        zip(a, b).map { zip($0, $1).map { f($0, $1) } }
    }

    private func cell(_ input: Matrix, _ recurrent: Matrix, h: Matrix, c: Matrix) -> (Step, (h: Matrix, c: Matrix)) {
        func sums(_ number: Int) -> Matrix { sum(gate(input, number), gate(recurrent, number)) }
        func each(_ a: Matrix, _ f: (Double) -> Double) -> Matrix { a.map { $0.map(f) } }
        switch test.kind {
        case .lstm:
            let (i, f, o) = (each(sums(0), sigmoid), each(sums(1), sigmoid), each(sums(3), sigmoid))
            let g = each(sums(2), tanh)
            let after = sum(map(f, c, *), map(i, g, *))
            return (
                Step(gates: [i, f, g, o], inner: [], h: h, c: c, cAfter: after),
                (map(o, after) { $0 * tanh($1) }, after)
            )
        case .gru:
            let (r, z) = (each(sums(0), sigmoid), each(sums(1), sigmoid)), inner = gate(recurrent, 2)
            let n = each(sum(gate(input, 2), map(r, inner, *)), tanh)
            let after = sum(map(z, n) { (1 - $0) * $1 }, map(z, h, *))
            return (Step(gates: [r, z, n], inner: inner, h: h, c: c, cAfter: c), (after, after))
        case .rnn:
            let after = each(sums(0), tanh)
            return (Step(gates: [after], inner: [], h: h, c: c, cAfter: c), (after, after))
        }
    }

    private func backward(
        _ steps: [Step], x: Tensor, ids: [Int32], _ weightIH: Matrix, _ weightHH: Matrix
    ) -> [String: [Double]] {
        let H = test.hidden, dy = HalfPrecisionWindowTests.random([test.steps, test.batch, H], 5)
        var dh = matrix(HalfPrecisionWindowTests.random([test.batch, H], 6))
        var dc = dh.map { $0.map { _ in 0.0 } }
        var (dInput, dRecurrent, values, before): (Matrix, Matrix, Matrix, Matrix) = ([], [], [], [])
        var dx: [Double] = []
        for step in steps.indices.reversed() {
            let s = steps[step]
            dh = sum(dh, matrix(dy, step))
            // By the sums of the input and of the recurrent product, [N, gates H], and what goes around both.
            var (input, recurrent, around): (Matrix, Matrix, Matrix)
            switch test.kind {
            case .lstm:
                let (i, f, g, o) = (s.gates[0], s.gates[1], s.gates[2], s.gates[3])
                let t = s.cAfter.map { $0.map(tanh) }
                let all = sum(map(map(dh, o, *), t) { $0 * (1 - $1 * $1) }, dc)
                let parts = [
                    map(map(all, g, *), i) { $0 * $1 * (1 - $1) }, map(map(all, s.c, *), f) { $0 * $1 * (1 - $1) },
                    map(map(all, i, *), g) { $0 * (1 - $1 * $1) }, map(map(dh, t, *), o) { $0 * $1 * (1 - $1) },
                ]
                dc = map(all, f, *)
                input = dh.indices.map { row in parts.flatMap { $0[row] } }
                (recurrent, around) = (input, dh.map { $0.map { _ in 0 } })
            case .gru:
                let (r, z, n) = (s.gates[0], s.gates[1], s.gates[2])
                let dn = map(map(dh, z) { $0 * (1 - $1) }, n) { $0 * (1 - $1 * $1) }
                let dr = map(map(dn, s.inner, *), r) { $0 * $1 * (1 - $1) }
                let dz = map(map(dh, map(s.h, n, -), *), z) { $0 * $1 * (1 - $1) }
                input = dh.indices.map { dr[$0] + dz[$0] + dn[$0] }
                let inner = map(dn, r, *)
                recurrent = dh.indices.map { dr[$0] + dz[$0] + inner[$0] }
                around = map(dh, z, *)
            case .rnn:
                input = map(dh, s.gates[0]) { $0 * (1 - $1 * $1) }
                (recurrent, around) = (input, dh.map { $0.map { _ in 0 } })
            }
            dInput = input + dInput
            dRecurrent = recurrent + dRecurrent
            before = s.h + before
            if !test.oneHot {
                values = matrix(x, step) + values
                dx = product(input, transposed: transposed(weightIH)).flatMap(\.self) + dx
            }
            dh = sum(product(recurrent, transposed: transposed(weightHH)), around)
        }
        func columnSums(_ a: Matrix) -> [Double] { transposed(a).map { $0.reduce(0, +) } }
        var result = [
            "r.weight_hh_l0": product(transposed(dRecurrent), transposed: transposed(before)).flatMap(\.self),
            "r.bias_ih_l0": columnSums(dInput), "h0": dh.flatMap(\.self),
        ]
        if test.kind == .gru { result["r.bias_hh_l0"] = columnSums(dRecurrent) }
        if test.oneHot {
            var rows = [[Double]](repeating: [Double](repeating: 0, count: test.inputs), count: weightIH.count)
            for (row, id) in ids.enumerated() { for j in rows.indices { rows[j][Int(id)] += dInput[row][j] } }
            result["r.weight_ih_l0"] = rows.flatMap(\.self)
        } else {
            result["r.weight_ih_l0"] = product(transposed(dInput), transposed: transposed(values)).flatMap(\.self)
            result["x"] = dx
        }
        return result
    }
}

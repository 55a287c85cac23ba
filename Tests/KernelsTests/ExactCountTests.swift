import CKernels
import Foundation
import Kernels
import TestSupport
import Testing

/// Kernels with exact counts write nothing past them, and reductions are right.
@Suite struct ExactCountTests {
    static var k: CKKernels { InstructionSet.available[0].table }
    static let canary: Float = 12345

    /// A buffer that must keep its last 64 elements.
    func guarded(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void, _ name: String) {
        var buffer = noise(count) + [Float](repeating: Self.canary, count: 64)
        buffer.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
        #expect(buffer[count...].allSatisfy { $0 == Self.canary }, "\(name) of \(count)")
        #expect(!buffer[..<count].contains(Self.canary))
    }

    @Test(arguments: [1, 3, 15, 16, 17, 31, 37, 64, 65])
    func nothingIsWrittenPastTheEnd(_ n: Int) {
        let k = Self.k, x = noise(3 * n + 16, seed: 2), key = CKRandomKey(seed: 1, stream: 2, step: 3)
        guarded(3 * n, { k.add_row($0, x, 3, n) }, "add_row")
        guarded(n, { k.column_sums(x, 3, n, n, $0) }, "column_sums")
        guarded(3 * n, { k.softmax(x, 3, n, $0) }, "softmax")
        var losses = zeros(3)
        guarded(3 * n, { k.softmax_cross_entropy(x, [0, 0, 0], 3, n, 1, &losses, $0) }, "cross-entropy")
        guarded(n, { k.uniform(key, 5, $0, n) }, "uniform")
        guarded(n, { k.normal(key, 5, $0, n) }, "normal")
        guarded(n, { k.dropout(key, 5, 0.5, 2, x, $0, n) }, "dropout")
        guarded(3 * n, { k.transpose(x, n, 3, n, $0, 3) }, "transpose")
    }

    @Test(arguments: [1, 15, 16, 17, 63, 65, 1000, 4097])
    func reductions(_ n: Int) {
        let x = noise(n, seed: 7, low: -1, high: 3), wide = x.map(Double.init)
        expectValuesMatch(engine: [Self.k.sum(x, n)], oracle: [wide.reduce(0, +)], "sum of \(n)")
        expectValuesMatch(
            engine: [Self.k.sum_of_squares(x, n)], oracle: [wide.reduce(0) { $0 + $1 * $1 }], "squares of \(n)")
        #expect(Self.k.maximum(x, n) == x.max())
        #expect(Self.k.maximum(x.map { -abs($0) - 1 }, n) == x.map { -abs($0) - 1 }.max())
    }

    @Test func columnSumsAndTransposition() {
        let rows = 23, columns = 37, stride = 41, x = noise(rows * stride)
        var sums = [Float](repeating: 1, count: columns)
        Self.k.column_sums(x, rows, columns, stride, &sums)
        let expected = (0..<columns).map { c in (0..<rows).reduce(1.0) { $0 + Double(x[$1 * stride + c]) } }
        expectValuesMatch(engine: sums, oracle: expected, "column sums")
        var transposed = zeros(columns * rows)
        Self.k.transpose(x, stride, rows, columns, &transposed, rows)
        #expect(transposed == (0..<columns * rows).map { x[$0 % rows * stride + $0 / rows] })
    }

    /// Rows longer than the 512 that a loss without gradient takes at a time, large logits, one class.
    @Test(arguments: [1, 2, 37, 530, 1029])
    func softmaxAndCrossEntropy(_ columns: Int) {
        let rows = 3, logits = noise(rows * columns, low: -30, high: 80), targets = [0, columns / 2, columns - 1]
        let oracle = Oracle.logSoftmax(ArrayND(shape: [rows, columns], floats: logits))
        var p = zeros(rows * columns), losses = zeros(rows), only = losses
        Self.k.softmax(logits, rows, columns, &p)
        expectValuesMatch(
            engine: p, oracle: oracle.map { Foundation.exp($0) }.values, "softmax of \(columns)", tolerance: 1e-5)
        var gradient = zeros(rows * columns)
        Self.k.softmax_cross_entropy(logits, targets.map(Int32.init), rows, columns, 0.25, &losses, &gradient)
        Self.k.softmax_cross_entropy(logits, targets.map(Int32.init), rows, columns, 0.25, &only, nil)
        #expect(losses == only)
        guard columns > 1 else { return #expect(losses.allSatisfy { abs($0) < 1e-6 }) }
        expectValuesMatch(engine: losses, oracle: (0..<rows).map { -oracle[$0, targets[$0]] }, "losses")
        let expected = (0..<rows * columns).map { i in
            0.25 * (Foundation.exp(oracle.values[i]) - (targets[i / columns] == i % columns ? 1 : 0))
        }
        expectGradientsMatch(engine: gradient, oracle: expected, "logits")
    }
}

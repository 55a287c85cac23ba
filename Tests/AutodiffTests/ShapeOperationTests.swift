import Autodiff
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct ShapeOperationTests {
    @Test func sumsAndMeans() {
        let x = samples([2, 3, 5], seed: 4)
        check("sum", [x], oracle: { ArrayND(shape: [], values: [$0[0].values.reduce(0, +)]) }, engine: { $0[0].sum() })
        check(
            "mean", [x], oracle: { ArrayND(shape: [], values: [$0[0].values.reduce(0, +) / 30]) },
            engine: { $0[0].mean() })
        for axis in [0, 1, 2, -1] {
            check("sum over \(axis)", [x], oracle: { sum($0[0], axis: axis) }, engine: { $0[0].sum(axis: axis) })
            let length = Double(x.shape[axis < 0 ? 3 + axis : axis])
            check(
                "mean over \(axis)", [x], oracle: { sum($0[0], axis: axis).map { $0 / length } },
                engine: { $0[0].mean(axis: axis) })
        }
        check(
            "column sums", [x], oracle: { sum($0[0].reshaped([6, 5]), axis: 0) }, engine: { $0[0].columnSums() })
    }

    @Test(arguments: [[3, 5], [2, 33, 17], [2, 3, 1, 4]])
    func transposition(_ shape: [Int]) {
        let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
        check(
            "transposed \(shape)", [samples(shape, seed: 4)],
            oracle: { inputs in
                let x = inputs[0].values, size = rows * columns
                return ArrayND(
                    shape: shape.dropLast(2) + [columns, rows],
                    values: x.indices.map { x[$0 / size * size + $0 % rows * columns + $0 % size / rows] })
            },
            engine: { $0[0].transposed() })
    }

    /// Any two axes, named from either end.
    @Test(arguments: [
        ([2, 3, 4], 0, 1), ([2, 3, 4], 2, 0), ([5, 2, 3, 4], 1, -1), ([3, 4], -1, -2), ([2, 3], 1, 1),
    ])
    func exchangeOfAxes(_ shape: [Int], _ first: Int, _ second: Int) {
        let rank = shape.count, axes = [first, second].map { $0 < 0 ? $0 + rank : $0 }
        check(
            "axes \(first) and \(second) of \(shape)", [samples(shape, seed: 6)],
            oracle: { inputs in
                var swapped = shape
                swapped.swapAt(axes[0], axes[1])
                var y = ArrayND(shape: swapped)
                for position in 0..<y.count {
                    // The index of this element in the result, then the same with the two axes exchanged.
                    var index = [Int](repeating: 0, count: rank), rest = position
                    for axis in (0..<rank).reversed() {
                        index[axis] = rest % swapped[axis]
                        rest /= swapped[axis]
                    }
                    index.swapAt(axes[0], axes[1])
                    y.values[position] = inputs[0].values[zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }]
                }
                return y
            },
            engine: { $0[0].transposed(first, second) })
    }

    func sum(_ x: ArrayND, axis: Int) -> ArrayND {
        let axis = axis < 0 ? axis + x.shape.count : axis, inner = x.shape[(axis + 1)...].reduce(1, *)
        var result = ArrayND(
            shape: Array(x.shape[..<axis] + x.shape[(axis + 1)...]),
            values: Array(repeating: 0, count: x.count / x.shape[axis]))
        for i in 0..<x.count { result.values[i / (inner * x.shape[axis]) * inner + i % inner] += x.values[i] }
        return result
    }

    static let broadcasts: [([Int], [Int])] = [
        ([5], [3, 5]), ([3, 1], [3, 5]), ([], [2, 3]), ([1, 4], [2, 3, 4]), ([2, 1, 4], [2, 3, 4]),
        ([3, 1], [2, 3, 4]),
        ([1, 1, 1], [2, 3, 4]), ([2, 1, 1], [2, 3, 4]), ([2, 3], [2, 3]), ([1], [1, 7]),
    ]

    @Test(arguments: broadcasts)
    func broadcast(_ source: [Int], _ target: [Int]) {
        func index(_ position: Int) -> Int {
            var (rest, offset, step) = (position, 0, 1)
            for axis in target.indices.reversed() {
                let i = rest % target[axis], own = axis - (target.count - source.count)
                rest /= target[axis]
                if own >= 0, source[own] > 1 { offset += i * step }
                if own >= 0 { step *= source[own] }
            }
            return offset
        }
        check(
            "\(source) to \(target)", [samples(source, seed: 5)],
            oracle: { x in ArrayND(shape: target, values: (0..<target.reduce(1, *)).map { x[0].values[index($0)] }) },
            engine: { $0[0].broadcast(to: Shape(target)) })
    }

    @Test func reshaping() {
        check(
            "reshape", [samples([2, 6], seed: 1)], oracle: { $0[0].reshaped([3, 4]).map { $0 * $0 } },
            engine: { $0[0].reshaped(to: [3, 4]).squared() })
    }

    @Test func rows() {
        let x = samples([5, 3, 2], seed: 6)
        check("rows", [x], oracle: { $0[0].parts(1..<4) }, engine: { $0[0].rows(1..<4) })
        check("row", [x], oracle: { $0[0].part(3) }, engine: { $0[0].row(3) })
        // Parts 0 and 2 of five are used, so the others have no gradient.
        check(
            "unstacked", [x], oracle: { $0[0].part(2).zip($0[0].part(0), *) },
            engine: {
                let parts = $0[0].unstacked(); return parts[2] * parts[0]
            })
    }

    @Test func joins() {
        let a = samples([2, 3], seed: 1), b = samples([4, 3], seed: 2), c = samples([2, 5], seed: 3),
            d = samples([2, 3], seed: 4)
        check(
            "concatenate", [a, b, d],
            oracle: { ArrayND(shape: [8, 3], values: $0.flatMap(\.values)) }, engine: { Variable.concatenate($0) })
        check("stack", [a, d], oracle: { .stack($0) }, engine: { Variable.stack($0) })
        check(
            "concatenate columns", [a, c, d],
            oracle: { x in
                ArrayND.stack((0..<2).map { row in ArrayND(shape: [11], values: x.flatMap { $0.part(row).values }) })
            }, engine: { Variable.concatenate(columns: $0) })
        check(
            "columns", [c],
            oracle: { x in .stack((0..<2).map { ArrayND(shape: [3], values: Array(x[0].part($0).values[1..<4])) }) },
            engine: { $0[0].columns(1..<4) })
    }

    /// Ids that repeat, one that is never used, rows that are no multiple of 16.
    @Test func gather() {
        let ids = [4, 0, 4, 2, 4, 1]
        check(
            "gather", [samples([6, 19], seed: 7)], oracle: { Oracle.embedding(ids, shape: [2, 3], weight: $0[0]) },
            engine: { $0[0].gatherRows(ids.map(Int32.init), shape: [2, 3]) })
    }

    @Test func gatherGivesTheSameBitsOnAnyThreads() {
        let one = ComputeContext(threads: 1), table = RandomStream(seed: 2).normal([50, 37], in: one)
        let ids = RandomStream(seed: 3).uniform(count: 1000, in: one).map { Int32($0 * 50) }
        let weight = RandomStream(seed: 4).normal([1000, 37], in: one)
        func run(_ context: ComputeContext) -> [Tensor] {
            let tape = Tape(in: context), v = tape.variable(table), y = v.gatherRows(ids)
            return [y.value, tape.backward(from: [(y, weight)])[v]!]
        }
        let expected = run(one)
        for threads in 2...3 { #expect(run(ComputeContext(threads: threads)) == expected) }
    }

    @Test func softmax() {
        let x = samples([3, 19], seed: 8, low: -4, high: 4)
        check(
            "softmax", [x], oracle: { Oracle.logSoftmax($0[0]).map { Foundation.exp($0) } }, engine: { $0[0].softmax() }
        )
    }

    @Test func wrongIdsAndRangesStopTheProgram() async {
        let result1 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tape(in: ComputeContext(threads: 1)).variable(Tensor(zeros: [2, 3])).gatherRows([0, 2])
        }
        expectMessage("an id is outside of the 2 rows", from: result1)
        let result2 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tape(in: ComputeContext(threads: 1)).variable(Tensor(zeros: [2, 3])).rows(1..<3)
        }
        expectMessage("rows 1..<3 of a tensor of shape [2, 3]", from: result2)
        let result3 = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tape(in: ComputeContext(threads: 1)).variable(Tensor(zeros: [2, 3])).broadcast(to: [3, 2])
        }
        expectMessage("shape [2, 3] does not broadcast to [3, 2]", from: result3)
    }
}

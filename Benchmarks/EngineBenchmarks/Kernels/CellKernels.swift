import CKernels
import Foundation

extension KernelCase {
    /// Epilogues of recurrent cells for a panel of 16 units (64 of the tanh cell), forward and backward.
    static var cells: [KernelCase] { [25, 512].flatMap { cells(rows: $0) } }

    private static func cells(rows: Int) -> [KernelCase] {
        let wide = rows * 64, narrow = rows * 16
        func cell(
            _ name: String, _ operationsPerUnit: Int, units: Int, floats: Int, distinct: Int? = nil, _ traffic: Traffic,
            _ prepare: @escaping (CKKernels, Arena) -> Call
        ) -> KernelCase {
            KernelCase(
                name, "\(rows) rows", operations: Double(operationsPerUnit * rows * units), bytes: 4 * floats, traffic,
                workingSet: 4 * (distinct ?? floats), prepare: prepare)
        }
        return [
            // Three sigmoids and two hyperbolic tangents.
            cell("lstm_forward", 126, units: 16, floats: 2 * wide + 3 * narrow, .copy) { kernels, arena in
                let scratch = arena.floats(wide, low: -3, high: 3), before = arena.floats(narrow)
                let gates = arena.floats(wide), c = arena.floats(narrow), h = arena.floats(narrow)
                return Call(run: { kernels.lstm_forward(scratch, rows, before, gates, c, h) })
            },
            // Of dh only the first 16 columns; a hyperbolic tangent.
            cell("lstm_backward", 47, units: 16, floats: 2 * wide + 5 * narrow, distinct: wide + 4 * narrow, .update) {
                kernels, arena in
                let dh = arena.floats(wide), start = arena.floats(wide, low: 0.1, high: 0.9)
                let gates = arena.floats(wide), before = arena.floats(narrow), c = arena.floats(narrow)
                let dc = arena.floats(narrow), dcStart = arena.floats(narrow)
                return Call(
                    run: { kernels.lstm_backward(dh, rows, gates, before, c, dc) },
                    restore: {
                        memcpy(gates, start, 4 * wide)
                        memcpy(dc, dcStart, 4 * narrow)
                    })
            },
            // Two sigmoids and a hyperbolic tangent.
            cell("gru_forward", 78, units: 16, floats: 2 * wide + 2 * narrow, .copy) { kernels, arena in
                let scratch = arena.floats(wide, low: -3, high: 3), before = arena.floats(narrow)
                let gates = arena.floats(wide), h = arena.floats(narrow)
                return Call(run: { kernels.gru_forward(scratch, rows, before, gates, h) })
            },
            cell("gru_backward", 17, units: 16, floats: 2 * wide + 4 * narrow, distinct: wide + 3 * narrow, .update) {
                kernels, arena in
                let dh = arena.floats(wide), start = arena.floats(wide, low: 0.1, high: 0.9)
                let gates = arena.floats(wide), before = arena.floats(narrow), carried = arena.floats(narrow)
                let carriedStart = arena.floats(narrow)
                return Call(
                    run: { kernels.gru_backward(dh, rows, gates, before, carried) },
                    restore: {
                        memcpy(gates, start, 4 * wide)
                        memcpy(carried, carriedStart, 4 * narrow)
                    })
            },
            cell("tanh_forward", 25, units: 64, floats: 2 * wide, .copy) { kernels, arena in
                let scratch = arena.floats(wide, low: -3, high: 3), h = arena.floats(wide)
                return Call(run: { kernels.tanh_forward(scratch, rows, h, rows * 16, 4) })
            },
            cell("tanh_backward", 3, units: 64, floats: 3 * wide, .triad) { kernels, arena in
                let dh = arena.floats(wide), h = arena.floats(wide), gates = arena.floats(wide)
                return Call(run: { kernels.tanh_backward(dh, rows, h, rows * 16, 4, gates) })
            },
            // A row of 65 characters' input weights is gathered for each row of the batch, from the first-level cache.
            cell("start_accumulators", 1, units: 64, floats: wide, .write) { kernels, arena in
                let scratch = arena.floats(wide), bias = arena.floats(64), table = arena.floats(65 * 64)
                let ids = arena.ids(rows, below: 65)
                return Call(run: { kernels.start_accumulators(scratch, rows, bias, table, 64, 64, ids) })
            },
            // Gates are read, and the gathered rows of the table updated, in the first-level cache.
            cell("sum_and_scatter", 2, units: 64, floats: 3 * wide, .triad) { kernels, arena in
                let gates = arena.floats(wide), bias = arena.floats(64), table = arena.floats(65 * 64)
                let ids = arena.ids(rows, below: 65)
                return Call(run: { kernels.sum_and_scatter(gates, rows, bias, table, 64, 64, ids) })
            },
        ]
    }
}

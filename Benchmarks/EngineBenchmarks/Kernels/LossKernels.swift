import CKernels

extension KernelCase {
    /// Softmax and losses over rows of logits: characters, a large alphabet, Chinese.
    static var softmaxAndLosses: [KernelCase] {
        var cases: [KernelCase] = []
        for (rows, columns) in [(60, 65), (13, 300), (12, 5_000)] { cases += softmax(rows, columns) }
        for n in [2_700, 43_000] {
            cases.append(loss("squared_error", 5, n) { $0.squared_error })
            // An exponential, a logarithm and two divisions.
            cases.append(loss("binary_cross_entropy", 64, n) { $0.binary_cross_entropy })
        }
        return cases
    }

    /// Maximum, difference, exponential, sum, division.
    private static func softmax(_ rows: Int, _ columns: Int) -> [KernelCase] {
        let n = rows * columns, shape = "\(rows) rows of \(columns)", operations = Double(26 * n)
        let plain = KernelCase("softmax", shape, operations: operations, bytes: 8 * n, .copy) { kernels, arena in
            let x = arena.floats(n, low: -4, high: 4), y = arena.floats(n)
            return Call(run: { kernels.softmax(x, rows, columns, y) })
        }
        let fused = KernelCase("softmax_cross_entropy", shape, operations: operations, bytes: 8 * n, .copy) {
            kernels, arena in
            let x = arena.floats(n, low: -4, high: 4), gradient = arena.floats(n), losses = arena.floats(rows)
            let targets = arena.ids(rows, below: columns)
            return Call(run: { kernels.softmax_cross_entropy(x, targets, rows, columns, 0.5, losses, gradient) })
        }
        return [plain, fused]
    }

    private typealias Loss = (
        UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, Float, UnsafeMutablePointer<Float>?,
        UnsafeMutablePointer<Float>?
    ) -> Void

    private static func loss(
        _ name: String, _ operations: Int, _ n: Int, _ kernel: @escaping (CKKernels) -> Loss
    ) -> KernelCase {
        KernelCase(name, "\(n)", operations: Double(operations * n), bytes: 12 * n, .triad) { kernels, arena in
            let x = arena.floats(n, low: -4, high: 4), targets = arena.floats(n, low: 0, high: 1)
            let losses = arena.floats(1), gradient = arena.floats(n), kernel = kernel(kernels)
            return Call(run: { kernel(x, targets, 1, n, 0.5, losses, gradient) })
        }
    }
}

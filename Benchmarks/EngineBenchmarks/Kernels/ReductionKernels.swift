import CKernels

extension KernelCase {
    /// Sums and maxima.
    static var reductions: [KernelCase] {
        typealias Reduction = (UnsafePointer<Float>?, Int) -> Float
        func whole(_ name: String, _ operations: Int, _ kernel: @escaping (CKKernels) -> Reduction) -> [KernelCase] {
            everywhere.map { bytes in
                let n = bytes / 4
                return KernelCase(name, "\(n)", operations: Double(operations * n), bytes: bytes, .read) {
                    kernels, arena in
                    let x = arena.floats(n), kernel = kernel(kernels)
                    return Call(run: { _ = kernel(x, n) })
                }
            }
        }
        var cases = whole("sum", 1) { $0.sum }
        cases += whole("sum_of_squares", 2) { $0.sum_of_squares }
        cases += whole("maximum", 1) { $0.maximum }
        for (rows, columns) in [(64, 128), (256, 512)] { cases += byColumn(rows, columns) }
        return cases
    }

    private static func byColumn(_ rows: Int, _ columns: Int) -> [KernelCase] {
        let n = rows * columns, shape = "\(rows)×\(columns)"
        let sums = KernelCase("column_sums", shape, operations: Double(n), bytes: 4 * n, .read) { kernels, arena in
            let x = arena.floats(n), sums = arena.floats(columns)
            return Call(run: { kernels.column_sums(x, rows, columns, columns, sums) })
        }
        let rowAdded = KernelCase(
            "add_row", shape, operations: Double(n), bytes: 8 * n, .update, workingSet: 4 * n
        ) { kernels, arena in
            let y = arena.floats(n), row = arena.floats(columns)
            return Call(run: { kernels.add_row(y, row, rows, columns) })
        }
        return [sums, rowAdded]
    }
}

import CKernels

extension KernelCase {
    /// Working sets that fit into the first-level cache, the second-level cache, and neither.
    static let caches = [32 << 10, 512 << 10], everywhere = caches + [128 << 20]

    /// Functions of single elements.
    static var elementwise: [KernelCase] {
        typealias Unary = (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
        typealias Binary = (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
        func unary(
            _ name: String, _ operations: Int, in sizes: [Int], _ kernel: @escaping (CKKernels) -> Unary
        ) -> [KernelCase] {
            sizes.map { bytes in
                let n = bytes / 8
                return KernelCase(name, "\(n)", operations: Double(operations * n), bytes: bytes, .copy) {
                    table, arena in
                    let x = arena.floats(n, low: -4, high: 4), y = arena.floats(n), kernel = kernel(table)
                    return Call(run: { kernel(x, y, n) })
                }
            }
        }
        func binary(
            _ name: String, _ operations: Int, in sizes: [Int], _ kernel: @escaping (CKKernels) -> Binary
        ) -> [KernelCase] {
            sizes.map { bytes in
                let n = bytes / 12 / 16 * 16
                return KernelCase(
                    name, "\(n)", operations: Double(operations * n), bytes: 12 * n, .triad, workingSet: bytes
                ) { table, arena in
                    let a = arena.floats(n), b = arena.floats(n), y = arena.floats(n), kernel = kernel(table)
                    return Call(run: { kernel(a, b, y, n) })
                }
            }
        }
        // Operations as Sources/CKernels/bodies/elementary.h and elementwise.h have them.
        var cases = unary("exp", 22, in: everywhere) { $0.exp }
        cases += unary("log", 29, in: caches) { $0.log }
        cases += unary("tanh", 25, in: everywhere) { $0.tanh }
        cases += unary("sigmoid", 24, in: everywhere) { $0.sigmoid }
        cases += unary("gelu", 29, in: caches) { $0.gelu }
        cases += unary("relu", 1, in: everywhere) { k in { k.relu($0, 0.1, $1, $2) } }
        // Random bits are integers: no operations that count.
        let key = CKRandomKey(seed: 1, stream: 2, step: 3)
        cases += unary("dropout", 1, in: everywhere) { k in { k.dropout(key, 0, 0.4, 1 / 0.6, $0, $1, $2) } }
        cases += binary("add", 1, in: everywhere) { $0.add }
        cases += binary("multiply", 1, in: caches) { $0.multiply }
        cases += binary("tanh_gradient", 3, in: caches) { $0.tanh_gradient }
        cases += binary("sigmoid_gradient", 3, in: caches) { $0.sigmoid_gradient }
        cases += binary("relu_gradient", 1, in: caches) { k in { k.relu_gradient($0, 0.1, $1, $2, $3) } }
        cases += binary("gelu_gradient", 56, in: caches) { $0.gelu_gradient }
        return cases
    }
}

import CKernels

extension KernelCase {
    /// Steps of optimizers: parameters and slots are updated, gradients read. Plain descent is momentum's kernel without
    /// a slot.
    static var optimizers: [KernelCase] {
        everywhere.flatMap { size in
            [
                optimizer("sgd_step", 5, slots: 0, size) { k, p, g, _, n in
                    { k.momentum_step(p, g, nil, n, 0.9, 1e-3, 0, 1e-4, 0) }
                },
                optimizer("momentum_step", 7, slots: 1, size) { k, p, g, slots, n in
                    { k.momentum_step(p, g, slots[0], n, 0.9, 1e-3, 0.9, 1e-4, 0) }
                },
                optimizer("adagrad_step", 10, slots: 1, size) { k, p, g, slots, n in
                    { k.adagrad_step(p, g, slots[0], n, 0.9, 1e-3, 1e-8, 1e-4) }
                },
                optimizer("rmsprop_step", 12, slots: 1, size) { k, p, g, slots, n in
                    { k.rmsprop_step(p, g, slots[0], n, 0.9, 1e-3, 0.95, 1e-8, 1e-4) }
                },
                optimizer("adam_step", 17, slots: 2, size) { k, p, g, slots, n in
                    { k.adam_step(p, g, slots[0], slots[1], n, 0.9, 1e-3, 0.9, 0.999, 1e-8, 0.1, 0.001, 0, 0.01) }
                },
            ]
        }
    }

    private typealias Step = (
        CKKernels, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, [UnsafeMutablePointer<Float>], Int
    ) -> () -> Void

    private static func optimizer(
        _ name: String, _ operations: Int, slots: Int, _ size: Int, _ step: @escaping Step
    ) -> KernelCase {
        let n = size / 4 / (slots + 2) / 16 * 16
        return KernelCase(
            name, "\(n)", operations: Double(operations * n), bytes: 4 * n * (2 * slots + 3), .update, workingSet: size
        ) { kernels, arena in
            let parameters = arena.floats(n), gradients = arena.floats(n)
            return Call(
                run: step(
                    kernels, parameters, gradients, (0..<slots).map { _ in arena.floats(n, low: 0.1, high: 1) }, n))
        }
    }
}

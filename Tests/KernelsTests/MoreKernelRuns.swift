import CKernels

extension KernelRuns {
    private static let size = 147, padded = 160

    private static func unary(
        _ name: String, low: Float = -9, high: Float = 9,
        _ kernel: @escaping (CKKernels) -> (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
    ) -> KernelRun {
        KernelRun(name) { k in
            var y = [Float](repeating: 0, count: padded)
            kernel(k)(noise(padded, low: low, high: high), &y, size)
            return y
        }
    }

    private static func binary(
        _ name: String, low: Float = -2, high: Float = 2,
        _ kernel:
            @escaping (CKKernels) -> (
                UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int
            ) -> Void
    ) -> KernelRun {
        KernelRun(name) { k in
            var y = [Float](repeating: 0, count: padded)
            kernel(k)(noise(padded, low: low, high: high), noise(padded, seed: 2), &y, size)
            return y
        }
    }

    static var elementwise: [KernelRun] {
        [
            unary("exp", low: -95, high: 95) { $0.exp }, unary("log", low: -1, high: 40) { $0.log },
            unary("tanh") { $0.tanh }, unary("sigmoid", low: -90, high: 90) { $0.sigmoid }, unary("gelu") { $0.gelu },
            unary("square_root", low: 0, high: 100) { $0.square_root },
            unary("relu") { k in { k.relu($0, 0.1, $1, $2) } },
            unary("affine") { k in { k.affine($0, 1.7, -0.3, $1, $2) } },
            unary("clamp") { k in { k.clamp($0, -1.5, 2.5, $1, $2) } },
            KernelRun("accumulate") { k in
                var y = noise(padded, seed: 3)
                k.accumulate(noise(padded), 0.77, &y, size)
                return y
            },
            binary("add") { $0.add }, binary("subtract") { $0.subtract }, binary("multiply") { $0.multiply },
            binary("divide") { $0.divide }, binary("tanh_gradient", low: -1, high: 1) { $0.tanh_gradient },
            binary("sigmoid_gradient", low: 0, high: 1) { $0.sigmoid_gradient },
            binary("gelu_gradient") { $0.gelu_gradient },
            binary("relu_gradient") { k in { k.relu_gradient($0, 0.1, $1, $2, $3) } },
        ]
    }

    static var random: [KernelRun] {
        let key = CKRandomKey(seed: 5, stream: 6, step: 7)
        return [
            KernelRun("random_bits") { k in
                var bits = [UInt32](repeating: 0, count: size)
                k.random_bits(key, 13, &bits, size)
                return bits.map { Float($0 >> 8) } + bits.map { Float($0 & 255) }
            },
            KernelRun("uniform") { k in
                var y = [Float](repeating: 0, count: size)
                k.uniform(key, 13, &y, size)
                return y
            },
            KernelRun("normal") { k in
                var y = [Float](repeating: 0, count: size)
                k.normal(key, 13, &y, size)
                return y
            },
            KernelRun("dropout") { k in
                var y = [Float](repeating: 0, count: size)
                k.dropout(key, 13, 0.4, 1 / 0.6, noise(size), &y, size)
                return y
            },
        ]
    }

    static var optimizers: [KernelRun] {
        let gradient = noise(padded, seed: 2)
        func positive() -> [Float] { noise(padded, seed: 3, low: 0, high: 1) }
        return [
            KernelRun("momentum_step") { k in
                var p = noise(padded), q = p, v = noise(padded, seed: 4), plain = p
                k.momentum_step(&p, gradient, &v, size, 0.9, 0.01, 0.8, 0.1, 0)
                k.momentum_step(&q, gradient, &v, size, 0.9, 0.01, 0.8, 0.1, 1)
                k.momentum_step(&plain, gradient, nil, size, 0.9, 0.01, 0, 0, 0)
                return p + q + v + plain
            },
            KernelRun("adagrad_step") { k in
                var p = noise(padded), s = positive()
                k.adagrad_step(&p, gradient, &s, size, 0.9, 0.01, 1e-8, 0.1)
                return p + s
            },
            KernelRun("rmsprop_step") { k in
                var p = noise(padded), s = positive()
                k.rmsprop_step(&p, gradient, &s, size, 0.9, 0.01, 0.95, 1e-8, 0.1)
                return p + s
            },
            KernelRun("adam_step") { k in
                var p = noise(padded), m = noise(padded, seed: 4), s = positive()
                k.adam_step(&p, gradient, &m, &s, size, 0.9, 0.01, 0.9, 0.999, 1e-8, 0.1, 0.001, 0.1, 0.2)
                return p + m + s
            },
        ]
    }
}

import CKernels

extension KernelCase {
    /// Normalization and pooling of planes of 16 images.
    static var planes: [KernelCase] {
        normalization(side: 14) + normalization(side: 64) + pooling(side: 14) + pooling(side: 32)
    }

    private static func normalization(side: Int) -> [KernelCase] {
        let pixels = side * side, n = 16 * pixels, shape = "\(side)×\(side)×16"
        func parameters(_ arena: Arena) -> CKNormalization {
            CKNormalization(
                mean: UnsafePointer(arena.floats(16)), inverse: UnsafePointer(arena.floats(16, low: 0.5, high: 2)),
                weight: 0.7, bias: -0.2, slope: 0)
        }
        return [
            // Read twice, the second time from the first-level cache: counted once.
            KernelCase("lane_moments", shape, operations: Double(4 * n), bytes: 4 * n, .read) { kernels, arena in
                let x = arena.floats(n), mean = arena.floats(16), squares = arena.floats(16)
                return Call(run: { kernels.lane_moments(x, pixels, mean, squares) })
            },
            KernelCase("normalize", shape, operations: Double(5 * n), bytes: 8 * n, .copy) { kernels, arena in
                let x = arena.floats(n), y = arena.floats(n)
                var parameters = parameters(arena)
                return Call(run: { kernels.normalize(&parameters, x, pixels, y) })
            },
            KernelCase("normalize_sums", shape, operations: Double(8 * n), bytes: 8 * n, .read) { kernels, arena in
                let x = arena.floats(n), dy = arena.floats(n), sum = arena.floats(16), product = arena.floats(16)
                var parameters = parameters(arena)
                return Call(run: { kernels.normalize_sums(&parameters, x, dy, pixels, sum, product) })
            },
            KernelCase("normalize_gradient", shape, operations: Double(10 * n), bytes: 12 * n, .triad) {
                kernels, arena in
                let x = arena.floats(n), dy = arena.floats(n), dx = arena.floats(n)
                let a = arena.floats(16), b = arena.floats(16)
                var parameters = parameters(arena)
                return Call(run: { kernels.normalize_gradient(&parameters, x, dy, pixels, a, b, 16, dx) })
            },
        ]
    }

    /// Windows of 2×2 that do not overlap.
    private static func pooling(side: Int) -> [KernelCase] {
        let big = 16 * side * side, small = big / 4, shape = "\(side)×\(side)×16, 2×2"
        var pool = CKPool()
        (pool.height, pool.width, pool.out_height, pool.out_width) = (side, side, side / 2, side / 2)
        (pool.kernel_height, pool.kernel_width, pool.stride_height, pool.stride_width) = (2, 2, 2, 2)
        let windows = pool
        func pass(
            _ name: String, _ operations: Int, floats: Int, distinct: Int? = nil, _ traffic: Traffic,
            _ prepare: @escaping (CKKernels, Arena) -> () -> Void
        ) -> KernelCase {
            KernelCase(
                name, shape, operations: Double(operations * small), bytes: 4 * floats, traffic,
                workingSet: 4 * (distinct ?? floats)
            ) { Call(run: prepare($0, $1)) }
        }
        return [
            pass("max_pool", 4, floats: big + small, .read) { kernels, arena in
                let x = arena.floats(big), y = arena.floats(small)
                var pool = windows
                return { kernels.max_pool(&pool, x, y) }
            },
            // dx is read and written.
            pass("max_pool_gradient", 4, floats: 3 * big + 2 * small, distinct: 2 * (big + small), .triad) {
                kernels, arena in
                let x = arena.floats(big), y = arena.floats(small), dy = arena.floats(small), dx = arena.floats(big)
                var pool = windows
                kernels.max_pool(&pool, x, y)
                return { kernels.max_pool_gradient(&pool, x, y, dy, dx) }
            },
            pass("average_pool", 5, floats: big + small, .read) { kernels, arena in
                let x = arena.floats(big), y = arena.floats(small)
                var pool = windows
                return { kernels.average_pool(&pool, x, y) }
            },
            pass("average_pool_gradient", 5, floats: 2 * big + small, distinct: big + small, .update) {
                kernels, arena in
                let dy = arena.floats(small), dx = arena.floats(big)
                var pool = windows
                return { kernels.average_pool_gradient(&pool, dy, dx) }
            },
        ]
    }
}

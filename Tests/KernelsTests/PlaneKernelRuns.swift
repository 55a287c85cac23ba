import CKernels

/// Losses, and the kernels on planes of images in lanes.
extension KernelRuns {
    static var losses: [KernelRun] {
        typealias Loss = (
            UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, Float, UnsafeMutablePointer<Float>?,
            UnsafeMutablePointer<Float>?
        ) -> Void
        func loss(_ name: String, _ kernel: @escaping (CKKernels) -> Loss) -> KernelRun {
            KernelRun(name) { k in
                var all: [Float] = []
                for columns in [5, 37, 64, 1100] {
                    let x = noise(2 * columns, low: -9, high: 9), t = noise(2 * columns, seed: 2, low: 0, high: 1)
                    var sums = [Float](repeating: 0, count: 2), only = sums
                    var gradient = [Float](repeating: 0, count: 2 * columns)
                    kernel(k)(x, t, 2, columns, 0.3, &sums, &gradient)
                    kernel(k)(x, t, 2, columns, 0.3, &only, nil)
                    all += sums + only + gradient
                }
                return all
            }
        }
        return [
            loss("squared_error") { $0.squared_error }, loss("absolute_error") { $0.absolute_error },
            loss("binary_cross_entropy") { $0.binary_cross_entropy },
        ]
    }

    static var planes: [KernelRun] { normalization + pooling + resampling }

    private static var normalization: [KernelRun] {
        let sizes = [1, 7, 256, 523], statistics = noise(32, seed: 3, low: 0.5, high: 2)
        func with(_ body: (inout CKNormalization, Int) -> [Float]) -> [Float] {
            statistics.withUnsafeBufferPointer { s in
                var n = CKNormalization(
                    mean: s.baseAddress!, inverse: s.baseAddress! + 16, weight: 0.7, bias: -0.2, slope: 0.1)
                return sizes.flatMap { body(&n, $0) }
            }
        }
        return [
            KernelRun("lane_moments") { k in
                sizes.flatMap { pixels in
                    var mean = [Float](repeating: 0, count: 16), squares = mean
                    k.lane_moments(noise(16 * pixels, low: 3, high: 7), pixels, &mean, &squares)
                    return mean + squares
                }
            },
            KernelRun("normalize") { k in
                with { n, pixels in
                    var y = [Float](repeating: 0, count: 16 * pixels)
                    k.normalize(&n, noise(16 * pixels), pixels, &y)
                    return y
                }
            },
            KernelRun("normalize_sums") { k in
                with { n, pixels in
                    var sum = [Float](repeating: 0, count: 16), product = sum
                    k.normalize_sums(&n, noise(16 * pixels), noise(16 * pixels, seed: 2), pixels, &sum, &product)
                    return sum + product
                }
            },
            KernelRun("normalize_gradient") { k in
                with { n, pixels in
                    let x = noise(16 * pixels), dy = noise(16 * pixels, seed: 2)
                    var dx = [Float](repeating: 0, count: 16 * pixels), constant = dx
                    k.normalize_gradient(&n, x, dy, pixels, noise(16, seed: 4), noise(16, seed: 5), 11, &dx)
                    k.normalize_gradient(&n, x, dy, pixels, nil, nil, 16, &constant)
                    return dx + constant
                }
            },
        ]
    }

    private static var pooling: [KernelRun] {
        var window = CKPool()
        (window.height, window.width, window.out_height, window.out_width) = (5, 7, 3, 7)
        (window.kernel_height, window.kernel_width, window.stride_height, window.stride_width) = (3, 3, 2, 1)
        (window.pad_height, window.pad_width) = (1, 1)
        let p = window, x = noise(5 * 7 * 16), dy = noise(3 * 7 * 16, seed: 2)
        func pooled(_ kernel: (UnsafePointer<CKPool>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void)
            -> [Float]
        {
            var p = p, y = [Float](repeating: 0, count: dy.count)
            kernel(&p, x, &y)
            return y
        }
        return [
            KernelRun("max_pool") { k in pooled(k.max_pool) },
            KernelRun("max_pool_gradient") { k in
                var p = p, dx = [Float](repeating: 0, count: x.count)
                k.max_pool_gradient(&p, x, pooled(k.max_pool), dy, &dx)
                return dx
            },
            KernelRun("average_pool") { k in pooled(k.average_pool) },
            KernelRun("average_pool_gradient") { k in
                var p = p, dx = [Float](repeating: 0, count: x.count)
                k.average_pool_gradient(&p, dy, &dx)
                return dx
            },
        ]
    }

    private static var resampling: [KernelRun] {
        let rows = [(0, 0, 0), (0, 1, 0.3), (2, 3, 0.7), (1, 2, 0.5), (3, 3, 0)]
        let columns = [(1, 2, 0.25), (0, 1, 0.9), (2, 2, 0)]
        func taps(_ list: [(Int, Int, Double)]) -> [CKTap] {
            list.map { CKTap(first: Int32($0.0), second: Int32($0.1), weight: Float($0.2)) }
        }
        func run(
            _ kernel: (UnsafePointer<CKResampling>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void,
            from: Int, to: Int
        ) -> [Float] {
            var y = [Float](repeating: 0, count: to)
            taps(rows).withUnsafeBufferPointer { rows in
                taps(columns).withUnsafeBufferPointer { columns in
                    var r = CKResampling(
                        width: 3, out_height: rows.count, out_width: columns.count, rows: rows.baseAddress,
                        columns: columns.baseAddress)
                    kernel(&r, noise(from), &y)
                }
            }
            return y
        }
        let small = 4 * 3 * 16, large = 5 * 3 * 16
        return [
            KernelRun("resample_nearest") { k in run(k.resample_nearest, from: small, to: large) },
            KernelRun("resample_nearest_gradient") { k in run(k.resample_nearest_gradient, from: large, to: small) },
            KernelRun("resample_linear") { k in run(k.resample_linear, from: small, to: large) },
            KernelRun("resample_linear_gradient") { k in run(k.resample_linear_gradient, from: large, to: small) },
        ]
    }
}

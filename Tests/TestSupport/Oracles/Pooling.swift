extension Oracle {
    /// Windows over images [N, C, H, W], each given to `reduce` as its pixels in scan order, nil in the padding.
    public static func pool(
        _ x: ArrayND, kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int), reduce: ([Double?]) -> Double
    ) -> ArrayND {
        let (N, C, H, W) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let height = (H + 2 * padding.0 - kernel.0) / stride.0 + 1
        let width = (W + 2 * padding.1 - kernel.1) / stride.1 + 1
        var y = ArrayND(shape: [N, C, height, width])
        for n in 0..<N {
            for c in 0..<C {
                for oy in 0..<height {
                    for ox in 0..<width {
                        var window: [Double?] = []
                        for ky in 0..<kernel.0 {
                            for kx in 0..<kernel.1 {
                                let iy = oy * stride.0 + ky - padding.0, ix = ox * stride.1 + kx - padding.1
                                let inside = iy >= 0 && iy < H && ix >= 0 && ix < W
                                window.append(inside ? x[n, c, iy, ix] : nil)
                            }
                        }
                        y[n, c, oy, ox] = reduce(window)
                    }
                }
            }
        }
        return y
    }

    /// The largest pixel; the padding is −∞.
    public static func maxPool(
        _ x: ArrayND, kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int)
    ) -> ArrayND {
        pool(x, kernel: kernel, stride: stride, padding: padding) {
            $0.reduce(-.infinity) { max($0, $1 ?? -.infinity) }
        }
    }

    /// The mean of the whole window; the padding is 0.
    public static func averagePool(
        _ x: ArrayND, kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int)
    ) -> ArrayND {
        pool(x, kernel: kernel, stride: stride, padding: padding) { window in
            window.reduce(0) { $0 + ($1 ?? 0) } / Double(window.count)
        }
    }
}

extension Oracle {
    /// Images [N, C, H, W] at another size; `pixel` is given an image's plane as a function of row and column and a
    /// position in output pixels.
    private static func resample(
        _ x: ArrayND, _ height: Int, _ width: Int, pixel: ((Int, Int) -> Double, Int, Int) -> Double
    ) -> ArrayND {
        var y = ArrayND(shape: [x.shape[0], x.shape[1], height, width])
        for n in 0..<x.shape[0] {
            for c in 0..<x.shape[1] {
                for oy in 0..<height {
                    for ox in 0..<width { y[n, c, oy, ox] = pixel({ x[n, c, $0, $1] }, oy, ox) }
                }
            }
        }
        return y
    }

    /// x[⌊o · in / out⌋] along both axes.
    public static func nearest(_ x: ArrayND, height: Int, width: Int) -> ArrayND {
        resample(x, height, width) { $0($1 * x.shape[2] / height, $2 * x.shape[3] / width) }
    }

    /// Tent-shaped weights max(0, 1 − |s − i|) around s = (o + ½) · in / out − ½ drawn into the image, along both axes.
    public static func bilinear(_ x: ArrayND, height: Int, width: Int) -> ArrayND {
        func weights(_ o: Int, _ size: Int, _ target: Int) -> [Double] {
            let position = (Double(o) + 0.5) * Double(size) / Double(target) - 0.5
            let s = min(max(position, 0), Double(size - 1))
            return (0..<size).map { max(0, 1 - abs(s - Double($0))) }
        }
        return resample(x, height, width) { plane, oy, ox in
            let rows = weights(oy, x.shape[2], height), columns = weights(ox, x.shape[3], width)
            var sum = 0.0
            for (iy, a) in rows.enumerated() {
                for (ix, b) in columns.enumerated() { sum += a * b * plane(iy, ix) }
            }
            return sum
        }
    }
}

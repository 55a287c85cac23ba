extension Oracle {
    /// op(a)·op(b), where op transposes if asked: [M, K]·[K, N] → [M, N].
    public static func matrixProduct(
        _ a: ArrayND, _ b: ArrayND, transposeA: Bool = false, transposeB: Bool = false
    ) -> ArrayND {
        precondition(a.shape.count == 2 && b.shape.count == 2, "product of \(a.shape) and \(b.shape)")
        let (M, K) = transposeA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
        let (inner, N) = transposeB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
        precondition(
            K == inner, "product of \(a.shape) and \(b.shape), transposed \(transposeA), \(transposeB)")
        var result = [Double](repeating: 0, count: M * N)
        let (x, y) = (a.values, b.values)
        for m in 0..<M {
            for n in 0..<N {
                var sum = 0.0
                for k in 0..<K {
                    sum += (transposeA ? x[k * M + m] : x[m * K + k]) * (transposeB ? y[n * K + k] : y[k * N + n])
                }
                result[m * N + n] = sum
            }
        }
        return ArrayND(shape: [M, N], values: result)
    }
}

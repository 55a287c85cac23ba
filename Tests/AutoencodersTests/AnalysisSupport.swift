import Autoencoders
import TensorCore

/// Numbers that need no random generator of the engine, and that the NumPy scripts behind the literals make too: a
/// linear congruential sequence in [low, high).
func analysisNoise(_ count: Int, seed: UInt64, low: Float = -2, high: Float = 2) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return low + (high - low) * Float(state >> 40) * 0x1p-24
    }
}

/// Rows as arrays in double precision.
func rows(of matrix: Tensor) -> [[Double]] {
    let columns = matrix.shape.columns, values = matrix.values.map(Double.init)
    return (0..<matrix.shape.rows).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
}

func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
}

/// Clusters of equal size around (0, 0, ...), (apart, 0, ...), (0, apart, ...), in this order.
func threeClusters(each count: Int, columns: Int, apart: Float, seed: UInt64) -> Tensor {
    var values = analysisNoise(3 * count * columns, seed: seed, low: -1, high: 1)
    for row in count..<2 * count { values[row * columns] += apart }
    for row in 2 * count..<3 * count { values[row * columns + 1] += apart }
    return Tensor(values, shape: [3 * count, columns])
}

/// What a computation gives with one, two and three threads.
func withEachTeam<Result>(_ body: (ComputeContext) throws -> Result) rethrows -> [Result] {
    try (1...3).map { try body(ComputeContext(threads: $0)) }
}

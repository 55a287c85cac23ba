import TensorCore

/// What the bytes of columns of panels stand for: each column, a row of the weights, has a scale of its own.
struct ByteScales {
    /// [panel][64]: what weights are multiplied by before they are rounded.
    let factors: Tensor
    /// [panel][64]: what sums of products of bytes are multiplied by.
    let scales: Tensor
    /// Whether all weights are finite.
    let areFinite: Bool

    /// Rows of smaller weights than this count as zeros: whatever they are multiplied by, it adds nothing to a sum in single
    /// precision that is not as small.
    private static let least: Float = 1e-30
    /// A byte goes to 127, as a weight and as a state.
    private static let largestByte: Float = 127

    /// - Parameter largest: the largest magnitude of each column's weights, [panel][64]; zero where there is none.
    init(largest: [Float]) {
        factors = Tensor(
            largest.map { $0 < Self.least ? 0 : Self.largestByte / $0 }, shape: [largest.count / 64, 64])
        scales = Tensor(
            largest.map { $0 < Self.least ? 0 : $0 / (Self.largestByte * Self.largestByte) },
            shape: [largest.count / 64, 64])
        areFinite = largest.allSatisfy(\.isFinite)
    }

    /// The largest magnitude of each row; what is no number where one is none.
    static func largestOfRows(_ weight: Tensor) -> [Float] {
        let (rows, columns) = (weight.shape[0], weight.shape[1])
        return weight.withUnsafePointer { values in
            (0..<rows).map { row in
                // As bits: infinity is above all numbers, and what is no number above infinity.
                var largest: UInt32 = 0
                for value in UnsafeBufferPointer(start: values + row * columns, count: columns) {
                    largest = max(largest, value.bitPattern & 0x7fff_ffff)
                }
                return Float(bitPattern: largest)
            }
        }
    }
}

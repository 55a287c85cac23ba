/// Weighted sums of rows of bytes, the first half of resizing.
///
/// Nearly all rows under an output have the same weight, so they are added as 16-bit numbers, eight to a vector
/// register of any processor, and multiplied once.
struct RowSums {
    /// The sums of one output row.
    private(set) var values: [UInt32]
    private var plain: [UInt16]
    /// 257 · 255 is the largest 16-bit number.
    private static let mostRowsPerRun = 257

    init(length: Int) {
        values = [UInt32](repeating: 0, count: length)
        plain = [UInt16](repeating: 0, count: length)
    }

    /// Sets `values` to the sum of weight · row over the taps of one output.
    mutating func add(_ rows: AxisWeights, output: Int, from source: UnsafePointer<UInt8>) {
        let length = values.count
        let taps = rows.start[output]..<rows.start[output + 1]
        values.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        var tap = taps.lowerBound
        while tap < taps.upperBound {
            var end = tap + 1
            while end < taps.upperBound && rows.weights[end] == rows.weights[tap] && end - tap < Self.mostRowsPerRun {
                end += 1
            }
            let firstRow = source + (rows.first[output] + tap - taps.lowerBound) * length
            addRun(of: end - tap, from: firstRow, weight: rows.weights[tap])
            tap = end
        }
    }

    private mutating func addRun(of rows: Int, from source: UnsafePointer<UInt8>, weight: UInt32) {
        let length = values.count
        values.withUnsafeMutableBufferPointer { values in
            plain.withUnsafeMutableBufferPointer { plain in
                for x in 0..<length { plain[x] = UInt16(source[x]) }
                var row = 1
                while row + 4 <= rows {
                    let a = source + row * length, b = a + length, c = b + length, d = c + length
                    for x in 0..<length {
                        plain[x] &+= UInt16(a[x]) &+ UInt16(b[x]) &+ UInt16(c[x]) &+ UInt16(d[x])
                    }
                    row += 4
                }
                while row < rows {
                    let a = source + row * length
                    for x in 0..<length { plain[x] &+= UInt16(a[x]) }
                    row += 1
                }
                for x in 0..<length { values[x] &+= UInt32(plain[x]) &* weight }
            }
        }
    }
}

import Requirements

extension Picture {
    /// Sides beyond this are refused: sums of whole numbers must fit their registers.
    package static let longestSide = 1 << 20

    /// The same picture with other sides. Along an axis that shrinks, an output pixel is the mean of what it covers,
    /// inputs that it covers in part weighted by that part; along one that grows, it is interpolated linearly between
    /// the two nearest middles of pixels; an axis of the same length is left alone.
    ///
    /// The arithmetic is exact, in whole numbers, and each value is rounded once (halves up): the result is the true
    /// mean to the nearest byte, the same on every processor. sRGB values are averaged as they stand, as most tools do.
    ///
    /// Cost: one pass over the picture; 12 megapixels of color to 64×64 take a few milliseconds.
    ///
    /// - Precondition: both sides are between 1 and ``longestSide``.
    package func resized(width newWidth: Int, height newHeight: Int) -> Picture {
        let allowed = 1...Self.longestSide
        require(
            allowed.contains(newWidth) && allowed.contains(newHeight) && allowed.contains(max(width, height)),
            "cannot resize \(width) × \(height) pixels to \(newWidth) × \(newHeight)")
        if newWidth == width && newHeight == height { return self }
        let columns = AxisWeights(from: width, to: newWidth), rows = AxisWeights(from: height, to: newHeight)
        let result = [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * channels) { buffer, initialized in
            initialized = buffer.count
            pixels.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = buffer.baseAddress else { return }
                var sums = RowSums(length: width * channels)
                for y in 0..<newHeight {
                    sums.add(rows, output: y, from: source)
                    Self.sumColumns(
                        sums.values, columns, scale: UInt64(rows.total), channels: channels,
                        into: target + y * newWidth * channels)
                }
            }
        }
        return Picture(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }

    /// The second half of resizing: from the sums of rows to the bytes of one output row.
    private static func sumColumns(
        _ sums: [UInt32], _ columns: AxisWeights, scale: UInt64, channels: Int, into target: UnsafeMutablePointer<UInt8>
    ) {
        let divisor = UInt64(columns.total) * scale
        sums.withUnsafeBufferPointer { sums in
            columns.weights.withUnsafeBufferPointer { weights in
                for x in 0..<columns.count {
                    let taps = columns.start[x]..<columns.start[x + 1]
                    for channel in 0..<channels {
                        var input = columns.first[x] * channels + channel
                        var sum = divisor / 2
                        for tap in taps {
                            sum &+= UInt64(sums[input]) &* UInt64(weights[tap])
                            input += channels
                        }
                        target[x * channels + channel] = UInt8(truncatingIfNeeded: sum / divisor)
                    }
                }
            }
        }
    }
}

/// How the pixels along one axis are made from those of another length.
///
/// Output i is the sum of weight · input over its taps, divided by `total`. All weights are whole numbers, so that a
/// picture is rounded once, at the very end, and every processor gives the same bytes.
struct AxisWeights {
    /// The sum of the weights of each output.
    let total: UInt32
    /// The first input of each output.
    private(set) var first: [Int] = []
    /// The weights of output i are `weights[start[i] ..< start[i + 1]]`.
    private(set) var start: [Int] = [0]
    private(set) var weights: [UInt32] = []

    var count: Int { first.count }

    init(from source: Int, to target: Int) {
        let divisor = Self.greatestCommonDivisor(source, target)
        let n = source / divisor, m = target / divisor
        if target <= source {
            total = UInt32(n)
            addAreas(n: n, m: m, target: target)
        } else {
            total = UInt32(2 * m)
            addLinear(n: n, m: m, source: source, target: target)
        }
    }

    /// In units in which an input is m long and an output n, output i covers i·n ..< (i + 1)·n: the weight of an
    /// input is how much of it lies in there.
    private mutating func addAreas(n: Int, m: Int, target: Int) {
        for i in 0..<target {
            let low = i * n, high = low + n
            let inputs = low / m...(high - 1) / m
            first.append(inputs.lowerBound)
            for j in inputs { weights.append(UInt32(min((j + 1) * m, high) - max(j * m, low))) }
            start.append(weights.count)
        }
    }

    /// The middle of output i lies at ((2i + 1)·n − m) / 2m, counted from the middle of the first input; beyond the
    /// middles of the outermost inputs their values go on.
    private mutating func addLinear(n: Int, m: Int, source: Int, target: Int) {
        for i in 0..<target {
            let position = (2 * i + 1) * n - m
            let input = position / (2 * m)
            let fraction = position - input * 2 * m
            if position <= 0 || fraction == 0 || input >= source - 1 {
                first.append(position <= 0 ? 0 : min(input, source - 1))
                weights.append(total)
            } else {
                first.append(input)
                weights += [total - UInt32(fraction), UInt32(fraction)]
            }
            start.append(weights.count)
        }
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}

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

import Requirements
import TensorCore

/// Points of the plane in nested squares, so that a distant group acts as one point (Barnes & Hut 1986; for t-SNE van
/// der Maaten 2014).
///
/// Points are sorted along a Z-shaped curve (Morton 1966): a square is then a range, and the tree a list in which each
/// node says where the walk goes on when it is not entered.
struct QuadTree {
    struct Node {
        /// The center of mass.
        var x: Float = 0, y: Float = 0
        var mass: Float = 0
        /// The square of the side of its square; 0 for one point.
        var squaredSide: Float = 0
        /// The next node outside of this one.
        var skip: Int32 = 0
        /// The points of a leaf; none for an inner node.
        var first: Int32 = 0, count: Int32 = 0
    }

    private static let leafSize = 8
    /// Bits of a coordinate: squares of a two-millionth of the whole are not divided further.
    private static let levels = 21
    /// Below the bits of two coordinates, a point's number.
    private static let numberBits = 22

    private(set) var nodes: [Node] = []
    /// Points in curve order: their numbers, and coordinates with room for a whole group of lanes.
    private(set) var order: [Int32] = []
    private var x = Tensor(zeros: [0]), y = Tensor(zeros: [0])
    private var keys: [UInt64] = []
    private var side = 0.0

    mutating func build(_ px: UnsafePointer<Float>, _ py: UnsafePointer<Float>, count: Int) {
        require(count > 0 && count <= 1 << Self.numberBits, "a tree of \(count) points")
        sortAlongCurve(px, py, count)
        let padded = Repulsion.padded(count)
        if x.count != padded { (x, y) = (Tensor(zeros: [padded]), Tensor(zeros: [padded])) }
        let sortedX = x.mutablePointer, sortedY = y.mutablePointer
        order = keys.map { Int32($0 & (1 << Self.numberBits - 1)) }
        for place in 0..<padded {
            // Lanes past the end repeat the last point, so that its group does not grow.
            let point = Int(order[min(place, count - 1)])
            (sortedX[place], sortedY[place]) = (px[point], py[point])
        }
        nodes.removeAll(keepingCapacity: true)
        _ = addNode(0..<count)
    }

    /// Adds the node of a range of points and all below it.
    /// - Returns: the sums of their coordinates.
    private mutating func addNode(_ range: Range<Int>) -> SIMD2<Double> {
        let index = nodes.count
        nodes.append(Node())
        // The smallest square that holds first and last holds all between; the squares around it need no node.
        let differing = (keys[range.lowerBound] ^ keys[range.upperBound - 1]) >> Self.numberBits
        let level = differing == 0 ? Self.levels : (differing.leadingZeroBitCount - Self.numberBits) / 2
        var sum = SIMD2<Double>.zero
        if range.count <= Self.leafSize || level == Self.levels {
            x.withUnsafePointer { x in
                y.withUnsafePointer { y in for place in range { sum += SIMD2(Double(x[place]), Double(y[place])) } }
            }
            nodes[index].first = Int32(range.lowerBound)
            nodes[index].count = Int32(range.count)
        } else {
            let shift = UInt64(Self.numberBits + 2 * (Self.levels - 1 - level))
            var start = range.lowerBound
            while start < range.upperBound {
                let quadrant = keys[start] >> shift
                var end = start + 1
                while end < range.upperBound, keys[end] >> shift == quadrant { end += 1 }
                sum += addNode(start..<end)
                start = end
            }
        }
        let center = sum / Double(range.count), cell = range.count == 1 ? 0 : side / Double(1 << level)
        nodes[index].x = Float(center.x)
        nodes[index].y = Float(center.y)
        nodes[index].mass = Float(range.count)
        nodes[index].squaredSide = Float(cell * cell)
        nodes[index].skip = Int32(nodes.count)
        return sum
    }

    /// Keys: the interleaved bits of a point's place in the bounding square, above its number.
    private mutating func sortAlongCurve(_ px: UnsafePointer<Float>, _ py: UnsafePointer<Float>, _ count: Int) {
        var low = SIMD2<Float>(repeating: .infinity), high = -low
        for point in 0..<count {
            let position = SIMD2(px[point], py[point])
            low = pointwiseMin(low, position)
            high = pointwiseMax(high, position)
        }
        let extent = (high - low).max()
        side = Double(extent)
        let scale = extent > 0 && extent.isFinite ? Float(1 << Self.levels) / extent : 0
        func cell(_ offset: Float) -> UInt64 {
            // Not a number falls through to 0.
            offset * scale >= 0 ? UInt64(min(offset * scale, Float(1 << Self.levels) - 1)) : 0
        }
        var sorted = [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
            for point in 0..<count {
                let key = Self.spread(cell(px[point] - low.x)) | Self.spread(cell(py[point] - low.y)) << 1
                buffer[point] = key << Self.numberBits | UInt64(point)
            }
            initialized = count
        }
        if keys.count != count { keys = sorted }
        // By bytes, from the last: the order of equals is kept.
        for shift in stride(from: UInt64(Self.numberBits), to: 64, by: 8) {
            var places = [Int](repeating: 0, count: 257)
            for key in sorted { places[Int(key >> shift & 255) + 1] += 1 }
            for byte in 0..<256 { places[byte + 1] += places[byte] }
            for key in sorted {
                let byte = Int(key >> shift & 255)
                keys[places[byte]] = key
                places[byte] += 1
            }
            swap(&keys, &sorted)
        }
        swap(&keys, &sorted)
    }

    /// The low 32 bits of a number, each followed by a zero.
    private static func spread(_ bits: UInt64) -> UInt64 {
        var b = bits
        b = (b | b << 16) & 0x0000_ffff_0000_ffff
        b = (b | b << 8) & 0x00ff_00ff_00ff_00ff
        b = (b | b << 4) & 0x0f0f_0f0f_0f0f_0f0f
        b = (b | b << 2) & 0x3333_3333_3333_3333
        return (b | b << 1) & 0x5555_5555_5555_5555
    }

    /// Lets each point meet all: a square whose side is less than `angle` times its distance from the whole group of
    /// eight meets them as one point.
    func addForces(angle: Float, to sums: GroupSums, in context: ComputeContext) {
        let total = order.count, groups = x.count / Repulsion.lanes, squaredAngle = angle * angle
        nodes.withUnsafeBufferPointer { nodes in
            order.withUnsafeBufferPointer { order in
                x.withUnsafePointer { x in
                    y.withUnsafePointer { y in
                        context.parallel(over: groups, work: total * 1000) { part in
                            for first in part.lazy.map({ $0 * Repulsion.lanes }) {
                                var group = PointGroup(x + first, y + first)
                                Self.walk(nodes, x, y, squaredAngle, &group)
                                for lane in 0..<min(Repulsion.lanes, total - first) {
                                    sums.store(group, lane: lane, at: Int(order[first + lane]))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func walk(
        _ nodes: UnsafeBufferPointer<Node>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
        _ squaredAngle: Float, _ group: inout PointGroup
    ) {
        let left = group.x.min(), right = group.x.max(), bottom = group.y.min(), top = group.y.max()
        var index = 0
        while index < nodes.count {
            let node = nodes[index]
            let dx = max(0, max(left - node.x, node.x - right)), dy = max(0, max(bottom - node.y, node.y - top))
            if node.squaredSide < squaredAngle * (dx * dx + dy * dy) {
                group.meet(node.x, node.y, mass: node.mass)
                index = Int(node.skip)
            } else if node.count > 0 {
                for place in Int(node.first)..<Int(node.first + node.count) { group.meet(x[place], y[place]) }
                index = Int(node.skip)
            } else {
                index += 1
            }
        }
    }
}

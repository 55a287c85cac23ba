import TensorCore

/// How the points of a t-SNE map push each other away: sum_j w_ij^2 (y_i - y_j) and Z, the sum of w over all ordered
/// pairs, w = 1 / (1 + d^2). Eight points at a time, one in each lane, meet one other point or one cell of a tree.
struct Repulsion {
    static let lanes = 8
    private let count: Int
    /// Before the division by Z; coordinates apart, with room for whole groups of lanes.
    private(set) var forceX: Tensor, forceY: Tensor
    private var weights: Tensor
    private var tree = QuadTree()

    init(count: Int) {
        self.count = count
        forceX = Tensor(zeros: [Self.padded(count)])
        (forceY, weights) = (Tensor(zeros: forceX.shape), Tensor(zeros: forceX.shape))
    }

    static func padded(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }

    /// - Parameters:
    ///   - x: [padded count], and y.
    ///   - angle: 0 for all pairs, otherwise the tree's limit.
    /// - Returns: Z.
    mutating func compute(_ x: Tensor, _ y: Tensor, angle: Double, in context: ComputeContext) -> Double {
        let sums = GroupSums(
            forceX: forceX.mutablePointer, forceY: forceY.mutablePointer, weight: weights.mutablePointer)
        withExtendedLifetime((x, y)) {
            if angle > 0 {
                tree.build(x.pointer, y.pointer, count: count)
                tree.addForces(angle: Float(angle), to: sums, in: context)
            } else {
                allPairs(x.pointer, y.pointer, to: sums, in: context)
            }
        }
        // Each point has met itself, with a weight of exactly 1.
        return weights.withUnsafePointer { weights in
            (0..<count).reduce(0) { $0 + (Double(weights[$1]) - 1) }
        }
    }

    private func allPairs(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, to sums: GroupSums, in context: ComputeContext
    ) {
        let count = count
        context.parallel(over: Self.padded(count) / Self.lanes, work: count * count) { part in
            for first in part.lazy.map({ $0 * Self.lanes }) {
                var group = PointGroup(x + first, y + first)
                for j in 0..<count { group.meet(x[j], y[j]) }
                for lane in 0..<Self.lanes { sums.store(group, lane: lane, at: first + lane) }
            }
        }
    }
}

/// The arrays, [points], that receive the sums of each point.
struct GroupSums {
    let forceX: UnsafeMutablePointer<Float>, forceY: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>

    @inline(__always)
    func store(_ group: PointGroup, lane: Int, at point: Int) {
        forceX[point] = group.forceX[lane]
        forceY[point] = group.forceY[lane]
        weight[point] = group.weight[lane]
    }
}

/// Eight points of the map and the sums over those they have met.
struct PointGroup {
    let x: SIMD8<Float>, y: SIMD8<Float>
    private(set) var forceX = SIMD8<Float>.zero, forceY = SIMD8<Float>.zero, weight = SIMD8<Float>.zero

    @inline(__always)
    init(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>) {
        self.x = UnsafeRawPointer(x).loadUnaligned(as: SIMD8<Float>.self)
        self.y = UnsafeRawPointer(y).loadUnaligned(as: SIMD8<Float>.self)
    }

    /// Adds the force of one other point, or of the point itself (a weight of 1 and no force).
    @inline(__always)
    mutating func meet(_ otherX: Float, _ otherY: Float) {
        let dx = x - otherX, dy = y - otherY
        let w = 1 / (1 + dx * dx + dy * dy), square = w * w
        weight += w
        forceX += square * dx
        forceY += square * dy
    }

    /// Adds the force of many points as if all of them stood at their center of mass.
    @inline(__always)
    mutating func meet(_ otherX: Float, _ otherY: Float, mass: Float) {
        let dx = x - otherX, dy = y - otherY
        let w = 1 / (1 + dx * dx + dy * dy), heavy = mass * w, square = heavy * w
        weight += heavy
        forceX += square * dx
        forceY += square * dy
    }
}

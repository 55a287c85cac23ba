package import Images
import Requirements
package import TensorCore

/// The way from one picture to another through the space of codes.
package struct CodeWalk {
    package let start: [Float]
    package let end: [Float]
    private let saved: SavedAutoencoder
    /// Where both pictures lay in the model's format, if they did so at the same place: those between them do too.
    private let placement: Placement?

    /// - Parameters:
    ///   - first: a collection of one picture, and second.
    /// - Throws: `ImageError` where one cannot be read.
    package init(
        from first: ImageCollection, to second: ImageCollection, with saved: SavedAutoencoder,
        in context: ComputeContext
    ) throws {
        let (a, b) = (try saved.code(of: first, in: context), try saved.code(of: second, in: context))
        (start, end, self.saved) = (a.code, b.code, saved)
        placement = a.placement == b.placement ? a.placement : nil
    }

    /// So many pictures, the reconstructions of both ends among them: of the size of both where they have the same, else
    /// of the model's.
    package func pictures(_ path: Interpolation, count: Int, in context: ComputeContext) -> [Picture] {
        saved.pictures(from: path.steps(from: start, to: end, count: count), at: placement, in: context)
    }
}

/// The way from one code to another.
package enum Interpolation: String, CaseIterable, Codable, Sendable {
    /// Along the straight line.
    case linear
    /// Along the arc: directions turn evenly (Shoemake 1985), as draws from a Gaussian in many dimensions lie near a
    /// sphere (White 2016). The straight line where either code is zero or the two are parallel or opposed.
    case spherical

    /// Codes at `count` even steps, [count, K]: the first is `start`, the last is `end`, exactly.
    ///
    /// - Parameters:
    ///   - start: [K], and end.
    ///   - count: at least 2.
    package func steps(from start: [Float], to end: [Float], count: Int) -> Tensor {
        require(count >= 2, "\(count) steps from one code to another")
        require(start.count == end.count, "codes of \(start.count) and \(end.count) numbers")
        var codes: [Float] = []
        for step in 0..<count { codes += point(Double(step) / Double(count - 1), from: start, to: end) }
        return Tensor(codes, shape: [count, start.count])
    }

    /// The code at a share of the way, 0 ... 1.
    package func point(_ share: Double, from start: [Float], to end: [Float]) -> [Float] {
        if share <= 0 { return start }
        if share >= 1 { return end }
        let (a, b) = self == .linear ? (1 - share, share) : Self.weights(share, start, end)
        return zip(start, end).map { Float(a * Double($0) + b * Double($1)) }
    }

    /// sin((1 - t) w) / sin w and sin(t w) / sin w, w the angle between the codes.
    private static func weights(_ share: Double, _ start: [Float], _ end: [Float]) -> (Double, Double) {
        let straight = (1 - share, share)
        let a = length(start.map(Double.init)), b = length(end.map(Double.init))
        guard a > 0, b > 0 else { return straight }
        let sum = length(zip(start, end).map { Double($0) / a + Double($1) / b })
        let difference = length(zip(start, end).map { Double($0) / a - Double($1) / b })
        // Of half the angle: exact for near and for opposed directions, where the scalar product says little.
        let half = angle(sine: difference / 2, cosine: sum / 2), sine = DeterministicMath.sin(2 * half)
        guard sine > 1e-6 else { return straight }
        return (
            DeterministicMath.sin((1 - share) * 2 * half) / sine, DeterministicMath.sin(share * 2 * half) / sine
        )
    }

    private static func length(_ vector: [Double]) -> Double {
        vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// The angle in 0 ... pi / 2 with this sine and cosine: a polynomial (Abramowitz & Stegun 4.4.45, error 7e-5), then
    /// two steps that each cube the error.
    private static func angle(sine: Double, cosine: Double) -> Double {
        let c = min(1, max(0, cosine))
        let polynomial = 1.5707288 + c * (-0.2121144 + c * (0.0742610 - 0.0187293 * c))
        var angle = (1 - c).squareRoot() * polynomial
        for _ in 0..<2 {
            angle += sine * DeterministicMath.cos(angle) - cosine * DeterministicMath.sin(angle)
        }
        return angle
    }
}

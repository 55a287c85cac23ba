import Requirements
package import TensorCore

/// Which numbers of a variational code say anything about the picture: those whose posterior mean varies over pictures
/// with a variance above 0.01 (Burda, Grosse & Salakhutdinov 2016, section 5.2).
package struct ActiveUnits: Sendable, Equatable, CustomStringConvertible {
    /// The variance over pictures of each unit's posterior mean (divided by the number of pictures).
    package let variances: [Double]
    package let threshold: Double

    /// - Parameter posteriorMeans: [N, K] in any number of batches, one row for each picture, N at least 1.
    package init(posteriorMeans batches: [Tensor], threshold: Double = 0.01) {
        let columns = batches.first?.shape.columns ?? 0, rows = batches.reduce(0) { $0 + $1.shape.rows }
        require(rows > 0, "active units of no pictures")
        require(batches.allSatisfy { $0.shape.columns == columns }, "codes \(batches.map(\.shape))")
        var means = [Double](repeating: 0, count: columns), squares = means
        func forEach(_ body: (_ column: Int, _ value: Double) -> Void) {
            for batch in batches {
                batch.withUnsafePointer { p in for index in 0..<batch.count { body(index % columns, Double(p[index])) }
                }
            }
        }
        forEach { means[$0] += $1 / Double(rows) }
        forEach { squares[$0] += ($1 - means[$0]) * ($1 - means[$0]) }
        variances = squares.map { $0 / Double(rows) }
        self.threshold = threshold
    }

    /// - Parameter posteriorMeans: [N, K]
    package init(posteriorMeans: Tensor, threshold: Double = 0.01) {
        self.init(posteriorMeans: [posteriorMeans], threshold: threshold)
    }

    package var isActive: [Bool] { variances.map { $0 > threshold } }
    package var count: Int { variances.count { $0 > threshold } }
    /// The numbers, counted from 0, of the units that say nothing.
    package var collapsed: [Int] { variances.indices.filter { !(variances[$0] > threshold) } }

    /// `18 of 20 units active; collapsed: 3, 7`
    package var description: String {
        let summary = "\(count) of \(variances.count) units active"
        return collapsed.isEmpty
            ? summary : summary + "; collapsed: " + collapsed.map(String.init).joined(separator: ", ")
    }
}

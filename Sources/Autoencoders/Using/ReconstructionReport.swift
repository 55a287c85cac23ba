import Requirements

/// How well many pictures come back, one by one.
package struct ReconstructionReport: Sendable {
    /// In the order of the collection.
    package let pictures: [ScoredPicture]
    /// Positions among the pictures, by decreasing mean squared error; the earlier first among equals.
    package let ranking: [Int]

    /// Which pictures to show.
    package enum Choice: String, CaseIterable, Sendable {
        /// Evenly over the collection.
        case spread
        case first, worst, best
    }

    /// - Precondition: at least one picture.
    package init(_ pictures: [ScoredPicture]) {
        require(!pictures.isEmpty, "a report on no pictures")
        self.pictures = pictures
        ranking = pictures.indices.sorted {
            let (a, b) = (pictures[$0].error.meanSquared, pictures[$1].error.meanSquared)
            return a != b ? a > b : $0 < $1
        }
    }

    package var worst: ScoredPicture { pictures[ranking[0]] }
    package var best: ScoredPicture { pictures[ranking[ranking.count - 1]] }
    package var medianSquaredError: Double {
        let (low, high) = (ranking[(ranking.count - 1) / 2], ranking[ranking.count / 2])
        return (pictures[low].error.meanSquared + pictures[high].error.meanSquared) / 2
    }

    /// The mean over pictures of each one's error, however many pixels it has.
    package var meanError: PictureError {
        let count = Double(pictures.count)
        return PictureError(
            meanSquared: pictures.reduce(0) { $0 + $1.error.meanSquared } / count,
            meanAbsolute: pictures.reduce(0) { $0 + $1.error.meanAbsolute } / count)
    }

    /// At most so many pictures: in the collection's order, or worst or best first.
    package func chosen(_ choice: Choice, count: Int) -> [ScoredPicture] {
        switch choice {
        case .spread: Spread.indices(count, of: pictures.count).map { pictures[$0] }
        case .first: Array(pictures.prefix(count))
        case .worst: ranking.prefix(count).map { pictures[$0] }
        case .best: ranking.reversed().prefix(count).map { pictures[$0] }
        }
    }
}

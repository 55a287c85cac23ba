import Requirements

/// How well errors tell anomalies from clean pictures, where labels say which are which.
package struct DetectionQuality: Sendable, Equatable {
    package let anomalies: Int
    package let cleanPictures: Int
    /// The area under the receiver operating characteristic: the chance that an anomaly's error is larger than a clean
    /// picture's, equal ones counted half (Hanley & McNeil 1982). 1 is perfect, 0.5 is chance.
    package let areaUnderCurve: Double
    private let sorted: [Scored]

    private struct Scored: Sendable, Equatable {
        let error: Double
        let isAnomaly: Bool
    }

    /// Compares all errors. Nil where there are only anomalies or only clean pictures. Cost: a sort.
    package init?(errors: [Double], isAnomaly: [Bool]) {
        require(errors.count == isAnomaly.count, "\(errors.count) errors with \(isAnomaly.count) labels")
        require(errors.allSatisfy { !$0.isNaN }, "an error that is not a number")
        anomalies = isAnomaly.count { $0 }
        cleanPictures = errors.count - anomalies
        guard anomalies > 0, cleanPictures > 0 else { return nil }
        sorted = zip(errors, isAnomaly).map { Scored(error: $0, isAnomaly: $1) }.sorted { $0.error < $1.error }
        // Mann and Whitney's count in halves: whole numbers, so no order of the equals shows.
        var halves = 0, cleanBelow = 0, start = 0
        while start < sorted.count {
            var end = start, clean = 0
            while end < sorted.count, sorted[end].error == sorted[start].error {
                if !sorted[end].isAnomaly { clean += 1 }
                end += 1
            }
            halves += (end - start - clean) * (2 * cleanBelow + clean)
            cleanBelow += clean
            start = end
        }
        areaUnderCurve = Double(halves) / 2 / (Double(anomalies) * Double(cleanPictures))
    }

    /// The shares of anomalies and of clean pictures whose error is above a threshold.
    package func rates(above threshold: Double) -> (truePositives: Double, falsePositives: Double) {
        let flagged = sorted.filter { $0.error > threshold }, hits = flagged.count { $0.isAnomaly }
        return (Double(hits) / Double(anomalies), Double(flagged.count - hits) / Double(cleanPictures))
    }
}

import Requirements
package import TensorCore

/// The codes of some pictures, with the pictures' names and labels.
package struct PictureCodes: Sendable, Equatable {
    package var names: [String]
    /// The class of each, where it has one.
    package var labels: [String?]
    /// [N, K], one row for each name.
    package var codes: Tensor

    /// - Precondition: as many rows as names and labels.
    package init(names: [String], labels: [String?], codes: Tensor) {
        require(
            codes.shape.rank == 2 && codes.shape[0] == names.count && labels.count == names.count,
            "codes of shape \(codes.shape) for \(names.count) names and \(labels.count) labels")
        (self.names, self.labels, self.codes) = (names, labels, codes)
    }

    package var count: Int { names.count }
    /// K, numbers in a code.
    package var length: Int { codes.shape[1] }

    package func code(_ index: Int) -> [Float] {
        codes.withUnsafePointer { Array(UnsafeBufferPointer(start: $0 + index * length, count: length)) }
    }

    package func subset(_ indices: [Int]) -> PictureCodes {
        PictureCodes(
            names: indices.map { names[$0] }, labels: indices.map { labels[$0] },
            codes: Tensor(indices.flatMap(code), shape: [indices.count, length]))
    }

    /// At most `limit` of the codes, spread evenly over all.
    package func spread(atMost limit: Int) -> PictureCodes {
        count <= limit ? self : subset(Spread.indices(limit, of: count))
    }

    /// Names for pictures without any: 000, 001, …, so that their order is that of their numbers.
    static func numbers(upTo count: Int) -> [String] {
        let width = String(max(0, count - 1)).count
        return (0..<count).map { number in
            let digits = String(number)
            return String(repeating: "0", count: width - digits.count) + digits
        }
    }

    /// Codes as they come, batch after batch.
    struct Collector {
        private let length: Int
        private var names: [String] = []
        private var labels: [String?] = []
        private var values: [Float] = []

        init(length: Int) { self.length = length }

        var count: Int { names.count }

        mutating func append(_ name: String, _ label: String?, _ code: some Collection<Float>) {
            names.append(name)
            labels.append(label)
            values.append(contentsOf: code)
        }

        mutating func append(_ more: PictureCodes) {
            require(more.length == length, "codes of \(more.length) numbers beside codes of \(length)")
            names += more.names
            labels += more.labels
            values += more.codes.values
        }

        /// The codes collected since the last call; the collector is empty then.
        mutating func take() -> PictureCodes {
            defer { self = Collector(length: length) }
            return PictureCodes(names: names, labels: labels, codes: Tensor(values, shape: [names.count, length]))
        }
    }
}

/// Chooses some of many, evenly spread.
enum Spread {
    /// `count` different indices below `total`, in order, the first and the last among them if there are two.
    static func indices(_ count: Int, of total: Int) -> [Int] {
        guard count < total else { return Array(0..<total) }
        guard count > 1 else { return count == 1 ? [0] : [] }
        return (0..<count).map { $0 * (total - 1) / (count - 1) }
    }
}

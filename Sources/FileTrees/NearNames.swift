/// Which of some names a mistyped one may have meant.
package enum NearNames {
    /// The names that resemble `name`, nearest first, at most three; of names equally near those that come first.
    ///
    /// Near is what one slip of the fingers makes, or one for every three characters; and what holds the name as a part,
    /// or is a part of it, of three characters at least. Upper and lower case are the same.
    package static func near(_ name: String, among names: [String]) -> [String] {
        let wanted = Array(name.lowercased())
        let limit = max(1, wanted.count / 3)
        let ranked = names.enumerated().compactMap { index, name -> (distance: Int, index: Int, name: String)? in
            let other = Array(name.lowercased())
            let distance = distance(wanted, other)
            let isPart = min(wanted.count, other.count) >= 3 && (other.contains(wanted) || wanted.contains(other))
            return isPart || distance <= limit ? (distance, index, name) : nil
        }
        return ranked.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(3).map(\.name)
    }

    /// Characters put in, left out, replaced, or exchanged with their neighbor: the distance of Damerau and Levenshtein
    /// in its plain form (optimal string alignment).
    package static func distance<Element: Equatable>(_ left: [Element], _ right: [Element]) -> Int {
        var before: [Int] = [], row = Array(0...right.count)
        for i in left.indices {
            var next = [i + 1]
            for j in right.indices {
                var least = min(row[j] + (left[i] == right[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    least = min(least, before[j - 1] + 1)
                }
                next.append(least)
            }
            (before, row) = (row, next)
        }
        return row[right.count]
    }
}

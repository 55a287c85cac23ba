/// How often a unit must occur to be listed, chosen from the counts.
///
/// A model pays for each unit with a row of its input and output weights, and learns little of one that it sees once
/// or twice. Up to 256 different units all are listed. Of more, those go whose occurrences together make up at most
/// one in a thousand of the text: in a million characters of Chinese that drops about a fifth of 4,000 or so, in a
/// large encyclopedia nearly all of several thousand; a short text, where everything is rare, keeps all it has. A unit
/// seen 1,000 times is never rare. No vocabulary exceeds 20,000 units, the replacement symbol among them: of more, the
/// most frequent are listed, and of equally frequent ones those that come first by their bytes.
struct VocabularyPlan {
    static let alwaysListed = 256
    static let largestReplacedShare = 0.001
    static let neverRare = 1000
    static let largestVocabulary = 20_000

    let minimumCount: Int

    init(counts: [Int]) {
        guard counts.count > Self.alwaysListed else {
            minimumCount = 1
            return
        }
        let ascending = counts.sorted()
        let total = ascending.reduce(0, +)
        let allowed = Int(Double(total) * Self.largestReplacedShare)
        var minimum = 1
        var dropped = 0
        var index = 0
        // Units of equal count go together.
        while index < ascending.count - Self.alwaysListed {
            let count = ascending[index]
            var end = index
            while end < ascending.count && ascending[end] == count { end += 1 }
            let isRare = count < Self.neverRare && dropped + (end - index) * count <= allowed
            guard isRare else { break }
            dropped += (end - index) * count
            index = end
            minimum = count + 1
        }
        minimumCount = minimum
    }

    /// Of units in the order of their bytes, those that are listed: frequent enough, and not too many.
    static func listed(_ units: [UnitCount], minimumCount: Int) -> [UnitCount] {
        let frequent = units.filter { $0.count >= minimumCount }
        guard frequent.count >= largestVocabulary else { return frequent }
        let kept = frequent.indices.sorted { (-frequent[$0].count, $0) < (-frequent[$1].count, $1) }
            .prefix(largestVocabulary - 1).sorted()
        return kept.map { frequent[$0] }
    }
}

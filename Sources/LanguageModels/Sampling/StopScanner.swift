/// Finds the first stop string in a text that arrives in pieces, and holds back what might be the beginning of one.
///
/// Strings are compared scalar by scalar, so that the result does not depend on where the pieces are cut: as characters,
/// "e" would end a text or not according to whether its accent came in the same piece.
package struct StopScanner {
    private let stops: [[Unicode.Scalar]]
    private var held: [Unicode.Scalar] = []

    package init(_ stops: [String]) { self.stops = stops.map { Array($0.unicodeScalars) } }

    /// - Returns: text that is certain to come before any stop, and whether a stop has been reached.
    package mutating func append(_ piece: String) -> (text: String, isStop: Bool) {
        guard !stops.isEmpty else { return (piece, false) }
        held.append(contentsOf: piece.unicodeScalars)
        return scan(holding: true)
    }

    /// What was held back, now that nothing follows `piece`; nothing more after a stop.
    package mutating func finish(_ piece: String) -> String {
        guard !stops.isEmpty else { return piece }
        held.append(contentsOf: piece.unicodeScalars)
        return scan(holding: false).text
    }

    private mutating func scan(holding: Bool) -> (text: String, isStop: Bool) {
        var start = 0
        while start < held.count {
            let rest = held[start...]
            if stops.contains(where: { rest.starts(with: $0) }) {
                defer { held = [] }
                return (Self.string(held[..<start]), true)
            }
            if holding, stops.contains(where: { $0.starts(with: rest) }) { break }
            start += 1
        }
        defer { held.removeFirst(start) }
        return (Self.string(held[..<start]), false)
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}

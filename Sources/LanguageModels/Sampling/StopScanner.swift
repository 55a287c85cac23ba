/// Finds the first stop string in a text that arrives in pieces, and holds back what might be the beginning of one.
package struct StopScanner {
    private let stops: [[Character]]
    private var held: [Character] = []

    package init(_ stops: [String]) { self.stops = stops.map(Array.init) }

    /// - Returns: text that is certain to come before any stop, and whether a stop has been reached.
    package mutating func append(_ piece: String) -> (text: String, isStop: Bool) {
        guard !stops.isEmpty else { return (piece, false) }
        // Scalars may join what is held into one character, so the pieces are joined as strings.
        held = Array(String(held) + piece)
        var start = 0
        while start < held.count {
            let rest = held[start...]
            if stops.contains(where: { rest.starts(with: $0) }) {
                defer { held = [] }
                return (String(held[..<start]), true)
            }
            if stops.contains(where: { $0.starts(with: rest) }) { break }
            start += 1
        }
        defer { held.removeFirst(start) }
        return (String(held[..<start]), false)
    }

    /// What was held back, now that nothing follows; nothing more after a stop.
    package mutating func finish(_ piece: String) -> String {
        let (text, isStop) = append(piece)
        defer { held = [] }
        return isStop ? text : text + String(held)
    }
}

/// Finds the first stop string in a text that arrives in pieces, and holds back what might be the beginning of one.
///
/// Strings are compared byte by byte, so that the result does not depend on where the pieces are cut: as characters,
/// "e" would end a text or not according to whether its accent came in the same piece.
package struct StopScanner {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    package init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

    /// - Returns: text that is certain to come before any stop, and whether a stop has been reached.
    package mutating func append(_ piece: ArraySlice<UInt8>) -> (text: ArraySlice<UInt8>, isStop: Bool) {
        guard !stops.isEmpty else { return (piece, false) }
        held.append(contentsOf: piece)
        return scan(holding: true)
    }

    /// What was held back, now that nothing follows `piece`; nothing more after a stop.
    package mutating func finish(_ piece: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard !stops.isEmpty else { return piece }
        held.append(contentsOf: piece)
        return scan(holding: false).text
    }

    private mutating func scan(holding: Bool) -> (text: ArraySlice<UInt8>, isStop: Bool) {
        var start = 0
        while start < held.count {
            let rest = held[start...]
            if stops.contains(where: { rest.starts(with: $0) }) {
                defer { held = [] }
                return (held[..<start], true)
            }
            if holding, stops.contains(where: { $0.starts(with: rest) }) { break }
            start += 1
        }
        defer { held.removeFirst(start) }
        return (held[..<start], false)
    }
}

/// Cuts UTF-8 that comes in pieces into extended grapheme clusters.
///
/// A cluster is given out once it is sure to be whole; the rest waits for the next piece. Between two scalars of a
/// simple kind (ASCII, ideographs, kana, precomposed letters) there is always a border; only other places are left to
/// the standard library's segmentation. Every run that it is given begins at a border, where the rules start afresh.
struct GraphemeSplitter {
    typealias Text = UnsafeBufferPointer<UInt8>

    enum Piece {
        /// Clusters of one scalar each.
        case scalars(Text)
        /// One cluster of several scalars.
        case cluster(Text)
    }

    /// Text from the last sure border on.
    private var pending: [UInt8] = []
    /// The length at which it is worth looking at `pending` again: a cluster longer than a piece is scanned at
    /// doubling lengths, so that the cost stays proportional to the text.
    private var nextScan = 0

    mutating func split(_ text: Text, _ body: (Piece) throws(TextError) -> Void) throws(TextError) {
        pending.append(contentsOf: text)
        guard pending.count >= nextScan else { return }
        let whole = pending
        pending.removeAll(keepingCapacity: true)
        let rest = try Self.scan(whole, isLast: false, body)
        pending.append(contentsOf: whole[rest...])
        nextScan = 2 * pending.count
    }

    mutating func finish(_ body: (Piece) throws(TextError) -> Void) throws(TextError) {
        let whole = pending
        pending = []
        nextScan = 0
        _ = try Self.scan(whole, isLast: true, body)
    }

    /// Gives out the whole clusters of `text`, and returns where the first that may go on begins.
    private static func scan(
        _ text: [UInt8], isLast: Bool, _ body: (Piece) throws(TextError) -> Void
    ) throws(TextError) -> Int {
        try text.withUnsafeBufferPointer { (buffer) throws(TextError) in
            var start = 0
            while start < buffer.count {
                // Simple scalars before a sure border are clusters already.
                var end = nextBorder(buffer, from: start)
                let runStart = start
                while end.isBorder && end.index - start == scalarLength(buffer, start) {
                    start = end.index
                    end = nextBorder(buffer, from: start)
                }
                if start > runStart { try body(.scalars(Text(rebasing: buffer[runStart..<start]))) }
                let isClosed = end.isBorder || isLast
                start += try give(Text(rebasing: buffer[start..<end.index]), isClosed: isClosed, body)
                if !isClosed { break }
            }
            return start
        }
    }

    /// The first sure border after `start`, or the end of the text.
    private static func nextBorder(_ text: Text, from start: Int) -> (index: Int, isBorder: Bool) {
        var index = start
        var previousIsSimple = false
        var previous: UInt32 = 0
        while index < text.count {
            let isASCII = text[index] < 0x80
            let (scalar, length) =
                isASCII ? (UInt32(text[index]), 1) : UnitBuilder.scalar(text.baseAddress! + index)
            let isSimple = isASCII || isSimple(scalar)
            if isSimple && previousIsSimple && !(previous == 0x0d && scalar == 0x0a) { return (index, true) }
            (previous, previousIsSimple) = (scalar, isSimple)
            index += length
        }
        return (index, false)
    }

    private static func scalarLength(_ text: Text, _ index: Int) -> Int {
        text[index] < 0x80 ? 1 : UnitBuilder.scalar(text.baseAddress! + index).1
    }

    /// Gives out the clusters of a run, but not the last unless the run is closed; returns the bytes given out.
    private static func give(
        _ run: Text, isClosed: Bool, _ body: (Piece) throws(TextError) -> Void
    ) throws(TextError) -> Int {
        var given = 0
        for character in String(decoding: run, as: UTF8.self) {
            let length = character.utf8.count
            if !isClosed && given + length == run.count { break }
            try body(.cluster(Text(rebasing: run[given..<given + length])))
            given += length
        }
        return given
    }

    /// Scalars beyond ASCII of Grapheme_Cluster_Break=Other (or precomposed Hangul) between which there is always a
    /// border, from Unicode's GraphemeBreakProperty.txt. Leaving some out costs time only.
    private static func isSimple(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xae...0x2ff, 0x370...0x482, 0x48a...0x52f, 0x2010...0x2027, 0x3000...0x3029,
            0x3041...0x3096, 0x309b...0x30ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7a3, 0xff01...0xff9d:
            true
        default:
            false
        }
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns CR LF into LF in text that comes in pieces. A CR that no LF follows stays.
struct CarriageReturnFilter {
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// A CR ended the last piece; whether it stays depends on the next byte.
    private var holdsCarriageReturn = false

    /// Filters `count` bytes at `text` in place and returns what remains of them.
    ///
    /// The byte before `text` must belong to the caller's buffer: a CR held back from the last piece goes there.
    mutating func apply(_ text: UnsafeMutablePointer<UInt8>, count: Int, isLast: Bool) -> UnsafeBufferPointer<UInt8> {
        var start = text
        var end = text + count
        if holdsCarriageReturn && (count > 0 || isLast) {
            holdsCarriageReturn = false
            if count == 0 || text[0] != Self.lineFeed {
                start -= 1
                start[0] = Self.carriageReturn
            }
        }
        // A held CR that stays counts as text of this piece, but has been looked at already.
        if count > 0 && end[-1] == Self.carriageReturn && !isLast {
            holdsCarriageReturn = true
            end -= 1
        }
        var read = text
        guard var found = Self.find(read, end) else { return UnsafeBufferPointer(start: start, count: end - start) }
        var write = found
        read = found
        while read < end {
            // `read` stands on a CR: it is dropped where an LF follows.
            let isPair = read + 1 < end && read[1] == Self.lineFeed
            if !isPair {
                write[0] = Self.carriageReturn
                write += 1
            }
            let from = read + 1
            found = Self.find(from, end) ?? end
            memmove(write, from, found - from)
            write += found - from
            read = found
        }
        return UnsafeBufferPointer(start: start, count: write - start)
    }

    private static func find(
        _ start: UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8>? {
        guard start < end else { return nil }
        return memchr(start, Int32(carriageReturn), end - start)?.assumingMemoryBound(to: UInt8.self)
    }
}

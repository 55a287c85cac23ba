#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns the line ends of other systems into LF in text that comes in pieces: CR LF (Windows), CR alone (old Macs), and
/// CR CR LF, which a file gets that was converted twice.
struct LineEndFilter {
    /// How many times CR LF, or several CR and an LF, became one LF.
    private(set) var pairs = 0
    /// How many CR without an LF became LF.
    private(set) var lone = 0

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// How many CR ended the last piece; what becomes of them depends on the next byte.
    private var held = 0

    /// Filters `count` bytes at `text` in place, and gives what comes of them to `body`.
    mutating func apply(
        _ text: UnsafeMutablePointer<UInt8>, count: Int, isLast: Bool,
        to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) {
        let end = text + count
        var start = text
        if held > 0 {
            while start < end, start.pointee == Self.carriageReturn {
                held += 1
                start += 1
            }
            guard start < end || isLast else { return }
            try release(isBeforeLineFeed: start < end && start.pointee == Self.lineFeed, to: body)
        }
        guard start < end else { return }
        var read = Self.find(start, end) ?? end, write = read
        while read < end {
            // `read` stands on the first of some CR.
            var next = read
            while next < end, next.pointee == Self.carriageReturn { next += 1 }
            if next == end && !isLast {
                held = next - read
                break
            }
            if next < end && next.pointee == Self.lineFeed {
                pairs += 1
            } else {
                lone += next - read
                write.update(repeating: Self.lineFeed, count: next - read)
                write += next - read
            }
            let following = Self.find(next, end) ?? end
            memmove(write, next, following - next)
            write += following - next
            read = following
        }
        if write > start { try body(UnsafeBufferPointer(start: start, count: write - start)) }
    }

    private mutating func release(
        isBeforeLineFeed: Bool, to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) {
        defer { held = 0 }
        if isBeforeLineFeed { return pairs += 1 }
        lone += held
        let ends = [UInt8](repeating: Self.lineFeed, count: min(held, 4096))
        while held > 0 {
            let count = min(held, ends.count)
            try ends.withUnsafeBufferPointer { (ends) throws(TextError) in
                try body(UnsafeBufferPointer(rebasing: ends[..<count]))
            }
            held -= count
        }
    }

    private static func find(
        _ start: UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8>? {
        guard start < end else { return nil }
        return memchr(start, Int32(carriageReturn), end - start)?.assumingMemoryBound(to: UInt8.self)
    }
}

/// Takes byte-order marks (U+FEFF) out of UTF-8: inside a text they are left over from files that were joined.
struct MarkFilter {
    private(set) var removed = 0

    /// Filters `count` bytes of whole characters at `text` in place, and returns how many remain.
    mutating func apply(_ text: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        let end = text + count
        var read = text, write = text
        while let mark = Self.find(read, end) {
            removed += 1
            if write != read { memmove(write, read, mark - read) }
            write += mark - read
            read = mark + 3
        }
        // Nearly always there is none, and nothing moves.
        guard read != write else { return count }
        memmove(write, read, end - read)
        return write - text + (end - read)
    }

    private static func find(
        _ start: UnsafeMutablePointer<UInt8>, _ end: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8>? {
        var place = start
        while place + 2 < end, let found = memchr(place, 0xef, end - place - 2)?.assumingMemoryBound(to: UInt8.self) {
            if found[1] == 0xbb && found[2] == 0xbf { return found }
            place = found + 3
        }
        return nil
    }
}

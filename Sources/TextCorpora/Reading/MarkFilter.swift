#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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

/// A path as the system holds it: bytes, which need not be valid UTF-8 (names made under an older locale are not).
package struct RawPath: Sendable, Equatable {
    package let bytes: [UInt8]

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The path for people and messages.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// What follows the last slash, one at the very end not counted.
    package var lastComponent: ArraySlice<UInt8> {
        let slash = UInt8(ascii: "/")
        let end = bytes.last == slash ? bytes.count - 1 : bytes.count
        let start = bytes[..<end].lastIndex(of: slash).map { $0 + 1 } ?? 0
        return bytes[start..<end]
    }

    package init(cString: UnsafePointer<CChar>) {
        var end = cString
        while end.pointee != 0 { end += 1 }
        bytes = UnsafeBufferPointer(start: cString, count: end - cString).map { UInt8(bitPattern: $0) }
    }

    /// The folder that the last component lies in.
    package var parent: RawPath {
        let start = lastComponent.startIndex
        // "." for a name alone, "/" for what lies there.
        return RawPath(bytes: start == 0 ? Array(".".utf8) : Array(bytes[..<max(1, start - 1)]))
    }

    package func appending(_ name: [UInt8]) -> RawPath {
        let slash = UInt8(ascii: "/")
        return RawPath(bytes: bytes.last == slash ? bytes + name : bytes + [slash] + name)
    }

    package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
    }
}

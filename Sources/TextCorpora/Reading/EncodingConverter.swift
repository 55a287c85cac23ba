#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns text in some encoding into UTF-8, piece by piece, through `iconv`.
final class EncodingConverter {
    enum Outcome: Equatable {
        /// All input was converted.
        case done
        /// The output is full.
        case outputFull
        /// A character is cut short by the end of the input.
        case incomplete
        /// The byte at the end of what was consumed is not valid.
        case invalid
    }

    let name: String
    private let handle: iconv_t

    /// An encoding that the system does not know is `TextError.unknownEncoding`.
    init(encoding: String) throws(TextError) {
        // A slash would start iconv's suffixes (//IGNORE, //TRANSLIT), which lose text silently.
        let isName = !encoding.isEmpty && encoding.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
        if isName {
            for spelling in EncodingName.spellings(of: encoding) {
                guard let opened = iconv_open("UTF-8", spelling), Int(bitPattern: opened) != -1 else { continue }
                name = spelling
                handle = opened
                return
            }
        }
        throw .unknownEncoding(name: encoding, suggestions: EncodingName.suggestions(for: encoding))
    }

    /// Bytes of the smallest piece that can be left out without losing one's place.
    var smallestUnit: Int {
        let plain = EncodingName.plain(name)
        if ["utf16", "ucs2", "unicode"].contains(where: plain.hasPrefix) { return 2 }
        return ["utf32", "ucs4", "iso10646"].contains(where: plain.hasPrefix) ? 4 : 1
    }

    deinit {
        iconv_close(handle)
    }

    /// Converts from `input` to `output`, and says how many bytes of each were used.
    func convert(
        _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> (outcome: Outcome, consumed: Int, produced: Int) {
        var source = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var sourceLeft = input.count
        var target = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var targetLeft = output.count
        let status = iconv(handle, &source, &sourceLeft, &target, &targetLeft)
        let code = errno
        let used = (input.count - sourceLeft, output.count - targetLeft)
        guard status == -1 else { return (.done, used.0, used.1) }
        switch code {
        case E2BIG: return (.outputFull, used.0, used.1)
        case EINVAL: return (.incomplete, used.0, used.1)
        default: return (.invalid, used.0, used.1)
        }
    }

    /// Writes what the converter still holds back at the end of the text (Big5-HKSCS combines characters, say).
    func finish(into output: UnsafeMutableRawBufferPointer) -> Int {
        var target = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var targetLeft = output.count
        _ = iconv(handle, nil, nil, &target, &targetLeft)
        return output.count - targetLeft
    }
}

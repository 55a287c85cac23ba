/// Formats of files that are not text themselves, but hold some, or are often taken for it: told by how they begin. Letters
/// with which a text may begin as well do not decide alone, unless the format is written in letters itself.
package enum KnownFormat: Sendable, CaseIterable {
    case wordProcessor, book, archive, xz, bzip2, zstandard, lz4, sevenZip, rar, tar, pdf, oldOffice, rtf, postScript
    case picture, sound, database, program

    init?(startOf head: [UInt8]) {
        guard let found = Self.allCases.first(where: { $0.matches(head) }) else { return nil }
        self = found
    }

    private func matches(_ head: [UInt8]) -> Bool {
        func begins(_ text: String, at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: text.utf8) }
        func bytes(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
        // What no plain text has there: control characters other than white space.
        func hasControls(_ range: Range<Int>) -> Bool {
            head.prefix(range.upperBound).dropFirst(range.lowerBound).contains { $0 < 0x20 && !(9...13).contains($0) }
        }
        // The names of an archive's first members stand near its beginning.
        func holds(_ name: String) -> Bool { String(decoding: head.prefix(4096), as: UTF8.self).contains(name) }
        let isZip = bytes([0x50, 0x4b, 3, 4]) || bytes([0x50, 0x4b, 5, 6])
        switch self {
        case .wordProcessor:
            return isZip && ["word/", "[Content_Types].xml", "vnd.oasis.opendocument"].contains(where: holds)
        case .book: return isZip && holds("application/epub+zip")
        case .archive: return isZip
        case .xz: return bytes([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])
        // Behind a check sum a place in a block, which takes 20 of its 24 bits.
        case .bzip2: return begins("BZh") && begins("1AY&SY", at: 4) && hasControls(14..<15)
        case .zstandard: return bytes([0x28, 0xb5, 0x2f, 0xfd])
        case .lz4: return bytes([0x04, 0x22, 0x4d, 0x18])
        case .sevenZip: return bytes([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c])
        case .rar: return begins("Rar!\u{1a}")
        case .tar: return begins("ustar", at: 257) && hasControls(0..<257)
        case .pdf: return begins("%PDF-")
        case .oldOffice: return bytes([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
        case .rtf: return begins("{\\rtf")
        case .postScript: return begins("%!PS")
        case .picture:
            // Behind the version of GIF come width and height.
            let isGIF = (begins("GIF87a") || begins("GIF89a")) && hasControls(6..<13)
            return bytes([0x89, 0x50, 0x4e, 0x47]) || bytes([0xff, 0xd8, 0xff]) || isGIF
        case .sound:
            // Versions, the kind of the first block, sizes.
            return (begins("ID3") && hasControls(3..<5)) || bytes(Array("OggS".utf8) + [0])
                || (begins("fLaC") && head.count > 4 && [0, 0x80].contains(head[4]))
                || (begins("RIFF") && begins("WAVE", at: 8) && hasControls(4..<24))
        case .database: return begins("SQLite format 3\0")
        case .program: return bytes([0x7f, 0x45, 0x4c, 0x46])
        }
    }

    package var name: String {
        switch self {
        case .wordProcessor: "a document of a word processor (docx, odt or the like)"
        case .book: "an EPUB book"
        case .archive: "a zip archive"
        case .xz: "compressed by xz"
        case .bzip2: "compressed by bzip2"
        case .zstandard: "compressed by zstd"
        case .lz4: "compressed by lz4"
        case .sevenZip: "a 7z archive"
        case .rar: "a rar archive"
        case .tar: "a tar archive"
        case .pdf: "a PDF document"
        case .oldOffice: "an old Office document"
        case .rtf: "an RTF document"
        case .postScript: "a PostScript document"
        case .picture: "a picture"
        case .sound: "a sound file"
        case .database: "an SQLite database"
        case .program: "a program"
        }
    }

    /// A command that writes the text of a file to its standard output; nil where there is none.
    func command(for path: String) -> String? {
        let path = "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        return switch self {
        case .wordProcessor, .book, .rtf: "pandoc -t plain \(path)"
        case .archive: "unzip -p \(path)"
        case .xz: "xz -dc \(path)"
        case .bzip2: "bzip2 -dc \(path)"
        case .zstandard: "zstd -dc \(path)"
        case .lz4: "lz4 -dc \(path)"
        case .sevenZip: "7z e -so \(path)"
        case .rar: "unrar p -inul \(path)"
        case .tar: "tar -xOf \(path)"
        case .pdf: "pdftotext \(path) -"
        case .oldOffice: "catdoc \(path)"
        case .postScript: "ps2ascii \(path)"
        case .picture, .sound, .database, .program: nil
        }
    }
}

/// Tells files that are not text by their first bytes.
enum BinarySniffer {
    /// How many first bytes are looked at.
    static let length = 8000

    /// Why a file beginning with `head` is not text, or nil where it may be.
    ///
    /// Control characters decide (other than white space, backspace, form feed and escape) where they make up more than
    /// a fiftieth of data that is not valid UTF-8 either. A NUL byte decides too, wherever in a file it is: `TextDecoder`
    /// looks for it.
    static func reasonNotText(_ head: [UInt8]) -> String? {
        let sample = head.prefix(length)
        guard !sample.contains(0) else { return nil }
        let controls = sample.count { $0 < 0x20 && !(7...13).contains($0) && $0 != 0x1b }
        guard controls * 50 > sample.count else { return nil }
        let isText = sample.withUnsafeBytes { bytes in
            if case .invalid = UTF8Validation.check(bytes.bindMemory(to: UInt8.self)) { false } else { true }
        }
        return isText ? nil : "\(controls) of its first \(sample.count) bytes are control characters"
    }
}

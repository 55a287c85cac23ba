import ByteStreams
package import FileTrees

/// What a file holds, told by its first bytes, whatever its name ends in.
package enum ContentKind: Sendable, Equatable {
    case png
    case jpeg
    /// Arrays as the MNIST files are.
    case idx
    /// An array in NumPy's format `.npy`.
    case npy
    /// Compressed; what is inside shows when it is decompressed.
    case gzip
    case text
    case empty
    /// Pictures or arrays of a well-known kind that is not read here ("a WebP picture").
    case unread(UnreadKind)
    /// A well-known kind that holds no pictures, or not as such ("a ZIP archive").
    case other(String)
    case unknown

    /// How many first bytes are looked at.
    package static let headLength = 1024

    /// - Throws: `noSuchFile`, `unreadable`.
    package static func of(path: String) throws(ImageError) -> ContentKind { try of(RawPath(path)) }

    package static func of(_ path: RawPath) throws(ImageError) -> ContentKind {
        let file = try InputFile<ImageError>(path)
        var bytes = FileBytes()
        try bytes.extend(to: headLength, from: file)
        return ContentKind(head: bytes.view)
    }

    /// - Parameter head: the first bytes, `headLength` of them or the whole file.
    package init(head: UnsafeRawBufferPointer) {
        func begins(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }

        if head.isEmpty {
            self = .empty
        } else if begins([0x89] + Array("PNG".utf8)) {
            self = .png
        } else if begins([0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if begins([0x93] + Array("NUMPY".utf8)) {
            self = .npy
        } else if begins([0x1f, 0x8b]) {
            self = .gzip
        } else if let kind = UnreadKind(head: head) {
            self = .unread(kind)
        } else if let name = FileMark.name(of: head, in: FileMark.others) {
            self = .other(name)
        } else if begins([0, 0]) && head.count >= 4 && IDXHeader.typeCodes.keys.contains(head[2]) && head[3] > 0 {
            self = .idx
        } else if Self.isText(head) {
            self = .text
        } else {
            self = .unknown
        }
    }

    /// No NUL byte, and hardly a control character.
    private static func isText(_ head: UnsafeRawBufferPointer) -> Bool {
        let controls = head.count { $0 < 0x20 && !(7...13).contains($0) && $0 != 0x1b }
        return !head.contains(0) && controls * 50 <= head.count
    }
}

extension ContentKind: CustomStringConvertible {
    /// The kind as messages name it, behind "it is": "a PNG picture".
    package var description: String {
        switch self {
        case .png: "a PNG picture"
        case .jpeg: "a JPEG picture"
        case .idx: "an IDX file"
        case .npy: "a NumPy array"
        case .gzip: "gzip data"
        case .text: "a text file"
        case .empty: "empty"
        case .unread(let kind): kind.name
        case .other(let name): name
        case .unknown: "of no kind that is known here"
        }
    }
}

/// Bytes at a place near the beginning of a file by which its kind is known.
struct FileMark {
    let bytes: [UInt8]
    let offset: Int
    let name: String

    init(_ bytes: [UInt8], at offset: Int = 0, _ name: String) {
        (self.bytes, self.offset, self.name) = (bytes, offset, name)
    }

    init(_ text: String, at offset: Int = 0, _ name: String) { self.init(Array(text.utf8), at: offset, name) }

    func isIn(_ head: UnsafeRawBufferPointer) -> Bool {
        head.count >= offset + bytes.count && head[offset..<offset + bytes.count].elementsEqual(bytes)
    }

    static func name(of head: UnsafeRawBufferPointer, in marks: [FileMark]) -> String? {
        marks.first { $0.isIn(head) }?.name
    }

    /// Kinds that hold no pictures, or pictures among other things.
    static let others: [FileMark] = [
        FileMark("%PDF", "a PDF document"), FileMark("%!PS", "a PostScript document"),
        FileMark("PK\u{3}\u{4}", "a ZIP archive"), FileMark("PK\u{5}\u{6}", "an empty ZIP archive"),
        FileMark("Rar!", "a RAR archive"), FileMark([0x37, 0x7a, 0xbc, 0xaf], "a 7-Zip archive"),
        FileMark("ustar", at: 257, "a tar archive"), FileMark([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz data"),
        FileMark([0x28, 0xb5, 0x2f, 0xfd], "Zstandard data"), FileMark("BZh", "bzip2 data"),
        FileMark("SQLite format 3\0", "an SQLite database"), FileMark("\u{7f}ELF", "a program"),
        FileMark([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "an Office document or a cache of thumbnails"),
        FileMark("ftyp", at: 4, "a film"), FileMark([0x1a, 0x45, 0xdf, 0xa3], "a film"), FileMark("FLV\u{1}", "a film"),
        FileMark("OggS", "a sound or film"), FileMark("RIFF", "a sound or film"), FileMark("fLaC", "a sound"),
        FileMark("ID3", "a sound"), FileMark([0xff, 0xfb], "a sound"), FileMark([0, 0, 1, 0xba], "a film"),
        FileMark([0, 1, 0, 0, 0], "a font"), FileMark("OTTO\0", "a font"), FileMark("wOF", "a font"),
    ]
}

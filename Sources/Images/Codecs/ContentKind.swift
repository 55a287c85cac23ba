import FileTrees

/// What a file holds, told by its first bytes, whatever its name ends in.
public enum ContentKind: Sendable, Equatable {
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
    /// A well-known kind that is not read here ("a WebP picture").
    case other(String)
    case unknown

    /// How many first bytes are looked at.
    public static let headLength = 1024

    /// - Throws: `noSuchFile`, `unreadable`.
    public static func of(path: String) throws(ImageError) -> ContentKind { try of(RawPath(path)) }

    package static func of(_ path: RawPath) throws(ImageError) -> ContentKind {
        let file = try InputFile(path)
        var bytes = FileBytes()
        try bytes.extend(to: headLength, from: file)
        return ContentKind(head: bytes.view)
    }

    /// - Parameter head: the first bytes, `headLength` of them or the whole file.
    public init(head: UnsafeRawBufferPointer) {
        func begins(_ bytes: [UInt8], at offset: Int = 0) -> Bool {
            head.count >= offset + bytes.count && head[offset..<offset + bytes.count].elementsEqual(bytes)
        }
        func says(_ text: String, at offset: Int = 0) -> Bool { begins(Array(text.utf8), at: offset) }

        if head.isEmpty {
            self = .empty
        } else if begins([0x89]) && says("PNG", at: 1) {
            self = .png
        } else if begins([0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if begins([0x93]) && says("NUMPY", at: 1) {
            self = .npy
        } else if begins([0x1f, 0x8b]) {
            self = .gzip
        } else if let name = Self.textMarks.first(where: { says($0.mark, at: $0.offset) })?.name
            ?? Self.byteMarks.first(where: { begins($0.mark, at: $0.offset) })?.name
        {
            self = .other(name)
        } else if says("BM") && begins([0, 0, 0, 0], at: 6) {
            self = .other("a BMP picture")
        } else if begins([0, 0]) && head.count >= 4 && IDXHeader.typeCodes.keys.contains(head[2]) && head[3] > 0 {
            self = .idx
        } else if Self.isText(head) {
            self = .text
        } else {
            self = .unknown
        }
    }

    /// A picture, though of a kind that is not read.
    var isOtherPicture: Bool {
        if case .other(let name) = self { name.hasSuffix("picture") } else { false }
    }

    private static let textMarks: [(mark: String, offset: Int, name: String)] = [
        ("GIF8", 0, "a GIF picture"), ("WEBP", 8, "a WebP picture"), ("II*\0", 0, "a TIFF or raw camera picture"),
        ("MM\0*", 0, "a TIFF or raw camera picture"), ("ftyphei", 4, "a HEIC picture"),
        ("ftypmif", 4, "a HEIC picture"), ("ftypavi", 4, "an AVIF picture"),
        ("\0\0\0\u{c}jP  ", 0, "a JPEG 2000 picture"),
        ("\0\0\0\u{c}JXL ", 0, "a JPEG XL picture"), ("8BPS", 0, "a Photoshop picture"), ("qoif", 0, "a QOI picture"),
        ("P4\n", 0, "a PBM picture"), ("P5\n", 0, "a PGM picture"), ("P6\n", 0, "a PPM picture"),
        ("<svg", 0, "an SVG picture"), ("%PDF", 0, "a PDF document"), ("PK\u{3}\u{4}", 0, "a ZIP archive"),
        ("Rar!", 0, "a RAR archive"), ("SQLite format 3\0", 0, "an SQLite database"), ("\u{7f}ELF", 0, "a program"),
        ("ftyp", 4, "a film"), ("OggS", 0, "a sound or film"), ("RIFF", 0, "a sound or film"),
    ]

    private static let byteMarks: [(mark: [UInt8], offset: Int, name: String)] = [
        ([0xff, 0x0a], 0, "a JPEG XL picture"), ([0, 0, 1, 0], 0, "an icon picture"),
        ([0x1a, 0x45, 0xdf, 0xa3], 0, "a film"), ([0x37, 0x7a, 0xbc, 0xaf], 0, "a 7-Zip archive"),
    ]

    /// No NUL byte, and hardly a control character.
    private static func isText(_ head: UnsafeRawBufferPointer) -> Bool {
        let controls = head.count { $0 < 0x20 && !(7...13).contains($0) && $0 != 0x1b }
        return !head.contains(0) && controls * 50 <= head.count
    }
}

extension ContentKind: CustomStringConvertible {
    /// For messages: "it is ...".
    public var description: String {
        switch self {
        case .png: "a PNG picture"
        case .jpeg: "a JPEG picture"
        case .idx: "an IDX file"
        case .npy: "a NumPy array"
        case .gzip: "gzip data"
        case .text: "a text file"
        case .empty: "empty"
        case .other(let name): name
        case .unknown: "of no kind that is known here"
        }
    }
}

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

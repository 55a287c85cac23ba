/// The encoding of one file: what its mark says, else what was asked for, else UTF-8.
struct SourceEncoding {
    let name: String
    let form: TextDecoder.Form
    /// NUL bytes would mean that the file is not text.
    let isSniffable: Bool
    /// The file is taken as it is, its mark included.
    let isBytes: Bool

    static var bytes: SourceEncoding { SourceEncoding(name: "bytes", form: .raw, isSniffable: false, isBytes: true) }

    private init(name: String, form: TextDecoder.Form, isSniffable: Bool, isBytes: Bool = false) {
        self.name = name
        self.form = form
        self.isSniffable = isSniffable
        self.isBytes = isBytes
    }

    init(head: [UInt8], mark: ByteOrderMark?, options: ReadingOptions) throws(TextError) {
        switch (mark, options.encoding) {
        case (.utf8?, _):
            self.init(name: "UTF-8", form: .utf8, isSniffable: true)
        case (let mark?, _):
            self.init(
                name: mark.rawValue, form: .converted(try EncodingConverter(encoding: mark.rawValue)),
                isSniffable: false)
        case (nil, let encoding?) where !EncodingName.isUTF8(encoding):
            let converter = try EncodingConverter(encoding: encoding)
            let plain = EncodingName.plain(converter.name)
            let isWide = ["utf16", "utf32", "ucs2", "ucs4", "iso10646"].contains { plain.hasPrefix($0) }
            self.init(name: converter.name, form: .converted(converter), isSniffable: !isWide)
        case (nil, nil) where options.unit == .byte:
            self.init(name: "bytes", form: .raw, isSniffable: true)
        default:
            self.init(name: "UTF-8", form: .utf8, isSniffable: true)
        }
    }
}

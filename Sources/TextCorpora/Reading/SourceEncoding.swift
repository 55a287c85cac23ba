/// The encoding of one file: what its mark says, else what was asked for, else UTF-8. Bytes stay what they are unless a
/// mark or an option says that the file's are others.
struct SourceEncoding {
    let name: String
    let form: TextDecoder.Form
    /// Bytes of the mark, which are not text.
    let markLength: Int

    /// Characters take a byte or two, and control characters would mean that the file is not text.
    var isSniffable: Bool {
        if case .converted(let converter) = form { converter.smallestUnit == 1 } else { true }
    }

    init(mark: ByteOrderMark?, options: ReadingOptions) throws(TextError) {
        switch (mark, options.encoding) {
        case (.utf8?, nil) where options.unit == .byte, (nil, nil) where options.unit == .byte:
            (name, form, markLength) = ("bytes", .raw, 0)
        case (let mark?, _) where mark != .utf8:
            let converter = try EncodingConverter(encoding: mark.rawValue)
            (name, form, markLength) = (mark.rawValue, .converted(converter), mark.bytes.count)
        case (nil, let encoding?) where !EncodingName.isUTF8(encoding):
            let converter = try EncodingConverter(encoding: encoding)
            (name, form, markLength) = (converter.name, .converted(converter), 0)
        default:
            (name, form, markLength) = ("UTF-8", .utf8, mark?.bytes.count ?? 0)
        }
    }
}

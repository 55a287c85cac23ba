package import ByteStreams

/// What can be wrong with a text, or with what was asked of it. Every description says what, where, and what to do.
package enum TextError: Error, Equatable, Sendable {
    /// No path was given.
    case noPaths
    case noSuchFile(path: String)
    /// The file could not be opened or read; `reason` is the system's own text.
    case unreadable(path: String, reason: String)
    /// A named file, or standard input, holds no text.
    case empty(path: String)
    /// A folder in which every file was skipped; `skipped` sums up why.
    case folderWithoutText(path: String, skipped: String)
    /// A file that was named directly does not look like text. `encodings` are those in which it would make sense; nil
    /// where a mark says which it is in.
    case binary(path: String, reason: String, encodings: [String]?, unitIsFixed: Bool)
    /// A file of a format that is not text.
    case otherFormat(path: String, KnownFormat)
    /// Something was passed over, and nothing was to be (`ReadingOptions.isStrict`).
    case leftOut(path: String, reason: String)
    case invalidByte(InvalidByte)
    /// No such encoding here; `suggestions` are names that work.
    case unknownEncoding(name: String, suggestions: [String])
    /// The compressed data end in the middle, after `decoded` bytes of text.
    case truncatedGzip(path: String, decoded: Int)
    /// The compressed data are damaged after `decoded` bytes of text.
    case corruptGzip(path: String, decoded: Int, reason: String)
    /// Compressed data of so few bytes become so much that they cannot be text.
    case expandsTooFar(path: String, decoded: Int, compressed: Int)
    /// The system would not give this many bytes for the corpus.
    case outOfMemory(bytes: Int)
    /// Too few units to train on at all.
    case tooShort(units: Int, minimum: Int, unit: TextUnit)
    /// The parts asked for do not fit the corpus.
    case invalidSplit(reason: String)
    /// The training part repeats one unit: there is nothing to learn.
    case oneDistinctUnit(label: String, count: Int, unit: TextUnit)
    /// Units outside a vocabulary that has no replacement symbol.
    case unknownUnits(labels: [String], distinct: Int)
}

/// Where a text stops being valid in its encoding.
package struct InvalidByte: Equatable, Sendable {
    package let path: String
    /// Counted from the first byte of the file, or of the decompressed data where `isDecompressed`.
    package let offset: Int
    /// Counted from 1.
    package let line: Int
    package let byte: UInt8
    /// The encoding in which the file was being read.
    package let encoding: String
    /// The data end inside a character that is valid up to there.
    package let isCutShort: Bool
    package let isDecompressed: Bool
    /// Encodings in which the data around the byte make sense, most likely first: one where it stands out.
    package let suggestions: [String]
    /// A mark says what the encoding is, or nearly everything around is valid in it: the text is damaged.
    package let isCertain: Bool
}

extension TextError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noPaths:
            "no text given: name one or more files or folders, or - for standard input"
        case .noSuchFile(let path):
            "\(path): no such file or folder"
        case .unreadable(let path, let reason):
            "\(path): cannot be read: \(reason)"
        case .empty(let path):
            "\(path): is empty: there is no text to read"
        case .folderWithoutText(let path, let skipped):
            skipped.isEmpty
                ? "\(path): the folder holds no files"
                : "\(path): the folder holds no text (skipped: \(skipped))"
        case .binary(let path, let reason, let encodings, let unitIsFixed):
            "\(path): is not text: \(reason). " + binaryAdvice(encodings)
                + (unitIsFixed ? "" : "; `unit` byte reads any data")
        case .otherFormat(let path, let format):
            "\(path): is not text: it is \(format.name)"
                + (format.command(for: path).map { ". Pipe its text into standard input, which is called -: \($0)" }
                    ?? "")
        case .leftOut(let path, let reason):
            "\(path): \(reason). It would be left out, and `strict` allows nothing to be"
        case .invalidByte(let invalid):
            invalid.description
        case .unknownEncoding(let name, let suggestions):
            "unknown encoding \"\(name)\"" + (suggestions.isEmpty ? "" : ": did you mean \(anyOf(suggestions))?")
                + " (`iconv -l` lists every name)"
        case .truncatedGzip(let path, let decoded):
            "\(path): the gzip data end too early, after \(decoded) bytes of text: copy or download the file again"
        case .corruptGzip(let path, let decoded, let reason):
            "\(path): the gzip data are damaged after \(decoded) bytes of text: \(reason)"
        case .expandsTooFar(let path, let decoded, let compressed):
            "\(path): \(compressed) bytes of gzip data become more than \(decoded): that is no text. If you want it all "
                + "the same, decompress it first (gzip -d)"
        case .outOfMemory(let bytes):
            "not enough memory: the corpus needs \(bytes) bytes in one piece; train on a part of it"
        case .tooShort(let units, let minimum, let unit):
            "the text is too short: \(units) \(unit.name(count: units)), and at least \(minimum) are needed"
        case .invalidSplit(let reason):
            reason
        case .oneDistinctUnit(let label, let count, let unit):
            "the training text is \(label) repeated \(count) times: it needs at least two different "
                + unit.name(count: 2)
        case .unknownUnits(let labels, let distinct):
            "the text holds \(distinct) \(distinct == 1 ? "unit" : "units") that the vocabulary lacks "
                + "(\(labels.joined(separator: ", "))), and it has no replacement symbol"
        }
    }
}

extension InvalidByte: CustomStringConvertible {
    package var description: String {
        let digits = String(byte, radix: 16, uppercase: true)
        let place = isDecompressed ? "byte \(offset) of the decompressed data" : "byte \(offset)"
        let what =
            isCutShort
            ? "the data end inside a character that begins at \(place), in line \(line)"
            : "\(place) (0x\(digits.count == 1 ? "0" : "")\(digits)) is not valid, in line \(line)"
        let goOn = "read it with `invalid` replace (such bytes become U+FFFD) or `invalid` skip (they are left out)"
        if isCertain {
            let name = isCutShort ? "\(encoding) that is cut short" : "\(encoding) with a bad byte"
            return "\(path): \(name): \(what). Repair it, or \(goOn)"
        }
        return "\(path): not valid \(encoding): \(what). "
            + (suggestions.isEmpty
                ? "Name its encoding (`encoding` NAME), or \(goOn)" : encodingAdvice(suggestions))
    }
}

private func binaryAdvice(_ encodings: [String]?) -> String {
    guard let encodings else { return "If it is text, take such bytes out of it" }
    guard encodings.isEmpty else { return encodingAdvice(encodings) }
    return "If it is text, name its encoding (`encoding` NAME), or take such bytes out of it"
}

/// What to do about an encoding that is likely, or about several of which none stands out.
private func encodingAdvice(_ encodings: [String]) -> String {
    guard encodings.count > 1, let first = encodings.first else {
        return "It looks like \(anyOf(encodings)): try `encoding` \(anyOf(encodings))"
    }
    return "It may be one of \(anyOf(encodings)): try `encoding` \(first) first, and look at what comes out"
}

/// "a", "a or b", "a, b or c".
private func anyOf(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
}

extension TextError: StreamFailure {
    package static func gzip(_ fault: GzipFault, path: String, compressed: Int, decompressed: Int) -> TextError {
        switch fault {
        case .truncated: .truncatedGzip(path: path, decoded: decompressed)
        case .damaged(let reason): .corruptGzip(path: path, decoded: decompressed, reason: reason)
        case .otherDataFollow:
            .corruptGzip(path: path, decoded: decompressed, reason: "data that are not gzip follow")
        case .expandsTooFar: .expandsTooFar(path: path, decoded: decompressed, compressed: compressed)
        case .outOfMemory: .outOfMemory(bytes: 1 << 16)
        }
    }
}

import CCodecs
import CZlib

/// What the chunks of a PNG file say about its picture, wherever they stand: programs write labels behind the pixels as
/// well as ahead of them. Pixels are stepped over, so that finding them costs a few bytes for each chunk.
struct PNGLabels {
    /// 1 (as stored) to 8; 0 where no label says anything. In this order: the chunk `eXIf`; EXIF data in hexadecimal
    /// digits in a text, as programs wrote them before that chunk was invented; XMP.
    private(set) var orientation: UInt32 = 0
    /// More pictures follow the first.
    private(set) var isAnimated = false

    private static let signatureLength = 8
    /// Longer labels are passed over, and so is what follows so many chunks: a file of nothing but tiny ones must not
    /// keep anybody busy.
    private static let longestLabel = 16 << 20
    private static let mostLabels = 64
    private static let mostChunks = 1 << 20

    /// - Parameter read: gives bytes of the file, fewer where it ends.
    init(_ read: (Range<Int>) throws(ImageError) -> [UInt8]) throws(ImageError) {
        var offset = Self.signatureLength, labels = 0
        // The rank of a source is its place in the order above.
        var best = (rank: Int.max, orientation: 0 as UInt32)
        for _ in 0..<Self.mostChunks {
            let head = try read(offset..<offset + 8)
            guard head.count == 8 else { break }
            let length = head[..<4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= Int(Int32.max) else { break }
            let type = String(decoding: head[4...], as: UTF8.self)
            if type == "IEND" { break }
            if type == "acTL" { isAnimated = true }
            if ["eXIf", "tEXt", "zTXt", "iTXt"].contains(type), length <= Self.longestLabel, labels < Self.mostLabels {
                let start = try read(offset + 8..<offset + 8 + min(length, 32))
                if type == "eXIf" || Self.rank(ofText: start) != nil,
                    let data = Self.data(try read(offset + 4..<offset + 12 + length))
                {
                    labels += 1
                    let label = Self.label(type, data)
                    if label.orientation != 0, label.rank < best.rank { best = label }
                }
            }
            offset += 12 + length
        }
        orientation = best.orientation
    }

    /// Reads the labels of a file that is in memory.
    init(_ bytes: UnsafeRawBufferPointer) {
        let labels = try? PNGLabels { range in
            Array(bytes[min(range.lowerBound, bytes.count)..<min(range.upperBound, bytes.count)])
        }
        if let labels { self = labels }
    }

    /// The data of a chunk from its type to its check sum; nil where that does not fit.
    private static func data(_ chunk: [UInt8]) -> ArraySlice<UInt8>? {
        guard chunk.count >= 8 else { return nil }
        let body = chunk.dropLast(4), stated = chunk.suffix(4).reduce(0) { $0 << 8 | UInt($1) }
        let sum = body.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        return UInt(sum) == stated ? body.dropFirst(4) : nil
    }

    // MARK: Texts

    private static let keywords: [(keyword: String, rank: Int)] = [
        ("Raw profile type exif", 1), ("Raw profile type APP1", 1), ("XML:com.adobe.xmp", 2),
        ("Raw profile type xmp", 2),
    ]

    private static func rank(ofText start: [UInt8]) -> Int? {
        keywords.first { start.starts(with: Array($0.keyword.utf8) + [0]) }?.rank
    }

    private static func label(_ type: String, _ data: ArraySlice<UInt8>) -> (rank: Int, orientation: UInt32) {
        if type == "eXIf" { return (0, orientation(Array(data))) }
        guard let rank = rank(ofText: Array(data.prefix(32))), let text = text(type, data) else { return (.max, 0) }
        return (rank, orientation(profile(text) ?? text))
    }

    private static func orientation(_ bytes: [UInt8]) -> UInt32 {
        let exif = jacquard_exif_orientation(bytes, bytes.count)
        return exif != 0 ? exif : jacquard_xmp_orientation(bytes, bytes.count)
    }

    /// What follows the keyword, decompressed (PNG specification, sections 11.3.3.2 to 11.3.3.4).
    private static func text(_ type: String, _ data: ArraySlice<UInt8>) -> [UInt8]? {
        guard var rest = data.firstIndex(of: 0).map({ data[($0 + 1)...] }) else { return nil }
        var isCompressed = type == "zTXt"
        if type == "iTXt" {
            isCompressed = rest.first == 1
            // The flag and the method; then a language and a translated keyword, each with a zero at its end.
            rest = rest.dropFirst(2)
            for _ in 0..<2 {
                guard let end = rest.firstIndex(of: 0) else { return nil }
                rest = rest[(end + 1)...]
            }
        } else if isCompressed {
            rest = rest.dropFirst()
        }
        return isCompressed ? inflated(Array(rest)) : Array(rest)
    }

    private static func inflated(_ bytes: [UInt8]) -> [UInt8]? {
        var size = 1 << 18
        while size <= longestLabel {
            var length = UInt(size), status = Z_MEM_ERROR
            let text = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                status = uncompress(buffer.baseAddress, &length, bytes, UInt(bytes.count))
                initialized = status == Z_OK ? Int(length) : 0
            }
            if status == Z_OK { return text }
            guard status == Z_BUF_ERROR else { return nil }
            size *= 4
        }
        return nil
    }

    /// ImageMagick's form of binary data in a text: its name, its length, and hexadecimal digits, each on lines of their
    /// own. Nil for any other text.
    private static func profile(_ text: [UInt8]) -> [UInt8]? {
        let lines = text.split(separator: UInt8(ascii: "\n"))
        guard lines.count >= 3, text.first == UInt8(ascii: "\n") else { return nil }
        var bytes: [UInt8] = [], high: UInt8?
        for digit in lines[2...].joined() {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init) else { continue }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}

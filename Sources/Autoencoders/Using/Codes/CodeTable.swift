import ByteStreams
import FileTrees
import Foundation
import Images
import TensorCore

/// Codes as comma-separated values: `name,label,c0,c1,…`, a line for each picture.
enum CodeTable {
    static func header(length: Int) -> String {
        CommaSeparated.record(["name", "label"] + (0..<length).map { "c\($0)" })
    }

    /// Numbers as short as they can be and still be read back to the same bits.
    static func records(_ codes: PictureCodes) -> String {
        var text = ""
        for index in 0..<codes.count {
            let values = codes.code(index).map { "\($0)" }
            text += CommaSeparated.record([codes.names[index], codes.labels[index] ?? ""] + values)
        }
        return text
    }

    /// Reads codes. Of columns with titles those are numbers of the code that are not called name or label, in order, or
    /// in that of their titles where these are c0, c1, c2, …, each once; a column without a title is passed over, as it
    /// counts lines. A table of numbers alone needs no titles; where its first
    /// line counts from 0, 0,1,2,…, and the next is not all whole numbers, these are the titles that pandas writes.
    ///
    /// - Throws: ``AutoencoderError/invalidCodes(path:reason:)`` with the line, `ImageError` where the file cannot be
    ///   read.
    static func read(path: String) throws -> PictureCodes {
        var reader = Reader()
        try TableFile.read(path: path) { record in try reader.take(record) }
        return try reader.finish(path: path)
    }

    /// Names and labels alone: `name,label`.
    static func readNames(path: String) throws -> [(name: String, label: String?)] {
        var names: [(String, String?)] = [], isFirst = true
        try TableFile.read(path: path) { record in
            guard record.count == 2 else {
                throw CommaSeparatedParser.Problem(
                    line: record.line, reason: "\(record.count) fields where a name and a label are due")
            }
            if !isFirst { names.append((record[0], record[1].isEmpty ? nil : record[1])) }
            isFirst = false
        }
        return names
    }

    private struct Reader {
        private var titles: Titles?
        private var fields = 0
        private var collected = PictureCodes.Collector(length: 0)
        /// A first line 0,1,2,…: a code, or titles.
        private var counting: [Float]?

        private struct Titles {
            var name: Int?
            var label: Int?
            var numbers: [Int]

            init(numbers: [Int]) { self.numbers = numbers }

            init(_ texts: [String]) {
                let known = texts.map { $0.lowercased() }
                name = known.firstIndex(of: "name")
                label = known.firstIndex(of: "label")
                numbers = known.indices.filter { !["", "name", "label"].contains(known[$0]) }
                // Another program may have sorted the columns, by name most likely: c0, c1, c10, c11, c2, …
                let places = Dictionary(numbers.map { (known[$0], $0) }, uniquingKeysWith: { first, _ in first })
                let inOrder = numbers.indices.compactMap { places["c\($0)"] }
                if inOrder.count == numbers.count { numbers = inOrder }
            }
        }

        mutating func take(_ record: CommaSeparatedParser.Record) throws {
            guard let titles else { return try takeFirst(record) }
            guard record.count == fields else {
                throw CommaSeparatedParser.Problem(
                    line: record.line, reason: "\(record.count) fields, and \(fields) in the first line")
            }
            var code: [Float] = []
            for field in titles.numbers {
                let text = record[field].trimmingCharacters(in: .whitespaces)
                guard let number = Float(text), number.isFinite else {
                    throw CommaSeparatedParser.Problem(
                        line: record.line, reason: "\"\(text)\" in field \(field + 1) is no finite number")
                }
                code.append(number)
            }
            if let counting {
                let isWhole = titles.numbers.allSatisfy { Int(record[$0].trimmingCharacters(in: .whitespaces)) != nil }
                if isWhole { collected.append("", nil, counting) }
                self.counting = nil
            }
            let label = titles.label.map { record[$0] } ?? ""
            collected.append(titles.name.map { record[$0] } ?? "", label.isEmpty ? nil : label, code)
        }

        private mutating func takeFirst(_ record: CommaSeparatedParser.Record) throws {
            let texts = (0..<record.count).map { record[$0].trimmingCharacters(in: .whitespaces) }
            let isAllNumbers = texts.allSatisfy { Float($0) != nil }
            let isCount = texts.count >= 2 && texts == texts.indices.map(String.init)
            let found = isAllNumbers ? Titles(numbers: Array(texts.indices)) : Titles(texts)
            guard !found.numbers.isEmpty else {
                throw CommaSeparatedParser.Problem(
                    line: record.line, reason: "no column of numbers: name,label,c0,c1,…")
            }
            (titles, fields, collected) = (found, record.count, PictureCodes.Collector(length: found.numbers.count))
            if isCount {
                counting = texts.indices.map(Float.init)
            } else if isAllNumbers {
                try take(record)
            }
        }

        mutating func finish(path: String) throws(AutoencoderError) -> PictureCodes {
            if let counting { collected.append("", nil, counting) }
            guard collected.count > 0 else {
                throw .invalidCodes(
                    path: path, reason: titles == nil ? "it is empty" : "it has titles and no line below")
            }
            var codes = collected.take()
            if titles?.name == nil { codes.names = PictureCodes.numbers(upTo: codes.count) }
            return codes
        }
    }
}

/// A file of comma-separated values, read in pieces.
enum TableFile {
    private static let pieceSize = 1 << 20

    static func read(path: String, _ onRecord: (CommaSeparatedParser.Record) throws -> Void) throws {
        let file = try InputFile<ImageError>(RawPath(path))
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
        defer { piece.deallocate() }
        var parser = CommaSeparatedParser(), isFirst = true
        do {
            while true {
                let count = try file.read(into: piece)
                if count == 0 { break }
                let mark: [UInt8] = [0xef, 0xbb, 0xbf]
                let start = isFirst && piece[..<count].starts(with: mark) ? mark.count : 0
                isFirst = false
                try parser.feed(piece[start..<count], onRecord)
            }
            try parser.finish(onRecord)
        } catch let problem as CommaSeparatedParser.Problem {
            throw AutoencoderError.invalidCodes(path: path, reason: "line \(problem.line): \(problem.reason)")
        }
    }
}

import ByteStreams

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Turns the bytes of one file into pieces of UTF-8, each made of whole characters, with line ends put right and marks
/// taken out.
///
/// Memory: about two chunks, whatever the file holds.
final class TextDecoder {
    /// How the bytes are understood.
    enum Form {
        case utf8
        case converted(EncodingConverter)
        /// Bytes as they are, without a check.
        case raw
    }

    /// A place where the bytes are no text.
    struct Fault {
        enum Kind { case invalid, cutShort, null }

        let kind: Kind
        /// Counted from the beginning of the (decompressed) data.
        let offset: Int
        let byte: UInt8
        /// The bytes around it.
        let data: UnsafeRawBufferPointer
        /// The part of `data` that stands before it and has not been given out.
        let before: UnsafeRawBufferPointer
    }

    /// Bytes passed over as `policy` says, replaced or left out.
    private(set) var invalidBytes = 0
    private(set) var marks = MarkFilter()
    private(set) var lineEnds = LineEndFilter()
    /// Bytes read so far.
    private(set) var bytesRead: Int

    private let stream: ByteStream<TextError>
    private let form: Form
    private let options: ReadingOptions
    private let allowsNull: Bool
    private let error: (Fault) -> TextError

    private let chunk: UnsafeMutableRawBufferPointer
    private let output: UnsafeMutableRawBufferPointer
    private var carried = 0
    private var offset: Int
    private var isAtEnd = false

    private static let longestCharacter = 16
    private static let replacement: [UInt8] = [0xef, 0xbf, 0xbd]

    /// - Parameters:
    ///   - offset: the place in the data of the stream's next byte.
    ///   - allowsNull: NUL bytes are no sign of other data.
    ///   - error: what is thrown for a fault.
    init(
        _ stream: ByteStream<TextError>, form: Form, options: ReadingOptions, offset: Int, allowsNull: Bool,
        error: @escaping (Fault) -> TextError
    ) {
        self.stream = stream
        self.form = form
        self.options = options
        self.offset = offset
        self.allowsNull = allowsNull
        self.error = error
        bytesRead = offset
        chunk = .allocate(byteCount: Self.longestCharacter + options.chunkSize, alignment: 64)
        if case .converted = form {
            output = .allocate(byteCount: options.chunkSize + 4 * Self.longestCharacter, alignment: 64)
        } else {
            output = .allocate(byteCount: 1, alignment: 1)
        }
    }

    deinit {
        chunk.deallocate()
        output.deallocate()
    }

    /// Gives the next pieces to `body`; false after the last.
    func next(_ body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void) throws(TextError) -> Bool {
        guard !isAtEnd else { return false }
        let wanted = options.chunkSize
        let got = try stream.read(into: slice(chunk, carried, wanted))
        isAtEnd = got < wanted
        bytesRead += got
        let data = slice(chunk, 0, carried + got)
        let used: Int
        switch form {
        case .raw:
            try refuseNull(in: data, of: data)
            used = data.count
            if used > 0 { try body(UnsafeBufferPointer(data.bindMemory(to: UInt8.self))) }
        case .utf8:
            try refuseNull(in: data, of: data)
            used = try validate(data, to: body)
        case .converted(let converter):
            used = try convert(data, with: converter, to: body)
        }
        carried = data.count - used
        if let base = chunk.baseAddress { base.copyMemory(from: base + used, byteCount: carried) }
        offset += used
        return true
    }

    /// Gives the valid text of `data` to `body`, and returns its length: what remains is the beginning of a character.
    private func validate(
        _ data: UnsafeMutableRawBufferPointer, to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) -> Int {
        var start = 0
        while true {
            let rest = slice(data, start, data.count - start)
            let index: Int, isCutShort: Bool
            switch UTF8Validation.check(UnsafeBufferPointer(rest.bindMemory(to: UInt8.self))) {
            case .valid:
                try deliver(rest, isLast: isAtEnd, to: body)
                return data.count
            case .incomplete(let place):
                (index, isCutShort) = (place, true)
                if !isAtEnd {
                    try deliver(slice(rest, 0, place), isLast: false, to: body)
                    return start + place
                }
            case .invalid(let place): (index, isCutShort) = (place, false)
            }
            if options.invalidBytes == .error {
                throw fault(isCutShort ? .cutShort : .invalid, at: start + index, in: data, undelivered: start)
            }
            try deliver(slice(rest, 0, index), isLast: false, to: body)
            let invalid = UnsafeBufferPointer(slice(rest, index, rest.count - index).bindMemory(to: UInt8.self))
            let length = UTF8Validation.invalidLength(invalid)
            try passOver(length, to: body)
            start += index + length
        }
    }

    private func convert(
        _ data: UnsafeMutableRawBufferPointer, with converter: EncodingConverter,
        to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) -> Int {
        // Byte by byte, faults that show late have the same place however the data came in pieces.
        let fewest = converter.showsFaultsLate ? 1 : Int.max
        var used = 0, most = fewest
        while used < data.count {
            let rest = data.count - used, count = min(most, rest)
            let (outcome, consumed, produced) = converter.convert(slice(data, used, count), into: output)
            let text = slice(output, 0, produced)
            // A table of the system's may hold what strict UTF-8 does not.
            guard UTF8Validation.check(UnsafeBufferPointer(text.bindMemory(to: UInt8.self))) == .valid else {
                throw fault(.invalid, at: used, in: data, undelivered: used)
            }
            try refuseNull(in: text, of: data, unit: converter.smallestUnit)
            try deliver(text, isLast: false, to: body)
            used += consumed
            let isCutShort = outcome == .incomplete
            if isCutShort && count < rest && count < Self.longestCharacter {
                most = count - consumed + 1
                continue
            }
            most = fewest
            if isCutShort && !isAtEnd && data.count - used < Self.longestCharacter { break }
            // No encoding has characters as long as that: what is left cannot become one.
            guard outcome == .invalid || isCutShort else { continue }
            if options.invalidBytes == .error {
                throw fault(isCutShort && isAtEnd ? .cutShort : .invalid, at: used, in: data, undelivered: used)
            }
            let length = isCutShort ? count - consumed : min(converter.smallestUnit, data.count - used)
            try passOver(length, to: body)
            used += length
        }
        if isAtEnd { try deliver(slice(output, 0, converter.finish(into: output)), isLast: true, to: body) }
        return used
    }

    /// Goes on after `length` bytes that are no text.
    private func passOver(
        _ length: Int, to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) {
        invalidBytes += length
        guard options.invalidBytes == .replace else { return }
        var text = Self.replacement
        let result = text.withUnsafeMutableBytes { (bytes) -> Result<Void, TextError> in
            do throws(TextError) { return .success(try deliver(bytes, isLast: false, to: body)) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func deliver(
        _ text: UnsafeMutableRawBufferPointer, isLast: Bool,
        to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) {
        let bytes = text.bindMemory(to: UInt8.self)
        guard let base = bytes.baseAddress else { return }
        let count = marks.apply(base, count: bytes.count)
        if !options.keepCarriageReturns { return try lineEnds.apply(base, count: count, isLast: isLast, to: body) }
        if count > 0 { try body(UnsafeBufferPointer(start: base, count: count)) }
    }

    /// - Parameter unit: bytes of the smallest piece of the data: as many zeros are a NUL, fewer a part of a character.
    private func refuseNull(
        in text: UnsafeMutableRawBufferPointer, of data: UnsafeMutableRawBufferPointer, unit: Int = 1
    ) throws(TextError) {
        guard !allowsNull, let base = text.baseAddress, memchr(base, 0, text.count) != nil else { return }
        // Data begin at a character.
        let starts = stride(from: 0, through: data.count - unit, by: unit)
        let index = starts.first { start in data[start..<start + unit].allSatisfy { $0 == 0 } } ?? 0
        throw fault(.null, at: index, in: data, undelivered: 0)
    }

    private func fault(
        _ kind: Fault.Kind, at index: Int, in data: UnsafeMutableRawBufferPointer, undelivered: Int
    ) -> TextError {
        error(
            Fault(
                kind: kind, offset: offset + index, byte: index < data.count ? data[index] : 0,
                data: UnsafeRawBufferPointer(data),
                before: UnsafeRawBufferPointer(rebasing: data[min(undelivered, index)..<index])))
    }

    private func slice(_ buffer: UnsafeMutableRawBufferPointer, _ start: Int, _ count: Int)
        -> UnsafeMutableRawBufferPointer
    {
        UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + count])
    }
}

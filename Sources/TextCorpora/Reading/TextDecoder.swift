/// Turns the bytes of one file into pieces of UTF-8, each made of whole characters, with line ends put right.
///
/// Memory: about two chunks, whatever the file holds.
final class TextDecoder {
    /// How the bytes are understood.
    enum Form {
        case utf8
        case converted(EncodingConverter)
        /// As they are, without a check.
        case raw
    }

    private let reader: any ByteReader
    private let form: Form
    private let keepsCarriageReturns: Bool
    private let locate: (_ offset: Int, _ byte: UInt8, _ isCutShort: Bool, _ data: UnsafeRawBufferPointer) -> TextError
    private var filter = CarriageReturnFilter()

    /// One byte of headroom before the text, for the filter.
    private let chunk: UnsafeMutableRawBufferPointer
    private let output: UnsafeMutableRawBufferPointer
    private let chunkSize: Int
    private var carried = 0
    private var offset: Int
    private var isAtEnd = false

    private static let longestCharacter = 16

    /// `offset` is the place in the file of the reader's next byte. `locate` makes the error for an invalid byte, given
    /// the data that follow its chunk's beginning.
    init(
        _ reader: any ByteReader, form: Form, keepsCarriageReturns: Bool, chunkSize: Int, offset: Int,
        locate: @escaping (Int, UInt8, Bool, UnsafeRawBufferPointer) -> TextError
    ) {
        self.reader = reader
        self.form = form
        self.keepsCarriageReturns = keepsCarriageReturns
        self.chunkSize = chunkSize
        self.offset = offset
        self.locate = locate
        chunk = .allocate(byteCount: 1 + Self.longestCharacter + chunkSize, alignment: 64)
        if case .converted = form {
            output = .allocate(byteCount: 1 + chunkSize + 4 * Self.longestCharacter, alignment: 64)
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
        let wanted = chunkSize
        let got = try reader.read(into: slice(chunk, 1 + carried, wanted))
        isAtEnd = got < wanted
        let data = slice(chunk, 1, carried + got)
        let used: Int
        switch form {
        case .raw:
            used = data.count
            try deliver(data, isLast: isAtEnd, to: body)
        case .utf8:
            used = try validate(data)
            try deliver(slice(chunk, 1, used), isLast: isAtEnd, to: body)
        case .converted(let converter):
            used = try convert(data, with: converter, to: body)
        }
        carried = data.count - used
        if let base = chunk.baseAddress { (base + 1).copyMemory(from: base + 1 + used, byteCount: carried) }
        offset += used
        return true
    }

    /// The length of the valid part; what remains is the beginning of a character.
    private func validate(_ data: UnsafeMutableRawBufferPointer) throws(TextError) -> Int {
        switch UTF8Validation.check(UnsafeBufferPointer(data.bindMemory(to: UInt8.self))) {
        case .valid: return data.count
        case .incomplete(let index) where !isAtEnd: return index
        case .incomplete(let index): throw failure(data, at: index, isCutShort: true)
        case .invalid(let index): throw failure(data, at: index, isCutShort: false)
        }
    }

    private func convert(
        _ data: UnsafeMutableRawBufferPointer, with converter: EncodingConverter,
        to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) -> Int {
        let room = slice(output, 1, output.count - 1)
        var used = 0
        while used < data.count {
            let (outcome, consumed, produced) = converter.convert(slice(data, used, data.count - used), into: room)
            let text = slice(room, 0, produced)
            // A table of the system's may hold what strict UTF-8 does not.
            guard UTF8Validation.check(UnsafeBufferPointer(text.bindMemory(to: UInt8.self))) == .valid else {
                throw failure(data, at: used, isCutShort: false)
            }
            try deliver(text, isLast: false, to: body)
            used += consumed
            if outcome == .invalid { throw failure(data, at: used, isCutShort: false) }
            if outcome == .incomplete {
                // No encoding has characters this long: what is left cannot become one.
                if isAtEnd || data.count - used >= Self.longestCharacter {
                    throw failure(data, at: used, isCutShort: isAtEnd)
                }
                break
            }
        }
        if isAtEnd { try deliver(slice(room, 0, converter.finish(into: room)), isLast: true, to: body) }
        return used
    }

    private func deliver(
        _ text: UnsafeMutableRawBufferPointer, isLast: Bool,
        to body: (UnsafeBufferPointer<UInt8>) throws(TextError) -> Void
    ) throws(TextError) {
        let bytes = text.bindMemory(to: UInt8.self)
        guard let base = bytes.baseAddress else { return }
        let piece =
            keepsCarriageReturns
            ? UnsafeBufferPointer(bytes) : filter.apply(base, count: bytes.count, isLast: isLast)
        if !piece.isEmpty { try body(piece) }
    }

    private func failure(_ data: UnsafeMutableRawBufferPointer, at index: Int, isCutShort: Bool) -> TextError {
        locate(offset + index, index < data.count ? data[index] : 0, isCutShort, UnsafeRawBufferPointer(data))
    }

    private func slice(_ buffer: UnsafeMutableRawBufferPointer, _ start: Int, _ count: Int)
        -> UnsafeMutableRawBufferPointer
    {
        UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + count])
    }
}

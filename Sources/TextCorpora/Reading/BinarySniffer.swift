/// Tells files that are not text by their first bytes.
enum BinarySniffer {
    /// How much is looked at.
    static let length = 8000

    /// Why a file beginning with `head` is not text, or nil where it may be.
    ///
    /// Control characters decide (other than white space, backspace, form feed and escape) where they make up more than
    /// a fiftieth of data that is not valid UTF-8 either. A NUL byte decides too, wherever in a file it is: `TextDecoder`
    /// looks for it.
    static func reasonNotText(_ head: [UInt8]) -> String? {
        let sample = head.prefix(length)
        guard !sample.contains(0) else { return nil }
        let controls = sample.count { $0 < 0x20 && !(7...13).contains($0) && $0 != 0x1b }
        guard controls * 50 > sample.count else { return nil }
        let isText = sample.withUnsafeBytes { bytes in
            if case .invalid = UTF8Validation.check(bytes.bindMemory(to: UInt8.self)) { false } else { true }
        }
        return isText ? nil : "\(controls) of its first \(sample.count) bytes are control characters"
    }
}

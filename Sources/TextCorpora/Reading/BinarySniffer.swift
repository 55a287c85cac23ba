/// Tells files that are not text by their first bytes.
enum BinarySniffer {
    /// How much is looked at, as in git.
    static let length = 8000

    /// Why a file beginning with `head` is not text, or nil where it may be.
    ///
    /// A NUL byte decides, as in git and grep; so do control characters (other than white space, backspace, form feed
    /// and escape) where they make up more than a fiftieth of data that is not valid UTF-8 either.
    static func reasonNotText(_ head: [UInt8]) -> String? {
        let sample = head.prefix(length)
        if let index = sample.firstIndex(of: 0) { return "byte \(index) is NUL" }
        let controls = sample.count { $0 < 0x20 && !(7...13).contains($0) && $0 != 0x1b }
        guard controls * 50 > sample.count else { return nil }
        let isText = sample.withUnsafeBytes { bytes in
            if case .invalid = UTF8Validation.check(bytes.bindMemory(to: UInt8.self)) { false } else { true }
        }
        return isText ? nil : "\(controls) of its first \(sample.count) bytes are control characters"
    }
}

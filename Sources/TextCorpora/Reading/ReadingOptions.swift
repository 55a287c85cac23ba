/// How a text is read.
package struct ReadingOptions: Sendable, Equatable {
    /// `TextUnit.byte` takes files as they are, every byte of them, unless an encoding is named or a mark says UTF-16
    /// or UTF-32.
    package var unit: TextUnit
    /// An encoding name that `iconv` knows, or nil for UTF-8. A byte-order mark in a file wins over it.
    package var encoding: String?
    /// Keep CR LF and CR line ends instead of turning them into LF.
    package var keepCarriageReturns: Bool
    package var invalidBytes: InvalidBytePolicy
    /// Whatever would be passed over is an error, hidden files excepted.
    package var isStrict = false
    /// The unit is that of a model: no message offers another.
    package var unitIsFixed = false
    /// Bytes read at a time: few enough to stay in a core's cache from one look at them to the next. What is read does
    /// not depend on it.
    package var chunkSize = 256 << 10
    /// Compressed data that become more than this and two hundred times their size are refused. Text becomes three to
    /// ten times as long, a log seldom fifty times.
    package var largestExpansion = 256 << 20

    package init(
        unit: TextUnit = .scalar, encoding: String? = nil, keepCarriageReturns: Bool = false,
        invalidBytes: InvalidBytePolicy = .error
    ) {
        self.unit = unit
        self.encoding = encoding
        self.keepCarriageReturns = keepCarriageReturns
        self.invalidBytes = invalidBytes
    }
}

/// What is done with bytes that are not valid in the encoding of a text.
package enum InvalidBytePolicy: String, Codable, Sendable, CaseIterable {
    /// The text is not read: a `TextError.invalidByte` says where they are.
    case error
    /// Each becomes U+FFFD, as the Unicode Standard advises (3.9): one for what could have begun a character.
    case replace
    /// They are left out.
    case skip
}

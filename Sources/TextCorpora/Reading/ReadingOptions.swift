/// How a text is read.
public struct ReadingOptions: Sendable, Equatable {
    public var unit: TextUnit
    /// An encoding name that `iconv` knows, or nil for UTF-8. A byte-order mark in a file wins over it.
    public var encoding: String?
    /// Keep CR LF line ends instead of turning them into LF.
    public var keepCarriageReturns: Bool
    /// Bytes read at a time: few enough to stay in a core's cache from one look at them to the next. What is read does
    /// not depend on it.
    package var chunkSize = 256 << 10

    public init(unit: TextUnit = .scalar, encoding: String? = nil, keepCarriageReturns: Bool = false) {
        self.unit = unit
        self.encoding = encoding
        self.keepCarriageReturns = keepCarriageReturns
    }
}

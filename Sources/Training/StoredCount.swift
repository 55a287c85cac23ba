/// A number that a checkpoint keeps of what was counted, such as evaluations in a row. What is stored may be damaged, or
/// written by others: one that nobody can have counted to is refused where it is read, so that counting on never overflows.
@propertyWrapper
package struct StoredCount: Hashable, Codable, Sendable {
    package var wrappedValue: Int

    package init(wrappedValue: Int) { self.wrappedValue = wrappedValue }

    /// More than anybody counts to.
    private static let most = 1 << 48

    /// - Throws: `DecodingError` for a number that nobody has counted to.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = try container.decode(Int.self)
        guard (0...Self.most).contains(wrappedValue) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "nobody has counted to \(wrappedValue)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

/// What is done with bytes that are not valid in the encoding of a text.
package enum InvalidBytePolicy: String, Codable, Sendable, CaseIterable {
    /// The text is not read: a `TextError.invalidByte` says where they are.
    case error
    /// Each becomes U+FFFD, as the Unicode Standard advises (3.9): one for what could have begun a character.
    case replace
    /// They are left out.
    case skip
}

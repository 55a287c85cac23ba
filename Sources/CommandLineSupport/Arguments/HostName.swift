import Foundation

/// The host of an address on the network: a name such as `localhost`, or a number such as `127.0.0.1` or `::1`.
package struct HostName: Hashable, Sendable {
    /// In lower case, without brackets.
    package let name: String
    /// The bytes of a number, 4 or 16; nil for a name.
    private let number: [UInt8]?

    /// - Parameter text: as an option names it: a number of IPv6 with brackets or without.
    package init(_ text: String) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        name = (isBracketed ? String(text.dropFirst().dropLast()) : text).lowercased()
        number = Self.number(name, AF_INET6, bytes: 16) ?? (isBracketed ? nil : Self.number(name, AF_INET, bytes: 4))
    }

    /// - Parameter authority: the host of a request, with a port or without: a number of IPv6 has brackets. Nil for what is
    ///   none.
    package init?(authority: String) {
        guard let parts = authority.wholeMatch(of: /(\[[^\[\]]*\]|[^\[\]:]+)(:[0-9]*)?/) else { return nil }
        self.init(String(parts.1))
        guard isNumber || !authority.hasPrefix("[") else { return nil }
    }

    /// Whether it is a number: no name server can make one lead elsewhere.
    package var isNumber: Bool { number != nil }

    /// Whether only programs of this machine reach it.
    package var isLoopback: Bool {
        name == "localhost" || number?.count == 4 && number?[0] == 127
            || number == Array(repeating: 0, count: 15) + [1]
    }

    /// As it stands in the address of a page.
    package var inAddress: String { name.contains(":") ? "[\(name)]" : name }

    /// The system decides: it takes no number that anything follows, as a name may begin with one.
    private static func number(_ text: String, _ family: Int32, bytes count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        // For the system a zero byte is the end.
        return !text.utf8.contains(0) && inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}

/// A length of time as people type it: `90s`, `4m`, `1h30m`, `1.5h`; a number alone counts seconds.
package struct TimeSpan: Hashable, Sendable {
    package var seconds: Double

    package init(seconds: Double) { self.seconds = seconds }

    package enum ParseError: Error, Equatable, Sendable, CustomStringConvertible {
        case empty
        case notANumber(String, in: String)
        case unknownUnit(String, in: String)
        case notPositive(String)
        case tooLong(String)

        package var description: String {
            switch self {
            case .empty: "a length of time is missing: write 90s, 4m or 1h30m"
            case .notANumber(let part, let text):
                "'\(part)' in '\(text)' is not a number: write 90s, 4m or 1h30m"
            case .unknownUnit("", let text): "a number in '\(text)' has no unit: write 1h30m, or seconds alone"
            case .unknownUnit(let unit, let text):
                "'\(unit)' in '\(text)' is not a unit of time: use s, m, h or d, as in 1h30m"
            case .notPositive(let text): "'\(text)' is no time at all: it must be above 0"
            case .tooLong(let text): "'\(text)' is longer than a hundred years"
            }
        }
    }

    private static let units: [String: Double] = [
        "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400,
    ]

    package init(parsing text: String) throws(ParseError) {
        var rest = text.lowercased().filter { !$0.isWhitespace }[...]
        guard !rest.isEmpty else { throw .empty }
        seconds = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !$0.isNumber && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(digits) else {
                throw .notANumber(digits.isEmpty ? String(unit) : String(digits), in: text)
            }
            // A number without a unit is seconds only where it stands alone: 1h30 could be anything.
            guard let length = unit.isEmpty && digits.count == text.count ? 1 : Self.units[String(unit)] else {
                throw .unknownUnit(String(unit), in: text)
            }
            seconds += value * length
        }
        guard seconds > 0 else { throw .notPositive(text) }
        guard seconds < 3.2e9 else { throw .tooLong(text) }
    }
}

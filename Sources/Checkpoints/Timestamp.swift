import Foundation

/// Times as the tables hold them: `2026-03-01T09:30:00.000Z`.
enum Timestamp {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    static func text(_ date: Date) -> String { date.formatted(style) }

    static func date(_ text: String, path: String) throws(StoreError) -> Date {
        do {
            return try Date(text, strategy: style)
        } catch {
            throw .corrupt(path: path, detail: "'\(text)' is not a time")
        }
    }
}

import Checkpoints
import Foundation
import Testing

/// Against Foundation's own style for such times.
@Suite struct TimestampTests {
    static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Every few days from 1600 to 2400, at all times of the day, and the ends of years and months around leap days.
    static var dates: [Date] {
        let spread = stride(from: -11_676_096_000.0, to: 13_569_465_600, by: 4_999_999.873).map { $0 }
        let edges = [0, 951_782_399.999, 951_868_800, 4_107_542_399.5, 4_107_542_400, -0.001, -1, 1_709_251_199.001]
        return (spread + edges).map { Date(timeIntervalSince1970: $0) }
    }

    @Test func writesWhatFoundationReads() throws {
        for date in Self.dates {
            let text = Timestamp.text(date)
            #expect(text.utf8.count == 24)
            let read = try Date(text, strategy: Self.style)
            #expect(abs(read.timeIntervalSince(date) + 0.0005) <= 0.000502, "\(text)")
        }
    }

    @Test func readsWhatFoundationWrites() throws {
        for date in Self.dates {
            let text = date.formatted(Self.style)
            let read = try Timestamp.date(text, path: "store")
            #expect(abs(read.timeIntervalSince(try Date(text, strategy: Self.style))) < 2e-6, "\(text)")
        }
    }

    @Test func aTimeIsWrittenAsItWasRead() throws {
        for text in [
            "2026-03-01T09:30:00.000Z", "2000-02-29T23:59:59.999Z", "0000-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.001Z",
        ] {
            let date = try Timestamp.date(text, path: "store")
            #expect(Timestamp.text(date.addingTimeInterval(0.0001)) == text)
        }
        #expect(Timestamp.text(Date(timeIntervalSince1970: .infinity)) == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp.text(Date(timeIntervalSince1970: -.infinity)) == "0000-01-01T00:00:00.000Z")
    }

    @Test(arguments: [
        "", "Z", "yesterday", "2026-03-01", "2026-03-01T09:30:00Z", "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00.000",
        "2026-13-01T09:30:00.000Z", "2026-00-01T09:30:00.000Z", "2026-02-29T09:30:00.000Z", "2026-03-00T09:30:00.000Z",
        "2026-03-01T24:30:00.000Z", "2026-03-01T09:60:00.000Z", "2026-03-01T09:30:60.000Z", "2026-03-01 09:30:00.000Z",
        "2026-03-01T09:30:00.00xZ", "２026-03-01T09:30:00.000Z",
    ])
    func otherTextIsDamage(_ text: String) {
        #expect(throws: StoreError.self) { try Timestamp.date(text, path: "store") }
    }
}

import CommandLineSupport
import Testing
import TrainingRuns

@Suite struct TimeSpanTests {
    @Test(arguments: [
        ("90s", 90.0), ("4m", 240), ("1h30m", 5400), ("250", 250), ("1.5h", 5400), ("2d", 172_800), ("1m 30s", 90),
        ("10min", 600), ("0.5", 0.5), ("2H", 7200), ("90sec", 90),
    ])
    func parses(text: String, seconds: Double) throws {
        #expect(try TimeSpan(parsing: text).seconds == seconds)
    }

    @Test(arguments: [
        ("", TimeSpan.ParseError.empty), ("  ", .empty), ("4q", .unknownUnit("q", in: "4q")),
        ("soon", .notANumber("soon", in: "soon")), ("0", .notPositive("0")), ("0m", .notPositive("0m")),
        ("1h30", .unknownUnit("", in: "1h30")), ("-5m", .notANumber("-", in: "-5m")),
        ("1.2.3s", .notANumber("1.2.3", in: "1.2.3s")), ("4000000d", .tooLong("4000000d")),
    ])
    func refuses(text: String, error: TimeSpan.ParseError) {
        #expect(throws: error) { try TimeSpan(parsing: text) }
        #expect(!error.description.isEmpty)
    }

    @Test(arguments: [
        (0.04, "0.0s"), (0.44, "0.4s"), (9.96, "10s"), (42.4, "42s"), (60, "1m"), (260, "4m 20s"), (5400, "1h 30m"),
        (3600, "1h"), (90_000, "1d 1h"), (59.7, "1m"), (-3, "0.0s"), (.nan, "?"),
    ])
    func prints(seconds: Double, text: String) {
        #expect(TimeSpan(seconds: seconds).description == text)
    }

    @Test(arguments: [
        (0.2, "just now"), (1, "1 second ago"), (59, "59 seconds ago"), (61, "1 minute ago"), (7300, "2 hours ago"),
        (90_000, "1 day ago"),
    ])
    func tellsAge(seconds: Double, text: String) {
        #expect(TimeSpan(seconds: seconds).ago == text)
    }
}

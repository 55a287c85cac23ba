import CommandLineSupport
import Foundation
import Testing

@Suite struct JSONValueTests {
    /// Names that a dictionary takes for one stand side by side, in the order given.
    @Test func membersWithEquivalentNames() {
        let members = JSONValue.members([.init("\u{1f71}", 1), .init("\u{3ac}", [2]), .init("a", .members([]))])
        #expect(members.compactText == "{\"\u{1f71}\":1,\"\u{3ac}\":[2],\"a\":{}}")
    }

    @Test func writesSortedKeysAndNulls() {
        let value: JSONValue = [
            "b": 1, "a": [true, "x"], "c": .number(.nan), "d": JSONValue(nil as Double?), "e": .number(0.1), "f": [],
            "g": .object([:]),
        ]
        #expect(
            value.text == """
                {
                  "a": [
                    true,
                    "x"
                  ],
                  "b": 1,
                  "c": null,
                  "d": null,
                  "e": 0.1,
                  "f": [],
                  "g": {}
                }
                """)
    }

    /// Foundation's reader is the judge of what was written.
    @Test(arguments: [
        "plain", "quote \" backslash \\ slash /", "\n\t\r\u{0}\u{1b}\u{7f}", "é 织 🧵", "\u{2028}",
        "\u{9b}\u{202e}\u{10fee9}",
    ])
    func stringsComeBack(string: String) throws {
        let text = JSONValue.array([.string(string)]).text
        #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == [string])
    }

    /// JSON is the same on a terminal and in a file, so it escapes what a terminal would obey.
    @Test func whatATerminalWouldObeyIsEscaped() {
        #expect(JSONValue.string("\u{1b}[2J\u{9b}m\u{202e}").text == #""\u001b[2J\u009bm\u202e""#)
        // The byte 0xE9 of a name that is not UTF-8, as the guides say it.
        #expect(JSONValue.string("caf\u{10fee9}.txt").text == #""caf\udbff\udee9.txt""#)
    }

    @Test(arguments: [0.1, 1e-300, 1.7976931348623157e308, -0.0, 1.0 / 3, 1e21])
    func numbersComeBackExactly(number: Double) throws {
        let text = JSONValue.array([.number(number)]).text
        #expect(try JSONDecoder().decode([Double].self, from: Data(text.utf8)) == [number])
    }

    @Test func readsWhatItWrites() throws {
        let value: JSONValue = [
            "a": [1, .number(2.5), .null, false, true, "t", [], .object([:])], "b": ["c": "d"],
            "é\n\u{0}\u{1b}\\\"/🧵": "\u{202e}\u{10fee9}",
        ]
        #expect(try read(value.text) == value)
        #expect(try read(value.compactText) == value)
    }

    @Test(
        arguments: [
            ("0", .int(0)), ("-7", .int(-7)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("9007199254740993", .int(9_007_199_254_740_993)), ("1.0", .int(1)), ("1e3", .int(1000)), ("-0.0", .int(0)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("99999999999999999999", .number(1e20)), ("0.30000000000000004", .number(0.30000000000000004)),
            ("1.7976931348623157e+308", .number(1.7976931348623157e308)), ("2.5E-3", .number(0.0025)),
        ] as [(String, JSONValue)])
    func readsNumbersExactly(text: String, value: JSONValue) throws { #expect(try read(text) == value) }

    @Test(arguments: ["1e999", "1e-999", #"["\ud800"]"#, "[0, {\"a\": [1e999]}]"]) func whatNoValueHoldsIsSaid(
        text: String
    ) {
        let error = #expect(throws: DecodingError.self) { try read(text) }
        #expect("\(error as Any)".contains("a number beyond the range of a Double, or text that is not Unicode"))
    }

    private func read(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}

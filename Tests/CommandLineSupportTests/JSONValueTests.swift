import CommandLineSupport
import Foundation
import Testing

@Suite struct JSONValueTests {
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
        let value: JSONValue = ["a": [1, .number(2.5), .null, false, "t"], "b": ["c": "d"]]
        #expect(try JSONDecoder().decode(JSONValue.self, from: Data(value.text.utf8)) == value)
    }
}

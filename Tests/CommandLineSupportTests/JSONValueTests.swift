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
        let value: JSONValue = [
            "a": [1, .number(2.5), .null, false, true, "t", [], .object([:])], "b": ["c": "d"],
            "é\n\u{0}\u{1b}\\\"/🧵": "\u{202e}\u{10fee9}",
        ]
        #expect(try JSONValue(reading: Data(value.text.utf8)) == value)
        #expect(try JSONValue(reading: Data(value.compactText.utf8)) == value)
    }

    @Test(
        arguments: [
            ("0", .int(0)), ("-7", .int(-7)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("1.0", .int(1)), ("1e3", .int(1000)), ("-0.0", .int(0)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("99999999999999999999", .number(1e20)), ("0.30000000000000004", .number(0.30000000000000004)),
            ("1.7976931348623157e+308", .number(1.7976931348623157e308)), ("2.5E-3", .number(0.0025)),
            ("1e-999", .int(0)),
        ] as [(String, JSONValue)]) func readsNumbersExactly(text: String, value: JSONValue) throws
    {
        #expect(try JSONValue(reading: Data(text.utf8)) == value)
    }

    @Test func readsWhatOthersWrite() throws {
        let text = "\u{feff} { \"a\" :\t[ 1 ,\r\n null ] , \"b\\u00e9\":\"\\ud83e\\uddf5\\/\\b\\f\", \"a\": true } "
        #expect(try JSONValue(reading: Data(text.utf8)) == ["a": true, "bé": "🧵/\u{8}\u{c}"])
        let nested = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(throws: Never.self) { try JSONValue(reading: Data(nested.utf8)) }
    }

    @Test(arguments: [
        ("", "the text ends too early at byte 0"), ("{\"a\": 1e999}", "too large a number at byte 6"),
        ("[1,]", "there is no value at byte 3"), ("[1 2]", "a comma or ] is missing at byte 3"),
        ("{\"a\" 1}", "a colon is missing at byte 5"), ("{a: 1}", "a key in quotes is missing at byte 1"),
        ("{\"a\":1 \"b\":2}", "a comma or } is missing at byte 7"), ("[01]", "a leading zero at byte 1"),
        ("[1.]", "a number lacks digits at byte 3"), ("[-]", "a number lacks digits at byte 2"),
        ("tru", "there is no value at byte 0"),
        ("[1e+]", "a number lacks digits at byte 4"), ("+1", "there is no value at byte 0"),
        ("NaN", "there is no value at byte 0"),
        ("[1] x", "there is more than one value at byte 4"), ("\"a", "the text ends too early at byte 2"),
        ("\"a\nb\"", "a string has a control character that is not escaped at byte 2"),
        ("\"\\x\"", "an unknown escape at byte 2"),
        ("\"\\ud83d\"", "half a character is escaped at byte 7"),
        ("\"\\ude00\"", "half a character is escaped at byte 7"),
        ("\"\\ud83d\\u0041\"", "half a character is escaped at byte 12"),
        ("\"\\u+123\"", "\\u needs four digits at byte 2"),
        (String(repeating: "[", count: 513), "more than 512 arrays or objects within each other at byte 512"),
    ]) func saysWhatIsNoJSON(text: String, message: String) {
        let fault = #expect(throws: JSONFault.self) { try JSONValue(reading: Data(text.utf8)) }
        #expect(fault?.description == message)
    }

    @Test func bytesThatAreNoTextAreRefused() {
        for bytes in [[0x22, 0xff, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xff, 0xfe, 0x31, 0x00], [0x31, 0x00]]
            as [[UInt8]]
        {
            #expect(throws: JSONFault.self) { try JSONValue(reading: Data(bytes)) }
        }
    }

    /// It took microseconds a value, for all values but null, and the longest for the emptiest.
    @Test(arguments: ["0.25", "\"a\"", "[]", "{}"]) func millionsOfValuesTakeASecond(value: String) throws {
        let text = "[" + Array(repeating: value, count: 2_000_000).joined(separator: ",") + "]"
        let start = ContinuousClock.now
        guard case .array(let values) = try JSONValue(reading: Data(text.utf8)) else { return #expect(Bool(false)) }
        #expect(values.count == 2_000_000 && start.duration(to: .now) < .seconds(4))
    }
}

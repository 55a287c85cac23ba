import LanguageModels
import Testing

/// The end of a text at a stop string, whatever pieces the text comes in.
@Suite struct StopScannerTests {
    /// The definition: up to where the first stop begins.
    static func cut(_ text: String, _ stops: [String]) -> (text: String, isStop: Bool) {
        let scalars = Array(text.unicodeScalars), patterns = stops.map { Array($0.unicodeScalars) }
        for start in scalars.indices where patterns.contains(where: { scalars[start...].starts(with: $0) }) {
            return (string(scalars[..<start]), true)
        }
        return (text, false)
    }

    static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    static func scan(_ text: String, _ stops: [String], sizes: (Int) -> Int) -> (text: String, isStop: Bool) {
        var scanner = StopScanner(stops), result: [UInt8] = [], rest = Array(text.unicodeScalars)[...], index = 0
        while !rest.isEmpty {
            let piece = rest.prefix(max(1, sizes(index)))
            rest = rest.dropFirst(piece.count)
            index += 1
            let (certain, isStop) = scanner.append(Array(string(piece).utf8)[...])
            result += certain
            if isStop { return (String(decoding: result, as: UTF8.self), true) }
        }
        let (last, isStop) = scanner.finish([])
        return (String(decoding: result + last, as: UTF8.self), isStop)
    }

    @Test(arguments: [
        ("one two three", ["two"]), ("aaab", ["aab"]), ("abcabd!", ["abd"]), ("ababac", ["abac"]),
        ("abcx", ["abcd", "bc"]),
        ("abc", ["abcd", "bc"]), ("xabab", ["ababb", "b"]), ("no stop", ["zz"]), ("end\n\n", ["\n\n"]), ("", ["a"]),
        ("a\r\nb", ["\n"]), ("cafe\u{301} x", [" "]), ("cafe\u{301}", ["e"]), ("né", ["é"]), ("ab", ["b", "ab"]),
        ("🇩🇪🇫🇷", ["🇫🇷"]), ("text", []), ("hello", ["o"]), ("hello", ["hello"]), ("hello", ["hello!"]),
    ])
    func cutsAtTheFirstStop(text: String, stops: [String]) {
        let wanted = Self.cut(text, stops)
        for sizes in [{ _ in 1 }, { _ in 2 }, { _ in 100 }, { $0 % 3 }] as [(Int) -> Int] {
            let found = Self.scan(text, stops, sizes: sizes)
            #expect(Array(found.text.unicodeScalars) == Array(wanted.text.unicodeScalars), "\(text) \(stops)")
            #expect(found.isStop == wanted.isStop, "\(text) \(stops)")
        }
    }

    /// All texts of eight letters out of two, with stops that overlap each other and themselves.
    @Test func everyShortText() {
        let stopSets = [["ab"], ["aa", "bab"], ["abab", "ba"], ["aabb", "abba", "bb"], ["aaa"], ["abaab", "baa"]]
        for stops in stopSets {
            for bits in 0..<256 {
                let text = String((0..<8).map { bits >> $0 & 1 == 0 ? "a" : "b" })
                #expect(Self.scan(text, stops) { _ in 1 } == Self.cut(text, stops), "\(text) \(stops)")
            }
        }
    }

    /// Nothing is held back that cannot begin a stop.
    @Test func textIsGivenOutAsSoonAsItIsCertain() {
        var scanner = StopScanner(["end."])
        func certain(_ piece: String) -> String {
            String(decoding: scanner.append(Array(piece.utf8)[...]).text, as: UTF8.self)
        }
        #expect(certain("he") == "h")
        #expect(certain("n") == "")
        #expect(certain("x") == "enx")
        #expect(certain("en") == "")
        let (text, isStop) = scanner.append(Array("d.".utf8)[...])
        #expect(text.isEmpty && isStop)
    }
}

import DrawnDigits
import Foundation
import Testing

@Suite("Drawn digits") struct DrawnDigitsTests {
    @Test("corpora/digits are those of the first fifty writers, byte for byte") func corpusIsWhatIsDrawn() throws {
        let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../corpora/digits")
            .standardizedFileURL
        for digit in 0..<10 {
            for writer in 0..<50 {
                let name = String("\(1000 + writer)".dropFirst())
                let file = try Data(contentsOf: folder.appendingPathComponent("\(digit)/\(name).png"))
                #expect(file == Data(DrawnDigits.png(of: digit, writer: writer)), "digit \(digit) of writer \(writer)")
            }
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path).count == 10 + 500)
    }
}

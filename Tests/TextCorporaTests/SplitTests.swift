import TextCorpora
import Testing

@Suite struct SplitTests {
    static func corpus(_ count: Int) throws -> TextCorpus {
        try TextCorpus(String(decoding: (0..<count).map { UInt8(ascii: "a") + UInt8($0 * $0 % 26) }, as: UTF8.self))
    }

    @Test(arguments: [
        (1_115_394, 0.1, 0.0, 1_003_854, 111_540, 0), (1000, 0.1, 0.1, 800, 100, 100), (500, 0.1, 0, 450, 50, 0),
        (200, 0.1, 0, 168, 32, 0), (20, 0.1, 0, 16, 4, 0), (1000, 0, 0, 1000, 0, 0), (1001, 0.25, 0.05, 700, 250, 51),
    ])
    func fractions(count: Int, validation: Double, test: Double, a: Int, b: Int, c: Int) throws {
        let split = try Self.corpus(count).split(validation: .fraction(validation), test: .fraction(test))
        #expect(split.training == 0..<a)
        #expect(split.validation == a..<a + b)
        #expect(split.test == a + b..<a + b + c)
    }

    @Test func counts() throws {
        let split = try Self.corpus(100).split(validation: 7, test: 5)
        #expect(split == TextSplit(training: 0..<88, validation: 88..<95, test: 95..<100))
    }

    @Test func tooShort() throws {
        #expect(throws: TextError.tooShort(units: 19, minimum: 20, unit: .scalar)) { try Self.corpus(19).split() }
        let corpus = try Self.corpus(100)
        for (validation, test) in [(0.7, 0.3), (-0.1, 0), (1, 0), (0.95, 0), (.nan, 0)] as [(Double, Double)] {
            guard case .invalidSplit? = Self.failure(corpus, .fraction(validation), .fraction(test)) else {
                Issue.record("\(validation), \(test)")
                continue
            }
        }
        for (validation, test) in [(95, 0), (50, 45), (-1, 0), (100, 0)] as [(Int, Int)] {
            guard case .invalidSplit? = Self.failure(corpus, .count(validation), .count(test)) else {
                Issue.record("\(validation), \(test)")
                continue
            }
        }
    }

    static func failure(_ corpus: TextCorpus, _ validation: Portion, _ test: Portion) -> TextError? {
        do throws(TextError) {
            _ = try corpus.split(validation: validation, test: test)
            return nil
        } catch {
            return error
        }
    }
}

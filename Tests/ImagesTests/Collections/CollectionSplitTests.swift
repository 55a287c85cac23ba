import Images
import TensorCore
import Testing

struct CollectionSplitTests {
    private let context = ComputeContext(threads: 1)

    @Test(arguments: [
        (CollectionSplit.Rule.fraction(0.1), 100, 10), (.fraction(0.25), 10, 3), (.fraction(0.1), 2, 1),
        (.fraction(0.99), 3, 2), (.fraction(0.1), 1, 0), (.count(7), 20, 7), (.last(4), 9, 4), (.none, 5, 0),
        (.fraction(0), 8, 0),
    ])
    func everyPictureIsOnOneSide(_ rule: CollectionSplit.Rule, _ count: Int, _ heldOut: Int) throws {
        let split = try CollectionSplit(rule, count: count, seed: 3, in: context)
        #expect(split.validation.count == heldOut)
        #expect((split.training + split.validation).sorted() == Array(0..<count))
        #expect(split.training == split.training.sorted() && split.validation == split.validation.sorted())
    }

    @Test func aSplitIsAFunctionOfItsSeed() throws {
        let first = try CollectionSplit(.fraction(0.2), count: 500, seed: 1, in: context)
        #expect(try CollectionSplit(.fraction(0.2), count: 500, seed: 1, in: context) == first)
        #expect(try CollectionSplit(.fraction(0.2), count: 500, seed: 2, in: context) != first)
        // Drawn from all over: a hundred in the last fifth would be no draw.
        #expect(first.validation.count { $0 >= 400 } < 40)
        #expect(try CollectionSplit(.last(3), count: 9, seed: 1, in: context).validation == [6, 7, 8])
    }

    @Test func rulesAreParsed() throws {
        #expect(try CollectionSplit.Rule(parsing: "0.1") == .fraction(0.1))
        #expect(try CollectionSplit.Rule(parsing: "12.5%") == .fraction(0.125))
        #expect(try CollectionSplit.Rule(parsing: "500") == .count(500))
        #expect(try CollectionSplit.Rule(parsing: "last:1000") == .last(1000))
        #expect(try CollectionSplit.Rule(parsing: "last:1") == .last(1))
        for nothing in ["none", "0", "0000000000", "0%", "0.0", "0e5"] {
            #expect(try CollectionSplit.Rule(parsing: nothing) == CollectionSplit.Rule.none, "\(nothing)")
        }
        for text in ["", "1.0", "-3", "last:", "last:0", "last:x", "120%", "nan", "some"] {
            #expect(throws: ImageError.self, "\(text)") { try CollectionSplit.Rule(parsing: text) }
        }
        #expect(throws: ImageError.self) { try CollectionSplit(.count(5), count: 5, seed: 1, in: context) }
        #expect(throws: ImageError.self) { try CollectionSplit(.last(9), count: 5, seed: 1, in: context) }
    }

    /// Each of the 24 orders of four, about equally often.
    @Test func permutationsAreFair() {
        var counts: [[Int]: Int] = [:]
        for step in 0..<2400 {
            let order = RandomStream(seed: 5, stream: 9, step: UInt64(step)).permutation(of: 4, in: context)
            #expect(order.sorted() == [0, 1, 2, 3])
            counts[order, default: 0] += 1
        }
        #expect(counts.count == 24)
        // Chi-squared with 23 degrees of freedom: above 50 once in a thousand.
        let chi = counts.values.map { Double(($0 - 100) * ($0 - 100)) / 100 }.reduce(0, +)
        #expect(chi < 50)
        #expect(RandomStream(seed: 1).permutation(of: 0, in: context) == [])
        #expect(RandomStream(seed: 1).permutation(of: 1, in: context) == [0])
    }
}

import FuzzTargets
import Testing

/// Every input that was ever found to matter, and those to begin with: no target stops at one, or contradicts itself.
@Suite struct FuzzTargetTests {
    @Test(arguments: FuzzTarget.all.map(\.name)) func everyKeptInputIsReadOrRefused(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try target.seeds().enumerated().map { (name: "seed \($0.offset)", bytes: $0.element) }
        let inputs = try seeds + Corpus.inputs(of: target)
        #expect(!inputs.isEmpty)
        for input in inputs {
            #expect(throws: Never.self, "\(name), \(input.name)") { try target.run(input.bytes) }
            // What is mended stays as it is when it is mended again.
            if let mend = target.mend {
                let mended = mend(input.bytes)
                #expect(mend(mended) == mended)
                #expect(throws: Never.self, "\(name), \(input.name), mended") { try target.run(mended) }
            }
        }
    }
}

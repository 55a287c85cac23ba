import Foundation
import Kernels
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TrainingRuns

/// The choice of one unit against its definition.
@Suite struct SamplerTests {
    static var context: ComputeContext { ComputeContext(threads: 1) }

    static let logits: [Float] = [0.5, -1, 2, 1.25, 0, -3, 1.75]

    static func softmax(_ logits: [Double]) -> [Double] {
        let largest = logits.max() ?? 0, weights = logits.map { exp($0 - largest) }
        return weights.map { $0 / weights.reduce(0, +) }
    }

    /// How much of the coin's range each unit gets: coins in fine equal steps.
    static func shares(
        _ options: SamplingOptions, excluded: Int32? = nil, recent: [Int32] = [], logits: [Float] = logits
    ) -> [Double] {
        var sampler = UnitSampler(options: options, excluded: excluded, in: context)
        let steps = 20_000
        var counts = [Int](repeating: 0, count: logits.count)
        for step in 0..<steps {
            let coin = (Double(step) + 0.5) / Double(steps)
            counts[Int(sampler.choose(logits, recent: recent[...], coin: coin))] += 1
        }
        return counts.map { Double($0) / Double(steps) }
    }

    static func choice(
        _ options: SamplingOptions, excluded: Int32? = nil, recent: [Int32] = [], logits: [Float] = logits,
        coin: Double,
        in context: ComputeContext = context
    ) -> Int32 {
        var sampler = UnitSampler(options: options, excluded: excluded, in: context)
        return sampler.choose(logits, recent: recent[...], coin: coin)
    }

    static func expect(_ found: [Double], _ wanted: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            zip(found, wanted).allSatisfy { abs($0 - $1) < 2e-4 }, "\(found), not \(wanted)",
            sourceLocation: sourceLocation)
    }

    static func kept(_ probabilities: [Double], where isKept: (Int) -> Bool) -> [Double] {
        let weights = probabilities.enumerated().map { isKept($0.offset) ? $0.element : 0 }
        return weights.map { $0 / weights.reduce(0, +) }
    }

    @Test(arguments: [1, 0.5, 2.5]) func sharesAreThoseOfSoftmax(temperature: Double) {
        let wanted = Self.softmax(Self.logits.map { Double($0) / temperature })
        Self.expect(Self.shares(SamplingOptions(temperature: temperature)), wanted)
        let excluded = Self.kept(wanted) { $0 != 2 }
        Self.expect(Self.shares(SamplingOptions(temperature: temperature), excluded: 2), excluded)
    }

    /// OpenAI's formula: what was chosen c times loses c times the frequency penalty, and once the presence penalty.
    @Test func penaltiesCountWhatWasChosen() {
        let options = SamplingOptions(temperature: 1, presencePenalty: 0.7, frequencyPenalty: 0.3)
        var sampler = UnitSampler(options: options, excluded: nil, in: Self.context)
        var counts = Self.logits.map { _ in 0.0 }
        for step in 0..<60 {
            let coin = (Double(step * 37 % 60) + 0.5) / 60
            let shares = Self.softmax(
                zip(Self.logits, counts).map { Double($0) - $1 * 0.3 - ($1 > 0 ? 0.7 : 0) })
            var rest = coin, wanted = 0
            while wanted < shares.count - 1, rest >= shares[wanted] {
                rest -= shares[wanted]
                wanted += 1
            }
            // Units of the prompt do not count.
            #expect(sampler.choose(Self.logits, recent: [2, 2, 6], coin: coin) == Int32(wanted), "step \(step)")
            counts[wanted] += 1
        }
        #expect(counts.allSatisfy { $0 > 0 })
    }

    @Test func biasesAreAddedToLogits() {
        let options = SamplingOptions(temperature: 0.5, logitBias: [2: -100, 4: 1.5, 0: -0.25, 99: 5])
        var logits = Self.logits.map(Double.init)
        (logits[2], logits[4], logits[0]) = (logits[2] - 100, logits[4] + 1.5, logits[0] - 0.25)
        Self.expect(Self.shares(options), Self.softmax(logits.map { $0 / 0.5 }))
    }

    @Test func temperatureZeroIsGreedy() {
        let coins = [0, 0.3, 0.999_999_9]
        for (logits, wanted) in [(Self.logits, 2), ([1, 3, 3, 2], 1), ([-5, -4], 1)] as [([Float], Int32)] {
            for coin in coins {
                #expect(Self.choice(SamplingOptions(temperature: 0), logits: logits, coin: coin) == wanted)
                guard logits.count != 4 else { continue }
                let tiny = SamplingOptions(temperature: .leastNonzeroMagnitude)
                #expect(Self.choice(tiny, logits: logits, coin: coin) == wanted)
            }
        }
        #expect(Self.choice(SamplingOptions(temperature: 0), excluded: 2, coin: 0.5) == 6)
    }

    @Test func topK() {
        let all = Self.softmax(Self.logits.map(Double.init))
        Self.expect(Self.shares(SamplingOptions(temperature: 1, topK: 3)), Self.kept(all) { [2, 6, 3].contains($0) })
        Self.expect(Self.shares(SamplingOptions(temperature: 1, topK: 1)), Self.kept(all) { $0 == 2 })
        Self.expect(Self.shares(SamplingOptions(temperature: 1, topK: 100)), all)
        // The smaller id first among equals; the excluded unit takes no place.
        let equal = Self.shares(SamplingOptions(temperature: 1, topK: 2), excluded: 0, logits: [9, 1, 2, 2, 2])
        Self.expect(equal, [0, 0, 0.5, 0.5, 0])
    }

    @Test func topP() {
        // Probabilities 0.4, 0.3, 0.2, 0.1 for ids 1, 3, 0, 2.
        let logits = [0.2, 0.4, 0.1, 0.3].map { (x: Double) in Float(Foundation.log(x)) }
        func shares(_ p: Double, k: Int? = nil) -> [Double] {
            Self.shares(SamplingOptions(temperature: 1, topK: k, topP: p), logits: logits)
        }
        Self.expect(shares(0.39), [0, 1, 0, 0])
        Self.expect(shares(0.41), [0, 4.0 / 7, 0, 3.0 / 7])
        Self.expect(shares(0.69), [0, 4.0 / 7, 0, 3.0 / 7])
        Self.expect(shares(0.71), [2.0 / 9, 4.0 / 9, 0, 3.0 / 9])
        Self.expect(shares(1), [0.2, 0.4, 0.1, 0.3])
        Self.expect(shares(1e-12), [0, 1, 0, 0])
        // Of the two that top-k leaves, 4/7 and 3/7.
        Self.expect(shares(0.55, k: 2), [0, 1, 0, 0])
    }

    @Test func minP() {
        let logits = [0.2, 0.4, 0.1, 0.3].map { (x: Double) in Float(Foundation.log(x)) }
        func shares(_ p: Double) -> [Double] { Self.shares(SamplingOptions(temperature: 1, minP: p), logits: logits) }
        Self.expect(shares(0.51), [0, 4.0 / 7, 0, 3.0 / 7])
        Self.expect(shares(0.49), [2.0 / 9, 4.0 / 9, 0, 3.0 / 9])
        Self.expect(shares(0), [0.2, 0.4, 0.1, 0.3])
        Self.expect(shares(1), [0, 1, 0, 0])
    }

    @Test func repetitionPenalty() {
        let options = SamplingOptions(temperature: 1, repetitionPenalty: 2)
        // Positive logits are divided, negative ones multiplied, however often a unit was seen; others stay.
        let wanted = Self.softmax([0.5, -2, 1, 1.25, 0, -3, 1.75])
        Self.expect(Self.shares(options, recent: [2, 1, 2, 4]), wanted)
        // Only the last 64 count.
        let long = [2] + [Int32](repeating: 1, count: UnitSampler.memory)
        Self.expect(Self.shares(options, recent: long), Self.softmax([0.5, -2, 2, 1.25, 0, -3, 1.75]))
        let greedy = SamplingOptions(temperature: 0, repetitionPenalty: 4)
        #expect(Self.choice(greedy, recent: [2, 6], coin: 0) == 3)
    }

    /// What one choice leaves in its buffers is nothing to the next.
    @Test func choicesDoNotDependOnThoseBefore() {
        let options = SamplingOptions(temperature: 0.7, topK: 5, topP: 0.9, minP: 0.01, repetitionPenalty: 1.5)
        var sampler = UnitSampler(options: options, excluded: 1, in: Self.context)
        for number in 0..<500 {
            let logits = (0..<37).map { Float(($0 * 7919 + number * 104_729) % 1009) / 100 - 5 }
            let recent = (0..<number % 90).map { Int32(($0 * 31 + number) % 37) }, coin = Double(number) / 500
            #expect(
                sampler.choose(logits, recent: recent[...], coin: coin)
                    == Self.choice(options, excluded: 1, recent: recent, logits: logits, coin: coin))
        }
    }

    @Test func noInstructionSetChoosesOtherwise() {
        let logits = (0..<67).map { Float(($0 * 7919) % 1009) / 200 }
        for temperature in [0.3, 1, 4] {
            let options = SamplingOptions(temperature: temperature, topP: 0.95)
            let coins = (0..<400).map { Double($0) / 400 }
            let choices = InstructionSet.available.map { set in
                let context = ComputeContext(threads: 1, instructionSet: set)
                return coins.map { Self.choice(options, logits: logits, coin: $0, in: context) }
            }
            #expect(Set(choices).count == 1 && Set(choices[0]).count > 5)
        }
    }

    /// What is far below the most probable never comes, not even for the smallest coin; nor does what is excluded.
    @Test func theImpossibleNeverComes() {
        let logits: [Float] = [-90, 80, 0, -1], options = SamplingOptions(temperature: 1)
        #expect(Self.choice(options, excluded: 1, logits: logits, coin: 0) == 2)
        #expect(Self.choice(SamplingOptions(temperature: 0.01), logits: [1, 2], coin: 0) == 1)
    }

    /// Where weights are hardly apart, the order is still that of the logits.
    @Test func topKAtAHighTemperature() {
        let shares = Self.shares(SamplingOptions(temperature: 1e12, topK: 3))
        Self.expect(shares, [0, 0, 1.0 / 3, 1.0 / 3, 0, 0, 1.0 / 3])
    }

    @Test func optionsOutOfRangeAreNamed() {
        let bad: [(SamplingOptions, String)] = [
            (.init(temperature: -0.1), "temperature"), (.init(temperature: .nan), "temperature"),
            (.init(temperature: .infinity), "temperature"), (.init(topK: 0), "top-k"), (.init(topP: 0), "top-p"),
            (.init(topP: 1.1), "top-p"), (.init(minP: -0.1), "min-p"), (.init(minP: 1.5), "min-p"),
            (.init(minP: .nan), "min-p"), (.init(repetitionPenalty: 0), "repetition-penalty"),
            (.init(repetitionPenalty: .infinity), "repetition-penalty"), (.init(length: -1), "length"),
            (.init(stop: ["a", ""]), "stop"),
        ]
        for (options, name) in bad {
            let error = thrown(RunError.self) { try options.validate() }
            guard case .invalidOption(name, _) = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
        }
        #expect(throws: Never.self) {
            try SamplingOptions(temperature: 0, topK: 1, topP: 1, minP: 1, length: 0, stop: ["x"]).validate()
        }
    }
}

extension UnitSampler {
    fileprivate mutating func choose(_ logits: [Float], recent: ArraySlice<Int32>, coin: Double) -> Int32 {
        logits.withUnsafeBufferPointer { choose($0, recent: recent, coin: coin) }
    }
}

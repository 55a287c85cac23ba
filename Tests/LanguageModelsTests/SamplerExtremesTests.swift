import Foundation
import LanguageModels
import TensorCore
import Testing
import TestSupport
import TrainingRuns

/// The choice of a unit where numbers are as large or as small as they get, against its definition in Double.
@Suite struct SamplerExtremesTests {
    /// The probability of each unit, by the definition in `SamplingOptions` and nothing else. Logits so far below the
    /// largest that their share is under e⁻⁸⁷ are as good as impossible.
    static func probabilities(_ logits: [Float], _ options: SamplingOptions, recent: [Int32] = []) -> [Double] {
        let largest = Double.greatestFiniteMagnitude
        var scores = logits.map { max(-largest, min(largest, Double($0))) }
        for id in Set(recent.suffix(64)) {
            let score = scores[Int(id)], penalty = options.repetitionPenalty
            scores[Int(id)] = max(-largest, min(largest, score > 0 ? score / penalty : score * penalty))
        }
        for (id, bias) in options.logitBias {
            scores[Int(id)] = max(-largest, min(largest, scores[Int(id)] + bias))
        }
        let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        let top = scores[order[0]]
        guard options.temperature > 0 else { return scores.indices.map { $0 == order[0] ? 1 : 0 } }
        var weights = scores.map { score -> Double in
            let weight = exp((score - top) / options.temperature)
            return weight < 2e-38 ? 0 : weight
        }
        func keep(_ count: Int) { for place in order.dropFirst(max(1, count)) { weights[place] = 0 } }
        if let count = options.topK { keep(count) }
        if let share = options.minP { keep(order.count { weights[$0] > 0 && weights[$0] >= share }) }
        if let share = options.topP {
            let wanted = share * weights.reduce(0, +)
            var sum = 0.0, count = 0
            while count < order.count, sum < wanted {
                sum += weights[order[count]]
                count += 1
            }
            keep(count)
        }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// Chooses with coins everywhere, and expects the unit in whose share each falls; coins that fall within a rounding
    /// of single precision of a limit may choose either side of it.
    static func expectShares(
        _ logits: [Float], _ options: SamplingOptions, recent: [Int32] = [], _ what: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let wanted = probabilities(logits, options, recent: recent)
        var limits: [Double] = [], sum = 0.0
        for share in wanted {
            sum += share
            limits.append(sum)
        }
        var sampler = UnitSampler(options: options, excluded: nil, in: ComputeContext(threads: 1))
        let slack = 1e-5, count = logits.count > 1_000 ? 7 : 97
        for coin in [0, 1e-7, 0.999_999_94] + (0..<count).map({ (Double($0) + 0.37) / Double(count) }) {
            let id = Int(logits.withUnsafeBufferPointer { sampler.choose($0, recent: recent[...], coin: coin) })
            let low = id == 0 ? 0 : limits[id - 1]
            #expect(
                wanted[id] > 0 && coin >= low - slack && coin <= limits[id] + slack,
                "\(what) \(options): coin \(coin) chose \(id), which has \(low)...\(limits[id])",
                sourceLocation: sourceLocation)
        }
    }

    static func logits(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { (Float(($0 * 7919) % 1009) / 200 - 2.5) * scale }
    }

    @Test(arguments: [1e-300, 1e-6, 1e-3, 0.5, 1, 30, 1e6, 1e300])
    func temperatures(_ temperature: Double) {
        for count in [1, 2, 3, 67, 20_000] {
            Self.expectShares(Self.logits(count), SamplingOptions(temperature: temperature), "\(count) units")
        }
    }

    @Test(arguments: [1, 2, 67, 20_000]) func partsOfAll(_ count: Int) {
        let logits = Self.logits(count)
        for temperature in [1e-6, 1, 1e6] {
            for topP in [1e-300, 1e-12, 0.5, 1 - 1e-12, 1] {
                Self.expectShares(logits, SamplingOptions(temperature: temperature, topP: topP))
            }
            for topK in [1, 2, count, count + 1, .max] {
                Self.expectShares(logits, SamplingOptions(temperature: temperature, topK: topK))
            }
            for minP in [0, 1e-300, 0.5, 1] {
                Self.expectShares(logits, SamplingOptions(temperature: temperature, minP: minP))
            }
            Self.expectShares(logits, SamplingOptions(temperature: temperature, topK: .max, topP: 1, minP: 0))
            Self.expectShares(logits, SamplingOptions(temperature: temperature, topK: 1, topP: 1e-300, minP: 1))
        }
    }

    /// Penalties and biases whose products are beyond Double leave every unit a number; the excluded one never comes.
    @Test(arguments: [1e-308, 1e-6, 1, 1e6, 1e308]) func penalties(_ penalty: Double) {
        for scale: Float in [1, 1e30] {
            let logits = Self.logits(67, scale: scale)
            let options = SamplingOptions(temperature: 1, repetitionPenalty: penalty)
            for recent in [[3], Array(0..<67), Array(0..<64) + [5, 5, 5]] as [[Int32]] {
                Self.expectShares(logits, options, recent: recent)
            }
        }
        let logits: [Float] = [-3, -4, -5, 2]
        var sampler = UnitSampler(
            options: SamplingOptions(
                temperature: 1, repetitionPenalty: penalty, presencePenalty: 1e308, frequencyPenalty: 1e308),
            excluded: 3, in: ComputeContext(threads: 1))
        for number in 0..<40 {
            let id = logits.withUnsafeBufferPointer {
                sampler.choose($0, recent: [0, 1, 2], coin: Double(number) / 40)
            }
            #expect((0...2).contains(id))
        }
        for bias in [-1e308, 1e308, 1e-308] {
            Self.expectShares(logits, SamplingOptions(temperature: 1, logitBias: [1: bias, 2: bias]))
            Self.expectShares(
                [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0],
                SamplingOptions(temperature: 1, logitBias: [0: 1e308, 1: bias]))
        }
    }

    @Test func largeAndInfiniteLogits() {
        let infinity = Float.infinity
        let cases: [[Float]] = [
            [1e30, -1e30, 0], [1e30, 1e30, -1e30], [-1e30, -1e30, -1e30],
            [.greatestFiniteMagnitude, -.greatestFiniteMagnitude], [1e-45, -1e-45, 0],
            [infinity, 0, -infinity], [0, infinity, infinity], [-infinity, 3, 3], [-infinity, -infinity, -infinity],
        ]
        for logits in cases {
            for temperature in [0, 1e-6, 1, 1e6] {
                Self.expectShares(logits, SamplingOptions(temperature: temperature), "\(logits)")
                Self.expectShares(logits, SamplingOptions(temperature: temperature, topP: 0.9), "\(logits)")
                Self.expectShares(logits, SamplingOptions(temperature: temperature, topK: 2, minP: 0.1), "\(logits)")
            }
        }
    }

    /// No unit can be said to be more probable than one that is no number.
    @Test func whatIsNoNumberStopsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            var sampler = UnitSampler(options: SamplingOptions(), excluded: nil, in: ComputeContext(threads: 1))
            _ = [1, Float.nan, 2].withUnsafeBufferPointer { sampler.choose($0, recent: [], coin: 0.5) }
        }
    }
}

import Foundation
import TextCorpora
import Testing

@Suite struct MarkovSourceTests {
    @Test(arguments: [(2, 1), (5, 2), (8, 2), (3, 4), (4, 0)])
    func stationaryDistribution(letters: Int, order: Int) {
        let source = MarkovSource(letters: letters, order: order, seed: 11)
        let contexts = source.stationary.count
        var next = [Double](repeating: 0, count: contexts)
        var entropy = 0.0
        for context in 0..<contexts {
            for letter in 0..<letters {
                let p = source.probability(of: letter, after: context)
                next[(context * letters + letter) % contexts] += source.stationary[context] * p
                entropy -= source.stationary[context] * p * log(p)
            }
        }
        for context in 0..<contexts { #expect(abs(next[context] - source.stationary[context]) < 1e-14) }
        #expect(abs(source.stationary.reduce(0, +) - 1) < 1e-14)
        #expect(abs(entropy - source.entropyRate) < 1e-12)
        #expect(source.entropyRate < log(Double(letters)))
    }

    /// Two states with p(b|a) and p(a|b) known: π and H in closed form.
    @Test func closedForm() {
        let source = MarkovSource(letters: 2, order: 1, seed: 5)
        let (ab, ba) = (source.probability(of: 1, after: 0), source.probability(of: 0, after: 1))
        func h(_ p: Double) -> Double { -p * log(p) - (1 - p) * log(1 - p) }
        let pi = ba / (ab + ba)
        #expect(abs(source.stationary[0] - pi) < 1e-13)
        #expect(abs(source.entropyRate - (pi * h(ab) + (1 - pi) * h(ba))) < 1e-13)
    }

    /// The text's own log-likelihood per character comes to the entropy rate, by the law of large numbers.
    @Test func textFollowsTheChain() {
        let source = MarkovSource(letters: 6, order: 2, seed: 3)
        let text = Array(source.text(count: 400_000).utf8).map { Int($0) - 97 }
        var nats = 0.0
        var context = text[0] * 6 + text[1]
        for letter in text.dropFirst(2) {
            nats -= log(source.probability(of: letter, after: context))
            context = (context * 6 + letter) % 36
        }
        #expect(abs(nats / Double(text.count - 2) - source.entropyRate) < 0.005)
    }

    /// The committed fingerprints of `selftest` follow from such texts.
    @Test func textsStayAsTheyAre() {
        let text = MarkovSource(letters: 8, order: 2, seed: 1).text(count: 40)
        #expect(text == "bceaeebdbfcacfbgedbdcabegaafffffbgeddhfe")
    }

    @Test func seeds() {
        let text = MarkovSource(letters: 8, order: 2, seed: 1).text(count: 1000)
        #expect(MarkovSource(letters: 8, order: 2, seed: 1).text(count: 300) == text.prefix(300))
        #expect(MarkovSource(letters: 8, order: 2, seed: 2).text(count: 1000) != text)
    }
}

import Requirements
import TensorCore

/// A source of text whose entropy rate is known exactly: a Markov chain over a small alphabet, with transition
/// probabilities and text drawn from a seed. No model can do better on average than `entropyRate` nats a character,
/// and a model that learns approaches it.
package struct MarkovSource: Sendable {
    /// The letters, from "a".
    package let alphabet: [Unicode.Scalar]
    /// k: the next character depends on the last k.
    package let order: Int
    /// Nats per character: H = Σ_c π(c) Σ_a −p(a|c) ln p(a|c), where π is the stationary distribution of the contexts
    /// (Cover and Thomas, *Elements of Information Theory*, theorem 4.2.1).
    package let entropyRate: Double
    /// π, over the alphabet.count^k contexts; the last character is the fastest digit.
    package let stationary: [Double]

    private let seed: UInt64
    /// Cumulative weights of each context, of 2³²: shape [context][letter]. Probabilities are exactly these fractions.
    private let thresholds: [UInt64]

    private static let scale = UInt64(1) << 32

    /// - Parameters:
    ///   - letters: 2 to 26.
    ///   - order: 0 (independent characters) or more, with at most 65,536 contexts.
    ///   - seed: of the transition probabilities and of the text.
    package init(letters: Int, order: Int, seed: UInt64) {
        require((2...26).contains(letters), "\(letters) letters")
        require(order >= 0 && order <= 16, "order \(order)")
        let contexts = (0..<order).reduce(1) { product, _ in product * letters }
        require(contexts <= 1 << 16, "\(letters) letters to the power \(order) are \(contexts) contexts")
        alphabet = (0..<letters).map { Unicode.Scalar(UInt8(ascii: "a") + UInt8($0)) }
        self.order = order
        self.seed = seed
        thresholds = Self.drawThresholds(letters: letters, contexts: contexts, seed: seed)
        stationary = Self.stationary(letters: letters, thresholds: thresholds)
        entropyRate = Self.entropy(letters: letters, thresholds: thresholds, stationary: stationary)
    }

    /// p(letter | context)
    package func probability(of letter: Int, after context: Int) -> Double {
        Self.probability(thresholds, alphabet.count, context, letter)
    }

    /// The first `count` characters. Longer texts begin with shorter ones.
    package func text(count: Int) -> String {
        let random = CounterRandom(seed: seed, stream: 1)
        let letters = alphabet.count
        let contexts = stationary.count
        var context = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for position in 0..<count {
                let draw = random.bits(at: UInt64(position)) >> 32
                var letter = 0
                while thresholds[context * letters + letter] <= draw { letter += 1 }
                buffer[position] = UInt8(ascii: "a") + UInt8(letter)
                context = (context * letters + letter) % contexts
            }
            initialized = count
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Weights u⁴ + 0.01 of uniform u: peaked, and none zero, so that every context can be reached from every other.
    private static func drawThresholds(letters: Int, contexts: Int, seed: UInt64) -> [UInt64] {
        let random = CounterRandom(seed: seed, stream: 0)
        var thresholds: [UInt64] = []
        for context in 0..<contexts {
            let weights = (0..<letters).map { letter -> Double in
                let u = random.uniform(at: UInt64(context * letters + letter))
                return u * u * u * u + 0.01
            }
            let total = weights.reduce(0, +)
            var sum = 0.0
            for weight in weights.dropLast() {
                sum += weight
                thresholds.append(UInt64(sum / total * Double(scale)))
            }
            thresholds.append(scale)
        }
        return thresholds
    }

    private static func probability(_ thresholds: [UInt64], _ letters: Int, _ context: Int, _ letter: Int) -> Double {
        let before = letter == 0 ? 0 : thresholds[context * letters + letter - 1]
        return Double(thresholds[context * letters + letter] - before) / Double(scale)
    }

    /// Power iteration from the uniform distribution, until nothing changes by more than 1e-15.
    private static func stationary(letters: Int, thresholds: [UInt64]) -> [Double] {
        let contexts = thresholds.count / letters
        var current = [Double](repeating: 1 / Double(contexts), count: contexts)
        for _ in 0..<10_000 {
            var next = [Double](repeating: 0, count: contexts)
            for context in 0..<contexts {
                for letter in 0..<letters {
                    next[(context * letters + letter) % contexts] +=
                        current[context] * probability(thresholds, letters, context, letter)
                }
            }
            let change = zip(current, next).reduce(0) { max($0, abs($1.0 - $1.1)) }
            current = next
            if change < 1e-15 { break }
        }
        let total = current.reduce(0, +)
        return current.map { $0 / total }
    }

    private static func entropy(letters: Int, thresholds: [UInt64], stationary: [Double]) -> Double {
        stationary.indices.reduce(0) { sum, context in
            sum
                + (0..<letters).reduce(0) { part, letter in
                    let p = probability(thresholds, letters, context, letter)
                    return p > 0 ? part - stationary[context] * p * DeterministicMath.log(p) : part
                }
        }
    }
}

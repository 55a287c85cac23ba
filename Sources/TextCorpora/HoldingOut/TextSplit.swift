/// A corpus cut in order: training first, then validation, then test.
package struct TextSplit: Codable, Sendable, Equatable {
    package let training: Range<Int>
    package let validation: Range<Int>
    package let test: Range<Int>

    package init(training: Range<Int>, validation: Range<Int>, test: Range<Int>) {
        self.training = training
        self.validation = validation
        self.test = test
    }

    private enum CodingKeys: String, CodingKey { case training, validation, test }

    /// What is stored may be damaged, or written by others.
    /// - Throws: for parts that no text has, `DecodingError`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func part(_ key: CodingKeys) throws -> Range<Int> {
            let units = try container.decode(Range<Int>.self, forKey: key)
            guard units.lowerBound >= 0, units.upperBound <= TextCorpus.mostUnits else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "no text has the units \(units)")
            }
            return units
        }
        self.init(training: try part(.training), validation: try part(.validation), test: try part(.test))
    }
}

/// How much of a corpus: a share (`0.1`) or a number of units (`5000`).
package enum Portion: Codable, Sendable, Hashable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    case fraction(Double)
    case count(Int)

    package init(floatLiteral value: Double) { self = .fraction(value) }
    package init(integerLiteral value: Int) { self = .count(value) }

    fileprivate var isNothing: Bool { self == .count(0) || self == .fraction(0) }
}

extension TextCorpus {
    /// Fewer units than this are not worth training on.
    package static let minimumCount = 20

    /// More units than any machine holds, and few enough for what is reckoned with them.
    package static let mostUnits = 1 << 48

    /// Cuts the corpus in order, as ``TextSplit/init(count:unit:validation:test:)`` says.
    ///
    /// - Throws: `TextError.tooShort` under 20 units, `TextError.invalidSplit` where the parts leave too little to
    ///   train on.
    package func split(validation: Portion = 0.1, test: Portion = 0) throws(TextError) -> TextSplit {
        try TextSplit(count: count, unit: unit, validation: validation, test: test)
    }
}

extension TextSplit {
    /// Cuts a corpus of so many units in order.
    ///
    /// Fractions are of the whole: of n units, the first ⌊n·(1 − validation − test)⌋ train. In a small corpus a part
    /// that was asked for as a fraction gets at least 32 units or a fifth of the whole, whichever is less, so that its
    /// loss means something.
    ///
    /// - Throws: `TextError.tooShort` under 20 units, `TextError.invalidSplit` where the parts leave too little to
    ///   train on.
    package init(
        count: Int, unit: TextUnit = .scalar, validation: Portion = 0.1, test: Portion = 0
    ) throws(TextError) {
        let minimum = TextCorpus.minimumCount
        guard count >= minimum else { throw .tooShort(units: count, minimum: minimum, unit: unit) }
        let testCount = try Self.size(of: test, in: count, after: .count(0), as: "test")
        let heldOut = try Self.size(of: validation, in: count, after: test, as: "validation")
        let trainingCount = count - heldOut - testCount
        guard trainingCount >= minimum / 2 else {
            throw .invalidSplit(
                reason: "validation (\(heldOut)) and test (\(testCount)) leave \(max(0, trainingCount)) of "
                    + "\(count) units to train on; at least \(minimum / 2) are needed")
        }
        self.init(
            training: 0..<trainingCount, validation: trainingCount..<trainingCount + heldOut,
            test: trainingCount + heldOut..<count)
    }

    /// Units in a part, of which `later` are behind it (their rounding is theirs).
    private static func size(
        of portion: Portion, in count: Int, after later: Portion, as name: String
    ) throws(TextError) -> Int {
        switch portion {
        case .count(let units):
            guard units >= 0 && units < count else {
                throw .invalidSplit(reason: "\(name): \(units) units, but the corpus has \(count)")
            }
            return units
        case .fraction(let share):
            guard share >= 0 && share < 1 else {
                throw .invalidSplit(reason: "\(name): a share of \(share) is not at least 0 and less than 1")
            }
            guard !portion.isNothing else { return 0 }
            var behind = 0.0
            if case .fraction(let laterShare) = later { behind = laterShare }
            // ⌊n·(1 − behind)⌋ − ⌊n·(1 − behind − share)⌋, as other tools cut it (n·0.9 units before the last tenth).
            let total = Double(count)
            let exact = Int(total * (1 - behind)) - Int(total * max(0, 1 - behind - share))
            return max(exact, min(32, count / 5))
        }
    }
}

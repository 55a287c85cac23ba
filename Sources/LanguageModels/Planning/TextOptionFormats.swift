package import TextCorpora
import TrainingRuns

/// What is held out of a text, as it is asked for: how much, and taken from where. Either may be left out.
package struct HeldOutPart: Hashable, Sendable {
    package var rule: HoldOut.Rule?
    package var portion: Portion?

    package init(rule: HoldOut.Rule? = nil, portion: Portion? = nil) { (self.rule, self.portion) = (rule, portion) }
}

extension OptionFormat<Portion> {
    /// A share (`0.1`, `10%`) or a number of units (`5000`).
    static var portion: Self { OptionFormat(parse: parsePortion, text: typed, isNumber: true) }
}

extension OptionFormat<HeldOutPart> {
    /// A portion with or without what it is taken from: `0.1`, `lines`, `spread:10%`.
    static var heldOutPart: Self {
        OptionFormat(
            parse: { text in
                let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                if let rule = HoldOut.Rule(rawValue: parts[0]) {
                    return HeldOutPart(rule: rule, portion: try parts.count > 1 ? parsePortion(parts[1]) : nil)
                }
                guard parts.count == 1 else {
                    throw UnreadableOption("'\(parts[0])' is not a way to hold out; there are tail, lines and spread")
                }
                return HeldOutPart(rule: nil, portion: try parsePortion(text))
            },
            text: { part in
                [part.rule?.rawValue, part.portion.map(typed)].compactMap(\.self).joined(separator: ":")
            }, isNumber: true)
    }
}

@Sendable private func parsePortion(_ text: String) throws -> Portion {
    if let count = Int(text), count >= 0 { return .count(count) }
    let isPercent = text.hasSuffix("%")
    guard let share = Double(isPercent ? String(text.dropLast()) : text), share >= 0 else {
        throw UnreadableOption("write a share of the text (0.1 or 10%) or a number of units (5000)")
    }
    let fraction = isPercent ? share / 100 : share
    guard fraction < 1 else {
        throw UnreadableOption("a share of \(text) leaves nothing to train on; shares are below 1")
    }
    return .fraction(fraction)
}

@Sendable private func typed(_ portion: Portion) -> String {
    switch portion {
    case .fraction(let share): "\(share)"
    case .count(let count): "\(count)"
    }
}

extension OptionFormat<[LayerSpecification]> {
    /// `lstm:512,gru:256`
    static var stack: Self {
        OptionFormat(parse: { try LayerSpecification.parse($0) }, text: LayerSpecification.text) { stack in
            guard (1...LayerSpecification.largestCount).contains(stack.count) else {
                return "1 to \(LayerSpecification.largestCount) layers, not \(stack.count)"
            }
            let tooLarge = stack.first { layer in
                ![layer.hidden, layer.outputs].allSatisfy(LayerSpecification.sizes.contains)
            }
            return tooLarge.map { "sizes from 1 to \(LayerSpecification.sizes.upperBound), not \($0)" }
        }
    }
}

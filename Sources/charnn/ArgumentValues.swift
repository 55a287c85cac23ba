import ArgumentParser
import CommandLineSupport
import LanguageModels
import TextCorpora

extension LayerSpecification.Cell: ExpressibleByArgument {}
extension TextUnit: ExpressibleByArgument {}
extension InvalidBytePolicy: ExpressibleByArgument {}

/// `--validation` as it is typed.
struct HeldOutArgument: Equatable {
    var rule: HoldOut.Rule?
    var portion: Portion?
}

extension HoldOut {
    /// `--validation` as it is typed for a portion.
    var argument: String { rule == suggested ? validation.argument : "\(rule.rawValue):\(validation.argument)" }
}

extension Portion {
    var argument: String {
        switch self {
        case .fraction(let share): "\(share)"
        case .count(let count): "\(count)"
        }
    }
}

extension Parse {
    static func stack(_ text: String) throws -> [LayerSpecification] { try LayerSpecification.parse(text) }

    /// A portion with or without what it is taken from: `0.1`, `lines`, `spread:10%`.
    static func heldOut(_ text: String) throws -> HeldOutArgument {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let rule = HoldOut.Rule(rawValue: parts[0]) {
            return HeldOutArgument(rule: rule, portion: try parts.count > 1 ? portion(parts[1]) : nil)
        }
        guard parts.count == 1 else {
            throw ValidationError("'\(parts[0])' is not a way to hold out; there are tail, lines and spread")
        }
        return HeldOutArgument(rule: nil, portion: try portion(text))
    }

    /// A share (`0.1`, `10%`) or a number of units (`5000`).
    static func portion(_ text: String) throws -> Portion {
        if let count = Int(text), count >= 0 { return .count(count) }
        let isPercent = text.hasSuffix("%")
        guard let share = Double(isPercent ? String(text.dropLast()) : text), share >= 0 else {
            throw ValidationError("write a share of the text (0.1 or 10%) or a number of units (5000)")
        }
        let fraction = isPercent ? share / 100 : share
        guard fraction < 1 else {
            throw ValidationError("a share of \(text) leaves nothing to train on; shares are below 1")
        }
        return .fraction(fraction)
    }
}

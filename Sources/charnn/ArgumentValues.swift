import ArgumentParser
import CommandLineSupport
import LanguageModels
import TextCorpora

extension StackLayer.Cell: ExpressibleByArgument {}
extension TextUnit: ExpressibleByArgument {}
extension InvalidBytePolicy: ExpressibleByArgument {}

extension Parse {
    static func stack(_ text: String) throws -> [StackLayer] { try StackLayer.parse(text) }

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

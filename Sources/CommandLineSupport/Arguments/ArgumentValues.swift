import ArgumentParser
package import Training

extension OptimizerKind: ExpressibleByArgument {}
extension ScheduleKind: ExpressibleByArgument {}

/// Functions for `@Option(transform:)`: what they throw reaches the user.
package enum Parse {
    package static func timeSpan(_ text: String) throws -> TimeSpan { try TimeSpan(parsing: text) }

    /// A number, or `none`, which is 0.
    package static func numberOrNone(_ text: String) throws -> Double {
        guard let number = text.lowercased() == "none" ? 0 : Double(text) else {
            throw ValidationError("'\(text)' is not a number; write one above 0, or none")
        }
        return number
    }

    /// A number of evaluations, `none`, which is also 0, or `auto`.
    package static func patience(_ text: String) throws -> Patience {
        switch text.lowercased() {
        case "none", "0": return .unlimited
        case "auto": return .automatic
        default:
            guard let count = Int(text) else {
                throw ValidationError("'\(text)' is not a number of validations; write one above 0, none or auto")
            }
            return .evaluations(count)
        }
    }
}

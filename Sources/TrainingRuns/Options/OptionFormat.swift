import Training

/// What may be given for an option: how it is read from text and written again, and which values there are.
package struct OptionFormat<Value: Hashable & Sendable>: Sendable {
    let parse: @Sendable (String) throws -> Value
    let text: @Sendable (Value) -> String
    /// Why a value is out of range; nil: it is not.
    let problem: @Sendable (Value) -> String?
    /// All texts there are, where they can be listed.
    let choices: [String]
    /// Whether what begins with a dash may be meant as a value.
    let isNumber: Bool

    package init(
        parse: @escaping @Sendable (String) throws -> Value, text: @escaping @Sendable (Value) -> String,
        choices: [String] = [], isNumber: Bool = false, problem: @escaping @Sendable (Value) -> String? = { _ in nil }
    ) {
        (self.parse, self.text, self.choices) = (parse, text, choices)
        (self.isNumber, self.problem) = (isNumber, problem)
    }

    /// - Throws: ``RunError/invalidOption(_:reason:)`` for a value out of range.
    package func check(_ value: Value?, _ name: String) throws(RunError) {
        if let reason = value.flatMap(problem) { throw .invalidOption(name, reason: reason) }
    }
}

/// What is typed cannot be read as a value. The description says what to write.
package struct UnreadableOption: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

// MARK: Numbers

extension OptionFormat where Value == Int {
    /// A whole number.
    /// - Parameters:
    ///   - zero: what 0 stands for.
    ///   - noun: what is counted, in the plural.
    package static func count(
        _ range: ClosedRange<Int> = 1...largestStepCount, zero: String? = nil, of noun: String? = nil
    ) -> Self {
        let bounds = "from \(range.lowerBound)\(zero.map { " (\($0))" } ?? "") to \(range.upperBound)"
        return OptionFormat(parse: wholeNumber, text: { "\($0)" }, isNumber: true) { value in
            range.contains(value) ? nil : bounds + (noun.map { " \($0)" } ?? "") + ", not \(value)"
        }
    }
}

extension OptionFormat where Value == UInt64 {
    static var seed: Self { OptionFormat(parse: wholeNumber, text: { "\($0)" }, isNumber: true) }
}

extension OptionFormat where Value == Double {
    package static var positive: Self {
        number { $0 > 0 && $0.isFinite ? nil : "must be a number above 0, not \($0)" }
    }

    /// One that becomes single precision, in which it may be nothing, or infinite.
    package static var positiveInSinglePrecision: Self {
        number {
            $0 > 0 && Float($0).isNormal ? nil : "must be a number above 0, also in single precision, not \($0)"
        }
    }

    package static var notNegative: Self {
        number { $0 >= 0 && Float($0).isFinite ? nil : "a number from 0, not \($0)" }
    }

    /// A share below 1, also in single precision.
    package static var share: Self {
        number { $0 >= 0 && Float($0) < 1 ? nil : "from 0 to below 1, not \($0)" }
    }

    package static func within(_ range: ClosedRange<Double>) -> Self {
        number { range.contains($0) ? nil : "from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not \($0)" }
    }

    /// A number, or `none`, which is 0.
    static var positiveOrNone: Self {
        OptionFormat(
            parse: { text in
                guard let number = text.lowercased() == "none" ? 0 : Double(text) else {
                    throw UnreadableOption("'\(text)' is not a number; write one above 0, or none")
                }
                return number
            }, text: { $0 == 0 ? "none" : "\($0)" }, isNumber: true,
            problem: { $0 >= 0 && $0.isFinite ? nil : "must be a number above 0, or 0 (none), not \($0)" })
    }

    /// Seconds, typed as `90s`, `4m` or `1h30m`.
    static var timeSpan: Self {
        OptionFormat(parse: { try TimeSpan(parsing: $0).seconds }, text: { "\($0)s" }, isNumber: true) { seconds in
            guard seconds > 0, seconds.isFinite else { return "must be a number above 0, not \(seconds)" }
            return seconds <= Double(largestStepCount)
                ? nil : "at most \(largestStepCount) seconds, not \(seconds)"
        }
    }

    private static func number(_ problem: @escaping @Sendable (Double) -> String?) -> Self {
        OptionFormat(
            parse: { text in
                guard let number = Double(text) else { throw UnreadableOption("'\(text)' is not a number") }
                return number
            }, text: { "\($0)" }, isNumber: true, problem: problem)
    }
}

@Sendable private func wholeNumber<Value: FixedWidthInteger>(_ text: String) throws -> Value {
    guard let value = Value(text) else {
        throw UnreadableOption("'\(text)' is not a whole number\(Value.isSigned ? "" : " from 0 to \(Value.max)")")
    }
    return value
}

// MARK: Words

extension OptionFormat where Value == String {
    package static var word: Self { OptionFormat(parse: { $0 }, text: { $0 }) }
}

extension OptionFormat where Value == Bool {
    /// Given or not: nothing stands behind its name.
    package static var flag: Self { OptionFormat(parse: { _ in true }, text: { _ in "" }) }
}

extension OptionFormat where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few names.
    package static var name: Self {
        let names = Value.allCases.map(\.rawValue)
        return OptionFormat(
            parse: { text in
                guard let value = Value(rawValue: text) else {
                    let list = names.dropLast().joined(separator: ", ")
                    throw UnreadableOption("write \(list) or \(names.last ?? "")")
                }
                return value
            }, text: { $0.rawValue }, choices: names)
    }
}

extension OptionFormat where Value == Patience {
    /// A number of evaluations, `none`, which is also 0, or `auto`.
    static var patience: Self {
        OptionFormat(
            parse: { text in
                switch text.lowercased() {
                case "none": return .unlimited
                case "auto": return .automatic
                default:
                    guard let count = Int(text) else {
                        throw UnreadableOption(
                            "'\(text)' is not a number of validations; write one above 0, none or auto")
                    }
                    return count == 0 ? .unlimited : .evaluations(count)
                }
            }, text: { "\($0)" }, isNumber: true, problem: { $0.count.flatMap(OptionFormat<Int>.count().problem) })
    }
}

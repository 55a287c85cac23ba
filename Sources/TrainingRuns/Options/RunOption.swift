/// One option of a training, said once: its name and help, what may be given for it, what a stored run says of it, and
/// whether a run that goes on takes another value. Reading it from text, checking it, refusing it when a run has fixed
/// it, JSON, and the command that makes a run again come from here.
///
/// The messages of libraries set an option's name in backquotes, `steps`; a command puts its dashes there, --steps.
package struct RunOption<Run: PlannedRun, Value: Hashable & Sendable>: Sendable {
    /// As it is typed, without dashes.
    package let name: String
    package let otherNames: [String]
    package let section: OptionSection
    package let help: OptionHelp
    /// In JSON.
    package let key: String
    package let changesOnResume: Bool
    let format: OptionFormat<Value>
    private let stored: (@Sendable (Run) -> Value?)?
    private let storedText: (@Sendable (Run) -> String)?
    private let repetition: Repetition

    /// What the command that makes a run again says of an option.
    package enum Repetition: Sendable {
        /// What the run has, unless the same follows from its data without it.
        case unlessDefault
        /// What the run has.
        case always
        /// Nothing: no weight depends on it, or another option says it.
        case never
        /// What is returned, where the plan does not show whether it is needed.
        case given(@Sendable (Run) -> Value?)
    }

    /// - Parameters:
    ///   - format: what may be given.
    ///   - value: what stands for the value in the help; nil for flags.
    ///   - details: a paragraph below the help.
    ///   - key: in JSON; nil: the name, with underscores.
    ///   - changesOnResume: whether a run that goes on takes another value.
    ///   - storedText: what a message says the run has, where that is not the option and its value.
    ///   - run: what a stored run has; nil where the option does not apply to it. Left out: no run says it as this option does.
    package init(
        _ section: OptionSection, _ name: String, or otherNames: [String] = [], _ format: OptionFormat<Value>,
        _ value: String? = nil, _ help: String, details: String? = nil, key: String? = nil,
        changesOnResume: Bool = false, again: Repetition = .unlessDefault,
        storedText: (@Sendable (Run) -> String)? = nil, run: (@Sendable (Run) -> Value?)? = nil
    ) {
        (self.section, self.name, self.otherNames, self.format) = (section, name, otherNames, format)
        self.help = OptionHelp(text: help, details: details, value: value, choices: format.choices)
        self.key = key ?? name.replacing("-", with: "_")
        (self.changesOnResume, repetition, self.storedText, stored) = (changesOnResume, again, storedText, run)
    }
}

/// The heading of an option in the help.
package enum OptionSection: Sendable { case model, training, data }

/// What the help says of an option.
package struct OptionHelp: Sendable {
    package let text: String
    package let details: String?
    /// What stands for the value.
    package let value: String?
    package let choices: [String]
}

/// What a run was made with: its plan, and what is stored of its data.
package protocol PlannedRun: Sendable {
    associatedtype Plan: RunPlan
    var plan: Plan { get }
}

// MARK: Without the type of its value

/// An option among others, whatever its values are.
package protocol AnyRunOption<Run>: Sendable {
    associatedtype Run: PlannedRun
    var name: String { get }
    var otherNames: [String] { get }
    var section: OptionSection { get }
    var help: OptionHelp { get }
    var key: String { get }
    var changesOnResume: Bool { get }
    var isFlag: Bool { get }
    /// Whether it may be given several times: its values are lists, which join.
    var isRepeated: Bool { get }
    /// Whether what begins with a dash may be meant as its value.
    var takesDash: Bool { get }

    /// - Throws: what says how it is to be written.
    func parse(_ text: String) throws -> any OptionValue
    /// Why a value is out of range; nil: it is not.
    func problem(with value: any OptionValue) -> String?
    /// Whether runs say it as this option does.
    var isStored: Bool { get }
    /// What a stored run has, where the option applies to it.
    func value(in run: Run) -> (any OptionValue)?
    /// The same for a message: "`batch` 64", "no `clip-value`".
    func text(in run: Run) -> String
    /// The words of a command that say it.
    func words(for value: any OptionValue) -> [OptionWord]
    /// What the command that makes a run again begins with, and whether that may be left out if nothing depends on it.
    func repeated(for run: Run) -> (value: any OptionValue, isOptional: Bool)?
}

package typealias OptionValue = Hashable & Sendable

/// A word of a command.
package enum OptionWord: Hashable, Sendable {
    case option(String)
    case value(String)
}

extension RunOption: AnyRunOption {
    package var isStored: Bool { stored != nil }
    package var isFlag: Bool { Value.self == Bool.self }
    package var isRepeated: Bool { Value.self == [String].self }
    package var takesDash: Bool { format.isNumber }

    package func parse(_ text: String) throws -> any OptionValue { try format.parse(text) }

    package func problem(with value: any OptionValue) -> String? { (value as? Value).flatMap(format.problem) }

    package func value(in run: Run) -> (any OptionValue)? { stored?(run) }

    package func text(in run: Run) -> String {
        if let storedText { return storedText(run) }
        guard let value = stored?(run), value as? Bool != false else { return "no `\(name)`" }
        return isFlag ? "`\(name)`" : "`\(name)` \(format.text(value))"
    }

    package func words(for value: any OptionValue) -> [OptionWord] {
        if let flag = value as? Bool { return flag ? [.option(name)] : [] }
        // Only by the type of the option: an empty list is one of texts as much as of numbers.
        if isRepeated, let list = value as? [String] { return list.flatMap { [OptionWord.option(name), .value($0)] } }
        return (value as? Value).map { [.option(name), .value(format.text($0))] } ?? []
    }

    package func repeated(for run: Run) -> (value: any OptionValue, isOptional: Bool)? {
        switch repetition {
        case .never: nil
        case .always: stored?(run).map { ($0, false) }
        case .unlessDefault: stored?(run).map { ($0, true) }
        case .given(let wanted): wanted(run).map { ($0, false) }
        }
    }
}

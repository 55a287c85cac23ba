/// The options of one kind of training: each a stored property, in the order of the help. Nothing else needs to know
/// which there are.
package protocol OptionTable: Sendable {
    associatedtype Run: PlannedRun
    /// The one instance.
    static var table: Self { get }
    /// All options, in order: ``collected()``, which is kept, since to collect them takes longer than to read any.
    static var options: [any AnyRunOption<Run>] { get }
    /// Those that trainings of all kinds have.
    var common: CommonOptions<Run> { get }
    /// What must hold between options.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    static func checkTogether(_ options: GivenOptions<Self>) throws(RunError)
}

extension OptionTable {
    /// The stored properties that are options, in order.
    package static func collected() -> [any AnyRunOption<Run>] {
        Mirror(reflecting: table).children.flatMap { child -> [any AnyRunOption<Run>] in
            if let common = child.value as? CommonOptions<Run> { return common.options }
            return (child.value as? any AnyRunOption<Run>).map { [$0] } ?? []
        }
    }
}

extension OptionTable {
    /// What comes from a store may have been damaged, or written by others: what it says is as much in range as what
    /// somebody gives.
    /// - Throws: ``RunError/damagedCheckpoint(_:)``
    package static func checkStored(_ run: Run) throws(RunError) {
        for option in options {
            guard let value = option.value(in: run), let problem = option.problem(with: value) else { continue }
            throw .damagedCheckpoint("its plan has a `\(option.name)` out of range: \(problem)")
        }
    }
}

/// What somebody has given of the options of a table, as `options.steps`. Everything left out follows from the data.
@dynamicMemberLookup
package struct GivenOptions<Table: OptionTable>: Sendable {
    private var values: [String: any OptionValue] = [:]

    package init() {}

    /// By an option of the table.
    package subscript<Value>(dynamicMember option: KeyPath<Table, RunOption<Table.Run, Value>>) -> Value? {
        get { values[Table.table[keyPath: option].name] as? Value }
        set { values[Table.table[keyPath: option].name] = newValue }
    }

    /// By an option that all tables have.
    package subscript<Value>(
        dynamicMember option: KeyPath<CommonOptions<Table.Run>, RunOption<Table.Run, Value>>
    ) -> Value? {
        get { values[Table.table.common[keyPath: option].name] as? Value }
        set { values[Table.table.common[keyPath: option].name] = newValue }
    }

    /// By name, for who reads them from text.
    package subscript(name name: String) -> (any OptionValue)? {
        get { values[name] }
        set { values[name] = newValue }
    }

    package func merging(_ others: Self) -> Self {
        var all = self
        all.values.merge(others.values) { $1 }
        return all
    }

    /// Checks everything that can be checked without the data.
    /// - Throws: ``RunError/invalidOption(_:reason:)``
    package func validate() throws(RunError) {
        for option in Table.options {
            guard let value = values[option.name], let problem = option.problem(with: value) else { continue }
            throw .invalidOption(option.name, reason: problem)
        }
        // Steps are in single precision, in which less would be no step at all. Runs that have been made with less are read.
        try OptionFormat.positiveInSinglePrecision.check(self.learningRate, "lr")
        if let norm = self.clipNorm, norm > 0, Float(norm) < .leastNormalMagnitude {
            throw .invalidOption(
                "clip-norm", reason: "must be a number above 0, also in single precision, or 0 (none), not \(norm)")
        }
        if self.steps != nil, self.epochs != nil {
            throw .invalidOption("steps", reason: "give it or `epochs`, not both")
        }
        try Table.checkTogether(self)
    }

    /// What a run that goes on takes of them.
    package var resumeOptions: ResumeOptions {
        ResumeOptions(steps: self.steps, epochs: self.epochs, timeLimit: self.timeLimit)
    }

    /// The first that a run has fixed, and what the run has.
    /// - Parameter isMeant: whether an option counts.
    package func firstFixed(
        by run: Table.Run, where isMeant: (any AnyRunOption<Table.Run>) -> Bool = { _ in true }
    ) -> (option: String, stored: String)? {
        Table.options.first { !$0.changesOnResume && values[$0.name] != nil && isMeant($0) }
            .map { ($0.name, $0.text(in: run)) }
    }

    /// - Parameter isDecided: whether weights decide an option: those of a run that another one starts from.
    /// - Throws: ``RunError/invalidOption(_:reason:)`` if there is such a one.
    package func refuseSizes(
        ofStart run: Table.Run, named name: String, where isDecided: (any AnyRunOption<Table.Run>) -> Bool
    ) throws(RunError) {
        guard let (option, stored) = firstFixed(by: run, where: isDecided) else { return }
        throw .invalidOption(
            option, reason: "the model starts from run '\(name)' and has its sizes, \(stored). Leave it out")
    }

    /// - Throws: ``RunError/fixedByRun(run:option:stored:)`` if there is one that a run has fixed.
    package func refuseChanges(of run: Table.Run, named name: String) throws(RunError) {
        guard let (option, stored) = firstFixed(by: run) else { return }
        throw .fixedByRun(run: name, option: option, stored: stored)
    }
}

extension GivenOptions: Equatable {
    package static func == (a: Self, b: Self) -> Bool {
        a.values.mapValues { AnyHashable($0) } == b.values.mapValues { AnyHashable($0) }
    }
}

// MARK: Making a run again

extension GivenOptions {
    /// The options that make a run again, bit for bit: the number of steps, and every option without which another plan
    /// would follow from the data. The fewest: each is left out if the plan stays the same.
    /// - Parameter plan: derives a plan from options and the data of the run.
    package init(repeating run: Table.Run, plan: (Self) throws -> Table.Run.Plan) where Table.Run.Plan: Equatable {
        var optional: [String] = []
        for option in Table.options {
            guard let (value, isOptional) = option.repeated(for: run), value as? Bool != false else { continue }
            values[option.name] = value
            if isOptional { optional.append(option.name) }
        }
        guard let wanted = try? plan(self) else { return }
        // One may be needed only as long as another one is there.
        var isShorter = true
        while isShorter {
            isShorter = false
            for name in optional where values[name] != nil {
                var fewer = self
                fewer.values[name] = nil
                if let same = try? plan(fewer), same == wanted { (self, isShorter) = (fewer, true) }
            }
        }
    }

    /// As a command says them: the number of steps, which is always said, before what follows from the data without.
    package var words: [OptionWord] {
        func words(_ isMeant: (any AnyRunOption<Table.Run>) -> Bool) -> [OptionWord] {
            Table.options.filter(isMeant).flatMap { option in values[option.name].map(option.words(for:)) ?? [] }
        }
        let steps = Table.table.common.steps.name
        return words { $0.name == steps } + words { $0.name != steps }
    }
}

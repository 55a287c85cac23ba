import TensorCore
package import TrainingRuns

/// A plan for people and for programs, and what it would cost.
package struct PlanReport {
    /// What is printed before training starts.
    package var lines: [String]
    /// Bytes at the peak, the data included.
    private let memory: Int
    /// As in "about 210 MB with the text".
    private let data: String
    /// What the rate counts: "characters".
    private let units: String
    private let json: [String: JSONValue]

    /// - Parameters:
    ///   - memory: bytes that the data take.
    ///   - run: whose options JSON lists.
    ///   - json: further keys, and those that options have in another form.
    package init<Table: OptionTable>(
        _ run: Table.Run, options: Table.Type, lines: [String], memory: Int, data: String, units: String,
        json: [String: JSONValue]
    ) {
        (self.lines, self.data, self.units) = (lines, data, units)
        self.memory = run.plan.trainingMemory + memory
        self.json = Table.json(run).merging(json) { $1 }
    }

    /// Measures a few real steps, in the plan's precision and in the other one, and prints.
    func measure<Task: TrainingTask>(
        _ task: (Task.Plan) -> Task, plan: Task.Plan, output: JSONArguments, console: Console,
        in context: ComputeContext
    ) throws {
        console.status("Measuring a few steps")
        let cost = try CostEstimate.measure(task(plan), plan: plan, in: context)
        let other = try plan.inOtherPrecision.map { name, plan in
            let cost = try CostEstimate.measure(task(plan), plan: plan, seconds: 1, in: context)
            return (name: name, rate: cost.unitsPerSecond)
        }
        console.clearProgress()
        let rate = "\(NumberText.short(cost.unitsPerSecond)) \(units) a second"
        let otherLine = other.map {
            "          with --precision \($0.name) \(NumberText.short($0.rate)), "
                + "\(NumberText.fixed($0.rate / cost.unitsPerSecond, 2)) times as many"
        }
        let costLines = [
            "Memory    about \(NumberText.bytes(memory)) with the \(data)",
            "Time      about \(TimeSpan(seconds: cost.seconds)), measured at \(rate)", otherLine,
            "Nothing was trained: leave --dry-run out to begin.",
        ].compactMap(\.self)
        let costKeys: [String: JSONValue] = [
            "memory_bytes": .int(memory), "seconds": .number(cost.seconds),
            "seconds_per_step": .number(cost.secondsPerStep), "units_per_second": .number(cost.unitsPerSecond),
            "steps": .int(cost.steps), "other_precision": JSONValue(other?.name),
            "units_per_second_in_other_precision": JSONValue(other?.rate),
        ]
        try output.print(lines + costLines, json: .object(json.merging(costKeys) { $1 }))
    }
}

extension OptionTable {
    /// What a run has of each option; null where it does not apply.
    static func json(_ run: Run) -> [String: JSONValue] {
        Dictionary(
            options.filter(\.isStored).map { option in
                (option.key, option.value(in: run).map { json($0, of: option) } ?? .null)
            },
            uniquingKeysWith: { $1 })
    }

    private static func json(_ value: any OptionValue, of option: some AnyRunOption<Run>) -> JSONValue {
        switch value {
        case let value as Bool: .bool(value)
        case let value as Int: .int(value)
        case let value as Double: .number(value)
        case let value as UInt64: Int(exactly: value).map(JSONValue.int) ?? .string("\(value)")
        default: .string(CommandText.words(option.words(for: value)).dropFirst().joined(separator: " "))
        }
    }
}

package import TensorCore
package import TrainingRuns

/// A plan, and what it would cost, on standard output.
package struct DryRun {
    /// What would be printed before training starts.
    package var lines: [String]
    /// Bytes at the peak, the data included.
    package var memory: Int
    /// As in "about 210 MB with the text".
    package var data: String
    /// What the rate counts: "characters".
    package var units: String
    /// Keys of the JSON form that only this program has.
    package var json: [String: JSONValue]

    package init(lines: [String], memory: Int, data: String, units: String, json: [String: JSONValue]) {
        (self.lines, self.memory, self.data, self.units, self.json) = (lines, memory, data, units, json)
    }

    /// Measures a few real steps, and prints.
    /// - Parameter task: of no use afterwards.
    package func run<Task: TrainingTask>(
        _ task: Task, plan: Task.Plan, isJSON: Bool, console: Console, in context: ComputeContext
    ) throws {
        console.status("Measuring a few steps")
        let cost = try CostEstimate.measure(task, plan: plan, in: context)
        console.clearProgress()
        let output = StandardOutput()
        if isJSON {
            try output.json(json(cost, plan))
        } else {
            for line in lines { try output.line(line) }
            try output.line("Memory    about \(NumberText.bytes(memory)) with the \(data)")
            let rate = "\(NumberText.short(cost.unitsPerSecond)) \(units) a second"
            try output.line("Time      about \(TimeSpan(seconds: cost.seconds)), measured at \(rate)")
            try output.line("Nothing was trained: leave --dry-run out to begin.")
        }
        try output.flush()
    }

    private func json(_ cost: CostEstimate, _ plan: some RunPlan) -> JSONValue {
        var keys: [String: JSONValue] = [
            "memory_bytes": .int(memory), "seconds": .number(cost.seconds),
            "seconds_per_step": .number(cost.secondsPerStep), "units_per_second": .number(cost.unitsPerSecond),
            "steps": .int(cost.steps), "learning_rate": .number(plan.learningRate),
        ]
        keys.merge(json) { $1 }
        return .object(keys)
    }
}

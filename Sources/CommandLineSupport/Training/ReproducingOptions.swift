import Training
package import TrainingRuns

/// The options that make a plan again: those without which another plan would follow from the data.
///
/// One option changes what follows for others, so each is compared with those before it in place.
package struct ReproducingOptions<Plan: RunPlan & Equatable, Options: RunOptions> {
    private struct Candidate {
        var words: [String]
        var isNeeded: (Plan) -> Bool
        var apply: (inout Options) -> Void
    }

    private let plan: Plan
    private var candidates: [Candidate] = []

    package init(_ plan: Plan) { self.plan = plan }

    /// A candidate.
    /// - Parameters:
    ///   - text: the value as it is typed; empty for a flag, nil where no option stands for it.
    ///   - apply: fixes it in the options.
    package mutating func add<Value: Equatable>(
        _ option: String, _ read: @escaping (Plan) -> Value, _ text: (Value) -> String?,
        _ apply: @escaping (inout Options, Value) -> Void
    ) {
        guard let text = text(read(plan)) else { return }
        add(words: text.isEmpty ? [option] : [option, text], read, apply)
    }

    /// A candidate of several words.
    package mutating func add<Value: Equatable>(
        words: [String], _ read: @escaping (Plan) -> Value, _ apply: @escaping (inout Options, Value) -> Void
    ) {
        let value = read(plan)
        candidates.append(Candidate(words: words, isNeeded: { read($0) != value }, apply: { apply(&$0, value) }))
    }

    /// Candidates that plans of all kinds have: how gradients change the weights.
    package mutating func addOptimization() {
        func number(_ value: Double?) -> String? { value.map { "\($0)" } }
        add("--optimizer", \.optimizer.kind, { $0.rawValue }) { $0.optimizer = $1 }
        add("--weight-decay", \.optimizer.weightDecay.coefficient, { "\($0)" }) { $0.weightDecay = Double($1) }
        add("--lr", \.learningRate, { number($0) }) { $0.learningRate = $1 }
        add("--schedule", \.schedule, { $0.rawValue }) { $0.schedule = $1 }
        add("--warm-up", \.warmUp, { "\($0)" }) { $0.warmUp = $1 }
        add("--clip-norm", \.clipNorm, { number($0) ?? "none" }) { $0.clipNorm = $1 ?? 0 }
    }

    /// Candidates that plans of all kinds have: when a run is scored, and its random numbers.
    package mutating func addPacing() {
        add("--patience", \.patience, { "\($0 ?? .unlimited)" }) { $0.patience = $1 ?? .unlimited }
        add("--eval-every", \.evaluateEvery, { "\($0)" }) { $0.evaluateEvery = $1 }
        add("--seed", \.seed, { "\($0)" }) { $0.seed = $1 }
    }

    /// The options needed besides those that are there already.
    /// - Parameter derive: the plan that follows, equal to the one wanted in all that bits do not depend on.
    package func words(besides options: Options, derive: (Options) throws -> Plan) -> [String] {
        var options = options, words: [String] = []
        for candidate in candidates {
            guard let derived = try? derive(options), derived != plan else { break }
            if candidate.isNeeded(derived) {
                candidate.apply(&options)
                words += candidate.words
            }
        }
        return words
    }
}

/// What scoring the held-out part adds to the time of training, judged by the time of a step.
struct ValidationCost {
    /// Of training and its share of the validations.
    let secondsPerStep: Double
    /// Of the last validation and the final score.
    let finalSeconds: Double

    init(plan: TrainingPlan, validationUnits: Int, secondsPerStep perStep: Double) {
        let heldOut = Double(min(1_000_000, validationUnits))
        let inLanes = Double(Self.unitsRead(validationUnits)) * perStep / Double(plan.lanes * plan.window) / 2.5
        // Alone, a unit costs at least reading all weights once.
        let inOneStream = heldOut * (Double(plan.model.parameterCount) * 4 / 20e9 + 40e-6)
        secondsPerStep = perStep + inLanes / Double(plan.evaluateEvery)
        finalSeconds = inLanes + inOneStream
    }

    /// Units read to score a held-out part in lanes, warm-up included: each costs about a third of its training.
    static func unitsRead(_ validationUnits: Int) -> Int {
        let scored = min(1_000_000, validationUnits)
        return scored + 256 * max(1, min(64, scored / 256))
    }

    /// Steps that fit into so many seconds.
    func steps(within seconds: Double) -> Int { max(0, Int((seconds - finalSeconds) / secondsPerStep)) }
}

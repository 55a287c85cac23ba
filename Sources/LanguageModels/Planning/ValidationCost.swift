/// What scoring the held-out part adds to the time of training, judged by the time of a step.
struct ValidationCost {
    /// Of training and its share of the validations.
    let secondsPerStep: Double
    /// Of the last validation and the final score.
    let finalSeconds: Double

    init(plan: TrainingPlan, validationUnits: Int, secondsPerStep perStep: Double) {
        // A unit costs a third of its training to score in lanes; alone, at least reading all weights once.
        let heldOut = Double(min(1_000_000, validationUnits))
        let inLanes = heldOut * perStep / Double(plan.lanes * plan.window) / 2.5
        let inOneStream = heldOut * (Double(plan.model.parameterCount) * 4 / 20e9 + 40e-6)
        secondsPerStep = perStep + inLanes / Double(plan.evaluateEvery)
        finalSeconds = inLanes + inOneStream
    }

    /// Steps that fit into so many seconds.
    func steps(within seconds: Double) -> Int { max(0, Int((seconds - finalSeconds) / secondsPerStep)) }
}

/// What validations, saves and samples add to the time of training, judged by the time of a step.
struct ValidationCost {
    /// Of training and its share of the rest.
    let secondsPerStep: Double
    /// Of the last validation and the final score.
    let finalSeconds: Double

    init(plan: TrainingPlan, validationUnits: Int, secondsPerStep perStep: Double) {
        // A unit costs a third of its training to score in lanes; alone, at least reading all weights once.
        let heldOut = Double(min(1_000_000, validationUnits)), weightBytes = Double(4 * plan.model.parameterCount)
        let inLanes = heldOut * perStep / Double(plan.lanes * plan.window) / 2.5
        let alone = weightBytes / 20e9 + 40e-6
        // Weights and two slots, written twice and waited for.
        let save = 6 * weightBytes / 1e9 + 0.02
        let sample = plan.sampleEvery.map { 160 * alone / Double($0) } ?? 0
        secondsPerStep = perStep + (inLanes + save) / Double(plan.evaluateEvery) + sample
        finalSeconds = inLanes + save + heldOut * alone
    }

    /// Steps that fit into so many seconds.
    func steps(within seconds: Double) -> Int { max(0, Int((seconds - finalSeconds) / secondsPerStep)) }
}

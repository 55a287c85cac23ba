import Training

/// Where training stands, apart from the tensors: the JSON of a checkpoint.
struct TrainingState<Cursor: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    var position: TrainingPosition<Cursor>
    var rollBack = RollBack()
    /// The plan's number of steps, which a time limit or a resumed run may have changed.
    var steps: Int
    var stepsAreFixed: Bool
    /// Seconds of training over all sessions.
    var seconds = 0.0
    /// Where training goes back to; nil when that is `position` itself.
    var snapshot: TrainingPosition<Cursor>?

    enum CodingKeys: String, CodingKey {
        case position, steps, seconds, snapshot
        case rollBack = "roll_back"
        case stepsAreFixed = "steps_are_fixed"
    }
}

/// What goes back when training goes back.
struct TrainingPosition<Cursor: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    /// Steps done; the optimizer has taken as many.
    var step = 0
    var cursor: Cursor
    var learningRate: LearningRate
    var earlyStopping: EarlyStopping
    var runningLoss = RunningAverage(decay: 0.98)
    /// The last step that was validated.
    var validatedStep: Int?
    var validationLoss: Double?
    /// The last step after which a sample was made.
    var sampledStep: Int?

    enum CodingKeys: String, CodingKey {
        case step, cursor
        case learningRate = "learning_rate"
        case earlyStopping = "early_stopping"
        case runningLoss = "running_loss"
        case validatedStep = "validated_step"
        case validationLoss = "validation_loss"
        case sampledStep = "sampled_step"
    }
}

extension TrainingState {
    /// What comes from a store may have been damaged, or written by others.
    /// - Throws: ``RunError/damagedCheckpoint(_:)`` for a step that no run comes to.
    func check() throws(RunError) {
        guard (1...largestStepCount).contains(steps) else { throw .damagedCheckpoint("it has \(steps) steps") }
        for place in [position] + (snapshot.map { [$0] } ?? []) {
            let others = [place.validatedStep, place.sampledStep, place.earlyStopping.bestStep].compactMap(\.self)
            for step in [place.step] + others where !(0...largestStepCount).contains(step) {
                throw .damagedCheckpoint("it stands at step \(step)")
            }
        }
    }

    /// Before the first step.
    init(beginning plan: some RunPlan, at cursor: Cursor) {
        let position = TrainingPosition(
            cursor: cursor, learningRate: LearningRate(plan.learningRateSchedule),
            earlyStopping: EarlyStopping(patience: plan.patience))
        self.init(position: position, steps: plan.steps, stepsAreFixed: plan.stepsAreFixed)
    }
}

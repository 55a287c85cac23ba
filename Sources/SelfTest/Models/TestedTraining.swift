import Autodiff
import Checkpoints
import TensorCore
import Training
import TrainingRuns

/// Training of a task step by step, without a store: what a checkpoint would hold is held in memory.
struct TestedTraining<Task: TrainingTask> {
    let task: Task
    let plan: Task.Plan
    let context: ComputeContext
    private var optimizer: any UpdateRule
    private(set) var losses: [Double] = []
    /// Of the first gradients that were computed, after clipping.
    private(set) var firstGradients: String?

    init(_ task: Task, _ plan: Task.Plan, in context: ComputeContext) {
        (self.task, self.plan, self.context) = (task, plan, context)
        optimizer = plan.optimizer.makeOptimizer()
    }

    /// What another training has come to, to be gone on with.
    init(_ task: Task, goingOnFrom other: Self, in context: ComputeContext) throws {
        self.init(task, other.plan, in: context)
        let weights = other.weights
        for parameter in task.parameters { try parameter.load(from: weights) }
        try task.setCompanions(other.task.companions)
        task.cursor = other.task.cursor
        optimizer = try plan.optimizer.makeOptimizer(
            step: other.optimizer.step, slots: other.optimizer.slots, for: task.parameters)
        losses = other.losses
    }

    var weights: NamedTensors { NamedTensors(task.parameters.map { ($0.name, $0.value) }) }

    mutating func train(upTo end: Int) throws {
        for step in losses.count..<end {
            let found = try task.gradients(step: step)
            if firstGradients == nil {
                firstGradients = Fingerprint.of {
                    $0.add(found.loss)
                    $0.add(found.clip.norm)
                    $0.add(found.tensors)
                }
            }
            optimizer.update(
                task.parameters, along: found.tensors, rate: Float(plan.learningRateSchedule.rate(at: step)),
                scale: found.clip.scale, in: context)
            task.advance()
            losses.append(found.loss)
        }
    }

    /// All that a checkpoint would hold.
    var fingerprint: String {
        Fingerprint.of {
            $0.add(losses)
            $0.add(weights)
            $0.add(optimizer.slots)
            for section in Checkpoint.Section.allCases { $0.add(task.companions[section] ?? NamedTensors()) }
        }
    }

    /// The stages up to the end of training.
    /// - Parameter makeTask: in the context of a training that goes on.
    static func stages(
        _ plan: Task.Plan, in context: ComputeContext, resumingIn other: ComputeContext,
        makeTask: (ComputeContext) throws -> Task
    ) throws -> (stages: [(stage: SelfTest.Stage, found: String)], task: Task) {
        var whole = try TestedTraining(makeTask(context), plan, in: context)
        let started = whole.fingerprint
        try whole.train(upTo: plan.steps)
        var half = try TestedTraining(makeTask(context), plan, in: context)
        try half.train(upTo: plan.steps / 2)
        var rest = try TestedTraining(makeTask(other), goingOnFrom: half, in: other)
        try rest.train(upTo: plan.steps)
        return (
            [
                (.started, started), (.gradients, whole.firstGradients ?? ""), (.trained, whole.fingerprint),
                (.resumed, rest.fingerprint),
            ], whole.task
        )
    }
}

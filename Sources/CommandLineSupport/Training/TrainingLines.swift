import Kernels
package import TensorCore
import Training
package import TrainingRuns

/// What a plan says of training, in the form of all that is printed before it starts: a label, then text.
package enum TrainingLines {
    /// - Parameters:
    ///   - batch: what a step sees: "64 lanes × window 128".
    ///   - clips: limits on gradients besides that on their norm.
    package static func lines(
        of plan: some RunPlan, batch: String, clips: [String] = [], in context: ComputeContext
    ) -> [String] {
        let length =
            plan.stepsAreFixed
            ? "\(NumberText.count(plan.steps, "step")) (\(NumberText.short(plan.epochs)) epochs)"
            : "as many steps as fit into \(TimeSpan(seconds: plan.timeLimit ?? 0))"
                + (plan.mostSteps.map { ", up to \(NumberText.grouped($0))," } ?? "")
        let limit = plan.stepsAreFixed ? plan.timeLimit.map { ", at most \(TimeSpan(seconds: $0))" } ?? "" : ""
        let clipNorm = plan.clipNorm.map { ["norm clipped at \(NumberText.exact($0))"] } ?? ["norm not clipped"]
        let optimizer =
            [
                plan.optimizer.kind.rawValue, "learning rate \(NumberText.exact(plan.learningRate))",
                "\(plan.schedule.rawValue) after \(NumberText.count(plan.warmUp, "step")) of warm-up",
                "weight decay \(plan.optimizer.weightDecay.coefficient)",
            ] + clipNorm + clips
        var every = "validation every \(NumberText.count(plan.evaluateEvery, "step"))"
        if let sampling = plan.sampleEvery { every += ", a sample every \(NumberText.grouped(sampling))" }
        if let saving = plan.saveEvery { every += ", saved every \(NumberText.grouped(saving))" }
        switch plan.patience {
        case nil, .unlimited: break
        case .evaluations(let count):
            every += ", ends after \(NumberText.count(count, "validation")) without improvement"
        case .automatic: every += ", ends when its loss has clearly risen"
        }
        return [
            "Training  \(length) of \(batch)\(limit)",
            "          \(optimizer.joined(separator: ", "))",
            "          \(every); seed \(plan.seed), \(NumberText.count(context.workers.count, "thread")), "
                + context.instructionSet.rawValue,
        ]
    }
}

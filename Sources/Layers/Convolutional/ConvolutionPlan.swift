import Kernels
import TensorCore

/// The tables of a convolution for one size of images, both ways, and its weights packed for them.
final class ConvolutionPlan {
    let down: GatherPlan
    let up: GatherPlan
    let outer: OuterPlan

    init(_ sides: ConvolutionSides, _ geometry: ConvolutionGeometry, in context: ComputeContext) {
        down = GatherPlan(.down, sides, geometry, in: context)
        up = GatherPlan(.up, sides, geometry, in: context)
        outer = OuterPlan(sides, geometry)
    }
}

/// The plans of a layer, by size of the images.
final class ConvolutionPlans {
    /// A layer sees images of one size, or of a few.
    private static let limit = 8

    private struct Key: Hashable {
        let sides: ConvolutionSides
        let instructionSet: InstructionSet
    }
    private var plans: [Key: ConvolutionPlan] = [:]

    func plan(
        _ sides: ConvolutionSides, _ geometry: ConvolutionGeometry, in context: ComputeContext
    ) -> ConvolutionPlan {
        let key = Key(sides: sides, instructionSet: context.instructionSet)
        if let plan = plans[key] { return plan }
        if plans.count >= Self.limit { plans = [:] }
        let plan = ConvolutionPlan(sides, geometry, in: context)
        plans[key] = plan
        return plan
    }
}

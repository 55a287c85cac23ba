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
package final class ConvolutionPlans {
    /// A layer sees images of one size, or of a few.
    private static let limit = 8

    private struct Key: Hashable {
        let sides: ConvolutionSides
        let instructionSet: InstructionSet
    }
    /// The one that was used last at the end.
    private var plans: [(key: Key, plan: ConvolutionPlan)] = []

    package init() {}

    func plan(
        _ sides: ConvolutionSides, _ geometry: ConvolutionGeometry, in context: ComputeContext
    ) -> ConvolutionPlan {
        let key = Key(sides: sides, instructionSet: context.instructionSet)
        if let index = plans.firstIndex(where: { $0.key == key }) {
            let found = plans.remove(at: index)
            plans.append(found)
            return found.plan
        }
        if plans.count >= Self.limit { plans.removeFirst() }  // its packs go back to the workspace first
        let plan = ConvolutionPlan(sides, geometry, in: context)
        plans.append((key, plan))
        return plan
    }
}

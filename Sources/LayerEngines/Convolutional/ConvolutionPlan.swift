import Kernels
import TensorCore

/// The tables of a convolution for one size of images, both ways, and its weights packed for them.
///
/// In half precision two inputs of a gather make a pair, and two images or blocks of the gradient of the weights. What would
/// gain nothing, one input alone and the gradient of few weights, stays in single precision: that follows from the layer's
/// shape.
final class ConvolutionPlan {
    let down: GatherPlan
    let up: GatherPlan
    let outer: OuterPlan

    init(
        _ sides: ConvolutionSides, _ geometry: ConvolutionGeometry, _ precision: ProductPrecision,
        in context: ComputeContext
    ) {
        down = GatherPlan(.down, sides, geometry, precision, in: context)
        up = GatherPlan(.up, sides, geometry, precision, in: context)
        outer = OuterPlan(sides, geometry, precision)
    }
}

/// The plans of a layer, by size of the images.
package final class ConvolutionPlans {
    /// A layer sees images of one size, or of a few.
    private static let limit = 8

    private struct Key: Hashable {
        let sides: ConvolutionSides
        let precision: ProductPrecision
        let instructionSet: InstructionSet
    }
    /// The one that was used last at the end.
    private var plans: [(key: Key, plan: ConvolutionPlan)] = []

    package init() {}

    func plan(
        _ sides: ConvolutionSides, _ geometry: ConvolutionGeometry, _ precision: ProductPrecision,
        in context: ComputeContext
    ) -> ConvolutionPlan {
        let key = Key(sides: sides, precision: precision, instructionSet: context.instructionSet)
        if let index = plans.firstIndex(where: { $0.key == key }) {
            let found = plans.remove(at: index)
            plans.append(found)
            return found.plan
        }
        if plans.count >= Self.limit { plans.removeFirst() }  // its packs go back to the workspace first
        let plan = ConvolutionPlan(sides, geometry, precision, in: context)
        plans.append((key, plan))
        return plan
    }
}

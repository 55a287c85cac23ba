import Kernels
import TensorCore

/// `peak`: what the multiply-add units reach when nothing else is in the way.
struct PeakRate: Encodable {
    let benchmark = "peak"
    let threads: Int
    let instructionSet: String
    let gigaflops: Double

    let precision: String

    init(_ options: Options, in context: ComputeContext) {
        let precision = options.choice("precision", default: ProductPrecision.single)
        self.precision = precision.rawValue
        threads = context.workers.count
        instructionSet = context.instructionSet.rawValue
        gigaflops = sustainedPeakGigaflops(context, precision)
    }
}

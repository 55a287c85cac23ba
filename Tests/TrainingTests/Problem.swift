import Autodiff
import TensorCore
import Training

/// Parameters of assorted sizes (below and above the size that is worth threads, none a multiple of 16 but one) with
/// gradients that are a pure function of the step: a training run without a model.
struct Problem {
    static let shapes: [(String, Shape)] = [
        ("weight", [211, 307]), ("bias", [37]), ("table", [3, 5, 7]), ("gain", []),
    ]

    let parameters: [Parameter]
    let context: ComputeContext

    init(in context: ComputeContext) {
        self.context = context
        parameters = Self.shapes.enumerated().map { index, named in
            Parameter(
                named.0, RandomStream(seed: 5, stream: UInt64(index)).normal(named.1, deviation: 0.5, in: context))
        }
    }

    func gradients(at step: Int) -> NamedTensors {
        NamedTensors(
            parameters.enumerated().map { index, parameter in
                let stream = RandomStream(seed: 6, stream: UInt64(index), step: UInt64(step))
                return (name: parameter.name, tensor: stream.normal(parameter.value.shape, mean: 0.25, in: context))
            })
    }

    func run(_ optimizer: inout any UpdateRule, steps: Range<Int>) {
        for step in steps {
            optimizer.update(
                parameters, along: gradients(at: step), rate: 0.02 / Float(step + 1), scale: 0.5, in: context)
        }
    }

    var values: [Tensor] { parameters.map(\.value) }

    /// Every optimizer, with a weight decay.
    static let configurations = OptimizerKind.allCases.map { OptimizerConfiguration($0, weightDecay: 0.03) }
}

package import Autodiff
import CKernels
import Requirements
package import TensorCore

/// An exponential moving average of the parameters, for evaluation: it often generalizes better than the last
/// weights. Polyak & Juditsky 1992; with the start corrected as Adam corrects its moments, so that after n updates
/// parameters of age k count in proportion to decay^k and nothing of a start value is left.
///
/// ``tensors``, ``updates`` and ``decay`` are its whole state.
package struct WeightAverage: Sendable {
    /// In [0, 1); about 1 / (1 - decay) updates count.
    package let decay: Double
    /// Updates taken.
    package private(set) var updates: Int
    /// By parameter name; empty before the first update.
    package private(set) var tensors: NamedTensors

    package init(decay: Double) {
        self.init(decay: decay, updates: 0, tensors: NamedTensors())
    }

    /// An average as it was.
    package init(decay: Double, updates: Int, tensors: NamedTensors) {
        require((0..<1).contains(decay), "a weight average decays by a factor in [0, 1), not \(decay)")
        require(updates >= 0, "an average of \(updates) updates")
        self.decay = decay
        self.updates = updates
        self.tensors = tensors
    }

    /// Takes the parameters as they are now. Cost: one pass over them and the average, in place.
    package mutating func update(with parameters: [Parameter], in context: ComputeContext) {
        updates += 1
        let share = Float((1 - decay) / (1 - DeterministicMath.pow(decay, Double(updates))))
        let kernels = context.kernels
        for parameter in parameters {
            let shape = parameter.value.shape
            if tensors[parameter.name] == nil { tensors[parameter.name] = Tensor(zeros: shape) }
            checkShape(of: parameter)
            parameter.value.withUnsafePointer { p in
                tensors[parameter.name]?.withUnsafeMutablePointer { average in
                    context.forElements(of: shape.count) { start, count in
                        // Block by block, so that the second pass finds the first one's result in cache.
                        for low in stride(from: start, to: start + count, by: 4096) {
                            let width = min(4096, start + count - low)
                            kernels.affine(average + low, 1 - share, 0, average + low, width)
                            kernels.accumulate(p + low, share, average + low, width)
                        }
                    }
                }
            }
        }
    }

    /// Exchanges the parameters' values with the average, without copying: once before an evaluation, once after it.
    /// Without any update nothing happens.
    package mutating func exchange(with parameters: [Parameter]) {
        guard updates > 0 else { return }
        for parameter in parameters {
            checkShape(of: parameter)
            guard let average = tensors[parameter.name] else { continue }
            tensors[parameter.name] = parameter.value
            parameter.value = average
        }
    }

    private func checkShape(of parameter: Parameter) {
        let shape = tensors[parameter.name]?.shape
        require(
            shape == parameter.value.shape,
            "average of shape \(shape ?? []) for parameter \(parameter.name) of shape \(parameter.value.shape)")
    }
}

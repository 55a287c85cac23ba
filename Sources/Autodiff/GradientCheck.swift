public import TensorCore

/// How far the derivatives of a function lie from what central differences say: whether a `backward` is right.
///
/// Correct code in single precision stays below 1e-3, usually below 1e-4; a mistake shows as 1e-2 or more.
public struct GradientCheck: Sendable, CustomStringConvertible {
    /// The largest difference, as a part of the largest element of the same gradient.
    public private(set) var error = 0.0
    /// Which input (or parameter) that is in, and which of its elements.
    public private(set) var worst = (input: "", element: 0)
    /// What the engine says there, and what central differences say.
    public private(set) var values = (gradient: 0.0, differences: 0.0)

    /// Where the largest difference is, and what it is.
    public var description: String {
        "largest difference \(error) of the gradient by \(worst.input), at element \(worst.element): "
            + "\(values.gradient), by central differences \(values.differences)"
    }

    /// Compares gradients with the differences of `value`, a function of all tensors, at each element of each.
    package init(
        _ tensors: [(name: String, tensor: Tensor)], gradients: [Tensor?], step: Float,
        value: ([Tensor]) throws -> Double
    ) rethrows {
        var moved = tensors.map(\.tensor)
        for (input, (name, start)) in tensors.enumerated() {
            let gradient = gradients[input]?.values ?? [Float](repeating: 0, count: start.count)
            var differences: [Double] = []
            for (element, x) in start.values.enumerated() {
                func at(_ distance: Float) throws -> Double {
                    moved[input].withUnsafeMutablePointer { $0[element] = x + distance }
                    return try value(moved)
                }
                // Four points: the error is of the fourth order of the step.
                let near = try at(step) - at(-step), far = try at(2 * step) - at(-2 * step)
                differences.append((8 * near - far) / (12 * Double(step)))
                moved[input].withUnsafeMutablePointer { $0[element] = x }
            }
            let largest = max(1e-6, differences.map(abs).max() ?? 0)
            for (element, (found, wanted)) in zip(gradient, differences).enumerated() {
                let error = abs(Double(found) - wanted) / largest
                guard !(error <= self.error) else { continue }  // NaN is the largest
                self.error = error.isNaN ? .infinity : error
                worst = (name, element)
                values = (Double(found), wanted)
            }
        }
    }
}

/// Checks the derivatives of a function of variables by each of its inputs with central differences, at every element.
///
/// ```swift
/// let check = checkGradients(at: [x], in: context) { $0[0].softplus() }
/// #expect(check.error < 1e-3)
/// ```
///
/// The function's results are weighted with random numbers that are always the same, so that no mistake hides in a sum.
/// Cost: four forward passes for each element, so take small inputs, with sizes that all differ.
/// - Parameters:
///   - inputs: where the derivatives are taken. Keep away from corners: differences around the zero of a ReLU are not its
///     derivative.
///   - step: how far apart the points lie; a power of two loses the least. Larger for large inputs.
///   - context: what computes.
///   - function: of variables on one tape, the inputs in their order. It must not depend on anything that changes.
public func checkGradients(
    at inputs: [Tensor], step: Float = 1 / 64, in context: ComputeContext,
    of function: ([Variable]) throws -> Variable
) rethrows -> GradientCheck {
    let tape = Tape(in: context), variables = inputs.map(tape.variable), y = try function(variables)
    let weights = GradientCheck.weights(for: y.shape, in: context)
    let gradients = tape.backward(from: [(y, weights)])
    return try GradientCheck(
        inputs.enumerated().map { ("input \($0.offset)", $0.element) }, gradients: variables.map { gradients[$0] },
        step: step
    ) { moved in
        let tape = Tape(in: context, recording: false)
        return GradientCheck.sum(try function(moved.map(tape.constant)).value, weights)
    }
}

extension GradientCheck {
    package static func weights(for shape: Shape, in context: ComputeContext) -> Tensor {
        RandomStream(seed: 0x6368_6563_6B).normal(shape, in: context)
    }

    /// In Double, so that small differences survive.
    package static func sum(_ y: Tensor, _ weights: Tensor) -> Double {
        zip(y.values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}

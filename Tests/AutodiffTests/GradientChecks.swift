import Autodiff
import TensorCore
import TestSupport
import Testing

/// Compares an operation with a naive one in Double: the values, and the gradients of a weighted sum of the result by
/// every input against central differences.
func check(
    _ name: String, _ inputs: [ArrayND], tolerance: Double = 1e-6, in context: ComputeContext? = nil,
    oracle: ([ArrayND]) -> ArrayND, sourceLocation: SourceLocation = #_sourceLocation,
    engine: ([Variable]) -> Variable
) {
    let context = context ?? ComputeContext(threads: 2), tape = Tape(in: context)
    let variables = inputs.map { tape.variable(Tensor($0.floats, shape: Shape($0.shape))) }
    let y = engine(variables), expected = oracle(inputs)
    #expect(y.shape.dimensions == expected.shape, "\(name)", sourceLocation: sourceLocation)
    expectValuesMatch(
        engine: y.value.values, oracle: expected.values, name, tolerance: tolerance, sourceLocation: sourceLocation)
    let weights = samples(expected.shape, seed: 99)
    let gradients = tape.backward(from: [(y, Tensor(weights.floats, shape: y.shape))])
    for index in inputs.indices {
        var moved = inputs
        let differences = centralDifferences(at: inputs[index].values) { values in
            moved[index] = ArrayND(shape: inputs[index].shape, values: values)
            return oracle(moved).dot(weights)
        }
        guard let gradient = gradients[variables[index]] else {
            Issue.record("\(name): no gradient of input \(index)", sourceLocation: sourceLocation)
            continue
        }
        expectGradientsMatch(
            engine: gradient.values, oracle: differences, "\(name), input \(index)", sourceLocation: sourceLocation)
    }
}

/// Multiples of 1/64 in about [low, high], exact in single precision and never 0.
func samples(_ shape: [Int], seed: Int, low: Double = -1.5, high: Double = 1.5) -> ArrayND {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    let values = (0..<shape.reduce(1, *)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let unit = Double(state >> 11) * 0x1p-53
        return ((low + (high - low) * unit) * 64).rounded(.down) / 64 + 1.0 / 128
    }
    return ArrayND(shape: shape, values: values)
}

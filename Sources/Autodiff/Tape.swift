import CKernels
package import Kernels
import Requirements
public import TensorCore

/// Records operations as they are computed and walks back over them: reverse-mode differentiation.
///
/// The order of recording is a topological order, so its reverse visits every node after all nodes that use it, and
/// contributions to one variable are added up, however often it is used.
///
/// ```swift
/// let tape = Tape(in: context)
/// let loss = model(tape.constant(x), mode: .inference).squaredError(to: y)
/// let gradients = tape.backward(from: loss)
/// ```
public final class Tape {
    /// What computes the operations.
    public let context: ComputeContext
    /// Of the products of convolutions and dense layers on this tape, and of their gradients.
    package let precision: ProductPrecision
    /// A tape that does not record computes values only and keeps nothing.
    public let isRecording: Bool

    private struct Node {
        let inputs: [Int?]
        let outputs: [Int]
        let inputShapes: [Shape]
        let name: String
        let pullBack: (consuming [Tensor?], [Bool]) -> [Tensor?]
    }
    private var nodes: [Node] = []
    private var slotCount = 0
    private var isInterior: [Bool] = []
    private var slotOfParameter: [ObjectIdentifier: Int] = [:]
    private var wasWalked = false

    /// - Parameters:
    ///   - context: what computes.
    ///   - recording: false where no gradient will be wanted.
    public convenience init(in context: ComputeContext, recording: Bool = true) {
        self.init(in: context, precision: .single, recording: recording)
    }

    /// With products of convolutions and dense layers in a precision of their own.
    package init(in context: ComputeContext, precision: ProductPrecision, recording: Bool = true) {
        self.context = context
        self.precision = precision
        isRecording = recording
    }

    /// A value that no gradient is wanted for.
    public func constant(_ value: Tensor) -> Variable { Variable(value: value, tape: self, slot: nil) }

    /// A leaf: `backward(from:)` returns its gradient.
    public func variable(_ value: Tensor) -> Variable {
        Variable(value: value, tape: self, slot: isRecording ? newSlot(interior: false) : nil)
    }

    /// The leaf of a parameter, the same however often it is asked for.
    public func callAsFunction(_ parameter: Parameter) -> Variable {
        guard isRecording else { return constant(parameter.value) }
        let identity = ObjectIdentifier(parameter)
        let slot = slotOfParameter[identity] ?? newSlot(interior: false)
        slotOfParameter[identity] = slot
        return Variable(value: parameter.value, tape: self, slot: slot)
    }

    /// Computes an operation and records it if any input needs a gradient.
    public func apply<O: Operation>(_ operation: O, to inputs: [Variable]) -> [Variable] {
        require(
            inputs.allSatisfy { $0.slot == nil || $0.tape === self }, "\(O.self): an input belongs to another tape")
        let (outputs, saved) = operation.forward(inputs.map(\.value), in: context)
        guard isRecording, inputs.contains(where: \.needsGradient) else { return outputs.map(constant) }
        require(!wasWalked, "\(O.self) on a tape whose backward has run: start a new tape")
        let slots = outputs.map { _ in newSlot(interior: true) }
        let context = context
        nodes.append(
            Node(
                inputs: inputs.map(\.slot), outputs: slots, inputShapes: inputs.map(\.shape), name: "\(O.self)",
                pullBack: { (gradients: consuming [Tensor?], wanted) in
                    operation.backward(consume gradients, saved: saved, wanted: wanted, in: context)
                }))
        return zip(outputs, slots).map { Variable(value: $0, tape: self, slot: $1) }
    }

    /// ``apply(_:to:)`` for an operation with one output.
    public func callAsFunction<O: Operation>(_ operation: O, _ inputs: Variable...) -> Variable {
        apply(operation, to: inputs)[0]
    }

    /// The derivatives of a scalar on this tape by every leaf. Frees what the forward pass kept, as it goes; a tape can be
    /// walked once.
    public func backward(from scalar: Variable) -> Gradients {
        require(scalar.value.count == 1, "backward starts from a scalar, not from shape \(scalar.shape)")
        return backward(from: [(scalar, Tensor(repeating: 1, shape: scalar.shape))])
    }

    /// The vector-Jacobian product: gradients of the sum of `weight * variable` over the pairs.
    public func backward(from seeds: [(variable: Variable, weight: Tensor)]) -> Gradients {
        require(isRecording, "backward on a tape that does not record")
        require(!wasWalked, "backward has run on this tape already: its activations are gone, start a new tape")
        require(
            seeds.allSatisfy { $0.variable.tape === self },
            "backward from a variable of another tape: walk the tape it is on")
        wasWalked = true
        var gradients = [Tensor?](repeating: nil, count: slotCount)
        for (variable, weight) in seeds {
            require(weight.shape == variable.shape, "seed of shape \(weight.shape) for \(variable.shape)")
            if let slot = variable.slot { add(weight, to: slot, in: &gradients) }
        }
        while let node = nodes.popLast() {
            let arriving = node.outputs.map { gradients[$0] }
            for slot in node.outputs { gradients[slot] = nil }
            guard arriving.contains(where: { $0 != nil }) else { continue }
            let leaving = node.pullBack(consume arriving, node.inputs.map { $0 != nil })
            require(
                leaving.count == node.inputs.count,
                "\(node.name): \(leaving.count) gradients for \(node.inputs.count) inputs")
            for (index, slot) in node.inputs.enumerated() {
                guard let slot, let gradient = leaving[index] else { continue }
                require(
                    gradient.shape == node.inputShapes[index],
                    "\(node.name): gradient \(gradient.shape) for input \(index) of shape \(node.inputShapes[index])")
                add(gradient, to: slot, in: &gradients)
            }
        }
        var leaves: [Int: Tensor] = [:]
        for (slot, gradient) in gradients.enumerated() where !isInterior[slot] { leaves[slot] = gradient }
        return Gradients(bySlot: leaves, slotOfParameter: slotOfParameter, tape: self)
    }

    private func add(_ gradient: Tensor, to slot: Int, in gradients: inout [Tensor?]) {
        guard let present = gradients[slot] else {
            gradients[slot] = gradient
            return
        }
        var sum = Tensor(uninitialized: present.shape, in: context.workspace)
        let target = sum.mutablePointer, kernels = context.kernels
        withExtendedLifetime((present, gradient)) {
            let a = present.pointer, b = gradient.pointer
            context.forElements(of: sum.count) { start, count in
                kernels.add(a + start, b + start, target + start, count)
            }
        }
        gradients[slot] = sum
    }

    private func newSlot(interior: Bool) -> Int {
        slotCount += 1
        isInterior.append(interior)
        return slotCount - 1
    }
}

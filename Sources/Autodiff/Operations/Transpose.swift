import CKernels
import Requirements
package import TensorCore

/// The last two axes exchanged: [..., R, C] to [..., C, R].
package struct Transpose: Operation {
    package init() {}

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([transposed(inputs[0], in: context)], ())
    }

    package func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?]
    {
        [gradients[0].map { transposed($0, in: context) }]
    }

    private func transposed(_ x: Tensor, in context: ComputeContext) -> Tensor {
        require(x.shape.rank >= 2, "only a tensor of two or more axes can be transposed, not \(x.shape)")
        let rows = x.shape[-2], columns = x.shape[-1], kernels = context.kernels
        let leading = x.shape.dimensions.dropLast(2)
        var y = Tensor(uninitialized: Shape(leading + [columns, rows]), in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.parallel(over: leading.reduce(1, *), work: x.count) { range in
                for matrix in range {
                    let at = matrix * rows * columns
                    kernels.transpose(source + at, columns, rows, columns, target + at, rows)
                }
            }
        }
        return y
    }
}

/// Two axes exchanged: element [.., i, .., j, ..] goes to [.., j, .., i, ..]. Cost: a copy, in runs of what lies behind
/// the later axis.
struct ExchangeAxes: Operation {
    /// The earlier one, and the later one.
    let first, second: Int

    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([exchanged(inputs[0], in: context)], ())
    }

    func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
        [gradients[0].map { exchanged($0, in: context) }]
    }

    private func exchanged(_ x: Tensor, in context: ComputeContext) -> Tensor {
        var sizes = x.shape.dimensions
        let rows = sizes[first], columns = sizes[second]
        let outer = sizes[..<first].reduce(1, *), between = sizes[(first + 1)..<second].reduce(1, *)
        let run = sizes[(second + 1)...].reduce(1, *)
        sizes.swapAt(first, second)
        var y = Tensor(uninitialized: Shape(sizes), in: context.workspace)
        let source = x.pointer, target = y.mutablePointer
        withExtendedLifetime(x) {
            context.parallel(over: outer * columns, work: x.count) { range in
                for part in range {
                    let block = part / columns, column = part % columns
                    for middle in 0..<between {
                        for row in 0..<rows {
                            let from = ((block * rows + row) * between + middle) * columns + column
                            let to = (part * between + middle) * rows + row
                            (target + to * run).update(from: source + from * run, count: run)
                        }
                    }
                }
            }
        }
        return y
    }
}

extension Variable {
    /// The last two axes exchanged: [..., R, C] to [..., C, R].
    public func transposed() -> Variable { tape(Transpose(), self) }

    /// Two axes exchanged: of [N, T, D] `transposed(0, 1)` is [T, N, D]. Negative axes count from the last.
    public func transposed(_ first: Int, _ second: Int) -> Variable {
        let axes = [first, second].map { $0 < 0 ? $0 + shape.rank : $0 }.sorted()
        require(axes[0] >= 0 && axes[1] < shape.rank, "no axes \(first) and \(second) in shape \(shape)")
        return axes[0] == axes[1] ? self : tape(ExchangeAxes(first: axes[0], second: axes[1]), self)
    }
}

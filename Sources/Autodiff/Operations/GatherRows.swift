import CKernels
import Requirements
public import TensorCore

/// Rows of a table by integer ids, as an embedding looks them up: table [V, D], ids of any shape to [ids..., D].
/// The gradient adds row after row in the order of the ids, each column on one thread: same bits on any number.
package struct GatherRows: Operation {
    package let ids: [Int32]
    package let shape: Shape

    /// - Parameter shape: of the ids; one dimension if nil.
    package init(_ ids: [Int32], shape: Shape? = nil) {
        self.ids = ids
        self.shape = shape ?? [ids.count]
        require(self.shape.count == ids.count, "\(ids.count) ids for shape \(self.shape)")
    }

    package func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Shape) {
        let table = inputs[0]
        require(table.shape.rank == 2, "a table has two dimensions, not \(table.shape)")
        let size = table.shape[0], width = table.shape[1]
        require(ids.allSatisfy { $0 >= 0 && $0 < size }, "an id is outside of the \(size) rows of the table")
        var y = Tensor(uninitialized: Shape(shape.dimensions + [width]), in: context.workspace)
        let target = y.mutablePointer
        table.withUnsafePointer { rows in
            ids.withUnsafeBufferPointer { ids in
                context.parallel(over: ids.count, work: ids.count * width) { range in
                    for index in range {
                        (target + index * width).update(from: rows + Int(ids[index]) * width, count: width)
                    }
                }
            }
        }
        return ([y], table.shape)
    }

    package func backward(
        _ gradients: [Tensor?], saved table: Shape, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        guard let g = gradients[0] else { return [nil] }
        let width = table[1], kernels = context.kernels
        var result = Tensor(zeros: table, in: context.workspace)
        let target = result.mutablePointer
        g.withUnsafePointer { rows in
            ids.withUnsafeBufferPointer { ids in
                context.parallel(over: (width + 15) / 16, work: ids.count * width) { range in
                    let first = range.lowerBound * 16, count = min(width, range.upperBound * 16) - first
                    guard count > 0 else { return }
                    for index in 0..<ids.count {
                        kernels.add_row(
                            target + Int(ids[index]) * width + first, rows + index * width + first, 1, count)
                    }
                }
            }
        }
        return [result]
    }
}

extension Variable {
    /// Rows of this table [V, D] by id: [ids..., D].
    public func gatherRows(_ ids: [Int32], shape: Shape? = nil) -> Variable {
        tape(GatherRows(ids, shape: shape), self)
    }
}

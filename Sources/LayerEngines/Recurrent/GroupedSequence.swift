package import Autodiff
import Requirements
import TensorCore

/// A sequence of N rows on a tape with its columns in groups of 16: what recurrent layers work on and pass to each other.
///
/// For one step 16 units of all rows lie together. A cell then writes one run of memory, the weight gradient reads 16
/// neighbors of a row as one cache line, and neither needs another copy of the hidden states.
package struct GroupedSequence {
    /// [T, G, N, 16], G groups; columns past C are zeros.
    package let variable: Variable
    /// C
    package let columns: Int

    /// - Precondition: rank 4, in just the groups of 16 that `columns` need.
    package init(_ variable: Variable, columns: Int) {
        let shape = variable.shape
        require(
            shape.rank == 4 && shape[3] == 16 && shape[1] == Self.groups(of: columns),
            "\(columns) columns in groups of 16 are [T, \(Self.groups(of: columns)), N, 16], not \(shape)")
        self.variable = variable
        self.columns = columns
    }

    package var steps: Int { variable.shape[0] }
    package var batch: Int { variable.shape[2] }

    /// G
    package static func groups(of columns: Int) -> Int { (columns + 15) / 16 }

    /// The same sequence after an operation on each element that leaves zeros alone.
    package func map(_ operation: (Variable) -> Variable) -> GroupedSequence {
        GroupedSequence(operation(variable), columns: columns)
    }

    /// As rows: [T, N, C].
    package func rows() -> Variable { variable.tape(UngroupColumns(columns: columns), variable) }
}

extension Variable {
    /// A sequence [T, N, C] with its columns in groups.
    package func grouped() -> GroupedSequence {
        require(shape.rank == 3, "a sequence is [T, N, C], not \(shape)")
        return GroupedSequence(tape(GroupColumns(), self), columns: shape[2])
    }
}

/// [T, N, C] to [T, G, N, 16].
struct GroupColumns: Operation {
    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Int) {
        ([ColumnGroups.grouped(inputs[0], in: context)], inputs[0].shape.columns)
    }

    func backward(
        _ gradients: [Tensor?], saved columns: Int, wanted: [Bool], in context: ComputeContext
    ) -> [Tensor?] {
        [gradients[0].map { ColumnGroups.rows($0, columns: columns, in: context) }]
    }
}

/// [T, G, N, 16] to [T, N, C].
struct UngroupColumns: Operation {
    /// C
    let columns: Int

    func forward(_ inputs: [Tensor], in context: ComputeContext) -> (outputs: [Tensor], saved: Void) {
        ([ColumnGroups.rows(inputs[0], columns: columns, in: context)], ())
    }

    func backward(_ gradients: [Tensor?], saved: Void, wanted: [Bool], in context: ComputeContext) -> [Tensor?] {
        [gradients[0].map { ColumnGroups.grouped($0, in: context) }]
    }
}

import Kernels
import TensorCore

/// The copies between rows [T, N, C] and groups of 16 columns [T, G, N, 16]; a state [N, C] is one step.
enum ColumnGroups {
    static func grouped(_ rows: Tensor, in context: ComputeContext) -> Tensor {
        let (steps, batch, columns) = sizes(rows), groups = GroupedSequence.groups(of: columns)
        var result = Tensor(uninitialized: [steps, groups, batch, 16], in: context.workspace)
        let target = result.mutablePointer, source = rows.pointer
        withExtendedLifetime(rows) {
            context.parallel(over: steps, work: result.count) { range in
                for step in range {
                    group(
                        source + step * batch * columns, batch: batch, columns: columns,
                        into: target + step * groups * batch * 16)
                }
            }
        }
        return result
    }

    static func rows(_ grouped: Tensor, columns: Int, in context: ComputeContext) -> Tensor {
        let steps = grouped.shape[0], groups = grouped.shape[1], batch = grouped.shape[2]
        var result = Tensor(uninitialized: [steps, batch, columns], in: context.workspace)
        let target = result.mutablePointer, source = grouped.pointer
        withExtendedLifetime(grouped) {
            context.parallel(over: steps, work: result.count) { range in
                for step in range {
                    ungroup(
                        source + step * groups * batch * 16, batch: batch, columns: columns,
                        into: target + step * batch * columns)
                }
            }
        }
        return result
    }

    /// [N, C] to [G][N][16], zeros past C.
    static func group(
        _ rows: UnsafePointer<Float>, batch: Int, columns: Int, into groups: UnsafeMutablePointer<Float>
    ) {
        let whole = columns / 16, rest = columns % 16
        for n in 0..<batch {
            let row = rows + n * columns, target = groups + n * 16
            for g in 0..<whole { copyVector(row + g * 16, to: target + g * batch * 16) }
            guard rest > 0 else { continue }
            let last = target + whole * batch * 16
            for j in 0..<16 { last[j] = j < rest ? row[whole * 16 + j] : 0 }
        }
    }

    /// [G][N][16] to [N, C].
    static func ungroup(
        _ groups: UnsafePointer<Float>, batch: Int, columns: Int, into rows: UnsafeMutablePointer<Float>
    ) {
        let whole = columns / 16, rest = columns % 16
        for n in 0..<batch {
            let row = rows + n * columns, source = groups + n * 16
            for g in 0..<whole { copyVector(source + g * batch * 16, to: row + g * 16) }
            for j in 0..<rest { row[whole * 16 + j] = source[whole * batch * 16 + j] }
        }
    }

    /// 64 bytes: a size that the compiler knows makes one load and one store of it.
    @inline(__always)
    private static func copyVector(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 64)
    }

    private static func sizes(_ rows: Tensor) -> (steps: Int, batch: Int, columns: Int) {
        let shape = rows.shape
        return shape.rank == 2 ? (1, shape[0], shape[1]) : (shape[0], shape[1], shape[2])
    }
}

package import CKernels
package import Kernels

/// What computing needs besides its operands: the kernels of an instruction set, threads, and buffers to reuse.
/// Passed, never looked up.
///
/// One computation at a time: a context is not `Sendable`, so that two tasks cannot share one. Give each task its own,
/// with as many threads as it shall have.
package final class ComputeContext {
    package let instructionSet: InstructionSet
    package let kernels: CKKernels
    package let workers: Workers
    package let workspace = Workspace()

    /// - Parameters:
    ///   - threads: the size of the team; the physical cores this process may use by default. Bits do not depend on it.
    ///   - instructionSet: the fastest available by default. Bits do not depend on it.
    package init(threads: Int? = nil, instructionSet: InstructionSet? = nil) {
        let set = instructionSet ?? InstructionSet.available[0]
        guard let kernels = set.kernels else {
            fatalError("this processor cannot run \(set.rawValue); available: \(InstructionSet.available)")
        }
        self.instructionSet = set
        self.kernels = kernels
        workers = Workers(count: threads ?? ProcessorCount.physicalAndAllowed)
    }

    /// Runs `body(start, count)` on consecutive pieces of `0 ..< total`; pieces start at multiples of 16.
    /// Small totals stay on the caller: a region costs about a microsecond.
    @inline(__always)
    package func forPieces(of total: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
        guard total >= 16_384, workers.count > 1 else { return body(0, total) }
        workers.run { thread in
            let share = workers.share(of: total, unit: 16, thread: thread)
            if !share.isEmpty { body(share.lowerBound, share.count) }
        }
    }
}

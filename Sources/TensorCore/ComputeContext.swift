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

    /// Elements to be touched below which all of them stay on the calling thread: to start a parallel region and to wait
    /// for its end takes about a microsecond, in which one thread alone passes over some 16,000 elements.
    package static let leastSharedWork = 16_384

    /// Runs `body(start, count)` on consecutive runs of `0 ..< total` elements, one on each thread; runs start at
    /// multiples of 16. Few elements stay on the caller.
    @inline(__always)
    package func forElements(of total: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
        guard total >= Self.leastSharedWork, workers.count > 1 else { return body(0, total) }
        workers.run { thread in
            let share = workers.share(of: total, multipleOf: 16, thread: thread)
            if !share.isEmpty { body(share.lowerBound, share.count) }
        }
    }

    /// Splits `0 ..< total` items, whatever an item is (a row, a plane, an image), over the threads, unless there is
    /// little to do.
    /// - Parameter work: elements touched by all items together.
    @inline(__always)
    package func forItems(_ total: Int, work: Int, _ body: (Range<Int>) -> Void) {
        forItems(total, work: work) { _, range in body(range) }
    }

    /// The same for work that needs scratch of its own on each thread: `body(thread, range)`.
    @inline(__always)
    package func forItems(_ total: Int, work: Int, _ body: (_ thread: Int, _ range: Range<Int>) -> Void) {
        guard work >= Self.leastSharedWork, workers.count > 1 else { return body(0, 0..<total) }
        workers.run { thread in body(thread, workers.share(of: total, thread: thread)) }
    }
}

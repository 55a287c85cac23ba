package import CKernels
package import Kernels

/// What computing needs besides its operands: the kernels of an instruction set, threads, and buffers to reuse.
/// Passed, never looked up.
///
/// ```swift
/// let context = ComputeContext(threads: 4)
/// let model = Sequential(seed: 1, in: context) { Dense(784, 10) }
/// ```
///
/// One computation at a time: a context is not `Sendable`, so that two tasks cannot share one. Give each task its own,
/// with as many threads as it shall have.
public final class ComputeContext {
    package let instructionSet: InstructionSet
    package let kernels: CKKernels
    package let workers: Workers
    package let workspace = Workspace()

    /// - Parameter threads: the size of the team; the physical cores this process may use by default. Results do not
    ///   depend on it, to the bit.
    public convenience init(threads: Int? = nil) { self.init(threads: threads, instructionSet: nil) }

    /// - Parameters:
    ///   - threads: as above.
    ///   - instructionSet: the fastest here by default. Bits do not depend on it.
    package init(threads: Int? = nil, instructionSet: InstructionSet?) {
        let set = instructionSet ?? InstructionSet.fastest
        guard let kernels = set.kernels else {
            fatalError("this processor cannot run \(set.rawValue); available: \(InstructionSet.available)")
        }
        self.instructionSet = set
        self.kernels = kernels
        workers = Workers(count: threads ?? ProcessorCount.physicalAndAllowed)
    }

    // MARK: Loops

    /// Elements to be touched below which all of them stay on the calling thread: to start a parallel region and to wait
    /// for its end takes about a microsecond, in which one thread alone passes over some 16,000 elements.
    @usableFromInline
    package static let leastSharedWork = 16_384

    /// Runs a loop of your own on all threads: calls `body` with ranges that together are `0 ..< count`, each once.
    ///
    /// Results keep the same bits on any number of threads if what belongs to one index is computed from the operands
    /// alone, in an order of its own. Inside use pointers and numbers only: arrays and classes cost an atomic operation on
    /// a line of memory that all threads share. One loop at a time: one inside of another stops the program.
    /// - Parameters:
    ///   - count: indices: elements, rows, or whatever one turn of the loop is about.
    ///   - work: elements touched by all turns together; where it is below 16,384 the caller does it all, for a region of
    ///     several threads costs about a microsecond.
    ///   - body: is given a range of the indices; each thread calls it once.
    @inlinable
    public func parallel(over count: Int, work: Int, _ body: (Range<Int>) -> Void) {
        if work >= Self.leastSharedWork, threadCount > 1 { split(count, body) } else { body(0..<count) }
    }

    /// The size of the team.
    public var threadCount: Int { workers.count }

    @usableFromInline
    func split(_ count: Int, _ body: (Range<Int>) -> Void) {
        workers.run { thread in
            let share = workers.share(of: count, thread: thread)
            if !share.isEmpty { body(share) }
        }
    }

    /// A function of each value, on all threads: of several values at once, in any order.
    @inlinable
    public func map(_ x: Tensor, _ transform: @Sendable (Float) -> Float) -> Tensor {
        var y = Tensor(uninitialized: x.shape, in: self)
        let count = x.count
        y.withUnsafeMutablePointer { y in
            x.withUnsafePointer { x in
                parallel(over: count, work: count) { for index in $0 { y[index] = transform(x[index]) } }
            }
        }
        return y
    }

    /// A function of the values that stand in the same place in two tensors.
    /// - Precondition: one shape.
    @inlinable
    public func map(_ a: Tensor, _ b: Tensor, _ transform: @Sendable (Float, Float) -> Float) -> Tensor {
        Tensor.checkEqual(a.shape, b.shape)
        var y = Tensor(uninitialized: a.shape, in: self)
        let count = a.count
        y.withUnsafeMutablePointer { y in
            a.withUnsafePointer { a in
                b.withUnsafePointer { b in
                    parallel(over: count, work: count) { for index in $0 { y[index] = transform(a[index], b[index]) } }
                }
            }
        }
        return y
    }

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

    /// The same as ``parallel(over:work:_:)`` for work that needs scratch of its own on each thread.
    @inline(__always)
    package func parallel(over total: Int, work: Int, _ body: (_ thread: Int, _ range: Range<Int>) -> Void) {
        guard work >= Self.leastSharedWork, workers.count > 1 else { return body(0, 0..<total) }
        workers.run { thread in body(thread, workers.share(of: total, thread: thread)) }
    }
}

import Kernels

/// Which dimension of a recurrent window the threads share: rows of the batch or hidden units. Both give the same bits.
///
/// Splitting rows needs no barrier between steps, but every thread reads all weights; splitting units halves what each
/// reads, and the threads wait for each other at every step.
struct RecurrentSplit {
    /// Rows of a thread that fill the product's tiles: four tiles of six.
    private static let leastRows = 24
    /// Recurrent weights, 1 MB of them, that stay in the second-level cache of each thread's processor.
    private static let mostWeights = 1 << 18

    private let workers: Workers
    private let splitsRows: Bool

    /// - Parameter parts: into how many parts the units can be cut.
    init(layout: PanelLayout, batch: Int, parts: Int, workers: Workers) {
        let weights = layout.kind.gates * layout.hidden * layout.hidden
        self.workers = workers
        splitsRows =
            batch / workers.count >= Self.leastRows && weights <= Self.mostWeights || parts < workers.count
    }

    /// The rows of a thread, of `count`.
    @inline(__always)
    func rows(_ count: Int, thread: Int) -> Range<Int> {
        splitsRows ? workers.share(of: count, thread: thread) : 0..<count
    }

    /// Its parts of the units or inputs, of `count`, from a multiple of `unit` on.
    @inline(__always)
    func parts(_ count: Int, unit: Int = 1, thread: Int) -> Range<Int> {
        splitsRows ? 0..<count : workers.share(of: count, multipleOf: unit, thread: thread)
    }

    /// Waits until the threads that need this one's units, and whose units it needs, have computed them.
    @inline(__always)
    func barrier() {
        if !splitsRows { workers.barrier() }
    }
}

import Kernels

/// Which dimension of a recurrent window the threads share: rows or units. Both give the same bits.
///
/// Splitting rows needs no barrier between steps, but every thread streams all weights; splitting units halves
/// the stream and waits for the others at every step. Rows pay off while each thread has tiles to fill (24 rows
/// are four tiles) and the recurrent weights, 1 MB at most, fit its own cache.
struct RecurrentSplit {
    private let workers: Workers
    private let splitsRows: Bool

    /// - Parameter parts: into how many parts the units can be cut.
    init(layout: PanelLayout, batch: Int, parts: Int, workers: Workers) {
        let weights = layout.kind.gates * layout.hidden * layout.hidden
        self.workers = workers
        splitsRows = batch / workers.count >= 24 && weights <= 1 << 18 || parts < workers.count
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

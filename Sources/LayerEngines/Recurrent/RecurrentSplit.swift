import Kernels

/// Which dimension of a recurrent window the threads share: lanes or units. Both give the same bits.
///
/// Splitting lanes needs no barrier between steps, but every thread streams all weights; splitting units halves
/// the stream and waits for the others at every step. Lanes pay off while each thread has tiles to fill (24 rows
/// are four tiles) and the recurrent weights, 1 MB at most, fit its own cache.
struct RecurrentSplit {
    private let workers: Workers
    private let splitsLanes: Bool

    /// - Parameter parts: into how many parts the units can be cut.
    init(layout: PanelLayout, lanes: Int, parts: Int, workers: Workers) {
        let weights = layout.kind.gates * layout.hidden * layout.hidden
        self.workers = workers
        splitsLanes = lanes / workers.count >= 24 && weights <= 1 << 18 || parts < workers.count
    }

    /// The lanes of a thread, of `count`.
    @inline(__always)
    func lanes(_ count: Int, thread: Int) -> Range<Int> {
        splitsLanes ? workers.share(of: count, thread: thread) : 0..<count
    }

    /// Its parts of the units or inputs, of `count`, from a multiple of `unit` on.
    @inline(__always)
    func parts(_ count: Int, unit: Int = 1, thread: Int) -> Range<Int> {
        splitsLanes ? 0..<count : workers.share(of: count, unit: unit, thread: thread)
    }

    /// Waits until the threads that need this one's units, and whose units it needs, have computed them.
    @inline(__always)
    func barrier() {
        if !splitsLanes { workers.barrier() }
    }
}

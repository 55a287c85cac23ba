import CKernels
import Glibc
import Requirements
import Synchronization

/// A fixed team of threads that runs one parallel region at a time, and stops the program if asked for two.
///
/// The caller is thread 0. Between regions the others spin for a moment, because the next region of a training
/// step follows within microseconds, and then sleep. Inside a region use pointers and integers only: an array, a
/// closure or a class reference there costs an atomic operation on a line that all threads share.
package final class Workers: @unchecked Sendable {
    package let count: Int
    private let state: State
    private var threads: [pthread_t] = []

    /// - Parameter count: threads in the team, the caller included; at least 1.
    package init(count: Int) {
        require(count >= 1, "a team needs at least one thread, not \(count)")
        self.count = count
        state = State(count: count)
        for index in 1..<max(count, 1) {
            let start = Unmanaged.passRetained(Start(state: state, index: index))
            var thread = pthread_t()
            let status = pthread_create(&thread, nil, workerMain, start.toOpaque())
            require(status == 0, "pthread_create failed with \(status)")
            threads.append(thread)
        }
    }

    deinit {
        guard count > 1 else { return }
        state.body = nil
        state.publish()
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Calls `body(thread)` once on each thread and returns when all are done.
    ///
    /// A team does one thing at a time: a region that begins before another has ended, on another thread or inside of
    /// `body`, stops the program with a message instead of mixing the two.
    package func run(_ body: (_ thread: Int) -> Void) {
        guard count > 1 else { return body(0) }
        state.enterRegion()
        defer { state.leaveRegion() }
        withoutActuallyEscaping(body) { escaping in
            state.body = escaping
            state.publish()
            escaping(0)
            state.waitForAll()
            state.body = { _ in }
        }
    }

    /// Threads that have found nothing to do for so long that they sleep until they are woken.
    package var sleepingCount: Int { count > 1 ? state.sleepers.load(ordering: .sequentiallyConsistent) : 0 }

    /// Waits, inside a region, until every thread has arrived.
    @inline(__always)
    package func barrier() {
        if count > 1 { state.barrier() }
    }

    /// Splits `0 ..< total` evenly; the share of one thread, possibly empty. Boundaries are multiples of
    /// `unit`.
    @inline(__always)
    package func share(of total: Int, multipleOf unit: Int = 1, thread: Int) -> Range<Int> {
        let units = (total + unit - 1) / unit
        let low = units * thread / count * unit, high = units * (thread + 1) / count * unit
        return min(low, total)..<min(high, total)
    }
}

private final class Start {
    let state: State
    let index: Int
    init(state: State, index: Int) {
        self.state = state
        self.index = index
    }
}

private func workerMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    start.state.serve(index: start.index)
    return nil
}

/// What the threads share. The counters sit on cache lines of their own: a barrier is a race for one line,
/// and a neighbor on it would be dragged along.
private final class State: @unchecked Sendable {
    typealias Line = (Int, Int, Int, Int, Int, Int, Int, Int)
    let count: Int
    let spins: Int
    var body: ((Int) -> Void)?
    private let pad0: Line = (0, 0, 0, 0, 0, 0, 0, 0)
    private let generation = Atomic<Int>(0)
    private let pad1: Line = (0, 0, 0, 0, 0, 0, 0, 0)
    private let finished = Atomic<Int>(0)
    private let pad2: Line = (0, 0, 0, 0, 0, 0, 0, 0)
    private let arrived = Atomic<Int>(0)
    private let pad3: Line = (0, 0, 0, 0, 0, 0, 0, 0)
    private let barrierGeneration = Atomic<Int>(0)
    private let pad4: Line = (0, 0, 0, 0, 0, 0, 0, 0)
    let sleepers = Atomic<Int>(0)
    private let isInRegion = Atomic<Bool>(false)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(count: Int) {
        self.count = count
        // Some 20 microseconds, longer than threads drift apart between two barriers. Beyond that the one waited for has
        // probably lost its processor, to another program or, with more threads than processors, to this very loop.
        spins = count > sysconf(Int32(_SC_NPROCESSORS_ONLN)) ? 50 : 1000
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(wake)
        mutex.deallocate()
        wake.deallocate()
    }

    func enterRegion() {
        let wasInRegion = isInRegion.exchange(true, ordering: .acquiring)
        require(
            !wasInRegion,
            "two computations at the same time on one team of threads: give each task a ComputeContext of its own")
    }

    func leaveRegion() { isInRegion.store(false, ordering: .releasing) }

    func publish() {
        finished.store(0, ordering: .relaxed)
        generation.add(1, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            pthread_mutex_lock(mutex)
            pthread_cond_broadcast(wake)
            pthread_mutex_unlock(mutex)
        }
    }

    func waitForAll() {
        var tries = 0
        while finished.load(ordering: .acquiring) < count - 1 {
            tries += 1
            if tries > spins { sched_yield() } else { ck_pause() }
        }
    }

    func serve(index: Int) {
        var seen = 0
        while true {
            waitForGeneration(after: seen)
            seen += 1
            guard work(index) else { return }
            finished.add(1, ordering: .acquiringAndReleasing)
        }
    }

    /// Not inlined: the reference to the body is given back before this thread reports that it has finished, and the
    /// caller, whose closure it is, may leave.
    @inline(never)
    private func work(_ index: Int) -> Bool {
        guard let body else { return false }
        body(index)
        return true
    }

    private func waitForGeneration(after seen: Int) {
        for attempt in 0..<20 * spins {
            if generation.load(ordering: .acquiring) > seen { return }
            if attempt > spins && attempt % 50 == 0 { sched_yield() } else { ck_pause() }
        }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        pthread_mutex_lock(mutex)
        while generation.load(ordering: .sequentiallyConsistent) <= seen { pthread_cond_wait(wake, mutex) }
        pthread_mutex_unlock(mutex)
        sleepers.subtract(1, ordering: .relaxed)
    }

    func barrier() {
        let mine = barrierGeneration.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.store(0, ordering: .relaxed)
            barrierGeneration.store(mine + 1, ordering: .releasing)
        } else {
            var tries = 0
            while barrierGeneration.load(ordering: .acquiring) == mine {
                tries += 1
                if tries > spins { sched_yield() } else { ck_pause() }
            }
        }
    }
}

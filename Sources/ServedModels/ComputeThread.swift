import Foundation
import Synchronization

/// A thread of its own that runs an actor's work, one job after the other: computing takes long, and the threads that
/// Swift shares among all tasks are to answer requests meanwhile.
package final class ComputeThread: SerialExecutor, Sendable {
    private struct State {
        var jobs: [UnownedJob] = []
        var isEnding = false
    }
    private final class Queue: Sendable {
        let condition = NSCondition()
        let state = Mutex(State())
    }
    private let queue = Queue()

    package init(name: String) {
        let queue = queue
        let thread = Thread { [weak self] in
            while let jobs = Self.next(of: queue), let self {
                for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            }
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit {
        queue.state.withLock { $0.isEnding = true }
        queue.condition.lock()
        queue.condition.signal()
        queue.condition.unlock()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.state.withLock { $0.jobs.append(job) }
        queue.condition.lock()
        queue.condition.signal()
        queue.condition.unlock()
    }

    /// Waits for jobs; nil when there will be none any more.
    private static func next(of queue: Queue) -> [UnownedJob]? {
        queue.condition.lock()
        defer { queue.condition.unlock() }
        while true {
            let (jobs, isEnding) = queue.state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isEnding)
            }
            if !jobs.isEmpty { return jobs }
            if isEnding { return nil }
            queue.condition.wait()
        }
    }
}

import Foundation
import Kernels
import Synchronization
import TestSupport
import Testing

@Suite struct WorkersTests {
    /// One to far more threads than any test machine has processors.
    static let counts = [1, 2, 3, 7, 40]

    @Test(arguments: counts)
    func everyThreadRunsOncePerRegion(_ count: Int) {
        let workers = Workers(count: count), regions = count > 8 ? 60 : 2000
        let runs = UnsafeMutablePointer<Int>.allocate(capacity: count)
        runs.initialize(repeating: 0, count: count)
        defer { runs.deallocate() }
        for region in 1...regions {
            workers.run { thread in runs[thread] += 1 }
            // `run` returns only when all are done, so the counts are complete and visible here.
            for thread in 0..<count where runs[thread] != region {
                Issue.record("thread \(thread) of \(count) ran \(runs[thread]) times in \(region) regions")
                return
            }
        }
    }

    /// Each round every thread reads what its neighbor wrote in the round before: without the barrier it reads early.
    @Test(arguments: counts)
    func barrierSeparatesRounds(_ count: Int) {
        let workers = Workers(count: count), rounds = count > 8 ? 30 : 1000
        let cells = UnsafeMutablePointer<Int>.allocate(capacity: 2 * count)
        cells.initialize(repeating: 0, count: 2 * count)
        defer { cells.deallocate() }
        let early = Atomic<Int>(0)
        workers.run { thread in
            for round in 1...rounds {
                cells[round % 2 * count + thread] = round
                workers.barrier()
                if cells[round % 2 * count + (thread + 1) % count] != round { early.add(1, ordering: .relaxed) }
                workers.barrier()
            }
        }
        #expect(early.load(ordering: .relaxed) == 0)
    }

    @Test(arguments: counts, [0, 1, 5, 16, 17, 100, 4097])
    func sharesCoverTheTotalOnce(_ count: Int, _ total: Int) {
        let workers = Workers(count: count)
        for unit in [1, 6, 16, 64] {
            let shares = (0..<count).map { workers.share(of: total, multipleOf: unit, thread: $0) }
            var next = 0
            for share in shares {
                #expect(share.lowerBound == next)
                #expect(share.upperBound == total || share.upperBound % unit == 0)
                next = share.upperBound
            }
            #expect(next == total)
            let units = shares.map { ($0.count + unit - 1) / unit }
            #expect((units.max() ?? 0) - (units.min() ?? 0) <= 1, "uneven: \(shares)")
        }
    }

    /// Sleeping workers wake up again, and teams come and go.
    @Test func sleepAndManyTeams() {
        let workers = Workers(count: 3)
        for _ in 0..<3 {
            while workers.sleepingCount < 2 { sched_yield() }
            let total = Atomic<Int>(0)
            workers.run { total.add($0 + 1, ordering: .relaxed) }
            #expect(total.load(ordering: .relaxed) == 6)
        }
        for _ in 0..<50 {
            let team = Workers(count: 3), total = Atomic<Int>(0)
            team.run { total.add($0, ordering: .relaxed) }
            #expect(total.load(ordering: .relaxed) == 3)
        }
    }

    @Test func processorsAreFewAndPositive() {
        #expect((1...4096).contains(ProcessorCount.physicalAndAllowed))
        #expect(InstructionSet.available.last == .portable)
    }

    @Test func twoRegionsAtOnceStopTheProgram() async {
        let nested = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let team = Workers(count: 2)
            team.run { thread in
                if thread == 0 { team.run { _ in } }
            }
        }
        expectMessage("two computations at the same time", from: nested)
        let fromTwoThreads = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let team = Workers(count: 2), isInside = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                team.run { thread in
                    if thread == 0 { isInside.signal() }
                    while true { sched_yield() }
                }
            }
            isInside.wait()
            team.run { _ in }
        }
        expectMessage("two computations at the same time", from: fromTwoThreads)
    }
}

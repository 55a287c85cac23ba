import Foundation
import Kernels
import TensorCore

/// Seconds of one call: the median of `repetitions`, after one call to warm up.
func medianSeconds(repetitions: Int = 7, _ body: () -> Void) -> Double {
    body()
    let clock = ContinuousClock()
    let times = (0..<repetitions).map { _ in clock.measure(body).seconds }.sorted()
    return times[times.count / 2]
}

/// Seconds of what `prepare` returns, which itself is not timed: the median of `repetitions`, after one to warm up.
func medianSecondsAfterPreparing(repetitions: Int, preparing prepare: () -> () -> Void) -> Double {
    let clock = ContinuousClock()
    let times = (0...repetitions).map { _ in
        let body = prepare()
        return clock.measure(body).seconds
    }.dropFirst().sorted()
    return times[times.count / 2]
}

/// How often something ran, and how long that took.
struct Run {
    let count: Int
    let seconds: Double
    /// Of all threads in that time: on a machine that others use as well it says what one thread takes.
    let processorSeconds: Double
    /// Of each second from the first to the last call: a mean, bursts and pauses alike.
    var perSecond: Double { Double(count) / seconds }
}

/// That this process has taken so far, with all threads.
private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Calls `body` for a tenth of the time (and `warmUp` times at least) to warm up, then for all of it, and counts.
func sustained(seconds: Double, warmUp: Int = 3, _ body: (_ number: Int) -> Void) -> Run {
    let clock = ContinuousClock()
    var number = 0
    let beginning = clock.now
    while number < warmUp || (clock.now - beginning).seconds < 0.1 * seconds {
        body(number)
        number += 1
    }
    let first = number, start = clock.now, before = processorSeconds()
    var spent = 0.0
    repeat {
        body(number)
        number += 1
        spent = (clock.now - start).seconds
    } while spent < seconds
    return Run(count: number - first, seconds: spent, processorSeconds: processorSeconds() - before)
}

/// What the multiply-add units of all threads of a team reach together when nothing else is in the way, GFLOP/s.
func peakGigaflops(_ context: ComputeContext) -> Double { context.workers.multiplyAddPeak(context.kernels) }

/// The same at the clock rate that lasts, over a quarter of a second.
func sustainedPeakGigaflops(_ context: ComputeContext, _ precision: ProductPrecision = .single) -> Double {
    context.workers.multiplyAddRates(context.kernels, in: precision, seconds: 0.25).sustained
}

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

/// What the multiply-add units of all threads of a team reach together when nothing else is in the way, GFLOP/s.
func peakGigaflops(_ context: ComputeContext) -> Double { context.workers.multiplyAddPeak(context.kernels) }
